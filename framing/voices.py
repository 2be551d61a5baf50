"""Whose words a passage is: the narrator's, or those of a speaker quoted directly or in reported speech."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from framing.actors import Mention, Registry, ending, find_mentions, resolve_pronouns
from framing.errors import LanguageError, suggest
from framing.tables import MENTIONS, QUOTES, check, empty
from framing.text import CLOSING_QUOTES, LANGUAGES, OPENING_QUOTES, lower, quotations, words

NARRATOR = "narrator"
UNKNOWN = "unknown"

#: Quoted words up to this many, without a cue of their own, are the narrator's (sarcasm or a name).
SCARE_WORDS = 4
#: How far, in words, a cue looks for its speaker and for the word that opens its clause.
REACH_WORDS = 40
MARKER_REACH_WORDS = 18

_MARKS = OPENING_QUOTES + CLOSING_QUOTES
_BREAKS = frozenset(",;:()–—-՝`" + _MARKS)
_DASHES = frozenset("–—-")
_HARD_BREAKS = frozenset(";:()" + _MARKS)


class Quote(NamedTuple):
    """A stretch of text that is somebody's words.

    ``start`` and ``end`` are offsets into the text, quotation marks excluded. ``direct`` tells a quotation
    from reported speech. ``speaker`` is an actor id or "unknown"; ``speaker_text`` the speaker as written,
    "" where no rule found one; ``cue`` the words that introduce the quote, "" where there are none.
    """

    start: int
    end: int
    direct: bool
    speaker: str
    speaker_text: str
    cue: str


# ---- words of saying: stems here, inflected forms by rule ------------------------------------------------


def _english(bases: str) -> tuple[list[str], list[str], list[str]]:
    """Past forms, present forms and -ing forms of regular verbs; ``base/past`` names an irregular past."""
    past, present, running = [], [], []
    for entry in bases.split():
        base, _, irregular = entry.partition("/")
        stem = base[:-1] if base.endswith("e") else base
        soft = base[-1] == "y" and base[-2] not in "aeiou"
        double = base + base[-1] if base in {"admit", "stun", "plan"} else stem
        past.append(irregular or (base[:-1] + "ied" if soft else double + "ed"))
        present += [base, base[:-1] + "ies" if soft else base + ("es" if base[-1] in "sh" else "s")]
        running.append((double if not soft else base) + "ing")
    return past, present, running


def _russian(perfective: str, imperfective: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Finite forms, plural finite forms, gerunds and impersonal forms from past and present stems."""
    finite, plural, gerunds, impersonal = [], [], [], []
    for stem in perfective.split():
        finite += [stem + end for end in ("л", "ла", "ло")]
        plural.append(stem + "ли")
        gerunds.append(stem + "в")
    for stem in imperfective.split():
        finite += [stem + end for end in ("л", "ла", "ло", "ет")]
        plural += [stem + "ли", stem + "ют"]
        gerunds.append(stem + "я")
        impersonal += [stem + "ется", stem + "лось"]
    return finite, plural, gerunds, impersonal


_HARMONY = {"a": "ı", "ı": "ı", "e": "i", "ə": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}


def _azerbaijani(stems: str) -> tuple[list[str], list[str], list[str]]:
    """Finite, converb and passive forms of verbs; ``et`` and ``de`` change their stem before a vowel."""
    finite, converbs, passive = [], [], []
    for entry in stems.split():
        *before, stem = entry.split("_")
        head = " ".join(before) + " " if before else ""
        vowel = _HARMONY[[letter for letter in stem if letter in _HARMONY][-1]]
        wide = "a" if vowel in "ıu" else "ə"
        soft = stem[:-1] + "d" if stem == "et" or stem.endswith("lat") else stem + "y" if stem[-1] in _HARMONY else stem
        ending = soft[:-1] + "y" if stem == "de" else soft
        finite += [
            head + form
            for form in (
                ending + vowel + "b",
                ending + vowel + "bl" + wide + "r",
                stem + "d" + vowel,
                stem + "d" + vowel + "l" + wide + "r",
                ending + vowel + "r",
                ending + vowel + "rl" + wide + "r",
                stem + "m" + vowel + "şd" + vowel + "r",
                stem + "m" + vowel + "ş",
                ending + vowel + "bm" + vowel + "ş",
            )
        ]
        converbs.append(head + ending + wide + "r" + wide + ("q" if wide == "a" else "k"))
        if stem == "et":
            roots = ["edil", "olun"]
        elif stem[-1] in _HARMONY:
            roots = [stem + ("yil" if stem == "de" else "n")]
        else:
            roots = [stem + vowel + ("n" if stem.endswith("l") else "l")]
        for root in roots:
            close = _HARMONY[[letter for letter in root if letter in _HARMONY][-1]]
            passive += [head + root + close + "b", head + root + close + "r", head + root + "d" + close]
    return finite, converbs, passive


