"""Accounts that may not be redistributed: a list of addresses and checksums, fetched or read from a local mirror."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import CorpusError
from framing.sources.files import read_text

COLUMNS = ("article_id", "outlet", "side", "language", "published", "path", "url", "sha256")


@dataclass(frozen=True)
class FetchList:
    """A ``fetch.csv``: a row an account, with its address and the sha256 of the file behind it.

    Parameters
    ----------
    path : Path
        The list, with the columns of `COLUMNS`.
    mirror : Path or None
        A local folder that holds each row's ``path``; None downloads what the cache does not hold yet.
    """

    path: Path
    mirror: Path | None = None

    def read(self) -> Iterator[Mapping[str, Any]]:
        """The accounts; one that is missing or whose bytes changed is a counted skip.

        Raises
        ------
        CorpusError
            If the list lacks a column, or the mirror is not a folder.
        """
        read_text(self.path)
        table = pd.read_csv(self.path, dtype=str, keep_default_na=False)
        missing = [name for name in COLUMNS if name not in table.columns]
        if missing:
            raise CorpusError(f"{self.path}: no column '{missing[0]}' (expected: {', '.join(COLUMNS)}).")
        if self.mirror is not None and not self.mirror.is_dir():
            raise CorpusError(f"{self.mirror}: the mirror is no folder; leave it out to download instead.")
        for number, row in enumerate(table.to_dict("records"), start=2):
            account: dict[str, Any] = {name: row[name] for name in COLUMNS if name not in ("path", "sha256")}
            account["place"] = f"{self.path.name}, row {number}"
            try:
                account["text"] = self._file(row).read_text(encoding="utf-8-sig")
            except (OSError, ValueError) as error:
                account["skip"] = f"{row['path']}: {error}"
            yield account

    def _file(self, row: Mapping[Any, Any]) -> Path:
        if self.mirror is None:
            import pooch

            cached = pooch.retrieve(
                row["url"],
                known_hash=f"sha256:{row['sha256']}",
                fname=f"{row['sha256'][:16]}-{Path(row['path']).name}",
                path=pooch.os_cache("framing"),
            )
            return Path(cached)
        file = self.mirror / row["path"]
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != row["sha256"]:
            raise ValueError(f"sha256 is {found[:12]}..., expected {row['sha256'][:12]}...")
        return file
