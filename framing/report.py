"""Figures, tables and the sentences behind them -> one HTML file that opens offline.

The page holds everything: plotly.js, the figures, the sentences. A content security policy in its
head forbids any request, and lets only the page's own two scripts run, by their hash. Texts of
articles are not trusted: the template escapes them, the script writes them as text only.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from framing import comparison, heatmaps
from framing.duplicates import originals
from framing.errors import CorpusError
from framing.heatmaps import DIMENSIONS, VOICES, Grid, dimension, number, source_name, voice_name
from framing.tables import ARTICLES, CONTRASTS, EVENTS, MEANS, MENTIONS, PASSAGES, QUOTES, SCORES, check

#: Sentences kept for one event, source, actor, voice and dimension, the strongest first.
SENTENCES_PER_CELL = 40
#: Pairs of sources in a gap figure and in the table below it, and gaps named in the summary.
PAIRS_SHOWN, PAIRS_LISTED, GAPS_NAMED = 15, 60, 6

_COVERAGE = ("event_id", "source", "articles", "published")
_BLAME = ("source", "voice", "actor", "value", "passages")
_LANGUAGES = {"az": "Azerbaijani", "hy": "Armenian", "ru": "Russian", "en": "English"}
_SIGNED, _MORE = "PuOr: orange negative, purple positive", "Blues: darker is more"
_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Chart:
    """A figure of the page: ``variants`` are its grids by voice, or one named "all"."""

    id: str
    caption: str
    variants: Mapping[str, Grid]
    legend: tuple[str, ...] = ()
    scale: str = ""

    def marks(self) -> tuple[str, ...]:
        """The parts of the legend that this figure needs: a mark that no cell carries is not explained."""
        cells = [c for grid in self.variants.values() for line in grid.cells for c in line]
        seen = {
            "language": any(heatmaps.OTHER_LANGUAGE in c.first for c in cells),
            "absent": any(c.mark == "absent" for c in cells),
            "none": any(math.isnan(c.value) and not c.mark for c in cells),
        }
        hatched = any(c.mark == "unclear" for c in cells)
        return tuple(mark for mark in self.legend if seen.get(mark, hatched))


def write(
    path: str | Path,
    *,
    name: str,
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    events: pd.DataFrame,
    mentions: pd.DataFrame,
    quotes: pd.DataFrame,
    scores: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    blame: pd.DataFrame,
    actors: Mapping[str, str],
    run: Mapping[str, Any],
    alignment_quality: Mapping[str, Any] | None,
    notice: str,
    stands_for: Mapping[str, str] | None = None,
    actors_shown: int = heatmaps.COLUMNS_SHOWN,
) -> Path:
    """Write the report of one run; the same tables give the same bytes.

    Parameters
    ----------
    path : path
        The HTML file; folders above it are made.
    name : str
        The corpus or experiment, printed as the title.
    articles, passages, events, mentions, quotes, scores, means, contrasts : DataFrame
        The tables of `framing.tables`. ``passages`` gives the sentences that a cell opens.
    coverage : DataFrame
        Columns event_id, source, articles (accounts), published (first account, may be NaT).
    blame : DataFrame
        Columns source, voice (narrator, a speaker's actor id or "unknown"), actor, value (0 to 1,
        NaN could not tell), passages (sentences behind it).
    actors : mapping
        Actor id -> neutral printed name; may also name places and sources.
    run : mapping
        The content of ``run.json``. The only source of dates of the run itself.
    alignment_quality : mapping, optional
        Measures of the alignment against labelled events, if there are any.
    notice : str
        What a reader must know first, for instance that the texts were written for a demo.
    stands_for : mapping, optional
        Actor id -> the collective actor it counts for in ``blame``, so that a ministry's cell there
        opens its minister's sentences. Ids that are not in it stand for themselves.
    actors_shown : int
        Columns of a figure at most, the actors mentioned most first; the tables always hold all.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    CorpusError
        If a table lacks a column, or names a source that is no side, outlet or language of ``articles``.
    """
    articles, passages = check(articles, ARTICLES), check(passages, PASSAGES)
    events, mentions, quotes = check(events, EVENTS), check(mentions, MENTIONS), check(quotes, QUOTES)
    scores, means, contrasts = check(scores, SCORES), check(means, MEANS), check(contrasts, CONTRASTS)
    coverage, blame = _with_columns(coverage, _COVERAGE, "coverage"), _with_columns(blame, _BLAME, "blame")
    by = _kind_of_source(articles, means, contrasts, coverage, blame)
    articles = _with_counted(articles.assign(source=articles[by]), events)
    sources = sorted(set(articles["source"]) & _named_sources(means, contrasts, coverage, blame))
    agenda = Agenda.of(articles, events, coverage, _keywords(mentions, events, actors))

    charts = _charts(means, contrasts, coverage, blame, sources, agenda, actors)
    figures = {
        chart.id: {voice: _json_figure(_drawn(chart, grid, actors_shown)) for voice, grid in chart.variants.items()}
        for chart in itertools.chain.from_iterable(charts.values())
    }
    times, choices = _timelines(scores, articles, events, coverage, by, sources, agenda, actors)
    figures["time"] = {variant: _json_figure(figure) for variant, figure in times.items()}
    evidence, left_out = _evidence(articles, passages, scores, mentions, agenda, sources, actors, stands_for or {})
    naming = _naming(mentions, articles, sources, actors)

    styles = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    library = get_plotlyjs()
    page = _environment().get_template("report.html.jinja").render(
        name=name,
        notice=notice,
        question=str(run.get("question", "")),
        styles=Markup(styles),
        library=Markup(library),
        script=Markup(script),
        hashes=" ".join(_hash(text) for text in (library, script)),
        payload=Markup(_safe_json({"figures": figures, "evidence": evidence})),
        facts=_facts(articles, passages, events, mentions, quotes, scores, sources, agenda),
        sides=_sides(articles, passages, quotes, sources, actors),
        gaps=_clearest(contrasts, actors),
        counted=_gap_counts(contrasts),
        level=_level(run),
        charts=charts,
        time=choices,
        voices=VOICES,
        agenda=agenda,
        naming=naming,
        sources=[(s, source_name(s, actors)) for s in sources],
        left_out=left_out,
        kept=SENTENCES_PER_CELL,
        run=_record(run),
        quality=[(str(k), _printed(v)) for k, v in (alignment_quality or {}).items()],
        scorers=_scorers(scores),
        number=number,
        chance=heatmaps.chance,
        few_sentences=heatmaps.FEW_SENTENCES,
    )  # fmt: skip
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def figures(
    *,
    articles: pd.DataFrame,
    events: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    blame: pd.DataFrame,
    mentions: pd.DataFrame,
    actors: Mapping[str, str],
    actors_shown: int = heatmaps.COLUMNS_SHOWN,
) -> dict[str, go.Figure]:
    """The page's heatmaps by file name, for `heatmaps.save`; parameters as in `write`."""
    by = _kind_of_source(articles, means, contrasts, coverage, blame)
    articles = articles.assign(source=articles[by])
    sources = sorted(set(articles["source"]) & _named_sources(means, contrasts, coverage, blame))
    agenda = Agenda.of(articles, events, coverage, _keywords(mentions, events, actors))
    charts = _charts(means, contrasts, coverage, blame, sources, agenda, actors)
    drawn: dict[str, go.Figure] = {}
    for chart in itertools.chain.from_iterable(charts.values()):
        for voice, grid in chart.variants.items():
            file = chart.id if len(chart.variants) == 1 else f"{chart.id}-{voice}"
            drawn[re.sub(r"[^\w.-]+", "-", file)] = _drawn(chart, grid, actors_shown)
    return drawn


