"""SCORES x EVENTS -> MEANS and CONTRASTS: sources compared on the events they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandera.pandas import DataFrameSchema

from framing.duplicates import originals
from framing.errors import CorpusError, suggest
from framing.resampling import benjamini_hochberg, mean_intervals, sign_flips
from framing.tables import ARTICLES, CONTRASTS, EVENTS, MEANS, SCORES, bounds, check, empty

VOICES = ("all", "narrator", "quoted")
SOURCES = ("side", "outlet", "language")  # what may be compared
MINIMUM_EVENTS = 6

Progress = Callable[[int], None]


def cells(
    scores: pd.DataFrame,
    events: pd.DataFrame,
    articles: pd.DataFrame,
    *,
    by: str = "side",
    voice: str = "all",
) -> pd.DataFrame:
    """One number per source, event, dimension and actor: how the source portrayed the actor in that event.

    Averages passages within an account, then accounts within the source, so that neither a long article
    nor a reprint outweighs others. A passage in which two voices speak counts once, at their mean.

    Parameters
    ----------
    scores, events, articles : SCORES, EVENTS, ARTICLES
        Accounts in no event are left out. Of a source's accounts of one event that go back to one account
        (``copy_of``) only the original, or else the earliest, is used; a reprint of another source's account
        does count, once, for the source that printed it. Frames count as scored of whole accounts
        (``passage_id`` ""), not of their sentences.
    by : str
        What a source is: ``side``, ``outlet`` or ``language``.
    voice : str
        ``narrator``, ``quoted`` (any speaker) or ``all`` (both, and whole-text scores such as frames).

    Returns
    -------
    DataFrame
        Columns source, event_id, dimension, actor, value, articles, passages; sorted. What could not be
        told (NaN) is left out: a cell without any score has no row.

    Raises
    ------
    CorpusError
        If a dimension was scored by more than one scorer, ``by`` or ``voice`` is unknown, or SCORES or
        EVENTS name an article that ARTICLES has not.
    """
    return _cells(_accounts(_linked(scores, events, articles, by), voice))


def means(
    scores: pd.DataFrame,
    events: pd.DataFrame,
    articles: pd.DataFrame,
    *,
    by: str = "side",
    voices: Sequence[str] = VOICES,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The cells of a source x actor heatmap: means over events, with bootstrap intervals over events.

    The means of two sources may stand for different events; compare sources with `contrasts`.

    Parameters
    ----------
    scores, events, articles, by
        As for `cells`.
    voices : sequence of str
        Which of all, narrator and quoted to report.
    level, resamples, seed
        As for `resampling.bootstrap_mean`, which says where the level does not hold.
    progress : callable, optional
        Called with 1 after each voice.

    Returns
    -------
    MEANS
        A row for every source and every dimension x actor seen in that voice: NaN and 0 events where this
        source has no score, NaN bounds with fewer than two events. Bounds stay inside the dimension's range.

    Raises
    ------
    CorpusError
        As for `cells`.
    """
    linked = _linked(scores, events, articles, by)
    tables = []
    for voice in voices:
        cube = _cube(linked, voice)
        flat = np.moveaxis(cube.value, 1, 0).reshape(cube.value.shape[1], -1)
        value, low, high = mean_intervals(flat, level=level, resamples=resamples, seed=seed)
        table = _grid({"source": cube.sources}, cube.pairs).assign(
            voice=voice,
            value=value,
            low=low,
            high=high,
            events=(~np.isnan(flat)).sum(axis=0),
            articles=cube.articles.sum(axis=1).ravel(),
            passages=cube.passages.sum(axis=1).ravel(),
        )
        ends = np.asarray([bounds(name) for name in table["dimension"]]).reshape(-1, 2)
        tables.append(table.assign(low=table["low"].clip(ends[:, 0]), high=table["high"].clip(upper=ends[:, 1])))
        if progress is not None:
            progress(1)
    return _joined(tables, MEANS)


