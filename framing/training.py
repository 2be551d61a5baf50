"""Train the scorers: labelled data sets read from a folder of the user's, our own corpora, one joint training.

None of the others' texts is shipped. Each loader gives a frame with a row a unit and the columns ``text``,
``language``, ``split`` (train, dev or test), ``group`` (what must not be split over folds) and the labels; a mention's
offsets are ``start`` and ``end``, and ``hidden`` lists the names of the text as `framing.scoring.hide` takes them.

The last layers of the encoder are tuned on all tasks at once, with linear heads on their token states; the lower
layers and the embeddings stay as they are, so their states are computed once and kept.
"""

from __future__ import annotations

import ast
import csv
import dataclasses
import hashlib
import itertools
import json
import logging
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from framing import probes
from framing import text as texts
from framing.actors import Registry, read_actors
from framing.agreement import read_labels
from framing.corpus import open_corpus, split_passages
from framing.errors import TrainingDataError, require
from framing.models import EMBEDDED, Encoder, TokenStates, defused, load_encoder, through
from framing.scoring import Hidden, as_written, hidden_spans, hide, make_view, tuned_encoder
from framing.scoring.heads import (
    WEIGHTS,
    Centre,
    Evidence,
    Head,
    save_centre,
    save_evidence,
    save_head,
    save_layers,
)
from framing.sources.files import read_csv, read_text
from framing.voices import attribute

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating]
Figures = dict[str, float | int]

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


# --------------------------------------------------------------------------- our own corpora

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


def load_portrayal(corpus: Path) -> pd.DataFrame:
    """Coded passages x actors of a corpus (``labels.csv``), with its splits by event.

    Returns
    -------
    DataFrame
        ``hidden``, ``spans`` (of the actor's mentions), ``article_id``, ``passage_id``, ``actor``, ``voice``; the codes
        ``blame``, ``legitimacy``, ``suffering``, ``sentiment``; ``evidence_start``/``_end``, offsets into ``text``, NaN
        for none.
    """
    articles = open_corpus(corpus).articles
    passages = split_passages(articles)
    registry = read_actors(corpus / "actors.toml")
    mentions, _ = attribute(articles, passages, registry)
    marked = marked_passages(passages, mentions)
    gold = read_csv(corpus / "gold.csv", required=["event_id", "article_id"]).set_index("article_id")["event_id"]
    splits = read_csv(corpus / "splits.csv", required=["event_id", "split"]).set_index("event_id")["split"]
    rows = []
    labels = read_labels(corpus / "labels.csv")
    for row in labels[labels["mentioned"] == 1].to_dict("records"):
        passage = marked[row["passage_id"]]
        if row["actor"] not in passage.spans:
            continue
        told = pd.notna(row["evidence"])
        rows.append(
            {
                **{name: row[name] for name in ("article_id", "passage_id", "actor", "voice", *PORTRAYAL)},
                "text": passage.text,
                "hidden": passage.hidden,
                "spans": passage.spans[row["actor"]],
                "language": passage.language,
                "split": splits[gold[row["article_id"]]],
                "group": row["article_id"],
                "evidence_start": row["evidence_start"] - passage.start if told else np.nan,
                "evidence_end": row["evidence_end"] - passage.start if told else np.nan,
            }
        )
    return pd.DataFrame(rows)


class Marked(NamedTuple):
    """A passage with the names to hide and where each actor is mentioned, offsets into ``text``."""

    text: str
    language: str
    start: int
    hidden: tuple[Hidden, ...]
    spans: dict[str, list[tuple[int, int]]]


def marked_passages(passages: pd.DataFrame, mentions: pd.DataFrame) -> dict[str, Marked]:
    """Every passage by its id, marked for `framing.scoring.hide`."""
    found = {
        row["passage_id"]: Marked(row["text"], row["language"], int(row["start"]), (), {})
        for row in passages.to_dict("records")
    }
    for name, own in mentions.groupby("passage_id", sort=False):
        passage = found[str(name)]
        hidden: list[Hidden] = []
        for row in own.to_dict("records"):
            start, end = row["start"] - passage.start, row["end"] - passage.start
            hidden += hidden_spans(row["hidden"], start)
            if row["kind"] != "place":
                passage.spans.setdefault(row["actor"], []).append((start, end))
        found[str(name)] = passage._replace(hidden=tuple(sorted(hidden)))
    return found


