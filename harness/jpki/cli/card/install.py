"""``jpki card install``: put the JPKI applet onto a card."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.card.installing import Plan, install
from cardlab.cli.card.managing import AID, HEX, Target, managing_options
from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError

_MEDIA = ("usb", "hci")  # the names of ContactMedium, which is imported only when something is installed


@click.command()
@click.option(
    "--cap",
    "cap_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another CAP file than the JPKI applet's, which is made from the sources.",
)
@click.option("--profile", type=click.Choice(("phone", "card")), help="What the JPKI applet is.  [default: phone]")
@click.option(
    "--not-contactless",
    "medium",
    type=click.Choice(_MEDIA),
    help="Commands over this medium come from inside the phone, or a contact reader, although the card does not say so:"
    " only for cards on which no reader in the air has it.",
)
@click.option("--module", type=AID, metavar="AID", help="Which applet of the CAP file; needed when it has several.")
@click.option("--instance", type=AID, metavar="AID", help="AID of the instance.  [default: the module's]")
@click.option("--parameters", type=HEX, metavar="HEX", help="What the applet's install() gets (the value of C9).")
@managing_options
@json_option
def command(
    cap_file: Path | None,
    profile: str | None,
    medium: str | None,
    module: bytes | None,
    instance: bytes | None,
    parameters: bytes | None,
    target: Target,
    as_json: bool,
) -> None:
    """Load the JPKI applet, or another CAP file, onto a card and install it.

    When it cannot be installed, what was loaded is deleted again.
    """
    chosen = {"--profile": profile, "--not-contactless": medium}
    given = [option for option, value in chosen.items() if value]
    if given and parameters is not None:
        raise UsageError(f"{' and '.join(given)} would be lost: --parameters says it all", hint="leave one of them out")
    if given and cap_file is not None:
        raise UsageError(f"{given[0]} is for the JPKI applet", hint="use --parameters with another CAP file")
    plan = _jpki(profile, medium) if cap_file is None else Plan.of_file(cap_file, module)
    install(plan.choosing(module, instance, parameters), target, Output(as_json))


def _jpki(profile: str | None, medium: str | None) -> Plan:
    from jpki.client.constants import INSTANCE_AID, MODULE_AID, PACKAGE_AID, ContactMedium, Profile
    from jpki.package import jpki_executable

    kind = Profile[(profile or "phone").upper()]
    parameters = kind.with_contact(ContactMedium[medium.upper()]) if medium else kind.parameters
    return Plan(jpki_executable().cap, PACKAGE_AID, MODULE_AID, INSTANCE_AID, parameters)
