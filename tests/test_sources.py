"""Promises of `framing.sources`: what cannot be read is an error that names file, place and remedy, or a skip."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.errors import CorpusError, MissingPackage
from framing.sources.fetched import COLUMNS, FetchList
from framing.sources.files import Folder, Table, read_article, read_csv, read_text

RUSSIAN = "Миротворцы сообщили, что дорога закрыта.\n"
TEXTS = {
    "az": "Laçın yolunda aksiya davam edir.",
    "hy": "Լաչինի միջանցքը փակ է։",
    "ru": "Лачинский коридор закрыт.",
    "en": "The Lachin corridor is closed.",
}


def written(path: Path, content: str | bytes) -> Path:
    """The path, after writing to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --------------------------------------------------------------------------- text


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf-8-sig"])
def test_read_text_strips_the_byte_order_mark_and_odd_line_breaks(language: str, encoding: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.txt", f"\ufeff{TEXTS[language]}\r\nb\rc")
    assert read_text(file, encoding) == f"{TEXTS[language]}\nb\nc"


def test_read_text_names_byte_and_remedy_when_the_encoding_is_wrong(tmp_path: Path) -> None:
    file = written(tmp_path / "a.txt", ("Baku: " + RUSSIAN).encode("cp1251"))
    with pytest.raises(CorpusError, match=r'a\.txt: byte 6 is not utf-8; .*encoding = "cp1251"'):
        read_text(file)
    assert read_text(file, "cp1251") == "Baku: " + RUSSIAN


@pytest.mark.parametrize("language", ["az", "hy", "ru"])
def test_read_text_notices_utf8_that_was_said_to_be_cp1251(language: str, tmp_path: Path) -> None:
    # otherwise every letter would silently become two wrong ones
    file = written(tmp_path / "a.txt", TEXTS[language] + " «…»")
    with pytest.raises(CorpusError, match=r"a\.txt.*not cp1251"):
        read_text(file, "cp1251")


def test_read_text_takes_plain_ascii_in_any_encoding(tmp_path: Path) -> None:
    assert read_text(written(tmp_path / "a.txt", TEXTS["en"]), "cp1251") == TEXTS["en"]


def test_read_text_names_the_missing_file_and_the_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"absent\.txt: no such file"):
        read_text(tmp_path / "absent.txt")
    with pytest.raises(CorpusError, match=r"a\.txt: unknown encoding 'cp9999'; for instance utf-8 or cp1251"):
        read_text(written(tmp_path / "a.txt", "x"), "cp9999")


# --------------------------------------------------------------------------- articles


@pytest.mark.parametrize("language", TEXTS)
def test_first_line_is_the_headline_when_an_empty_line_follows(language: str, tmp_path: Path) -> None:
    body = f"{TEXTS[language]} {TEXTS[language]}"
    account = read_article(written(tmp_path / "x.txt", f"\n{TEXTS[language]}\n \t\n{body}\n"))
    assert account == {"title": TEXTS[language], "text": f"{body}\n", "article_id": "x"}


def test_no_headline_when_no_empty_line_follows(tmp_path: Path) -> None:
    account = read_article(written(tmp_path / "x.txt", "First line.\nSecond line.\n\nThird."))
    assert "title" not in account
    assert account["text"] == "First line.\nSecond line.\n\nThird."


def test_front_matter_is_read(tmp_path: Path) -> None:
    front = '+++ \r\nid = "story-1"\r\noutlet = "azt"\r\npublished = 2022-12-13T14:05:00+04:00\r\n+++\r\n'
    file = written(tmp_path / "x.txt", f"{front}Başlıq\r\n\r\nMətn.")
    account = read_article(file)
    assert (account["article_id"], account["outlet"], account["title"]) == ("story-1", "azt", "Başlıq")
    assert account["text"] == "Mətn."
    assert account["published"].isoformat() == "2022-12-13T14:05:00+04:00"


def test_headline_of_the_front_matter_does_not_cost_the_first_paragraph(tmp_path: Path) -> None:
    account = read_article(written(tmp_path / "x.txt", '+++\ntitle = "Headline"\n+++\nFirst.\n\nSecond.'))
    assert (account["title"], account["text"]) == ("Headline", "First.\n\nSecond.")
    again = read_article(written(tmp_path / "x.txt", '+++\ntitle = "Headline"\n+++\nHeadline\n\nSecond.'))
    assert (again["title"], again["text"]) == ("Headline", "Second.")


