"""Who is who: the actor registry, and mentions of its actors in four languages and their inflected forms."""

from __future__ import annotations

import bisect
import functools
import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from framing import text as texts
from framing.errors import ActorsError, LanguageError, suggest

KINDS = ("state", "territory", "authorities", "force", "organisation", "group", "person", "body")
ALIAS_KINDS = ("name", "metonym", "demonym", "description")
GENDERS = ("", "female", "male")
#: What an alias may say of itself in the registry file, see `read_actors`.
FLAGS = ("fixed", "homograph", "bare", "after_full_name")


@dataclass(frozen=True)
class Alias:
    """One way to name an actor or place in one language.

    Attributes
    ----------
    language : str
        az, hy, ru or en.
    text : str
        The form as written in the registry, uninflected.
    kind : str
        name, metonym ("Baku"), demonym ("Azerbaijani"), description ("the peacekeepers") or place.
    usage : str
        Whose naming choice it is (a state's id, as in "armenia" for "Artsakh"), "" where it is neutral.
    flags : frozenset of str
        See `read_actors`.
    """

    language: str
    text: str
    kind: str
    usage: str = ""
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actor:
    """One party, body, person or (kind "place") place of the registry."""

    id: str
    name: str
    kind: str
    represents: str
    aliases: tuple[Alias, ...]
    gender: str = ""


class Mention(NamedTuple):
    """One mention: ``surface`` is ``text[start:end]``, ``alias`` the registry's form behind it."""

    actor: str
    start: int
    end: int
    surface: str
    alias: str
    kind: str
    usage: str


@dataclass(frozen=True, eq=False)
class Registry:
    """The actors and places of a corpus, by id, in the order of the file.

    Attributes
    ----------
    actors, places : mapping of str to Actor
    ignored : mapping of str to tuple of str
        Language to the phrases that contain an alias but name nobody of today.
    digest : str
        sha256 of the content (not of layout or comments): scores made with different digests differ.
    """

    actors: Mapping[str, Actor]
    places: Mapping[str, Actor]
    ignored: Mapping[str, tuple[str, ...]]
    digest: str

    def without(self, kind: str) -> Registry:
        """The registry without its aliases of one kind."""
        kept = {
            name: replace(actor, aliases=tuple(alias for alias in actor.aliases if alias.kind != kind))
            for name, actor in self.actors.items()
        }
        return replace(self, actors=MappingProxyType(kept))

    def representative(self, actor_id: str) -> str:
        """The collective actor that an actor stands for: a president's state; itself if none."""
        actor = self.actors.get(actor_id)
        while actor is not None and actor.represents:
            actor_id, actor = actor.represents, self.actors.get(actor.represents)
        return actor_id


def ending(surface: str, alias: str, language: str) -> str:
    """What inflection has put in the place of an alias's end: the case, without the name that carries it.

    Endings of one case are told in one way whatever the name's declension, as far as the case is plain from them, so
    that a name cannot be told by its ending: Азербайджана and Армении both end in "а", Rusiyanın and Türkiyənin in
    "ın", Թուրքիային and Հայաստանին in "ին".

    >>> ending("Азербайджаном", "Азербайджан", "ru"), ending("Арменией", "Армения", "ru")
    ('ом', 'ом')
    >>> ending("Ermənistanın", "Ermənistan", "az"), ending("Türkiyənin", "Türkiyə", "az"), ending("Baku", "Baku", "en")
    ('ın', 'ın', '')
    """
    written, plain = surface.split(), alias.split()
    if len(written) != len(plain):
        written, plain = written[-1:], plain[-1:]
    for word, base in zip(written, plain, strict=True):
        if word.casefold() != base.casefold():
            pairs = zip(word, base, strict=False)
            same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), pairs))
            if not same or len(word) - same > _LONGEST_ENDING:
                return ""
            return _one_declension(word[same:], base, language)
    return ""


#: Endings of Russian nouns in -а, -я, by those of a masculine noun; the accusative has its own.
_RU_AS_MASCULINE = {"и": "а", "ы": "а", "ей": "ом", "ой": "ом", "у": "ю"}
_AZ_ONE_HARMONY = str.maketrans("iuüəe", "ıııaa")


def _one_declension(ending: str, base: str, language: str) -> str:
    if language == "ru" and base[-1] in "ая":
        return _RU_AS_MASCULINE.get(ending, ending)
    if language == "az":
        harmonised = ending.translate(_AZ_ONE_HARMONY)
        return harmonised[1:] if base[-1] in _VOWELS["az"] and harmonised[:1] in tuple("nys") else harmonised
    if language == "hy":
        return "ը" if ending == "ն" else ending.removeprefix("յ")
    return ending


# ---------------------------------------------------------------------------- reading the registry

_ACTOR_KEYS = ("id", "name", "kind", "represents", "gender", *texts.LANGUAGES)
_PLACE_KEYS = ("id", "name", *texts.LANGUAGES)
_GROUP = re.compile(r"\(([^()]*)\)")
_LONGEST_ENDING = 8


