"""Reprints are found in every script whatever the headline; independent reports are left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from framing.duplicates import find_copies, find_translations, originals
from framing.errors import CorpusError
from framing.tables import ARTICLES, PASSAGES, check

# One short wire item, a report of another hand on the same matter, and a headline, in each language.
WIRE = {
    "az": (
        "Xarici işlər nazirlərinin danışıqları on saat davam etdi və gecə yarısı başa çatdı. "
        "İclasdan sonra qəbul edilən bəyanatda humanitar atəşkəsin günorta saatlarından başlayacağı bildirilir. "
        "Tərəflər əsirlərin və həlak olanların cənazələrinin dəyişdirilməsi barədə razılığa gəliblər. "
        "Prosesdə Beynəlxalq Qırmızı Xaç Komitəsi vasitəçi kimi iştirak edəcək."
    ),
    "hy": (
        "Արտաքին գործերի նախարարների բանակցությունները տևեցին տասը ժամ և ավարտվեցին կեսգիշերին։ "
        "Հանդիպումից հետո ընդունված հայտարարության մեջ ասվում է, որ մարդասիրական հրադադարը կսկսվի կեսօրին։ "
        "Կողմերը պայմանավորվել են փոխանակել գերիներին և զոհվածների մարմինները։ "
        "Գործընթացին որպես միջնորդ կմասնակցի Կարմիր խաչի միջազգային կոմիտեն։"
    ),
    "ru": (
        "Переговоры министров иностранных дел продолжались десять часов и завершились около полуночи. "
        "В принятом после встречи заявлении говорится, что гуманитарное перемирие начнётся в полдень. "
        "Стороны договорились обменяться пленными и телами погибших. "
        "Посредником в этом выступит Международный комитет Красного Креста."
    ),
    "en": (
        "The talks of the foreign ministers went on for ten hours and ended around midnight. "
        "A statement adopted after the meeting says that a humanitarian truce will begin at noon. "
        "The sides agreed to exchange prisoners and the bodies of the dead. "
        "The International Committee of the Red Cross will act as the mediator in this."
    ),
}
OTHER = {
    "az": (
        "Moskvada keçirilən görüşün nəticəsi paytaxtda ehtiyatla qarşılandı. Küçədə söhbət etdiyimiz sakinlər "
        "atəşkəsin uzun sürəcəyinə inanmadıqlarını deyirlər. Analitiklərin fikrincə, əsas məsələlər həll olunmayıb."
    ),
    "hy": (
        "Մոսկվայում կայացած հանդիպման արդյունքը մայրաքաղաքում ընդունեցին զգուշությամբ։ Փողոցում մեզ հետ զրուցած "
        "բնակիչներն ասում են, որ չեն հավատում հրադադարի երկարատևությանը։ "
        "Վերլուծաբանների կարծիքով հիմնական հարցերը լուծված չեն։"
    ),
    "ru": (
        "Итог московской встречи в столице приняли осторожно. Жители, с которыми мы поговорили на улице, не верят, "
        "что перемирие продержится долго. По мнению аналитиков, главные вопросы так и остались нерешёнными."
    ),
    "en": (
        "The outcome of the meeting in Moscow met with caution in the capital. Residents we spoke to in the street "
        "do not believe that the truce will hold for long. Analysts think that the main questions are still open."
    ),
}
TITLES = {
    "az": ("Moskvada atəşkəs razılaşdırıldı", "Danışıqların yekunu: atəşkəs"),
    "hy": ("Մոսկվայում համաձայնեցվեց հրադադար", "Բանակցությունների արդյունքը՝ հրադադար"),
    "ru": ("В Москве согласовано перемирие", "Итог переговоров: перемирие"),
    "en": ("Truce agreed in Moscow", "The outcome of the talks: a truce"),
}
LANGUAGES = tuple(WIRE)


def articles_of(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Rows of (article_id, language, day of October 2020 or "", title, body)."""
    ids, languages, days, titles, bodies = zip(*rows, strict=True)
    frame = pd.DataFrame({"article_id": ids, "language": languages, "title": titles})
    frame["published"] = pd.to_datetime([f"2020-10-{day}" if day else None for day in days], utc=True)
    frame["text"] = [f"{title}\n{body}" for title, body in zip(titles, bodies, strict=True)]
    missing = pd.Series([None] * len(frame), dtype="str")
    return check(frame.assign(outlet="o", side="s", url=missing, copy_of=missing), ARTICLES)


