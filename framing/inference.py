"""Means and gaps that admit that the classifier errs: machine scores corrected by coded passages, events as units."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from framing.resampling import Array, Interval, sign_flip_p

#: The three estimates that always stand side by side, in the order of `Estimates`.
ESTIMATORS = ("naive", "gold only", "corrected")
_NAIVE, _GOLD, _CORRECTED = range(3)
#: A gap no larger than this counts as none, unless told otherwise (as for `invariance.ALLOWED`).
NEGLIGIBLE = 0.05
_NAN = Interval(np.nan, np.nan, np.nan)


class Passages(NamedTuple):
    """What one side wrote of one actor in one dimension: a row a passage, arrays of shape (P,).

    Attributes
    ----------
    machine : array
        The scorer's values in the unit of the dimension; NaN "could not tell".
    gold : array
        The coded values in the same unit; NaN where the passage was not coded.
    groups : array of str or int
        The event of each passage.
    weights : array, optional
        What each counts for, 0 or more; all 1 if left out. A copy of a passage that is there already weighs 0, or the
        k prints of one text 1/k each; 1 over the passages of an account lets long accounts count no more than short.
    inclusion : array, optional
        The probability, above 0 and at most 1, with which the design would code the passage; read only where it was
        coded. Left out, all were as probable. For a draw of n of N passages of a kind it is n/N.
    """

    machine: npt.ArrayLike
    gold: npt.ArrayLike
    groups: npt.ArrayLike
    weights: npt.ArrayLike | None = None
    inclusion: npt.ArrayLike | None = None


class CorrectedMean(NamedTuple):
    """A side's mean, with what it rests on. In the unit of the scores; NaN bounds mean "cannot be told"."""

    value: float
    low: float
    high: float
    is_corrected: bool  # False: nothing is coded, `value` is the naive one and has no bounds
    tuning: float  # lambda, 0 to 1: how far the machine's scores are trusted; NaN where nothing is coded
    naive: Interval  # of all machine scores, as if they were right
    gold: Interval  # of the coded passages alone
    passages: int  # with a score and a weight
    coded: int
    events: int
    coded_events: int

    @property
    def shift(self) -> float:
        """Corrected less naive: by how much the classifier misleads."""
        return self.value - self.naive.value


class CorrectedContrast(NamedTuple):
    """A side's mean less another's over shared events. In the unit of the scores; NaN means "cannot be told"."""

    value: float
    low: float
    high: float
    is_corrected: bool  # False: a side has nothing coded, `value` is the naive one and has neither bounds nor p
    p_value: float  # that the sides differ in no systematic direction
    p_equivalent: float  # small: the gap is smaller than `delta` either way
    effect: float  # the gap in standard deviations of a coded passage
    naive: Interval
    gold: Interval
    debiased: Interval  # the naive gap less the bias between languages; NaN without `bias`
    exceeds_bias: bool | None  # whether the naive gap is larger than the bias can be; None without `bias`
    passages: tuple[int, int]
    coded: tuple[int, int]
    events: int
    coded_events: tuple[int, int]

    @property
    def shift(self) -> float:
        """Corrected less naive: by how much the classifier misleads."""
        return self.value - self.naive.value


class Decomposition(NamedTuple):
    """Why two sides' means differ: ``total`` is ``presentation + selection``, ``selection`` is ``selection_a`` less
    ``selection_b``; E counts events."""

    total: Interval
    presentation: Interval
    selection: Interval
    selection_a: Interval
    selection_b: Interval
    shared: int
    only_a: int
    only_b: int


class Estimates(NamedTuple):
    """Naive, gold only and corrected (first axis, as `ESTIMATORS`), of any number of samples (``...``)."""

    value: Array  # (3, ...)
    events: Array  # (3, ..., E): one value an event, whose mean is `value` and whose spread is its variance
    tuning: Array  # (...)


# --------------------------------------------------------------------------- the estimator


def moments(machine: Array, gold: Array, weights: Array, inclusion: Array) -> Array:
    """What each passage adds to its event's sums, from which `estimates` are made; shape (9, ...)."""
    is_coded = ~np.isnan(gold) & (weights > 0)
    f, y = np.where(weights > 0, machine, 0.0), np.where(is_coded, gold, 0.0)
    c = np.where(is_coded, weights / np.where(is_coded, inclusion, 1.0), 0.0)
    return np.stack([weights, weights * f, c, c * f, c * y, c * f * f, c * f * y, c * y * y, is_coded * 1.0])


