"""Aligner: ARTICLES -> EVENTS, which accounts in whichever language tell of the same event."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform
from scipy.special import expit

from framing import text as texts
from framing.duplicates import centred, find_translations, originals
from framing.errors import CorpusError
from framing.models import Encoder, VectorCache
from framing.tables import ARTICLES, EVENTS, MENTIONS, check

Array = npt.NDArray[np.float64]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]

WINDOW_DAYS = 3
THRESHOLD = 0.5
NEIGHBOURS = 8
OUTLET_DAYS = 1

#: What speaks for or against a pair, in the order of ``weights/alignment.toml``; meanings in `evidence`.
EVIDENCE = ("cosine", "margin", "actors", "numbers", "words", "closeness", "undated", "unnamed", "foreign")
WEIGHTS = Path(__file__).parent / "weights" / "alignment.toml"

_COPY_SENTENCES = 8  # that are looked at for a translation of another account: a copy keeps its opening
_STEM = 5  # letters of a word that count
_GROUPED = re.compile(r"(?<=\d)[ .,\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d{2,}")


class Agreement(NamedTuple):
    """How well a grouping agrees with the true one; each 0 to 1."""

    precision: float
    recall: float
    f1: float


def align(
    articles: pd.DataFrame,
    vectors: npt.NDArray[np.floating],
    mentions: pd.DataFrame,
    *,
    window_days: float = WINDOW_DAYS,
    threshold: float = THRESHOLD,
    neighbours: int = NEIGHBOURS,
    outlet_days: float = OUTLET_DAYS,
) -> pd.DataFrame:
    """Events: groups of accounts that tell of the same thing, across languages and sides.

    Joins what an encoder sees with what it overlooks: rare actors, places and numbers that two accounts
    share, and their dates. Vectors are centred per language first, because in multilingual E5 the
    language itself is the strongest signal: on raw vectors accounts cluster by language, not by event.

    Parameters
    ----------
    articles : ARTICLES
        Accounts known as copies of one another (``copy_of``) count as perfectly alike.
    vectors : array of shape (A, H)
        One vector per account in the order of ``articles``, of length 1.
    mentions : MENTIONS
        Actors and places named; may be empty. Sharing counts by rarity: what every account names, says nothing.
    window_days : float
        Accounts further apart than this are never paired directly; those without a date may pair with any.
    threshold : float
        Mean probability of the pairs (0 to 1) above which groups are joined. Lower gives fewer, larger events.
    neighbours : int
        Nearest accounts in each language that set an account's usual likeness. Choose it larger than
        the number of accounts that one event has in one language.
    outlet_days : float
        Two accounts of one outlet in one language that are so far apart or more are never paired directly, unless one
        copies the other: a daily paper that comes back to a topic mostly has something new. Infinity lifts this.

    Returns
    -------
    EVENTS
        Every account in one event, alone where it is like no other. Sorted by event, then account. The id is
        the event's earliest date (or ``undated``) and a hash of its first account's id, so it stays the same when
        other events come in. ``similarity`` is the mean probability of its pairs with the event's other accounts.

    Raises
    ------
    CorpusError
        If there is not one finite vector per account, or a setting is out of range.

    Notes
    -----
    The probability of a pair is logistic in its `evidence`, with its `company` as prior. The ratio margin is of cosines
    moved to 0..2, so that it is defined for centred vectors; neighbours are sought in the whole corpus, not in the
    window, where they would often be the event itself. Groups are joined by average linkage. The result does not
    depend on the order of the rows. Memory grows with the square of A.

    References
    ----------
    Artetxe & Schwenk (2019), Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings.
    """
    table = check(articles, ARTICLES)
    if vectors.ndim != 2 or len(vectors) != len(table) or not np.isfinite(vectors).all():
        raise CorpusError(
            f"vectors: expected one finite row per account ({len(table)}), found shape {vectors.shape}. "
            "Encode the accounts in the order of the table."
        )
    if not 0 < threshold < 1 or min(window_days, outlet_days) < 0 or neighbours < 1:
        raise CorpusError(
            "expected threshold between 0 and 1, window_days and outlet_days from 0 and neighbours from 1, found "
            f"{threshold}, {window_days}, {outlet_days} and {neighbours}."
        )
    order = np.argsort(table["article_id"].to_numpy(dtype=object))
    table = table.iloc[order].reset_index(drop=True)
    if len(table) < 2:
        return _events(table, np.zeros(len(table), dtype=np.intp), np.eye(len(table)))
    score = pair_scores(
        table,
        vectors[order].astype(np.float64),
        named_actors(table, mentions),
        window_days=window_days,
        neighbours=neighbours,
        outlet_days=outlet_days,
    )
    return _events(table, grouped(score, threshold), score)


def align_by_column(articles: pd.DataFrame, events: Sequence[str | None] | pd.Series[str]) -> pd.DataFrame:
    """Events that are known beforehand, for instance from a hand-made list.

    Parameters
    ----------
    articles : ARTICLES
    events : sequence of str, A long
        Event id of each account in the order of ``articles``; missing or ``""`` leaves the account out.

    Returns
    -------
    EVENTS
        Sorted by event, then account; ``similarity`` is 1.

    Raises
    ------
    CorpusError
        If there is not one value per account.
    """
    table = check(articles, ARTICLES)
    if len(events) != len(table):
        raise CorpusError(f"events: expected one id per account ({len(table)}), found {len(events)}.")
    found = pd.DataFrame({"event_id": list(events), "article_id": table["article_id"], "similarity": 1.0})
    found = found[found["event_id"].notna() & (found["event_id"] != "")]
    found = found.astype({"event_id": "str"})
    return check(found.sort_values(["event_id", "article_id"]), EVENTS)


def b_cubed(gold: pd.Series[str], found: pd.Series[str]) -> Agreement:
    """Agreement of two groupings, account by account: an event weighs by its accounts, not by its pairs.

    Parameters
    ----------
    gold, found : Series of str
        Event ids indexed by article_id, of the same accounts in any order.

    Returns
    -------
    Agreement
        Means over accounts, so that an account alone in both groupings counts as right.

    Raises
    ------
    CorpusError
        If the accounts differ, are named twice, or there are none.

    References
    ----------
    Bagga & Baldwin (1998), Entity-based Cross-document Coreferencing Using the Vector Space Model.

    Examples
    --------
    >>> ids = ["a", "b", "c", "d"]
    >>> b_cubed(pd.Series(list("1122"), index=ids), pd.Series(list("1222"), index=ids)).recall
    0.75
    """
    both, true, own = _overlaps(gold, found)
    precision = float((both / own[both.index.get_level_values("found")].to_numpy() * both).sum() / both.sum())
    recall = float((both / true[both.index.get_level_values("gold")].to_numpy() * both).sum() / both.sum())
    return Agreement(precision, recall, 2 * precision * recall / (precision + recall))


def pairwise_f1(gold: pd.Series[str], found: pd.Series[str]) -> float:
    """F1 over pairs of accounts that share an event; NaN where neither grouping has a pair.

    Parameters
    ----------
    gold, found : Series of str
        As for `b_cubed`.

    Raises
    ------
    CorpusError
        As for `b_cubed`.
    """
    hits, true, own = (float((n * (n - 1) / 2).sum()) for n in _overlaps(gold, found))
    return 2 * hits / (true + own) if true + own else float("nan")


def evidence(
    table: pd.DataFrame,
    vectors: Array,
    actors: Sequence[frozenset[str]],
    *,
    window_days: float = WINDOW_DAYS,
    neighbours: int = NEIGHBOURS,
) -> Iterator[tuple[str, Array]]:
    """What speaks for or against each two accounts being of one event, a matrix of shape (A, A) at a time.

    One at a time, because all together they would take several times the memory of the result.

    Parameters
    ----------
    table : ARTICLES
    vectors : array of shape (A, H)
    actors : sequence of sets, A long
        Actors and places that each account names.

    Yields
    ------
    tuple of str and array
        In the order of `EVIDENCE`: ``cosine`` of vectors centred per language (-1 to 1); ``margin``, their ratio margin
        less 1; ``actors``, ``numbers`` and, in one language, ``words`` that both have, by rarity (0 to 1);
        ``closeness`` in time (1 at the same moment, 0 beyond the window or where a date is missing). And what is
        missing, as 0 or 1: ``undated``, a date; ``unnamed``, an actor; ``foreign``, a common language.
    """
    language = table["language"].to_numpy(dtype=object)
    alike = language[:, None] == language
    rows = centred(vectors, language)
    cosine = np.clip(rows @ rows.T, -1, 1)
    yield "cosine", cosine
    yield "margin", _margin(cosine, language, neighbours) - 1
    yield "actors", _shared(actors)
    yield "numbers", _shared([_numbers(text) for text in table["text"]])
    yield "words", _shared([_words(*row) for row in zip(table["text"], table["language"], strict=True)])
    days = _days_apart(table["published"])
    yield "closeness", np.nan_to_num(np.clip(1 - days / (window_days + 1), 0, 1))
    yield "undated", np.isnan(days).astype(np.float64)
    silent = np.array([not names for names in actors])
    yield "unnamed", (silent[:, None] | silent).astype(np.float64)
    yield "foreign", (~alike).astype(np.float64)


def company(published: pd.Series[pd.Timestamp], window_days: float) -> Array:
    """How many other accounts each two might pair with (their geometric mean), shape (A, A), at least 1.

    An event is told by a handful whether ten or ten thousand accounts were published on those days, so the odds
    that two of them share one fall with their number.
    """
    others = np.maximum((~(_days_apart(published) > window_days)).sum(axis=1) - 1.0, 1.0)
    return np.asarray(np.sqrt(np.outer(others, others)), dtype=np.float64)


@functools.cache
def weights() -> Mapping[str, float]:
    """The weight of each piece of `evidence`, and the ``intercept``, in the log odds that two accounts share an event.

    Fitted by `framing.pairing.fit` (`framing train --alignment`); the file tells on what.
    """
    told = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return {name: float(told[name]) for name in ("intercept", *EVIDENCE)}


def pair_scores(
    table: pd.DataFrame,
    vectors: Array,
    actors: Sequence[frozenset[str]],
    *,
    window_days: float = WINDOW_DAYS,
    neighbours: int = NEIGHBOURS,
    outlet_days: float = OUTLET_DAYS,
    known: Mapping[str, float] | None = None,
) -> Array:
    """The probability that two accounts tell of one event, shape (A, A), 1 on the diagonal and between copies.

    Parameters are those of `align` and `evidence`; ``known`` are the `weights`, by default those of the package.
    """
    known = weights() if known is None else known
    total = known["intercept"] - np.log(company(table["published"], window_days))
    for name, matrix in evidence(table, vectors, actors, window_days=window_days, neighbours=neighbours):
        total += known[name] * matrix
    score = expit(total)
    days = _days_apart(table["published"])
    score[_of_one_outlet(table) & (days >= outlet_days)] = 0
    roots = originals(table).to_numpy(dtype=object)
    score[roots[:, None] == roots] = 1
    score[days > window_days] = 0
    score = (score + score.T) / 2
    np.fill_diagonal(score, 1)
    return np.asarray(score, dtype=np.float64)


def grouped(score: Array, threshold: float = THRESHOLD) -> npt.NDArray[np.intp]:
    """A group number an account: average linkage of pair scores (at most 1), shape (A, A)."""
    if len(score) < 2:
        return np.zeros(len(score), dtype=np.intp)
    tree = linkage(squareform(1 - score, checks=False), method="average")
    return np.asarray(fcluster(tree, 1 - threshold, criterion="distance"), dtype=np.intp)


def named_actors(articles: pd.DataFrame, mentions: pd.DataFrame) -> list[frozenset[str]]:
    """The actors and places that each account names, in the order of ``articles``."""
    named = check(mentions, MENTIONS).groupby("article_id")["actor"].agg(frozenset)
    return [named.get(account, frozenset()) for account in articles["article_id"]]


def encoded(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    encoder: Encoder,
    *,
    copies: bool = True,
    cache: VectorCache | None = None,
    progress: Progress,
) -> tuple[pd.DataFrame, Array]:
    """What `align` needs of an encoder: ARTICLES with translated copies marked, and a vector an account.

    Parameters
    ----------
    articles : ARTICLES
        After `framing.duplicates.find_copies`.
    passages : PASSAGES
        Their sentences; not looked at without ``copies``.

    Returns
    -------
    tuple of ARTICLES and array of shape (A, H)
        Vectors of `openings`, rounded: their last digits depend on which others were in a batch.
    """
    with progress("vectors", len(articles)) as tell:
        vectors = encoder.encode([openings(text) for text in articles["text"]], cache=cache, progress=tell)
    if copies:
        first = passages.groupby("article_id", sort=False).cumcount() <= _COPY_SENTENCES  # the headline is one more
        sentences = passages[first].reset_index(drop=True)
        with progress("translated copies", len(sentences)) as tell:
            made = encoder.encode(sentences["text"].tolist(), cache=cache, progress=tell)
        articles = find_translations(articles, sentences, np.round(made, 5))
    return articles, np.round(vectors, 5).astype(np.float64)


def openings(text: str, limit: int = 900) -> str:
    """The headline and the first paragraphs: what tells which event an account is of."""
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0]


def _of_one_outlet(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether two accounts are of one outlet and in one language; those without a known outlet are of none."""
    outlet = table["outlet"].to_numpy(dtype=object)
    language = table["language"].to_numpy(dtype=object)
    return np.asarray((outlet[:, None] == outlet) & (language[:, None] == language) & (outlet != "unknown"))


