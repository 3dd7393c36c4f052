"""The CA's records: one SQLite file. A transaction is done or not at all, whenever the process dies."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass

from cryptography.x509 import ReasonFlags

from jpki.client.constants import Profile, Slot
from jpki.parties.applicant import Applicant
from jpki.parties.ca.status import Change, StatusEvent
from jpki.parties.store import Store

_SCHEMA = """
CREATE TABLE address (
    url TEXT PRIMARY KEY           -- where its certificates say that it answers
);
CREATE TABLE authority (
    slot TEXT PRIMARY KEY,
    key BLOB NOT NULL,             -- PKCS #8, not encrypted: a CA for tests
    certificate BLOB NOT NULL
);
CREATE TABLE certificate (
    serial TEXT PRIMARY KEY,       -- 32 hexadecimal digits
    slot TEXT NOT NULL,
    medium TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE, -- one certificate for one key, ever
    request TEXT NOT NULL,
    user TEXT NOT NULL,
    applicant TEXT NOT NULL,       -- JSON
    der BLOB NOT NULL,
    UNIQUE (request, slot)
);
CREATE INDEX certificate_user ON certificate (user);
CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    serial TEXT NOT NULL REFERENCES certificate,
    change TEXT NOT NULL,
    at INTEGER NOT NULL,           -- seconds since 1970
    reason TEXT
);
CREATE INDEX event_serial ON event (serial);
CREATE TABLE crl (
    slot TEXT NOT NULL,
    number INTEGER NOT NULL,
    event INTEGER NOT NULL,        -- the last event that it knows
    at INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (slot, number)
);
"""


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """One certificate that the CA issued; ``request`` is the application it answers, ``der`` the certificate."""

    serial: int
    slot: Slot
    medium: Profile
    key_hash: bytes
    request: str
    applicant: Applicant
    der: bytes


@dataclass(frozen=True, slots=True)
class IssuedCrl:
    """A complete CRL; ``event`` is the number of the last event that it knows."""

    slot: Slot
    number: int
    event: int
    at: datetime.datetime
    der: bytes


class Records(Store):
    """Reads and writes the file; what the entries mean is the authority's business."""

    HOLDS = "the records of a CA"
    SCHEMA = _SCHEMA
    VERSION = 2

    # -- keys of the CA -----------------------------------------------------------------------------------------------

    def authority(self, slot: Slot) -> tuple[bytes, bytes] | None:
        """Private key (PKCS #8) and certificate of one kind."""
        row = self._one("SELECT key, certificate FROM authority WHERE slot = ?", slot.name)
        return None if row is None else (row[0], row[1])

    def address(self) -> str | None:
        """Where its certificates say that it answers."""
        row = self._one("SELECT url FROM address")
        return None if row is None else str(row[0])

    def set_address(self, url: str) -> None:
        self._run("INSERT INTO address VALUES (?)", url)

    def add_authority(self, slot: Slot, key: bytes, certificate: bytes) -> None:
        self._run("INSERT INTO authority VALUES (?, ?, ?)", slot.name, key, certificate)

    # -- certificates and what becomes of them ------------------------------------------------------------------------

    def add_certificate(self, issued: IssuedCertificate) -> None:
        self._run(
            "INSERT INTO certificate VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(_hex(issued.serial), issued.slot.name, issued.medium.name, issued.key_hash, issued.request),
            *(issued.applicant.user, json.dumps(issued.applicant.to_json(), ensure_ascii=False), issued.der),
        )

    def by_serial(self, serial: int) -> IssuedCertificate | None:
        return self._certificate("serial = ?", _hex(serial))

    def by_key(self, key_hash: bytes) -> IssuedCertificate | None:
        return self._certificate("key_hash = ?", key_hash)

    def by_request(self, request: str, slot: Slot) -> IssuedCertificate | None:
        return self._certificate("request = ? AND slot = ?", request, slot.name)

    def all(self) -> list[IssuedCertificate]:
        return self._certificates("TRUE")

    def of_user(self, user: str) -> list[IssuedCertificate]:
        return self._certificates("user = ?", user)

    def add_event(self, serial: int, change: Change, at: datetime.datetime, reason: ReasonFlags | None = None) -> None:
        row = (_hex(serial), change.value, int(at.timestamp()), None if reason is None else reason.value)
        self._run("INSERT INTO event (serial, change, at, reason) VALUES (?, ?, ?, ?)", *row)

    def events(self, serial: int) -> list[StatusEvent]:
        """What became of one certificate, in order."""
        return self._events("serial = ?", _hex(serial))

    def events_of(self, slot: Slot) -> list[StatusEvent]:
        """What became of all certificates of one kind, in order."""
        return self._events("serial IN (SELECT serial FROM certificate WHERE slot = ?)", slot.name)

    def last_time(self) -> datetime.datetime | None:
        """When something was last recorded: an event or a CRL."""
        # It never runs backwards, so the last event is the latest.
        latest = "SELECT at FROM (SELECT at FROM event ORDER BY number DESC LIMIT 1) UNION ALL SELECT max(at) FROM crl"
        times = [at for (at,) in self._all(latest) if at is not None]
        return _time(max(times)) if times else None

    # -- certificate revocation lists ---------------------------------------------------------------------------------

    def add_crl(self, crl: IssuedCrl) -> None:
        row = (crl.slot.name, crl.number, crl.event, int(crl.at.timestamp()), crl.der)
        self._run("INSERT INTO crl VALUES (?, ?, ?, ?, ?)", *row)

    def crl(self, slot: Slot, number: int | None = None) -> IssuedCrl | None:
        """A complete CRL by its number, or the last one."""
        query = "SELECT number, event, at, der FROM crl WHERE slot = ?"
        if number is None:
            row = self._one(f"{query} ORDER BY number DESC LIMIT 1", slot.name)
        else:
            row = self._one(f"{query} AND number = ?", slot.name, number)
        return None if row is None else IssuedCrl(slot, row[0], row[1], _time(row[2]), row[3])

    # -- plumbing -----------------------------------------------------------------------------------------------------

    def _certificate(self, condition: str, *values: object) -> IssuedCertificate | None:
        found = self._certificates(condition, *values)
        return found[0] if found else None

    def _certificates(self, condition: str, *values: object) -> list[IssuedCertificate]:
        columns = "serial, slot, medium, key_hash, request, applicant, der"
        query = f"SELECT {columns} FROM certificate WHERE {condition} ORDER BY rowid"  # noqa: S608 - ours, not input
        return [
            IssuedCertificate(
                serial=int(serial, 16),
                slot=Slot[slot],
                medium=Profile[medium],
                key_hash=key_hash,
                request=request,
                applicant=Applicant.from_json(json.loads(applicant)),
                der=der,
            )
            for serial, slot, medium, key_hash, request, applicant, der in self._all(query, *values)
        ]

    def _events(self, condition: str, *values: object) -> list[StatusEvent]:
        query = f"SELECT number, serial, change, at, reason FROM event WHERE {condition} ORDER BY number"  # noqa: S608
        return [
            StatusEvent(
                number, int(serial, 16), Change(change), _time(at), None if reason is None else ReasonFlags(reason)
            )
            for number, serial, change, at, reason in self._all(query, *values)
        ]


def _hex(serial: int) -> str:
    return f"{serial:032X}"


def _time(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
