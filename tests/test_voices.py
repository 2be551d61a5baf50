"""Promises of framing.voices: whose words, in four languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
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


def voice_of(actor: str, text: str, language: str, side: str = "russia") -> str:
    """The voice that `attribute` gives the first mention of an actor which is not the narrator's."""
    registry = read_actors(Path(__file__).parents[1] / "corpora" / "karabakh" / "actors.toml")
    row = {"article_id": "a", "outlet": "o", "side": side, "language": language, "title": "", "text": text}
    articles = pd.DataFrame([{**row, "published": pd.NaT, "url": None, "copy_of": None}])
    mentions, _ = attribute(articles, split_passages(articles), registry)
    own = mentions[mentions["actor"] == actor]
    assert len(own)
    return str(next((voice for voice in own["voice"] if voice != NARRATOR), NARRATOR))


OFFICES = {
    "az": "Hökumət bildirib ki, Rusiya karvanı saxlayıb.",
    "hy": "Կառավարությունից հայտնել են, որ Ռուսաստանը կանգնեցրել է շարասյունը։",
    "ru": "В правительстве заявили, что Россия остановила колонну.",
    "en": "The government said that Russia had stopped the convoy.",
}


@pytest.mark.parametrize("side", ["armenia", "azerbaijan"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_office_without_a_country_is_that_of_the_side_whose_press_it_is(language: str, side: str) -> None:
    assert voice_of("russia", OFFICES[language], language, side) == side


@pytest.mark.parametrize(
    ("language", "text", "side", "voice"),
    [
        ("az", "Baş nazir bildirib ki, Rusiya karvanı saxlayıb.", "armenia", "pashinyan"),
        ("hy", "Վարչապետն այսօր ասել է, որ Ռուսաստանը կանգնեցրել է շարասյունը։", "armenia", "pashinyan"),
        ("ru", "Россия остановила колонну, сообщили в Минобороны.", "azerbaijan", "azerbaijan_mod"),
        ("en", "The Foreign Ministry said that Russia had stopped the convoy.", "armenia", "armenia_mfa"),
        ("en", "The Foreign Ministry said that Russia had stopped the convoy.", "azerbaijan", "azerbaijan_mfa"),
        ("en", "The Foreign Ministry in Baku said that Russia had stopped the convoy.", "us", "azerbaijan_mfa"),
        ("ru", "В Баку выступили. Россия остановила колонну, сообщили в МИД республики.", "russia", "azerbaijan_mfa"),
    ],
)
def test_an_office_of_the_registry_is_its_most_special_actor(language: str, text: str, side: str, voice: str) -> None:
    assert voice_of("russia", text, language, side) == voice


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("az", "Xankəndidən bildiriblər ki, Rusiya karvanı saxlayıb."),
        ("hy", "Ստեփանակերտից հայտնել են, որ Ռուսաստանը կանգնեցրել է շարասյունը։"),
        ("hy", "Արցախի օմբուդսմենի խոսքով՝ Ռուսաստանը կանգնեցրել է շարասյունը։"),
        ("ru", "В Степанакерте заявили, что Россия остановила колонну."),
        ("en", "Officials in Artsakh say that Russia stopped the convoy."),
    ],
)
def test_a_land_and_its_seat_speak_through_their_authorities(language: str, text: str) -> None:
    assert voice_of("russia", text, language) == "karabakh_authorities"


#: Capital, what it says of its dead, and what it says of nothing in particular.
OF_ITSELF = {
    "az": ("{} iki əsgərinin həlak olduğunu bildirib.", "{} danışıqların başladığını bildirib.", "Bakı", "İrəvan"),
    "hy": ("{}ն հայտնում է երկու զոհի մասին։", "{}ն հայտնում է բանակցությունների մասին։", "Բաքու", "Երևա"),
    "ru": ("{} сообщил о двух погибших солдатах.", "{} сообщил о начале переговоров.", "Баку", "Ереван"),
    "en": ("{} said two of its soldiers were killed.", "{} said the talks had begun.", "Baku", "Yerevan"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_that_tells_of_its_own_losses_is_its_own_voice(language: str) -> None:
    losses, talks, *capitals = OF_ITSELF[language]
    for actor, capital in zip(("azerbaijan", "armenia"), capitals, strict=True):
        assert voice_of(actor, losses.format(capital), language) == actor
        assert voice_of(actor, talks.format(capital), language) == NARRATOR


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("az", "Bakı bildirib ki, qoşunlar öz torpağındadır."),
        ("hy", "Բաքուն պնդում է, որ գործել է իր ինքնիշխան տարածքում։"),
        ("ru", "В Баку настаивают: государство вправе охранять собственную границу."),
        ("en", "Baku says that it acted on its own sovereign territory."),
    ],
)
def test_a_state_that_claims_a_right_is_its_own_voice(language: str, text: str) -> None:
    assert voice_of("azerbaijan", text, language) == "azerbaijan"


