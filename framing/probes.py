"""Sentences of the same content in four languages: probes, templates whose two actors can be swapped, passages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from framing import text as texts
from framing.errors import CorpusError
from framing.sources.files import read_csv

_SLOT = re.compile(r"\{([AB])(?:\.([^{}|?]+)|\?([^{}|]*)\|([^{}|]*))\}")
#: What the Armenian article is -ն before: a vowel sound; word-initial ե, ո and և sound ye-, vo- and yev-.
_VOWEL = re.compile(r"[ «]*(?:[աէըիօ]|ու|(?:եմ|ես|ենք|եք|են)\b)", re.IGNORECASE)
TEMPLATES = ("template_id", "dimension", "construction", "voice", "label_a", "label_b", "source_language", "split")
STATEMENTS = (
    *("statement_id", "pair_id", "variant", "dimension", "construction", "source_language", "split"),
    *("actor", "value", "other", "other_value", "voice", *texts.LANGUAGES),
)
PASSAGES = ("passage_id", "source_language", "theme", *texts.LANGUAGES)
CODES = ("blame", "legitimacy", "suffering", "sentiment")
PASSAGE_LABELS = ("passage_id", "actor", *CODES, "voice", *(f"evidence_{code}" for code in texts.LANGUAGES))

Forms = Mapping[tuple[str, str, str], str]


def read_forms(file: Path) -> Forms:
    """Declined names by (actor, language, form), from a table actor, language, form, text.

    The form ``gender`` (m or f, Russian) decides the agreement of past tenses.
    """
    table = read_csv(file, required=["actor", "language", "form", "text"])
    return {(row["actor"], row["language"], row["form"]): row["text"] for row in table.to_dict("records")}


def fill(template: str, language: str, actors: Mapping[str, str], forms: Forms) -> str:
    """A template with its slots filled by declined names.

    ``{A.gen}`` is the form ``gen`` of the actor in slot A, a capital in the form's name (``{A.Adj}``) makes the first
    letter big; ``{A?л|ла}`` takes the first for a masculine name, the second for a feminine one. The Armenian article
    -ը becomes -ն before a vowel (also that of the name in a slot that follows at once).

    Raises
    ------
    CorpusError
        If a slot names a form that the actor does not have, or a brace is left.

    Examples
    --------
    >>> forms = {("armenia", "ru", "nom"): "Армения", ("armenia", "ru", "gender"): "f",
    ...          ("iran", "ru", "nom"): "Иран", ("iran", "ru", "gender"): "m", ("iran", "ru", "acc"): "Иран"}
    >>> fill("{A.nom} обвинил{A?|а} {B.acc}", "ru", {"A": "armenia", "B": "iran"}, forms)
    'Армения обвинила Иран'
    """

    def put(match: re.Match[str]) -> str:
        actor, form = actors[match[1]], match[2]
        if form is None:
            return match[3] if _form(forms, actor, language, "gender", template) == "m" else match[4]
        name = _form(forms, actor, language, form[0].lower() + form[1:], template)
        if language == "hy" and form == "def" and name.endswith("ը"):
            rest = _SLOT.sub(lambda slot: forms.get((actors[slot[1]], "hy", "nom"), ""), template[match.end() :])
            name = name[:-1] + "ն" if _VOWEL.match(rest) else name
        return name[0].upper() + name[1:] if form[0].isupper() else name

    filled = _SLOT.sub(put, template)
    if "{" in filled or "}" in filled:
        raise CorpusError(
            f"template '{template}': a slot is not as expected; write {{A.form}} or {{A?masculine|feminine}}."
        )
    return filled


def _form(forms: Forms, actor: str, language: str, form: str, template: str) -> str:
    try:
        return forms[(actor, language, form)]
    except KeyError:
        known = ", ".join(sorted(name for who, where, name in forms if (who, where) == (actor, language)))
        raise CorpusError(
            f"template '{template}': '{actor}' has no form '{form}' in {language}; forms.csv has: {known or 'none'}."
        ) from None


def expand(templates: pd.DataFrame, forms: Forms, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Every template with every ordered pair of actors, and with the two swapped: rows of STATEMENTS.

    Parameters
    ----------
    templates : DataFrame
        The columns of TEMPLATES and one a language. ``label_a`` and ``label_b`` are what the sentence says of each
        slot's actor on ``dimension``; ``voice`` is narrator, unknown, or the slot whose words they are.
    pairs : iterable of (str, str)
        Actors for the slots A and B.
    """
    rows: list[dict[str, Any]] = []
    for template in templates.to_dict("records"):
        for first, second in pairs:
            for variant, (a, b) in (("original", (first, second)), ("swapped", (second, first))):
                slots = {"A": a, "B": b}
                rows.append(
                    {
                        "statement_id": f"{template['template_id']}.{a}.{b}",
                        "pair_id": f"{template['template_id']}.{first}.{second}",
                        "variant": variant,
                        **{name: template[name] for name in ("dimension", "construction", "source_language", "split")},
                        "actor": a,
                        "value": int(template["label_a"]),
                        "other": b,
                        "other_value": int(template["label_b"]),
                        "voice": slots.get(str(template["voice"]), template["voice"]),
                        **{code: fill(template[code], code, slots, forms) for code in texts.LANGUAGES},
                    }
                )
    return pd.DataFrame(rows, columns=list(STATEMENTS))


