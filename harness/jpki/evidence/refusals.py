"""Which ``raise`` of the harness's own errors a run of the tests reaches, and what is knowingly not reached.

Found where errors are made, not by tracing: the errors' classes note who makes them, in programs that tests start, too.
That costs nothing while nothing is refused, so every complete run counts it.
"""

from __future__ import annotations

import ast
import builtins
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from cardlab.errors import IntegrityError
from jpki.evidence.noting import Place, is_noted, noted_classes, told_others


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ``raise`` in the sources: lines from ``first`` to ``last`` of a file, and the function that it is in."""

    file: str
    function: str
    code: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first} {self.function}: {self.code}"


@dataclass(frozen=True, slots=True)
class Unreached:
    """One that no test reaches, and why; ``sometimes``: chance or the machine decides whether one does."""

    file: str
    function: str
    code: str
    reason: str
    sometimes: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is found again by."""
        return self.file, self.function, self.code


def refusals(harness: Path) -> tuple[Refusal, ...]:
    """Every ``raise`` below a folder of what is made there: of own errors, or of what a function returns."""
    return tuple(one for path in sorted(harness.rglob("*.py")) for one in _in_file(path, harness))


def _in_file(path: Path, harness: Path) -> Iterator[Refusal]:
    text = path.read_text(encoding="utf-8")
    lines, file = text.splitlines(), path.relative_to(harness).as_posix()
    for node, function in _raises(ast.parse(text), ""):
        if isinstance(node.exc, ast.Call) and not _makes_none(_called(node.exc)):
            last = node.end_lineno or node.lineno
            yield Refusal(file, function, lines[node.lineno - 1].strip(), node.lineno, last)


def _raises(tree: ast.AST, function: str) -> Iterator[tuple[ast.Raise, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise):
            yield node, function
        inner = function
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        yield from _raises(node, inner)


def _makes_none(called: str) -> bool:
    """Python's own errors are not counted; methods of errors, as ``with_traceback``, give back one that was made."""
    return hasattr(builtins, called) or hasattr(BaseException, called)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@contextmanager
def noted(harness: Path, places: set[Place], notes: Path) -> Iterator[None]:
    """Add to ``places`` where errors of the harness are made, and from where.

    Every Python that is started meanwhile writes the same into the folder ``notes`` (`read_notes`).
    """
    roots, folder = error_roots(harness), str(harness)
    with told_others(roots, folder, notes), noted_classes(roots, folder, places.add):
        yield


def error_roots(harness: Path) -> tuple[type[BaseException], ...]:
    """The classes below which all errors are that a folder's sources make and raise.

    Its own that descend from Python's, and those of other packages.
    """
    found = {}
    for path in sorted(harness.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "Error)" in text or "Exception)" in text or "raise " in text:
            tree = ast.parse(text)
            found.update(dict.fromkeys((*_own_roots(tree, path, harness), *_foreign(tree, harness))))
    return tuple(found)


def _own_roots(tree: ast.Module, path: Path, harness: Path) -> Iterator[type[BaseException]]:
    name = ".".join(path.relative_to(harness).with_suffix("").parts).removesuffix(".__init__")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_is_error(base) for base in node.bases):
            yield getattr(import_module(name), node.name)


def _foreign(tree: ast.Module, harness: Path) -> Iterator[type[BaseException]]:
    """Errors of other packages that are made where they are raised; of functions nothing is known."""
    imported = _imported(tree)
    for node, _ in _raises(tree, ""):
        called = ast.unparse(node.exc.func) if isinstance(node.exc, ast.Call) else ""
        whose, _, member = called.rpartition(".")
        module, name = imported.get(whose, ""), member
        if not whose:
            module, _, name = imported.get(called, "").rpartition(".")
        if module and not (harness / module.split(".")[0]).exists():
            kind = getattr(import_module(module), name, None)
            if isinstance(kind, type) and issubclass(kind, BaseException) and _makes_as_python_does(kind):
                yield kind


def _makes_as_python_does(kind: type[BaseException]) -> bool:
    return "__new__" not in vars(kind) or is_noted(kind)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Names of a module that imports made, and what they stand for."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
        elif isinstance(node, ast.Import):
            found.update({one.name: one.name for one in node.names if not one.asname})
    return found


def _is_error(base: ast.expr) -> bool:
    """Whether it names an error of Python's that has no ``__new__`` of its own."""
    found = getattr(builtins, ast.unparse(base), None)
    return isinstance(found, type) and issubclass(found, BaseException) and not issubclass(found, OSError)


@dataclass(frozen=True, slots=True)
class UnreachedList:
    """What is not reached in the packages that were gone through; of others nothing is said."""

    packages: tuple[str, ...]
    entries: tuple[Unreached, ...]

    def covers(self, file: str) -> bool:
        """Whether a file is in one of the packages."""
        return file.startswith(tuple(f"{one}/" for one in self.packages))


def read_unreached(path: Path) -> UnreachedList:
    """The list; IntegrityError for one that says too little."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found = tuple(Unreached(**one) for one in content["unreached"])
        packages = tuple(content["packages"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "each entry has file, function, code and reason"
        raise IntegrityError(f"{path} is no list of what is not reached: {error}", hint=hint) from error
    for one in found:
        if not one.reason.strip():
            raise IntegrityError(f"{path}: {one.key} has no reason", hint="say why no test reaches it")
    return UnreachedList(packages, found)


def missed(all_: Iterable[Refusal], places: Iterable[Place]) -> tuple[Refusal, ...]:
    """What was not reached."""
    lines: dict[str, set[int]] = {}
    for file, line in places:
        lines.setdefault(file, set()).add(line)
    return tuple(one for one in all_ if not lines.get(one.file, set()) & {*range(one.first, one.last + 1)})


def check(all_: Sequence[Refusal], places: Iterable[Place], listed: UnreachedList) -> tuple[str, ...]:
    """What the list does not account for, and what it should not hold, in words."""
    wanted = Counter(one.key for one in listed.entries)
    found = missed(all_, places)
    problems = []
    for one in (one for one in found if listed.covers(one.file)):
        key = (one.file, one.function, one.code)
        if wanted[key] > 0:
            wanted[key] -= 1
        else:
            problems.append(f"never reached and not listed: {one}")
    there = {(one.file, one.function, one.code) for one in all_}
    for entry in listed.entries:
        if entry.key not in there or (wanted[entry.key] > 0 and not entry.sometimes):
            wanted[entry.key] -= 1
            problems.append(f"listed but reached, or no longer there: {entry.file} {entry.function}: {entry.code}")
    return tuple(problems)
