"""What imports what in ``jpki``: no circles, and nothing below that knows the command line or the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import jpki

ROOT = Path(jpki.__file__).parent


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package by its name."""
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), file


def imported(file: Path) -> set[str]:
    """Every module that a file imports anywhere in it, also for type checking only; names in modules among them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def graph() -> Mapping[str, set[str]]:
    known = dict(modules())
    return {name: (imported(file) & known.keys()) - {name} for name, file in known.items()}


def test_there_is_no_circle() -> None:
    try:
        order = list(TopologicalSorter(graph()).static_order())
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {' -> '.join(error.args[1])}") from None
    assert len(order) > 80


def test_only_the_command_line_knows_the_command_line() -> None:
    def of_command_line(name: str) -> bool:
        return f"{name}.".startswith("jpki.cli.")

    users = [name for name, uses in graph().items() if any(map(of_command_line, uses))]
    assert [name for name in users if not of_command_line(name)] == ["jpki.pages.commands"]  # which describes it
    assert len(users) > 3


def test_nothing_knows_the_tests() -> None:
    assert [name for name, file in modules() if any(one.split(".")[0] == "tests" for one in imported(file))] == []
