"""A party's records: one SQLite file. A transaction is done or not at all, whenever the process dies."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cardlab.errors import BusyError, IntegrityError, UsageError

_WAIT = 30.0  # seconds for other processes to let go of the file
_TABLE = re.compile(r"CREATE TABLE (\w+)")


class Store:
    """The file. Any thread may call; every method raises BusyError when another process has the file for 30 s.

    Subclasses have ``SCHEMA``, ``HOLDS`` (what the file holds, for messages), and methods that say what they read and
    write.
    """

    SCHEMA = ""
    VERSION = 1
    HOLDS = ""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open or create the file, which only its owner can read.

        Raises IntegrityError when it is another kind of file, UsageError when it cannot be used, or without ``create``
        is not there, BusyError when another process is writing to it for 30 s.
        """
        if not create and not path.is_file():
            raise UsageError(f"{path} does not exist", hint=f"it should hold {cls.HOLDS}")
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}", hint=f"it would hold {cls.HOLDS}"
            ) from error
        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        store = cls(connection, path)
        try:
            store._prepare(path, create=create)
        except sqlite3.OperationalError as error:
            connection.close()
            raise UsageError(f"{path} cannot be used: {error}", hint=f"it should hold {cls.HOLDS}") from error
        except sqlite3.DatabaseError as error:
            connection.close()
            raise IntegrityError(f"{path} does not hold {cls.HOLDS}: {error}") from error
        except BaseException:
            connection.close()
            raise
        return store

    def _prepare(self, path: Path, *, create: bool) -> None:
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            tables = self._tables()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if create and version == 0 and not tables:
                for statement in self.SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {self.VERSION}")
            elif version != self.VERSION or not set(_TABLE.findall(self.SCHEMA)) <= tables:
                raise IntegrityError(f"{path} does not hold {self.HOLDS} (version {self.VERSION})")

    def _tables(self) -> set[str]:
        return {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is written together; inside another transaction it belongs to that one."""
        with self._lock:
            if self._depth:
                yield
                return
            self._execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self._execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def _execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Any statement; raises BusyError when it has waited for another process long enough."""
        try:
            return self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise BusyError(
                f"{self._path} is in use by another process, and nothing was written to it",
                hint="end that one: a program that was stopped, perhaps, or one that shows the file",
            ) from error

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._execute(query, values).fetchone()
            return row

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._execute(query, values).fetchall()

    def _run(self, query: str, *values: object) -> None:
        with self._lock:
            self._execute(query, values)
