"""Intervals and p-values by resampling whole events: arrays in, Interval out."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]

EXACT_EVENTS = 12  # up to here all 2**E signs are tried, above it a random sample of them
_CELLS = 4_000_000  # entries of the largest array of draws held at once


class Interval(NamedTuple):
    """An estimate between its bounds, in the unit of the scores; NaN bounds mean "too few events"."""

    value: float
    low: float
    high: float


def bootstrap_mean(values: npt.ArrayLike, *, level: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Interval:
    """Mean over events with a bootstrap interval, for one cell of a heatmap.

    Percentile bounds are stretched about the mean by ``t / z * sqrt(E / (E - 1))`` (Student's t with E - 1
    degrees of freedom), because plain ones are too narrow when events are few.

    Parameters
    ----------
    values : array of shape (E,)
        One score per event; NaN events are left out, never counted as 0.
    level : float
        Wanted coverage, between 0 and 1.
    resamples : int
        Number of bootstrap draws.
    seed : int
        The same seed gives the same interval, to the last digit.

    Returns
    -------
    Interval
        NaN bounds if fewer than two events are left, a NaN value too if none is.

    Raises
    ------
    ValueError
        If ``values`` is not one-dimensional, ``level`` is outside (0, 1) or ``resamples`` below 1.

    Notes
    -----
    Coverage of 95 % intervals, measured in 10,000 seeded worlds of 2,000 draws: 93-97 % for differences of
    scores (normal, Laplace, uniform, skewed minus skewed) from 5 events on. It does **not** hold

    - where half of the events or more are exactly equal: with 52 % zeros 92 % at 5 events, with 70 %
      78 % at 5, 93 % at 10, with 85 % 56 % at 5, 75 % at 10, 87 % at 20; all equal gives an interval of width 0;
    - for the mean (not a difference) of strongly skewed scores, most near 0 and a few near 1:
      about 89 % at 5, 92 % at 10, 94 % at 30 events;
    - below 5 events, where only the few values seen can be drawn: down to 84 % at 3.

    Bounds may leave the range of the scorer.

    References
    ----------
    Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician 69(4).

    Examples
    --------
    >>> bootstrap_mean([0.5, 0.5, float("nan")])
    Interval(value=0.5, low=0.5, high=0.5)
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"values: expected one score per event, shape (E,), found shape {array.shape}.")
    value, low, high = mean_intervals(array[:, None], level=level, resamples=resamples, seed=seed)
    return Interval(float(value[0]), float(low[0]), float(high[0]))


def paired_difference(
    a: npt.ArrayLike, b: npt.ArrayLike, *, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Mean difference between two sources over the events both of them covered.

    Resamples whole events, so that what makes an event grim for everyone cancels out.

    Parameters
    ----------
    a, b : array of shape (E,)
        One score per shared event, in the same order; E is the number of shared events.
        Same range as the scorer's (-1 to 1 for sentiment, 0 to 1 for a frame's share).
    level : float
        Wanted coverage, between 0 and 1; see `bootstrap_mean` for where it holds.
    resamples : int
        Number of bootstrap draws.
    seed : int
        The same seed gives the same interval, to the last digit.

    Returns
    -------
    Interval
        `a` minus `b`, stretched percentile bounds. NaN pairs are left out, never counted as 0.

    Raises
    ------
    ValueError
        If the shapes differ, or fewer than two events are left.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.

    Examples
    --------
    >>> paired_difference([0.5, 0.75, 1.0], [0.25, 0.5, 0.75])
    Interval(value=0.25, low=0.25, high=0.25)
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(
            f"a and b: expected one score per shared event in each, found shapes {first.shape} and "
            f"{second.shape}. Keep only the events that both cover, in the same order."
        )
    difference = first - second
    shared = int((~np.isnan(difference)).sum())
    if shared < 2:
        raise ValueError(f"a and b: expected at least two shared events with a score, found {shared}.")
    return bootstrap_mean(difference, level=level, resamples=resamples, seed=seed)