@pytest.mark.parametrize(
    ("language", "text", "actor", "voice"),
    [
        # the first of two speakers
        ("ru", "Париж и Вашингтон осудили Россию.", "russia", "france"),
        ("en", "Paris and Washington condemned Russia.", "russia", "france"),
        ("hy", "Փարիզն ու Վաշինգտոնը դատապարտեցին Ռուսաստանին։", "russia", "france"),
        # a subject that a comma parts from its verb
        ("ru", "Баку, со своей стороны, считает Россию посредником.", "russia", "azerbaijan"),
        ("az", "Bakı yolun açıldığını, Rusiyanın karvanı saxladığını bildirir.", "russia", "azerbaijan"),
        ("az", "Bakıda yolun açıldığını, Rusiyanın karvanı saxladığını bildirirlər.", "russia", "azerbaijan"),
        # a second subject takes over
        ("ru", "Анкара поддержала этот шаг, Брюссель выступил против.", "eu", NARRATOR),
        ("az", "Türkiyə Bakının addımını dəstəkləyib, Avropa İttifaqı addımı pisləyib.", "eu", NARRATOR),
        ("hy", "Անկարան ողջունեց քայլը. Բրյուսելը դատապարտեց այն։", "eu", NARRATOR),
        # there
        ("ru", "Ответ дал Баку: там полагают, что Россия остановила колонну.", "russia", "azerbaijan"),
        ("en", "Baku has answered: officials there say that Russia stopped the convoy.", "russia", "azerbaijan"),
        # whose statement it is
        ("az", "Ermənistan XİN-in bəyanatında deyilir ki, Rusiya karvanı saxlayıb.", "russia", "armenia_mfa"),
        ("ru", "Россия остановила колонну, говорится в сообщении МИД Армении.", "russia", "armenia_mfa"),
        ("en", "Baku's position is that Russia stopped the convoy.", "russia", "azerbaijan"),
        # press and crowds
        ("ru", "Азербайджанские СМИ пишут, что Россия остановила колонну.", "russia", UNKNOWN),
        ("az", "Azərbaycan mətbuatı yazır ki, Rusiya karvanı saxlayıb.", "russia", UNKNOWN),
        ("hy", "Ադրբեջանական լրատվամիջոցները գրում են, որ Ռուսաստանը կանգնեցրել է շարասյունը։", "russia", UNKNOWN),
        ("en", "Azerbaijani media say that Russia stopped the convoy.", "russia", UNKNOWN),
        ("ru", "Экоактивисты стоят у дороги. Протестующие говорят, что Россия молчит.", "russia", "eco_activists"),
        ("az", "Ekofəallar yoldadır. Etirazçılar deyirlər ki, Rusiya susur.", "russia", "eco_activists"),
        ("en", "Eco-activists stand there. The protesters say that Russia is silent.", "russia", "eco_activists"),
        # nobody in particular
        ("ru", "Баку и Ереван обвинили друг друга в срыве перемирия в Москве.", "russia", NARRATOR),
        ("en", "Both sides report that Russia sent observers.", "russia", NARRATOR),
    ],
)
def test_speakers_are_found_across_clauses(language: str, text: str, actor: str, voice: str) -> None:
    assert voice_of(actor, text, language) == voice


DECREES = {
    "az": "İlham Əliyev fərman imzalayıb, ona əsasən Rusiya karvanı buraxır. Sənəddə Türkiyə də var.",
    "hy": "Իլհամ Ալիևը ստորագրել է հրամանագիր, որով Ռուսաստանը բացում է ճանապարհը։ Փաստաթղթում նաև Թուրքիան կա։",
    "ru": "Ильхам Алиев подписал указ, согласно которому Россия открывает дорогу. В документе упомянута и Турция.",
    "en": "Ilham Aliyev signed a decree under which Russia opens the road. The document mentions Turkey too.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_decree_lays_down_is_said_by_who_signed_it(language: str) -> None:
    assert voice_of("russia", DECREES[language], language) == "aliyev"
    assert voice_of("turkey", DECREES[language], language) == "aliyev"
