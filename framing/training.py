"""Labelled data sets of others, read from a folder of the user's: they train the heads and measure them.

None of their texts is shipped. Each loader gives a frame with a row a unit and the columns ``text``, ``language``,
``split`` (train or dev), ``group`` (what must not be split over folds) and the labels; a mention's offsets are
``start`` and ``end``.
"""

from __future__ import annotations

import ast
import csv
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from framing import text as texts
from framing.errors import ConfigError, TrainingDataError, suggest
from framing.models import EMBEDDED, Encoder, TokenStates, defused, load_encoder
from framing.scoring import hide
from framing.scoring.heads import WEIGHTS, Head, save_head

Floats = npt.NDArray[np.floating]

FRAMES = (
    "Economic",
    "Capacity_and_resources",
    "Morality",
    "Fairness_and_equality",
    "Legality_Constitutionality_and_jurisprudence",
    "Policy_prescription_and_evaluation",
    "Crime_and_punishment",
    "Security_and_defense",
    "Health_and_safety",
    "Quality_of_life",
    "Cultural_identity",
    "Public_opinion",
    "Political",
    "External_regulation_and_reputation",
)
#: Antagonist roles that deny an actor's right to act as it does, rather than blame one deed.
DELEGITIMISING = frozenset(
    {"Tyrant", "Corrupt", "Terrorist", "Traitor", "Deceiver", "Bigot", "Conspirator", "Foreign Adversary"}
)


def _folder(data: Path, name: str) -> Path:
    folder = Path(data) / name
    if not folder.is_dir():
        raise TrainingDataError(
            f"{folder}: no such folder; give the folder that holds '{name}' with --data DIR "
            "(addresses and commits of the public sets: docs/training.md)."
        )
    return folder


def _snap(document: str, mention: str, start: int) -> int:
    """The occurrence of a mention nearest to a recorded offset, -1 where there is none.

    Offsets of semeval2025-task10 assume other line ends than the files have.
    """
    found = document.find(mention, max(start - 200, 0), start + 200 + len(mention))
    best = -1
    while found >= 0 and found <= start + 200:
        if best < 0 or abs(found - start) < abs(best - start):
            best = found
        found = document.find(mention, found + 1, start + 200 + len(mention))
    return best if best >= 0 else document.find(mention)


def load_roles(data: Path) -> pd.DataFrame:
    """semeval2025-task10, subtask 1: the role of each marked mention in its sentence.

    Languages bg, en, hi, pt, ru. English training data are the December release.

    Returns
    -------
    DataFrame
        ``role`` Antagonist, Protagonist or Innocent; ``fine`` the fine-grained roles, comma separated.

    References
    ----------
    Mahmoud et al. (2025), Entity Framing and Role Portrayal in the News, arXiv:2502.14718.
    """
    root = _folder(data, "semeval2025-task10")
    rows: list[dict[str, object]] = []
    skipped = 0

    def add(language: str, split: str, file: Path, mention: str, start: int, role: str, fine: str) -> None:
        nonlocal skipped
        if not file.is_file():
            skipped += 1
            return
        document = file.read_text(encoding="utf-8")
        at = _snap(document, mention, start)
        if at < 0:
            skipped += 1
            return
        spans = texts.sentences(document, language)
        inside = [(a, b) for a, b in spans if a < at + len(mention) and b > at]
        a, b = inside[0][0], inside[-1][1]
        rows.append(
            {
                "text": document[a:b],
                "start": at - a,
                "end": at - a + len(mention),
                "language": language,
                "split": split,
                "group": f"{language}-{file.stem}",
                "role": role,
                "fine": fine,
            }
        )

    for code in ("BG", "EN", "HI", "PT", "RU"):
        language = code.lower()
        parts = [("dev", root / "dev_set" / code, "subtask-1-documents")]
        if code != "EN":
            parts.append(("train", root / "train_data" / code, "raw-documents"))
        for split, folder, documents in parts:
            for line in (folder / "subtask-1-annotations.txt").read_text(encoding="utf-8").splitlines():
                cells = line.split("\t")
                if len(cells) >= 6:
                    name, mention, start, _, role = cells[:5]
                    fine = ",".join(cells[5:])
                    add(language, split, folder / documents / name, mention, int(start), role, fine)
    release = root / "en_pt_december_release"
    table = pd.read_csv(next(release.rglob("combined-cleaned.csv")), dtype=str, keep_default_na=False)
    for row in table.to_dict("records"):
        name = str(row["article_id"])
        if name.startswith("EN"):
            file = release / "raw-documents_EN_PT" / (name if name.endswith(".txt") else f"{name}.txt")
            add(
                "en",
                "train",
                file,
                row["entity_mention"],
                int(row["start_offset"]),
                row["main_role"],
                ",".join(ast.literal_eval(row["fine_grained_roles"])),
            )
    frame = pd.DataFrame(rows)
    frame.attrs["skipped"] = skipped
    dev = set(frame.loc[frame["split"] == "dev", "text"])
    return frame[(frame["split"] == "dev") | ~frame["text"].isin(dev)].reset_index(drop=True)


