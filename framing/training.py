"""Labelled data sets of others, read from a folder of the user's: they train the heads and measure them.

None of their texts is shipped. Each loader gives a frame with a row a unit and the columns ``text``, ``language``,
``split`` (train or dev), ``group`` (what must not be split over folds) and the labels; a mention's offsets are
``start`` and ``end``.
"""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
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
from framing.models import EMBEDDED, Encoder, TokenStates, load_encoder
from framing.scoring import hide
from framing.scoring.heads import WEIGHTS, Head, load_head, save_head

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
                    marks = {frame: int(gold.loc[name, frame]) for frame in FRAMES}
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


# --------------------------------------------------------------------------- fitting

HEADS = ("roles", "legitimacy", "sentiment", "frames")
LAYER = 8
_STRENGTHS = (0.0003, 0.001, 0.003, 0.01)
_FOLDS = 4


def mention_features(frame: pd.DataFrame, encoder: Encoder, tell: Callable[[int], None]) -> Floats:
    """The state at each hidden mention and the mean state of its sentence: array of shape (M, 2 H).

    Every mention annotated in a sentence is hidden, as in scoring, not the target alone.
    """
    spans = frame.groupby("text")[["start", "end"]].agg(list)
    hidden: dict[str, str] = {}
    back: dict[str, npt.NDArray[np.int64]] = {}
    for text, starts, ends in zip(spans.index, spans["start"], spans["end"], strict=True):
        hidden[text], back[text] = hide(text, list(zip(starts, ends, strict=True)))
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