def estimates(sums: Array, *, equal_events: bool = True) -> Estimates:
    """Naive, gold-only and corrected means with their values by event (jackknife pseudo-values), of many samples.

    Parameters
    ----------
    sums : array of shape (9, ..., E)
        `moments` summed within each event.
    equal_events : bool
        Whether each event counts for one, or for the weights of its passages.

    Returns
    -------
    Estimates
        NaN where nothing is coded; values by event NaN too where fewer than two events have a coded passage
        (or, for the naive mean, a score).

    Notes
    -----
    See `corrected_mean`. The value of event g is ``E * value - (E - 1) * value without g``, the tuning estimated again
    without g, then shifted so that the mean over events is ``value`` to the last digit that matters.
    """
    if equal_events:
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(sums[0] > 0, sums[:8] / sums[0], 0.0)
        sums = np.concatenate([scaled, sums[8:]])
    whole = sums.sum(axis=-1, keepdims=True)
    has_score, has_gold = sums[0] > 0, sums[8] > 0
    events = has_score.sum(axis=-1, keepdims=True)
    value, tuning = _point(whole)
    without, _ = _point(whole - sums)
    each = events * value - (events - 1) * without
    each += value - np.where(has_score, each, 0.0).sum(axis=-1, keepdims=True) / np.maximum(events, 1)
    enough = np.stack([events > 1, *[has_gold.sum(axis=-1, keepdims=True) > 1] * 2])
    each = np.where(enough & has_score, each, np.nan)
    return Estimates(value[..., 0], each, tuning[..., 0])


def _point(sums: Array) -> tuple[Array, Array]:
    """The three estimates (3, ...) and the tuning (...) from sums over events."""
    w, wf, c, cf, cy, cff, cfy, _, coded = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        naive = np.where(w > 0, wf / w, np.nan)
        f, y, ff, fy = (np.where(coded > 0, part / c, np.nan) for part in (cf, cy, cff, cfy))
        spread = ff - f * f
        slope = np.where(spread > 1e-9 * ff, (fy - f * y) / spread, 0.0)
    tuning = np.where(coded > 0, np.clip(slope, 0.0, 1.0), np.nan)
    return np.stack([naive, y, y + tuning * (naive - f)]), tuning


def standard_errors(each: Array) -> Array:
    """Standard error of the mean over the last axis (events); NaN events are left out, NaN with fewer than two."""
    told = ~np.isnan(each)
    count = told.sum(axis=-1)
    mean = np.where(told, each, 0.0).sum(axis=-1) / np.maximum(count, 1)
    square = np.where(told, each - mean[..., None], 0.0) ** 2
    return np.where(count > 1, np.sqrt(square.sum(axis=-1) / np.maximum(count * (count - 1.0), 1)), np.nan)


def _interval(value: float, error: float, freedom: int, level: float) -> Interval:
    if freedom < 1 or np.isnan(error):
        return Interval(float(value), np.nan, np.nan)
    reach = float(stats.t.isf((1 - level) / 2, freedom)) * float(error)
    return Interval(float(value), float(value) - reach, float(value) + reach)


# --------------------------------------------------------------------------- one side


