"""How far the scorers agree with coded passages and with public sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from framing import text as texts
from framing import training
from framing.actors import Registry, read_actors
from framing.agreement import read_labels
from framing.corpus import open_corpus, split_passages
from framing.errors import ConfigError, TrainingDataError, suggest
from framing.models import Encoder, TokenStates, defused
from framing.resampling import Interval
from framing.scoring import Hidden, as_written, hide, make_view, on_tokens, tuned_encoder, word_parts
from framing.scoring.heads import load_evidence, load_head, strongest_window
from framing.scoring.portrayal import expected
from framing.tables import FRAME_LABELS
from framing.voices import attribute

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
_RESAMPLES = 1000
_BINS = 10
ENDS: Mapping[str, tuple[float, float]] = {
    "blame": (0.0, 1.0), "legitimacy": (-1.0, 1.0), "suffering": (0.0, 1.0), "sentiment": (-1.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What an encoder makes of marked mentions: features (N, 2 H), states, which tokens are the mention."""

    features: Floats
    states: list[TokenStates]
    at: list[npt.NDArray[np.bool_]]


def read(
    frame: pd.DataFrame,
    tuned: Encoder,
    tell: Callable[[int], None] = lambda count: None,
    *,
    layers: Sequence[int] = (-1,),
    untouched: bool = False,
) -> Read:
    """Read mentions as in scoring; the frame is one of `framing.training`'s, with ``hidden`` and ``spans``.

    H is the encoder's width times the number of layers: ``layers`` and ``untouched`` as in
    `framing.models.Encoder.states`.
    """
    rows = {key: i for i, key in enumerate(dict.fromkeys(zip(frame["text"], frame["hidden"], strict=True)))}
    covered = [hide(defused(text), hidden, tuned.mask) for text, hidden in rows]
    made = tuned.states([text for text, _ in covered], layers=layers, untouched=untouched, progress=tell)
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


# --------------------------------------------------------------------------- figures and their intervals


class Drawn(NamedTuple):
    """A figure, and the same figure of draws of whole groups."""

    value: float
    draws: Floats

    @property
    def interval(self) -> Interval:
        """The figure between its 95 % percentile bounds."""
        return Interval(self.value, *map(float, np.nanquantile(self.draws, [0.025, 0.975])))


def draw(counts: Floats, groups: npt.NDArray[Any], figure: Callable[[Floats], Floats], seed: int = 0) -> Drawn:
    """A figure of summed counts (N, ...), whole groups resampled; other seeds give independent draws."""
    number, names = pd.factorize(groups)
    sums = np.zeros((len(names), *counts.shape[1:]))
    np.add.at(sums, number, counts)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    return Drawn(float(figure(sums.sum(0))), figure(np.tensordot(drawn.astype(np.float64), sums, 1)))


def _joint(parts: Sequence[Drawn]) -> Drawn:
    """The mean of figures of several sets, each resampled by itself."""
    return Drawn(float(np.mean([part.value for part in parts])), np.mean([part.draws for part in parts], 0))