def _fit(features: Floats, labels: npt.NDArray[Any], strength: float) -> tuple[Floats, Floats, list[str]]:
    """A logistic regression on standardised features, with the standardisation folded into its weights."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=strength, max_iter=400).fit(scaler.transform(features), labels)
    weights = model.coef_ / scaler.scale_
    bias = model.intercept_ - weights @ scaler.mean_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias, [str(name) for name in model.classes_]


def _choose_strength(features: Floats, labels: npt.NDArray[Any], groups: npt.NDArray[Any]) -> float:
    """The regularisation with the best macro-F1 in grouped cross-validation on train."""
    scores = dict.fromkeys(_STRENGTHS, 0.0)
    for fit, held in GroupKFold(_FOLDS).split(features, labels, groups):
        for strength in _STRENGTHS:
            weights, bias, names = _fit(features[fit], labels[fit], strength)
            found = np.asarray(names)[(features[held] @ weights.T + bias).argmax(1)]
            scores[strength] += f1_score(labels[held], found, average="macro") / _FOLDS
    return max(_STRENGTHS, key=lambda strength: scores[strength])


def _role(row: Mapping[str, Any]) -> str:
    return str(row["role"]).lower()


def _standing(row: Mapping[str, Any]) -> str:
    if row["role"] == "Protagonist":
        return "upheld"
    denied = row["role"] == "Antagonist" and DELEGITIMISING & {f.strip() for f in row["fine"].split(",")}
    return "denied" if denied else "neither"


def train(
    name: str,
    data: Path,
    *,
    encoder: str = EMBEDDED,
    folder: Path | None = None,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> Iterator[tuple[str, dict[str, float | int | str]]]:
    """Train heads, write them, and give each one's figures on the dev sets.

    Regularisation and thresholds are chosen by cross-validation on train; dev is only measured.

    Parameters
    ----------
    name : str
        One of `HEADS`, or "all".
    data : Path
        The folder with ``semeval2025-task10``, ``semeval2023-task3``, ``rusentne2023`` and ``newsmtsc``.
    encoder : str
        As in `framing.models.load_encoder`; always float32, so that heads do not depend on the machine's dtype.
    folder : Path, optional
        Where to write; default is into the package.

    Raises
    ------
    TrainingDataError
        If a data set is not there.
    """
    if name not in (*HEADS, "all"):
        raise ConfigError(f"head '{name}': {suggest(name, (*HEADS, 'all'))}")
    wanted = HEADS if name == "all" else (name,)
    model = load_encoder(encoder, dtype="float32")
    folder = folder or WEIGHTS
    roles = load_roles(data) if {"roles", "legitimacy"} & set(wanted) else None
    sentiment = load_sentiment(data) if {"roles", "legitimacy", "sentiment"} & set(wanted) else None
    states: dict[str, Floats] = {}
    for title, frame in (("roles", roles), ("sentiment", sentiment)):
        if frame is not None:
            with progress(f"encode {title}", frame["text"].nunique()) as tell:
                states[title] = mention_features(frame, model, tell)
    for head in wanted:
        if head == "frames":
            yield head, _train_frames(load_frames(data), model, folder, progress)
        elif head == "sentiment":
            assert sentiment is not None
            yield head, _train_sentiment(sentiment, states["sentiment"], model, folder)
        else:
            assert roles is not None
            assert sentiment is not None
            yield head, _train_portrayal(head, roles, sentiment, states, model, folder)


def _save(
    name: str,
    fitted: tuple[Floats, Floats, list[str]],
    model: Encoder,
    folder: Path,
    notes: Mapping[str, object],
    *,
    independent: bool = False,
    thresholds: Floats | None = None,
) -> Head:
    weights, bias, classes = fitted
    head = Head(
        name=name,
        classes=tuple(classes),
        weights=np.asarray(weights, np.float64),
        bias=np.asarray(bias, np.float64),
        encoder=f"{model.name}+{model.digest}",
        layer=LAYER,
        independent=independent,
        thresholds=np.full(len(classes), 0.5) if thresholds is None else np.asarray(thresholds, np.float64),
        digest="",
    )
    save_head(head, folder, notes)
    return load_head(name, folder)


def _train_portrayal(
    name: str,
    roles: pd.DataFrame,
    sentiment: pd.DataFrame,
    states: Mapping[str, Floats],
    model: Encoder,
    folder: Path,
) -> dict[str, float | int | str]:
    """Roles of semeval2025-task10, with the neutral mentions of the sentiment sets as those without a role.

    Every mention marked in semeval2025-task10 has a role; a head trained on it alone would blame whoever is named.
    """
    label, none = (_role, "none") if name == "roles" else (_standing, "neither")
    gold = np.asarray([label(row) for row in roles.to_dict("records")])
    neutral = (sentiment["sentiment"] == 0).to_numpy()
    train_rows = (roles["split"] == "train").to_numpy()
    quiet = neutral & (sentiment["split"] == "train").to_numpy()
    features = np.concatenate([states["roles"][train_rows], states["sentiment"][quiet]])
    labels = np.concatenate([gold[train_rows], np.full(int(quiet.sum()), none)])
    groups = np.concatenate([roles["group"][train_rows], sentiment["group"][quiet]])
    strength = _choose_strength(features, labels, groups)
    head = _save(
        name,
        _fit(features, labels, strength),
        model,
        folder,
        {"trained_on": "semeval2025-task10 train (bg en hi pt ru); neutral: rusentne2023, newsmtsc train"},
    )
    figures: dict[str, float | int | str] = {
        "train mentions": len(labels),
        "C (by cross-validation)": strength,
    }
    chances = head.probabilities(states["roles"])
    marked = (
        [i for i, c in enumerate(head.classes) if c != "none"]
        if name == "roles"
        else range(len(head.classes))
    )
    found = np.asarray(head.classes)[list(marked)][chances[:, list(marked)].argmax(1)]
    for language in (*sorted(roles["language"].unique()), "all"):
        here = ~train_rows & ((roles["language"] == language).to_numpy() | (language == "all"))
        figures[f"accuracy {language} dev"] = float((found[here] == gold[here]).mean())
        figures[f"macro-F1 {language} dev"] = float(f1_score(gold[here], found[here], average="macro"))
    held = neutral & (sentiment["split"] == "dev").to_numpy()
    quiet_found = np.asarray(head.classes)[head.probabilities(states["sentiment"][held]).argmax(1)]
    figures[f"'{none}' found among neutral mentions, dev"] = float((quiet_found == none).mean())
    if name == "roles":
        all_found = np.asarray(head.classes)[chances.argmax(1)]
        figures["'none' found among marked roles, dev"] = float((all_found[~train_rows] == "none").mean())
    return figures


def _train_sentiment(
    sentiment: pd.DataFrame, features: Floats, model: Encoder, folder: Path
) -> dict[str, float | int | str]:
    labels = sentiment["sentiment"].map({-1: "negative", 0: "neutral", 1: "positive"}).to_numpy(str)
    fit = (sentiment["split"] == "train").to_numpy()
    strength = _choose_strength(features[fit], labels[fit], sentiment["group"].to_numpy()[fit])
    head = _save(
        "sentiment",
        _fit(features[fit], labels[fit], strength),
        model,
        folder,
        {"trained_on": "rusentne2023 train without sentences of validation; newsmtsc train"},
    )
    found = np.asarray(head.classes)[head.probabilities(features).argmax(1)]
    figures: dict[str, float | int | str] = {
        "train mentions": int(fit.sum()),
        "C (by cross-validation)": strength,
    }
    for name in ("rusentne", "newsmtsc-rw", "newsmtsc-mt"):
        here = ~fit & (sentiment["set"] == name).to_numpy()
        figures[f"{name} dev: F1 of pos and neg"] = float(
            f1_score(labels[here], found[here], average="macro", labels=["negative", "positive"])
        )
        figures[f"{name} dev: macro-F1"] = float(f1_score(labels[here], found[here], average="macro"))
    return figures


def _train_frames(
    articles: pd.DataFrame,
    model: Encoder,
    folder: Path,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> dict[str, float | int | str]:
    """One logistic regression a frame on the mean of an article's sentence states."""
    sentences: list[str] = []
    owners: list[int] = []
    for row, (text, language) in enumerate(zip(articles["text"], articles["language"], strict=True)):
        for start, end in texts.sentences(text, language):
            sentences.append(text[start:end])
            owners.append(row)
    sums = np.zeros((len(articles), model.width))
    with progress("encode frames", len(sentences)) as tell:
        for at in range(0, len(sentences), 2048):
            made = model.states(sentences[at : at + 2048], layers=(LAYER,), progress=tell)
            for owner, states in zip(owners[at : at + 2048], made, strict=True):
                if len(states.states):
                    sums[owner] += states.states.mean(0)
    features = sums / np.maximum(np.bincount(owners, minlength=len(articles)), 1)[:, None]
    fit = (articles["split"] == "train").to_numpy()
    gold = articles[list(FRAMES)].to_numpy(int)
    groups = articles["group"].to_numpy()
    best: tuple[float, float, Floats] = (-1.0, 0.0, np.zeros(0))
    for strength in _STRENGTHS:
        chances = np.zeros((int(fit.sum()), len(FRAMES)))
        for inner, held in GroupKFold(_FOLDS).split(features[fit], gold[fit], groups[fit]):
            weights, bias = _fit_frames(features[fit][inner], gold[fit][inner], strength)
            chances[held] = 1 / (1 + np.exp(-(features[fit][held] @ weights.T + bias)))
        thresholds = _thresholds(chances, gold[fit])
        score = f1_score(gold[fit], chances >= thresholds, average="micro")
        if score > best[0]:
            best = (float(score), strength, thresholds)
    weights, bias = _fit_frames(features[fit], gold[fit], best[1])
    head = _save(
        "frames",
        (weights, bias, list(FRAMES)),
        model,
        folder,
        {"trained_on": "semeval2023-task3 subtask 2 train (de en fr it pl ru)"},
        independent=True,
        thresholds=best[2],
    )
    found = head.probabilities(features) >= head.thresholds
    figures: dict[str, float | int | str] = {
        "train articles": int(fit.sum()),
        "C (by cross-validation)": best[1],
        "micro-F1, cross-validation on train": best[0],
    }
    for language in sorted(articles["language"].unique()):
        here = ~fit & (articles["language"] == language).to_numpy()
        figures[f"micro-F1 {language} dev"] = float(f1_score(gold[here], found[here], average="micro"))
        figures[f"macro-F1 {language} dev"] = float(
            f1_score(gold[here], found[here], average="macro", zero_division=0)
        )
        everything = np.ones_like(gold[here])
        figures[f"all-positive micro-F1 {language} dev"] = float(
            f1_score(gold[here], everything, average="micro")
        )
    return figures


def _fit_frames(features: Floats, gold: npt.NDArray[Any], strength: float) -> tuple[Floats, Floats]:
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    weights, bias = [], []
    for label in range(gold.shape[1]):
        model = LogisticRegression(C=strength, max_iter=400).fit(scaled, gold[:, label])
        row = model.coef_[0] / scaler.scale_
        weights.append(row)
        bias.append(float(model.intercept_[0] - row @ scaler.mean_))
    return np.asarray(weights), np.asarray(bias)


def _thresholds(chances: Floats, gold: npt.NDArray[Any]) -> Floats:
    """For each frame the threshold with the best F1 in cross-validation; ties go to the one nearest to .5."""
    grid = np.linspace(0.1, 0.7, 25)
    out = []
    for label in range(gold.shape[1]):
        scores = [f1_score(gold[:, label], chances[:, label] >= t, zero_division=0) for t in grid]
        best = max(scores)
        out.append(
            min(
                (t for t, s in zip(grid, scores, strict=True) if s > best - 0.005), key=lambda t: abs(t - 0.5)
            )
        )
    return np.asarray(out)
