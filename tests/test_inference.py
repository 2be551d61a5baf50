"""Corrected means and gaps: worked by hand, beside other tools, and by coverage in seeded worlds."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from framing import bench
from framing.experiment import silent
from framing.inference import (
    CorrectedContrast,
    Decomposition,
    Passages,
    corrected_contrast,
    corrected_mean,
    decompose,
    event_values,
)
from framing.resampling import bootstrap_mean, paired_difference, sign_flip_p

NAN = float("nan")
#: ppi_py 0.2.3 on `_independent`: ppi_mean_pointestimate, and the bounds of ppi_mean_ci (alpha .05), lam tuned.
PPI = (0.20286371, 0.12285532, 0.2828721)

# Four events of two sentences; the first sentence of each is coded.
MACHINE = [1, 1, 0, 1, 1, 0, 0, 1]
GOLD = [1, NAN, 0, NAN, 0, NAN, 0, NAN]
EVENTS = ["a", "a", "b", "b", "c", "c", "d", "d"]


def _side(seed: int, events: int = 12, passages: int = 10, coded: float = 0.5, mean: float = 0.4) -> Passages:
    """One seeded side: codes that vary by event, a machine that is right in four of five, a random part coded."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(events), passages)
    truth = (rng.random(events * passages) < np.repeat(rng.uniform(mean - 0.2, mean + 0.2, events), passages)) * 1.0
    machine = np.where(rng.random(truth.size) < 0.8, truth, 1 - truth)
    gold = np.where(rng.random(truth.size) < coded, truth, NAN)
    return Passages(machine, gold, groups)


# --------------------------------------------------------------------------- one side


def test_a_corrected_mean_worked_by_hand() -> None:
    found = corrected_mean(MACHINE, GOLD, EVENTS)
    # coded: f 1 0 1 0, y 1 0 0 0; cov 1/4 - 1/2 * 1/4 = 1/8, var 1/4; all f: 5/8
    assert found.tuning == pytest.approx(0.5)
    assert found.naive.value == pytest.approx(5 / 8)
    assert found.gold.value == pytest.approx(1 / 4)
    assert found.value == pytest.approx(1 / 4 + 0.5 * (5 / 8 - 1 / 2))
    assert found.shift == pytest.approx(5 / 16 - 5 / 8)
    assert (found.passages, found.coded, found.events, found.coded_events) == (8, 4, 4, 4)
    # event means of f: 1, 1/2, 1/2, 1/2; of the coded: 1, 0, 0, 0
    naive, gold = stats.sem([1, 0.5, 0.5, 0.5]), stats.sem([1, 0, 0, 0])
    reach = stats.t.ppf(0.975, 3)
    assert found.naive.high - found.naive.value == pytest.approx(reach * naive)
    assert found.gold.high - found.gold.value == pytest.approx(reach * gold)
    # without a, b, c or d: tuning 0, 1/2, 1, 1/2 and value 0, 1/3 + 0, 1/3 + (2/3 - 1/3), 1/3 + 0
    without = np.array([0, 1 / 3, 2 / 3, 1 / 3])
    jackknife = np.sqrt(3 / 4 * ((without - without.mean()) ** 2).sum())
    assert found.high - found.value == pytest.approx(reach * jackknife)


def test_inclusion_probabilities_undo_an_unequal_draw() -> None:
    machine, gold = [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, NAN]
    found = corrected_mean(machine, gold, ["a", "b", "c", "c"], inclusion=[1, 1, 0.5, 0.5], equal_events=False)
    assert found.gold.value == pytest.approx(1 / (1 + 1 + 2))
    assert found.tuning == pytest.approx(0.5)
    assert found.value == pytest.approx(0.25 + 0.5 * (0.5 - 0.5))


