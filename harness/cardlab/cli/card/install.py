"""``cardlab card install``: put an applet onto a card."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.card.installing import Plan, install
from cardlab.cli.card.managing import AID, HEX, Target, managing_options
from cardlab.cli.output import Output, json_option


@click.command()
@click.option(
    "--cap",
    "cap_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The CAP file.",
)
@click.option("--module", type=AID, metavar="AID", help="Which applet of the CAP file; needed when it has several.")
@click.option("--instance", type=AID, metavar="AID", help="AID of the instance.  [default: the module's]")
@click.option("--parameters", type=HEX, metavar="HEX", help="What the applet's install() gets (the value of C9).")
@managing_options
@json_option
def command(
    cap_file: Path,
    module: bytes | None,
    instance: bytes | None,
    parameters: bytes | None,
    target: Target,
    as_json: bool,
) -> None:
    """Load a CAP file onto a card and install its applet.

    When it cannot be installed, what was loaded is deleted again.
    """
    install(Plan.of_file(cap_file, module).choosing(module, instance, parameters), target, Output(as_json))
