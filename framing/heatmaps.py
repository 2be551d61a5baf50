"""Tables of means, contrasts, blame and coverage -> grids of cells and plotly figures; no statistics in here.

A table first becomes a `Grid` (what stands in which cell, in words and numbers), then a figure. The
report prints the same grid as a table, so that picture and table cannot disagree.

Colours: the diverging scale is ColorBrewer PuOr (orange negative, purple positive), the sequential
one ColorBrewer Blues; both stay apart for colour-blind readers. Nothing is told by colour alone.
"""

from __future__ import annotations

import asyncio
import html
import json
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from framing.errors import MissingPackage, require

FONT = "Noto Sans, Noto Sans Armenian, Segoe UI, Mshtakan, DejaVu Sans, sans-serif"
VOICES: Mapping[str, str] = {"all": "All voices", "narrator": "Narrator", "quoted": "Quoted"}
UNCLEAR, OTHER_LANGUAGE = "○", "‡"
LANGUAGE_NOTE = "source or language?"
COLUMNS_SHOWN, ROWS_SHOWN = 12, 60
#: Below this number of sentences a cell of who-blames-whom is set apart.
FEW_SENTENCES = 3

_SEQUENTIAL = [[0.0, "#f7fafd"], [0.25, "#d3e3f1"], [0.5, "#93c0de"], [0.75, "#3f87bf"], [1.0, "#0b4a8f"]]
_DIVERGING = [
    [0.0, "#b35806"],
    [0.17, "#e08214"],
    [0.33, "#fdc98a"],
    [0.5, "#f7f7f7"],
    [0.67, "#c3bfdd"],
    [0.83, "#8073ac"],
    [1.0, "#4b2a85"],
]
_INK, _PALE_INK, _LINE, _EMPTY = "#1c1f24", "#555c64", "#d9dcdf", "#f2f2f0"
_GAP_NOTE = f"{UNCLEAR} hatched: interval contains 0 or too few events. {OTHER_LANGUAGE} {LANGUAGE_NOTE} Uncorrected."
_CELL_PIXELS, _ROW_PIXELS, _LANE_PIXELS = 82, 50, 46
_MANY_ROWS = 20
#: Room for one number of an event above the lanes of a timeline, wide and high.
_NUMBER_PIXELS = (17, 13)


@dataclass(frozen=True)
class Dimension:
    """How a dimension is named and read; ``low`` and ``high`` are the ends of the scorer's range."""

    id: str
    title: str
    meaning: str
    low: float
    high: float


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("blame", "Blame", "0 no blame on the actor, 1 all the blame", 0, 1),
    Dimension("legitimacy", "Legitimacy", "−1 shown as illegitimate, +1 shown as legitimate", -1, 1),
    Dimension("suffering", "Humanitarian impact", "0 not shown as suffering, 1 strongly so", 0, 1),
    Dimension("sentiment", "Sentiment", "−1 negative about the actor, +1 positive", -1, 1),
)


@dataclass(frozen=True)
class Cell:
    """One cell of a grid.

    ``value`` NaN: nothing to colour. ``first`` and ``second`` are the two lines written in it,
    ``spoken`` the whole in words, ``mark`` one of "" (plain), "unclear" (hatched, pale) and "absent"
    (cross-hatched). ``key`` is what the report looks the sentences up by, "" where there are none.
    """

    value: float
    first: str
    second: str = ""
    spoken: str = ""
    mark: str = ""
    key: str = ""


@dataclass(frozen=True)
class Grid:
    """A heatmap before it is drawn: R row labels, C column labels, R x C cells.

    ``limit`` is the value with the strongest colour (in the values' unit). With ``diverging`` the
    scale runs from -limit to +limit, otherwise from 0 to limit.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    corner: str
    limit: float = 1.0
    diverging: bool = False
    note: str = ""
    colorbar: bool = True


def key(kind: str, **parts: Any) -> str:
    """What a cell is looked up by in the report: one JSON object, the same for the same parts."""
    given = {"kind": kind} | {name: value for name, value in parts.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def dimension(name: str) -> Dimension:
    """The dimension of that id; a frame or an unknown one is named after its id, range 0 to 1."""
    for known in DIMENSIONS:
        if known.id == name:
            return known
    title = name.removeprefix("frame:").replace("_", " ").replace("-", " ")
    return Dimension(name, title[:1].upper() + title[1:], "0 absent, 1 all of the account", 0, 1)


def source_name(source: str, names: Mapping[str, str]) -> str:
    """A side or outlet as printed: its given name, else its id with a capital letter."""
    if source in names:
        return names[source]
    plain = source.replace("_", " ")
    return plain if "-" in plain else plain[:1].upper() + plain[1:]


def voice_name(voice: str, names: Mapping[str, str]) -> str:
    """A voice as printed: the narrator, a speaker's name, or that the speaker is not known."""
    fixed = {"narrator": "Narrator", "unknown": "Speaker not identified", "any": "Whole text"}
    return fixed.get(voice, names.get(voice, voice))


