"""Accounts that may not be redistributed: a list of addresses and checksums, fetched or read from a local mirror."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import CorpusError
from framing.sources.files import PAGES, read_article, read_csv, read_text

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

        A text is taken as it is, without looking for a headline; of a page (.html) the article is taken.

        Raises
        ------
        CorpusError
            If the list is empty or lacks a column, or the mirror is not a folder.
        MissingPackage
            If there is a page and trafilatura is not installed.
        """
        table = read_csv(self.path, required=COLUMNS)
        if self.mirror is not None and not self.mirror.is_dir():
            raise CorpusError(f"{self.mirror}: the mirror is no folder; leave it out to download instead.")
        for number, row in zip(table.index.tolist(), table.to_dict("records"), strict=True):
            account: dict[str, Any] = {}
            try:
                file = self._file(row)
                account = read_article(file) if file.suffix.lower() in PAGES else {"text": read_text(file)}
            except (OSError, ValueError) as error:
                account["skip"] = f"{row['path']}: {error}"
            told = {name: row[name] for name in COLUMNS if name not in ("path", "sha256") and row[name]}
            yield {**account, **told, "place": f"{self.path.name}, row {number}"}

    def _file(self, row: Mapping[Any, Any]) -> Path:
        expected = row["sha256"].strip().lower()
        if self.mirror is None:
            import pooch

            cached = pooch.retrieve(
                row["url"],
                known_hash=f"sha256:{expected}",
                fname=f"{expected[:16]}-{Path(row['path']).name}",
                path=pooch.os_cache("framing"),
            )
            return Path(cached)
        file = self.mirror / str(row["path"])
        if not file.is_file():
            raise ValueError(f"no such file in the mirror {self.mirror}; complete it, or leave it out to download")
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(
                f"sha256 is {found[:12]}..., expected {expected[:12]}...; the file changed since the list was made"
            )
        return file
