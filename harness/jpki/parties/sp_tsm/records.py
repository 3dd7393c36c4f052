"""What the SP-TSM keeps: devices, cases, keys and certificates by secure element, and removal orders (E5).

A *case* is one request of a phone, from its application to its end. Its progress with each slot is a *stage*: what is
known for sure about the card, and was verified with an R-MAC before it was written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Self

from cardlab.globalplatform.scp03 import StaticKeys
from jpki.client.constants import Slot
from jpki.parties.consent import Consent, Subject
from jpki.parties.keyset import joined, split
from jpki.parties.messages import Begin, Device, Feature, Function, Slots
from jpki.parties.store import Store

_SCHEMA = """
CREATE TABLE device (
    se_id BLOB PRIMARY KEY,
    app_id TEXT NOT NULL,
    model TEXT NOT NULL,
    push_token TEXT NOT NULL,
    push_key BLOB NOT NULL,
    ready INTEGER NOT NULL DEFAULT 0,    -- the applet is there
    delivery_version INTEGER,            -- the domain's keys as the SEI-TSM delivered it
    delivery_keys BLOB,
    own_keys BLOB NOT NULL,              -- those that replace them, made before they are sent
    rotated INTEGER NOT NULL DEFAULT 0   -- the card has them
) STRICT;
CREATE TABLE request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    function TEXT NOT NULL,
    slots TEXT NOT NULL,
    se_id BLOB NOT NULL REFERENCES device,
    app_id TEXT NOT NULL,
    user TEXT NOT NULL,
    application BLOB NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE TABLE stage (
    request_id TEXT NOT NULL REFERENCES request (request_id),
    slot TEXT NOT NULL,
    clean INTEGER NOT NULL DEFAULT 0,
    key_before BLOB,
    PRIMARY KEY (request_id, slot)
) STRICT;
CREATE TABLE card_key (
    key_hash BLOB PRIMARY KEY,
    se_id BLOB NOT NULL REFERENCES device,
    slot TEXT NOT NULL,
    request_id TEXT NOT NULL REFERENCES request (request_id)
) STRICT;
CREATE TABLE certificate (
    serial TEXT PRIMARY KEY,             -- hexadecimal
    slot TEXT NOT NULL,
    se_id BLOB NOT NULL REFERENCES device,
    user TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE REFERENCES card_key,
    request_id TEXT NOT NULL REFERENCES request (request_id),
    present INTEGER NOT NULL DEFAULT 1   -- its key is on the card
) STRICT;
CREATE TABLE removal (
    order_id TEXT PRIMARY KEY,
    se_id BLOB NOT NULL REFERENCES device,
    slots TEXT NOT NULL,                 -- empty: nothing is left to remove
    notified INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE announcement (              -- certificates that are issued, to be told by push
    request_id TEXT PRIMARY KEY REFERENCES request (request_id),
    told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE consent (
    request_id TEXT NOT NULL REFERENCES request (request_id),
    subject TEXT NOT NULL,
    text TEXT NOT NULL,                  -- as it was shown
    agreed_at INTEGER NOT NULL,          -- seconds since 1970
    PRIMARY KEY (request_id, subject)
) STRICT;
CREATE TABLE policy_key (one INTEGER PRIMARY KEY CHECK (one = 1), der BLOB NOT NULL) STRICT;
CREATE TABLE disabled (model TEXT, feature TEXT, PRIMARY KEY (model, feature)) STRICT
"""


@unique
class CaseState(Enum):
    """OPEN until it ends: DONE, or CLOSED because a newer case took its place."""

    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A secure element in a phone."""

    se_id: bytes
    app_id: str
    model: str
    push_token: str
    push_key: bytes
    ready: bool
    delivery: tuple[int, StaticKeys] | None
    own_keys: StaticKeys
    rotated: bool

    @classmethod
    def met(cls, device: Device, own_keys: StaticKeys) -> Self:
        """One that nobody knows yet; ``own_keys`` are those that it will get."""
        found = (device.se_id, device.app_id, device.model, device.push_token, device.push_key)
        return cls(*found, False, None, own_keys, False)


@dataclass(frozen=True, slots=True)
class Case:
    """One request."""

    request_id: str
    function: Function
    slots: Slots
    se_id: bytes
    app_id: str
    user: str
    application: bytes
    state: CaseState

    def is_for(self, begin: Begin) -> bool:
        """Whether it is what this phone asks for, through the installation of the app that applied for it."""
        asked = (begin.function, begin.slots, begin.device.se_id, begin.device.app_id)
        return asked == (self.function, self.slots, self.se_id, self.app_id)


@dataclass(frozen=True, slots=True)
class KnownCertificate:
    """A certificate whose key is or was on a secure element."""

    serial: int
    slot: Slot
    se_id: bytes
    user: str
    key_hash: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """An order to remove the keys of some slots from one secure element."""

    order_id: str
    se_id: bytes
    slots: Slots
    notified: bool
    done: bool


class ProviderRecords(Store):
    """Reads and writes; what it means is the service's business."""

    HOLDS = "the records of an SP-TSM"
    SCHEMA = _SCHEMA
    VERSION = 4

    # -- devices ------------------------------------------------------------------------------------------------------

    def device(self, se_id: bytes) -> KnownDevice | None:
        """What is known of a secure element."""
        row = self._one("SELECT * FROM device WHERE se_id = ?", se_id)
        if row is None:
            return None
        _, app_id, model, token, key, ready, version, delivered, own, rotated = row
        delivery = None if delivered is None else (version, split(delivered))
        return KnownDevice(se_id, app_id, model, token, key, bool(ready), delivery, split(own), bool(rotated))

    def meet(self, device: Device, new_keys: StaticKeys) -> None:
        """Note a phone that was not known, or that has another push token now; its app_id is not changed here."""
        with self.transaction():
            self._run(
                "INSERT OR IGNORE INTO device (se_id, app_id, model, push_token, push_key, own_keys) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(device.se_id, device.app_id, device.model, device.push_token, device.push_key, joined(new_keys)),
            )
            self._run(
                "UPDATE device SET model = ?, push_token = ?, push_key = ? WHERE se_id = ? AND app_id = ?",
                *(device.model, device.push_token, device.push_key, device.se_id, device.app_id),
            )

    def applet_ready(self, se_id: bytes, version: int, keys: StaticKeys) -> None:
        """The SEI-TSM has prepared it."""
        self._run(
            "UPDATE device SET ready = 1, delivery_version = ?, delivery_keys = ? WHERE se_id = ?",
            *(version, joined(keys), se_id),
        )

    def applet_gone(self, se_id: bytes) -> None:
        """The applet was deleted; keys went with it."""
        self._run("UPDATE device SET ready = 0 WHERE se_id = ?", se_id)

    def hand_over(self, device: Device) -> None:
        """Another installation of the app has the secure element now."""
        self._run(
            "UPDATE device SET app_id = ?, model = ?, push_token = ?, push_key = ?, ready = 0 WHERE se_id = ?",
            *(device.app_id, device.model, device.push_token, device.push_key, device.se_id),
        )

    def keys_rotated(self, se_id: bytes) -> None:
        """The provider's domain has the provider's own keys."""
        self._run("UPDATE device SET rotated = 1 WHERE se_id = ?", se_id)

    # -- cases --------------------------------------------------------------------------------------------------------

    def case(self, request_id: str) -> Case | None:
        """A case by its request."""
        found = self._cases("request_id = ?", request_id)
        return found[0] if found else None

    def open_cases(self) -> list[Case]:
        """All that have not ended."""
        return self._cases("state = 'OPEN'")

    def add_case(self, case: Case, before: dict[Slot, bytes | None]) -> None:
        """A new case; ``before`` is the key that a slot holds as far as is known."""
        self._run(
            "INSERT INTO request (request_id, function, slots, se_id, app_id, user, application, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(case.request_id, case.function.name, _names(case.slots), case.se_id, case.app_id),
            *(case.user, case.application, case.state.name),
        )
        for slot in case.slots:
            self._run(
                "INSERT INTO stage (request_id, slot, key_before) VALUES (?, ?, ?)",
                *(case.request_id, slot.name, before.get(slot)),
            )

    def end_case(self, request_id: str, state: CaseState) -> None:
        """It is over."""
        self._run("UPDATE request SET state = ? WHERE request_id = ?", state.name, request_id)

    def unclean(self, request_id: str) -> Slots:
        """The slots of which it is not known that an earlier holder's PIN and key are gone."""
        rows = self._all("SELECT slot FROM stage WHERE request_id = ? AND NOT clean", request_id)
        return tuple(slot for slot in Slot if (slot.name,) in rows)

    def mark_clean(self, request_id: str, slot: Slot) -> None:
        """They are gone: what is found from now on is this case's."""
        self._run("UPDATE stage SET clean = 1 WHERE request_id = ? AND slot = ?", request_id, slot.name)

    def key_before(self, request_id: str, slot: Slot) -> bytes | None:
        """The hash of the key that a renewal replaces."""
        row = self._one("SELECT key_before FROM stage WHERE request_id = ? AND slot = ?", request_id, slot.name)
        return None if row is None else row[0]

    def announce(self, request_id: str) -> None:
        """Its certificates are issued, and the phone is to be told; the second time changes nothing."""
        self._run("INSERT OR IGNORE INTO announcement (request_id) VALUES (?)", request_id)

    def unannounced(self) -> list[Case]:
        """Open cases whose phones are to be told, and were not."""
        told = "request_id IN (SELECT request_id FROM announcement WHERE NOT told)"
        return self._cases(f"state = 'OPEN' AND {told}")

    def announced(self, request_id: str) -> None:
        """The push service has it."""
        self._run("UPDATE announcement SET told = 1 WHERE request_id = ?", request_id)

    def add_consent(self, request_id: str, consent: Consent) -> None:
        """What the user agreed to for this request (E9)."""
        values = (request_id, consent.subject.name, consent.text, consent.agreed_at)
        self._run("INSERT INTO consent VALUES (?, ?, ?, ?)", *values)

    def consents(self, request_id: str) -> list[Consent]:
        """All for a request."""
        query = "SELECT subject, text, agreed_at FROM consent WHERE request_id = ? ORDER BY rowid"
        return [Consent(Subject[name], text, agreed_at) for name, text, agreed_at in self._all(query, request_id)]

    def cases(self) -> list[Case]:
        """Every case there ever was, oldest first."""
        return self._cases("TRUE")

    # -- keys and certificates ----------------------------------------------------------------------------------------

    def add_key(self, key_hash: bytes, case: Case, slot: Slot) -> None:
        """A key that the card answered with; the second time changes nothing."""
        self._run(
            "INSERT OR IGNORE INTO card_key VALUES (?, ?, ?, ?)", key_hash, case.se_id, slot.name, case.request_id
        )

    def has_key(self, key_hash: bytes) -> bool:
        """Whether a key is recorded."""
        return self._one("SELECT 1 FROM card_key WHERE key_hash = ?", key_hash) is not None

    def add_certificate(self, certificate: KnownCertificate, request_id: str) -> None:
        """A certificate that the CA issued for a key on a card; it takes the place of the slot's former one."""
        self._run(
            "UPDATE certificate SET present = 0 WHERE se_id = ? AND slot = ? AND key_hash <> ?",
            *(certificate.se_id, certificate.slot.name, certificate.key_hash),
        )
        self._run(
            "INSERT OR IGNORE INTO certificate VALUES (?, ?, ?, ?, ?, ?, 1)",
            *(f"{certificate.serial:X}", certificate.slot.name, certificate.se_id, certificate.user),
            *(certificate.key_hash, request_id),
        )

    def certificates_on(self, se_id: bytes) -> list[KnownCertificate]:
        """Those whose keys are on a secure element."""
        return self._certificates("present AND se_id = ?", se_id)

    def certificates_of(self, user: str) -> list[KnownCertificate]:
        """Those of a user whose keys are on some secure element."""
        return self._certificates("present AND user = ?", user)

    def certificates_from(self, request_id: str) -> list[KnownCertificate]:
        """Those that a case led to."""
        return self._certificates("request_id = ?", request_id)

    def certificate(self, serial: int) -> KnownCertificate | None:
        """The serial map: certificate to secure element (E5)."""
        found = self._certificates("serial = ?", f"{serial:X}")
        return found[0] if found else None

    def key_gone(self, serial: int) -> None:
        """The key is no longer on the card."""
        self._run("UPDATE certificate SET present = 0 WHERE serial = ?", f"{serial:X}")

    # -- removal, policy ----------------------------------------------------------------------------------------------

    def add_removal(self, removal: Removal) -> None:
        """A new order."""
        self._run(
            "INSERT INTO removal (order_id, se_id, slots) VALUES (?, ?, ?)",
            *(removal.order_id, removal.se_id, _names(removal.slots)),
        )

    def removal(self, order_id: str) -> Removal | None:
        """An order."""
        found = self._removals("order_id = ?", order_id)
        return found[0] if found else None

    def removals(self, se_id: bytes) -> list[Removal]:
        """The orders for a secure element that are not done."""
        return self._removals("se_id = ? AND NOT done", se_id)

    def unnotified(self) -> list[Removal]:
        """Orders that the push service does not have yet."""
        return self._removals("NOT notified AND NOT done")

    def notified(self, order_id: str) -> None:
        """The push service has it."""
        self._run("UPDATE removal SET notified = 1 WHERE order_id = ?", order_id)

    def change_removal(self, order_id: str, slots: Slots) -> None:
        """Slots whose keys are gone are not to be removed any more; without any the order is settled."""
        self._run("UPDATE removal SET slots = ?, done = ? WHERE order_id = ?", _names(slots), int(not slots), order_id)

    def removed(self, order_id: str) -> None:
        """It was carried out."""
        self._run("UPDATE removal SET done = 1 WHERE order_id = ?", order_id)

    def policy_key(self, new: bytes) -> bytes:
        """The key (PKCS #8) that statements about features are signed with, ``new`` when there is none yet."""
        self._run("INSERT OR IGNORE INTO policy_key VALUES (1, ?)", new)
        row = self._one("SELECT der FROM policy_key")
        return new if row is None else bytes(row[0])

    def disabled(self, model: str) -> tuple[Feature, ...]:
        """Features switched off for a model (E7)."""
        rows = self._all("SELECT feature FROM disabled WHERE model = ?", model)
        return tuple(feature for feature in Feature if (feature.name,) in rows)

    def set_feature(self, model: str, feature: Feature, *, enabled: bool) -> None:
        """Switch a feature off or on."""
        if enabled:
            self._run("DELETE FROM disabled WHERE model = ? AND feature = ?", model, feature.name)
        else:
            self._run("INSERT OR IGNORE INTO disabled VALUES (?, ?)", model, feature.name)

    # -- plumbing -----------------------------------------------------------------------------------------------------

    def _cases(self, condition: str, *values: object) -> list[Case]:
        columns = "request_id, function, slots, se_id, app_id, user, application, state"
        rows = self._all(f"SELECT {columns} FROM request WHERE {condition} ORDER BY number", *values)  # noqa: S608
        return [
            Case(request_id, Function[function], _slots(slots), se_id, app_id, user, application, CaseState[state])
            for request_id, function, slots, se_id, app_id, user, application, state in rows
        ]

    def _certificates(self, condition: str, *values: object) -> list[KnownCertificate]:
        columns = "serial, slot, se_id, user, key_hash"
        rows = self._all(f"SELECT {columns} FROM certificate WHERE {condition} ORDER BY rowid", *values)  # noqa: S608
        return [
            KnownCertificate(int(serial, 16), Slot[slot], se_id, user, key_hash)
            for serial, slot, se_id, user, key_hash in rows
        ]

    def _removals(self, condition: str, *values: object) -> list[Removal]:
        columns = "order_id, se_id, slots, notified, done"
        rows = self._all(f"SELECT {columns} FROM removal WHERE {condition} ORDER BY rowid", *values)  # noqa: S608
        return [
            Removal(order_id, se_id, _slots(slots), bool(notified), bool(done))
            for order_id, se_id, slots, notified, done in rows
        ]


def _names(slots: Slots) -> str:
    return ",".join(slot.name for slot in slots)


def _slots(names: str) -> Slots:
    return tuple(Slot[name] for name in names.split(",") if name)