def shipped_pairs(templates: pd.DataFrame) -> list[tuple[str, str]]:
    """The pair of actors that each template gets in ``statements.csv``, in the order of the templates."""
    rota = [("azerbaijan", "armenia"), ("armenia", "azerbaijan"), ("russia", "turkey"), ("azerbaijan", "armenia"),
            ("armenia", "azerbaijan"), ("georgia", "iran")]  # fmt: skip
    return [rota[position % len(rota)] for position in range(len(templates))]


def shipped(templates: pd.DataFrame, forms: Forms) -> pd.DataFrame:
    """The template statements of ``statements.csv``: one pair of actors a template, and the two swapped."""
    ones = [templates.iloc[[position]] for position in range(len(templates))]
    return pd.concat(
        [expand(one, forms, [pair]) for one, pair in zip(ones, shipped_pairs(templates), strict=True)],
        ignore_index=True,
    )


def read_templates(file: Path) -> pd.DataFrame:
    """``templates.csv``, all columns as strings."""
    return read_csv(file, required=[*TEMPLATES, *texts.LANGUAGES]).reset_index(drop=True)


def read_statements(file: Path) -> pd.DataFrame:
    """``statements.csv``: STATEMENTS, ``value`` whole numbers, ``other_value`` null where there is no other actor."""
    table = read_csv(file, required=STATEMENTS).reset_index(drop=True)
    table["value"] = table["value"].astype("Int64")
    table["other_value"] = pd.to_numeric(table["other_value"].where(table["other_value"] != "")).astype("Int64")
    return table[list(STATEMENTS)]


def read_passages(file: Path) -> pd.DataFrame:
    """``passages.csv`` of corpora/passages: PASSAGES, one sentence in four languages a row."""
    return read_csv(file, required=PASSAGES).reset_index(drop=True)[list(PASSAGES)]


def read_passage_labels(file: Path) -> pd.DataFrame:
    """``labels.csv`` of corpora/passages: the codes of each actor of a passage, and the evidence in each language.

    Raises
    ------
    CorpusError
        If a code is not a whole number; the message names file and row.
    """
    table = read_csv(file, required=PASSAGE_LABELS).reset_index(drop=True)
    for name in CODES:
        wrong = table.index[~table[name].str.fullmatch(r"-?\d")]
        if len(wrong):
            raise CorpusError(f"{file}, row {wrong[0] + 2}: {name} is '{table.loc[wrong[0], name]}', not a code.")
        table[name] = table[name].astype("int64")
    return table[list(PASSAGE_LABELS)]