#: How far the mixes of languages behind two sources may differ and still count as the same (total variation, 0 to 1).
MIX_TOLERANCE = 0.1


def contrasts(
    scores: pd.DataFrame,
    events: pd.DataFrame,
    articles: pd.DataFrame,
    *,
    by: str = "side",
    voices: Sequence[str] = VOICES,
    minimum_events: int = MINIMUM_EVENTS,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Every two sources side by side, over the events in which both portrayed the actor.

    Pairing within events keeps apart what happened and how it was told: an event that is grim in every
    source moves no difference.

    Parameters
    ----------
    scores, events, articles, by, voices, level, resamples, seed, progress
        As for `means`.
    minimum_events : int
        Fewer shared events than this (at least 2) give a difference without interval and p-value.

    Returns
    -------
    CONTRASTS
        ``source_a`` stands before ``source_b`` in the alphabet. ``p_adjusted`` is Benjamini-Hochberg over
        the whole table of one voice: all dimensions, actors and pairs of sources with enough events.
        ``languages_a`` and ``_b`` are those of the accounts behind the difference, or of all the
        source's accounts where no event is shared. ``same_language`` asks more than the same list: no more than
        `MIX_TOLERANCE` of the accounts would have to be in another language for the two mixes to be equal.

    Raises
    ------
    CorpusError
        As for `cells`, and if ``minimum_events`` is below 2.

    Notes
    -----
    The p-value is a sign-flip test: with five shared events it cannot be below 0.0625, with six 0.03125.
    A contrast of few events may thus have an interval that leaves out 0 and still not be significant.
    """
    if minimum_events < 2:
        raise CorpusError(f"minimum_events: expected at least 2, found {minimum_events}.")
    linked = _linked(scores, events, articles, by)
    tables = []
    for voice in voices:
        cube = _cube(linked, voice)
        pairs = list(combinations(range(len(cube.sources)), 2))
        first, second = [a for a, _ in pairs], [b for _, b in pairs]

        def side_by_side(array: npt.NDArray[Any], which: list[int]) -> npt.NDArray[Any]:
            """From (S, E, C) to (E, pairs x C)."""
            return np.moveaxis(array[which], 1, 0).reshape(array.shape[1], -1)

        a, b = side_by_side(cube.value, first), side_by_side(cube.value, second)
        difference = a - b
        shared = ~np.isnan(difference)
        count = shared.sum(axis=0)
        enough = count >= minimum_events
        tested = np.where(enough, difference, np.nan)
        _, low, high = mean_intervals(tested, level=level, resamples=resamples, seed=seed)
        p = sign_flips(tested, resamples=resamples, seed=seed)
        table = _grid({"source_a": cube.sources[first], "source_b": cube.sources[second]}, cube.pairs).assign(
            voice=voice,
            mean_a=_mean(a, shared),
            mean_b=_mean(b, shared),
            difference=_mean(difference, shared),
            low=low,
            high=high,
            p_value=p,
            p_adjusted=benjamini_hochberg(p),
            events=count,
            passages_a=(side_by_side(cube.passages, first) * shared).sum(axis=0),
            passages_b=(side_by_side(cube.passages, second) * shared).sum(axis=0),
            enough=enough,
        )
        mixes = []
        for name, which in (("a", first), ("b", second)):
            behind = {
                language: (side_by_side(present, which) & shared).sum(axis=0)
                for language, present in cube.languages.items()
            }
            own = table[f"source_{name}"].map(linked.languages)
            table[f"languages_{name}"] = _listed({k: n > 0 for k, n in behind.items()}, len(table)).where(
                count > 0, own
            )
            mix = np.array(list(behind.values()), dtype=np.float64).reshape(len(behind), len(table))
            mixes.append(mix / np.maximum(mix.sum(axis=0), 1))
        apart = np.abs(mixes[0] - mixes[1]).sum(axis=0) / 2
        table["same_language"] = np.where(
            count > 0, apart <= MIX_TOLERANCE, table["languages_a"] == table["languages_b"]
        )
        tables.append(table)
        if progress is not None:
            progress(1)
    return _joined(tables, CONTRASTS)


def coverage(events: pd.DataFrame, articles: pd.DataFrame, *, by: str = "side") -> pd.DataFrame:
    """Who wrote about which event, and who was silent.

    Silence is a finding of its own: it never enters a mean as a score of 0.

    Parameters
    ----------
    events, articles, by
        As for `cells`.

    Returns
    -------
    DataFrame
        Columns event_id, source, articles (independent accounts, 0 where the source is silent) and
        published (the event's earliest date, NaT where none is known): a row for every event and every
        source of ARTICLES, by event, then source.

    Raises
    ------
    CorpusError
        If ``by`` is unknown or EVENTS names an article that ARTICLES has not.
    """
    every, told = _told(events, articles, by)
    sources = np.sort(every["source"].unique())
    known = np.sort(told["event_id"].unique())
    counted = _independent(told, ["source", "event_id"]).groupby(["event_id", "source"]).size()
    table = pd.MultiIndex.from_product([known, sources], names=["event_id", "source"]).to_frame(index=False)
    table["articles"] = counted.reindex(pd.MultiIndex.from_frame(table), fill_value=0).to_numpy("int64")
    table["published"] = table["event_id"].map(told.groupby("event_id")["published"].min())
    return table.astype({"event_id": "str", "source": "str", "published": "datetime64[ns, UTC]"})


def blame_matrix(
    scores: pd.DataFrame,
    articles: pd.DataFrame,
    registry_representative: Callable[[str], str],
    *,
    by: str = "side",
) -> pd.DataFrame:
    """Who blames whom: mean blame by source, voice and blamed actor.

    Persons are rolled up to the actor they stand for, so that a minister's charge counts as his
    government's and a charge against him as one against it; the narrator stays the narrator.

    Parameters
    ----------
    scores, articles : SCORES, ARTICLES
        Only the dimension ``blame`` is read; of accounts that go back to one account, one per source.
    registry_representative : callable
        ``Registry.representative``: actor id to the id of the collective actor.
    by : str
        What a source is, as for `cells`.

    Returns
    -------
    DataFrame
        Columns source, voice (``narrator``, an actor id or ``unknown``), actor (who is blamed), value
        (0 to 1, mean over accounts of the means over their passages), articles, passages; sorted. Pairs
        without a score have no row.

    Raises
    ------
    CorpusError
        As for `cells`.
    """
    table, accounts = _scored(scores, articles, by)
    blame = table[(table["dimension"] == "blame") & table["value"].notna()]
    blame = blame[blame["article_id"].isin(_independent(accounts, ["source"])["article_id"])]
    fixed = {"narrator": "narrator", "unknown": "unknown", "any": "any"}
    voices = {v: fixed.get(v) or registry_representative(v) for v in blame["voice"].unique()}
    actors = {actor: registry_representative(actor) for actor in blame["actor"].unique()}
    blame = blame.assign(
        voice=blame["voice"].map(voices),
        actor=blame["actor"].map(actors),
        source=blame["article_id"].map(accounts.set_index("article_id")["source"]),
    )
    key = ["source", "voice", "actor"]
    passages = blame.groupby([*key, "article_id", "passage_id"], as_index=False)["value"].mean()
    found = passages.groupby([*key, "article_id"])["value"].agg(["mean", "size"]).groupby(key)
    matrix = found.agg(value=("mean", "mean"), articles=("size", "size"), passages=("size", "sum"))
    return pd.DataFrame(matrix.reset_index())


@dataclass(frozen=True)
class _Linked:
    """Scored rows of independent accounts with their source and event, and the axes of a comparison."""

    rows: pd.DataFrame
    sources: npt.NDArray[np.object_]
    events: npt.NDArray[np.object_]
    languages: dict[str, str]


@dataclass(frozen=True)
class _Cube:
    """Cell values of one voice as arrays of shape (S, E, C), C counting dimension x actor."""

    sources: npt.NDArray[np.object_]
    pairs: pd.DataFrame
    value: npt.NDArray[np.float64]
    articles: npt.NDArray[np.int64]
    passages: npt.NDArray[np.int64]
    languages: dict[str, npt.NDArray[np.bool_]]


def _scored(scores: pd.DataFrame, articles: pd.DataFrame, by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SCORES and the accounts with their source, refused where they cannot be compared."""
    if by not in SOURCES:
        raise CorpusError(f"by: unknown kind of source '{by}'; {suggest(by, SOURCES)}")
    table, accounts = check(scores, SCORES), check(articles, ARTICLES)
    signatures = table.groupby("dimension")["scorer"].unique()
    for dimension, found in signatures.items():
        if len(found) > 1:
            raise CorpusError(
                f"SCORES: dimension '{dimension}' comes from several scorers ({', '.join(sorted(found))}), "
                "which cannot be compared. Score all articles with one of them, or keep the rows of one."
            )
    _known("SCORES", table, accounts)
    accounts["source"], accounts["root"] = accounts[by], originals(accounts).to_numpy()
    return table, accounts


def _told(events: pd.DataFrame, articles: pd.DataFrame, by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All accounts with their source, and those in an event with the event's id."""
    _, accounts = _scored(empty(SCORES), articles, by)
    placed = check(events, EVENTS)
    _known("EVENTS", placed, accounts)
    return accounts, accounts.merge(placed[["article_id", "event_id"]], on="article_id")


def _known(name: str, table: pd.DataFrame, accounts: pd.DataFrame) -> None:
    strange = table.loc[~table["article_id"].isin(accounts["article_id"]), "article_id"]
    if len(strange):
        raise CorpusError(
            f"{name}: article '{strange.iloc[0]}' is not in ARTICLES ({strange.nunique()} such). "
            "Use tables of the same corpus and version."
        )


def _independent(accounts: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """One account for all that go back to one: the original where it is there, else the earliest."""
    ordered = accounts.assign(copied=accounts["article_id"] != accounts["root"])
    ordered = ordered.sort_values(["copied", "published", "article_id"])
    return ordered.drop_duplicates([*within, "root"])


def _linked(scores: pd.DataFrame, events: pd.DataFrame, articles: pd.DataFrame, by: str) -> _Linked:
    table, _ = _scored(scores, articles, by)
    # a frame is compared as scored of whole accounts; its sentences' scores only say where it stands
    table = table[~table["dimension"].str.startswith("frame:") | (table["passage_id"] == "")]
    accounts, told = _told(events, articles, by)
    independent = _independent(told, ["source", "event_id"])
    rows = table.merge(independent[["article_id", "event_id", "source", "language"]], on="article_id")
    for name in ("article_id", "passage_id", "event_id", "source", "language", "dimension", "actor"):
        rows[name] = rows[name].astype("category")
    # a fixed order of adding, so that the order of the tables does not reach the last digit
    rows = rows.sort_values(["article_id", "passage_id", "dimension", "actor", "voice", "value"])
    spoken = accounts.groupby("source")["language"].unique().map(lambda found: ",".join(sorted(found)))
    return _Linked(
        rows,
        np.sort(accounts["source"].unique().astype(object)),
        np.sort(told["event_id"].unique().astype(object)),
        {str(source): str(languages) for source, languages in spoken.items()},
    )


def _heard(rows: pd.DataFrame, voice: str) -> pd.DataFrame:
    if voice == "all":
        return rows
    if voice == "narrator":
        return rows[rows["voice"] == "narrator"]
    if voice == "quoted":
        return rows[~rows["voice"].isin(["narrator", "any"])]
    raise CorpusError(f"voice: unknown choice '{voice}'; {suggest(voice, VOICES)}")


def _accounts(linked: _Linked, voice: str) -> pd.DataFrame:
    """A row per account x dimension x actor: the mean of its passages, and how many they are."""
    key = ["source", "event_id", "dimension", "actor", "language", "article_id"]
    rows = _heard(linked.rows, voice).dropna(subset=["value"])
    passages = rows.groupby([*key, "passage_id"], observed=True, as_index=False)["value"].mean()
    found = passages.groupby(key, observed=True).agg(value=("value", "mean"), passages=("value", "size"))
    return pd.DataFrame(found.reset_index())


def _cells(accounts: pd.DataFrame) -> pd.DataFrame:
    key = ["source", "event_id", "dimension", "actor"]
    found = accounts.groupby(key, observed=True).agg(
        value=("value", "mean"), articles=("value", "size"), passages=("passages", "sum")
    )
    return found.reset_index().astype(dict.fromkeys(key, "str")).sort_values(key, ignore_index=True)


def _cube(linked: _Linked, voice: str) -> _Cube:
    heard = _heard(linked.rows, voice)[["dimension", "actor"]].drop_duplicates().astype("str")
    pairs = heard.sort_values(["dimension", "actor"], ignore_index=True)
    accounts = _accounts(linked, voice)
    found = _cells(accounts)
    shape = (len(linked.sources), len(linked.events), len(pairs))

    def places(table: pd.DataFrame) -> tuple[npt.NDArray[np.intp], ...]:
        cell = pd.MultiIndex.from_frame(pairs).get_indexer(
            pd.MultiIndex.from_frame(table[["dimension", "actor"]].astype("str"))
        )
        return (
            pd.Index(linked.sources).get_indexer(pd.Index(table["source"].astype("str"))),
            pd.Index(linked.events).get_indexer(pd.Index(table["event_id"].astype("str"))),
            cell,
        )

    value = np.full(shape, np.nan)
    counts = {name: np.zeros(shape, dtype=np.int64) for name in ("articles", "passages")}
    where = places(found)
    value[where] = found["value"]
    for name, count in counts.items():
        count[where] = found[name]
    languages = {}
    for language, part in accounts.groupby("language", observed=True):
        languages[str(language)] = np.zeros(shape, dtype=bool)
        languages[str(language)][places(part)] = True
    return _Cube(linked.sources, pairs, value, counts["articles"], counts["passages"], languages)


def _grid(sources: dict[str, npt.NDArray[np.object_]], pairs: pd.DataFrame) -> pd.DataFrame:
    """Sources (outer) x pairs of dimension and actor (inner), as the flattened arrays have them."""
    length = len(next(iter(sources.values())))
    grid = pd.concat([pairs] * length, ignore_index=True) if length else pairs.iloc[:0].copy()
    for name, values in sources.items():
        grid[name] = pd.Series(np.repeat(values, len(pairs)), dtype="str")
    return grid


def _mean(values: npt.NDArray[np.float64], shared: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Column means over shared events; NaN where there is none."""
    total = np.where(shared, values, 0).sum(axis=0)
    count = shared.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _listed(behind: dict[str, npt.NDArray[np.bool_]], length: int) -> pd.Series[str]:
    """Names of the languages that are there, comma separated, for every row."""
    names = np.full(length, "", dtype=object)
    for language in sorted(behind):
        comma = np.where(names == "", "", ",")
        names = np.where(behind[language], names + comma + language, names)
    return pd.Series(names, dtype="str")


def _joined(tables: list[pd.DataFrame], schema: DataFrameSchema) -> pd.DataFrame:
    """One table of all voices in a fixed order."""
    full = [table for table in tables if len(table)]
    return check(pd.concat(full, ignore_index=True), schema) if full else empty(schema)