def _margin(cosine: Array, language: npt.NDArray[np.object_], neighbours: int) -> Array:
    """Likeness of two accounts over the usual likeness of each to its nearest in the other's language."""
    others = cosine.copy()
    np.fill_diagonal(others, -np.inf)
    languages, place = np.unique(language, return_inverse=True)
    usual = np.full((len(cosine), len(languages)), np.nan)
    for column in range(len(languages)):
        pool = others[:, place == column]
        nearest = np.sort(pool, axis=1)[:, ::-1][:, :neighbours]
        there = np.isfinite(nearest)  # an account is no neighbour of its own
        count = there.sum(axis=1)
        known = count > 0
        usual[known, column] = np.where(there, nearest, 0).sum(axis=1)[known] / count[known]
    mine = usual[:, place]
    mine = np.where(np.isnan(mine), mine.T, mine)
    expected = (mine + mine.T) / 2
    ratio = (1 + cosine) / np.maximum(1 + expected, 1e-6)
    return np.asarray(np.where(np.isnan(ratio), 1.0, ratio), dtype=np.float64)


def _shared(sets: Sequence[frozenset[str]]) -> Array:
    """Jaccard of every two sets, members weighted by rarity; 0 where neither has any."""
    names = sorted(frozenset().union(*sets))
    if not names:
        return np.zeros((len(sets), len(sets)))
    column = {name: i for i, name in enumerate(names)}
    rows = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    columns = np.array([column[name] for one in sets for name in sorted(one)])
    here = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(sets), len(names)))
    rarity = np.log((len(sets) + 1) / here.sum(axis=0))
    both = (here.multiply(rarity).tocsr() @ here.T).toarray()
    own = both.diagonal()
    either = own[:, None] + own - both
    return np.asarray(both / np.where(either > 0, either, 1), dtype=np.float64)


