"""Promises of `framing.corpus`: every account becomes a row or a counted skip, every sentence a passage."""

from __future__ import annotations

import hashlib
import json
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing import text as texts
from framing.corpus import MAXIMUM_CHARACTERS, Corpus, open_corpus, split_passages
from framing.errors import CorpusError, LanguageError

ROOT = Path(__file__).parent.parent
TITLES = {
    "az": "Laçın yolunda aksiya davam edir",
    "hy": "Լաչինի միջանցքը փակ է երկրորդ օրը",
    "ru": "Лачинский коридор закрыт второй день",
    "en": "Lachin corridor closed for a second day",
}
BODIES = {
    "az": (
        "Ekofəallar Şuşa yaxınlığında yolu bağlayaraq qanunsuz mədən işlərinin dayandırılmasını tələb edirlər. "
        "Sülhməramlıların komandanlığı tərəfləri təmkinli olmağa çağırıb. Xarici İşlər Nazirliyi isə bildirib ki, "
        "mülki avtomobillərin hərəkətinə heç bir maneə yoxdur və yüklər hər gün keçir. Yerli sakinlər çörəyin və "
        "dərmanların bahalaşdığını deyirlər, lakin rəsmi qurumlar bunu təsdiqləmir."
    ),
    "hy": (
        "Բնապահպաններ ներկայացող մարդիկ փակել են միակ ճանապարհը, որը մարզը կապում է Հայաստանի հետ։ Խաղաղապահների "
        "հրամանատարությունը կողմերին կոչ է արել զսպվածություն ցուցաբերել։ Արտաքին գործերի նախարարությունը "
        "հայտարարել է, որ հարյուրավոր մարդիկ չեն կարողանում վերադառնալ իրենց տները։ Բնակիչներն ասում են, որ "
        "խանութներում հացը և դեղերը վերջանում են, իսկ հիվանդանոցում վիրահատությունները հետաձգվել են։"
    ),
    "ru": (
        "Люди, назвавшие себя экологами, перекрыли единственную дорогу и потребовали остановить разработку рудников. "
        "Командование миротворцев призвало стороны к сдержанности и пообещало продолжить переговоры на месте. "
        "Министерство иностранных дел заявило, что гражданские автомобили проезжают без препятствий и грузы "
        "доставляются ежедневно. Жители рассказывают, что в магазинах заканчиваются хлеб и лекарства."
    ),
    "en": (
        "People who called themselves environmental activists blocked the only road and asked for the mines to be "
        "shut. The peacekeepers urged both sides to show restraint and promised to go on with the talks on the spot. "
        "The foreign ministry said that civilian cars pass without hindrance and that goods are delivered every day. "
        "Residents say that bread and medicine are running out in the shops of the town."
    ),
}


def corpus(folder: Path, articles: dict[str, str], **files: str) -> Path:
    """A corpus folder; ``files`` are CSV files beside the articles."""
    (folder / "articles").mkdir(parents=True)
    for name, content in articles.items():
        (folder / "articles" / name).write_text(content, encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def table(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """A corpus in one file of JSON lines."""
    file = folder / "articles.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


def reasons(opened: Corpus) -> dict[str, str]:
    """The reasons of the skips by their places."""
    return dict(zip(opened.skipped["place"], opened.skipped["reason"], strict=True))


# --------------------------------------------------------------------------- opening


def test_folder_becomes_articles(tmp_path: Path) -> None:
    front = '+++\nid = "one"\noutlet = "azt"\npublished = 2022-12-13T14:05:00+04:00\nurl = "https://x.az/1"\n+++\n'
    folder = corpus(
        tmp_path / "c",
        {
            "1.txt": f"{front}{TITLES['az']}\n\n{BODIES['az']}",
            **{f"{language}.txt": f"{TITLES[language]}\n\n{BODIES[language]}" for language in ("hy", "ru", "en")},
        },
    )
    opened = open_corpus(folder)
    frame = opened.articles.set_index("article_id")
    assert frame["language"].to_dict() == {"en": "en", "hy": "hy", "one": "az", "ru": "ru"}
    first = frame.loc["one"]
    assert first["text"] == f"{TITLES['az']}\n{BODIES['az']}"
    assert (first["title"], first["outlet"], first["side"]) == (TITLES["az"], "azt", "azt")
    assert first["published"] == pd.Timestamp("2022-12-13T10:05:00Z")
    assert frame.loc["hy", "outlet"] == "unknown"
    assert frame["published"].isna().sum() == 3
    assert frame["copy_of"].isna().all()
    assert opened.skipped.empty
    assert opened.gold is None
    assert opened.notice == ""
    assert opened.files["articles/1.txt"] == hashlib.sha256((folder / "articles/1.txt").read_bytes()).hexdigest()


def test_sides_come_from_sources(tmp_path: Path) -> None:
    front = '+++\noutlet = "{}"\n+++\n'
    folder = corpus(
        tmp_path / "c",
        {"1.txt": front.format("azt") + BODIES["az"], "2.txt": front.format("other") + BODIES["en"]},
        sources='outlet,side,stance\n azt ,azerbaijan,"a, b"\n',
    )
    opened = open_corpus(folder)
    assert opened.articles["side"].tolist() == ["azerbaijan"]
    assert reasons(opened) == {"2.txt": "outlet 'other' is not in sources.csv; add a row for it"}


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ("outlet,side\na,x\nb,y\na,z\n", r"rows 2 and 4 are both 'a'; delete one"),
        ("outlet,side\na,\n", r"row 2: an outlet needs a name and a side"),
        ("outlet,kind\na,x\n", r"no column 'side' \(found: outlet, kind\)"),
        ("outlet,side\n", r"a header but no rows"),
        ("", r"the file is empty"),
    ],
)
def test_faulty_sources_are_named(sources: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"sources\.csv.*{message}"):
        open_corpus(corpus(tmp_path / "c", {"1.txt": BODIES["az"]}, sources=sources))


