"""Settings and markers of the wrong kind or value: one line that names them, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.pytest_plugin.settings import SETTINGS, Form
from tests.cardlab.pytest_plugin.project import SETTINGS as USUAL
from tests.cardlab.pytest_plugin.project import Project

USAGE_ERROR = 4  # pytest's exit code
TEST = "def test_it(card): pass\n"
WRONG = {Form.TEXT: "[1]", Form.NUMBER: "[1]", Form.WORDS: "[1]", Form.LINES: "[1]", Form.TRUTH: '"maybe"'}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("test_it.py", TEST)
    return made


def refused(project: Project, setting: str) -> str:
    """What pytest says instead of running anything: one line."""
    project.write("pyproject.toml", f"[tool.pytest.ini_options]\n{setting}\n")
    result = project.run("-q")
    assert result.code == USAGE_ERROR, result.output
    (line,) = filter(None, result.output.splitlines())
    return line


@pytest.mark.parametrize("form", Form, ids=lambda one: one.name)
def test_a_setting_of_the_wrong_kind_is_named_before_any_test_runs(project: Project, form: Form) -> None:
    setting = next(one for one in SETTINGS if one.form is form)
    said = refused(project, f"{setting.name} = {WRONG[form]}")
    assert said.startswith(f"ERROR: {setting.name}: ")
    assert said.endswith(f"(write {form.words})")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('javacard_budget = "many"', "javacard_budget = 'many' (write a number of bytecode instructions"),
        ("javacard_budget = 0", "javacard_budget = '0'"),
        ('javacard_profile = "nowhere"', "there is no card profile nowhere (known: "),
        ('javacard_card = ["commit=5"]', "'commit=5' sets nothing of a card"),
        ('javacard_card = ["medium=air"]', "there is no medium air"),
        ('javacard_api = "9.9"', "there are no token tables of Java Card 9.9"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(project: Project, setting: str, said: str) -> None:
    assert said in refused(project, setting)


MARKED = """
import pytest

@pytest.mark.javacard_applet(sources=5)
def test_sources(card): pass

@pytest.mark.javacard_applet(aid=17)
def test_aid(card): pass

@pytest.mark.javacard_applet(class_name=["a"])
def test_class(card): pass

@pytest.mark.javacard_applet(secrets=[1])
def test_secrets(card): pass

@pytest.mark.javacard_applet(packages=[1])
def test_packages(card): pass

@pytest.mark.javacard_applet(exports="nowhere")
def test_exports(card): pass

@pytest.mark.javacard_applet(cap=3)
def test_cap(card): pass

@pytest.mark.javacard_applet(api=7)
def test_api(card): pass

@pytest.mark.javacard_profile(5)
def test_profile(card): pass

@pytest.mark.javacard_profile(commit_capacity=[1])
def test_value(card): pass
"""
SAID = (
    "sources 5 is of the wrong kind",
    "aid 17 is of the wrong kind",
    "class_name ['a'] is of the wrong kind",
    "secrets 1 is of the wrong kind",
    "packages 1 is of the wrong kind",
    "there are no export files at ",
    "cap 3 is of the wrong kind",
    "there are no token tables of Java Card 7",
    "javacard_profile(5): a profile has a name",
    "'commit_capacity=[1]': '[1]' is no number",
)


def test_what_a_marker_says_wrongly_fails_its_test_in_words(project: Project) -> None:
    project.write("pyproject.toml", USUAL)
    project.write("test_it.py", MARKED)
    project.copy_purse()
    result = project.run("-q")
    assert f"{len(SAID)} errors" in result.output
    assert "Traceback" not in result.output
    assert ".py:" not in result.output.partition("short test summary")[0], result.output
    for said in SAID:
        assert said in result.output