def mean_intervals(
    values: Array, *, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> tuple[Array, Array, Array]:
    """`bootstrap_mean` of every column at once, for whole heatmaps.

    Columns with the same number of scored events share their draws, so a column's interval does not
    depend on which other columns stand beside it.

    Parameters
    ----------
    values : array of shape (E, C)
        A column a cell; NaN where the event was not scored.

    Returns
    -------
    value, low, high : arrays of shape (C,)

    Raises
    ------
    ValueError
        If ``level`` is outside (0, 1) or ``resamples`` below 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, found {level}.")
    if resamples < 1:
        raise ValueError(f"resamples: expected at least 1, found {resamples}.")
    value, low, high = (np.full(values.shape[1], np.nan) for _ in range(3))
    tail = (1 - level) / 2
    for events, columns, packed in _by_count(values):
        means = np.array([math.fsum(column) for column in packed.T]) / events
        value[columns] = means
        if events < 2:
            continue
        distances = _on_grid(packed - means)  # to the mean: equal events then give exactly no width
        drawn = np.empty((resamples, len(columns)))
        rng = np.random.default_rng(seed)
        for start, stop in _blocks(resamples, events):
            picks = rng.integers(0, events, (stop - start, events))
            picks += np.arange(stop - start)[:, None] * events
            counts = np.bincount(picks.ravel(), minlength=(stop - start) * events)
            drawn[start:stop] = counts.reshape(-1, events).astype(np.float64) @ distances
        stretch = stats.t.isf(tail, events - 1) / stats.norm.isf(tail) * np.sqrt(events / (events - 1))
        bounds = np.quantile(drawn, [tail, 1 - tail], axis=0) / events * stretch
        low[columns], high[columns] = means + np.minimum(bounds[0], 0), means + np.maximum(bounds[1], 0)
    return value, low, high


def sign_flip_p(differences: npt.ArrayLike, *, resamples: int = 10_000, seed: int = 0) -> float:
    """Two-sided p-value that two sources differ in no systematic direction.

    Under that hypothesis each event's difference could as well have had the other sign, so the
    signs are flipped: all 2**E ways up to 12 events, a seeded sample of them above.

    Parameters
    ----------
    differences : array of shape (E,)
        One difference per shared event; NaN events are left out.
    resamples : int
        Number of random flips above 12 events.
    seed : int
        The same seed gives the same p-value.

    Returns
    -------
    float
        NaN if no event is left. With E events it cannot be below ``2 / 2**E``: 0.0625 for five.

    Raises
    ------
    ValueError
        If ``differences`` is not one-dimensional or ``resamples`` below 1.

    References
    ----------
    Fisher (1935), The Design of Experiments, ch. 3; Phipson & Smyth (2010), Permutation P-values
    Should Never Be Zero.

    Examples
    --------
    >>> sign_flip_p([0.1, 0.2, 0.3, 0.4, 0.5])
    0.0625
    """
    array = np.asarray(differences, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"differences: expected one number per event, shape (E,), found {array.shape}.")
    return float(sign_flips(array[:, None], resamples=resamples, seed=seed)[0])


def sign_flips(differences: Array, *, resamples: int = 10_000, seed: int = 0) -> Array:
    """`sign_flip_p` of every column of an (E, C) array at once; shape (C,)."""
    if resamples < 1:
        raise ValueError(f"resamples: expected at least 1, found {resamples}.")
    p = np.full(differences.shape[1], np.nan)
    for events, columns, packed in _by_count(differences):
        exact = events <= EXACT_EVENTS
        flips = 2**events if exact else resamples
        packed = _on_grid(packed)
        floor = np.abs(packed.sum(axis=0)) - 1e-8 * np.abs(packed).max(axis=0)  # ties of decimals count
        as_far = np.zeros(len(columns))
        rng = np.random.default_rng(seed)
        for start, stop in _blocks(flips, events):
            if exact:
                bits = np.arange(start, stop)[:, None] >> np.arange(events) & 1
            else:
                bits = rng.integers(0, 2, (stop - start, events))
            as_far += (np.abs((bits * 2.0 - 1.0) @ packed) >= floor).sum(axis=0)
        p[columns] = as_far / flips if exact else (as_far + 1) / (flips + 1)
    return p


def benjamini_hochberg(p: npt.ArrayLike) -> Array:
    """P-values adjusted for the false discovery rate, so that a big table does not find gaps by luck.

    Parameters
    ----------
    p : array of shape (C,)
        P-values of one family; NaN (too few events) stays NaN and does not count as a test.

    Returns
    -------
    array of shape (C,)

    Raises
    ------
    ValueError
        If a p-value is outside 0 to 1.

    References
    ----------
    Benjamini & Hochberg (1995), Controlling the False Discovery Rate.

    Examples
    --------
    >>> benjamini_hochberg([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    raw = np.asarray(p, dtype=np.float64)
    adjusted = raw.copy()
    tested = ~np.isnan(raw)
    if tested.any():
        adjusted[tested] = stats.false_discovery_control(raw[tested], method="bh")
    return adjusted


def holm(p: npt.ArrayLike) -> Array:
    """P-values adjusted so that a whole table finds even one gap by luck with no more than the stated probability.

    Stricter than `benjamini_hochberg`: for few contrasts named beforehand.

    Parameters
    ----------
    p : array of shape (C,)
        P-values of one family; NaN (too few events) stays NaN and does not count as a test.

    Returns
    -------
    array of shape (C,)

    Raises
    ------
    ValueError
        If a p-value is outside 0 to 1.

    References
    ----------
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian J. of Statistics 6.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    raw = np.asarray(p, dtype=np.float64)
    adjusted = raw.copy()
    tested = np.flatnonzero(~np.isnan(raw))
    if ((raw[tested] < 0) | (raw[tested] > 1)).any():
        raise ValueError("p: expected p-values from 0 to 1, or NaN for what was not tested.")
    order = tested[np.argsort(raw[tested], kind="stable")]
    steps = raw[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _by_count(values: Array) -> list[tuple[int, npt.NDArray[np.intp], Array]]:
    """Columns grouped by their number of scored events: (events, columns, their scores without NaN)."""
    scored = ~np.isnan(values)
    counts = scored.sum(axis=0)
    groups = []
    for events in np.unique(counts[counts > 0]):
        columns = np.flatnonzero(counts == events)
        order = np.argsort(~scored[:, columns], axis=0, kind="stable")[:events]
        groups.append((int(events), columns, np.take_along_axis(values[:, columns], order, axis=0)))
    return groups


def _blocks(rows: int, width: int) -> list[tuple[int, int]]:
    """Row ranges that keep an array of draws within bounds of memory."""
    step = max(1, _CELLS // width)
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]


def _on_grid(values: Array) -> Array:
    """Scores rounded to a billionth of their column's largest.

    On a common binary grid sums are exact whatever the order of adding, so that one column alone gives
    the digits that it gives in a table, on every machine.
    """
    step = np.exp2(np.ceil(np.log2(np.maximum(np.abs(values).max(axis=0), 1e-300))) - 30)
    return np.asarray(np.round(values / step) * step, dtype=np.float64)
