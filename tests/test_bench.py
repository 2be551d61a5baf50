"""Promises of `framing.bench`."""

from __future__ import annotations

import numpy as np
import pytest

from framing import bench
from framing.experiment import silent


def test_margin_accuracy_counts_both_directions() -> None:
    eye = np.eye(6, dtype=np.float32)
    assert bench.margin_accuracy(eye, eye) == 1.0
    swapped = eye[[1, 0, 2, 3, 4, 5]]
    assert bench.margin_accuracy(eye, swapped) == pytest.approx(4 / 6)


def test_margin_accuracy_forgives_a_hub_that_is_near_to_all() -> None:
    hub = np.array([[0.5, 0.5, 0.5, 0.5]], np.float32)
    source = np.vstack([np.eye(4, dtype=np.float32), hub])
    target = np.vstack([0.45 * np.eye(4, dtype=np.float32) + 0.1, hub])
    target /= np.linalg.norm(target, axis=1, keepdims=True)
    assert bench.margin_accuracy(source, target, neighbours=4) == 1.0


@pytest.mark.neural
def test_the_engines_are_timed_side_by_side() -> None:
    rows = bench.encode(None, sentences=30, progress=silent)
    assert [row["engine"] for row in rows] == list(bench.ENGINES)
    assert all(row["per_second"] > 0 and row["memory_mib"] > 100 for row in rows)
    assert rows[1]["ratio"] == 1.0
    assert bench.encode_table(rows).row_count == 3
