"""``jpki applet``: compile the applet."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.kit import build_with_kit, kit_options
from harness.cli.output import Output, json_option, table


@click.command()
@kit_options
@json_option
def command(as_json: bool, kit: Path | None, ant_javacard: Path | None) -> None:
    """Compile the applet and say how many classes it has and how large they are."""
    from harness.toolchain import places
    from harness.toolchain.applet import compile_applet
    from harness.toolchain.compile import APPLET_TARGET, class_files

    folder = compile_applet()
    sizes = class_files(folder)
    total = sum(sizes.values())
    facts: dict[str, object] = {
        "folder": str(folder),
        "target": APPLET_TARGET,
        "classes": sizes,
        "count": len(sizes),
        "bytes": total,
    }
    rows = [("class", "bytes"), *((name, f"{size:,}") for name, size in sizes.items())]
    summary = f"{len(sizes)} classes, {total:,} bytes with debug information, Java {APPLET_TARGET}, in {folder}"
    lines = [*table(rows), "", summary]
    if kit is not None:
        facts["kit"], told = build_with_kit(kit, ant_javacard, places.build_folder() / "jpki.cap", Output(as_json))
        lines += told
    Output(as_json).facts(facts, lines)