def load_sentiment(data: Path) -> pd.DataFrame:
    """rusentne2023 (ru) and newsmtsc (en): the sentiment towards a marked entity of a news sentence.

    rusentne2023's train and validation share sentences (another entity of the same one): the shared ones are taken
    out of train, so validation stays whole. newsmtsc's polarities 2, 4, 6 become -1, 0, 1.

    Returns
    -------
    DataFrame
        ``sentiment`` -1, 0 or 1; ``set`` rusentne, newsmtsc-mt, newsmtsc-rw or newsmtsc-train.

    References
    ----------
    Golubev et al. (2023), RuSentNE-2023, arXiv:2305.17679. Hamborg & Donnay (2021), NewsMTSC, EACL.
    """
    rows: list[dict[str, object]] = []
    folder = _folder(data, "rusentne2023")
    for file, split in (("validation_data_labeled.csv", "dev"), ("train_data.csv", "train")):
        for row in pd.read_csv(folder / file, sep="\t").to_dict("records"):
            rows.append(
                {
                    "text": row["sentence"],
                    "start": int(row["entity_pos_start_rel"]),
                    "end": int(row["entity_pos_end_rel"]),
                    "language": "ru",
                    "split": split,
                    "group": row["sentence"],
                    "set": "rusentne",
                    "sentiment": int(row["label"]),
                }
            )
    folder = _folder(data, "newsmtsc")
    for name in ("devtest_mt", "devtest_rw", "train"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            for target in item["targets"]:
                rows.append(
                    {
                        "text": item["sentence_normalized"],
                        "start": int(target["from"]),
                        "end": int(target["to"]),
                        "language": "en",
                        "split": "train" if name == "train" else "dev",
                        "group": item["sentence_normalized"],
                        "set": "newsmtsc-" + name.removeprefix("devtest_"),
                        "sentiment": int(np.sign(target["polarity"] - 4)),
                    }
                )
    frame = pd.DataFrame(rows)
    dev = set(frame.loc[frame["split"] == "dev", "text"])
    return frame[(frame["split"] == "dev") | ~frame["text"].isin(dev)].reset_index(drop=True)


def load_frames(data: Path) -> pd.DataFrame:
    """semeval2023-task3, subtask 2: the generic frames of whole articles in en, fr, de, it, pl, ru.

    Returns
    -------
    DataFrame
        ``title``, ``text``, and one column of 0 or 1 for each of `FRAMES`.

    References
    ----------
    Piskorski et al. (2023), SemEval-2023 Task 3, ACL. Card et al. (2015), The Media Frames Corpus, ACL.
    """
    root = _folder(data, "semeval2023-task3")
    rows: list[dict[str, object]] = []
    gold = pd.read_csv(root / "all_dev.csv", dtype={"id": str}).set_index("id")
    for code, language in {"en": "en", "fr": "fr", "ge": "de", "it": "it", "po": "pl", "ru": "ru"}.items():
        labels = {}
        with (root / code / "train-labels-subtask-2.txt").open(encoding="utf-8", newline="") as file:
            labels = {row[0]: row[1].split(",") for row in csv.reader(file, delimiter="\t") if len(row) > 1}
        for split in ("train", "dev"):
            for path in sorted((root / code / f"{split}-articles-subtask-2").glob("article*.txt")):
                name = path.stem.removeprefix("article")
                if split == "train" and name in labels:
                    marks = {frame: int(frame in labels[name]) for frame in FRAMES}
                elif split == "dev" and name in gold.index:
                    marks = {frame: int(str(gold.loc[name, frame])) for frame in FRAMES}
                else:
                    continue
                document = texts.clean(path.read_text(encoding="utf-8"))
                rows.append(
                    {
                        "text": document,
                        "title": document.partition("\n")[0],
                        "language": language,
                        "split": split,
                        "group": f"{language}-{name}",
                        **marks,
                    }
                )
    return pd.DataFrame(rows)


# --------------------------------------------------------------------------- features

HEADS = ("salience", "roles", "legitimacy", "sentiment", "frames")
LAYER = 8
_STRENGTHS = (0.001, 0.003, 0.01)
_FOLDS = 4
#: How many mentions in ten have a role, and how many a sentiment, in each language, as the heads are to assume.
_ROLE_SHARE = {"role": 0.3, "none": 0.7}
_SENTIMENT_SHARE = {"negative": 0.25, "neutral": 0.5, "positive": 0.25}
_CODES = {"az": "azj_Latn", "hy": "hye_Armn", "ru": "rus_Cyrl", "en": "eng_Latn"}


def load_parallel(data: Path, split: str) -> dict[str, list[str]]:
    """sib200: the same sentences in az, hy, ru, en, in the same order; split train or test.

    References
    ----------
    Adelani et al. (2024), SIB-200, EACL. The sentences are FLORES-200's.
    """
    folder = _folder(data, "sib200") / "data" / "annotated"
    found = {}
    for language, code in _CODES.items():
        table = pd.read_csv(folder / code / f"{split}.tsv", sep="\t", quoting=csv.QUOTE_NONE)
        found[language] = table.sort_values("index_id")["text"].tolist()
    return found


def mention_features(frame: pd.DataFrame, encoder: Encoder, tell: Callable[[int], None]) -> Floats:
    """The state at each hidden mention and the mean state of its sentence: array of shape (M, 2 H).

    Every mention annotated in a sentence is hidden, as in scoring, not the target alone.
    """
    spans = frame.groupby("text")[["start", "end"]].agg(list)
    hidden: dict[str, str] = {}
    back: dict[str, npt.NDArray[np.int64]] = {}
    for text, starts, ends in zip(spans.index, spans["start"], spans["end"], strict=True):
        hidden[text], back[text] = hide(defused(text), list(zip(starts, ends, strict=True)), encoder.mask)
    unique = list(hidden)
    states: dict[str, TokenStates] = {}
    for at in range(0, len(unique), 2048):
        part = unique[at : at + 2048]
        made = encoder.states([hidden[text] for text in part], layers=(LAYER,), progress=tell)
        states |= dict(zip(part, made, strict=True))
    out = np.zeros((len(frame), 2 * encoder.width), np.float32)
    for row, (text, start, end) in enumerate(zip(frame["text"], frame["start"], frame["end"], strict=True)):
        seen = states[text]
        offsets = back[text][np.clip(seen.offsets, 0, len(back[text]) - 1)]
        inside = (offsets[:, 0] < end) & (offsets[:, 1] > start)
        if not inside.any():  # beyond 512 tokens, or inside a longer mention
            inside[:] = True
        out[row] = np.concatenate([seen.states[inside].mean(0), seen.states.mean(0)])
    return out


def parallel_features(sentences: Mapping[str, list[str]], encoder: Encoder) -> dict[str, Floats]:
    """`mention_features` of parallel sentences with their middle word hidden, by language."""
    found = {}
    for language, items in sentences.items():
        middle = [spans[len(spans) // 2] for spans in (texts.words(item, language) for item in items)]
        frame = pd.DataFrame({"text": items, "start": [a for a, _ in middle], "end": [b for _, b in middle]})
        found[language] = mention_features(frame, encoder, lambda count: None)
    return found


def sentence_features(sentences: Sequence[str], encoder: Encoder) -> Floats:
    """The mean state of each sentence as written: array of shape (N, H)."""
    made = encoder.states(sentences, layers=(LAYER,))
    return np.stack([states.states.mean(0) for states in made])


def article_features(articles: pd.DataFrame, encoder: Encoder, tell: Callable[[int], None]) -> Floats:
    """The mean of the mean states of an article's sentences: array of shape (A, H)."""
    owners: list[int] = []
    sentences: list[str] = []
    for row, (text, language) in enumerate(zip(articles["text"], articles["language"], strict=True)):
        spans = texts.sentences(text, language)
        owners.extend([row] * len(spans))
        sentences.extend(text[start:end] for start, end in spans)
    sums, counts = np.zeros((len(articles), encoder.width)), np.zeros(len(articles))
    for at in range(0, len(sentences), 2048):
        made = encoder.states(sentences[at : at + 2048], layers=(LAYER,), progress=tell)
        for owner, states in zip(owners[at:], made, strict=False):
            if len(states.states):
                sums[owner] += states.states.mean(0)
                counts[owner] += 1
    return sums / np.maximum(counts, 1)[:, None]


def centres(
    features: Floats, languages: npt.NDArray[Any], parallel: Mapping[str, Floats]
) -> dict[str, npt.NDArray[np.float64]]:
    """Each language's own mean state: from parallel sentences, which say the same thing in each language.

    For a training language without parallel sentences (bg, hi, pt, de, ...) it is the mean of its training units,
    less what the units of en and ru are away from theirs.
    """
    found = {language: states.mean(0, dtype=np.float64) for language, states in parallel.items()}
    away = np.mean([features[languages == known].mean(0) - found[known] for known in ("en", "ru")], 0)
    for language in sorted(set(languages) - set(found)):
        found[language] = features[languages == language].mean(0) - away
    return found


# --------------------------------------------------------------------------- fitting


@dataclass(frozen=True)
class _Task:
    """Units to fit a head on: N features, languages, groups, train or not, and labels."""

    features: Floats
    languages: npt.NDArray[Any]
    groups: npt.NDArray[Any]
    fit: npt.NDArray[np.bool_]
    parallel: Mapping[str, Floats]

    def centred(self) -> tuple[Floats, dict[str, npt.NDArray[np.float64]]]:
        own = centres(self.features[self.fit], self.languages[self.fit], self.parallel)
        return self.features - np.stack([own[language] for language in self.languages]), own


def balance(
    labels: npt.NDArray[Any], languages: npt.NDArray[Any], shares: Mapping[str, float]
) -> npt.NDArray[np.float64]:
    """Weights that give the classes the same shares in each language, so that no language means a class."""
    weights = np.ones(len(labels))
    for language in sorted(set(languages)):
        here = languages == language
        for name, share in shares.items():
            own = here & (labels == name)
            if own.any():
                weights[own] = np.clip(share * here.sum() / own.sum(), 0.2, 5)
    return weights


def _fit(
    features: Floats, labels: npt.NDArray[Any], weights: npt.NDArray[np.float64], strength: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], tuple[str, ...]]:
    """A logistic regression on standardised features, with the standardisation folded into its weights."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=strength, max_iter=300).fit(scaler.transform(features), labels, weights)
    rows = model.coef_ / scaler.scale_
    bias = model.intercept_ - rows @ scaler.mean_
    if len(model.classes_) == 2:
        rows, bias = np.vstack([-rows, rows]) / 2, np.concatenate([-bias, bias]) / 2
    return rows, bias, tuple(str(name) for name in model.classes_)


def _choose(task: _Task, labels: npt.NDArray[Any], shares: Mapping[str, float]) -> tuple[float, float]:
    """The regularisation with the best macro-F1 in cross-validation on train (grouped by document), and that F1."""
    features = task.centred()[0][task.fit]
    labels, languages, groups = labels[task.fit], task.languages[task.fit], task.groups[task.fit]
    found = {strength: np.empty(len(labels), object) for strength in _STRENGTHS}
    for inner, held in GroupKFold(_FOLDS).split(features, labels, groups):
        weights = balance(labels[inner], languages[inner], shares)
        for strength in _STRENGTHS:
            rows, bias, names = _fit(features[inner], labels[inner], weights, strength)
            found[strength][held] = np.asarray(names)[(features[held] @ rows.T + bias).argmax(1)]
    scores = {s: float(f1_score(labels, found[s].astype(str), average="macro")) for s in _STRENGTHS}
    best = max(_STRENGTHS, key=lambda strength: scores[strength])
    return best, scores[best]


def _made(
    name: str,
    encoder: str,
    rows: npt.NDArray[np.float64],
    bias: npt.NDArray[np.float64],
    classes: Sequence[str],
    own: Mapping[str, npt.NDArray[np.float64]],
    thresholds: npt.NDArray[np.float64] | None = None,
) -> Head:
    """A head with one row of bias a language: the language's centre taken out."""
    languages = tuple(sorted(own))
    return Head(
        name=name,
        classes=tuple(classes),
        weights=rows,
        languages=languages,
        bias=np.stack([bias - rows @ own[language] for language in languages]),
        encoder=encoder,
        layer=LAYER,
        independent=thresholds is not None,
        thresholds=np.full(len(classes), 0.5) if thresholds is None else thresholds,
    )


def _pooled(labels: npt.NDArray[Any]) -> dict[str, float]:
    names, counts = np.unique(labels, return_counts=True)
    return {str(name): float(count / len(labels)) for name, count in zip(names, counts, strict=True)}


def fit_head(
    name: str, encoder: str, task: _Task, labels: npt.NDArray[Any], shares: Mapping[str, float] | None = None
) -> tuple[Head, dict[str, float | int]]:
    """A head whose classes exclude one another, and its figures in cross-validation on train."""
    shares = shares or _pooled(labels[task.fit])
    strength, score = _choose(task, labels, shares)
    features, own = task.centred()
    weights = balance(labels[task.fit], task.languages[task.fit], shares)
    rows, bias, classes = _fit(features[task.fit], labels[task.fit], weights, strength)
    figures = {"train units": int(task.fit.sum()), "C": strength, "macro-F1, cross-validated on train": score}
    return _made(name, encoder, rows, bias, classes, own), figures


def fit_frames(encoder: str, task: _Task, gold: npt.NDArray[Any]) -> tuple[Head, dict[str, float | int]]:
    """One independent class a frame; thresholds by cross-validation on train."""
    features, own = task.centred()
    x, y, languages = features[task.fit], gold[task.fit], task.languages[task.fit]
    best: tuple[float, float, npt.NDArray[np.float64]] = (-1.0, 0.0, np.zeros(0))
    for strength in _STRENGTHS:
        chances = np.zeros(y.shape)
        for inner, held in GroupKFold(_FOLDS).split(x, y, task.groups[task.fit]):
            rows, bias = _frame_rows(x[inner], y[inner], languages[inner], strength)
            chances[held] = 1 / (1 + np.exp(-(x[held] @ rows.T + bias)))
        thresholds = _thresholds(chances, y)
        score = float(f1_score(y, chances >= thresholds, average="micro"))
        if score > best[0]:
            best = (score, strength, thresholds)
    rows, bias = _frame_rows(x, y, languages, best[1])
    figures = {"train units": len(x), "C": best[1], "micro-F1, cross-validated on train": best[0]}
    return _made("frames", encoder, rows, bias, FRAMES, own, best[2]), figures


def _frame_rows(
    features: Floats, gold: npt.NDArray[Any], languages: npt.NDArray[Any], strength: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    rows, bias = [], []
    for column in gold.T:
        labels = column.astype(str)
        weights = balance(labels, languages, _pooled(labels))
        row, own, _ = _fit(features, labels, weights, strength)
        rows.append(row[1] * 2)
        bias.append(own[1] * 2)
    return np.asarray(rows), np.asarray(bias)


def _thresholds(chances: npt.NDArray[np.float64], gold: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """For each frame the threshold with the best F1 in cross-validation; ties go to the one nearest to .5."""
    grid = np.linspace(0.1, 0.7, 25)
    out = []
    for label in range(gold.shape[1]):
        scores = [f1_score(gold[:, label], chances[:, label] >= t, zero_division=0) for t in grid]
        near = [t for t, score in zip(grid, scores, strict=True) if score > max(scores) - 0.005]
        out.append(min(near, key=lambda t: abs(t - 0.5)))
    return np.asarray(out)


# --------------------------------------------------------------------------- the command

Figures = dict[str, float | int]


def train(
    name: str,
    data: Path,
    *,
    encoder: str = EMBEDDED,
    folder: Path | None = None,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> Iterator[Head]:
    """Train heads, write them, and give each one with its figures.

    Regularisation and thresholds are chosen by cross-validation on train; the dev sets are only measured.

    Parameters
    ----------
    name : str
        One of `HEADS`, or "all".
    data : Path
        The folder with ``semeval2025-task10``, ``semeval2023-task3``, ``rusentne2023``, ``newsmtsc`` and ``sib200``.
    encoder : str
        As in `framing.models.load_encoder`; always in float32, so that heads do not depend on the machine's dtype.
    folder : Path, optional
        Where to write; default is into the package.

    Raises
    ------
    ConfigError
        If there is no such head.
    TrainingDataError
        If a data set is not there.
    """
    if name not in (*HEADS, "all"):
        raise ConfigError(f"head '{name}': {suggest(name, (*HEADS, 'all'))}")
    wanted = HEADS if name == "all" else (name,)
    folder = folder or WEIGHTS
    loaded: dict[str, pd.DataFrame] = {}
    if {"salience", "roles", "legitimacy"} & set(wanted):
        loaded["roles"] = load_roles(data)
    if {"salience", "sentiment"} & set(wanted):
        loaded["sentiment"] = load_sentiment(data)
    if "frames" in wanted:
        loaded["frames"] = load_frames(data)
    parallel = {split: load_parallel(data, split) for split in ("train", "test")}
    model = load_encoder(encoder, dtype="float32")
    states: dict[str, Floats] = {}
    for title, frame in loaded.items():
        units = frame["text"].nunique()
        if title == "frames":
            units = sum(len(texts.sentences(t, lang)) for t, lang in zip(frame["text"], frame["language"], strict=True))
        with progress(f"encode {title}", units) as tell:
            make = article_features if title == "frames" else mention_features
            states[title] = make(frame, model, tell)
    same = {split: parallel_features(sentences, model) for split, sentences in parallel.items()}
    written = {
        split: {language: sentence_features(items, model) for language, items in sentences.items()}
        for split, sentences in parallel.items()
    }
    for head in wanted:
        spoken = written if head == "frames" else same
        made = fit_one(head, f"{model.name}+{model.digest}", loaded, states, spoken)
        save_head(made, folder)
        yield made


def fit_one(
    name: str,
    encoder: str,
    loaded: Mapping[str, pd.DataFrame],
    states: Mapping[str, Floats],
    parallel: Mapping[str, Mapping[str, Floats]],
) -> Head:
    """Fit one head from loaded data and their features, and measure it on dev and on parallel sentences."""
    if name == "frames":
        made, figures = _frames(encoder, loaded["frames"], states["frames"], parallel["train"])
    else:
        fitter = {"salience": _salience, "sentiment": _sentiment}.get(name, _given_role)
        made, figures = fitter(name, encoder, loaded, states, parallel["train"])
    return dataclasses.replace(made, figures=figures | _invariance(made, parallel["test"]))


def _invariance(head: Head, parallel: Mapping[str, Floats]) -> Figures:
    """How far a language's mean probability of a class is from the mean of the four, on sentences that say the same."""
    means = np.stack(
        [head.probabilities(features, [language] * len(features)).mean(0) for language, features in parallel.items()]
    )
    away = np.abs(means - means.mean(0))
    figures: Figures = {"same sentences in az hy ru en: largest shift of a class": float(away.max())}
    for row, language in enumerate(parallel):
        figures[f"same sentences: mean shift, {language}"] = float(away[row].mean())
    return figures


def _salience(
    name: str,
    encoder: str,
    loaded: Mapping[str, pd.DataFrame],
    states: Mapping[str, Floats],
    parallel: Mapping[str, Floats],
) -> tuple[Head, Figures]:
    """Whether a mention has a role at all: marked mentions of semeval2025-task10 against the neutral of the others.

    Every mention marked in semeval2025-task10 has a role; a head trained on it alone would blame whoever is named.
    Only en and ru have mentions of both kinds; the role languages bg, hi, pt are measured, not trained on.
    """
    roles, sentiment = loaded["roles"], loaded["sentiment"]
    neutral = (sentiment["sentiment"] == 0).to_numpy()
    features = np.concatenate([states["roles"], states["sentiment"][neutral]])
    both = pd.concat([roles, sentiment[neutral]], ignore_index=True)
    labels = np.asarray(["role"] * len(roles) + ["none"] * int(neutral.sum()))
    languages = both["language"].to_numpy(str)
    fit = (both["split"] == "train").to_numpy() & np.isin(languages, ["en", "ru"])
    shared = np.isin(languages, ["en", "ru"])
    task = _Task(features[shared], languages[shared], both["group"].to_numpy(str)[shared], fit[shared], parallel)
    head, figures = fit_head(name, encoder, task, labels[shared], _ROLE_SHARE)
    found = np.asarray(head.classes)[head.logits(features[shared], languages[shared]).argmax(1)]
    for language in ("en", "ru"):
        held = ~fit[shared] & (languages[shared] == language)
        for label, said in (("role", "marked roles found"), ("none", "neutral mentions left alone")):
            own = held & (labels[shared] == label)
            figures[f"{language} dev: {said}"] = float((found[own] == label).mean())
    return head, figures


def _given_role(
    name: str,
    encoder: str,
    loaded: Mapping[str, pd.DataFrame],
    states: Mapping[str, Floats],
    parallel: Mapping[str, Floats],
) -> tuple[Head, Figures]:
    """Which role, and whether it denies standing, among the marked mentions of semeval2025-task10."""
    roles = loaded["roles"]
    label = _role if name == "roles" else _standing
    labels = np.asarray([label(row) for row in roles.to_dict("records")])
    languages = roles["language"].to_numpy(str)
    fit = (roles["split"] == "train").to_numpy()
    task = _Task(states["roles"], languages, roles["group"].to_numpy(str), fit, parallel)
    head, figures = fit_head(name, encoder, task, labels)
    found = np.asarray(head.classes)[head.logits(states["roles"], languages).argmax(1)]
    for language in (*sorted(set(languages)), "all"):
        here = ~fit & ((languages == language) | (language == "all"))
        figures[f"{language} dev: accuracy"] = float((found[here] == labels[here]).mean())
        figures[f"{language} dev: macro-F1"] = float(f1_score(labels[here], found[here], average="macro"))
        top = max(_pooled(labels[here]).values())
        figures[f"{language} dev: accuracy of the commonest class"] = top
    return head, figures


def _sentiment(
    name: str,
    encoder: str,
    loaded: Mapping[str, pd.DataFrame],
    states: Mapping[str, Floats],
    parallel: Mapping[str, Floats],
) -> tuple[Head, Figures]:
    sentiment = loaded["sentiment"]
    labels = sentiment["sentiment"].map({-1: "negative", 0: "neutral", 1: "positive"}).to_numpy(str)
    languages = sentiment["language"].to_numpy(str)
    fit = (sentiment["split"] == "train").to_numpy()
    task = _Task(states["sentiment"], languages, sentiment["group"].to_numpy(str), fit, parallel)
    head, figures = fit_head(name, encoder, task, labels, _SENTIMENT_SHARE)
    found = np.asarray(head.classes)[head.logits(states["sentiment"], languages).argmax(1)]
    for source in ("rusentne", "newsmtsc-rw", "newsmtsc-mt"):
        here = ~fit & (sentiment["set"] == source).to_numpy()
        polar = f1_score(labels[here], found[here], average="macro", labels=["negative", "positive"])
        figures[f"{source} dev: F1 of pos and neg"] = float(polar)
        figures[f"{source} dev: macro-F1"] = float(f1_score(labels[here], found[here], average="macro"))
    return head, figures


def _frames(
    encoder: str, articles: pd.DataFrame, features: Floats, parallel: Mapping[str, Floats]
) -> tuple[Head, Figures]:
    gold = articles[list(FRAMES)].to_numpy(int)
    languages = articles["language"].to_numpy(str)
    fit = (articles["split"] == "train").to_numpy()
    task = _Task(features, languages, articles["group"].to_numpy(str), fit, parallel)
    head, figures = fit_frames(encoder, task, gold)
    found = head.probabilities(features, languages) >= head.thresholds
    for language in sorted(set(languages)):
        here = ~fit & (languages == language)
        everything = np.ones_like(gold[here])
        figures[f"{language} dev: micro-F1"] = float(f1_score(gold[here], found[here], average="micro"))
        macro = f1_score(gold[here], found[here], average="macro", zero_division=0)
        figures[f"{language} dev: macro-F1"] = float(macro)
        figures[f"{language} dev: micro-F1 of all frames"] = float(f1_score(gold[here], everything, average="micro"))
    return head, figures


def _role(row: Mapping[Any, Any]) -> str:
    return str(row["role"]).lower()


def _standing(row: Mapping[Any, Any]) -> str:
    if row["role"] == "Protagonist":
        return "upheld"
    denied = row["role"] == "Antagonist" and DELEGITIMISING & {f.strip() for f in row["fine"].split(",")}
    return "denied" if denied else "neither"
