"""``jpki ca``: the test CA by hand. Its records are one file; flows and servers may have it open at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, table
from cardlab.errors import UsageError
from cardlab.system_errors import write_file
from jpki.cli.suite_argument import suite_named, suite_option

if TYPE_CHECKING:
    from jpki.parties.ca.authority import CertificateAuthority
    from jpki.parties.ca.status import Status

_RECORDS = click.Path(dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_KINDS = ("signing", "authentication")
_REASONS = (
    "unspecified",
    "key_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "privilege_withdrawn",
)

_records = click.argument("records", type=_RECORDS)
_serial = click.argument("serial")


address_option = click.option(
    "--address",
    metavar="URL",
    help="Where its certificates say that it answers, as http://127.0.0.1:8080 for `jpki ca serve --port 8080`;"
    " http://jpki.test, which is nowhere, without it.",
)
"""For commands that make a CA; ``web_address`` checks the value."""


@click.group()
def command() -> None:
    """The certification authority: its certificates, what it issued, revocation, and its answers over HTTP.

    RECORDS is the CA's file, such as ca.sqlite in the folder of a world.
    """


@command.command()
@_records
@address_option
@suite_option("The CA's keys, and those that it certifies.")
def create(records: Path, address: str | None, suite: str | None) -> None:
    """Make a CA with new keys."""
    from jpki.certificates.profile import ADDRESS
    from jpki.parties.ca.authority import CertificateAuthority

    if records.exists():
        raise UsageError(f"{records} is there already", hint="name another file")
    named = suite_named(suite)
    CertificateAuthority.open(records, address=web_address(address) or ADDRESS, suite=named).close()


@command.command()
@_records
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free one without it.")
@json_option
def serve(records: Path, port: int, as_json: bool) -> None:
    """Answer OCSP requests and give out revocation lists and CA certificates, on this machine, until interrupted."""
    from jpki.parties.ca.server import RevocationServer

    with open_records(records) as ca, RevocationServer(ca, port=port) as server:
        addresses = {"ocsp": f"{server.url}/ocsp"}
        addresses |= {f"{kind} CRL": f"{server.url}/{kind}.crl" for kind in _KINDS}
        addresses |= {f"{kind} CA": f"{server.url}/{kind}.cer" for kind in _KINDS}
        Output(as_json).facts(addresses, [f"{name:<18}  {address}" for name, address in addresses.items()])
        server.wait()


@command.command()
@_records
@click.option("--output", "-o", type=_OUT, required=True, help="Where to, PEM: both certificates.")
def certificates(records: Path, output: Path) -> None:
    """Write the CA's own certificates, to be trusted."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from jpki.client.constants import Slot

    with open_records(records) as ca:
        certificates = [x509.load_der_x509_certificate(ca.ca_certificate(slot)) for slot in Slot]
    write_file(output, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))


@command.command()
@_records
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--base", type=int, metavar="NUMBER", help="Only what changed since the list of this number.")
@click.option("--output", "-o", type=_OUT, required=True, help="Where to, DER.")
def crl(records: Path, kind: str, base: int | None, output: Path) -> None:
    """Write the certificate revocation list of a kind."""
    from jpki.client.constants import Slot

    with open_records(records) as ca:
        write_file(output, ca.crl(Slot[kind.upper()], base=base))


@command.command(name="list")
@_records
@json_option
def list_(records: Path, as_json: bool) -> None:
    """List every certificate that was issued, with its state."""
    with open_records(records) as ca:
        found = [(issued, ca.status(issued.serial)) for issued in ca.certificates()]
    facts = [
        {
            "serial_number": f"{issued.serial:X}",
            "kind": issued.slot.name.lower(),
            "medium": issued.medium.name.lower(),
            "user": issued.applicant.user,
            **_facts(status),
        }
        for issued, status in found
    ]
    heading = ("serial number", "kind", "medium", "user", "state", "since")
    rows = [
        tuple(str(one[key]) for key in ("serial_number", "kind", "medium", "user", "state", "since")) for one in facts
    ]
    Output(as_json).facts(facts, table([heading, *rows]))


@command.command()
@_records
@_serial
@json_option
def status(records: Path, serial: str, as_json: bool) -> None:
    """Show the state of a certificate and everything that happened to it."""
    number = _number(serial)
    with open_records(records) as ca:
        ca.certificate(number)
        state, history = ca.status(number), ca.history(number)
    events = [
        {"at": event.at.isoformat(), "change": event.change.value, "reason": event.reason and event.reason.value}
        for event in history
    ]
    lines = [f"{event['at']}  {event['change']}{' ' + event['reason'] if event['reason'] else ''}" for event in events]
    Output(as_json).facts({**_facts(state), "history": events}, [f"now {state.state.value}", *lines])


@command.command()
@_records
@_serial
@click.option("--reason", type=click.Choice(_REASONS), default="unspecified", show_default=True, help="Why.")
def revoke(records: Path, serial: str, reason: str) -> None:
    """Revoke a certificate for good."""
    from cryptography.x509 import ReasonFlags

    with open_records(records) as ca:
        ca.revoke(_number(serial), ReasonFlags[reason])


@command.command()
@_records
@_serial
def suspend(records: Path, serial: str) -> None:
    """Suspend an authentication certificate until it is released."""
    from jpki.parties.ca import suspension

    with open_records(records) as ca:
        suspension.suspend(ca, _number(serial))


@command.command()
@_records
@_serial
def release(records: Path, serial: str) -> None:
    """End the suspension of an authentication certificate."""
    from jpki.parties.ca import suspension

    with open_records(records) as ca:
        suspension.release(ca, _number(serial))


def web_address(url: str | None) -> str | None:
    """The address given, if it is one; raises UsageError."""
    from jpki.parties.verifier.http_post import Address

    if url is not None:
        Address.parse(url)
    return url


def open_records(records: Path) -> CertificateAuthority:
    """The CA in a file; in the folder of a world the very one that the world used last."""
    from jpki.parties.ca.authority import CertificateAuthority
    from jpki.parties.world_ledger import expected_at

    return CertificateAuthority.open(records, create=False, expected=expected_at(records))


def _number(serial: str) -> int:
    try:
        return int(serial, 16)
    except ValueError as error:
        raise UsageError(f"{serial} is no serial number", hint="hexadecimal, as `jpki ca list` shows it") from error


def _facts(status: Status) -> dict[str, object]:
    return {
        "state": status.state.value,
        "since": None if status.since is None else status.since.isoformat(),
        "reason": None if status.reason is None else status.reason.value,
    }