def _share(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def _f1_of(classes: npt.NDArray[np.bool_]) -> Callable[[Floats], Floats]:
    """Mean F1 of some of C classes, from sums (..., C, 2) of hits and of gold and found together.

    A class that a draw has neither in gold nor found is left out of that draw.
    """

    def figure(sums: Floats) -> Floats:
        return np.asarray(np.nanmean(np.where(classes, 2 * _share(sums), np.nan), -1))

    return figure


def _hits(gold: npt.NDArray[Any], found: npt.NDArray[Any]) -> Floats:
    """Booleans (N, C) twice to counts (N, C, 2): hits, and gold and found together."""
    return np.stack([gold & found, gold.astype(int) + found], -1).astype(np.float64)


def _one_hot(codes: npt.NDArray[Any], classes: int) -> npt.NDArray[np.bool_]:
    return np.asarray(codes[:, None] == np.arange(classes))


def _macro_f1(gold: npt.NDArray[Any], found: npt.NDArray[Any], groups: npt.NDArray[Any], classes: int) -> Interval:
    """Macro-F1 over the classes that occur in gold, whole groups resampled."""
    return _classified("macro-F1", gold, found, groups, classes).interval


def _classified(
    measure: str,
    gold: npt.NDArray[Any],
    found: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    classes: int,
    seed: int = 0,
) -> Drawn:
    """Accuracy, macro-F1 over the classes that occur in gold, or "F1 of pos and neg" (the first and last class)."""
    if measure == "accuracy":
        return draw(np.stack([gold == found, np.ones(len(gold))], 1).astype(np.float64), groups, _share, seed)
    wanted = np.bincount(gold, minlength=classes) > 0
    if measure == "F1 of pos and neg":
        wanted = np.isin(np.arange(classes), [0, classes - 1])
    return draw(_hits(_one_hot(gold, classes), _one_hot(found, classes)), groups, _f1_of(wanted), seed)


def _ratio(counts: Floats, groups: npt.NDArray[Any]) -> Interval:
    """Twice the first column's sum over the second's (a micro-F1), whole groups resampled."""
    return draw(counts, groups, lambda sums: 2 * _share(sums)).interval


def f1_of(gold: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_], groups: npt.NDArray[Any]) -> Interval:
    """F1 of a class that is there or not, whole groups resampled."""
    return _ratio(_hits(gold, found), groups)


def mean_of(values: Floats, groups: npt.NDArray[Any]) -> Interval:
    """A mean, whole groups resampled; NaN are left out."""
    keep = ~np.isnan(values)
    return draw(np.stack([values[keep], np.ones(keep.sum())], 1), groups[keep], _share).interval


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
    coded = of_split(training.load_portrayal(corpora / "karabakh"), split)
    seen = read(coded, tuned, tell)
    rows: list[dict[str, Any]] = []
    languages, groups = coded["language"].to_numpy(str), coded["group"].to_numpy(str)
    for name in training.PORTRAYAL:
        head = load_head(name, weights)
        gold = classes_of(coded, name)
        found = head.decide(head.probabilities(seen.features, languages))
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


