"""Whether the scorers read the same thing alike in az, hy, ru and en, and every actor alike."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from scipy.stats import spearmanr

from framing import text as texts
from framing import training
from framing.measurement import ENDS, binned, calibration_error, classes_of, draw, mean_of, of_split, read
from framing.models import Encoder
from framing.resampling import Interval
from framing.scoring import Hidden, tuned_encoder
from framing.scoring.heads import Head, load_head
from framing.scoring.portrayal import expected

Floats = npt.NDArray[np.float64]
#: A difference between languages larger than this is more than is asked of a scorer (docs/scores.md).
ALLOWED = 0.05
#: Nagelkerke's R2 from which an effect of the language is class B and C (Jodoin and Gierl 2001).
_MODERATE, _LARGE = 0.035, 0.07
_NOTE = (
    "Above: probes, the same statement in each language (dotted: what is asked, at most .05 and at least .85). Below: "
    "coded passages of corpora/karabakh. Bars: 95 % intervals, whole statements or accounts resampled."
)


def invariance(
    corpora: Path,
    split: str,
    encoder: Encoder,
    *,
    data: Path | None = None,
    weights: Path | None = None,
    tell: Callable[[int], None] = lambda count: None,
) -> pd.DataFrame:
    """Whether a scorer reads the same statement alike in az, hy, ru and en, and every actor alike.

    Parameters
    ----------
    corpora : Path
        The folder with ``probes`` and ``karabakh``.
    split : str
        train, dev or test of both.
    data : Path, optional
        The folder with ``sib200``: sentences that say the same in each language and blame nobody.

    Returns
    -------
    DataFrame
        ``dimension``, ``measure``, ``about`` (a language, a pair of languages, an actor, or ""), ``value``, ``low``,
        ``high`` (95 %, whole statements or accounts resampled; NaN where there is none), ``note``, ``units``.
        On the probes: "mean difference" of a language from the mean of the four (in units of the score); "rank
        correlation" between two languages; "item functioning", the Nagelkerke R2 that a language adds to the coded
        value in predicting the code given, with its class A, B or C as note; "swap correlation" of an actor's score
        with that of the actor in its place in the swapped statement; "actor shift", an actor's mean less that of both
        actors that stood in its place. On coded passages of corpora/karabakh: "error rate" and "calibration error"
        (of the probability of the code given, ten bins). On sib200's test sentences: "same sentences, mean
        difference".

    References
    ----------
    Davidov et al. (2014), Measurement Equivalence in Cross-National Research, Annual Review of Sociology 40.
    Jodoin & Gierl (2001), Evaluating Type I Error and Power Rates Using an Effect Size Measure With the Logistic
    Regression Procedure for DIF Detection, Applied Measurement in Education 14. Guo et al. (2017), On Calibration of
    Modern Neural Networks, ICML.
    """
    tuned = tuned_encoder(encoder, weights)
    frame = of_split(training.load_probes(corpora / "probes"), split)
    rows: list[dict[str, Any]] = []
    seen = read(frame, tuned, tell)
    for name in ("blame", "legitimacy", "suffering"):
        head = load_head(name, weights)
        chances = head.probabilities(seen.features, frame["language"])
        scored = frame.assign(score=expected(chances, *ENDS[name]), given=head.decide(chances))
        scored = scored[scored["dimension"].isin([name, "neutral"])]
        keys = ["group", "statement_id", "actor"]
        wide = scored.pivot_table(index=keys, columns="language", values="score").dropna()
        groups = wide.index.get_level_values("group").to_numpy(str)
        for code in wide.columns:
            away = (wide[code] - wide.mean(axis=1)).to_numpy()
            rows.append(_row(name, "mean difference", code, mean_of(away, groups), len(wide)))
        for one, other in itertools.combinations(wide.columns, 2):
            rho = Interval(float(spearmanr(wide[one], wide[other]).statistic), np.nan, np.nan)
            rows.append(_row(name, "rank correlation", f"{one}-{other}", rho, len(wide)))
        rows += _functioning(name, scored)
        rows += swaps(name, scored)
    coded = of_split(training.load_portrayal(corpora / "karabakh"), split)
    passages = read(coded, tuned, tell)
    for name in training.PORTRAYAL:
        rows += _errors(load_head(name, weights), coded, passages.features)
    if data is not None:
        rows += _same_sentences(data, tuned, weights, tell)
    return pd.DataFrame(rows)


def _row(name: str, measure: str, about: str, interval: Interval, units: int, note: str = "") -> dict[str, Any]:
    return {
        "dimension": name, "measure": measure, "about": about, "value": interval.value, "low": interval.low,
        "high": interval.high, "note": note, "units": units,
    }  # fmt: skip


def swaps(name: str, scored: pd.DataFrame) -> list[dict[str, Any]]:
    """A role in a statement, filled by one actor and by the other: the scores should be the same."""
    paired = scored[scored["pair_id"] != ""]
    keys = ["pair_id", "group", "language", "value"]
    wide = paired.pivot_table(index=keys, columns="variant", values="score", aggfunc="mean")
    if wide.empty or wide.shape[1] < 2:
        return []
    names = paired.pivot_table(index=keys, columns="variant", values="actor", aggfunc="first")
    wide = wide.dropna()
    names = names.loc[wide.index]
    rows = []
    for code in ("all", *texts.LANGUAGES):
        own = wide if code == "all" else wide[wide.index.get_level_values("language") == code]
        if len(own) < 3:
            continue
        rho = float(np.corrcoef(own["original"], own["swapped"])[0, 1])
        rows.append(_row(name, "swap correlation", code, Interval(rho, np.nan, np.nan), len(own)))
    gaps = pd.concat(
        [
            pd.DataFrame({"actor": names[a], "gap": wide[a] - wide[b]}).reset_index()
            for a, b in (("original", "swapped"), ("swapped", "original"))
        ]
    )
    for actor, own in gaps.groupby("actor"):
        shift = mean_of(own["gap"].to_numpy(float) / 2, own["group"].to_numpy(str))
        rows.append(_row(name, "actor shift", str(actor), shift, len(own)))
    return rows


def _functioning(name: str, scored: pd.DataFrame) -> list[dict[str, Any]]:
    """What a language adds to the coded value in predicting whether a code is given, each language against the rest."""
    neutral = 1 if ENDS[name][0] < 0 else 0
    value = scored["value"].to_numpy(float)
    found = []
    for side, label in ((-1, "denied"), (1, "affirmed")) if neutral else ((1, ""),):
        given = ((scored["given"].to_numpy(int) - neutral) * side > 0).astype(float)
        told = (value * side > 0).astype(float)
        for code in texts.LANGUAGES:
            share = added_share(given, told, np.asarray(scored["language"] == code, np.float64))
            grade = "A" if share < _MODERATE else "B" if share < _LARGE else "C"
            about = f"{code}, {label}" if label else code
            interval = Interval(share, np.nan, np.nan)
            found.append(_row(name, "item functioning", about, interval, len(given), grade))
    return found


def added_share(given: Floats, told: Floats, member: Floats) -> float:
    """Nagelkerke R2 that membership of a group, alone and times ``told``, adds to ``told`` in predicting ``given``.

    Parameters
    ----------
    given, told, member : arrays of N 0s and 1s

    Returns
    -------
    float
        From 0 to 1; 0 where ``given`` is always the same. Means over cells, so that cells without errors do no harm.
    """

    def likelihood(*by: Floats) -> float:
        cells = pd.DataFrame({"y": given, **{str(i): column for i, column in enumerate(by)}})
        chance = cells.groupby([str(i) for i in range(len(by))])["y"].transform("mean") if by else cells["y"].mean()
        chance = np.clip(np.broadcast_to(np.asarray(chance, float), given.shape), 1e-9, 1 - 1e-9)
        return float((given * np.log(chance) + (1 - given) * np.log(1 - chance)).sum())

    base = likelihood()
    top = 1 - np.exp(2 * base / len(given))
    if top < 1e-9:
        return 0.0

    def nagelkerke(fit: float) -> float:
        return float((1 - np.exp(2 * (base - fit) / len(given))) / top)

    return max(0.0, nagelkerke(likelihood(told, member)) - nagelkerke(likelihood(told)))


def _errors(head: Head, coded: pd.DataFrame, features: Floats) -> list[dict[str, Any]]:
    """How often a head is wrong, and how far its probabilities are from the truth, in each language."""
    languages, groups = coded["language"].to_numpy(str), coded["group"].to_numpy(str)
    gold = classes_of(coded, head.name)
    chances = head.probabilities(features, languages)
    wrong = (head.decide(chances) != gold).astype(np.float64)
    sure, right = chances.max(1), (chances.argmax(1) == gold).astype(np.float64)
    rows = []
    for code in ("all", *texts.LANGUAGES):
        here = np.ones(len(gold), bool) if code == "all" else languages == code
        if not here.any():
            continue
        rows.append(_row(head.name, "error rate", code, mean_of(wrong[here], groups[here]), int(here.sum())))
        error = draw(binned(sure[here], right[here]), groups[here], calibration_error).interval
        rows.append(_row(head.name, "calibration error", code, error, int(here.sum())))
    return rows


def _same_sentences(
    data: Path, tuned: Encoder, weights: Path | None, tell: Callable[[int], None]
) -> list[dict[str, Any]]:
    """Scores of sib200's test sentences, a word in the middle hidden as if it were an actor; frames of the whole."""
    rows = []
    parallel = training.load_parallel(data, "test")
    cells: list[dict[str, Any]] = []
    for language, items in parallel.items():
        for number, item in enumerate(items):
            words = texts.words(item, language)
            span = words[len(words) // 2]
            spoken = {"item": number, "language": language, "text": item}
            cells.append({**spoken, "hidden": (Hidden(*span),), "spans": [span]})
    table = pd.DataFrame(cells)
    seen = read(table, tuned, tell)
    scores = {}
    for name, ends in ENDS.items():
        scores[name] = expected(load_head(name, weights).probabilities(seen.features, table["language"]), *ends)
    plain = pd.DataFrame([{**cell, "hidden": (), "spans": []} for cell in cells])
    whole = read(plain, tuned, tell, untouched=True).features
    head = load_head("frames", weights)
    chances = head.probabilities(whole[:, : head.weights.shape[1]], table["language"])
    scores |= {f"frame:{frame}": chances[:, i] for i, frame in enumerate(head.classes)}
    for name, values in scores.items():
        wide = table.assign(score=values).pivot(index="item", columns="language", values="score")
        for code in wide.columns:
            away = mean_of((wide[code] - wide.mean(axis=1)).to_numpy(), wide.index.to_numpy(str))
            rows.append(_row(name, "same sentences, mean difference", code, away, len(wide)))
    return rows


def plot(found: pd.DataFrame) -> go.Figure:
    """Mean differences between languages with intervals, rank correlations, errors and calibration, by dimension.

    Parameters
    ----------
    found : DataFrame
        What `invariance` gives.
    """
    panels = {
        "mean difference": "Mean difference from the four languages",
        "rank correlation": "Rank correlation between languages",
        "error rate": "Error rate on coded passages",
        "calibration error": "Calibration error on coded passages",
    }
    colours = dict(zip(ENDS, ("#0072B2", "#D55E00", "#009E73", "#666666"), strict=True))
    figure = make_subplots(2, 2, subplot_titles=list(panels.values()), horizontal_spacing=0.1, vertical_spacing=0.16)
    for number, measure in enumerate(panels):
        where = {"row": number // 2 + 1, "col": number % 2 + 1}
        for place, (name, colour) in enumerate(colours.items()):
            own = found[(found["measure"] == measure) & (found["dimension"] == name) & (found["about"] != "all")]
            if own.empty:
                continue
            bars = {"type": "data", "array": own["high"] - own["value"], "arrayminus": own["value"] - own["low"]}
            figure.add_scatter(
                x=own["about"], y=own["value"], error_y=bars if own["low"].notna().all() else None, name=name,
                mode="markers", marker={"color": colour, "size": 9, "symbol": place}, legendgroup=name,
                showlegend=number == 2, **where,
            )  # fmt: skip
        for line in {"mean difference": (-ALLOWED, 0, ALLOWED), "rank correlation": (0.85,)}.get(measure, ()):
            figure.add_hline(y=line, line={"dash": "dot" if line else "solid", "width": 1}, **where)
    figure.update_xaxes(type="category")
    figure.update_layout(
        template="plotly_white", scattermode="group", height=720, margin={"t": 40, "l": 60, "b": 40},
        meta={"title": "Do the scorers read the four languages alike?", "width": 1000, "note": _NOTE},
    )  # fmt: skip
    return figure
