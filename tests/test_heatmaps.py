"""Grids and figures say what their tables say, and set apart what is not known."""

from __future__ import annotations

import itertools
import json
import math
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale

from framing import heatmaps, tables

NAMES = {"armenia": "Armenia", "azerbaijan": "Azerbaijan", "x": "<b>Bold</b> & co"}


def mean(actor: str, source: str, value: float, low: float = 0.1, voice: str = "all") -> dict[str, object]:
    return {"dimension": "blame", "actor": actor, "voice": voice, "source": source, "value": value,
            "low": low, "high": low + 0.2, "events": 6, "articles": 7, "passages": 20}  # fmt: skip


def gap(actor: str, difference: float, low: float, high: float, *, enough: bool = True, same: bool = True):  # type: ignore[no-untyped-def]
    return {"dimension": "blame", "actor": actor, "voice": "all", "source_a": "armenia", "source_b": "russia",
            "mean_a": 0.5, "mean_b": 0.5 - difference, "difference": difference, "low": low, "high": high,
            "p_value": 0.02, "p_adjusted": 0.0004, "events": 6, "passages_a": 9, "passages_b": 1,
            "enough": enough, "languages_a": "hy", "languages_b": "ru", "same_language": same}  # fmt: skip


@pytest.fixture
def means() -> pd.DataFrame:
    rows = [mean("armenia", "russia", 0.25), mean("azerbaijan", "russia", math.nan),
            mean("armenia", "azerbaijan", 0.52, math.nan),
            mean("armenia", "russia", 0.9, voice="quoted")]  # fmt: skip
    return tables.check(pd.DataFrame(rows), tables.MEANS)


@pytest.fixture
def contrasts() -> pd.DataFrame:
    rows = [gap("armenia", 0.3, 0.1, 0.5, same=False), gap("azerbaijan", -0.2, -0.5, 0.1),
            gap("turkey", 0.4, math.nan, math.nan, enough=False)]  # fmt: skip
    return tables.check(pd.DataFrame(rows), tables.CONTRASTS)


def portrait(means: pd.DataFrame, voice: str = "all") -> heatmaps.Grid:
    return heatmaps.portrait(
        means, "blame", voice, sources=["azerbaijan", "russia"], actors=["armenia", "azerbaijan"], names=NAMES
    )


def gaps(contrasts: pd.DataFrame) -> heatmaps.Grid:
    actors = ["armenia", "azerbaijan", "turkey", "russia"]
    return heatmaps.gaps(contrasts, "blame", "all", pairs=[("armenia", "russia")], actors=actors, names=NAMES)


def test_a_portrait_puts_each_mean_in_its_cell(means: pd.DataFrame) -> None:
    grid = portrait(means)
    assert grid.rows == ("Azerbaijan", "Russia")
    assert grid.columns == ("Armenia", "Azerbaijan")
    assert grid.cells[1][0].value == 0.25
    assert (grid.cells[1][0].first, grid.cells[1][0].second) == ("0.25", "0.10 to 0.30")
    assert grid.cells[1][0].mark == ""
    assert "20 sentences" in grid.cells[1][0].spoken
    assert grid.limit == 0.9  # of all voices, so that a switch does not change the scale


def test_a_mean_that_could_not_be_told_is_never_zero(means: pd.DataFrame) -> None:
    grid = portrait(means)
    nothing = grid.cells[1][1]
    assert math.isnan(nothing.value)
    assert (nothing.first, nothing.key) == ("–", "")
    assert heatmaps.draw(grid).data[0].z[1][1] is None


def test_a_mean_without_an_interval_is_set_apart(means: pd.DataFrame) -> None:
    cell = portrait(means).cells[0][0]
    assert (cell.mark, cell.first, cell.second) == ("unclear", "○ 0.52", "few events")


def test_voices_are_kept_apart(means: pd.DataFrame) -> None:
    assert portrait(means, "quoted").cells[1][0].value == 0.9
    assert math.isnan(portrait(means, "narrator").cells[1][0].value)


def test_a_clear_gap_is_plain_and_its_interval_is_in_the_cell(contrasts: pd.DataFrame) -> None:
    cell = gaps(contrasts).cells[0][0]
    assert (cell.first, cell.second, cell.mark) == ("+0.30 ‡", "[0.10, 0.50]", "")
    assert "source or language? (hy against ru)" in cell.spoken
    assert "adjusted p <0.001" in cell.spoken
    assert "9 and 1 sentence" in cell.spoken
    assert json.loads(cell.key) == {"kind": "score", "dimension": "blame", "actor": "armenia", "voice": "all",
                                    "sources": ["armenia", "russia"], "shared": True}  # fmt: skip


