"""Promises of `framing.measurement`: figures against scikit-learn and by hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from framing import measurement, training
from framing.actors import Registry
from framing.errors import ConfigError, TrainingDataError
from framing.models import Encoder


@contextlib.contextmanager
def quiet(stage: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar that nobody sees."""
    yield lambda count: None


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
    few = measurement.mean_of(values, np.repeat(np.arange(12), 20).astype(str))
    many = measurement.mean_of(values, np.arange(240).astype(str))
    assert few.high - few.low > 1.5 * (many.high - many.low)
    assert few.value == pytest.approx(values.mean())


def test_nothing_is_made_of_missing_values() -> None:
    values = np.array([0.5, np.nan, 1.0, np.nan])
    assert measurement.mean_of(values, np.array(list("abcd"))).value == pytest.approx(0.75)


def test_overlap_counts_words() -> None:
    words = [(0, 3), (4, 8), (9, 12), (13, 15)]
    assert measurement._overlap(words, (0, 8), (4, 12)) == pytest.approx(0.5)
    assert measurement._overlap(words, None, (4, 12)) == 0.0
    assert measurement._overlap(words, (4, 12), (4, 12)) == 1.0


def test_an_unknown_split_is_refused_with_a_suggestion() -> None:
    frame = pd.DataFrame({"split": ["train", "dev", "test"]})
    assert len(measurement.of_split(frame, "dev")) == 1
    with pytest.raises(ConfigError, match="did you mean 'test'"):
        measurement.of_split(frame, "tset")


# ---- public sets, on tiny ones made here


def test_f1_of_two_of_three_classes_is_scikit_learns() -> None:
    random = np.random.default_rng(3)
    gold, found = random.integers(0, 3, 150), random.integers(0, 3, 150)
    drawn = measurement._classified("F1 of pos and neg", gold, found, np.arange(150), 3)
    assert drawn.value == pytest.approx(f1_score(gold, found, labels=[0, 2], average="macro"))
    assert measurement._classified("accuracy", gold, found, np.arange(150), 3).value == pytest.approx(
        (gold == found).mean()
    )


def test_micro_and_macro_f1_of_frames_are_scikit_learns() -> None:
    random = np.random.default_rng(4)
    gold, found = random.random((60, 5)) < 0.3, random.random((60, 5)) < 0.4
    gold[:, 4] = False
    counts = measurement._hits(gold, found)
    micro = measurement._ratio(counts.sum(1), np.arange(60))
    assert micro.value == pytest.approx(f1_score(gold, found, average="micro"))
    macro = measurement.draw(counts, np.arange(60), measurement._f1_of(gold.any(0)))
    assert macro.value == pytest.approx(f1_score(gold[:, :4], found[:, :4], average="macro"))
    assert macro.interval.low < macro.value < macro.interval.high


def test_the_mean_of_sets_is_surer_than_each_of_them() -> None:
    random = np.random.default_rng(5)
    parts = [
        measurement._classified("accuracy", np.zeros(80, int), random.integers(0, 2, 80), np.arange(80), 2, seed)
        for seed in range(4)
    ]
    joint = measurement._joint(parts)
    assert joint.value == pytest.approx(np.mean([part.value for part in parts]))
    widths = [part.interval.high - part.interval.low for part in parts]
    assert joint.interval.high - joint.interval.low == pytest.approx(np.mean(widths) / 2, rel=0.2)


def test_a_published_figure_stands_beside_seen_names_only() -> None:
    gold = np.array([0, 1, 2, 1])
    answers = {"value": gold, "baseline": np.ones(4, int), "frozen": gold[::-1]}
    rows = [
        row
        for names in ("seen", "hidden")
        for row in measurement._table(
            ("accuracy",),
            {"en": np.arange(2), "ru": np.arange(2, 4)},
            lambda measure, name, own, seed: measurement._classified(measure, gold[own], answers[name][own], own, 3),
            names=names,
        )
    ]
    assert [(row["set"], row["units"]) for row in rows[:3]] == [("en", 2), ("ru", 2), ("mean", 4)]
    assert [row["value"] for row in rows[:3]] == [1.0, 1.0, 1.0]
    assert [row["baseline"] for row in rows[:3]] == [0.5, 0.5, 0.5]
    assert [bool(row["published"]) for row in rows] == [False, False, True, False, False, False]


