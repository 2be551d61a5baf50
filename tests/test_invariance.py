"""Promises of `framing.invariance`: figures on made cases whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from framing import invariance
from framing.cli import app
from framing.models import Encoder
from tests.conftest import ROOT


def test_a_language_that_reads_alike_adds_nothing_and_one_that_does_not_is_class_c() -> None:
    random = np.random.default_rng(0)
    told = random.integers(0, 2, 4000).astype(float)
    member = random.integers(0, 2, 4000).astype(float)
    same = (random.random(4000) < 0.2 + 0.6 * told).astype(float)
    assert invariance.added_share(same, told, member) < 0.01
    apart = (random.random(4000) < 0.1 + 0.3 * told + 0.5 * member).astype(float)
    assert invariance.added_share(apart, told, member) > 0.07
    assert invariance.added_share(np.zeros(9), np.zeros(9), np.arange(9.0) % 2) == 0.0


def test_the_added_share_is_that_of_the_logistic_regressions() -> None:
    sm = pytest.importorskip("statsmodels.api")
    random = np.random.default_rng(1)
    told, member = (random.integers(0, 2, 500).astype(float) for _ in range(2))
    given = (random.random(500) < 0.2 + 0.4 * told + 0.2 * member).astype(float)
    without = sm.Logit(given, sm.add_constant(told)).fit(disp=0)
    both = sm.add_constant(np.stack([told, member, told * member], 1))
    top = 1 - np.exp(2 * without.llnull / 500)
    r2 = [
        (1 - np.exp(2 * (without.llnull - fit.llf) / 500)) / top for fit in (without, sm.Logit(given, both).fit(disp=0))
    ]
    assert invariance.added_share(given, told, member) == pytest.approx(r2[1] - r2[0], abs=1e-6)


def test_swaps_see_an_actor_that_is_scored_by_its_name() -> None:
    rows = []
    for number in range(12):
        for variant, (a, b) in (("original", ("armenia", "azerbaijan")), ("swapped", ("azerbaijan", "armenia"))):
            for language in ("az", "en"):
                for actor, value in ((a, 2), (b, 0)):
                    score = 0.3 * value + (0.2 if actor == "armenia" else 0.0) + 0.001 * number
                    rows.append((f"p{number}", f"t{number}", language, value, variant, actor, score))
    columns = ["pair_id", "group", "language", "value", "variant", "actor", "score"]
    found = pd.DataFrame(invariance.swaps("blame", pd.DataFrame(rows, columns=columns)))
    shift = found[found["measure"] == "actor shift"].set_index("about")["value"]
    assert shift.to_dict() == pytest.approx({"armenia": 0.1, "azerbaijan": -0.1})
    assert set(found.loc[found["measure"] == "swap correlation", "about"]) == {"all", "az", "en"}


@pytest.mark.neural
def test_the_shipped_scorers_know_actors_by_deed(encoder: Encoder, tmp_path: Path) -> None:
    found = invariance.invariance(ROOT / "corpora", "dev", encoder)
    blame = found[found["dimension"] == "blame"]
    assert blame.loc[blame["measure"] == "swap correlation", "value"].min() >= 0.9
    assert blame.loc[blame["measure"] == "actor shift", "value"].abs().max() <= 0.05
    assert set(found.loc[found["measure"] == "item functioning", "note"]) <= {"A", "B", "C"}
    errors = found[found["measure"] == "error rate"]
    assert set(errors["about"]) == {"all", "az", "hy", "ru", "en"}
    assert errors["value"].between(0, 1).all()
    figure = invariance.plot(found)
    assert {trace.name for trace in figure.data} == {"blame", "legitimacy", "suffering", "sentiment"}
    figure.write_html(tmp_path / "figure.html")


def test_the_command_tells_what_it_draws() -> None:
    told = CliRunner().invoke(app, ["invariance", "--help"]).output
    assert "--plot" in told