def _armenian(stems: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Forms that need "է" beside them, forms that stand alone, converbs and passive forms of verbs in -ել."""
    compound, simple, converbs, passive = [], [], [], []
    for entry in stems.split():
        *before, stem = entry.split("_")
        head = " ".join(before) + " " if before else ""
        causative = stem.endswith("ցն")
        past = stem[:-1] + "ր" if causative else stem
        compound += [head + past + "ել", head + stem + "ում"]
        simple += [head + past + end for end in ("եց", "եցին")]
        converbs.append(head + stem + "ելով")
        passive += [head + past + "վում է", head + past + "վել է"] if stem != "հայտն" else []
    return compound, simple, converbs, passive


class _Cue(NamedTuple):
    """Words that introduce somebody's words; ``kind`` says where speaker and content stand."""

    words: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class _Grammar:
    """What the rules need to know about one language."""

    cues: Mapping[str, Sequence[_Cue]]
    markers: frozenset[str]
    coordinators: frozenset[str]
    prepositions: frozenset[str]
    postpositions: frozenset[str]
    idle: frozenset[str]
    pronouns: frozenset[str]
    unnamed: re.Pattern[str]
    roles: re.Pattern[str]
    classifiers: re.Pattern[str]
    statements: re.Pattern[str]
    as_words: frozenset[str] = frozenset()
    this_words: frozenset[tuple[str, ...]] = frozenset()
    adjuncts: frozenset[str] = frozenset()
    auxiliaries: frozenset[str] = frozenset()


def _table(**kinds: Iterable[str]) -> dict[str, list[_Cue]]:
    """Cues by their first word, the longest first."""
    table: dict[str, dict[tuple[str, ...], str]] = {}
    for kind, forms in kinds.items():
        for form in forms:
            key = tuple(form.split())
            table.setdefault(key[0], {}).setdefault(key, kind)
    return {
        first: [_Cue(key, kind) for key, kind in sorted(found.items(), key=lambda item: -len(item[0]))]
        for first, found in table.items()
    }


def _set(words_: str) -> frozenset[str]:
    return frozenset(words_.split())


def _phrases(phrases: str) -> list[str]:
    """Phrases divided by upright bars."""
    return [" ".join(phrase.split()) for phrase in phrases.split("|")]


def _stems(stems: str) -> re.Pattern[str]:
    """A pattern for words that begin with one of the stems; ``word$`` asks for the whole word."""
    return re.compile("|".join(re.escape(s[:-1]) + "$" if s.endswith("$") else re.escape(s) for s in stems.split()))


#: Forms that are mostly other words: "Western states", "regarding the talks".
_NOT_CUES = _set("state states find finds finding regarding observing appealing viewing feeling")


def _english_grammar() -> _Grammar:
    past, present, running = _english(
        "say/said tell/told state note stress add declare announce claim report explain believe "
        "think/thought argue insist warn allege admit acknowledge emphasise emphasize underline "
        "underscore reiterate observe remark comment recall reply conclude confirm suggest predict "
        "write/wrote maintain contend assert assure caution complain hope fear conclude concede boast "
        "joke testify tweet feel/felt know/knew estimate mention disclose reveal hint agree repeat ask "
        "find/found show indicate respond lament theorise theorize"
    )
    strong = _phrases(
        "says | say | believes | believe | insists | insist | argues | argue | thinks | think | tells | adds | "
        "writes | alleges"
    )
    phrases = [
        "pointed out",
        "points out",
        "pointing out",
        "position is",
        "view is",
        "summed up",
        "sums up",
        "made clear",
        "went on",
    ]
    accuse, accuse_present, accuse_running = _english(
        "accuse blame urge call demand condemn denounce describe regard consider view brand label "
        "criticise criticize deny reject dismiss promise vow pledge threaten propose see/saw deem "
        "portray decry slam charge appeal praise defend support welcome question expect"
    )
    return _Grammar(
        cues=_table(
            source=["according to", "in the words of", "in the view of", "in the opinion of", "by the account of"],
            say=[*past, *strong, *phrases],
            weak=[form for form in present if form not in strong and form not in _NOT_CUES],
            accuse=[*accuse, *_phrases("held | voiced support for | expressed support for | voiced concern over")],
            weak_accuse=[*accuse_present, "hold", "holds"],
            gerund=[form for form in running if form not in _NOT_CUES],
            accuse_gerund=[form for form in accuse_running if form not in _NOT_CUES],
        ),
        markers=_set("that"),
        coordinators=_set("and while but whereas although though as because after when if so yet or"),
        prepositions=_set(
            "to with in on at from by against for about after before between near into over under among "
            "towards toward through via during within without amid behind across around"
        ),
        postpositions=frozenset(),
        idle=_set(
            "earlier also later has have had then who which never repeatedly again already previously "
            "recently still further once separately additionally meanwhile however moreover himself "
            "herself itself themselves is are was were will would can could may might should did does "
            "do not just even now often always publicly strongly harshly immediately today yesterday "
            "friday monday tuesday wednesday thursday saturday sunday"
        ),
        pronouns=_set("he she they i we"),
        unnamed=_stems(
            "resident expert analyst witness eyewitness villager driver man$ woman$ observer journalist "
            "doctor volunteer mother$ father$ teacher farmer refugee survivor researcher scholar local$ "
            "locals$ professor reporter passenger shepherd activist protester demonstrator people "
            "critics shopkeeper neighbour neighbor nurse pensioner blogger lawyer historian some$ many$ "
            "others$ someone nobody media$ commentator campaigner supporter participant rally"
        ),
        roles=_stems(
            "minister ministry president prime$ foreign$ defence$ defense$ spokes ambassador official "
            "government parliament army$ military secretary diplomat delegation side$ authorit leader "
            "general$ envoy ombudsman chief head$ premier chairman speaker deputy foreign council "
            "security of$ state$ the$ and$ affairs national office department representative service "
            "troops command forces mp$ chancellor commissioner high$ vice$ party press commander "
            "colonel staff border service$ prosecutor interior joint committee assistant adviser advisor aide "
            "political$ leadership"
        ),
        classifiers=_stems("newspaper film movie book song magazine programme program group$ party organi ngo"),
        statements=_stems("statement speech interview address remarks$ letter message post$ briefing comment"),
        as_words=_set("as"),
        this_words=frozenset({("this", "on"), ("this", "at"), ("this", "in"), ("this", "during"), ("about", "this")}),
        adjuncts=_set(
            "on at in during after following to when while as before earlier later today yesterday "
            "friday monday tuesday wednesday thursday saturday sunday by via last this"
        ),
        auxiliaries=_set("was were is are been be being"),
    )


def _russian_grammar() -> _Grammar:
    finite, plural, gerunds, impersonal = _russian(
        "заяви сообщи отмети подчеркну сказа добави указа поясни объяви уточни напомни рассказа написа "
        "ответи предупреди призна констатирова акцентирова проинформирова прокомментирова резюмирова "
        "подтверди пообеща выступи доложи высказа выказа оцени подытожи посетова убеди "
        "предположи "
        "возрази опроверг завери спроси объясни изложи",
        "заявля сообща отмеча подчеркива добавля указыва поясня утвержда счита полага "
        "напомина повторя признава уточня рассказыва предупрежда подтвержда констатиру дума уверя настаива "
        "заверя отвеча спрашива объясня обеща ожида рассчитыва усматрива описыва "
        "намека",
    )
    finite += [
        "парирует",
        "парировал",
        "парировала",
        "говорил",
        "говорила",
        "говорит",
        "пишет",
        "передает",
        "констатирует",
        "уверен",
    ]
    finite += _phrases("уверена | убежден | убеждена | настаивает | акцентирует | передал | передала")
    finite += ["обратил внимание на то", "обращает внимание на то", "возражает", "объясняет тем"]
    plural += ["обращают внимание на то", "обратили внимание на то", "мотивируют", "возражают", "повторяют"]
    plural += ["говорили", "говорят", "пишут", "передают", "уверены", "убеждены", "передали"]
    impersonal += ["говорится", "сообщалось", "заявлялось", "отмечалось"]
    accuse, accuse_plural, accuse_gerunds, _ = _russian(
        "обвини осуди потребова назва призва расцени охарактеризова возложи раскритикова "
        "пригрози поддержа одобри приветствова "
        "предложи попроси отвергну опровергну пообеща",
        "обвиня осужда требу называ призыва расценива критику возлага отверга предлага поддержива приветству",
    )
    finite += _phrases(
        "признает | дает понять | опасается | надеется | жалуется | возмущается | сетует | посетовал | посетовала | "
        "предостерегает | предостерег | предостерегла | признался | призналась"
    )
    plural += ["признают", "дают понять", "опасаются", "надеются", "жалуются", "возмущаются", "сетуют"]
    accuse += ["видит в", "увидел в", "увидела в", "усмотрел в"]
    accuse_plural += ["видят в", "увидели в", "усмотрели в"]
    accuse += [f"{verb} {what}" for verb in ("выразил", "выразила") for what in ("поддержку", "озабоченность из-за")]
    accuse += ["требует", "критикует", "отверг", "отвергла", "опроверг", "опровергла"]
    accuse_plural += ["требуют", "критикуют", "отвергли", "опровергли"]
    return _Grammar(
        cues=_table(
            source=_phrases(
                "по словам | по мнению | по данным | по информации | по версии | по утверждению | "
                "по сообщению | по оценке | по заявлению | согласно заявлению | согласно сообщению | "
                "по оценкам | по подсчетам | по утверждениям | по сообщениям | по заявлениям | по заверению | "
                "по заверениям | согласно данным | согласно информации | на взгляд | с точки зрения | "
                "со слов | по убеждению | по сведениям | по его словам | по ее словам | "
                "по их словам | по его мнению | по ее мнению | по их мнению | "
                "по его данным | по их данным"
            ),
            say=finite,
            plural=plural,
            accuse=accuse,
            plural_accuse=accuse_plural,
            gerund=gerunds,
            accuse_gerund=accuse_gerunds,
            passive=impersonal,
        ),
        markers=_set("что чтобы будто якобы"),
        coordinators=_set("и а но однако тогда если когда пока поскольку хотя или либо"),
        prepositions=_set(
            "в во с со к ко на по о об обо из от у при за над под для до без через между против после "
            "перед около возле среди про ради вместо"
        ),
        postpositions=frozenset(),
        idle=_set(
            "также ранее уже еще тоже позже затем вновь снова который которая которые которое не в$ "
            "при об этом это как сегодня вчера неоднократно ведь же и в свою очередь"
        ),
        pronouns=_set("он она они я мы"),
        unnamed=_stems(
            "житель жител эксперт аналитик очевид свидетел политолог журналист врач водител волонтер "
            "местны мужчин женщин учител фермер бежен исследовател профессор наблюдател мать$ "
            "отец$ активист корреспондент пастух пассажир блогер историк востоковед юрист некоторые$ "
            "сми$ медиа$ правозащит критик$ критики$ сторонник участник комментатор медик "
            "люди$ многие$ собеседник источник протестующ митингующ учен пенсионер сосед"
        ),
        roles=_stems(
            "министр министерств президент премьер мид$ мида$ мо$ минобороны пресс глава главы главой "
            "посол посольств официальн правительств парламент арми военн секретар дипломат делегаци "
            "сторон власт лидер генерал спецпредставител омбудсмен председател спикер замест замглав "
            "совет безопасност иностранн дел$ обороны оборон помощник служб представител ведомств штаб "
            "командующ пограничн прокур генпрокур чиновник комисси минздрав минэкологии "
            "руководств канцлер вице депутат внешнеполитическ следственн погран"
        ),
        classifiers=_stems(
            "газет фильм книг песн журнал программ групп парти организац нко партнерств "
            "движени канал агентств клуб компани фонд завод проект операци стать форум комитет"
        ),
        statements=_stems(
            "заявлени сообщени документ$ документе$ текст$ тексте$ выступлени "
            "интервью обращени письм послани брифинг комментари речь$ речи$"
        ),
        as_words=_set("как"),
        this_words=frozenset({("об", "этом"), ("это",), ("такое", "заявление")}),
    )


def _azerbaijani_grammar() -> _Grammar:
    finite, converbs, passive = _azerbaijani(
        "bildir de söylə vurğula açıqla xatırlat təsdiqlə yaz düşün diqqətə_çatdır iddia_et qeyd_et "
        "əlavə_et bəyan_et hesab_et xəbər_ver məlumat_ver etiraf_et ifadə_et təkrarla işarə_et "
        "rəy_bildir izah_et proqnozlaşdır xəbərdarlıq_et əmin_et cavab_ver cavablandır şərh_et ümid_et "
        "nəzərə_çatdır elan_et sadala israr_et güman_et ehtimal_et nəql_et soruş şikayətlən"
    )
    accuse, accuse_converbs, _ = _azerbaijani(
        "ittiham_et günahlandır pislə qına tələb_et adlandır qiymətləndir təklif_et rədd_et tənqid_et "
        "çağırış_et xahiş_et hədələ dəyərləndir təkzib_et vəd_et say dəstəklə təqdim_et"
    )
    accuse += [
        form + end for form in ("çağırıb", "çağırdı", "çağırır", "səsləyib", "səslədi") for end in ("", "lar", "lər")
    ]
    finite += ["deyirdi", "bildirirdi", "bildirmişdi", "demişdi", "əmindir", "əmindirlər", "hesab edirdi"]
    passive += ["deyilirdi", "bildirilirdi", "vurğulanırdı", "deyilib"]
    return _Grammar(
        cues=_table(
            source_after=_phrases(
                "sözlərinə görə | sözünə görə | dediyinə görə | bildirdiyinə görə | fikrincə | "
                "fikrinə görə | məlumatına görə | məlumatına əsasən | qənaətincə | "
                "verdiyi məlumata görə | iddiasına görə | rəyincə | dediyi kimi | bildirdiyi kimi | "
                "qeyd etdiyi kimi | vurğuladığı kimi | açıqlamasına görə | bəyanatına görə | "
                "hesablamalarına görə | qiymətləndirməsinə görə | versiyasına görə | xəbərinə görə | "
                "məlumata görə | məlumata əsasən | məlumatlara görə | versiyaya görə | "
                "mövqeyinə görə | rəyinə görə | sözləri ilə desək"
            ),
            say=finite,
            accuse=accuse,
            gerund=converbs,
            accuse_gerund=accuse_converbs,
            passive=passive,
        ),
        markers=_set("ki"),
        coordinators=_set("və isə amma lakin ancaq çünki halbuki"),
        prepositions=frozenset(),
        postpositions=_set("ilə üçün haqqında haqda barədə qarşı sonra əvvəl ətrafında üzrə arasında tərəfindən görə"),
        idle=_set(
            "isə də da həmçinin artıq daha əvvəl öncə yenə bir həm eyni zamanda deyə - bunu bu barədə o "
            "ayrıca ki bundan sonra sonradan öz növbəsində onu bildirib"
        ),
        pronouns=_set("o onlar mən biz"),
        unnamed=_stems(
            "sakin ekspert analitik şahid jurnalist həkim sürücü könüllü politoloq mütəxəssis müəllim "
            "kəndli qaçqın tədqiqatçı professor müşahidəçi ana$ ata$ qadın kişi$ fəal müxbir tarixçi "
            "media$ mətbuatı$ tənqidçi iştirakçı tərəfdar "
            "vəkil bloger hüquqşünas mənbə bəziləri çoban sərnişin etirazçı pensiyaçı alim"
        ),
        roles=_stems(
            "nazir prezident baş$ xarici$ işlər$ müdafiə$ sözçü mətbuat katib səfir rəsmi hökumət "
            "parlament ordu hərbi diplomat nümayəndə tərəf hakimiyyət lider general ombudsman sədr "
            "spiker müavin şura təhlükəsizlik köməkçi xidmət başçı rəhbər deputat komandan qərargah "
            "sərhəd dövlət prokuror daxili$ xin$ mn$ departament idarə komitə agentlik baş"
        ),
        classifiers=_stems(
            "qəzet film kitab mahnı jurnal proqram qrup partiya təşkilat qht şirkət adlı$ klub sistem "
            "layihə fond birliyi telekanal agentli"
        ),
        statements=_stems("bəyanat məlumat sənəd çıxış müsahibə müraciət açıqlama məktub brifinq şərh"),
        as_words=_set("kimi"),
        this_words=frozenset({("bu", "barədə"), ("bunu",), ("bu", "haqda"), ("bu", "haqqda")}),
    )


def _armenian_grammar() -> _Grammar:
    compound, simple, converbs, passive = _armenian(
        "հայտարար նշ հայտն ընդգծ հավել ավելացն պատմ շեշտ պնդ պատասխան հիշեցն տեղեկացն մեկնաբան "
        "բացատր պարզաբան արձանագր հաստատ զգուշացն կարծ համար փոխանց հորդոր վստահեցն հաղորդ խոստովան "
        "բողոք կասկած հարցն կրկն մատնանշ գտն ամփոփ խոստացն զեկուց հավաստիացն նկատ ակնկալ կանխատես առարկ"
    )
    compound += _phrases("վախենում | գրում | գրել | ասել | ասում | կարծում | գտնում | վստահ | համոզված | հույս հայտնել")
    simple += ["ասաց", "ասացին", "ասեց", "գտնում է", "գրեց", "նկատեց", "նկատել է"]
    converbs += ["ասելով", "նկատելով"]
    passive += ["ասվում է", "ասված է", "ասվել է"]
    accuse_compound, accuse_simple, accuse_converbs, _ = _armenian(
        "մեղադր դատապարտ պահանջ անվան որակ գնահատ մերժ քննադատ առաջարկ հերք սպառն ողջուն ներկայացն"
    )
    accuse_simple += _phrases(
        "կոչ արեց | կոչ արեցին | կոչ է արել | կոչ են արել | կոչ արել | կոչ է անում | "
        "կոչ են անում | կոչ արել է | մեղադրեց | հորդորել է | հորդորեց | հորդորել են"
    )
    return _Grammar(
        cues=_table(
            source=["ըստ"],
            source_after=_phrases(
                "խոսքով | խոսքերով | կարծիքով | համոզմամբ | տվյալներով | պնդմամբ | գնահատմամբ | "
                "հավաստմամբ | խոսքի համաձայն | խոսքերի համաձայն | բնորոշմամբ | տեղեկություններով | "
                "փոխանցմամբ | գնահատականով | հաշվարկներով | վարկածով | տեղեկությամբ | հավաստիացմամբ | "
                "հաղորդմամբ | ձևակերպմամբ | հայտարարությամբ | աղբյուրների համաձայն | տեղեկության համաձայն"
            ),
            compound=compound,
            say=simple,
            accuse=accuse_simple,
            compound_accuse=accuse_compound,
            gerund=converbs,
            accuse_gerund=accuse_converbs,
            passive=passive,
        ),
        markers=_set("որ թե իբր"),
        coordinators=_set("և եւ իսկ բայց սակայն ապա քանի երբ եթե կամ"),
        prepositions=_set("առանց դեպի մինչև մինչեւ"),
        postpositions=_set("հետ մասին դեմ համար միջև միջեւ վրա առաջ հետո կողմից մոտ նկատմամբ վերաբերյալ շուրջ"),
        idle=_set("նաև նաեւ է են էլ էր էին ավելի վաղ այսօր երեկ իր հերթին ևս եւս որը ով որոնք այդ մասին այս դա"),
        pronouns=_set("նա նրանք ես մենք"),
        unnamed=_stems(
            "բնակիչ բնակչուհի փորձագետ վերլուծաբան ականատես լրագրող բժիշկ վարորդ կամավոր քաղաքագետ "
            "ուսուցիչ գյուղացի փախստական հետազոտող պրոֆեսոր դիտորդ մայրը$ հայրը$ կին$ կինը$ տղամարդ "
            "ակտիվիստ պատմաբան թղթակից ոմանք$ փաստաբան արևելագետ թուրքագետ ադրբեջանագետ հովիվ ուղևոր "
            "լրատվամիջոց մամուլը$ իրավապաշտպան քննադատ մասնակից կողմնակից աղբյուր ցուցարար թոշակառու"
        ),
        roles=_stems(
            "նախարար նախագահ վարչապետ արտաքին$ գործերի$ արտգործ ագն պն$ խոսնակ մամուլ քարտուղար դեսպան "
            "պաշտոն կառավար խորհրդարան բանակ զինված դիվանագետ պատվիրակ կողմ իշխանու առաջնորդ գեներալ "
            "մարդու$ իրավունք պաշտպան ղեկավար տեղակալ խորհ անվտանգ օգնական ծառայ ներկայացուցիչ խոսնակը "
            "շտաբ սահման գերատեսչ դատախազ հանձնաժողով ուժեր պատգամավոր գլխավոր"
        ),
        classifiers=_stems(
            "թերթ ֆիլմ գիրք երգ ամսագիր ծրագ խումբ խմբ կուսակցու կազմակերպ հկ$ ընկերու հիմնադրամ մակնիշ "
            "ակումբ թատր անվան կոչվող գործակալու"
        ),
        statements=_stems("հայտարարությ ելույթ հարցազրույց ուղերձ նամակ ճեպազրույց մեկնաբանությ"),
        as_words=_set("ինչպես"),
        this_words=frozenset({("այս", "մասին"), ("այդ", "մասին"), ("դա",)}),
        auxiliaries=_set("է են էր էին"),
    )


_GRAMMARS: Mapping[str, _Grammar] = {
    "en": _english_grammar(),
    "ru": _russian_grammar(),
    "az": _azerbaijani_grammar(),
    "hy": _armenian_grammar(),
}
_NOMINALISED = re.compile(
    r"(?:d|t)[ıiuü](?:ğ|y)[ıiuü]n[ıiuü]$|[ıiuü]ğ[ıiuü]n[ıiuü]$|(?:acağ|əcəy)[ıi]n[ıi]$|lduqlarını$|larını$|lərini$"
)


# ---- what the registry tells of speakers -----------------------------------------------------------------


@dataclass(frozen=True)
class _Roster:
    """Who is a person, who speaks for a land, its seat or a crowd, and by what offices each state speaks."""

    persons: frozenset[str] = frozenset()
    speaks: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    offices: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    crowds: frozenset[str] = frozenset()
    collectives: frozenset[str] = frozenset()

    def office(self, state: str, said: Sequence[str], *, of: str = "") -> str:
        """The actor whose office in a state has the words said (of one actor only, if given), else ""."""
        fitting = [
            (sum(min(len(word) - len(base) for word in said if _is_form(word, base)) for base in office), actor)
            for office, actor in self.offices.get(state, ())
            if of in ("", actor) and all(any(_is_form(word, base) for word in said) for base in office)
            and all(any(_is_form(word, base) for base in office) for word in said)
        ]  # fmt: skip
        return min(fitting)[1] if fitting else ""


def _is_form(word: str, base: str) -> bool:
    """Whether a lowered word may be an inflected form of a lowered base."""
    return word == base or (len(base) > 3 and word.startswith(base[:-1]) and abs(len(word) - len(base)) < 5)


@lru_cache(maxsize=8)
def _roster(registry: Registry, language: str) -> _Roster:
    """Read off the registry: an office is what is left of "Azerbaijani Foreign Ministry" without the state's names."""
    actors = registry.actors
    named = {
        name: [(a.kind, _plain(lower(a.text, language)).split()) for a in actor.aliases if a.language == language]
        for name, actor in actors.items()
    }
    towns = {alias.text: name for name, place in registry.places.items() for alias in place.aliases}
    speaks: dict[str, str] = {}
    crowds: set[str] = set()
    for name, actor in actors.items():
        if actor.kind == "territory" and f"{name}_authorities" in actors:
            speaks[name] = f"{name}_authorities"
        for alias in actor.aliases if actor.kind == "authorities" else ():
            if alias.kind == "metonym" and alias.text.split()[-1] in towns:  # "official Stepanakert"
                speaks[towns[alias.text.split()[-1]]] = name
        if actor.kind == "group" and not any(alias.kind == "name" for alias in actor.aliases):
            if any(_CROWD.search(word) for _, words_ in named[name] for word in words_):
                crowds.add(name)
            else:
                speaks[name] = UNKNOWN  # "a resident"
    offices: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, actor in actors.items():
        own = [w for kind, words_ in named.get(actor.represents, ()) if kind != "description" for w in words_]
        for _, words_ in named[name]:
            left = tuple(w for w in words_ if w not in _LINKS and not any(_of_state(w, base) for base in own))
            if left and len(left) < len(words_):
                offices.setdefault(actor.represents, []).append((left, name))
    collectives = frozenset(name for name, actor in actors.items() if actor.kind in {"state", "authorities"})
    states = {name: registry.representative(name) for name in actors}
    persons = frozenset(name for name, actor in actors.items() if actor.kind == "person")
    return _Roster(persons, speaks, states, offices, frozenset(crowds), collectives)


_LINKS = frozenset({"of", "the"})
#: People who act together: the activists of whom the text has spoken.
_CROWD = re.compile(
    r"activist|protester|demonstrator|активист|протестующ|демонстрант|эколог|\bакци[ия]|"
    "fəal|etirazçı|ekoloq|aksiya|ակտիվիստ|ցուցարար|բնապահպան(?!ութ)"
)


def _of_state(word: str, base: str) -> bool:
    """Whether a word of an office names the state ("Армении", "армянское")."""
    return word.startswith(base[:-2] if len(base) > 6 else base) if len(base) > 3 else word == base


# ---- one text, read once ---------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """Narration between two quotations or sentence ends: token range, and the quotations that touch it."""

    first: int
    last: int
    start: int
    end: int
    sentence_end: int
    quote_before: int
    quote_after: int


class _Found(NamedTuple):
    """A cue at tokens ``first`` to ``last`` (exclusive)."""

    first: int
    last: int
    kind: str


class _Voice(NamedTuple):
    """Who speaks, as an actor id and as written."""

    speaker: str
    text: str


@dataclass
class _Page:
    """The tokens, gaps and mentions of one text, and what has been learnt about its speakers so far."""

    text: str
    language: str
    mentions: Sequence[Mention]
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    mention_at: list[int] = field(default_factory=list)
    titles: dict[frozenset[str], str] = field(default_factory=dict)
    roster: _Roster = field(default_factory=_Roster)
    side: str = ""
    collective: frozenset[str] = frozenset()
    last: _Voice | None = None
    last_person: _Voice | None = None
    signer: _Voice | None = None
    scare: set[int] = field(default_factory=set)
    offices: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lowered = lower(self.text, self.language)
        previous = 0
        for start, end in words(self.text, self.language):
            self.starts.append(start)
            self.ends.append(end)
            self.low.append(_plain(lowered[start:end]))
            self.gaps.append(self.text[previous:start])
            previous = end
        self.gaps.append(self.text[previous:])
        self.mention_at = [-1] * len(self.low)
        for index, mention in enumerate(self.mentions):
            for token in range(bisect_right(self.ends, mention.start), bisect_left(self.starts, mention.end)):
                self.mention_at[token] = index
        self.collective = frozenset(m.actor for m in self.mentions if m.kind in {"metonym", "demonym", "place"})
        self._learn_titles()

    @property
    def grammar(self) -> _Grammar:
        return _GRAMMARS[self.language]

    def remember(self, voice: _Voice) -> None:
        """Keep who spoke last, for "it" and "they", and who of them may be a person, for "he" and "she"."""
        if self.last and self.last.speaker == voice.speaker and voice.text.lower() in self.grammar.pronouns:
            return  # keep the name
        self.last = voice
        if not self.roster.persons or voice.speaker == UNKNOWN:
            person = voice.speaker not in self.collective
        else:
            person = voice.speaker in self.roster.persons
        self.last_person = voice if person else self.last_person

    def meant_by(self, pronoun: str) -> str:
        """Whom a pronoun means: "he" never a state where the last speaker who may be a person is another."""
        voice = self.last_person if pronoun in _ONE_PERSON else self.last
        if voice and pronoun in _SEVERAL and " " not in voice.text:
            return UNKNOWN  # a city or a person is not "they"
        return voice.speaker if voice else UNKNOWN

    def token(self, offset: int) -> int:
        """The first token that ends after an offset."""
        return bisect_right(self.ends, offset)

    def is_broken(self, token: int, marks: frozenset[str] = _BREAKS) -> bool:
        """Whether a mark stands between a token and the one before it; "Lachin–Khankendi" is one phrase."""
        gap = self.gaps[token]
        if gap == " ":
            return False
        if gap.strip() in _DASHES and token and min(self.mention_at[token - 1 : token + 1]) >= 0:
            around = [self.mentions[self.mention_at[t]].kind for t in (token - 1, token)]
            if gap in _DASHES or around == ["place", "place"]:
                return False
        if self.language == "hy" and gap.strip() in {".", "․"} and gap != ".":
            return True
        if token in self.scare:  # the marks of scare quotes and titles part nothing
            gap = gap.strip(_MARKS)
        return any(mark in marks or mark == "\n" for mark in gap)

    def is_role(self, token: int) -> bool:
        return self.grammar.roles.match(self.low[token]) is not None

    def is_capital(self, token: int) -> bool:
        return self.text[self.starts[token]].isupper()

    def span_of(self, index: int) -> tuple[int, int]:
        """First and last (exclusive) token of a mention."""
        mention = self.mentions[index]
        return bisect_right(self.ends, mention.start), bisect_left(self.starts, mention.end)

    def mentions_in(self, first: int, last: int) -> list[int]:
        found: list[int] = []
        for token in range(first, last):
            index = self.mention_at[token]
            if index >= 0 and (not found or found[-1] != index):
                found.append(index)
        return found

    def actors_in(self, first: int, last: int) -> set[str]:
        return {self.mentions[index].actor for index in self.mentions_in(first, last)}

    def is_compounded(self, index: int) -> bool:
        """Whether a mention is part of an adjective such as "Baku-based"."""
        end = self.mentions[index].end
        after = self.text[end : end + 2]
        return self.language == "en" and after[:1] == "-" and after[1:].islower()

    def is_governed(self, first: int, floor: int) -> bool:
        """Whether a preposition opens the phrase that a token stands in."""
        for token in range(first - 1, max(floor, first - 8) - 1, -1):
            if self.is_broken(token + 1):
                return False
            if self.low[token] in self.grammar.prepositions:
                return True
            if not (self.is_role(token) or self.is_capital(token)) or self._is_closed(token):
                return False
        return False

    def _is_closed(self, token: int) -> bool:
        """Whether a phrase such as "in Moscow" ends with this token, so that a subject may follow."""
        index = self.mention_at[token]
        if index < 0:
            return False
        return self.case(index) == ("nominative" if self.language == "en" else "oblique")

    def is_oblique(self, token: int) -> bool:
        """Whether the ending of an ordinary noun says that it is not a subject."""
        following = self.low[token + 1] if token + 1 < len(self.low) else ""
        return following in self.grammar.postpositions or self.low[token].endswith(_OBLIQUE_ENDINGS[self.language])

    def case(self, index: int) -> str:
        """nominative, genitive or oblique, from the ending that the mention has and its alias has not."""
        mention = self.mentions[index]
        first, last = self.span_of(index)
        if last < len(self.low) and self.low[last] in self.grammar.postpositions and not self.is_broken(last):
            return "oblique"
        if self.language in {"az", "hy"} and last < len(self.low) and not self.is_broken(last):
            following = self.mention_at[last]
            if mention.kind == "description" and following >= 0:
                if self.mentions[following].kind == "name" and self.case(following) == "oblique":
                    return "oblique"
            elif self.language == "az" and self.is_role(last) and self.low[last].endswith(_AZ_OBJECTS):
                return "oblique"
        surface = _plain(lower(mention.surface, self.language))
        alias = _plain(lower(mention.alias, self.language))
        tail = surface[len(alias) :] if surface.startswith(alias) else None
        if self.language == "en":
            after = self.text[mention.end : mention.end + 2]
            if re.search(r"['’]s?$", mention.surface) or re.match(r"['’](?:s|\W|$)", after):
                return "genitive"
            if surface in {"his", "her", "their", "its", "him", "them"}:
                return "oblique"
            opening = self.low[max(0, first - 2) : first]
            return "genitive" if opening[-1:] == ["of"] or opening == ["of", "the"] else "nominative"
        return _CASES[self.language](surface, tail)

    def _learn_titles(self) -> None:
        """Remember who was introduced as whose minister, to know "the Russian minister" again."""
        for index, left in enumerate(self.mentions):
            first, last = self.span_of(index)
            if left.kind == "description":
                self.titles[self._title(range(first, last))] = left.actor
            right = self.mentions[index + 1] if index + 1 < len(self.mentions) else left
            if left.kind == "description" or right.kind != "name" or right.actor == left.actor:
                continue
            close = self.span_of(index + 1)[0]
            between = range(last, close)
            joined = 0 < len(between) <= 6 and not any(self.is_broken(t) for t in range(last, close + 1))
            if joined and all(self.is_role(t) or self.is_capital(t) for t in between):
                self.titles[self._title(range(first, close))] = right.actor

    def _title(self, tokens: Iterable[int]) -> frozenset[str]:
        """The words of a title, cut to what inflection leaves alone."""
        return frozenset(self.low[token][:5] for token in tokens)

    def holder(self, index: int, first: int, last: int) -> str | None:
        """The person introduced earlier with this country's name and these role words."""
        roles = [token for token in range(first, last) if self.is_role(token) and self.mention_at[token] < 0]
        words_ = self._title([*range(*self.span_of(index)), *roles]) - {"the", "of"}
        if roles:
            for title, person in reversed(self.titles.items()):
                if words_ <= title:
                    return person
        return None


def _plain(lowered: str) -> str:
    """A lowered word without the marks that only guide reading."""
    return lowered.replace("ё", "е").replace("եւ", "և").replace("’", "'")


def _russian_case(surface: str, tail: str | None) -> str:
    if tail == "" or surface in {"он", "она", "они"} or surface.endswith(("ая", "ий", "ый", "ое", "ие", "ые")):
        return "nominative"
    if surface.endswith(("ому", "ему", "ым", "им", "ой", "ей", "ом", "ем", "у", "ю", "е", "ами", "ям", "ам", "ах")):
        return "oblique"
    return "genitive"


def _azerbaijani_case(surface: str, tail: str | None) -> str:
    if not tail and tail is not None:
        return "nominative"
    ending = tail if tail is not None else surface
    ending = ending.lstrip("'")
    if surface in {"o", "onlar"}:
        return "nominative"
    if ending.endswith(("ın", "in", "un", "ün")):
        return "genitive"
    if tail is None:
        return "oblique" if surface.endswith(("nı", "ni", "nu", "nü", "dan", "dən", "la", "lə")) else "nominative"
    return "nominative" if ending in {"i", "ı", "si", "sı"} and " " in surface else "oblique"


def _armenian_case(surface: str, tail: str | None) -> str:
    ending = tail if tail is not None else surface
    if ending.endswith(("ից", "ում", "ով", "ին")) and surface not in {"նա"}:
        return "oblique"
    if ending.endswith(("ի", "ու", "վա")) and tail != "":
        return "genitive"
    return "nominative"


_OBLIQUE_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("'s",),
    "ru": ("ам", "ям", "ами", "ями", "ом", "ем", "ым", "у", "ю", "ах", "ях"),
    "az": (
        "lara",
        "lərə",
        "dan",
        "dən",
        "larla",
        "lərlə",
        "nın",
        "nin",
        "nun",
        "nün",
        "ların",
        "lərin",
        "da",
        "də",
    ),
    "hy": ("ի", "ից", "ին", "ով", "ում", "երի", "երին"),
}
_AZ_OBJECTS = ("dan", "dən", "nı", "ni", "nu", "nü", "na", "nə", "la", "lə", "da", "də")
_CASES = {"ru": _russian_case, "az": _azerbaijani_case, "hy": _armenian_case}