def read_actors(path: str | Path) -> Registry:
    """The registry written in a TOML file.

    ``[[actor]]`` has ``id``, ``name``, ``kind`` (state, authorities, force, organisation, group, person or
    body), optionally ``represents`` (the id of the collective actor behind a person, body or force) and
    ``gender``; ``[actor.en]`` and its siblings list aliases under ``name``, ``metonym``, ``demonym`` and
    ``description``. ``[[place]]`` has ``id``, ``name`` and ``name`` lists only. ``[ignore]`` lists, per
    language, phrases that contain an alias but name nobody of today.

    An alias is a string or ``{text, usage, flags}``. ``(a|b)`` in it stands for either. It is written
    uninflected; each of its words may be inflected in a text. A word with a capital needs one in the text
    too, a word in capitals (``US``) needs capitals, a lower-case word matches in any case. Flags:
    ``fixed`` does not inflect; ``homograph`` is also an ordinary word, so not read in a headline in
    capitals; ``bare`` counts only where no capitalised word stands right before it; ``after_full_name``
    counts only in a text that also has the person's full name.

    Raises
    ------
    ActorsError
        If the file is missing or not TOML, has no actors, a misspelt key, an unknown kind, usage or
        represents, an actor without aliases in any language, an id twice, or an alias that names two actors.
    """
    path = Path(path)
    where = path.name
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ActorsError(f"{path}: no such actor registry. Write one, or give another path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ActorsError(f"{where}: not a TOML file in UTF-8: {error}.") from error
    _known(where, data, ("actor", "place", "ignore"))
    for key in ("actor", "place"):
        if not isinstance(data.get(key, []), list):
            raise ActorsError(f"{where}: [{key}] must be a list of tables; write [[{key}]].")
    if not data.get("actor"):
        raise ActorsError(f"{where}: no actors. Add at least one [[actor]] with an id, a name and a kind.")
    actors: dict[str, Actor] = {}
    places: dict[str, Actor] = {}
    for shelf, rows, keys in (
        (actors, data["actor"], _ACTOR_KEYS),
        (places, data.get("place", []), _PLACE_KEYS),
    ):
        for number, row in enumerate(rows, 1):
            actor = _actor(where, number, row, keys)
            if actor.id in actors or actor.id in places:
                raise ActorsError(f"{where}: the id '{actor.id}' is used twice. Rename one of the two.")
            shelf[actor.id] = actor
    _check_links(where, actors, places)
    _check_unique(where, [*actors.values(), *places.values()])
    ignored = _ignored(where, data.get("ignore", {}))
    content = json.dumps(data, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode("utf-8")).hexdigest()
    return Registry(MappingProxyType(actors), MappingProxyType(places), MappingProxyType(ignored), digest)


def _known(where: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            raise ActorsError(f"{where}: unknown key '{key}'; {suggest(key, keys)}")


def _actor(where: str, number: int, row: Mapping[str, Any], keys: tuple[str, ...]) -> Actor:
    place = keys is _PLACE_KEYS
    spot = f"{where}, {'place' if place else 'actor'} {row.get('id', number)!r}"
    _known(spot, row, keys)
    for key in ("id", "name") if place else ("id", "name", "kind"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise ActorsError(f"{spot}: '{key}' must be a non-empty text. Add one.")
    kind = "place" if place else row["kind"]
    if not place and kind not in KINDS:
        raise ActorsError(f"{spot}: unknown kind '{kind}'; {suggest(kind, KINDS)}")
    gender = row.get("gender", "")
    if gender not in GENDERS:
        raise ActorsError(f"{spot}: unknown gender {gender!r}; use 'female', 'male' or leave it out.")
    aliases: dict[tuple[str, str, str], Alias] = {}
    for language in texts.LANGUAGES:
        table = row.get(language, {})
        if not isinstance(table, dict):
            raise ActorsError(f"{spot}: '{language}' must be a table; write it as {language}.name = [...].")
        _known(f"{spot}.{language}", table, ("name",) if place else ALIAS_KINDS)
        for key, items in table.items():
            if not isinstance(items, list):
                raise ActorsError(f"{spot}.{language}: '{key}' must be a list of texts. Put it in [ ].")
            for item in items:
                for alias in _aliases(f"{spot}.{language}", item, language, "place" if place else key):
                    aliases.setdefault((language, alias.kind, alias.text), alias)
    if not aliases:
        raise ActorsError(f'{spot}: no aliases in any language. Add for instance en.name = ["{row["name"]}"].')
    return Actor(row["id"], row["name"], kind, row.get("represents", ""), tuple(aliases.values()), gender)


def _aliases(spot: str, item: object, language: str, kind: str) -> Iterator[Alias]:
    table = item if isinstance(item, dict) else {"text": item}
    _known(spot, table, ("text", "usage", "flags"))
    text, usage, flags = table.get("text"), table.get("usage", ""), table.get("flags", [])
    if not isinstance(text, str) or not any(map(str.isalpha, text)):
        raise ActorsError(f"{spot}: an alias must hold letters, found {text!r}. Give it a text.")
    if not isinstance(usage, str) or not isinstance(flags, list):
        raise ActorsError(f"{spot}: alias {text!r}: 'usage' is an id and 'flags' a list. Correct them.")
    for flag in flags:
        if flag not in FLAGS:
            raise ActorsError(f"{spot}: alias {text!r}: unknown flag {flag!r}; {suggest(str(flag), FLAGS)}")
    for one in _expand(spot, text):
        yield Alias(language, one, kind, usage, frozenset(flags))


def _expand(spot: str, text: str) -> Iterator[str]:
    """``"(a|b) c"`` -> ``"a c"``, ``"b c"``."""
    parts = _GROUP.split(text)
    if any(mark in part for part in parts[::2] for mark in "(|)"):
        raise ActorsError(f"{spot}: alias {text!r}: '(', '|' and ')' do not match. Write (a|b), not nested.")
    choices = [part.split("|") if odd % 2 else [part] for odd, part in enumerate(parts)]
    for choice in itertools.product(*choices):
        yield " ".join("".join(choice).split())


def _check_links(where: str, actors: Mapping[str, Actor], places: Mapping[str, Actor]) -> None:
    for actor in actors.values():
        seen = [actor.id]
        while (target := actors[seen[-1]].represents) != "":
            if target not in actors:
                raise ActorsError(
                    f"{where}, actor '{seen[-1]}': represents an unknown actor '{target}'; {suggest(target, actors)}"
                )
            if target in seen:
                raise ActorsError(f"{where}, actor '{actor.id}': 'represents' runs in a circle. Break it.")
            seen.append(target)
    states = [actor.id for actor in actors.values() if actor.kind in ("state", "authorities", "organisation")]
    for actor in [*actors.values(), *places.values()]:
        for alias in actor.aliases:
            if alias.usage and alias.usage not in states:
                raise ActorsError(
                    f"{where}, '{actor.id}': alias '{alias.text}': unknown usage '{alias.usage}'; "
                    f"{suggest(alias.usage, states)}"
                )


def _check_unique(where: str, actors: list[Actor]) -> None:
    owners: dict[tuple[str, str, str], str] = {}
    for actor in actors:
        for alias in actor.aliases:
            owner = owners.setdefault((alias.language, alias.kind, alias.text), actor.id)
            if owner != actor.id:
                raise ActorsError(
                    f"{where}: the {alias.language} {alias.kind} '{alias.text}' names both '{owner}' and "
                    f"'{actor.id}'. Keep it with one of them."
                )


def _ignored(where: str, table: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise ActorsError(f"{where}: [ignore] must be a table of lists by language.")
    _known(f"{where}, [ignore]", table, texts.LANGUAGES)
    found: dict[str, tuple[str, ...]] = {}
    for language, items in table.items():
        if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
            raise ActorsError(f"{where}, [ignore]: '{language}' must be a list of texts. Put it in [ ].")
        found[language] = tuple(one for item in items for one in _expand(f"{where}, [ignore]", item))
    return found


# ---------------------------------------------------------------------------- inflection
# One rule set a language: what a word of an alias may look like in a text. Forms no text has cost nothing.


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_VOWELS = {"az": "aıoueəiöü", "hy": "աեէըիոօւ", "ru": "аеёиоуыэюя", "en": "aeiouy"}
_RU_ADJECTIVE = _list("ий ый ой ая яя ое ее ие ые ого его ому ему им ым ом ем ей ую юю их ых ими ыми")
_RU_A = ("", *_list("а я у ю ы и е ой ей ою ею ам ям ами ями ах ях"))
_RU_CONSONANT = ("", *_list("а у ом ем е ы и ов ев ей ам ами ах"))
_RU_SOFT = _list("ь я ю ем ем е и ью ей ям ями ях")
_RU_PLURAL = ("", *_list("и ы а ов ев ей ам ям ами ями ах ях"))


def _ru_forms(word: str, common: bool) -> set[str]:
    """Every form a Russian word of an alias may take, by the class that its ending shows."""
    forms = {word}

    def add(stem: str, endings: Iterable[str]) -> None:
        forms.update(stem + ending for ending in endings if len(stem) > 1)

    if re.search(r"([кгхщшжнтдрлвмб](ий|ый|ой|ая|ое|ие|ые))$", word):
        add(word[:-2], _RU_ADJECTIVE)
    if word.endswith("ия"):
        add(word[:-1], ["я", "и", "ю", "ей", "ею", "й", "ям", "ями", "ях"])
    elif word.endswith(("ий", "ай", "ей", "ой")):
        add(word[:-1], ["й", "я", "ю", "ем", "е", "и", "и", "ев", "ям", "ями", "ях"])
    elif word.endswith("ие"):
        add(word[:-1], ["е", "я", "ю", "ем", "и", "й", "ям", "ями", "ях"])
    elif word.endswith(("а", "я")):
        add(word[:-1], _RU_A)
    elif word.endswith(("о", "е")):
        add(word[:-1], ["о", "е", "а", "я", "у", "ю", "ом", "ем", "", "ам", "ями", "ами", "ах"])
    elif word.endswith("ь"):
        add(word[:-1], _RU_SOFT)
    elif word.endswith(("ане", "яне")):
        add(word[:-1], ["е", "", "ам", "ами", "ах", "ин"])
        add(word[:-1] + "ин", _RU_CONSONANT)
    elif word.endswith("ы") or (common and word.endswith("и")):  # but Шуши, Гори: indeclinable
        add(word[:-1], _RU_PLURAL)
    elif word[-1] not in _VOWELS["ru"]:
        add(word, _RU_CONSONANT)
        if re.search(r"([оеё]в|[иы]н)$", word):  # surnames: Лавровым, Путины
            add(word, ["ым", "ы", "ых", "ыми"])
        if word.endswith(("анин", "янин")):
            add(word[:-2], ["е", "", "ам", "ами", "ах"])
        if word.endswith("ец"):  # миротворец, миротворца; армеец, армейца
            stem = word[:-2] + ("й" if word[-3:-2] in _VOWELS["ru"] else "") + "ц"
            add(stem, ["а", "у", "ем", "ом", "е", "ы", "ев", "ов", "ам", "ами", "ах"])
        if word.endswith("ок"):
            add(word[:-2] + "к", _RU_CONSONANT)
    return forms


def _en_forms(word: str) -> set[str]:
    forms = {word}
    if len(word) > 3 and word.isalpha() and not word.endswith(("s", "ese")):
        forms.add(word[:-1] + "ies" if word[-1] == "y" and word[-2] not in "aeiou" else word + "s")
    return forms | {form + "'s" for form in forms}


@functools.cache
def _az_tails(high: str, low: str, vowel_final: bool) -> frozenset[str]:
    """The suffix chains of an Azerbaijani noun: plural, possessive, case, then -ki, copula, or nothing."""
    final = "ı" if low == "a" else "i"
    after_vowel = ["", "n" + high + "n", "y" + low, "n" + low, "n" + high, "y" + high]
    after_vowel += ["d" + low, "d" + low + "n", "nd" + low, "nd" + low + "n", "yl" + low, "l" + low]
    after_consonant = ["", high + "n", low, high, "d" + low, "d" + low + "n", "l" + low]
    open_, closed = ["s" + high], ["m", "n", "m" + high + "z", "n" + high + "z"]
    if not vowel_final:
        open_, closed = [high], [high + tail for tail in closed]
    chains = set(after_vowel if vowel_final else after_consonant)
    chains |= {one + case for one in open_ for case in after_vowel}
    chains |= {one + case for one in closed for case in after_consonant}
    plurals = set()
    if vowel_final or low:
        many = "l" + low + "r"
        tails = ["", final + "n", low, final, "d" + low, "d" + low + "n", "l" + low]
        plurals = {many + tail for tail in tails}
        plurals |= {many + final + tail.replace(high, final) for tail in after_vowel}
        for one in (final + "m", final + "n", final + "m" + final + "z", final + "n" + final + "z"):
            plurals |= {many + one + tail for tail in tails}
    chains |= plurals
    located = {chain for chain in chains if chain.endswith("d" + low)}
    chains |= {chain + "k" + final + more for chain in located for more in ("", "l" + low + "r", "l" + low + "rın")}
    copula = {chain + "d" + vowel + "r" for chain in chains for vowel in {high, final}}
    return frozenset(chains | copula | {"ki"})


_AZ_HARMONY = {
    "a": "ıa",
    "ı": "ıa",
    "e": "iə",
    "ə": "iə",
    "i": "iə",
    "o": "ua",
    "u": "ua",
    "ö": "üə",
    "ü": "üə",
}


def _az_rules(word: str, acronym: bool) -> list[tuple[str, frozenset[str]]]:
    """Stems of an Azerbaijani word, each with the suffix chains that vowel harmony lets follow."""
    vowels = [letter for letter in word if letter in _AZ_HARMONY]
    if acronym or not vowels:  # read out letter by letter: any harmony, either ending
        tails = {t for h in set(_AZ_HARMONY.values()) for v in (True, False) for t in _az_tails(h[0], h[1], v)}
        return [(word, frozenset(tails))]
    high, low = tuple(_AZ_HARMONY[vowels[-1]])
    rules = [(word, _az_tails(high, low, word[-1] in _AZ_HARMONY))]
    if word[-1] in "kq" and len(vowels) > 1:  # nazirlik, nazirliyi
        soft = frozenset(tail for tail in rules[0][1] if tail and tail[0] in _AZ_HARMONY)
        rules.append((word[:-1] + {"k": "y", "q": "ğ"}[word[-1]], soft))
    return rules


_HY_CASES = [
    "",
    "ը",
    "ն",
    "ի",
    "ին",
    "ից",
    "իցն",
    "ով",
    "ովն",
    "ում",
    "ումն",
    "ինը",
    "ինն",
    "իս",
    "իդ",
    "ս",
    "դ",
]
_HY_PLURALS = [many + case for many in ("ներ", "եր") for case in [*_HY_CASES, "իցս", "ովս", "ումս"]]
_HY_TAILS = frozenset([*_HY_CASES, *_HY_PLURALS])
_HY_AFTER_VOWEL = frozenset(["ի", "ին", "ից", "իցն", "ով", "ովն", "ում", "ումն", "ինը", "ինն", "իս", "իդ"])
_HY_GENITIVE_U = frozenset(["ու", "ուն", "ուց", "ով", "ուս", "ուդ", "ունը"])


def _hy_rules(word: str, common: bool) -> list[tuple[str, frozenset[str]]]:
    """Stems of an Armenian word, each with the endings that may follow it."""
    rules = [(word, _HY_TAILS)]
    if word.endswith(("ա", "ո")):  # Թուրքիայի
        rules.append((word + "յ", _HY_AFTER_VOWEL))
    if word.endswith("ու"):  # Բաքվում
        rules.append((word[:-2] + "վ", _HY_AFTER_VOWEL))
    elif word.endswith("ի"):  # քաղաքացու, Շուշվա
        rules.append((word[:-1], _HY_GENITIVE_U))
        rules.append((word[:-1] + "վա", frozenset(["", "ն"])))
    if word.endswith("ություն"):  # նախարարության
        rules.append((word[:-3] + "ան", frozenset(["", "ը", "ն", "ս", "ում", "ից", "ներ"])))
        rules.append((word[:-3] + "ամբ", frozenset([""])))
    elif common and (weak := re.search("(ու|ի)([^աեէըիոօւ]{1,2})$", word)):  # խումբ, խմբի; բնակիչ, բնակչի
        rules.append((word[: weak.start()] + weak[2], _HY_AFTER_VOWEL | set(_HY_PLURALS)))
    return rules


_PLURAL_ENDINGS = {
    "az": re.compile(r"l[aə]r"),
    "hy": re.compile(r"(?:ն)?եր"),
}


def _is_plural(word: str, alias: str, language: str) -> bool:
    """Whether a text's word is the plural of an alias's word, both as `_key` leaves them."""
    if language == "en":
        bare = word.removesuffix("'s").rstrip("'")
        return bare != alias and bare in _en_forms(alias)
    shared = next((i for i, (a, b) in enumerate(zip(word, alias, strict=False)) if a != b), min(len(word), len(alias)))
    tail = word[shared:]
    if language != "ru":
        return _PLURAL_ENDINGS[language].match(tail) is not None
    if alias.endswith(("ий", "ый", "ой")):
        return tail in {"е", "х", "ми"} and word.endswith(("ие", "ые", "их", "ых", "ими", "ыми"))
    if alias.endswith("а"):
        return word != alias and tail in {"", "м", "ми", "х"}
    if alias.endswith("ь"):
        return tail in {"и", "ей", "ям", "ями", "ях"}
    return alias[-1] not in _VOWELS["ru"] and tail in {"ы", "и", "ов", "ев", "ей", "ам", "ами", "ах"}


def _key(word: str, language: str) -> str:
    """A lower-case word as the lexicon keeps it: without marks, one spelling of ё, և and the apostrophe."""
    if language == "hy":
        word = re.sub("[՞՛՜'’ʼ‑-]", "", word)
        return word.replace("և", "եւ").replace("եվ", "եւ")
    if language == "az":
        return re.sub("['’ʼ‑-]", "", word)
    return word.replace("ё", "е").replace("’", "'").replace("ʼ", "'")


# ---------------------------------------------------------------------------- the lexicon of one language


class _Entry(NamedTuple):
    actor: Actor | None
    alias: Alias
    shapes: tuple[tuple[str, int], ...]


@dataclass
class _Node:
    edges: dict[tuple[str, int], _Node] = field(default_factory=dict)
    ends: list[_Entry] = field(default_factory=list)


@dataclass(frozen=True)
class _Lexicon:
    """Stems and endings of one language, and the tree of word ids that spells the aliases."""

    root: _Node
    analyse: Callable[[str], tuple[int, ...]]
    initials: Mapping[str, frozenset[str]]


_HYPHENS = texts.HYPHENS + "–"
_PIECE_BREAK = re.compile(r"[^\W_]+(?:['’ʼ՞՛՜][^\W_]+)*")
#: Endings that a language hangs on with a hyphen: ՀՀ-ն, NATO-nun.
_HUNG = {
    "hy": _HY_TAILS - {""},
    "az": frozenset(t for h in ("ıa", "iə", "ua", "üə") for v in (True, False) for t in _az_tails(h[0], h[1], v))
    - {""},
}


def _pieces(text: str, lowered: str, language: str) -> list[tuple[int, int]]:
    """Word spans, parted at hyphens and dots, except where the hyphen only hangs on an ending."""
    hung = _HUNG.get(language, frozenset())
    spans: list[tuple[int, int]] = []
    for word_start, word_end in texts.words(text, language):
        first = len(spans)
        for piece in _PIECE_BREAK.finditer(lowered, word_start, word_end):
            start, end = piece.span()
            if (
                len(spans) > first
                and start - spans[-1][1] == 1
                and text[start - 1] in _HYPHENS
                and lowered[start:end] in hung
            ):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _gap(text: str, end: int, start: int) -> str:
    """What stands between two pieces: " " for spaces or a hyphen, "." for a dot, "" for anything else."""
    between = text[end:start]
    if "\n" in between or between == "":
        return ""
    stripped = between.strip()
    if stripped == "" or stripped in _HYPHENS:
        return " "
    return "." if stripped == "." and between[0] == "." else ""


def _shape(word: str) -> str:
    """ "upper" for US or U, "title" for Baku, "any" for peacekeepers."""
    letters = [letter for letter in word if letter.isalpha()]
    if letters and all(letter.isupper() for letter in letters):
        return "upper"
    return "title" if word[0].isupper() else "any"


@functools.lru_cache(maxsize=32)
def _lexicon(registry: Registry, language: str) -> _Lexicon:
    numbers: dict[tuple[str, bool, str], int] = {}
    root = _Node()
    initials: dict[str, set[str]] = {}
    rows: list[tuple[Actor | None, Alias]] = [
        (actor, alias)
        for actor in [*registry.actors.values(), *registry.places.values()]
        for alias in actor.aliases
        if alias.language == language
    ]
    rows += [(None, Alias(language, phrase, "name")) for phrase in registry.ignored.get(language, ())]
    for actor, alias in rows:
        lowered = texts.lower(alias.text, language)
        spans = _pieces(alias.text, lowered, language)
        node, shapes = root, []
        for position, (start, end) in enumerate(spans):
            shape = _shape(alias.text[start:end])
            word = _key(lowered[start:end], language)
            number = numbers.setdefault((word, "fixed" in alias.flags, shape), len(numbers))
            gap = _gap(alias.text, spans[position - 1][1], start) if position else ""
            node = node.edges.setdefault((gap, number), _Node())
            shapes.append((shape, len(word)))
        if node is not root:
            node.ends.append(_Entry(actor, alias, tuple(shapes)))
        if actor is not None and actor.kind == "person" and len(spans) > 1:
            initials.setdefault(actor.id, set()).add(alias.text[spans[0][0]])
    return _Lexicon(root, _analyser(numbers, language), {k: frozenset(v) for k, v in initials.items()})


def _analyser(numbers: Mapping[tuple[str, bool, str], int], language: str) -> Callable[[str], tuple[int, ...]]:
    """A function from a word of a text to the ids of the alias words that it may be a form of."""
    forms: dict[str, set[int]] = {}
    stems: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for (word, fixed, shape), number in numbers.items():
        if fixed:
            variants = {word}
        elif language == "ru":
            variants = _ru_forms(word, shape == "any")
        elif language == "en":
            variants = _en_forms(word)
        else:
            variants = set()
            rules = _az_rules(word, shape == "upper") if language == "az" else _hy_rules(word, shape == "any")
            for stem, tails in rules:
                stems.setdefault(stem, []).append((number, tails))
        for variant in variants:
            forms.setdefault(variant, set()).add(number)
    longest = max(map(len, stems), default=0)

    @functools.lru_cache(maxsize=100_000)
    def analyse(lowered: str) -> tuple[int, ...]:
        word = _key(lowered, language)
        found = set(forms.get(word, ()))
        for cut in range(1, min(len(word), longest) + 1):
            tail = word[cut:]
            found.update(number for number, tails in stems.get(word[:cut], ()) if tail in tails)
        return tuple(sorted(found))

    return analyse


# ---------------------------------------------------------------------------- finding mentions

#: Capitalised words that may stand before a surname without being another person's given name.
_TITLES = {
    "en": _list(
        "president minister premier secretary mr mrs ms dr sir leader spokesman spokeswoman spokesperson "
        "representative chairman general state prime foreign ambassador house ministry council commissioner "
        "and with for between but when while after as if that"
    ),
    "ru": _list("президент премьер министр глав господин госпож секретар лидер официальн представител"),
    "az": _list("prezident nazir baş premyer cənab xanım katib lider sözçü spiker dövlət başçı"),
    "hy": _list("նախագահ վարչապետ նախարար պարոն տիկին քարտուղար խոսնակ առաջնորդ"),
}
#: What before a description of an office means that today's holder is not meant.
_FORMER = {
    "en": _list("former ex then deputy vice first late future"),
    "ru": _list("бывш экс тогдашн вице замест замглав покойн перв"),
    "az": _list("keçmiş sabiq eks ozamankı mərhum birinci"),
    "hy": _list("նախկին նախկինում էքս հանգուցյալ առաջին"),
}
#: What after it means a deputy or an aide.
_DEPUTY = {"en": _list("deputy"), "ru": (), "az": _list("müavin"), "hy": _list("տեղակալ")}
_KIND_ORDER = ("name", "metonym", "demonym", "description", "place")


class _Scan:
    """One text under search: its pieces, and what the guards ask about it."""

    def __init__(self, text: str, language: str, registry: Registry) -> None:
        self.text, self.language = text, language
        self.lexicon = _lexicon(registry, language)
        self.lowered = texts.lower(text, language)
        self.pieces = _pieces(text, self.lowered, language)
        self.mentions: list[Mention] = []
        self._lines: dict[int, tuple[bool, bool]] = {}

    @functools.cached_property
    def sentence_starts(self) -> frozenset[int]:
        return frozenset(start for start, _ in texts.sentences(self.text, self.language))

    @functools.cached_property
    def line_starts(self) -> list[int]:
        return [0, *(hit.end() for hit in re.finditer("\n", self.text)), len(self.text)]

    def line(self, start: int) -> tuple[bool, bool]:
        """Whether the line is all in capitals, and whether it is in Title Case (or capitals)."""
        first = bisect.bisect_right(self.line_starts, start) - 1
        if first not in self._lines:
            line = self.text[self.line_starts[first] : self.line_starts[first + 1]]
            capitals = any(map(str.isupper, line)) and not any(map(str.islower, line))
            long = re.findall(r"[^\W\d_]{4,}", line)
            titled = sum(word[0].isupper() for word in long) >= 0.75 * len(long) and len(long) > 3
            titled = titled and self.language == "en"
            self._lines[first] = capitals, capitals or titled
        return self._lines[first]

    def before(self, i: int) -> int | None:
        """The piece that stands right before piece `i`, with only a space or hyphen between."""
        if i and _gap(self.text, self.pieces[i - 1][1], self.pieces[i][0]) == " ":
            return i - 1
        return None

    def starts_sentence(self, i: int) -> bool:
        start = self.pieces[i][0]
        return (
            start in self.sentence_starts
            or any(  # an opening quotation mark or a dash before
                first in self.sentence_starts
                and self.text[first:start].strip(texts.OPENING_QUOTES + texts.DASHES + " ") == ""
                for first in range(start - 3, start)
            )
        )

    def run(self) -> list[Mention]:
        later: list[int] = []
        full: set[str] = set()
        i = 0
        while i < len(self.pieces):
            i = self.step(i, later, full)
        dropped = {k for k in later if self.mentions[k].actor not in full}
        return [mention for k, mention in enumerate(self.mentions) if k not in dropped]

    def step(self, i: int, later: list[int], full: set[str]) -> int:
        """Take the longest alias that starts at piece `i`, and return the piece to go on with."""
        for last, entries in reversed(self.walk(i)):
            fitting = [entry for entry in entries if self.fits(entry, i, last)]
            if not fitting:
                continue
            actor, alias, usage = self.choose(fitting, i, last)
            if actor is None:
                return last + 1
            start, end = self.pieces[i][0], self.pieces[last][1]
            if alias.text.endswith(".") and self.text[end : end + 1] == ".":
                end += 1
            if "after_full_name" in alias.flags:
                later.append(len(self.mentions))
            elif actor.kind == "person" and alias.kind == "name" and last > i:
                full.add(actor.id)
            self.mentions.append(Mention(actor.id, start, end, self.text[start:end], alias.text, alias.kind, usage))
            return last + 1
        return i + 1

    def walk(self, i: int) -> list[tuple[int, list[_Entry]]]:
        """The aliases that the pieces from `i` on spell: the last piece of each, shortest first."""
        found: list[tuple[int, list[_Entry]]] = []
        nodes, gap, j = [self.lexicon.root], "", i
        while nodes and j < len(self.pieces):
            start, end = self.pieces[j]
            numbers = self.lexicon.analyse(self.lowered[start:end])
            nodes = [node.edges[gap, number] for node in nodes for number in numbers if (gap, number) in node.edges]
            ends = [entry for node in nodes for entry in node.ends]
            if ends:
                found.append((j, ends))
            if nodes and j + 1 < len(self.pieces):
                gap = _gap(self.text, end, self.pieces[j + 1][0])
                if not gap:
                    break
            j += 1
        return found

    def fits(self, entry: _Entry, i: int, last: int) -> bool:
        for position, (shape, length) in enumerate(entry.shapes):
            start, end = self.pieces[i + position]
            word = self.text[start:end]
            if shape == "title" and not word[0].isupper():
                return False
            if shape == "upper" and not (word[:length].isalnum() and word[:length].isupper()):
                return False
        actor, flags = entry.actor, entry.alias.flags
        if actor is None:
            return True
        if "homograph" in flags and self.line(self.pieces[i][0])[0]:
            return False
        previous = self.before(i)
        if "bare" in flags and previous is not None and self.text[self.pieces[previous][0]].isupper():
            return False
        if actor.kind == "person" and entry.alias.kind == "name" and last == i:
            return not self.namesake(actor, i)
        if actor.kind in ("person", "body") and entry.alias.kind == "description":
            return not (self.several(actor, entry, i, last) or self.other_holder(actor, i, last))
        return True

    def several(self, actor: Actor, entry: _Entry, i: int, last: int) -> bool:
        """Whether the office at pieces `i` to `last` is in the plural, so that no one person is meant."""
        if actor.kind != "person":
            return False
        spans = _pieces(entry.alias.text, texts.lower(entry.alias.text, self.language), self.language)
        for (start, end), (left, right) in zip(spans, self.pieces[i : last + 1], strict=True):
            alias = _key(texts.lower(entry.alias.text[start:end], self.language), self.language)
            if _is_plural(_key(self.lowered[left:right], self.language), alias, self.language):
                return True
            if self.language == "ru" and alias == "глава" and self.lowered[left:right] == "главы":
                follow = [self.lowered[a:b] for a, b in self.pieces[last + 1 : last + 2]]
                after = self.pieces[last + 2][0] if last + 2 < len(self.pieces) else -1
                if follow == ["и"] and after >= 0 and self.text[after].isupper():
                    return True  # "главы МИД России и Азербайджана"
        return False

    def namesake(self, actor: Actor, i: int) -> bool:
        """Whether the surname at piece `i` follows a given name or initial that is not the actor's."""
        start = self.pieces[i][0]
        initial = re.search(r"(?<!\w)(\w)\.\s?$", self.text[max(0, start - 5) : start])
        if initial and initial[1].isupper():
            return initial[1] not in self.lexicon.initials.get(actor.id, frozenset(initial[1]))
        previous = self.before(i)
        if previous is None:
            return False
        left, right = self.pieces[previous]
        word = self.text[left:right]
        if not word[0].isupper() or word.isupper() or len(word) < 3:
            return False
        if word[0].isascii() and self.language in ("ru", "hy"):  # a foreign brand, not a given name
            return False
        if self.mentions and self.mentions[-1].end >= right:
            return False
        if self.lowered[left:right].startswith(_TITLES[self.language]):
            return False
        return not self.starts_sentence(previous) and not self.line(start)[1]

    def other_holder(self, actor: Actor, i: int, last: int) -> bool:
        """Whether the office at pieces `i` to `last` is a former holder's, or another name follows it."""
        previous = self.before(i)
        if previous is not None:
            left, right = self.pieces[previous]
            if self.lowered[left:right].startswith(_FORMER[self.language]):
                return True
        if last + 1 >= len(self.pieces):
            return False
        left, right = self.pieces[last + 1]
        if _DEPUTY[self.language] and self.lowered[left:right].startswith(_DEPUTY[self.language]):
            return True
        if actor.kind != "person":
            return False
        if self.text[self.pieces[last][1] : left] != " " or not self.text[left].isupper():
            return False
        if self.line(left)[1] or (right - left > 1 and self.text[left:right].isupper()):
            return False
        followers = [entry for _, entries in self.walk(last + 1) for entry in entries]
        return all(entry.actor is not actor for entry in followers)

    def choose(self, entries: list[_Entry], i: int, last: int) -> tuple[Actor | None, Alias, str]:
        """The alias behind a span: the exact form first; the usage only where the form proves it."""
        surface = self.lowered[self.pieces[i][0] : self.pieces[last][1]]

        def rank(entry: _Entry) -> tuple[bool, bool, int]:
            inflected = texts.lower(entry.alias.text, self.language) != surface
            return entry.actor is not None, inflected, _KIND_ORDER.index(entry.alias.kind)

        best = min(entries, key=rank)
        usages = {entry.alias.usage for entry in entries if entry.actor is best.actor}
        return best.actor, best.alias, best.alias.usage if len(usages) == 1 else ""


def find_mentions(text: str, language: str, registry: Registry) -> list[Mention]:
    """Every mention of the registry's actors and places in a text, inflected forms included.

    Works on word forms that the rules of each language allow, not on a lemmatiser's guess: names that no
    dictionary holds decline too, and the span is exactly the inflected surface.

    Parameters
    ----------
    text : str
        As `text.clean` leaves it.
    language : str
        az, hy, ru or en. Any other gives no mentions.

    Returns
    -------
    list of Mention
        In order, without overlap: where aliases overlap the longest wins ("Russian peacekeepers" are the
        peacekeepers, not Russia). ``usage`` is "" also where an inflected form fits two naming choices.

    Raises
    ------
    LanguageError
        If `language` is none of az, hy, ru, en and other.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "actors.toml"
    >>> _ = path.write_text('''[[actor]]
    ... id = "armenia"
    ... name = "Armenia"
    ... kind = "state"
    ... ru.name = ["Армения"]
    ... ''', encoding="utf-8")
    >>> [mention.surface for mention in find_mentions("Он говорил об Армении.", "ru", read_actors(path))]
    ['Армении']
    """
    if language == "other":
        return []
    if language not in texts.LANGUAGES:
        raise LanguageError(f"unknown language '{language}'; {suggest(language, [*texts.LANGUAGES, 'other'])}")
    return _Scan(text, language, registry).run()


# ---------------------------------------------------------------------------- pronouns

_PRONOUNS = {
    "en": re.compile(r"(?P<male>he|his)\b|(?P<female>she|her)\b|according to (?:(?P<m2>him)|(?P<f2>her))\b"),
    "ru": re.compile(
        r"(?P<male>он)\b(?!\w|-)|(?P<female>она)\b(?!-)|по (?:(?P<m2>его)|(?P<f2>её|ее)) "
        r"(?:словам|мнению|данным)\b"
    ),
    "hy": re.compile(r"(?P<any>նա|նրա)\b(?!՞)"),
    "az": re.compile(
        r"(?P<any>o)(?=,| (?:həmçinin|həm|eyni|daha|bildir|qeyd|de|əlavə|vurğula|xatırlat|söylə|hesab|bəyan"
        r"|təəssüf|təşəkkür|jurnalist|çıxış|iddia|fikrincə|açıqla|xəbərdarlıq|çağır|ümid))"
        r"|(?P<a2>onun) (?:sözlərinə|fikrincə|dediyinə|bildirdiyinə)"
    ),
}
_OFFICES = {
    "en": re.compile(
        r"the ((?:foreign |prime )?(?P<role>minister|president|spokeswoman))\b(?! of\b| for\b| in\b|['’-])"
    ),
    "ru": re.compile(
        r"((?P<role>президент|премьер-министр|премьер|министр))"
        r"(?= (?:также |тоже |при этом )?\w+(?:л|ла|лся|лась|ет|ит)\b)"
    ),
    "hy": re.compile(r"((?P<role>նախարար|վարչապետ|նախագահ)(?:ը|ն))\b"),
    "az": re.compile(r"((?P<role>baş nazir|prezident|nazir))(?=,| (?!müavin)[a-zçəğıöşü])"),
}


_PAIR = re.compile(r"(?<![\w])([^\W\d_]+) (?=([^\W\d_]+))")


def resolve_pronouns(
    text: str, language: str, sentences: list[tuple[int, int]], mentions: list[Mention], registry: Registry
) -> list[Mention]:
    """Pronouns and bare offices at the start of a sentence that can only mean the one person before.

    Conservative on purpose: the sentence before must name exactly one person of the registry, of a fitting
    gender (and office, for "the minister"), and nothing that looks like a person outside the registry. What
    a rule cannot tell is left out.

    Parameters
    ----------
    sentences : list of (int, int)
        From `text.sentences`.
    mentions : list of Mention
        From `find_mentions` on the same text.

    Returns
    -------
    list of Mention
        The new mentions only, in order; kind "pronoun", ``alias`` the pronoun in lower case, usage "".
    """
    if language not in _PRONOUNS:
        return []
    lowered = texts.lower(text, language)
    found: list[Mention] = []
    before: set[str] = set()
    cursor = 0
    for start, end in sentences:
        here: list[Mention] = []
        while cursor < len(mentions) and mentions[cursor].start < end:
            if mentions[cursor].start >= start:
                here.append(mentions[cursor])
            cursor += 1
        persons = {m.actor for m in here if m.actor in registry.actors and _is_person(registry, m.actor)}
        if len(before) == 1:
            actor = registry.actors[next(iter(before))]
            span = _pronoun(text, lowered, language, start, end, actor)
            if span is not None and all(m.start >= span[1] for m in here):
                left, right = span
                found.append(Mention(actor.id, left, right, text[left:right], lowered[left:right], "pronoun", ""))
                persons.add(actor.id)
        before = set() if _names_stranger(text, start, end, here) else persons
    return found


def _is_person(registry: Registry, actor_id: str) -> bool:
    return registry.actors[actor_id].kind == "person"


def _names_stranger(text: str, start: int, end: int, mentions: list[Mention]) -> bool:
    """Whether two capitalised words in a row, outside all mentions, may be a person the registry lacks."""
    return any(
        pair[1][0].isupper()
        and pair[2][0].isupper()
        and not pair[2].isupper()
        and all(m.end <= pair.start(1) or m.start >= pair.end(2) for m in mentions)
        for pair in _PAIR.finditer(text, start, end)
    )


def _pronoun(text: str, lowered: str, language: str, start: int, end: int, actor: Actor) -> tuple[int, int] | None:
    """The span of a pronoun or office at the start of a sentence that may mean the actor."""
    hit = _PRONOUNS[language].match(lowered, start, end)
    if hit:
        group = next(name for name, value in hit.groupdict().items() if value is not None)
        gender = {"m": "male", "f": "female", "a": ""}[group[0]]
        if gender and actor.gender and gender != actor.gender:
            return None
        return hit.span(group)
    office = _OFFICES[language].match(lowered, start, end)
    if office is None:
        return None
    follow = text[office.end() : office.end() + 2]
    if follow[:1] == " " and follow[1:].isupper():
        return None
    held = [a.text for a in actor.aliases if a.kind == "description" and a.language == language]
    if held and not any(office["role"] in texts.lower(one, language) for one in held):
        return None
    return office.span(1)