def corrected_mean(
    machine: npt.ArrayLike,
    gold: npt.ArrayLike,
    groups: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    inclusion: npt.ArrayLike | None = None,
    *,
    equal_events: bool = True,
    level: float = 0.95,
) -> CorrectedMean:
    """A side's mean, its machine scores corrected by the passages that were coded.

    A mean of machine scores is as wrong as the classifier, however many there are; what is wrong on average is seen
    on coded passages drawn by a known design, and taken off.

    Parameters
    ----------
    machine, gold, groups, weights, inclusion : arrays of shape (P,)
        As for `Passages`; P passages of one side, actor and dimension. A passage without a machine score is left out
        of everything, also where it is coded: the mean is that of what the scorer could tell.
    equal_events : bool
        Whether each event counts for one, as in `comparison.means`, or for the weights of its passages.
    level : float
        Wanted coverage, between 0 and 1.

    Returns
    -------
    CorrectedMean
        Without a coded passage ``value`` is the naive mean, ``is_corrected`` is False and the bounds are NaN: an
        interval about a value of unknown error would promise what it does not hold (``naive`` has the one that counts
        events only). With coded passages in one event only, or one event at all, there is a value without bounds.
        Without any score everything is NaN. Equal scores and codes throughout give an interval of no width, also
        where a rare code is missing only because few passages are coded. Bounds may leave the range of the scorer.

    Raises
    ------
    ValueError
        If the lengths differ, an event is missing, a weight is negative or not finite, a coded passage's inclusion
        probability is outside (0, 1] or ``level`` is outside (0, 1).

    Notes
    -----
    With passages i of machine score f, code y, weight w (divided by its event's sum where ``equal_events``) and
    inclusion probability pi, means over all (w) and over the coded (w / pi)::

        value  = mean_coded(y) + lambda * (mean_all(f) - mean_coded(f))
        lambda = cov_coded(f, y) / var_coded(f), kept between 0 and 1

    This is the prediction-powered mean with power tuning; PPI++ compares the coded with the n_u passages that are not
    coded, so its lambda is ours times n_u / (n_u + n). Lambda 0 is the mean of the coded passages, 1 plain
    prediction-powered inference. The standard error is the jackknife over whole events, lambda estimated again
    each time; bounds take Student's t with as many degrees of freedom as events with coded passages, less one.
    Events count as drawn from more such events (no finite population correction). Coverage: docs/inference.md.

    References
    ----------
    Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Prediction-powered inference, Science 382. Angelopoulos,
    Duchi & Zrnic (2023), PPI++: Efficient Prediction-Powered Inference, arXiv 2311.01453. Egami, Hinck, Stewart & Wei
    (2023), Using Imperfect Surrogates for Downstream Inference: Design-based Supervised Learning, NeurIPS (known
    inclusion probabilities). Efron & Stein (1981), The Jackknife Estimate of Variance. Bell & McCaffrey (2002), Bias
    Reduction in Standard Errors for Linear Regression with Multi-Stage Samples (whole clusters left out).

    Examples
    --------
    The machine calls half of the passages blame; of the four coded ones it was wrong once:

    >>> machine = [1, 0, 1, 0, 1, 0, 1, 0]
    >>> gold = [1, 0, 0, 0] + [float("nan")] * 4
    >>> found = corrected_mean(machine, gold, ["a", "a", "b", "b", "c", "c", "d", "d"])
    >>> found.naive.value, found.gold.value, found.value, found.tuning
    (0.5, 0.25, 0.25, 0.5)
    """
    _check_level(level)
    side = _packed(Passages(machine, gold, groups, weights, inclusion))
    found = estimates(side.sums, equal_events=equal_events)
    errors = standard_errors(found.events)
    coded_events = int((side.sums[8] > 0).sum())
    freedom = (len(side.events) - 1, coded_events - 1, coded_events - 1)
    naive, coded, corrected = (_interval(*parts, level) for parts in zip(found.value, errors, freedom, strict=True))
    best = corrected if coded_events else Interval(naive.value, np.nan, np.nan)
    return CorrectedMean(
        *best, coded_events > 0, float(found.tuning), naive, coded,
        side.passages, int(side.sums[8].sum()), len(side.events), coded_events,
    )  # fmt: skip


def event_values(
    machine: npt.ArrayLike,
    gold: npt.ArrayLike,
    groups: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    inclusion: npt.ArrayLike | None = None,
    *,
    equal_events: bool = True,
) -> pd.Series[float]:
    """A corrected value for each event, whose mean is that of `corrected_mean`: what `decompose` takes.

    Parameters
    ----------
    machine, gold, groups, weights, inclusion, equal_events
        As for `corrected_mean`.

    Returns
    -------
    Series
        By event, sorted; E events with a score. Jackknife pseudo-values: the mean over many events is right, a single
        event's value may leave the scorer's range. The event's own machine mean where nothing is coded; NaN where
        only one event has coded passages.
    """
    side = _packed(Passages(machine, gold, groups, weights, inclusion))
    found = estimates(side.sums, equal_events=equal_events)
    if not side.sums[8].any():
        with np.errstate(invalid="ignore"):
            return pd.Series(side.sums[1] / side.sums[0], index=pd.Index(side.events), dtype="float64")
    return pd.Series(found.events[_CORRECTED], index=pd.Index(side.events), dtype="float64")