@pytest.mark.parametrize("equal_events", [True, False])
def test_a_fully_coded_side_has_the_cluster_robust_interval_of_statsmodels(equal_events: bool) -> None:
    side = _side(3, coded=1.0)
    found = corrected_mean(*side, equal_events=equal_events)
    fit = sm.OLS(side.gold, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": side.groups}, use_t=True)
    assert found.gold.value == pytest.approx(fit.params[0])
    assert found.gold[1:] == pytest.approx(fit.conf_int()[0])  # events of one size: the jackknife is the sandwich
    naive = sm.OLS(side.machine, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": side.groups}, use_t=True)
    assert found.naive[1:] == pytest.approx(naive.conf_int()[0])


def test_events_of_unequal_size_have_nearly_the_interval_of_statsmodels() -> None:
    side, rng = _side(4, events=60, coded=0.6), np.random.default_rng(0)
    keep = rng.random(600) < np.repeat(rng.uniform(0.2, 1, 60), 10)
    part = Passages(*(np.asarray(field)[keep] for field in side[:3]), inclusion=np.full(keep.sum(), 0.6))
    found = corrected_mean(*part, equal_events=False)
    y, groups = np.asarray(part.gold), np.asarray(part.groups)
    coded = ~np.isnan(y)
    clusters = {"groups": groups[coded]}
    fit = sm.OLS(y[coded], np.ones(coded.sum())).fit(cov_type="cluster", cov_kwds=clusters, use_t=True)
    assert found.gold.value == pytest.approx(fit.params[0])
    assert found.gold[1:] == pytest.approx(fit.conf_int()[0], abs=0.005)


def _independent() -> tuple[Passages, np.ndarray]:
    """2,000 passages, each an event of its own, the first 200 coded: the world that PPI++ was made for."""
    rng = np.random.default_rng(11)
    truth = rng.normal(0.2, 1, 2000)
    machine = 0.8 * truth + rng.normal(0.3, 0.5, 2000)
    gold = np.where(np.arange(2000) < 200, truth, NAN)
    return Passages(machine, gold, np.arange(2000)), truth


def test_independent_passages_give_the_formula_of_ppi_plus_plus() -> None:
    side, truth = _independent()
    found = corrected_mean(*side)
    y, f, rest = truth[:200], np.asarray(side.machine)[:200], np.asarray(side.machine)[200:]
    tuning = found.tuning * 1800 / 2000  # PPI++ sets the coded beside the rest, we beside all
    assert found.value == pytest.approx(y.mean() + tuning * (rest.mean() - f.mean()))
    error = np.sqrt(tuning**2 * rest.var() / 1800 + (y - tuning * f).var() / 200)
    assert (found.high - found.low) / 2 == pytest.approx(stats.t.ppf(0.975, 199) * error, rel=0.02)
    assert (found.gold.high - found.gold.low) > 1.5 * (found.high - found.low)


def test_independent_passages_give_the_figures_of_ppi_python() -> None:
    found = corrected_mean(*_independent()[0])
    assert found.value == pytest.approx(PPI[0], abs=0.002)
    assert found[1:3] == pytest.approx(PPI[1:], abs=0.006)


def test_ppi_python_agrees_where_it_is_installed() -> None:
    with warnings.catch_warnings():  # it silences every warning at import
        warnings.simplefilter("ignore")
        ppi = pytest.importorskip("ppi_py", reason="pip install 'framing[reference]'")
        side, truth = _independent()
        found = corrected_mean(*side)
        arrays = truth[:200], np.asarray(side.machine)[:200], np.asarray(side.machine)[200:]
        at_ours = ppi.ppi_mean_pointestimate(*arrays, lam=found.tuning * 0.9)
        tuned = ppi.ppi_mean_pointestimate(*arrays)
        low, high = ppi.ppi_mean_ci(*arrays, alpha=0.05)
    assert found.value == pytest.approx(float(np.squeeze(at_ours)))
    assert [float(np.squeeze(v)) for v in (tuned, low, high)] == pytest.approx(PPI, abs=1e-6)


def test_a_perfect_machine_needs_no_correction_and_a_blind_one_gets_no_trust() -> None:
    side = _side(5)
    perfect = corrected_mean(side.gold, side.gold, side.groups)
    assert perfect.tuning == 1
    assert perfect.value == pytest.approx(perfect.naive.value)
    blind = corrected_mean(np.full(120, 0.7), side.gold, side.groups)
    assert blind.tuning == 0
    assert blind[:3] == pytest.approx(blind.gold)


def test_a_machine_that_is_wrong_by_a_constant_is_put_right() -> None:
    side = _side(6)
    shifted = corrected_mean(np.asarray(side.machine) + 0.4, *side[1:3])
    assert shifted.value == pytest.approx(corrected_mean(*side).value)
    assert shifted.naive.value == pytest.approx(corrected_mean(*side).naive.value + 0.4)


def test_copies_that_share_one_weight_change_nothing() -> None:
    side = _side(7)
    once = corrected_mean(*side)
    printed = Passages(*(np.tile(np.asarray(field), 3) for field in side[:3]), weights=np.full(360, 1 / 3))
    assert corrected_mean(*printed)[:5] == pytest.approx(once[:5])
    left_out = Passages(*(np.tile(np.asarray(field), 2) for field in side[:3]), weights=np.repeat([1, 0], 120))
    assert corrected_mean(*left_out)[:5] == pytest.approx(once[:5])
    assert corrected_mean(*left_out)[7:] == once[7:]


def test_order_of_passages_and_names_of_events_change_nothing() -> None:
    side = _side(8)
    turned = Passages(*(np.asarray(field)[::-1] for field in side[:3]))
    named = side._replace(groups=[f"event {99 - n}" for n in np.asarray(side.groups)])
    for other in (turned, named):
        assert corrected_mean(*other)[:5] == pytest.approx(corrected_mean(*side)[:5])


def test_without_gold_the_naive_value_is_marked_and_has_no_bounds() -> None:
    side = _side(9)._replace(gold=np.full(120, NAN))
    found = corrected_mean(*side)
    assert not found.is_corrected
    assert found.value == found.naive.value
    assert np.isnan([found.low, found.high, found.tuning, *found.gold]).all()
    assert found.naive.low < found.value < found.naive.high
    assert found.coded == found.coded_events == 0
    values = event_values(*side)
    assert values.mean() == pytest.approx(found.value)


def test_gold_in_one_event_gives_a_value_without_bounds() -> None:
    found = corrected_mean([1, 0, 1, 0], [1, 0, NAN, NAN], ["a", "a", "b", "b"])
    assert found.is_corrected
    assert found.value == pytest.approx(0.5)
    assert np.isnan([found.low, found.high]).all()
    assert np.isfinite(found.naive).all()


def test_one_event_gives_values_without_bounds() -> None:
    found = corrected_mean([1, 0], [1, NAN], ["a", "a"])
    assert found.is_corrected
    assert (found.value, found.naive.value, found.events) == (1, 0.5, 1)
    assert np.isnan([found.low, found.high, found.naive.low, found.gold.low]).all()


def test_equal_scores_give_an_interval_of_no_width() -> None:
    found = corrected_mean([0.5] * 6, [0.5, NAN] * 3, ["a", "a", "b", "b", "c", "c"])
    assert found[:3] == pytest.approx((0.5, 0.5, 0.5))
    assert found.naive == pytest.approx((0.5, 0.5, 0.5))


def test_a_passage_that_could_not_be_told_is_left_out_also_where_coded() -> None:
    side = _side(10)
    with_nan = Passages(
        np.append(side.machine, [NAN, NAN]), np.append(side.gold, [1, NAN]), np.append(side.groups, [0, 999])
    )
    assert corrected_mean(*with_nan) == corrected_mean(*side)
    nothing = corrected_mean([NAN, NAN], [1, 0], ["a", "b"])
    assert np.isnan([nothing.value, *nothing.naive, *nothing.gold]).all()
    assert (nothing.passages, nothing.events, nothing.is_corrected) == (0, 0, False)
    assert corrected_mean([], [], []).events == 0


def test_wrong_input_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"gold: expected one entry per passage, shape \(2,\), found shape \(1,\)"):
        corrected_mean([1, 0], [1], ["a", "b"])
    with pytest.raises(ValueError, match="a missing one"):
        corrected_mean([1, 0], [1, 0], ["a", None])
    with pytest.raises(ValueError, match="weights"):
        corrected_mean([1, 0], [1, 0], ["a", "b"], [-1, 1])
    with pytest.raises(ValueError, match=r"inclusion: .* found 0"):
        corrected_mean([1, 0], [1, 0], ["a", "b"], None, [0, 1])
    with pytest.raises(ValueError, match="infinite"):
        corrected_mean([1, np.inf], [1, 0], ["a", "b"])
    with pytest.raises(ValueError, match="level"):
        corrected_mean([1, 0], [1, 0], ["a", "b"], level=95)
    with pytest.raises(ValueError, match="delta"):
        corrected_contrast(_side(1), _side(2), delta=0)
    with pytest.raises(ValueError, match="bias"):
        corrected_contrast(_side(1), _side(2), bias=(0.1, -1))


# --------------------------------------------------------------------------- two sides


def test_fully_coded_sides_give_the_paired_comparison_of_event_means() -> None:
    a, b = _side(21, coded=1), _side(22, coded=1)
    found = corrected_contrast(a, b)
    means = [np.asarray(side.gold).reshape(12, 10).mean(1) for side in (a, b)]
    assert found.value == pytest.approx(paired_difference(*means).value)
    t = stats.ttest_rel(*means)
    assert found.gold[1:] == pytest.approx(t.confidence_interval())
    assert found.p_value == pytest.approx(sign_flip_p(means[0] - means[1]))
    machine = [np.asarray(side.machine).reshape(12, 10).mean(1) for side in (a, b)]
    assert found.naive[1:] == pytest.approx(stats.ttest_rel(*machine).confidence_interval())
    codes = np.sqrt((np.asarray(a.gold).var() + np.asarray(b.gold).var()) / 2)
    assert found.effect == pytest.approx(found.value / codes)


def test_equivalence_is_the_two_one_sided_tests_of_statsmodels() -> None:
    a, b = _side(23, coded=1), _side(24, coded=1)
    a, b = a._replace(machine=a.gold), b._replace(machine=b.gold)  # so that the corrected values are event means
    found = corrected_contrast(a, b, delta=0.15)
    difference = (np.asarray(a.gold) - np.asarray(b.gold)).reshape(12, 10).mean(1)
    assert found.p_equivalent == pytest.approx(DescrStatsW(difference).ttost_mean(-0.15, 0.15)[0])


def test_swapping_sides_flips_the_sign_and_keeps_the_p_values() -> None:
    there, back = (corrected_contrast(*pair, bias=(s * 0.03, 0.02)) for pair, s in (
        ((_side(25), _side(26)), 1), ((_side(26), _side(25)), -1),
    ))  # fmt: skip
    for name in ("naive", "gold", "debiased"):
        one, other = getattr(there, name), getattr(back, name)
        assert one == pytest.approx((-other.value, -other.high, -other.low))
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert there.p_value == pytest.approx(back.p_value)
    assert there.p_equivalent == pytest.approx(back.p_equivalent)
    assert there.passages == back.passages[::-1]


def test_only_shared_events_count() -> None:
    a, b = _side(27), _side(28)
    more = Passages(*(np.concatenate([x, y]) for x, y in zip(b[:3], ([1, 1], [1, NAN], [77, 78]), strict=True)))
    assert corrected_contrast(a, more) == corrected_contrast(a, b)
    apart = corrected_contrast(a, a._replace(groups=np.asarray(a.groups) + 100))
    assert apart.events == 0
    assert np.isnan([apart.value, apart.low, apart.p_value, apart.p_equivalent]).all()


def test_gold_on_one_side_only_corrects_nothing() -> None:
    a, b = _side(29), _side(30)._replace(gold=np.full(120, NAN))
    found = corrected_contrast(a, b)
    assert not found.is_corrected
    assert found.value == found.naive.value
    assert np.isnan([found.low, found.p_value, found.p_equivalent, found.effect, found.gold.value]).all()
    assert found.naive.low < found.naive.value < found.naive.high


def test_one_shared_event_gives_a_value_without_bounds_and_p_value() -> None:
    side = Passages([1, 0], [1, NAN], ["a", "a"])
    found = corrected_contrast(side, side)
    assert found.value == 0
    assert np.isnan([found.low, found.high, found.p_value, found.p_equivalent]).all()


def test_bias_of_the_language_is_taken_off_the_naive_gap_with_its_uncertainty() -> None:
    a, b = _side(31, mean=0.6), _side(32, mean=0.3)
    plain = corrected_contrast(a, b)
    assert plain.exceeds_bias is None
    assert np.isnan(plain.debiased).all()
    known, vague = (corrected_contrast(a, b, bias=(0.1, error)) for error in (0, 0.2))
    for found in (known, vague):
        assert found.debiased.value == pytest.approx(found.naive.value - 0.1)
        assert found[:3] == plain[:3]
    assert known.debiased.high - known.debiased.low == pytest.approx(plain.naive.high - plain.naive.low)
    assert vague.debiased.high - vague.debiased.low > 2 * (plain.naive.high - plain.naive.low)
    assert known.exceeds_bias
    assert not vague.exceeds_bias


def _gap_of(seed: int) -> CorrectedContrast:
    return corrected_contrast(_side(seed, events=30), _side(seed + 1, events=30), seed=seed)


def test_the_same_seed_gives_the_same_p_value() -> None:
    assert _gap_of(40) == _gap_of(40)


# --------------------------------------------------------------------------- selection and presentation


def test_a_decomposition_worked_by_hand() -> None:
    found = decompose([0.2, 0.4, 0.9, NAN], [0.1, 0.5, NAN, 0.6])
    assert found.total.value == pytest.approx(0.5 - 0.4)
    assert found.presentation.value == pytest.approx(0)  # (.1 - .1) / 2
    assert found.selection_a.value == pytest.approx(0.5 - 0.3)
    assert found.selection_b.value == pytest.approx(0.4 - 0.3)
    assert found.selection.value == pytest.approx(0.1)
    assert (found.shared, found.only_a, found.only_b) == (2, 1, 1)


def test_a_decomposition_adds_up_and_turns_round() -> None:
    rng = np.random.default_rng(2)
    a, b = np.where(rng.random((2, 40)) < 0.7, rng.random((2, 40)), NAN)
    there, back = decompose(a, b), decompose(b, a)
    parts = there.presentation.value + there.selection.value
    assert there.total.value == pytest.approx(parts, abs=1e-12)
    assert there.selection.value == pytest.approx(there.selection_a.value - there.selection_b.value)
    assert there.total == pytest.approx((-back.total.value, -back.total.high, -back.total.low))
    assert there.presentation.value == pytest.approx(paired_difference(a, b).value)


def test_sides_that_tell_the_same_events_do_not_select() -> None:
    a, b = np.random.default_rng(3).random((2, 20))
    found = decompose(a, b)
    assert found.selection == found.selection_a == found.selection_b == (0, 0, 0)
    assert found.presentation == found.total == pytest.approx(bootstrap_mean(a - b), abs=0.01)


def test_a_decomposition_says_what_it_cannot_tell() -> None:
    apart = decompose([1, 0, NAN, NAN], [NAN, NAN, 1, 1])
    assert apart.total.value == pytest.approx(-0.5)
    assert np.isfinite(apart.total).all()
    assert np.isnan([*apart.presentation, *apart.selection, *apart.selection_a]).all()
    one = decompose([1, 0.5, 0], [0.5, NAN, NAN])
    assert one.presentation.value == 0.5
    assert np.isnan([one.presentation.low, one.total.low]).all()
    assert np.isnan(decompose([NAN], [NAN]).total.value)
    with pytest.raises(ValueError, match=r"shape \(E,\)"):
        decompose([1, 2], [1])
    with pytest.raises(ValueError, match="resamples"):
        decompose([1, 2], [1, 2], resamples=0)


def test_corrected_event_values_carry_the_correction_into_a_decomposition() -> None:
    a, b = _side(50), _side(51, events=9)
    first, second = event_values(*a), event_values(*b)
    assert first.mean() == pytest.approx(corrected_mean(*a).value)
    found = decompose(first, second.reindex(first.index))
    assert found.total.value == pytest.approx(corrected_mean(*a).value - corrected_mean(*b).value)
    assert (found.shared, found.only_a) == (9, 3)


def test_parts_of_a_decomposition_cover_the_truth_in_seeded_worlds() -> None:
    rng = np.random.default_rng(5)
    truth = Decomposition(*[None] * 5, 0, 0, 0)._replace(  # type: ignore[arg-type]
        # a tells grim events with .9, calm ones with .5; b all with .7; a adds .05 to what it tells
        total=0.05 + 0.2 * (0.9 / 1.4 - 0.5), presentation=0.05, selection=0.2 * (0.9 / 1.4 - 0.5),
    )  # fmt: skip
    covered = []
    for seed in range(400):
        grim = rng.integers(0, 2, 40)
        event = 0.3 + 0.2 * grim + rng.uniform(-0.2, 0.2, 40)
        a = np.where(rng.random(40) < np.where(grim == 1, 0.9, 0.5), event + 0.05 + rng.normal(0, 0.1, 40), NAN)
        b = np.where(rng.random(40) < 0.7, event + rng.normal(0, 0.1, 40), NAN)
        found = decompose(a, b, resamples=500, seed=seed)
        covered.append([i.low <= t <= i.high for i, t in zip(found[:3], truth[:3], strict=True)])
    assert (np.abs(np.mean(covered, axis=0) - 0.95) < 0.02 + 2 * 0.011).all()


# --------------------------------------------------------------------------- coverage


def test_corrected_intervals_cover_the_truth_where_naive_ones_have_the_wrong_sign() -> None:
    found = bench.inference([12], runs=600, progress=silent).set_index(["gap", "estimate"])
    noise = 2 * 100 * np.sqrt(0.05 * 0.95 / 600)  # two standard errors, in percent
    for gap in bench.GAPS:
        corrected = found.loc[(gap, "corrected")]
        assert abs(corrected["gap held"] - 95) < 2 + noise
        assert abs(corrected["means held"] - 95) < 2 + noise
        assert abs(corrected["bias"]) < 0.01
        assert corrected["width"] < 1
        assert found.loc[(gap, "naive"), "gap held"] < 20
    assert found.loc[(0.1, "corrected"), "wrong sign"] < 1
    assert found.loc[(0.1, "naive"), "wrong sign"] > 30
    assert abs(found.loc[(0.0, "corrected"), "rejected"] - 5) < noise
    assert found.loc[(0.0, "corrected"), "KS"] < 1.36 / np.sqrt(600) + 0.01