@dataclass(frozen=True)
class Agenda:
    """The events in order of date, with printed labels and ISO dates ("" where unknown).

    ``event_of`` maps article_id -> event_id; ``shared`` counts the events that two sources or more tell.
    """

    order: tuple[str, ...]
    labels: Mapping[str, str]
    dates: Mapping[str, str]
    event_of: Mapping[str, str]
    shared: int

    def short(self, event: str) -> str:
        """The label without its date."""
        return self.labels[event].removeprefix(self.dates[event]).strip()

    @classmethod
    def of(
        cls, articles: pd.DataFrame, events: pd.DataFrame, coverage: pd.DataFrame, keywords: Mapping[str, str]
    ) -> Agenda:
        """Dates and words come from the id ("2020-10-10-moscow-truce"), else from the first account and `_keywords`."""
        accounts = events.merge(articles, on="article_id").sort_values(["published", "article_id"], na_position="last")
        labels, dates = {}, {}
        first = {str(e): rows for e, rows in accounts.groupby("event_id")}
        for event in sorted({*events["event_id"], *coverage["event_id"]}):
            dated = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[-_ ](?![0-9a-f]{8}$)(.+)", event)
            rows = first.get(event)
            if dated:
                dates[event] = dated[1]
                words = re.sub(r"[-_]+", " ", dated[2])
                labels[event] = f"{dated[1]} {words[:1].upper()}{words[1:]}"
                continue
            known = [] if rows is None else rows.to_dict("records")
            when = [r["published"] for r in known if pd.notna(r["published"])]
            dates[event] = f"{when[0]:%Y-%m-%d}" if when else ""
            labels[event] = " ".join(p for p in (dates[event], keywords.get(event) or event) if p)
        order = sorted(labels, key=lambda e: (dates[e] or "9999", e))
        told = coverage[coverage["articles"] > 0].groupby("event_id")["source"].nunique()
        event_of = dict(zip(events["article_id"], events["event_id"], strict=True))
        return cls(tuple(order), labels, dates, event_of, int((told > 1).sum()))


