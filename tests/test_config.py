"""Promises of the config: defaults are filled in, and a mistake is named with what was meant."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from framing.errors import ConfigError
from framing.experiment import Config, parse_config, read_config


def config(folder: Path, content: str) -> Path:
    """A config file in an experiment folder named "trial"."""
    file = folder / "trial" / "config.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_empty_config_takes_its_name_from_the_folder_and_all_defaults(tmp_path: Path) -> None:
    assert read_config(config(tmp_path, "")) == Config("trial")


def test_values_are_read_into_their_sections(tmp_path: Path) -> None:
    found = read_config(
        config(
            tmp_path,
            'name = "Yol"\nquestion = "Ո՞վ փակեց ճանապարհը։ Кто закрыл дорогу?"\n'
            '[corpus]\nlanguages = ["hy", "az"]\n[comparison]\nby = "outlet"\nlevel = 0.9\n'
            "[alignment]\nwindow_days = 2\n[actors]\nroll_up = false\n",
        )
    )
    assert (found.name, found.question) == ("Yol", "Ո՞վ փակեց ճանապարհը։ Кто закрыл дорогу?")
    assert found.corpus.languages == ("hy", "az")
    assert (found.comparison.by, found.comparison.level, found.actors.roll_up) == ("outlet", 0.9, False)
    assert found.alignment.window_days == 2.0
    assert isinstance(found.alignment.window_days, float)


def test_config_survives_the_record_of_a_run() -> None:
    made = parse_config({"name": "a", "comparison": {"level": 0.9}, "corpus": {"languages": ["ru"]}})
    assert parse_config(json.loads(json.dumps(dataclasses.asdict(made)))) == made


def test_missing_config_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: no such config; an experiment folder holds a config\.toml"):
        read_config(tmp_path / "config.toml")


@pytest.mark.parametrize("content", [b"name = ", b"name = 'a'\nname = 'b'", "name = 'Имя'".encode("cp1251")])
def test_what_is_not_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.toml: not TOML: "):
        read_config(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "[comparison]\nminimum_event = 3",
            r"unknown key 'comparison\.minimum_event'; did you mean 'minimum_events'\?",
        ),
        ("[compairson]\nby = 'side'", r"unknown key 'compairson'; did you mean 'comparison'\?"),
        ("[corpus]\nlanguage = ['az']", r"unknown key 'corpus\.language'; did you mean 'languages'\?"),
        ("[report]\nxyzzy = 1", r"unknown key 'report\.xyzzy'; known are: actors, figures"),
    ],
)
def test_misspelt_key_is_named_with_the_nearest(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^config\.toml: " + message):
        read_config(config(tmp_path, content))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"name": 5}, r"'name' is 5, expected str"),
        ({"corpus": "karabakh"}, r"'corpus' is 'karabakh', expected a section \[corpus\]"),
        ({"corpus": {"path": ["a"]}}, r"'corpus\.path' is \['a'\], expected str"),
        ({"corpus": {"languages": "az"}}, r"'corpus\.languages' is 'az', expected a list of strings"),
        ({"corpus": {"languages": ["az", 1]}}, r"'corpus\.languages' is .*, expected a list of strings"),
        ({"comparison": {"resamples": "many"}}, r"'comparison\.resamples' is 'many', expected int"),
        ({"comparison": {"resamples": 4000.0}}, r"'comparison\.resamples' is 4000\.0, expected int"),
        ({"comparison": {"seed": True}}, r"'comparison\.seed' is True, expected int"),
        ({"comparison": {"level": True}}, r"'comparison\.level' is True, expected float"),
        ({"actors": {"roll_up": 1}}, r"'actors\.roll_up' is 1, expected bool"),
    ],
)
def test_value_of_the_wrong_type_is_named(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match="^trial: " + message):
        parse_config({"name": "a", **raw}, place="trial")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"encoder": {"dtype": "int8"}}, r"'encoder\.dtype' is 'int8', expected one of auto, bfloat16, float32"),
        ({"comparison": {"by": "country"}}, r"'comparison\.by' is 'country', expected one of side, outlet, language"),
        ({"alignment": {"method": 3}}, r"'alignment\.method' is 3, expected one of encoder, given"),
        ({"comparison": {"level": 95}}, r"comparison\.level is 95.*, expected from 0\.5 to 0\.9999"),
        ({"comparison": {"level": 1.0}}, r"comparison\.level is 1\.0, expected from 0\.5 to"),
        ({"comparison": {"resamples": 10}}, r"comparison\.resamples is 10, expected from 100 to"),
        ({"comparison": {"minimum_events": 1}}, r"comparison\.minimum_events is 1, expected from 2 to"),
        ({"comparison": {"seed": -1}}, r"comparison\.seed is -1, expected from 0 to"),
        ({"alignment": {"threshold": 7}}, r"alignment\.threshold is 7\.0, expected from 0 to 1"),
        ({"alignment": {"window_days": float("nan")}}, r"alignment\.window_days is nan, expected from 0 to"),
        ({"corpus": {"languages": []}}, r"corpus\.languages is empty; known are az, hy, ru, en"),
        ({"corpus": {"languages": ["az", "ka"]}}, r"corpus\.languages has 'ka'; known are az, hy, ru, en"),
    ],
)
def test_unknown_value_is_named_with_the_known(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match="^config: " + message):
        parse_config({"name": "a", **raw})


def test_a_config_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="no 'name'"):
        parse_config({})


def test_known_groups_are_sections_with_known_keys() -> None:
    config = parse_config({"name": "a", "known_groups": [{"source": "x", "higher": "y", "lower": "z"}]})
    assert config.known_groups[0].dimension == "blame"
    with pytest.raises(ConfigError, match=r"unknown key 'known_groups\.highest'; did you mean 'higher'"):
        parse_config({"name": "a", "known_groups": [{"highest": "y"}]})
    with pytest.raises(ConfigError, match=r"expected sections \[\[known_groups\]\]"):
        parse_config({"name": "a", "known_groups": ["x"]})