class _Packed(NamedTuple):
    events: npt.NDArray[Any]  # sorted names of the events with a score
    sums: Array  # (9, E)
    passages: int


def _packed(side: Passages) -> _Packed:
    """Checked arrays, summed within events; events without a score or weight left out."""
    machine, gold = np.asarray(side.machine, np.float64), np.asarray(side.gold, np.float64)
    groups = np.asarray(side.groups)
    weights = np.ones(machine.shape) if side.weights is None else np.asarray(side.weights, np.float64)
    inclusion = np.ones(machine.shape) if side.inclusion is None else np.asarray(side.inclusion, np.float64)
    given = {"machine": machine, "gold": gold, "groups": groups, "weights": weights, "inclusion": inclusion}
    for name, array in given.items():
        if array.ndim != 1 or array.shape != machine.shape:
            raise ValueError(
                f"{name}: expected one entry per passage, shape {machine.shape[:1]}, found shape {array.shape}."
            )
    if np.isinf(machine).any() or np.isinf(gold).any():
        raise ValueError("machine and gold: expected finite scores, or NaN for 'not told'; found an infinite one.")
    if pd.isna(groups).any():
        raise ValueError("groups: expected an event for every passage, found a missing one; leave such passages out.")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("weights: expected finite numbers of at least 0; 0 leaves a passage out.")
    keep = ~np.isnan(machine) & (weights > 0)
    wrong = keep & ~np.isnan(gold) & ~((inclusion > 0) & (inclusion <= 1))
    if wrong.any():
        raise ValueError(
            f"inclusion: expected probabilities above 0 and at most 1 for coded passages, found {inclusion[wrong][0]}; "
            "it is the chance that the design had of drawing the passage, 1 where all were coded."
        )
    events, number = np.unique(groups[keep], return_inverse=True)
    parts = moments(machine[keep], gold[keep], weights[keep], inclusion[keep])
    sums = np.array([np.bincount(number, part, minlength=len(events)) for part in parts])
    return _Packed(events, sums, int(keep.sum()))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, found {level}.")


# --------------------------------------------------------------------------- two sides


