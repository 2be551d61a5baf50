"""Promises of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from framing import experiment
from tests.conftest import CORPUS, ROOT, small_experiment


def framing(*args: str | Path, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "framing.cli", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=check,
        env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
    )


@pytest.mark.parametrize(
    "verb",
    [
        *([verb] for verb in ("run", "score", "verify", "train", "heads", "invariance")),
        *(["bench", verb] for verb in ("encode", "portrayal", "frames", "roles", "sentiment", "voices", "inference")),
        ["bench", "own"],
    ],
)
def test_every_verb_has_help_with_an_example(verb: list[str]) -> None:
    shown = framing(*verb, "--help").stdout
    assert "Example" in shown
    assert f"framing {' '.join(verb)}" in shown


def test_a_misspelt_config_key_ends_in_one_line_with_the_remedy(tmp_path: Path) -> None:
    home = small_experiment(tmp_path, more="minimum_event = 5\n")
    done = framing("run", home, check=False)
    assert done.returncode == 1
    assert "unknown key 'comparison.minimum_event'; did you mean 'minimum_events'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty text"),
        ("Россия и Армения".encode("cp1251"), "not utf-8"),
        ("Türkiye Cumhurbaşkanı bugün Ankara'da açıklama yaptı, görüşmelerin süreceğini söyledi.".encode(), "--lang"),
    ],
)
def test_a_bad_article_is_refused_with_its_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "article.txt"
    file.write_bytes(content)
    done = framing("score", file, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "article.txt" in done.stderr


@pytest.mark.neural
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Baku accused Yerevan of shelling the town.\n\nArmenia rejected the claim."),
        ("ru", "Баку обвинил Ереван в обстреле города.\n\nАрмения отвергла это утверждение."),
        ("az", "Bakı İrəvanı şəhəri atəşə tutmaqda ittiham etdi.\n\nErmənistan bu iddianı rədd etdi."),
        ("hy", "Բաքուն մեղադրեց Երևանին քաղաքը գնդակոծելու մեջ:\n\nՀայաստանը մերժեց պնդումը:"),
    ],
)
def test_score_prints_json_with_voices_and_evidence(tmp_path: Path, language: str, text: str) -> None:
    file = tmp_path / "article.txt"
    file.write_text(text, encoding="utf-8")
    told = json.loads(framing("score", file, "--lang", language, "--json").stdout)
    scores = [row for row in told["scores"] if row["dimension"] == "blame"]
    assert {"azerbaijan", "armenia"} <= {row["actor"] for row in scores}
    assert all(row["evidence"] and row["evidence"] in told["article"]["text"] for row in scores)
    assert any(quote["speaker"] == "azerbaijan" for quote in told["quotes"])


@pytest.mark.neural
def test_run_shows_counts_skips_and_where_the_report_is(tmp_path: Path) -> None:
    home = small_experiment(tmp_path)
    (tmp_path / "corpus" / "articles" / "empty.txt").write_text("")
    done = framing("run", home)
    assert "skipped" in done.stdout
    assert "empty.txt" in done.stdout + done.stderr
    assert f"Report: {home / 'results' / 'report.html'}" in done.stdout


@pytest.mark.neural
def test_verify_exits_with_zero_where_everything_is_equal(small: experiment.Run) -> None:
    done = framing("verify", small.folder)
    assert done.stdout.count("equal byte for byte") == len(experiment.TABLES)


def test_the_demo_corpus_is_marked_as_written_for_the_project() -> None:
    for file in (CORPUS / "articles").iterdir():
        assert "not a real news item" in file.read_text("utf-8").split("+++")[1], file.name


def test_a_public_set_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    done = framing("bench", "voices", "--data", tmp_path, check=False)
    assert done.returncode == 1
    assert "polnear" in done.stderr
    assert "--data DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_model_card_says_what_the_weights_say() -> None:
    card = (ROOT / "docs" / "scores.md").read_text("utf-8")
    assert framing("heads", "--markdown").stdout.strip() in card


def test_bench_inference_prints_a_row_an_estimate_and_refuses_what_is_no_number() -> None:
    done = framing("bench", "inference", "--events", "6", "--runs", "20", "--json")
    rows = json.loads(done.stdout)
    assert [row["estimate"] for row in rows] == ["naive", "gold only", "corrected"] * 2
    assert rows[0]["wrong sign"] is None  # no true gap
    table = framing(
        "bench", "inference", "--events", "6", "--runs", "20", "--random", "--intervals", "--markdown"
    ).stdout
    assert "jackknife, t (chosen)" in table
    assert "whole numbers" in framing("bench", "inference", "--events", "few", check=False).stderr
    assert "at least 2" in framing("bench", "inference", "--events", "1", check=False).stderr
