"""A user's own frames: a codebook and a few dozen coded passages to a head, and how many passages that takes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold

from framing import text as texts
from framing.actors import Registry, read_actors
from framing.agreement import read_labels
from framing.corpus import open_corpus, split_passages
from framing.errors import ConfigError, CorpusError, suggest
from framing.measurement import f1_of, of_split
from framing.models import Encoder
from framing.resampling import Interval
from framing.scoring import tuned_encoder
from framing.scoring.heads import Head, digest_of, load_centre, load_head, save_head
from framing.sources.files import read_csv, read_text
from framing.tables import FRAME_LABELS
from framing.training import FRAMES, alone, sentence_means, thresholds
from framing.voices import attribute

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer]

#: Of each frame: examples that have it, and examples that have it not.
LEAST = 4
#: Below this many examples a figure of cross-validation says little.
UNSURE = 30
_STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03)
_FOLDS = 5
_RESERVED = ("language", "text", "group")


# --------------------------------------------------------------------------- what a user brings


def read_codebook(file: Path) -> dict[str, str]:
    """The frames of a codebook: name to definition.

    The file has a section ``[[frames]]`` for each, with ``name`` and ``definition``.

    Raises
    ------
    ConfigError
        If the file is not TOML, a key is unknown or lacks, or a name cannot be a frame's; file and key are named.
    """
    try:
        raw = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}.") from error
    for key in raw.keys() - {"frames"}:
        raise ConfigError(f"{file}: unknown key '{key}'; {suggest(key, ['frames'])}")
    sections = raw.get("frames")
    if not isinstance(sections, list) or not sections or not all(isinstance(own, dict) for own in sections):
        raise ConfigError(f"{file}: no frames; write a section [[frames]] with name and definition for each.")
    found: dict[str, str] = {}
    for number, section in enumerate(sections, 1):
        place = f"{file}: frames, section {number}"
        for key in section.keys() - {"name", "definition"}:
            raise ConfigError(f"{place}: unknown key '{key}'; {suggest(key, ['name', 'definition'])}")
        for key in ("name", "definition"):
            if not isinstance(section.get(key), str) or not section[key].strip():
                raise ConfigError(f"{place}: '{key}' is {section.get(key, 'missing')!r}, expected words in quotes.")
        name = section["name"]
        if not name.isidentifier() or name in _RESERVED:
            raise ConfigError(
                f"{place}: name '{name}'; expected letters, digits and underscores, a letter first, and none of "
                f"{', '.join(_RESERVED)}: it is a column of the label file."
            )
        if name.casefold() in {frame.casefold() for frame in FRAMES}:
            raise ConfigError(f"{place}: '{name}' is one of the 14 generic frames, scored already; take another name.")
        if name in found:
            raise ConfigError(f"{place}: a second frame '{name}'; give each its own name.")
        found[name] = section["definition"].strip()
    return found


def read_examples(file: Path, frames: Sequence[str]) -> pd.DataFrame:
    """Coded sentences or passages.

    Parameters
    ----------
    file : Path
        A CSV with the columns ``language`` (az, hy, ru or en), ``text``, one of 0 and 1 for each frame, and, where
        several examples are of one article, ``group``: what is not to be parted in cross-validation. Other columns are
        left aside.

    Returns
    -------
    DataFrame
        ``language``, ``text`` (cleaned), ``group`` and a column of 0 and 1 a frame; the index is the file's row.

    Raises
    ------
    CorpusError
        If a column lacks, a cell is not as expected, or a frame has fewer than `LEAST` examples with it or without it;
        the message names file, row and remedy.
    """
    table = read_csv(file, required=["language", "text", *frames])
    table["text"] = table["text"].map(texts.clean)
    seen: dict[str, int] = {}
    for row, cells in zip(table.index, table.to_dict("records"), strict=True):
        place = f"{file}, row {row}"
        if cells["language"] not in texts.LANGUAGES:
            known = ", ".join(texts.LANGUAGES)
            raise CorpusError(f"{place}: language is '{cells['language']}'; write one of {known}.")
        if not cells["text"]:
            raise CorpusError(f"{place}: text is empty; fill it in, or take the row out.")
        if cells["text"] in seen:
            raise CorpusError(f"{place}: the text of row {seen[cells['text']]} again; take one of the two out.")
        seen[cells["text"]] = row
        for name in frames:
            if cells[name] not in ("0", "1"):
                raise CorpusError(f"{place}: {name} is '{cells[name]}'; write 1 where the text has the frame, else 0.")
    table[list(frames)] = table[list(frames)].astype("int64")
    rows = pd.Series([f"row {row}" for row in table.index], table.index)
    table["group"] = table["group"].mask(table["group"] == "", rows) if "group" in table else rows
    for name in frames:
        present = table[name] == 1
        remedy = f"code more, or take '{name}' out of the codebook."
        if min(present.sum(), (~present).sum()) < LEAST:
            raise CorpusError(
                f"{file}: '{name}' has {present.sum()} examples with 1 and {(~present).sum()} with 0, expected {LEAST} "
                f"of each at least; {remedy}"
            )
        for value, kind in ((present, 1), (~present, 0)):
            if table.loc[value, "group"].nunique() < 2:
                raise CorpusError(
                    f"{file}: all examples of '{name}' with {kind} are of one group, "
                    f"'{table.loc[value, 'group'].iloc[0]}'; cross-validation needs two: {remedy}"
                )
    return table[["language", "text", "group", *frames]]


# --------------------------------------------------------------------------- from examples to a head


class Fitted(NamedTuple):
    """A frame's logistic regression on scaled features: weights (F,), bias, threshold, and its chosen strength C."""

    weights: Floats
    bias: float
    threshold: float
    strength: float

    def chances(self, features: Floats) -> Floats:
        """The probabilities of N sentences, array of shape (N,)."""
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.bias))))


