"""The shelf of scorers, and the one pass of the encoder that serves them all.

Names are hidden before a sentence is encoded: each name, metonym or demonym of an actor or place becomes one mask
token, also inside a description ("<mask> armed forces"), and a head reads the state at the mention. The ending that
tells the case stays behind the mask ("<mask>ом"): in Azerbaijani, Armenian and Russian it says who did what to whom.
So a score cannot depend on what the registry's actors are called, only on what is said of them. Common nouns ("the
peacekeepers", "residents") stay, and so do names that the registry does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing import text as texts
from framing.errors import ModelError
from framing.models import Encoder, TokenStates, defused
from framing.scoring.heads import Head, load_evidence, load_head, load_layers, load_own
from framing.tables import SCORES, check, empty

_BLOCK = 512


@dataclass(frozen=True)
class View:
    """What a scorer sees: a block of passages, their mentions, and the tuned states of their tokens.

    Attributes
    ----------
    passages : DataFrame
        P rows of PASSAGES, numbered from 0.
    mentions : DataFrame
        M rows of MENTIONS with ``row``, the number of their passage; actors only, no places.
    states : list of P TokenStates
        Of the passages with the names hidden, from the last tuned layer; offsets are those of the passage as written.
    both : list of P float arrays of shape (T, 2 H)
        The same tokens' states in the untouched encoder's last layer, and in the last tuned one.
    words : list of P lists of (start, end)
        The words of each passage.
    """

    passages: pd.DataFrame
    mentions: pd.DataFrame
    states: list[TokenStates]
    both: list[npt.NDArray[np.float32]]
    words: list[list[tuple[int, int]]]

    @cached_property
    def means(self) -> npt.NDArray[np.float32]:
        """Mean of ``both`` over each passage's tokens, shape (P, 2 H); NaN for a passage without tokens."""
        width = self.both[0].shape[1] if self.both else 0
        nothing = np.full(width, np.nan, np.float32)
        made = [states.mean(0) if len(states) else nothing for states in self.both]
        return np.asarray(made, np.float32).reshape(len(self.both), width)

    @cached_property
    def owners(self) -> list[npt.NDArray[np.intp]]:
        """The number of each token's word, by passage."""
        return [word_of(states, words) for states, words in zip(self.states, self.words, strict=True)]

    @cached_property
    def reading(self) -> Reading:
        """The mentions by passage, actor and voice, read once for all scorers."""
        return read_mentions(self)


class Scorer(Protocol):
    """Gives scores for the dimensions it names; a frozen dataclass that keeps nothing between calls."""

    @property
    def dimensions(self) -> dict[str, tuple[float, float]]:
        """Each dimension and its range."""
        ...

    @property
    def heads(self) -> tuple[Head, ...]:
        """The trained heads that decide."""
        ...

    def score(self, view: View, signature: str) -> pd.DataFrame:
        """SCORES for the view."""
        ...


def shelf(folder: Path | None = None, confidence: float = 0.0, own: Path | None = None) -> tuple[Scorer, ...]:
    """Every scorer, with its heads from a folder of weights (default: those shipped).

    ``confidence`` is the probability that the likeliest code of a mention must have, else its score is NaN. ``own`` is
    where the frames of a user lie, as in `load_own`.

    To add one: a file beside this one, and a line here.
    """
    from framing.scoring.frames import FrameScorer
    from framing.scoring.portrayal import PortrayalScorer
    from framing.scoring.sentiment import SentimentScorer

    spans = load_evidence(folder)
    blame, legitimacy, suffering = (load_head(name, folder) for name in ("blame", "legitimacy", "suffering"))
    frames = FrameScorer(load_head("frames", folder))
    added = (FrameScorer(load_own(own)),) if own is not None else ()
    for name in (name for scorer in added for name in scorer.dimensions if name in frames.dimensions):
        raise ModelError(f"{own}: '{name}' is scored already; give a frame of your own another name, and train again.")
    return (
        PortrayalScorer(blame, legitimacy, suffering, spans, confidence),
        SentimentScorer(load_head("sentiment", folder), spans, confidence),
        frames,
        *added,
    )


