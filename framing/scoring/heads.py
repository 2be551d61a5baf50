"""What `framing train` leaves: tuned layers, linear heads on their token states, and what finds the evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        F is 2 H for a head on a mention (its mean state, then the sentence's mean state), H for one on a sentence that
        reads the untouched last layer, 2 H for one that reads the tuned one too.
    languages : tuple of str
        The languages that the head reads.
    bias : array of shape (languages, L)
        One row a language: it takes the language's own mean state out, since in the encoder the language itself is
        the strongest signal and would be read as blame or a frame.
    encoder : str
        ``name+digest+digest`` of the encoder and the tuned layers that the head was trained on; it fits no others.
    independent : bool
        True where each class has its own yes or no (frames), False where they exclude one another.
    thresholds : array of shape (L,)
        Of an independent class: the probability from which it counts as present. Of classes that exclude one another:
        what their probabilities are divided by before the greatest is taken. Chosen on units left out of the fit.
    digest : str
        The first 12 hex digits of the weights' sha256.
    figures : mapping of str to float
        What `framing.training` says of its training: units, cross-validation on train, shift between languages. How
        good it is on sets that it was not trained on is for `framing bench` to say.
    sources : mapping of str to str
        Of a user's own frames: the first 12 hex digits of the sha256 of ``labels``, ``codebook`` and ``actors``.
    """

    name: str
    classes: tuple[str, ...]
    weights: Floats
    languages: tuple[str, ...]
    bias: Floats
    encoder: str
    independent: bool
    thresholds: Floats
    digest: str = ""
    figures: Mapping[str, float] = field(default_factory=dict, hash=False)
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)

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

    def decide(self, chances: Floats) -> npt.NDArray[Any]:
        """From probabilities, shape (N, L): which classes are present, shape (N, L), or which one it is, shape (N,)."""
        return np.asarray(chances >= self.thresholds if self.independent else (chances / self.thresholds).argmax(1))


@dataclass(frozen=True)
class Layers:
    """The tuned last layers of an encoder.

    Attributes
    ----------
    tensors : mapping of str to float16 array
        ``"<layer>.<parameter>"``.
    first : int
        The number of the first tuned layer.
    encoder : str
        ``name+digest`` of the encoder whose lower layers they stand on.
    digest : str
        The first 12 hex digits of the file's sha256.
    """

    tensors: Mapping[str, npt.NDArray[np.float16]]
    first: int
    encoder: str
    digest: str


@dataclass(frozen=True)
class Centre:
    """Where each language lies among sentence features: what a head trained in one language takes out of the others.

    Attributes
    ----------
    languages : tuple of L str
    means : array of shape (L, 2 H)
        Mean features of the same sentences in each language.
    scale : array of shape (2 H,)
        Standard deviation of each feature about its language's mean.
    encoder : str
        As `Head.encoder`.
    """

    languages: tuple[str, ...]
    means: Floats
    scale: Floats
    encoder: str

    def scaled(self, features: npt.NDArray[np.floating], languages: Iterable[str]) -> Floats:
        """Features of shape (N, 2 H) about their language's mean, in standard deviations."""
        rows = [self.languages.index(language) for language in languages]
        return np.asarray((np.asarray(features, np.float64) - self.means[rows]) / self.scale)


@dataclass(frozen=True)
class Evidence:
    """Which tokens carry what is said of a mention: a bilinear form of token and mention states.

    Attributes
    ----------
    token, mention : array of shape (K, H)
    bias : array of shape (H,)
    offset : float
    """

    token: Floats
    mention: Floats
    bias: Floats
    offset: float

    def logits(self, states: npt.NDArray[np.floating], mention: npt.NDArray[np.floating]) -> Floats:
        """For the states of T tokens, shape (T, H), and a mention's state, shape (H,): T logits."""
        return np.asarray(np.asarray(states, np.float64) @ self.directions(np.atleast_2d(mention))[0] + self.offset)

    def directions(self, mentions: npt.NDArray[np.floating]) -> Floats:
        """What each of N mentions looks for in a token, shape (N, H): a token's logit is its state along that."""
        near = (np.asarray(mentions, np.float64) @ self.mention.T) @ self.token / np.sqrt(len(self.token))
        return np.asarray(near + self.bias)


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
        "independent": json.dumps(head.independent),
        "figures": json.dumps(head.figures),
    }
    if head.sources:
        told["sources"] = json.dumps(head.sources)
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
        raise ModelError(f"{file}: no such weights; train them with: framing train --data DIR.")
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
        independent=json.loads(told["independent"]),
        thresholds=thresholds,
        digest=digest_of(file),
        figures=json.loads(told["figures"]),
        sources=json.loads(told.get("sources", "{}")),
    )


def load_own(place: Path) -> Head:
    """The head of a user's own frames, from a file or from the folder that holds ``own.safetensors``.

    Raises
    ------
    ModelError
        If there is no such file, or it is not a head with a yes or no for each class.
    """
    file = place if place.suffix == ".safetensors" else place / "own.safetensors"
    if not file.is_file():
        raise ModelError(
            f"{file}: no such frames of your own; train them with: framing train --labels my.csv --codebook my.toml "
            f"--out {file.parent}."
        )
    head = load_head(file.stem, file.parent)
    if not head.independent:
        raise ModelError(f"{file}: the head '{head.name}' scores no frames; name what framing train --labels wrote.")
    return head


