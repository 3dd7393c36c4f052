"""``jpki world``: make a world, put residents and phones into it, and let things happen to them."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import click

from cardlab.cli.output import Output, json_option, require_folder, table
from cardlab.cli.runtime_argument import runtime_option
from cardlab.errors import UsageError
from cardlab.system_errors import write_file
from jpki.cli.ca import address_option, web_address
from jpki.cli.suite_argument import suite_named, suite_option
from jpki.cli.world_argument import UserAnswers, answers_option, open_world, world_option

_PAGE = click.Path(dir_okay=False, path_type=Path)
_SAMPLE = "the sample resident's"
_SEXES = ("female", "male", "other")
_CONDITIONS = (  # of ``attestation.Condition``; named here so that help is quick
    "unlocked-bootloader",
    "custom-rom",
    "uncertified",
    "rooted",
    "emulator",
    "hooked",
    "without-hardware-key",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """A world in a folder: CA, TSMs, push service, residents with My Number Cards, phones with secure elements.

    Everything in it is for tests, the CA's key too.
    """


@command.command()
@world_option
@address_option
@suite_option("Keys of CA, cards and secure elements.")
@json_option
def new(world: Path, address: str | None, suite: str | None, as_json: bool) -> None:
    """Make the folder, with a CA of its own."""
    output = Output(as_json)
    with open_world(world, output, new=True, address=web_address(address), suite=suite_named(suite)) as made:
        facts = {"world": str(world), "suite": made.ca.suite.label}
        output.facts(facts, [f"{world} is ready; add a resident and a phone"])


@command.command()
@world_option
@click.argument("name")
@click.option("--full-name", show_default=_SAMPLE)
@click.option("--address", show_default=_SAMPLE)
@click.option("--birth-date", type=click.DateTime(["%Y-%m-%d"]), show_default=_SAMPLE)
@click.option("--sex", type=click.Choice(_SEXES), show_default=_SAMPLE)
@answers_option
@json_option
def add_resident(
    world: Path,
    name: str,
    full_name: str | None,
    address: str | None,
    birth_date: datetime.datetime | None,
    sex: str | None,
    answers: Path | None,
    as_json: bool,
) -> None:
    """Add a resident, whose My Number Card gets the signing password that is asked for ("card password")."""
    from jpki.certificates.holder import SAMPLE_HOLDER, Sex
    from jpki.parties.applicant import Applicant

    output = Output(as_json)
    try:
        holder = replace(
            SAMPLE_HOLDER,
            name=full_name or SAMPLE_HOLDER.name,
            address=address or SAMPLE_HOLDER.address,
            birth_date=birth_date.date() if birth_date else SAMPLE_HOLDER.birth_date,
            sex=Sex[sex.upper()] if sex else SAMPLE_HOLDER.sex,
        )
    except ValueError as error:
        raise UsageError(f"no such resident can be: {error}", hint="shorten the address") from error
    with open_world(world, output) as opened:
        opened.add_resident(Applicant(name, holder), UserAnswers.read(answers).card_password())
        output.facts({"resident": name}, [f"{name} has a My Number Card"])


@command.command()
@world_option
@click.argument("name")
@click.option("--model", default="M1", show_default=True)
@runtime_option
@json_option
def add_phone(world: Path, name: str, model: str, runtime: str | None, as_json: bool) -> None:
    """Add a phone with an empty secure element, which the SEI-TSM knows."""
    output = Output(as_json)
    with open_world(world, output) as opened:
        opened.add_phone(name, model=model, runtime=runtime)
        output.facts({"phone": name, "model": model}, [f"{name} has an empty secure element"])


@command.command()
@world_option
@json_option
def show(world: Path, as_json: bool) -> None:
    """Residents, phones and every certificate with its state; others may be using the world."""
    from jpki.cli.ca import open_records
    from jpki.parties.world_folder import PHONES, RESIDENTS, WorldFolder

    folder = WorldFolder(world)
    folder.require()
    residents, phones = folder.names(RESIDENTS), folder.names(PHONES)
    with open_records(folder.ca_records) as ca:
        rows = [
            (
                user,
                one.slot.name.lower(),
                one.medium.name.lower(),
                f"{one.serial:X}",
                str(ca.status(one.serial).state),
            )
            for user in residents
            for one in ca.certificates_of(user)
        ]
    heading = ("resident", "certificate", "on", "serial number", "state")
    facts = {
        "residents": list(residents),
        "phones": list(phones),
        "certificates": [dict(zip(heading, row, strict=True)) for row in rows],
    }
    shown = table([heading, *rows]) if rows else ["no certificates"]
    Output(as_json).facts(facts, [f"phones: {', '.join(phones) or 'none'}", "", *shown])


@command.command("map")
@world_option
@click.option(
    "-o", "--output", "page", type=click.Path(dir_okay=False, path_type=Path), required=True, help="HTML file."
)
@json_option
def map_(world: Path, page: Path, as_json: bool) -> None:
    """Write a page that shows who holds what: SE-IDs, tokens, keys, certificates and orders, and who shares them."""
    from jpki.web.holdings import holdings_json
    from jpki.web.map_page import html
    from jpki.web.map_things import groups

    require_folder(page)
    output = Output(as_json)
    with open_world(world, output) as opened:
        found = holdings_json(opened)
    write_file(page, html(world.name, groups(found)).encode())
    output.facts(found, [f"{page} written"])


@command.command()
@world_option
@click.argument("serial")
@json_option
def suspend(world: Path, serial: str, as_json: bool) -> None:
    """Suspend the authentication certificate with this SERIAL number (hexadecimal), as after a call."""
    from jpki.parties.ca import suspension

    output = Output(as_json)
    with open_world(world, output) as opened:
        status = suspension.suspend(opened.ca, _number(serial))
        output.facts({"serial": serial, "state": str(status.state)}, [f"{serial} is {status.state}"])


@command.command()
@world_option
@click.argument("serial")
@json_option
def delete(world: Path, serial: str, as_json: bool) -> None:
    """Order the phone that holds the certificate with this SERIAL number to delete its key (remote deletion)."""
    output = Output(as_json)
    with open_world(world, output) as opened:
        order = opened.sp_tsm.order_removal(_number(serial))
        output.facts({"order": order}, ["ordered; the phone does it when it collects its orders"])


@command.command()
@world_option
@click.option("--model", required=True)
@click.option("--feature", type=click.Choice(("biometric", "lock-screen")), required=True)
@click.option("--lift", is_flag=True, help="Switch it on again.")
@json_option
def restrict(world: Path, model: str, feature: str, lift: bool, as_json: bool) -> None:
    """Switch a feature off for a phone model."""
    from jpki.parties.messages import Feature

    output = Output(as_json)
    with open_world(world, output) as opened:
        opened.sp_tsm.set_feature(model, Feature(feature), enabled=lift)
        word = "on" if lift else "off"
        output.facts({"model": model, "feature": feature, "enabled": lift}, [f"{feature} is {word} for {model}"])


@command.command()
@world_option
@click.argument("phone")
@json_option
def uninstall(world: Path, phone: str, as_json: bool) -> None:
    """Remove the app from a PHONE; its secure element keeps what it has."""
    output = Output(as_json)
    with open_world(world, output) as opened:
        opened.uninstall_app(phone)
        output.facts({"phone": phone}, [f"the app is gone from {phone}"])


@command.command()
@world_option
@click.argument("phone")
@click.option(
    "--as", "condition", type=click.Choice(_CONDITIONS), default="rooted", show_default=True, help="What is done."
)
@click.option("--cts-profile-match", type=bool, help="This field of the verdict alone.")
@click.option("--basic-integrity", type=bool, help="This field alone.")
@click.option("--evaluation-type", type=click.Choice(("BASIC", "HARDWARE_BACKED")), help="This field alone.")
@click.option("--undo", is_flag=True, help="Restore it.")
@json_option
def tamper(
    world: Path,
    phone: str,
    condition: str,
    cts_profile_match: bool | None,
    basic_integrity: bool | None,
    evaluation_type: str | None,
    undo: bool,
    as_json: bool,
) -> None:
    """Modify the system of a PHONE, so that it gets no good verdict; or set single fields of the verdict."""
    from jpki.parties.attestation import Condition, Evaluation, Integrity

    named = (cts_profile_match, basic_integrity, evaluation_type) != (None, None, None)
    fields = Integrity(
        cts_profile_match=cts_profile_match is not False,
        basic_integrity=basic_integrity is not False,
        evaluation=Evaluation(evaluation_type or Evaluation.HARDWARE_BACKED),
    )
    found = fields if undo or named else Condition(condition).integrity
    output = Output(as_json)
    with open_world(world, output) as opened:
        opened.tamper(phone, found)
        facts = {
            "phone": phone,
            "ctsProfileMatch": found.cts_profile_match,
            "basicIntegrity": found.basic_integrity,
            "evaluationType": found.evaluation.value,
        }
        output.facts(facts, [f"{phone} is {'as it should be' if found.sound else 'tampered with'}"])


@command.command()
@world_option
@json_option
def consents(world: Path, as_json: bool) -> None:
    """What users agreed to, and when: the texts as they were shown."""
    output = Output(as_json)
    with open_world(world, output) as opened:
        records = opened.provider_records
        facts = [
            {
                "resident": case.user,
                "request": case.request_id,
                "subject": consent.subject.value,
                "agreed_at": datetime.datetime.fromtimestamp(consent.agreed_at, datetime.UTC).isoformat(),
                "text": consent.text,
            }
            for case in records.cases()
            for consent in records.consents(case.request_id)
        ]
        lines = [
            line
            for one in facts
            for line in (f"{one['agreed_at']}  {one['resident']}: {one['subject']}", *str(one["text"]).splitlines(), "")
        ]
        output.facts({"consents": facts}, lines or ["nobody has agreed to anything"])


def _number(serial: str) -> int:
    try:
        return int(serial, 16)
    except ValueError as error:
        raise UsageError(f"{serial} is no serial number", hint="`jpki world show` lists them in hexadecimal") from error