# ---- who speaks ------------------------------------------------------------------------------------------


def _chain(page: _Page, indices: list[int], position: int) -> int:
    """Follow "Azerbaijani > Foreign Minister > Jeyhun Bayramov" to its last name."""
    while position + 1 < len(indices):
        left, right = page.span_of(indices[position]), page.span_of(indices[position + 1])
        between = range(left[1], right[0])
        mention = page.mentions[indices[position]]
        leads = mention.kind != "name" or page.case(indices[position]) == "genitive"
        if page.language != "az" and mention.surface == mention.alias and left[0] and page.is_role(left[0] - 1):
            leads = True  # "министр иностранных дел РФ Сергей Лавров"
        if page.mentions[indices[position + 1]].kind == "place":
            break
        if page.case(indices[position + 1]) != "nominative" or any(
            page.is_broken(t) for t in range(left[1], right[0] + 1)
        ):
            break
        if not all(page.is_role(t) or page.is_capital(t) for t in between) or not (between or leads):
            break
        if between and not any(page.is_role(t) for t in between) and not leads:
            break
        position += 1
    return indices[position]


def _first_of(page: _Page, index: int) -> int:
    """The first of "Washington, Paris and Brussels"."""
    first, joined = page.span_of(index)[0], False
    while index > 0:
        token = first - 1
        comma = page.gaps[first].strip() == ","
        word = token >= 0 and page.low[token] in _AND and page.gaps[first] == " "
        before = index - 1
        reach = page.span_of(before)[1] == (token if word else first)
        if not reach or not (word or (comma and joined)) or page.case(before) != page.case(index):
            return index
        index, first, joined = before, page.span_of(before)[0], True
    return index


_AND = frozenset({"and", "и", "və", "և", "ու"})


def _noun_phrase(page: _Page, first: int, last: int) -> str:
    """The words of a phrase as written, idle words at both ends left out; "" if it is too long to be one."""
    idle = page.grammar.idle
    while first < last and page.low[first] in idle:
        first += 1
    while first < last and page.low[last - 1] in idle:
        last -= 1
    return page.text[page.starts[first] : page.ends[last - 1]] if 0 < last - first <= 12 else ""


