"""Sources are compared on shared events; every number here can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from framing import comparison
from framing.errors import CorpusError
from framing.resampling import paired_difference, sign_flip_p
from framing.tables import ARTICLES, CONTRASTS, EVENTS, MEANS, SCORES, check, empty


def articles_of(*rows: tuple[str, str, str, str, str, str | None]) -> pd.DataFrame:
    """Rows of (article_id, outlet, side, language, day of October 2020 or "", copy_of)."""
    return check(
        pd.DataFrame(
            {
                "article_id": [row[0] for row in rows],
                "outlet": [row[1] for row in rows],
                "side": [row[2] for row in rows],
                "language": [row[3] for row in rows],
                "published": pd.to_datetime([f"2020-10-{row[4]}" if row[4] else None for row in rows], utc=True),
                "title": "t",
                "text": "t",
                "url": pd.Series([None] * len(rows), dtype="str"),
                "copy_of": pd.Series([row[5] for row in rows], dtype="str"),
            }
        ),
        ARTICLES,
    )


def events_of(**accounts: str) -> pd.DataFrame:
    """Keywords are events, values their accounts, separated by spaces."""
    pairs = [(event, account) for event, ids in accounts.items() for account in ids.split()]
    frame = pd.DataFrame(pairs, columns=["event_id", "article_id"])
    return check(frame.assign(similarity=1.0), EVENTS)


def scores_of(*rows: tuple[str, str, str, str, str, float], scorer: str = "test/1") -> pd.DataFrame:
    """Rows of (article_id, passage, actor, voice, dimension, value)."""
    columns = ["article_id", "passage_id", "actor", "voice", "dimension", "value"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["passage_id"] = [f"{a}-{p}" if p else "" for a, p in zip(frame.article_id, frame.passage_id, strict=True)]
    return check(frame.assign(start=0, end=9, evidence_start=0, evidence_end=9, scorer=scorer), SCORES)


@pytest.fixture
def articles() -> pd.DataFrame:
    return articles_of(
        ("a1", "apa", "az", "az", "01", None),
        ("a2", "trend", "az", "az", "01", None),
        ("a3", "report", "az", "az", "02", "a1"),  # the same side reprints: not a second account
        ("r1", "tass", "ru", "ru", "01", None),
        ("h1", "news", "hy", "hy", "01", None),
        ("h2", "aravot", "hy", "hy", "03", "r1"),  # Russian wire copy counts once for the Armenian side
        ("h3", "ilur", "hy", "hy", "04", "r1"),
        ("a4", "apa", "az", "az", "10", None),
        ("r2", "tass", "ru", "ru", "11", None),
        ("r3", "ria", "ru", "ru", "", None),  # in no event
    )


@pytest.fixture
def events() -> pd.DataFrame:
    return events_of(e1="a1 a2 a3 r1 h1 h2 h3", e2="a4 r2")


@pytest.fixture
def scores() -> pd.DataFrame:
    return scores_of(
        ("a1", "1", "hy", "narrator", "blame", 1.0),
        ("a1", "2", "hy", "narrator", "blame", 0.5),
        ("a1", "2", "hy", "unknown", "blame", 0.1),
        ("a1", "3", "hy", "narrator", "blame", np.nan),
        ("a2", "1", "hy", "narrator", "blame", 0.25),
        ("a3", "1", "hy", "narrator", "blame", 1.0),
        ("r1", "1", "hy", "mfa-ru", "blame", 0.3),
        ("h1", "1", "hy", "narrator", "blame", np.nan),
        ("h2", "1", "hy", "mfa-ru", "blame", 0.3),
        ("h3", "1", "hy", "mfa-ru", "blame", 0.5),
        ("a4", "1", "hy", "narrator", "blame", 0.8),
        ("r2", "1", "hy", "narrator", "blame", 0.2),
        ("r3", "1", "hy", "narrator", "blame", 1.0),
        ("a1", "", "", "any", "frame:conflict", 0.9),
        ("r1", "", "", "any", "frame:conflict", 0.4),
    )


def one(table: pd.DataFrame, **where: str) -> pd.Series:
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_cells_average_passages_then_accounts(scores, events, articles) -> None:
    found = comparison.cells(scores, events, articles, voice="narrator")
    cell = one(found, source="az", event_id="e1")
    assert cell["value"] == pytest.approx((0.75 + 0.25) / 2)
    assert (cell["articles"], cell["passages"]) == (2, 3)


def test_a_passage_with_two_voices_counts_once_at_their_mean(scores, events, articles) -> None:
    cell = one(comparison.cells(scores, events, articles), source="az", event_id="e1", dimension="blame")
    assert cell["value"] == pytest.approx(((1.0 + 0.3) / 2 + 0.25) / 2)
    assert cell["passages"] == 3


def test_quoted_takes_every_speaker_and_no_frame(scores, events, articles) -> None:
    found = comparison.cells(scores, events, articles, voice="quoted")
    assert found[["source", "value"]].values.tolist() == [["az", 0.1], ["hy", 0.3], ["ru", 0.3]]
    assert "frame:conflict" not in set(found["dimension"])


def test_a_source_that_reprints_another_counts_once(scores, events, articles) -> None:
    cell = one(comparison.cells(scores, events, articles), source="hy", event_id="e1")
    assert (cell["value"], cell["articles"], cell["passages"]) == (0.3, 1, 1)


def test_nan_is_left_out_and_never_zero(scores, events, articles) -> None:
    found = comparison.cells(scores, events, articles, voice="narrator")
    assert "hy" not in set(found["source"])
    cell = one(comparison.means(scores, events, articles), voice="narrator", source="hy", dimension="blame")
    assert np.isnan(cell[["value", "low", "high"]].astype(float)).all()
    assert cell[["events", "articles", "passages"]].tolist() == [0, 0, 0]


def test_means_stand_over_events_with_bounds_from_two_on(scores, events, articles) -> None:
    calls = []
    table = comparison.means(scores, events, articles, resamples=200, progress=calls.append)
    assert list(table.columns) == list(MEANS.columns)
    cell = one(table, voice="narrator", source="az", dimension="blame")
    assert cell["value"] == pytest.approx((0.5 + 0.8) / 2)
    assert cell["low"] < cell["value"] < cell["high"]
    assert (cell["events"], cell["articles"], cell["passages"]) == (2, 3, 4)
    single = one(table, voice="all", source="az", dimension="frame:conflict")
    assert single["value"] == 0.9
    assert np.isnan([single["low"], single["high"]]).all()
    assert calls == [1, 1, 1]


def test_contrasts_use_shared_events_only(scores, events, articles) -> None:
    table = comparison.contrasts(scores, events, articles, minimum_events=2, resamples=300)
    assert list(table.columns) == list(CONTRASTS.columns)
    row = one(table, voice="all", source_a="az", source_b="ru", dimension="blame")
    assert row["difference"] == pytest.approx(((0.45 - 0.3) + (0.8 - 0.2)) / 2)
    assert row["mean_a"] - row["mean_b"] == pytest.approx(row["difference"])
    expected = paired_difference([0.45, 0.8], [0.3, 0.2], resamples=300)
    assert [row["low"], row["high"]] == pytest.approx([expected.low, expected.high], abs=1e-8)
    assert row["p_value"] == sign_flip_p([0.15, 0.6]) == 0.5
    assert (row["events"], row["passages_a"], row["passages_b"]) == (2, 4, 2)
    assert (row["languages_a"], row["languages_b"], row["same_language"]) == ("az", "ru", False)
    narrator = one(table, voice="narrator", source_a="az", source_b="ru")
    assert (narrator["events"], narrator["mean_a"], narrator["passages_a"]) == (1, 0.8, 1)


def test_too_few_shared_events_give_no_interval_and_no_p_value(scores, events, articles) -> None:
    table = comparison.contrasts(scores, events, articles)
    assert not table["enough"].any()
    assert table[["low", "high", "p_value", "p_adjusted"]].isna().all(axis=None)
    row = one(table, voice="narrator", source_a="az", source_b="hy")
    assert row["events"] == 0
    assert np.isnan(row["difference"])
    assert (row["languages_a"], row["languages_b"]) == ("az", "hy")


def world(rng: np.random.Generator, events: int, *, gap: float = 0.2) -> tuple[pd.DataFrame, ...]:
    """Two sides, three outlets and two actors; every event is grim to its own degree."""
    accounts, placed, rows = [], {}, []
    for event in range(events):
        grim = rng.normal()
        ids = []
        for outlet, side in (("apa", "az"), ("trend", "az"), ("tass", "ru")):
            own = f"{outlet}{event:03}"
            ids.append(own)
            accounts.append((own, outlet, side, side, f"{event % 28 + 1:02}", None))
            for passage in range(2):
                for actor in ("hy", "tr"):
                    value = grim + gap * (side == "az") + 0.3 * rng.normal()
                    rows.append((own, str(passage), actor, "narrator", "sentiment", value))
        placed[f"e{event:03}"] = " ".join(ids)
    return scores_of(*rows), events_of(**placed), articles_of(*accounts)


def test_swapping_sources_flips_the_sign() -> None:
    scores, events, articles = world(np.random.default_rng(1), 12)
    swapped = articles.assign(side=articles["side"].map({"az": "ru", "ru": "az"}))
    there = comparison.contrasts(scores, events, articles, voices=["all"], resamples=500)
    back = comparison.contrasts(scores, events, swapped, voices=["all"], resamples=500)
    assert there["difference"].to_numpy() == pytest.approx(-back["difference"].to_numpy())
    assert there["low"].to_numpy() == pytest.approx(-back["high"].to_numpy())
    assert there["p_value"].tolist() == back["p_value"].tolist()
    assert there["mean_a"].to_numpy() == pytest.approx(back["mean_b"].to_numpy())


def test_renaming_outlets_changes_nothing() -> None:
    scores, events, articles = world(np.random.default_rng(2), 8)
    renamed = articles.assign(outlet="x-" + articles["outlet"])
    for function in (comparison.contrasts, comparison.means):
        first = function(scores, events, articles, resamples=200)
        pd.testing.assert_frame_equal(first, function(scores, events, renamed, resamples=200))


def test_shuffling_rows_changes_nothing_to_the_last_digit() -> None:
    tables = world(np.random.default_rng(3), 9)
    shuffled = [table.sample(frac=1, random_state=5) for table in tables]
    for function in (comparison.contrasts, comparison.means):
        first, second = function(*tables, resamples=200), function(*shuffled, resamples=200)
        pd.testing.assert_frame_equal(first, second, check_exact=True)


@pytest.mark.parametrize("language", ["az", "hy", "ru", "en"])
def test_a_reprint_counted_twice_does_not_narrow_an_interval(language: str) -> None:
    scores, events, articles = world(np.random.default_rng(4), 8)
    copied = articles[articles["side"] == "az"]
    reprints = copied.assign(
        article_id="copy-" + copied["article_id"],
        copy_of=copied["article_id"],
        outlet="oxu",
        language=language,
    )
    again = scores[scores["article_id"].isin(copied["article_id"])]
    again = again.assign(article_id="copy-" + again["article_id"], value=again["value"] + 0.1)
    placed = events[events["article_id"].isin(copied["article_id"])]
    placed = placed.assign(article_id="copy-" + placed["article_id"])
    more = [pd.concat(pair, ignore_index=True) for pair in ((scores, again), (events, placed), (articles, reprints))]
    for function in (comparison.contrasts, comparison.means):
        first = function(scores, events, articles, resamples=200)
        pd.testing.assert_frame_equal(first, function(*more, resamples=200))


def test_languages_behind_a_contrast_are_those_of_the_scored_accounts() -> None:
    scores, events, articles = world(np.random.default_rng(5), 6)
    mixed = articles.assign(language=articles["language"].mask(articles["outlet"] == "trend", "ru"))
    table = comparison.contrasts(scores, events, mixed, voices=["narrator"], resamples=50)
    assert set(table["languages_a"]) == {"az,ru"}
    only = scores[~scores["article_id"].str.startswith("apa")]
    table = comparison.contrasts(only, events, mixed, voices=["narrator"], resamples=50)
    assert set(table["languages_a"]) == {"ru"}
    assert table["same_language"].all()


def test_sources_are_sorted_and_every_pair_is_there() -> None:
    scores, events, articles = world(np.random.default_rng(6), 6)
    table = comparison.contrasts(scores, events, articles, by="outlet", voices=["all"], resamples=50)
    pairs = [("apa", "tass"), ("apa", "trend"), ("tass", "trend")]
    assert list(table[["source_a", "source_b"]].drop_duplicates().itertuples(index=False, name=None)) == pairs


def test_adjusted_p_values_are_over_the_whole_table_of_a_voice() -> None:
    scores, events, articles = world(np.random.default_rng(7), 14, gap=0.4)
    table = comparison.contrasts(scores, events, articles, by="outlet", resamples=500)
    narrator = table[table["voice"] == "narrator"]
    assert len(narrator) == 6
    ordered = narrator.sort_values("p_value")
    steps = ordered["p_value"].to_numpy() * 6 / np.arange(1, 7)
    assert ordered["p_adjusted"].to_numpy() == pytest.approx(np.minimum.accumulate(steps[::-1])[::-1].clip(max=1))
    assert (table["voice"] == "quoted").sum() == 0


def test_intervals_of_contrasts_cover_the_true_gap() -> None:
    rng = np.random.default_rng(8)
    inside = []
    for seed in range(10):
        grim = rng.normal(size=(12, 1))
        # 160 actors at once: a row per event, side and actor, one passage each
        ids = [(f"{side}{event:02}", side) for event in range(12) for side in ("az", "ru")]
        articles = articles_of(*[(own, side, side, side, "01", None) for own, side in ids])
        events = events_of(**{f"e{event:02}": f"az{event:02} ru{event:02}" for event in range(12)})
        value = {side: grim + gap + rng.normal(size=(12, 160)) for side, gap in (("az", 0.3), ("ru", 0.0))}
        scores = scores_of(
            *[
                (own, "1", f"x{actor:03}", "narrator", "sentiment", value[side][int(own[2:]), actor])
                for own, side in ids
                for actor in range(160)
            ]
        )
        table = comparison.contrasts(scores, events, articles, voices=["all"], resamples=600, seed=seed)
        inside.append((table["low"] <= 0.3) & (table["high"] >= 0.3))
    assert 0.93 - 0.012 <= float(np.mean(inside)) <= 0.97 + 0.012  # 1,600 worlds


def test_coverage_counts_independent_accounts_and_silence(events, articles) -> None:
    table = comparison.coverage(events, articles)
    assert table[["event_id", "source", "articles"]].values.tolist() == [
        ["e1", "az", 2],
        ["e1", "hy", 2],
        ["e1", "ru", 1],
        ["e2", "az", 1],
        ["e2", "hy", 0],
        ["e2", "ru", 1],
    ]
    assert table["published"].dt.strftime("%d").tolist() == ["01"] * 3 + ["10"] * 3
    alone = comparison.coverage(events_of(e9="r3"), articles)
    assert alone["published"].isna().all()
    assert alone["articles"].tolist() == [0, 0, 1]


def test_blame_matrix_rolls_persons_up_and_keeps_the_narrator(scores, articles) -> None:
    stands_for = {"mfa-ru": "russia", "hy": "armenia"}
    table = comparison.blame_matrix(scores, articles, lambda actor: stands_for[actor])
    rows = table.set_index(["source", "voice", "actor"])
    assert rows.loc[("hy", "russia", "armenia")].tolist() == [0.3, 1, 1]
    assert rows.loc[("az", "unknown", "armenia")].tolist() == pytest.approx([0.1, 1, 1])
    # a1 0.75 and a2 0.25 and a4 0.8; its reprint a3 is left out
    assert rows.loc[("az", "narrator", "armenia")].tolist() == pytest.approx([1.8 / 3, 3, 4])
    assert ("hy", "narrator", "armenia") not in rows.index


def test_two_scorers_of_one_dimension_are_refused(scores, events, articles) -> None:
    mixed = pd.concat([scores, scores.assign(scorer="other/2")], ignore_index=True)
    for function in (comparison.cells, comparison.means, comparison.contrasts):
        with pytest.raises(CorpusError, match=r"'blame' comes from several scorers \(other/2, test/1\).*keep the rows"):
            function(mixed, events, articles)
    with pytest.raises(CorpusError, match="several scorers"):
        comparison.blame_matrix(mixed, articles, str)


def test_wrong_choices_and_foreign_tables_say_what_to_do(scores, events, articles) -> None:
    with pytest.raises(CorpusError, match="did you mean 'outlet'"):
        comparison.cells(scores, events, articles, by="outlets")
    with pytest.raises(CorpusError, match="did you mean 'narrator'"):
        comparison.cells(scores, events, articles, voice="narator")
    with pytest.raises(CorpusError, match="at least 2, found 1"):
        comparison.contrasts(scores, events, articles, minimum_events=1)
    with pytest.raises(CorpusError, match=r"SCORES: article 'h1' is not in ARTICLES \(3 such\)"):
        comparison.cells(scores, events, articles[articles["side"] != "hy"])
    with pytest.raises(CorpusError, match="EVENTS: article 'zz'"):
        comparison.coverage(events_of(e1="zz"), articles)


def test_nothing_scored_gives_empty_tables(events, articles) -> None:
    none = empty(SCORES)
    assert len(comparison.cells(none, events, articles)) == 0
    assert len(comparison.means(none, events, articles)) == 0
    assert len(comparison.contrasts(none, events, articles)) == 0
    assert len(comparison.blame_matrix(none, articles, str)) == 0
    assert list(comparison.contrasts(none, events, articles).columns) == list(CONTRASTS.columns)


def test_two_sides_with_the_same_languages_in_other_shares_are_marked() -> None:
    scores, events, articles = world(np.random.default_rng(6), 10)
    own = articles["side"].where(articles["article_id"].str[-1] != "0", "en")  # one event in ten in English
    table = comparison.contrasts(scores, events, articles.assign(language=own), voices=["all"], resamples=50)
    assert not table["same_language"].any()
    shared = articles.assign(language=own.mask(own != "en", "hy"))
    table = comparison.contrasts(scores, events, shared, voices=["all"], resamples=50)
    assert set(table["languages_a"]) == set(table["languages_b"]) == {"en,hy"}
    assert table["same_language"].all()
    swapped = articles.assign(language=own.where(articles["side"] == "az", own.replace({"ru": "en", "en": "az"})))
    table = comparison.contrasts(scores, events, swapped, voices=["all"], resamples=50)
    assert set(table["languages_a"]) == set(table["languages_b"]) == {"az,en"}
    assert not table["same_language"].any()
