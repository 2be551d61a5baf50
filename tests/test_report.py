"""The report: one file, offline, deterministic, safe against its texts, and usable by keyboard."""

from __future__ import annotations

import copy
import html.parser
import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing import report, tables
from framing.errors import CorpusError

SIDES = ("armenia", "azerbaijan", "russia")
OUTLETS = (
    ("am-daily", "armenia", "hy"),
    ("am-english", "armenia", "en"),
    ("az-agency", "azerbaijan", "az"),
    ("az-english", "azerbaijan", "en"),
    ("ru-agency", "russia", "ru"),
    ("ru-daily", "russia", "ru"),
)
ACTORS = {
    "armenia": "Armenia",
    "azerbaijan": "Azerbaijan",
    "karabakh-armenians": "Karabakh Armenians",
    "russian-peacekeepers": "Russian peacekeepers",
    "azerbaijani-displaced": "Displaced Azerbaijanis",
    "turkey": "Turkey",
    "russia": "Russia",
    "osce-minsk-group": "OSCE Minsk Group",
    "khankendi": "Stepanakert / Khankendi",
}
EVENTS = (
    "2020-10-10-moscow-truce",
    "2020-11-10-trilateral-statement",
    "2020-12-01-lachin-handover",
    "2021-01-11-moscow-transport",
    "2021-11-16-border-clash",
    "2022-09-13-border-strikes",
    "2022-12-12-corridor-blocked",
    "2023-04-23-checkpoint",
    "2023-09-19-one-day-operation",
    "2023-09-24-exodus-begins",
)
#: One sentence an actor and language, written for this test; [brackets] hold the deciding words.
SENTENCES = {
    "en": {
        "armenia": "Armenia [broke its promise] to open the road, the ministry said.",
        "azerbaijan": "Azerbaijan [shelled the outskirts] of the town before dawn.",
        "karabakh-armenians": "Families in Stepanakert [slept in cellars] for a third night.",
        "russian-peacekeepers": "The peacekeepers [stood by] while the column passed.",
        "azerbaijani-displaced": "People driven out thirty years ago [may at last return home].",
        "turkey": "Turkey [called for restraint] from both capitals.",
        "russia": "Russia [brought both ministers to one table] after ten hours.",
        "osce-minsk-group": "The Minsk Group [had nothing to offer] this time either.",
    },
    "ru": {
        "armenia": "Армения [не выполнила обещание] открыть дорогу, заявили в министерстве.",
        "azerbaijan": "Азербайджан [обстрелял окраины] города ещё до рассвета.",
        "karabakh-armenians": "Семьи в Степанакерте третью ночь [ночевали в подвалах].",
        "russian-peacekeepers": "Миротворцы [обеспечили безопасный проход] колонны.",
        "azerbaijani-displaced": "Изгнанные тридцать лет назад [смогут вернуться домой].",
        "turkey": "Турция [призвала к сдержанности] обе столицы.",
        "russia": "Россия [усадила обоих министров за один стол] после десяти часов.",
        "osce-minsk-group": "Минская группа и на этот раз [ничего не предложила].",
    },
    "az": {
        "armenia": "Ermənistan yolu açmaq barədə [vədini pozdu], nazirlik bildirdi.",
        "azerbaijan": "Azərbaycan Xankəndi ətrafında [öz qanuni hüququndan istifadə etdi].",
        "karabakh-armenians": "Xankəndidə ailələr üçüncü gecəni [zirzəmilərdə keçirdi].",
        "russian-peacekeepers": "Sülhməramlılar karvan keçərkən [kənarda dayandı].",
        "azerbaijani-displaced": "Otuz il əvvəl qovulan insanlar [nəhayət evlərinə qayıdır].",
        "turkey": "Türkiyə hər iki paytaxtı [təmkinli olmağa çağırdı].",
        "russia": "Rusiya on saatdan sonra iki naziri [bir masa arxasına gətirdi].",
        "osce-minsk-group": "İlk gündən Minsk qrupunun [deməyə sözü yox idi].",
    },
    "hy": {
        "armenia": "Հայաստանը [չպահեց խոստումը]՝ բացելու ճանապարհը, ասացին նախարարությունից։",
        "azerbaijan": "Ադրբեջանը լուսաբացից առաջ [գնդակոծեց քաղաքի արվարձանները]։",
        "karabakh-armenians": "Ստեփանակերտում ընտանիքները երրորդ գիշերն [անցկացրին նկուղներում]։",
        "russian-peacekeepers": "Խաղաղապահները [կանգնած նայում էին], երբ շարասյունն անցնում էր։",
        "azerbaijani-displaced": "Երեսուն տարի առաջ տեղահանվածները [կարող են վերադառնալ]։",
        "turkey": "Թուրքիան երկու մայրաքաղաքներին [զսպվածության կոչ արեց]։",
        "russia": "Ռուսաստանը տասը ժամ անց [մեկ սեղանի շուրջ բերեց] նախարարներին։",
        "osce-minsk-group": "Մինսկի խումբն այս անգամ էլ [ոչինչ չառաջարկեց]։",
    },
}
CITY = {"en": "Stepanakert", "ru": "Степанакерте", "az": "Xankəndi", "hy": "Ստեփանակերտ"}
SAID = {
    "en": "\u201c{}\u201d, the minister said.",
    "ru": "«{}», заявил министр.",
    "az": "«{}», nazir dedi.",
    "hy": "«{}», ասաց նախարարը։",
}
RANGES = {"blame": (0, 1), "legitimacy": (-1, 1), "suffering": (0, 1), "sentiment": (-1, 1)}
FRAMES = ("conflict", "human_interest", "legality", "morality")
OWN = {"armenia": "armenia", "azerbaijan": "azerbaijan", "russia": "russia"}
RIVAL = {"armenia": "azerbaijan", "azerbaijan": "armenia", "russia": ""}