def number(value: float, digits: int = 2, *, sign: bool = False) -> str:
    """A number with a true minus sign; NaN is an en dash, and a rounded zero has no sign."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def chance(value: float) -> str:
    """A p-value as printed: three digits, and never 0."""
    return "<0.001" if value < 0.001 else number(value, 3)


def ordered_actors(*frames: pd.DataFrame) -> list[str]:
    """Actor ids of the tables, the most often scored first, so that every heatmap has the same columns.

    Each frame needs ``actor`` and may have ``passages`` (or ``passages_a`` and ``passages_b``).
    """
    counts: dict[str, float] = {}
    for frame in frames:
        columns = [c for c in ("passages", "passages_a", "passages_b") if c in frame.columns]
        weight = frame[columns].sum(axis=1) if columns else pd.Series(1.0, index=frame.index)
        for actor, total in weight.groupby(frame["actor"]).sum().items():
            counts[str(actor)] = counts.get(str(actor), 0.0) + float(total)
    return sorted((a for a in counts if a), key=lambda a: (-counts[a], a))


def portrait(
    means: pd.DataFrame,
    name: str,
    voice: str,
    *,
    sources: Sequence[str],
    actors: Sequence[str],
    names: Mapping[str, str],
) -> Grid:
    """Source x actor: how each source portrays each actor in one dimension and one voice.

    Parameters
    ----------
    means : MEANS
    name : str
        The dimension.
    voice : str
        all, narrator or quoted.
    sources, actors : sequence of str
        Rows and columns, in that order; ids that the table lacks give empty cells.
    names : mapping
        id -> printed name.
    """
    about = dimension(name)
    of_dimension = means[means["dimension"] == name]
    found = _by(of_dimension[of_dimension["voice"] == voice], "source", "actor")

    def cell(source: str, actor: str) -> Cell:
        row = found.get((source, actor))
        head = f"{source_name(source, names)} on {names.get(actor, actor)}"
        return _mean_cell(row, f"{head}, {VOICES[voice].lower()}", about, name, voice, source, actor)

    return Grid(
        title=f"{about.title} by source and actor, {VOICES[voice].lower()}",
        rows=tuple(source_name(s, names) for s in sources),
        columns=tuple(names.get(a, a) for a in actors),
        cells=tuple(tuple(cell(s, a) for a in actors) for s in sources),
        corner="Source",
        limit=strongest(of_dimension["value"]),
        diverging=about.low < 0,
        note=f"{about.meaning}. Below: interval. {UNCLEAR} hatched: too few events for an interval.",
    )


def frames(means: pd.DataFrame, *, sources: Sequence[str], names: Mapping[str, str]) -> Grid:
    """Frame x source: the share of each frame in each source's accounts, 0 to 1 (rows "frame:*" of MEANS)."""
    table = means[means["dimension"].str.startswith("frame:") & means["voice"].isin(["all", "any"])]
    table = table.drop_duplicates(["dimension", "source"])
    found = _by(table, "dimension", "source")
    total = table.groupby("dimension")["value"].mean()
    order = sorted(total.index, key=lambda d: (-total[d] if math.isfinite(total[d]) else 0, d))

    def cell(name: str, source: str) -> Cell:
        head = f"{dimension(name).title} frame, {source_name(source, names)}"
        row = found.get((name, source))
        return _mean_cell(row, head, dimension(name), name, "all", source, "")

    return Grid(
        title="Frames by source",
        rows=tuple(dimension(d).title for d in order),
        columns=tuple(source_name(s, names) for s in sources),
        cells=tuple(tuple(cell(d, s) for s in sources) for d in order),
        corner="Frame",
        limit=strongest(table["value"]),
        note=f"Share, 0 to 1. Below: interval. {UNCLEAR} hatched: too few events for an interval.",
    )


