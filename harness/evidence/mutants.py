"""Deliberate faults in an applet's sources: a test suite that does not notice them proves little (F4)."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BuildError
from harness.toolchain.applet import api_classpath
from harness.toolchain.compile import compile_java


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the source file with this name; ``find`` must stand there exactly once."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault with a name, the requirement it breaks, and whether it is hunted in every run."""

    name: str
    requirement: str
    edits: tuple[Edit, ...]
    quick: bool = False


def read_mutants(path: Path) -> tuple[Mutant, ...]:
    """The faults of a TOML file: tables ``mutant`` with name, requirement, quick and edits."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Mutant(one["name"], one["requirement"], tuple(Edit(**edit) for edit in one["edits"]), one.get("quick", False))
        for one in content["mutant"]
    )


def build_mutant(mutant: Mutant, sources: Path, folder: Path) -> Path:
    """Copy the sources into ``folder``, make the fault and compile; returns the folder of class files.

    Raises BuildError when an edit does not fit the sources any more, or the fault does not compile.
    """
    copy = folder / "src"
    shutil.copytree(sources, copy)
    for edit in mutant.edits:
        _apply(mutant, edit, copy)
    return compile_java(copy, folder / "classes", classpath=api_classpath(), warnings_are_errors=False)


def _apply(mutant: Mutant, edit: Edit, sources: Path) -> None:
    for path in sources.rglob(edit.file):
        text = path.read_text(encoding="utf-8")
        if text.count(edit.find) == 1:
            path.write_text(text.replace(edit.find, edit.replace), encoding="utf-8")
            return
    raise BuildError(
        f"mutant {mutant.name!r}: its edit of {edit.file} does not fit exactly one place",
        hint="the applet has changed; bring the edit's `find` up to date",
    )
