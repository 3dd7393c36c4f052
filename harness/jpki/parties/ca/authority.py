"""The CA that both kinds of certificate come from.

    ca = CertificateAuthority.open(Path("ca.sqlite"))
    certificate = ca.issue(Slot.SIGNING, public_key, applicant, request_id="application 1")
    ca.suspend(serial)
    ca.status(serial)              # suspended since ..., certificate_hold
    ca.status(serial, at=earlier)  # good since ...

Everything is in one SQLite file; any number of processes may have it open, and each may die at any moment.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509 import ReasonFlags

from cardlab.closing import Closing
from cardlab.errors import IntegrityError, RefusedError, UsageError
from jpki.certificates.profile import ADDRESS, CertificateProfile, TestAuthority
from jpki.certificates.suites import PrivateKey, described, is_exactly, known_suite
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import CERTIFICATE_CAPACITY, Profile, Slot, Suite
from jpki.parties.applicant import Applicant
from jpki.parties.ca import crl, ocsp
from jpki.parties.ca.records import IssuedCertificate, IssuedCrl, Records
from jpki.parties.ca.status import CertStatus, Change, Status, StatusEvent, status_after, status_at
from jpki.parties.clock import Clock, system_clock
from jpki.parties.store import Identity

Entropy = Callable[[int], bytes]
"""Gives so many random bytes."""

_KINDS_OF_KEYS = {Suite.RSA_2048: "RSA-2048 with 65537", Suite.P_384: "on P-384"}
_NOT_A_REVOCATION = (ReasonFlags.certificate_hold, ReasonFlags.remove_from_crl)


class CertificateAuthority(Closing):
    """Issues each key one certificate, and each user one valid certificate of a kind for phone and card each (A2).

    Its own keys and those that it certifies are of one suite, RSA-2048 or, an assumption about the next card, P-384:
    who checks a certificate of one suite needs nothing of the other.

    Time in the records never runs backwards: when the clock does, the last recorded time counts. So what the CA once
    said about a time in the past, it will always say.
    """

    def __init__(
        self, records: Records, issuers: Mapping[Slot, TestAuthority], *, clock: Clock, entropy: Entropy
    ) -> None:
        self._records = records
        self._issuers = issuers
        self._clock = clock
        self._entropy = entropy

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock = system_clock,
        entropy: Entropy = secrets.token_bytes,
        keys: Mapping[Slot, PrivateKey] | None = None,
        suite: Suite | None = None,
        create: bool = True,
        expected: Identity | None = None,
        address: str = ADDRESS,
    ) -> Self:
        """Open the CA in a file, or with ``create`` make one where none is, with ``keys`` or new ones of the suite.

        ``address`` is where the certificates of a new CA will say that it answers (as ``http://127.0.0.1:8080``).
        Raises IntegrityError when the file holds something else, or not the store that is ``expected``; UsageError
        without ``create`` when there is none, and when it is of another ``suite`` than named (RSA-2048 without a name).
        """

        def fill(fresh: Records) -> None:
            fresh.set_address(address.rstrip("/"))
            for slot in Slot:
                _add_issuer(fresh, slot, clock, (keys or {}).get(slot), suite or Suite.RSA_2048)

        records = Records.open(path, create=create, fill=fill, expected=expected)
        try:
            issuers = {slot: _issuer(records, slot, path) for slot in Slot}
            _require_suite(issuers, suite, path)
        except BaseException:
            records.close()
            raise
        return cls(records, issuers, clock=clock, entropy=entropy)

    def close(self) -> None:
        """Let go of the file."""
        self._records.close()

    @property
    def identity(self) -> Identity:
        """Which store its records are, and how far they are."""
        return self._records.identity

    @property
    def suite(self) -> Suite:
        """What its keys are, and those that it certifies."""
        return self._issuers[Slot.SIGNING].suite

    # -- issuing ------------------------------------------------------------------------------------------------------

    def ca_certificate(self, slot: Slot) -> bytes:
        """The CA's own certificate of a kind, DER, self-signed; goes onto the card too (A3)."""
        return self._issuers[slot].certificate_der

    def issue(
        self,
        slot: Slot,
        public_key: SlotPublicKey,
        applicant: Applicant,
        request_id: str,
        *,
        medium: Profile = Profile.PHONE,
    ) -> bytes:
        """The certificate (DER) for a key from the card; asked again for the same key, the same one again (E6).

        What the user had of this kind on this medium is revoked as superseded. A request is for one key of each kind.
        Raises RefusedError, and changes nothing, for a key or request that belongs to something else, for a key whose
        certificate was revoked, for a key that is not RSA-2048 with exponent 65537 (A1) or, where the CA is of that
        suite, on P-384, and for a certificate that is too long for a card.
        """
        _require_kind(public_key, self.suite)
        key_hash = _key_hash(public_key)
        with self._change() as now:
            known = self._records.by_key(key_hash)
            if known is not None:
                self._require_same(known, slot, medium, applicant)
                return known.der
            if self._records.by_request(request_id, slot) is not None:
                raise RefusedError(
                    f"request {request_id} has its {slot.name.lower()} certificate, for another key",
                    hint="a new key needs a new application",
                )
            if now > self._issuers[slot].certificate.not_valid_after_utc:
                raise RefusedError(f"the CA's own {slot.name.lower()} certificate has expired")
            issued = self._make(slot, medium, public_key, key_hash, applicant, request_id, now)
            for former in self._records.of_user(applicant.user):
                if (former.slot, former.medium) == (slot, medium):
                    self._revoke(former.serial, ReasonFlags.superseded, now)
            self._records.add_certificate(issued)
            self._records.add_event(issued.serial, Change.ISSUED, now)
            return issued.der

    def _require_same(self, known: IssuedCertificate, slot: Slot, medium: Profile, applicant: Applicant) -> None:
        if (known.slot, known.medium, known.applicant) != (slot, medium, applicant):
            raise RefusedError("this key has a certificate of another kind or for somebody else", hint="generate a key")
        status = status_after(self._records.events(known.serial))
        if status.state is CertStatus.REVOKED:
            raise RefusedError(
                f"the certificate of this key is revoked ({_reason(status)})",
                hint="a key never gets a second certificate; generate another key",
            )

    def _make(
        self,
        slot: Slot,
        medium: Profile,
        public_key: SlotPublicKey,
        key_hash: bytes,
        applicant: Applicant,
        request: str,
        now: datetime.datetime,
    ) -> IssuedCertificate:
        serial, der = self._issuers[slot].certify(public_key, applicant.holder, entropy=self._entropy, now=now)
        if len(der) > CERTIFICATE_CAPACITY:
            kind = slot.name.lower()
            raise RefusedError(
                f"the {kind} certificate would have {len(der)} bytes, the card holds {CERTIFICATE_CAPACITY}",
                hint="shorten the holder's name or address",
            )
        return IssuedCertificate(serial, slot, medium, key_hash, request, applicant, der)

    # -- what becomes of a certificate --------------------------------------------------------------------------------

    def revoke(self, serial: int, reason: ReasonFlags = ReasonFlags.unspecified) -> Status:
        """Revoke for good, from now on; nothing happens to one that is revoked. RefusedError for an unknown serial."""
        if reason in _NOT_A_REVOCATION:
            raise ValueError(f"{reason.name} revokes nothing; use suspend and release")
        with self._change() as now:
            self._require_known(serial)
            return self._revoke(serial, reason, now)

    def suspend(self, serial: int) -> Status:
        """Suspend an authentication certificate until ``release``, from now on; nothing happens to a suspended one.

        RefusedError for a signing certificate, which can only be revoked (E3), a revoked one and an unknown serial.
        """
        return self._switch(serial, CertStatus.GOOD, Change.SUSPENDED)

    def release(self, serial: int) -> Status:
        """End a suspension; nothing happens to a certificate that is good. RefusedError as for ``suspend``."""
        return self._switch(serial, CertStatus.SUSPENDED, Change.RELEASED)

    def _switch(self, serial: int, expected: CertStatus, change: Change) -> Status:
        with self._change() as now:
            if self._require_known(serial).slot is not Slot.AUTHENTICATION:
                raise RefusedError(
                    f"{serial:X} is a signing certificate: only authentication certificates are suspended",
                    hint="revoke it",
                )
            status = self.status(serial)
            if status.state is CertStatus.REVOKED:
                raise RefusedError(f"certificate {serial:X} is revoked ({_reason(status)}), which is final")
            if status.state is not expected:
                return status
            self._records.add_event(serial, change, now)
            return self.status(serial)

    def _revoke(self, serial: int, reason: ReasonFlags, now: datetime.datetime) -> Status:
        if self.status(serial).state is not CertStatus.REVOKED:
            self._records.add_event(serial, Change.REVOKED, now, reason)
        return self.status(serial)

    def _require_known(self, serial: int) -> IssuedCertificate:
        known = self._records.by_serial(serial)
        if known is None:
            raise RefusedError(f"the CA never issued a certificate with serial number {serial:X}")
        return known

    # -- answers ------------------------------------------------------------------------------------------------------

    def status(self, serial: int, *, at: datetime.datetime | None = None) -> Status:
        """The state now or at a time in the past; UNKNOWN when it was not issued by then, or never."""
        events = self._records.events(serial)
        return status_after(events) if at is None else status_at(events, at)

    def history(self, serial: int) -> list[StatusEvent]:
        """Everything that happened to a certificate, in order."""
        return self._records.events(serial)

    def certificate(self, serial: int) -> IssuedCertificate:
        """The record of a certificate; RefusedError for an unknown serial."""
        return self._require_known(serial)

    def holder(self, serial: int) -> Applicant:
        """Whom a certificate was issued to; RefusedError for an unknown serial."""
        return self._require_known(serial).applicant

    def certificate_of_key(self, public_key: SlotPublicKey) -> IssuedCertificate | None:
        """The record of the one certificate that a key has, whatever its state."""
        return self._records.by_key(_key_hash(public_key))

    def certificates(self) -> list[IssuedCertificate]:
        """All certificates that were ever issued, oldest first."""
        return self._records.all()

    def certificates_of(self, user: str) -> list[IssuedCertificate]:
        """All certificates that a user ever had, oldest first."""
        return self._records.of_user(user)

    def crl(self, slot: Slot, *, base: int | None = None) -> bytes:
        """The certificate revocation list of a kind, DER; with ``base`` only what changed since that number.

        A complete list is issued anew when something happened or half its life (24 h) is over. RefusedError when there
        was no list of the number ``base``.
        """
        with self._change() as now:
            complete = self._complete_crl(slot, now)
            if base is None:
                return complete.der
            known = self._records.crl(slot, base)
            if known is None:
                raise RefusedError(f"there is no {slot.name.lower()} CRL of number {base}")
            events = self._records.events_of(slot)
            return crl.delta(self._issuers[slot], complete, known, events)

    def _complete_crl(self, slot: Slot, now: datetime.datetime) -> IssuedCrl:
        events = self._records.events_of(slot)
        last_event = events[-1].number if events else 0
        former = self._records.crl(slot)
        if former is not None and former.event == last_event and now < former.at + crl.LIFE / 2:
            return former
        number = 1 if former is None else former.number + 1
        made = IssuedCrl(slot, number, last_event, now, crl.complete(self._issuers[slot], number, now, events))
        self._records.add_crl(made)
        return made

    def ocsp(self, request: bytes) -> bytes:
        """The OCSP response (DER) to a request (DER); never raises for what the request is."""
        return ocsp.respond(request, self._issuers, self._status_for_ocsp, self._now())

    def _status_for_ocsp(self, slot: Slot, serial: int) -> Status:
        known = self._records.by_serial(serial)
        return Status(CertStatus.UNKNOWN) if known is None or known.slot is not slot else self.status(serial)

    # -- plumbing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[datetime.datetime]:
        """A transaction, and the time of what happens in it."""
        with self._records.transaction():
            yield self._now()

    def _now(self) -> datetime.datetime:
        now = self._clock().astimezone(datetime.UTC).replace(microsecond=0)
        last = self._records.last_time()
        return now if last is None else max(now, last)


def _add_issuer(records: Records, slot: Slot, clock: Clock, key: PrivateKey | None, suite: Suite) -> None:
    now = clock().astimezone(datetime.UTC).replace(microsecond=0)
    made = TestAuthority.create(CertificateProfile.of(slot), now=now, key=key, suite=suite)
    private = made.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    records.add_authority(slot, private, made.certificate_der)


def _issuer(records: Records, slot: Slot, path: Path) -> TestAuthority:
    stored = records.authority(slot)
    if stored is None:
        raise IntegrityError(f"{path} holds no key of the {slot.name.lower()} CA", hint="put it back from a copy")
    private_key = load_der_private_key(stored[0], password=None, unsafe_skip_rsa_key_validation=True)  # our own file
    if not isinstance(private_key, PrivateKey) or known_suite(private_key) is None:
        raise IntegrityError(f"{path} holds no RSA key, and none on P-384, for the {slot.name.lower()} CA")
    certificate = x509.load_der_x509_certificate(stored[1])
    return TestAuthority(CertificateProfile.of(slot), private_key, certificate, records.address() or ADDRESS)


def _require_suite(issuers: Mapping[Slot, TestAuthority], named: Suite | None, path: Path) -> None:
    found = {one.suite for one in issuers.values()}
    if len(found) > 1:
        raise IntegrityError(f"{path} holds keys of two suites", hint="put it back from a copy")
    if named is not None and found != {named}:
        (own,) = found
        raise UsageError(
            f"{path} holds a CA of the suite {own.label}, not {named.label}: one CA has one suite",
            hint=f"make another one for {named.label}, in a file or world of its own",
        )


def _require_kind(key: SlotPublicKey, suite: Suite) -> None:
    if not is_exactly(key, suite):
        raise RefusedError(
            f"the key is {described(key)}, not {_KINDS_OF_KEYS[suite]}",
            hint=f"this CA is of the suite {suite.label}: install the applet with it",
        )


def _key_hash(public_key: SlotPublicKey) -> bytes:
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def _reason(status: Status) -> str:
    since = f"since {status.since:%Y-%m-%d %H:%M:%S} UTC" if status.since else ""
    return f"{status.reason.value}, {since}" if status.reason else since