@pytest.mark.parametrize("front", ["+++\n+++\n", '+++\noutlet = "a"\n+++'])
def test_front_matter_may_be_empty_or_all_there_is(front: str, tmp_path: Path) -> None:
    assert read_article(written(tmp_path / "x.txt", front))["text"] == ""


def test_front_matter_without_an_end_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"x\.txt: the front matter has no closing '\+\+\+' line; add one"):
        read_article(written(tmp_path / "x.txt", '+++\noutlet = "a"\n\nText.'))


def test_broken_front_matter_names_the_line_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path / "x.txt", '+++\nid = "a"\noutlet = tass agency\n+++\nText.')
    with pytest.raises(CorpusError, match=r"x\.txt: the front matter is not TOML: .*line 3"):
        read_article(file)


# --------------------------------------------------------------------------- pages


@pytest.fixture
def trafilatura() -> Any:
    """The optional package; old pips install it without lxml_html_clean, and it cannot be imported then."""
    return pytest.importorskip("trafilatura", exc_type=ImportError)


def test_page_gives_headline_text_date_and_outlet(trafilatura: Any, tmp_path: Path) -> None:
    sentences = "Laçın yolunda aksiya davam edir, iştirakçılar tələblərini bildirib. " * 4
    page = (
        '<html><head><title>Yol bağlıdır</title><meta property="og:site_name" content="Sayt">'
        '<meta property="article:published_time" content="2022-12-13T10:00:00+04:00"></head><body><nav>Menyu</nav>'
        f"<article><h1>Yol bağlıdır</h1><p>{sentences}</p></article></body></html>"
    )
    account = read_article(written(tmp_path / "x.html", page))
    assert (account["article_id"], account["title"], account["outlet"]) == ("x", "Yol bağlıdır", "Sayt")
    assert account["published"] == "2022-12-13"
    assert sentences.strip() in account["text"]
    assert "Menyu" not in account["text"]


@pytest.mark.parametrize("page", ["", "<html><body></body></html>", "<" * 1000, "\x00\x01"])
def test_page_without_text_is_a_skip(page: str, trafilatura: Any, tmp_path: Path) -> None:
    assert read_article(written(tmp_path / "x.html", page))["skip"] == "no article text found in the page"


def test_page_of_broken_html_is_read(trafilatura: Any, tmp_path: Path) -> None:
    page = "<html><body><article><p>Դեսպանը հայտարարություն է տարածել։ <b>Ճանապարհը փակ է։</html"
    assert "Ճանապարհը փակ է։" in read_article(written(tmp_path / "x.htm", page))["text"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModuleNotFoundError("no", name="trafilatura"), r"pip install 'framing\[web\]'"),
        (ImportError("lxml.html.clean is now\na separate project"), "now a separate project.*pip install lxml_html"),
    ],
)
def test_page_says_what_to_install(
    error: ImportError, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def absent(name: str) -> Any:
        raise error

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingPackage, match=message):
        read_article(written(tmp_path / "x.html", "<p>x"))


# --------------------------------------------------------------------------- folders


def test_folder_counts_what_it_cannot_read(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", TEXTS["hy"])
    written(tmp_path / "b.txt", RUSSIAN.encode("cp1251"))
    written(tmp_path / "c.docx", b"PK")
    written(tmp_path / "d" / "e.txt", "x")
    written(tmp_path / "f.txt", "+++\nbroken")
    written(tmp_path / ".DS_Store", b"\x00")
    accounts = {account["place"]: account for account in Folder(tmp_path).read()}
    assert list(accounts) == ["a.txt", "b.txt", "c.docx", "d", "f.txt"]
    assert accounts["a.txt"]["text"] == TEXTS["hy"]
    assert "byte 0 is not utf-8" in accounts["b.txt"]["skip"]
    assert accounts["c.docx"]["skip"] == "no article file; expected .txt, .md, .html, .htm"
    assert "move its articles up" in accounts["d"]["skip"]
    assert "no closing '+++'" in accounts["f.txt"]["skip"]


def test_folder_without_articles_names_the_suffixes(tmp_path: Path) -> None:
    written(tmp_path / "a.pdf", b"%PDF")
    with pytest.raises(CorpusError, match=r"no article file in it; expected \.txt, \.md"):
        list(Folder(tmp_path).read())


# --------------------------------------------------------------------------- tables


def rows(file: Path, **kwargs: Any) -> list[dict[str, Any]]:
    """All accounts of a table."""
    return [dict(row) for row in Table(file, **kwargs).read()]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_kind_of_table_gives_the_same_accounts(suffix: str, language: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"article_id": ["1", "2"], "text": [f"{TEXTS[language]}\n\nb, c", "d"], "outlet": ["x", ""]})
    file = tmp_path / f"articles{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(file)
    elif suffix == ".jsonl":
        frame.to_json(file, orient="records", lines=True, force_ascii=False)
    else:
        frame.to_csv(file, index=False, sep="," if suffix == ".csv" else "\t")
    found = rows(file)
    assert [{key: row[key] for key in frame.columns} for row in found] == frame.to_dict("records")
    assert found[1]["place"].startswith(f"articles{suffix}, ")


