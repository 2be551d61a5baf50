"""Unicode, script, language, sentences, words and quotes: all that differs between az, hy, ru and en.

Every function is linear in the length of its text, and every offset is a Python string index, end exclusive.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

#: The languages of the toolkit, BCP 47. Everything else is ``"other"``.
LANGUAGES = ("az", "hy", "ru", "en")

#: Armenian intonation marks (emphasis, exclamation, question); they stand inside or at the end of a word.
INTONATION_MARKS = "՛՜՞"
#: Marks that join a suffix to a name: Bakı’nın, Baku's.
APOSTROPHES = "'’ʼ՚"
#: Marks that join a suffix to an abbreviation or the parts of a compound: NATO-nun, ՀՀ-ն, премьер-министр.
HYPHENS = "-‐‑֊"
#: Dashes, which open a line of dialogue or part a quotation from its speaker.
DASHES = "-‐‑֊–—―"

OPENING_QUOTES = '«“„‹‘"'
CLOSING_QUOTES = '»”“›’"'

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(f"[^{_LINE_BREAKS}]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# ------------------------------------------------------------------------------------------------ cleaning


_NEWLINE = re.compile(r"\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[^\S\n]+")
_SPACED_NEWLINE = re.compile(r" ?\n ?")
_NEWLINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """The text in NFC, without invisible characters, with plain spaces and at most one empty line in a row.

    Offsets into an article are offsets into its cleaned text, so this comes first and only once;
    cleaning twice changes nothing.

    Parameters
    ----------
    text : str
        As it came from the source.

    Returns
    -------
    str
        Line breaks are kept as ``\\n`` (three or more become two). Control, zero-width and soft-hyphen
        characters are gone; no-break and other odd spaces and tabs are one space. ``i`` with a combining dot,
        which lowercasing İ in other programs leaves behind, is ``i``. Letters, quotes and dashes stay.

    Examples
    --------
    >>> clean("\\ufeffՏղա\\u00adմարդիկ \\u00a0 եկան։\\r\\n")
    'Տղամարդիկ եկան։'
    """
    text = _INVISIBLE.sub("", _NEWLINE.sub("\n", text))
    text = unicodedata.normalize("NFC", text).replace("i\u0307", "i")
    text = _SPACED_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _NEWLINES.sub("\n\n", text).strip()


# ------------------------------------------------------------------------------------------------- casing


def lower(text: str, language: str) -> str:
    """The text in lower case, exactly as long as before, so that offsets stay valid.

    Parameters
    ----------
    text : str
        Any text.
    language : str
        In az (and tr) I becomes ı and İ becomes i; elsewhere both become i.

    Examples
    --------
    >>> lower("İLHAM QIZIL", "az"), lower("İLHAM QIZIL", "en")
    ('ilham qızıl', 'ilham qizil')
    """
    if language in ("az", "tr"):
        text = text.replace("I", "ı")
    return text.replace("İ", "i").lower()


# ------------------------------------------------------------------------------------------------ language


class Identified(NamedTuple):
    """A language (az, hy, ru, en or other) and how sure that is (0 to 1)."""

    language: str
    confidence: float


#: Rivals of az and en in Latin script, of ru in Cyrillic, as py3langid calls them; "zxx" is no language.
_LATIN = _set(
    "az en tr uz tk crh ku de nl fr es pt it ca ro pl cs sk sl hr hu fi et lv lt sv da no is sq id vi eo la "
    "tl sw cy ga eu mt so ha zxx"
)
_CYRILLIC = _set("ru uk be bg mk sr kk ky tt ba tg mn uz zxx")
#: How many times likelier a text of this toolkit is to be in one of its languages than in any one rival.
_PRIORS = {"az": 5.0, "en": 3.0, "ru": 5.0}
#: Letters and sequences that Russian does not have (and keys struck at random do).
_NOT_RUSSIAN = re.compile(
    r"[іїєґўәғқңөұүһҳҷӣӯӕјљњћџѓќѕђҹҝ]|\b[ъьы]|[аеёиоуыэюяъьй][ьъ]|ъ(?![еёюя])|[бвгджзклмнпрстфхцчшщ]{5}|л[аио]ся\b"
)
_NOT_RUSSIAN_WORDS = re.compile(
    r"\b(?:се|са|ще|е|със|към|това|тази|този|който|която|които|бъде|няма|беше|си|во|од|ќе|је|су|није|као|"
    r"що|це|щодо|але|який|яка|або|вони|було|вже|лише|людина)\b"
)
_NOT_AZERBAIJANI = re.compile("[äâîûñáíóúãõåæøßłżźśćńąęěščřžýðþţțșőűêôòàùìë]")
_ENGLISH_WORDS = re.compile(r"\b(?:the|of|and|with|mr)\b")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|[@#]\w+")
_SAMPLE_CHARACTERS = 4000
#: Without a single ə in this many letters a text is hardly Azerbaijani: every eleventh letter is one.
_LETTERS_WITHOUT_SCHWA = 30


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages({*_LATIN, *_CYRILLIC})
    return identifier


def _script(letter: str) -> str:
    code = ord(letter)
    if code < 0x250 or code == 0x259 or 0x1E00 <= code < 0x1F00:
        return "Latin"
    if 0x400 <= code < 0x530:
        return "Cyrillic"
    if 0x530 <= code < 0x590 or 0xFB13 <= code <= 0xFB17:
        return "Armenian"
    return "other"


def identify(text: str) -> Identified:
    """The language of a text, from its script, its letters and a naive Bayes model over byte sequences.

    Armenian script decides by itself; Azerbaijani and English are told from their Latin-script rivals,
    Russian from its Cyrillic ones. Only the first 4,000 characters are read.

    Parameters
    ----------
    text : str
        A headline of three words is enough as a rule; a single word is a guess.

    Returns
    -------
    Identified
        ``language`` is az, hy, ru, en or other: another language, no language, or nothing sure enough.
        ``confidence`` (0 to 1) is the share of the deciding script times the model's probability, for "other"
        the confidence that it is none of the four; 0 where there are no letters at all.

    References
    ----------
    Lui & Baldwin (2012), langid.py: an off-the-shelf language identification tool (py3langid is its fork).

    Examples
    --------
    >>> identify("Bakıda sülh danışıqları başladı").language
    'az'
    >>> identify("Bakü'de barış görüşmeleri başladı").language
    'other'
    """
    sample = _ADDRESS.sub(" ", text[:_SAMPLE_CHARACTERS])
    scripts = Counter(_script(letter) for letter in sample if letter.isalpha())
    total = scripts.total()
    if not total:
        return Identified("other", 0.0)
    script = next((name for name, least in _LEAST_SHARES.items() if scripts[name] >= least * total), "other")
    share = scripts[script] / total
    if script == "Armenian":
        return Identified("hy", share)
    if script == "other":
        return Identified("other", max(share, 0.5))
    chances = (_latin_chances if script == "Latin" else _cyrillic_chances)(sample, scripts[script])
    best = max(chances, key=chances.__getitem__)
    all_chances = sum(chances.values())
    if best in LANGUAGES:
        return Identified(best, min(1.0, chances[best] / all_chances) * share)
    ours = sum(chances.get(name, 0.0) for name in LANGUAGES) / all_chances
    return Identified("other", 1.0 - min(1.0, ours) * share)


#: The share of the letters from which a script decides, in this order: foreign names are in Latin.
_LEAST_SHARES = {"Armenian": 0.3, "Cyrillic": 0.4, "Latin": 0.5}


def _weighted(sample: str, rivals: frozenset[str]) -> dict[str, float]:
    """The model's probabilities of the rivals, times the priors."""
    scores = dict(_identifier().rank(sample))
    return {name: scores[name] * _PRIORS.get(name, 1.0) for name in sorted(rivals)}


