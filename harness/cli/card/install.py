"""``jpki card install``: put an applet onto a card."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.card.managing import AID, HEX, Target, managing_options
from harness.cli.output import Output, json_option
from harness.errors import CardError, HarnessError, UsageError

if TYPE_CHECKING:
    from harness.globalplatform.installer import Installer

_MEDIA = ("usb", "hci")  # the names of ContactMedium, which is imported only when something is installed


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is loaded and installed; AIDs as in INSTALL."""

    cap: bytes
    package: bytes
    module: bytes
    instance: bytes
    parameters: bytes


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
    output = Output(as_json)
    chosen = {"--profile": profile, "--not-contactless": medium}
    given = [option for option, value in chosen.items() if value]
    if given and parameters is not None:
        raise UsageError(f"{' and '.join(given)} would be lost: --parameters says it all", hint="leave one of them out")
    if given and cap_file is not None:
        raise UsageError(f"{given[0]} is for the JPKI applet", hint="use --parameters with another CAP file")
    plan = _jpki(profile, medium) if cap_file is None else _other(cap_file, module)
    plan = _Plan(
        plan.cap,
        plan.package,
        plan.module if module is None else module,
        instance or module or plan.instance,
        plan.parameters if parameters is None else parameters,
    )
    with target.open(plan.cap) as installer:
        output.progress(f"loading {plan.package.hex().upper()}, by {installer.name} ...")
        _load(installer, plan)
        output.progress(f"installing {plan.instance.hex().upper()} ...")
        _install(installer, plan)
        entry = installer.registry().find(plan.instance)
    state = "" if entry is None else entry.state
    facts = {
        "installer": installer.name,
        "package": plan.package.hex().upper(),
        "module": plan.module.hex().upper(),
        "instance": plan.instance.hex().upper(),
        "state": state,
    }
    output.facts(facts, [f"{plan.instance.hex().upper()} is {state or 'installed'}"])


def _load(installer: Installer, plan: _Plan) -> None:
    try:
        installer.load(plan.cap)
    except CardError as error:
        with suppress(HarnessError):
            if installer.registry().find(plan.package) is not None:
                package = plan.package.hex().upper()
                there = f"{package} is on the card already (jpki card delete {package} --related takes it off)"
                error.hint = f"{there}; {error.hint}" if error.hint else there
        raise


def _install(installer: Installer, plan: _Plan) -> None:
    try:
        installer.install(plan.package, plan.module, plan.instance, parameters=plan.parameters)
    except HarnessError as error:
        try:
            installer.delete(plan.package, related=True)
        except HarnessError as second:
            left = f"the package {plan.package.hex().upper()} stays on the card, deleting it failed: {second}"
        else:
            left = "the package was deleted again"
        error.hint = f"{left}; {error.hint}" if error.hint else left
        raise


def _jpki(profile: str | None, medium: str | None) -> _Plan:
    from harness.jpki.constants import INSTANCE_AID, MODULE_AID, PACKAGE_AID, ContactMedium, Profile
    from harness.jpki.package import jpki_executable

    kind = Profile[(profile or "phone").upper()]
    parameters = kind.with_contact(ContactMedium[medium.upper()]) if medium else kind.parameters
    return _Plan(jpki_executable().cap, PACKAGE_AID, MODULE_AID, INSTANCE_AID, parameters)


def _other(file: Path, module: bytes | None) -> _Plan:
    from harness.capfile.reader import read_cap

    raw = file.read_bytes()
    cap = read_cap(raw)
    modules = [applet.aid for applet in cap.applets]
    listed = ", ".join(aid.hex().upper() for aid in modules) or "none"
    if module is not None and module not in modules:
        raise UsageError(f"{file} has no applet {module.hex().upper()}", hint=f"applets: {listed}")
    if module is None and len(modules) != 1:
        raise UsageError(f"{file} has {len(modules)} applets", hint=f"choose one with --module: {listed}")
    chosen = module or modules[0]
    return _Plan(raw, cap.header.package.aid, chosen, chosen, b"")
