"""Promises of `framing.bench`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from framing import bench
from framing import text as texts
from framing.corpus import open_corpus, split_passages
from framing.errors import TrainingDataError
from framing.experiment import silent

CORPUS = Path(__file__).parent.parent / "corpora" / "karabakh"


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


def test_made_articles_have_400_words_of_the_corpus_in_four_languages() -> None:
    made = bench.made_articles(CORPUS, 40)
    assert made["language"].value_counts().to_dict() == dict.fromkeys(texts.LANGUAGES, 10)
    assert {len(texts.words(text, lang)) for text, lang in zip(made["text"], made["language"], strict=True)} == {400}
    known = set(split_passages(open_corpus(CORPUS).articles)["text"])
    assert {line for text in made["text"] for line in text.split("\n")} <= known
    assert set(split_passages(made)["text"]) <= known


def test_made_articles_follow_the_seed_and_more_begin_with_the_same() -> None:
    made = bench.made_articles(CORPUS, 8)
    pd.testing.assert_frame_equal(made, bench.made_articles(CORPUS, 8))
    pd.testing.assert_frame_equal(made, bench.made_articles(CORPUS, 12)[:8])
    assert set(made["text"]).isdisjoint(bench.made_articles(CORPUS, 8, seed=1)["text"])
    assert made["text"].is_unique


def test_made_articles_refuse_a_length_that_no_sentences_add_up_to() -> None:
    with pytest.raises(TrainingDataError, match="add up to 2 words"):
        bench.made_articles(CORPUS, 4, words=2)


@pytest.mark.neural
def test_the_scorers_are_timed_against_the_bare_encoder() -> None:
    rows = bench.score(CORPUS, articles=4, scale=2, progress=silent)
    assert [(row["run"], row["articles"]) for row in rows] == [
        ("bare encoder", 4),
        ("all scorers", 4),
        ("all scorers", 8),
    ]
    assert all(row["per_second"] > 0 and row["memory_mib"] > 100 for row in rows)
    assert (rows[0]["ratio"], rows[0]["growth"], rows[1]["growth"]) == (1.0, None, 1.0)
    assert rows[0]["sentences"] == rows[1]["sentences"] < rows[2]["sentences"]
    assert rows[0]["rows"] == 0 < rows[1]["rows"] < rows[2]["rows"]
    table = bench.score_table(rows)
    assert table.row_count == 3
    assert [column.header for column in table.columns][-3:] == ["sentences/s", "ratio", "peak MiB"]