def fit(features: Floats, gold: Codes, groups: npt.NDArray[Any]) -> Fitted:
    """Fit one frame, with strength (by log loss) and threshold (by F1) from grouped cross-validation on the same rows.

    Both classes weigh the same however rare one is. A threshold is not taken below .5: it would suit examples of which
    half have the frame, and in running text fewer do. Where a class is of one group only, nothing can be left out: then
    a middle strength and a threshold of .5 are taken.

    Parameters
    ----------
    features : array of shape (N, F)
        Sentence features about their language's mean, in standard deviations (`Centre.scaled`).
    gold : array of shape (N,)
        0 or 1; both occur.
    groups : array of shape (N,)
    """
    left, size, axes = np.linalg.svd(features, full_matrices=False)
    small = left * size  # the same distances in N dimensions: the same regressions, sooner
    folds = list(_folds(gold, groups))
    share = np.where(gold == 1, 0.5 / gold.mean(), 0.5 / (1 - gold.mean()))
    best: tuple[float, float, Floats] = (np.inf, _STRENGTHS[len(_STRENGTHS) // 2], np.full(len(gold), 0.5))
    for strength in _STRENGTHS if folds else ():
        chances = np.full(len(gold), 0.5)
        for inner, held in folds:
            model = _logistic(small[inner], gold[inner], strength)
            chances[held] = model.predict_proba(small[held])[:, 1]
        loss = -float((share * np.log(np.clip(np.where(gold == 1, chances, 1 - chances), 1e-9, 1))).mean())
        if loss < best[0]:
            best = (loss, strength, chances)
    threshold = max(0.5, float(thresholds(best[2][:, None], gold[:, None])[0])) if folds else 0.5
    model = _logistic(small, gold, best[1])
    return Fitted(model.coef_[0] @ axes, float(model.intercept_[0]), threshold, best[1])


def _logistic(features: Floats, gold: Codes, strength: float) -> Any:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=1000).fit(features, gold)


def _folds(gold: Codes, groups: npt.NDArray[Any]) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Rows to fit on, rows left out: whole groups, each class on both sides as far as that goes."""
    count = min(_FOLDS, *(len(set(groups[gold == value])) for value in (0, 1)))
    if count < 2:
        return
    for inner, held in StratifiedGroupKFold(count, shuffle=True, random_state=0).split(groups, gold, groups):
        if len(set(gold[inner])) == 2:
            yield inner, held


def cross_validated(features: Floats, gold: Codes, groups: npt.NDArray[Any]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Probabilities and decisions of each example by a fit that has not seen it, nor its strength or threshold."""
    chances, found = np.full(len(gold), 0.5), np.zeros(len(gold), bool)
    for inner, held in _folds(gold, groups):
        made = fit(features[inner], gold[inner], groups[inner])
        chances[held] = made.chances(features[held])
        found[held] = chances[held] >= made.threshold
    return chances, found


def f1_interval(gold: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_], groups: npt.NDArray[Any]) -> Interval:
    """F1 with the wider of two 95 % intervals: whole groups resampled, and Wilson's.

    Resampling alone calls eight right answers of eight certain. F1 is 2 J / (1 + J), J the share of hits among what is
    in gold or found: a proportion, so Wilson's interval bounds it.

    Examples
    --------
    >>> every = np.array([True] * 4 + [False] * 4)
    >>> interval = f1_interval(every, every, np.arange(8))
    >>> round(interval.low, 2), interval.value, interval.high
    (0.68, 1.0, 1.0)
    """
    drawn = f1_of(gold, found, groups)
    union = int((gold | found).sum())
    if not union:
        return drawn
    told = binomtest(int((gold & found).sum()), union).proportion_ci(method="wilson")
    low, high = (2 * share / (1 + share) for share in (told.low, told.high))
    return Interval(drawn.value, float(min(drawn.low, low)), float(max(drawn.high, high)))


