"""``cardlab new``: what it makes runs at once, and nothing that is there is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.cli import run
from cardlab.errors import UsageError
from cardlab.project import NewProject
from tests.cardlab.pytest_plugin.project import Project

USAGE = UsageError.exit_code


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, str]:
    found = [one for one in folder.rglob("*") if one.is_file()]
    return {one.relative_to(folder).as_posix(): one.read_text(encoding="utf-8") for one in found}


def test_what_is_made_passes_its_own_tests(here: Path) -> None:
    assert run(["new", "my-purse", "--aid", "F00000000907"]) == 0
    made = files(here / "my-purse")
    assert set(made) == {
        "pyproject.toml",
        "src/com/example/mypurse/MyPurse.java",
        "tests/test_my_purse.py",
        "README.md",
        ".gitignore",
    }
    assert len(made["README.md"].splitlines()) <= 10
    for profile in ("default", "feitian-s01c"):  # the second gives commands byte by byte
        result = Project(here / "my-purse").run("-q", "--strict-markers", "-W", "error", "--card-profile", profile)
        assert result.code == 0, result.output
        assert "5 passed" in result.output
    # The tests look at the applet: one that forgets its transaction, or its bound, is noticed.
    source = here / "my-purse/src/com/example/mypurse/MyPurse.java"
    text = source.read_text(encoding="utf-8")
    for old, new, failing in (
        ("JCSystem.beginTransaction();", "", "test_a_power_cut_leaves_the_old_content_or_the_new"),
        ("length == 0) {", "length == -1) {", "test_a_new_card_holds_nothing"),
    ):
        assert old in text
        changed = text.replace(old, new)
        source.write_text(changed if new else changed.replace("JCSystem.commitTransaction();", ""), encoding="utf-8")
        output = Project(here / "my-purse").run("-q").output
        assert f"FAILED tests/test_my_purse.py::{failing}" in output, output


def test_json_and_an_aid_and_package_of_its_own(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert run(["new", "box", "--package", "org.acme.cards", "--aid", "A000000151AABB", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["class"] == "org.acme.cards.Box"
    assert facts["aid"] == "A000000151AABB"
    assert sorted(facts["files"]) == sorted(f"box/{one}" for one in files(here / "box"))


def test_without_aid_it_is_one_that_nobody_registers_and_the_same_each_time() -> None:
    first, again, other = (NewProject.named(name).aid for name in ("box", "box", "bag"))
    assert first == again != other
    assert first[0] == 0xF0
    assert len(first) == 6


def test_here(here: Path) -> None:
    (here / "notes.txt").write_text("mine", encoding="utf-8")
    assert run(["new", "box", "--here"]) == 0
    assert (here / "src/com/example/box/Box.java").is_file()
    assert (here / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_nothing_that_is_there_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "box"]) == 0
    before = files(here)
    assert run(["new", "box"]) == USAGE
    assert "box is there already; nothing was written" in capsys.readouterr().err
    assert files(here) == before
    (here / "README.md").write_text("mine", encoding="utf-8")
    before = files(here)
    assert run(["new", "box", "--here"]) == USAGE
    assert "README.md is there already; nothing was written" in capsys.readouterr().err
    assert files(here) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["../box"], "'../box' is no name for an applet"),
        (["1box"], "'1box' is no name for an applet"),
        ([""], "'' is no name for an applet"),
        (["applet"], "the applet's class would be called Applet"),
        (["box", "--package", "Com.Example"], "'Com.Example' cannot be an applet's package"),
        (["box", "--package", "com.new.box"], "'com.new.box' cannot be an applet's package"),
        (["box", "--package", "javacard.box"], "'javacard.box' cannot be an applet's package"),
        (["new"], "'com.example.new' cannot be an applet's package"),
        (["box", "--aid", "F000"], "2 bytes, there must be 5 to 16"),
        (["box", "--aid", "purse"], "'purse' is not hexadecimal"),
    ],
)
def test_what_cannot_be_is_refused(
    here: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", *arguments]) == USAGE
    assert said in capsys.readouterr().err
    assert files(here) == {}


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,12}", fullmatch=True))
def test_whatever_the_name_what_is_made_fits_together(name: str) -> None:
    try:
        project = NewProject.named(name)
    except UsageError:
        return
    made = project.files()
    source = made[f"src/{project.package.replace('.', '/')}/{project.class_name}.java"]
    assert f"package {project.package};" in source
    assert f"public class {project.class_name} extends Applet" in source
    assert f'javacard_class = "{project.package}.{project.class_name}"' in made["pyproject.toml"]
    assert not re.search(r"\$\{", "".join(made.values()))