def signature_of(scorer: Scorer, encoder: str) -> str:
    """Name, digests of the heads, and the encoder's signature: scores with the same one may be joined."""
    heads = "+".join(f"{head.name}-{head.digest}" for head in scorer.heads)
    confidence = getattr(scorer, "confidence", 0.0)
    sure = f"@{confidence}" if confidence else ""
    return f"{type(scorer).__name__}:{heads}{sure}|{encoder}"


def signatures(encoder: str, folder: Path | None = None, confidence: float = 0.0, own: Path | None = None) -> list[str]:
    """The signature of every scorer on the shelf."""
    return [signature_of(scorer, encoder) for scorer in shelf(folder, confidence, own)]


def score(
    passages: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    encoder: Encoder,
    weights: Path | None = None,
    confidence: float = 0.0,
    own: Path | None = None,
    shards: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """SCORES of every passage x actor x voice x dimension, and of every passage and article x frame.

    Parameters
    ----------
    passages, mentions : DataFrame
        PASSAGES and MENTIONS of the same articles.
    encoder : Encoder
        The one the heads were trained on.
    weights : Path, optional
        A folder of trained heads in the place of the shipped ones.
    confidence : float
        From 0 to 1: where no code of a mention is as likely as this, its score is NaN. 0 scores everything.
    own : Path, optional
        A user's own frames (`framing train --labels`): the file, or the folder that holds ``own.safetensors``.
    shards : Path, optional
        A folder where each finished block is kept, so that a killed run goes on from there.
    progress : callable, optional
        Called with the number of passages finished since the last call.

    Returns
    -------
    DataFrame
        SCORES; ``value`` NaN where a scorer could not tell.

    Raises
    ------
    ModelError
        If the heads were trained on another encoder.
    """
    scorers = shelf(weights, confidence, own)
    tuned = tuned_encoder(encoder, weights)
    for head in (head for scorer in scorers for head in scorer.heads):
        if head.encoder != f"{tuned.name}+{tuned.digest}":
            raise ModelError(
                f"the head '{head.name}' was trained on {head.encoder}, not on {tuned.name}+{tuned.digest}; train "
                + (
                    "it again: framing train --labels FILE --codebook FILE."
                    if head.sources
                    else "again: framing train --data DIR --encoder NAME --out FOLDER, and name the folder under "
                    "[scoring] weights."
                )
            )
    if shards is not None:
        shards.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda count: None)
    by_article = mentions.groupby("article_id").indices
    done = []
    for number, block in enumerate(blocks(passages)):
        kept = shards / f"{number:05d}.parquet" if shards is not None else None
        if kept is not None and kept.is_file():
            done.append(pd.read_parquet(kept))
            tell(len(block))
            continue
        named = [by_article[name] for name in block["article_id"].unique() if name in by_article]
        here = mentions.iloc[np.sort(np.concatenate(named)) if named else []]
        made = _score_block(block, here, tuned, encoder.signature, scorers, tell)
        encoder.encoded = tuned.encoded
        if kept is not None:
            partial = kept.with_suffix(".partial")
            made.to_parquet(partial, index=False)
            partial.replace(kept)
        done.append(made)
    return check(pd.concat(done, ignore_index=True), SCORES) if done else empty(SCORES)


