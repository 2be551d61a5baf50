"""How far coders agree: Krippendorff's alpha by dimension and language, with bootstrap intervals over articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.errors import CorpusError
from framing.resampling import Interval
from framing.sources.files import read_csv
from framing.tables import FRAME_LABELS, LABELS, check

Array = npt.NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "set"]

#: Below this alpha not even tentative conclusions are to be drawn (Krippendorff 2018, ch. 12).
TENTATIVE = 0.667

#: The coded dimensions and their levels of measurement, as the codebook gives them.
LEVELS: Mapping[str, Level] = {
    "mentioned": "nominal",
    "blame": "ordinal",
    "legitimacy": "ordinal",
    "suffering": "nominal",
    "sentiment": "ordinal",
    "voice": "nominal",
}
#: The columns of FRAME_LABELS: sets of frames, compared by MASI.
FRAME_LISTS = ("generic", "news", "domain")


class Coding(NamedTuple):
    """What several coders coded, each apart: coder -> LABELS, coder -> FRAME_LABELS (may be empty)."""

    labels: Mapping[str, pd.DataFrame]
    frames: Mapping[str, pd.DataFrame]


def read_coding(folder: Path, *, coding_round: str = "") -> Coding:
    """The label sets of a corpus: ``labels.coder1.csv``, ``labels.coder2.csv``, ... and ``frames.coder*.csv``.

    Parameters
    ----------
    folder : Path
        A corpus folder.
    coding_round : str
        An earlier round: ``labels.<round>.coder*.csv``.

    A round may be of labels, of frames, or of both.

    Raises
    ------
    CorpusError
        If neither has two coders' files, or a file is not as expected.
    """
    start = f"{coding_round}." if coding_round else ""
    labels = _coders(Path(folder), f"labels.{start}", LABELS)
    frames = _coders(Path(folder), f"frames.{start}", FRAME_LABELS)
    if max(len(labels), len(frames)) < 2:
        raise CorpusError(
            f"{folder}: {len(labels)} file(s) labels.{start}coder*.csv and {len(frames)} frames.{start}coder*.csv; "
            "agreement needs two coders or more, who coded apart."
        )
    return Coding(labels, frames)


def article_frames(frames: pd.DataFrame) -> pd.DataFrame:
    """The frames of whole articles, counted from those of their passages as the codebook says.

    A frame belongs to an article if at least two of its passages have it and at least half as many as have the
    article's most frequent frame; at most two frames of a list, the more frequent first, at a tie the headline's,
    then by name. Coded by impression they were not reliable (corpora/karabakh/README.md).

    Parameters
    ----------
    frames : DataFrame
        FRAME_LABELS; passages in the order of the text, rows of whole articles are left aside.

    Returns
    -------
    DataFrame
        FRAME_LABELS, a row an article (``passage_id`` "").

    Examples
    --------
    >>> passages = pd.DataFrame({"article_id": "a", "passage_id": ["a:0", "a:9", "a:20"],
    ...                          "generic": ["Economic", "Political", "Political;Economic"],
    ...                          "news": ["", "conflict", ""], "domain": ""})
    >>> article_frames(passages)[["generic", "news"]].to_numpy().tolist()
    [['Economic;Political', '']]
    """
    rows = []
    for article, own in frames[frames["passage_id"] != ""].groupby("article_id", sort=False):
        rows.append(
            {"article_id": article, "passage_id": "", **{name: _counted(own[name].tolist()) for name in FRAME_LISTS}}
        )
    return check(pd.DataFrame(rows, columns=list(FRAME_LABELS.columns)), FRAME_LABELS)


def _counted(cells: Sequence[str]) -> str:
    sets = [[frame for frame in cell.split(";") if frame] for cell in cells]
    counts = Counter(frame for frames in sets for frame in frames)
    enough = max(2, max(counts.values(), default=0) / 2)
    kept = [frame for frame, count in counts.items() if count >= enough]
    return ";".join(sorted(kept, key=lambda frame: (-counts[frame], frame not in sets[0], frame))[:2])


def _coders(folder: Path, start: str, schema: Any) -> dict[str, pd.DataFrame]:
    files = sorted(folder.glob(f"{start}coder*.csv"))
    wanted = re.compile(re.escape(start) + r"(coder\w*)\.csv")
    return {match[1]: read_labels(file, schema) for file in files if (match := wanted.fullmatch(file.name))}


def read_labels(file: Path, schema: Any = LABELS) -> pd.DataFrame:
    """One label file (LABELS or FRAME_LABELS), checked.

    Raises
    ------
    CorpusError
        If a column is missing or a value is outside the codebook; file, row and value are named.
    """
    table = read_csv(file, required=list(schema.columns))
    nullable = [name for name, column in schema.columns.items() if column.nullable]
    table[nullable] = table[nullable].mask(table[nullable] == "")
    for name in (name for name, column in schema.columns.items() if str(column.dtype) == "Int64"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = numbers.isna() & table[name].notna()
        if wrong.any():
            raise CorpusError(
                f"{file}, row {table.index[wrong][0]}: {name} '{table.loc[wrong, name].iloc[0]}'; "
                "expected a whole number."
            )
        table[name] = numbers.astype("Int64")
    try:
        return check(table, schema)
    except CorpusError as error:
        raise CorpusError(f"{file}: {error}") from error


# --------------------------------------------------------------------------- alpha


def alpha(ratings: Sequence[Sequence[Any]] | npt.NDArray[Any] | pd.DataFrame, level: Level = "nominal") -> float:
    """Krippendorff's alpha: 1 is perfect agreement, 0 what chance gives, below 0 worse than chance.

    Parameters
    ----------
    ratings : shape (U, C)
        A row a unit, a column a coder; None or NaN where a coder did not code the unit. Units that fewer than two
        coded are left out. At level "set" the values are frozensets.
    level : {"nominal", "ordinal", "interval", "set"}
        "ordinal" takes the order from the values; "set" uses MASI (Passonneau 2006).

    Returns
    -------
    float
        NaN where no unit is coded twice, or all codes are one value: there is nothing to tell apart then.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    Passonneau (2006), Measuring Agreement on Set-valued Items (MASI), LREC.

    Examples
    --------
    >>> round(alpha([[1, 1], [2, 2], [3, 3], [3, 4]], "ordinal"), 3)
    0.91
    """
    codes, values = _codes(pd.DataFrame(ratings))
    pairs = _coincidences(codes, np.zeros(len(codes), dtype=np.intp), 1, len(values))
    return float(_alphas(pairs, values, level)[0])


def _codes(ratings: pd.DataFrame) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Positions in the sorted list of values, -1 for a missing one."""
    flat = [value for value in ratings.to_numpy(dtype=object).ravel() if not _is_missing(value)]
    values = sorted(set(flat), key=lambda value: sorted(value) if isinstance(value, frozenset) else value)
    place = {value: position for position, value in enumerate(values)}
    rows = [
        [-1 if _is_missing(value) else place[value] for value in row] for row in ratings.to_numpy(dtype=object).tolist()
    ]
    return np.array(rows, dtype=np.intp).reshape(len(ratings), ratings.shape[1]), values


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _coincidences(codes: npt.NDArray[np.intp], clusters: npt.NDArray[np.intp], count: int, kinds: int) -> Array:
    """Coincidence matrices, shape (clusters, K, K): every pair of codes of a unit, over the coders less one."""
    pairs = np.zeros((count, kinds, kinds))
    coders = (codes >= 0).sum(axis=1)
    for a, b in permutations(range(codes.shape[1]), 2):
        both = (codes[:, a] >= 0) & (codes[:, b] >= 0)
        np.add.at(pairs, (clusters[both], codes[both, a], codes[both, b]), 1 / (coders[both] - 1))
    return pairs


