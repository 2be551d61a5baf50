"""Promises of `framing.errors`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from framing import errors

ROOT = Path(__file__).parent.parent


def test_every_leaf_is_also_the_builtin_a_caller_expects() -> None:
    assert issubclass(errors.CorpusError, ValueError)
    assert issubclass(errors.MissingPackage, ImportError)
    assert issubclass(errors.TrainingDataError, FileNotFoundError)
    drawn = errors.__doc__ or ""
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.FramingError):
            assert name in drawn, f"{name} is missing in the tree of the module's docstring"


def test_require_names_the_extra_when_a_package_is_missing() -> None:
    with pytest.raises(errors.MissingPackage, match=r"pip install 'framing\[neural\]'"):
        errors.require("no_such_package_xyz", extra="neural")


def test_every_extra_an_error_names_is_in_pyproject() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = set()
    for file in (ROOT / "framing").rglob("*.py"):
        source = file.read_text("utf-8")
        named |= set(re.findall(r"framing\[(\w+)\]", source)) | set(re.findall(r'extra="(\w+)"', source))
    assert {"neural", "web", "bench"} <= named
    assert named <= set(extras)


def test_suggest_names_the_nearest_word() -> None:
    assert errors.suggest("minimum_source", ["minimum_sources", "seed"]) == "did you mean 'minimum_sources'?"
    assert "seed" in errors.suggest("zzz", ["seed"])
