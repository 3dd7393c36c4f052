"""The seal of a store: what tells whether every row is as it was written, whose store it is, and how old.

A store holds a table of its own with one row: a random identifier, what the store holds, and the *seal*. Triggers keep
the seal in the same transaction as each row, so it is right whenever a process dies. It protects against accidents (a
flipped bit, a file of another world, an old copy), not against somebody who changes records on purpose: they could
compute it, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

TABLE = "store_identity"
_CREATE = f"""CREATE TABLE {TABLE} (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    holds TEXT NOT NULL,
    seal BLOB NOT NULL                   -- Seal.to_bytes
) STRICT"""
_NUMBER, _TOTAL, _CHECK = 8, 32, 8  # bytes


class BrokenSealError(ValueError):
    """A seal that was not made by these rules for this store."""


@dataclass(frozen=True, slots=True)
class Seal:
    """``generation`` counts the rows ever written, changed or removed; ``total`` is the sum of the hashes of all rows.

    So a store of a higher generation is a later one, and a row counts whatever its place.
    """

    generation: int = 0
    total: int = 0

    def changed(self, by: int) -> Seal:
        """After a row with this hash was added, or removed (negative)."""
        return Seal(self.generation + 1, (self.total + by) % (1 << 8 * _TOTAL))

    def to_bytes(self, store_id: str) -> bytes:
        """Generation and total, 8 and 32 bytes big-endian, and 8 bytes of a SHA-256 over the identifier and both."""
        numbers = self.generation.to_bytes(_NUMBER, "big") + self.total.to_bytes(_TOTAL, "big")
        return numbers + _check(store_id, numbers)

    @classmethod
    def from_bytes(cls, raw: bytes, store_id: str) -> Seal:
        """Raises BrokenSealError."""
        numbers = raw[: _NUMBER + _TOTAL]
        if raw[_NUMBER + _TOTAL :] != _check(store_id, numbers):
            raise BrokenSealError("its seal is broken")
        return cls(int.from_bytes(numbers[:_NUMBER], "big"), int.from_bytes(numbers[_NUMBER:], "big"))


def _check(store_id: str, numbers: bytes) -> bytes:
    return sha256(store_id.encode() + numbers).digest()[:_CHECK]


def row_hash(table: str, values: Iterable[object]) -> int:
    """The hash of one row; values are what SQLite holds."""
    return int.from_bytes(sha256(repr((table, *values)).encode("utf-8", "surrogatepass")).digest(), "big")


def keep_sealed(connection: sqlite3.Connection) -> None:
    """Let the triggers of this connection work."""
    connection.execute("PRAGMA recursive_triggers = ON")  # a row that INSERT OR REPLACE removes fires them only then
    connection.execute("PRAGMA trusted_schema = ON")
    for name, sign in (("sealed_with", 1), ("sealed_without", -1)):
        connection.create_function(name, -1, _changing(sign), deterministic=True)


def _changing(sign: int) -> Callable[..., bytes]:
    def change(seal: bytes, store_id: str, table: str, *values: object) -> bytes:
        return Seal.from_bytes(seal, store_id).changed(sign * row_hash(table, values)).to_bytes(store_id)

    return change


def statements(connection: sqlite3.Connection) -> Iterable[str]:
    """What makes the table and the triggers for all tables that are there."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    yield _CREATE
    for table in tables:
        if not table.startswith("sqlite_"):
            yield from _triggers(table, [row[1] for row in connection.execute(f"PRAGMA table_info({table})")])


def _triggers(table: str, columns: Sequence[str]) -> Iterable[str]:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    without = f"sealed_without(seal, store_id, '{table}', {old})"
    seals = {
        "INSERT": f"sealed_with(seal, store_id, '{table}', {new})",
        "DELETE": without,
        "UPDATE": f"sealed_with({without}, store_id, '{table}', {new})",
    }
    differs = " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)
    for event, seal in seals.items():
        when = f" WHEN {differs}" if event == "UPDATE" else ""  # what changes nothing makes nothing younger
        update = f"UPDATE {TABLE} SET seal = {seal}"  # noqa: S608 - names of our own tables and columns
        yield f"CREATE TRIGGER seal_{event.lower()}_{table} AFTER {event} ON {table}{when} BEGIN {update}; END"


def total(connection: sqlite3.Connection) -> int:
    """The sum of the hashes of all rows as they are."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = sum(
        row_hash(table, row)
        for table in tables
        if table != TABLE and not table.startswith("sqlite_")
        for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of our own tables
    )
    return found % (1 << 8 * _TOTAL)
