"""Fingerprints of sources: the same wherever a file lies and whatever it is called, another one when it does otherwise.

Left out is what decides nothing: paths, package names and imports, Java's comments, Python's docstrings, empty lines.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from cardlab.errors import IntegrityError

LENGTH = 16
"""Hexadecimal digits: enough to tell a few hundred sources apart, and short where people read them."""

_JAVA_LITERAL_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)
_JAVA_PLACE = re.compile(r"^\s*(?:package|import)\b[^;]*;", re.MULTILINE)
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def combined(parts: Iterable[str]) -> str:
    """One fingerprint of several texts, in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()[:LENGTH]


def of_files(files: Iterable[Path]) -> str:
    """One fingerprint of Java and Python files, in whatever order they come."""
    return combined(sorted(combined([_essence(file)]) for file in files))


def of_test(file: Path, function: str) -> str:
    """Of one function of a Python file, with its decorators; of the whole file without a name.

    Raises IntegrityError when there is no such function or file.
    """
    if not file.is_file():
        raise IntegrityError(f"there is no file {file}", hint="name a test that exists")
    text = file.read_text(encoding="utf-8")
    if not function:
        return combined([python_essence(text)])
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            decorators = [ast.get_source_segment(text, one) or "" for one in node.decorator_list]
            return combined([*decorators, python_essence(ast.get_source_segment(text, node) or "")])
    raise IntegrityError(f"{file.name} has no function {function}", hint="name a test that exists")


def python_essence(text: str) -> str:
    """Python without imports, docstrings and empty lines; comments stay."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            left_out |= _lines(node)
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            left_out |= _lines(node.body[0])
    lines = enumerate(text.splitlines(), 1)
    return "\n".join(line for number, line in lines if number not in left_out and line.strip())


def java_essence(text: str) -> str:
    """Java without its package, imports, comments and empty lines."""
    code = _JAVA_LITERAL_OR_COMMENT.sub(lambda found: " " if found[0].startswith("/") else found[0], text)
    lines = (line.rstrip() for line in _JAVA_PLACE.sub("", code).splitlines())
    return "\n".join(line for line in lines if line)


def _essence(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    return java_essence(text) if file.suffix == ".java" else python_essence(text)


def _lines(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