def _keywords(mentions: pd.DataFrame, events: pd.DataFrame, names: Mapping[str, str], most: int = 3) -> dict[str, str]:
    """Event -> the actors and places that set it apart, by their neutral names.

    A headline would name the event in one side's words.
    """
    named = mentions[["article_id", "actor"]].drop_duplicates().merge(events[["article_id", "event_id"]])
    if mentions.empty:
        return {}
    accounts = events.groupby("event_id").size()
    table = named.groupby(["event_id", "actor"]).size().rename("told").reset_index()
    spread = table.groupby("actor")["event_id"].nunique()
    rarity = np.log((len(accounts) + 1) / table["actor"].map(spread))
    table["weight"] = table["told"] / table["event_id"].map(accounts) * rarity
    ranked = table.sort_values(["event_id", "weight", "actor"], ascending=[True, False, True])
    best = ranked.groupby("event_id").head(most)
    return {
        str(event): ", ".join(names.get(actor, actor) for actor in group["actor"])
        for event, group in best.groupby("event_id")
    }


def _charts(
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    blame: pd.DataFrame,
    sources: Sequence[str],
    agenda: Agenda,
    names: Mapping[str, str],
) -> dict[str, list[Chart]]:
    scored = means[~means["dimension"].str.startswith("frame:")]
    actors = heatmaps.ordered_actors(scored[scored["voice"] == "all"])
    every_pair = _pairs(contrasts)
    pairs = every_pair[:PAIRS_LISTED]
    rest = len(every_pair) - len(pairs)
    unlisted = f" {rest} pairs with fewer shared events are left out." if rest else ""
    charts: dict[str, list[Chart]] = {"portraits": [], "gaps": [], "frames": [], "blame": [], "coverage": []}
    for about in DIMENSIONS:
        signed = about.low < 0
        scale = _SIGNED if signed else _MORE
        if (scored["dimension"] == about.id).any():
            grids = {
                v: heatmaps.portrait(means, about.id, v, sources=sources, actors=actors, names=names) for v in VOICES
            }
            charts["portraits"].append(
                Chart(about.id, f"{about.title}. {about.meaning}.", grids, ("few", "none"), scale)
            )
        if (contrasts["dimension"] == about.id).any():
            grids = {v: heatmaps.gaps(contrasts, about.id, v, pairs=pairs, actors=actors, names=names) for v in VOICES}
            text = f"{about.title}. Positive: the first-named source gives the higher value.{unlisted}"
            charts["gaps"].append(Chart(f"gap-{about.id}", text, grids, ("unclear", "language", "none"), _SIGNED))
    framed = heatmaps.frames(means, sources=sources, names=names)
    if framed.rows:
        charts["frames"].append(
            Chart("frames", "Share of each frame in each source.", {"all": framed}, ("few", "none"), _MORE)
        )
    for source in sources:
        if (blame["source"] == source).any():
            blamed = heatmaps.ordered_actors(blame)
            grid = heatmaps.blame(blame, source, actors=blamed, names=names)
            charts["blame"].append(
                Chart(f"who-blames-whom-{source}", source_name(source, names), {"all": grid},
                      ("sentences", "none"), _MORE)
            )  # fmt: skip
    between = heatmaps.frame_gaps(contrasts, pairs=pairs, names=names)
    if between.columns:
        text = f"Gaps between sources. Positive: the first-named source gives the higher value.{unlisted}"
        charts["frames"].append(Chart("gap-frames", text, {"all": between}, ("unclear", "language", "none"), _SIGNED))
    told = heatmaps.coverage(coverage, events=agenda.order, labels=agenda.labels, sources=sources, names=names)
    if told.rows:
        charts["coverage"].append(
            Chart("coverage", "Accounts of each event in each source.", {"all": told}, ("absent",),
                  _MORE)
        )  # fmt: skip
    return charts


