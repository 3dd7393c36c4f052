"""Fingerprints of sources: what changes them and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.fingerprints import combined, java_essence, of_files, of_test, python_essence
from cardlab.errors import IntegrityError

TEST = '''
"""About tests."""
import os
from a.b import (
    one,
    two,
)

@decorated(1)
def test_this():
    """What it shows."""
    from far import away

    assert one == "# no comment"


def test_that(): assert two
'''


def test_files_may_move_and_be_renamed(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after" / "deep"
    for folder, names in ((before, ("b.py", "a.py")), (after, ("x.py", "y.py"))):
        folder.mkdir(parents=True)
        for name, text in zip(names, ("one = 1\n", "two = 2\n"), strict=True):
            (folder / name).write_text(text, encoding="utf-8")
    assert of_files(before.iterdir()) == of_files(sorted(after.iterdir(), reverse=True))


def test_other_contents_are_another_fingerprint(tmp_path: Path) -> None:
    found = set()
    for number in range(3):
        file = tmp_path / f"{number}" / "a.py"
        file.parent.mkdir()
        file.write_text(f"value = {number}\n", encoding="utf-8")
        found.add(of_files([file]))
    assert len(found) == 3


def test_parts_are_told_apart() -> None:
    assert combined(["ab", "c"]) != combined(["a", "bc"])
    assert combined(["a", "b"]) != combined(["b", "a"])


def test_python_without_what_decides_nothing() -> None:
    assert python_essence(TEST) == (
        '@decorated(1)\ndef test_this():\n    assert one == "# no comment"\ndef test_that(): assert two'
    )


def test_java_without_what_decides_nothing() -> None:
    source = (
        "package a.b;\n\nimport c.*;\n"
        "/** What it is. */\n"
        "class A { // why\n"
        '    String s = "// \\" /*";\n'
        "    char c = '\"'; /* a\n quote */\n"
        "}\n"
    )
    assert java_essence(source) == 'class A {\n    String s = "// \\" /*";\n    char c = \'"\';\n}'


def edited(tmp_path: Path, old: str, new: str) -> bool:
    """Whether a change of the file is one of its first test, to the fingerprint."""
    files = (tmp_path / "test_a.py", tmp_path / "test_b.py")
    for file, text in zip(files, (TEST, TEST.replace(old, new)), strict=True):
        file.write_text(text, encoding="utf-8")
    return of_test(files[0], "test_this") != of_test(files[1], "test_this")


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("from a.b import", "from c.d import", False),
        ("assert two", "assert not two", False),
        ("What it shows", "What this shows", False),
        ("@decorated(1)", "@decorated(2)", True),
        ("assert one ==", "assert one !=", True),
    ],
)
def test_a_test_is_its_function_and_its_decorators(tmp_path: Path, old: str, new: str, differs: bool) -> None:
    assert edited(tmp_path, old, new) == differs


def test_a_whole_file_is_all_of_it(tmp_path: Path) -> None:
    file, other = tmp_path / "test_a.py", tmp_path / "test_b.py"
    file.write_text(TEST, encoding="utf-8")
    other.write_text(TEST.replace("assert two", "assert not two"), encoding="utf-8")
    assert of_test(file, "") != of_test(other, "")


def test_a_test_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "test_a.py"
    with pytest.raises(IntegrityError, match=r"no file .*test_a\.py"):
        of_test(file, "test_this")
    file.write_text(TEST, encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"test_a\.py has no function test_other"):
        of_test(file, "test_other")
