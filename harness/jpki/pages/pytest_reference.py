"""docs/generated/pytest.md: options, settings, fixtures, markers and the card of the pytest plugin, from its code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardlab import pytest_plugin
from cardlab.kinds import known
from cardlab.lab.capability import Capability
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# The pytest plugin

Fixtures, settings, options, and what a card can do, as the code declares them. `jpki pages` writes this page, and a
test fails when it is stale. How to begin: [applet-developer.md](../guide/applet-developer.md).
"""


@dataclass(slots=True)
class Declared:
    """Takes what the plugin declares to pytest's parser: options as (names, attributes), settings as (name, help)."""

    options: list[tuple[tuple[str, ...], dict[str, Any]]] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)

    def getgroup(self, name: str, description: str = "", after: str | None = None) -> Declared:
        """The plugin's group of options: this one."""
        return self

    def addoption(self, *names: str, **attributes: Any) -> None:
        """An option of the command line."""
        self.options.append((names, attributes))

    def addini(self, name: str, help: str, type: object = None, default: object = None, **_more: Any) -> None:  # noqa: A002
        """A setting; the names are those of pytest's own method."""
        self.settings.append((name, help))


def markdown() -> str:
    """The page."""
    declared = Declared()
    pytest_plugin.pytest_addoption(declared)  # type: ignore[arg-type]  # has the methods that are used
    return wrapped(
        "\n".join(
            (
                _INTRODUCTION,
                *_table("Fixtures", "fixture", ((f"`{name}`", about) for name, about in fixtures())),
                *_table("The card of a test", "member", _members(pytest_plugin.Card)),
                *_table(
                    "Settings", "setting in `pyproject.toml`", ((f"`{name}`", text) for name, text in declared.settings)
                ),
                *_table("Options", "option", (_option(*one) for one in declared.options)),
                *_table("Markers", "marker", _markers()),
                *_capabilities(),
            )
        )
    )


def fixtures() -> Iterator[tuple[str, str]]:
    """Name and docstring of each fixture, read from the plugin's sources."""
    for path in sorted(Path(pytest_plugin.__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(one) for one in node.decorator_list):
                yield node.name, " ".join((ast.get_docstring(node) or "").split())


def _members(of: type) -> Iterator[tuple[str, str]]:
    """Its public methods and properties in the order of the source, with the first sentence about each."""
    for name, member in vars(of).items():
        about = (inspect.getdoc(member) or "").partition("\n\n")[0]
        if name.startswith("_") or not about or not (callable(member) or isinstance(member, property)):
            continue
        shown = name if isinstance(member, property) else f"{name}({', '.join(_arguments(member))})"
        yield f"`{shown}`", " ".join(about.split())


def _arguments(function: Any) -> Iterator[str]:
    for one in list(inspect.signature(function).parameters.values())[1:]:
        default = "" if one.default is inspect.Parameter.empty else f"={_value(one.default)}"
        yield f"{'*' if one.kind is inspect.Parameter.VAR_POSITIONAL else ''}{one.name}{default}"


def _value(default: object) -> str:
    return f"0x{default:04X}" if isinstance(default, int) and default >= 0x6000 else repr(default)


def _option(names: tuple[str, ...], attributes: dict[str, Any]) -> tuple[str, str]:
    metavar = attributes.get("metavar") or "|".join(attributes.get("choices", ()))
    return f"`{', '.join(names)}{f' {metavar}' if metavar else ''}`", str(attributes.get("help", ""))


def _markers() -> Iterator[tuple[str, str]]:
    for line in pytest_plugin._MARKERS:
        name, _, about = line.partition(": ")
        yield f"`{name}`", about


def _capabilities() -> Iterator[str]:
    yield "## What a test can need"
    yield ""
    yield "`needs` takes these names. On a kind of card that lacks one the test is skipped with the reason; a test that"
    yield "no kind of card can run is an error, and the run does not start."
    yield ""
    of_kinds = {name: kind.tests.capabilities for name, kind in known().items() if kind.tests}
    yield f"| a test can need | that is | {' | '.join(f'`{kind}`' for kind in of_kinds)} |"
    yield "|---|---|" + "---|" * len(of_kinds)
    for one in Capability:
        has = " | ".join("yes" if one in capabilities else "" for capabilities in of_kinds.values())
        yield f"| `{one.name.lower()}` | {one.value} | {has} |"


def _table(title: str, heading: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield f"| {heading} | |"
    yield "|---|---|"
    for name, about in rows:
        yield f"| {_cell(name)} | {_cell(about)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", r"\|")
