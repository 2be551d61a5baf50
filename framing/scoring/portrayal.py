"""Blame, legitimacy and humanitarian suffering of an actor in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from framing.scoring import Reading, View, read_mentions, word_parts
from framing.scoring.heads import Evidence, Head, strongest_window


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

    def score(self, view: View, signature: str) -> list[dict[str, object]]:
        """Rows of SCORES for blame, legitimacy and suffering."""
        reading = read_mentions(view)
        if not reading.keys:
            return []
        values = {
            head.name: expected(head.probabilities(reading.features, reading.languages), *ends, self.confidence)
            for head, ends in zip(self.heads, self.dimensions.values(), strict=True)
        }
        return mention_rows(view, reading, values, self.evidence, signature)


def expected(
    chances: npt.NDArray[np.floating], low: float, high: float, confidence: float = 0.0
) -> npt.NDArray[np.float64]:
    """The expected value of ordered classes spread evenly over a range; NaN where no class is as likely as asked.

    >>> expected(np.array([[0.5, 0.25, 0.25]]), 0.0, 1.0), expected(np.array([[0.5, 0.25, 0.25]]), -1.0, 1.0)
    (array([0.375]), array([-0.25]))
    """
    values = np.clip(chances @ np.linspace(low, high, chances.shape[1]), low, high)
    return np.asarray(np.where(chances.max(1) >= confidence, values, np.nan))


def mention_rows(
    view: View,
    reading: Reading,
    values: dict[str, npt.NDArray[np.float64]],
    evidence: Evidence,
    signature: str,
) -> list[dict[str, object]]:
    """Rows of SCORES: each dimension's value of each mention, with the words that carry what is said of it."""
    rows: list[dict[str, object]] = []
    for i, (row, actor, voice) in enumerate(reading.keys):
        passage = view.passages.iloc[row]
        start = int(passage["start"])
        first, last = _words(view, row, reading.at[i], evidence) or (0, int(passage["end"]) - start)
        rows.extend(
            {
                "article_id": passage["article_id"],
                "passage_id": passage["passage_id"],
                "start": start,
                "end": int(passage["end"]),
                "actor": actor,
                "voice": voice,
                "dimension": dimension,
                "value": float(value[i]),
                "evidence_start": start + first,
                "evidence_end": start + last,
                "scorer": signature,
            }
            for dimension, value in values.items()
        )
    return rows


def _words(view: View, row: int, tokens: npt.NDArray[np.intp], evidence: Evidence) -> tuple[int, int] | None:
    if not len(tokens):
        return None
    states = view.states[row]
    shares = evidence.logits(states.states, states.states[tokens].mean(0))
    return strongest_window(word_parts(states, view.words[row], shares), view.words[row])
