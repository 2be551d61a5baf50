"""Promises of framing.voices: whose words, in four languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from framing.actors import Registry, find_mentions, read_actors, resolve_pronouns
from framing.corpus import open_corpus, split_passages
from framing.errors import LanguageError
from framing.text import LANGUAGES, sentences, words
from framing.voices import NARRATOR, UNKNOWN, Quote, attribute, find_quotes, voice_at

DATA = Path(__file__).parent / "data"
ITEMS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "voices.jsonl").read_text(encoding="utf-8").splitlines()
]
#: Share of items that must come out exactly as the gold: every quote, its speaker, and nothing else.
FLOOR = {"dev": 1.0, "held-out": 0.9}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return read_actors(DATA / "voices.toml")


def read(text: str, language: str, registry: Registry) -> list[Quote]:
    spans = sentences(text, language)
    mentions = find_mentions(text, language, registry)
    mentions += resolve_pronouns(text, language, spans, mentions, registry)
    return find_quotes(text, language, spans, sorted(mentions, key=lambda mention: mention.start))


def overlap(text: str, language: str, a: tuple[int, int], b: tuple[int, int]) -> float:
    """Jaccard overlap of two spans in words."""
    spans = words(text, language)
    inside = [{i for i, (s, e) in enumerate(spans) if s >= one[0] and e <= one[1]} for one in (a, b)]
    return len(inside[0] & inside[1]) / len(inside[0] | inside[1])


def is_right(item: dict[str, Any], registry: Registry) -> bool:
    text, language = item["text"], item["language"]
    left = read(text, language, registry)
    for gold in item["quotes"]:
        start = text.index(gold["text"])
        span = (start, start + len(gold["text"]))
        fitting = [
            quote
            for quote in left
            if (quote.direct, quote.speaker) == (gold["direct"], gold["speaker"])
            and overlap(text, language, (quote.start, quote.end), span) >= 0.7
        ]
        if not fitting:
            return False
        left.remove(fitting[0])
    return not left


@pytest.mark.parametrize("split", ["dev", "held-out"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_and_speakers_are_found_in_each_language(language: str, split: str, registry: Registry) -> None:
    items = [item for item in ITEMS if (item["language"], item["split"]) == (language, split)]
    wrong = [item["id"] for item in items if not is_right(item, registry)]
    assert len(items) >= 12
    assert 1 - len(wrong) / len(items) >= FLOOR[split], wrong


def test_every_gold_quote_stands_once_in_its_text() -> None:
    assert all(item["text"].count(quote["text"]) == 1 for item in ITEMS for quote in item["quotes"])
    assert all(sum(item["language"] == language for item in ITEMS) >= 25 for language in LANGUAGES)


SWAPPED = {
    "az": ("Əliyev bildirib ki, yol açıqdır.", "Əliyev", "Lavrov"),
    "hy": ("Ալիևը նշել է, որ ճանապարհը բաց է։", "Ալիևը", "Լավրովը"),
    "ru": ("Алиев заявил, что дорога открыта.", "Алиев", "Лавров"),
    "en": ("Aliyev said that the road was open.", "Aliyev", "Lavrov"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_swapping_the_name_swaps_the_speaker(language: str, registry: Registry) -> None:
    text, one, other = SWAPPED[language]
    assert [quote.speaker for quote in read(text, language, registry)] == ["aliyev"]
    assert [quote.speaker for quote in read(text.replace(one, other), language, registry)] == ["lavrov"]


PLAIN = {
    "az": "Karvan səhər Xankəndidən çıxıb. Əliyev Bakıda nazirlərlə görüşüb. Yol bağlı qalıb.",
    "hy": "Շարասյունը առավոտյան դուրս եկավ Ստեփանակերտից։ Ալիևը Բաքվում հանդիպեց նախարարների հետ։",
    "ru": "Колонна утром вышла из Степанакерта. Алиев в Баку встретился с министрами. Дорога закрыта.",
    "en": "The convoy left Stepanakert in the morning. Aliyev met the ministers in Baku. The road is closed.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_without_cues_is_the_narrators(language: str, registry: Registry) -> None:
    quotes = read(PLAIN[language], language, registry)
    assert quotes == []
    assert voice_at(quotes, 0, 10) == (NARRATOR, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_speaker_and_cue_are_given_as_written(language: str, registry: Registry) -> None:
    text, name, _ = SWAPPED[language]
    quote = read(text, language, registry)[0]
    assert quote.speaker_text == name
    assert quote.cue
    assert text.index(name) < text.index(quote.cue) < quote.start < quote.end <= len(text)


def test_the_innermost_voice_wins_where_reported_speech_is_nested(registry: Registry) -> None:
    text = "Armen Grigoryan said that Yerevan urged the UN to send observers."
    quotes = read(text, "en", registry)
    observers, yerevan = text.index("observers"), text.index("Yerevan")
    assert voice_at(quotes, observers, observers + 9) == ("armenia", False)
    assert voice_at(quotes, yerevan, yerevan + 7) == ("grigoryan", False)
    assert voice_at(quotes, 0, 5) == (NARRATOR, False)


def test_a_minister_introduced_by_name_is_known_again_by_office(registry: Registry) -> None:
    text = (
        "Russian Foreign Minister Sergei Lavrov met Pashinyan in Yerevan.\n"
        '"The road must be opened without delay," the Russian minister said.'
    )
    assert [(quote.speaker, quote.direct) for quote in read(text, "en", registry)] == [("lavrov", True)]


def test_the_narrators_own_opinion_is_nobodys_quote(registry: Registry) -> None:
    assert read("I think that Lavrov will come. We believe that the talks can help.", "en", registry) == []


def test_a_passive_accusation_has_no_voice_made_up_for_it(registry: Registry) -> None:
    assert read("Armenia was accused of shelling the villages.", "en", registry) == []


def test_speech_without_any_actor_is_unknown(registry: Registry) -> None:
    quotes = read("A local farmer said that the road was closed.", "en", registry)
    assert [(quote.speaker, quote.speaker_text) for quote in quotes] == [(UNKNOWN, "A local farmer")]


def test_other_languages_give_no_quotes_and_unknown_codes_are_refused() -> None:
    assert find_quotes("„Die Straße ist offen“, sagte Lawrow.", "other", [(0, 37)], []) == []
    with pytest.raises(LanguageError, match="'xx'"):
        find_quotes("text", "xx", [(0, 4)], [])


@pytest.mark.parametrize(
    ("language", "text", "actor", "voice"),
    [
        ("hy", "Փաշինյան. Ադրբեջանը փակում է ճանապարհը", "azerbaijan", ("pashinyan", False)),
        ("hy", "Փաշինյան՝ Ադրբեջանը փակում է ճանապարհը", "azerbaijan", ("pashinyan", False)),
        ("hy", "Ադրբեջանը փակում է ճանապարհը. Փաշինյան", "azerbaijan", ("pashinyan", False)),
        ("ru", "«Азербайджан закрыл дорогу» — Пашинян", "azerbaijan", ("pashinyan", True)),
        ("az", "Paşinyan: Azərbaycan yolu bağlayır", "azerbaijan", ("pashinyan", False)),
        ("en", "Azerbaijan, Pashinyan said, closed the road.", "azerbaijan", ("pashinyan", False)),
        ("ru", "Азербайджан, заявил Пашинян, перекрыл дорогу.", "azerbaijan", ("pashinyan", False)),
        (
            "en",
            'Lavrov said Azerbaijan had promised to keep the road open. "Armenia must respond," he added.',
            "armenia",
            ("lavrov", True),
        ),
        (
            "en",
            'Pashinyan criticised Moscow, adding that "Azerbaijan breaks the rules".',
            "azerbaijan",
            ("pashinyan", True),
        ),
    ],
)
def test_headlines_parentheses_and_pronouns_find_the_speaker(
    language: str, text: str, actor: str, voice: tuple[str, bool]
) -> None:
    registry = read_actors(Path(__file__).parents[1] / "corpora" / "karabakh" / "actors.toml")
    spans = sentences(text, language)
    mentions = find_mentions(text, language, registry)
    mentions = sorted([*mentions, *resolve_pronouns(text, language, spans, mentions, registry)], key=lambda m: m.start)
    quotes = find_quotes(text, language, spans, mentions)
    named = next(mention for mention in mentions if mention.actor == actor)
    assert voice_at(quotes, named.start, named.end) == voice


PRONOUNS = {
    "en": "Lavrov spoke on Friday. Azerbaijan said the road was open. “Armenia must answer,” he said.",
    "ru": "Лавров выступил в пятницу. Азербайджан заявил, что дорога открыта. «Армения должна ответить», — сказал он.",
    "az": "Lavrov cümə günü çıxış edib. Azərbaycan bildirib ki, yol açıqdır. “Ermənistan cavab verməlidir”, – o deyib.",
    "hy": "Լավրովը ելույթ ունեցավ: Ադրբեջանը հայտարարեց, որ ճանապարհը բաց է: «Հայաստանը պետք է պատասխանի»,- ասել է նա:",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_he_is_never_a_state_in_an_attributed_account(language: str, tmp_path: Path) -> None:
    registry = read_actors(Path(__file__).parents[1] / "corpora" / "karabakh" / "actors.toml")
    file = tmp_path / "a.txt"
    file.write_text(PRONOUNS[language], encoding="utf-8")
    articles = open_corpus(file).articles
    mentions, _ = attribute(articles, split_passages(articles), registry)
    quoted = mentions[mentions["direct"]]
    assert quoted["actor"].tolist() == ["armenia"]
    assert quoted["voice"].iloc[0] in ("lavrov", UNKNOWN)
