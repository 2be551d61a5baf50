"""Accounts from files: a table, a folder of texts or pages, or a single article."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import CorpusError, MissingPackage, require

TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
PAGES = (".html", ".htm")
TEXTS = (".txt", ".md", *PAGES)
_RULE = "+++"
_FRONT = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_HEADLINE = re.compile(r"\s*(\S[^\n]{0,300})\n[^\S\n]*\n")


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file, with line breaks as ``\\n`` and without a byte order mark.

    Raises
    ------
    CorpusError
        If the file does not exist, cannot be read, or is not in that encoding (a UTF-8 file that was said to be
        cp1251 too); the message names the place and the remedy.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file.")
    try:
        raw = path.read_bytes()
        text = raw.decode(encoding)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: byte {error.start} is not {encoding}; save the file as UTF-8, or name its encoding "
            '(for old Russian pages: encoding = "cp1251").'
        ) from error
    except LookupError as error:
        raise CorpusError(f"{path}: unknown encoding '{encoding}'; for instance utf-8 or cp1251.") from error
    text = text.removeprefix("\ufeff")
    unicode = raw.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not raw.isascii() and text != unicode and "\ufffd" not in unicode:
        raise CorpusError(f"{path}: the file is UTF-8, not {encoding}; leave the encoding out.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_csv(path: Path, *, required: Sequence[str], encoding: str = "utf-8", separator: str = ",") -> pd.DataFrame:
    """A table of strings; its index is the row number in a spreadsheet (the header is row 1), empty rows left out.

    Raises
    ------
    CorpusError
        If the file is empty, broken, without rows, or lacks a required column.
    """
    try:
        frame = pd.read_csv(
            io.StringIO(read_text(path, encoding)),
            sep=separator,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except pd.errors.EmptyDataError as error:
        raise CorpusError(f"{path}: the file is empty; expected a header and rows.") from error
    except pd.errors.ParserError as error:
        raise CorpusError(
            f"{path}: {str(error).strip().rstrip('.')}; quote cells that hold the separator or a line break."
        ) from error
    columns = [str(name) for name in frame.columns]
    missing = [name for name in required if name not in columns]
    if missing:
        hint = " Are the columns parted by commas?" if len(columns) == 1 and separator == "," else ""
        raise CorpusError(
            f"{path}: no column '{missing[0]}' (found: {', '.join(columns)}); rename the column that holds it, or "
            f"add it.{hint}"
        )
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes a surplus first cell for the row's name
        raise CorpusError(f"{path}: row 2 has more cells than the header; quote cells that hold the separator.")
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    frame = frame.fillna("")
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise CorpusError(f"{path}: a header but no rows; add at least one.")
    return frame


def read_article(path: Path, encoding: str = "utf-8") -> dict[str, Any]:
    """One account from a text file, with or without TOML front matter between ``+++`` lines, or an HTML page.

    In a text file the first line is the headline where an empty line follows it, unless the front matter names
    another ``title``.

    Raises
    ------
    CorpusError
        If the file cannot be read or its front matter is not TOML.
    MissingPackage
        If the file is HTML and trafilatura is not installed.
    """
    raw = read_text(path, encoding)
    if path.suffix.lower() in PAGES:
        return _from_page(path, raw)
    account: dict[str, Any] = {}
    if raw.partition("\n")[0].rstrip() == _RULE:
        front = _FRONT.match(raw)
        if front is None:
            raise CorpusError(f"{path}: the front matter has no closing '{_RULE}' line; add one.")
        try:
            account = tomllib.loads("\n" + front[1])  # so that the line it names is the file's
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{path}: the front matter is not TOML: {error}.") from error
        raw = raw[front.end() :]
    headline = _HEADLINE.match(raw)
    if headline is not None and account.get("title", headline[1].strip()) == headline[1].strip():
        account["title"] = headline[1].strip()
        raw = raw[headline.end() :]
    account["text"] = raw
    account["article_id"] = account.pop("id", account.get("article_id", path.stem))
    return account


def _from_page(path: Path, raw: str) -> dict[str, Any]:
    try:
        trafilatura = require("trafilatura", extra="web")
    except MissingPackage:
        raise
    except ImportError as error:  # old pips leave out lxml_html_clean, which it needs
        raise MissingPackage(
            f"'trafilatura' cannot be imported ({' '.join(str(error).split())}). Install what it lacks with: "
            "pip install lxml_html_clean."
        ) from error
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
        """The accounts; what cannot be read is a counted skip, so that one file does not stop the rest.

        Raises
        ------
        CorpusError
            If no file of the folder is a text or a page.
        MissingPackage
            If there is a page and trafilatura is not installed.
        """
        files = sorted(p for p in self.path.iterdir() if not p.name.startswith("."))
        if not any(p.suffix.lower() in TEXTS for p in files):
            raise CorpusError(f"{self.path}: no article file in it; expected {', '.join(TEXTS)}.")
        for file in files:
            account: dict[str, Any] = {"article_id": file.stem}
            if file.is_dir():
                account["skip"] = "a folder inside the folder; move its articles up"
            elif file.suffix.lower() not in TEXTS:
                account["skip"] = f"no article file; expected {', '.join(TEXTS)}"
            else:
                try:
                    account = read_article(file, self.encoding)
                except CorpusError as error:
                    account["skip"] = str(error)
            yield {**account, "place": file.name}


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
        rows: list[tuple[str, dict[str, Any]]]
        if suffix in (".csv", ".tsv"):
            separator = "\t" if suffix == ".tsv" else ","
            frame = read_csv(self.path, required=["text"], encoding=self.encoding, separator=separator)
            numbers = frame.index.tolist()
            rows = [(f"row {number}", row) for number, row in zip(numbers, _records(frame), strict=True)]
        elif suffix == ".jsonl":
            rows = [(f"line {number}", row) for number, row in self._json_lines()]
        else:
            rows = [(f"row {number}", row) for number, row in enumerate(self._parquet(), start=1)]
        if not rows:
            raise CorpusError(f"{self.path}: the file is empty; expected an account a row.")
        columns = sorted({name for _, row in rows for name in row})
        if "text" not in columns:
            raise CorpusError(
                f"{self.path}: no column 'text' (found: {', '.join(columns) or 'nothing'}); rename the column that "
                "holds the article's body to 'text'."
            )
        for place, row in rows:
            yield {**row, "place": f"{self.path.name}, {place}"}

    def _parquet(self) -> list[dict[str, Any]]:
        try:
            return _records(pd.read_parquet(self.path))
        except (OSError, ValueError) as error:
            raise CorpusError(f"{self.path}: not a Parquet file: {error}") from error

    def _json_lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        # not splitlines: JSON strings may hold U+2028 and U+0085 as they are
        for number, line in enumerate(read_text(self.path, self.encoding).split("\n"), start=1):
            if line.strip():
                try:
                    item = json.loads(line)
                except json.JSONDecodeError as error:
                    raise CorpusError(
                        f"{self.path}, line {number}: not JSON: {error.msg} at character {error.colno}; expected one "
                        "object a line."
                    ) from error
                if not isinstance(item, dict):
                    raise CorpusError(f"{self.path}, line {number}: expected an object, found {item!r:.40}.")
                yield number, item


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
