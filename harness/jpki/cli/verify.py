"""``jpki verify``: what the service provider wants to know about a signature (C4, C6)."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError, VerificationError

if TYPE_CHECKING:
    from cryptography import x509

    from jpki.parties.ca.authority import CertificateAuthority
    from jpki.parties.verifier.evidence import EvidenceSource
    from jpki.parties.verifier.report import Report

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--content", type=_FILE, help="What was signed, for a detached signature.")
@click.option("--ca", "ca_files", type=_FILE, multiple=True, help="CA certificates to trust, PEM or DER; repeatable.")
@click.option("--crl", "crl_files", type=_FILE, multiple=True, help="A revocation list, PEM or DER; repeatable.")
@click.option("--ocsp", metavar="URL", help="Ask this OCSP responder.")
@click.option("--online", is_flag=True, help="Ask the OCSP responder that the certificate names.")
@click.option("--records", type=_FILE, help="Trust the CA whose records these are, and ask them.")
@click.option(
    "--at", metavar="TIME", help="Judge the certificate at this time (ISO 8601, UTC without a zone), not now."
)
@click.option("--attributes", is_flag=True, help="Show the holder's name, address, birth date and sex too.")
@json_option
def command(
    file: Path,
    content: Path | None,
    ca_files: tuple[Path, ...],
    crl_files: tuple[Path, ...],
    ocsp: str | None,
    online: bool,
    records: Path | None,
    at: str | None,
    attributes: bool,
    as_json: bool,
) -> int:
    """Verify the CMS signature in FILE.

    Says who signed, how the user authenticated, and whether the certificate was in order. A signature holds no time
    that can be trusted, so the certificate is judged now, or at --at. The exit code is the outcome;
    docs/reference/verify.md lists them.
    """
    from contextlib import ExitStack

    from jpki.cli.ca import open_records
    from jpki.parties.verifier.verifier import Verifier

    time = _time(at)
    with ExitStack() as stack:
        ca = None if records is None else stack.enter_context(open_records(records))
        trusted = _trusted(ca_files, ca)
        verifier = Verifier(trusted, _sources(crl_files, ocsp, online, ca))
        report = verifier.verify(file.read_bytes(), content=None if content is None else content.read_bytes(), at=time)
    holder = _attributes(report) if attributes else None
    facts = report.to_json() | ({} if holder is None else {"attributes": holder})
    Output(as_json).facts(facts, _text(report, holder))
    return report.outcome.exit_code


def _time(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--at {text} is no time", hint="for example 2026-04-01T12:00:00+09:00") from error
    time = time.replace(tzinfo=datetime.UTC) if time.tzinfo is None else time
    if time > datetime.datetime.now(datetime.UTC):
        raise UsageError(f"--at {text} lies in the future, whose revocations nobody knows")
    return time


def _trusted(files: tuple[Path, ...], ca: CertificateAuthority | None) -> list[x509.Certificate]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from jpki.certificates.signed_data import CERTIFICATE_ERRORS, load_certificate
    from jpki.client.constants import Slot

    trusted = [] if ca is None else [load_certificate(ca.ca_certificate(slot)) for slot in Slot]
    for file in files:
        raw = file.read_bytes()
        try:
            pem = raw.lstrip().startswith(b"-----BEGIN")
            found = [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(raw)] if pem else [raw]
            trusted += [load_certificate(der) for der in found]
        except (*CERTIFICATE_ERRORS, VerificationError) as error:
            raise UsageError(f"{file} holds no certificate: {error}") from error
    if not trusted:
        raise UsageError(
            "no CA is trusted", hint="name its certificate with --ca FILE, or its records with --records FILE"
        )
    return trusted


def _sources(
    crls: tuple[Path, ...], ocsp: str | None, online: bool, ca: CertificateAuthority | None
) -> list[EvidenceSource]:
    from jpki.parties.verifier.crl_source import CrlSource, load_crl
    from jpki.parties.verifier.evidence import RecordsSource
    from jpki.parties.verifier.named_responder import NamedResponder
    from jpki.parties.verifier.ocsp_source import OcspSource, http_responder

    sources: list[EvidenceSource] = []
    if crls:
        sources.append(CrlSource([load_crl(file.read_bytes(), str(file)) for file in crls]))
    if ocsp is not None:
        sources.append(OcspSource(http_responder(ocsp)))
    if online:
        sources.append(NamedResponder())
    if ca is not None:
        sources.append(RecordsSource(ca))
    return sources


def _attributes(report: Report) -> dict[str, str]:
    """The four attributes (A6), of a signer whose certificate comes from a CA that is trusted."""
    from jpki.certificates.attributes import read_basic_attributes
    from jpki.parties.verifier.outcome import Outcome

    doubtful = {Outcome.MALFORMED, Outcome.BAD_SIGNATURE, Outcome.UNTRUSTED}
    if report.signer is None or doubtful & {finding.outcome for finding in report.findings}:
        return {}
    found = read_basic_attributes(report.signer)
    if found is None:
        return {}
    return {
        "name": found.name,
        "address": found.address,
        "birth_date": found.birth_date.isoformat(),
        "sex": found.sex.name.lower(),
    }


def _text(report: Report, holder: dict[str, str] | None) -> list[str]:
    lines = [f"{report.outcome.word.upper()}: {report.outcome.sentence}"]
    lines += [f"  - {finding.text}" for finding in report.findings]
    rows: list[tuple[str, str]] = []
    if report.signer is not None:
        kind = {True: "signing certificate", False: "authentication certificate", None: "certificate"}
        rows += [
            ("signer", report.signer.subject.rfc4514_string()),
            ("issued by", report.signer.issuer.rfc4514_string()),
            ("certificate", f"{kind[report.for_signing]} {report.signer.serial_number:X}"),
            ("valid", f"{_utc(report.signer.not_valid_before_utc)} to {_utc(report.signer.not_valid_after_utc)}"),
        ]
    rows.append(("judged at", _utc(report.at)))
    rows += [
        (f"revocation ({one.source})", " ".join(filter(None, (one.state.value, one.note)))) for one in report.evidence
    ]
    if report.scheme is not None:
        rows.append(("signature", report.scheme.value))
    if report.indicator is not None:
        method = report.indicator.method.name.lower().replace("_", " ")
        rows += [
            ("authenticated by", method),
            ("access", report.indicator.source.name.lower()),
            ("use of the key", f"number {report.indicator.counter}"),
        ]
    if report.claimed_time is not None:
        rows.append(("claimed time", f"{_utc(report.claimed_time)} (the signer's word, proven by nothing)"))
    if holder is not None:
        rows += [(name.replace("_", " "), value) for name, value in holder.items()] or [("attributes", "none")]
    width = max(len(name) for name, _ in rows)
    return [*lines, "", *(f"{name:<{width}}  {value}" for name, value in rows)]


def _utc(time: datetime.datetime) -> str:
    return f"{time.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"
