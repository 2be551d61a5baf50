"""Linear heads on the encoder's token states: loading, probabilities, and which words decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from framing.errors import ModelError

Floats = npt.NDArray[np.float64]

#: Where the trained heads of the embedded encoder lie.
WEIGHTS = Path(__file__).parent.parent / "weights"


@dataclass(frozen=True)
class Head:
    """A trained linear head.

    Attributes
    ----------
    name : str
    classes : tuple of L str
        In the order of the rows of ``weights``.
    weights : array of shape (L, F)
        F is 2 H for a head on a mention (its mean state, then the sentence's mean state) and H for one on a sentence.
    languages : tuple of str
        The languages that the head reads.
    bias : array of shape (languages, L)
        One row a language: it takes the language's own mean state out, since in the encoder the language itself is
        the strongest signal and would be read as blame or a frame.
    encoder : str
        ``name+digest`` of the encoder that the head was trained on; it fits no other.
    layer : int
        Which hidden layer the states come from.
    independent : bool
        True where each class has its own yes or no (frames), False where they exclude one another.
    thresholds : array of shape (L,)
        The probability from which a class counts as present; chosen by cross-validation on train.
    digest : str
        The first 12 hex digits of the weights' sha256.
    figures : mapping of str to float
        What it reached when it was trained (`framing.training`): cross-validated on train, and on the dev sets.
    """

    name: str
    classes: tuple[str, ...]
    weights: Floats
    languages: tuple[str, ...]
    bias: Floats
    encoder: str
    layer: int
    independent: bool
    thresholds: Floats
    digest: str = ""
    figures: Mapping[str, float] = field(default_factory=dict, hash=False)

    def logits(self, features: npt.NDArray[np.floating], languages: Iterable[str]) -> Floats:
        """Features of shape (N, F) and N languages to logits of shape (N, L); NaN for a language it does not read."""
        known = {language: row for row, language in enumerate(self.languages)}
        rows = np.asarray([known.get(language, -1) for language in languages], int)
        bias = np.vstack([self.bias, np.full(len(self.classes), np.nan)])[rows]
        return np.asarray(np.asarray(features, np.float64) @ self.weights.T + bias)

    def probabilities(self, features: npt.NDArray[np.floating], languages: Iterable[str]) -> Floats:
        """As `logits`, but probabilities, rows adding up to 1 unless ``independent``."""
        logits = self.logits(features, languages)
        if self.independent:
            return 1 / (1 + np.exp(-logits))
        raised = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(raised / raised.sum(1, keepdims=True))

    def direction(self, positive: str, negative: str | None = None) -> Floats:
        """What moves the head towards one class and away from another (or from the mean of all), shape (F,)."""
        row = self.weights[self.classes.index(positive)]
        if negative is not None:
            return np.asarray(row - self.weights[self.classes.index(negative)])
        return np.asarray(row if self.independent else row - self.weights.mean(0))


def save_head(head: Head, folder: Path) -> Path:
    """Write a head as safetensors, with its figures in the metadata."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{head.name}.safetensors"
    tensors = {
        "weights": np.ascontiguousarray(head.weights, np.float32),
        "bias": np.ascontiguousarray(head.bias, np.float32),
        "thresholds": np.ascontiguousarray(head.thresholds, np.float32),
    }
    told = {
        "classes": json.dumps(head.classes),
        "languages": json.dumps(head.languages),
        "encoder": head.encoder,
        "layer": str(head.layer),
        "independent": json.dumps(head.independent),
        "figures": json.dumps(head.figures),
    }
    save_file(tensors, file, metadata={"head": json.dumps(told, sort_keys=True)})
    return file


def load_head(name: str, folder: Path | None = None) -> Head:
    """A trained head, by default one shipped with the package.

    Raises
    ------
    ModelError
        If there is no such file or it is not a head.
    """
    from safetensors import SafetensorError, safe_open

    file = (folder or WEIGHTS) / f"{name}.safetensors"
    if not file.is_file():
        raise ModelError(f"{file}: no such weights; train them with: framing train {name} --data DIR.")
    try:
        with safe_open(file, "numpy") as opened:
            told = json.loads(opened.metadata()["head"])
            weights, bias, thresholds = (
                opened.get_tensor(part).astype(np.float64) for part in ("weights", "bias", "thresholds")
            )
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{file}: not the weights of a head ({error}); train them again.") from error
    return Head(
        name=name,
        classes=tuple(json.loads(told["classes"])),
        weights=weights,
        languages=tuple(json.loads(told["languages"])),
        bias=bias,
        encoder=told["encoder"],
        layer=int(told["layer"]),
        independent=json.loads(told["independent"]),
        thresholds=thresholds,
        digest=hashlib.sha256(file.read_bytes()).hexdigest()[:12],
        figures=json.loads(told["figures"]),
    )


def strongest_window(
    parts: npt.NDArray[np.floating], spans: Sequence[tuple[int, int]], *, widest: int = 12
) -> tuple[int, int] | None:
    """The run of words that carries a score: the window whose summed part most exceeds the sentence's average.

    A linear head's logit is a sum over tokens, so each word's share is exact, not an approximation.

    Parameters
    ----------
    parts : array of shape (W,)
        Each word's share of the logit.
    spans : list of W (start, end)
    widest : int
        Longest run, in words.

    Returns
    -------
    (start, end) or None
        None for a sentence without words.
    """
    if len(spans) == 0:
        return None
    above = np.concatenate([[0.0], np.cumsum(parts - parts.mean())])
    best, at = -np.inf, (0, 1)
    for first in range(len(spans)):
        last = min(first + widest, len(spans))
        sums = above[first + 1 : last + 1] - above[first]
        top = int(sums.argmax())
        if sums[top] > best + 1e-12:
            best, at = float(sums[top]), (first, first + 1 + top)
    return spans[at[0]][0], spans[at[1] - 1][1]
