"""Fits the probability that two accounts tell of one event, and measures events and copies beside baselines."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer

from framing.actors import read_actors
from framing.alignment import (
    EVIDENCE,
    WINDOW_DAYS,
    Array,
    Progress,
    company,
    encoded,
    evidence,
    grouped,
    named_actors,
    pair_scores,
    pairwise_f1,
)
from framing.corpus import open_corpus, split_passages
from framing.duplicates import find_copies, originals
from framing.errors import ConfigError, TrainingDataError, suggest
from framing.measurement import Drawn, binned, calibration_error, draw
from framing.models import Encoder, VectorCache
from framing.sources.files import read_csv
from framing.tables import ARTICLES, check
from framing.voices import attribute

Labels = npt.NDArray[Any]
PENALTY = 1.0  # of a weight of 1 per standard deviation, against the log likelihood of one pair
_GRID = np.linspace(0.02, 0.98, 97)
_PAIRS = ("az-hy", "az-ru", "hy-ru", "az-en", "en-hy", "en-ru", "same language")


@dataclass(frozen=True)
class Told:
    """Accounts whose events are known, read and encoded.

    Attributes
    ----------
    articles : ARTICLES
        With the copies that were found.
    vectors : array of shape (A, H)
    actors : list of sets, A long
    event, split, copy_of : arrays of shape (A,)
        As told by the corpus's makers; ``copy_of`` "" for an independent account.
    """

    articles: pd.DataFrame
    vectors: Array
    actors: list[frozenset[str]]
    event: Labels
    split: Labels
    copy_of: Labels

    def of(self, keep: npt.NDArray[np.bool_]) -> Told:
        """Some of the accounts, as if there were no others."""
        rows = np.flatnonzero(keep)
        actors = [self.actors[i] for i in rows]
        articles = self.articles.iloc[rows].reset_index(drop=True)
        return Told(articles, self.vectors[rows], actors, self.event[rows], self.split[rows], self.copy_of[rows])


def read(corpora: Path, encoder: Encoder, *, cache: VectorCache | None = None, progress: Progress) -> Told:
    """All accounts of corpora/karabakh, as a run would read them: copies are found, not taken from gold."""
    folder = corpora / "karabakh"
    corpus = open_corpus(folder)
    articles = find_copies(corpus.articles)
    passages = split_passages(articles)
    with progress("actors and voices", len(articles)) as tell:
        mentions, _ = attribute(articles, passages, read_actors(folder / "actors.toml"), progress=tell)
    articles, vectors = encoded(articles, passages, encoder, cache=cache, progress=progress)
    gold = read_csv(folder / "gold.csv", required=["event_id", "article_id", "copy_of"]).set_index("article_id")
    splits = read_csv(folder / "splits.csv", required=["event_id", "split"]).set_index("event_id")["split"]
    own = gold.loc[articles["article_id"]]
    return Told(
        articles,
        vectors,
        named_actors(articles, mentions),
        own["event_id"].to_numpy(object),
        own["event_id"].map(splits).to_numpy(object),
        own["copy_of"].to_numpy(object),
    )


def read_basil(data: Path, encoder: Encoder, *, cache: VectorCache | None = None, progress: Progress) -> Told:
    """BASIL without its dates and without actors: 100 events of American politics in three outlets each.

    Every second event, by its id, is "train" (what `fit` may see), the others are "test".

    Raises
    ------
    TrainingDataError
        If ``data`` has no ``basil``.

    References
    ----------
    Fan et al. (2019), In Plain Sight: Media Bias Through the Lens of Factual Reporting, EMNLP.
    """
    files = sorted((data / "basil" / "articles").rglob("*.json"))
    if not files:
        raise TrainingDataError(
            f"{data / 'basil' / 'articles'}: no articles; --data names the folder that holds basil."
        )
    told = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    bodies = ["\n".join(" ".join(part) for part in one["body-paragraphs"]) for one in told]
    frame = pd.DataFrame(
        {
            "article_id": [file.stem for file in files],
            "outlet": [one["source"] for one in told],
            "side": "us",
            "language": "en",
            "published": pd.Series([pd.NaT] * len(told), dtype="datetime64[ns, UTC]"),
            "title": [one["title"].strip() for one in told],
            "text": [f"{one['title'].strip()}\n{body}" for one, body in zip(told, bodies, strict=True)],
            "url": pd.Series([None] * len(told), dtype="str"),
            "copy_of": pd.Series([None] * len(told), dtype="str"),
        }
    )
    event = np.array([one["triplet-uuid"] for one in told], dtype=object)
    first = set(sorted(set(event))[::2])
    articles, vectors = encoded(
        find_copies(check(frame, ARTICLES)), frame, encoder, copies=False, cache=cache, progress=progress
    )
    split = np.array(["train" if one in first else "test" for one in event], dtype=object)
    return Told(articles, vectors, [frozenset()] * len(frame), event, split, np.full(len(frame), "", dtype=object))


# --------------------------------------------------------------------------- the probability of a pair


class Pairs(NamedTuple):
    """Pairs to learn from: evidence (N, F), whether of one event (N,), the log odds before any evidence (N,)."""

    evidence: Array
    same: npt.NDArray[np.bool_]
    prior: Array


def pairs_of(told: Told) -> Pairs:
    """The pairs of some accounts, as they are and with what others' accounts may lack taken away.

    All pairs of independent accounts in the window; the same without actors; and all pairs whatever their dates, as if
    no account had one, with and without actors.
    """
    above = np.triu_indices(len(told.articles), 1)
    seen = {name: matrix[above] for name, matrix in evidence(told.articles, told.vectors, told.actors)}
    roots = originals(told.articles).to_numpy(dtype=object)
    apart = (roots[:, None] != roots)[above]
    same = (told.event[:, None] == told.event)[above]
    published = told.articles["published"]
    days = ((published - published.min()) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    near = apart & ~(np.abs(days[:, None] - days)[above] > WINDOW_DAYS)
    crowd = np.log(company(published, WINDOW_DAYS)[above])
    everyone = np.full(len(crowd), np.log(max(len(told.articles) - 1, 1)))
    parts = []
    dated, named = bool(np.isfinite(days).any()), any(told.actors)
    for undated, unnamed in itertools.product([False, True] if dated else [True], [False, True] if named else [True]):
        own = dict(seen)
        if undated:
            own |= {"closeness": np.zeros(len(same)), "undated": np.ones(len(same))}
        if unnamed:
            own |= {"actors": np.zeros(len(same)), "unnamed": np.ones(len(same))}
        kept = apart if undated else near
        columns = np.stack([own[name] for name in EVIDENCE], 1)
        parts.append(Pairs(columns[kept], same[kept], -(everyone if undated else crowd)[kept]))
    return joined(parts)


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Pairs of several origins."""
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def logistic(pairs: Pairs, penalty: float = PENALTY) -> dict[str, float]:
    """Weights of the evidence and the intercept by penalised logistic regression.

    The prior log odds of each pair have the fixed weight of 1; the penalty is on weights per standard deviation.
    """
    spread = pairs.evidence.std(axis=0)
    spread[spread == 0] = 1
    rows, same = pairs.evidence / spread, pairs.same.astype(np.float64)

    def loss(known: Array) -> tuple[float, Array]:
        odds = known[0] + rows @ known[1:] + pairs.prior
        wrong = expit(odds) - same
        value = np.sum(np.logaddexp(0, odds) - same * odds) + penalty / 2 * np.sum(known[1:] ** 2)
        return float(value), np.concatenate([[wrong.sum()], rows.T @ wrong + penalty * known[1:]])

    found = minimize(
        loss,
        np.zeros(rows.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-13, "gtol": 1e-7},
    )
    slopes = found.x[1:] / spread
    return dict(zip(("intercept", *EVIDENCE), map(float, [found.x[0], *slopes]), strict=True))