def test_a_gap_whose_interval_holds_zero_or_lacks_events_is_marked_not_only_coloured(
    contrasts: pd.DataFrame,
) -> None:
    grid = gaps(contrasts)
    _, doubtful, few, absent = grid.cells[0]
    assert (doubtful.first, doubtful.mark) == ("○ −0.20", "unclear")
    assert "interval contains 0" in doubtful.spoken
    assert (few.first, few.second, few.mark) == ("○ +0.40", "few events", "unclear")
    assert math.isnan(absent.value)
    figure = heatmaps.draw(grid)
    hatch = figure.data[1]
    assert hatch.marker.pattern.shape == "/"
    assert list(hatch.x) == [1, 2]
    plain, *pale = figure.data[2].textfont.color
    assert plain not in pale


def test_swapping_the_sources_flips_the_sign_and_keeps_the_marks(contrasts: pd.DataFrame) -> None:
    other = contrasts.rename(columns={"source_a": "source_b", "source_b": "source_a", "low": "high", "high": "low"})
    other[["difference", "low", "high"]] *= -1
    grid = heatmaps.gaps(
        other, "blame", "all", pairs=[("russia", "armenia")], actors=["armenia", "azerbaijan"], names=NAMES
    )
    same = gaps(contrasts)
    for ours, theirs in zip(grid.cells[0], same.cells[0], strict=False):
        assert ours.value == -theirs.value
        assert ours.mark == theirs.mark


def test_frames_are_rows_by_size_and_pairs_by_frame(contrasts: pd.DataFrame) -> None:
    rows = [mean("", "armenia", v) | {"dimension": f"frame:{f}"} for f, v in (("legality", 0.2), ("conflict", 0.6))]
    grid = heatmaps.frames(tables.check(pd.DataFrame(rows), tables.MEANS), sources=["armenia"], names=NAMES)
    assert grid.rows == ("Conflict", "Legality")
    framed = contrasts.assign(dimension="frame:human_interest", actor="").iloc[:1]
    between = heatmaps.frame_gaps(framed, pairs=[("armenia", "russia")], names=NAMES)
    assert between.columns == ("Human interest",)
    assert between.cells[0][0].first == "+0.30 ‡"


def test_blame_names_the_speakers_narrator_first_and_sets_few_sentences_apart() -> None:
    table = pd.DataFrame(
        [("russia", "unknown", "armenia", 0.4, 9), ("russia", "armenia", "azerbaijan", 0.6, 2),
         ("russia", "narrator", "armenia", math.nan, 5), ("armenia", "narrator", "armenia", 0.1, 5)],
        columns=["source", "voice", "actor", "value", "passages"],
    )  # fmt: skip
    grid = heatmaps.blame(table, "russia", actors=["armenia", "azerbaijan"], names=NAMES)
    assert grid.rows == ("Narrator", "Armenia", "Speaker not identified")
    assert (grid.cells[1][1].first, grid.cells[1][1].mark) == ("○ 0.60", "unclear")
    assert math.isnan(grid.cells[0][0].value)
    assert json.loads(grid.cells[2][0].key)["speaker"] == "unknown"


def test_an_event_without_an_account_is_not_told() -> None:
    table = pd.DataFrame(
        [("e", "armenia", 2, pd.NaT), ("e", "russia", 0, pd.NaT)],
        columns=["event_id", "source", "articles", "published"],
    )
    grid = heatmaps.coverage(
        table, events=["e"], labels={"e": "Truce"}, sources=["armenia", "azerbaijan", "russia"], names=NAMES
    )
    assert [c.first for c in grid.cells[0]] == ["2", "not told", "not told"]
    assert [c.mark for c in grid.cells[0]] == ["", "absent", "absent"]
    assert heatmaps.draw(grid).data[1].marker.pattern.shape == "x"


def test_the_timeline_tells_silence_from_no_score() -> None:
    points = pd.DataFrame([("e1", "armenia", -0.3)], columns=["event_id", "source", "value"])
    told = pd.DataFrame(
        [("e1", "armenia", 2), ("e1", "russia", 1), ("e2", "russia", 0)],
        columns=["event_id", "source", "articles"],
    )
    figure = heatmaps.timeline(
        points, told, name="sentiment", actor="x", events=["e1", "e2", "e3"],
        dates={"e1": "2020-10-10", "e2": "2020-10-12", "e3": ""},
        labels={"e1": "One", "e2": "Two", "e3": "Three"},
        sources=["armenia", "russia"], names=NAMES, limit=0.5,
    )  # fmt: skip
    numbers, (scored, unscored, absent) = figure.data[1], figure.data[2:]
    assert list(numbers.text) == ["1", "2"]
    bottom, top = figure.layout.yaxis.range
    assert all(top < y < bottom for y in numbers.y)
    assert (list(scored.x), list(scored.y), list(scored.marker.color)) == (["2020-10-10"], [0], [-0.3])
    assert (list(unscored.x), list(unscored.y), unscored.marker.symbol) == (
        ["2020-10-10"],
        [1],
        "circle-open",
    )
    assert (list(absent.x), list(absent.y)) == (["2020-10-12", "2020-10-12"], [0, 1])
    assert json.loads(scored.customdata[0])["event"] == "e1"
    assert (scored.marker.cmin, scored.marker.cmax) == (-0.5, 0.5)