def _alphas(pairs: Array, values: Sequence[Any], level: Level) -> Array:
    """Alpha of each coincidence matrix of shape (..., K, K)."""
    margins = pairs.sum(axis=-1)
    total = margins.sum(axis=-1)
    distance = _distances(margins, values, level)
    observed = (pairs * distance).sum(axis=(-1, -2))
    expected = (margins[..., :, None] * margins[..., None, :] * distance).sum(axis=(-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)


def _distances(margins: Array, values: Sequence[Any], level: Level) -> Array:
    kinds = len(values)
    if level == "nominal":
        return 1.0 - np.eye(kinds)
    if level == "interval":
        numbers = np.array(values, dtype=np.float64)
        return np.asarray((numbers[:, None] - numbers[None, :]) ** 2)
    if level == "set":
        return np.array([[_masi(a, b) for b in values] for a in values]).reshape(kinds, kinds)
    below = np.cumsum(margins, axis=-1) - margins / 2  # ranks of the values' middles
    return np.asarray((below[..., :, None] - below[..., None, :]) ** 2)


def _masi(a: frozenset[str], b: frozenset[str]) -> float:
    if a == b:
        return 0.0
    shared = len(a & b)
    return 1 - shared / len(a | b) * (2 / 3 if a <= b or b <= a else 1 / 3 if shared else 0)


def unitizing_alpha(spans: pd.DataFrame) -> float:
    """Krippendorff's alpha for the marking of spans, relevant against not marked.

    Parameters
    ----------
    spans : DataFrame
        A row a text and coder: ``text`` (id), ``coder``, ``length`` (characters of the text), ``start``, ``end``
        (offsets, end exclusive; NaN for "nothing marked"). Each coder marks at most one span a text.

    Returns
    -------
    float
        NaN if nothing is marked at all or everything is.

    References
    ----------
    Krippendorff, Mathet, Bouvry & Widlöcher (2016), On the reliability of unitizing textual continua: Further
    developments, Quality & Quantity 50, sections 3-5: the texts are laid end to end; chance puts whole marked spans,
    not single characters, anew.

    Examples
    --------
    >>> marked = {"text": "t", "coder": ["a", "b"], "length": 40, "start": [5, 8], "end": [15, 15]}
    >>> round(unitizing_alpha(pd.DataFrame(marked)), 3)
    0.783
    """
    return float(_unit_alphas(_lengths(spans, np.zeros(len(spans), dtype=np.intp), 1))[0])


def _lengths(spans: pd.DataFrame, clusters: npt.NDArray[np.intp], count: int) -> Array:
    """Per cluster: coincidences not-not, not-marked, marked-marked; sum of gaps; sum of squared spans. Shape (N, 5)."""
    sums = np.zeros((count, 5))
    frame = spans.assign(cluster=clusters)
    for _, rows in frame.groupby("text", sort=False):
        coders = rows[["length", "start", "end"]].to_numpy(dtype=np.float64)
        if len(coders) < 2:
            continue
        row = sums[int(rows["cluster"].iloc[0])]
        length = coders[0, 0]
        for start, end in coders[:, 1:]:
            marked = 0.0 if np.isnan(start) else end - start
            row[4] += marked**2
            row[3] += length - marked
        for (_, a, b), (_, c, d) in permutations(coders.tolist(), 2):
            first, second = (0.0 if np.isnan(a) else b - a), (0.0 if np.isnan(c) else d - c)
            both = 0.0 if np.isnan(a) or np.isnan(c) else max(0.0, min(b, d) - max(a, c))
            weight = 1 / (len(coders) - 1)
            row[2] += both * weight
            row[1] += (first + second - 2 * both) * weight
            row[0] += (length - first - second + both) * weight
    return sums


def _unit_alphas(sums: Array) -> Array:
    """Alpha from sums of shape (..., 5)."""
    neither, one, both, gaps, squares = np.moveaxis(sums, -1, 0)
    total = neither + one + both
    unmarked, marked = neither + one / 2, both + one / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        pairable = total**2 - gaps - squares
        expected = total - total * ((unmarked**2 - gaps) + (marked**2 - squares)) / pairable
        return np.where((marked > 0) & (unmarked > 0) & (expected > 0), 1 - one / expected, np.nan)


# --------------------------------------------------------------------------- the table


def reliability(
    coding: Coding, articles: pd.DataFrame, *, level: float = 0.95, resamples: int = 1_000, seed: int = 0
) -> pd.DataFrame:
    """Alpha of every coded dimension, for all articles and for each language.

    Articles are resampled whole for the intervals: codes of one article are not independent.

    Parameters
    ----------
    coding : Coding
        As `read_coding` gives it.
    articles : DataFrame
        ARTICLES, for language and for the lengths of passages (`framing.corpus.split_passages`).

    Returns
    -------
    DataFrame
        ``dimension``, ``level``, ``language`` ("all" or BCP 47), ``alpha``, ``low``, ``high``, ``agreement`` (share of
        equal pairs of codes, 0 to 1; NaN for spans), ``units`` coded by two coders or more, ``articles``. The codes of
        a passage x actor enter where two coders or more say that the actor is mentioned. ``evidence`` is
        `unitizing_alpha` over those same units; frames are sets, of passages and of whole articles apart.

    Raises
    ------
    CorpusError
        If a label names an article that the corpus does not have.
    """
    languages = articles.set_index("article_id")["language"]
    tables: list[dict[str, Any]] = []

    def add(name: str, scale: Level, ratings: pd.DataFrame) -> None:
        units = ratings[ratings.notna().sum(axis=1) >= 2]
        where = units.index.get_level_values("article_id")
        for language in ("all", *sorted(set(languages[where.unique()]))):
            kept = units if language == "all" else units[languages[where].to_numpy() == language]
            tables.append(
                {
                    "dimension": name,
                    "level": scale,
                    "language": language,
                    **_alpha_row(kept, scale, level, resamples, seed),
                }
            )

    keys = ["article_id", "passage_id", "actor"]
    codes = {name: frame.set_index(keys) for name, frame in coding.labels.items()}
    unknown = {key[0] for frame in codes.values() for key in frame.index} - set(languages.index)
    if unknown:
        raise CorpusError(f"labels name article '{min(unknown)}', which is not in the corpus.")
    for name, scale in LEVELS.items() if codes else ():
        ratings = pd.DataFrame({coder: frame[name].astype(object) for coder, frame in codes.items()})
        add(name, scale, ratings.where(ratings.notna(), None))
    if codes:
        tables += _span_rows(coding.labels, languages, articles, level, resamples, seed)
    for name in FRAME_LISTS:
        for unit in ("passage", "article"):
            sets = {
                coder: frame[(frame["passage_id"] != "") == (unit == "passage")]
                .set_index(["article_id", "passage_id"])[name]
                .map(lambda text: frozenset(filter(None, text.split(";"))))
                for coder, frame in coding.frames.items()
            }
            if sets:
                ratings = pd.DataFrame(sets)
                add(f"frames {name}, {unit}", "set", ratings.where(ratings.notna(), None))
    return pd.DataFrame(tables)


def as_markdown(found: pd.DataFrame) -> str:
    """The table of `reliability` with a row a dimension and a column a language: alpha and its interval."""
    languages = [name for name in ("all", "az", "hy", "ru", "en") if name in set(found["language"])]
    lines = [f"| dimension | level | {' | '.join(languages)} |", "|---" * (len(languages) + 2) + "|"]
    for (name, scale), rows in found.groupby(["dimension", "level"], sort=False):
        cells = {row["language"]: _cell(row) for row in rows.to_dict("records")}
        shown = [cells.get(code, "-") for code in languages]
        lines.append(f"| {name} | {scale} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _cell(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["alpha"]):
        return f"- (n {row['units']})"
    bounds = "" if np.isnan(row["low"]) else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return f"{row['alpha']:.2f}{bounds}"


def _alpha_row(ratings: pd.DataFrame, scale: Level, level: float, resamples: int, seed: int) -> dict[str, Any]:
    codes, values = _codes(ratings)
    clusters, names = pd.factorize(ratings.index.get_level_values("article_id"))
    pairs = _coincidences(codes, clusters, len(names), len(values))
    found = float(_alphas(pairs.sum(axis=0), values, scale))
    draws = [_alphas(drawn, values, scale) for drawn in _drawn(pairs, resamples, seed)]
    equal = pairs.sum(axis=0)
    return {
        **_named(_bounds(found, draws, level)),
        "agreement": float(np.trace(equal) / equal.sum()) if equal.sum() else np.nan,
        "units": len(ratings),
        "articles": len(names),
    }


def _drawn(sums: Array, resamples: int, seed: int) -> Any:
    """Sums over clusters drawn with replacement, in blocks: yields arrays of shape (R, ...)."""
    random = np.random.default_rng(seed)
    count = len(sums)
    flat = sums.reshape(count, -1)
    block = max(1, 4_000_000 // max(1, flat.shape[1]))
    for start in range(0, resamples if count > 1 else 0, block):
        weights = random.multinomial(count, np.full(count, 1 / count), size=min(block, resamples - start))
        yield (weights @ flat).reshape(-1, *sums.shape[1:])


def _bounds(value: float, draws: list[Array], level: float) -> Interval:
    known = np.concatenate(draws) if draws else np.array([])
    known = known[~np.isnan(known)]
    if not len(known) or np.isnan(value):
        return Interval(value, np.nan, np.nan)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def _named(interval: Interval) -> dict[str, float]:
    return {"alpha": interval.value, "low": interval.low, "high": interval.high}


def _span_rows(
    labels: Mapping[str, pd.DataFrame],
    languages: pd.Series,
    articles: pd.DataFrame,
    level: float,
    resamples: int,
    seed: int,
) -> list[dict[str, Any]]:
    from framing.corpus import split_passages

    coded = pd.concat([frame.assign(coder=name) for name, frame in labels.items()])
    coded = coded[coded["mentioned"] == 1]
    passages = split_passages(articles[articles["article_id"].isin(coded["article_id"].unique())])
    passages = passages.set_index("passage_id")
    coded = coded[coded.groupby(["passage_id", "actor"])["coder"].transform("size") >= 2]
    begin = coded["passage_id"].map(passages["start"])
    spans = pd.DataFrame(
        {
            "text": coded["passage_id"] + "|" + coded["actor"],
            "coder": coded["coder"],
            "length": coded["passage_id"].map(passages["end"] - passages["start"]),
            "start": (coded["evidence_start"] - begin).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan),
            "end": (coded["evidence_end"] - begin).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan),
        }
    )
    rows = []
    spans, where = spans.reset_index(drop=True), coded["article_id"].map(languages).reset_index(drop=True)
    owner = coded["article_id"].reset_index(drop=True)
    for language in ("all", *sorted(where.unique())):
        kept = where.index if language == "all" else where.index[where == language]
        clusters, names = pd.factorize(owner[kept])
        sums = _lengths(spans.loc[kept], clusters, len(names))
        found = float(_unit_alphas(sums.sum(axis=0)))
        interval = _bounds(found, [_unit_alphas(drawn) for drawn in _drawn(sums, resamples, seed)], level)
        rows.append(
            {
                "dimension": "evidence",
                "level": "unitizing",
                "language": language,
                **_named(interval),
                "agreement": np.nan,
                "units": int(spans.loc[kept, "text"].nunique()),
                "articles": len(names),
            }
        )
    return rows