def gaps(
    contrasts: pd.DataFrame,
    name: str,
    voice: str,
    *,
    pairs: Sequence[tuple[str, str]],
    actors: Sequence[str],
    names: Mapping[str, str],
) -> Grid:
    """Pair of sources x actor: first minus second over the events both tell, with the interval in the cell.

    A cell whose interval holds 0, or that has too few events, is "unclear"; one whose sources write
    in different languages carries `OTHER_LANGUAGE`, because the scorer's error may differ by language.
    """
    about = dimension(name)
    of_dimension = contrasts[contrasts["dimension"] == name]
    found = _by(of_dimension[of_dimension["voice"] == voice], "source_a", "source_b", "actor")

    def cell(pair: tuple[str, str], actor: str) -> Cell:
        return _gap_cell(found.get((*pair, actor)), names.get(actor, actor), name, voice, pair, actor, names)

    return Grid(
        title=f"{about.title}: gaps between sources, {VOICES[voice].lower()}",
        rows=tuple(f"{source_name(a, names)} minus {source_name(b, names)}" for a, b in pairs),
        columns=tuple(names.get(a, a) for a in actors),
        cells=tuple(tuple(cell(pair, a) for a in actors) for pair in pairs),
        corner="Pair of sources",
        limit=strongest(of_dimension["difference"]),
        diverging=True,
        note=_GAP_NOTE,
    )


def frame_gaps(contrasts: pd.DataFrame, *, pairs: Sequence[tuple[str, str]], names: Mapping[str, str]) -> Grid:
    """Pair of sources x frame: first minus second, as in `gaps`."""
    table = contrasts[contrasts["dimension"].str.startswith("frame:") & (contrasts["voice"] == "all")]
    found = _by(table, "source_a", "source_b", "dimension")
    order = sorted(set(table["dimension"]))

    def cell(pair: tuple[str, str], name: str) -> Cell:
        return _gap_cell(found.get((*pair, name)), f"{dimension(name).title} frame", name, "all", pair, "", names)

    return Grid(
        title="Frames: gaps between sources",
        rows=tuple(f"{source_name(a, names)} minus {source_name(b, names)}" for a, b in pairs),
        columns=tuple(dimension(d).title for d in order),
        cells=tuple(tuple(cell(pair, d) for d in order) for pair in pairs),
        corner="Pair of sources",
        limit=strongest(table["difference"]),
        diverging=True,
        note=_GAP_NOTE,
    )


def _gap_cell(
    row: Mapping[str, Any] | None,
    whom: str,
    name: str,
    voice: str,
    pair: tuple[str, str],
    actor: str,
    names: Mapping[str, str],
) -> Cell:
    first, second = (source_name(s, names) for s in pair)
    head = f"{whom}, {VOICES[voice].lower()}: {first} minus {second}"
    if row is None or math.isnan(row["difference"]):
        return Cell(math.nan, "–", spoken=f"{head}: not scored in a shared event")
    clear, foreign = is_clear(row), not row["same_language"]
    few = not row["enough"] or math.isnan(row["low"])
    gap = number(row["difference"], sign=True)
    text = " ".join([UNCLEAR] * (not clear) + [gap] + [OTHER_LANGUAGE] * foreign)
    bounds = "few events" if few else f"[{number(row['low'])}, {number(row['high'])}]"
    said = [f"{head}: {gap}", "too few events for an interval" if few else f"interval {bounds}"]
    said += [] if clear or few else ["interval contains 0"]
    said += [] if math.isnan(row["p_adjusted"]) else [f"adjusted p {chance(row['p_adjusted'])}"]
    said += [
        f"means {number(row['mean_a'])} and {number(row['mean_b'])}",
        _count(row["events"], "shared event"),
    ]
    said += [f"{row['passages_a']} and {_count(row['passages_b'], 'sentence')}"]
    if foreign:
        said.append(f"{LANGUAGE_NOTE} ({row['languages_a']} against {row['languages_b']})")
    link = key("score", dimension=name, actor=actor, voice=voice, sources=list(pair), shared=True)
    return Cell(float(row["difference"]), text, bounds, "; ".join(said), "" if clear else "unclear", link)