def test_names_are_hidden_wherever_a_text_is_marked() -> None:
    frame = pd.DataFrame({"text": ["Alpha met Omega."] * 2, "start": [0, 10], "end": [5, 15]})
    seen, hidden = (own for _, own in measurement._variants(frame))
    assert seen["hidden"].tolist() == [(), ()]
    assert [[(name.start, name.end) for name in names] for names in hidden["hidden"]] == [[(0, 5), (10, 15)]] * 2
    assert hidden["spans"].tolist() == [((0, 5),), ((10, 15),)]


def test_the_frozen_baseline_learns_what_is_plain() -> None:
    random = np.random.default_rng(6)
    gold = np.repeat([0, 1, 2], 40)
    features = random.normal(size=(120, 8)) + 4 * np.eye(8)[gold]
    told: list[int] = []
    model = measurement._frozen(features, gold, np.arange(120), told.append)
    assert (model.predict(features) == gold).mean() > 0.95
    assert sum(told) == len(measurement._STRENGTHS)


@pytest.mark.parametrize("measure", [measurement.frames, measurement.roles, measurement.sentiment])
def test_a_missing_public_set_names_its_folder(measure: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=f"{tmp_path}.*--data DIR"):
        measure(tmp_path, None, progress=quiet)


@pytest.mark.neural
def test_sentiment_is_measured_with_names_seen_and_hidden(encoder: Encoder, tmp_path: Path) -> None:
    verbs = {"-1": "обманул", "0": "встретил", "1": "спас"}
    for file, count in (("train_data.csv", 6), ("validation_data_labeled.csv", 3)):
        rows = ["sentence\tentity_pos_start_rel\tentity_pos_end_rel\tlabel"]
        for number in range(count):
            rows += [f"Альфа {verb} Омегу {file[0]}{number}.\t0\t5\t{label}" for label, verb in verbs.items()]
        rows.append(f"Альфа видел Омегу {file[0]}.\t0\t5\t0")
        (tmp_path / "rusentne2023").mkdir(exist_ok=True)
        (tmp_path / "rusentne2023" / file).write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "newsmtsc").mkdir()
    for name in ("train", "devtest_mt", "devtest_rw"):
        lines = [
            {
                "sentence_normalized": f"Alpha {verb} Omega {name} {number}.",
                "targets": [{"from": 0, "to": 5, "polarity": polarity}],
            }
            for number in range(4)
            for verb, polarity in (("betrayed", 2), ("met", 4), ("saved", 6), ("saw", 4))
        ]
        (tmp_path / "newsmtsc" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found, notes = measurement.sentiment(tmp_path, encoder, progress=quiet)
    keys = found[["measure", "set", "names", "units"]].to_numpy().tolist()
    assert keys == [
        *[["F1 of pos and neg", "rusentne", names, 10] for names in ("seen", "hidden")],
        *[["macro-F1", name, names, 16] for names in ("seen", "hidden") for name in ("newsmtsc-mt", "newsmtsc-rw")],
    ]
    assert found["value"].between(found["low"] - 1e-9, found["high"] + 1e-9).all()
    assert found.loc[found["set"] == "rusentne", "baseline"].tolist() == [0.0, 0.0]
    assert found.loc[found["set"] != "rusentne", "baseline"].tolist() == pytest.approx([2 / 9] * 4)
    assert found["published"].astype(bool).tolist() == (found["names"] == "seen").tolist()
    assert any("frozen" in note for note in notes)


@pytest.mark.neural
def test_frames_are_measured_in_each_language_beside_every_frame(encoder: Encoder, tmp_path: Path) -> None:
    root = tmp_path / "semeval2023-task3"
    gold = [",".join(["id", *training.FRAMES])]
    for code in ("en", "fr", "ge", "it", "po", "ru"):
        labels = []
        for split, count in (("train", 4), ("dev", 2)):
            folder = root / code / f"{split}-articles-subtask-2"
            folder.mkdir(parents=True)
            for number in range(count):
                name = f"{len(gold)}{split[0] == 'd':d}{number}"
                (folder / f"article{name}.txt").write_text(f"Title {code}\n\nText number {number}.", "utf-8")
                marks = [(number + i) % 2 for i in range(len(training.FRAMES))]
                if split == "dev":
                    gold.append(",".join([name, *map(str, marks)]))
                else:
                    kept = [frame for frame, mark in zip(training.FRAMES, marks, strict=True) if mark]
                    labels.append(f"{name}\t{','.join(kept)}")
        (root / code / "train-labels-subtask-2.txt").write_text("\n".join(labels), "utf-8")
    (root / "all_dev.csv").write_text("\n".join(gold), "utf-8")
    found, _ = measurement.frames(tmp_path, encoder, progress=quiet)
    keys = found[["measure", "set", "units"]].to_numpy().tolist()
    languages = ["de", "en", "fr", "it", "pl", "ru"]
    assert keys == [
        row
        for measure in ("micro-F1", "macro-F1")
        for row in [*([measure, code, 2] for code in languages), [measure, "mean", 12]]
    ]
    assert found["baseline"].tolist() == pytest.approx([2 / 3] * 14)  # half of the frames in each article
    assert found["value"].between(found["low"] - 1e-9, found["high"] + 1e-9).all()
    assert found.loc[found["published"] != "", "set"].tolist() == ["en"]


def polnear(folder: Path) -> Path:
    """Two articles: a quotation with its speaker, after a no-break space; and reported speech."""
    root = folder / "polnear" / "dev"
    (root / "text").mkdir(parents=True)
    (root / "attributions").mkdir()
    for name, text, marks in (
        ("a", "\ufeffNews.\u00a0\u00a0 “We will go home,” said Pat Smith.", ("We will go home", "Pat Smith")),
        ("b", "Officials said the road was closed. It rained.", ("the road was closed", "Officials")),
    ):
        (root / "text" / f"{name}.txt").write_text(text, "utf-8")
        lines = []
        for number, (kind, words) in enumerate(zip(("Content", "Source"), marks, strict=True)):
            at = text.index(words)
            lines.append(f"T{number}\t{kind} {at} {at + len(words)}\t{words}")
        lines.append("E1\tAttribution:T9 Content:T0 Source:T1")
        (root / "attributions" / f"{name}_1a2b.ann").write_text("\n".join(lines), "utf-8")
    return folder


def test_marks_of_polnear_lie_on_their_words_after_cleaning(tmp_path: Path) -> None:
    found = measurement.load_polnear(polnear(tmp_path), "dev")
    assert {
        name: [(own.text[a:b], item.source) for item in own.attributions for a, b in item.content]
        for name, own in found.items()
    } == {"a": [("We will go home", "Pat Smith")], "b": [("the road was closed", "Officials")]}


def test_voices_count_words_beside_those_in_quotation_marks(tmp_path: Path, registry: Registry) -> None:
    found, _ = measurement.voices(polnear(tmp_path), registry, split="dev", progress=quiet)
    table = found.set_index("measure")
    assert table["value"].to_dict() == {"content: word F1": 1.0, "source: accuracy": 1.0, "source where found": 1.0}
    assert table.loc["content: word F1", "baseline"] == pytest.approx(2 * 4 / (8 + 4))  # 4 words of 8 are in marks
    assert table["units"].tolist() == [2, 2, 2]


def test_polnear_is_asked_for_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"polnear.*--data DIR"):
        measurement.load_polnear(tmp_path, "test")
    with pytest.raises(ConfigError, match="did you mean 'test'"):
        measurement.load_polnear(tmp_path, "tset")


@pytest.mark.shared
def test_quotes_of_polnear_are_found_better_than_by_quotation_marks(shared: Path, registry: Registry) -> None:
    found, _ = measurement.voices(shared, registry, split="dev", progress=quiet)
    content = found.iloc[0]
    assert content["units"] == 84
    assert content["value"] > 0.75
    assert content["low"] > content["baseline"]


def test_calibration_error_of_honest_and_of_boastful_probabilities() -> None:
    random = np.random.default_rng(0)
    sure = random.uniform(0.5, 1, 20000)
    right = (random.random(20000) < sure).astype(float)
    groups = (np.arange(20000) // 20).astype(str)
    assert measurement.calibration_error(measurement.binned(sure, right).sum(0)) < 0.02
    counts = measurement.binned(np.full(20000, 0.99), right)
    boast = measurement.draw(counts, groups, measurement.calibration_error).interval
    assert boast.low < 0.24 < boast.high
