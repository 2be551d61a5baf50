"""The probability of a pair is learned from train events alone, and the figures are those of a hand count."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from framing import pairing
from framing.actors import Registry
from framing.alignment import EVIDENCE, WEIGHTS, align, company, openings, weights
from framing.corpus import split_passages
from framing.errors import ConfigError, TrainingDataError
from framing.experiment import silent
from framing.models import Encoder
from framing.voices import attribute
from tests.conftest import ROOT
from tests.test_alignment import articles_of, world


def told(events: int = 12, *, noise: float = 0.45) -> pairing.Told:
    """A made-up world, its last events test, those before dev."""
    articles, vectors, gold = world(events, noise=noise)
    number = np.array([int(name[-2:]) for name in gold.index])
    split = np.where(number >= events - 3, "test", np.where(number >= events - 5, "dev", "train")).astype(object)
    given = np.full(len(articles), "", dtype=object)
    named = [frozenset({f"actor {one % 5}"}) for one in number]
    return pairing.Told(articles, vectors, named, gold.to_numpy(object), split, given)


def test_logistic_regression_finds_the_weights_that_made_the_pairs() -> None:
    rng = np.random.default_rng(1)
    true = {"intercept": -1.0, **dict.fromkeys(EVIDENCE, 0.0), "cosine": 2.0, "actors": -1.5}
    rows = rng.normal(size=(40_000, len(EVIDENCE)))
    prior = rng.normal(size=len(rows))
    odds = true["intercept"] + rows @ [true[name] for name in EVIDENCE] + prior
    same = rng.uniform(size=len(rows)) < expit(odds)
    found = pairing.logistic(pairing.Pairs(rows, same, prior))
    assert found == pytest.approx(true, abs=0.08)
    without = pairing.logistic(pairing.Pairs(rows, same, np.zeros(len(rows))))
    assert abs(without["cosine"] - 2) > 0.15  # the prior is not ignored


def test_only_train_events_are_learned_from() -> None:
    world = told()
    first = pairing.fit(world)
    rest = world.split != "train"
    rng = np.random.default_rng(0)
    other = dataclasses.replace(
        world,
        vectors=np.where(rest[:, None], rng.normal(size=world.vectors.shape), world.vectors),
        event=np.where(rest, "one and the same", world.event),
    )
    assert pairing.fit(other) == first
    assert first["cosine"] > 0


def test_pairs_are_also_seen_without_what_others_may_lack() -> None:
    world = told(4)
    seen = pairing.pairs_of(world)
    column = {name: seen.evidence[:, i] for i, name in enumerate(EVIDENCE)}
    everything = 16 * 15 // 2  # all days lie in the window here
    assert len(seen.same) == 4 * everything
    for name in ("undated", "unnamed"):
        assert column[name].sum() == 2 * everything
    assert not column["closeness"][column["undated"] == 1].any()
    assert not column["actors"][column["unnamed"] == 1].any()
    assert seen.same.sum() == 4 * 4 * 6
    assert np.exp(-seen.prior) == pytest.approx(15)


def test_the_company_of_a_pair_is_who_else_could_be_its_partner() -> None:
    articles = articles_of("abcd", ["en"] * 4, [0, 1, 5, None])
    # a may pair with b and d, b with a and d, c with d alone, d with all
    found = company(articles["published"], 3)
    assert found[0, 1] == pytest.approx(2)
    assert found[0, 3] == pytest.approx(np.sqrt(2 * 3))
    assert found[2, 2] == pytest.approx(1)


def test_calibration_error_agrees_with_a_hand_count() -> None:
    chance = np.array([0.1, 0.15, 0.95, 0.95, 1.0])
    came = np.array([False, True, True, True, False])
    # bin .1: .25 said, 1 came; bin .9: 2.9 said, 2 came
    sums = pairing.binned(chance, came).sum(0)
    assert float(pairing.calibration_error(sums)) == pytest.approx((0.75 + 0.9) / 5)


def test_figures_agree_with_a_hand_count(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = articles_of(["a", "b", "c", "d", "e"], ["az", "hy", "az", "ru", "en"], [0, 0, 1, 1, 1])
    articles = articles.assign(copy_of=pd.Series([None, "a", None, "c", "c"], dtype="str"))
    world = pairing.Told(
        articles,
        np.eye(5),
        [frozenset()] * 5,
        np.array(["1", "1", "2", "2", "3"], dtype=object),
        np.array(["test", "test", "test", "test", "dev"], dtype=object),
        np.array(["", "a", "", "", ""], dtype=object),
    )
    groups = np.array([1, 1, 2, 2, 2])
    monkeypatch.setattr(pairing, "grouped", lambda score, threshold: groups)
    monkeypatch.setattr(pairing, "baselines", lambda told: {"same day": np.array([1, 1, 2, 2, 2])})
    found = pairing.measure(world, "test", name="x").set_index(["measure", "set"])
    # gold ab cd; found ab cd ce de, of which ce and de have one account in the split
    assert found.loc[("pairwise F1", "x: all"), "value"] == pytest.approx(2 * 2 / (2 + 4))
    assert found.loc[("pairwise F1", "x: az-hy"), "value"] == 1
    assert found.loc[("pairwise F1", "x: az-en"), "value"] == 0
    assert found.loc[("pairwise F1", "x: all"), "same day"] == pytest.approx(2 / 3)
    # precision 1 1 2/3 2/3, recall 1
    assert found.loc[("B-cubed F1", "x: all"), "value"] == pytest.approx(2 * (5 / 6) / (1 + 5 / 6))
    # translated: gold b of a; found b of a and d of c in the split, and e of c outside
    assert found.loc[("translated copies: precision", "x: test"), "value"] == pytest.approx(1 / 2)
    assert found.loc[("translated copies: F1", "x: test"), "value"] == pytest.approx(2 / 3)
    assert found.loc[("translated copies: precision", "x: all splits"), "value"] == pytest.approx(1 / 3)
    low, high = found.loc[("pairwise F1", "x: all"), ["low", "high"]]
    assert low == pytest.approx(2 / 4)  # event 2 drawn twice
    assert high == 1  # event 1 drawn twice


def test_a_clean_world_is_aligned_and_simpler_means_are_not_better() -> None:
    found = pairing.measure(told(), "test").set_index(["measure", "set"])
    assert found.loc[("pairwise F1", "karabakh: all"), "value"] == 1
    assert found.loc[("pairwise F1", "karabakh: az-hy"), "units"] == 3
    three_a_day = 2 * 18 / (18 + 66)
    assert found.loc[("pairwise F1", "karabakh: all"), "same day"] == pytest.approx(three_a_day)
    assert found.loc[("pairwise F1", "karabakh: az-hy"), "tf-idf"] == 0
    with pytest.raises(ConfigError, match=r"split 'tset'.*test"):
        pairing.measure(told(), "tset")


def test_the_weights_of_the_package_are_complete_and_tell_their_origin() -> None:
    assert set(weights()) == {"intercept", *EVIDENCE}
    text = WEIGHTS.read_text("utf-8")
    assert "framing train --alignment" in text
    assert "corpora/karabakh train: 33 events" in text


def test_written_weights_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "alignment.toml"
    known = {"intercept": -1.5, **dict.fromkeys(EVIDENCE, 0.25)}
    pairing.write(file, known, told(), None, "some encoder")
    assert tomllib.loads(file.read_text("utf-8"))["weights"] == known


def test_basil_that_is_not_there_says_where_it_was_sought(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(TrainingDataError, match="--data names the folder"):
        pairing.read_basil(tmp_path, encoder, progress=silent)


@pytest.mark.neural
@pytest.mark.shared
def test_the_command_gives_the_weights_of_the_package_again(shared: Path, encoder: Encoder) -> None:
    found = pairing.fit(
        pairing.read(ROOT / "corpora", encoder, progress=silent), pairing.read_basil(shared, encoder, progress=silent)
    )
    assert found == pytest.approx(dict(weights()), rel=0.02, abs=0.05)


def calls(file: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """All items of a Russian channel, and of those on a call of Putin's whom he called (P, A or both)."""
    items = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    items = list({item["id"]: item for item in items if not item["bulletin"]}.values())
    day = [pd.Timestamp(f"{item['date']}T12:00Z") for item in items]
    frame = articles_of([item["id"] for item in items], ["ru"] * len(items)).assign(
        outlet="1tv",
        published=pd.Series(day).astype("datetime64[ns, UTC]"),
        title=[item["title"] for item in items],
        text=[f"{item['title']}\n{item['text']}" for item in items],
    )
    partner = {}
    for item in items:
        low = f"{item['title']} {item['text']}".lower()
        if ("телефон" in low or "созвон" in low) and "путин" in low:
            partner[item["id"]] = "P" * ("пашинян" in low) + "A" * ("алиев" in low or "президентом азербайджана" in low)
    return frame, {key: value for key, value in partner.items() if value}