def train(
    labels: Path,
    codebook: Path,
    *,
    registry: Registry,
    encoder: Encoder,
    weights: Path | None = None,
    folder: Path,
    tell: Callable[[int], None] = lambda count: None,
) -> tuple[Head, pd.DataFrame]:
    """Train a head for the frames of a codebook and write it as ``own.safetensors``.

    A language is read about its own mean (`Centre`), so examples in one language are enough to score all four.

    Parameters
    ----------
    labels, codebook : Path
        As in `read_examples` and `read_codebook`.
    registry : Registry
        Whose names are hidden in the examples, as they are in scoring.
    weights : Path, optional
        The folder with the tuned layers and the languages' means; default: those shipped.
    folder : Path
        Where to write.

    Returns
    -------
    Head
    DataFrame
        A row a frame: ``frame``, ``examples``, ``with`` (how many have it), ``f1``, ``low``, ``high`` (95 %),
        ``average_precision``, ``every`` (the F1 of finding it everywhere), all in nested cross-validation;
        ``threshold`` and ``C`` of the head.

    Raises
    ------
    ConfigError, CorpusError
        If a file is not as expected.
    ModelError
        If layers or means do not fit the encoder.
    """
    frames = tuple(read_codebook(codebook))
    table = read_examples(labels, frames)
    tuned = tuned_encoder(encoder, weights)
    key = f"{tuned.name}+{tuned.digest}"
    centre = load_centre(key, weights)
    read = sentence_means(*alone(table["text"], table["language"], registry), tuned, tell)
    features, groups = centre.scaled(read, table["language"]), table["group"].to_numpy(str)
    made, rows = [], []
    for name in frames:
        gold = table[name].to_numpy(int)
        own = fit(features, gold, groups)
        chances, found = cross_validated(features, gold, groups)
        interval = f1_interval(gold == 1, found, groups)
        made.append(own)
        rows.append(
            {
                "frame": name, "examples": len(gold), "with": int(gold.sum()), "f1": interval.value,
                "low": interval.low, "high": interval.high,
                "average_precision": float(average_precision_score(gold, chances)),
                "every": 2 * gold.mean() / (1 + gold.mean()), "threshold": own.threshold, "C": f"{own.strength:g}",
            }
        )  # fmt: skip
    told = pd.DataFrame(rows)
    directions = np.stack([own.weights for own in made]) / centre.scale
    kept = ("examples", "with", "f1", "low", "high", "average_precision")
    head = Head(
        name="own",
        classes=frames,
        weights=directions,
        languages=centre.languages,
        bias=np.array([own.bias for own in made]) - centre.means @ directions.T,
        encoder=key,
        independent=True,
        thresholds=np.array([own.threshold for own in made]),
        figures={f"{row['frame']}: {name}": row[name] for row in rows for name in kept},
        sources={"labels": digest_of(labels), "codebook": digest_of(codebook), "actors": registry.digest[:12]},
    )
    save_head(head, folder)
    return load_head("own", folder), told


