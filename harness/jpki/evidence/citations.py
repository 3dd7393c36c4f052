"""Where sources cite requirements by number (F4).

A citation stands in a comment or docstring: at its very beginning, before one of ``:;,.`` or the end (``B4: initial and
unusable``), or in brackets, alone between commas, colons and semicolons (``(C4-C6; RFC 5652, 5.3)``). It is a number, a
range of one letter (``C4-C6``, ``E1 to E5``), or several with commas or *and*. Nothing else is one: not *the tag C9*,
not hex, not what strings hold or backticks quote. What has the form of a citation must exist.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import HarnessError, UsageError

_NUMBER = r"[A-F]\d{1,2}"
_ITEM = rf"{_NUMBER}(?:(?:-|–| to ){_NUMBER})?"
_LIST = rf"{_ITEM}(?:(?:, and |, ?| and ){_ITEM})*"
_FIRST = re.compile(rf"({_LIST})(?=[:;,.]|$)")
_QUOTED = re.compile(r"`+[^`]*`+")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_REQUIREMENT = re.compile(rf"^\| ({_NUMBER}) \| (.*) \|$", re.MULTILINE)
_JAVA_COMMENT = re.compile(r"/\*.*?\*/|(?://[^\n]*(?:\n\s*)?)+", re.DOTALL)
_IN_COMMENT = re.compile(rf"#[^\n]*{_NUMBER}")
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Citation:
    """A comment or docstring that cites; ``symbol`` is what it belongs to, empty for a file as a whole."""

    file: str
    line: int
    symbol: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitingTest:
    """A test function, and the requirements that it says it shows.

    ``named`` when its own docstring and comments say so, else they are those of its class or file.
    """

    file: str
    name: str
    numbers: tuple[str, ...]
    named: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """A comment or docstring: where it begins, and to which definition it belongs."""

    line: int
    symbol: str
    text: str


def requirements(page: str) -> dict[str, str]:
    """The requirements by number, from the tables of docs/reference/requirements.md."""
    return dict(_REQUIREMENT.findall(page))


def numbers(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The requirements that a comment cites, sorted; raises UsageError for numbers and ranges that do not exist."""
    words = _QUOTED.sub("`", " ".join(text.split()))
    first = _FIRST.match(words)
    pieces = [first[1]] if first else []
    for inside in _BRACKETS.findall(words):
        pieces += [piece.strip() for piece in re.split("[,;:]", inside)]
    cited = [piece for piece in pieces if re.fullmatch(_LIST, piece)]
    return expand(", ".join(cited), known) if cited else ()


def expand(cited: str, known: Iterable[str]) -> tuple[str, ...]:
    """``C4-C6, D5`` one by one, sorted; raises UsageError for what does not exist."""
    hint = "docs/reference/requirements.md has them all"
    if not re.fullmatch(_LIST, cited):
        raise UsageError(f"{cited!r} is no requirement", hint=hint)
    exist = tuple(known)
    found: set[str] = set()
    for start, end in re.findall(rf"({_NUMBER})(?:(?:-|–| to )({_NUMBER}))?", cited):
        every = [f"{start[0]}{one}" for one in range(int(start[1:]), int(end[1:]) + 1)] if end else [start]
        unknown = [one for one in every if one not in exist]
        if unknown or not every or (end and end[0] != start[0]):
            raise UsageError(
                f"there is no requirement {unknown[0] if every and unknown else f'{start}-{end}'}", hint=hint
            )
        found.update(every)
    return tuple(sorted(found))


def collect_code(root: Path, folder: str, known: Mapping[str, str]) -> list[Citation]:
    """Every comment and docstring below a folder that cites; raises HarnessError where one cites what is not there."""
    found = []
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in (".py", ".java"):
            file = path.relative_to(root).as_posix()
            source = path.read_text(encoding="utf-8")
            texts = _java(path.stem, source) if path.suffix == ".java" else _python(source, ast.parse(source))
            cited = [(one, _numbers(file, one, known)) for one in texts]
            found += [Citation(file, one.line, one.symbol, which) for one, which in cited if which]
    return found


def collect_tests(root: Path, known: Mapping[str, str]) -> list[CitingTest]:
    """Every test function of tests/**/test_*.py in its order; raises HarnessError like ``collect_code``."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        file, source = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        cited: dict[str, set[str]] = {}
        for one in _python(source, tree):
            cited.setdefault(one.symbol, set()).update(_numbers(file, one, known))
        for name in _test_names(tree):
            nearest = next((place for place in (name, name.rpartition(".")[0], "") if cited.get(place)), "")
            found.append(CitingTest(file, name, tuple(sorted(cited.get(nearest, ()))), named=nearest == name))
    return found


def _numbers(file: str, one: _Text, known: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return numbers(one.text, known)
    except UsageError as error:
        raise HarnessError(f"{file}, line {one.line}: {error}", hint=error.hint) from error


def _test_names(tree: ast.Module) -> Iterator[str]:
    """Functions, methods of classes, and state machines (``TestMachine = Machine.TestCase``)."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                yield name
            case ast.ClassDef(name=name, body=body) if name.startswith("Test"):
                methods = [one.name for one in body if isinstance(one, ast.FunctionDef)]
                yield from (f"{name}.{one}" for one in methods if one.startswith("test_"))
            case ast.Assign(targets=[ast.Name(id=name)]) if name.startswith("Test"):
                yield f"{name}.runTest"


def _python(source: str, tree: ast.Module) -> Iterator[_Text]:
    """Docstrings, those of fields and constants among them, and comments."""
    definitions: list[tuple[range, str]] = []
    for node, symbol in _statements(tree, ""):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                definitions.append((range(node.lineno, (node.end_lineno or node.lineno) + 1), symbol))
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield _Text(node.lineno, symbol, text)
    for line, text in _comments(source):
        around = [symbol for lines, symbol in definitions if line in lines]
        yield _Text(line, around[-1] if around else "", text)


def _statements(parent: ast.AST, symbol: str) -> Iterator[tuple[ast.AST, str]]:
    """Every statement with the definition that it is in, or that it is."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            name = f"{symbol}.{node.name}".lstrip(".") if isinstance(node, _DEFINITIONS) else symbol
            yield node, name
            yield from _statements(node, name)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments with their line; what stands on lines of its own, one below the other, is one comment."""
    if not _IN_COMMENT.search(source):  # most files, and to read tokens is slow
        return
    begin, end, words = 0, 0, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            if line != end + 1 or token.line[:column].strip():
                yield begin, words
                begin, words = line, ""
            words, end = f"{words} {token.string.lstrip('#')}", line
    yield begin, words


def _java(name: str, source: str) -> Iterator[_Text]:
    for comment in _JAVA_COMMENT.finditer(source):
        words = re.sub(r"^\s*(?:/\*+|\*/|\*|//)|\*/$", " ", comment[0], flags=re.MULTILINE)
        yield _Text(source.count("\n", 0, comment.start()) + 1, name, words)
