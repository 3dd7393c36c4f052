"""``jpki flows``: run every flow once and draw it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from cardlab.errors import UsageError


@click.command()
@click.argument("flow", required=False)
@click.option("--page", is_flag=True, help="Print docs/generated/flows.md.")
def command(flow: str | None, page: bool) -> None:
    """Record FLOW, or every flow, on simulated cards and print a sequence diagram in Mermaid's language."""
    from jpki.timing.diagram import mermaid
    from jpki.timing.flows import FLOWS, rounds
    from jpki.timing.flows_page import markdown

    names = [one.name for one in FLOWS]
    if flow is not None and (page or flow not in names):
        raise UsageError(f"there is no flow {flow}" if not page else "--page has every flow", hint=", ".join(names))
    until = names.index(flow) + 1 if flow else len(names)
    with tempfile.TemporaryDirectory() as folder:
        (recorded,) = rounds(Path(folder), 1, FLOWS[:until])
    if page:
        click.echo(markdown(recorded), nl=False)
        return
    for name in [flow] if flow else names:
        click.echo(f"%% {name}\n{mermaid(recorded[name].events)}\n")