def is_clear(row: Mapping[str, Any]) -> bool:
    """Whether a row of CONTRASTS has enough events and an interval that leaves out 0."""
    low, high = float(row["low"]), float(row["high"])
    return bool(row["enough"]) and (low > 0 or high < 0)


def blame(table: pd.DataFrame, source: str, *, actors: Sequence[str], names: Mapping[str, str]) -> Grid:
    """Voice x actor within one source: who blames whom, 0 to 1.

    ``table`` has the columns source, voice, actor, value, passages.
    """
    own = table[table["source"] == source]
    weight = own.groupby("voice")["passages"].sum()
    voices = sorted(weight.index, key=lambda v: (v != "narrator", v == "unknown", -weight[v], v))
    found = _by(own, "voice", "actor")

    def cell(voice: str, actor: str) -> Cell:
        row = found.get((voice, actor))
        head = f"{source_name(source, names)}, {voice_name(voice, names)} on {names.get(actor, actor)}"
        if row is None or math.isnan(row["value"]):
            return Cell(math.nan, "–", spoken=f"{head}: not scored")
        link = key("score", dimension="blame", actor=actor, speaker=voice, sources=[source])
        sentences = _count(row["passages"], "sentence")
        said = f"{head}: blame {number(row['value'])}; {sentences}"
        few = row["passages"] < FEW_SENTENCES
        text = f"{UNCLEAR} " * few + number(row["value"])
        return Cell(float(row["value"]), text, f"n {row['passages']}", said, "unclear" if few else "", link)

    return Grid(
        title=f"Who blames whom in {source_name(source, names)}",
        rows=tuple(voice_name(v, names) for v in voices),
        columns=tuple(names.get(a, a) for a in actors),
        cells=tuple(tuple(cell(v, a) for a in actors) for v in voices),
        corner="Voice",
        limit=strongest(table["value"]),
        note="Rows: who speaks. Columns: who is blamed. n: sentences. "
        f"{UNCLEAR} hatched: fewer than {FEW_SENTENCES} sentences.",
    )


def coverage(
    table: pd.DataFrame,
    *,
    events: Sequence[str],
    labels: Mapping[str, str],
    sources: Sequence[str],
    names: Mapping[str, str],
) -> Grid:
    """Event x source: how many accounts each source gives of each event; a silent source is "not told"."""
    found = _by(table, "event_id", "source")

    def cell(event: str, source: str) -> Cell:
        row = found.get((event, source))
        head = f"{source_name(source, names)}: {labels[event]}"
        if row is None or not row["articles"]:
            return Cell(math.nan, "not told", spoken=f"{head}: not told", mark="absent")
        said = f"{head}: {_count(row['articles'], 'account')}"
        link = key("articles", event=event, sources=[source])
        return Cell(float(row["articles"]), str(row["articles"]), "", said, "", link)

    return Grid(
        title="Who tells which event",
        rows=tuple(labels[e] for e in events),
        columns=tuple(source_name(s, names) for s in sources),
        cells=tuple(tuple(cell(e, s) for s in sources) for e in events),
        corner="Event",
        limit=2.0 * max([1, *table["articles"]]),  # half the scale: the silence should stand out, not the count
        note="Number of accounts. Cross-hatched: not told.",
        colorbar=False,
    )


