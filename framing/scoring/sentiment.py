"""Sentiment towards an actor in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from framing.scoring import View
from framing.scoring.heads import Evidence, Head
from framing.scoring.portrayal import expected, mention_table


@dataclass(frozen=True)
class SentimentScorer:
    """The probability of positive minus that of negative sentiment towards the hidden name.

    Attributes
    ----------
    head : Head
        Classes negative, neutral, positive.
    evidence : Evidence
        Finds the words that carry what is said of the actor.
    """

    head: Head
    evidence: Evidence
    confidence: float = 0.0

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """The range."""
        return {"sentiment": (-1.0, 1.0)}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The sentiment head."""
        return (self.head,)

    def score(self, view: View, signature: str) -> pd.DataFrame:
        """SCORES for sentiment."""
        chances = self.head.probabilities(view.reading.features, view.reading.languages)
        values = expected(chances, -1.0, 1.0, self.confidence)
        return mention_table(view, {"sentiment": values}, self.evidence, signature)
