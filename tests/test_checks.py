"""The corpora keep their rules, and every rule finds what breaks it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from frictionless import validate
from typer.testing import CliRunner

from framing.checks import Checked, as_markdown, check_corpus, rules_of, seal
from framing.cli import app
from framing.errors import CorpusError
from tests.conftest import ROOT

KARABAKH, PROBES, PASSAGES = (ROOT / "corpora" / name for name in ("karabakh", "probes", "passages"))


@cache
def whole(folder: Path) -> Checked:
    return check_corpus(folder)


@pytest.mark.parametrize("folder", [KARABAKH, PROBES, PASSAGES], ids=lambda folder: folder.name)
def test_our_corpora_keep_every_rule(folder: Path) -> None:
    checked = whole(folder)
    assert {verdict.rule: verdict.rows[:5] for verdict in checked.verdicts if not verdict.holds} == {}
    assert [verdict.rule for verdict in checked.verdicts] == rules_of(folder)
    assert all(len(table) for table in checked.counts.values())


@pytest.mark.parametrize("folder", [KARABAKH, PROBES, PASSAGES], ids=lambda folder: folder.name)
@pytest.mark.filterwarnings("ignore")  # of frictionless's own
def test_the_data_package_validates_with_frictionless(folder: Path) -> None:
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "message"])[:5]


@pytest.mark.parametrize("folder", [KARABAKH, PROBES, PASSAGES], ids=lambda folder: folder.name)
def test_the_readme_shows_what_the_check_prints(folder: Path) -> None:
    assert as_markdown(whole(folder)) in (folder / "README.md").read_text("utf-8")


# --------------------------------------------------------------------------- what breaks a rule


def replaced(folder: Path, name: str, was: str, now: str) -> None:
    file = folder / name
    text = file.read_text("utf-8")
    assert was in text, f"{name} has no '{was}'"
    file.write_text(text.replace(was, now, 1), encoding="utf-8")


def changed(folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
    change(table).to_csv(folder / name, index=False, lineterminator="\n")


@pytest.fixture
def karabakh(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KARABAKH, tmp_path / "karabakh"))


@pytest.fixture
def probes(tmp_path: Path) -> Path:
    shutil.copytree(KARABAKH, tmp_path / "karabakh", ignore=shutil.ignore_patterns("articles"))
    return Path(shutil.copytree(PROBES, tmp_path / "probes"))


@pytest.fixture
def passages(probes: Path) -> Path:
    folder = Path(shutil.copytree(PASSAGES, probes.parent / "passages"))
    changed(folder, "passages.csv", lambda table: table.iloc[:60])
    kept = set(pd.read_csv(folder / "passages.csv", dtype=str)["passage_id"])
    changed(folder, "labels.csv", lambda table: table[table["passage_id"].isin(kept)])
    rules = (folder / "rules.toml").read_text("utf-8").split("[actors]")
    (folder / "rules.toml").write_text("[minimum]\npassages = 60\n\n[actors]" + rules[1], encoding="utf-8")
    seal(folder)
    return folder


ARTICLE = "articles/2023-06-15-hakari-shooting.az-independent-daily.txt"
FOREIGN = "articles/2024-05-09-yerevan-protests.ru-state-agency.txt"
OTHER = "articles/2023-06-15-hakari-shooting.ru-independent-daily.txt"
BREAKS: dict[str, Callable[[Path], object]] = {
    "ids are unique and every account belongs to an event": lambda folder: replaced(
        folder, "gold.csv", "2023-06-15-hakari-shooting.az-independent-daily", "nobody"
    ),
    "every file says who wrote it": lambda folder: replaced(folder, ARTICLE, "Written for this project", "Taken"),
    "texts are as long as told": lambda folder: replaced(folder, ARTICLE, "\n\n", "\n\n" + "söz " * 200 + "\n\n"),
    "the language is the one named": lambda folder: replaced(folder, ARTICLE, 'language = "az"', 'language = "en"'),
    "dates lie in the event's window, copies after their original": lambda folder: replaced(
        folder, ARTICLE, "published = 2023-06-16", "published = 2023-06-26"
    ),
    "no two accounts share a run of words unless marked as copies": lambda folder: replaced(
        folder,
        OTHER,
        "\n\n",
        f"\n\n{(folder / FOREIGN).read_text('utf-8').split(chr(10) * 2)[1]}\n\n",
    ),
    "copies name an independent account of their event and have their own headline": lambda folder: changed(
        folder,
        "gold.csv",
        lambda gold: gold.assign(copy_of=gold["copy_of"].where(gold["copy_of"] == "", gold["article_id"])),
    ),
    "each event is told by the sides it names": lambda folder: replaced(
        folder, "events.csv", "russia+azerbaijan+armenia", "russia"
    ),
    "both sides' names of places are in use": lambda folder: replaced(
        folder, "rules.toml", 'shusha = ["armenia", "azerbaijan"]', 'shusha = ["armenia", "iran"]'
    ),
    "every event is in one split": lambda folder: replaced(folder, "splits.csv", ",dev", ",validation"),
    "labels keep to the codebook, evidence is where it says": lambda folder: changed(
        folder, "labels.csv", lambda labels: labels.assign(evidence=labels["evidence"].str.upper())
    ),
    "every mention in a coded account is coded": lambda folder: changed(
        folder, "labels.coder2.csv", lambda labels: labels.iloc[1:]
    ),
    "frames keep to the codebook and cover every passage": lambda folder: replaced(
        folder, "frames.csv", "security_threat", "security"
    ),
    "links join passages of one event": lambda folder: replaced(folder, "links.csv", ",same,", ",alike,"),
    "the codebook has two examples in each language": lambda folder: replaced(
        folder, "codebook.md", "| az | ", "| tr | "
    ),
    "there is as much of everything as asked": lambda folder: replaced(
        folder, "rules.toml", "articles = 180", "articles = 1800"
    ),
    "files are as sealed": lambda folder: replaced(folder, "sources.csv", "formal", "Formal"),
}  # fmt: skip


def test_every_rule_for_accounts_has_a_break() -> None:
    assert list(BREAKS) == rules_of(KARABAKH)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_names_the_rows(karabakh: Path, rule: str) -> None:
    BREAKS[rule](karabakh)
    (verdict,) = check_corpus(karabakh, only=[rule]).verdicts
    assert not verdict.holds
    assert all(verdict.rows)


PROBE_BREAKS: dict[str, Callable[[Path], object]] = {
    "ids and texts are unique, no language lacks": lambda folder: changed(
        folder, "statements.csv", lambda table: table.assign(az=table["az"].where(table.index != 3, ""))
    ),
    "the language is the one named": lambda folder: changed(
        folder, "statements.csv", lambda table: table.assign(hy=table["ru"])
    ),
    "the actors are found by name in every language": lambda folder: changed(
        folder, "statements.csv", lambda table: table.assign(actor="macron")
    ),
    "values keep to the codebook, a swap changes them": lambda folder: changed(
        folder, "statements.csv", lambda table: table.assign(other_value=table["value"])
    ),
    "swapped statements are what the templates give": lambda folder: replaced(
        folder, "templates.csv", "{A.nom}", "{B.nom}"
    ),
    "the culprit stands neither always first nor last": lambda folder: replaced(
        folder, "rules.toml", "[0.3, 0.7]", "[0.9, 1.0]"
    ),
    "every statement is in one split, pairs together": lambda folder: replaced(
        folder, "statements.csv", ",train,", ",,"
    ),
    "there is as much of everything as asked": lambda folder: replaced(
        folder, "rules.toml", "swap_pairs = 100", "swap_pairs = 1000"
    ),
    "files are as sealed": lambda folder: replaced(folder, "forms.csv", "Армения", "Арменія"),
}  # fmt: skip


def test_every_rule_for_probes_has_a_break() -> None:
    assert list(PROBE_BREAKS) == rules_of(PROBES)


@pytest.mark.parametrize("rule", PROBE_BREAKS)
def test_a_broken_probe_rule_names_the_rows(probes: Path, rule: str) -> None:
    PROBE_BREAKS[rule](probes)
    (verdict,) = check_corpus(probes, only=[rule]).verdicts
    assert not verdict.holds
    assert all(verdict.rows)


PASSAGE_BREAKS: dict[str, Callable[[Path], object]] = {
    "ids and texts are unique, no language lacks": lambda folder: changed(
        folder, "passages.csv", lambda table: table.assign(hy=table["hy"].where(table.index != 3, ""))
    ),
    "the language is the one named": lambda folder: changed(
        folder, "passages.csv", lambda table: table.assign(ru=table["en"])
    ),
    "every actor that is found is coded, in every language": lambda folder: changed(
        folder, "labels.csv", lambda table: table.iloc[1:]
    ),
    "codes keep to the codebook, evidence is in the sentence": lambda folder: changed(
        folder, "labels.csv", lambda table: table.assign(evidence_az=table["evidence_az"] + "ə")
    ),
    "no passage shares a run of words with what is measured on": lambda folder: changed(
        folder,
        "passages.csv",
        lambda table: table.assign(ru=pd.read_csv(PROBES / "statements.csv", dtype=str)["ru"].iloc[0]),
    ),
    "there is as much of everything as asked": lambda folder: replaced(
        folder, "rules.toml", "passages = 60", "passages = 61"
    ),
    "files are as sealed": lambda folder: replaced(folder, "labels.csv", "narrator", "unknown"),
}  # fmt: skip


def test_every_rule_for_passages_has_a_break() -> None:
    assert list(PASSAGE_BREAKS) == rules_of(PASSAGES)


@pytest.mark.parametrize("rule", PASSAGE_BREAKS)
def test_a_broken_passage_rule_names_the_rows(passages: Path, rule: str) -> None:
    assert check_corpus(passages, only=[rule]).holds or "shares" in rule
    if "shares" in rule:
        shutil.copytree(KARABAKH / "articles", passages.parent / "karabakh" / "articles")
    PASSAGE_BREAKS[rule](passages)
    (verdict,) = check_corpus(passages, only=[rule]).verdicts
    assert not verdict.holds
    assert all(verdict.rows)


def test_a_code_that_is_no_number_names_file_and_row(passages: Path) -> None:
    replaced(passages, "labels.csv", ",0,0,0,0,", ",none,0,0,0,")
    (verdict,) = check_corpus(passages, only=["there is as much of everything as asked"]).verdicts
    assert "labels.csv, row" in verdict.rows[0]
    assert "'none', not a code" in verdict.rows[0]


def test_seal_makes_a_changed_corpus_whole_again(probes: Path) -> None:
    replaced(probes, "statements.csv", ",neutral,", ",neutral,")
    with (probes / "README.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    rule = "files are as sealed"
    assert not check_corpus(probes, only=[rule]).holds
    before = json.loads((probes / "datapackage.json").read_text("utf-8"))
    seal(probes)
    assert check_corpus(probes, only=[rule]).holds
    after = json.loads((probes / "datapackage.json").read_text("utf-8"))
    assert {k: v for k, v in before.items() if k != "resources"} == {k: v for k, v in after.items() if k != "resources"}
    seal_once = (probes / "files.csv").read_bytes()
    seal(probes)
    assert (probes / "files.csv").read_bytes() == seal_once


def test_check_when_there_is_no_such_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="none of statements"):
        check_corpus(tmp_path)
    with pytest.raises(CorpusError, match="did you mean"):
        check_corpus(PROBES, only=["files are as sealled"])


def test_the_command_ends_non_zero_and_names_the_rule(probes: Path) -> None:
    assert CliRunner().invoke(app, ["corpus", "check", str(probes)]).exit_code == 0
    PROBE_BREAKS["there is as much of everything as asked"](probes)
    done = CliRunner().invoke(app, ["corpus", "check", str(probes)])
    assert done.exit_code == 1
    assert "FAIL there is as much of everything as asked" in done.output
    assert "swap_pairs: 160, at least 1000 wanted" in done.output


# --------------------------------------------------------------------------- the registry of outlets

SIDES = ["russia", "azerbaijan", "armenia", "turkey", "iran", "georgia", "international"]
OUTLETS = pa.DataFrameSchema(
    {
        "outlet": pa.Column(str, pa.Check.str_matches(r"^[a-z0-9]+(-[a-z0-9]+)*$"), unique=True),
        "name": pa.Column(str, pa.Check.str_length(min_value=2)),
        "languages": pa.Column(str, pa.Check.str_matches(r"^[a-z]{2}(;[a-z]{2})*$")),
        "side": pa.Column(str, pa.Check.isin(SIDES)),
        "ownership": pa.Column(str, pa.Check.isin(["state", "public", "private", "exile", "party"])),
        "place": pa.Column(str, pa.Check.str_length(min_value=3)),
        "home": pa.Column(str, pa.Check.str_matches(r"^https?://[^/]+$"), unique=True),
        "feed": pa.Column(str, pa.Check.str_matches(r"^(https?://\S+)?$")),
        "notes": pa.Column(str),
        "source": pa.Column(str, pa.Check.str_length(min_value=5)),
    },
    strict=True,
)  # fmt: skip


def test_the_registry_of_outlets() -> None:
    table = OUTLETS.validate(pd.read_csv(ROOT / "corpora" / "outlets.csv", dtype=str, keep_default_na=False))
    assert len(table) >= 60
    assert table["side"].value_counts()[["russia", "azerbaijan", "armenia"]].min() >= 15
    assert (table["ownership"] == "exile").sum() >= 3
