"""Notes where errors of some classes are made: in this process, and in every Python that is started from it.

It imports nothing of the project, as it is also run on its own: by the ``sitecustomize.py`` that `tell_others` makes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType

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
    """Tell ``add`` where errors of these classes (that have no ``__new__``) are made below a folder, and from where."""
    for root in roots:
        _note(root, folder, add)
    try:
        yield
    finally:
        for root in roots:
            del root.__new__


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
    """From now on, in this process: classes are found when their modules are imported, places written at once."""
    sys.meta_path.insert(0, _Finder(names, folder, _Notes(Path(notes))))


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


class _Finder(MetaPathFinder):
    """Finds what the others find, and notes the classes of the modules that it was told of."""

    def __init__(self, names: Mapping[str, Sequence[str]], folder: str, notes: _Notes) -> None:
        self._names = names
        self._folder = folder
        self._notes = notes

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self._names:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._noted)
                return spec
        return None

    def _noted(self, module: ModuleType) -> None:
        for name in self._names[module.__name__]:
            _note(getattr(module, name), self._folder, self._notes.add)


class _Loader(Loader):
    """A module's loader, and what is to be done with the module when it is there."""

    def __init__(self, loader: Loader, then: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._then = then

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._then(module)
