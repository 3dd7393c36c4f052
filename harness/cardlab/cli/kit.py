"""What a build does when a Java Card kit was named: the same applet by the kit, beside our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab.cli.output import Output

if TYPE_CHECKING:
    from cardlab.toolchain.kit.build import Comparison, KitBuild, KitInput

_Function = TypeVar("_Function", bound=Callable[..., object])
_ROOM = 65_536  # bytes that sizes are compared with


def kit_options(function: _Function) -> _Function:
    """The options ``--kit`` and ``--ant-javacard``; the command gets them as ``kit`` and ``ant_javacard``."""
    options = (
        click.option(
            "--kit",
            type=click.Path(path_type=Path),
            envvar="JC_HOME",
            show_envvar=True,
            metavar="DIR",
            help="Build with the Java Card kit in this folder too, and compare.",
        ),
        click.option(
            "--ant-javacard",
            type=click.Path(path_type=Path),
            envvar="ANT_JAVACARD_JAR",
            show_envvar=True,
            metavar="JAR",
            help="ant-javacard.jar; otherwise from PATH, Ant's folders or its release page.",
        ),
    )
    for one in reversed(options):
        function = one(function)
    return function


def build_with_kit(
    given: KitInput, kit: Path, ant_javacard: Path | None, ours: Path, output: Output
) -> tuple[dict[str, object], list[str]]:
    """Build with the kit; compare with ``ours`` if that exists. Returns facts for JSON and lines for people."""
    from cardlab.toolchain.kit import build

    output.progress(f"building with the kit in {kit} ...")
    made = build.build_with_kit(given, kit, ant_javacard)
    facts, lines = _facts(made), _lines(made)
    if ours.is_file():
        compared = build.compare(ours, made)
        facts |= {"ours": {"cap": str(ours), "errors": compared.verdict.errors, "warnings": compared.verdict.warnings}}
        facts |= {"differences": compared.differences, "reasons": compared.reasons}
        lines += [f"{ours.name} by the kit's verifier: {compared.verdict}"]
        lines += _compared(ours.name, made.cap.name, compared)
    return facts, lines


def _facts(made: KitBuild) -> dict[str, object]:
    return {
        "kit": made.kit.name,
        "platform": made.platform,
        "ant_javacard": str(made.ant_javacard),
        "cap": str(made.cap),
        "components": {component.name: size for component, size in made.components.items()},
        "load_size": made.load_size,
        "errors": made.verdict.errors,
        "warnings": made.verdict.warnings,
    }


def _lines(made: KitBuild) -> list[str]:
    size = f"{made.load_size:,} bytes to load, {made.load_size / _ROOM:.1%} of 64 KB"
    return [
        f"kit {made.kit.name} for Java Card {made.platform}: {size}, in {made.cap}",
        f"{made.cap.name} by the kit's verifier: {made.verdict}",
        *made.verdict.complaints,
    ]


def _compared(ours: str, theirs: str, compared: Comparison) -> list[str]:
    if not compared.differences:
        return [f"{ours} and {theirs}: every component is the same to the byte"]
    return [
        f"{ours} and {theirs} differ:",
        *(f"  {one}" for one in compared.differences),
        *(f"because {one}" for one in compared.reasons),
    ]