def _leaning(side: str, dimension: str, actor: str) -> float:
    """Where a made-up source stands on an actor: kind to its own, hard on its rival."""
    kind = 0.35 if actor == OWN[side] else -0.4 if actor == RIVAL[side] else 0.05
    suffers = 0.7 if actor in ("karabakh-armenians", "azerbaijani-displaced") else 0.12
    favoured = {"armenia": "karabakh-armenians", "azerbaijan": "azerbaijani-displaced"}.get(side)
    return {
        "blame": 0.28 - 0.6 * kind,
        "legitimacy": kind,
        "suffering": suffers * (1 if favoured in (actor, None) else 0.55),
        "sentiment": 0.9 * kind - 0.08,
    }[dimension]


def make() -> dict[str, Any]:
    """Three sides, six outlets, eight actors, ten events, four scripts: every argument of `report.write`."""
    rng = np.random.default_rng(7)
    articles, passages, events, mentions, quotes, scores = ([] for _ in range(6))
    for (e, event), (outlet, side, language) in itertools.product(enumerate(EVENTS), OUTLETS):
        if (side == "azerbaijan" and e == 6) or (side == "armenia" and e == 4) or rng.random() < 0.22:
            continue
        name = f"{event}.{outlet}"
        title = {"en": "The day in brief", "ru": "Коротко о дне", "az": "Günün xülasəsi", "hy": "Օրվա մասին"}
        text = f"{title[language]} ({e + 1})"
        spans = []
        for actor, marked in SENTENCES[language].items():
            if rng.random() < 0.3:
                continue
            quoted = rng.random() < 0.4
            line = SAID[language].format(marked) if quoted else marked
            first, last = line.index("["), line.index("]") - 1
            line = line.replace("[", "").replace("]", "")
            start = len(text) + 1
            text += "\n" + line
            spans.append((actor, quoted, start, len(text), start + first, start + last))
        published = pd.Timestamp(event[:10], tz="UTC") + pd.Timedelta(hours=9)
        articles.append((name, outlet, side, language, published,
                         title[language], text, None, None))  # fmt: skip
        events.append((event, name, 0.8))
        for position, (actor, quoted, start, end, first, last) in enumerate(spans):
            sentence = f"{name}#{position}"
            passages.append((sentence, name, language, position + 1, start, end, text[start:end], False))
            speaker = ("unknown", OWN[side])[position % 2] if quoted else "narrator"
            if quoted:
                quotes.append((name, start + 1, end - 1, True, speaker, "", ""))
            mentions.append((name, sentence, actor, start, start + 6, text[start : start + 6], actor,
                             "name", "", "0-6", speaker, quoted))  # fmt: skip
            city = text.find(CITY[language], start, end)
            if city >= 0:
                usage = "azerbaijan" if language == "az" else "armenia"
                word = CITY[language]
                mentions.append((name, sentence, "khankendi", city, city + len(word), word, word, "place",
                                 usage, "", speaker, quoted))  # fmt: skip
            for dimension, (low, high) in RANGES.items():
                value = np.clip(_leaning(side, dimension, actor) + rng.normal(0, 0.16), low, high)
                value = np.nan if rng.random() < 0.06 else value
                scores.append((name, sentence, start, end, actor, speaker, dimension, value, first, last,
                               f"{dimension}:lexicon@1"))  # fmt: skip
        for f, frame in enumerate(FRAMES):
            value = np.clip(0.3 + 0.12 * ((f + SIDES.index(side)) % 3) + rng.normal(0, 0.08), 0, 1)
            at = spans[0][2:] if spans else (0, len(text), 0, len(text))
            scores.append((name, "", 0, len(text), "", "any", f"frame:{frame}", value, at[2], at[3], "frames@1"))

    def table(rows: list[Any], schema: Any) -> pd.DataFrame:
        return tables.check(pd.DataFrame(rows, columns=list(schema.columns)), schema)

    made = {
        "articles": table(articles, tables.ARTICLES),
        "passages": table(passages, tables.PASSAGES),
        "events": table(events, tables.EVENTS),
        "mentions": table(mentions, tables.MENTIONS),
        "quotes": table(quotes, tables.QUOTES),
        "scores": table(scores, tables.SCORES),
    }
    made["means"], made["contrasts"], made["blame"], made["coverage"] = _compared(**made)
    return made | {
        "name": "Karabakh, ten events",
        "actors": dict(ACTORS),
        "run": {
            "config": {
                "corpus": "karabakh",
                "comparison": {"by": "side", "level": 0.95, "minimum_events": 4},
            },
            "question": "Do the three sides give the same actors the same part?",
            "commit": "0123abc",
            "packages": {"numpy": "2.4", "pandas": "3.1"},
            "seed": 7,
            "signatures": {"blame": "blame:lexicon@1"},
            "times": {"score": 1.5},
            "counts": {"articles": len(articles)},
            "skips": [],
        },
        "alignment_quality": {"adjusted_rand": 0.91, "pairs": 120},
        "notice": "The texts of this demo were written for this project. They are not press articles.",
    }


