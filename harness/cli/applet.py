"""``jpki applet``: compile the applet."""

from __future__ import annotations

import click

from harness.cli.output import Output, json_option, table


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Compile the applet and say how many classes it has and how large they are."""
    from harness.toolchain.applet import compile_applet
    from harness.toolchain.compile import APPLET_TARGET, class_files

    folder = compile_applet()
    sizes = class_files(folder)
    total = sum(sizes.values())
    facts = {"folder": str(folder), "target": APPLET_TARGET, "classes": sizes, "count": len(sizes), "bytes": total}
    rows = [("class", "bytes"), *((name, f"{size:,}") for name, size in sizes.items())]
    summary = f"{len(sizes)} classes, {total:,} bytes with debug information, Java {APPLET_TARGET}, in {folder}"
    Output(as_json).facts(facts, [*table(rows), "", summary])
