"""``cardlab card delete``: take applications and load files off a card."""

from __future__ import annotations

import click

from cardlab.cli.card.managing import AID, Target, managing_options
from cardlab.cli.output import Output, json_option


@click.command()
@click.argument("aid", type=AID, metavar="AID")
@click.option("--related", is_flag=True, help="With a load file, all applications that came from it.")
@managing_options
@json_option
def command(aid: bytes, related: bool, target: Target, as_json: bool) -> None:
    """Delete an application or a load file from a card."""
    delete(aid, target, Output(as_json), related=related)


def delete(aid: bytes, target: Target, output: Output, *, related: bool) -> None:
    """Delete and say so."""
    with target.open() as installer:
        installer.delete(aid, related=related)
    name = aid.hex().upper()
    output.facts({"installer": installer.name, "deleted": name}, [f"deleted {name}, by {installer.name}"])
