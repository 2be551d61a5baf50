"""Frames in each sentence and in each article: the 14 generic ones of Card et al. (2015), and a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from framing.scoring import View, word_parts
from framing.scoring.heads import Head, strongest_window


def sentence_features(view: View) -> npt.NDArray[np.float32]:
    """Mean states of each passage, untouched and tuned: array of shape (P, 2 H), zeros for one without tokens."""
    return np.stack([both.mean(0) if len(both) else np.zeros(both.shape[1], np.float32) for both in view.both])


@dataclass(frozen=True)
class FrameScorer:
    """A linear head on a sentence's mean states in the untouched encoder; an article's logit is the mean of theirs.

    A user's own frames read the tuned layers too.

    So an article's frame is exactly the sum of what its sentences give it, and the sentence that gives most is the
    evidence. Trained on articles as bags of sentences (multiple-instance learning with a mean).

    Attributes
    ----------
    head : Head
        One independent class a frame.

    References
    ----------
    Card et al. (2015), The Media Frames Corpus, ACL.
    """

    head: Head

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """Ranges."""
        return {f"frame:{name}": (0.0, 1.0) for name in self.head.classes}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The frame head."""
        return (self.head,)

    def score(self, view: View, signature: str) -> list[dict[str, object]]:
        """Rows of SCORES: every frame of every passage and of every article; words are marked from the threshold on."""
        if not len(view.passages):
            return []
        known = np.asarray([len(states) > 0 for states in view.both])
        features = sentence_features(view)[:, : self.head.weights.shape[1]]
        logits = self.head.logits(features, view.passages["language"].tolist())
        chances = 1 / (1 + np.exp(-logits))
        rows: list[dict[str, object]] = []
        for row, passage in enumerate(view.passages.to_dict("records")):
            states, both = view.states[row], view.both[row]
            for i in range(len(self.head.classes) if known[row] else 0):
                window = None
                if chances[row, i] >= self.head.thresholds[i]:
                    shares = both[:, : self.head.weights.shape[1]] @ self.head.weights[i]
                    window = strongest_window(
                        word_parts(states, view.words[row], shares - shares.mean()), view.words[row]
                    )
                first, last = window or (0, passage["end"] - passage["start"])
                rows.append(self._row(passage, i, chances[row, i], passage["start"], first, last, signature))
        for article, group in view.passages.groupby("article_id", sort=False):
            at = group.index.to_numpy()[known[group.index.to_numpy()]]
            mean = logits[at].mean(0) if len(at) else np.full(len(self.head.classes), np.nan)
            whole = {"article_id": article, "passage_id": "", "start": 0, "end": int(group["end"].max())}
            for label, logit in enumerate(mean):
                best = view.passages.iloc[at[int(logits[at, label].argmax())]] if len(at) else group.iloc[0]
                rows.append(
                    self._row(
                        whole, label, 1 / (1 + np.exp(-logit)), 0, int(best["start"]), int(best["end"]), signature
                    )
                )
        return rows

    def _row(
        self,
        unit: Mapping[Any, Any],
        label: int,
        value: float,
        base: int,
        first: int,
        last: int,
        signature: str,
    ) -> dict[str, object]:
        return {
            "article_id": unit["article_id"],
            "passage_id": unit["passage_id"],
            "start": unit["start"],
            "end": unit["end"],
            "actor": "",
            "voice": "any",
            "dimension": f"frame:{self.head.classes[label]}",
            "value": float(value),
            "evidence_start": base + first,
            "evidence_end": base + last,
            "scorer": signature,
        }
