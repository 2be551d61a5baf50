"""Compare how accounts of one event in Azerbaijani, Armenian, Russian and English portray its actors."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.actors import find_mentions, read_actors
    from framing.alignment import align
    from framing.comparison import contrasts, means
    from framing.corpus import open_corpus, split_passages
    from framing.duplicates import find_copies
    from framing.experiment import run, verify
    from framing.models import load_encoder
    from framing.scoring import score
    from framing.voices import attribute

__version__ = "0.1.0"

_HOMES = {
    "align": "alignment",
    "attribute": "voices",
    "contrasts": "comparison",
    "find_copies": "duplicates",
    "find_mentions": "actors",
    "load_encoder": "models",
    "means": "comparison",
    "open_corpus": "corpus",
    "read_actors": "actors",
    "run": "experiment",
    "score": "scoring",
    "split_passages": "corpus",
    "verify": "experiment",
}

__all__ = [
    "align",
    "attribute",
    "contrasts",
    "find_copies",
    "find_mentions",
    "load_encoder",
    "means",
    "open_corpus",
    "read_actors",
    "run",
    "score",
    "split_passages",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that ``import framing`` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"framing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'framing' has no attribute {name!r}")
