"""``jpki flows``: run every flow once and draw it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from cardlab.cli.output import Output, require_folder
from cardlab.errors import UsageError
from cardlab.system_errors import write_file


@click.command()
@click.argument("flow", required=False)
@click.option("--html", "drawn", type=click.Path(dir_okay=False, path_type=Path), help="Write a page that draws them.")
def command(flow: str | None, drawn: Path | None) -> None:
    """Record FLOW, or every flow, on simulated cards and print a sequence diagram in Mermaid's language."""
    from jpki.timing.diagram import mermaid
    from jpki.timing.drawn_page import html
    from jpki.timing.flows import FLOWS, rounds

    names = [one.name for one in FLOWS]
    if flow is not None and flow not in names:
        raise UsageError(f"there is no flow {flow}", hint=", ".join(names))
    if drawn is not None:
        require_folder(drawn)
    until = names.index(flow) + 1 if flow else len(names)
    with tempfile.TemporaryDirectory() as folder:
        (recorded,) = rounds(Path(folder), 1, FLOWS[:until])
    chosen = [one for one in FLOWS if flow in (None, one.name)]
    if drawn is not None:
        write_file(drawn, html([(one, recorded[one.name].events) for one in chosen]).encode())
        Output(False).progress(f"{drawn} written")
        return
    for name in (one.name for one in chosen):
        click.echo(f"%% {name}\n{mermaid(recorded[name].events)}\n")