def _pick(page: _Page, first: int, last: int, floor: int, *, any_case: bool = False) -> _Voice | None:
    """The speaker among the words of one phrase, None where nobody is named or described there."""
    if first >= last:
        return None
    grammar = page.grammar
    named: list[tuple[int, str]] = []
    for index in page.mentions_in(first, last):
        case = page.case(index)
        begin, end = page.span_of(index)
        if page.is_compounded(index):
            continue
        owner = page.language in {"az", "hy"} and case == "genitive" and not any_case
        if owner and not any(page.is_role(token) for token in range(end, min(last, end + 2))):
            continue  # "Rusiyanın imzalamayacağını": part of what is said
        if any_case or (case != "oblique" and not page.is_governed(begin, floor)):
            named.append((index, "nominative" if any_case else case))
    indices = [index for index, _ in named]
    fallback = len(named) - 1 if page.language in {"en", "ru"} else 0
    head = next((i for i, (_, case) in enumerate(named) if case == "nominative"), fallback)
    chosen = _chain(page, indices, head) if indices else -1
    unnamed = next(
        (
            token
            for token in range(first, last)
            if page.mention_at[token] < 0
            and grammar.unnamed.match(page.low[token])
            and (any_case or not page.is_oblique(token))
            and not page.is_governed(token, first)
        ),
        -1,
    )
    pronoun = next((t for t in range(first, min(last, first + 3)) if page.low[t] in grammar.pronouns), -1)
    if chosen < 0:
        if unnamed >= 0:
            written = _noun_phrase(page, first, last if last - unnamed < 5 else unnamed + 1)
            return _Voice(_crowd(page, first, last), written)
        if pronoun >= 0:
            return _Voice(page.meant_by(page.low[pronoun]), page.text[page.starts[pronoun] : page.ends[pronoun]])
        return None
    chosen = chosen if any_case else _first_of(page, chosen)
    mention = page.mentions[chosen]
    begin, end = page.span_of(chosen)
    if 0 <= pronoun < begin and page.mention_at[pronoun] < 0 and page.last:
        return _Voice(page.meant_by(page.low[pronoun]), page.text[page.starts[pronoun] : page.ends[pronoun]])
    weak = mention.kind in {"demonym", "place"} or page.case(chosen) == "genitive"
    izafet = page.language != "az" or page.low[unnamed][-1] in "iıuü"
    leads = page.language == "az" and first <= unnamed <= first + 1 and unnamed < begin
    near = unnamed >= begin - 6 and (weak or (unnamed == end and izafet and not any_case))
    if unnamed >= 0 and (near or leads) and not (leads and page.mentions[chosen].kind == "name" and not weak):
        return _Voice(UNKNOWN, _noun_phrase(page, min(begin, unnamed), max(end, unnamed + 1)))
    if weak:
        person = page.holder(chosen, max(first, begin - 6), min(last, end + 6))
        if person is not None:
            return _Voice(person, _noun_phrase(page, first, last) or mention.surface)
        others = [t for t in range(end, min(last, end + 4)) if page.low[t] not in grammar.idle]
        if mention.kind == "demonym" and others and not any(page.is_role(t) for t in others):
            return _Voice(UNKNOWN, _noun_phrase(page, first, last))
    return _of(page, chosen)


def _described(page: _Page, first: int, last: int) -> _Voice | None:
    """Who "the minister", "the ministry" or "people close to the talks" are, by what stands before."""
    content = [t for t in range(first, last) if page.low[t] not in page.grammar.idle]
    if not content:
        return None
    text = _noun_phrase(page, first, last)
    pointer = {page.low[content[0]], page.low[content[-1]]} & (_THERE | {"its", "их"})
    if pointer and (len(content) == 1 or any(page.is_role(t) for t in content)):
        for index in reversed(page.mentions_in(max(0, first - 15), first)):
            mention = page.mentions[index]
            if mention.kind in {*_NAMED, "description"} and mention.actor not in page.roster.persons:
                return _of(page, index)._replace(text=text)
    if len(content) == 1 and page.low[content[0]] in _THERE | {"it"} and page.last:
        return _Voice(UNKNOWN if page.last.speaker in page.roster.persons else page.last.speaker, text)
    roles = [t for t in content if page.is_role(t) and page.low[t] not in {"the", "of", "and"}]
    seat = next((page.mention_at[t] for t in content if page.mention_at[t] >= 0), -1)
    place = page.span_of(seat)[0] if seat >= 0 else 0
    if place and roles and roles[0] < place and page.low[place - 1] == "in":
        voice = _of(page, seat)  # "officials in Baku", "the Foreign Ministry in Baku"
        voice = _Voice(page.roster.office(voice.speaker, [page.low[t] for t in roles]) or voice.speaker, text)
        page.offices[page.low[roles[-1]][:5]] = voice.speaker
        return voice
    definite = page.language != "en" or (page.low[content[0]] == "the" and not page.low[content[-1]].endswith("s"))
    plain = len(roles) == len([t for t in content if page.low[t] not in {"the", "of", "and"}])
    body = any(page.low[t].startswith(_INSTITUTIONS) for t in roles) and page.low[content[0]] not in {"a", "an"}
    if page.language in {"az", "hy"} and not plain:
        for last_role in (t for t in roles if not page.is_oblique(t)):
            held = [t for t in roles if t <= last_role and set(range(t, last_role)) <= set(roles)]
            holder = page.roster.office(page.side, [page.low[t] for t in held])
            if holder:
                return _Voice(holder, text)
    if roles and (body or (plain and definite)):
        return _Voice(_office(page, roles, page.starts[first], content), text)
    return _Voice(_crowd(page, first, last), text)


def _crowd(page: _Page, first: int, last: int) -> str:
    """The group that "the activists" or "one of the protesters" are, if the text has named one before."""
    if not any(_CROWD.search(page.low[token]) for token in range(first, last)):
        return UNKNOWN
    named = (m.actor for m in page.mentions if m.end <= page.starts[first] and m.actor in page.roster.crowds)
    return next(named, UNKNOWN)


_THERE = frozenset({"там", "здесь", "այնտեղ", "orada", "there", "here"})
#: Beginnings of the words for one person's office, and of those for a body whose name says what it is.
_HOLDERS = (
    *("minister", "president", "premier", "prime", "spokes", "ambassador", "secretary", "leader", "chancellor"),
    *("министр", "президент", "премьер", "посол", "лидер", "секретар", "глава", "спикер", "дипломат", "генерал"),
    *("nazir", "prezident", "sözçü", "səfir", "katib", "lider", "sədr", "spiker", "general", "başçı", "baş"),
    *("նախարար", "վարչապետ", "նախագահ", "խոսնակ", "դեսպան", "քարտուղար", "առաջնորդ"),
)
_BODIES = ("министерств", "nazirli", "նախարարությ", "ministry")
#: Beginnings of the words for a body of state, whatever else stands with them.
_INSTITUTIONS = (
    *_BODIES,
    *("government", "prosecut", "authorit", "parliament", "ombuds", "spokes"),
    *("правительств", "прокуратур", "генпрокуратур", "минздрав", "мин", "мид", "генштаб", "парламент", "омбудсмен"),
    *("prokurorlu", "komitə", "hökumət", "parlament", "ombudsman", "xidmət"),
    *("կառավարությ", "դատախազությ", "հանձնաժողով", "խորհրդարան", "օմբուդսմեն", "ծառայությ"),
)
_COUNTRY = ("республик", "страны", "ölkə", "respublika", "հանրապետությ", "երկր", "country")


def _office(page: _Page, roles: list[int], before: int, content: Sequence[int]) -> str:
    """The actor meant by an office or a body without a name: named so before, or of the state whose text it is."""
    word, roster = page.low[roles[-1]], page.roster
    said = [page.low[t] for t in roles]
    here = any(page.low[t].startswith(_COUNTRY) for t in content)
    spoke = roster.states.get(page.last.speaker, "") if page.last else ""
    home = spoke if here and spoke else page.side
    if word.startswith(_HOLDERS) and not word.startswith(_BODIES):
        last = page.last_person.speaker if page.last_person else UNKNOWN
        holds = roster.office(roster.states.get(last, ""), said, of=last)
        return holds or roster.office(home, said) or last
    if word[:5] in page.offices:
        return page.offices[word[:5]]
    stems = [one[:6] for one in said]
    end = 0 if here else bisect_left(page.mentions, before, key=lambda mention: mention.start)
    for mention in reversed(page.mentions[max(0, end - 50) : end]):
        named = _plain(lower(mention.surface, page.language))
        if " " in named and all(stem in named for stem in stems):
            return mention.actor
    held = roster.office(home, said)
    if page.last and page.last.speaker != UNKNOWN and len(said) == 1 and not (here or held):
        spoken = [one for one in _plain(lower(page.last.text, page.language)).split() if one not in _LINKS]
        if any(map(page.grammar.roles.match, spoken)):
            return page.last.speaker
    return held or home or UNKNOWN


def _left_edge(page: _Page, cue: int, floor: int) -> int:
    """Where the phrase before a cue begins: after the last mark, conjunction or clause word."""
    grammar = page.grammar
    first = cue
    while first > floor and cue - first < REACH_WORDS:
        if (
            page.is_broken(first)
            or page.low[first - 1] in grammar.markers
            or page.low[first - 1] in grammar.coordinators
        ):
            break
        first -= 1
    return first


def _right_edge(page: _Page, after: int, ceiling: int, *, into: bool = False) -> int:
    """Where the phrase after a cue ends: before the next mark, conjunction or preposition."""
    grammar = page.grammar
    last = after
    while last < ceiling and last - after < 16:
        stops = page.low[last] in grammar.prepositions and not (into and last == after)
        if page.is_broken(last) or stops or page.low[last] in grammar.markers or page.low[last] in grammar.coordinators:
            break
        last += 1
    return last


# ---- direct quotations -----------------------------------------------------------------------------------


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the spaces, commas and dashes at its edges, and without a closing full stop."""
    while start < end and (text[start].isspace() or text[start] in ",;:–—-.։․`՝"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:–—-.։․`՝"):
        end -= 1
    return start, end


def _speech(page: _Page) -> list[tuple[int, int]]:
    """The quotations that are somebody's speech: not titles, and not a word or two in scare quotes."""
    found: list[tuple[int, int]] = []
    for start, end in quotations(page.text, page.language):
        if _is_speech(page, start, end):
            found.extend(_without_remarks(page, start, end) if page.language != "en" else [(start, end)])
        else:
            page.scare.update((bisect_left(page.starts, start), bisect_left(page.starts, end)))
    return found


def _without_remarks(page: _Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of «A, — said X. — B», where the narrator's remark stands inside the marks."""
    first, last = bisect_left(page.starts, start), bisect_left(page.starts, end)
    token = first + 1
    while token < last:
        if _REMARK_OPENS.fullmatch(page.gaps[token]):
            close = next((t for t in range(token + 1, min(last, token + 16)) if _is_dash(page.gaps[t])), -1)
            if close > 0 and _cue_within(page, token, min(close, token + 4)):
                yield _trim(page.text, start, page.starts[token])
                start, token = page.starts[close], close
        token += 1
    yield start, end


_REMARK_OPENS = re.compile(r"\s*[,!?…]\s*[—–-]\s+")


def _is_dash(gap: str) -> bool:
    return gap.strip()[-1:] in {"—", "–", "-"} and gap != "-"


def _is_speech(page: _Page, start: int, end: int) -> bool:
    first, last = bisect_left(page.starts, start), bisect_left(page.starts, end)
    count = last - first
    if count == 0:
        return False
    inner = page.text[start:end].rstrip()
    before = page.text[max(0, start - 4) : start].rstrip(" " + _MARKS)
    outer = page.text[end : end + 5].lstrip(_MARKS + " ")
    opens = before == "" or before[-1] in "\n.:!?։…–—-"
    stops = inner[-1:] in ",.!?…։:" or outer[:1] in ",–—-"
    after = _cue_within(page, last, min(len(page.low), last + 8))
    if count <= 8 and page.language == "az" and page.text[end + 1 : end + 2].isalpha():
        return False  # a name, with its ending after the mark
    if count <= SCARE_WORDS:
        led = bool(before) and before[-1] in ",:" and _cue_within(page, max(0, first - 6), first)
        led = led or _is_led(page, first)
        led = led or (first > 0 and inner[-1:] in ".!?…" and _cue_within(page, max(0, first - 2), first))
        signed = opens and _signed(page, last) is not None
        return led or signed or (opens and stops and after)
    if count <= 8 and inner[-1:] not in ".,!?…։" and not (before and before[-1] in ",:"):
        classifiers = page.grammar.classifiers
        if first > 0 and classifiers.match(page.low[first - 1]) and "\n" not in page.gaps[first]:
            return False
        named = all(page.is_capital(t) or len(page.low[t]) < 4 for t in range(first, last))
        kind = last < len(page.low) and classifiers.match(page.low[last]) is not None
        return stops or not (named or kind)
    return True


def _is_led(page: _Page, first: int) -> bool:
    """Whether a word or two in quotation marks follow "adding that" or stand by the name of a headline."""
    if first and page.low[first - 1] in page.grammar.markers:
        return _cue_within(page, max(0, first - 6), first)
    line = page.token(page.text.rfind("\n", 0, page.starts[first]) + 1)
    name = _headed(page, line, first)
    return name is not None and name[1] == first


def _cue_within(page: _Page, first: int, last: int) -> bool:
    return next(_cues(page, first, last), None) is not None


def _cues(page: _Page, first: int, last: int) -> Iterator[_Found]:
    """Every cue among the tokens, in order."""
    grammar = page.grammar
    token = first
    while token < last:
        found = None
        for cue in grammar.cues.get(page.low[token], ()):
            stop = token + len(cue.words)
            if stop > last or tuple(page.low[token:stop]) != cue.words:
                continue
            if any(page.is_broken(t) for t in range(token + 1, stop)):
                continue
            kind = cue.kind
            if kind in {"compound", "compound_accuse"}:
                beside = [t for t in (token - 1, stop) if first <= t < last]
                if not any(page.low[t].removeprefix("չ") in grammar.auxiliaries for t in beside):
                    continue
                if stop < last and page.low[stop] in grammar.auxiliaries and not page.is_broken(stop):
                    stop += 1
                kind = "accuse" if kind == "compound_accuse" else "say"
            found = _Found(token, stop, kind)
            break
        if found:
            yield found
        token = found.last if found else token + 1


def _pieces(page: _Page, sentences: Sequence[tuple[int, int]], speech: Sequence[tuple[int, int]]) -> list[_Piece]:
    """The narration, cut at sentence ends and at quotations."""
    pieces: list[_Piece] = []
    quote = 0
    for start, end in sentences:
        while quote < len(speech) and speech[quote][1] <= start:
            quote += 1
        cursor, inside = start, quote
        while inside < len(speech) and speech[inside][0] < end:
            _add_piece(page, pieces, speech, (cursor, speech[inside][0], end))
            cursor = max(cursor, speech[inside][1])
            inside += 1
        _add_piece(page, pieces, speech, (cursor, end, end))
    return pieces


def _add_piece(
    page: _Page, pieces: list[_Piece], speech: Sequence[tuple[int, int]], span: tuple[int, int, int]
) -> None:
    start, end, sentence_end = span
    first, last = bisect_left(page.starts, start), bisect_left(page.starts, end)
    if first >= last:
        return
    before = bisect_right(speech, (page.starts[first], -1)) - 1
    if before >= 0 and (page.token(speech[before][1] - 1) + 1 < first or "\n" in page.gaps[first]):
        before = -1
    if before >= 0 and speech[before][1] > page.starts[first]:
        before = -1
    after = bisect_left(speech, (page.ends[last - 1], -1))
    if after == len(speech) or bisect_left(page.starts, speech[after][0]) > last or "\n" in page.gaps[last]:
        after = -1
    pieces.append(_Piece(first, last, start, end, sentence_end, before, after))


# ---- reported speech -------------------------------------------------------------------------------------


class _Event(NamedTuple):
    """An attribution in the narration."""

    position: int
    voice: _Voice
    cue: str


@dataclass
class _Reading:
    """What reading the pieces one by one has found."""

    page: _Page
    speech: list[tuple[int, int]]
    direct: dict[int, _Event] = field(default_factory=dict)
    reported: list[Quote] = field(default_factory=list)
    events: list[_Event] = field(default_factory=list)

    def report(self, start: int, end: int, event: _Event, *, least: int = 2) -> None:
        """Keep a stretch of reported speech, if it has words enough."""
        start, end = _trim(self.page.text, start, end)
        if bisect_left(self.page.starts, end) - bisect_left(self.page.starts, start) >= least:
            self.reported.append(Quote(start, end, False, event.voice.speaker, event.voice.text, event.cue))

    def attach(self, quote: int, event: _Event) -> None:
        self.direct.setdefault(quote, event)


def _read_piece(reading: _Reading, piece: _Piece, previous: tuple[int, int] | None) -> None:
    """Find the cues of one piece of narration, their speakers, and what they introduce."""
    page, grammar = reading.page, reading.page.grammar
    cues = list(_cues(page, piece.first, piece.last))
    floor = piece.first
    here: _Voice | None = None
    before = len(reading.reported)
    headed = _headline(page, piece)
    if headed is not None:
        voice, start = headed
        event = _Event(page.starts[piece.first], voice, "")
        reading.events.append(event)
        page.remember(voice)
        if piece.quote_after >= 0 and start >= page.ends[piece.last - 1]:
            reading.attach(piece.quote_after, event)
            return
        if not (piece.quote_after >= 0 and cues):
            reading.report(start, piece.sentence_end, event)
        here = voice
    _read_decree(reading, piece)
    if headed is None and _read_signature(reading, piece, bool(cues), previous):
        return
    for number, cue in enumerate(cues):
        following = cues[number + 1] if number + 1 < len(cues) else None
        known = len(reading.reported)
        said = _read_cue(reading, piece, cue, following, floor, here, previous)
        if said is not None:
            nested = any(quote.start <= page.starts[cue.first] < quote.end for quote in reading.reported[before:known])
            if not nested and (said.voice.speaker != UNKNOWN or (here is None and said.voice.text)):
                page.remember(said.voice)
            here = here if nested and here else said.voice
            reading.events.append(said)
            floor = cue.last
    if here is None:
        topic = _main_subject(page, piece, _Found(piece.last, piece.last, ""))
        if topic is not None and topic.speaker not in page.collective and topic.speaker != UNKNOWN:
            page.remember(topic)  # whom "he" may mean next
        elif topic is not None and " " in topic.text and topic.speaker != UNKNOWN:
            page.last = topic  # whom "they" may mean next
        if len(page.actors_in(piece.first, piece.last) & page.roster.persons) > 1:
            page.last_person = None
    if here is None and piece.quote_before >= 0 and piece.quote_before not in reading.direct:
        gap = page.gaps[piece.first]
        if page.language != "en" and any(m in gap for m in "—–-") and not page.is_capital(piece.first):
            edge = _right_edge(page, piece.first + 1, piece.last)
            someone = _pick(page, piece.first, edge, piece.first)
            someone = someone or _Voice(_crowd(page, piece.first, edge), _noun_phrase(page, piece.first, edge))
            reading.attach(piece.quote_before, _Event(page.starts[piece.first], someone, ""))
    if here is None and piece.quote_after >= 0:
        colon = ":" in page.gaps[piece.last] and page.language != "hy"
        if colon or any(grammar.statements.match(page.low[t]) for t in range(piece.first, piece.last)):
            speaker = _pick(page, piece.first, piece.last, piece.first)
            if speaker is None and not colon:
                speaker = _pick(page, piece.first, piece.last, piece.first, any_case=True)
            speaker = speaker or (page.last if colon else None)
            if speaker is not None:
                event = _Event(page.starts[piece.first], speaker, "")
                reading.events.append(event)
                reading.attach(piece.quote_after, event)
                if speaker.speaker != UNKNOWN:
                    page.remember(speaker)


#: "signed", "a decree", "under which", and the words that open a sentence about it.
_SIGNING: Mapping[str, tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]] = {
    code: (_stems(signed), _stems(decree), _stems(which), _stems(document))
    for code, signed, decree, which, document in (
        ("en", "signed signing", "decree$ order$", "which$ that$", "decree document text"),
        ("ru", "подписал", "указ$ указа$ распоряжени", "которому$ которым$", "указ документ текст"),
        ("az", "imzala", "fərman sərəncam", "əsasən$ görə$", "fərman sərəncam sənəd"),
        ("hy", "ստորագր", "հրամանագ", "որով$ որի$", "հրամանագ փաստաթ"),
    )
}


