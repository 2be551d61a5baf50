"""Promises of `framing.training`: the traps of the public sets, and what the shipped heads reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from framing import measurement, scoring, training
from framing import text as texts
from framing.errors import TrainingDataError
from framing.models import Encoder
from framing.scoring import Hidden
from tests.conftest import ROOT


def test_a_missing_data_set_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"rusentne2023.*--data DIR"):
        training.load_sentiment(tmp_path)


def test_level_gives_the_same_sentences_the_same_mean_in_each_language() -> None:
    rng = np.random.default_rng(0)
    rows, bias, meaning = rng.normal(size=(3, 6)), rng.normal(size=3), rng.normal(size=(200, 6))
    parallel = {"en": meaning, "ru": meaning + 3.0, "az": meaning - np.arange(6.0)}
    found = training.level(rows, bias, parallel, ["bg", "en"])
    means = [(features @ rows.T + found[language]).mean(0) for language, features in parallel.items()]
    np.testing.assert_allclose(means, np.tile(means[0], (3, 1)))
    np.testing.assert_allclose(found["bg"], bias)


def test_thresholds_are_those_with_the_best_f1() -> None:
    gold = np.array([[0, 1], [0, 1], [1, 0], [1, 1]])
    chances = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.3], [0.35, 0.6]])
    low, high = training.thresholds(chances, gold)
    assert 0.2 < low <= 0.3
    assert 0.3 < high <= 0.6


def pool() -> training.Pool:
    """Two actors in a sentence, one blamed by the grammar of a made-up order; enough to run every stage."""
    inputs, units = [], []
    for number, verb in enumerate(("attacked", "shelled", "blocked", "raided", "robbed", "stormed")):
        for split in ("train", "dev", "test"):
            text = f"Alpha {verb} Omega on day {number}."
            first, second = (0, 5), (text.index("Omega"), text.index("Omega") + 5)
            inputs.append((text, (Hidden(*first), Hidden(*second))))
            for span, value in ((first, 2), (second, 0)):
                about = ("en", split, f"{verb}", "hidden", (6, 6 + len(verb)) if value else None)
                marks = {"blame": value, "legitimacy": 1, "suffering": int(not value), "sentiment": 1}
                units.append(training.Unit("portrayal", (len(inputs) - 1,), (span,), marks, *about))
                again = {"row": {}, "same": f"{verb}|{value}"}
                units.append(training.Unit("passages", (len(inputs) - 1,), (span,), marks, *about, **again))
                other = {"roles": value and 1, "sentiment_ru": 0, "sentiment_en": 1}
                for task, head in (("roles", "roles"), ("sentiment_ru", "sentiment_ru"), ("probes", "blame"),
                                   ("sentiment_en", "sentiment_en")):  # fmt: skip
                    label = {head: other.get(head, value)}
                    units.append(training.Unit(task, (len(inputs) - 1,), (span,), label, *about[:4]))
            marks = {"frames": [int((number + i) % 2) for i in range(14)]}
            units.append(training.Unit("frames", (len(inputs) - 1,), (), marks, "en", split, f"{number}", "hidden"))
            for language in texts.LANGUAGES:
                units.append(
                    training.Unit("parallel", (len(inputs) - 1,), (first,), {}, language, split, "p", "hidden")
                )
    return training.Pool(units, inputs)


@pytest.mark.neural
@pytest.mark.filterwarnings("ignore")  # of scikit-learn's metrics: six sentences leave classes out
def test_a_stopped_training_goes_on_to_the_same_weights(encoder: Encoder, tmp_path: Path) -> None:
    made, plan = pool(), training.Plan(steps=6, dropout=0.1)
    quiet = lambda count: None  # noqa: E731
    lower = training.Lower(made, encoder, tmp_path / "kept", quiet)
    whole, _ = training.fit(made, encoder, lower, plan, tmp_path / "one", quiet)
    training.fit(made, encoder, lower, plan, tmp_path / "two", quiet, until=3)
    net, reader = training.fit(made, encoder, lower, plan, tmp_path / "two", quiet)
    for name, tensor in whole.state_dict().items():
        np.testing.assert_allclose(tensor.numpy(), net.state_dict()[name].numpy(), atol=1e-6, err_msg=name)
    heads = training.write(made, encoder, net, reader, plan, tmp_path / "weights", quiet)
    assert {head.name for head in heads} == set(training.CLASSES)
    tuned = scoring.tuned_encoder(encoder, tmp_path / "weights")
    assert all(head.encoder == f"{tuned.name}+{tuned.digest}" for head in heads)
    frame = pd.DataFrame(
        [
            {"text": made.inputs[u.inputs[0]][0], "hidden": made.inputs[u.inputs[0]][1], "spans": list(u.spans)}
            for u in made.of("portrayal", "dev")
        ]
    )
    read = measurement.read(frame, tuned)
    trained = training.Features(reader).mentions(made.of("portrayal", "dev"))
    np.testing.assert_allclose(read.features, trained, atol=5e-3)  # what is trained on is what is scored


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


@pytest.mark.neural
def test_the_shipped_scorers_tell_who_is_blamed_in_every_language(encoder: Encoder) -> None:
    found = measurement.portrayal(ROOT / "corpora", "dev", encoder).set_index(["measure", "language"])["value"]
    for language in texts.LANGUAGES:
        assert found[("direction of blame: accuracy", language)] >= 0.7, language
        assert found[("suffering: macro-F1", language)] >= 0.6, language


def test_calibration_makes_overconfident_probabilities_honest() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=(4000, 3)) * 1.5
    chances = np.exp(truth) / np.exp(truth).sum(1, keepdims=True)
    gold = np.array([random.choice(3, p=row) for row in chances])
    scale, shift = training.calibrate(3 * truth + [1.0, 0.0, -1.0], gold)
    assert scale == pytest.approx(1 / 3, rel=0.1)
    np.testing.assert_allclose(shift, [-1 / 3, 0.0, 1 / 3], atol=0.15)


def test_cuts_help_a_rare_class_and_leave_a_clear_case_alone() -> None:
    gold = np.array([0] * 90 + [1] * 10)
    rare = np.where(gold[:, None] == 1, [0.65, 0.35], [0.85, 0.15])
    cut = training.cuts(rare, gold, [0, 1])
    assert ((rare / cut).argmax(1) == gold).all()
    clear = np.where(gold[:, None] == 1, [0.1, 0.9], [0.9, 0.1])
    np.testing.assert_allclose(training.cuts(clear, gold, [0, 1]), [0.5, 0.5])


def test_statements_in_four_languages_share_a_batch_and_none_is_lost() -> None:
    units = [
        training.Unit("passages", (4 * n + i,), ((0, 1),), {"blame": 0}, code, "train", str(n), "hidden", same=f"{n}|a")
        for n in range(30)
        for i, code in enumerate(texts.LANGUAGES)
    ]

    class Sizes:
        def size(self, row: int) -> int:
            return 10 + row % 7

    plan = training.Plan(tokens=200)
    batches = training._epoch(units, Sizes(), plan, np.random.default_rng(0))  # type: ignore[arg-type]
    assert sorted(unit.inputs[0] for batch in batches for unit in batch) == list(range(120))
    for batch in batches:
        assert len(batch) % 4 == 0
        assert max(10 + unit.inputs[0] % 7 for unit in batch) * len(batch) <= plan.tokens
