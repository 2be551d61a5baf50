"""What several tests share: the encoder, the registry, and one small experiment that was really run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from framing import experiment
from framing.actors import Registry, read_actors
from framing.models import Encoder, load_encoder

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpora" / "karabakh"
#: Six events told by all three sides: few enough to be quick, enough for intervals.
EVENTS = (
    "2020-10-10-moscow-truce",
    "2020-12-01-lachin-handover",
    "2021-01-11-moscow-transport",
    "2022-09-13-border-clashes",
    "2022-12-12-road-closed",
    "2023-04-23-hakari-checkpoint",
)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The Karabakh registry."""
    return read_actors(CORPUS / "actors.toml")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The embedded encoder in float32, the same on every machine."""
    return load_encoder(dtype="float32")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled data of others; the test skips where they are absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is absent: the labelled data sets are not ours to ship")
    return folder


def small_experiment(folder: Path, *, name: str = "small", more: str = "", figures: str = "[]") -> Path:
    """An experiment folder over the six events, beside its own copy of their articles."""
    corpus = folder / "corpus"
    (corpus / "articles").mkdir(parents=True)
    for event in EVENTS:
        for file in sorted((CORPUS / "articles").glob(f"{event}.*.txt")):
            shutil.copy(file, corpus / "articles")
    for file in ("sources.csv", "gold.csv", "notice.txt", "actors.toml"):
        shutil.copy(CORPUS / file, corpus)
    home = folder / name
    home.mkdir()
    (home / "config.toml").write_text(
        f"""
name = "{name}"
question = "Does the whole path run?"
[corpus]
path = "../corpus"
[actors]
path = "../corpus/actors.toml"
[encoder]
dtype = "float32"
[comparison]
resamples = 500
minimum_events = 4
{more}
[report]
figures = {figures}
""",
        encoding="utf-8",
    )
    return home


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> experiment.Run:
    """The small experiment after its first run."""
    return experiment.run(small_experiment(tmp_path_factory.mktemp("small")))