def test_numbers_of_events_that_have_no_room_are_left_out() -> None:
    assert heatmaps._levels(["2020-10-10", "2020-10-11", "2020-10-12", "2022-10-10"], 420) == [0, 1, None, 0]
    assert heatmaps._levels([], 420) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Xankəndi şəhəri və İrəvan", "Xankəndi<br>şəhəri və<br>İrəvan"),
        ("Լեռնային Ղարաբաղի հայեր", "Լեռնային<br>Ղարաբաղի<br>հայեր"),
        ("Российские миротворцы", "Российские<br>миротворцы"),
        ("<b>Bold</b> & co", "&lt;b&gt;Bold&lt;/b&gt; &amp;<br>co"),
    ],
    ids=["az", "hy", "ru", "en"],
)
def test_labels_of_every_script_are_wrapped_and_never_read_as_markup(name: str, shown: str) -> None:
    grid = heatmaps.Grid("t", (name,), (name,), ((heatmaps.Cell(0.5, "0.50", spoken=name),),), "c")
    figure = heatmaps.draw(grid)
    assert figure.layout.xaxis.ticktext == (shown,)
    assert "<b>" not in figure.layout.yaxis.ticktext[0]
    assert "<b>" not in figure.data[0].hovertext[0][0]


def test_a_figure_shows_the_first_columns_only() -> None:
    line = tuple(heatmaps.Cell(i / 100, str(i)) for i in range(40))
    grid = heatmaps.Grid("t", ("r",), tuple(map(str, range(40))), (line,), "c")
    assert len(heatmaps.draw(grid, columns=5).data[0].z[0]) == 5


def test_a_grid_without_cells_can_still_be_drawn() -> None:
    assert heatmaps.draw(heatmaps.Grid("t", (), (), (), "c")).layout.height > 0


def test_text_on_every_colour_reads_with_enough_contrast() -> None:
    def luminance(colour: str) -> float:
        if colour.startswith("#"):
            parts = [float(int(colour[i : i + 2], 16)) for i in (1, 3, 5)]
        else:
            parts = [float(p) for p in re.findall(r"[\d.]+", colour)]
        shares = [p / 255 / 12.92 if p < 11 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), shares, strict=True))

    for scale, place in itertools.product((heatmaps._SEQUENTIAL, heatmaps._DIVERGING), range(101)):
        (colour,) = sample_colorscale(scale, [place / 100])
        ink = heatmaps._ink(heatmaps.Cell(place / 100, ""), scale, 0.0, 1.0)
        light, dark = sorted((luminance(colour), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (colour, ink)


@pytest.mark.parametrize(
    ("value", "sign", "text"),
    [(0.5, True, "+0.50"), (-0.5, False, "−0.50"), (-0.001, True, "0.00"), (math.nan, False, "–")],
)
def test_numbers_have_a_true_minus_and_no_signed_zero(value: float, sign: bool, text: str) -> None:
    assert heatmaps.number(value, sign=sign) == text


def test_actors_come_the_most_scored_first_then_by_name() -> None:
    frame = pd.DataFrame({"actor": ["b", "a", "c", ""], "passages": [2, 2, 5, 99]})
    assert heatmaps.ordered_actors(frame) == ["c", "a", "b"]


def test_saving_without_kaleido_is_a_counted_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaleido", None)
    saved = heatmaps.save({"a": go.Figure(), "b": go.Figure()}, tmp_path / "figures")
    assert saved.written == []
    assert saved.skipped.startswith("4 figure files not written: 'kaleido' is not installed.")
    assert "framing[figures]" in saved.skipped


def test_saving_without_a_browser_is_a_counted_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kaleido")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "no-such-browser"))
    saved = heatmaps.save({"a": go.Figure()}, tmp_path, formats=("svg",))
    assert saved.written == []
    assert saved.skipped.startswith("1 figure file not written: no browser to draw with")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="found 'gif', expected svg, png, pdf"):
        heatmaps.save({"a": go.Figure()}, tmp_path, formats=("gif",))


@pytest.mark.browser
def test_saved_figures_carry_title_and_note_and_are_the_same_twice(tmp_path: Path, contrasts: pd.DataFrame) -> None:
    pytest.importorskip("kaleido")
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    figure = heatmaps.draw(gaps(contrasts))
    first = heatmaps.save({"gap": figure}, tmp_path / "one")
    second = heatmaps.save({"gap": figure}, tmp_path / "two", formats=("svg",))
    assert first.skipped == second.skipped == ""
    assert [path.name for path in first.written] == ["gap.svg", "gap.png"]
    svg = first.written[0].read_bytes()
    assert svg == second.written[0].read_bytes()
    assert b"gaps between sources" in svg
    assert b"source or language?" in svg
    assert first.written[1].read_bytes().startswith(b"\x89PNG")
    assert figure.layout.width is None  # the figure that was given is not changed
