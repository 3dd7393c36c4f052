"""Which refusals of the harness tests reach: every way to raise is found and noted, and the list is kept honest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from cardlab.errors import IntegrityError
from jpki.evidence.noting import Place, read_notes
from jpki.evidence.refusals import (
    Refusal,
    Unreached,
    UnreachedList,
    check,
    missed,
    noted,
    read_unreached,
    refusals,
)

ROOT = Path(__file__).resolve().parents[3]
SOURCE = '''
import os

import click


class OwnError(Exception):
    """Ours."""


class NarrowError(OwnError):
    def __init__(self, what):
        super().__init__(what)


def direct(what):
    raise OwnError(
        f"{what} is "
        f"wrong"
    )


def made(what):
    return NarrowError(what)


class Holder:
    def by_a_function(self, what):
        raise made(what) from None

    def not_ours(self):
        raise ValueError("no")

    def again(self, error):
        raise error

    def without_its_way(self, error):
        raise error.with_traceback(None) from None


def not_our_kind(what):
    raise click.BadParameter(what)


def last_words(what):
    try:
        direct(what)
    finally:
        os.abort()
'''


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A harness of one module, ``raising``, that can be imported."""
    (tmp_path / "raising.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("raising", None)


def test_what_counts_is_what_is_made_where_it_is_raised(harness: Path) -> None:
    first, second, third = refusals(harness)
    assert (first.function, first.code, first.last - first.first) == ("direct", "raise OwnError(", 3)
    assert (second.function, second.code) == ("Holder.by_a_function", "raise made(what) from None")
    assert third.function == "not_our_kind"


def reached(harness: Path, *calls: tuple[str, Any]) -> set[Place]:
    places: set[Place] = set()
    with noted(harness, places, harness):
        module: Any = import_module("raising")
        for name, argument in calls:
            function = getattr(module, name, None) or getattr(module.Holder(), name)
            with pytest.raises((module.OwnError, module.click.BadParameter)) as caught:
                function(argument)
            assert argument in str(caught.value)
    return places


@pytest.mark.parametrize("name", ["direct", "by_a_function", "not_our_kind"])
def test_what_is_raised_is_noted_wherever_it_is_made(harness: Path, name: str) -> None:
    assert functions(refusals(harness)) - functions(missed(refusals(harness), reached(harness, (name, "it")))) == {name}


def functions(of: tuple[Refusal, ...]) -> set[str]:
    return {one.function.split(".")[-1] for one in of}


PAST = "sys.meta_path.insert(0, PathFinder)"
"""As pytest imports plugins: before whoever else finds modules."""


@pytest.mark.parametrize(
    ("name", "by"), [("direct", "direct"), ("not_our_kind", "not_our_kind"), ("last_words", "direct")]
)
def test_programs_that_are_started_note_it_however_they_end(harness: Path, tmp_path: Path, name: str, by: str) -> None:
    notes, before = tmp_path / "notes", os.environ.get("PYTHONPATH")
    notes.mkdir()
    with noted(harness, set(), notes):
        code = f"import sys; from importlib.machinery import PathFinder; {PAST}; import raising; raising.{name}('it')"
        done = run([sys.executable, "-c", code], capture_output=True, cwd=harness)
    assert done.returncode and os.environ.get("PYTHONPATH") == before
    all_ = refusals(harness)
    assert functions(all_) - functions(missed(all_, read_notes(notes))) == {by}


def test_half_a_line_is_no_note(tmp_path: Path) -> None:
    (tmp_path / "1.notes").write_text("a.py:12\nb.py:7\nb.p", encoding="utf-8")
    assert read_notes(tmp_path) == {("a.py", 12), ("b.py", 7)}


def test_who_is_noted_already_is_noted_by_both(harness: Path, tmp_path: Path) -> None:
    """As in the processes of a run, which another one started."""
    notes = tmp_path / "outer"
    notes.mkdir()
    outer: set[Place] = set()
    with noted(harness, outer, notes):
        inner = reached(harness, ("direct", "it"), ("not_our_kind", "it"))
        assert functions(refusals(harness)) - functions(missed(refusals(harness), inner)) == {"direct", "not_our_kind"}
        import_module("raising").OwnError("later")
    assert outer == set()


def test_errors_are_as_they_were_afterwards(harness: Path) -> None:
    places = reached(harness, ("direct", "it"))
    before = set(places)
    module: Any = import_module("raising")
    assert "__new__" not in vars(module.OwnError)
    with pytest.raises(module.OwnError):
        module.direct("it")
    assert places == before


REFUSAL = Refusal("pkg/a.py", "f", "raise OwnError(", 10, 12)
LISTED = Unreached("pkg/a.py", "f", "raise OwnError(", "because")


@pytest.mark.parametrize(
    ("places", "listed", "problem"),
    [
        pytest.param([("pkg/a.py", 11)], [], None, id="reached"),
        pytest.param(
            [("pkg/a.py", 13), ("b.py", 11)], [], "never reached and not listed: pkg/a.py:10 f", id="another line"
        ),
        pytest.param([], [LISTED], None, id="listed"),
        pytest.param(
            [("pkg/a.py", 10)], [LISTED], "listed but reached, or no longer there: pkg/a.py f", id="reached after all"
        ),
        pytest.param([], [LISTED, LISTED], "listed but reached, or no longer there: pkg/a.py f", id="listed twice"),
        pytest.param([("pkg/a.py", 10)], [Unreached(*LISTED.key, "chance", True)], None, id="sometimes"),
    ],
)
def test_the_list_is_kept_honest(places: list[Place], listed: list[Unreached], problem: str | None) -> None:
    found = check([REFUSAL], places, UnreachedList(("pkg",), tuple(listed)))
    assert len(found) == (problem is not None)
    assert all(one.startswith(problem or "") for one in found)


def test_an_entry_for_what_is_gone_is_told_even_if_it_was_reached_sometimes() -> None:
    gone = Unreached("pkg/a.py", "f", "raise OtherError(", "chance", True)
    assert check([REFUSAL], [("pkg/a.py", 10)], UnreachedList(("pkg",), (gone,))) != ()


def test_packages_that_nobody_went_through_are_left_alone() -> None:
    assert check([REFUSAL], [], UnreachedList(("pk", "other"), ())) == ()


@pytest.mark.parametrize(
    "text", ["[[unreached]]\n", 'packages = []\n[[unreached]]\nfile="a"\nfunction="f"\ncode="c"\nreason=" "\n', "["]
)
def test_an_entry_needs_a_reason(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError):
        read_unreached(tmp_path / "list.toml")


def test_every_entry_is_a_refusal_that_is_there() -> None:
    """Whether it is reached, a complete run says."""
    there = {(one.file, one.function, one.code) for one in refusals(ROOT / "harness")}
    assert len(there) > 800
    listed = read_unreached(ROOT / "tests" / "unreached_refusals.toml")
    assert [one.key for one in listed.entries if one.key not in there or not listed.covers(one.file)] == []
    assert [one for one in listed.packages if not (ROOT / "harness" / one).is_dir()] == []
