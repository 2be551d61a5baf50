"""The columns of the tables that pass between stages, written down once, and the check at each door.

Letters used in docstrings everywhere: A articles, P passages, M mentions, E events, S sources
(a side or an outlet, whichever is compared), L labels, H width of the encoder.
Times are UTC. Offsets are Python string indices into ``articles.text``, end exclusive.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from framing.errors import CorpusError

_ID = pa.Column(str, nullable=False)
_TEXT = pa.Column(str, nullable=False)
_NAME = pa.Column(str, nullable=True, required=True)
_OFFSET = pa.Column("int64", pa.Check.ge(0), coerce=True)
_COUNT = pa.Column("int64", pa.Check.ge(0), coerce=True)
_NUMBER = pa.Column("float64", nullable=True, coerce=True)
_TIME = pa.Column("datetime64[ns, UTC]", nullable=True, coerce=True)

#: A row an account. ``text`` is the headline, a line break and the body, cleaned by `text.clean`;
#: ``side`` whose press it is, ``language`` BCP 47 (az, hy, ru, en or other): three separate columns
#: with ``outlet``, since language is not side. ``published`` may be NaT. ``copy_of`` is the id of
#: the account that this one reprints (`duplicates`), null for an independent account.
ARTICLES = pa.DataFrameSchema(
    {
        "article_id": pa.Column(str, unique=True),
        "outlet": _ID,
        "side": _ID,
        "language": _ID,
        "published": _TIME,
        "title": _TEXT,
        "text": pa.Column(str, pa.Check.str_length(min_value=1)),
        "url": _NAME,
        "copy_of": _NAME,
    },
    strict="filter",
    name="ARTICLES",
)

#: A row a sentence (the unit of scoring). ``position`` counts from 0, the headline is 0 where there is one.
PASSAGES = pa.DataFrameSchema(
    {
        "passage_id": pa.Column(str, unique=True),
        "article_id": _ID,
        "language": _ID,
        "position": _COUNT,
        "start": _OFFSET,
        "end": _OFFSET,
        "text": _TEXT,
        "headline": pa.Column(bool),
    },
    strict="filter",
    name="PASSAGES",
)

#: A row a mention of an actor or place. ``surface`` as written, ``alias`` the registry's form,
#: ``kind`` name | metonym | demonym | description | pronoun | place; ``usage`` whose naming choice
#: the alias is ("armenia", "azerbaijan", "russia", ...), "" where it is neutral.
#: ``hidden`` is what a scorer must not see of it: "start-end:ending" of each name, offsets into ``surface``, comma
#: separated; the whole of a name, the names inside a description ("ВС Армении"), "" where there is none. The ending
#: is what carries the grammatical case and stays to be seen ("" for an uninflected name).
#: ``voice`` is "narrator", the speaker's actor id, or "unknown" for a speaker outside the registry; a state that
#: tells of its own losses or right is its own voice;
#: ``direct`` tells a direct quote from reported speech (False for the narrator).
MENTIONS = pa.DataFrameSchema(
    {
        "article_id": _ID,
        "passage_id": _ID,
        "actor": _ID,
        "start": _OFFSET,
        "end": _OFFSET,
        "surface": _TEXT,
        "alias": _TEXT,
        "kind": _ID,
        "usage": pa.Column(str),
        "hidden": pa.Column(str),
        "voice": _ID,
        "direct": pa.Column(bool),
    },
    strict="filter",
    name="MENTIONS",
)

#: A row a quotation. ``direct`` or reported; ``speaker`` an actor id or "unknown"; ``cue`` the words that
#: introduce it ("said"), "" where there are none; ``speaker_text`` as written, "" where there is none.
QUOTES = pa.DataFrameSchema(
    {
        "article_id": _ID,
        "start": _OFFSET,
        "end": _OFFSET,
        "direct": pa.Column(bool),
        "speaker": _ID,
        "speaker_text": pa.Column(str),
        "cue": pa.Column(str),
    },
    strict="filter",
    name="QUOTES",
)

#: A row an account in an event. ``similarity`` (0 to 1) is to the event's other accounts, 1 for a single.
EVENTS = pa.DataFrameSchema(
    {
        "event_id": _ID,
        "article_id": pa.Column(str, unique=True),
        "similarity": pa.Column("float64", pa.Check.in_range(0, 1), coerce=True),
    },
    strict="filter",
    name="EVENTS",
)

#: A row a score of one passage x actor x voice x dimension. ``dimension`` is blame (0..1),
#: legitimacy (-1..1), suffering (0..1), sentiment (-1..1) or "frame:<name>" (0..1, ``actor`` "" and
#: voice "any"). ``value`` NaN means "could not tell". ``evidence_*`` is the span that decided, equal to
#: the passage's span where nothing inside it stood out. ``passage_id`` "" marks a score of a whole
#: article (frames only). ``scorer`` is the signature: tables may be joined only where it is the same.
SCORES = pa.DataFrameSchema(
    {
        "article_id": _ID,
        "passage_id": pa.Column(str),
        "start": _OFFSET,
        "end": _OFFSET,
        "actor": pa.Column(str),
        "voice": _ID,
        "dimension": _ID,
        "value": _NUMBER,
        "evidence_start": _OFFSET,
        "evidence_end": _OFFSET,
        "scorer": _ID,
    },
    strict="filter",
    name="SCORES",
)

#: A row a cell of a source x actor heatmap. ``voice`` is all | narrator | quoted. ``value`` is the mean over events of
#: the means over the source's independent accounts; NaN where nothing was scored.
MEANS = pa.DataFrameSchema(
    {
        "dimension": _ID,
        "actor": pa.Column(str),
        "voice": _ID,
        "source": _ID,
        "value": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "events": _COUNT,
        "articles": _COUNT,
        "passages": _COUNT,
    },
    strict="filter",
    name="MEANS",
)

#: A row a paired contrast: ``difference`` is source_a minus source_b over the events that both cover.
#: ``low``/``high`` bound it at the run's level; NaN bounds and p-values mean too few events
#: (``enough`` is False). ``languages_a``/``_b`` are the languages behind each side, comma separated:
#: where these, or their shares, differ the gap may be the scorer's, not the source's (``same_language`` False).
CONTRASTS = pa.DataFrameSchema(
    {
        "dimension": _ID,
        "actor": pa.Column(str),
        "voice": _ID,
        "source_a": _ID,
        "source_b": _ID,
        "mean_a": _NUMBER,
        "mean_b": _NUMBER,
        "difference": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "p_value": _NUMBER,
        "p_adjusted": _NUMBER,
        "events": _COUNT,
        "passages_a": _COUNT,
        "passages_b": _COUNT,
        "enough": pa.Column(bool),
        "languages_a": pa.Column(str),
        "languages_b": pa.Column(str),
        "same_language": pa.Column(bool),
    },
    strict="filter",
    name="CONTRASTS",
)

#: A row a passage x actor as one coder (or the adjudicator) coded it, by ``codebook.md``. ``mentioned`` 0 marks a name
#: that does not mean the actor; the codes are null then. ``blame`` 0, 1, 2; ``legitimacy`` and ``sentiment`` -1, 0, 1;
#: ``suffering`` 0, 1; ``voice`` is "narrator", an actor id or "unknown". ``evidence`` is the coded span as written, and
#: ``evidence_start``/``_end`` its offsets into ``articles.text``; null where no code is other than 0.
LABELS = pa.DataFrameSchema(
    {
        "article_id": _ID,
        "passage_id": _ID,
        "actor": _ID,
        "mentioned": pa.Column("Int64", pa.Check.isin([0, 1]), coerce=True),
        "blame": pa.Column("Int64", pa.Check.isin([0, 1, 2]), nullable=True, coerce=True),
        "legitimacy": pa.Column("Int64", pa.Check.isin([-1, 0, 1]), nullable=True, coerce=True),
        "suffering": pa.Column("Int64", pa.Check.isin([0, 1]), nullable=True, coerce=True),
        "sentiment": pa.Column("Int64", pa.Check.isin([-1, 0, 1]), nullable=True, coerce=True),
        "voice": _NAME,
        "evidence_start": pa.Column("Int64", pa.Check.ge(0), nullable=True, coerce=True),
        "evidence_end": pa.Column("Int64", pa.Check.ge(0), nullable=True, coerce=True),
        "evidence": _NAME,
    },
    unique=["passage_id", "actor"],
    strict="filter",
    name="LABELS",
)

#: A row a passage, or a whole article (``passage_id`` ""), with the frames that one coder saw in it: names separated
#: by ";", "" for none. ``generic`` are the 14 of Card et al. (2015), ``news`` the five of Semetko and Valkenburg
#: (2000), ``domain`` those of the conflict.
FRAME_LABELS = pa.DataFrameSchema(
    {
        "article_id": _ID,
        "passage_id": pa.Column(str),
        "generic": pa.Column(str),
        "news": pa.Column(str),
        "domain": pa.Column(str),
    },
    unique=["article_id", "passage_id"],
    strict="filter",
    name="FRAME_LABELS",
)


def bounds(dimension: str) -> tuple[float, float]:
    """The range of a dimension's scores.

    >>> bounds("blame"), bounds("legitimacy"), bounds("frame:Economic")
    ((0.0, 1.0), (-1.0, 1.0), (0.0, 1.0))
    """
    return (0.0, 1.0) if dimension in ("blame", "suffering") or dimension.startswith("frame:") else (-1.0, 1.0)


def check(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The frame with the schema's columns only, in the schema's order, row numbers from 0.

    Raises
    ------
    CorpusError
        If a column is missing or holds what it must not; the message names table, column and row.
    """
    missing = [name for name in schema.columns if name not in frame.columns]
    if missing:
        raise CorpusError(
            f"{schema.name}: column '{missing[0]}' is missing (found: {', '.join(map(str, frame.columns))})."
        )
    try:
        good = schema.validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        first: Any = error.failure_cases.iloc[0]
        raise CorpusError(
            f"{schema.name}: column '{first['column'] or first['schema_context']}', row {first['index']}: "
            f"found {first['failure_case']!r}, expected {first['check']}."
        ) from error
    return good[list(schema.columns)]


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """A table of the schema without rows, with the right column types."""
    kinds = {name: str(column.dtype) for name, column in schema.columns.items()}
    kinds = {name: "str" if kind.startswith("str") else kind for name, kind in kinds.items()}
    return check(pd.DataFrame({n: pd.Series(dtype=k) for n, k in kinds.items()}), schema)
