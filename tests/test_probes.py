"""Templates with actor slots: agreement, articles, errors, and the swap."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from framing import text as texts
from framing.errors import CorpusError
from framing.probes import expand, fill, read_forms

PROBES = Path(__file__).parents[1] / "corpora" / "probes"


@pytest.fixture(scope="module")
def forms():
    return read_forms(PROBES / "forms.csv")


@pytest.mark.parametrize(
    ("language", "template", "filled"),
    [
        ("ru", "{A.nom} обвинил{A?|а} {B.acc} в атаке", "Армения обвинила Азербайджан в атаке"),
        ("ru", "{B.nom} обвинил{B?|а} {A.acc} в атаке", "Азербайджан обвинил Армению в атаке"),
        ("az", "{A.gen} ordusu {B.acc} vurub", "Ermənistanın ordusu Azərbaycanı vurub"),
        ("hy", "{A.def} մեղադրել է {B.dat}", "Հայաստանը մեղադրել է Ադրբեջանին"),
        ("hy", "{A.def} ասում է, {B.adj} ուժերը", "Հայաստանն ասում է, ադրբեջանական ուժերը"),
        ("hy", "{A.def} և {B.def} որոշել են", "Հայաստանը և Ադրբեջանը որոշել են"),
        ("hy", "{A.def} ու {B.def} են", "Հայաստանն ու Ադրբեջանն են"),
        ("hy", "{A.def} {B.dat} մեղադրել է", "Հայաստանն Ադրբեջանին մեղադրել է"),
        ("en", "{A.pos} shelling of {B.nom}", "Armenia's shelling of Azerbaijan"),
    ],
)
def test_fill_declines_and_agrees(forms, language, template, filled):
    assert fill(template, language, {"A": "armenia", "B": "azerbaijan"}, forms) == filled


@pytest.mark.parametrize("template", ["{A.dativ} x {B.nom}", "{C.nom} x", "{A.nom x"])
def test_fill_when_a_slot_is_wrong(forms, template):
    with pytest.raises(CorpusError, match="template"):
        fill(template, "ru", {"A": "armenia", "B": "iran"}, forms)


def test_expand_swaps_actors_labels_and_voice(forms):
    template = {"template_id": "t", "dimension": "blame", "construction": "accusation", "voice": "A", "label_a": "0",
                "label_b": "2", "source_language": "en", "split": "train"}  # fmt: skip
    template |= dict.fromkeys(texts.LANGUAGES, "{A.nom} {B.nom}")
    table = expand(pd.DataFrame([template]), forms, [("armenia", "turkey")])
    original, swapped = table.to_dict("records")
    assert (original["actor"], original["value"], original["other"], original["voice"]) == (
        "armenia",
        0,
        "turkey",
        "armenia",
    )
    assert (swapped["actor"], swapped["value"], swapped["other"], swapped["voice"]) == (
        "turkey",
        0,
        "armenia",
        "turkey",
    )
    assert original["en"] == "Armenia Turkey"
    assert swapped["en"] == "Turkey Armenia"
    assert original["pair_id"] == swapped["pair_id"]