def blocks(passages: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Whole articles, about 512 passages at a time: the same blocks whether or not a run was interrupted."""
    first = 0
    starts = np.flatnonzero(passages["article_id"].ne(passages["article_id"].shift()).to_numpy())
    bounds = [*starts[1:].tolist(), len(passages)]
    for bound in bounds:
        if bound - first >= _BLOCK or bound == len(passages):
            if bound > first:
                yield passages.iloc[first:bound].reset_index(drop=True)
            first = bound


def _score_block(
    block: pd.DataFrame,
    mentions: pd.DataFrame,
    tuned: Encoder,
    signature: str,
    scorers: Sequence[Scorer],
    tell: Callable[[int], None],
) -> pd.DataFrame:
    view = make_view(block, mentions, tuned, progress=tell)
    made = [scorer.score(view, signature_of(scorer, signature)) for scorer in scorers]
    made = [table for table in made if len(table)]
    return check(pd.concat(made, ignore_index=True), SCORES) if made else empty(SCORES)


def score_table(
    units: pd.DataFrame,
    spans: npt.NDArray[np.integer],
    values: npt.NDArray[np.floating],
    dimensions: Sequence[str],
    signature: str,
    *,
    actors: Sequence[str] | str = "",
    voices: Sequence[str] | str = "any",
) -> pd.DataFrame:
    """Columns of SCORES for N units and D dimensions: a row each, the dimensions of one unit in a row.

    Parameters
    ----------
    units : DataFrame
        N rows with ``article_id``, ``passage_id``, ``start``, ``end``.
    spans : array of shape (N, D, 2) or (N, 1, 2)
        The evidence, offsets into the article.
    values : array of shape (N, D)
    actors, voices : N str, or one for all
    """
    wide = len(dimensions)
    spans = np.broadcast_to(spans, (len(units), wide, 2)).reshape(-1, 2)
    columns = ["article_id", "passage_id", "start", "end"]
    made = units[columns].iloc[np.repeat(np.arange(len(units)), wide)].reset_index(drop=True)
    for name, given in (("actor", actors), ("voice", voices)):
        made[name] = given if isinstance(given, str) else np.repeat(np.asarray(given, object), wide)
    made["dimension"] = np.tile(np.asarray(dimensions, object), len(units))
    made["value"] = np.asarray(values, np.float64).ravel()
    made["evidence_start"], made["evidence_end"] = spans[:, 0], spans[:, 1]
    made["scorer"] = signature
    return made


def tuned_encoder(encoder: Encoder, weights: Path | None = None) -> Encoder:
    """The encoder with its last layers tuned for the scorers; the lower layers are shared.

    Raises
    ------
    ModelError
        If the tuned layers belong to another encoder.
    """
    layers = load_layers(weights)
    if layers.encoder != f"{encoder.name}+{encoder.digest}":
        raise ModelError(
            f"the tuned layers belong to {layers.encoder}, not to {encoder.name}+{encoder.digest}; train for this "
            "encoder: framing train --data DIR --encoder NAME --out FOLDER, and name the folder under [scoring] "
            "weights."
        )
    return encoder.tuned(layers.tensors, layers.first, layers.digest)


def make_view(
    block: pd.DataFrame,
    mentions: pd.DataFrame,
    tuned: Encoder,
    *,
    progress: Callable[[int], None] | None = None,
) -> View:
    """Encode a block of passages with the names hidden."""
    rows = {name: row for row, name in enumerate(block["passage_id"])}
    here = mentions[mentions["passage_id"].isin(rows)].copy()
    here["row"] = here["passage_id"].map(rows).astype("int64")
    starts = block["start"].to_numpy()[here["row"].to_numpy()]
    here["start"] = here["start"] - starts
    here["end"] = here["end"] - starts
    spans: list[list[Hidden]] = [[] for _ in range(len(block))]
    for row, start, names in zip(here["row"], here["start"], here["hidden"], strict=True):
        spans[row] += hidden_spans(names, start)
    covered, back = zip(
        *(hide(defused(text), marks, tuned.mask) for text, marks in zip(block["text"], spans, strict=True)),
        strict=True,
    )
    made = tuned.states(covered, untouched=True, progress=progress)
    return View(
        passages=block,
        mentions=here[here["kind"] != "place"].reset_index(drop=True),
        states=[
            as_written(TokenStates(item.states[:, tuned.width :], item.offsets), offsets)
            for item, offsets in zip(made, back, strict=True)
        ],
        both=[item.states for item in made],
        words=[texts.words(text, language) for text, language in zip(block["text"], block["language"], strict=True)],
    )


class Hidden(NamedTuple):
    """A name to hide: its span in the text, and the ending that stays to be seen."""

    start: int
    end: int
    ending: str = ""


def hidden_spans(names: str, start: int) -> list[Hidden]:
    """The names that MENTIONS marks in a mention which begins at ``start``.

    >>> hidden_spans("0-12:ом,14-18:", 100)
    [Hidden(start=100, end=112, ending='ом'), Hidden(start=114, end=118, ending='')]
    """
    found = []
    for part in filter(None, names.split(",")):
        span, _, ending = part.partition(":")
        first, _, last = span.partition("-")
        found.append(Hidden(start + int(first), start + int(last), ending))
    return found


def hide(text: str, spans: Iterable[Hidden], mask: str = "<mask>") -> tuple[str, npt.NDArray[np.int64]]:
    """The text with each name replaced by the mask and its ending; for each offset in it, the one in the original.

    >>> hidden, back = hide("Baku accused Yerevan.", [Hidden(0, 4), Hidden(13, 20)])
    >>> hidden
    '<mask> accused <mask>.'
    >>> back[15], back[21]  # the second mask begins and ends where "Yerevan" does
    (np.int64(13), np.int64(20))
    """
    parts: list[str] = []
    back: list[int] = []
    at = 0
    for start, end, ending in sorted(spans):
        if start < at:
            continue
        parts += [text[at:start], mask, ending]
        back.extend(range(at, start))
        back.extend([start] * len(mask))
        back.extend([end] * len(ending))  # so that the mask alone lies on the name
        at = end
    parts.append(text[at:])
    back.extend(range(at, len(text) + 1))
    return "".join(parts), np.asarray(back, np.int64)


def as_written(states: TokenStates, back: npt.NDArray[np.int64]) -> TokenStates:
    """States of a hidden text with offsets of the text as written; -1 stays -1."""
    moved = back[np.clip(states.offsets, 0, len(back) - 1)]
    return TokenStates(states.states, np.where(states.offsets < 0, -1, moved))


def on_tokens(states: TokenStates, start: int, end: int) -> npt.NDArray[np.bool_]:
    """Which tokens lie on a span of the text: booleans of shape (T,)."""
    return np.asarray((states.offsets[:, 0] < end) & (states.offsets[:, 1] > start))


@dataclass(frozen=True)
class Reading:
    """The features of each passage x actor x voice, and what is needed to say which words decided.

    Attributes
    ----------
    keys : list of N (row, actor, voice)
    languages : list of N str
    features : float array of shape (N, 2 H)
        Mean state of the mentions, then of the sentence; NaN where the mentions lie beyond the encoder's 512 tokens.
    at : list of N int arrays
        The tokens of the mentions.
    """

    keys: list[tuple[int, str, str]]
    languages: list[str]
    features: npt.NDArray[np.float32]
    at: list[npt.NDArray[np.intp]]


def read_mentions(view: View) -> Reading:
    """Group a view's mentions by passage, actor and voice."""
    grouped: dict[tuple[int, str, str], list[tuple[int, int]]] = {}
    columns = (view.mentions[name].tolist() for name in ("row", "actor", "voice", "start", "end"))
    for row, actor, voice, start, end in zip(*columns, strict=True):
        grouped.setdefault((row, actor, voice), []).append((start, end))
    keys = sorted(grouped)
    width = view.states[0].states.shape[1] if view.states else 0
    features = np.full((len(keys), 2 * width), np.nan, np.float32)
    tokens = []
    for i, key in enumerate(keys):
        states = view.states[key[0]]
        inside = np.zeros(len(states.offsets), bool)
        for start, end in grouped[key]:
            inside |= on_tokens(states, start, end)
        at = np.flatnonzero(inside)
        tokens.append(at)
        if len(at):
            features[i, :width] = states.states[at].mean(0)
            features[i, width:] = view.means[key[0], -width:]
    spoken = view.passages["language"].tolist()
    return Reading(keys, [spoken[row] for row, _, _ in keys], features, tokens)


def word_of(states: TokenStates, words: Sequence[tuple[int, int]]) -> npt.NDArray[np.intp]:
    """The number of the word that each token belongs to, shape (T,); W for a token after the last."""
    return np.searchsorted(np.asarray([end for _, end in words], np.int64), states.offsets[:, 0], side="right")


def word_parts(
    states: TokenStates, words: Sequence[tuple[int, int]], shares: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Each word's share of a logit, from the shares of its tokens: array of shape (W,)."""
    return added_up(word_of(states, words), len(words), shares)


def added_up(owner: npt.NDArray[np.intp], count: int, shares: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The sums of what tokens give to each of W words."""
    return np.asarray(np.bincount(owner, shares, count + 1)[:count], np.float64)