def draw(grid: Grid, *, rows: int = ROWS_SHOWN, columns: int = COLUMNS_SHOWN) -> go.Figure:
    """The grid as a heatmap: the first rows and columns of it, since one with fifty columns says nothing.

    ``layout.meta`` holds the title, the note, the least width in pixels at which the text fits and
    the greatest at which cells still look like cells.
    """
    cells = [line[:columns] for line in grid.cells[:rows]]
    height, width = len(cells), len(cells[0]) if cells else 0
    scale = _DIVERGING if grid.diverging else _SEQUENTIAL
    low, high = (-grid.limit if grid.diverging else 0.0), grid.limit
    flat = [(r, c, cell) for r, line in enumerate(cells) for c, cell in enumerate(line)]
    heat = go.Heatmap(
        z=[[None if math.isnan(cell.value) else round(cell.value, 6) for cell in line] for line in cells],
        hovertext=[["<br>".join(_wrapped(p, 46) for p in cell.spoken.split("; ")) for cell in line] for line in cells],
        customdata=[[cell.key for cell in line] for line in cells],
        hoverinfo="text",
        colorscale=scale,
        zmin=low,
        zmax=high,
        xgap=2,
        ygap=2,
        showscale=grid.colorbar,
        colorbar=_colorbar(low, high, grid.diverging),
    )
    hatched = [
        _hatch([(r, c) for r, c, cell in flat if cell.mark == mark], shape, veil, line)
        for mark, shape, veil, line in (
            ("unclear", "/", "rgba(255,255,255,0.82)", "rgba(92,99,107,0.30)"),
            ("absent", "x", _EMPTY, "rgba(92,99,107,0.42)"),
        )
        if any(cell.mark == mark for *_, cell in flat)
    ]
    text = go.Scatter(
        x=[c for _, c, _ in flat],
        y=[r for r, *_ in flat],
        mode="text",
        text=[_two_lines(cell) for *_, cell in flat],
        textfont={"color": [_ink(cell, scale, low, high) for *_, cell in flat], "size": 13},
        hoverinfo="skip",
    )
    heads = [_wrapped(c, 13) for c in grid.columns[:columns]]
    two = any(cell.second for *_, cell in flat)
    sides = [_wrapped(r, 18 if two else 26 if height <= _MANY_ROWS else 48) for r in grid.rows[:rows]]
    top = 14 + 16 * max((h.count("<br>") + 1 for h in heads), default=1)
    tallest = max((s.count("<br>") + 1 for s in sides), default=1)
    left = 16 + int(7.2 * max((len(html.unescape(p)) for s in sides for p in s.split("<br>")), default=4))
    row_pixels = max(_ROW_PIXELS if two else 30, 17 * tallest + 6)
    right = 58 if grid.colorbar else 8
    return go.Figure(
        [heat, *hatched, text],
        layout=_layout(
            height=top + 8 + row_pixels * max(height, 1),
            margin={"l": left, "r": right, "t": top, "b": 8, "pad": 2},
            xaxis=_axis(heads, [-0.5, max(width, 1) - 0.5], side="top"),
            yaxis=_axis(sides, [max(height, 1) - 0.5, -0.5]),
            barmode="overlay",
            meta={
                "title": grid.title,
                "note": grid.note,
                "width": left + right + _CELL_PIXELS * max(width, 1),
                "widest": left + right + 190 * max(width, 1),
            },
        ),
    )


