"""How far the scorers agree with coded passages, and whether they read the four languages and all actors alike."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import spearmanr

from framing import text as texts
from framing import training
from framing.actors import read_actors
from framing.agreement import read_labels
from framing.corpus import open_corpus, split_passages
from framing.errors import ConfigError, suggest
from framing.models import Encoder, TokenStates, defused
from framing.resampling import Interval
from framing.scoring import as_written, hide, make_view, on_tokens, tuned_encoder, word_parts
from framing.scoring.heads import load_evidence, load_head, strongest_window
from framing.scoring.portrayal import expected
from framing.tables import FRAME_LABELS
from framing.voices import attribute

Floats = npt.NDArray[np.float64]
_RESAMPLES = 1000
_ENDS: Mapping[str, tuple[float, float]] = {
    "blame": (0.0, 1.0), "legitimacy": (-1.0, 1.0), "suffering": (0.0, 1.0), "sentiment": (-1.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What the tuned encoder makes of coded mentions: features (N, 2 H), states, which tokens are the mention."""

    features: Floats
    states: list[TokenStates]
    at: list[npt.NDArray[np.bool_]]


def read(frame: pd.DataFrame, tuned: Encoder, tell: Callable[[int], None] = lambda count: None) -> Read:
    """Read mentions as in scoring; the frame is one of `framing.training`'s, with ``hidden`` and ``spans``."""
    rows = {key: i for i, key in enumerate(dict.fromkeys(zip(frame["text"], frame["hidden"], strict=True)))}
    covered = [hide(defused(text), hidden, tuned.mask) for text, hidden in rows]
    made = tuned.states([text for text, _ in covered], progress=tell)
    each = [as_written(states, back) for states, (_, back) in zip(made, covered, strict=True)]
    states = [each[rows[key]] for key in zip(frame["text"], frame["hidden"], strict=True)]
    at = []
    for own, spans in zip(states, frame["spans"], strict=True):
        inside = np.zeros(len(own.offsets), bool)
        for start, end in spans:
            inside |= on_tokens(own, start, end)
        at.append(inside if inside.any() else np.ones_like(inside))
    features = [np.concatenate([s.states[i].mean(0), s.states.mean(0)]) for s, i in zip(states, at, strict=True)]
    return Read(np.asarray(features, np.float64), states, at)


# --------------------------------------------------------------------------- against coded passages


def portrayal(
    corpora: Path,
    split: str,
    encoder: Encoder,
    *,
    weights: Path | None = None,
    tell: Callable[[int], None] = lambda count: None,
) -> pd.DataFrame:
    """Scorers, voices and evidence against the adjudicated codes of corpora/karabakh, and direction on the probes.

    Returns
    -------
    DataFrame
        ``measure``, ``language`` ("all" or BCP 47), ``value`` (0 to 1), ``low``, ``high`` (95 %, whole accounts or
        statements resampled), ``baseline`` (always the commonest class; a coin for direction; coder against coder for
        evidence), ``units``.

    Raises
    ------
    ConfigError
        If there is no such split.
    """
    tuned = tuned_encoder(encoder, weights)
    coded = _of_split(training.load_portrayal(corpora / "karabakh"), split)
    seen = read(coded, tuned, tell)
    rows: list[dict[str, Any]] = []
    languages, groups = coded["language"].to_numpy(str), coded["group"].to_numpy(str)
    for name in training.PORTRAYAL:
        head = load_head(name, weights)
        gold = coded[name].to_numpy(int) - (-1 if _ENDS[name][0] < 0 else 0)
        found = head.probabilities(seen.features, languages).argmax(1)
        common = np.full(len(gold), np.bincount(gold).argmax())
        for language, here in _each(languages):
            interval = _macro_f1(gold[here], found[here], groups[here], len(head.classes))
            base = _macro_f1(gold[here], common[here], groups[here], len(head.classes)).value
            rows.append(_row(f"{name}: macro-F1", language, interval, base, int(here.sum())))
    articles = open_corpus(corpora / "karabakh").articles
    articles = articles[articles["article_id"].isin(coded["article_id"])].reset_index(drop=True)
    passages = split_passages(articles)
    mentions, _ = attribute(articles, passages, read_actors(corpora / "karabakh" / "actors.toml"))
    rows += _voices(mentions, coded)
    rows += _evidence(corpora / "karabakh", coded, seen, weights)
    rows += _direction(corpora / "probes", split, tuned, weights)
    rows += _frames(corpora / "karabakh", passages, mentions, tuned, weights)
    return pd.DataFrame(rows)


