"""Every error that framing raises on purpose, and the check for optional packages.

The tree::

    FramingError
    ├── ConfigError      (ValueError)   a config file has a wrong key or value
    ├── CorpusError      (ValueError)   an article, corpus file or table is not as expected
    ├── ActorsError      (ValueError)   an actor registry is not as expected
    ├── LanguageError    (ValueError)   a language code that framing does not know
    ├── ModelError       (ValueError)   a model cannot be found or does not fit
    ├── TrainingDataError (FileNotFoundError)  a labelled data set is not where it was said to be
    ├── ResultsError     (ValueError)   a results folder is incomplete or differs
    └── MissingPackage   (ImportError)  an optional package is not installed
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType


class FramingError(Exception):
    """The root: catching it catches every error raised here on purpose."""


class ConfigError(FramingError, ValueError):
    """A config file has a wrong key or value."""


class CorpusError(FramingError, ValueError):
    """An article, a corpus file or a table is not as expected."""


class ActorsError(FramingError, ValueError):
    """An actor registry is not as expected."""


class LanguageError(FramingError, ValueError):
    """A language code that framing does not know."""


class ModelError(FramingError, ValueError):
    """A model cannot be found, read or used."""


class TrainingDataError(FramingError, FileNotFoundError):
    """A labelled data set is not where it was said to be."""


class ResultsError(FramingError, ValueError):
    """A results folder is incomplete, or differs from what it should be."""


class MissingPackage(FramingError, ImportError):
    """An optional package is not installed."""


def require(package: str, *, extra: str) -> ModuleType:
    """Import an optional package, or say which extra brings it.

    Parameters
    ----------
    package : str
        The name as imported, for instance ``"torch"``.
    extra : str
        The extra of ``pyproject.toml`` that installs it.

    Raises
    ------
    MissingPackage
        If the package cannot be imported.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] != package.split(".")[0]:
            raise
        raise MissingPackage(
            f"'{package}' is not installed. Install it with: pip install 'framing[{extra}]'."
        ) from error


def suggest(word: str, known: Iterable[str]) -> str:
    """A closing half-sentence that names the nearest known word, or lists them all."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(names)}."