def _numbers(text: str) -> frozenset[str]:
    """Numbers of two digits and more, thousands joined: the same in every script."""
    return frozenset(_NUMBER.findall(_GROUPED.sub("", text)))


def _words(text: str, language: str) -> frozenset[str]:
    """Openings of the longer words, which most inflected forms share, marked with the language."""
    low = texts.lower(text, language)
    spans = texts.words(low, language)
    return frozenset(f"{language}:{low[a : min(b, a + _STEM)]}" for a, b in spans if b - a >= _STEM - 1)


def _days_apart(published: pd.Series[pd.Timestamp]) -> Array:
    """Days between every two accounts, shape (A, A); NaN where a date is missing."""
    start = published.min()
    days = ((published - start) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    return np.abs(days[:, None] - days)


def _events(table: pd.DataFrame, groups: npt.NDArray[np.integer], score: Array) -> pd.DataFrame:
    """EVENTS from a group number per account."""
    found = table[["article_id", "published"]].assign(group=groups, similarity=1.0)
    ids = {}
    for group, members in found.groupby("group"):
        first = members.sort_values(["published", "article_id"], na_position="last").iloc[0]
        day = "undated" if pd.isna(first["published"]) else f"{first['published']:%Y-%m-%d}"
        ids[group] = f"{day}-{hashlib.sha256(first['article_id'].encode()).hexdigest()[:8]}"
        if len(members) > 1:
            rows = members.index.to_numpy(dtype=np.intp)
            inside = score[rows][:, rows]
            mean = (inside.sum(axis=1) - 1) / (len(members) - 1)
            found.loc[members.index, "similarity"] = np.clip(mean, 0, 1)
    found["event_id"] = found["group"].map(ids).astype("str")
    return check(found.sort_values(["event_id", "article_id"]), EVENTS)


def _overlaps(gold: pd.Series[str], found: pd.Series[str]) -> tuple[pd.Series[int], pd.Series[int], pd.Series[int]]:
    """Accounts of each true and found event in common, of each true one, and of each found one."""
    wrong = sorted(set(gold.index) ^ set(found.index))
    if wrong or gold.empty or not (gold.index.is_unique and found.index.is_unique):
        raise CorpusError(
            f"expected the same accounts once in both groupings, found {len(gold)} and {len(found)}, of them "
            f"{len(wrong)} in one only ({', '.join(map(str, wrong[:3]))}). Keep the accounts that both have."
        )
    table = pd.DataFrame({"gold": gold, "found": found})
    return (
        table.groupby(["gold", "found"]).size(),
        table.groupby("gold").size(),
        table.groupby("found").size(),
    )
