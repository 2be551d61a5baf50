"""The floors: a module imports only from its own folder and from rooms above it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import framing

ROOMS = [
    *("errors", "tables", "text", "resampling", "sources", "corpus", "duplicates", "models", "actors", "voices"),
    *("probes", "alignment", "agreement", "scoring", "training", "measurement", "pairing", "own", "invariance"),
    *("checks", "inference", "comparison", "heatmaps", "report", "experiment", "bench", "cli"),
]
ROOT = Path(framing.__file__).parent


def rooms_imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "framing":
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("framing.")}
    return found & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_above(room: str) -> None:
    path = ROOT / room
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    for file in files:
        below = {name for name in rooms_imported(file) if ROOMS.index(name) > ROOMS.index(room)}
        assert not below, f"{file.name} imports from below: {below}"


def test_every_module_is_a_room() -> None:
    found = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - {"__init__"} == set(ROOMS)


def test_import_stays_quick_and_loads_no_torch() -> None:
    code = "import sys, framing; print([m for m in ('torch', 'transformers', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves_and_has_a_docstring() -> None:
    for name in framing.__all__:
        assert (getattr(framing, name).__doc__ or "").strip(), name