def _drawn(chart: Chart, grid: Grid, columns: int) -> go.Figure:
    rows = PAIRS_SHOWN if chart.id.startswith("gap-") else heatmaps.ROWS_SHOWN
    return heatmaps.draw(grid, rows=rows, columns=columns)


def _timelines(
    scores: pd.DataFrame,
    articles: pd.DataFrame,
    events: pd.DataFrame,
    coverage: pd.DataFrame,
    by: str,
    sources: Sequence[str],
    agenda: Agenda,
    names: Mapping[str, str],
) -> tuple[dict[str, go.Figure], dict[str, list[tuple[str, str]]]]:
    """The dot plots by "dimension actor number", and the choices the page offers for them."""
    rows = scores[scores["value"].notna() & ~scores["dimension"].str.startswith("frame:")]
    each = comparison.cells(rows, events, articles, by=by)
    whole = comparison.cells(rows.assign(actor=""), events, articles, by=by)
    actors = heatmaps.ordered_actors(each)[:8]
    figures: dict[str, go.Figure] = {}
    shown = [about for about in DIMENSIONS if (rows["dimension"] == about.id).any()]
    for about in shown:
        own = each[each["dimension"] == about.id]
        tables = [whole[whole["dimension"] == about.id], *(own[own["actor"] == a] for a in actors)]
        for i, actor in enumerate([None, *actors]):
            figures[f"{about.id} {i}"] = heatmaps.timeline(
                tables[i],
                coverage,
                name=about.id,
                actor=actor,
                events=agenda.order,
                dates=agenda.dates,
                labels=agenda.labels,
                sources=sources,
                names=names,
                limit=heatmaps.strongest(tables[i]["value"]),
            )
    everyone = [("0", "All actors"), *((str(i + 1), names.get(a, a)) for i, a in enumerate(actors))]
    return figures, {"dimensions": [(d.id, d.title) for d in shown], "actors": everyone}


