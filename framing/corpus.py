"""Opens a corpus folder: raw accounts in, ARTICLES and PASSAGES out, with every skip counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing import text as texts
from framing.errors import CorpusError, LanguageError
from framing.sources import Source
from framing.sources.fetched import FetchList
from framing.sources.files import TABLES, TEXTS, Folder, Table, read_article
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
        sha256 of every file read, by its path inside the corpus.
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
        ``sources.csv`` (outlet, side, language), ``gold.csv`` and ``notice.txt``; or one such table; or one article.
    mirror : Path, optional
        Where the files of a ``fetch.csv`` lie on this machine.
    encoding : str
        Of texts and tables.
    languages : iterable of str
        Accounts in other languages are skipped and counted.

    Raises
    ------
    CorpusError
        If there is nothing to read, a table lacks ``text``, two accounts have one id, or nothing is left.
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
    gold = folder / "gold.csv" if folder else None
    notice = folder / "notice.txt" if folder else None
    return Corpus(
        articles=check(frame.sort_values("article_id"), ARTICLES),
        skipped=pd.DataFrame(skipped, columns=["place", "reason"]),
        gold=pd.read_csv(gold, dtype=str, keep_default_na=False) if gold and gold.is_file() else None,
        files=_digests(path),
        notice=notice.read_text(encoding="utf-8").strip() if notice and notice.is_file() else "",
    )


def _source(path: Path, mirror: Path | None, encoding: str) -> tuple[Source, Path | None]:
    if path.is_file():
        if path.suffix.lower() in TABLES:
            return Table(path, encoding), None
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

    def read(self) -> Iterable[Mapping[str, Any]]:  # type: ignore[override]
        yield {**read_article(self.path, self.encoding), "place": self.path.name}


def _outlets(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "sources.csv"
    if not file.is_file():
        return {}
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for name in ("outlet", "side"):
        if name not in table.columns:
            raise CorpusError(f"{file}: no column '{name}' (found: {', '.join(table.columns)}).")
    return {str(row["outlet"]): {str(k): v for k, v in row.items()} for row in table.to_dict("records")}


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
    body = texts.clean(raw)
    if not body:
        return None, "empty text"
    text = f"{title}\n{body}" if title and not body.startswith(title) else body
    outlet = str(given["outlet"]) or "unknown"
    known = outlets.get(outlet, {})
    if outlets and not known:
        return None, f"outlet '{outlet}' is not in sources.csv; add a row for it"
    language = str(given["language"]) or texts.identify(text).language
    if language not in languages:
        return None, f"language '{language}' is not one of {', '.join(sorted(languages))}"
    published = pd.NaT
    if given["published"] != "":
        try:
            published = pd.Timestamp(given["published"])
        except (ValueError, TypeError):
            return None, f"published '{given['published']}' is no date; expected for instance 2022-12-12T14:05:00+04:00"
        if pd.notna(published):
            published = published.tz_localize("UTC") if published.tzinfo is None else published.tz_convert("UTC")
    name = account.get("article_id")
    return {
        "article_id": hashlib.sha256(text.encode()).hexdigest()[:12] if _is_missing(name) else str(name),
        "outlet": outlet,
        "side": str(given["side"]) or str(known.get("side", "")) or outlet,
        "language": language,
        "published": published,
        "title": title,
        "text": text,
        "url": str(given["url"]) or None,
        "copy_of": None,
    }, ""


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value) or value is pd.NaT


def _digests(path: Path) -> dict[str, str]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    root = path.parent if path.is_file() else path
    return {str(f.relative_to(root)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


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