def timeline(
    points: pd.DataFrame,
    told: pd.DataFrame,
    *,
    name: str,
    actor: str | None,
    events: Sequence[str],
    dates: Mapping[str, str],
    labels: Mapping[str, str],
    sources: Sequence[str],
    names: Mapping[str, str],
    limit: float,
) -> go.Figure:
    """Events by date, one lane a source, coloured by the source's mean in one dimension.

    Parameters
    ----------
    points : DataFrame
        Columns event_id, source, value (in the dimension's range; NaN draws an open circle).
    told : DataFrame
        Columns event_id, source, articles: a source without an account gets a cross.
    events : sequence of str
        In order of date; the number above a lane is the place in this order, from 1.
    dates : mapping
        event_id -> ISO date. An event without one is left out of this figure.
    limit : float
        The value with the strongest colour.
    """
    about = dimension(name)
    low, high = (-limit if about.low < 0 else 0.0), limit
    values = {(p["event_id"], p["source"]): p["value"] for p in points.to_dict("records")}
    accounts = {(p["event_id"], p["source"]): p["articles"] for p in told.to_dict("records")}
    kinds: dict[str, list[tuple[str, int, float, str, str]]] = {"scored": [], "unscored": [], "absent": []}
    dated = [e for e in events if dates.get(e)]
    whom = "all actors" if actor is None else names.get(actor, actor)
    for event in dated:
        for lane, source in enumerate(sources):
            value = values.get((event, source), math.nan)
            head = f"{events.index(event) + 1}. {labels[event]}; {source_name(source, names)}"
            if not accounts.get((event, source)):
                kinds["absent"].append((dates[event], lane, math.nan, f"{head}: not told", ""))
            elif math.isnan(value):
                link = key("articles", event=event, sources=[source])
                kinds["unscored"].append((dates[event], lane, value, f"{head}: told, {whom} not scored", link))
            else:
                link = key("score", dimension=name, actor=actor, voice="all", sources=[source], event=event)
                said = f"{head}: {about.title.lower()} {number(value)}, {whom}"
                kinds["scored"].append((dates[event], lane, round(float(value), 6), said, link))
    looks: dict[str, dict[str, Any]] = {
        "scored": {"symbol": "circle", "size": 15, "line": {"color": "#4a5058", "width": 1}},
        "unscored": {"symbol": "circle-open", "size": 13, "line": {"width": 1.5}, "color": "#8a9098"},
        "absent": {"symbol": "x-thin", "size": 9, "line": {"width": 1.5, "color": "#5c636b"}},
    }
    looks["scored"] |= {
        "color": [p[2] for p in kinds["scored"]],
        "colorscale": _DIVERGING if about.low < 0 else _SEQUENTIAL,
        "cmin": low,
        "cmax": high,
        "showscale": True,
        "colorbar": _colorbar(low, high, about.low < 0),
    }
    traces = [
        go.Scatter(
            x=[p[0] for p in kind],
            y=[p[1] for p in kind],
            mode="markers",
            marker=looks[shown],
            hovertext=[_wrapped(p[3], 46) for p in kind],
            customdata=[p[4] for p in kind],
            hoverinfo="text",
        )
        for shown, kind in kinds.items()
    ]
    lanes = len(sources)
    lines: dict[str, list[Any]] = {"x": [], "y": []}  # one trace, not a shape an event: plotly checks each shape
    for event in dated:
        lines["x"] += [dates[event], dates[event], None]
        lines["y"] += [-0.5, lanes - 0.5, None]
    wide = max(420, 22 * len(dated))
    places = _levels([dates[e] for e in dated], wide)
    shown = [(e, level) for e, level in zip(dated, places, strict=True) if level is not None]
    numbers = {
        "x": [dates[e] for e, _ in shown],
        "y": [-0.5 - (8 + _NUMBER_PIXELS[1] * level) / _LANE_PIXELS for _, level in shown],
        "text": [str(events.index(e) + 1) for e, _ in shown],
    }
    rules = [
        go.Scatter(**lines, mode="lines", line={"color": "#eceeef", "width": 1}, hoverinfo="skip"),
        go.Scatter(
            **numbers,
            mode="text",
            textfont={"size": 11, "color": _PALE_INK},
            hoverinfo="skip",
        ),
    ]
    across = [
        {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": y, "y1": y, "layer": "below",
         "line": {"color": _LINE, "width": 1}}
        for y in range(lanes)
    ]  # fmt: skip
    above = 8 + 2 * _NUMBER_PIXELS[1]
    labels_left = [_wrapped(source_name(s, names), 22) for s in sources]
    left = 16 + int(7.2 * max((len(html.unescape(p)) for s in labels_left for p in s.split("<br>")), default=4))
    axis = {"type": "date", "fixedrange": True, "showgrid": False, "zeroline": False, "ticks": "outside",
            "tickcolor": _LINE, "tickfont": {"size": 12}, "nticks": 9}  # fmt: skip
    if dated:
        first, last = pd.Timestamp(dates[dated[0]]), pd.Timestamp(dates[dated[-1]])
        pad = max((last - first) * 0.04, pd.Timedelta(days=3))
        axis["range"] = [f"{first - pad:%Y-%m-%d}", f"{last + pad:%Y-%m-%d}"]
    return go.Figure(
        [*rules, *traces],
        layout=_layout(
            height=78 + _LANE_PIXELS * max(lanes, 1),
            margin={"l": left, "r": 58, "t": 46 - above, "b": 30, "pad": 4},
            xaxis=axis,
            yaxis=_axis(labels_left, [max(lanes, 1) - 0.5, -0.5 - above / _LANE_PIXELS]),
            shapes=across,
            meta={
                "title": f"Events over time: {about.title.lower()}, {whom}",
                "note": f"{about.meaning}. Open circle: told, not scored. Cross: not told. Numbers: events.",
                "width": left + 58 + wide,
            },
        ),
    )


class Saved(NamedTuple):
    """Files written, and why the others were not ("" where nothing was skipped)."""

    written: list[Path]
    skipped: str


