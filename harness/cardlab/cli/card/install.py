"""``cardlab card install``: put an applet onto a card."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.cap_options import CAP_FILE
from cardlab.cli.card.installing import InstallChoice, install_options
from cardlab.cli.card.managing import Target, installing_options
from cardlab.cli.output import Output, json_option


@click.command()
@click.option(
    "--cap", "cap_file", type=CAP_FILE, required=True, help="The CAP file; of several in a jar `x.jar!one.cap`."
)
@install_options
@installing_options
@json_option
def command(cap_file: Path, choice: InstallChoice, target: Target, as_json: bool) -> None:
    """Load a CAP file onto a card and install its applet; a library is loaded only.

    When it cannot be installed, what was loaded is deleted again. Without --card it is tried on a new simulated card.

    \b
        cardlab card install --cap purse.cap
        cardlab card install --cap purse.cap --card sim:purse.json --new --card-profile jcop4-j3r180
    """
    choice.of_file(cap_file).install(target, Output(as_json))