def _evidence(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    scores: pd.DataFrame,
    mentions: pd.DataFrame,
    agenda: Agenda,
    sources: Sequence[str],
    names: Mapping[str, str],
    stands_for: Mapping[str, str],
) -> tuple[dict[str, Any], int]:
    """The sentences as compact columns, and how many scores were left out.

    Offsets are in UTF-16 units, as JavaScript counts.
    """
    in_event = agenda.event_of
    kept, left_out = _strongest(_placed(scores, passages), articles, in_event)
    named = mentions[(mentions["passage_id"] != "") & mentions["actor"].isin(_contested(mentions))]
    named = named.merge(articles[["article_id", "source"]], on="article_id")
    named = named.groupby(["actor", "usage", "source", "voice"], sort=False).head(SENTENCES_PER_CELL)
    used = {*kept["passage_id"], *named["passage_id"]}
    shown = passages[passages["passage_id"].isin(used)]
    places = {p: i for i, p in enumerate(shown["passage_id"])}
    texts = dict(zip(shown["passage_id"], shown["text"], strict=True))
    starts = dict(zip(shown["passage_id"], shown["start"], strict=True))
    whose = {a: i for i, a in enumerate(articles["article_id"])}
    actors = sorted({*kept["actor"], *named["actor"]})
    voices = sorted({*kept["voice"], *named["voice"]})
    dimensions = sorted(set(kept["dimension"]))
    usages = sorted(set(named["usage"]))

    def spans(frame: pd.DataFrame, first: str, last: str) -> list[list[int]]:
        return [
            _span(texts[p], a - starts[p], b - starts[p])
            for p, a, b in zip(frame["passage_id"], frame[first], frame[last], strict=True)
        ]

    def indices(values: Iterable[Any], shelf: Sequence[str]) -> list[int]:
        place = {v: i for i, v in enumerate(shelf)}
        return [place[v] for v in values]

    data = {
        "sources": [[s, source_name(s, names)] for s in sources],
        "actors": [[a, names.get(a, a), stands_for.get(a, a)] for a in actors],
        "voices": [[v, voice_name(v, names), stands_for.get(v, v)] for v in voices],
        "dimensions": [[d, dimension(d).title, int(dimension(d).low < 0)] for d in dimensions],
        "usages": usages,
        "events": [[e, agenda.labels[e], agenda.short(e)] for e in agenda.order],
        "articles": [
            [
                row["outlet"],
                sources.index(row["source"]) if row["source"] in sources else -1,
                row["language"] if row["language"] in _LANGUAGES else "und",
                "" if pd.isna(row["published"]) else f"{row['published']:%Y-%m-%d}",
                row["title"],
                agenda.order.index(in_event[row["article_id"]]) if row["article_id"] in in_event else -1,
                int(not row["counted"]),
            ]
            for row in articles.to_dict("records")
        ],
        "passages": [[whose[a], t] for a, t in zip(shown["article_id"], shown["text"], strict=True)],
        "scores": {
            "passage": indices(kept["passage_id"], list(places)),
            "actor": indices(kept["actor"], actors),
            "voice": indices(kept["voice"], voices),
            "dimension": indices(kept["dimension"], dimensions),
            "value": [round(float(v), 3) for v in kept["value"]],
            "span": spans(kept, "evidence_start", "evidence_end"),
        },
        "mentions": {
            "passage": indices(named["passage_id"], list(places)),
            "actor": indices(named["actor"], actors),
            "voice": indices(named["voice"], voices),
            "usage": indices(named["usage"], usages),
            "span": spans(named, "start", "end"),
        },
    }
    return data, left_out


