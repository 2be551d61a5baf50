"""Where accounts come from: anything that yields raw accounts is a Source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Source(Protocol):
    """Yields raw accounts: mappings with ``text`` and, as far as known, the other columns of ARTICLES.

    Each also has ``place``, the file and row that an error or a counted skip is to name. An account that cannot be
    read has ``skip``, the reason, in the place of its text.
    """

    def read(self) -> Iterator[Mapping[str, Any]]:
        """The accounts, in a fixed order."""
        ...
