"""Reprints and wire copy: which accounts are not independent of an earlier one."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing import text
from framing.errors import CorpusError
from framing.tables import ARTICLES, PASSAGES, check

Array = npt.NDArray[np.float64]

THRESHOLD = 0.6  # share of an account's shingles that an earlier account has
TRANSLATION_THRESHOLD = 0.6  # share of an account's sentences that are aligned to an earlier account
MARGIN = 1.2  # a sentence's likeness to its counterpart, over its likeness to its nearest others
_SHINGLE_WORDS = 4
_FEWEST_WORDS = 8  # below this a body cannot tell: the headline is read along
_FEWEST_SENTENCES = 3
_BOILERPLATE = 50  # a shingle in that many originals is a footer, and proposes no candidates
_NEAREST = 4
_LIKENESS = 0.4  # cosine below which no sentence is a translation, however unlike the others are
_PRIOR = 1  # rows' worth of the overall mean in each language's mean


def find_copies(articles: pd.DataFrame, threshold: float = THRESHOLD) -> pd.DataFrame:
    """ARTICLES with ``copy_of`` filled where an account reprints an earlier one in the same language.

    Counts the runs of four words of the body that both share, so a new headline, changed marks or case
    and a cut or added paragraph do not hide a reprint; two reports that quote one statement stay apart.

    Parameters
    ----------
    articles : ARTICLES
        Values of ``copy_of`` that are already there are kept.
    threshold : float
        Share (0 to 1) of the later account's runs that the earlier one has. Where one of the two dates is
        missing or both are equal there is no later account: the Dice coefficient of the two is used.

    Returns
    -------
    ARTICLES
        In the order given. ``copy_of`` names an independent account (never a copy): the earliest
        published, then the lowest id; accounts without a date come last.

    Raises
    ------
    CorpusError
        If ``threshold`` is not above 0 and at most 1, or the table is not ARTICLES.

    Notes
    -----
    Each account is compared only with the independent accounts that share a run with it (an inverted
    index), so time grows with the length of the corpus, not with its square.

    References
    ----------
    Broder (1997), On the Resemblance and Containment of Documents.
    """
    table = check(articles, ARTICLES)
    if not 0 < threshold <= 1:
        raise CorpusError(f"threshold: expected a share above 0 and at most 1, found {threshold}.")
    shingles: dict[int, frozenset[int]] = {}
    postings: dict[tuple[str, int], list[int]] = defaultdict(list)
    found: dict[int, int] = {}
    ordered = _in_order(table)
    for rank, account in enumerate(ordered):
        if account.copied:
            continue
        own = _shingles(account.title, account.text, account.language)
        candidates: set[int] = set()
        for shingle in own:
            holders = postings[account.language, shingle]
            if len(holders) <= _BOILERPLATE:
                candidates.update(holders)
        shares = {}
        for other in candidates:
            shared = len(own & shingles[other])
            both = len(own) + len(shingles[other])
            shares[other] = shared / len(own) if account.follows(ordered[other]) else 2 * shared / both
        best = min(shares, key=lambda other: (-shares[other], other), default=rank)
        if shares.get(best, 0.0) >= threshold:
            found[rank] = best
            continue
        shingles[rank] = own
        for shingle in own:
            postings[account.language, shingle].append(rank)
    return _filled(table, ordered, found)


def find_translations(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    vectors: npt.NDArray[np.floating],
    *,
    threshold: float = TRANSLATION_THRESHOLD,
    margin: float = MARGIN,
) -> pd.DataFrame:
    """ARTICLES with ``copy_of`` filled where an account translates an earlier one in another language.

    Aligns sentences, not whole articles, because two reports of one event are alike as wholes; only in
    a translation does most sentences' best match lie in the same other article, both ways.

    Parameters
    ----------
    articles : ARTICLES
        After `find_copies`: accounts that are copies already are passed over.
    passages : PASSAGES
        Their sentences; headlines are not used.
    vectors : array of shape (P, H)
        Multilingual sentence vectors of length 1, a row per passage in the order of ``passages``.
    threshold : float
        Share (0 to 1) of the later account's sentences that must be aligned; where the dates are equal or
        one is missing, of the longer account's.
    margin : float
        How many times more alike than to their nearest others (ratio margin) two sentences must be.

    Returns
    -------
    ARTICLES
        In the order given; accounts with fewer than three sentences are never called a translation.

    Raises
    ------
    CorpusError
        If there is not one vector per passage, or a threshold is out of range.

    Notes
    -----
    Measured on SIB-200, 40 texts of ten sentences with a translation in another of az, hy, ru and en
    (multilingual E5 small): of sentences that were translated 99 % were aligned, whether all, six or three of
    the ten; no pair of unrelated texts reached a share above 0.3. Not measured on independent reports of
    one event, which share more than unrelated texts do; ``margin`` was chosen on these same texts.

    References
    ----------
    Artetxe & Schwenk (2019), Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings.
    """
    table, sentences = check(articles, ARTICLES), check(passages, PASSAGES)
    if vectors.ndim != 2 or len(vectors) != len(sentences):
        raise CorpusError(
            f"vectors: expected one row per passage ({len(sentences)}), found shape {vectors.shape}. "
            "Encode the passages in the order of the table."
        )
    if not 0 < threshold <= 1 or margin <= 0:
        raise CorpusError(
            f"expected threshold above 0 and at most 1 and margin above 0, found {threshold} and {margin}."
        )
    ordered = _in_order(table)
    rank = sentences["article_id"].map({a.article_id: i for i, a in enumerate(ordered) if not a.copied})
    kept = np.flatnonzero(rank.notna() & ~sentences["headline"])
    kept = kept[np.lexsort((sentences["position"].to_numpy()[kept], rank.to_numpy()[kept]))]
    owner = rank.to_numpy()[kept].astype(np.int64)
    accounts, starts, counts = np.unique(owner, return_index=True, return_counts=True)
    spans = {
        int(account): (int(start), int(start + count))
        for account, start, count in zip(accounts, starts, counts, strict=True)
        if count >= _FEWEST_SENTENCES
    }
    language = np.array([account.language for account in ordered], dtype=object)[owner]
    rows = centred(vectors[kept].astype(np.float64), language)
    nearest, pairs = _neighbourhoods(rows, language, owner)
    found: dict[int, int] = {}
    for later in sorted(spans):
        shares = {}
        for other in pairs.get(later, ()):
            if other >= later or other in found or other not in spans:
                continue
            (start, stop), (first, last) = spans[later], spans[other]
            means = nearest[language[first]][start:stop, None] + nearest[language[start]][None, first:last]
            likeness = rows[start:stop] @ rows[first:last].T
            ratio = np.where(means > 0, 2 * likeness / np.where(means > 0, means, 1), 0)
            here, there = likeness.argmax(axis=1), likeness.argmax(axis=0)
            index = np.arange(stop - start)
            good = (ratio[index, here] >= margin) & (likeness[index, here] >= _LIKENESS)
            aligned = int(((there[here] == index) & good).sum())
            follows = ordered[later].follows(ordered[other])
            shares[other] = aligned / (stop - start if follows else max(stop - start, last - first))
        best = min(shares, key=lambda other: (-shares[other], other), default=later)
        if shares.get(best, 0.0) >= threshold:
            found[later] = best
    return _filled(table, ordered, found)


def originals(articles: pd.DataFrame) -> pd.Series[str]:
    """For each account the id of the account that it goes back to, its own id where it is independent.

    Follows ``copy_of`` to the end, so that the copy of a copy and its source count as one account. An
    original outside the table keeps its id.

    Returns
    -------
    Series of str
        Indexed by article_id, in the order of ``articles``.

    Raises
    ------
    CorpusError
        If accounts copy each other in a circle.
    """
    ids = articles["article_id"].to_numpy()
    parent = {own: of for own, of in zip(ids, articles["copy_of"], strict=True) if not pd.isna(of)}
    roots = []
    for own in ids:
        root, steps = own, 0
        while root in parent:
            root, steps = parent[root], steps + 1
            if steps > len(parent):
                raise CorpusError(f"ARTICLES: '{own}' is a copy of itself by way of copy_of; clear one of the links.")
        roots.append(root)
    return pd.Series(roots, index=pd.Index(ids, name="article_id"), dtype="str", name="original")


def centred(vectors: Array, language: npt.NDArray[np.object_]) -> Array:
    """Vectors without their language's mean, of length 1.

    In multilingual E5 the language itself is the strongest signal: on raw vectors everything is most
    like what is written in its own language, whatever it says.

    Parameters
    ----------
    vectors : array of shape (N, H)
    language : array of shape (N,)
        A language with few rows leans on the overall mean, since its own would be mostly its topics.

    Returns
    -------
    array of shape (N, H)
        Rows of 0 where nothing is left.
    """
    overall = vectors.mean(axis=0) if len(vectors) else 0.0
    rows = vectors.copy()
    for one in np.unique(language):
        own = language == one
        rows[own] -= (vectors[own].sum(axis=0) + _PRIOR * overall) / (own.sum() + _PRIOR)
    length: Array = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(length, 1e-12)


class _Account(NamedTuple):
    article_id: str
    published: pd.Timestamp
    language: str
    title: str
    text: str
    copied: bool

    def follows(self, other: _Account) -> bool:
        """Whether it was published after the other, for certain (False where a date is missing)."""
        return bool(other.published < self.published)


def _in_order(table: pd.DataFrame) -> list[_Account]:
    """Accounts by date (none comes last), then id; the place in this list is the rank."""
    ordered = table.sort_values(["published", "article_id"], na_position="last")
    names = ["article_id", "published", "language", "title", "text"]
    columns = [ordered[name] for name in names] + [ordered["copy_of"].notna()]
    return [_Account(*row) for row in zip(*columns, strict=True)]


def _filled(table: pd.DataFrame, ordered: list[_Account], found: dict[int, int]) -> pd.DataFrame:
    """The table with the copies found, each pointing at an account that is no copy itself."""
    links = {ordered[copy].article_id: ordered[original].article_id for copy, original in found.items()}
    given = table["copy_of"].astype("str")
    linked = table.assign(copy_of=given.fillna(table["article_id"].map(links).astype("str")))
    roots = pd.Series(originals(linked).to_numpy(), index=linked.index)
    linked["copy_of"] = linked["copy_of"].where(linked["copy_of"].isna(), roots)
    return check(linked, ARTICLES)


def _shingles(title: str, whole: str, language: str) -> frozenset[int]:
    """Hashes of the runs of four words in the body, or of all words where there are fewer."""
    body = whole.removeprefix(title)
    spans = text.words(body, language)
    if len(spans) < _FEWEST_WORDS:
        body, spans = whole, text.words(whole, language)
    low = text.lower(body, language)
    words = [low[start:end] for start, end in spans]
    runs = range(max(1, len(words) - _SHINGLE_WORDS + 1))
    return frozenset(
        int.from_bytes(hashlib.blake2b(" ".join(words[i : i + _SHINGLE_WORDS]).encode(), digest_size=8).digest(), "big")
        for i in runs
    )


def _neighbourhoods(
    rows: Array, language: npt.NDArray[np.object_], owner: npt.NDArray[np.int64]
) -> tuple[dict[str, Array], dict[int, set[int]]]:
    """Each sentence's mean likeness to its nearest in each other language, and the accounts worth a look.

    Two accounts are worth a look where at least two sentences of one have a nearest in the other.
    """
    means: dict[str, Array] = {}
    links: Counter[tuple[int, int]] = Counter()
    for there in np.unique(language):
        pool, outside = np.flatnonzero(language == there), np.flatnonzero(language != there)
        k = min(_NEAREST, len(pool))
        means[str(there)] = np.full(len(rows), np.nan)
        for start in range(0, len(outside), 1024):
            block = outside[start : start + 1024]
            likeness = rows[block] @ rows[pool].T
            near = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
            means[str(there)][block] = np.take_along_axis(likeness, near, axis=1).mean(axis=1)
            accounts = np.sort(owner[pool[near]], axis=1)
            fresh = np.ones_like(accounts, dtype=bool)  # a sentence votes once for an account
            fresh[:, 1:] = accounts[:, 1:] != accounts[:, :-1]
            mine = np.repeat(owner[block][:, None], k, axis=1)
            links.update(zip(mine[fresh].tolist(), accounts[fresh].tolist(), strict=True))
    pairs: dict[int, set[int]] = defaultdict(set)
    for (one, other), votes in links.items():
        if votes >= 2:
            pairs[one].add(other)
            pairs[other].add(one)
    return means, pairs
