"""Opens a corpus folder: raw accounts in, ARTICLES and PASSAGES out, with every skip counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from framing import text as texts
from framing.errors import CorpusError, LanguageError
from framing.sources import Source
from framing.sources.fetched import FetchList
from framing.sources.files import TABLES, TEXTS, Folder, Table, read_article, read_csv, read_text
from framing.tables import ARTICLES, PASSAGES, check, empty

#: Accounts longer than this are skipped and counted: they are dumps or books, not news.
MAXIMUM_CHARACTERS = 1_000_000
_OPTIONAL = ("outlet", "side", "language", "title", "url", "published")


@dataclass(frozen=True)
class Corpus:
    """An opened corpus.

    Attributes
    ----------
    articles : DataFrame
        ARTICLES; ``copy_of`` is still null (see `framing.duplicates`).
    skipped : DataFrame
        A row an account left out: ``place`` (file and row) and ``reason``.
    gold : DataFrame or None
        ``event_id``, ``article_id``, ``copy_of`` as told by the corpus's makers, where it has a ``gold.csv``.
    files : dict
        sha256 of every file of the corpus (hidden ones aside), by its path inside it.
    notice : str
        What the report must say of the texts (``notice.txt``), "" where there is none.
    """

    articles: pd.DataFrame
    skipped: pd.DataFrame
    gold: pd.DataFrame | None
    files: Mapping[str, str]
    notice: str


def open_corpus(
    path: Path,
    *,
    mirror: Path | None = None,
    encoding: str = "utf-8",
    languages: Iterable[str] = texts.LANGUAGES,
) -> Corpus:
    """A corpus from a folder, a table or a single article.

    Parameters
    ----------
    path : Path
        A folder with ``articles/``, ``articles.csv`` (or .tsv, .jsonl, .parquet) or ``fetch.csv``, and optionally
        ``sources.csv`` (outlet, side), ``gold.csv`` (event_id, article_id, copy_of) and ``notice.txt``; or one such
        table; or one article. Of an account only ``text`` is required: ``published`` is ISO 8601, UTC where it names
        no zone; ``language`` is found from the text where it is not given; without an ``article_id`` it gets one
        from its content. Text that is hard-wrapped is unwrapped.
    mirror : Path, optional
        Where the files of a ``fetch.csv`` lie on this machine.
    encoding : str
        Of texts and tables of texts; all other files are UTF-8.
    languages : iterable of str
        Accounts in other languages are skipped and counted.

    Raises
    ------
    CorpusError
        If there is nothing to read, a table lacks ``text``, two accounts have one id, ``sources.csv`` or ``gold.csv``
        is not as expected, or nothing is left.
    MissingPackage
        If there is an HTML page and trafilatura is not installed.
    """
    path = Path(path)
    source, folder = _source(path, mirror, encoding)
    outlets = _outlets(folder) if folder else {}
    wanted = set(languages)
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    places: dict[str, str] = {}
    for account in source.read():
        row, reason = _row(account, outlets, wanted)
        if row is None:
            skipped.append({"place": str(account.get("place", "")), "reason": reason})
            continue
        place = str(account.get("place", ""))
        if row["article_id"] in places:
            if _is_missing(account.get("article_id")):
                skipped.append({"place": place, "reason": f"the same account as {places[row['article_id']]}"})
                continue
            raise CorpusError(
                f"{path}: two accounts have the id '{row['article_id']}': {places[row['article_id']]} and {place}; "
                "give each its own."
            )
        places[row["article_id"]] = place
        rows.append(row)
    if not rows:
        why = f"; first skip: {skipped[0]['place']}: {skipped[0]['reason']}" if skipped else ""
        raise CorpusError(f"{path}: no account left to work on{why}.")
    frame = pd.DataFrame(rows)
    frame["published"] = pd.to_datetime(frame["published"], utc=True).astype("datetime64[ns, UTC]")
    notice = folder / "notice.txt" if folder else None
    return Corpus(
        articles=check(frame.sort_values("article_id"), ARTICLES),
        skipped=pd.DataFrame(skipped, columns=["place", "reason"]),
        gold=_gold(folder) if folder else None,
        files=_digests(path),
        notice=read_text(notice).strip() if notice and notice.is_file() else "",
    )


def _source(path: Path, mirror: Path | None, encoding: str) -> tuple[Source, Path | None]:
    if path.is_file():
        if path.suffix.lower() in TABLES:
            return Table(path, encoding), None
        if path.suffix.lower() not in TEXTS:
            raise CorpusError(f"{path}: no article file; expected {', '.join(TEXTS)} or {', '.join(TABLES)}.")
        return _Single(path, encoding), None
    if not path.is_dir():
        raise CorpusError(f"{path}: no such corpus; give a folder, a table ({', '.join(TABLES)}) or an article.")
    if (path / "articles").is_dir():
        return Folder(path / "articles", encoding), path
    for suffix in TABLES:
        if (path / f"articles{suffix}").is_file():
            return Table(path / f"articles{suffix}", encoding), path
    if (path / "fetch.csv").is_file():
        return FetchList(path / "fetch.csv", mirror), path
    raise CorpusError(
        f"{path}: no articles in it; expected articles/ with {', '.join(TEXTS)}, or "
        f"articles{'|'.join(TABLES)}, or fetch.csv."
    )


@dataclass(frozen=True)
class _Single:
    path: Path
    encoding: str

    def read(self) -> Iterator[Mapping[str, Any]]:
        yield {**read_article(self.path, self.encoding), "place": self.path.name}


def _outlets(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "sources.csv"
    if not file.is_file():
        return {}
    table = read_csv(file, required=["outlet", "side"])
    known: dict[str, dict[str, Any]] = {}
    rows: dict[str, int] = {}
    for number, row in zip(table.index.tolist(), table.to_dict("records"), strict=True):
        outlet = str(row["outlet"]).strip()
        if not outlet or not str(row["side"]).strip():
            raise CorpusError(f"{file}, row {number}: an outlet needs a name and a side.")
        if outlet in known:
            raise CorpusError(f"{file}: rows {rows[outlet]} and {number} are both '{outlet}'; delete one.")
        known[outlet] = {str(name): str(value).strip() for name, value in row.items()}
        rows[outlet] = number
    return known


def _gold(folder: Path) -> pd.DataFrame | None:
    file = folder / "gold.csv"
    if not file.is_file():
        return None
    gold = read_csv(file, required=["event_id", "article_id"])
    twice = gold["article_id"].duplicated()
    if twice.any():
        number = gold.index[twice][0]
        raise CorpusError(f"{file}, row {number}: '{gold['article_id'][number]}' has a row already; delete one.")
    return gold.reset_index(drop=True)


def _row(
    account: Mapping[str, Any], outlets: Mapping[str, Mapping[str, Any]], languages: set[str]
) -> tuple[dict[str, Any] | None, str]:
    """A row of ARTICLES, or None and the reason why the account is skipped."""
    if account.get("skip"):
        return None, str(account["skip"])
    raw = account.get("text")
    if not isinstance(raw, str) or not raw.strip():
        return None, "empty text"
    if len(raw) > MAXIMUM_CHARACTERS:
        return None, f"{len(raw):,} characters, more than {MAXIMUM_CHARACTERS:,}; split it into articles"
    given = {name: "" if _is_missing(account.get(name)) else account[name] for name in _OPTIONAL}
    title = " ".join(texts.clean(str(given["title"])).split())
    body = _unwrapped(texts.clean(raw))
    if not body:
        return None, "empty text"
    text = f"{title}\n{body}" if title and not f"{body}\n".startswith(f"{title}\n") else body
    outlet = str(given["outlet"]).strip() or "unknown"
    known = outlets.get(outlet, {})
    if outlets and not known:
        return None, f"outlet '{outlet}' is not in sources.csv; add a row for it"
    language = str(given["language"]).strip() or texts.identify(text).language
    if language not in languages:
        return None, f"language '{language}' is not one of {', '.join(sorted(languages))}"
    try:
        published = _instant(given["published"])
    except (ValueError, TypeError):
        return (
            None,
            f"published '{given['published']}' is no ISO 8601 date; expected for instance 2022-12-12T14:05:00+04:00",
        )
    name = account.get("article_id")
    if _is_missing(name):
        whole = "\n".join([outlet, str(given["url"]), str(published), text])
        name = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return {
        "article_id": str(name).strip(),
        "outlet": outlet,
        "side": str(given["side"]).strip() or str(known.get("side", "")) or outlet,
        "language": language,
        "published": published,
        "title": title,
        "text": text,
        "url": str(given["url"]) or None,
        "copy_of": None,
    }, ""


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and (pd.isna(value) or value == ""))


def _instant(value: Any) -> Any:
    """The moment in UTC, NaT for ""; only ISO 8601: "12.10.2020" may be either of two days, and "today" any."""
    if value == "":
        return pd.NaT
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    elif not isinstance(value, (date, np.datetime64)):
        raise TypeError(value)
    moment = pd.Timestamp(value).as_unit("ns")
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")


_ENDS = frozenset(".!?…։:;")


def _unwrapped(text: str) -> str:
    """The cleaned text without the line breaks of a hard wrap: a line break ends a sentence everywhere else.

    A text counts as hard-wrapped if at least three line breaks, and a third of all, cut a sentence (no full stop
    before, a small letter after) and nine in ten of the lines so cut are over 0.6 times as wide as the widest.
    """
    lines = text.split("\n")
    widest = max(map(len, lines))
    pairs = [(line, after) for line, after in pairwise(lines) if line and after]
    cut = [line for line, after in pairs if not _is_ended(line) and after[0].islower()]
    wide = sum(len(line) >= 0.6 * widest for line in cut)
    if len(cut) < 3 or len(cut) < len(pairs) / 3 or wide < 0.9 * len(cut) or widest < 40:
        return text
    joined = lines[:1]
    for line, after in pairwise(lines):
        full = len(line) + 1 + len(after.split(" ", 1)[0]) > (1.0 if _is_ended(line) else 0.8) * widest
        if line and after and (full or (not _is_ended(line) and (after[0].islower() or line[-1] == ","))):
            hyphenated = line[-1] in texts.HYPHENS and line[-2:-1].isalpha() and after[0].isalpha()
            joined[-1] += after if hyphenated else f" {after}"
        else:
            joined.append(after)
    return "\n".join(joined)


def _is_ended(line: str) -> bool:
    return line.rstrip(texts.CLOSING_QUOTES + ")]")[-1:] in _ENDS


def _digests(path: Path) -> dict[str, str]:
    if path.is_file():
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    inside = ((file.relative_to(path), file) for file in sorted(path.rglob("*")) if file.is_file())
    return {
        name.as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in inside
        if not any(part.startswith(".") for part in name.parts)
    }


def split_passages(articles: pd.DataFrame, *, progress: Callable[[int], None] | None = None) -> pd.DataFrame:
    """PASSAGES: the sentences of each account, the unit that is scored.

    One telling sentence among four drowns in one vector; so sentences are scored and their scores aggregated.

    Raises
    ------
    LanguageError
        If an account's language is not one of `framing.text.LANGUAGES`.
    """
    rows: list[dict[str, Any]] = []
    for article in articles.to_dict("records"):
        language = article["language"]
        if language not in texts.LANGUAGES:
            raise LanguageError(
                f"article '{article['article_id']}': language '{language}'; known are {', '.join(texts.LANGUAGES)}."
            )
        text, title = article["text"], article["title"]
        for position, (start, end) in enumerate(texts.sentences(text, language)):
            rows.append(
                {
                    "passage_id": f"{article['article_id']}:{start}",
                    "article_id": article["article_id"],
                    "language": language,
                    "position": position,
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                    "headline": bool(title) and start < len(title),
                }
            )
        if progress is not None:
            progress(1)
    return check(pd.DataFrame(rows), PASSAGES) if rows else empty(PASSAGES)
