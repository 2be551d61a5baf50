"""Accounts from files: a table, a folder of texts or pages, or a single article."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import CorpusError, require

TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
TEXTS = (".txt", ".md", ".html", ".htm")
_RULE = "+++"


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file.

    Raises
    ------
    CorpusError
        If the file does not exist or is not in that encoding; the message names the place and the remedy.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file.")
    try:
        return path.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: byte {error.start} is not {encoding}; save the file as UTF-8, or name its encoding "
            "(for old Russian pages: encoding = \"cp1251\")."
        ) from error
    except LookupError as error:
        raise CorpusError(f"{path}: unknown encoding '{encoding}'; for instance utf-8 or cp1251.") from error


def read_article(path: Path, encoding: str = "utf-8") -> dict[str, Any]:
    """One account from a text file, with or without TOML front matter between ``+++`` lines, or an HTML page.

    In a text file the first line is the headline where an empty line follows it.

    Raises
    ------
    CorpusError
        If the file cannot be read or its front matter is not TOML.
    MissingPackage
        If the file is HTML and trafilatura is not installed.
    """
    raw = read_text(path, encoding)
    if path.suffix.lower() in (".html", ".htm"):
        return _from_page(path, raw)
    account: dict[str, Any] = {}
    if raw.startswith(_RULE + "\n"):
        head, rule, raw = raw[len(_RULE) + 1 :].partition(f"\n{_RULE}\n")
        if not rule:
            raise CorpusError(f"{path}: the front matter has no closing '{_RULE}' line; add one.")
        try:
            account = tomllib.loads(head)
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{path}: the front matter is not TOML: {error}.") from error
    title, gap, body = raw.strip().partition("\n\n")
    if gap and "\n" not in title and len(title) <= 300:
        account.setdefault("title", title)
        raw = body
    account["text"] = raw
    account["article_id"] = account.pop("id", account.get("article_id", path.stem))
    return account


def _from_page(path: Path, raw: str) -> dict[str, Any]:
    trafilatura = require("trafilatura", extra="web")
    found = trafilatura.bare_extraction(raw, with_metadata=True, include_comments=False)
    if found is None or not found.text:
        return {"article_id": path.stem, "skip": "no article text found in the page"}
    return {
        "article_id": path.stem,
        "title": found.title or "",
        "text": found.text,
        "published": found.date,
        "url": found.url,
        "outlet": found.sitename or found.hostname,
    }


@dataclass(frozen=True)
class Folder:
    """Every text file or page of a folder, in the order of their names."""

    path: Path
    encoding: str = "utf-8"

    def read(self) -> Iterator[Mapping[str, Any]]:
        """The accounts; a file that cannot be read is a counted skip, so that one does not stop the rest."""
        files = sorted(p for p in self.path.iterdir() if p.suffix.lower() in TEXTS)
        if not files:
            raise CorpusError(f"{self.path}: no article file in it; expected {', '.join(TEXTS)}.")
        for file in files:
            try:
                account = read_article(file, self.encoding)
            except CorpusError as error:
                account = {"article_id": file.stem, "skip": str(error)}
            yield {**account, "place": str(file.name)}


@dataclass(frozen=True)
class Table:
    """A table with a row an account: CSV, TSV, JSON lines or Parquet; the column ``text`` is required."""

    path: Path
    encoding: str = "utf-8"

    def read(self) -> Iterator[Mapping[str, Any]]:
        """The accounts in the order of the rows.

        Raises
        ------
        CorpusError
            If the file is empty, broken, or has no column ``text``.
        """
        suffix = self.path.suffix.lower()
        if suffix == ".parquet":
            frame = pd.read_parquet(self.path)
            rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
            columns = [str(name) for name in frame.columns]
        elif suffix == ".jsonl":
            rows = list(self._json_lines())
            columns = sorted({name for row in rows for name in row})
        else:
            read_text(self.path, self.encoding)
            try:
                frame = pd.read_csv(
                    self.path,
                    sep="\t" if suffix == ".tsv" else ",",
                    dtype=str,
                    keep_default_na=False,
                    encoding="utf-8-sig" if self.encoding == "utf-8" else self.encoding,
                )
            except pd.errors.EmptyDataError as error:
                raise CorpusError(f"{self.path}: the file is empty; expected a header and rows.") from error
            except pd.errors.ParserError as error:
                raise CorpusError(
                    f"{self.path}: {error}; quote cells that hold the separator or a line break."
                ) from error
            rows = frame.to_dict("records")  # type: ignore[assignment]
            columns = [str(name) for name in frame.columns]
        if not rows and "text" in columns:
            raise CorpusError(f"{self.path}: a header but no rows.")
        if "text" not in columns:
            raise CorpusError(
                f"{self.path}: no column 'text' (found: {', '.join(columns) or 'nothing'}); rename the column that "
                "holds the article's body to 'text'."
            )
        for number, row in enumerate(rows, start=2 if suffix in (".csv", ".tsv") else 1):
            yield {**row, "place": f"{self.path.name}, row {number}"}

    def _json_lines(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(read_text(self.path, self.encoding).splitlines(), start=1):
            if line.strip():
                try:
                    item = json.loads(line)
                except json.JSONDecodeError as error:
                    raise CorpusError(f"{self.path}, line {number}: not JSON: {error}.") from error
                if not isinstance(item, dict):
                    raise CorpusError(f"{self.path}, line {number}: expected an object, found {item!r:.40}.")
                yield item