# --------------------------------------------------------------------------- how many examples it takes

SIZES = (8, 16, 32, 64)
_DRAWS = 20


def curve(
    corpora: Path,
    split: str,
    encoder: Encoder,
    *,
    weights: Path | None = None,
    frames: Sequence[str] = (),
    languages: Sequence[str] = texts.LANGUAGES,
    draws: int = _DRAWS,
    tell: Callable[[int], None] = lambda count: None,
) -> pd.DataFrame:
    """The learning curve on domain frames of corpora/karabakh: coded in one language, measured in all four.

    Examples are drawn from the train split's sentences, half of them with the frame (all there are, where those are
    too few) and read alone, names hidden; the sentences of ``split`` are read in their articles, as in scoring.

    Parameters
    ----------
    frames : sequence of str
        Default: the three with the most sentences in train.
    languages : sequence of str
        In which to code, one at a time.
    draws : int
        Seeded draws of examples; a larger draw holds the smaller ones of its seed.

    Returns
    -------
    DataFrame
        ``frame``, ``coded`` (the language of the examples, "" for none), ``examples``, ``method`` (own: what `fit`
        makes; prototypes: nearer by cosine to the mean of the examples with the frame or without; every: every
        sentence), ``language`` (measured on; "all" is all four together), ``f1``, ``f1_low``, ``f1_high``,
        ``average_precision`` with its ``ap_low``, ``ap_high``: the mean over the draws, and the bounds of the middle
        95 % of them. ``sentences`` and ``present``: how many there are, and how many have the frame.

    Raises
    ------
    ConfigError
        If there is no such split, frame or language.
    """
    tuned = tuned_encoder(encoder, weights)
    centre = load_centre(f"{tuned.name}+{tuned.digest}", weights)
    coded, mentions, registry = _coded(corpora / "karabakh")
    train, test = of_split(coded, "train"), of_split(coded, split)
    counts = train["domain"].str.split(";").explode().value_counts().drop("", errors="ignore")
    for names, known in ((frames, [str(name) for name in counts.index]), (languages, list(texts.LANGUAGES))):
        for name in names:
            if name not in known:
                raise ConfigError(f"'{name}': {suggest(name, known)}")
    examples = centre.scaled(
        sentence_means(*alone(train["text"], train["language"], registry), tuned, tell), train["language"]
    )
    read = centre.scaled(sentence_means(test, mentions, tuned, tell), test["language"])
    parts = {"all": np.ones(len(test), bool)} | {
        code: (test["language"] == code).to_numpy() for code in texts.LANGUAGES
    }
    rows: list[dict[str, Any]] = []
    for frame in frames or [str(name) for name in counts.index[:3]]:
        has, gold = (_has(table["domain"], frame) for table in (train, test))
        rows += _rows((frame, "", 0, "every"), gold, parts, [(np.zeros(len(gold)), np.ones(len(gold), bool))])
        for code in languages:
            pool = np.flatnonzero(train["language"] == code)
            for size in SIZES:
                answers: dict[str, list[tuple[Floats, npt.NDArray[np.bool_]]]] = {"own": [], "prototypes": []}
                for seed in range(draws):
                    own = pool[draw(has[pool], size, seed)]
                    made = fit(examples[own], has[own].astype(int), train["group"].to_numpy(str)[own])
                    chances = made.chances(read)
                    answers["own"].append((chances, chances >= made.threshold))
                    nearer = _nearer(examples[own], has[own], read)
                    answers["prototypes"].append((nearer, nearer > 0))
                for method, given in answers.items():
                    rows += _rows((frame, code, size, method), gold, parts, given)
    return pd.DataFrame(rows)


def _coded(corpus: Path) -> tuple[pd.DataFrame, pd.DataFrame, Registry]:
    """Coded passages with ``domain``, ``split`` and ``group``, their mentions, and the registry."""
    articles = open_corpus(corpus).articles
    passages = split_passages(articles)
    registry = read_actors(corpus / "actors.toml")
    labels = read_labels(corpus / "frames.csv", FRAME_LABELS)
    events = read_csv(corpus / "gold.csv", required=["event_id", "article_id"]).set_index("article_id")["event_id"]
    splits = read_csv(corpus / "splits.csv", required=["event_id", "split"]).set_index("event_id")["split"]
    coded = passages.merge(labels[["article_id", "passage_id", "domain"]], on=["article_id", "passage_id"])
    coded = coded.assign(group=coded["article_id"], split=coded["article_id"].map(events).map(splits))
    return coded, attribute(articles, passages, registry)[0], registry