def corrected_contrast(
    a: Passages,
    b: Passages,
    *,
    bias: tuple[float, float] | None = None,
    delta: float = NEGLIGIBLE,
    equal_events: bool = True,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> CorrectedContrast:
    """The corrected mean of one side less another's, over the events that both tell.

    Each side is corrected by its own coded passages, since a classifier errs otherwise in another language; pairing
    within events takes out what happened.

    Parameters
    ----------
    a, b : Passages
        Of the same actor and dimension. Only passages in events where both have a score are used.
    bias : (float, float), optional
        By how much the scorer puts a's language above b's on the same statements, and the standard error of that
        (`invariance`).
    delta : float
        The gap, above 0 and in the unit of the scores, that would matter; for ``p_equivalent``.
    equal_events, level
        As for `corrected_mean`.
    resamples, seed
        Of the sign flips, as for `resampling.sign_flip_p`: exact up to 12 events.

    Returns
    -------
    CorrectedContrast
        a minus b. Unless both sides have coded passages in shared events, ``value`` is the naive gap, ``is_corrected``
        is False, bounds, p-values and effect are NaN. ``debiased`` and ``exceeds_bias`` speak of the **naive** gap:
        the coded passages have already taken a language's bias out of ``value``, to subtract it there would take it
        off twice. ``exceeds_bias`` asks that the naive gap be larger than the bias's bound at ``level`` that is
        farther from 0.

    Raises
    ------
    ValueError
        As for `corrected_mean`, and if ``delta`` is not above 0 or the bias's standard error is negative.

    Notes
    -----
    The values by event of both sides (`Estimates`) are subtracted. Their spread over events gives the standard error
    (degrees of freedom: events with coded passages on the side that has fewer, less one), and flipping the sign of
    whole events the p-value: with five events it cannot be below 0.0625. ``p_equivalent`` is the larger p of two
    one-sided t-tests of a gap of -delta and of delta. ``effect`` divides by the root of the mean variance of codes
    (design-weighted) of both sides.

    References
    ----------
    As for `corrected_mean`. Fisher (1935), The Design of Experiments, ch. 3. Schuirmann (1987), A comparison of the
    two one-sided tests procedure, J. Pharmacokinetics and Biopharmaceutics 15.

    Examples
    --------
    >>> events = ["a", "a", "b", "b", "c", "c"]
    >>> ours = Passages([1, 1, 1, 0, 1, 1], [1, 1, 1, 0, 1, 1], events)
    >>> theirs = Passages([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1, 0], events)
    >>> found = corrected_contrast(ours, theirs)
    >>> round(found.value, 3), found.events, found.is_corrected, found.p_value
    (0.5, 3, True, 0.25)
    """
    _check_level(level)
    if not delta > 0:
        raise ValueError(f"delta: expected a gap above 0 that would matter, found {delta}.")
    if bias is not None and not bias[1] >= 0:
        raise ValueError(f"bias: expected (mean, standard error of at least 0), found {bias}.")
    shared = np.intersect1d(_packed(a).events, _packed(b).events)
    sides = [_packed(_of_events(side, shared)) for side in (a, b)]
    first, second = (estimates(side.sums, equal_events=equal_events) for side in sides)
    each, value = first.events - second.events, first.value - second.value
    errors = standard_errors(each)
    coded_events = [int((side.sums[8] > 0).sum()) for side in sides]
    freedom = (len(shared) - 1, min(coded_events) - 1, min(coded_events) - 1)
    naive, coded, corrected = (_interval(*parts, level) for parts in zip(value, errors, freedom, strict=True))
    is_corrected = min(coded_events) > 0
    best = corrected if is_corrected else Interval(naive.value, np.nan, np.nan)
    p_value = p_equivalent = effect = np.nan
    if is_corrected:
        p_value = sign_flip_p(each[_CORRECTED], resamples=resamples, seed=seed)
        p_equivalent = _equivalence(best.value, float(errors[_CORRECTED]), freedom[_CORRECTED], delta)
        effect = _effect(best.value, [side.sums for side in sides], equal_events)
    debiased, exceeds = _NAN, None
    if bias is not None:
        error = float(np.hypot(errors[_NAIVE], bias[1]))
        debiased = _interval(naive.value - bias[0], error, freedom[_NAIVE], level)
        exceeds = bool(abs(naive.value) > abs(bias[0]) + float(stats.norm.isf((1 - level) / 2)) * bias[1])
    one, other = sides
    return CorrectedContrast(
        *best, is_corrected, p_value, p_equivalent, effect, naive, coded, debiased, exceeds,
        (one.passages, other.passages), (int(one.sums[8].sum()), int(other.sums[8].sum())),
        len(shared), (coded_events[0], coded_events[1]),
    )  # fmt: skip


def _of_events(side: Passages, events: npt.NDArray[Any]) -> Passages:
    keep = np.isin(np.asarray(side.groups), events)
    return Passages(*(None if part is None else np.asarray(part)[keep] for part in side))  # type: ignore[arg-type]


def _equivalence(value: float, error: float, freedom: int, delta: float) -> float:
    """The larger p of two one-sided t-tests that the gap is -delta or less, and delta or more."""
    if freedom < 1 or np.isnan(error):
        return float("nan")
    if error == 0:
        return 0.0 if abs(value) < delta else 1.0
    return float(stats.t.sf((delta - abs(value)) / error, freedom))


def _effect(value: float, sides: list[Array], equal_events: bool) -> float:
    variances = []
    for sums in sides:
        scaled = sums / sums[0] if equal_events else sums
        total = scaled.sum(axis=-1)
        variances.append(total[7] / total[2] - (total[4] / total[2]) ** 2)
    spread = float(np.sqrt(max(np.mean(variances), 0.0)))
    return value / spread if spread > 1e-9 else float("nan")


# --------------------------------------------------------------------------- selection and presentation


def decompose(
    a: npt.ArrayLike, b: npt.ArrayLike, *, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Decomposition:
    """How much of the gap between two sides comes from which events they tell, and how much from how they tell them.

    A side may look harsher because it tells harsher events; only what it makes of the same events is its framing.

    Parameters
    ----------
    a, b : arrays of shape (E,)
        A value an event and side, in the same order of events: event means of scores, or `event_values`. NaN where
        the side does not tell the event.
    level, resamples, seed
        As for `resampling.bootstrap_mean`; whole events are resampled.

    Returns
    -------
    Decomposition
        With T the events that a side tells and S those that both tell::

            total        = mean_Ta(a) - mean_Tb(b)
            presentation = mean_S(a - b)
            selection_a  = mean_Ta(a) - mean_S(a)
            selection_b  = mean_Tb(b) - mean_S(b)
            total        = presentation + selection_a - selection_b

        Without a shared event only ``total`` is told, the rest is NaN. Bounds are NaN where fewer than two events
        bear a part; the bounds of parts do not add up, only the values do. In an event that one side alone tells,
        what happened and how it was told cannot be kept apart: all of it counts as selection.

    Raises
    ------
    ValueError
        If the shapes differ, ``level`` is outside (0, 1) or ``resamples`` is below 1.

    Notes
    -----
    Percentile bounds of the cluster bootstrap, stretched about the value by ``t / z * sqrt(n / (n - 1))``, n the
    smallest number of events behind any mean of the part. Draws without a shared event are left out.

    References
    ----------
    Kitagawa (1955), Components of a Difference Between Two Rates, JASA 50. Blinder (1973), Wage Discrimination,
    J. of Human Resources 8. Each event is a category of its own here, with the shared events as the standard.

    Examples
    --------
    Both tell the first two events alike; the third, a grim one, only a tells:

    >>> found = decompose([0.25, 0.5, 0.75], [0.25, 0.5, float("nan")])
    >>> found.total.value, found.presentation.value, found.selection.value
    (0.125, 0.0, 0.125)
    """
    one, other = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if one.ndim != 1 or one.shape != other.shape:
        raise ValueError(
            f"a and b: expected one value per event in each, shape (E,), found shapes {one.shape} and {other.shape}; "
            "NaN stands where a side does not tell the event."
        )
    _check_level(level)
    if resamples < 1:
        raise ValueError(f"resamples: expected at least 1, found {resamples}.")
    told = ~np.isnan(np.stack([one, other]))
    one, other, told = one[told.any(0)], other[told.any(0)], told[:, told.any(0)]
    shared = told[0] & told[1]
    counts = (int(told[0].sum()), int(told[1].sum()), int(shared.sum()))
    terms = np.stack([told[0], told[1], shared, *(np.where(told, (one, other), 0.0)),
                      *(np.where(shared, (one, other), 0.0))]).T  # fmt: skip
    values = _parts(terms.sum(0))
    draws = np.full((0, 5), np.nan)
    if len(one):
        drawn = np.random.default_rng(seed).multinomial(len(one), np.full(len(one), 1 / len(one)), size=resamples)
        draws = _parts(drawn @ terms)
    tail = (1 - level) / 2
    bearing = {"total": counts[:2], "presentation": counts[2:], "selection": counts, "selection_a": counts[::2],
               "selection_b": counts[1:]}  # fmt: skip
    found = {}
    for number, (name, events) in enumerate(bearing.items()):
        value, n = float(values[number]), min(events)
        away = draws[:, number] - value
        away = away[~np.isnan(away)]
        if n < 2 or not len(away):
            found[name] = Interval(value, np.nan, np.nan)
            continue
        stretch = stats.t.isf(tail, n - 1) / stats.norm.isf(tail) * np.sqrt(n / (n - 1))
        low, high = np.quantile(away, [tail, 1 - tail]) * stretch
        found[name] = Interval(value, value + min(float(low), 0.0), value + max(float(high), 0.0))
    return Decomposition(**found, shared=counts[2], only_a=counts[0] - counts[2], only_b=counts[1] - counts[2])


def _parts(sums: Array) -> Array:
    """Total, presentation, selection, selection_a, selection_b (..., 5) from counts and sums (..., 7)."""
    in_a, in_b, in_both, a, b, shared_a, shared_b = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_a, mean_b = a / in_a, b / in_b
        common_a, common_b = shared_a / in_both, shared_b / in_both
    selected = np.stack([mean_a - common_a, mean_b - common_b])
    return np.stack([mean_a - mean_b, common_a - common_b, selected[0] - selected[1], *selected], axis=-1)
