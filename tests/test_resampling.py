"""Intervals cover what they promise; p-values and adjustments agree with other tools."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from framing.resampling import (
    benjamini_hochberg,
    bootstrap_mean,
    holm,
    mean_intervals,
    paired_difference,
    sign_flip_p,
    sign_flips,
)


def _coverage(world: str, events: int) -> float:
    """Share of 5,000 seeded worlds whose 95 % interval holds the true mean."""
    rng = np.random.default_rng(7)
    covered = []
    for seed in range(20):  # the worlds of a batch share their draws, so several seeds are used
        shape = (events, 250)
        if world == "normal":
            values, truth = rng.normal(size=shape), 0.0
        elif world == "laplace":
            values, truth = rng.laplace(0.2, 1, size=shape), 0.2
        elif world == "skewed scores":
            values, truth = rng.beta(0.5, 2, size=shape) - 0.7 * rng.beta(0.5, 2, size=shape), 0.06
        else:  # as where most passages of both sources blame nobody
            zeros = float(world.removesuffix(" zeros"))
            rest = np.array([0.125, 0.375, 0.5]) * (1 - zeros)
            values = rng.choice([0, -1, 0.5, 1], size=shape, p=[zeros, *rest])
            truth = float(rest @ [-1, 0.5, 1])
        _, low, high = mean_intervals(values, resamples=1000, seed=seed)
        covered.append((low <= truth + 1e-9) & (truth - 1e-9 <= high))
    return float(np.mean(covered))


@pytest.mark.parametrize("events", [5, 10, 30, 100])
@pytest.mark.parametrize("world", ["normal", "laplace", "skewed scores", "0.4 zeros"])
def test_intervals_cover_the_truth_in_seeded_worlds(world: str, events: int) -> None:
    noise = 0.006  # two standard errors of a share of 5,000 worlds
    assert 0.93 - noise <= _coverage(world, events) <= 0.97 + noise


def test_five_events_that_mostly_tie_are_the_stated_exception() -> None:
    assert _coverage("0.7 zeros", 5) < 0.9


def test_the_plain_percentile_interval_would_be_too_narrow_for_five_events() -> None:
    values = np.random.default_rng(3).normal(size=5)
    found = bootstrap_mean(values, seed=1)
    plain = stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(1))
    width = plain.confidence_interval.high - plain.confidence_interval.low
    stretch = stats.t.ppf(0.975, 4) / stats.norm.ppf(0.975) * np.sqrt(5 / 4)
    assert found.high - found.low == pytest.approx(width * stretch, rel=0.05)


def test_many_events_give_scipys_percentile_interval() -> None:
    values = np.random.default_rng(5).exponential(size=400)
    found = bootstrap_mean(values)
    scipy = stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(2))
    assert found.low == pytest.approx(scipy.confidence_interval.low, abs=0.01)
    assert found.high == pytest.approx(scipy.confidence_interval.high, abs=0.01)
    assert found.low < found.value < found.high


def test_swapping_sources_flips_the_sign_and_the_bounds() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 9))
    there, back = paired_difference(a, b), paired_difference(b, a)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert sign_flip_p(a - b) == sign_flip_p(b - a)


def test_nan_is_left_out_and_never_zero() -> None:
    a, b = np.array([0.5, np.nan, 0.9, 0.7]), np.array([0.25, 0.1, np.nan, 0.5])
    assert paired_difference(a, b) == paired_difference([0.5, 0.7], [0.25, 0.5])
    assert bootstrap_mean([0.5, np.nan]).value == 0.5
    assert sign_flip_p([1.0, np.nan, 2.0]) == sign_flip_p([1.0, 2.0]) == 0.5


def test_the_same_seed_gives_the_same_interval_alone_and_in_a_table() -> None:
    table = np.random.default_rng(0).normal(size=(30, 7))
    table[:3, 2:4] = np.nan
    value, low, high = mean_intervals(table, seed=4)
    for column in range(7):
        assert bootstrap_mean(table[:, column], seed=4) == (value[column], low[column], high[column])
    assert sign_flips(table, seed=4)[3] == sign_flip_p(table[:, 3], seed=4)
    assert bootstrap_mean(table[:, 0], seed=5).low != low[0]


def test_one_event_has_a_value_but_no_bounds() -> None:
    found = bootstrap_mean([0.4])
    assert found.value == 0.4
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(bootstrap_mean([np.nan])).all()
    assert np.isnan(sign_flip_p([]))


def test_equal_events_give_an_interval_of_no_width() -> None:
    assert bootstrap_mean([0.1] * 6) == pytest.approx((0.1, 0.1, 0.1), abs=1e-15)
    assert sign_flip_p([0.0] * 6) == 1


def test_wrong_input_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="same order"):
        paired_difference([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="at least two shared events with a score, found 1"):
        paired_difference([1, np.nan], [0, 1])
    with pytest.raises(ValueError, match=r"shape \(E,\)"):
        bootstrap_mean([[1.0]])
    with pytest.raises(ValueError, match="level"):
        bootstrap_mean([1.0, 2.0], level=95)
    with pytest.raises(ValueError, match="resamples"):
        bootstrap_mean([1.0, 2.0], resamples=0)
    with pytest.raises(ValueError, match="resamples"):
        sign_flip_p([1.0, 2.0], resamples=0)
    with pytest.raises(ValueError, match="shape"):
        sign_flip_p([[1.0]])


@pytest.mark.parametrize("events", [3, 8, 12])
def test_exact_sign_flips_agree_with_scipy(events: int) -> None:
    a, b = np.random.default_rng(events).normal(0.3, 1, size=(2, events))
    ours = sign_flip_p(a - b)
    theirs = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", vectorized=True
    )
    assert ours == pytest.approx(theirs.pvalue, abs=1e-12)


def test_random_sign_flips_agree_with_scipy_and_are_never_zero() -> None:
    a, b = np.random.default_rng(2).normal(size=(2, 25))
    a += 0.4
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9_999,
        rng=np.random.default_rng(1),
    )
    assert sign_flip_p(a - b) == pytest.approx(theirs.pvalue, abs=0.015)
    assert sign_flip_p(np.ones(40), resamples=99) == 0.01


def test_p_values_are_uniform_where_nothing_differs() -> None:
    p = sign_flips(np.random.default_rng(6).normal(size=(10, 3000)))
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.012)


def test_adjustment_is_scipys_and_keeps_nan() -> None:
    # the worked example of Benjamini & Hochberg (1995), section 3.2: four of fifteen are discoveries
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    adjusted = benjamini_hochberg([np.nan, *p])
    assert np.isnan(adjusted[0])
    assert (adjusted[1:] <= 0.05).sum() == 4
    assert adjusted[1:] == pytest.approx(stats.false_discovery_control(p))
    assert np.isnan(benjamini_hochberg([np.nan])).all()
    with pytest.raises(ValueError, match=r"`ps`"):
        benjamini_hochberg([1.2])


def test_holm_agrees_with_statsmodels_and_leaves_untested_out() -> None:
    p = np.random.default_rng(8).random(20) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    with_nan = holm(np.append(p, np.nan))
    assert with_nan[:20] == pytest.approx(holm(p))
    assert np.isnan(with_nan[20])
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm([1.5])