def test_gold_and_notice_are_read(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", {"1.txt": BODIES["az"]}, gold="event_id,article_id,copy_of\ne,1,\n")
    (folder / "notice.txt").write_text("Qeyd: mətnlər uydurmadır.\n", encoding="utf-8")
    opened = open_corpus(folder)
    assert opened.gold is not None
    assert opened.gold.to_dict("records") == [{"event_id": "e", "article_id": "1", "copy_of": ""}]
    assert opened.notice == "Qeyd: mətnlər uydurmadır."


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("event_id,article_id\ne,1\nf,1\n", r"row 3: '1' has a row already; delete one"),
        ("event,article_id\ne,1\n", r"no column 'event_id'"),
    ],
)
def test_faulty_gold_is_named(gold: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"gold\.csv.*{message}"):
        open_corpus(corpus(tmp_path / "c", {"1.txt": BODIES["az"]}, gold=gold))


def test_single_article_and_hidden_files(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", {"1.txt": f"{TITLES['ru']}\n\n{BODIES['ru']}", ".DS_Store": "x"})
    assert open_corpus(folder / "articles" / "1.txt").articles["language"].tolist() == ["ru"]
    assert list(open_corpus(folder).files) == ["articles/1.txt"]


@pytest.mark.parametrize("name", ["absent", "absent.txt"])
def test_missing_corpus_says_what_to_give(name: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no such corpus; give a folder, a table .* or an article"):
        open_corpus(tmp_path / name)


def test_folder_without_articles_says_what_it_expected(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    with pytest.raises(CorpusError, match=r"no articles in it; expected articles/ with \.txt.*or fetch\.csv"):
        open_corpus(tmp_path / "c")


def test_file_of_another_kind_says_what_it_expected(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(CorpusError, match=r"a\.pdf: no article file; expected \.txt"):
        open_corpus(tmp_path / "a.pdf")


def test_order_of_the_files_changes_nothing(tmp_path: Path) -> None:
    rows = [{"article_id": language, "text": BODIES[language]} for language in BODIES]
    forward = open_corpus(table(tmp_path, rows)).articles
    backward = open_corpus(table(tmp_path, rows[::-1])).articles
    pd.testing.assert_frame_equal(forward, backward)


# --------------------------------------------------------------------------- ids


def test_two_accounts_with_one_id_are_both_named(tmp_path: Path) -> None:
    rows = [{"article_id": "x", "text": BODIES["az"]}, {"text": BODIES["ru"]}, {"article_id": " x", "text": "Да."}]
    with pytest.raises(CorpusError, match=r"two accounts have the id 'x': articles\.jsonl, line 1 and .*line 3; give"):
        open_corpus(table(tmp_path, rows))


def test_reprints_without_ids_stay_apart_and_the_same_account_is_counted_once(tmp_path: Path) -> None:
    rows = [
        {"text": BODIES["hy"], "outlet": "a"},
        {"text": BODIES["hy"], "outlet": "b"},
        {"text": BODIES["hy"], "outlet": "a", "published": "2022-12-13"},
        {"text": BODIES["hy"], "outlet": "b"},
    ]
    opened = open_corpus(table(tmp_path, rows))
    assert sorted(opened.articles["outlet"]) == ["a", "a", "b"]
    assert reasons(opened) == {"articles.jsonl, line 4": "the same account as articles.jsonl, line 2"}
    again = open_corpus(table(tmp_path, rows[::-1]))
    assert again.articles["article_id"].tolist() == opened.articles["article_id"].tolist()


def test_values_missing_in_a_parquet_table_are_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": [BODIES["az"], BODIES["ru"]], "title": ["T", None], "outlet": [None, "b"]})
    frame["article_id"] = pd.array([7, None], dtype="Int64")
    frame["published"] = pd.to_datetime(["2022-12-13T10:00:00+04:00", None])
    frame.to_parquet(tmp_path / "a.parquet")
    found = open_corpus(tmp_path / "a.parquet").articles.set_index("language")
    assert found.loc["az", "article_id"].startswith("7")
    assert len(found.loc["ru", "article_id"]) == 12
    assert found["outlet"].to_dict() == {"az": "unknown", "ru": "b"}
    assert found["title"].to_dict() == {"az": "T", "ru": ""}
    assert found.loc["az", "published"] == pd.Timestamp("2022-12-13T06:00:00Z")


# --------------------------------------------------------------------------- skips


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": ""}, "empty text"),
        ({"text": " \n\u200b\ufeff"}, "empty text"),
        ({"text": None}, "empty text"),
        ({"other": "x"}, "empty text"),
        ({"text": "д" * (MAXIMUM_CHARACTERS + 1)}, "1,000,001 characters, more than 1,000,000; split it into articles"),
        (
            {"text": "Laçın koridorunda gösteriler ikinci günde de sürüyor, Türkiye tarafları uyardı."},
            "language 'other'",
        ),
        ({"text": "ლაჩინის დერეფანი დახურულია უკვე მეორე დღეა."}, "language 'other' is not one of az, en, hy, ru"),
        ({"text": BODIES["az"], "language": "tr"}, "language 'tr' is not one of az, en, hy, ru"),
    ],
)
def test_unusable_account_is_a_counted_skip(row: dict[str, Any], reason: str, tmp_path: Path) -> None:
    opened = open_corpus(table(tmp_path, [{"text": BODIES["ru"]}, row]))
    assert len(opened.articles) == 1
    ((place, found),) = reasons(opened).items()
    assert place == "articles.jsonl, line 2"
    assert found.startswith(reason)


def test_five_megabytes_in_one_article_are_a_counted_skip(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", {"big.txt": "Yol bağlıdır. " * 360_000, "small.txt": BODIES["az"]})
    assert (folder / "articles" / "big.txt").stat().st_size > 5_000_000
    opened = open_corpus(folder)
    assert opened.articles["article_id"].tolist() == ["small"]
    assert reasons(opened)["big.txt"].startswith("5,040,000 characters, more than 1,000,000")


def test_cp1251_page_is_a_counted_skip(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", {"good.txt": BODIES["ru"]})
    (folder / "articles" / "old.txt").write_bytes(BODIES["ru"].encode("cp1251"))
    opened = open_corpus(folder)
    assert opened.articles["article_id"].tolist() == ["good"]
    assert (
        "old.txt: byte 0 is not utf-8; save the file as UTF-8, or name its encoding (for old Russian pages: "
        in (reasons(opened)["old.txt"])
    )


def test_only_the_wanted_languages_are_kept(tmp_path: Path) -> None:
    rows = [{"article_id": language, "text": BODIES[language]} for language in BODIES]
    opened = open_corpus(table(tmp_path, rows), languages=["hy", "ru"])
    assert opened.articles["language"].tolist() == ["hy", "ru"]
    assert len(opened.skipped) == 2


def test_nothing_left_names_the_first_skip(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"no account left to work on; first skip: a\.txt: empty text"):
        open_corpus(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "published",
    ["12.10.2020", "yesterday", "now", "10:30", "2022-13-01", "Tue, 13 Dec 2022 10:00:00 GMT", 2022, 1.5, True, ["x"]],
)
def test_date_that_is_not_iso_is_a_counted_skip(published: Any, tmp_path: Path) -> None:
    # pandas would read 12.10.2020 as 10 December, 10:30 as today and 2022 as 1970
    rows = [{"text": BODIES["ru"]}, {"text": BODIES["az"], "published": published}]
    opened = open_corpus(table(tmp_path, rows))
    assert reasons(opened)["articles.jsonl, line 2"] == (
        f"published '{published}' is no ISO 8601 date; expected for instance 2022-12-12T14:05:00+04:00"
    )


@pytest.mark.parametrize("published", ["0001-01-01", "9999-12-31T23:59:59Z"])
def test_date_beyond_the_calendar_is_a_counted_skip(published: str, tmp_path: Path) -> None:
    opened = open_corpus(table(tmp_path, [{"text": BODIES["ru"]}, {"text": BODIES["az"], "published": published}]))
    assert len(opened.skipped) == 1


@pytest.mark.parametrize(
    ("published", "moment"),
    [
        ("2022-12-13", "2022-12-13T00:00:00Z"),
        (" 2022-12-13 14:05 ", "2022-12-13T14:05:00Z"),
        ("2022-12-13T14:05:00+04:00", "2022-12-13T10:05:00Z"),
        ("2022-12-13T14:05:00Z", "2022-12-13T14:05:00Z"),
    ],
)
def test_dates_become_utc(published: str, moment: str, tmp_path: Path) -> None:
    opened = open_corpus(table(tmp_path, [{"text": BODIES["ru"], "published": published}]))
    assert opened.articles["published"].tolist() == [pd.Timestamp(moment)]


def test_date_of_the_front_matter_may_be_a_date_but_not_a_time(tmp_path: Path) -> None:
    files = {
        "1.txt": f"+++\npublished = 2022-12-13\n+++\n{BODIES['az']}",
        "2.txt": f"+++\npublished = 10:30:00\n+++\n{BODIES['az']}",
    }
    opened = open_corpus(corpus(tmp_path / "c", files))
    assert opened.articles["published"].tolist() == [pd.Timestamp("2022-12-13T00:00:00Z")]
    assert "'10:30:00' is no ISO 8601 date" in reasons(opened)["2.txt"]


# --------------------------------------------------------------------------- headlines


@pytest.mark.parametrize("language", BODIES)
def test_headline_that_the_body_repeats_stands_once(language: str, tmp_path: Path) -> None:
    title = TITLES[language]
    rows = [{"article_id": "1", "title": f" {title}\n", "text": f"{title}\n\n{BODIES[language]}"}]
    opened = open_corpus(table(tmp_path, rows))
    assert opened.articles["text"][0].count(title) == 1
    assert split_passages(opened.articles)["headline"].sum() == 1


@pytest.mark.parametrize("language", BODIES)
def test_lead_that_begins_like_the_headline_is_not_the_headline(language: str, tmp_path: Path) -> None:
    body = BODIES[language]
    title = body[: body.index(" ", 20)]
    opened = open_corpus(table(tmp_path, [{"article_id": "1", "title": title, "text": body}]))
    assert opened.articles["text"][0] == f"{title}\n{body}"
    assert split_passages(opened.articles)["headline"].tolist().count(True) == 1


# --------------------------------------------------------------------------- hard-wrapped lines


@pytest.mark.parametrize("language", BODIES)
@pytest.mark.parametrize("width", [60, 80])
def test_hard_wrapped_text_is_unwrapped(language: str, width: int, tmp_path: Path) -> None:
    start, end = texts.sentences(BODIES[language], language)[-1]
    paragraphs = [BODIES[language], BODIES[language][start:end], BODIES[language]]
    wrapped = "\n\n".join(textwrap.fill(p, width, break_on_hyphens=False) for p in paragraphs)
    opened = open_corpus(table(tmp_path, [{"article_id": "1", "text": wrapped}]))
    assert opened.articles["text"][0] == "\n\n".join(paragraphs)
    expected = [s for p in paragraphs for s in (p[a:b] for a, b in texts.sentences(p, language))]
    assert split_passages(opened.articles)["text"].tolist() == expected


@pytest.mark.parametrize("language", BODIES)
def test_paragraphs_of_wrapped_text_stay_apart_without_an_empty_line(language: str, tmp_path: Path) -> None:
    # the last line of a paragraph is short, and the next word would have fitted on it
    wrapped = next(
        filled
        for filled in (textwrap.fill(BODIES[language], width) for width in range(65, 90))
        if len(filled.rsplit("\n", 1)[-1]) < 50
    )
    opened = open_corpus(table(tmp_path, [{"article_id": "1", "text": f"{wrapped}\n{wrapped}"}]))
    assert opened.articles["text"][0] == f"{BODIES[language]}\n{BODIES[language]}"


@pytest.mark.parametrize("language", BODIES)
def test_short_lines_that_are_no_wrap_are_kept(language: str, tmp_path: Path) -> None:
    sentences = [BODIES[language][a:b] for a, b in texts.sentences(BODIES[language], language)]
    headlines = [TITLES[language]] * 12
    listed = [f"— {TITLES[language]};" for _ in range(6)]
    poem = [line.capitalize() for line in textwrap.wrap(BODIES[language], 45)]
    things = [word for word in BODIES[language].split() if word.isalpha() and word.islower()]
    things[5] = " ".join(things[:8])
    one_cut = [*sentences[:2], *textwrap.wrap(sentences[2], 110)[:2]]
    narrow = textwrap.wrap(BODIES[language], 32)
    few_cuts = [*sentences * 4, *textwrap.wrap(BODIES[language], 100)]
    for lines in (sentences, headlines, listed, poem, things, one_cut, narrow, few_cuts):
        opened = open_corpus(table(tmp_path, [{"article_id": "1", "text": "\n".join(lines)}]))
        assert opened.articles["text"][0] == "\n".join(lines)


def test_hyphen_at_the_end_of_a_wrapped_line_joins(tmp_path: Path) -> None:
    body = BODIES["ru"].replace("Министерство", "Ведомство вице-премьера")
    wrapped = next(w for w in (textwrap.fill(body, width) for width in range(60, 90)) if "вице-\nпремьера" in w)
    opened = open_corpus(table(tmp_path, [{"article_id": "1", "text": wrapped}]))
    assert opened.articles["text"][0] == body


def test_articles_of_the_shipped_corpus_are_not_wrapped() -> None:
    opened = open_corpus(ROOT / "corpora" / "karabakh")
    assert len(opened.articles) == 206
    assert opened.skipped.empty
    for article in opened.articles.itertuples():
        raw = (ROOT / "corpora/karabakh/articles" / f"{article.article_id}.txt").read_text(encoding="utf-8")
        body = raw.split("+++\n", 2)[2]
        lines = [line for line in body.split("\n") if line.strip()]
        assert len([line for line in str(article.text).split("\n") if line]) == len(lines)


# --------------------------------------------------------------------------- passages


@pytest.mark.parametrize("language", BODIES)
def test_passages_slice_the_article(language: str, tmp_path: Path) -> None:
    rows = [
        {"article_id": "1", "title": TITLES[language], "text": BODIES[language]},
        {"article_id": "1:1", "text": BODIES[language]},
    ]
    articles = open_corpus(table(tmp_path, rows)).articles
    passages = split_passages(articles)
    by_id = articles.set_index("article_id")["text"]
    for passage in passages.itertuples():
        assert passage.text == by_id[passage.article_id][passage.start : passage.end]
        assert passage.text == str(passage.text).strip()
    assert passages["passage_id"].is_unique
    assert set(passages["language"]) == {language}
    for name, group in passages.groupby("article_id"):
        assert group["position"].tolist() == list(range(len(group)))
        assert group["headline"].tolist() == [name == "1"] + [False] * (len(group) - 1)
    assert passages[passages["article_id"] == "1"]["text"].iloc[0] == TITLES[language]
    whole = "".join(passages[passages["article_id"] == "1:1"]["text"])
    assert whole.replace(" ", "") == BODIES[language].replace(" ", "")


def test_mixed_scripts_in_one_article_are_read_as_one_language(tmp_path: Path) -> None:
    mixed = f"{BODIES['ru']} {TITLES['hy']}։ Компания ŞƏKİ. Resmi NATO. {BODIES['ru']}"
    articles = open_corpus(table(tmp_path, [{"article_id": "1", "text": mixed}])).articles
    assert articles["language"].tolist() == ["ru"]
    passages = split_passages(articles)
    assert [articles["text"][0][a:b] for a, b in zip(passages["start"], passages["end"], strict=True)] == (
        passages["text"].tolist()
    )
    assert any(TITLES["hy"] in text for text in passages["text"])


def test_progress_counts_the_articles(tmp_path: Path) -> None:
    rows = [{"article_id": language, "text": BODIES[language]} for language in BODIES]
    told: list[int] = []
    split_passages(open_corpus(table(tmp_path, rows)).articles, progress=told.append)
    assert sum(told) == 4


def test_unknown_language_is_named(tmp_path: Path) -> None:
    articles = open_corpus(table(tmp_path, [{"article_id": "1", "text": BODIES["az"]}])).articles
    with pytest.raises(LanguageError, match="article '1': language 'tr'; known are az, hy, ru, en"):
        split_passages(articles.assign(language="tr"))


def test_no_articles_give_no_passages(tmp_path: Path) -> None:
    articles = open_corpus(table(tmp_path, [{"article_id": "1", "text": BODIES["az"]}])).articles
    assert len(split_passages(articles.iloc[:0])) == 0
