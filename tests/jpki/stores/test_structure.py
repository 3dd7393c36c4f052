"""What no seal is on is compared with what was made: schema, numbers of rows, header.

By the kinds of flipped bits that SQLite itself overlooks (in capitals a name is the same to it) and a party does not:
its next row has another number, its writing is refused, or the seal no longer counts a table that was empty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cardlab.errors import IntegrityError
from jpki.parties.ca.records import Records
from jpki.parties.keystore import KeystoreRecords
from jpki.parties.store import Store
from tests.jpki.stores.test_seal import altered, content, filled, holds

__all__ = ["filled"]

CAPITAL, NO_TEXT = 0x20, 0x80  # bits of a letter: the case, and what makes it no UTF-8
COLUMNS = ("type", "name", "tbl_name", "sql")
WRITE_VERSION = 18  # offset in the header


def change(path: Path, *statements: tuple[str, Sequence[object]]) -> None:
    """Past the store, in SQLite's own tables as well."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA writable_schema = ON")
        for statement, values in statements:
            assert connection.execute(statement, values).rowcount == 1, statement


def entries(path: Path) -> Iterator[tuple[int, str, str]]:
    """Rowid, column and text of all that the schema says."""
    with closing(sqlite3.connect(path)) as connection:
        for rowid, *texts in connection.execute(f"SELECT rowid, {', '.join(COLUMNS)} FROM sqlite_master"):  # noqa: S608
            yield from ((rowid, column, text) for column, text in zip(COLUMNS, texts, strict=True) if text is not None)


def test_a_bit_of_each_text_of_the_schema(filled: Path, tmp_path: Path) -> None:
    """Of tables, indices and triggers, and of what SQLite makes for itself."""
    tried = list(entries(filled))
    assert {text.split("_")[0] for _, column, text in tried if column == "name"} >= {"sqlite", "seal", "certificate"}
    for rowid, column, text in tried:
        for bit in (CAPITAL, NO_TEXT) if "sqlite_" in text else (CAPITAL,):
            raw = text.encode()
            flipped = bytes((raw[0] ^ bit,)) + raw[1:]
            path = altered(filled, tmp_path, lambda _: None)
            change(path, (f"UPDATE sqlite_master SET {column} = CAST(? AS TEXT) WHERE rowid = ?", (flipped, rowid)))  # noqa: S608
            assert holds(path) is None, (column, text)


@pytest.mark.parametrize(
    "column",
    ["type = CAST(type AS BLOB)", "tbl_name = CAST(tbl_name AS BLOB)", "sql = CAST(sql AS BLOB)", "rootpage = 1"],
)
def test_a_bit_of_the_kind_of_a_value_in_the_schema(filled: Path, tmp_path: Path, column: str) -> None:
    path = altered(filled, tmp_path, lambda _: None)
    change(path, (f"UPDATE sqlite_master SET {column} WHERE name = 'seal_insert_crl'", ()))  # noqa: S608
    assert holds(path) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sqlite_sequence SET seq = seq + 1",
        "UPDATE sqlite_sequence SET seq = seq - 1",
        "UPDATE sqlite_sequence SET seq = NULL",
        "UPDATE sqlite_sequence SET seq = CAST(seq AS BLOB)",
        "UPDATE sqlite_sequence SET name = 'dvent'",
        "UPDATE sqlite_sequence SET name = CAST(name AS BLOB)",
        "DELETE FROM sqlite_sequence",
        "INSERT INTO sqlite_sequence SELECT * FROM sqlite_sequence",
        "INSERT INTO sqlite_sequence VALUES ('crl', 1)",
    ],
)
def test_what_numbers_the_rows(filled: Path, tmp_path: Path, statement: str) -> None:
    path = altered(filled, tmp_path, lambda _: None)
    change(path, (statement, ()))
    with pytest.raises(IntegrityError, match="is damaged: its count of rows is not what was written"):
        Records.open(path, create=False)


class _Numbered(Store):
    HOLDS = "numbers"
    SCHEMA = """
CREATE TABLE known (name TEXT PRIMARY KEY);
CREATE TABLE row (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE REFERENCES known)"""

    def know(self, name: str) -> None:
        self._run("INSERT INTO known VALUES (?)", name)

    def add(self, name: str | None) -> None:
        self._run("INSERT INTO row (name) VALUES (?)", name)


def test_rows_that_were_refused_count_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    for number in range(3):
        with closing(_Numbered.open(path)) as store:
            for refused in ("stranger", None, *("0" for _ in range(number))):
                with pytest.raises(IntegrityError, match="constraint failed"):
                    store.add(refused)
            with pytest.raises(ZeroDivisionError), store.transaction():
                store.know(str(number))
                store.add(str(number))
                raise ZeroDivisionError
        with closing(_Numbered.open(path, create=False)) as store:
            store.know(str(number))
            store.add(str(number))
    assert [row[1:] for row in content(path) if row[0] == "row"] == [(1, "0"), (2, "1"), (3, "2")]


def test_every_bit_of_the_header(tmp_path: Path) -> None:
    """Found, or nothing to what the store holds and to its being written."""
    whole = tmp_path / "keystore.sqlite"
    KeystoreRecords.open(whole).close()
    before, found = content(whole), set()
    for at in range(100):
        for bit in range(8):

            def flip(raw: bytearray, at: int = at, bit: int = bit) -> None:
                raw[at] ^= 1 << bit

            after = holds(altered(whole, tmp_path, flip), KeystoreRecords)
            assert after in (None, before), f"bit {bit} of byte {at}"
            if after is None:
                found.add((at, bit))
    assert {(WRITE_VERSION, bit) for bit in range(8)} <= found, "SQLite opens it, and writes nothing"


def test_a_store_that_another_program_set_to_a_write_ahead_log(filled: Path, tmp_path: Path) -> None:
    path = altered(filled, tmp_path, lambda _: None)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    assert path.read_bytes()[WRITE_VERSION] == 2
    assert holds(path) == content(filled)
