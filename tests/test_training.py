"""Promises of `framing.training`: the traps of the public sets, and what the shipped heads reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from framing import training
from framing.errors import ConfigError, TrainingDataError
from framing.experiment import silent
from framing.models import Encoder
from framing.scoring.heads import load_head


def test_a_missing_data_set_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"rusentne2023.*--data DIR"):
        training.load_sentiment(tmp_path)


def test_an_unknown_head_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'frames'"):
        next(training.train("frame", tmp_path, progress=silent))


def test_balance_gives_the_classes_the_same_shares_in_each_language() -> None:
    labels = np.array(["a"] * 8 + ["b"] * 2 + ["a"] * 3 + ["b"] * 3)
    languages = np.array(["ru"] * 10 + ["en"] * 6)
    weights = training.balance(labels, languages, {"a": 0.5, "b": 0.5})
    for language in ("ru", "en"):
        here = languages == language
        assert weights[here & (labels == "a")].sum() == pytest.approx(weights[here & (labels == "b")].sum())


def test_a_centre_takes_out_what_only_the_language_adds() -> None:
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(400, 6))
    own = {"en": np.zeros(6), "ru": np.full(6, 3.0), "az": np.full(6, -2.0), "bg": np.arange(6.0)}
    parallel = {language: meaning[:200] + own[language] for language in ("en", "ru", "az")}
    languages = np.repeat(["en", "ru", "bg"], 100)
    units = np.tile(rng.normal(size=(100, 6)) + 1, (3, 1)) + np.stack([own[language] for language in languages])
    found = training.centres(units, languages, parallel)
    for language in own:
        np.testing.assert_allclose(found[language] - found["en"], own[language] - own["en"], atol=1e-9)


@pytest.mark.shared
def test_every_mention_lies_on_its_words(shared: Path) -> None:
    for frame in (training.load_roles(shared), training.load_sentiment(shared)):
        for text, start, end in zip(frame["text"], frame["start"], frame["end"], strict=True):
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()


@pytest.mark.shared
def test_dev_sentences_are_not_in_train(shared: Path) -> None:
    sentiment = training.load_sentiment(shared)
    train = set(sentiment.loc[sentiment["split"] == "train", "text"])
    dev = set(sentiment.loc[sentiment["split"] == "dev", "text"])
    assert not train & dev
    assert len(sentiment[(sentiment["set"] == "rusentne") & (sentiment["split"] == "dev")]) == 2845


@pytest.mark.shared
def test_sets_have_the_stated_sizes(shared: Path) -> None:
    roles = training.load_roles(shared)
    dev = roles[roles["split"] == "dev"].groupby("language").size().to_dict()
    assert dev == {"bg": 31, "en": 91, "hi": 280, "pt": 116, "ru": 86}
    frames = training.load_frames(shared)
    assert frames["split"].value_counts().to_dict() == {"train": 1238, "dev": 354}


@pytest.mark.shared
@pytest.mark.neural
def test_the_shipped_sentiment_head_reaches_its_floor(shared: Path, encoder: Encoder) -> None:
    frame = training.load_sentiment(shared)
    for name, floor in (("newsmtsc-rw", 0.62), ("rusentne", 0.45)):
        part = frame[(frame["set"] == name) & (frame["split"] == "dev")].iloc[:500]
        features = training.mention_features(part, encoder, lambda count: None)
        head = load_head("sentiment")
        chances = head.probabilities(features, part["language"])
        found = np.asarray(head.classes)[chances.argmax(1)]
        gold = part["sentiment"].map({-1: "negative", 0: "neutral", 1: "positive"}).to_numpy(str)
        assert f1_score(gold, found, average="macro") >= floor, name


@pytest.mark.shared
@pytest.mark.neural
def test_the_shipped_heads_read_the_same_sentences_alike(shared: Path, encoder: Encoder) -> None:
    sentences = {language: items[:100] for language, items in training.load_parallel(shared, "test").items()}
    features = training.parallel_features(sentences, encoder)
    for name in ("salience", "roles", "legitimacy", "sentiment"):
        head = load_head(name)
        means = np.stack([head.probabilities(x, [lang] * len(x)).mean(0) for lang, x in features.items()])
        assert np.abs(means - means.mean(0)).max() <= 0.06, name