def coverage(
    corpora: Path,
    split: str,
    encoder: Encoder,
    *,
    weights: Path | None = None,
    tell: Callable[[int], None] = lambda count: None,
) -> pd.DataFrame:
    """What is gained and lost where mentions without a probable code get no score (``[scoring] confidence``).

    Returns
    -------
    DataFrame
        A row a dimension and confidence: ``coverage``, the share of coded mentions that are scored; of those
        ``accuracy``, ``low``, ``high`` (95 %, whole accounts resampled) and ``macro_f1`` over the codes that occur.
    """
    tuned = tuned_encoder(encoder, weights)
    coded = of_split(training.load_portrayal(corpora / "karabakh"), split)
    features, groups = read(coded, tuned, tell).features, coded["group"].to_numpy(str)
    rows = []
    for name in training.PORTRAYAL:
        head = load_head(name, weights)
        gold = classes_of(coded, name)
        chances = head.probabilities(features, coded["language"])
        found, sure = head.decide(chances), chances.max(1)
        for confidence in (0.0, 0.6, 0.7, 0.8, 0.9, 0.95):
            own = sure >= confidence
            if not own.any():
                continue
            right = mean_of((found[own] == gold[own]).astype(np.float64), groups[own])
            rows.append(
                {
                    "dimension": name, "confidence": confidence, "coverage": float(own.mean()), "accuracy": right.value,
                    "low": right.low, "high": right.high,
                    "macro_f1": _macro_f1(gold[own], found[own], groups[own], len(head.classes)).value,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def of_split(frame: pd.DataFrame, split: str) -> pd.DataFrame:
    known = sorted(frame["split"].unique())
    if split not in known:
        raise ConfigError(f"split '{split}': {suggest(split, known)}")
    return frame[frame["split"] == split].reset_index(drop=True)


def classes_of(coded: pd.DataFrame, name: str) -> npt.NDArray[np.int64]:
    """The codes of coded passages on one dimension as numbers of its head's classes, from 0: shape (N,)."""
    return coded[name].to_numpy(np.int64) + (1 if ENDS[name][0] < 0 else 0)


def binned(chance: Floats, came: npt.NDArray[Any]) -> Floats:
    """Counts (N, 10, 3) for `calibration_error`: the probability, whether it came true, and 1, in its tenth."""
    place = np.minimum((chance * _BINS).astype(int), _BINS - 1)
    here = place[:, None] == np.arange(_BINS)
    return np.asarray(here[:, :, None] * np.stack([chance, came, np.ones(len(chance))], 1)[:, None])


def calibration_error(sums: Floats) -> Floats:
    """Expected calibration error from sums (..., 10, 3) of `binned`, 0 to 1; NaN of nothing.

    The mean distance of a bin's probability from its share that came true, weighed by units.

    References
    ----------
    Guo et al. (2017), On Calibration of Modern Neural Networks, ICML.

    Examples
    --------
    >>> counts = binned(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1, 1, 1, 0]))
    >>> round(float(calibration_error(counts.sum(0))), 3)
    0.1
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.abs(sums[..., 0] - sums[..., 1]).sum(-1) / sums[..., 2].sum(-1))


def _frames(
    corpus: Path, passages: pd.DataFrame, mentions: pd.DataFrame, tuned: Encoder, weights: Path | None
) -> list[dict[str, Any]]:
    """Generic frames of sentences and of whole accounts, micro-F1; baseline: every frame everywhere."""
    head = load_head("frames", weights)
    language = passages.drop_duplicates("article_id").set_index("article_id")["language"]
    both = make_view(passages, mentions, tuned).both
    means = np.stack([states.mean(0) for states in both])[:, : head.weights.shape[1]]
    logits = head.logits(means, passages["language"])
    coded = read_labels(corpus / "frames.csv", FRAME_LABELS).set_index(["article_id", "passage_id"])["generic"]
    whole = pd.DataFrame(logits).groupby(passages["article_id"].to_numpy()).mean().loc[language.index]
    rows: list[dict[str, Any]] = []
    for unit, made, keys in (
        ("sentences", logits, list(zip(passages["article_id"], passages["passage_id"], strict=True))),
        ("accounts", whole.to_numpy(), [(name, "") for name in language.index]),
    ):
        gold = np.asarray([[name in coded[key].split(";") for name in head.classes] for key in keys])
        found = head.decide(1 / (1 + np.exp(-made)))
        counts = np.stack([(gold & found).sum(1), gold.sum(1) + found.sum(1)], 1).astype(np.float64)
        every = np.stack([gold.sum(1), gold.sum(1) + len(head.classes)], 1).astype(np.float64)
        owners = np.asarray([name for name, _ in keys])
        languages = language.loc[owners].to_numpy(str)
        for code, here in _each(languages):
            base = float(2 * every[here, 0].sum() / every[here, 1].sum())
            rows.append(_row(f"frames of {unit}: micro-F1", code, _ratio(counts[here], owners[here]), base, sum(here)))
    return rows


def _row(measure: str, language: str, interval: Interval, baseline: float, units: int) -> dict[str, Any]:
    return {
        "measure": measure, "language": language, "value": interval.value, "low": interval.low, "high": interval.high,
        "baseline": baseline, "units": units,
    }  # fmt: skip


def _each(languages: npt.NDArray[Any]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    every = [("all", np.ones(len(languages), bool))]
    return every + [(code, languages == code) for code in texts.LANGUAGES if (languages == code).any()]


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
        _row("voice: accuracy", code, mean_of(right[here], groups[here]), float(narrator[here].mean()), int(here.sum()))
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
        _row("evidence: word F1", code, mean_of(ours[here], groups[here]), float(np.nanmean(theirs[here])),
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

    a, b = _inside(words, [one] if one else []), _inside(words, [other])
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
        _row("direction of blame: accuracy", code, mean_of(right[here], groups[here]), 0.5, int(here.sum()))
        for code, here in _each(languages)
    ]


def scores_of(name: str, frame: pd.DataFrame, tuned: Encoder, weights: Path | None = None) -> Floats:
    """Scores of one dimension for mentions, as SCORES gives them."""
    return expected(load_head(name, weights).probabilities(read(frame, tuned).features, frame["language"]), *ENDS[name])


# --------------------------------------------------------------------------- against the public sets

_BLOCK = 1000
_STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03)
_FOLDS = 3
#: The best figures that others published, with their source; they read the names.
_PUBLISHED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("micro-F1", "en"): ("0.785", "dev; Piskorski et al. 2023"),
    ("accuracy", "mean"): ("0.84-0.89", "test; Mahmoud et al. 2025"),
    ("F1 of pos and neg", "rusentne"): ("0.66", "final test; Golubev et al. 2023"),
    ("macro-F1", "newsmtsc-rw"): ("0.831", "Hamborg & Donnay 2021"),
    ("macro-F1", "newsmtsc-mt"): ("0.825", "Hamborg & Donnay 2021"),
}
_FROZEN = (
    "frozen: logistic regression on the untuned encoder's states (those below the layers that are tuned), fitted on "
    "train; its strength by grouped cross-validation on train."
)
_NO_LEXICON = "No word list of polarity is at hand that is not somebody else's, so there is no such baseline."
_UNLIKE = "Published figures: often of one language, on the split named, so only the order of size can be compared."


def frames(
    data: Path, encoder: Encoder, *, weights: Path | None = None, progress: Progress
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Generic frames of whole articles against semeval2023-task3 dev, in six languages.

    Parameters
    ----------
    data : Path
        The folder with ``semeval2023-task3``.

    Returns
    -------
    DataFrame
        ``measure``, ``set`` (a language, or "mean" of all), ``value`` (0 to 1), ``low``, ``high`` (95 %, whole
        articles resampled, each language by itself), ``baseline`` (every frame everywhere), ``published`` and its
        ``source`` ("" where none is known), ``units``.
        Macro-F1 is over the frames that occur in gold.
    tuple of str
        Notes to print below.

    Raises
    ------
    TrainingDataError
        If the data set is not there.

    References
    ----------
    Piskorski et al. (2023), SemEval-2023 Task 3, ACL.
    """
    articles = training.load_frames(data)
    head = load_head("frames", weights)
    dev = articles[articles["split"] == "dev"].reset_index(drop=True)
    features = _documents(dev, encoder, progress)
    gold = dev[list(head.classes)].to_numpy(bool)
    answers = {"value": head.decide(head.probabilities(features, dev["language"])), "baseline": np.ones_like(gold)}
    parts = {code: np.flatnonzero(dev["language"] == code) for code in sorted(dev["language"].unique())}

    def drawn(measure: str, name: str, own: npt.NDArray[Any], seed: int) -> Drawn:
        counts = _hits(gold[own], answers[name][own])
        figure = _f1_of(gold[own].any(0))
        if measure == "micro-F1":
            counts, figure = counts.sum(1), lambda sums: 2 * _share(sums)
        return draw(counts, np.arange(len(own)), figure, seed)

    found = _table(("micro-F1", "macro-F1"), parts, drawn, answers=("value", "baseline"))
    notes = (
        "baseline: every frame everywhere. The head reads the untuned encoder.",
        f"An article is its first {training._SENTENCES} sentences, as in training.",
        "Published for en dev besides (micro-F1): 0.71 BART-MNLI, 0.605 the task's own baseline. " + _UNLIKE,
    )
    return pd.DataFrame(found), notes


def _documents(articles: pd.DataFrame, encoder: Encoder, progress: Progress) -> Floats:
    """The mean of the sentences' mean states, shape (N, H)."""
    cut = [
        [(number, text[a:b]) for a, b in texts.sentences(text, language)[: training._SENTENCES]]
        for number, (text, language) in enumerate(zip(articles["text"], articles["language"], strict=True))
    ]
    rows = pd.DataFrame([row for own in cut for row in own], columns=["article", "text"])
    rows["hidden"], rows["spans"] = [()] * len(rows), [()] * len(rows)
    features = _features(rows, encoder, progress, "articles")
    means = features[:, : features.shape[1] // 2]  # without a mention, both halves are the sentence
    return pd.DataFrame(means).groupby(rows["article"].to_numpy()).mean().to_numpy()


def _features(
    frame: pd.DataFrame,
    encoder: Encoder,
    progress: Progress,
    stage: str,
    *,
    layers: Sequence[int] = (-1,),
) -> npt.NDArray[Any]:
    """The features of `read` for many mentions, block by block: the states of all tokens would fill the memory."""
    keys = list(zip(frame["text"], frame["hidden"], strict=True))
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    block = np.asarray([number[key] // _BLOCK for key in keys])
    out = np.zeros((len(frame), 2 * len(layers) * encoder.width), np.float32)
    with progress(stage, len(number)) as tell:
        for at in range(block.max(initial=-1) + 1):
            own = np.flatnonzero(block == at)
            out[own] = read(frame.iloc[own], encoder, tell, layers=layers).features
    return out


def _table(
    measures: Sequence[str],
    parts: Mapping[str, npt.NDArray[Any]],
    drawn: Callable[[str, str, npt.NDArray[Any], int], Drawn],
    *,
    answers: Sequence[str] = ("value", "baseline", "frozen"),
    joint: bool = True,
    **more: str,
) -> list[dict[str, Any]]:
    """A row a measure and part, and one for the mean of the parts; ``drawn`` gives a figure of one of three answers."""
    out = []
    for measure in measures:
        figures = {
            name: [drawn(measure, name, own, seed) for seed, own in enumerate(parts.values())] for name in answers
        }
        sizes = {name: len(own) for name, own in parts.items()}
        if joint:
            figures = {name: [*own, _joint(own)] for name, own in figures.items()}
            sizes["mean"] = sum(sizes.values())
        for i, (name, size) in enumerate(sizes.items()):
            published, source = ("", "")
            if more.get("names") != "hidden":
                published, source = _PUBLISHED.get((measure, name), ("", ""))
            value, low, high = figures["value"][i].interval
            out.append(
                {
                    "measure": measure, "set": name, **more, "value": value, "low": low, "high": high,
                    **{answer: figures[answer][i].value for answer in answers[1:]},
                    "published": published, "source": source, "units": size,
                }
            )  # fmt: skip
    return out


def roles(
    data: Path, encoder: Encoder, *, weights: Path | None = None, progress: Progress
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The main role of marked mentions against semeval2025-task10 dev, in five languages.

    Returns
    -------
    DataFrame
        As `frames`, with ``names``: "seen", as others measured, or "hidden", as the toolkit reads. Whole articles are
        resampled; ``baseline`` is the commonest class of the language's train.
    tuple of str
        Notes to print below.

    Raises
    ------
    TrainingDataError
        If ``data`` has no ``semeval2025-task10``.

    References
    ----------
    Mahmoud et al. (2025), Entity Framing and Role Portrayal in the News, arXiv:2502.14718.
    """
    marked = training.load_roles(data)
    known = training.CLASSES["roles"]
    marked["gold"] = [known.index(role.lower()) for role in marked["role"]]
    marked["part"] = marked["language"]
    measures = ("accuracy", "macro-F1")
    found = _mentions("roles", marked, measures, encoder, weights, progress, joint=True)
    few = marked[(marked["split"] == "dev") & (marked["gold"] == known.index("innocent"))].groupby("language").size()
    notes = (
        "baseline: the commonest class of the language's train.",
        _FROZEN,
        f"Innocent in dev: {', '.join(f'{code} {n}' for code, n in few.items())}; macro-F1 leans on them.",
        "Portuguese is another team's cut, not the official one. " + _UNLIKE,
    )
    return pd.DataFrame(found), notes


def sentiment(
    data: Path, encoder: Encoder, *, weights: Path | None = None, progress: Progress
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The sentiment towards marked mentions against rusentne2023 validation and both tests of newsmtsc.

    Returns
    -------
    DataFrame
        As `roles`, a row a set. Whole sentences are resampled; ``baseline`` is the commonest class of train.
    tuple of str
        Notes to print below.

    Raises
    ------
    TrainingDataError
        If ``data`` has no ``rusentne2023`` or no ``newsmtsc``.

    References
    ----------
    Golubev et al. (2023), RuSentNE-2023, arXiv:2305.17679. Hamborg & Donnay (2021), NewsMTSC, EACL.
    """
    marked = training.load_sentiment(data)
    marked["gold"] = marked["sentiment"] + 1
    marked["part"] = marked["set"]
    found: list[dict[str, Any]] = []
    for language, measure in (("ru", "F1 of pos and neg"), ("en", "macro-F1")):
        own = marked[marked["language"] == language].reset_index(drop=True)
        name = f"sentiment_{language}"
        found += _mentions(name, own, (measure,), encoder, weights, progress, joint=False)
    notes = (
        "baseline: the commonest class of train.",
        _FROZEN,
        _NO_LEXICON,
        "rusentne2023: what validation shares is taken out of train; GPT-4-turbo without examples reached 0.51. "
        + _UNLIKE,
    )
    return pd.DataFrame(found), notes


def _mentions(
    name: str,
    marked: pd.DataFrame,
    measures: Sequence[str],
    encoder: Encoder,
    weights: Path | None,
    progress: Progress,
    *,
    joint: bool,
) -> list[dict[str, Any]]:
    """Rows for one head on mentions with ``gold``, ``part`` (what dev is told apart by), ``split`` and ``group``."""
    tuned, head = tuned_encoder(encoder, weights), load_head(name, weights)
    out: list[dict[str, Any]] = []
    for names, frame in _variants(marked):
        dev, train = (frame[frame["split"] == split].reset_index(drop=True) for split in ("dev", "train"))
        stage = f"{name}, {names}"
        above = _features(dev, tuned, progress, f"{stage}, dev")
        below = _features(dev, encoder, progress, f"{stage}, dev untuned", layers=(tuned.tuned_from,))
        fitted = _features(train, encoder, progress, f"{stage}, train", layers=(tuned.tuned_from,))
        gold, groups = dev["gold"].to_numpy(int), dev["group"].to_numpy(str)
        common = train.groupby("language")["gold"].agg(lambda codes: codes.value_counts().index[0])
        with progress(f"{stage}, frozen", len(_STRENGTHS)) as tell:
            frozen = _frozen(fitted, train["gold"].to_numpy(int), train["group"].to_numpy(str), tell)
        answers = {
            "value": head.decide(head.probabilities(above, dev["language"])),
            "baseline": dev["language"].map(common).to_numpy(int),
            "frozen": frozen.predict(below),
        }
        parts = {part: np.flatnonzero(dev["part"] == part) for part in sorted(dev["part"].unique())}
        drawn = _of_answers(gold, groups, answers, len(head.classes))
        out += _table(measures, parts, drawn, joint=joint, names=names)
    return out


def _of_answers(
    gold: npt.NDArray[Any], groups: npt.NDArray[Any], answers: Mapping[str, npt.NDArray[Any]], classes: int
) -> Callable[[str, str, npt.NDArray[Any], int], Drawn]:
    """What `_table` asks for: a measure of one of the answers, over a part of the mentions."""

    def drawn(measure: str, answer: str, own: npt.NDArray[Any], seed: int) -> Drawn:
        return _classified(measure, gold[own], answers[answer][own], groups[own], classes, seed)

    return drawn


def _variants(marked: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The mentions with the names seen, and with every marked name of the text hidden, as in training."""
    names: dict[str, set[Hidden]] = {}
    for text, start, end in zip(marked["text"], marked["start"], marked["end"], strict=True):
        names.setdefault(text, set()).add(Hidden(int(start), int(end)))
    hidden = {text: tuple(sorted(own)) for text, own in names.items()}
    spans = [((int(start), int(end)),) for start, end in zip(marked["start"], marked["end"], strict=True)]
    for variant, own in (("seen", [()] * len(marked)), ("hidden", [hidden[text] for text in marked["text"]])):
        kept = {"spans": pd.Series(spans, marked.index), "hidden": pd.Series(own, marked.index)}
        yield variant, marked.assign(**kept)


def _frozen(
    features: npt.NDArray[Any], gold: npt.NDArray[Any], groups: npt.NDArray[Any], tell: Callable[[int], None]
) -> Any:
    """Logistic regression on standardised features; C with the best macro-F1 in grouped cross-validation."""
    best: tuple[float, Any] = (-1.0, None)
    for strength in _STRENGTHS:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, tol=1e-3, max_iter=400))
        chosen = np.zeros_like(gold)
        for inner, held in GroupKFold(_FOLDS).split(features, gold, groups):
            chosen[held] = model.fit(features[inner], gold[inner]).predict(features[held])
        score = float(f1_score(gold, chosen, average="macro"))
        best = max(best, (score, model), key=lambda pair: pair[0])
        tell(1)
    return best[1].fit(features, gold)


# --------------------------------------------------------------------------- quotes


def voices(
    data: Path, registry: Registry, *, split: str = "test", progress: Progress
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Quotes and their sources against PolNeAR: English news of 2015 and 2016, attributions marked by hand.

    Returns
    -------
    DataFrame
        ``measure``, ``set``, ``value`` (0 to 1), ``low``, ``high`` (95 %, whole articles resampled), ``baseline``,
        ``units``. "content: word F1": the words that are somebody else's; baseline: all that stands in quotation
        marks. "source: accuracy": of the attributions with a source, those where the quote of ours that covers the
        content best has that source (`is_same_source`); one that is not found counts as wrong. "source where found":
        the same of those whose content is found with a word F1 of .5 at least. No baseline for either.
    tuple of str
        Notes to print below.

    Raises
    ------
    TrainingDataError
        If ``data`` has no ``polnear``.

    References
    ----------
    Newell et al. (2018), An Attribution Relations Corpus for Political News, LREC.
    """
    marked = load_polnear(data, split)
    articles = pd.DataFrame(
        {"article_id": list(marked), "text": [own.text for own in marked.values()], "language": "en", "title": ""}
    )
    with progress("quotes", len(articles)) as tell:
        _, quotes = attribute(articles, split_passages(articles), registry, progress=tell)
    by_article = dict(tuple(quotes.groupby("article_id")))
    content, marks = np.zeros((len(marked), 2)), np.zeros((len(marked), 2))
    right: list[tuple[str, float, bool]] = []
    for i, (name, own) in enumerate(marked.items()):
        words = texts.words(own.text, "en")
        ours = by_article[name].to_dict("records") if name in by_article else []
        gold = _inside(words, [span for item in own.attributions for span in item.content])
        for counts, spans in (
            (content, [(row["start"], row["end"]) for row in ours]),
            (marks, texts.quotations(own.text, "en")),
        ):
            found = _inside(words, spans)
            counts[i] = len(gold & found), len(gold) + len(found)
        covered = [_inside(words, [(row["start"], row["end"])]) for row in ours]
        for item in own.attributions:
            if not item.source:
                continue
            wanted = _inside(words, item.content)
            shares = [2 * len(wanted & found) / max(1, len(wanted) + len(found)) for found in covered]
            best = int(np.argmax(shares)) if shares else -1
            hit = best >= 0 and shares[best] > 0 and is_same_source(ours[best]["speaker_text"], item.source)
            right.append((name, float(hit), best >= 0 and shares[best] >= 0.5))
    base = float(2 * marks[:, 0].sum() / marks[:, 1].sum())
    sources = pd.DataFrame(right, columns=["article", "right", "found"])
    rows = [_row("content: word F1", "en", _ratio(content, np.asarray(list(marked))), base, len(marked))]
    for measure, chosen in (("source: accuracy", sources), ("source where found", sources[sources["found"]])):
        interval = mean_of(chosen["right"].to_numpy(float), chosen["article"].to_numpy(str))
        rows.append(_row(measure, "en", interval, float("nan"), len(chosen)))
    columns = ["measure", "set", "value", "low", "high", "baseline", "units"]
    notes = (
        "baseline: all that stands in quotation marks; none for the source.",
        "units: articles for content, attributions with a source for the source. Of texts marked by several annotators "
        "the first is taken.",
        "The rules were written for news on Armenia and Azerbaijan; PolNeAR also marks beliefs and intentions.",
        "Published: no figure for this measure is known to us.",
    )
    return pd.DataFrame(rows).assign(set=f"polnear {split}")[columns], notes


class Attribution(NamedTuple):
    """Somebody's words as PolNeAR marks them: spans of the content, and the source as written ("" for none)."""

    content: list[tuple[int, int]]
    source: str


class Attributed(NamedTuple):
    """A text, cleaned, and its attributions, offsets into it."""

    text: str
    attributions: list[Attribution]


def load_polnear(data: Path, split: str) -> dict[str, Attributed]:
    """PolNeAR: every text of a split (train, dev or test) by its name.

    References
    ----------
    Newell et al. (2018), An Attribution Relations Corpus for Political News, LREC.
    """
    root = Path(data) / "polnear"
    splits = ("train", "dev", "test")
    if split not in splits:
        raise ConfigError(f"split '{split}': {suggest(split, splits)}")
    folder = root / split
    if not (folder / "attributions").is_dir() or not (folder / "text").is_dir():
        raise TrainingDataError(
            f"{folder}: no such folder with 'text' and 'attributions'; give the folder that holds 'polnear' with "
            "--data DIR (address and commit: docs/training.md)."
        )
    found: dict[str, Attributed] = {}
    for file in sorted((folder / "attributions").glob("*.ann")):
        name = file.stem.rpartition("_")[0]  # the rest is the annotator
        text = folder / "text" / f"{name}.txt"
        if name in found or not text.is_file():
            continue
        found[name] = _attributed(text.read_bytes().decode("utf-8"), file.read_text(encoding="utf-8"))
    return found


def _attributed(raw: str, marks: str) -> Attributed:
    """Standoff marks on a raw text, as spans of the cleaned one."""
    spans: dict[str, list[tuple[int, int]]] = {}
    attributions = []
    lines = [line.split("\t") for line in marks.splitlines() if line]
    for key, told, *_ in lines:
        if key.startswith("T"):
            pairs = [part.split() for part in told.partition(" ")[2].split(";")]
            spans[key] = [(int(a), int(b)) for a, b in pairs]
    for key, told, *_ in lines:
        if key.startswith("E"):
            parts = [part.split(":") for part in told.split()]
            content = [span for kind, at in parts if kind.startswith("Content") for span in spans[at]]
            source = [raw[a:b] for kind, at in parts if kind.startswith("Source") for a, b in spans[at]]
            # a letter keeps the spaces before it, which cleaning would take away at the end of a text
            moved = [tuple(len(texts.clean(f"{raw[:at]}x")) - 1 for at in span) for span in content]
            attributions.append(Attribution([(a, b) for a, b in moved], " ".join(source)))
    return Attributed(texts.clean(raw), [item for item in attributions if item.content])


def _inside(words: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> set[int]:
    return {i for i, (a, b) in enumerate(words) if any(a < end and b > start for start, end in spans)}


def is_same_source(one: str, other: str) -> bool:
    """Whether two ways to write a speaker in English agree: the words of one are among those of the other.

    >>> is_same_source("Caddell", "the longtime pollster Pat Caddell"), is_same_source("", "he")
    (True, False)
    """
    short, long = sorted(
        ({text[a:b].lower() for a, b in texts.words(text, "en")} - {"the", "a", "an"} for text in (one, other)), key=len
    )
    return bool(short) and short <= long
