"""Accounts of one event are found across languages, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from framing.alignment import (
    _margin,
    _numbers,
    _shared,
    _words,
    align,
    align_by_column,
    b_cubed,
    pair_scores,
    pairwise_f1,
)
from framing.duplicates import centred
from framing.errors import CorpusError
from framing.tables import ARTICLES, EVENTS, MENTIONS, check, empty

LANGUAGES = ("az", "hy", "ru", "en")


def articles_of(
    ids: Sequence[str],
    language: Sequence[str],
    days: Sequence[float | None] | None = None,
    text: Sequence[str] | None = None,
) -> pd.DataFrame:
    start = pd.Timestamp("2020-10-01", tz="UTC")
    published = [pd.NaT if day is None else start + pd.Timedelta(days=day) for day in (days or [None] * len(ids))]
    frame = pd.DataFrame(
        {
            "article_id": list(ids),
            "outlet": "o",
            "side": "s",
            "language": list(language),
            "published": pd.Series(pd.to_datetime(published, utc=True)),
            "title": "t",
            "text": list(text) if text is not None else "t",
            "url": pd.Series([None] * len(ids), dtype="str"),
            "copy_of": pd.Series([None] * len(ids), dtype="str"),
        }
    )
    return check(frame, ARTICLES)


def mentions_of(**actors: str) -> pd.DataFrame:
    """Keywords are accounts, values the actors they name."""
    pairs = [(account, actor) for account, names in actors.items() for actor in names.split()]
    frame = pd.DataFrame(pairs, columns=["article_id", "actor"], dtype="str")
    rest = {
        "passage_id": "p",
        "start": 0,
        "end": 1,
        "surface": "s",
        "alias": "s",
        "kind": "name",
        "usage": "",
        "hidden": "",
    }
    return check(frame.assign(**rest, voice="narrator", direct=False), MENTIONS)


def world(
    events: int = 12, width: int = 64, *, seed: int = 0, noise: float = 0.45
) -> tuple[pd.DataFrame, np.ndarray, pd.Series]:
    """Every event told once in each language; the language weighs more than the event, as in raw E5."""
    rng = np.random.default_rng(seed)
    accents = {language: rng.normal(size=width) for language in LANGUAGES}
    rows, ids, languages, days, gold = [], [], [], [], []
    for event in range(events):
        centre = rng.normal(size=width)
        for language in LANGUAGES:
            rows.append(3 * accents[language] + centre + noise * rng.normal(size=width))
            ids.append(f"{language}-{event:02}")
            languages.append(language)
            days.append(float(event // 3))
            gold.append(f"event {event:02}")
    vectors = np.array(rows)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return articles_of(ids, languages, days), vectors, pd.Series(gold, index=ids)


def ids_of(events: pd.DataFrame) -> pd.Series:
    return events.set_index("article_id")["event_id"]


def test_events_are_found_across_languages_though_language_dominates() -> None:
    articles, vectors, gold = world()
    cosine = vectors @ vectors.T
    by_language = articles["language"].to_numpy()
    nearest = by_language[np.argsort(-cosine, axis=1)[:, 1]]
    assert (nearest == by_language).all()  # raw vectors: everyone's nearest account speaks his own language
    events = align(articles, vectors, empty(MENTIONS))
    assert list(events.columns) == list(EVENTS.columns)
    assert pairwise_f1(gold, ids_of(events)) == 1
    assert events["similarity"].between(0.5, 1).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_centring_takes_the_language_out(language: str) -> None:
    articles, vectors, gold = world()
    own = (articles["language"] == language).to_numpy()
    apart = gold.to_numpy()[own][:, None] != gold.to_numpy()[~own]
    other = ~np.eye(own.sum(), dtype=bool)

    def gap(rows: np.ndarray) -> float:
        """How much more alike events seem in one language than across."""
        return float((rows[own] @ rows[own].T)[other].mean() - (rows[own] @ rows[~own].T)[apart].mean())

    assert gap(vectors) > 0.5
    assert abs(gap(centred(vectors, articles["language"].to_numpy(dtype=object)))) < 0.1


def test_the_order_of_rows_changes_nothing() -> None:
    articles, vectors, _ = world(noise=1.2)
    shuffle = np.random.default_rng(5).permutation(len(articles))
    mentions = mentions_of(**{"az-01": "aliyev shusha", "ru-01": "shusha", "hy-03": "lachin"})
    first = align(articles, vectors, mentions)
    second = align(articles.iloc[shuffle], vectors[shuffle], mentions.iloc[::-1])
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_event_ids_tell_the_earliest_date_and_survive_other_events() -> None:
    articles, vectors, _ = world(6)
    events = ids_of(align(articles, vectors, empty(MENTIONS)))
    assert events["ru-04"].startswith("2020-10-02-")
    assert events.nunique() == 6
    fewer = articles["article_id"].str[-2:].astype(int) < 5
    again = ids_of(align(articles[fewer], vectors[fewer.to_numpy()], empty(MENTIONS)))
    assert (again == events[again.index]).all()


def test_accounts_outside_the_window_are_not_joined_and_undated_ones_may_be() -> None:
    articles, vectors, _ = world(6)
    late = articles["article_id"] == "ru-02"
    moved = articles.assign(published=articles["published"].mask(late, pd.Timestamp("2021-05-01", tz="UTC")))
    events = align(moved, vectors, empty(MENTIONS))
    alone = events[events["article_id"] == "ru-02"].iloc[0]
    assert (events["event_id"] == alone["event_id"]).sum() == 1
    assert alone["similarity"] == 1.0
    undated = articles.assign(published=articles["published"].mask(late))
    found = ids_of(align(undated, vectors, empty(MENTIONS)))
    assert found["ru-02"] == found["az-02"]
    wide = ids_of(align(moved, vectors, empty(MENTIONS), window_days=400))
    assert wide["ru-02"] == wide["az-02"]


def score_of_first_two(articles: pd.DataFrame, vectors: np.ndarray, **actors: str) -> float:
    """Pair score of the first two accounts; keywords give the actors that accounts name."""
    named = [frozenset(actors.get(a.replace("-", "_"), "").split()) for a in articles["article_id"]]
    return float(pair_scores(articles, vectors, named, window_days=3, neighbours=4)[0, 1])


def test_a_rare_shared_actor_brings_accounts_together_and_a_common_one_hardly() -> None:
    articles, vectors, _ = world(10)
    everyone = dict.fromkeys(articles["article_id"].str.replace("-", "_"), "azerbaijan")
    two = {"az_00": "azerbaijan vardanyan", "hy_00": "azerbaijan vardanyan"}
    apart = {"az_00": "azerbaijan vardanyan", "hy_00": "azerbaijan mirzoyan"}
    nobody = score_of_first_two(articles, -vectors)
    together = score_of_first_two(articles, -vectors, **everyone | two)
    separate = score_of_first_two(articles, -vectors, **everyone | apart)
    assert together > separate > 0
    assert separate - nobody < 0.1 * (together - nobody)


def test_rarity_weighs_what_accounts_share() -> None:
    shared = _shared([frozenset({"azerbaijan"})] * 8 + [frozenset({"azerbaijan", "vardanyan"})] * 2)
    common, rare = np.log(11 / 10), np.log(11 / 2)
    assert shared[8, 9] == pytest.approx(1)
    assert shared[0, 9] == pytest.approx(common / (common + rare))
    assert _shared([frozenset(), frozenset()]).tolist() == [[0, 0], [0, 0]]
    assert _shared([frozenset(), frozenset("a")])[0].tolist() == [0, 0]


def test_the_same_numbers_and_a_near_date_bring_accounts_together() -> None:
    articles, vectors, _ = world(10)
    plain = score_of_first_two(articles, vectors)
    told = articles.assign(text=["1 960 миротворцев", "1,960 peacekeepers"] + ["t"] * (len(articles) - 2))
    assert score_of_first_two(told, vectors) > plain
    later = articles.assign(
        published=articles["published"].where(articles.index != 1, articles["published"][1] + pd.Timedelta(days=2))
    )
    assert 0 < score_of_first_two(later, vectors) < plain


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("az", "Noyabrın 10-da 1.960 sülhməramlı, 5 il", {"10", "1960"}),
        ("hy", "Նոյեմբերի 10-ին՝ 1960 խաղաղապահ, 5 տարի։", {"10", "1960"}),
        ("ru", "10 ноября 1 960 миротворцев на 5 лет", {"10", "1960"}),
        ("en", "On 10 November 1,960 peacekeepers for 5 years; 100,483 left in 2023", {"10", "1960", "100483", "2023"}),
    ],
)
def test_numbers_are_the_same_in_every_script(language: str, text: str, expected: set[str]) -> None:
    assert _numbers(text) == expected


def test_margin_is_likeness_over_usual_likeness_in_the_others_language() -> None:
    cosine = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.1], [0.2, 0.1, 1.0]])
    margin = _margin(cosine, np.array(["az", "ru", "ru"], dtype=object), 1)
    # the nearest in Russian of 0 is 1 (0.5), the nearest in Azerbaijani of 1 is 0 (0.5), of 2 is 0 (0.2)
    assert margin[0, 1] == pytest.approx(1.5 / 1.5)
    assert margin[0, 2] == pytest.approx(1.2 / (1 + (0.5 + 0.2) / 2))
    assert margin[1, 2] == pytest.approx(1.1 / 1.1)
    alone = _margin(np.eye(1), np.array(["az"], dtype=object), 4)
    assert alone.tolist() == [[1.0]]


def test_known_copies_share_an_event_whatever_their_vectors() -> None:
    articles, vectors, _ = world(5)
    turned = vectors.copy()
    turned[1] = -turned[1]
    assert score_of_first_two(articles, turned) < 0.2
    copied = articles.assign(copy_of=articles["copy_of"].mask(articles["article_id"] == "hy-00", "az-00"))
    assert score_of_first_two(copied, turned) == 1
    events = align(copied[:2], turned[:2], empty(MENTIONS))
    assert events["event_id"].nunique() == 1
    assert events["similarity"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("count", [0, 1])
def test_no_account_or_one_is_no_problem(count: int) -> None:
    articles, vectors, _ = world(2)
    events = align(articles[:count], vectors[:count], empty(MENTIONS))
    assert events["similarity"].tolist() == [1.0] * count


def test_undated_events_have_an_id_without_date() -> None:
    articles, vectors, gold = world(5)
    undated = articles.assign(published=articles["published"].mask(articles["published"].notna()))
    events = ids_of(align(undated, vectors, empty(MENTIONS)))
    assert events.str.startswith("undated-").all()
    assert pairwise_f1(gold, events) == 1


def test_wrong_vectors_and_settings_say_what_to_do() -> None:
    articles, vectors, _ = world(2)
    with pytest.raises(CorpusError, match=r"per account \(8\), found shape \(7, 64\).*order of the table"):
        align(articles, vectors[:-1], empty(MENTIONS))
    with pytest.raises(CorpusError, match="finite"):
        align(articles, np.full_like(vectors, np.nan), empty(MENTIONS))
    for wrong in ({"threshold": 1.0}, {"window_days": -1}, {"neighbours": 0}):
        with pytest.raises(CorpusError, match="threshold between 0 and 1"):
            align(articles, vectors, empty(MENTIONS), **wrong)


def test_events_known_beforehand_are_taken_as_they_are() -> None:
    articles, _, _ = world(1)
    events = align_by_column(articles, ["e2", None, "e1", ""])
    assert events.values.tolist() == [["e1", "ru-00", 1.0], ["e2", "az-00", 1.0]]
    missing = align_by_column(articles, pd.Series(["e2", np.nan, "e1", "e1"], index=[9, 8, 7, 6]))
    assert missing["article_id"].tolist() == ["en-00", "ru-00", "az-00"]
    with pytest.raises(CorpusError, match=r"one id per account \(4\), found 1"):
        align_by_column(articles, ["e1"])


def test_b_cubed_and_pairwise_agree_with_a_hand_count() -> None:
    gold = pd.Series(list("111223"), index=list("abcdef"))
    found = pd.Series(list("xxyyyz"), index=list("abcdef"))
    agreement = b_cubed(gold, found)
    # a, b: 2/2 and 2/3; c: 1/3 and 1/3; d, e: 2/3 and 2/2; f: 1 and 1
    assert agreement.precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6)
    assert agreement.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6)
    harmonic = 2 * agreement.precision * agreement.recall / (agreement.precision + agreement.recall)
    assert agreement.f1 == pytest.approx(harmonic)
    # true pairs ab ac bc de, found pairs ab cd ce de, both ab de
    assert pairwise_f1(gold, found) == pytest.approx(2 * 2 / (4 + 4))
    assert pairwise_f1(gold, found.iloc[::-1]) == pairwise_f1(gold, found)
    assert b_cubed(gold, gold) == (1, 1, 1)
    assert np.isnan(pairwise_f1(pd.Series(["1"], index=["a"]), pd.Series(["x"], index=["a"])))


def test_groupings_of_different_accounts_are_refused() -> None:
    gold, found = pd.Series(["1", "1"], index=["a", "b"]), pd.Series(["1", "1"], index=["a", "c"])
    for measure in (b_cubed, pairwise_f1):
        with pytest.raises(CorpusError, match=r"2 in one only \(b, c\).*Keep the accounts that both have"):
            measure(gold, found)


def test_an_outlet_that_comes_back_a_day_later_tells_of_another_event() -> None:
    articles, vectors, _ = world(12)
    # two Russian accounts with the same vector, a day apart
    vectors[3] = vectors[2]
    last = articles["article_id"] == "en-00"
    late = articles["published"].mask(last, articles["published"][0] + pd.Timedelta(days=1))
    twice = articles.assign(published=late, language=articles["language"].mask(last, "ru"))

    def score(table: pd.DataFrame, **more: float) -> float:
        return float(pair_scores(table, vectors, [frozenset("a")] * len(table), **more)[2, 3])

    assert score(twice) == 0
    assert score(twice.assign(outlet=twice["article_id"])) > 0.5
    assert score(twice.assign(outlet="unknown")) > 0.5
    assert score(twice.assign(copy_of=twice["copy_of"].mask(last, "ru-00"))) == 1
    assert score(twice, outlet_days=float("inf")) > 0.5
    assert score(twice.assign(published=articles["published"])) > 0.5


def test_the_more_accounts_there_are_the_more_a_pair_must_show() -> None:
    articles, vectors, _ = world(24)
    few = articles["published"].dt.day == 1
    part = score_of_first_two(articles[few], vectors[few.to_numpy()])
    crowded = articles.assign(published=articles["published"].min())
    named = [frozenset() for _ in range(len(articles))]
    alone = pair_scores(articles, vectors, named)[0, 1]
    assert pair_scores(crowded, vectors, named)[0, 1] < alone
    assert part > 0.5


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("az", "İrəvanda danışıqlar", {"az:irəva", "az:danış"}),
        ("hy", "Երևանում բանակցություններ", {"hy:երևան", "hy:բանակ"}),
        ("ru", "Переговоры в Ереване", {"ru:перег", "ru:ерева"}),
        ("en", "Talks in Yerevan", {"en:talks", "en:yerev"}),
    ],
)
def test_words_are_compared_by_their_openings(language: str, text: str, expected: set[str]) -> None:
    assert _words(text, language) == expected
