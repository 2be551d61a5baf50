"""Promises of `framing.tables`: what passes a door has the right columns, and a fault is named by table and row."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import pytest

from framing import tables
from framing.errors import CorpusError
from framing.tables import ARTICLES, EVENTS, PASSAGES, check, empty

SCHEMAS = [value for value in vars(tables).values() if isinstance(value, pa.DataFrameSchema)]
TEXTS = {"az": "Şuşa yolu bağlıdır.", "hy": "Ճանապարհը փակ է։", "ru": "Дорога закрыта.", "en": "The road is closed."}


def articles(**changed: object) -> pd.DataFrame:
    """An article in each language; ``changed`` replaces whole columns."""
    return pd.DataFrame(
        {
            "article_id": list(TEXTS),
            "outlet": "o",
            "side": "s",
            "language": list(TEXTS),
            "published": pd.to_datetime(["2022-12-13T10:00:00Z", None, None, None], utc=True).as_unit("ns"),
            "title": "",
            "text": list(TEXTS.values()),
            "url": None,
            "copy_of": None,
            **changed,
        }
    )


def test_there_are_eight_tables_of_a_run_and_two_of_coders() -> None:
    names = {schema.name for schema in SCHEMAS}
    run = {"ARTICLES", "PASSAGES", "MENTIONS", "QUOTES", "EVENTS", "SCORES", "MEANS", "CONTRASTS"}
    assert names == run | {"LABELS", "FRAME_LABELS"}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_empty_has_the_columns_and_passes_its_own_door(schema: pa.DataFrameSchema) -> None:
    frame = empty(schema)
    assert list(frame.columns) == list(schema.columns)
    assert len(frame) == 0
    pd.testing.assert_frame_equal(check(frame, schema), frame)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_every_missing_column_is_named(schema: pa.DataFrameSchema) -> None:
    for name in schema.columns:
        with pytest.raises(CorpusError, match=rf"{schema.name}: column '{name}' is missing \(found: "):
            check(empty(schema).drop(columns=name), schema)


def test_check_keeps_the_texts_and_orders_the_columns() -> None:
    frame = articles().assign(surplus=1)[["surplus", *reversed(ARTICLES.columns)]].iloc[::-1]
    found = check(frame, ARTICLES)
    assert list(found.columns) == list(ARTICLES.columns)
    assert found.index.tolist() == [0, 1, 2, 3]
    assert found["text"].tolist() == list(TEXTS.values())[::-1]


def test_check_leaves_its_argument_alone() -> None:
    frame = articles(published="2022-12-13T10:00:00Z")
    before = frame.copy()
    assert str(check(frame, ARTICLES)["published"].dtype) == "datetime64[ns, UTC]"
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("article_id", ["a", "b", "b", "c"], r"ARTICLES: column 'article_id', row 1: found 'b', expected field_uniq"),
        ("outlet", ["o", None, "o", "o"], r"ARTICLES: column 'outlet', row 1: found (None|nan), expected not_null"),
        ("text", ["x", "x", "", "x"], r"ARTICLES: column 'text', row 2: found '', expected str_length"),
        ("published", "soon", r"ARTICLES: column 'published', row "),
        ("language", 1, r"ARTICLES: column 'language', row .*: found .*int64.*, expected .*dtype"),
    ],
)
def test_fault_is_named_by_table_column_and_row(column: str, value: object, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        check(articles(**{column: value}), ARTICLES)


def test_offsets_may_not_be_negative_or_fractions() -> None:
    passage = pd.DataFrame(
        {
            "passage_id": ["a:0"],
            "article_id": "a",
            "language": "az",
            "position": 0,
            "start": 0,
            "end": 4,
            "text": TEXTS["az"][:4],
            "headline": False,
        }
    )
    assert len(check(passage, PASSAGES)) == 1
    with pytest.raises(CorpusError, match=r"PASSAGES: column 'start', row 0: found .*-1.*, expected greater_than_or"):
        check(passage.assign(start=-1), PASSAGES)
    with pytest.raises(CorpusError, match=r"PASSAGES: column 'end'"):
        check(passage.assign(end=float("nan")), PASSAGES)


@pytest.mark.parametrize("similarity", [-0.1, 1.1])
def test_similarity_lies_between_0_and_1(similarity: float) -> None:
    frame = pd.DataFrame({"event_id": ["e"], "article_id": ["a"], "similarity": [similarity]})
    with pytest.raises(CorpusError, match=r"EVENTS: column 'similarity', row 0: found .*in_range\(0, 1\)"):
        check(frame, EVENTS)
    assert check(frame.assign(similarity=1), EVENTS)["similarity"].dtype == "float64"
