"""Labelled data sets of others, read from a folder of the user's: they train the heads and measure them.

None of their texts is shipped. Each loader gives a frame with a row a unit and the columns ``text``, ``language``,
``split`` (train or dev), ``group`` (what must not be split over folds) and the labels; a mention's offsets are
``start`` and ``end``.
"""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

from framing import text as texts
from framing.errors import TrainingDataError

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
