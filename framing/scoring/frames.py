"""Frames in each sentence and in each article: the 14 generic ones of Card et al. (2015), and a user's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.scoring import View, added_up, score_table
from framing.scoring.heads import Head, strongest_windows
from framing.tables import SCORES, empty


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

    def score(self, view: View, signature: str) -> pd.DataFrame:
        """SCORES of every frame of every passage and of every article; words are marked from the threshold on."""
        if not len(view.passages):
            return empty(SCORES)
        known = np.asarray([len(states) > 0 for states in view.both])
        means = np.where(known[:, None], view.means, 0)[:, : self.head.weights.shape[1]]
        logits = self.head.logits(means, view.passages["language"].tolist())
        chances = 1 / (1 + np.exp(-logits))
        spans = np.repeat(view.passages[["start", "end"]].to_numpy()[:, None], chances.shape[1], 1)
        self._mark(view, (chances >= self.head.thresholds) & known[:, None], spans)
        names = list(self.dimensions)
        return pd.concat(
            [
                score_table(view.passages[known], spans[known], chances[known], names, signature),
                self._whole(view.passages, logits, known, names, signature),
            ],
            ignore_index=True,
        )

    def _mark(self, view: View, present: npt.NDArray[np.bool_], spans: npt.NDArray[np.int64]) -> None:
        """Narrow the spans, shape (P, L, 2), of the frames that are present to the words that carry them."""
        cells, parts, words = [], [], []
        for row in np.flatnonzero(present.any(1)).tolist():
            labels = np.flatnonzero(present[row])
            states = np.asarray(view.both[row], np.float64)[:, : self.head.weights.shape[1]]
            shares = states @ self.head.weights[labels].T
            for label, own in zip(labels.tolist(), (shares - shares.mean(0)).T, strict=True):
                cells.append((row, label))
                words.append(view.words[row])
                parts.append(added_up(view.owners[row], len(words[-1]), own))
        for (row, label), window in zip(cells, strongest_windows(parts, words), strict=True):
            if window:
                spans[row, label] = spans[row, label, 0] + np.asarray(window)

    def _whole(
        self,
        passages: pd.DataFrame,
        logits: npt.NDArray[np.float64],
        known: npt.NDArray[np.bool_],
        names: list[str],
        signature: str,
    ) -> pd.DataFrame:
        """SCORES of whole articles; the evidence is the sentence that gives most."""
        sides = passages[["start", "end"]].to_numpy()
        units, spans, values = [], [], []
        codes, articles = pd.factorize(passages["article_id"])
        for number, article in enumerate(articles):
            rows = np.flatnonzero(codes == number)
            at = rows[known[rows]]
            best = at[logits[at].argmax(0)] if len(at) else np.repeat(rows[:1], len(names))
            units.append({"article_id": article, "passage_id": "", "start": 0, "end": sides[rows, 1].max()})
            spans.append(sides[best])
            values.append(1 / (1 + np.exp(-logits[at].mean(0))) if len(at) else np.full(len(names), np.nan))
        return score_table(pd.DataFrame(units), np.stack(spans), np.stack(values), names, signature)