def _latin_chances(sample: str, letters: int) -> dict[str, float]:
    chances = _weighted(sample, _LATIN)
    sample = lower(sample, "en")
    schwas = sample.count("ə")
    if schwas >= 0.06 * letters:
        return {"az": 1.0}
    if schwas:
        chances["az"] += _PRIORS["az"] * sum(chances.pop(name) for name in ("tr", "uz", "tk", "crh", "ku"))
    elif letters >= _LETTERS_WITHOUT_SCHWA:
        chances["az"] *= 2.0 / _PRIORS["az"]
    if len(_NOT_AZERBAIJANI.findall(sample)) >= 0.02 * letters:
        chances["az"] = 0.0
    chances["en"] *= 3.0 ** min(4, len(_ENGLISH_WORDS.findall(sample)))
    return chances


def _cyrillic_chances(sample: str, letters: int) -> dict[str, float]:
    chances = _weighted(sample, _CYRILLIC)
    sample = lower(sample, "ru")
    if len(_NOT_RUSSIAN.findall(sample)) >= 0.025 * letters:
        chances["ru"] = 0.0
    elif letters < 10 * _LETTERS_WITHOUT_SCHWA:
        chances["ru"] *= 0.2 ** min(4, len(_NOT_RUSSIAN_WORDS.findall(sample)))
    return chances