def _of_split(frame: pd.DataFrame, split: str) -> pd.DataFrame:
    known = sorted(frame["split"].unique())
    if split not in known:
        raise ConfigError(f"split '{split}': {suggest(split, known)}")
    return frame[frame["split"] == split].reset_index(drop=True)


def _frames(
    corpus: Path, passages: pd.DataFrame, mentions: pd.DataFrame, tuned: Encoder, weights: Path | None
) -> list[dict[str, Any]]:
    """Generic frames of sentences and of whole accounts, micro-F1; baseline: every frame everywhere."""
    head = load_head("frames", weights)
    language = passages.drop_duplicates("article_id").set_index("article_id")["language"]
    both = make_view(passages, mentions, tuned).both
    logits = head.logits(np.stack([states.mean(0) for states in both]), passages["language"])
    coded = read_labels(corpus / "frames.csv", FRAME_LABELS).set_index(["article_id", "passage_id"])["generic"]
    whole = pd.DataFrame(logits).groupby(passages["article_id"].to_numpy()).mean().loc[language.index]
    rows: list[dict[str, Any]] = []
    for unit, made, keys in (
        ("sentences", logits, list(zip(passages["article_id"], passages["passage_id"], strict=True))),
        ("accounts", whole.to_numpy(), [(name, "") for name in language.index]),
    ):
        gold = np.asarray([[name in coded[key].split(";") for name in head.classes] for key in keys])
        found = 1 / (1 + np.exp(-made)) >= head.thresholds
        counts = np.stack([(gold & found).sum(1), gold.sum(1) + found.sum(1)], 1).astype(np.float64)
        every = np.stack([gold.sum(1), gold.sum(1) + len(head.classes)], 1).astype(np.float64)
        owners = np.asarray([name for name, _ in keys])
        languages = language.loc[owners].to_numpy(str)
        for code, here in _each(languages):
            base = float(2 * every[here, 0].sum() / every[here, 1].sum())
            rows.append(_row(f"frames of {unit}: micro-F1", code, _ratio(counts[here], owners[here]), base, sum(here)))
    return rows


def _ratio(counts: Floats, groups: npt.NDArray[Any]) -> Interval:
    """Twice the first column's sum over the second's (a micro-F1), whole groups resampled."""
    number, names = pd.factorize(groups)
    sums = np.zeros((len(names), 2))
    np.add.at(sums, number, counts)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    draws = drawn @ sums
    value = 2 * sums[:, 0].sum() / sums[:, 1].sum()
    return Interval(float(value), *map(float, np.quantile(2 * draws[:, 0] / draws[:, 1], [0.025, 0.975])))


def _row(measure: str, language: str, interval: Interval, baseline: float, units: int) -> dict[str, Any]:
    return {
        "measure": measure, "language": language, "value": interval.value, "low": interval.low, "high": interval.high,
        "baseline": baseline, "units": units,
    }  # fmt: skip


