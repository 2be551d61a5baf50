"""Promises of `framing.own`: what a user's files must hold, and that a frame coded in one language is found in four."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from framing import experiment, own, scoring, training, voices
from framing.actors import Registry
from framing.corpus import split_passages
from framing.errors import ConfigError, CorpusError, ModelError
from framing.models import Encoder
from framing.scoring.heads import WEIGHTS, Centre, load_centre, load_head, load_own, save_centre, save_head
from tests.conftest import ROOT, small_experiment
from tests.test_cli import framing
from tests.test_scoring import accounts

CODEBOOK = """
[[frames]]
name = "water"
definition = "The text is about water: who has it, who lacks it, whose dams and canals they are."

[[frames]]
name = "pupils_at_school"
definition = "The text is about schools, pupils and teachers."
"""
WATER = (
    "The reservoir holds half of the water that the fields below need.",
    "Farmers of three villages have had no irrigation water since June.",
    "Both sides quarrel over who may open the sluices of the dam.",
    "The canal was repaired and drinking water reached the town again.",
    "Experts warned that the river carries less water every summer.",
    "Wells have dried up and tankers bring water once a week.",
)
SCHOOL = (
    "Teachers returned to the village school after two years.",
    "Pupils of the border villages sit their exams in the capital.",
    "The ministry printed new textbooks for the first grade.",
    "The university opened its doors to students from the region.",
    "A new school with twelve classrooms was opened on Monday.",
    "Lessons were moved to the cellar of the school.",
)
#: In each language a sentence about water and one about schools; none of them is in the examples.
UNSEEN = {
    "en": ("The lake has sunk and the villages lack water.", "The school year began with a lesson on traffic."),
    "ru": (
        "Озеро обмелело, и в сёлах не хватает воды для полива.",
        "Ученики вернулись в школу, учителя начали уроки.",
    ),
    "az": (
        "Göl dayazlaşıb, kəndlərdə suvarma suyu çatmır.",
        "Şagirdlər məktəbə qayıdıb, müəllimlər dərslərə başlayıb.",
    ),
    "hy": (
        "Լիճը ծանծաղել է, և գյուղերում ոռոգման ջուրը չի բավականացնում։",
        "Աշակերտները վերադարձել են դպրոց, ուսուցիչները սկսել են դասերը։",
    ),
}


def codebook(folder: Path, text: str = CODEBOOK) -> Path:
    file = folder / "my.toml"
    file.write_text(text, encoding="utf-8")
    return file


def examples(folder: Path, **changed: object) -> Path:
    """Twelve examples in English; ``changed`` sets cells of the third row of the file."""
    rows = [{"language": "en", "text": text, "water": int(text in WATER), "pupils_at_school": 1 - int(text in WATER)}
            for pair in zip(WATER, SCHOOL, strict=True) for text in pair]  # fmt: skip
    rows[1] |= changed
    file = folder / "my.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


# ---- the two files


def test_a_codebook_gives_names_and_definitions(tmp_path: Path) -> None:
    found = own.read_codebook(codebook(tmp_path))
    assert list(found) == ["water", "pupils_at_school"]
    assert found["water"].startswith("The text is about water")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frames = [", "not TOML"),
        ("", r"no frames; write a section \[\[frames\]\]"),
        ("frame = 1", "unknown key 'frame'; did you mean 'frames'"),
        ('[[frames]]\nname = "a"\ndefinitions = "b"', "unknown key 'definitions'; did you mean 'definition'"),
        ('[[frames]]\nname = "a"', "section 1: 'definition' is 'missing'"),
        ('[[frames]]\nname = "a"\ndefinition = " "', "'definition' is ' '"),
        ('[[frames]]\nname = "two words"\ndefinition = "b"', "name 'two words'; expected letters"),
        ('[[frames]]\nname = "group"\ndefinition = "b"', "name 'group'; expected"),
        ('[[frames]]\nname = "economic"\ndefinition = "b"', "'economic' is one of the 14 generic frames"),
        (CODEBOOK + CODEBOOK, "section 3: a second frame 'water'"),
    ],
)
def test_a_bad_codebook_names_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        own.read_codebook(codebook(tmp_path, text))
    assert "my.toml" in str(raised.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"language": "de"}, "row 3: language is 'de'; write one of az, hy, ru, en"),
        ({"text": " "}, "row 3: text is empty; fill it in"),
        ({"text": WATER[0]}, "row 3: the text of row 2 again"),
        ({"water": "yes"}, "row 3: water is 'yes'; write 1 where the text has the frame, else 0"),
        ({"pupils_at_school": ""}, "row 3: pupils_at_school is ''; write 1"),
    ],
)
def test_a_bad_row_is_named_with_its_remedy(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    with pytest.raises(CorpusError, match=said) as raised:
        own.read_examples(examples(tmp_path, **changed), ("water", "pupils_at_school"))
    assert "my.csv" in str(raised.value)


def test_missing_columns_and_too_few_examples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"my\.csv: no column 'mine'.*add it"):
        own.read_examples(examples(tmp_path), ("mine",))
    table = pd.read_csv(examples(tmp_path))
    table.loc[table.index[table["water"] == 1][3:], "water"] = 0
    table.to_csv(tmp_path / "few.csv", index=False)
    with pytest.raises(CorpusError, match=r"few\.csv: 'water' has 3 examples with 1 and 9 with 0, expected 4 of each"):
        own.read_examples(tmp_path / "few.csv", ("water", "pupils_at_school"))
    table = pd.read_csv(examples(tmp_path))
    table.assign(group=table["water"].map({1: "one", 0: ""})).to_csv(tmp_path / "grouped.csv", index=False)
    with pytest.raises(CorpusError, match="all examples of 'water' with 1 are of one group, 'one'"):
        own.read_examples(tmp_path / "grouped.csv", ("water", "pupils_at_school"))


def test_other_columns_are_left_aside_and_rows_without_a_group_stand_alone(tmp_path: Path) -> None:
    table = pd.read_csv(examples(tmp_path))
    table.assign(coder="me", group=["a", "a", *[""] * 10]).to_csv(tmp_path / "more.csv", index=False)
    found = own.read_examples(tmp_path / "more.csv", ("water",))
    assert list(found.columns) == ["language", "text", "group", "water"]
    assert found["group"].tolist()[:3] == ["a", "a", "row 4"]
    assert found["group"].nunique() == 11


def test_the_command_line_asks_for_one_of_the_two_ways(tmp_path: Path) -> None:
    for words in ([], ["--labels", "my.csv"], ["--labels", "my.csv", "--codebook", "my.toml", "--data", "."]):
        done = framing("train", *words, check=False)
        assert done.returncode == 1
        assert "--labels my.csv with --codebook my.toml" in done.stderr
    file, frames = examples(tmp_path, language="xx"), codebook(tmp_path)
    done = framing("train", "--labels", file, "--codebook", frames, "--out", tmp_path, check=False)
    assert done.returncode == 1
    assert "row 3: language is 'xx'" in done.stderr
    assert "Traceback" not in done.stderr


# ---- fitting


def world(size: int, *, apart: float = 3.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    gold = np.arange(size) % 2
    features = random.normal(size=(size, 60))
    features[:, 0] += apart * gold
    return features, gold, np.array([f"g{i // 2}" for i in range(size)])


def test_fitting_finds_a_frame_and_repeats_itself() -> None:
    features, gold, groups = world(64)
    one, other = (own.fit(features, gold, groups) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)
    assert (one.bias, one.threshold, one.strength) == (other.bias, other.threshold, other.strength)
    unseen, truth, _ = world(400, seed=1)
    assert f1_score(truth, one.chances(unseen) >= one.threshold) > 0.8


def test_cross_validation_sees_nothing_where_there_is_nothing() -> None:
    scores = []
    for seed in range(12):
        features, gold, groups = world(40, apart=0.0, seed=seed)
        chances, _ = own.cross_validated(features, gold, groups)
        scores.append(((chances > 0.5) == gold).mean())
    assert 0.4 < np.mean(scores) < 0.6


def test_cross_validation_keeps_groups_together() -> None:
    _, gold, groups = world(40)
    for inner, held in own._folds(gold, groups):
        assert not set(groups[inner]) & set(groups[held])


def test_the_interval_is_wide_where_examples_are_few() -> None:
    for size, widest in ((8, 0.5), (200, 0.08)):
        every = np.arange(size) % 2 == 0
        interval = own.f1_interval(every, every, np.arange(size))
        assert interval.value == interval.high == 1.0
        assert 0.01 < 1 - interval.low < widest


def test_draws_are_balanced_and_the_larger_holds_the_smaller() -> None:
    has = np.arange(200) % 5 == 0
    small, large = own.draw(has, 8, 3), own.draw(has, 64, 3)
    assert has[small].sum() == 4
    assert set(small) < set(large)
    assert set(own.draw(has, 8, 3)) == set(small) != set(own.draw(has, 8, 4))


# ---- weights


def test_the_shipped_means_fit_the_shipped_layers() -> None:
    centre = load_centre(load_head("frames").encoder)
    assert centre.languages == ("az", "hy", "ru", "en")
    assert centre.means.shape == (4, load_head("blame").weights.shape[1])
    assert (centre.scale > 0).all()


def test_means_of_another_encoder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"centre\.safetensors: no such weights"):
        load_centre("e+1", tmp_path)
    save_centre(Centre(("az", "en"), np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([1.0, 2.0]), "e+1"), tmp_path)
    with pytest.raises(ModelError, match=r"belongs to e\+1, not to e\+2"):
        load_centre("e+2", tmp_path)
    scaled = load_centre("e+1", tmp_path).scaled(np.array([[4.0, 5.0], [1.0, 1.0]]), ["en", "az"])
    np.testing.assert_allclose(scaled, [[2.0, 1.0], [1.0, 0.0]])


def test_a_head_that_is_no_frames_of_ones_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"own\.safetensors: no such frames.*--labels my\.csv"):
        load_own(tmp_path)
    save_head(load_head("blame"), tmp_path)
    with pytest.raises(ModelError, match="'blame' scores no frames"):
        load_own(tmp_path / "blame.safetensors")
    save_head(load_head("frames"), tmp_path)
    with pytest.raises(ModelError, match="'frame:Economic' is scored already"):
        scoring.shelf(own=tmp_path / "frames.safetensors")


# ---- from examples to scores


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, registry: Registry, encoder: Encoder) -> Path:
    """A folder with the two files and what was trained on them."""
    folder = tmp_path_factory.mktemp("own")
    own.train(examples(folder), codebook(folder), registry=registry, encoder=encoder, folder=folder / "weights")
    return folder


@pytest.mark.neural
def test_training_twice_gives_the_same_bytes(
    trained: Path, registry: Registry, encoder: Encoder, tmp_path: Path
) -> None:
    head, found = own.train(
        trained / "my.csv", trained / "my.toml", registry=registry, encoder=encoder, folder=tmp_path
    )
    assert (tmp_path / "own.safetensors").read_bytes() == (trained / "weights" / "own.safetensors").read_bytes()
    assert set(head.sources) == {"labels", "codebook", "actors"}
    assert found["frame"].tolist() == ["water", "pupils_at_school"]
    assert (found["low"] <= found["f1"]).all()
    assert (found["f1"] <= found["high"]).all()
    assert head.figures["water: examples"] == 12


@pytest.mark.neural
def test_a_frame_coded_in_english_is_found_in_every_language(
    trained: Path, registry: Registry, encoder: Encoder
) -> None:
    texts = {f"{code}{i}": (code, text) for code, pair in UNSEEN.items() for i, text in enumerate(pair)}
    articles = accounts(texts)
    passages = split_passages(articles)
    mentions, _ = voices.attribute(articles, passages, registry)
    scores = scoring.score(passages, mentions, encoder=encoder, own=trained / "weights")
    table = scores[scores["passage_id"] == ""].pivot_table(index="article_id", columns="dimension", values="value")
    assert {"frame:water", "frame:pupils_at_school", *(f"frame:{name}" for name in training.FRAMES)} <= set(
        table.columns
    )
    for code in UNSEEN:
        assert table.loc[f"{code}0", "frame:water"] > table.loc[f"{code}1", "frame:water"] + 0.2, code
        assert (
            table.loc[f"{code}0", "frame:pupils_at_school"] < table.loc[f"{code}1", "frame:pupils_at_school"] - 0.2
        ), code


@pytest.mark.neural
def test_an_experiment_scores_compares_and_shows_them(trained: Path, tmp_path: Path) -> None:
    home = small_experiment(tmp_path, more=f'[scoring]\nown = "{trained / "weights" / "own.safetensors"}"\n')
    done = experiment.run(home)
    for name in ("scores", "means", "contrasts"):
        assert {"frame:water", "frame:pupils_at_school", "frame:Political"} <= set(done.tables[name]["dimension"]), name
    signatures = json.loads((done.folder / "run.json").read_text("utf-8"))["signatures"]
    assert any(load_own(trained / "weights").digest in signature for signature in signatures)
    assert len(signatures) == len(scoring.signatures("", own=trained / "weights")) == 4
    assert "Pupils at school" in done.report.read_text("utf-8")
    again = experiment.run(home)
    assert again.encoded == 0


@pytest.mark.neural
def test_means_written_again_are_the_shipped_ones(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "layers.safetensors").write_bytes((WEIGHTS / "layers.safetensors").read_bytes())
    made = training.write_centre(ROOT / "corpora", encoder, tmp_path)
    shipped = load_centre(made.encoder)
    np.testing.assert_allclose(made.means, shipped.means, atol=1e-3)