def _tensor_file(name: str, folder: Path | None) -> tuple[Path, dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    file = (folder or WEIGHTS) / f"{name}.safetensors"
    if not file.is_file():
        raise ModelError(f"{file}: no such weights; train them with: framing train --data DIR.")
    try:
        with safe_open(file, "numpy") as opened:
            return file, {key: opened.get_tensor(key) for key in opened.keys()}, opened.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise ModelError(f"{file}: not safetensors ({error}); train them again.") from error


def save_layers(tensors: Mapping[str, npt.NDArray[np.floating]], first: int, encoder: str, folder: Path) -> Layers:
    """Write tuned layers in half precision, and give them as they will be read."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: np.ascontiguousarray(array, np.float16) for name, array in sorted(tensors.items())}
    save_file(halves, folder / "layers.safetensors", metadata={"encoder": encoder, "first": str(first)})
    return load_layers(folder)


def load_layers(folder: Path | None = None) -> Layers:
    """Tuned layers, by default those shipped with the package.

    Raises
    ------
    ModelError
        If there is no such file or it is not what `save_layers` writes.
    """
    file, tensors, told = _tensor_file("layers", folder)
    if "first" not in told or "encoder" not in told:
        raise ModelError(f"{file}: not tuned layers; train them again.")
    return Layers(tensors, int(told["first"]), told["encoder"], digest_of(file))


def save_centre(centre: Centre, folder: Path) -> None:
    """Write the languages' means beside the layers that they belong to."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: np.ascontiguousarray(getattr(centre, name), np.float32) for name in ("means", "scale")}
    told = {"encoder": centre.encoder, "languages": ",".join(centre.languages)}
    save_file(tensors, folder / "centre.safetensors", metadata={"centre": json.dumps(told, sort_keys=True)})


def load_centre(encoder: str, folder: Path | None = None) -> Centre:
    """The languages' means, by default those shipped with the package.

    Parameters
    ----------
    encoder : str
        The encoder and layers that they have to belong to, as `Head.encoder`.

    Raises
    ------
    ModelError
        If there is no such file, it is not what `save_centre` writes, or it belongs to another encoder.
    """
    file, tensors, metadata = _tensor_file("centre", folder)
    try:
        told = json.loads(metadata["centre"])
        means, scale = (tensors[name].astype(np.float64) for name in ("means", "scale"))
    except (KeyError, ValueError) as error:
        raise ModelError(f"{file}: not the means of languages ({error}); train again.") from error
    if told["encoder"] != encoder:
        raise ModelError(
            f"{file} belongs to {told['encoder']}, not to {encoder}; train both at once (framing train --data DIR "
            "--out FOLDER), or write it again with framing.training.write_centre."
        )
    return Centre(tuple(told["languages"].split(",")), means, scale, encoder)


def save_evidence(evidence: Evidence, folder: Path) -> None:
    """Write what finds the evidence."""
    from safetensors.numpy import save_file

    names = ("token", "mention", "bias", "offset")
    tensors = {name: np.atleast_1d(np.asarray(getattr(evidence, name), np.float32)) for name in names}
    save_file(tensors, folder / "evidence.safetensors")


def load_evidence(folder: Path | None = None) -> Evidence:
    """What finds the evidence, by default as shipped with the package.

    Raises
    ------
    ModelError
        If there is no such file or a tensor is missing.
    """
    file, tensors, _ = _tensor_file("evidence", folder)
    if set(tensors) != {"token", "mention", "bias", "offset"}:
        raise ModelError(f"{file}: expected token, mention, bias and offset, found {sorted(tensors)}; train again.")
    wide = {name: array.astype(np.float64) for name, array in tensors.items()}
    return Evidence(wide["token"], wide["mention"], wide["bias"], float(wide["offset"][0]))


def digest_of(file: Path) -> str:
    """The first 12 hex digits of a file's sha256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def strongest_window(
    parts: npt.NDArray[np.floating], spans: Sequence[tuple[int, int]], *, widest: int = 40
) -> tuple[int, int] | None:
    """The run of words that carries a score: the window with the greatest sum.

    Parameters
    ----------
    parts : array of shape (W,)
        Each word's share: above 0 for what belongs to the run, below 0 for what does not.
    spans : list of W (start, end)
    widest : int
        Longest run, in words.

    Returns
    -------
    (start, end) or None
        None for a sentence without words.
    """
    return strongest_windows([parts], [spans], widest=widest)[0]


def strongest_windows(
    parts: Sequence[npt.NDArray[np.floating]], spans: Sequence[Sequence[tuple[int, int]]], *, widest: int = 40
) -> list[tuple[int, int] | None]:
    """As `strongest_window`, for many sentences at once: all windows of one width in one step.

    Of windows within 1e-12 of the greatest sum the first is taken, and of those that begin with one word the shortest.
    """
    if not len(parts):
        return []
    counts = np.asarray([len(part) for part in parts])
    begins = np.concatenate([[0], np.cumsum(counts + 1)])
    above = np.zeros(begins[-1])
    for part, begin, end in zip(parts, begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        np.cumsum(part, out=above[begin + 1 : end])
    left = np.repeat(begins[1:] - 1, counts + 1) - np.arange(len(above))  # words from here to the sentence's end
    best, width = np.full(len(above), -np.inf), np.ones(len(above), int)
    for wide in range(1, min(widest, int(counts.max())) + 1):
        sums = above[wide:] - above[:-wide]
        better = (left[:-wide] >= wide) & (sums > best[:-wide])
        best[:-wide][better] = sums[better]
        width[:-wide][better] = wide
    top = np.repeat(np.maximum.reduceat(best, begins[:-1]), counts + 1)
    near = np.flatnonzero(best >= top - 1e-12)
    first = near[np.searchsorted(near, begins[:-1])]
    chosen = zip(spans, (first - begins[:-1]).tolist(), width[first].tolist(), strict=True)
    return [(words[at][0], words[at + wide - 1][1]) if len(words) else None for words, at, wide in chosen]
