"""Certificate revocation lists, complete and delta (RFC 5280, 5). Certificates stay on them after they expire."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import NameOID

from jpki.certificates.profile import TestAuthority
from jpki.certificates.suites import hash_of
from jpki.parties.ca.records import IssuedCrl
from jpki.parties.ca.status import CertStatus, Change, Status, StatusEvent, status_after

LIFE = datetime.timedelta(hours=24)
"""From a list to the next one that is due."""


def complete(issuer: TestAuthority, number: int, now: datetime.datetime, events: Iterable[StatusEvent]) -> bytes:
    """The list of all that are revoked or suspended after these events, DER."""
    builder = _builder(issuer, number, now)
    for serial, status in sorted(_states(events).items()):
        if status.state is not CertStatus.GOOD:
            builder = builder.add_revoked_certificate(_entry(serial, status))
    freshest = x509.FreshestCRL([_distribution_point(issuer, "Delta CRL")])
    return _signed(builder.add_extension(freshest, critical=False), issuer)


def delta(issuer: TestAuthority, latest: IssuedCrl, base: IssuedCrl, events: Sequence[StatusEvent]) -> bytes:
    """What changed from ``base`` to ``latest``, DER; with ``base`` it says the same as ``latest``, whose number it has.

    A certificate that was suspended and is good again is on it as removeFromCRL (RFC 5280, 5.2.4 and 5.3.1).
    """
    until = [event for event in events if event.number <= latest.event]
    changed = {event.serial for event in until if event.number > base.event and event.change is not Change.ISSUED}
    states = _states(until)
    builder = _builder(issuer, latest.number, latest.at)
    for serial in sorted(changed):
        status = states[serial]
        if status.state is CertStatus.GOOD:
            status = Status(CertStatus.GOOD, status.since, ReasonFlags.remove_from_crl)
        builder = builder.add_revoked_certificate(_entry(serial, status))
    return _signed(builder.add_extension(x509.DeltaCRLIndicator(base.number), critical=True), issuer)


def _states(events: Iterable[StatusEvent]) -> dict[int, Status]:
    by_serial = defaultdict(list)
    for event in events:
        by_serial[event.serial].append(event)
    return {serial: status_after(history) for serial, history in by_serial.items()}


def _entry(serial: int, status: Status) -> x509.RevokedCertificate:
    if status.since is None:
        raise ValueError(f"certificate {serial:X} was never issued")
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(status.since)
    if status.reason not in (None, ReasonFlags.unspecified):  # RFC 5280, 5.3.1: should be absent then
        builder = builder.add_extension(x509.CRLReason(status.reason), critical=False)
    return builder.build()


def _builder(issuer: TestAuthority, number: int, now: datetime.datetime) -> x509.CertificateRevocationListBuilder:
    key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + LIFE)
        .add_extension(key, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )


def _distribution_point(issuer: TestAuthority, common_name: str) -> x509.DistributionPoint:
    name = x509.Name([*issuer.certificate.subject, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)


def _signed(builder: x509.CertificateRevocationListBuilder, issuer: TestAuthority) -> bytes:
    return builder.sign(issuer.key, hash_of(issuer.suite)).public_bytes(Encoding.DER)
