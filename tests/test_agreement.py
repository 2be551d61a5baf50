"""Alpha against published worked examples, intervals, and the reading of label files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from framing.agreement import Coding, alpha, read_coding, read_labels, reliability, unitizing_alpha
from framing.errors import CorpusError

_ = None
#: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four coders, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ],
    dtype=object,
).T


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_the_published_one(level, published):
    assert alpha(PUBLISHED, level) == pytest.approx(published, abs=0.0006)


def test_alpha_of_words_when_coders_use_names():
    ratings = [["narrator", "narrator"], ["aliyev", "azerbaijan"], ["unknown", "unknown"], ["armenia", "armenia"]]
    # by hand: 8 codes, o = 2 unequal; n = 2,1,1,2,2; unequal pairs expected 56 - 3 * 2 = 50; 1 - 7 * 2 / 50
    assert alpha(ratings) == pytest.approx(1 - 7 * 2 / 50)


def test_alpha_is_nan_when_there_is_nothing_to_tell_apart():
    assert np.isnan(alpha([[0, 0], [0, 0]]))
    assert np.isnan(alpha([[0, None], [None, 1]]))


def test_alpha_of_sets_counts_half_agreement():
    same = [[frozenset("a"), frozenset("a")], [frozenset("b"), frozenset("b")]]
    near = [[frozenset("ab"), frozenset("a")], [frozenset("b"), frozenset("b")]]
    far = [[frozenset("c"), frozenset("a")], [frozenset("b"), frozenset("b")]]
    assert alpha(same, "set") == 1
    assert alpha(far, "set") < alpha(near, "set") < 1


def test_unitizing_alpha_by_hand():
    # 40 characters, a marks 5-15, b 8-15; both orders of the coders: 60 neither, 6 one, 14 both
    marked = {"text": "t", "coder": ["a", "b"], "length": 40, "start": [5, 8], "end": [15, 15]}
    total, unmarked, marked_length, gaps, squares = 80, 63, 17, 63, 10**2 + 7**2
    expected = total - total * ((unmarked**2 - gaps) + (marked_length**2 - squares)) / (total**2 - gaps - squares)
    assert unitizing_alpha(pd.DataFrame(marked)) == pytest.approx(1 - 6 / expected)


def test_unitizing_alpha_at_its_ends():
    one = {"text": ["t", "t"], "coder": ["a", "b"], "length": 30, "start": [3, 3], "end": [9, 9]}
    assert unitizing_alpha(pd.DataFrame(one)) == 1
    none = {**one, "start": np.nan, "end": np.nan}
    assert np.isnan(unitizing_alpha(pd.DataFrame(none)))
    apart = {**one, "start": [3, 20], "end": [9, 26]}
    assert unitizing_alpha(pd.DataFrame(apart)) < 0


def _articles() -> pd.DataFrame:
    texts = {
        "a1": ("ru", "Баку обстрелял Ереван."),
        "a2": ("hy", "Բաքուն կրակեց։"),
        "a3": ("az", "Bakı İrəvanı qınadı."),
    }
    return pd.DataFrame(
        [
            {
                "article_id": name, "outlet": "o", "side": "s", "language": language, "published": pd.NaT, "title": "",
                "text": text, "url": None, "copy_of": None,
            }
            for name, (language, text) in texts.items()
        ]
    )  # fmt: skip


def _labels(blame: dict[str, int], evidence_end: int = 4) -> pd.DataFrame:
    rows = [
        {
            "article_id": name, "passage_id": f"{name}:0", "actor": "azerbaijan", "mentioned": 1, "blame": value,
            "legitimacy": 0, "suffering": 0, "sentiment": 0, "voice": "narrator",
            "evidence_start": 0 if value else None, "evidence_end": evidence_end if value else None,
            "evidence": "Баку" if value else None,
        }
        for name, value in blame.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_reliability_by_language_when_only_one_language_disagrees():
    first, second = _labels({"a1": 2, "a2": 0, "a3": 0}), _labels({"a1": 2, "a2": 0, "a3": 1})
    table = reliability(Coding({"coder1": first, "coder2": second}, {}), _articles(), resamples=200)
    blame = table[table["dimension"] == "blame"].set_index("language")
    assert list(blame.index) == ["all", "az", "hy", "ru"]
    assert blame.loc["all", "agreement"] == pytest.approx(2 / 3)
    assert blame.loc["all", "low"] <= blame.loc["all", "alpha"] <= blame.loc["all", "high"]
    assert blame.loc["ru", "agreement"] == 1
    assert blame.loc["az", "agreement"] == 0
    again = reliability(Coding({"coder1": first, "coder2": second}, {}), _articles(), resamples=200)
    pd.testing.assert_frame_equal(table, again)
    swapped = reliability(Coding({"coder1": second, "coder2": first}, {}), _articles(), resamples=200)
    pd.testing.assert_frame_equal(table, swapped)


def test_reliability_when_a_label_names_an_unknown_article():
    labels = _labels({"a1": 1, "zz": 0})
    with pytest.raises(CorpusError, match="'zz'"):
        reliability(Coding({"coder1": labels, "coder2": labels}, {}), _articles())


def test_read_coding_when_there_is_one_coder_only(tmp_path):
    _labels({"a1": 1}).to_csv(tmp_path / "labels.coder1.csv", index=False)
    with pytest.raises(CorpusError, match="needs two coders"):
        read_coding(tmp_path)


def test_read_coding_takes_rounds_apart(tmp_path):
    for name in ("labels.coder1.csv", "labels.coder2.csv", "labels.pilot.coder1.csv", "labels.pilot.coder3.csv"):
        _labels({"a1": 1}).to_csv(tmp_path / name, index=False)
    assert list(read_coding(tmp_path).labels) == ["coder1", "coder2"]
    assert list(read_coding(tmp_path, coding_round="pilot").labels) == ["coder1", "coder3"]


@pytest.mark.parametrize(("column", "value"), [("blame", "3"), ("legitimacy", "yes"), ("suffering", "-1")])
def test_read_labels_when_a_value_is_outside_the_codebook(tmp_path, column, value):
    labels = _labels({"a1": 1}).astype(object)
    labels[column] = value
    labels.to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(CorpusError, match=rf"labels\.csv.*{column}"):
        read_labels(tmp_path / "labels.csv")