def _compared(articles: Any, events: Any, scores: Any, **_: Any) -> tuple[pd.DataFrame, ...]:
    """Means and contrasts by the plainest arithmetic: enough to draw, no claim to statistics."""
    rows = scores.dropna(subset="value").merge(articles[["article_id", "side", "language"]]).merge(events)
    parts = []
    for voice in ("all", "narrator", "quoted"):
        own = rows if voice == "all" else rows[(rows["voice"] == "narrator") == (voice == "narrator")]
        own = own[(own["voice"] != "any") | (voice == "all")]
        parts.append(own.assign(kind=voice))
    long = pd.concat(parts)
    cell = ["dimension", "actor", "kind", "side"]
    each = long.groupby([*cell, "event_id"])["value"].mean().reset_index()
    means = []
    for (dimension, actor, voice, side), group in each.groupby(cell):
        behind = long[(long["dimension"] == dimension) & (long["actor"] == actor) & (long["kind"] == voice)]
        behind = behind[behind["side"] == side]
        value, n = group["value"].mean(), len(group)
        half = 1.96 * group["value"].std() / np.sqrt(n) if n >= 4 else np.nan
        means.append((dimension, actor, voice, side, value, value - half, value + half, n,
                      behind["article_id"].nunique(), len(behind)))  # fmt: skip
    languages = articles.groupby("side")["language"].agg(lambda x: ",".join(sorted(set(x))))
    contrasts = []
    for (dimension, actor, voice), group in each.groupby(["dimension", "actor", "kind"]):
        wide = group.pivot(index="event_id", columns="side", values="value").reindex(columns=list(SIDES))
        for a, b in itertools.combinations(SIDES, 2):
            both = wide[[a, b]].dropna()
            if both.empty:
                continue
            gap, n = both[a] - both[b], len(both)
            half = 1.96 * gap.std() / np.sqrt(n) if n >= 4 else np.nan
            p = float(np.exp(-abs(gap.mean()) / (half / 1.96 + 0.01))) if n >= 4 else np.nan
            contrasts.append((dimension, actor, voice, a, b, both[a].mean(), both[b].mean(), gap.mean(),
                              gap.mean() - half, gap.mean() + half, p, p, n, 2 * n, 2 * n, n >= 4,
                              languages[a], languages[b], "russia" not in (a, b)))  # fmt: skip
    blamed = rows[rows["dimension"] == "blame"].groupby(["side", "voice", "actor"])["value"]
    blame = blamed.agg(["mean", "size"]).reset_index()
    blame.columns = pd.Index(["source", "voice", "actor", "value", "passages"])
    told = events.merge(articles).groupby(["event_id", "side"])
    coverage = told.agg(articles=("article_id", "size"), published=("published", "min")).reset_index()
    every = pd.MultiIndex.from_product([EVENTS, SIDES], names=["event_id", "side"])
    coverage = coverage.set_index(["event_id", "side"]).reindex(every).reset_index()
    coverage = coverage.assign(articles=coverage["articles"].fillna(0).astype(int))
    return (
        pd.DataFrame(means, columns=list(tables.MEANS.columns)),
        pd.DataFrame(contrasts, columns=list(tables.CONTRASTS.columns)),
        blame,
        coverage.rename(columns={"side": "source"}),
    )


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return make()