def test_places_count_rows_as_a_spreadsheet_does(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", 'text,outlet\n"two\nlines",x\n,\n\nlast,y\n')
    assert [row["place"] for row in rows(file)] == ["a.csv, row 2", "a.csv, row 5"]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_empty_table_says_so(content: str, suffix: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"a\{suffix}: the file is empty"):
        rows(written(tmp_path / f"a{suffix}", content))


def test_header_without_rows_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.csv: a header but no rows; add at least one"):
        rows(written(tmp_path / "a.csv", "text,outlet\n"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "body,outlet\nx,y\n"), ("a.tsv", "body\toutlet\nx\ty\n"), ("a.jsonl", '{"body": "x", "outlet": "y"}')],
)
def test_table_without_text_names_what_it_found(name: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"{name}: no column 'text' \(found: body, outlet\); rename the column"):
        rows(written(tmp_path / name, content))


def test_table_parted_by_semicolons_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"found: text;outlet.*parted by commas\?"):
        rows(written(tmp_path / "a.csv", "text;outlet\nx;y\n"))


def test_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"line 3, saw 3; quote cells that hold the separator"):
        rows(written(tmp_path / "a.csv", "text,outlet\na,b\na,b,c\n"))
    # here pandas alone would shift every column by one
    with pytest.raises(CorpusError, match="row 2 has more cells than the header"):
        rows(written(tmp_path / "a.csv", "text,outlet\na,b,c\na,b,c\n"))


def test_quote_that_is_never_closed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.csv: .*EOF inside string.*; quote cells"):
        rows(written(tmp_path / "a.csv", 'text\n"x\ny\n'))


def test_table_in_another_encoding(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", ("text\n" + RUSSIAN).encode("cp1251"))
    with pytest.raises(CorpusError, match=r"a\.csv: byte 5 is not utf-8"):
        rows(file)


def test_table_in_the_encoding_that_was_named(tmp_path: Path) -> None:
    file = written(tmp_path / "a.tsv", "text\nДорога закрыта.\n".encode("cp1251"))
    assert rows(file, encoding="cp1251")[0]["text"] == "Дорога закрыта."


def test_json_lines_may_hold_unicode_line_separators(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"a{mark}b"}, ensure_ascii=False) for mark in ("\u2028", "\x85", "\x0b")]
    found = rows(written(tmp_path / "a.jsonl", "\n\n".join(lines)))
    assert [row["text"] for row in found] == ["a\u2028b", "a\x85b", "a\x0bb"]
    assert [row["place"] for row in found] == ["a.jsonl, line 1", "a.jsonl, line 3", "a.jsonl, line 5"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "x"', r"not JSON: Expecting ',' delimiter at character 13; expected one object a line"),
        ('["x"]', r"expected an object, found \['x'\]"),
    ],
)
def test_bad_json_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.jsonl, line 3: " + message):
        rows(written(tmp_path / "a.jsonl", f'{{"text": "x"}}\n\n{line}\n'))


def test_file_that_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.parquet: not a Parquet file"):
        rows(written(tmp_path / "a.parquet", b"text\nx\n"))