def _has(cells: pd.Series[str], frame: str) -> npt.NDArray[np.bool_]:
    return np.array([frame in cell.split(";") for cell in cells])


def draw(has: npt.NDArray[np.bool_], size: int, seed: int) -> npt.NDArray[np.intp]:
    """Rows of a sample, half of them with the frame; where those are too few, all of them.

    >>> has = np.arange(100) < 10
    >>> [int(has[draw(has, size, 0)].sum()) for size in (8, 16, 64)], len(draw(has, 64, 0))
    ([4, 8, 10], 64)
    """
    random = np.random.default_rng(seed)
    with_it, without = (random.permutation(np.flatnonzero(own)) for own in (has, ~has))
    half = with_it[: size // 2]
    return np.concatenate([half, without[: size - len(half)]])


def _nearer(examples: Floats, has: npt.NDArray[np.bool_], read: Floats) -> Floats:
    """How much nearer sentences are by cosine to the mean of the examples with the frame than to that of the others."""
    means = np.stack([examples[has].mean(0), examples[~has].mean(0)])
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray((read @ (units[0] - units[1])) / np.linalg.norm(read, axis=1))


def _rows(
    keys: tuple[str, str, int, str],
    gold: npt.NDArray[np.bool_],
    parts: dict[str, npt.NDArray[np.bool_]],
    answers: Sequence[tuple[Floats, npt.NDArray[np.bool_]]],
) -> list[dict[str, Any]]:
    rows = []
    for language, here in parts.items():
        own = gold[here]
        hits = np.array([(own & found[here]).sum() for _, found in answers])
        f1 = 2 * hits / np.array([max(1, own.sum() + found[here].sum()) for _, found in answers])
        precise = np.array([average_precision_score(own, ranks[here]) if own.any() else np.nan for ranks, _ in answers])
        rows.append(
            {
                **dict(zip(("frame", "coded", "examples", "method"), keys, strict=True)), "language": language,
                "f1": float(f1.mean()), "f1_low": float(np.quantile(f1, 0.025)),
                "f1_high": float(np.quantile(f1, 0.975)), "average_precision": float(precise.mean()),
                "ap_low": float(np.quantile(precise, 0.025)), "ap_high": float(np.quantile(precise, 0.975)),
                "sentences": int(here.sum()), "present": int(own.sum()),
            }
        )  # fmt: skip
    return rows


def laid_out(found: pd.DataFrame) -> pd.DataFrame:
    """The learning curve for reading: a row a frame, language coded in and number of examples; cells of text."""
    columns = ["all", *texts.LANGUAGES]
    rows = []
    for key, own in found[found["method"] != "prototypes"].groupby(["frame", "coded", "examples"], sort=False):
        frame, coded, examples = key if isinstance(key, tuple) else (key, "", 0)
        by_language = own.set_index("language")
        at = found[["frame", "coded", "examples", "method", "language"]]
        beside = found[(at == [frame, coded, examples, "prototypes", "all"]).all(axis=1)].to_dict("records")
        every = not examples
        f1 = [_cell(by_language.loc[code].to_dict(), "f1", "f1", bare=every) for code in columns]
        rows.append(
            {
                "frame": frame, "coded in": coded or "-", "examples": "every sentence" if every else str(examples),
                **{f"F1 {code}": cell for code, cell in zip(columns, f1, strict=True)},
                "AP all": _cell(by_language.loc["all"].to_dict(), "average_precision", "ap", bare=every),
                "prototypes F1 all": _cell(beside[0], "f1", "f1", bare=True) if beside else "-",
                "prototypes AP all": _cell(beside[0], "average_precision", "ap", bare=True) if beside else "-",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _cell(row: dict[Any, Any], name: str, bounds: str, *, bare: bool) -> str:
    value = f"{row[name]:.2f}"
    return value if bare else f"{value} [{row[f'{bounds}_low']:.2f}, {row[f'{bounds}_high']:.2f}]"
