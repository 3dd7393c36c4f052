"""The applet under test and its card, as campaigns take them from a project's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.errors import UsageError
from cardlab.pytest_plugin.of_project import ProjectSettings, own_settings

FILE = """\
[tool.pytest.ini_options]
javacard_sources = ["src", "more"]
javacard_class = "com.example.Purse"
javacard_aid = "F00000000101"
javacard_parameters = "0102"
javacard_api = "3.0.5"
"""


def project(folder: Path, text: str) -> ProjectSettings:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    inner = folder / "tests"
    inner.mkdir(exist_ok=True)
    return ProjectSettings.near(inner)


def test_the_applet_and_a_card_of_its_version(tmp_path: Path) -> None:
    made = project(tmp_path, FILE)
    applet, config = made.applet(), made.config()
    assert applet.sources == (tmp_path / "src", tmp_path / "more")
    assert (applet.class_name, applet.aid.hex(), applet.parameters) == ("com.example.Purse", "f00000000101", b"\1\2")
    assert config is not None
    assert (applet.api, config.java_card) == ("3.0.5", "3.0.5")


def test_values_of_the_card_and_its_profile(tmp_path: Path) -> None:
    config = project(tmp_path, FILE + 'javacard_card = ["commit_capacity=512", "protocol=T0"]\n').config()
    assert config is not None
    assert (config.platform.commit_capacity, config.platform.protocol.name) == (512, "T0")
    assert project(tmp_path, FILE.replace("3.0.5", "3.0.4").replace('javacard_api = "3.0.4"\n', "")).config() is None


def test_words_may_stand_in_one_text(tmp_path: Path) -> None:
    assert project(tmp_path, FILE.replace('["src", "more"]', '"src more"')).applet().sources[1] == tmp_path / "more"


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="javacard_class: 7"):
        project(tmp_path, FILE.replace('"com.example.Purse"', "7")).applet()
    with pytest.raises(UsageError, match="cannot be read"):
        project(tmp_path, "[tool")
    (tmp_path / "pyproject.toml").unlink()
    with pytest.raises(UsageError, match="no applet is named"):
        ProjectSettings(tmp_path, {}).applet()


def test_what_settings_say_is_one_text(tmp_path: Path) -> None:
    project(tmp_path, FILE)
    before = own_settings(tmp_path)
    project(tmp_path, FILE.replace("0102", "0103"))
    assert own_settings(tmp_path) != before
