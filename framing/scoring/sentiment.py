"""Sentiment towards an actor in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from framing.scoring import View, read_mentions
from framing.scoring.heads import Head
from framing.scoring.portrayal import mention_row


@dataclass(frozen=True)
class SentimentScorer:
    """The probability of positive minus that of negative sentiment towards the hidden name.

    Attributes
    ----------
    head : Head
        Classes negative, neutral, positive.
    """

    head: Head

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """The range."""
        return {"sentiment": (-1.0, 1.0)}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The sentiment head."""
        return (self.head,)

    def score(self, view: View, signature: str) -> list[dict[str, object]]:
        """Rows of SCORES for sentiment."""
        reading = read_mentions(view)
        if not reading.keys:
            return []
        chances = self.head.probabilities(reading.features, reading.languages)
        values = chances[:, self.head.classes.index("positive")] - chances[:, self.head.classes.index("negative")]
        towards = self.head.direction("positive", "negative")
        return [
            mention_row(
                view,
                row,
                actor,
                voice,
                "sentiment",
                float(values[i]),
                towards if values[i] >= 0 else -towards,
                reading.at[i],
                signature,
            )
            for i, (row, actor, voice) in enumerate(reading.keys)
        ]
