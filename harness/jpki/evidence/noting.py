"""Notes where errors of some classes are made: in this process, and in every Python that is started from it.

It imports nothing of the project, as it is also run on its own: by the ``sitecustomize.py`` that `tell_others` makes.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

Place = tuple[str, int]
"""A file below a folder and a line."""

_DEEPEST = 8
"""Frames above an error's making that are looked at: a function may make what another one raises."""
_SITE = """\
import importlib.util, json
spec = importlib.util.spec_from_file_location("noting", {here!r})
noting = importlib.util.module_from_spec(spec)
spec.loader.exec_module(noting)
noting.note_elsewhere(**json.loads({told!r}))
"""

_Add = Callable[[Place], object]


@contextmanager
def noted_classes(roots: Sequence[type[BaseException]], folder: str, add: _Add) -> Iterator[None]:
    """Tell ``add`` where errors of these classes (with no ``__new__``) are made below a folder, and from where."""
    before = {root: vars(root).get("__new__") for root in roots}
    for root in roots:
        _note(root, folder, add)
    try:
        yield
    finally:
        for root, made in before.items():
            if made is None:
                del root.__new__
            else:
                root.__new__ = made  # type: ignore[method-assign]


def is_noted(root: type[BaseException]) -> bool:
    """Whether somebody notes them already, as in a process that was started by one that does."""
    return getattr(vars(root).get("__new__"), "__qualname__", "") == f"{_note.__qualname__}.<locals>.note"


def _note(root: type[BaseException], folder: str, add: _Add) -> None:
    def note(kind: type[BaseException], *given: object, **named: object) -> BaseException:
        for place in _places(sys._getframe(1), folder):
            add(place)
        return BaseException.__new__(kind, *given, **named)

    root.__new__ = note  # type: ignore[method-assign,assignment]


def _places(frame: FrameType | None, folder: str) -> Iterator[Place]:
    for _ in range(_DEEPEST):
        if frame is None:
            return
        file = frame.f_code.co_filename
        if file.startswith(folder):
            yield file[len(folder) + 1 :].replace("\\", "/"), frame.f_lineno
        frame = frame.f_back


@contextmanager
def told_others(roots: Sequence[type[BaseException]], folder: str, notes: Path) -> Iterator[None]:
    """Every Python that is started meanwhile, and may read ``PYTHONPATH``, writes its places into a folder of notes."""
    names: dict[str, list[str]] = {}
    for root in roots:
        names.setdefault(root.__module__, []).append(root.__qualname__)
    before = os.environ.get("PYTHONPATH")
    with tempfile.TemporaryDirectory() as site:
        told = json.dumps({"names": names, "folder": folder, "notes": str(notes)})
        text = _SITE.format(here=str(Path(__file__).resolve()), told=told)
        Path(site, "sitecustomize.py").write_text(text, encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join([site, *([before] if before else [])])
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("PYTHONPATH", None)
            else:
                os.environ["PYTHONPATH"] = before


def read_notes(notes: Path) -> set[Place]:
    """What all of them wrote; a process that was killed may have written half a line."""
    found: set[Place] = set()
    for path in notes.glob("*.notes"):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                file, number = line.rsplit(":", 1)
                found.add((file, int(number)))
    return found


def note_elsewhere(names: Mapping[str, Sequence[str]], folder: str, notes: str) -> None:
    """From now on, in this process: classes are found when they are made, places written at once.

    Not when their modules are found: pytest imports plugins, ours among them, past whoever else finds modules.
    """
    wanted = {(module, name) for module, found in names.items() for name in found}
    writing = _Notes(Path(notes))
    build = builtins.__build_class__

    def noting(body: Callable[..., object], name: str, *bases: object, **more: object) -> object:
        made = build(body, name, *bases, **more)
        if (getattr(made, "__module__", None), getattr(made, "__qualname__", None)) in wanted:
            _note(made, folder, writing.add)
        return made

    builtins.__build_class__ = noting  # type: ignore[assignment]


class _Notes:
    """A file of places, each written once, before the error is raised: the process may end in any way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[Place] = set()

    def add(self, place: Place) -> None:
        if place not in self._known:
            self._known.add(place)
            with suppress(OSError), (self._folder / f"{os.getpid()}.notes").open("a", encoding="utf-8") as file:
                file.write(f"{place[0]}:{place[1]}\n")
