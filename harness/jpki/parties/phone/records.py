"""What the app keeps: who it is, what it was about to do, and what it knows about its phone's features."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.messages import Function, Slots
from jpki.parties.store import Store


@unique
class Stage(Enum):
    """How far a function is that has not ended. Only an issuance whose user registers later is ever but STARTED."""

    STARTED = "started"
    APPLYING = "applying"
    APPLIED = "applied"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Pending:
    """A function that was begun and has not ended, with the application that the user signed.

    APPLYING stops when the certificates are issued; APPLIED waits for word of that, which came when it is ISSUED.
    """

    request_id: str
    function: Function
    slots: Slots
    application: bytes
    stage: Stage = Stage.STARTED


class AppRecords(Store):
    """A new file is a new installation of the app. No PIN is ever written here (B2)."""

    HOLDS = "the records of a phone app"
    VERSION = 2
    SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE pending (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    request_id TEXT NOT NULL,
    function TEXT NOT NULL,
    slots TEXT NOT NULL,
    application BLOB NOT NULL,
    stage TEXT NOT NULL
) STRICT;
CREATE TABLE changing (slot TEXT PRIMARY KEY) STRICT;
CREATE TABLE registered (method TEXT PRIMARY KEY) STRICT
"""

    def fact(self, name: str) -> str | None:
        """Something noted."""
        row = self._one("SELECT value FROM fact WHERE name = ?", name)
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> str:
        """Note something; returns it."""
        self._run("INSERT OR REPLACE INTO fact VALUES (?, ?)", name, value)
        return value

    def pending(self) -> Pending | None:
        """What was begun and has not ended."""
        row = self._one("SELECT request_id, function, slots, application, stage FROM pending")
        if row is None:
            return None
        request_id, function, names, application, stage = row
        slots = tuple(Slot[name] for name in names.split(","))
        return Pending(request_id, Function[function], slots, application, Stage[stage])

    def begin(self, pending: Pending) -> None:
        """Before the first message goes out."""
        slots = ",".join(slot.name for slot in pending.slots)
        values = (pending.request_id, pending.function.name, slots, pending.application, pending.stage.name)
        self._run("INSERT INTO pending VALUES (1, ?, ?, ?, ?, ?)", *values)

    def reach(self, request_id: str, stage: Stage) -> None:
        """A function that has not ended has come so far; nothing happens when it is another one, or has ended."""
        self._run("UPDATE pending SET stage = ? WHERE request_id = ?", stage.name, request_id)

    def end(self) -> None:
        """It has ended, well or not."""
        self._run("DELETE FROM pending")

    def changing(self, slot: Slot) -> bool:
        """Whether a PIN change was begun, and nobody knows whether the card has done it."""
        return self._one("SELECT 1 FROM changing WHERE slot = ?", slot.name) is not None

    def set_changing(self, slot: Slot, begun: bool) -> None:
        """A PIN change begins or has ended."""
        query = "INSERT OR IGNORE INTO changing VALUES (?)" if begun else "DELETE FROM changing WHERE slot = ?"
        self._run(query, slot.name)

    def registered(self) -> tuple[DeviceMethod, ...]:
        """The methods whose keys the card has."""
        rows = self._all("SELECT method FROM registered")
        return tuple(method for method in DeviceMethod if (method.name,) in rows)

    def set_registered(self, method: DeviceMethod, known: bool) -> None:
        """The card has this method's key, or no longer."""
        query = "INSERT OR IGNORE INTO registered VALUES (?)" if known else "DELETE FROM registered WHERE method = ?"
        self._run(query, method.name)
