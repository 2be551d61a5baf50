"""Promises of `framing.experiment`: the whole path, repeated, interrupted and verified."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from framing import experiment, scoring
from framing.errors import ConfigError, ResultsError
from framing.experiment import first_difference, run, verify
from framing.tables import ARTICLES, CONTRASTS, EVENTS, MEANS, MENTIONS, PASSAGES, QUOTES, SCORES, check
from tests.conftest import small_experiment

pytestmark = pytest.mark.neural


def test_a_run_leaves_every_table_the_report_and_the_record(small: experiment.Run) -> None:
    for name in experiment.TABLES:
        assert (small.folder / f"{name}.parquet").is_file()
    assert small.report.stat().st_size > 1_000_000
    record = json.loads((small.folder / "run.json").read_text("utf-8"))
    for key in ("config", "commit", "dirty", "packages", "inputs", "signatures", "seed", "encoder", "counts"):
        assert key in record
    assert record["config"]["comparison"]["seed"] == 0
    assert any(name.endswith(".txt") for name in record["inputs"])
    assert all(len(digest) == 64 for digest in record["inputs"].values())


def test_every_table_passes_its_door(small: experiment.Run) -> None:
    schemas = (ARTICLES, PASSAGES, MENTIONS, QUOTES, EVENTS, SCORES, MEANS, CONTRASTS)
    for schema in schemas:
        table = pd.read_parquet(small.folder / f"{str(schema.name).lower()}.parquet")
        assert len(check(table, schema)) == len(table) > 0


def test_evidence_lies_inside_its_article(small: experiment.Run) -> None:
    texts = small.tables["articles"].set_index("article_id")["text"]
    scores = small.tables["scores"]
    assert (scores["evidence_end"] <= scores["article_id"].map(texts.str.len())).all()
    assert (scores["evidence_start"] < scores["evidence_end"]).all()


def test_reprints_and_the_translated_reprint_are_found(small: experiment.Run) -> None:
    copies = small.tables["articles"].set_index("article_id")["copy_of"].dropna().to_dict()
    assert copies["2022-09-13-border-clashes.ru-regional-paper"] == "2022-09-13-border-clashes.ru-state-agency"
    assert copies["2023-04-23-hakari-checkpoint.ru-regional-paper"] == "2023-04-23-hakari-checkpoint.ru-state-agency"


def test_a_second_run_encodes_nothing_and_changes_no_byte(small: experiment.Run) -> None:
    before = {file.name: file.read_bytes() for file in small.folder.glob("*.parquet")}
    again = run(small.folder.parent)
    assert again.encoded == 0
    assert all(stage["kept"] for stage in again.record["stages"].values())
    assert {file.name: file.read_bytes() for file in small.folder.glob("*.parquet")} == before


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    small: experiment.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "again"
    shutil.copytree(small.folder.parent.parent / "corpus", tmp_path / "corpus")
    home.mkdir()
    shutil.copy(small.folder.parent / "config.toml", home)
    monkeypatch.setattr(scoring, "_BLOCK", 60)
    real, calls = scoring._score_block, []

    def dies_at_the_third(*args: object) -> pd.DataFrame:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(scoring, "_score_block", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run(home)
    assert (home / "results" / "events.parquet").is_file()
    done = run(home)
    assert len(calls) > 4
    assert done.record["stages"]["alignment"]["kept"]
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.copy(small.folder.parent / "config.toml", whole)
    fresh = run(whole, cache=tmp_path / "other.sqlite")
    for name in experiment.TABLES:
        assert (done.folder / f"{name}.parquet").read_bytes() == (fresh.folder / f"{name}.parquet").read_bytes(), name


def test_verify_holds_and_names_the_first_cell_that_differs(small: experiment.Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(small.folder.parent.parent, copy)
    results = copy / small.folder.parent.name / "results"
    verdict = verify(results, tmp_path / "scratch")
    assert verdict.holds
    assert set(verdict.identical) == set(experiment.TABLES)
    means = pd.read_parquet(results / "means.parquet")
    row = int(np.flatnonzero(means["value"].notna())[3])
    means.loc[row, "value"] += 0.5
    means.to_parquet(results / "means.parquet", index=False)
    verdict = verify(results, tmp_path / "scratch2")
    assert not verdict.holds
    assert verdict.differences[0].startswith("means: changed after the run; row (")
    assert "column 'value'" in verdict.differences[0]


def test_verify_refuses_changed_inputs_and_incomplete_results(small: experiment.Run, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"no run\.json"):
        verify(tmp_path, tmp_path / "scratch")
    copy = tmp_path / "copy"
    shutil.copytree(small.folder.parent.parent, copy)
    article = next((copy / "corpus" / "articles").iterdir())
    article.write_text(article.read_text("utf-8") + "\nOne more sentence.\n", encoding="utf-8")
    with pytest.raises(ResultsError, match="articles/"):
        verify(copy / small.folder.parent.name / "results", tmp_path / "scratch")


def test_given_events_need_a_gold_file(tmp_path: Path) -> None:
    home = small_experiment(tmp_path, more='[alignment]\nmethod = "given"\n')
    (tmp_path / "corpus" / "gold.csv").unlink()
    with pytest.raises(ConfigError, match=r"gold\.csv"):
        run(home)


def test_first_difference_tolerates_digits_but_not_conclusions() -> None:
    keys = {"dimension": "blame", "actor": "x", "voice": "all", "source_a": "a", "source_b": "b"}
    one = pd.DataFrame({**keys, "difference": [0.1], "low": [0.001], "high": [0.2], "p_adjusted": [0.04]})
    assert first_difference("contrasts", one, one.assign(difference=0.1001), 0.02) is None
    assert "difference" in (first_difference("contrasts", one, one.assign(difference=0.1001), 0.0) or "")
    assert "conclusion" in (first_difference("contrasts", one, one.assign(low=-0.001), 0.02) or "")
    assert "conclusion" in (first_difference("contrasts", one, one.assign(p_adjusted=0.06), 0.02) or "")
    more = pd.concat([one, one.assign(source_b="c")], ignore_index=True)
    assert "no row" in (first_difference("contrasts", one, more, 0.02) or "")
    shuffled = more.iloc[::-1].reset_index(drop=True)
    assert first_difference("contrasts", more, shuffled, 0.0) is None


def test_results_elsewhere_are_verified_too_and_in_another_dtype(small: experiment.Run, tmp_path: Path) -> None:
    other = dataclasses.replace(
        experiment.parse_config(small.record["config"]), encoder=experiment.EncoderConfig(dtype="bfloat16")
    )
    done = run(small.folder.parent, results=tmp_path / "far" / "results", config=other, cache=tmp_path / "v.sqlite")
    assert done.record["encoder"] != small.record["encoder"]
    assert done.tables["events"]["event_id"].tolist() == small.tables["events"]["event_id"].tolist()
    for name in ("articles", "passages", "mentions"):
        assert (done.folder / f"{name}.parquet").read_bytes() == (small.folder / f"{name}.parquet").read_bytes()
    ours, theirs = (table.tables["scores"] for table in (small, done))
    keys = experiment._ROW_KEYS["scores"]
    both = ours.merge(theirs, on=keys, how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    assert np.nanmax(np.abs(both["value_x"] - both["value_y"])) < 0.1
    assert verify(done.folder, tmp_path / "scratch").holds


def test_unknown_groups_are_refused_before_anything_is_computed(tmp_path: Path) -> None:
    more = '[[known_groups]]\nsource = "{}"\nhigher = "{}"\nlower = "armenia"\n'
    home = small_experiment(tmp_path, more=more.format("armenian", "azerbaijan"))
    with pytest.raises(ConfigError, match="no side 'armenian'; did you mean 'armenia'"):
        run(home)
    home = small_experiment(tmp_path / "b", more=more.format("armenia", "azerbaijann"))
    with pytest.raises(ConfigError, match="no actor 'azerbaijann'; did you mean 'azerbaijan'"):
        run(home)
    assert not (home / "results" / "passages.parquet").exists()
