"""Mutants: sources of an applet, changed on purpose. A test suite that does not notice them proves little (F4)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.errors import BuildError, IntegrityError
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain.compile import compiler_options, write_classes
from cardlab.toolchain.workbench import CompileOrder

_FIELDS = {"name", "requirement", "edits", "test", "machine", "quick", "undetectable", "runtime"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the source file with this name; ``find`` must stand there exactly once."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of the sources with a name, and the requirement it breaks.

    ``runtime`` executes it where another one than usual is needed to notice it: platforms differ in what they let pass.
    ``test`` (``test_pins.py::test_changing``, with one of its parameters in brackets where it has many) notices it;
    ``machine``: so does a search at random, ``quick``: in every run. ``undetectable``: the reason why no test can
    notice it; ``test`` is then what comes nearest, or a whole file.
    """

    name: str
    requirement: str
    edits: tuple[Edit, ...]
    test: str = ""
    machine: bool = False
    quick: bool = False
    undetectable: str = ""
    runtime: str = ""


def read_mutants(folder: Path) -> tuple[Mutant, ...]:
    """The mutants of the TOML files in a folder, in the order of the files' names.

    Raises IntegrityError when an entry is incomplete, changes nothing, or has the name of another one.
    """
    mutants = tuple(mutant for path in sorted(folder.glob("*.toml")) for mutant in _read(path))
    names = [mutant.name for mutant in mutants]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise IntegrityError(f"{folder}: mutants with one name: {', '.join(twice)}", hint="rename one of each")
    return mutants


def _read(path: Path) -> tuple[Mutant, ...]:
    try:
        return tuple(_mutant(one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"])
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"{path} cannot be read as a list of mutants: {error}") from error


def _mutant(entry: dict[str, Any]) -> Mutant:
    if unknown := set(entry) - _FIELDS:
        raise ValueError(f"{entry.get('name')!r} has the unknown fields {', '.join(sorted(unknown))}")
    edits = tuple(Edit(**edit) for edit in entry["edits"])
    if not edits or any(edit.find == edit.replace or not edit.find for edit in edits):
        raise ValueError(f"{entry['name']!r} has an edit that changes nothing, or none")
    if not entry.get("test"):
        raise ValueError(f"{entry['name']!r} names no test")
    if entry.get("machine") and entry.get("undetectable"):
        raise ValueError(f"{entry['name']!r} cannot be undetectable and found by the state machine")
    return Mutant(**{**entry, "edits": edits})


def require_fitting(mutants: Sequence[Mutant], sources: Path) -> None:
    """Raise BuildError when an edit of any of them does not fit the sources any more."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources.rglob("*.java")}
    for mutant in mutants:
        apply(mutant, texts)


def apply(mutant: Mutant, texts: dict[str, str]) -> dict[str, str]:
    """The sources (file name to text) as changed; raises BuildError when an edit does not fit exactly one place."""
    changed = dict(texts)
    for edit in mutant.edits:
        # Looked for in the text as it was: an edit must not depend on what another one wrote.
        if texts.get(edit.file, "").count(edit.find) != 1 or changed[edit.file].count(edit.find) != 1:
            raise BuildError(
                f"mutant {mutant.name!r}: its edit of {edit.file} does not fit exactly one place",
                hint="the applet has changed; bring the edit's `find` up to date",
            )
        changed[edit.file] = changed[edit.file].replace(edit.find, edit.replace)
    return changed


def changed_texts(mutant: Mutant, sources: Path) -> dict[str, str]:
    """Of the files that it changes, by path; raises BuildError when an edit does not fit exactly one place."""
    paths = {path.name: str(path.absolute()) for path in sources.rglob("*.java")}
    texts = {name: Path(path).read_text(encoding="utf-8") for name, path in paths.items()}
    return {paths[name]: text for name, text in apply(mutant, texts).items() if text != texts[name]}


def build_mutant(mutant: Mutant, sources: Path, folder: Path) -> Path:
    """Compile the sources as changed; returns the folder of class files, below ``folder``.

    Raises BuildError when an edit does not fit the sources any more, or what it made does not compile.
    """
    from cardlab.campaign.mutate.workshop import Workshop

    files = tuple(sorted(path.absolute() for path in sources.rglob("*.java")))
    texts = {str(path): path.read_text(encoding="utf-8") for path in files}
    order = CompileOrder(files, api_classpath(), compiler_options())
    made = Workshop().compile(order, {**texts, **changed_texts(mutant, sources)})
    return write_classes(made, folder / "classes")
