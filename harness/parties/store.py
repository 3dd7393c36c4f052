"""A party's records: one SQLite file. A transaction is done or not at all, whenever the process dies."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from harness.errors import IntegrityError

_WAIT = 30.0  # seconds for another process's transaction


class Store:
    """The file; subclasses have ``SCHEMA`` and methods that say what they read and write. Any thread may call."""

    SCHEMA = ""
    VERSION = 1

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the file, which only its owner can read; IntegrityError when it is another kind of file."""
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        store = cls(connection)
        try:
            store._prepare(path)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise IntegrityError(f"{path} does not hold what it should: {error}") from error
        except BaseException:
            connection.close()
            raise
        return store

    def _prepare(self, path: Path) -> None:
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version == 0 and not self._connection.execute("SELECT name FROM sqlite_schema").fetchone():
                for statement in self.SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {self.VERSION}")
            elif version != self.VERSION:
                raise IntegrityError(f"{path} was written by another version", hint="start with a new world folder")

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
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
            return row

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _run(self, query: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(query, values)
