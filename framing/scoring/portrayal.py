"""Blame, legitimacy and humanitarian suffering of an actor in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.scoring import View, added_up, score_table
from framing.scoring.heads import Evidence, Head, strongest_windows
from framing.tables import SCORES, empty


@dataclass(frozen=True)
class PortrayalScorer:
    """Three heads at the hidden name, trained on passages coded by the codebook of corpora/karabakh.

    blame is the expected code (none 0, implied .5, explicit 1), legitimacy the probability that it is affirmed minus
    that it is denied, suffering the probability that the actor is shown to suffer.

    Attributes
    ----------
    blame, legitimacy, suffering : Head
        Classes none, implied, explicit; denied, neither, upheld; no, yes.
    evidence : Evidence
        Finds the words that carry what is said of the actor.
    """

    blame: Head
    legitimacy: Head
    suffering: Head
    evidence: Evidence
    confidence: float = 0.0

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """Ranges."""
        return {"blame": (0.0, 1.0), "legitimacy": (-1.0, 1.0), "suffering": (0.0, 1.0)}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The three heads."""
        return self.blame, self.legitimacy, self.suffering

    def score(self, view: View, signature: str) -> pd.DataFrame:
        """SCORES for blame, legitimacy and suffering."""
        reading = view.reading
        values = {
            head.name: expected(head.probabilities(reading.features, reading.languages), *ends, self.confidence)
            for head, ends in zip(self.heads, self.dimensions.values(), strict=True)
        }
        return mention_table(view, values, self.evidence, signature)


def expected(
    chances: npt.NDArray[np.floating], low: float, high: float, confidence: float = 0.0
) -> npt.NDArray[np.float64]:
    """The expected value of ordered classes spread evenly over a range; NaN where no class is as likely as asked.

    >>> expected(np.array([[0.5, 0.25, 0.25]]), 0.0, 1.0), expected(np.array([[0.5, 0.25, 0.25]]), -1.0, 1.0)
    (array([0.375]), array([-0.25]))
    """
    values = np.clip(chances @ np.linspace(low, high, chances.shape[1]), low, high)
    return np.asarray(np.where(chances.max(1) >= confidence, values, np.nan))


def mention_table(
    view: View, values: dict[str, npt.NDArray[np.float64]], evidence: Evidence, signature: str
) -> pd.DataFrame:
    """SCORES: each dimension's value of each mention, with the words that carry what is said of it."""
    reading = view.reading
    if not reading.keys:
        return empty(SCORES)
    rows, actors, voices = zip(*reading.keys, strict=True)
    units = view.passages.iloc[list(rows)]
    spans = units[["start", "end"]].to_numpy(copy=True)
    seen = [i for i, tokens in enumerate(reading.at) if len(tokens)]
    directions = evidence.directions(reading.features[:, : reading.features.shape[1] // 2])
    parts, words = [], []
    for i in seen:
        row = rows[i]
        shares = np.asarray(view.states[row].states, np.float64) @ directions[i] + evidence.offset
        words.append(view.words[row])
        parts.append(added_up(view.owners[row], len(words[-1]), shares))
    for i, window in zip(seen, strongest_windows(parts, words), strict=True):
        if window:
            spans[i] = spans[i, 0] + np.asarray(window)
    return score_table(
        units, spans[:, None], np.column_stack([*values.values()]), [*values], signature, actors=actors, voices=voices
    )