def load_probes(folder: Path, *, pairs: int = 4, seed: int = 7) -> pd.DataFrame:
    """The statements of corpora/probes, a row a statement x language x labelled actor.

    In train each template is filled with ``pairs`` pairs of states drawn by chance, and their swaps; dev and test are
    the statements as shipped.

    Returns
    -------
    DataFrame
        ``hidden``, ``spans``, ``statement_id``, ``pair_id``, ``variant``, ``construction``, ``dimension``, ``actor``,
        ``value`` (the code on that dimension; 0 on all for "neutral").
    """
    rules = tomllib.loads(read_text(folder / "rules.toml"))["actors"]
    registry, stands_for = read_actors(folder / rules["registry"]), rules.get("stands_for", {})
    forms, templates = probes.read_forms(folder / "forms.csv"), probes.read_templates(folder / "templates.csv")
    statements = probes.read_statements(folder / "statements.csv")
    states = sorted({actor for actor, _, _ in forms})
    couples = list(itertools.combinations(states, 2))
    random = np.random.default_rng(seed)
    tables = [statements[(statements["split"] != "train") | (statements["pair_id"] == "")]]
    for position in np.flatnonzero(templates["split"] == "train").tolist():
        drawn = [couples[i] for i in random.choice(len(couples), size=min(pairs, len(couples)), replace=False)]
        drawn = [couple[::-1] if random.random() < 0.5 else couple for couple in drawn]
        tables.append(probes.expand(templates.iloc[[position]], forms, drawn))
    table = pd.concat(tables, ignore_index=True)
    rows = []
    for language in texts.LANGUAGES:
        marked = _marked_column(table, language, registry)
        for name, row in zip(table.index.astype(str), table.to_dict("records"), strict=True):
            for actor, value in ((row["actor"], row["value"]), (row["other"], row["other_value"])):
                if not actor or pd.isna(value):
                    continue
                own = marked[name].spans
                wanted = {actor, *stands_for.get(actor, ())}
                spans = [span for known in own if known in wanted for span in own[known]]
                spans = spans or [s for known in own if registry.representative(known) == actor for s in own[known]]
                if spans:
                    kept = ("statement_id", "pair_id", "variant", "construction", "dimension", "split")
                    rows.append(
                        {
                            **{column: row[column] for column in kept},
                            "text": row[language],
                            "hidden": marked[name].hidden,
                            "spans": spans,
                            "language": language,
                            "group": row["statement_id"].partition(".")[0],
                            "actor": actor,
                            "value": int(value),
                        }
                    )
    return pd.DataFrame(rows)


def _marked_column(table: pd.DataFrame, language: str, registry: Registry) -> dict[str, Marked]:
    """The single sentences of a table's column, marked, by the table's index."""
    return marked_passages(*alone(table[language], language, registry))