def save(figures: Mapping[str, go.Figure], folder: str | Path, formats: Sequence[str] = ("svg", "png")) -> Saved:
    """Write each figure to ``folder/<name>.<format>``, with its title and note, for a paper.

    Drawing needs the package kaleido and a Chromium-like browser. Where one is missing nothing is
    written and the reason, with the number of files, is given back: a run must not fail for it.
    The same figure gives the same SVG bytes.

    Raises
    ------
    ValueError
        If a format is not one that kaleido draws (svg, png, pdf, jpg, webp).
    """
    wrong = [f for f in formats if f not in ("svg", "png", "pdf", "jpg", "webp")]
    if wrong:
        raise ValueError(f"formats: found '{wrong[0]}', expected svg, png, pdf, jpg or webp.")
    wanted = [(figures[name], Path(folder) / f"{name}.{form}") for name in sorted(figures) for form in formats]
    if not wanted:
        return Saved([], "")
    Path(folder).mkdir(parents=True, exist_ok=True)
    try:
        kaleido = require("kaleido", extra="figures")
        errors = require("choreographer.errors", extra="figures")
    except MissingPackage as error:
        return Saved([], f"{_count(len(wanted), 'figure file')} not written: {error}")
    absent = (errors.ChromeNotFoundError, errors.BrowserFailedError)
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook already runs a loop in this thread
            thread.submit(lambda: asyncio.run(_render(kaleido, wanted))).result()
    except absent as error:
        reason = str(error).splitlines()[0]
        return Saved([], f"{_count(len(wanted), 'figure file')} not written: no browser to draw with ({reason})")
    return Saved([path for _, path in wanted], "")


async def _render(kaleido: Any, wanted: Iterable[tuple[go.Figure, Path]]) -> None:
    async with kaleido.Kaleido(mathjax=False) as browser:
        for figure, path in wanted:
            ready = _titled(figure)
            size = {"width": ready.layout.width, "height": ready.layout.height}
            form = path.suffix[1:]
            options = {"format": form, "scale": 1 if form in ("svg", "pdf") else 2, **size}
            drawn: bytes = await browser.calc_fig(ready, opts=options)
            path.write_bytes(_without_random_ids(drawn) if form == "svg" else drawn)


def _titled(figure: go.Figure) -> go.Figure:
    """A copy that stands alone: the title above, the note below, a width at which the text fits."""
    meta = figure.layout.meta or {}
    margin = figure.layout.margin
    width = max(int(meta.get("width", 700)), 560)
    note = textwrap.wrap(str(meta.get("note", "")), max(40, width // 7))
    below = 18 + 15 * len(note)
    ready = go.Figure(figure)
    for place, trace in enumerate(ready.data):
        trace.uid = f"trace{place}"  # plotly.js else draws one by lot, and names gradients after it
    ready.update_layout(
        width=width,
        height=(figure.layout.height or 400) + 34 + below,
        margin={"t": margin.t + 34, "b": margin.b + below},
        title={"text": html.escape(str(meta.get("title", "")), quote=False), "x": 0.01, "xanchor": "left",
               "y": 0.99, "yanchor": "top", "yref": "container", "font": {"size": 15}, "pad": {"t": 6}},
    )  # fmt: skip
    ready.add_annotation(
        text="<br>".join(html.escape(line, quote=False) for line in note), showarrow=False, align="left",
        x=0, xref="paper", xanchor="left", xshift=-margin.l + 8,
        y=0, yref="paper", yanchor="top", yshift=-margin.b - 6, font={"size": 11, "color": _PALE_INK},
    )  # fmt: skip
    return ready


def _without_random_ids(svg: bytes) -> bytes:
    found = re.search(rb'id="defs-([0-9a-f]{6})"', svg)
    return svg.replace(found[1], b"framed") if found else svg


def _mean_cell(
    row: Mapping[str, Any] | None, head: str, about: Dimension, name: str, voice: str, source: str, actor: str
) -> Cell:
    if row is None or math.isnan(row["value"]):
        return Cell(math.nan, "–", spoken=f"{head}: not scored")
    signed = about.low < 0
    few = math.isnan(row["low"])
    bounds = "few events" if few else f"{number(row['low'])} to {number(row['high'])}"
    said = f"{head}: {about.title.lower()} {number(row['value'], sign=signed)}; "
    said += "too few events for an interval; " if few else f"interval {bounds}; "
    said += f"{_count(row['events'], 'event')}, {_count(row['articles'], 'account')}, "
    said += _count(row["passages"], "sentence")
    link = key("score", dimension=name, actor=actor, voice=voice, sources=[source])
    text = f"{UNCLEAR} " * few + number(row["value"], sign=signed)
    return Cell(float(row["value"]), text, bounds, said, "unclear" if few else "", link)


def _by(frame: pd.DataFrame, *columns: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[c] for c in columns): row for row in frame.to_dict("records")}  # type: ignore[misc]


def _count(number_of: int, thing: str) -> str:
    return f"{number_of} {thing}" + ("" if number_of == 1 else "s")


def strongest(values: pd.Series[float]) -> float:
    """The value of the strongest colour: the largest magnitude, rounded up to a tenth, at least 0.1."""
    largest = values.abs().max()
    return max(0.1, math.ceil(round(float(largest) * 10, 6)) / 10) if pd.notna(largest) else 1.0


def _wrapped(label: str, width: int) -> str:
    """Plotly reads tags in labels, and names come from texts: escape, then break the lines."""
    return "<br>".join(html.escape(part, quote=False) for part in textwrap.wrap(label, width) or [""])


def _two_lines(cell: Cell) -> str:
    first = html.escape(cell.first, quote=False)
    if not cell.second:
        return first
    return f"{first}<br><span style='font-size:10px'>{html.escape(cell.second, quote=False)}</span>"


def _ink(cell: Cell, scale: Sequence[Sequence[Any]], low: float, high: float) -> str:
    """Dark or white text, whichever reads on the cell's colour; pale where the cell is set apart."""
    if cell.mark or math.isnan(cell.value):
        return _PALE_INK
    place = min(1.0, max(0.0, (cell.value - low) / (high - low)))
    red, green, blue = (float(v) for v in re.findall(r"[\d.]+", sample_colorscale(scale, [place])[0])[:3])
    luminance = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)  # WCAG 2
    if luminance < 0.179:
        return "#ffffff"
    return _INK if luminance > 0.3 else "#000000"


