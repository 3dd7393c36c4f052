"""``jpki card install``: put the JPKI applet onto a card."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.cap_options import CAP_FILE
from cardlab.cli.card.installing import CapApplet, InstallChoice, install_options
from cardlab.cli.card.managing import Target, installing_options
from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError
from jpki.cli.suite_argument import suite_option

_MEDIA = ("usb", "hci")  # the names of ContactMedium, which is imported only when something is installed


@click.command()
@click.option(
    "--cap", "cap_file", type=CAP_FILE, help="Another CAP file than the JPKI applet's, which is made from the sources."
)
@click.option("--profile", type=click.Choice(("phone", "card")), help="What the JPKI applet is.  [default: phone]")
@suite_option("The slots' keys.")
@click.option(
    "--not-contactless",
    "medium",
    type=click.Choice(_MEDIA),
    help="Commands over this medium come from inside the phone, or a contact reader, although the card does not say so:"
    " only for cards on which no reader in the air has it.",
)
@install_options
@installing_options
@json_option
def command(
    cap_file: Path | None,
    profile: str | None,
    suite: str | None,
    medium: str | None,
    choice: InstallChoice,
    target: Target,
    as_json: bool,
) -> None:
    """Load the JPKI applet, or another CAP file, onto a card and install it.

    When it cannot be installed, what was loaded is deleted again.
    """
    options = {"--profile": profile, "--suite": suite, "--not-contactless": medium}
    given = [option for option, value in options.items() if value]
    if given and choice.parameters is not None:
        raise UsageError(f"{' and '.join(given)} would be lost: --parameters says it all", hint="leave one of them out")
    if given and cap_file is not None:
        raise UsageError(f"{given[0]} is for the JPKI applet", hint="use --parameters with another CAP file")
    applet = choice.of_file(cap_file) if cap_file else _jpki(profile or "phone", suite or "rsa-2048", medium, choice)
    applet.install(target, Output(as_json))


def _jpki(profile: str, suite: str, medium: str | None, choice: InstallChoice) -> CapApplet:
    from functools import partial
    from hashlib import sha256

    from jpki.client.constants import ContactMedium, Profile, Suite
    from jpki.client.installation import jpki_installation
    from jpki.client.needs import refusal_of_install
    from jpki.package import jpki_executable

    applet = jpki_executable()
    named = ContactMedium[medium.upper()] if medium else None
    digest = sha256(applet.data_block).digest()
    kind = Profile[profile.upper()]
    keys = Suite.labelled(suite)
    usual = jpki_installation(keys.chosen_in(kind.identified(digest, named)))
    refusal = partial(refusal_of_install, kind, suite=keys)
    return CapApplet(applet.cap, usual.package, choice.applied_to(usual), refusal)
