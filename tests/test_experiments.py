"""The experiments of the repository still give what their expected.json pins."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing import experiment
from tests.conftest import ROOT

pytestmark = pytest.mark.neural


def finished(name: str, folder: Path, mirror: Path | None = None) -> tuple[experiment.Run, dict[str, Any]]:
    """Run an experiment of the repository into a folder of the test's; its expected.json."""
    home = ROOT / "experiments" / name
    done = experiment.run(home, results=folder / "results", mirror=mirror, cache=folder / "vectors.sqlite")
    expected = json.loads((home / "expected.json").read_text("utf-8"))
    for key, value in expected["counts"].items():
        assert done.record["counts"][key] == value, key
    return done, expected


def test_demo(tmp_path: Path) -> None:
    done, expected = finished("demo", tmp_path)
    for key, floor in expected["at_least"].items():
        section, name = key.split(".")
        assert done.record[section][name] >= floor, key
    found = done.tables["articles"].set_index("article_id")["copy_of"].dropna().to_dict().items()
    gold = pd.read_csv(ROOT / "corpora" / "karabakh" / "gold.csv").set_index("article_id")["copy_of"].dropna().to_dict()
    assert len(found & gold.items()) >= expected["copies"]["found_at_least"]
    assert len(found - gold.items()) <= expected["copies"]["false_at_most"]
    contrasts = done.tables["contrasts"]
    assert (~contrasts["same_language"]).any()
    languages = done.tables["articles"].groupby("side")["language"].nunique()
    assert languages.to_dict() == {"armenia": 4, "azerbaijan": 4, "russia": 4}
    page = done.report.read_text("utf-8")
    assert "None is a real news item" in page
    for title in done.tables["articles"]["title"].iloc[::20]:
        assert title[:30] in page


@pytest.mark.shared
def test_un_debate_tells_the_known_groups_apart(shared: Path, tmp_path: Path) -> None:
    done, expected = finished("un-debate", tmp_path, shared / "real" / "ungdc")
    groups = done.record["known_groups"]
    assert len(groups) == 18
    assert sum(row["held"] for row in groups) >= expected["known_groups_held_at_least"]


@pytest.mark.shared
def test_a_missing_mirror_file_is_a_counted_skip(shared: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    shutil.copytree(shared / "real" / "ungdc" / "2014", mirror / "2014")
    (mirror / "2014" / "RUS_69_2014.txt").chmod(0o644)
    (mirror / "2014" / "RUS_69_2014.txt").write_text("changed", encoding="utf-8")
    from framing.corpus import open_corpus

    corpus = open_corpus(ROOT / "corpora" / "un-debate", mirror=mirror)
    assert len(corpus.articles) == 5
    assert len(corpus.skipped) == 49
    assert corpus.skipped["reason"].str.contains("sha256").sum() == 1


def test_the_readme_example_runs_and_its_commands_come_early() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    lines = text.splitlines()
    assert max(next(i for i, line in enumerate(lines) if c in line) for c in ("make demo", "make test")) < 30
    code = re.search(r"```python\n(.*?)```", text, re.S)
    assert code is not None
    done = subprocess.run([sys.executable, "-c", code.group(1)], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "azerbaijan" in done.stdout