@pytest.mark.neural
@pytest.mark.shared
def test_calls_of_the_same_leaders_on_different_days_stay_apart(
    shared: Path, encoder: Encoder, registry: Registry
) -> None:
    articles, partner = calls(shared / "real" / "ru_1tv" / "1tv_armenia_azerbaijan_2019_2026.jsonl")
    mentions, _ = attribute(articles, split_passages(articles), registry)
    vectors = np.round(encoder.encode([openings(text) for text in articles["text"]]), 5)
    day = articles.set_index("article_id")["published"].dt.date
    merged = {}
    # as it is: one outlet; and as if each item were another outlet's, so that only what it says can keep it apart
    for name, frame in (("one outlet", articles), ("many outlets", articles.assign(outlet=articles["article_id"]))):
        event = align(frame, vectors, mentions).set_index("article_id")["event_id"]
        for leader in "PA":
            own = [key for key, value in partner.items() if leader in value]
            assert len(own) >= 20
            merged[name, leader] = sum(
                event[a] == event[b] and day[a] != day[b] for i, a in enumerate(own) for b in own[i + 1 :]
            )
    assert merged["one outlet", "P"] == merged["one outlet", "A"] == 0
    assert merged["many outlets", "P"] <= 1
    assert merged["many outlets", "A"] <= 1