# ----------------------------------------------------------------------------------------------- sentences


class _Habits(NamedTuple):
    """How a language shortens words before a full stop, and how its sentences open."""

    binding: frozenset[str]  # "prof.": belongs to what follows, never ends a sentence
    numbered: frozenset[str]  # "стр.": belongs to a number that follows, else may end a sentence
    closing: frozenset[str]  # "etc.": ends a sentence before a capital
    measures: frozenset[str]  # "г.": like closing after a number, like binding without one
    times: frozenset[str]  # "г.", "a.m.": does not end a sentence that so far is a date: "В 2020 г. Баку ..."
    before_times: frozenset[str]  # words that open such a date
    openers: frozenset[str]  # words that rarely are a surname: "in the U.S. He ..." against "the U.S. Army"
    attribution: frozenset[str]  # "'Why?' Petrosyan asked": the sentence goes on after the quotation


_NO_HABITS = _Habits(*[frozenset()] * 8)

_HABITS: Mapping[str, _Habits] = {
    "az": _Habits(
        binding=_set(
            "prof dos akad dr gen gen-m gen-l gen-p polk polk-ltn kap leyt ser məs müəl cən ad im st müq tərc hörm"
        ),
        numbered=_set("səh tel № nömr küç pr pros döng mənz şək cəd s faks mob"),
        closing=_set("və.s s b ş r k q d mkr ltd mmc asc qsc e.ə mln mlrd min km sm kq qr dəq"),
        measures=_set("m t"),
        times=_set("s"),
        before_times=_set("saat"),
        openers=_set(
            "bu bunu bunun buna o onu onun ona onlar onların onda orada burada həmin biz bizim mən "
            "mənim siz lakin amma ancaq və isə hər bir daha bundan belə əgər nə niyə kim hazırda dünən "
            "bugün sonra eyni həm"
        ),
        attribution=_set(
            "deyə deyib dedi deyir bildirib bildirir söyləyib soruşub soruşdu soruşur qeyd yazıb vurğulayıb"
        ),
    ),
    "hy": _Habits(
        binding=_set("պրոֆ ակադ դոկտ գեն գնդ պ տկն փող փ պող շ նրբ օր օրինակ տես հմմտ ստ հովհ սմբ"),
        numbered=_set("էջ հեռ կետ հոդ № ս"),
        closing=_set("և.այլն այլն"),
        measures=_set("թ թթ թ.թ դ դդ մլն մլրդ հզ դր կմ մ սմ քմ հա տոկ ժ ր"),
        times=_set("թ թթ դ"),
        before_times=_set("մինչև"),
        openers=_set("նա այդ այս նրանք սակայն բայց իսկ մենք ես դա սա եթե երբ"),
        attribution=frozenset(),
    ),
    "ru": _Habits(
        binding=_set(
            "им проф акад доц д-р г-н г-жа гг-н ул пл пер просп наб бул ст обл р-н р-не р-на пос дер "
            "пгт о оз гор ген ген-м ген-лейт ген-майор полк подполк мл ст-на серж кап лейт лейт-т ред "
            "зам нач гл см ср напр т.е т.к т.н т.ч и.о св тов гр чл корр чл-корр адм мин-р пред преп "
            "ок мр сокр букв исп"
        ),
        numbered=_set(
            "стр п пп рис табл № тел ч кв д корп оф каб илл прим янв фев февр мар апр авг сен сент окт ноя нояб дек доб"
        ),
        closing=_set("т.д т.п др и.др и.пр н.э л.с у.е с.г тыс млн млрд трлн руб коп долл чел экз шт проц инк ltd inc"),
        measures=_set("г гг в вв км м см мм кг га ч мин сек с т р л куб кв"),
        times=_set("г гг в вв янв фев февр мар апр авг сен сент окт ноя нояб дек"),
        before_times=_set("в во с со к до на по после от около лишь только весной летом осенью зимой"),
        openers=_set(
            "он она оно они его её ее их им это этот эта эти этого тот та те там тогда здесь мы вы я "
            "но а и в во на с со по при для из за до после затем потом однако также кроме об о как "
            "когда если что кто где теперь сейчас сегодня вчера позднее позже впрочем все всё ранее "
            "из-за среди под от у"
        ),
        attribution=_set("спросил спросила сказал сказала заявил заявила"),
    ),
    "en": _Habits(
        binding=_set(
            "mr mrs ms messrs dr prof gen lt col maj sgt capt cmdr adm brig cpl pvt sen rep gov pres "
            "hon rev st mt ft vs approx ca cf i.e e.g viz amb dist supt fr dep asst pop est ret"
        ),
        numbered=_set("no nos p pp art arts vol ch sec fig par para jan feb mar apr jun jul aug sep sept oct nov dec"),
        closing=_set("etc al inc ltd co corp jr sr bros plc llc a.m p.m am pm ph.d b.c a.d dept"),
        measures=_set("km m ft lb lbs oz kg cm mm hrs mins bn mn sq"),
        times=_set("a.m p.m"),
        before_times=_set("at by on in from around about since until after before shortly"),
        openers=_set(
            "the a an he she it they we you i his her its their our this that these those there here "
            "in on at by for from with but and or so yet when while if as after before since however "
            "meanwhile moreover then now what who why how where no not some many most several both all "
            "one two to according under later earlier"
        ),
        attribution=_set("asked asks said says told added replied shouted wrote"),
    ),
}

