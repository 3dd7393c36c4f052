"""``jpki card delete``: take applications and load files off a card."""

from __future__ import annotations

import click

from harness.cli.card.managing import AID, Target, managing_options
from harness.cli.output import Output, json_option


@click.command()
@click.argument("aid", type=AID, metavar="[AID]", required=False)
@click.option("--related", is_flag=True, help="With a load file, all applications that came from it.")
@managing_options
@json_option
def command(aid: bytes | None, related: bool, target: Target, as_json: bool) -> None:
    """Delete an application or a load file from a card; without AID the JPKI applet, whole."""
    from harness.jpki.constants import PACKAGE_AID

    what = PACKAGE_AID if aid is None else aid
    with target.open() as installer:
        installer.delete(what, related=related or aid is None)
    name = what.hex().upper()
    Output(as_json).facts({"installer": installer.name, "deleted": name}, [f"deleted {name}, by {installer.name}"])
