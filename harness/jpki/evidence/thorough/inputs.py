"""What a part of the tests depends on, found from its imports: when one of these files changes, its record is stale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

_FROM = re.compile(r"^ *from ([\w.]+) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)
_DOTTED = re.compile(r"\b(?:cardlab|jpki|tests)(?:\.\w+)+")
_OPTIONS = Path("tests", "conftest.py")
"""Of every test; what it imports beyond the tests' own limits is for options that a thorough run does not use."""


class Inputs:
    """The files of a checkout, and which of them a test needs.

    A module needs what it imports anywhere in its text, and modules that it names in a string, as lazy commands do.
    ``dynamic`` says for a module which folders it finds its like in when it runs. With a module come the files beside
    it that are no Python: Java sources, tables, vectors; but no records, which say what was found.
    """

    def __init__(self, root: Path, dynamic: Mapping[str, Sequence[str]]) -> None:
        self._root = root
        self.dynamic = dynamic
        self._needs: dict[Path, frozenset[Path]] = {}
        self._digests: dict[Path, bytes] = {}

    def digest(self, tests: Iterable[str]) -> str:
        """SHA-256 in hexadecimal over names and content of all that these tests (files or folders) need."""
        whole = sha256()
        for path in sorted(self.files(tests)):
            whole.update(f"{path.relative_to(self._root).as_posix()}\0".encode() + self._content(path))
        return whole.hexdigest()

    def files(self, tests: Iterable[str]) -> frozenset[Path]:
        """Everything that these tests (files or folders) need, themselves among it."""
        open_, found = [path for test in tests for path in self._tests(self._root / test)], set[Path]()
        while open_:
            path = open_.pop()
            if path not in found:
                found.add(path)
                open_ += self._of(path)
        return frozenset(found)

    def _tests(self, place: Path) -> Iterator[Path]:
        """A test file, or those in a folder, with the conftest.py files that pytest reads for them."""
        yield from [place] if place.is_file() else place.rglob("*.py")
        folders = [place, *place.parents]
        yield from (one / "conftest.py" for one in folders if (one / "conftest.py").is_file())

    def _of(self, path: Path) -> frozenset[Path]:
        if path not in self._needs:
            self._needs[path] = frozenset(self._needed_by(path)) if path.suffix == ".py" else frozenset()
        return self._needs[path]

    def _needed_by(self, path: Path) -> Iterator[Path]:
        if path == self._root / _OPTIONS:
            return
        for name in _named(path.read_text(encoding="utf-8")):
            if name in self._modules:
                yield self._modules[name]
                yield from self._packages(name)
        for folder in self.dynamic.get(self._name(path), ()):
            yield from (one for one in (self._root / folder).rglob("*") if one.is_file() and _counts(one))
        yield from _beside(path.parent)

    def _packages(self, name: str) -> Iterator[Path]:
        """The packages that a module is in: importing it runs them."""
        while "." in name:
            name = name.rpartition(".")[0]
            if name in self._modules:
                yield self._modules[name]

    def _name(self, path: Path) -> str:
        return self._names.get(path, "")

    @cached_property
    def _modules(self) -> Mapping[str, Path]:
        """Every module of the checkout by its dotted name."""
        found = {}
        for home, folders in (("harness", ("cardlab", "jpki")), (".", ("tests",))):
            for path in (one for folder in folders for one in (self._root / home / folder).rglob("*.py")):
                parts = path.relative_to(self._root / home).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    @cached_property
    def _names(self) -> Mapping[Path, str]:
        return {path: name for name, path in self._modules.items()}

    def _content(self, path: Path) -> bytes:
        if path not in self._digests:
            self._digests[path] = sha256(path.read_bytes()).digest()
        return self._digests[path]


def _named(text: str) -> Iterator[str]:
    """Names that may be modules: imported ones, members of imported ones, and any other dotted names of the text."""
    for module, several, one in _FROM.findall(text):
        yield module
        yield from (f"{module}.{name}" for name in re.findall(r"\w+", several or one))
    yield from _DOTTED.findall(text)


def _beside(folder: Path) -> Iterator[Path]:
    """Files in a module's folder that are no Python, and those in folders below that hold none."""
    for path in folder.iterdir():
        if path.is_dir():
            if not any(path.rglob("*.py")):
                yield from (one for one in path.rglob("*") if one.is_file() and _counts(one))
        elif path.suffix != ".py" and _counts(path):
            yield path


def _counts(path: Path) -> bool:
    return path.suffix not in (".pyc", ".md") and not path.name.endswith("record.json")