def _read_decree(reading: _Reading, piece: _Piece) -> None:
    """Give what a decree lays down to the person who signed it, in the sentence of the signing and after it."""
    page = reading.page
    signed, decree, which, document = _SIGNING[page.language]
    words_ = page.low[piece.first : piece.last]
    if any(map(signed.match, words_)) and any(map(decree.match, words_)):
        named = [page.mentions[i] for i in page.mentions_in(piece.first, piece.last)]
        signer = next((m for m in named if m.actor in page.roster.persons), None)
        page.signer = _Voice(signer.actor, signer.surface) if signer else None
        rule = next((t for t in range(piece.first + 1, piece.last) if which.match(page.low[t])), -1)
        if page.signer and rule >= 0:
            reading.report(page.ends[rule], piece.sentence_end, _Event(page.starts[rule], page.signer, ""))
    elif page.signer and any(map(document.match, words_[:2])) and page.mention_at[piece.first] < 0:
        reading.report(piece.start, piece.sentence_end, _Event(piece.start, page.signer, ""))


def _headline(page: _Page, piece: _Piece) -> tuple[_Voice, int] | None:
    """The speaker of "Lavrov: ..." at the start of a line, and where the words begin."""
    line_start = page.text.rfind("\n", max(0, page.starts[piece.first] - 3), page.starts[piece.first]) >= 0
    named = _headed(page, piece.first, piece.last) if line_start or piece.first == 0 else None
    if named is None:
        return None
    voice, last = named
    return voice, page.ends[last - 1] + 1


def _headed(page: _Page, first: int, ceiling: int) -> tuple[_Voice, int] | None:
    """The name, with its office, that a colon or its Armenian likes follow, and the token after it."""
    index = page.mention_at[first] if first < ceiling else -1
    if index < 0 or page.mentions[index].start != page.starts[first]:
        return None
    last = page.span_of(index)[1]
    chosen = index
    while last < ceiling and not page.gaps[last].strip() and last - first < 6:
        if page.mention_at[last] >= 0:
            chosen = page.mention_at[last]
        elif not page.is_role(last):
            return None
        last += 1
    gap = page.gaps[last]
    marks = (".", "․", ":", "։", "՝", "`") if page.language == "hy" else (":",)
    spaced = gap.startswith((*marks, *(" " + mark for mark in marks)))
    spaced = spaced and (last == len(page.low) or gap[-1:].isspace() or gap.rstrip()[-1:] in _MARKS)
    if not spaced or page.case(chosen) != "nominative":
        return None
    if page.language == "hy" and gap.strip()[:1] not in ":։" and not _is_headline_name(page, chosen, last):
        return None
    return _of(page, chosen), last


def _is_headline_name(page: _Page, index: int, after: int) -> bool:
    """Whether an Armenian name is the bare form of headlines and a claim, not a topic or a date, follows."""
    mention = page.mentions[index]
    bare = len(mention.surface) == len(mention.alias) or not mention.surface.endswith(("ը", "ն"))
    quoted = page.gaps[after].rstrip()[-1:] in _MARKS
    claim = quoted or _is_claim(page, after, _line_end(page, after))
    return bare and claim and mention.kind not in {"place", "demonym"}


def _line_end(page: _Page, token: int) -> int:
    """The token after the line that a token stands in."""
    close = page.text.find("\n", page.starts[token]) if token < len(page.low) else -1
    return bisect_left(page.starts, close) if close >= 0 else len(page.low)


#: Endings and words that show a finite verb, well enough for a headline.
_FINITE: Mapping[str, re.Pattern[str]] = {
    "az": re.compile(r".*(?:[ıiuü]r|[ıiuü]b|d[ıiuü]|d[ıiuü]r|[ae]c[ae]q|əcək|l[aə]r|mal[ıi]|məli)|yox|var"),
    "hy": re.compile(r"է|են|եմ|ենք|էր|էին|չի|չէ|չեն|չենք|պետք|կա|չկա|կ.{4,}|.+(?:եց|եցին|ացավ)"),
    "ru": re.compile(r".+(?:[аеиоуыя]л[аои]?|[аеиуюя]т|тся|лся|лась|лись)|нет|надо|нужно|должн.*|нельзя"),
    "en": re.compile(r"is|are|was|were|has|have|had|will|would|can|could|must|may|might|should|did|does|do|.+ed|.+s"),
}


def _is_claim(page: _Page, first: int, last: int) -> bool:
    """Whether the words of a headline hold a verb, so that somebody can have said them; in az at their end."""
    near = range(last - 1, last) if page.language == "az" else range(first + (page.language == "en"), last)
    return last - first > 1 and any(_FINITE[page.language].fullmatch(page.low[t]) for t in near)