def _placed(scores: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Scores with a value, each on a sentence.

    A score of a whole article goes to the sentence that holds its evidence, but only where the
    article's sentences have no scores of their own in that dimension.
    """
    rows = scores[scores["value"].notna()]
    whole = rows["passage_id"] == ""
    if not whole.any():
        return rows
    own = {*zip(rows.loc[~whole, "article_id"], rows.loc[~whole, "dimension"], strict=True)}
    starts: dict[str, tuple[list[int], list[str]]] = {}
    for article, sentences in passages.sort_values(["article_id", "start"]).groupby("article_id"):
        starts[str(article)] = (sentences["start"].tolist(), sentences["passage_id"].tolist())
    placed = []
    for row in rows[whole].to_dict("records"):
        offsets, ids = starts.get(row["article_id"], ([], []))
        at = bisect.bisect_right(offsets, row["evidence_start"]) - 1
        if at >= 0 and (row["article_id"], row["dimension"]) not in own:
            placed.append({**row, "passage_id": ids[at]})
    return pd.concat([rows[~whole], pd.DataFrame(placed, columns=rows.columns).astype(rows.dtypes)])


def _strongest(rows: pd.DataFrame, articles: pd.DataFrame, event_of: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    rows = rows.merge(articles[["article_id", "source"]], on="article_id")
    rows = rows.assign(
        event=[event_of.get(a, "") for a in rows["article_id"]], strength=rows["value"].abs()
    ).sort_values(["strength", "passage_id", "dimension", "actor", "voice"], ascending=[False, *[True] * 4])
    cells = rows.groupby(["event", "source", "actor", "voice", "dimension"], sort=False)
    kept = cells.head(SENTENCES_PER_CELL)
    return kept, len(rows) - len(kept)


def _span(text: str, start: int, end: int) -> list[int]:
    """Offsets within a sentence, clipped to it, in UTF-16 units."""
    inside = [min(max(offset, 0), len(text)) for offset in (start, end)]
    return [len(text[:offset].encode("utf-16-le")) // 2 for offset in inside]


def _contested(mentions: pd.DataFrame) -> set[str]:
    """Actors and places that at least one source names in a way that belongs to somebody."""
    return set(mentions.loc[mentions["usage"] != "", "actor"])


def _naming(
    mentions: pd.DataFrame, articles: pd.DataFrame, sources: Sequence[str], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Per contested name: each variant (whose usage it is, how it is written) with counts by source."""
    rows = mentions[mentions["actor"].isin(_contested(mentions))].merge(
        articles[articles["counted"]][["article_id", "source", "language"]], on="article_id"
    )
    table: list[dict[str, Any]] = []
    order = rows.groupby("actor").size()
    for actor in sorted(order.index, key=lambda a: (-order[a], a)):
        own = rows[rows["actor"] == actor]
        totals = own[own["voice"] == "narrator"].groupby("source").size()
        variants = []
        for usage in sorted(set(own["usage"]), key=lambda u: (u == "", u)):
            same = own[own["usage"] == usage]
            written = same.groupby(["alias", "language"]).size().reset_index(name="n")
            written = written.sort_values(["n", "alias", "language"], ascending=[False, True, True])
            written = written.drop_duplicates("alias")
            counts = []
            for source in sources:
                here = same[same["source"] == source]
                narrator = int((here["voice"] == "narrator").sum())
                total = int(totals.get(source, 0))
                cell = heatmaps.key("mentions", actor=actor, usage=usage, sources=[source])
                counts.append(
                    {"narrator": narrator, "quoted": len(here) - narrator, "cell": cell,
                     "share": round(100 * narrator / total) if total else None}
                )  # fmt: skip
            words = [
                (str(a), lang if lang in _LANGUAGES else "und")
                for a, lang in zip(written["alias"], written["language"], strict=True)
            ]
            variants.append(
                {"usage": source_name(usage, names) if usage else "neutral", "words": words, "counts": counts}
            )
        table.append({"name": names.get(str(actor), str(actor)), "variants": variants})
    return table


def _facts(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    events: pd.DataFrame,
    mentions: pd.DataFrame,
    quotes: pd.DataFrame,
    scores: pd.DataFrame,
    sources: Sequence[str],
    agenda: Agenda,
) -> list[tuple[str, str]]:
    days = articles["published"].dropna()
    missing = int(scores["value"].isna().sum())
    share = f" ({missing / len(scores):.0%})" if len(scores) else ""
    period = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else "not known"
    return [
        ("Accounts", f"{len(articles):,} from {articles['outlet'].nunique()} outlets"),
        ("Reprints among them", f"{int(articles['copy_of'].notna().sum()):,}"),
        ("Published", period),
        (
            "Events",
            f"{events['event_id'].nunique()}, {agenda.shared} told by two or more of {len(sources)} sources",
        ),
        ("Sentences", f"{len(passages):,}"),
        ("Mentions of actors and places", f"{len(mentions):,}"),
        ("Quotations", f"{len(quotes):,}, of which {int(quotes['direct'].sum()):,} direct"),
        ("Scores", f"{len(scores):,}, of which {missing:,}{share} could not be told"),
    ]


def _sides(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    quotes: pd.DataFrame,
    sources: Sequence[str],
    names: Mapping[str, str],
) -> list[list[str]]:
    """Per source: name, languages, outlets, accounts, sentences, quotations per 100 sentences."""
    sentences, quoted = (frame.groupby("article_id").size() for frame in (passages, quotes))
    table = []
    for source in sources:
        own = articles[articles["source"] == source]
        languages = sorted(_LANGUAGES.get(x, x) for x in set(own["language"]))
        told = int(own["article_id"].map(sentences).fillna(0).sum())
        cited = int(own["article_id"].map(quoted).fillna(0).sum())
        table.append(
            [source_name(source, names), ", ".join(languages), str(own["outlet"].nunique()), f"{len(own):,}",
             f"{told:,}", f"{100 * cited / told:.0f}" if told else "–"]
        )  # fmt: skip
    return table


def _clearest(contrasts: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The clear gaps, the smallest adjusted p-value first, then the widest."""
    rows = [r for r in _comparable(contrasts) if heatmaps.is_clear(r)]
    rows.sort(
        key=lambda r: (
            r["p_adjusted"] if not math.isnan(r["p_adjusted"]) else 2.0,
            -abs(r["difference"]),
            r["dimension"],
            r["actor"],
            r["source_a"],
            r["source_b"],
        )
    )
    named = []
    for row in rows[:GAPS_NAMED]:
        about = dimension(row["dimension"])
        whom = names.get(row["actor"], row["actor"])
        cell = heatmaps.key("score", dimension=about.id, actor=row["actor"], voice="all", shared=True,
                            sources=[row["source_a"], row["source_b"]])  # fmt: skip
        named.append(
            row | {"about": f"{about.title}, {whom}" if whom else f"{about.title} frame", "cell": cell,
                   "a": source_name(row["source_a"], names), "b": source_name(row["source_b"], names)}
        )  # fmt: skip
    return named


def _gap_counts(contrasts: pd.DataFrame) -> dict[str, int]:
    rows = _comparable(contrasts)
    return {
        "all": len(rows),
        "leaves_out_zero": sum(heatmaps.is_clear(r) for r in rows),
        "few": sum(not r["enough"] for r in rows),
        "foreign": sum(not r["same_language"] for r in rows),
    }


def _comparable(contrasts: pd.DataFrame) -> list[dict[str, Any]]:
    rows = contrasts[contrasts["voice"].isin(["all", "any"]) & contrasts["difference"].notna()]
    return [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]


def _pairs(contrasts: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of sources, those with the most shared events first."""
    events = contrasts.groupby(["source_a", "source_b"])["events"].max()
    return sorted(((str(a), str(b)) for a, b in events.index), key=lambda p: (-events[p], p))


def _named_sources(
    means: pd.DataFrame, contrasts: pd.DataFrame, coverage: pd.DataFrame, blame: pd.DataFrame
) -> set[str]:
    pairs = {*contrasts["source_a"], *contrasts["source_b"]}
    return pairs | {*means["source"], *coverage["source"], *blame["source"]}


def _kind_of_source(
    articles: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    blame: pd.DataFrame,
) -> str:
    """The column of ``articles`` whose values are the sources compared: side, outlet or language."""
    named = _named_sources(means, contrasts, coverage, blame)
    for column in ("side", "outlet", "language"):
        if named <= set(articles[column]):
            return column
    stray = sorted(named - {*articles["side"], *articles["outlet"], *articles["language"]})
    found = f"'{stray[0]}' is none of them" if stray else "they are mixed"
    raise CorpusError(
        "report: the sources compared must all be sides, all outlets or all languages of the articles; "
        f"{found}. Compare again from the same articles."
    )


def _with_counted(articles: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """``counted``: whether the account enters the comparison, which takes one copy a source and event."""
    placed = articles.merge(events[["article_id", "event_id"]], on="article_id", how="left")
    placed = placed.assign(root=originals(articles).reindex(placed["article_id"]).to_numpy())
    placed = placed.assign(copied=placed["article_id"] != placed["root"])
    placed = placed.sort_values(["copied", "published", "article_id"])
    first = placed.drop_duplicates(["source", "event_id", "root"])
    return articles.assign(counted=articles["article_id"].isin(first["article_id"]))


def _with_columns(frame: pd.DataFrame, columns: Sequence[str], name: str) -> pd.DataFrame:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns))
        raise CorpusError(f"{name}: column '{missing[0]}' is missing (found: {found}).")
    return frame[list(columns)].reset_index(drop=True)


def _scorers(scores: pd.DataFrame) -> list[tuple[str, str]]:
    """Per signature: the dimensions it scored, and the signature."""
    titles: dict[str, set[str]] = {}
    for name, scorer in zip(scores["dimension"], scores["scorer"], strict=True):
        titles.setdefault(scorer, set()).add("Frames" if name.startswith("frame:") else dimension(name).title)
    return sorted((", ".join(sorted(of)), scorer) for scorer, of in titles.items())


def _level(run: Mapping[str, Any]) -> str:
    """The level of the intervals, in percent, where the run's config names one."""
    config = run.get("config", {})
    level = config.get("comparison", {}).get("level") if isinstance(config, Mapping) else None
    return f"{100 * level:g} %" if isinstance(level, float) else ""


def _record(run: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Key, printed value and whether it runs over several lines."""
    return [(str(k), _printed(v), isinstance(v, Mapping | list | tuple) and bool(v)) for k, v in run.items()]


def _printed(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return number(value, 3)
    return json.dumps(value, ensure_ascii=False, indent=2, default=str, sort_keys=True)


def look() -> str:
    """A digest of the page's template, styles and script."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(_TEMPLATES.iterdir()))).hexdigest()


def _json_figure(figure: go.Figure) -> Any:
    return json.loads(json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder, sort_keys=True))


def _safe_json(data: Any) -> str:
    """JSON that cannot end its script element or be read as markup, whatever the texts hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _hash(script: str) -> str:
    """The script's name in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
