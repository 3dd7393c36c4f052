"""What a store is made of beside its rows: its schema, the numbers that SQLite gives, and the header of the file.

No seal is on them, and SQLite overlooks what it does not need at the moment: the kind of an entry of the schema, a name
in capitals, a count that is too high, a header that forbids to write. So they are compared with what was made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache

from jpki.parties import seal

_SCHEMA = "SELECT name, type, tbl_name, rootpage > 0, sql FROM sqlite_master ORDER BY name"
_NUMBERED = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' ORDER BY name"
_WRITE_VERSION = 18  # offset in the file (SQLite Database File Format, 1.3.3)
_WRITABLE = (1, 2)  # with a rollback journal, with a write-ahead log; SQLite only reads a file of a later version


def create(connection: sqlite3.Connection, schema: str) -> None:
    """Make tables and indices, and the triggers that keep the seal."""
    for statement in _statements(schema):
        connection.execute(statement)
    for statement in seal.statements(connection):
        connection.execute(statement)


def is_as_made(connection: sqlite3.Connection, schema: str) -> bool:
    """Whether the schema is, to the letter, what ``create`` makes of this text, SQLite's own entries among it."""
    return _entries(connection) == _made(schema)


def is_numbered(connection: sqlite3.Connection) -> bool:
    """Whether each AUTOINCREMENT table counts from its last row, and nothing else is counted.

    SQLite counts in a table that can have no trigger; no numbered row is ever ignored or removed, so it is known.
    """
    tables = [name for (name,) in connection.execute(_NUMBERED)]
    if not tables:
        return True
    found = connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall()
    last = [(table, connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]) for table in tables]  # noqa: S608
    return found == [(table, number) for table, number in last if number is not None]


def is_writable(connection: sqlite3.Connection) -> bool:
    """Whether the header lets SQLite write; if not, it opens the file all the same.

    It is read through the connection: to open and close the file beside it would lose this process's locks on it.
    """
    return connection.serialize()[_WRITE_VERSION] in _WRITABLE


def _statements(schema: str) -> Iterator[str]:
    """The statements one by one, each with the comment behind it."""
    gathered = ""
    for line in schema.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():  # the last one may do without its semicolon
        yield gathered


def _entries(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute(_SCHEMA).fetchall()


@cache
def _made(schema: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        create(connection, schema)
        return _entries(connection)