def _whole_headlines(page: _Page, sentences: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Armenian headlines joined again: a dot, which ends a sentence, stands between the name and its words."""
    if page.language != "hy":
        return sentences
    joined: list[tuple[int, int]] = []
    named = False
    for start, end in sentences:
        first, last = bisect_left(page.starts, start), bisect_left(page.starts, end)
        lone = last - first <= 6
        opens = not joined or "\n" in page.text[joined[-1][1] : start]
        signs = lone and not opens and _line_end(page, first) == last and _signed(page, first) is not None
        if not opens and (named or signs):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        head = _headed(page, first, last) if opens and lone else None
        named = head is not None and head[1] == last
    return joined


def _read_signature(reading: _Reading, piece: _Piece, told: bool, previous: tuple[int, int] | None) -> bool:
    """Give a quotation or a headline's claim to the name that signs it at the end of the line."""
    page = reading.page
    for first in range(max(piece.first, piece.last - 6), piece.last):
        voice = _signed(page, first) if _line_end(page, first) == piece.last else None
        if voice is None:
            continue
        event = _Event(page.starts[first], voice, "")
        unclosed = page.gaps[piece.last].split("\n")[0].strip() == ""
        if first == piece.first and piece.quote_before >= 0:
            reading.attach(piece.quote_before, event)
        elif first > piece.first and unclosed and not told and _is_claim(page, piece.first, first):
            reading.report(piece.start, page.ends[first - 1], event)
        else:
            return False
        reading.events.append(event)
        page.remember(voice)
        return True
    return False


def _signed(page: _Page, first: int) -> _Voice | None:
    """The name that signs a line after a dash ("... — Lavrov") or, in Armenian, a dot; nothing follows it."""
    if first >= len(page.low) or (page.mention_at[first] < 0 and not page.is_role(first)):
        return None
    gap = page.gaps[first].rstrip(" ")
    marks = "—–-.․։՝:" if page.language == "hy" else "—–-"
    if gap[-1:] not in marks or not gap or "\n" in gap or page.gaps[first][-1:] == gap[-1:] == "-":
        return None
    last = _line_end(page, first)
    chosen = -1
    for token in range(first, last):
        if page.mention_at[token] >= 0:
            chosen = page.mention_at[token]
        elif not page.is_role(token):
            return None
        if token > first and page.gaps[token].strip():
            return None
    if chosen < 0 or last - first > 6 or page.case(chosen) != "nominative":
        return None
    mention = page.mentions[chosen]
    if mention.kind in {"place", "demonym"} or (page.language == "hy" and mention.surface.endswith("ը")):
        return None
    return _of(page, chosen)


def _read_cue(
    reading: _Reading,
    piece: _Piece,
    cue: _Found,
    following: _Found | None,
    floor: int,
    here: _Voice | None,
    previous: tuple[int, int] | None,
) -> _Event | None:
    page, kind = reading.page, cue.kind
    ceiling = following.first if following else piece.last
    left = _left_edge(page, cue.first, floor)
    as_said = _is_as(page, left, cue)
    marker = -1 if as_said else _marker(page, cue, ceiling)
    voice: _Voice | None = None
    begin, end = left, cue.last
    if cue.first > floor and page.low[cue.first - 1] in _NEGATIONS:
        return None
    if any(page.low[t] in _FIRST_PERSON for t in range(max(left, cue.first - 3), cue.first)):
        return None
    if "accuse" in kind and tuple(page.low[end : end + 2]) in _EACH_OTHER:
        return None
    if page.low[cue.first] == "təqdim" and page.low[cue.first - 1] != "kimi":
        return None  # "presented its plans"
    if kind == "source":
        end = _right_edge(page, cue.last, piece.last)
        begin = cue.first
        voice = _pick(page, cue.last, end, cue.last, any_case=True)
        if voice is None and page.language == "hy" and not _is_somebody(page, cue.last, end):
            return None  # "ըստ էության": in essence
        voice = voice or _described(page, cue.last, end)
        if voice is None or (cue.last - cue.first > 2 and page.language == "ru"):
            heard = page.low[cue.first + 1] in _ONE_PERSON and page.low[cue.last - 1] in {"словам", "мнению"}
            voice = (page.last_person if heard else None) or page.last or _Voice(UNKNOWN, "")
            if page.low[cue.first + 1] == "их":
                voice = here or _main_subject(page, piece, cue) or voice
    elif kind == "source_after":
        voice = _pick(page, left, cue.first, left, any_case=True) or _described(page, left, cue.first) or page.last
        pronoun = next((page.low[t] for t in range(left, cue.first) if page.low[t] in _OBLIQUE_PRONOUNS), "")
        if pronoun and not page.mentions_in(left, cue.first):
            voice = (page.last_person if pronoun in _ONE_PERSON else None) or page.last or voice
    else:
        if page.language == "en" and _is_not_saying(page, cue, floor, left, marker):
            return None
        if kind in {"gerund", "accuse_gerund"}:
            if page.language == "en" and not _is_participle(page, cue, piece.first):
                return None
            voice = here or _main_subject(page, piece, cue) or _Voice(UNKNOWN, "")
            begin = cue.first
        else:
            voice, begin, end = _subject(page, piece, cue, left, floor, ceiling, here, marker)
        if voice is None:
            return None
    nobody = voice is None or voice.speaker == UNKNOWN
    if voice is not None and nobody and _SIDES.search(voice.text):
        return None  # "both sides report losses"
    if nobody and kind.startswith("source") and page.low[cue.last - 1].startswith(("заявлени", "հայտարարությ")):
        return None  # "under the trilateral statement"
    event = _Event(page.starts[cue.first], voice or _Voice(UNKNOWN, ""), _as_written(page, cue))
    _collect(reading, piece, cue, following, (begin, end), marker, event, previous)
    return event


_SIDES = re.compile(r"\b(?:sides|стороны|tərəflər|կողմերը)\b", re.IGNORECASE)
_EACH_OTHER = frozenset({("each", "other"), ("one", "another"), ("друг", "друга")})
_NEGATIONS = frozenset({"не", "չի", "չեն", "չէր", "շնորհակալություն", "ցավակցություն"})
_FIRST_PERSON = frozenset({"i", "we", "я", "мы", "mən", "biz", "ես", "մենք"})  # the narrator's own opinion
_OBLIQUE_PRONOUNS = frozenset({"onun", "onların", "նրա", "նրանց", "его", "ее", "их", "him", "her", "them"})
_SEVERAL = frozenset({"they", "они", "onlar", "նրանք"})
_ONE_PERSON = frozenset({"he", "she", "him", "her", "он", "она", "его", "ее", "o", "onun", "նա", "նրա"})


def _is_somebody(page: _Page, first: int, last: int) -> bool:
    near = range(first, min(last, first + 3))
    return any(page.is_capital(t) or page.is_role(t) or page.low[t] in _OBLIQUE_PRONOUNS for t in near)


def _as_written(page: _Page, cue: _Found) -> str:
    return page.text[page.starts[cue.first] : page.ends[cue.last - 1]]


_NOT_BEFORE = _set("to the a an of their its his her our so any no this that these those")
_SUBJECTS = _set("will would did not also they we i he she who")
_SEEING = _set("saw seen viewed described regarded portrayed")
_NAMING = _set("called charged appealed branded labelled labeled pledged considered deemed threatened promised")
_NEEDS_CLAUSE = _set(
    "wrote reported mentioned recalled felt knew observed disclosed maintained stated asked feared hoped "
    "found showed indicated responded underscored underlined repeated agreed revealed announced "
    "joked testified assured confirmed"
)
_VERBS = _set("is are was were has had have will would can could should may might did does do")


def _is_not_saying(page: _Page, cue: _Found, floor: int, left: int, marker: int) -> bool:
    """Whether an English form is an infinitive, a passive or a noun rather than somebody's act of saying."""
    kind, word = cue.kind, page.low[cue.last - 1]
    if word in {"hold", "holds", "held"} and "responsible" not in page.low[cue.last : cue.last + 7]:
        return True
    before = page.low[max(floor, cue.first - 3) : cue.first]
    if before and before[-1] in _NOT_BEFORE:
        return True
    if kind.endswith("gerund"):
        return False
    if before and not page.is_broken(cue.first):
        verb = [w for w in before if not w.endswith("ly") and w not in {"also", "not", "already", "never"}]
        if verb and verb[-1] in page.grammar.auxiliaries:
            return True
    named = cue.first > floor and page.mention_at[cue.first - 1] >= 0
    if kind.startswith("weak"):
        subject = named or (bool(before) and before[-1] in _SUBJECTS)
        asks = page.low[cue.last : cue.last + 1] in (["whether"], ["why"], ["how"])
        clause = named and word.endswith("s") and _is_clause(page, cue.last, len(page.low))
        return not (marker >= 0 or asks or clause or (kind == "weak_accuse" and subject))
    if kind == "accuse":
        if word in _SEEING and "as" not in page.low[cue.last : cue.last + 9]:
            return True
        after = page.low[cue.last] if cue.last < len(page.low) and not page.is_broken(cue.last) else ""
        if word in _NAMING and after in {"", "off", "up", "out", "in"}:
            return True
        if word in _NAMING and not page.mentions_in(left, cue.first):
            subject = page.low[cue.first - 1] in {"has", "had", "have", *_SUBJECTS} if before else False
            return not (subject or (cue.first > left and page.is_capital(cue.first - 1)))
    return False


def _is_participle(page: _Page, cue: _Found, first: int) -> bool:
    """Whether an English -ing form opens a phrase (", adding that ...")."""
    if cue.first == first or page.is_broken(cue.first):
        return True
    return page.low[cue.first - 1] in {"and", "while", "by", "before", "after", "but", "in"} or (
        cue.last < len(page.low) and page.low[cue.last] == "that"
    )


def _marker(page: _Page, cue: _Found, ceiling: int) -> int:
    """The token that opens a cue's clause ("that", "что", "ki", "որ"), -1 where there is none."""
    grammar = page.grammar
    near = 3 if page.language == "az" else MARKER_REACH_WORDS
    for token in range(cue.last, min(ceiling, cue.last + near)):
        colon = token == cue.last and ":" in page.gaps[token] and page.language != "hy"
        if colon or (token > cue.last and page.is_broken(token, _HARD_BREAKS)):
            return -1
        if page.low[token] not in grammar.markers:
            continue
        if page.language == "en" and not _opens_clause(page, cue, token):
            return -1
        if page.language == "ru" and "," not in page.gaps[token]:
            continue
        return token
    return -1


def _opens_clause(page: _Page, cue: _Found, token: int) -> bool:
    """Whether an English "that" belongs to the cue: nothing but a hearer or a time and place between."""
    if token == cue.last:
        return True
    if page.low[token - 1] in page.grammar.prepositions or page.low[token - 1] in {
        "all",
        "and",
        "everything",
    }:
        return page.low[token - 1] == "and" and token - cue.last < 2
    opening = page.low[cue.last]
    return (
        opening in page.grammar.adjuncts
        or opening in page.grammar.prepositions
        or page.low[cue.last - 1] in {"told", "tell", "tells", "reminded", "assured", "warned", "informed"}
        or page.is_broken(cue.last)
        or (page.mention_at[cue.last] >= 0 and token - cue.last < 4)
        or (opening in {"the", "a"} and page.is_broken(cue.first))
    )


def _main_subject(page: _Page, piece: _Piece, cue: _Found) -> _Voice | None:
    """The first actor in the nominative before a cue: the subject of the sentence, as a rule."""
    start = max(piece.first, cue.first - REACH_WORDS)
    for index in page.mentions_in(start, cue.first):
        first = page.span_of(index)[0]
        compounded = page.is_compounded(index)
        if page.language == "en" and first > start + 1 and page.low[first - 1] == "in" and page.is_role(first - 2):
            return _Voice(_of(page, index).speaker, _noun_phrase(page, start, first + 1))
        if page.case(index) == "nominative" and not compounded and not page.is_governed(first, start):
            stop = first + 1
            while stop < cue.first and not page.is_broken(stop):
                stop += 1
            return _pick(page, first, stop, first)
    return None


def _subject(
    page: _Page,
    piece: _Piece,
    cue: _Found,
    left: int,
    floor: int,
    ceiling: int,
    here: _Voice | None,
    marker: int,
) -> tuple[_Voice | None, int, int]:
    """The speaker of a verb of saying, and the tokens from the speaker to the verb."""
    grammar = page.grammar
    plural = cue.kind.startswith("plural")
    passive = cue.kind.startswith("passive")
    right = _right_edge(page, cue.last, marker if marker >= 0 else ceiling, into=plural)
    inverted = page.language != "en" or (
        cue.first == left
        and (piece.quote_before >= 0 or page.is_broken(cue.first))
        and not any(_is_verb(page, token) for token in range(cue.last, right))
        and (
            piece.quote_before >= 0
            or page.is_broken(right)
            or not any(_is_verb(page, token) for token in range(right, min(piece.last, right + REACH_WORDS)))
        )
    )
    if plural and right > cue.last and page.low[cue.last] in {"в", "во", "на", "из"}:
        if right < len(page.low) and page.low[right] in {"в", "во"} and page.low[right - 1] in _WEEKDAYS:
            cue = cue._replace(last=right)  # "сообщили во вторник в министерстве"
            right = _right_edge(page, right, ceiling, into=True)
        voice = _pick(page, cue.last + 1, right, cue.last + 1, any_case=True)
        voice = voice or _described(page, cue.last + 1, right)
        return voice or _Voice(UNKNOWN, _noun_phrase(page, cue.last, right)), left, right
    many = plural or passive or page.low[cue.last - 1].endswith(("lar", "lər", "են", "էին", "եցին"))
    many = many or (page.language == "hy" and page.low[cue.first - 1] in {"են", "էին"})
    sources = page.mentions_in(left, cue.first)
    if passive:
        from_there = sources and (page.language == "ru" or _is_ablative(page, sources[-1], cue.first))
        voice = _of(page, sources[-1]) if from_there else _stated(page, left, cue)
        if voice is None and marker >= 0:
            voice = page.last if left == piece.first and marker == cue.last else _Voice(UNKNOWN, "")
        return voice, left, cue.last
    if page.language == "az" and left == piece.first and _is_bare_office(page, left, cue.first):
        return _described(page, left, left + 1), left, cue.last
    told = page.language == "az" and piece.first < left < cue.first
    told = told and ("accuse" in cue.kind or _NOMINALISED.search(page.low[cue.first - 1]) is not None)
    if told and not any(page.case(i) == "nominative" for i in page.mentions_in(left, cue.first)):
        if here is None and _is_bare_office(page, piece.first, cue.first):
            return _described(page, piece.first, piece.first + 1), left, cue.last
        voice = here or _main_subject(page, piece, cue)  # "X ..., that it is so says": the subject came before
        if voice is None and page.grammar.unnamed.match(page.low[piece.first]):
            voice = _pick(page, piece.first, piece.first + 1, piece.first)
        office = next((t for t in range(piece.first, left) if not (page.is_role(t) or page.low[t] in _AND)), left)
        if voice is None and office > piece.first and not page.is_oblique(office - 1):
            voice = _described(page, piece.first, office)
        seats = page.mentions_in(piece.first, left)[:1] if many else []
        if voice is None and seats and page.low[page.span_of(seats[0])[1] - 1].endswith(("da", "də", "dan", "dən")):
            voice = _of(page, seats[0])
        if voice is not None:
            return voice, left, cue.last
    if plural and page.language == "ru" and _seat_before(page, left, cue, sources):
        return _of(page, sources[-1]), left, cue.last
    voice = _foreign_name(page, left, cue.first) or _pick(page, left, cue.first, left)
    if voice is not None:
        return voice, left, cue.last
    if "accuse" in cue.kind and left == cue.first > floor and page.low[left - 1] in {"и", "və", "և", "եւ"}:
        voice = here or _main_subject(page, piece._replace(first=floor), cue)
        if voice is not None:
            return voice, left, cue.last
    if inverted and right > cue.last:
        voice = _pick(page, cue.last, right, cue.last)
        if "accuse" in cue.kind and not any(page.case(i) == "nominative" for i in page.mentions_in(cue.last, right)):
            voice = None  # what stands there is the accused
        if voice is not None:
            return voice, cue.first, right
    if plural and sources and page.is_governed(page.span_of(sources[0])[0], left):
        return _of(page, sources[-1]), left, cue.last
    if page.language in {"hy", "az"} and sources and _is_ablative(page, sources[-1], cue.first):
        asked = page.low[cue.first].startswith(_DEMANDS)
        if asked and page.mentions[sources[-1]].surface.endswith(("ից", "dan", "dən")):
            return here or _main_subject(page, piece, cue) or _Voice(UNKNOWN, ""), left, cue.last
        if many:
            return _of(page, sources[-1]), left, cue.last
    if cue.kind == "plural_accuse":  # "его обвиняют": nobody in particular
        return None, left, cue.last
    words_left = [t for t in range(left, cue.first) if page.low[t] not in grammar.idle]
    if plural and not words_left:  # "В Баку ... и напоминают"
        seats = [i for i in page.mentions_in(floor, cue.first) if page.is_governed(page.span_of(i)[0], floor)]
        opening = range(floor, page.span_of(seats[0])[0]) if seats else range(0)
        if seats and all(page.is_capital(t) or page.low[t] in grammar.prepositions for t in opening):
            return _of(page, seats[0]), left, cue.last
    if not words_left:  # "X, the minister, said", "X went to Y and said"
        voice = here if cue.first > floor and not page.is_broken(cue.first) else None
        if voice is None and floor < cue.first and page.low[floor] in grammar.pronouns and page.is_broken(floor + 1):
            voice = _Voice(page.meant_by(page.low[floor]), page.text[page.starts[floor] : page.ends[floor]])
        voice = voice or _main_subject(page, piece._replace(first=floor), cue) or here
        voice = voice or _stranger(page, floor, cue.first)
        if voice is None and left == cue.first > floor and page.is_broken(cue.first) and not inverted:
            edge = next((t for t in range(floor + 1, cue.first) if page.is_broken(t)), floor)
            voice = _described(page, floor, edge) if edge - floor < 12 else None
        if voice is not None:
            return voice, left, cue.last
    named = bool(words_left) and (
        page.is_role(words_left[-1]) or (page.is_capital(words_left[-1]) and not page.is_oblique(words_left[-1]))
    )
    topical = right > cue.last and page.low[cue.last] in grammar.prepositions  # "говорят о правах"
    if inverted and right > cue.last and not named and not topical and "accuse" not in cue.kind:
        voice = _described(page, cue.last, right)
        if voice is not None and (not words_left or page.language != "en"):
            return voice, cue.first, right
    if words_left:
        voice = _described(page, left, cue.first)
        if voice is not None:
            return voice, left, cue.last
    if page.language != "en":
        voice = here or page.last
        return voice or _Voice(UNKNOWN, ""), left, cue.last
    joined = left > floor and page.low[left - 1] in {"and", "but"} and "accuse" not in cue.kind
    return _Voice(UNKNOWN, "") if joined else None, left, cue.last


def _seat_before(page: _Page, left: int, cue: _Found, sources: Sequence[int]) -> bool:
    """Whether a capital stands right before a plural verb that has no subject ("жителей области в Баку называют")."""
    seat, last = page.span_of(sources[-1]) if sources else (left, left)
    if seat <= left or page.low[seat - 1] not in {"в", "во"} or page.mentions[sources[-1]].kind != "metonym":
        return False
    subject = any(page.grammar.unnamed.match(page.low[t]) and page.low[t][-1] in "иы" for t in range(left, seat))
    subject = subject or any(page.case(i) == "nominative" for i in sources[:-1])
    return not subject and all(page.low[t] in page.grammar.idle | _STILL for t in range(last, cue.first))


def _stated(page: _Page, left: int, cue: _Found) -> _Voice | None:
    """Whose statement it is that says something ("Nazirliyin məlumatında deyilir", "говорится в заявлении МИД")."""
    after = page.language in {"ru", "en"}
    right = _right_edge(page, cue.last, min(len(page.low), cue.last + 10), into=True) if after else cue.first
    for token in range(cue.last if after else left, right):
        if page.grammar.statements.match(page.low[token]):
            first, last = (token + 1, right) if after else (left, token)
            voice = _pick(page, first, last, first, any_case=True) or _described(page, first, last)
            return voice or page.last
    return None


_DEMANDS = ("պահանջ", "խնդր", "tələb", "xahiş")  # what stands in the ablative is of whom it is demanded


def _of(page: _Page, index: int) -> _Voice:
    """The voice of a mention; a place is nobody in particular unless somebody governs there."""
    mention = page.mentions[index]
    nobody = UNKNOWN if mention.kind == "place" else mention.actor
    return _Voice(page.roster.speaks.get(mention.actor, nobody), mention.surface)


def _is_bare_office(page: _Page, first: int, last: int) -> bool:
    """Whether an Azerbaijani clause opens with "The ministry", before any other name in it."""
    if last - first < 2 or page.mention_at[first] >= 0 or not page.is_role(first) or page.is_oblique(first):
        return False
    following = page.mention_at[first + 1]
    apart = page.case(following) != "nominative" if following >= 0 else not page.is_capital(first + 1)
    whole = page.low[first] not in _ATTRIBUTES and page.low[first][-1] not in _HARMONY
    apart = apart and (not page.is_role(first + 1) or any(mark in _MARKS for mark in page.gaps[first + 1]))
    return apart and whole and page.is_capital(first)


_ATTRIBUTES = _set("dövlət hərbi xarici müdafiə rəsmi baş sərhəd təhlükəsizlik")


def _foreign_name(page: _Page, first: int, last: int) -> _Voice | None:
    """A person outside the registry who opens an az or hy clause: its subject, before any other name."""
    if first >= last or page.mention_at[first] >= 0:
        return None
    if page.language == "hy":
        for token in range(first + 1, last):
            if page.mention_at[token] >= 0:
                return None
            pair = page.is_capital(token) and page.is_capital(token - 1) and not page.is_broken(token)
            if pair and page.low[token].endswith(("ը", "ն")) and not page.is_role(token):
                return _Voice(UNKNOWN, page.text[page.starts[token - 1] : page.ends[token]])
    if page.language != "az" or page.is_oblique(first) or not page.is_capital(first):
        return None
    opens = first == 0 or any(mark in ".!?\n" for mark in page.gaps[first])
    if opens or page.is_role(first) or page.low[first] in page.grammar.pronouns:
        return None
    titled = first + 1 < last and page.is_role(first + 1)
    return None if titled else _Voice(UNKNOWN, page.text[page.starts[first] : page.ends[first]])


def _stranger(page: _Page, first: int, last: int) -> _Voice | None:
    """A person outside the registry, by given name and surname, who opens the sentence of a cue."""
    if last - first < 3 or page.gaps[first + 1] != " " or page.mentions_in(first, first + 2):
        return None
    if not (page.is_capital(first) and page.is_capital(first + 1)) or page.is_role(first):
        return None
    return _Voice(UNKNOWN, page.text[page.starts[first] : page.ends[first + 1]])


def _is_verb(page: _Page, token: int) -> bool:
    """Whether an English word shows that a clause, not a speaker's name, follows the cue."""
    word = page.low[token]
    if word in _VERBS or word.split("'")[0] in page.grammar.pronouns or word.endswith("n't"):
        return True
    return word.endswith("ed") and not page.is_capital(token)


def _is_ablative(page: _Page, index: int, cue: int) -> bool:
    """Whether news comes "from" an institution (nazirlikdən bildiriblər, ՊՆ-ից հայտնում են)."""
    endings = ("dan", "dən", "ից", "da", "də", "ում")
    token = page.span_of(index)[1] - 1
    while token + 1 < cue and page.is_role(token + 1):
        token += 1
    return page.low[token].endswith(endings)


def _collect(
    reading: _Reading,
    piece: _Piece,
    cue: _Found,
    following: _Found | None,
    frame: tuple[int, int],
    marker: int,
    event: _Event,
    previous: tuple[int, int] | None,
) -> None:
    """Decide what a cue introduces: a quotation beside it, the clause after it, or the one before it."""
    page, grammar = reading.page, reading.page.grammar
    begin, end = frame
    opening = _before_comma(reading, piece, begin, end, event.voice)
    if opening >= 0 and page.language == "az" and "gerund" not in cue.kind:  # back to the last finite verb
        ends = (
            t
            for t in range(begin, opening, -1)
            if page.is_broken(t) and _FINITE["az"].fullmatch(page.low[t - 1]) and page.low[t - 1] not in {"yox", "var"}
        )
        begin = next(ends, opening)
    stop = _content_end(page, piece, cue, following, marker)
    accuse = "accuse" in cue.kind
    if marker >= 0:
        if marker + 1 >= piece.last and piece.quote_after >= 0:
            reading.attach(piece.quote_after, event)
        else:
            reading.report(page.ends[marker], stop, event, least=1)
        if piece.quote_before >= 0 and begin <= piece.first + 1 and not _starts_afresh(page, piece, reading):
            reading.attach(piece.quote_before, event)
        return
    if "passive" in cue.kind and page.language == "hy":
        return
    if not accuse and piece.quote_before < 0 and _is_parenthesis(page, piece, begin, end, event.voice):
        reading.report(piece.start, page.starts[begin], event, least=1)
        reading.report(page.ends[end - 1], stop, event)
        return
    tail = page.gaps[piece.last]
    rest = piece.last - end
    if piece.quote_before >= 0 and begin <= piece.first + 2 and not accuse and not _starts_afresh(page, piece, reading):
        reading.attach(piece.quote_before, event)
        if piece.quote_after >= 0 and rest <= 10 and following is None:
            reading.attach(piece.quote_after, event)
        return
    adjunct = rest == 0 or page.low[end] in grammar.adjuncts or page.low[end] in grammar.prepositions
    closed = tail.rstrip(_MARKS + " ")[-1:] in ({"։"} if page.language == "hy" else {".", "!", "?", "…"})
    colon = ":" in tail and page.language != "hy"  # where it is a full stop too
    leads = rest == 0 or (colon and rest <= 14) or ("," in tail and adjunct)
    if piece.quote_after >= 0 and leads and not closed:
        reading.attach(piece.quote_after, event)
        if rest == 0 and not any(mark in tail for mark in ",:") and not accuse:
            return
        if rest <= 14 and not accuse:
            return
    if ":" in page.gaps[end] and rest > 0 and page.language != "hy":
        reading.report(page.ends[end - 1], stop, event)
        return
    forward = accuse or (cue.kind == "source" and rest > 0) or page.low[cue.first] in _OPINING
    if not forward and _is_back_reference(page, piece.first, begin, cue, end):
        if previous is not None:
            reading.report(*previous, event)
        return
    if cue.kind in {"source", "source_after"} or _is_as(page, begin, cue):
        if cue.kind != "source" and begin > piece.first and page.low[begin - 1] in grammar.as_words:
            begin -= 1
        after = _frame_end(page, end, piece.last)
        parted = [t for t in range(piece.first + 1, begin + 1) if page.gaps[t].lstrip()[:1] in {":", ";"}]
        opening = page.starts[parted[-1]] if parted and page.language != "hy" else piece.start
        reading.report(opening, page.starts[begin], event, least=3)
        resumed = page.token(after)
        verbal = resumed < piece.last and page.low[resumed] in _VERBS
        if begin - piece.first < 3 or page.language != "en" or verbal:
            reading.report(after, piece.sentence_end, event)
        return
    if accuse and page.language in {"az", "hy"}:
        _collect_verb_final(reading, piece, cue, begin, stop, event)
        return
    if accuse:
        reading.report(page.ends[end - 1], stop, event, least=1)
        return
    trails = opening < 0 and begin > piece.first and any(m in ",–—-՝" for m in page.gaps[begin])
    if page.language == "az" and not any(m in "–—-" + _MARKS for m in page.gaps[begin]):
        near = next((t for t in range(cue.first - 1, begin - 1, -1) if page.low[t] not in grammar.idle), begin)
        if near > piece.first and _NOMINALISED.search(page.low[near]):
            _collect_verb_final(reading, piece, cue, begin, stop, event)
            return
        trails = trails and "passive" not in cue.kind
    if page.language == "az" and not trails:
        edge = next((t for t in range(begin, cue.first) if page.low[t] == "deyə"), -1)
        if edge < 0 and begin > piece.first and page.low[begin - 1] == "deyə":
            edge = begin - 1
        if edge > piece.first:
            reading.report(piece.start, page.starts[edge], event)
            return
    if page.language == "ru" and begin < cue.first and rest > 1 and not adjunct and not page.is_broken(end):
        trails = False  # "..., leaders confirmed their readiness"
    if trails and (page.language != "en" or adjunct or rest < 3 or page.is_broken(end)):
        topic = page.language == "ru" and rest > 1 and page.low[end] in {"о", "об", "обо"}
        if not topic:
            if ":" in tail and "\n" in tail and rest == 0:
                return
            reading.report(piece.start, page.starts[begin], event, least=2)
            goes_on = page.is_broken(end) and rest > 3 and end == cue.last and _goes_on(page, end)
            if goes_on and (following is None or following.first > end + 1):
                reading.report(page.ends[end - 1], stop, event, least=3)
            return
    if page.language == "az":
        return
    topic = page.language == "ru" and end < piece.last and page.low[end] in {"о", "об", "обо"}
    if page.language == "ru" and ((begin >= cue.first and opening < 0) or page.low[cue.first] in _TALK) and not topic:
        return
    if page.low[cue.first] in _TALK:
        return
    if page.language == "en" and page.low[cue.last - 1] in _NEEDS_CLAUSE and not _is_clause(page, end, piece.last):
        return
    if page.is_broken(end) and rest and page.language == "en" and not _goes_on(page, end):
        return
    if (
        page.language == "en"
        and adjunct
        and not _VERBS.intersection(page.low[end : min(piece.last, end + REACH_WORDS)])
    ):
        return
    reading.report(_after_hearer(page, cue, end, piece.last), stop, event)


def _is_parenthesis(page: _Page, piece: _Piece, begin: int, end: int, voice: _Voice) -> bool:
    """Whether "X, Lavrov said, closed the road" parts a subject of a few words from its verb."""
    if not 0 < begin - piece.first <= 4 or piece.last - end < 2 or not voice.text:
        return False
    if not all("," in page.gaps[t] or _is_dash(page.gaps[t]) for t in (begin, end)) or not _goes_on(page, end):
        return False
    if page.text.find(voice.text, page.starts[begin], page.ends[end - 1]) < 0:
        return False
    if page.low[piece.first] in page.grammar.prepositions | page.grammar.idle | page.grammar.coordinators:
        return False  # "In Baku, Lavrov said, ..."
    head = [t for t in range(piece.first, begin) if page.mention_at[t] < 0 and not page.is_role(t)]
    if page.language == "en":
        return not any(page.low[t] == "must" or _is_verb(page, t) for t in head)
    participles = _SHORT_PARTICIPLE if page.language == "ru" else _FINITE[page.language]
    return not any(pattern.fullmatch(page.low[t]) for t in head for pattern in (_FINITE[page.language], participles))


_SHORT_PARTICIPLE = re.compile(r".+[нт][аоы]?")
_TALK = _set(
    "признает признают повторяет повторил повторила повторяют повторили "
    "говорил говорила говорили говорит говорят рассказывал рассказывала"
)


def _goes_on(page: _Page, token: int) -> bool:
    """Whether what is said goes on after ", he said,", rather than a remark about the speaker."""
    word = page.low[token]
    return not (word in {"who", "which", "a", "an", "whose", "where", "when", "as"} or word.endswith("ing"))


def _is_clause(page: _Page, first: int, last: int) -> bool:
    """Whether an English clause with a subject and a verb begins here."""
    near = page.low[first : min(last, first + 7)]
    return bool(near) and (near[0] in page.grammar.pronouns or any(word in _VERBS for word in near[1:]))


def _before_comma(reading: _Reading, piece: _Piece, begin: int, end: int, voice: _Voice) -> int:
    """The token where a speaker stands who opened the clause before a comma ("X, for its part, says"), -1 for none."""
    page = reading.page
    floor = piece.first
    if reading.events and reading.events[-1].position >= page.starts[floor]:
        floor = page.token(reading.events[-1].position) + 1
    if not voice.text or page.text.find(voice.text, page.starts[begin], page.ends[end - 1]) >= 0:
        return -1
    found = page.text.find(voice.text, page.starts[floor], page.starts[begin]) if floor < begin else -1
    return page.token(found) if found >= 0 else -1


def _collect_verb_final(reading: _Reading, piece: _Piece, cue: _Found, begin: int, stop: int, event: _Event) -> None:
    """Content that stands between the speaker and a verb at the end, and what may follow the verb."""
    page = reading.page
    start = begin
    for index in page.mentions_in(begin, cue.first):
        if page.mentions[index].surface == event.voice.text:
            start = page.span_of(index)[1]
            break
    else:
        if event.voice.text:
            spoken = page.text.find(event.voice.text, page.starts[begin], page.starts[cue.first])
            start = page.token(spoken + len(event.voice.text) - 1) + 1 if spoken >= 0 else begin
    joined = begin > 1 and page.low[begin - 1] in _AND and page.mention_at[begin - 2] >= 0
    second = page.mention_at[begin] if joined else -1
    if start == begin and second >= 0 and page.case(second) == "nominative":
        start = page.span_of(second)[1]  # "the EU and the US"
    office = start > begin and page.mention_at[start - 1] >= 0
    office = office and page.mentions[page.mention_at[start - 1]].kind != "name"
    while start < cue.first and page.is_role(start) and page.mention_at[start] < 0:
        if not (office or page.is_capital(start)):
            break
        start += 1
    last = cue.first
    while last > start and page.low[last - 1] in page.grammar.auxiliaries:
        last -= 1
    if last > start:
        reading.report(page.starts[start], page.ends[last - 1], event, least=1)
    reading.report(page.ends[cue.last - 1], stop, event, least=1 if page.language == "hy" else 2)


def _starts_afresh(page: _Page, piece: _Piece, reading: _Reading) -> bool:
    """Whether a new sentence begins after a quotation, so that its cue introduces something else."""
    end = reading.speech[piece.quote_before][1]
    closed = page.text[end - 1 : end] in {".", "։"} and not any(m in ",–—-" for m in page.gaps[piece.first])
    outside = any(mark in page.gaps[piece.first] for mark in ".։:")
    return (closed or outside) and page.is_capital(piece.first)


def _content_end(page: _Page, piece: _Piece, cue: _Found, following: _Found | None, marker: int) -> int:
    """Where reported speech ends: the sentence's end, or where the next speaker or cue takes over."""
    for token in range(cue.last, min(piece.last, cue.last + 5 * REACH_WORDS)):
        if ";" in page.gaps[token]:
            return page.ends[token - 1]
    if following is None:
        return piece.sentence_end
    grammar = page.grammar
    edge = _left_edge(page, following.first, cue.last)
    if following.kind in {"gerund", "accuse_gerund"} and page.is_broken(following.first):
        return page.ends[following.first - 1]
    if marker < 0 and edge >= cue.last and page.gaps[edge].strip() in {",", ".", "․"}:
        seat = page.low[edge] in grammar.prepositions
        named = page.mention_at[edge + seat]
        if named >= 0 and (seat or page.case(named) == "nominative"):
            return page.ends[edge - 1]  # "Ankara praised the step, Brussels condemned it"
    takes_over = edge > cue.last and page.low[edge - 1] in grammar.coordinators
    if takes_over and page.low[edge - 1] in _TURNS and (edge < following.first or page.low[edge - 1] == "and"):
        empty = all(page.low[t] in grammar.idle for t in range(edge, following.first))
        if empty or page.low[edge - 1] != "and":
            return page.ends[max(cue.last, edge - 1) - 1] if edge - 1 > cue.last else piece.sentence_end
    return piece.sentence_end


_WEEKDAYS = _set("понедельник вторник среду четверг пятницу субботу воскресенье")
_STILL = _set("по-прежнему всегда давно упорно прямо")
_TURNS = frozenset({"and", "while", "but", "whereas", "а", "и", "но", "isə", "amma", "իսկ", "և", "բայց"})


def _is_back_reference(page: _Page, floor: int, begin: int, cue: _Found, end: int) -> bool:
    """Whether a cue speaks of the sentence before ("said this on Friday", "об этом сообщил")."""
    if page.language == "az" and _NOMINALISED.search(page.low[cue.first - 1]):
        return False
    for these in page.grammar.this_words:
        size = len(these)
        if tuple(page.low[end : end + size]) == these or tuple(page.low[cue.last : cue.last + size]) == these:
            return True
        if page.language != "en":
            for token in range(max(floor, begin - 4), cue.first):
                if tuple(page.low[token : token + size]) == these:
                    return True
    return False


def _is_as(page: _Page, begin: int, cue: _Found) -> bool:
    grammar = page.grammar
    if begin > 0 and page.low[begin - 1] in grammar.as_words and not page.is_broken(begin):
        if begin > 1 and page.low[begin - 2] in _NOT_AS and not page.is_broken(begin - 1):
            return False
        return page.language != "en" or "accuse" not in cue.kind
    near = range(begin, min(cue.first, begin + 3))
    return any(page.low[t] in grammar.as_words and page.low[t - 1] not in _NOT_AS for t in near)


_OPINING = _set("համարում համարել hesab sayır sayırlar sayıb")  # "they hold this to be a pretext"
_NOT_AS = _set("тогда так того тем перед после")  # "тогда как": whereas


def _frame_end(page: _Page, end: int, ceiling: int) -> int:
    """The end of "As the minister said in Moscow," : up to the next comma, or of the phrase itself."""
    last = end
    while last < ceiling and last - end < 20:
        if any(mark in ",՝`" for mark in page.gaps[last]):
            return page.ends[last - 1]
        last += 1
    return page.ends[end - 1]


def _after_hearer(page: _Page, cue: _Found, end: int, ceiling: int) -> int:
    """Where the content begins after "told reporters"."""
    if page.low[cue.last - 1] in {"told", "tell", "tells"} and end < ceiling:
        index = page.mention_at[end]
        return page.ends[page.span_of(index)[1] - 1] if index >= 0 else page.ends[end]
    return page.ends[end - 1]


# ---- the two doors ---------------------------------------------------------------------------------------


def find_quotes(
    text: str,
    language: str,
    sentences: list[tuple[int, int]],
    mentions: list[Mention],
    *,
    registry: Registry | None = None,
    side: str = "",
) -> list[Quote]:
    """Every stretch of a text that is somebody else's words, and whose.

    Rules, not a parser: the cue words of each language with the forms their inflection gives, the actor that
    stands with the cue (the person before the country), and the clause or quotation the cue belongs to. They
    need no model, say why (``cue``), and work alike in four languages.

    Parameters
    ----------
    text : str
        As `text.clean` leaves it.
    language : str
        az, hy, ru or en. "other" gives no quotes.
    sentences : list of (int, int)
        From `text.sentences`.
    mentions : list of Mention
        From `actors.find_mentions` (and `actors.resolve_pronouns`), sorted, on the same text.
    registry : Registry, optional
        Tells persons ("he" means none but these), offices ("the prime minister") and who speaks for a land. Without
        it, "he" means nobody whom the text also names as a place or by an adjective ("Baku", "Azerbaijani").
    side : str, optional
        Whose press the text is from, as an actor id: the owner of an office named without a country.

    Returns
    -------
    list of Quote
        By start, the outer one first. Reported speech may hold a direct quotation or another speaker's
        reported speech. One to four words in quotation marks without a cue are the narrator's;
        so are names.

    Raises
    ------
    LanguageError
        If `language` is none of az, hy, ru, en and other.

    References
    ----------
    Pareti (2016), PARC 3.0: A Corpus of Attribution Relations, LREC.
    """
    if language == "other":
        return []
    if language not in LANGUAGES:
        raise LanguageError(f"unknown language '{language}'; {suggest(language, [*LANGUAGES, 'other'])}")
    roster = _Roster() if registry is None else _roster(registry, language)
    page = _Page(text, language, mentions, roster=roster, side=side if registry and side in registry.actors else "")
    reading = _Reading(page, _speech(page))
    previous: tuple[int, int] | None = None
    for piece in _pieces(page, _whole_headlines(page, sentences), reading.speech):
        _read_piece(reading, piece, previous)
        previous = (piece.start, piece.end) if piece.quote_after < 0 else None
    found = reading.reported + _direct_quotes(reading)
    return sorted(set(found), key=lambda quote: (quote.start, -quote.end, quote.direct))


def _direct_quotes(reading: _Reading) -> list[Quote]:
    """The direct quotations; those without a cue of their own go to whoever is speaking around them."""
    text = reading.page.text
    events = sorted([*reading.events, *reading.direct.values()])
    positions = [event.position for event in events]
    reported = sorted(reading.reported)
    found: list[Quote] = []
    active: list[Quote] = []
    cursor = 0
    for number, (start, end) in enumerate(reading.speech):
        while cursor < len(reported) and reported[cursor].start <= start:
            active.append(reported[cursor])
            cursor += 1
        active = [quote for quote in active if quote.end > start]
        event = reading.direct.get(number)
        if event is None and active:
            inner = min(active, key=lambda quote: quote.end - quote.start)
            event = _Event(inner.start, _Voice(inner.speaker, inner.speaker_text), "")
        if event is None:
            event = _around(text, events, positions, start, end, found)
        speaker, written, cue = (event.voice.speaker, event.voice.text, event.cue) if event else (UNKNOWN, "", "")
        found.append(Quote(start, end, True, speaker, written, cue))
    return found


def _around(
    text: str, events: list[_Event], positions: list[int], start: int, end: int, before: list[Quote]
) -> _Event | None:
    """Who speaks on around a quotation without a cue: in its paragraph, else at the end of the one before."""
    paragraph = text.rfind("\n", 0, start) + 1
    close = text.find("\n", end)
    close = len(text) if close < 0 else close
    place = bisect_left(positions, start)
    if place and positions[place - 1] >= paragraph:
        return _Event(start, events[place - 1].voice, "")
    if before and before[-1].start >= paragraph:
        return _Event(start, _Voice(before[-1].speaker, before[-1].speaker_text), "")
    if place < len(events) and positions[place] < close:
        return _Event(start, events[place].voice, "")
    earlier = text.rfind("\n", 0, max(0, len(text[:paragraph].rstrip()))) + 1
    if text[paragraph:start].strip(_MARKS + " –—-"):
        return None
    last_event = events[place - 1] if place else None
    last_quote = before[-1] if before else None
    if last_quote and last_quote.end >= earlier and (last_event is None or last_event.position < last_quote.start):
        return _Event(start, _Voice(last_quote.speaker, last_quote.speaker_text), "")
    if last_event and last_event.position >= earlier:
        return _Event(start, last_event.voice, "")
    return None


def voice_at(quotes: list[Quote], start: int, end: int) -> tuple[str, bool]:
    """Whose words a span is, and whether they are quoted directly.

    Parameters
    ----------
    quotes : list of Quote
        From `find_quotes`.
    start, end : int
        Offsets into the text.

    Returns
    -------
    (str, bool)
        The speaker of the innermost quote that covers the whole span, with its ``direct``;
        ("narrator", False) where no quote does.

    Examples
    --------
    >>> quotes = [Quote(0, 40, False, "armenia", "Yerevan", "said"), Quote(10, 30, True, "aliyev", "he", "")]
    >>> voice_at(quotes, 12, 20), voice_at(quotes, 5, 20), voice_at(quotes, 41, 44)
    (('aliyev', True), ('armenia', False), ('narrator', False))
    """
    covering = [quote for quote in quotes if quote.start <= start and end <= quote.end]
    if not covering:
        return NARRATOR, False
    inner = min(covering, key=lambda quote: (quote.end - quote.start, not quote.direct))
    return inner.speaker, inner.direct


def attribute(
    articles: pd.DataFrame,
    passages: pd.DataFrame,
    registry: Registry,
    *,
    progress: Callable[[int], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who is named in each account, and in whose voice.

    Parameters
    ----------
    articles, passages : DataFrame
        ARTICLES and their PASSAGES. An office without a country ("the government") is that of the account's ``side``,
        where there is one.
    registry : Registry
    progress : callable, optional
        Called with the number of accounts finished since the last call.

    Returns
    -------
    mentions, quotes : DataFrame
        MENTIONS (a mention that reaches over the end of a sentence is left out) and QUOTES. The voice of an actor who
        speaks and is spoken of in its own words is its own where a state tells of its losses or its right, else the
        narrator's.
    """
    mention_rows: list[dict[str, object]] = []
    quote_rows: list[dict[str, object]] = []
    by_article = dict(tuple(passages.groupby("article_id", sort=False)))
    names_only = registry.without("description")
    roster = _roster(registry, "en")
    for article in articles.to_dict("records"):
        text, language, name = article["text"], article["language"], article["article_id"]
        if name in by_article:
            own = by_article[name]
            spans = list(zip(own["start"].tolist(), own["end"].tolist(), strict=True))
            names = own["passage_id"].tolist()
            found = find_mentions(text, language, registry)
            found = sorted([*found, *resolve_pronouns(text, language, spans, found, registry)], key=lambda m: m.start)
            quotes = find_quotes(text, language, spans, found, registry=registry, side=article.get("side", ""))
            starts = [start for start, _ in spans]
            telling: dict[tuple[str, int], bool] = {}
            states = [m for m in found if m.kind in _NAMED and m.actor in roster.collectives | set(roster.speaks)]
            for mention in found:
                at = bisect_right(starts, mention.start) - 1
                if at < 0 or mention.end > spans[at][1]:
                    continue
                voice, direct = voice_at(quotes, mention.start, mention.end)
                speaker = roster.speaks.get(mention.actor, mention.actor)
                if voice == mention.actor or (voice == NARRATOR and speaker in roster.collectives):
                    if speaker in roster.collectives and (speaker, at) not in telling:
                        said = [one for one in quotes if one.speaker == speaker]
                        telling[speaker, at] = _tells_of_itself(text, language, spans[at], said, states)
                    told = telling.get((speaker, at), False)
                    voice = speaker if told else NARRATOR
                    direct = direct and told
                mention_rows.append(
                    {
                        "article_id": name,
                        "passage_id": names[at],
                        **mention._asdict(),
                        "hidden": _hidden(mention, language, names_only),
                        "voice": voice,
                        "direct": direct,
                    }
                )
            quote_rows.extend({"article_id": name, **quote._asdict()} for quote in quotes)
        if progress is not None:
            progress(1)
    mentions = check(pd.DataFrame(mention_rows), MENTIONS) if mention_rows else empty(MENTIONS)
    return mentions, check(pd.DataFrame(quote_rows), QUOTES) if quote_rows else empty(QUOTES)


def _tells_of_itself(
    text: str, language: str, span: tuple[int, int], own: Sequence[Quote], others: Sequence[Mention]
) -> bool:
    """Whether a state says in a sentence that its people suffered or that it is in the right, not only that it spoke.

    Such a sentence carries a judgement about the speaker, in its own voice; "Baku said that talks had begun" is the
    narrator's about Baku.
    """
    for quote in own:
        start, end = max(quote.start, span[0]), min(quote.end, span[1])
        if start >= end:
            continue
        said = _plain(lower(text[start:end], language))
        if any(start <= m.start < end and m.actor != quote.speaker for m in others):
            continue
        if _LOSSES[language].search(said) or _RIGHTS[language].search(said):
            return True
    return False


def _words_on(stems: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(stem.replace("_", r"\s+") for stem in stems.split()) + ")")


_NAMED = frozenset({"name", "metonym"})
#: Words for the dead and wounded, and for law, own land and an answer to an attack.
_LOSSES = {
    "en": _words_on("killed dead died deaths? dying wounded injured casualt victims shelled homes_were"),
    "ru": _words_on("погиб гибел ранен жертв убит пострада обстрел\\w*_(?:был|подверг) изгнан"),
    "az": _words_on("həlak yarala yaralı yara_al itki şəhid ölən didərgin"),
    "hy": _words_on("զոհ վիրավոր"),
}
_RIGHTS = {
    "en": _words_on(
        "internationally_recogni self-defen counter-?offensive "
        "sovereign constitutional lawful legitimate its_right the_right_to territorial_integrity "
        "(?:its|our)_own_(?:land|soil|territory)"
    ),
    "ru": _words_on(
        "самооборон международно_признан ответн\\w+_(?:мер|действ|удар) "
        "суверен конституц вправе законн территориальн\\w+_целостн "
        "(?:собственн|сво)\\w+_(?:территор|земл|границ) контрнаступ"
    ),
    "az": _words_on(
        "özünümüdafiə cavab_tədbir beynəlxalq_\\w+_tanınmış "
        "suveren konstitusiya legitim qanuni ərazi_bütövlü öz_(?:torpa|ərazi) əks-hücum"
    ),
    "hy": _words_on(
        "ինքնապաշտպան ինքնիշխան սահմանադր օրինական տարածքային_ամբողջական (?:սեփական|իր)_(?:հող|տարածք) "
        "միջազգայնորեն_ճանաչված հակահարձակ"
    ),
}


def _hidden(mention: Mention, language: str, names_only: Registry) -> str:
    """The names in a mention and their endings, as MENTIONS keeps them."""
    if mention.kind == "pronoun":
        return ""
    if mention.kind != "description":
        return f"0-{len(mention.surface)}:{ending(mention.surface, mention.alias, language)}"
    inside = find_mentions(mention.surface, language, names_only)
    return ",".join(f"{name.start}-{name.end}:{ending(name.surface, name.alias, language)}" for name in inside)
