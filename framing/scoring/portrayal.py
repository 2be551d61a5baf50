"""Blame, legitimacy and humanitarian suffering of an actor in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from framing.models import TokenStates
from framing.scoring import View, read_mentions, word_parts
from framing.scoring.heads import Head, strongest_window


@dataclass(frozen=True)
class PortrayalScorer:
    """Three heads at the hidden name: is it given a role, which one, and is its standing upheld or denied.

    blame is the probability of an antagonist's role, suffering that of an innocent's; legitimacy the probability of
    a protagonist's role minus that of an antagonist's whose standing is denied (tyrant, terrorist, corrupt, ...).

    Attributes
    ----------
    salience : Head
        Classes role, none.
    roles : Head
        Given a role: antagonist, protagonist, innocent.
    legitimacy : Head
        Given a role: upheld, denied, neither.
    """

    salience: Head
    roles: Head
    legitimacy: Head

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """Ranges."""
        return {"blame": (0.0, 1.0), "legitimacy": (-1.0, 1.0), "suffering": (0.0, 1.0)}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The three heads."""
        return self.salience, self.roles, self.legitimacy

    def score(self, view: View, signature: str) -> list[dict[str, object]]:
        """Rows of SCORES for blame, legitimacy and suffering."""
        reading = read_mentions(view)
        if not reading.keys:
            return []
        chances = {
            name: column
            for head in self.heads
            for name, column in zip(
                head.classes, head.probabilities(reading.features, reading.languages).T, strict=True
            )
        }
        values = {
            "blame": chances["role"] * chances["antagonist"],
            "legitimacy": chances["role"] * (chances["upheld"] - chances["denied"]),
            "suffering": chances["role"] * chances["innocent"],
        }
        given = self.salience.direction("role", "none")
        towards = {
            "blame": given + self.roles.direction("antagonist"),
            "legitimacy": self.legitimacy.direction("upheld", "denied"),
            "suffering": given + self.roles.direction("innocent"),
        }
        rows: list[dict[str, object]] = []
        for i, (row, actor, voice) in enumerate(reading.keys):
            for dimension, value in values.items():
                sign = -1.0 if dimension == "legitimacy" and value[i] < 0 else 1.0
                rows.append(
                    mention_row(
                        view,
                        row,
                        actor,
                        voice,
                        dimension,
                        float(value[i]),
                        sign * towards[dimension],
                        reading.at[i],
                        signature,
                    )
                )
        return rows


def mention_row(
    view: View,
    row: int,
    actor: str,
    voice: str,
    dimension: str,
    value: float,
    direction: npt.NDArray[Any],
    tokens: npt.NDArray[np.intp],
    signature: str,
) -> dict[str, object]:
    """A row of SCORES, with the words that moved the head in a direction as its evidence."""
    passage = view.passages.iloc[row]
    states = view.states[row]
    start = int(passage["start"])
    window = _evidence(states, view.words[row], direction, tokens) if len(tokens) else None
    first, last = window or (0, int(passage["end"]) - start)
    return {
        "article_id": passage["article_id"],
        "passage_id": passage["passage_id"],
        "start": start,
        "end": int(passage["end"]),
        "actor": actor,
        "voice": voice,
        "dimension": dimension,
        "value": value,
        "evidence_start": start + first,
        "evidence_end": start + last,
        "scorer": signature,
    }


def _evidence(
    states: TokenStates, words: Sequence[tuple[int, int]], direction: npt.NDArray[Any], tokens: npt.NDArray[np.intp]
) -> tuple[int, int] | None:
    """The words around the mention that moved the head in a direction; the mention itself tells who, not what."""
    half = len(direction) // 2
    shares = states.states @ direction[half:] / len(states.states)
    shares -= shares.mean()
    shares[tokens] = 0.0
    return strongest_window(word_parts(states, words, shares), words)