def alone(
    sentences: pd.Series[str], language: str | pd.Series[str], registry: Registry
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PASSAGES and MENTIONS of sentences that stand alone, each an article by itself, named by their index."""
    articles = pd.DataFrame({"article_id": sentences.index.astype(str), "text": sentences, "language": language})
    passages = articles.assign(passage_id=articles["article_id"], start=0, end=articles["text"].str.len())
    return passages.reset_index(drop=True), attribute(articles, passages, registry)[0]


def load_parallel_passages(folder: Path) -> pd.DataFrame:
    """The passages of corpora/passages, a row a passage x language x coded actor; all are train.

    Returns
    -------
    DataFrame
        The columns of `load_portrayal`, without ``article_id`` and ``voice``.
    """
    rules = tomllib.loads(read_text(folder / "rules.toml"))["actors"]
    registry = read_actors(folder / rules["registry"])
    table = probes.read_passages(folder / "passages.csv").set_index("passage_id")
    labels = probes.read_passage_labels(folder / "labels.csv").to_dict("records")
    rows = []
    for language in texts.LANGUAGES:
        marked = _marked_column(table, language, registry)
        for row in labels:
            passage = marked[row["passage_id"]]
            if row["actor"] not in passage.spans:
                continue
            words = row[f"evidence_{language}"]
            at = passage.text.find(words) if words else np.nan
            rows.append(
                {
                    **{name: row[name] for name in ("passage_id", "actor", *PORTRAYAL)},
                    "text": passage.text,
                    "hidden": passage.hidden,
                    "spans": passage.spans[row["actor"]],
                    "language": language,
                    "split": "train",
                    "group": row["passage_id"],
                    "evidence_start": at,
                    "evidence_end": at + len(words) if words else np.nan,
                }
            )
    return pd.DataFrame(rows)


# --------------------------------------------------------------------------- units

PORTRAYAL = probes.CODES
#: The classes of every head, in the order of the codes.
CLASSES: Mapping[str, tuple[str, ...]] = {
    "blame": ("none", "implied", "explicit"),
    "legitimacy": ("denied", "neither", "upheld"),
    "suffering": ("no", "yes"),
    "sentiment": ("negative", "neutral", "positive"),
    "roles": ("antagonist", "protagonist", "innocent"),
    "sentiment_ru": ("negative", "neutral", "positive"),
    "sentiment_en": ("negative", "neutral", "positive"),
    "frames": FRAMES,
}
_LOWEST = {"legitimacy": -1, "sentiment": -1, "sentiment_ru": -1, "sentiment_en": -1}
#: How often each task is drawn in training.
_DRAWN = {"roles": 1.2, "sentiment_ru": 1.0, "sentiment_en": 0.8, "probes": 0.8, "portrayal": 0.9, "passages": 1.5}


class Unit(NamedTuple):
    """One labelled mention, or one article: rows into the inputs, and the class of each head.

    ``variant`` tells the text as written ("named") from the one with the names hidden; ``evidence`` is a span;
    ``same`` is the "statement|actor" of units that say the same of the same actor in other languages, "" for none.
    """

    task: str
    inputs: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    labels: Mapping[str, Any]
    language: str
    split: str
    group: str
    variant: str
    evidence: tuple[int, int] | None = None
    row: Mapping[Any, Any] = MappingProxyType({})
    same: str = ""


@dataclass
class Pool:
    """Units of all tasks, and the texts that they are read from."""

    units: list[Unit]
    inputs: list[tuple[str, tuple[Hidden, ...]]]

    def of(self, task: str, split: str, variant: str = "hidden") -> list[Unit]:
        """The units of one task, split and variant."""
        return [u for u in self.units if (u.task, u.split, u.variant) == (task, split, variant)]


def gather(data: Path, corpora: Path) -> Pool:
    """Every unit of the public sets and of our own corpora.

    Mentions of the public sets are read twice, named and hidden: named they are what others measured, hidden they are
    what the toolkit scores.
    """
    rows: dict[tuple[str, tuple[Hidden, ...]], int] = {}
    units: list[Unit] = []

    def place(text: str, hidden: Iterable[Hidden] = ()) -> int:
        return rows.setdefault((text, tuple(hidden)), len(rows))

    def add(task: str, frame: pd.DataFrame, labels: Callable[[Mapping[Any, Any]], dict[str, Any]]) -> None:
        for text, own in frame.groupby("text", sort=False):
            table = own.to_dict("records")
            names = tuple(sorted({Hidden(int(row["start"]), int(row["end"])) for row in table}))
            for row in table:
                span = ((int(row["start"]), int(row["end"])),)
                about = (labels(row), row["language"], row["split"], row["group"])
                for variant, hidden in (("named", ()), ("hidden", names)):
                    units.append(Unit(task, (place(str(text), hidden),), span, *about, variant, None, row))

    roles = load_roles(data)
    add("roles", roles, lambda row: {"roles": CLASSES["roles"].index(row["role"].lower())})
    sentiment = load_sentiment(data)
    for language in ("ru", "en"):
        name = f"sentiment_{language}"
        add(name, sentiment[sentiment["language"] == language], _toned(name))
    for row in load_frames(data).to_dict("records"):
        spans = texts.sentences(row["text"], row["language"])[:_SENTENCES]
        inputs = tuple(place(row["text"][a:b]) for a, b in spans)
        gold = {"frames": [row[frame] for frame in FRAMES]}
        units.append(Unit("frames", inputs, (), gold, row["language"], row["split"], row["group"], "hidden"))
    for row in load_probes(corpora / "probes").to_dict("records"):
        dimensions = ("blame", "legitimacy", "suffering") if row["dimension"] == "neutral" else (row["dimension"],)
        marks = {name: row["value"] - _LOWEST.get(name, 0) for name in dimensions}
        units.append(_own("probes", row, marks, place))
    for row in load_portrayal(corpora / "karabakh").to_dict("records"):
        marks = {name: int(row[name]) - _LOWEST.get(name, 0) for name in PORTRAYAL}
        units.append(_own("portrayal", row, marks, place))
    for row in load_parallel_passages(corpora / "passages").to_dict("records"):
        marks = {name: int(row[name]) - _LOWEST.get(name, 0) for name in PORTRAYAL}
        units.append(_own("passages", row, marks, place))
    for split in ("train", "test"):
        for language, items in load_parallel(data, split).items():
            for number, item in enumerate(items):
                words = texts.words(item, language)
                span = words[len(words) // 2]
                about = (language, split, f"sib-{number}", "hidden")
                units.append(Unit("parallel", (place(item, (Hidden(*span),)),), (span,), {}, *about))
    return Pool(units, list(rows))


def _toned(name: str) -> Callable[[Mapping[Any, Any]], dict[str, Any]]:
    return lambda row: {name: row["sentiment"] + 1}


def _own(task: str, row: Mapping[Any, Any], marks: Mapping[str, Any], place: Callable[..., int]) -> Unit:
    evidence = None
    if task != "probes" and pd.notna(row["evidence_start"]):
        evidence = (int(row["evidence_start"]), int(row["evidence_end"]))
    inputs = (place(row["text"], row["hidden"]),)
    about = (row["language"], row["split"], row["group"], "hidden")
    statement = {"probes": "statement_id", "passages": "passage_id"}.get(task)
    same = f"{row[statement]}|{row['actor']}" if statement else ""
    return Unit(task, inputs, tuple(row["spans"]), marks, *about, evidence, row, same)


# --------------------------------------------------------------------------- states of the lower layers

_LAYER = 8
_SENTENCES = 40
_MOST_TOKENS = 192
_PART = 2048
_NONE = np.zeros((0, 0), np.float32)


class Lower:
    """States of the last layer that is not tuned, kept on disk in half precision.

    Parameters
    ----------
    folder : Path
        Keeps one file for every 2,048 inputs, named after them and the encoder: what is there is not encoded again.
    """

    def __init__(self, pool: Pool, encoder: Encoder, folder: Path, tell: Callable[[int], None]):
        folder.mkdir(parents=True, exist_ok=True)
        offsets, self.parts = [], []
        for at in range(0, len(pool.inputs), _PART):
            part = [hide(defused(text), hidden, encoder.mask) for text, hidden in pool.inputs[at : at + _PART]]
            key = f"{encoder.signature} {_LAYER} {_MOST_TOKENS} {[text for text, _ in part]!r}"
            kept = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.npz"
            states = kept.with_suffix(".npy")
            if kept.is_file():
                tell(len(part))
            else:
                made = encoder.states([text for text, _ in part], layers=(_LAYER,), progress=tell, whole=True)
                tokens = [item.offsets[:_MOST_TOKENS] for item in made]
                np.save(states, np.concatenate([item.states[:_MOST_TOKENS] for item in made]).astype(np.float16))
                partial = kept.with_suffix(".partial.npz")
                np.savez(partial, offsets=np.concatenate(tokens), sizes=np.asarray([len(own) for own in tokens]))
                partial.replace(kept)
            told = np.load(kept)
            self.parts.append(np.load(states, mmap_mode="r"))
            written = np.split(told["offsets"], np.cumsum(told["sizes"])[:-1])
            offsets += [
                as_written(TokenStates(_NONE, own), back).offsets for own, (_, back) in zip(written, part, strict=True)
            ]
        sizes = [len(own) for own in offsets]
        self.ends = np.concatenate([[0], np.cumsum(sizes)])
        self.offsets = np.concatenate(offsets)
        self.width = encoder.width

    def size(self, row: int) -> int:
        """How many tokens an input has, special tokens included."""
        return int(self.ends[row + 1] - self.ends[row])

    def states(self, row: int) -> npt.NDArray[np.float32]:
        """The states of an input's tokens, shape (T, H)."""
        part, base = self.parts[row // _PART], self.ends[row - row % _PART]
        return np.asarray(part[self.ends[row] - base : self.ends[row + 1] - base], np.float32)

    def tokens(self, row: int, spans: Iterable[tuple[int, int]]) -> npt.NDArray[np.intp]:
        """The tokens of an input that lie on any of some spans."""
        offsets = self.offsets[self.ends[row] : self.ends[row + 1]]
        inside = np.zeros(len(offsets), bool)
        for start, end in spans:
            inside |= (offsets[:, 0] < end) & (offsets[:, 1] > start)
        return np.flatnonzero(inside)


# --------------------------------------------------------------------------- joint training


@dataclass(frozen=True)
class Plan:
    """Settings of a training; the defaults made the weights that are shipped.

    ``rate`` and ``head_rate`` are the highest learning rates of layers and heads; ``tokens`` bounds a batch, padding
    included. One training group in ``held`` of the public sets of mentions is left out of the fit: the probabilities of
    their heads are calibrated on it. ``alike`` weighs how far the probabilities of one statement in several languages
    are from their mean.
    """

    steps: int = 1800
    rate: float = 2e-4
    head_rate: float = 1e-3
    tokens: int = 2000
    held: int = 10
    dropout: float = 0.1
    alike: float = 0.5
    seed: int = 0


def is_held(unit: Unit, plan: Plan) -> bool:
    """Whether a training unit of the public sets is left out of the fit, by its group."""
    public = unit.task in ("roles", "sentiment_ru", "sentiment_en")
    return public and zlib.crc32(unit.group.encode()) % plan.held == 0


def _network(encoder: Encoder, plan: Plan) -> Any:
    """The layers to tune, a linear head a task, and the bilinear form that finds the evidence."""
    torch = require("torch", extra="neural")
    width = encoder.width
    net = torch.nn.Module()
    net.layers = torch.nn.ModuleList(encoder.upper(_LAYER))
    for module in net.layers.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = plan.dropout
    torch.manual_seed(plan.seed)
    net.drop = torch.nn.Dropout(plan.dropout)
    net.heads = torch.nn.ModuleDict(
        {name: torch.nn.Linear(2 * width, len(classes)) for name, classes in CLASSES.items() if name != "frames"}
    )
    net.token = torch.nn.Linear(width, _EVIDENCE, bias=False)
    net.mention = torch.nn.Linear(width, _EVIDENCE, bias=False)
    net.share = torch.nn.Linear(width, 1)
    return net


_EVIDENCE = 64
_SMOOTH = 0.05


class Reader:
    """Runs the tuned layers over kept states of the lower ones."""

    def __init__(self, net: Any, lower: Lower, untouched: Sequence[Any]):
        self.torch = require("torch", extra="neural")
        self.net, self.lower, self.untouched = net, lower, untouched

    def __call__(self, rows: Sequence[int]) -> tuple[Any, Any]:
        """Token states of some inputs, shape (N, T, H), and which of them are words of the text, shape (N, T)."""
        states, mask, inner = self._kept(rows)
        return through(self.net.layers, states, mask), inner

    def _kept(self, rows: Sequence[int]) -> tuple[Any, Any, Any]:
        """States of the lower layers, which are no padding, which are words."""
        torch, lower = self.torch, self.lower
        longest = max(lower.size(row) for row in rows)
        states = torch.zeros(len(rows), longest, lower.width)
        mask, inner = torch.zeros(len(rows), longest), torch.zeros(len(rows), longest)
        for i, row in enumerate(rows):
            own, size = lower.offsets[lower.ends[row] : lower.ends[row + 1]], lower.size(row)
            states[i, :size] = torch.from_numpy(lower.states(row))
            mask[i, :size] = 1
            inner[i, :size] = torch.from_numpy((own[:, 0] >= 0).astype(np.float32))
        return states, mask, inner

    def sentences(self, rows: Sequence[int], tell: Callable[[int], None]) -> Any:
        """Mean states of the untouched last layer, shape (N, H)."""
        order = sorted(range(len(rows)), key=lambda i: self.lower.size(rows[i]))
        out: list[Any] = [None] * len(rows)
        for part in self._parts(order, rows, 6000):
            states, mask, inner = self._kept([rows[i] for i in part])
            for i, vector in zip(part, _means(through(self.untouched, states, mask), inner), strict=True):
                out[i] = vector
            tell(len(part))
        return self.torch.stack(out)

    def mentions(self, units: Sequence[Unit]) -> Any:
        """Mean state of each mention and of its sentence, shape (N, 2 H)."""
        return self.torch.cat([features for features, _ in self._mentioned(units)]) if units else None

    def _mentioned(self, units: Sequence[Unit]) -> Iterator[tuple[Any, Any]]:
        rows = [unit.inputs[0] for unit in units]
        for part in self._parts(list(range(len(units))), rows, 6000):
            yield self.read([units[i] for i in part])

    def read(self, units: Sequence[Unit]) -> tuple[Any, Any]:
        """Features of mentions, and the states behind them: (states, which are words, row of each unit)."""
        torch = self.torch
        rows = list(dict.fromkeys(unit.inputs[0] for unit in units))
        states, inner = self(rows)
        place = {row: i for i, row in enumerate(rows)}
        at = torch.tensor([place[unit.inputs[0]] for unit in units])
        weights = torch.zeros(len(units), states.shape[1])
        for i, unit in enumerate(units):
            tokens = self.lower.tokens(unit.inputs[0], unit.spans)
            weights[i, tokens] = 1 / max(1, len(tokens))
        own = torch.einsum("nt,nth->nh", weights, states[at])
        return torch.cat([own, _means(states, inner)[at]], 1), (states, inner, at)

    def _parts(self, order: Sequence[int], rows: Sequence[int], tokens: int) -> Iterator[list[int]]:
        part: list[int] = []
        longest = 0
        for i in order:
            longest = max(longest, self.lower.size(rows[i]))
            if part and longest * (len(part) + 1) > tokens:
                yield part
                part, longest = [], self.lower.size(rows[i])
            part.append(i)
        if part:
            yield part


def _means(states: Any, inner: Any) -> Any:
    return (states * inner[:, :, None]).sum(1) / inner.sum(1, keepdim=True).clamp(min=1)


def _batches(pool: Pool, lower: Lower, plan: Plan) -> list[list[Unit]]:
    """What each step is trained on: the same list for the same plan, so that a stopped training can go on."""
    random = np.random.default_rng(plan.seed)
    known: dict[str, list[Unit]] = {name: [] for name in _DRAWN}
    fitted = (unit for unit in pool.units if unit.task in known and unit.split == "train" and not is_held(unit, plan))
    for unit in fitted:
        if len(lower.tokens(unit.inputs[0], unit.spans)):
            known[unit.task].append(unit)
    chances = np.asarray([_DRAWN[name] for name in known])
    queues: dict[str, list[list[Unit]]] = {name: [] for name in known}
    out = []
    for name in random.choice(list(known), size=plan.steps, p=chances / chances.sum()):
        if not queues[name]:
            queues[name] = _epoch(known[name], lower, plan, random)
        out.append(queues[name].pop())
    return out


def _epoch(units: Sequence[Unit], lower: Lower, plan: Plan, random: np.random.Generator) -> list[list[Unit]]:
    """Every unit once: those of one statement together, statements of like length together."""
    together: dict[object, list[Unit]] = {}
    for unit in units:
        together.setdefault(unit.same.partition("|")[0] or unit.inputs[0], []).append(unit)
    rows = {key: {unit.inputs[0] for unit in own} for key, own in together.items()}
    longest = {key: max(map(lower.size, own)) for key, own in rows.items()}
    keys = [list(together)[i] for i in random.permutation(len(together))]
    batches = []
    for at in range(0, len(keys), 600):
        part: list[Unit] = []
        count = 0
        for key in sorted(keys[at : at + 600], key=longest.__getitem__):
            if part and longest[key] * (count + len(rows[key])) > plan.tokens:
                batches.append(part)
                part, count = [], 0
            part = part + together[key]
            count += len(rows[key])
        batches.append(part)
    return [batches[i] for i in random.permutation(len(batches))]


def _loss(net: Any, reader: Reader, units: Sequence[Unit], plan: Plan) -> Any:
    torch = reader.torch
    cross, binary = torch.nn.functional.cross_entropy, torch.nn.functional.binary_cross_entropy_with_logits
    features, (states, inner, at) = reader.read(units)
    features = net.drop(features)
    loss = features.new_zeros(())
    for name in dict.fromkeys(name for unit in units for name in unit.labels):
        own = [i for i, unit in enumerate(units) if name in unit.labels]
        gold = torch.tensor([units[i].labels[name] for i in own])
        logits = net.heads[name](features[own])
        loss = loss + cross(logits, gold, label_smoothing=_SMOOTH) * len(own) / len(units)
        if units[0].same:
            loss = loss + plan.alike * _apart(logits.softmax(1), [units[i].same for i in own]) * len(own) / len(units)
    marked = [i for i, unit in enumerate(units) if unit.evidence is not None]
    if marked:
        near = _evidence_logits(net, states[at[marked]], features[marked, : states.shape[2]])
        gold = torch.zeros_like(near)
        for row, i in enumerate(marked):
            gold[row, reader.lower.tokens(units[i].inputs[0], filter(None, [units[i].evidence]))] = 1
        words = inner[at[marked]]
        loss = loss + 0.5 * (binary(near, gold, reduction="none") * words).sum() / words.sum()
    return loss


def _apart(chances: Any, same: Sequence[str]) -> Any:
    """Mean squared distance of probabilities, shape (N, L), from the mean over the units that say the same."""
    number, names = pd.factorize(np.asarray(same))
    at = chances.new_tensor(number).long()
    sums = chances.new_zeros(len(names), chances.shape[1]).index_add(0, at, chances)
    means = sums / chances.new_tensor(np.bincount(number))[:, None]
    return (chances - means[at]).square().sum(1).mean()


def _evidence_logits(net: Any, states: Any, mentions: Any) -> Any:
    return (net.token(states) @ net.mention(mentions)[:, :, None])[:, :, 0] / _EVIDENCE**0.5 + net.share(states)[
        :, :, 0
    ]


def fit(
    pool: Pool,
    encoder: Encoder,
    lower: Lower,
    plan: Plan,
    folder: Path,
    tell: Callable[[int], None],
    *,
    until: int | None = None,
) -> tuple[Any, Reader]:
    """Train on all tasks at once; a stopped training goes on from its last checkpoint in ``folder``.

    ``until`` stops after that many steps, with a checkpoint.
    """
    torch = require("torch", extra="neural")
    folder.mkdir(parents=True, exist_ok=True)
    last = plan.steps if until is None else min(until, plan.steps)
    net = _network(encoder, plan)
    reader = Reader(net, lower, encoder.upper(_LAYER))
    batches = _batches(pool, lower, plan)
    rest = [p for name, p in net.named_parameters() if not name.startswith("layers.")]
    groups = [{"params": list(net.layers.parameters()), "lr": plan.rate}, {"params": rest, "lr": plan.head_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    rise = max(1, round(0.06 * plan.steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / rise, (plan.steps - step) / max(1, plan.steps - rise))
    )
    kept, mark = folder / "checkpoint.pt", [dataclasses.asdict(plan), encoder.signature, len(pool.units)]
    first = 0
    if kept.is_file():
        saved = torch.load(kept, weights_only=True)
        if saved["mark"] == mark:
            net.load_state_dict(saved["net"])
            optimiser.load_state_dict(saved["optimiser"])
            schedule.load_state_dict(saved["schedule"])
            first = saved["step"]
            log.info("training goes on from step %s", first)
    tell(first)
    net.train()
    running: dict[str, float] = {}
    for step in range(first, last):
        torch.manual_seed(plan.seed * 1_000_003 + step)
        loss = _loss(net, reader, batches[step], plan)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        task = batches[step][0].task
        running[task] = 0.95 * running.get(task, float(loss.detach())) + 0.05 * float(loss.detach())
        tell(1)
        if (step + 1) % 100 == 0:
            log.info("step %s: %s", step + 1, ", ".join(f"{name} {value:.3f}" for name, value in running.items()))
        if (step + 1) % 300 == 0 or step + 1 == last:
            partial = kept.with_suffix(".partial")
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}
            torch.save({**state, "step": step + 1, "mark": mark}, partial)
            partial.replace(kept)
    net.eval()
    return net, reader


# --------------------------------------------------------------------------- from the network to weights


@dataclass
class Features:
    """What the heads read, computed once a set of units."""

    reader: Reader

    def mentions(self, units: Sequence[Unit]) -> Floats:
        """Array of shape (N, 2 H)."""
        with self.reader.torch.inference_mode():
            return np.asarray(self.reader.mentions(units).numpy(), np.float64)

    def articles(self, units: Sequence[Unit], tell: Callable[[int], None] = lambda count: None) -> Floats:
        """Mean of the sentences' mean states in the untouched last layer, array of shape (N, H)."""
        rows = [row for unit in units for row in unit.inputs]
        with self.reader.torch.inference_mode():
            states = self.reader.sentences(rows, tell).numpy()
        ends = np.cumsum([len(unit.inputs) for unit in units])
        return np.stack([part.mean(0) for part in np.split(states, ends[:-1])]).astype(np.float64)


_STRENGTHS = (0.001, 0.003, 0.01, 0.03)
_FOLDS = 5


def fit_frames(
    features: Floats, gold: npt.NDArray[Any], groups: npt.NDArray[Any]
) -> tuple[Floats, Floats, npt.NDArray[np.float64], Figures]:
    """Weights, bias and threshold of each frame, and the micro-F1 in cross-validation on train.

    Logistic regressions on the mean of a document's sentences: regularisation and thresholds by cross-validation.
    """
    best: tuple[float, float, npt.NDArray[np.float64]] = (-1.0, 0.0, np.zeros(0))
    for strength in _STRENGTHS:
        chances = np.zeros(gold.shape)
        for inner, held in GroupKFold(_FOLDS).split(features, gold, groups):
            rows, bias = _logistic(features[inner], gold[inner], strength)
            chances[held] = 1 / (1 + np.exp(-(features[held] @ rows.T + bias)))
        cuts = thresholds(chances, gold)
        score = float(f1_score(gold, chances >= cuts, average="micro"))
        if score > best[0]:
            best = (score, strength, cuts)
    figures: Figures = {"C": best[1], "micro-F1, cross-validated on train": best[0]}
    return *_logistic(features, gold, best[1]), best[2], figures


def _logistic(features: Floats, gold: npt.NDArray[Any], strength: float) -> tuple[Floats, Floats]:
    """One logistic regression a column on standardised features, the standardisation folded into the weights."""
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    models = [LogisticRegression(C=strength, max_iter=400).fit(scaled, column) for column in gold.T]
    rows = np.vstack([model.coef_ for model in models]) / scaler.scale_
    return rows, np.concatenate([model.intercept_ for model in models]) - rows @ scaler.mean_


def level(rows: Floats, bias: Floats, parallel: Mapping[str, Floats], others: Iterable[str]) -> dict[str, Floats]:
    """One bias a language, so that sentences that say the same in each language get the same mean logits.

    Languages without parallel sentences keep the bias as it is.
    """
    means = {language: features.mean(0) @ rows.T for language, features in parallel.items()}
    centre = np.mean(list(means.values()), 0)
    return dict.fromkeys(others, bias) | {language: bias + centre - mean for language, mean in means.items()}


def thresholds(chances: Floats, gold: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """For each frame the threshold with the best F1 on units left out of the fit; ties go to the one nearest to .5."""
    grid = np.linspace(0.1, 0.7, 25)
    out = []
    for label in range(gold.shape[1]):
        scores = [f1_score(gold[:, label], chances[:, label] >= t, zero_division=0) for t in grid]
        near = [t for t, score in zip(grid, scores, strict=True) if score > max(scores) - 0.005]
        out.append(min(near, key=lambda t: abs(t - 0.5)))
    return np.asarray(out)


def calibrate(logits: Floats, gold: npt.NDArray[np.integer]) -> tuple[float, Floats]:
    """The scale and the shift of each class that make probabilities honest: softmax(scale * logits + shift).

    Likeliest on units left out of the fit, with a weak prior of scale 1 and no shift (vector scaling with one scale).

    References
    ----------
    Guo et al. (2017), On Calibration of Modern Neural Networks, ICML.
    """
    marks = np.eye(logits.shape[1])[gold]

    def cost(free: Floats) -> tuple[float, Floats]:
        scale = np.exp(free[0])
        made = log_softmax(scale * logits + free[1:], axis=1)
        wrong = np.exp(made) - marks
        slope = np.concatenate([[scale * (wrong * logits).sum()], wrong.sum(0)])
        return float(-(made * marks).sum() + (free**2).sum()), slope + 2 * free

    best = minimize(cost, np.zeros(1 + logits.shape[1]), jac=True, method="L-BFGS-B").x
    return float(np.exp(best[0])), np.asarray(best[1:] - best[1:].mean())


def cuts(chances: Floats, gold: npt.NDArray[np.integer], judged: Sequence[int]) -> npt.NDArray[np.float64]:
    """For classes that exclude one another, what to divide their probabilities by before the greatest one is taken.

    The best macro-F1 over the classes ``judged`` on units left out of the fit; of those within .005 of it the one
    nearest to .5 for all. The commonest class keeps .5.
    """
    common = int(np.bincount(gold, minlength=chances.shape[1]).argmax())
    every = itertools.product((1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0), repeat=chances.shape[1])
    grid = [np.asarray(row, np.float64) for row in every]
    grid = [row for row in grid if row[common] == 1.0]
    scores = [
        f1_score(gold, (chances * row).argmax(1), average="macro", labels=judged, zero_division=0) for row in grid
    ]
    near = [row for row, score in zip(grid, scores, strict=True) if score > max(scores) - 0.005]
    return np.asarray(0.5 / min(near, key=lambda row: float(np.log(row).sum())), np.float64)


_EVERY = 3


def sentence_means(
    passages: pd.DataFrame, mentions: pd.DataFrame, tuned: Encoder, tell: Callable[[int], None] = lambda count: None
) -> Floats:
    """What a head of frames reads of each passage, as in scoring: array of shape (P, 2 H), zeros without a token."""
    parts = [passages.iloc[at : at + 512].reset_index(drop=True) for at in range(0, len(passages), 512)]
    means = [make_view(part, mentions, tuned, progress=tell).means for part in parts]
    return np.asarray(np.nan_to_num(np.concatenate(means)))


def write_centre(
    corpora: Path, encoder: Encoder, folder: Path, tell: Callable[[int], None] = lambda count: None
) -> Centre:
    """Write the mean features of each language, over every third sentence of corpora/passages, beside its layers.

    A head that a user trains in one language reads the others about these means. They are kept with the weights since
    an installed package has no corpora.
    """
    rules = tomllib.loads(read_text(corpora / "passages" / "rules.toml"))["actors"]
    registry = read_actors(corpora / "passages" / rules["registry"])
    table = probes.read_passages(corpora / "passages" / "passages.csv").iloc[::_EVERY]
    tuned = tuned_encoder(encoder, folder)
    read = np.stack(
        [
            sentence_means(*alone(table[language], language, registry), tuned, tell).astype(np.float64)
            for language in texts.LANGUAGES
        ]
    )
    scale = np.sqrt(read.var(1).mean(0))
    centre = Centre(texts.LANGUAGES, read.mean(1), scale, f"{tuned.name}+{tuned.digest}")
    save_centre(centre, folder)
    return centre


def train(
    data: Path,
    corpora: Path,
    *,
    encoder: str = EMBEDDED,
    folder: Path | None = None,
    plan: Plan | None = None,
    work: Path,
    progress: Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]],
) -> list[Head]:
    """Train layers and heads, write them, and give the heads with their figures.

    Parameters
    ----------
    data : Path
        The folder with ``semeval2025-task10``, ``semeval2023-task3``, ``rusentne2023``, ``newsmtsc`` and ``sib200``.
    corpora : Path
        The folder with ``karabakh``, ``probes`` and ``passages``.
    encoder : str
        As in `framing.models.load_encoder`; always in float32, so that weights do not depend on the machine's dtype.
    folder : Path, optional
        Where to write; default is into the package.
    work : Path
        Keeps states and checkpoints: a stopped training goes on from there.

    Raises
    ------
    TrainingDataError
        If a data set is not there.
    """
    plan, folder = plan or Plan(), folder or WEIGHTS
    with progress("reading", 1) as tell:
        pool = gather(data, corpora)
        tell(1)
    model = load_encoder(encoder, dtype="float32")
    with progress("lower layers", len(pool.inputs)) as tell:
        lower = Lower(pool, model, work, tell)
    with progress("training", plan.steps) as tell:
        net, reader = fit(pool, model, lower, plan, work, tell)
    sentences = sum(len(unit.inputs) for unit in pool.of("frames", "train"))
    with progress("frames", sentences) as tell:
        made = write(pool, model, net, reader, plan, folder, tell)
    with progress("language means", None) as tell:
        write_centre(corpora, model, folder, tell)
    return made


def write(
    pool: Pool, model: Encoder, net: Any, reader: Reader, plan: Plan, folder: Path, tell: Callable[[int], None]
) -> list[Head]:
    """Write layers, evidence and heads, each head with its figures."""
    tensors = {
        f"{_LAYER + number}.{name}": tensor.numpy()
        for number, layer in enumerate(net.layers)
        for name, tensor in layer.state_dict().items()
    }
    layers = save_layers(tensors, _LAYER, f"{model.name}+{model.digest}", folder)
    share = net.share.weight.detach().numpy()[0], float(net.share.bias.detach())
    save_evidence(Evidence(net.token.weight.detach().numpy(), net.mention.weight.detach().numpy(), *share), folder)
    features = Features(reader)
    same = {
        language: [unit for unit in pool.of("parallel", "train") if unit.language == language] for language in _CODES
    }
    spoken = {language: features.mentions(units) for language, units in same.items()}
    read = {language: features.articles(units) for language, units in same.items()}
    articles = pool.of("frames", "train")
    documents = features.articles(articles, tell)
    gold = np.asarray([unit.labels["frames"] for unit in articles])
    means = {language: features.mean(0) for language, features in read.items()}
    centre = np.mean(list(means.values()), 0)
    alike = np.stack(
        [row + centre - means.get(unit.language, centre) for row, unit in zip(documents, articles, strict=True)]
    )
    weights, offset, borders, cross = fit_frames(alike, gold, np.asarray([unit.group for unit in articles]))
    made = []
    for name, classes in CLASSES.items():
        figures: Figures = {}
        if name == "frames":
            rows, bias, figures = weights, offset, cross
        else:
            rows = net.heads[name].weight.detach().numpy().astype(np.float64)
            bias = net.heads[name].bias.detach().numpy().astype(np.float64)
        others = {unit.language for unit in pool.units if name in unit.labels}
        biases = level(rows, bias, read if name == "frames" else spoken, others)
        languages = tuple(sorted(biases))
        head = Head(
            name=name,
            classes=classes,
            weights=np.asarray(rows, np.float64),
            languages=languages,
            bias=np.stack([biases[language] for language in languages]),
            encoder=f"{model.name}+{model.digest}+{layers.digest}",
            independent=name == "frames",
            thresholds=borders if name == "frames" else np.full(len(classes), 0.5),
        )
        if name != "frames":
            head = _calibrated(head, _left_out(name, pool, plan), features)
        head = dataclasses.replace(head, figures=figures | measure(head, pool, features))
        save_head(head, folder)
        made.append(head)
    return made


def _left_out(name: str, pool: Pool, plan: Plan) -> list[Unit]:
    """The units that a head is calibrated on: dev of corpora/karabakh, or the held tenth of a public set's train."""
    if name in PORTRAYAL:
        return pool.of("portrayal", "dev")
    return [unit for unit in pool.of(name, "train") if is_held(unit, plan)]


def _calibrated(head: Head, units: Sequence[Unit], features: Features) -> Head:
    if not units:
        return head
    gold = np.asarray([unit.labels[head.name] for unit in units])
    read, languages = features.mentions(units), [unit.language for unit in units]
    scale, shift = calibrate(head.logits(read, languages), gold)
    head = dataclasses.replace(head, weights=head.weights * scale, bias=head.bias * scale + shift)
    judged = [0, 2] if head.name.startswith("sentiment_") else sorted(set(gold.tolist()))
    return dataclasses.replace(head, thresholds=cuts(head.probabilities(read, languages), gold, judged))


def measure(head: Head, pool: Pool, features: Features) -> Figures:
    """How many units a head was trained on, and how alike it reads the same sentences of sib200 test.

    What it reaches on the public dev sets and on our own corpora is for `framing.measurement` to say.
    """
    fitted = sum(1 for u in pool.units if head.name in u.labels and u.split == "train" and u.variant == "hidden")
    by_language = _grouped(pool.of("parallel", "test"), lambda unit: unit.language)
    read = features.articles if head.name == "frames" else features.mentions
    means = np.stack(
        [head.probabilities(read(units), [lang] * len(units)).mean(0) for lang, units in by_language.items()]
    )
    shift = float(np.abs(means - means.mean(0)).max())
    return {"train units": fitted, "same sentences in az hy ru en: largest shift of a class": shift}


def _grouped(units: Iterable[Unit], key: Callable[[Unit], str]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=key):
        found.setdefault(key(unit), []).append(unit)
    return found
