"""The tables in docs/ are what commands print, and the commands are there."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from framing.cli import app
from tests.conftest import ROOT

COMMANDS = sorted(
    {
        match[1]
        for file in (ROOT / "docs").glob("*.md")
        for match in re.finditer(r"<!-- \$ (framing [^\n]+) -->", file.read_text("utf-8"))
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_in_the_documents_is_one_of_ours(command: str) -> None:
    words = shlex.split(command)[1:]
    verbs = [word for word in words if not word.startswith("-")][: 2 if words[0] in ("bench", "corpus") else 1]
    done = CliRunner().invoke(app, [*verbs, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    options = [word for word in words if word.startswith("--")]
    assert all(option in done.output for option in options), options


def test_a_table_is_filled_and_the_rest_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.md"
    file.write_text(
        "Before.\n\n<!-- $ framing --help -->\n<!-- $ -->\n\n<!-- $ framing x --data DATA -->\nold\n<!-- $ -->\n"
    )
    monkeypatch.setattr(sys, "argv", ["fill.py", str(file), "--data", str(tmp_path / "none")])
    runpy.run_path(str(ROOT / "docs" / "fill.py"), run_name="__main__")
    text = file.read_text("utf-8")
    assert text.startswith("Before.\n\n<!-- $ framing --help -->\n\n")
    assert "Usage" in text
    assert "<!-- $ framing x --data DATA -->\nold\n<!-- $ -->" in text