def fit(told: Told, basil: Told | None = None) -> dict[str, float]:
    """Weights for `framing.alignment` from the train events of corpora/karabakh, and of BASIL where it is given.

    Evidence is made from the train accounts alone, as if there were no others. Without BASIL there are hardly two
    accounts of one event in one language to learn from.
    """
    sets = [one.of(one.split == "train") for one in (told, basil) if one is not None]
    return {name: round(value, 4) for name, value in logistic(joined([pairs_of(one) for one in sets])).items()}


def write(path: Path, known: Mapping[str, float], told: Told, basil: Told | None, encoder: str) -> None:
    """The weights as a file with where they come from."""
    sizes = [
        f"{name}: {len(set(one.event[one.split == 'train']))} events, {int((one.split == 'train').sum())} accounts"
        for name, one in (("corpora/karabakh train", told), ("every second event of basil", basil))
        if one is not None
    ]
    lines = [
        "# Weights in the log odds that two accounts tell of one event; what each piece of evidence is:",
        "# framing.alignment.evidence. Made by: framing train --alignment" + (" --data DIR" if basil else ""),
        "# (framing.pairing.fit: logistic regression, none of the dev and test events seen; docs/alignment.md).",
        *(f"# Learned from {size}." for size in sizes),
        f"# Encoder: {encoder}",
        "",
        "[weights]",
        *(f"{name} = {value}" for name, value in known.items()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --------------------------------------------------------------------------- figures


def bench(
    corpora: Path,
    split: str,
    encoder: Encoder,
    *,
    data: Path | None = None,
    progress: Progress,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The figures of `measure` on corpora/karabakh and, with ``data``, on BASIL, and notes to print below.

    Of BASIL, the half that the pair probability was not fitted on, and all.

    Raises
    ------
    ConfigError
        If there is no such split.
    TrainingDataError
        If ``data`` has no ``basil``.
    """
    told = read(corpora, encoder, progress=progress)
    found = [measure(told, split)]
    notes = [
        "All accounts are aligned together; a pair counts if one of its accounts at least is of the split's events.",
        "Intervals: 95 %, whole events resampled. Where nothing is wrong they cannot tell how much could be: with none "
        "of N events wrong, up to 3/N of all events may be (95 %).",
        "same day: published on one day (UTC). tf-idf: runs of letters within one language, never across. cosine, "
        "centred: the vectors, as they are and less their language's mean. Cut where the train events' F1 is best.",
        f"calibration error: all pairs at most {WINDOW_DAYS} days apart, copies of one another left out; ten bins.",
    ]
    if data is not None:
        basil = read_basil(data, encoder, progress=progress)
        found.append(measure(basil, "test", name="basil, not fitted on"))
        everything = dataclasses.replace(basil, split=np.full(len(basil.split), "all", dtype=object))
        found.append(measure(everything, "all", name="basil, all"))
        notes.append("basil: no dates, no actors. Half of its events were fitted on, so 'all' is not held out.")
    return pd.concat(found, ignore_index=True), tuple(notes)


def measure(
    told: Told,
    split: str,
    *,
    name: str = "karabakh",
    threshold: float = 0.5,
    known: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Events, copies and the pair probability of all accounts against gold, where an event of the split has part.

    All accounts are aligned together, as a user would; a pair counts if one of its accounts at least belongs to the
    split. A wrong pair of two events counts half for each when whole events are resampled.

    Returns
    -------
    DataFrame
        ``measure``, ``set``, ``value`` (0 to 1), ``low``, ``high`` (95 %), the baselines ``same day``, ``tf-idf``,
        ``cosine`` and ``centred`` (see `baselines`; NaN where they have no answer), ``units`` (gold pairs, accounts,
        copies or pairs).
    """
    if split not in set(told.split):
        raise ConfigError(f"split '{split}': {suggest(split, map(str, set(told.split)))}")
    part = told.split == split
    score = pair_scores(told.articles, told.vectors, told.actors, known=known)
    answers = {"value": grouped(score, threshold), **baselines(told)}
    language = told.articles["language"].to_numpy(dtype=object)
    rows = []
    kept = np.ones(len(part), bool)
    many = len(set(language)) > 1
    sets = ["all", *(_PAIRS if many else [])]
    for wanted in sets:
        rows.append(_pairwise("pairwise F1", wanted, told, part, kept, answers, language))
    independent = told.copy_of == ""
    if not independent.all():
        rows.append(_pairwise("pairwise F1, copies left out", "all", told, part, independent, answers, language))
    cubed = {key: _cubed(told.event, found, part) for key, found in answers.items()}
    rows.append(_row("B-cubed F1", "all", cubed, int(part.sum())))
    rows += _copies(told, part, split)
    rows += _calibration(told, part, score)
    found = pd.DataFrame(rows)
    return found.assign(set=[f"{name}: {one}" for one in found["set"]])


def baselines(told: Told) -> dict[str, Labels]:
    """Groups by simpler means: one a day; words in one language; vectors as they are; vectors centred by language.

    ``tf-idf`` compares runs of three to five letters within a language (accounts in two languages are never joined),
    ``cosine`` and ``centred`` the vectors; pairs beyond the window are never joined. All by average linkage, cut where
    the pairwise F1 of the train events alone is best.
    """
    articles = told.articles
    language = articles["language"].to_numpy(dtype=object)
    published = articles["published"]
    days = ((published - published.min()) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    far = np.abs(days[:, None] - days) > WINDOW_DAYS
    words = np.full(far.shape, -1.0)
    for one in np.unique(language):
        own = np.flatnonzero(language == one)
        vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        rows = vectorizer.fit_transform(articles["text"].iloc[own])
        words[np.ix_(own, own)] = (rows @ rows.T).toarray()
    unit = told.vectors / np.maximum(np.linalg.norm(told.vectors, axis=1, keepdims=True), 1e-12)
    middle = dict(evidence(articles, told.vectors, told.actors))["cosine"]
    train = told.split == "train"
    train = train if train.any() else np.ones_like(train)
    found: dict[str, Labels] = {}
    if published.notna().any():
        found["same day"] = pd.factorize(published.dt.date)[0]
    for name, likeness in (("tf-idf", words), ("cosine", unit @ unit.T), ("centred", middle)):
        likeness = np.where(far, -1.0, np.minimum((likeness + likeness.T) / 2, 1))
        np.fill_diagonal(likeness, 1)
        gold = pd.Series(told.event[train])
        tried = {cut: pairwise_f1(gold, pd.Series(grouped(likeness[np.ix_(train, train)], cut))) for cut in _GRID}
        found[name] = grouped(likeness, max(tried, key=lambda cut: tried[cut]))
    return found


def _row(measure: str, wanted: str, drawn: Mapping[str, Drawn], units: int) -> dict[str, Any]:
    own = drawn["value"]
    known = not np.isnan(own.draws).all()  # else there is nothing of this kind, in gold or found
    value, low, high = own.interval if known else (float("nan"),) * 3
    others = {name: drawn[name].value if name in drawn else float("nan") for name in _BASELINES}
    return {"measure": measure, "set": wanted, "value": value, "low": low, "high": high, **others, "units": units}


_BASELINES = ("same day", "tf-idf", "cosine", "centred")


def _pairwise(
    measure: str,
    wanted: str,
    told: Told,
    part: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    answers: Mapping[str, Labels],
    language: Labels,
) -> dict[str, Any]:
    """A row of pairwise F1 over the pairs of one kind."""
    one, other = np.triu_indices(len(part), 1)
    own = (part[one] | part[other]) & kept[one] & kept[other]
    if wanted == "same language":
        own &= language[one] == language[other]
    elif wanted != "all":
        first, second = wanted.split("-")
        own &= ((language[one] == first) & (language[other] == second)) | (
            (language[one] == second) & (language[other] == first)
        )
    one, other = one[own], other[own]
    gold = told.event[one] == told.event[other]
    drawn = {}
    for key, labels in answers.items():
        found = labels[one] == labels[other]
        counts = np.stack([gold & found, gold.astype(int) + found], 1).astype(np.float64)
        drawn[key] = _over_events(counts, told.event, part, one, other, _f1)
    return _row(measure, wanted, drawn, int(gold.sum()))


def _f1(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * sums[..., 0] / sums[..., 1])


def _over_events(
    counts: Array,
    event: Labels,
    part: npt.NDArray[np.bool_],
    one: npt.NDArray[np.intp],
    other: npt.NDArray[np.intp],
    figure: Callable[[Array], Array],
) -> Drawn:
    """A figure of pairs' counts (N, ...), whole events of the part resampled, a pair shared between its two events."""
    share = 1 / (part[one].astype(float) + part[other])
    weighed = counts * share.reshape(-1, *[1] * (counts.ndim - 1))
    everyone = np.unique(event[part].astype(str))  # an event without a pair is drawn too
    groups = np.concatenate([event[one][part[one]], event[other][part[other]], everyone]).astype(str)
    rows = np.concatenate([weighed[part[one]], weighed[part[other]], np.zeros((len(everyone), *counts.shape[1:]))])
    return draw(rows, groups, figure)


def _cubed(event: Labels, labels: Labels, part: npt.NDArray[np.bool_]) -> Drawn:
    """B-cubed F1 over the accounts of the part; the groups they are in may hold others."""
    same, found = event[:, None] == event, labels[:, None] == labels
    both = (same & found).sum(1)
    counts = np.stack([both / found.sum(1), both / same.sum(1), np.ones(len(both))], 1)

    def figure(sums: Array) -> Array:
        precision, recall = sums[..., 0] / sums[..., 2], sums[..., 1] / sums[..., 2]
        return np.asarray(2 * precision * recall / (precision + recall))

    return draw(counts[part], event[part].astype(str), figure)


def _copies(told: Told, part: npt.NDArray[np.bool_], split: str) -> list[dict[str, Any]]:
    """Reprints and translated copies: precision, recall and F1 of naming the right original; of the split and of all.

    A copy counts as translated if its language is not its original's.
    """
    if (told.copy_of == "").all():
        return []
    ids, language = (told.articles[name].to_numpy(dtype=object) for name in ("article_id", "language"))
    spoken = dict(zip(ids, language, strict=True))
    found = told.articles["copy_of"].fillna("").to_numpy(dtype=object)
    rows = []
    for where, own in ((split, part), ("all splits", np.ones_like(part))):
        for kind, measures in (
            ("reprints", ("precision", "recall")),
            ("translated copies", ("precision", "recall", "F1")),
        ):
            is_kind = [
                np.array(
                    [
                        bool(of) and (spoken.get(of) == mine) == (kind == "reprints")
                        for of, mine in zip(x, language, strict=True)
                    ]
                )
                for x in (told.copy_of, found)
            ]
            hits = is_kind[0] & (told.copy_of == found)
            for measure in measures:
                below = {"precision": is_kind[1], "recall": is_kind[0], "F1": is_kind[0].astype(int) + is_kind[1]}[
                    measure
                ]
                counts = np.stack([hits * (2 if measure == "F1" else 1), below], 1).astype(np.float64)
                if not below[own].any():
                    continue
                drawn = draw(counts[own], told.event[own].astype(str), lambda sums: _f1(sums) / 2)
                units = is_kind[measure == "precision"][own].sum()
                rows.append(_row(f"{kind}: {measure}", where, {"value": drawn}, int(units)))
    return rows


def _calibration(told: Told, part: npt.NDArray[np.bool_], score: Array) -> list[dict[str, Any]]:
    """Expected calibration error of the pair probability in ten bins of equal width.

    Over all pairs in the window of which one account at least is in the part, copies of one another left out; and over
    those of them with a probability of .05 at least, since most pairs of a larger corpus are plainly of two events.
    """
    roots = originals(told.articles).to_numpy(dtype=object)
    published = told.articles["published"]
    days = ((published - published.min()) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    one, other = np.triu_indices(len(part), 1)
    own = (part[one] | part[other]) & (roots[one] != roots[other]) & ~(np.abs(days[one] - days[other]) > WINDOW_DAYS)
    rows = []
    for measure, least in (("calibration error", 0.0), ("calibration error, p from .05", 0.05)):
        kept = own & (score[one, other] >= least)
        first, second = one[kept], other[kept]
        chance = score[first, second]
        drawn = _over_events(
            binned(chance, told.event[first] == told.event[second]), told.event, part, first, second, calibration_error
        )
        rows.append(_row(measure, "pairs in the window", {"value": drawn}, int(kept.sum())))
    return rows