def _each(languages: npt.NDArray[Any]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    every = [("all", np.ones(len(languages), bool))]
    return every + [(code, languages == code) for code in texts.LANGUAGES if (languages == code).any()]


def _macro_f1(gold: npt.NDArray[Any], found: npt.NDArray[Any], groups: npt.NDArray[Any], classes: int) -> Interval:
    """Macro-F1 over the classes that occur in gold, whole groups resampled."""
    number, names = pd.factorize(groups)
    counts = np.zeros((len(names), classes, classes))
    np.add.at(counts, (number, gold, found), 1)
    occurs = np.bincount(gold, minlength=classes) > 0

    def score(tables: Floats) -> Floats:
        right = np.diagonal(tables, axis1=-2, axis2=-1)
        both = tables.sum(-1) + tables.sum(-2)
        with np.errstate(invalid="ignore", divide="ignore"):
            f1 = np.where(both > 0, 2 * right / both, np.nan)
        return np.asarray(np.nanmean(np.where(occurs, f1, np.nan), -1))

    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    draws = score(np.tensordot(drawn, counts, 1))
    return Interval(float(score(counts.sum(0))), *map(float, np.nanquantile(draws, [0.025, 0.975])))


def _mean(values: Floats, groups: npt.NDArray[Any]) -> Interval:
    """A mean, whole groups resampled; NaN are left out."""
    keep = ~np.isnan(values)
    number, names = pd.factorize(groups[keep])
    sums, counts = np.bincount(number, values[keep], len(names)), np.bincount(number, minlength=len(names))
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    draws = (drawn @ sums) / (drawn @ counts)
    return Interval(float(values[keep].mean()), *map(float, np.quantile(draws, [0.025, 0.975])))


def _voices(mentions: pd.DataFrame, coded: pd.DataFrame) -> list[dict[str, Any]]:
    """Whose words: the voice of an actor's first mention that is not the narrator's, else the narrator."""
    told = mentions[mentions["voice"] != "narrator"].drop_duplicates(["passage_id", "actor"])
    voice = told.set_index(["passage_id", "actor"])["voice"].to_dict()
    keys = zip(coded["passage_id"], coded["actor"], strict=True)
    right = np.asarray(
        [float(voice.get(key, "narrator") == gold) for key, gold in zip(keys, coded["voice"], strict=True)]
    )
    narrator = (coded["voice"] == "narrator").to_numpy(float)
    languages, groups = coded["language"].to_numpy(str), coded["group"].to_numpy(str)
    return [
        _row("voice: accuracy", code, _mean(right[here], groups[here]), float(narrator[here].mean()), int(here.sum()))
        for code, here in _each(languages)
    ]


def _evidence(corpus: Path, coded: pd.DataFrame, seen: Read, weights: Path | None) -> list[dict[str, Any]]:
    """F1 of the words marked as evidence, where the coders marked some."""
    evidence = load_evidence(weights)
    between = _between_coders(corpus)
    ours, theirs = np.full(len(coded), np.nan), np.full(len(coded), np.nan)
    for i, row in enumerate(coded.to_dict("records")):
        if np.isnan(row["evidence_start"]):
            continue
        words = texts.words(row["text"], row["language"])
        states = seen.states[i]
        shares = evidence.logits(states.states, states.states[seen.at[i]].mean(0))
        window = strongest_window(word_parts(states, words, shares), words)
        ours[i] = _overlap(words, window, (int(row["evidence_start"]), int(row["evidence_end"])))
        spans = between.get((row["passage_id"], row["actor"]))
        if spans is not None:
            theirs[i] = _overlap(words, *spans)
    languages, groups = coded["language"].to_numpy(str), coded["group"].to_numpy(str)
    return [
        _row("evidence: word F1", code, _mean(ours[here], groups[here]), float(np.nanmean(theirs[here])),
             int((~np.isnan(ours[here])).sum()))
        for code, here in _each(languages) if (~np.isnan(ours[here])).any()
    ]  # fmt: skip


def _between_coders(corpus: Path) -> dict[tuple[str, str], tuple[tuple[int, int], tuple[int, int]]]:
    """The spans of the two coders where both marked one, offsets into the passage."""
    starts = split_passages(open_corpus(corpus).articles).set_index("passage_id")["start"].to_dict()
    spans: list[dict[tuple[str, str], tuple[int, int]]] = []
    for coder in ("coder1", "coder2"):
        table = read_labels(corpus / f"labels.{coder}.csv")
        table = table[table["evidence"].notna()]
        spans.append(
            {
                (r["passage_id"], r["actor"]): (
                    int(r["evidence_start"]) - starts[r["passage_id"]], int(r["evidence_end"]) - starts[r["passage_id"]]
                )
                for r in table.to_dict("records")
            }
        )  # fmt: skip
    return {key: (spans[0][key], spans[1][key]) for key in spans[0].keys() & spans[1].keys()}


def _overlap(words: list[tuple[int, int]], one: tuple[int, int] | None, other: tuple[int, int]) -> float:
    """F1 of the words in two spans."""

    def inside(span: tuple[int, int] | None) -> set[int]:
        return {i for i, (a, b) in enumerate(words) if span is not None and a < span[1] and b > span[0]}

    a, b = inside(one), inside(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else float("nan")


def _direction(folder: Path, split: str, tuned: Encoder, weights: Path | None) -> list[dict[str, Any]]:
    """Of two actors in a statement, is the one that the codebook blames more also given more blame?"""
    frame = training.load_probes(folder)
    frame = frame[(frame["split"] == split) & (frame["dimension"] == "blame") & (frame["pair_id"] != "")]
    frame = frame.reset_index(drop=True)
    frame["score"] = scores_of("blame", frame, tuned, weights)
    wide = frame.sort_values("value").groupby(["statement_id", "language"], sort=True)
    table = wide.agg(low=("score", "first"), high=("score", "last"), group=("group", "first"), n=("score", "size"))
    table = table[table["n"] == 2].reset_index()
    right = np.asarray(table["high"] > table["low"], np.float64)
    languages, groups = table["language"].to_numpy(str), table["group"].to_numpy(str)
    return [
        _row("direction of blame: accuracy", code, _mean(right[here], groups[here]), 0.5, int(here.sum()))
        for code, here in _each(languages)
    ]


def scores_of(name: str, frame: pd.DataFrame, tuned: Encoder, weights: Path | None = None) -> Floats:
    """Scores of one dimension for mentions, as SCORES gives them."""
    return expected(
        load_head(name, weights).probabilities(read(frame, tuned).features, frame["language"]), *_ENDS[name]
    )


# --------------------------------------------------------------------------- alike in every language, for every actor


def invariance(corpora: Path, split: str, encoder: Encoder, *, weights: Path | None = None) -> pd.DataFrame:
    """Whether a scorer reads the same statement alike in az, hy, ru and en, and every actor alike.

    Returns
    -------
    DataFrame
        ``dimension``, ``measure``, ``about`` (a language, a pair of languages, an actor, or ""), ``value``, ``low``,
        ``high`` (95 %, whole statements resampled; NaN for correlations), ``units``. Measures: "mean difference" of a
        language from the mean of the four (in units of the score); "rank correlation" between two languages; "swap
        correlation" of an actor's score with that of the actor in its place in the swapped statement; "actor shift",
        an actor's mean less that of both actors that stood in its place.

    References
    ----------
    Davidov et al. (2014), Measurement Equivalence in Cross-National Research, Annual Review of Sociology 40.
    """
    tuned = tuned_encoder(encoder, weights)
    frame = _of_split(training.load_probes(corpora / "probes"), split)
    rows: list[dict[str, Any]] = []
    seen = read(frame, tuned)
    for name in ("blame", "legitimacy", "suffering"):
        chances = load_head(name, weights).probabilities(seen.features, frame["language"])
        scored = frame.assign(score=expected(chances, *_ENDS[name]))
        scored = scored[scored["dimension"].isin([name, "neutral"])]
        wide = scored.pivot_table(index=["group", "statement_id", "actor"], columns="language", values="score").dropna()
        groups = wide.index.get_level_values("group").to_numpy(str)
        for code in wide.columns:
            away = (wide[code] - wide.mean(axis=1)).to_numpy()
            rows.append(_alike(name, "mean difference", code, _mean(away, groups), len(wide)))
        for one, other in itertools.combinations(wide.columns, 2):
            rho = Interval(float(spearmanr(wide[one], wide[other]).statistic), np.nan, np.nan)
            rows.append(_alike(name, "rank correlation", f"{one}-{other}", rho, len(wide)))
        rows += _swaps(name, scored)
    return pd.DataFrame(rows)


def _alike(name: str, measure: str, about: str, interval: Interval, units: int) -> dict[str, Any]:
    return {
        "dimension": name, "measure": measure, "about": about, "value": interval.value, "low": interval.low,
        "high": interval.high, "units": units,
    }  # fmt: skip


def _swaps(name: str, scored: pd.DataFrame) -> list[dict[str, Any]]:
    """A role in a statement, filled by one actor and by the other: the scores should be the same."""
    paired = scored[scored["pair_id"] != ""]
    keys = ["pair_id", "group", "language", "value"]
    wide = paired.pivot_table(index=keys, columns="variant", values="score", aggfunc="mean")
    if wide.empty or wide.shape[1] < 2:
        return []
    names = paired.pivot_table(index=keys, columns="variant", values="actor", aggfunc="first")
    wide = wide.dropna()
    names = names.loc[wide.index]
    rows = []
    for code in ("all", *texts.LANGUAGES):
        own = wide if code == "all" else wide[wide.index.get_level_values("language") == code]
        if len(own) < 3:
            continue
        rho = float(np.corrcoef(own["original"], own["swapped"])[0, 1])
        rows.append(_alike(name, "swap correlation", code, Interval(rho, np.nan, np.nan), len(own)))
    gaps = pd.concat(
        [
            pd.DataFrame({"actor": names[a], "gap": wide[a] - wide[b]}).reset_index()
            for a, b in (("original", "swapped"), ("swapped", "original"))
        ]
    )
    for actor, own in gaps.groupby("actor"):
        shift = _mean(own["gap"].to_numpy(float) / 2, own["group"].to_numpy(str))
        rows.append(_alike(name, "actor shift", str(actor), shift, len(own)))
    return rows
