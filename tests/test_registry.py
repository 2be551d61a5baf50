"""The Karabakh registry: every actor and place in a declined sentence, and the contested names of both sides."""

import csv
from pathlib import Path

import pytest

from framing.actors import Actor, Registry, find_mentions, read_actors

HERE = Path(__file__).parent
KARABAKH = HERE.parent / "corpora" / "karabakh" / "actors.toml"
LANGUAGES = ("az", "hy", "ru", "en")
COLUMNS = ["kind", "id", "language", "surface", "sentence"]

# id | language and form of Armenian accounts | language and form of Azerbaijani accounts
NAMING = """
stepanakert | en Stepanakert | en Khankendi
stepanakert | az Stepanakert | az Xankəndi
stepanakert | ru Степанакерт | ru Ханкенди
stepanakert | hy Ստեփանակերտ | hy Խանքենդի
shusha | en Shushi | en Shusha
shusha | az Şuşi | az Şuşa
shusha | hy Շուշի | hy Շուշա
karabakh | en Artsakh | en Garabagh
karabakh | ru Арцах | ru Гарабаг
karabakh | az Artsax | az Qarabağ iqtisadi rayonu
karabakh_authorities | en Republic of Artsakh | en illegal regime
karabakh_authorities | ru Республика Арцах | ru марионеточный режим
karabakh_authorities | az Artsax Respublikası | az qondarma rejim
karabakh_authorities | hy Արցախի Հանրապետություն | hy խունտա
lachin | en Berdzor | en Lachyn
lachin_corridor | en road of life | en Lachin-Khankendi road
lachin_corridor | ru дорога жизни | ru Лачинская дорога
zangezur_corridor | en Crossroads of Peace | en Zangezur corridor
zangezur_corridor | hy Խաղաղության խաչմերուկ | hy Զանգեզուրի միջանցք
syunik | en Syunik | en Zangezur
syunik | ru Сюник | ru Зангезур
syunik | az Sünik | az Zəngəzur
martakert | en Martakert | en Aghdara
martakert | az Martakert | az Ağdərə
martakert | hy Մարտակերտ | hy Աղդարա
martuni | en Martuni | en Khojavend
martuni | az Martuni | az Xocavənd
martuni | hy Մարտունի | hy Խոջավենդ
askeran | hy Ասկերան | az Əsgəran
khojaly | en Ivanyan | en Khojaly
kalbajar | en Karvachar | en Kalbadjar
kalbajar | ru Карвачар | ru Кяльбаджар
agdam | en Akna | en Aghdam
fuzuli | en Varanda | en Fuzuli
jabrayil | en Jrakan | en Jabrayil
dadivank | en Dadivank | en Khudavang
dadivank | az Dadivank | az Xudavəng
dadivank | hy Դադիվանք | hy Խուդավանգ
gandzasar | en Gandzasar | en Ganjasar
gandzasar | az Qandzasar | az Gəncəsər
farrukh | en Parukh | en Farrukh
farrukh | az Parux | az Fərrux
farrukh | ru Парух | ru Фаррух
zabukh | en Aghavno | en Zabukh
zabukh | az Ağavno | az Zabux
zabukh | hy Աղավնո | hy Զաբուխ
getashen | en Getashen | en Chaykend
getashen | az Getaşen | az Çaykənd
sugovushan | en Mataghis | en Sugovushan
karmir_shuka | en Karmir Shuka | en Girmizi Bazar
askipara | en Nerkin Voskepar | en Ashaghi Askipara
karki | en Tigranashen | en Karki
black_lake | hy Սև լիճ | az Qaragöl
nakhchivan | hy Նախիջևան | hy Նախչըվան
"""
PAIRS = [tuple(cell.strip() for cell in line.split("|")) for line in NAMING.strip().splitlines()]


def read_declined() -> list[dict[str, str]]:
    with (HERE / "data" / "declined.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DECLINED = read_declined()


@pytest.fixture(scope="module")
def registry() -> Registry:
    return read_actors(KARABAKH)


def shelves(registry: Registry) -> dict[str, list[Actor]]:
    return {"actor": list(registry.actors.values()), "place": list(registry.places.values())}


@pytest.mark.parametrize("row", DECLINED, ids=[f"{row['id']}-{row['language']}" for row in DECLINED])
def test_a_declined_name_is_found_in_its_sentence(row, registry):
    mentions = find_mentions(row["sentence"], row["language"], registry)
    assert (row["id"], row["surface"]) in [(mention.actor, mention.surface) for mention in mentions]


def test_there_is_one_declined_sentence_for_each_id_and_language(registry):
    assert list(DECLINED[0]) == COLUMNS
    wanted = [
        (kind, actor.id, language)
        for kind, actors in shelves(registry).items()
        for actor in actors
        for language in LANGUAGES
    ]
    assert sorted((row["kind"], row["id"], row["language"]) for row in DECLINED) == sorted(wanted)


def test_a_declined_sentence_holds_its_surface_once_and_is_not_written_twice():
    assert [row["id"] for row in DECLINED if row["sentence"].count(row["surface"]) != 1] == []
    assert len({row["sentence"] for row in DECLINED}) == len(DECLINED)


@pytest.mark.parametrize("language", ["az", "hy", "ru"])
def test_most_surfaces_are_no_form_that_the_registry_lists(language, registry):
    """Else the sentences would show nothing of declension; what is indeclinable (Агалы, Сочи) stays as it is."""
    listed = {
        alias.text
        for actors in shelves(registry).values()
        for actor in actors
        for alias in actor.aliases
        if alias.language == language
    }
    surfaces = [row["surface"] for row in DECLINED if row["language"] == language]
    assert sum(surface in listed for surface in surfaces) <= 0.05 * len(surfaces)


def test_there_are_forty_actors_and_forty_places(registry):
    assert len(registry.actors) >= 40
    assert len(registry.places) >= 40


def test_each_actor_and_place_is_named_in_all_four_languages(registry):
    lacking = [
        (actor.id, language)
        for actors in shelves(registry).values()
        for actor in actors
        for language in LANGUAGES
        if not any(alias.language == language for alias in actor.aliases)
    ]
    assert lacking == []


@pytest.mark.parametrize(("name", "armenian", "azerbaijani"), PAIRS, ids=[f"{p[0]}-{p[1][:2]}" for p in PAIRS])
def test_a_contested_name_is_known_by_the_side_that_uses_it(name, armenian, azerbaijani, registry):
    for choice, usage in ((armenian, "armenia"), (azerbaijani, "azerbaijan")):
        language, form = choice.split(" ", 1)
        found = [(m.actor, m.surface, m.usage) for m in find_mentions(form, language, registry)]
        assert found == [(name, form, usage)]