def test_read_csv_names_the_first_missing_column(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no column 'side' \(found: outlet, type\)"):
        read_csv(written(tmp_path / "a.csv", "outlet,type\na,b\n"), required=["outlet", "side"])


# --------------------------------------------------------------------------- fetch lists


def fetch_list(folder: Path, files: dict[str, str | bytes], **changed: str) -> Path:
    """A fetch list over a mirror in the same folder; ``changed`` overrides cells of its first row."""
    lines = [dict.fromkeys(COLUMNS, "") for _ in files]
    for line, (name, content) in zip(lines, files.items(), strict=True):
        file = written(folder / "mirror" / name, content)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        line |= {"article_id": name, "outlet": "un", "path": name, "sha256": digest, "url": f"https://x.org/{name}"}
    lines[0] |= changed
    pd.DataFrame(lines).to_csv(folder / "fetch.csv", index=False)
    return folder / "fetch.csv"


@pytest.mark.parametrize("language", TEXTS)
def test_fetch_list_reads_a_mirror(language: str, tmp_path: Path) -> None:
    path = fetch_list(tmp_path, {"y/1.txt": TEXTS[language]})
    (account,) = FetchList(path, tmp_path / "mirror").read()
    assert account["text"] == TEXTS[language]
    assert (account["article_id"], account["outlet"], account["place"]) == ("y/1.txt", "un", "fetch.csv, row 2")


def test_fetch_list_skips_what_changed_or_is_missing(tmp_path: Path) -> None:
    path = fetch_list(tmp_path, {"1.txt": "a", "2.txt": "b", "3.txt": RUSSIAN.encode("cp1251")}, sha256="0" * 64)
    (tmp_path / "mirror" / "2.txt").unlink()
    changed, missing, encoded = FetchList(path, tmp_path / "mirror").read()
    assert "1.txt: sha256 is ca978112ca1b..., expected 000000000000...; the file changed" in changed["skip"]
    assert "2.txt: no such file in the mirror" in missing["skip"]
    assert "complete it, or leave it out to download" in missing["skip"]
    assert "byte 0 is not utf-8" in encoded["skip"]
    assert [a["place"] for a in (changed, missing, encoded)] == [f"fetch.csv, row {n}" for n in (2, 3, 4)]


def test_fetch_list_takes_a_checksum_in_capitals(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"a").hexdigest().upper()
    path = fetch_list(tmp_path, {"1.txt": "a"}, sha256=f" {digest}")
    (account,) = FetchList(path, tmp_path / "mirror").read()
    assert account["text"] == "a"


def test_fetch_list_takes_the_article_of_a_page(trafilatura: Any, tmp_path: Path) -> None:
    path = fetch_list(tmp_path, {"1.html": f"<html><body><article><p>{TEXTS['ru']}</p></article></body></html>"})
    (account,) = FetchList(path, tmp_path / "mirror").read()
    assert account["text"].strip() == TEXTS["ru"]
    assert account["outlet"] == "un"


def test_fetch_list_without_its_mirror_says_what_to_do(tmp_path: Path) -> None:
    path = fetch_list(tmp_path, {"1.txt": "a"})
    with pytest.raises(CorpusError, match=r"absent: the mirror is no folder; leave it out to download instead"):
        list(FetchList(path, tmp_path / "absent").read())


def test_fetch_list_without_a_column_names_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"fetch\.csv: no column 'side' \(found: article_id, outlet\)"):
        list(FetchList(written(tmp_path / "fetch.csv", "article_id,outlet\na,b\n")).read())


@pytest.mark.parametrize("content", ["", ",".join(COLUMNS)])
def test_empty_fetch_list_says_so(content: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"fetch\.csv: (the file is empty|a header but no rows)"):
        list(FetchList(written(tmp_path / "fetch.csv", content)).read())


def test_fetch_list_downloads_and_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pooch = pytest.importorskip("pooch")
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache")
    asked = []

    def download(self: Any, url: str, output_file: Any, *rest: Any, **named: Any) -> None:
        asked.append(url)
        Path(output_file).write_bytes(b"a")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", download)
    path = fetch_list(tmp_path, {"1.txt": "a", "2.txt": "b"})
    for _ in range(2):
        good, changed = FetchList(path).read()
        assert good["text"] == "a"
        assert "hash" in changed["skip"]
    assert asked.count("https://x.org/1.txt") == 1  # the second time it lies in the cache