_TOP_DOMAINS = _set("az ru am ge tr com org net info news tv fm uk eu ua io by kz ir fr de us ру")

_STOP = re.compile(r"(?P<mark>[.․!?…։:؟۔]+)(?P<close>(?:\[\d{1,3}\]|[»”“›’\"'*)\]]|[ \u00a0][»›”](?=[\s,.:։\-–—]|$))*)")
_NEXT = re.compile(r"\s*")
_TOKEN = re.compile(r"[^\s(\[«»“”„\"‹›/,;:—–]+$")
_LIST_ITEM = re.compile(r"(?:\d{1,3}|[IVX]{1,5}|[ա-ֆ])[.․)]\s|[Ա-Ֆ]\)\s")
_LABEL = re.compile(r"[^\w]*(?:[^\W\d_]\.\s?)?[^\W\d_]+(?:[ -][^\W\d_]+){0,2}$")
_INITIAL = re.compile(r"[^\W\d_][.․]")
_LETTERS = re.compile(r"[^\W\d_]+")
_FIRST_WORD = re.compile(r"\W*([^\W_]+)")
_CLAUSE_END = re.compile(r"([.,:;!?«“\"])")
_CAMEL = re.compile(r"[a-z][A-Z]")
_MINUTES = re.compile(r"[0-5]\d(?!\d)")
_AFTER_HOUR = re.compile(r"(?:[A-Z][a-z]+ ){1,2}time\b|(?:[A-Z]{1,3}T|UTC)\b|[A-Z][a-z]+day\b")
_ARTICLES = _set("the a an")
_ROMAN = re.compile(r"[IVXLХ]+$")
_VOWELS = frozenset("aeiouyəıöüаеёиоуыэюяієաեէըիոօ")
_ARMENIAN_STOP = re.compile(r"։|:(?=\s|$)")
_SPEECH_BEFORE_COLON = re.compile(
    r"(?:(?:հայտարար|նշ|գր|ընդգծ|պատասխան|հարցր|հավել|ավելացր)ե(?:ց|լ է)|(?:հայտարար|նշ|գր|աս)ում է|"
    r"ասաց|ասել է|հետ(?:և|եւ)յալը)\s?$"
)
_LOOK_BACK = 40
_LOOK_AHEAD = 80
_QUOTE_AHEAD = 2000


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a text, also of those inside a quotation.

    Rules instead of a model, since each cut must be explicable and no trained splitter knows Azerbaijani
    news. In Armenian a sentence ends with ``։`` or an ASCII colon, and a full stop (``.`` or ``․``) stands
    where English has a colon; only a text without one Armenian stop is taken to use full stops like English.

    Parameters
    ----------
    text : str
        Cleaned by `clean`.
    language : str
        Its abbreviations and habits are used; one without any is cut by punctuation and capitals.

    Returns
    -------
    list of (int, int)
        Start and end of each, trimmed, in order, without overlap; every character but white space is in one.
        A line break always ends a sentence, so hard-wrapped lines must be joined beforehand.

    Examples
    --------
    >>> text = "В 2020 г. Баку и Ереван воевали. «Мы ждём мира», — сказал он."
    >>> [text[start:end] for start, end in sentences(text, "ru")]
    ['В 2020 г. Баку и Ереван воевали.', '«Мы ждём мира», — сказал он.']
    """
    full_stops = language != "hy" or _ARMENIAN_STOP.search(text) is None
    habits = _HABITS.get(language, _NO_HABITS)
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        start = _skip(text, start, end)
        for stop in _STOP.finditer(text, start, end):
            following = _skip(text, stop.end(), end)
            if following == end or stop.start() < start:
                continue
            if _cuts(text, start, end, stop, following, language, habits, full_stops):
                found.append((start, stop.end()))
                start = following
        last = start + len(text[start:end].rstrip())
        if last > start:
            found.append((start, last))
    return found


def _skip(text: str, position: int, end: int) -> int:
    """The position of the next character that is not white space, or `end`."""
    space = _NEXT.match(text, position, end)
    return space.end() if space else position


def _is_lower(letter: str) -> bool:
    """Whether a letter cannot open a sentence; Georgian has no capitals there."""
    return letter.islower() and not "\u10d0" <= letter <= "\u10ff"


def _cuts(
    text: str,
    start: int,
    end: int,
    stop: re.Match[str],
    following: int,
    language: str,
    habits: _Habits,
    full_stops: bool,
) -> bool:
    """Whether the sentence that began at `start` ends at `stop`, given what follows on the same line."""
    mark, closed = stop["mark"], stop["close"]
    before = text[stop.start() - 1] if stop.start() > start else ""
    spaced = following > stop.end()
    after = text[following]
    if not before or before == "(":
        return False
    if after in DASHES and spaced:
        beyond = _skip(text, following + 1, end)
        if beyond == end or _is_lower(text[beyond]) or text[beyond] in DASHES:
            return False
        after = text[beyond]
    elif after in OPENING_QUOTES + "(":
        beyond = _skip(text, following + 1, end)
        if beyond == end or (_is_lower(text[beyond]) and (after == "(" or mark[-1] in ".․…")):
            return False
    if after in ",;)%»”։:!?….":
        return False
    if _is_lower(after) and not _CAMEL.match(text, following) and (closed or mark[-1] != "։"):
        return False
    if mark[-1] in ":։":
        return _cuts_armenian(text, start, end, stop, following, language)
    single = mark in (".", "․")
    armenian = before.isdigit() or "Armenian" in (_script(before), _script(after))
    if single and armenian and not full_stops:
        return False
    if not spaced:
        return before.islower() and after.isupper() and _is_word(text, start, stop, following, habits)
    if single:
        return not _is_abbreviation(text, start, stop, following, language, habits)
    if closed.strip("*)]'’") and mark[-1] in "!?" and habits.attribution:
        return not _is_attributed(text, following, end, language, habits)
    return True


def _cuts_armenian(text: str, start: int, end: int, stop: re.Match[str], following: int, language: str) -> bool:
    """Whether ``։`` or an ASCII colon in Armenian text is a full stop."""
    mark, before, after = stop["mark"], text[stop.start() - 1], text[following]
    spaced = following > stop.end()
    if before.isdigit() and after.isdigit():
        return spaced and not _MINUTES.match(text, following, end)
    if mark[-1] == "։":
        return spaced or after.isupper() or after in OPENING_QUOTES
    if language != "hy":
        return False
    foreign = before.isalpha() and _script(before) != "Armenian"
    if foreign and (not after.isalpha() or _script(after) != "Armenian"):
        return False
    if not spaced:
        return (after.isupper() or after in "«“") and not before.isdigit()
    if _LIST_ITEM.match(text, following, end):
        return False
    if stop.start() - start <= _LOOK_BACK and _is_label(text[start : stop.start()].rstrip()):
        return False
    if after in OPENING_QUOTES and _SPEECH_BEFORE_COLON.search(
        text, max(start, stop.start() - _LOOK_BACK), stop.start()
    ):
        closing = text.find("»", following, min(end, following + _QUOTE_AHEAD))
        rest = text[closing + 1 : closing + 4].lstrip() if closing >= 0 else ""
        return bool(rest) and rest[0] in "," + DASHES  # the quotation has its own "he said"
    return True


def _is_label(text: str) -> bool:
    """Whether the text names who speaks next, as in an interview: "NAM", "Շ. Ազնավուր"."""
    if not _LABEL.match(text):
        return False
    parts = _LETTERS.findall(text)
    if len(parts) == 1:
        return parts[0].isupper() and len(parts[0]) > 1
    return all(part[0].isupper() for part in parts)


def _is_word(text: str, start: int, stop: re.Match[str], following: int, habits: _Habits) -> bool:
    """Whether a stop without a space after it parts two words, not an address or an abbreviation."""
    token = _TOKEN.search(text, max(start, stop.start() - _LOOK_BACK), stop.start())
    word = _LETTERS.match(text, following, following + _LOOK_AHEAD)
    if token is None or word is None or len(word[0]) < 3 or not word[0][1:].islower():
        return False
    name = token[0].lower()
    return (
        len(name) > 2
        and not set("./@_").intersection(name)
        and word[0].lower() not in _TOP_DOMAINS
        and name not in habits.binding | habits.numbered | habits.closing | habits.measures
        and not _VOWELS.isdisjoint(name)
    )


def _first_word(text: str, position: int, language: str) -> str:
    word = _FIRST_WORD.match(text, position, position + _LOOK_AHEAD)
    return lower(word[1], language) if word else ""


def _is_attributed(text: str, following: int, end: int, language: str, habits: _Habits) -> bool:
    """Whether a verb of saying follows within five words: 'Why?' Petrosyan asked."""
    ahead = _CLAUSE_END.split(text[following : min(end, following + _LOOK_AHEAD)], maxsplit=1)
    words_ahead = lower(ahead[0], language).split()[:5]
    if ahead[1:2] == [":"]:
        return False  # the verb introduces the next quotation
    if words_ahead and words_ahead[0] in habits.openers - _ARTICLES:
        return words_ahead[1:2] != [] and words_ahead[1] in habits.attribution
    return not habits.attribution.isdisjoint(words_ahead)


def _is_abbreviation(
    text: str, start: int, stop: re.Match[str], following: int, language: str, habits: _Habits
) -> bool:
    """Whether the full stop shortens a word, marks an initial or numbers a list item."""
    position = stop.start()
    token = _TOKEN.search(text, max(start, position - _LOOK_BACK), position)
    if token is None:
        return False
    written = token[0].strip("'’*_•-#№")
    name = lower(written, language).replace(".-", "-")
    lead = (
        text[start : token.start()] if token.start() - start <= _LOOK_BACK else text[token.start() - 20 : token.start()]
    )
    alone = token.start() - start <= 3 and not any(map(str.isalnum, lead))
    if alone and (written.isdigit() or _ROMAN.match(written) or len(written) == 1):
        return True
    if not any(map(str.isalpha, written)):
        return False
    word = _first_word(text, following, language)
    opener = word in habits.openers and not _INITIAL.match(text, following)
    if written.isupper() and (len(written) == 1 or _is_dotted(written)):
        same_script = not word or word[0].isdigit() or _script(word[0]) == _script(written[0])
        return same_script and not opener and not set(stop["close"]) & set(CLOSING_QUOTES)
    digit = text[following].isdigit() or text[following] == "№"
    previous = lead.split()[-1].strip("(«“„\"'").rstrip(".․") if lead.split() else ""
    pair = f"{lower(previous, language)}.{name}"
    after_number = previous[:1].isdigit() or previous[-1:].isdigit() or bool(_ROMAN.match(previous))
    if written[0].isdigit() and not written[-1].isdigit():
        name, after_number = name.lstrip("0123456789.,-–"), True
    measured = after_number and name in habits.measures
    if pair in habits.binding or (name in habits.binding and not measured):
        return "." in name or pair in habits.binding or not opener
    if pair in habits.closing and name not in habits.measures:
        return ")" in stop["close"]
    if name in habits.numbered and digit:
        return True
    if name in habits.times and _is_date(text, start, position, language, habits) and not opener:
        return True
    if name in habits.times and _AFTER_HOUR.match(text, following):
        return True
    if name in habits.measures:
        return not after_number or ")" in stop["close"]
    if (
        name in habits.numbered
        or name in habits.closing
        or (lower(previous, language) in ("və", "и", "և") and len(name) < 3)
    ):
        return ")" in stop["close"]
    short = len(written) <= 4 and written[1:].islower() and _VOWELS.isdisjoint(name) and name.isalpha()
    return short and not after_number


def _is_dotted(written: str) -> bool:
    """Whether the token is letters parted by full stops: U.S, N.V, Ə.H."""
    parts = written.replace("․", ".").split(".")
    return len(parts) > 1 and all(part.isalpha() and len(part) <= 2 for part in parts)


def _is_date(text: str, start: int, position: int, language: str, habits: _Habits) -> bool:
    """Whether all that was said so far is a date: "9 ноября 2020 г.", "At 9 a.m."."""
    if position - start > _LOOK_BACK:
        return False
    parts = lower(text[start:position], language).split()
    return len(parts) <= 6 and (parts[0] in habits.before_times or parts[0][:1].isdigit())


# --------------------------------------------------------------------------------------------------- words

_LETTER = f"(?:[^\\W_]|[{INTONATION_MARKS}\u0300-\u036f])"
_WORD = re.compile(f"[^\\W_]{_LETTER}*(?:[{HYPHENS}{APOSTROPHES}][^\\W_]{_LETTER}*)*")
_AZ_SUFFIX = re.compile(r"(?:l[aə]r)?(?:n?[ıiuü]n|[yn]?[ıiuüaə]|n?d[aə]n?|l[aə]|d[ıiuü]r|l[ıiuü]|dakı|dəki|ya|yə)")
_JOINED = re.compile(f"(.+)([{HYPHENS}{APOSTROPHES}])([^\\W\\d_]+)")


def words(text: str, language: str) -> list[tuple[int, int]]:
    """The spans of the words of a text: letters and digits, with hyphens and apostrophes inside.

    Parameters
    ----------
    text : str
        Any text.
    language : str
        Accepted like everywhere in this module; the word characters of the four languages do not conflict.

    Returns
    -------
    list of (int, int)
        In order. Armenian ՛ ՜ ՞ belong to the word they stand in; ``10:30`` and ``3.5`` are two words each.

    Examples
    --------
    >>> text = "Ո՞վ է ՀՀ-ում, NATO-nun?"
    >>> [text[start:end] for start, end in words(text, "hy")]
    ['Ո՞վ', 'է', 'ՀՀ-ում', 'NATO-nun']
    """
    return [word.span() for word in _WORD.finditer(text)]


def base(word: str, language: str) -> str:
    """The beginning of a word up to the suffix that a hyphen or an apostrophe joins to it, or the whole word.

    It is a prefix of the word as written, so ``text[start:start + len(base(...))]`` is its place.

    Parameters
    ----------
    word : str
        A word as `words` finds it.
    language : str
        An apostrophe joins a case suffix to a name in az (Bakı’nın) and the possessive in en (Baku's);
        a hyphen joins one to an abbreviation, a number or a foreign name in az, hy and ru (NATO-nun, ՀՀ-ն).
        The parts of a compound (премьер-министр, Տեր-Պետրոսյան) are never parted.

    Examples
    --------
    >>> base("Bakı’nın", "az"), base("ԵԱՀԿ-ի", "hy"), base("премьер-министр", "ru"), base("Baku's", "en")
    ('Bakı', 'ԵԱՀԿ', 'премьер-министр', 'Baku')
    """
    joined = _JOINED.fullmatch(word)
    if joined is None or not joined[3].islower():
        return word
    stem, mark, suffix = joined.groups()
    if mark in APOSTROPHES:
        if language == "en":
            return stem if suffix == "s" else word
        return stem if stem[0].isupper() and _AZ_SUFFIX.fullmatch(suffix) else word
    if language == "en":
        return word
    abbreviated = len(stem) > 1 and stem.isupper()
    foreign = stem[-1].isalpha() and _script(stem[-1]) != _script(suffix[0])
    return stem if abbreviated or stem[-1].isdigit() or foreign else word


def unmarked(word: str) -> str:
    """The word without Armenian intonation marks, for look-ups only: it may be shorter than the word.

    Examples
    --------
    >>> unmarked("Ինչո՞ւ")
    'Ինչու'
    """
    return word.translate(_UNMARK)


_UNMARK = {ord(mark): None for mark in INTONATION_MARKS}


# ---------------------------------------------------------------------------------------------- quotations

_QUOTE_MARK = re.compile('[«»“”„‹›"]')
_SINGLE = re.compile("[‘’]")
_PLURAL = re.compile(r"’ [a-z]")
_PARTNERS = {"»": "«", "›": "‹", "”": '“„"', "“": "„“", '"': '"„“'}
_DEEPEST = 8
_SAID_AFTER = re.compile(r"[,.։:]?\s?[-–—]")
_ENDING_ONLY = re.compile(r"[\s.,:։!?…)]*$")


def quotations(text: str, language: str) -> list[tuple[int, int]]:
    """The spans of everything that stands in quotation marks, marks left out.

    Speech, titles and words held at arm's length alike: which of them is speech is for `voices` to say.

    Parameters
    ----------
    text : str
        Cleaned by `clean`.
    language : str
        Single quotation marks (‘ ’) are read in en only; elsewhere ’ is an apostrophe.

    Returns
    -------
    list of (int, int)
        In order, without overlap: of nested quotations the outermost. One that is never closed reaches to the
        end of its paragraph (line). Empty quotations are left out.

    Examples
    --------
    >>> text = "«Газета «Заря» закрыта», — сказал он."
    >>> [text[start:end] for start, end in quotations(text, "ru")]
    ['Газета «Заря» закрыта']
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        spans = [span for span in _quoted(text, *line.span()) if text[slice(*span)].strip()]
        found.extend(_with_single(text, *line.span(), spans) if language == "en" else spans)
    return found


def _opens(text: str, position: int, start: int, end: int) -> bool:
    """Whether a mark that may open or close opens: a letter after it, none before it."""
    before = text[position - 1] if position > start else " "
    after = text[position + 1] if position + 1 < end else " "
    if before.isspace() or before in "([«„‹‘—–":
        return not after.isspace() and after not in ",;)"
    return False


def _quoted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The outermost quotations of one paragraph."""
    unbalanced = {
        "»": text.count("«", start, end) > text.count("»", start, end),
        '"': text.count('"', start, end) % 2 == 1,
    }
    opened: list[str] = []
    begin = last_close = start
    for found in _QUOTE_MARK.finditer(text, start, end):
        mark, position = found[0], found.start()
        opens = _opens(text, position, start, end)
        if mark == '"' and not (opened or opens) and text[position + 1 : position + 2].isspace():
            continue  # a stray closing mark
        if (
            mark in "«„‹"
            or (mark == "“" and (opens or not opened or opened[-1] not in "„“"))
            or (mark == '"' and (not opened or (opens and opened[-1] != "„")))
        ):
            begin = begin if opened else position + 1
            opened.append(mark)
            continue
        innermost = range(len(opened) - 1, max(-1, len(opened) - _DEEPEST), -1)
        depth = next((i for i in innermost if opened[i] in _PARTNERS[mark]), None)
        if depth is None:
            continue
        del opened[depth:]
        last_close = position
        if opened and unbalanced.get(mark) and _SAID_AFTER.match(text, position + 1, end):
            opened.clear()  # one mark closes both, as Russian and Armenian typesetters do
        if not opened:
            yield begin, position
    if opened:
        whole = last_close > begin and len(opened) == 1 and _ENDING_ONLY.match(text, last_close + 1, end)
        yield begin, last_close if whole else begin + len(text[begin:end].rstrip())


def _with_single(text: str, start: int, end: int, doubles: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Also the quotations of the paragraph in single marks that are not inside a double pair."""
    found = list(doubles)
    begin: int | None = None
    for mark in _SINGLE.finditer(text, start, end):
        position = mark.start()
        before, after = text[position - 1] if position > start else " ", text[position + 1 : position + 2]
        if mark[0] == "‘":
            if begin is None and not before.isalnum() and not after.isspace():
                begin = position + 1
        elif begin is not None and not after.isalnum() and not (before == "s" and _PLURAL.match(text, position)):
            if text[begin:position].strip():
                found.append((begin, position))
            begin = None
    found.sort(key=lambda span: (span[0], -span[1]))
    outermost: list[tuple[int, int]] = []
    for span in found:
        if not outermost or span[0] >= outermost[-1][1]:
            outermost.append(span)
    return outermost