def copies(articles: pd.DataFrame, threshold: float = 0.6) -> dict[str, str]:
    found = find_copies(articles, threshold)
    assert found["article_id"].tolist() == articles["article_id"].tolist()
    return dict(found.dropna(subset=["copy_of"]).set_index("article_id")["copy_of"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reprint_under_a_new_headline_is_found(language: str) -> None:
    first, second = TITLES[language]
    articles = articles_of(
        ("late", language, "11", second, WIRE[language].upper() if language in ("ru", "en") else WIRE[language]),
        ("early", language, "10", first, WIRE[language]),
        ("own", language, "11", first, OTHER[language]),
    )
    assert copies(articles) == {"late": "early"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cut_and_a_longer_reprint_are_found_but_no_short_quotation(language: str) -> None:
    first, second = TITLES[language]
    cut = WIRE[language].split(". " if language != "hy" else "։ ", 1)[1]
    articles = articles_of(
        ("wire", language, "10", first, WIRE[language]),
        ("cut", language, "11", second, cut),
        ("longer", language, "11", second, WIRE[language] + "\n" + OTHER[language][: len(WIRE[language]) // 4]),
        ("quotes", language, "12", second, OTHER[language] + "\n" + cut[: len(cut) // 4]),
    )
    assert copies(articles) == {"cut": "wire", "longer": "wire"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_order_of_rows_changes_nothing(language: str) -> None:
    rows = [
        (f"a{i}", language, f"{10 + i % 4}", TITLES[language][i % 2], (WIRE if i % 3 else OTHER)[language])
        for i in range(9)
    ]
    articles = articles_of(*rows)
    expected = copies(articles)
    assert len(expected) == 7
    for seed in range(4):
        assert copies(articles.sample(frac=1, random_state=seed)) == expected


def test_earliest_wins_then_the_lowest_id_and_undated_come_last() -> None:
    title, body = TITLES["en"][0], WIRE["en"]
    articles = articles_of(
        ("b", "en", "10", title, body),
        ("a", "en", "11", title, body),
        ("0", "en", "", title, body),
        ("c", "en", "10", title, body),
    )
    assert copies(articles) == {"a": "b", "c": "b", "0": "b"}


def test_a_long_account_that_holds_a_short_one_is_no_copy_of_it() -> None:
    words = [f"word{i}" for i in range(300)]
    short, long = " ".join(words[:60]), " ".join(words)
    dated = articles_of(("short", "en", "10", "t", short), ("long", "en", "11", "t", long))
    assert copies(dated) == {}
    turned = articles_of(("short", "en", "11", "t", short), ("long", "en", "10", "t", long))
    assert copies(turned) == {"short": "long"}
    undated = articles_of(("short", "en", "", "t", short), ("long", "en", "", "t", long))
    assert copies(undated) == {}  # nobody knows who came first: Dice is 2 * 57 / (57 + 297)


def test_the_threshold_is_the_share_of_runs_of_four_words() -> None:
    words = [f"w{i}" for i in range(43)]  # 40 runs
    changed = [*words[:23], *(f"x{i}" for i in range(20))]  # 20 of its 40 runs are shared
    articles = articles_of(("a", "en", "10", "t", " ".join(words)), ("b", "en", "11", "t", " ".join(changed)))
    assert copies(articles, 0.5) == {"b": "a"}
    assert copies(articles, 0.51) == {}


def test_other_languages_and_marked_copies_are_left_alone() -> None:
    title, body = TITLES["ru"][0], WIRE["ru"]
    articles = articles_of(
        ("a", "ru", "10", title, body), ("b", "en", "11", title, body), ("c", "ru", "12", title, body)
    )
    marked = articles.assign(copy_of=articles["copy_of"].mask(articles["article_id"] == "c", "elsewhere"))
    assert copies(marked) == {"c": "elsewhere"}
    assert copies(articles) == {"c": "a"}


def test_bodies_of_a_few_words_are_read_with_their_headline() -> None:
    articles = articles_of(
        ("a", "en", "10", "Shelling reported near the village of Taghavard", "Photo: archive"),
        ("b", "en", "11", "Ministers meet in Geneva for a second day", "Photo: archive"),
        ("c", "en", "12", "Ministers meet in Geneva for a second day", "Photo: archive"),
    )
    assert copies(articles) == {"c": "b"}


def test_a_shared_footer_makes_no_copies() -> None:
    rng = np.random.default_rng(0)
    footer = " ".join(f"footer{i}" for i in range(30))
    bodies = [" ".join(f"w{k}" for k in rng.integers(0, 5000, 120)) + " " + footer for _ in range(2000)]
    rows = [(f"a{i:04}", "en", "10", "t", body) for i, body in enumerate(bodies)]
    articles = articles_of(*rows, ("z", "en", "11", "t", bodies[1500]))
    assert copies(articles) == {"z": "a1500"}


def test_originals_follow_chains_to_the_end() -> None:
    articles = articles_of(*[(name, "en", "10", "t", "b") for name in "abcd"])
    articles["copy_of"] = pd.Series([None, "a", "b", "elsewhere"], dtype="str")
    assert originals(articles).to_dict() == {"a": "a", "b": "a", "c": "a", "d": "elsewhere"}
    articles["copy_of"] = pd.Series(["b", "a", None, None], dtype="str")
    with pytest.raises(CorpusError, match="'a' is a copy of itself"):
        originals(articles)


def translated(
    shared: int, *, seed: int = 0, accounts: int = 10, sentences: int = 10
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Accounts a00, b00, a01, ...: of b's sentences ``shared`` are translations of a's, the rest its own.

    A vector is the language (heavy, as in raw E5), the meaning and a little noise.
    """
    rng = np.random.default_rng(seed)
    accents = {language: 3 * rng.normal(size=96) for language in LANGUAGES}
    accounts_rows, passages, vectors = [], [], []
    for number in range(accounts):
        meanings = rng.normal(size=(sentences, 96))
        own = rng.normal(size=(sentences, 96))
        own[:shared] = meanings[:shared]
        one, other = LANGUAGES[number % 4], LANGUAGES[(number + 1) % 4]
        for name, language, content, day in (("a", one, meanings, "10"), ("b", other, own, "11")):
            article = f"{name}{number:02}"
            accounts_rows.append((article, language, day, "t", "b"))
            for position, meaning in enumerate([rng.normal(size=96), *content]):
                passages.append((f"{article}-{position}", article, language, position, position == 0))
                vectors.append(accents[language] + meaning + 0.4 * rng.normal(size=96))
    frame = pd.DataFrame(passages, columns=["passage_id", "article_id", "language", "position", "headline"])
    rows = np.array(vectors)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return articles_of(*accounts_rows), check(frame.assign(start=0, end=1, text="s"), PASSAGES), rows


@pytest.mark.parametrize(("shared", "found"), [(10, 10), (7, 10), (4, 0), (0, 0)])
def test_translations_are_found_by_their_share_of_aligned_sentences(shared: int, found: int) -> None:
    articles, passages, vectors = translated(shared)
    links = find_translations(articles, passages, vectors).dropna(subset=["copy_of"])
    assert dict(zip(links["article_id"], links["copy_of"], strict=True)) == {
        f"b{number:02}": f"a{number:02}" for number in range(found)
    }


def test_translations_do_not_depend_on_the_order_of_rows() -> None:
    articles, passages, vectors = translated(8)
    shuffle = np.random.default_rng(1).permutation(len(passages))
    first = find_translations(articles, passages, vectors)
    second = find_translations(articles.iloc[::-1], passages.iloc[shuffle], vectors[shuffle])
    assert first["copy_of"].notna().sum() == 10
    pd.testing.assert_frame_equal(first, second.iloc[::-1].reset_index(drop=True))


def test_a_translation_of_a_reprint_goes_back_to_the_original() -> None:
    articles, passages, vectors = translated(10, accounts=4)
    reprint = articles.assign(copy_of=articles["copy_of"].mask(articles["article_id"] == "a01", "a00"))
    found = find_translations(reprint, passages, vectors).set_index("article_id")["copy_of"]
    assert found["a01"] == "a00"
    assert pd.isna(found["b01"])  # its original is a copy already, and is compared through a00 only
    assert found["b00"] == "a00"


def test_accounts_of_one_language_or_two_sentences_are_no_translations() -> None:
    articles, passages, vectors = translated(10)
    same = find_translations(articles.assign(language="ru"), passages.assign(language="ru"), vectors)
    assert same["copy_of"].isna().all()
    short = (passages["position"] <= 2).to_numpy()
    few = find_translations(articles, passages[short], vectors[short])
    assert few["copy_of"].isna().all()
    none = find_translations(articles, passages[:0], vectors[:0])
    assert none["copy_of"].isna().all()


def test_wrong_thresholds_and_vectors_say_what_to_do() -> None:
    articles, passages, vectors = translated(1, accounts=2)
    for threshold in (0.0, 1.1):
        with pytest.raises(CorpusError, match="above 0 and at most 1"):
            find_copies(articles, threshold)
        with pytest.raises(CorpusError, match="above 0 and at most 1"):
            find_translations(articles, passages, vectors, threshold=threshold)
    with pytest.raises(CorpusError, match=r"per passage \(44\), found shape \(43, 96\).*order of the table"):
        find_translations(articles, passages, vectors[1:])