@pytest.fixture(scope="module")
def written(made: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report.write(tmp_path_factory.mktemp("report") / "deep" / "report.html", **made)


@pytest.fixture(scope="module")
def page(written: Path) -> str:
    """The page without plotly.js, which is not ours to examine."""
    text = written.read_text(encoding="utf-8")
    assert text.count(report.get_plotlyjs()) == 1
    return text.replace(report.get_plotlyjs(), "")


def payload(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="payload">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


class Outline(html.parser.HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_same_tables_give_the_same_bytes(made: dict[str, Any], written: Path, tmp_path: Path) -> None:
    again = report.write(tmp_path / "again.html", **copy.deepcopy(made))
    assert again.read_bytes() == written.read_bytes()


def test_the_page_asks_for_nothing_from_outside(page: str) -> None:
    for tag, attributes in Outline(page).tags:
        assert "src" not in attributes, tag
        assert tag not in ("link", "iframe", "img", "object")
        assert (attributes.get("href") or "#").startswith("#")
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_every_section_is_there_with_notice_limits_and_record(page: str) -> None:
    sections = {a["id"] for tag, a in Outline(page).tags if tag == "section"}
    wanted = "reading facts portraits gaps time frames blame naming coverage record"
    assert sections == set(wanted.split())
    assert "written for this project" in page
    assert "What it cannot tell you" in page
    assert "uncorrected" in page
    assert "0123abc" in page
    assert "adjusted_rand" in page
    assert "Do the three sides give the same actors the same part?" in page
    assert "95 % interval" in page


def test_all_four_scripts_reach_the_evidence_unchanged(made: dict[str, Any], page: str) -> None:
    data = payload(page)["evidence"]
    texts = {text for _, text in data["passages"]}
    assert texts <= set(made["passages"]["text"])
    for plain in ("Xankəndidə ailələr", "Ստեփանակերտում", "Семьи в Степанакерте", "Families in Stepanakert"):
        assert any(plain in text for text in texts)
    assert {a[2] for a in data["articles"]} == {"az", "en", "hy", "ru"}


def test_evidence_marks_the_deciding_words(page: str) -> None:
    data = payload(page)["evidence"]
    marked = {
        data["passages"][p][1][a:b] for p, (a, b) in zip(data["scores"]["passage"], data["scores"]["span"], strict=True)
    }
    decided = {re.search(r"\[(.*?)\]", s)[1] for own in SENTENCES.values() for s in own.values()}  # type: ignore[index]
    assert decided <= marked


@pytest.mark.parametrize(
    ("before", "word"),
    [("😀 ", "zirzəmilərdə"), ("𐄀", "նկուղներում"), ("😀😀 ", "подвалах"), ("plain ", "cellars")],
)
def test_offsets_count_as_javascript_counts_when_there_are_astral_characters(before: str, word: str) -> None:
    text = f"{before}{word}."
    start, end = report._span(text, len(before), len(before) + len(word))
    assert text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == word


def test_a_span_outside_its_sentence_is_clipped() -> None:
    assert report._span("abc", -5, 99) == [0, 3]
    assert report._span("abc", 7, 9) == [3, 3]


def test_texts_cannot_become_markup(made: dict[str, Any], tmp_path: Path) -> None:
    evil = "</script><script>window.broken=1</script>\u2028<img src=x onerror=alert(1)>\"'&<!--"
    hostile = copy.deepcopy(made)
    hostile["passages"]["text"] = hostile["passages"]["text"] + evil
    hostile["articles"]["title"] = evil
    hostile["name"] = hostile["notice"] = evil
    hostile["actors"]["armenia"] = evil
    hostile["run"]["commit"] = evil
    text = report.write(tmp_path / "evil.html", **hostile).read_text(encoding="utf-8")
    text = text.replace(report.get_plotlyjs(), "")
    assert "<script>window.broken" not in text
    assert [a for tag, a in Outline(text).tags if tag == "img"] == []
    assert sum(tag == "script" for tag, _ in Outline(text).tags) == 3
    assert any(evil in passage[1] for passage in payload(text)["evidence"]["passages"])
    assert "innerHTML" not in text


def test_every_table_is_captioned_scoped_and_made_of_buttons(page: str) -> None:
    outline = Outline(page).tags
    tables_ = sum(tag == "table" for tag, _ in outline)
    captions = sum(tag == "caption" for tag, _ in outline)
    assert captions == tables_ - 1  # the dot plot's table gets its caption from the script
    assert all(a.get("scope") for tag, a in outline if tag == "th")
    cells = [a for tag, a in outline if tag == "button" and "data-cell" in a]
    assert len(cells) > 300
    assert all(a["type"] == "button" and a["aria-label"] for a in cells)
    assert all(json.loads(a["data-cell"] or "")["sources"] for a in cells)


def test_figure_and_table_hold_the_same_cells(page: str) -> None:
    drawn = payload(page)["figures"]["blame"]["all"]["data"][0]["customdata"]
    in_table = re.search(r'id="figure-blame".*?data-variant="narrator"', page, re.DOTALL)
    assert in_table is not None
    keys = [a["data-cell"] for tag, a in Outline(in_table[0]).tags if "data-cell" in a]
    assert keys == [key for row in drawn for key in row if key]


def test_silence_reprints_and_unclear_gaps_are_told_in_words(page: str) -> None:
    assert ">not told<" in page
    assert "source or language?" in page
    assert "hatched: the interval contains 0, or too few events" in page


def test_naming_counts_match_a_hand_count(made: dict[str, Any], page: str) -> None:
    towns = made["mentions"][made["mentions"]["actor"] == "khankendi"].merge(made["articles"], on="article_id")
    own = towns[(towns["side"] == "azerbaijan") & (towns["voice"] == "narrator")]
    counts = own["usage"].value_counts()
    label = "Stepanakert / Khankendi, Azerbaijan usage, Azerbaijan: "
    assert f'aria-label="{label}{counts["azerbaijan"]} by the narrator' in page
    assert '<span lang="hy">Ստեփանակերտ</span>' in page


def test_only_the_accounts_that_coverage_counts_are_counted(made: dict[str, Any]) -> None:
    from framing import comparison

    articles = made["articles"].copy()
    event = made["events"][made["events"]["event_id"] == EVENTS[2]]["article_id"].tolist()
    articles.loc[articles["article_id"] == event[1], "copy_of"] = event[0]  # within one side
    articles.loc[articles["article_id"] == event[-1], "copy_of"] = event[0]  # from another side
    counted = report._with_counted(articles.assign(source=articles["side"]), made["events"])
    assert not counted.set_index("article_id")["counted"][event[1]]
    assert counted.set_index("article_id")["counted"][event[-1]]
    told = comparison.coverage(made["events"], articles)
    assert counted["counted"].sum() == told["articles"].sum()


def test_the_strongest_sentences_are_kept_and_the_rest_counted(
    made: dict[str, Any], page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "SENTENCES_PER_CELL", 1)
    text = report.write(tmp_path / "short.html", **made).read_text(encoding="utf-8")
    few = len(payload(text)["evidence"]["scores"]["value"])
    every = len(payload(page)["evidence"]["scores"]["value"])
    assert few < every == int(made["scores"]["value"].notna().sum())
    assert f"{every - few} scores are left out here" in text


def test_a_frame_of_a_whole_article_opens_the_sentence_with_its_evidence(made: dict[str, Any]) -> None:
    whole = made["scores"][made["scores"]["passage_id"] == ""]
    placed = report._placed(whole, made["passages"]).merge(made["passages"], on=["passage_id", "article_id"])
    assert len(placed) > 0.9 * len(whole)
    assert (placed["start_y"] <= placed["evidence_start"]).all()
    assert (placed["evidence_start"] < placed["end_y"]).all()


def test_a_person_is_found_under_the_actor_it_stands_for(made: dict[str, Any], tmp_path: Path) -> None:
    scores = made["scores"].assign(voice=made["scores"]["voice"].replace("armenia", "a-minister"))
    path = report.write(tmp_path / "r.html", **made | {"scores": scores, "stands_for": {"a-minister": "armenia"}})
    voices = payload(path.read_text(encoding="utf-8"))["evidence"]["voices"]
    assert ["a-minister", "a-minister", "armenia"] in voices


def test_sources_may_be_outlets(made: dict[str, Any], tmp_path: Path) -> None:
    first = {"armenia": "am-daily", "azerbaijan": "az-agency", "russia": "ru-daily"}
    outlets = {
        "means": made["means"].replace({"source": first}),
        "contrasts": made["contrasts"].replace({"source_a": first, "source_b": first}),
        "blame": made["blame"].replace({"source": first}),
        "coverage": made["coverage"].replace({"source": first}),
    }
    text = report.write(tmp_path / "r.html", **made | outlets).read_text(encoding="utf-8")
    assert [s for s, _ in payload(text)["evidence"]["sources"]] == sorted(first.values())


def test_an_unknown_source_is_refused_by_name(made: dict[str, Any], tmp_path: Path) -> None:
    stray = made["means"].replace({"source": {"russia": "atlantis"}})
    with pytest.raises(CorpusError, match="'atlantis' is none of them"):
        report.write(tmp_path / "r.html", **made | {"means": stray})


def test_pairs_beyond_the_listed_ones_are_counted(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "PAIRS_LISTED", 1)
    text = report.write(tmp_path / "r.html", **made).read_text(encoding="utf-8")
    assert len(payload(text)["figures"]["gap-blame"]["all"]["data"][0]["z"]) == 1
    assert "2 pairs with fewer shared events are left out." in text


def test_a_missing_column_is_refused_by_name(made: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="blame: column 'voice' is missing"):
        report.write(tmp_path / "r.html", **made | {"blame": made["blame"].drop(columns="voice")})


def test_a_run_without_scores_still_gives_a_page(made: dict[str, Any], tmp_path: Path) -> None:
    nothing = {
        "scores": tables.empty(tables.SCORES),
        "means": tables.empty(tables.MEANS),
        "contrasts": tables.empty(tables.CONTRASTS),
        "mentions": tables.empty(tables.MENTIONS),
        "quotes": tables.empty(tables.QUOTES),
        "blame": made["blame"].iloc[:0],
        "alignment_quality": None,
        "run": {},
        "notice": "",
    }
    text = report.write(tmp_path / "r.html", **made | nothing).read_text(encoding="utf-8")
    assert "Nothing was scored." in text
    assert "not measured against labelled events" in text
    assert set(payload(text)["figures"]) == {"coverage", "time"}


def test_events_without_a_date_in_their_id_take_it_from_the_first_account(made: dict[str, Any]) -> None:
    events = made["events"].assign(event_id=made["events"]["event_id"].replace(EVENTS[0], "event-1"))
    keywords = report._keywords(made["mentions"], events, made["actors"])
    assert set(keywords) == set(events["event_id"])
    assert keywords["event-1"].count(", ") == 2
    agenda = report.Agenda.of(made["articles"], events, made["coverage"].iloc[len(SIDES) :], keywords)
    assert agenda.dates["event-1"] == "2020-10-10"
    assert agenda.order[0] == "event-1"
    assert agenda.labels["event-1"] == f"2020-10-10 {keywords['event-1']}"
    aligned = events.assign(event_id=events["event_id"].replace("event-1", "2020-10-10-0123abcd"))
    told = report._keywords(made["mentions"], aligned, made["actors"])
    labels = report.Agenda.of(made["articles"], aligned, made["coverage"].iloc[len(SIDES) :], told).labels
    assert "0123abcd" not in labels["2020-10-10-0123abcd"]
    assert agenda.short(EVENTS[1]) == "Trilateral statement"


def test_figures_are_named_for_files(made: dict[str, Any]) -> None:
    wanted = ("articles", "events", "means", "contrasts", "coverage", "blame", "mentions", "actors")
    drawn = report.figures(**{name: made[name] for name in wanted})
    assert {"blame-all", "gap-sentiment-quoted", "frames", "coverage", "who-blames-whom-russia"} <= set(drawn)
    assert all(re.fullmatch(r"[\w.-]+", name) for name in drawn)


# In a browser


@pytest.fixture(scope="module")
def browser() -> Any:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromedriver are not both installed")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "headless=new", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "window-size=1280,900", "force-prefers-reduced-motion",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


def show(browser: Any, path: Path, width: int = 1280) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())
    WebDriverWait(browser, 60).until(lambda b: b.execute_script("return document.body.dataset.drawn"))


def panel(browser: Any) -> dict[str, Any]:
    return browser.execute_script(
        """const p = document.getElementById('panel');
        return {open: !p.hidden, title: document.getElementById('panel-title').textContent,
          sides: [...p.querySelectorAll('.side h3')].map(h => h.textContent),
          items: [...p.querySelectorAll('.sentences li')].map(li => ({
            text: li.querySelector('blockquote').textContent, lang: li.querySelector('blockquote').lang,
            mark: (li.querySelector('mark') || {}).textContent, meta: li.querySelector('p').textContent})),
          focus: document.activeElement.id};"""
    )


@pytest.mark.browser
def test_the_page_draws_every_figure_without_an_error_or_a_request(browser: Any, written: Path) -> None:
    show(browser, written)
    state = browser.execute_script(
        """return [...document.querySelectorAll('.plot')].map(p => p.querySelectorAll('svg').length > 0)"""
    )
    assert len(state) == 15
    assert all(state)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    events = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert asked  # the page itself is seen, so the log works
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.browser
def test_a_click_on_a_gap_opens_the_sentences_of_both_sides(browser: Any, written: Path, made: dict[str, Any]) -> None:
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    show(browser, written)
    area = browser.find_element("css selector", "#plot-gap-blame .nsewdrag")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", area)
    box = browser.execute_script("const r = arguments[0].getBoundingClientRect(); return [r.x, r.y]", area)
    for step in ("move", "click"):
        actions = ActionBuilder(browser)
        if step == "move":
            actions.pointer_action.move_to_location(int(box[0] + 130), int(box[1] + 20))
        else:
            actions.pointer_action.click()
        actions.perform()
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 10).until(lambda b: panel(b)["open"])
    shown = panel(browser)
    assert shown["title"].startswith("Blame: ")
    assert len(shown["sides"]) == 2
    assert shown["sides"] == ["Armenia", "Russia"]
    assert {"hy", "ru"} <= {item["lang"] for item in shown["items"]} <= {"hy", "en", "ru"}
    assert all(item["mark"] and item["mark"] in item["text"] for item in shown["items"])
    assert {item["text"] for item in shown["items"]} <= set(made["passages"]["text"])


@pytest.mark.browser
@pytest.mark.parametrize("key", ["\ue007", " "], ids=["enter", "space"])
def test_the_keyboard_opens_a_cell_and_escape_gives_the_focus_back(browser: Any, written: Path, key: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    show(browser, written)
    browser.execute_script("document.querySelector('#figure-legitimacy details').open = true")
    button = browser.find_element("css selector", "#figure-legitimacy button.cell")
    browser.execute_script("arguments[0].focus()", button)
    ActionChains(browser).send_keys(key).perform()
    shown = panel(browser)
    assert shown["open"]
    assert shown["focus"] == "panel-title"
    assert shown["sides"] == ["Armenia"]
    values = [float(i["meta"].split(" · ")[0].replace("−", "-")) for i in shown["items"]]
    assert [abs(v) for v in values] == sorted((abs(v) for v in values), reverse=True)
    ActionChains(browser).send_keys("\ue00c").perform()
    assert not panel(browser)["open"]
    assert browser.execute_script("return document.activeElement === arguments[0]", button)


@pytest.mark.browser
def test_the_voice_switch_changes_figures_and_tables_together(browser: Any, written: Path) -> None:
    show(browser, written)
    before = browser.execute_script("return document.getElementById('plot-blame').data[0].z[0][1]")
    browser.find_element("css selector", "#gaps input[value=quoted]").click()
    after = browser.execute_script(
        """return [document.getElementById('plot-blame').data[0].z[0][1],
          document.querySelector('#portraits input[value=quoted]').checked,
          [...document.querySelectorAll('#figure-blame [data-variant]')].filter(t => !t.hidden)
            .map(t => t.dataset.variant)]"""
    )
    assert after[0] != before
    assert after[1:] == [True, ["quoted"]]


@pytest.mark.browser
def test_long_evidence_comes_thirty_at_a_time(browser: Any, made: dict[str, Any], tmp_path: Path) -> None:
    means = made["means"].assign(actor=made["means"]["actor"].where(made["means"]["actor"] == "", "armenia"))
    means = means.drop_duplicates(["dimension", "actor", "voice", "source"])
    scores = made["scores"].assign(actor="armenia")
    path = report.write(tmp_path / "long.html", **made | {"means": means, "scores": scores})
    show(browser, path)
    browser.execute_script("document.querySelector('#figure-blame button.cell').click()")
    assert len(panel(browser)["items"]) == 30
    browser.execute_script("document.querySelector('#panel .more').click()")
    assert 30 < len(panel(browser)["items"]) <= 60


@pytest.mark.browser
def test_a_narrow_screen_has_no_sideways_scroll_of_the_page(browser: Any, written: Path) -> None:
    show(browser, written, width=390)
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.execute_script("document.querySelector('#figure-gap-blame button.cell').click()")
    assert panel(browser)["open"]
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    assert browser.execute_script("return document.getElementById('panel').getBoundingClientRect().right") <= 390
