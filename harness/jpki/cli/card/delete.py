"""``jpki card delete``: take the JPKI applet off a card."""

from __future__ import annotations

import click

from cardlab.cli.card.delete import delete
from cardlab.cli.card.managing import AID, Target, managing_options
from cardlab.cli.output import Output, json_option


@click.command()
@click.argument("aid", type=AID, metavar="[AID]", required=False)
@click.option("--related", is_flag=True, help="With a load file, all applications that came from it.")
@managing_options
@json_option
def command(aid: bytes | None, related: bool, target: Target, as_json: bool) -> None:
    """Delete an application or a load file from a card; without AID the JPKI applet, whole."""
    from jpki.client.constants import PACKAGE_AID

    delete(PACKAGE_AID if aid is None else aid, target, Output(as_json), related=related or aid is None)
