"""Promises of `framing.text`, one case per script at least."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from framing import text as t

GOLD = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
]


def cut(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in t.sentences(text, language)]


def quoted(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in t.quotations(text, language)]


def tokens(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in t.words(text, language)]


# cleaning


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("\ufeffPrezident\u00a0Bak\u0131da\t \u00e7\u0131x\u0131\u015f  etdi", "Prezident Bakıda çıxış etdi"),
        ("Ի\u0307LHAM i\u0307lham", "Ի\u0307LHAM ilham"),
        ("տղա\u00adմարդիկ \u200bեկան։\r\n\r\n\r\n\r\nԵվ", "տղամարդիկ եկան։\n\nԵվ"),
        ("\u0438\u0306од\u2028мир \n  да ", "йод\nмир\nда"),
        ("Baku\u2009and\u202fYerevan\x00\x07", "Baku and Yerevan"),
    ],
)
def test_clean_normalises_invisible_characters_and_spaces(raw: str, cleaned: str) -> None:
    assert t.clean(raw) == cleaned


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_clean_twice_is_clean_once(row: dict[str, object]) -> None:
    once = t.clean(" \r\n\n ".join(row["sentences"]))  # type: ignore[arg-type]
    assert t.clean(once) == once == unicodedata.normalize("NFC", once)


# casing


@pytest.mark.parametrize(
    ("text", "language", "lowered"),
    [
        ("İSTİQLAL QIZIL Əliyev", "az", "istiqlal qızıl əliyev"),
        ("İstanbul IN ITALY", "en", "istanbul in italy"),
        ("ИЛЬХАМ Ёлкин İ", "ru", "ильхам ёлкин i"),
        ("ԵԱՀԿ-Ի Փաշինյանը և", "hy", "եահկ-ի փաշինյանը և"),
    ],
)
def test_lower_keeps_the_length(text: str, language: str, lowered: str) -> None:
    assert t.lower(text, language) == lowered
    assert len(lowered) == len(text)


@pytest.mark.parametrize("language", [*t.LANGUAGES, "tr", "other"])
def test_lower_keeps_the_length_of_every_character(language: str) -> None:
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x1F000)]))
    assert len(t.lower(everything, language)) == len(everything)


# language

HEADLINES = {
    "az": [
        "Bakıda sülh danışıqları başladı",
        "Nazir İrəvana getdi",
        "Laçın yolu açıldı",
        "Ordu Şuşaya daxil oldu",
    ],
    "hy": [
        "Բաքվում բանակցություններ սկսվեցին",
        "Լաչինի ճանապարհը փակ է",
        "ՀՀ ՊՆ-ն հերքում է",
        "Facebook-ի գրառումը",
    ],
    "ru": [
        "В Баку начались переговоры",
        "Лачинский коридор снова закрыт",
        "Путин позвонил Пашиняну",
        "Бои под Шушой",
    ],
    "en": [
        "Peace talks begin in Baku",
        "The Lachin road is closed",
        "Aliyev calls for peace",
        "Fighting near Shusha",
    ],
    "other": [
        "Bakü'de barış görüşmeleri başladı",
        "Erdoğan'dan Karabağ açıklaması geldi",
        "У Баку почалися переговори",
        "Лачинський коридор знову закрито",
        "В Баку започнаха преговорите със съседите",
        "ბაქოში მოლაპარაკებები დაიწყო",
        "مذاکرات صلح در باکو آغاز شد",
        "Les négociations ont commencé à Bakou",
        "Friedensgespräche in Baku haben begonnen",
        "In Baku sono iniziati i colloqui",
        "qwrtp zxcvb lkjhg mnbvc",
        "ыфвпр длорт йцкнг ъхзщш",
    ],
}


@pytest.mark.parametrize(
    ("language", "headline"), [(language, line) for language, lines in HEADLINES.items() for line in lines]
)
def test_identify_tells_a_headline_of_a_few_words(language: str, headline: str) -> None:
    found = t.identify(headline)
    assert found.language == language
    assert 0.0 <= found.confidence <= 1.0


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_identify_is_sure_of_a_paragraph(row: dict[str, object]) -> None:
    found = t.identify(" ".join(row["sentences"]))  # type: ignore[arg-type]
    assert found.language == row["language"]
    assert found.confidence > 0.5


@pytest.mark.parametrize("empty", ["", " \n", "12:30, 2020", "«…» — !", "https://example.org/az/news"])
def test_identify_says_other_and_0_when_there_are_no_letters(empty: str) -> None:
    assert t.identify(empty) == ("other", 0.0)


def test_identify_lets_the_prevailing_script_decide() -> None:
    assert t.identify("Նա գրել է Twitter-ում և Facebook-ում").language == "hy"
    assert t.identify("Azerbaijani president İlham Əliyev met the press in Brussels on Monday").language == "en"
    assert t.identify("Президент ՀՀ прибыл в Степанакерт").language == "ru"


def test_import_is_quick_and_loads_no_model() -> None:
    code = "import sys, framing.text; assert not {'py3langid', 'numpy', 'torch'} & set(sys.modules), sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# sentences


@pytest.mark.parametrize("language", t.LANGUAGES)
@pytest.mark.parametrize("split", ["dev", "held-out"])
def test_sentences_find_98_percent_of_the_ends_with_3_false_cuts_in_100(language: str, split: str) -> None:
    ends = hits = false = total = 0
    for row in GOLD:
        if row["language"] != language or row["split"] != split:
            continue
        text = " ".join(row["sentences"])
        gold, position = set(), -1
        for sentence in row["sentences"]:
            position += 1 + len(sentence)
            gold.add(position)
        found = {end for _, end in t.sentences(text, language)}
        gold.remove(len(text))  # the end of a paragraph is no achievement
        found.remove(len(text))
        ends += len(gold)
        hits += len(gold & found)
        false += len(found - gold)
        total += len(row["sentences"])
    assert total > 40
    assert hits >= 0.98 * ends
    assert false <= 0.03 * total


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("az", ["Bunu N.Əliyev 2020-ci ildə, məs. Bakıda, dedi.", "O, S. Rəhimovla razıdır!"]),
        ("az", ["“Bəs Xankəndi?” deyə soruşdu.", "Cavab yoxdur…", "Yük: un, duz və s.", "Hamısı budur."]),
        ("az", ["“Sülh lazımdır.", "Vaxt gəlib”, – nazir bildirdi."]),
        ("hy", ["«Պատրաստ ենք», - ասել է նա:", "Այսօր՝ 10:30-ին, Ն. Փաշինյանը մեկնեց:"]),
        ("hy", ["Նա ասաց․ «Գնում ենք։", "Ե՞րբ։", "Հիմա»։", "2020 թ. նոյեմբերին պատերազմն ավարտվեց։"]),
        ("hy", ["ՀՀ ԱԳՆ-ն հերքում է:«Սուտ է»,- ասել է նա:"]),
        ("ru", ["«Зачем?» — спросил он.", "— Так надо.", "Это было в 2020 г. в Шуше, т. е. давно."]),
        ("hy", ["Նա ներկա էր բանակցություններին:", "Լ. Տեր-Պետրոսյանը` ոչ:"]),
        ("ru", ["Это вакцина «Спутник V».", "Первым вводят компонент I.", "Второй вводят позже."]),
        ("ru", ["Н. В. Пашинян живёт на ул. Баграмяна.", "Ему дали 5 млн руб.", "Всё."]),
        (
            "en",
            [
                "Mr. Smith left the U.S. Army at 9 a.m. on Monday.",
                "“Why?” Petrosyan asked.",
                "He did not say.",
            ],
        ),
        ("en", ["“We won.", "It is over,” he said.", "The U.S. agreed."]),
        ("other", ["Barış geldi.", "Sonra gitti?", "Evet!"]),
    ],
)
def test_sentences_of_hard_cases(language: str, parts: list[str]) -> None:
    if parts[0].startswith("ՀՀ ԱԳՆ"):  # no space after the colon
        assert cut(parts[0], language) == ["ՀՀ ԱԳՆ-ն հերքում է:", "«Սուտ է»,- ասել է նա:"]
    else:
        assert cut(" ".join(parts), language) == parts


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hy", "Օրակարգում է: 1. ճանապարհներ, 2. գերիներ:"),
        ("hy", "Նախագահը հայտարարեց: «Զիջում չի լինի»:"),
        ("hy", "Խաղն ավարտվեց 2:1 հաշվով, ժամը 22:15-ին:"),
        ("hy", "NAM: Ո՞ւր ես գնում:"),
        ("az", "Gündəlikdə üç məsələ var: Laçın, minalar və əsirlər."),
        ("ru", "1. Стороны прекращают огонь."),
        ("en", "A. Petrosyan of J.P. Morgan met Gen. Muradov at 10:30 p.m. Baku time."),
    ],
)
def test_sentences_leave_one_sentence_whole(language: str, text: str) -> None:
    assert cut(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("az", "Başlıq nöqtəsiz\nMətn burada başlayır. Bitdi"),
        ("hy", "Վերնագիր\nՆա եկավ: Հետո գնաց"),
        ("ru", "Заголовок\nОн пришёл. Потом ушёл"),
        ("en", "A headline\nHe came. Then he left"),
    ],
)
def test_a_line_break_always_ends_a_sentence(language: str, text: str) -> None:
    parts = cut(text, language)
    assert len(parts) == 3
    assert parts[0] == text.split("\n")[0]


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_sentences_cover_every_character_in_order(row: dict[str, object]) -> None:
    text = "  " + " \n ".join([" ".join(row["sentences"]), "🙂 …", "- -"]) + " "  # type: ignore[arg-type]
    spans = t.sentences(text, str(row["language"]))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


# words


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "az",
            "Bakı’nın NATO-nun 2020-ci il, N.Əliyev",
            ["Bakı’nın", "NATO-nun", "2020-ci", "il", "N", "Əliyev"],
        ),
        (
            "hy",
            "Ինչո՞ւ ՀՀ-ն չի՛ խոսում «Սարսանգ»-ի մասին։",
            ["Ինչո՞ւ", "ՀՀ-ն", "չի՛", "խոսում", "Սարսանգ", "ի", "մասին"],
        ),
        ("ru", "Премьер-министр — в Ереване, 10:30", ["Премьер-министр", "в", "Ереване", "10", "30"]),
        ("en", "Baku's “well-known” plan_b", ["Baku's", "well-known", "plan", "b"]),
    ],
)
def test_words_keep_what_stands_inside_them(language: str, text: str, expected: list[str]) -> None:
    assert tokens(text, language) == expected


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("az", "Bakı’nın", "Bakı"),
        ("az", "NATO-nun", "NATO"),
        ("az", "Rusiya", "Rusiya"),
        ("az", "Qur'an", "Qur'an"),
        ("hy", "ՀՀ-ն", "ՀՀ"),
        ("hy", "ԵԱՀԿ-ի", "ԵԱՀԿ"),
        ("hy", "Facebook-ում", "Facebook"),
        ("hy", "Տեր-Պետրոսյան", "Տեր-Պետրոսյան"),
        ("ru", "ООН-овский", "ООН"),
        ("ru", "премьер-министр", "премьер-министр"),
        ("en", "Armenia’s", "Armenia"),
        ("en", "O'Brien", "O'Brien"),
        ("en", "well-known", "well-known"),
    ],
)
def test_base_leaves_out_a_joined_suffix_only(language: str, word: str, expected: str) -> None:
    assert t.base(word, language) == expected
    assert word.startswith(expected)


# quotations


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("az", '“Sülh olacaq”, – dedi. "Qarabağ"a „bax“.', ["Sülh olacaq", "Qarabağ", "bax"]),
        ("hy", "«Մենք գնում ենք»,- ասաց նա: «Ոչ»:", ["Մենք գնում ենք", "Ոչ"]),
        ("ru", "«Газета «Заря» вышла», — сказал он. „Да“ и ‹нет›", ["Газета «Заря» вышла", "Да", "нет"]),
        ("ru", "«Мы читаем «Зарю», — сказал он. — «Да».", ["Мы читаем «Зарю", "Да"]),
        ("ru", 'Завод "Маяк" закрыт, "увы", - сказал "он"', ["Маяк", "увы", "он"]),
        ("en", "“It’s over,” he said. ‘We don’t know,’ said another.", ["It’s over,", "We don’t know,"]),
        ("en", 'He said: "No." Then the soldiers’ mothers left.', ["No."]),
        ("en", "“He told me ‘go’ and I went.”", ["He told me ‘go’ and I went."]),
        ("other", "» “” « » text", []),
    ],
)
def test_quotations_are_the_outermost_without_their_marks(language: str, text: str, expected: list[str]) -> None:
    assert quoted(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("az", "O dedi: “Biz gəlirik. \nSonra getdi.", ["Biz gəlirik."]),
        ("hy", "Նա ասաց. «Մենք գալիս ենք:\nՀետո գնաց:", ["Մենք գալիս ենք:"]),
        ("ru", "Он сказал: «Мы идём.\nПотом «ушёл».", ["Мы идём.", "ушёл"]),
        ("en", 'He said: "We are coming.\nThen he left.', ["We are coming."]),
    ],
)
def test_a_quotation_never_closed_ends_with_its_paragraph(language: str, text: str, expected: list[str]) -> None:
    assert quoted(text, language) == expected


# speed


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("az", "N.Əliyev və s. “Bəli”, – dedi. "),
        ("hy", "Նա ասել է: «Մենք "),
        ("ru", "1. «т. е. "),
        ("en", 'a. “‘b’s " '),
        ("en", "." * 80),
        ("en", "a"),
    ],
)
def test_a_line_of_a_million_characters_takes_a_second_not_an_hour(language: str, piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert t.identify(t.clean(text)).language in (*t.LANGUAGES, "other")
    assert t.sentences(text, language)[-1][1] == len(text.rstrip())
    assert all(start < end for start, end in t.words(text, language))
    assert all(start <= end for start, end in t.quotations(text, language))
    assert len(t.lower(text, language)) == len(text)  # about a second in all; quadratic would be hours