def _linear(channel: float) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _hatch(places: Sequence[tuple[int, int]], shape: str, veil: str, line: str) -> go.Bar:
    """Bars laid over the cells to be set apart: plotly's heatmaps have no pattern of their own."""
    return go.Bar(
        x=[c for _, c in places],
        base=[r - 0.483 for r, _ in places],
        y=[0.966 for _ in places],
        width=0.986,
        marker={
            "color": veil,
            "line": {"width": 0},
            "pattern": {"shape": shape, "fgcolor": line, "bgcolor": veil, "size": 7, "solidity": 0.16},
        },
        hoverinfo="skip",
    )


def _levels(dates: Sequence[str], wide: int) -> list[int | None]:
    """On which of two levels each event's number has room over a plot so many pixels wide; None: on neither."""
    times = [pd.Timestamp(d) for d in dates]
    if not times:
        return []
    span = max((times[-1] - times[0]) * 1.08, pd.Timedelta(days=6))
    free = [-math.inf, -math.inf]
    levels: list[int | None] = []
    for time in times:
        at = (time - times[0]) / span * wide
        level = next((i for i in (0, 1) if at >= free[i]), None)
        levels.append(level)
        if level is not None:
            free[level] = at + _NUMBER_PIXELS[0]
    return levels


def _colorbar(low: float, high: float, diverging: bool) -> dict[str, Any]:
    ticks = [low, 0.0, high] if diverging else [0.0, high / 2, high]
    return {
        "thickness": 9,
        "len": 1,
        "y": 0.5,
        "x": 1.0,
        "xpad": 10,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": [number(t, sign=diverging) for t in ticks],
        "tickfont": {"size": 11, "color": _PALE_INK},
    }


def _axis(labels: Sequence[str], span: Sequence[float], side: str | None = None) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "range": list(span),
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickangle": 0,
        "tickfont": {"size": 13},
    }
    return axis | ({"side": side} if side else {})


def _layout(**own: Any) -> go.Layout:
    return go.Layout(
        template=go.layout.Template(),
        font={"family": FONT, "size": 13, "color": _INK},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        showlegend=False,
        hovermode="closest",
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": "#8a9098", "align": "left",
                    "font": {"family": FONT, "size": 13, "color": _INK}},
        dragmode=False,
        **own,
    )  # fmt: skip
