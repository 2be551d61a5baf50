"""Promises of `framing.measurement`: figures against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from framing import measurement
from framing.errors import ConfigError


def test_macro_f1_is_scikit_learns_over_the_classes_that_occur() -> None:
    random = np.random.default_rng(0)
    gold, found = random.integers(0, 2, 200), random.integers(0, 3, 200)
    groups = np.repeat(np.arange(20), 10).astype(str)
    interval = measurement._macro_f1(gold, found, groups, 3)
    assert interval.value == pytest.approx(f1_score(gold, found, labels=[0, 1], average="macro"))
    assert interval.low < interval.value < interval.high


def test_an_interval_widens_when_groups_are_few() -> None:
    values = np.random.default_rng(1).normal(size=240)
    values += np.repeat(np.random.default_rng(2).normal(size=12), 20)
    few = measurement._mean(values, np.repeat(np.arange(12), 20).astype(str))
    many = measurement._mean(values, np.arange(240).astype(str))
    assert few.high - few.low > 1.5 * (many.high - many.low)
    assert few.value == pytest.approx(values.mean())


def test_nothing_is_made_of_missing_values() -> None:
    values = np.array([0.5, np.nan, 1.0, np.nan])
    assert measurement._mean(values, np.array(list("abcd"))).value == pytest.approx(0.75)


def test_overlap_counts_words() -> None:
    words = [(0, 3), (4, 8), (9, 12), (13, 15)]
    assert measurement._overlap(words, (0, 8), (4, 12)) == pytest.approx(0.5)
    assert measurement._overlap(words, None, (4, 12)) == 0.0
    assert measurement._overlap(words, (4, 12), (4, 12)) == 1.0


def test_swaps_see_an_actor_that_is_scored_by_its_name() -> None:
    rows = []
    for number in range(12):
        for variant, (a, b) in (("original", ("armenia", "azerbaijan")), ("swapped", ("azerbaijan", "armenia"))):
            for language in ("az", "en"):
                for actor, value in ((a, 2), (b, 0)):
                    score = 0.3 * value + (0.2 if actor == "armenia" else 0.0) + 0.001 * number
                    rows.append((f"p{number}", f"t{number}", language, value, variant, actor, score))
    columns = ["pair_id", "group", "language", "value", "variant", "actor", "score"]
    found = pd.DataFrame(measurement._swaps("blame", pd.DataFrame(rows, columns=columns)))
    shift = found[found["measure"] == "actor shift"].set_index("about")["value"]
    assert shift.to_dict() == pytest.approx({"armenia": 0.1, "azerbaijan": -0.1})
    assert set(found.loc[found["measure"] == "swap correlation", "about"]) == {"all", "az", "en"}


def test_an_unknown_split_is_refused_with_a_suggestion() -> None:
    frame = pd.DataFrame({"split": ["train", "dev", "test"]})
    assert len(measurement._of_split(frame, "dev")) == 1
    with pytest.raises(ConfigError, match="did you mean 'test'"):
        measurement._of_split(frame, "tset")
