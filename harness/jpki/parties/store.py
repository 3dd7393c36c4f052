"""A party's records: one SQLite file. A transaction is done or not at all, whenever the process dies.

A file that is there already is taken only when it is whole: every row under the store's seal (``seal``), all else as it
was made (``structure``), and, for who knows, the very store that was used last and not an older copy. Nothing is ever
made in place of a file that is not.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cardlab.errors import BusyError, HarnessError, IntegrityError, StorageError, UsageError
from cardlab.files import attempt, remove_leftovers, sync_folder
from cardlab.locking import hold_file
from cardlab.system_errors import explained
from jpki.parties import seal, structure
from jpki.parties.seal import BrokenSealError, Seal

_WAIT = 30.0  # seconds for other processes to let go of the file
_COPY = "put it back from a copy"
_FULL = "make room, then start again: what was there is as it was"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which store it is, and its generation, which grows with every change."""

    store_id: str
    generation: int


class Store:
    """The file. Any thread may call; every method raises BusyError when another process has the file for 30 s, and
    StorageError when the disk is full or the like, and then nothing has changed.

    Subclasses have ``SCHEMA``, ``HOLDS`` (what the file holds, for messages), and methods that say what they read and
    write. They neither remove the last row of an AUTOINCREMENT table nor INSERT OR IGNORE into one
    (``structure.is_numbered``).
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
    def open(
        cls,
        path: Path,
        *,
        create: bool = True,
        fill: Callable[[Self], None] | None = None,
        expected: Identity | None = None,
    ) -> Self:
        """Open the file, or with ``create`` make one where none is, which only its owner can read.

        ``fill`` writes what a new store has from the beginning. Raises IntegrityError when the file is empty, damaged,
        something else, or not the store ``expected`` or a later state of it; UsageError or StorageError when it cannot
        be used, or without ``create`` is not there; BusyError when another process is writing to it for 30 s.
        """
        if not _is_there(path):
            if not create:
                raise UsageError(f"{path} does not exist", hint=f"it should hold {cls.HOLDS}")
            cls._make(path, fill)
        store = cls._connected(path)
        try:
            with store._explaining():
                store._check(expected)
        except (ValueError, TypeError) as error:  # bytes that are no text, text where bytes should be
            store.close()
            raise store._unsound("is damaged", hint=_COPY) from error
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _make(cls, path: Path, fill: Callable[[Self], None] | None) -> None:
        """The whole new file at once: made under another name, which a process that is killed leaves behind."""
        if not path.parent.is_dir():
            raise UsageError(f"{path} cannot be written: there is no folder {path.parent}", hint="make it first")
        try:
            with hold_file(path, wait=_WAIT):
                if _is_there(path):  # another process was faster
                    return
                remove_leftovers(path)
                fresh = attempt(path)
                try:
                    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                    with closing(cls._connected(fresh)) as store, store._explaining():
                        store._begin_empty()
                        if fill is not None:
                            fill(store)
                    _sync(fresh)
                    fresh.rename(path)
                except BaseException:
                    fresh.unlink(missing_ok=True)
                    raise
                sync_folder(path.parent)
        except OSError as error:
            raise explained(error, f"{path} cannot be written, it would hold {cls.HOLDS}") from error

    @classmethod
    def _connected(cls, path: Path) -> Self:
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=_WAIT,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise _refusal(error, path, cls.HOLDS) from error
        return cls(connection, path)

    def _begin_empty(self) -> None:
        """A new store: no journal, for a half-made one is thrown away."""
        self._connection.execute("PRAGMA journal_mode = MEMORY")
        seal.keep_sealed(self._connection)
        with self.transaction():
            structure.create(self._connection, self.SCHEMA)
            store_id = secrets.token_hex(8)
            row = (store_id, self.HOLDS, Seal().to_bytes(store_id))
            self._run(f"INSERT INTO {seal.TABLE} VALUES (1, ?, ?, ?)", *row)  # noqa: S608 - our own table
            self._run(f"PRAGMA user_version = {self.VERSION}")

    # -- is it whole? -------------------------------------------------------------------------------------------------

    def _check(self, expected: Identity | None) -> None:
        if self._path.stat().st_size == 0:
            raise self._unsound("is empty", hint=_COPY)
        self._connection.execute("PRAGMA foreign_keys = ON")
        seal.keep_sealed(self._connection)
        self._execute("BEGIN")  # one state for all the looks at it
        try:
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version != self.VERSION or not structure.is_as_made(self._connection, self.SCHEMA):
                raise IntegrityError(f"{self._path} does not hold {self.HOLDS} (version {self.VERSION})", hint=_COPY)
            identity = self._sound_identity()
        finally:
            self._connection.execute("ROLLBACK")
        if expected is not None:
            self._require(identity, expected)

    def _sound_identity(self) -> Identity:
        """Who the store is, when every row is as it was written."""
        if not structure.is_writable(self._connection):
            raise self._unsound("is damaged: its header forbids to write to it", hint=_COPY)
        ((found,),) = self._connection.execute("PRAGMA integrity_check(1)")
        if found != "ok":
            raise self._unsound(f"is damaged ({found})", hint=_COPY)
        rows = self._connection.execute(f"SELECT store_id, holds, seal FROM {seal.TABLE}").fetchall()  # noqa: S608
        if len(rows) != 1 or rows[0][1] != self.HOLDS:
            raise self._unsound("is damaged: it does not say what it is", hint=_COPY)
        store_id, _, raw = rows[0]
        try:
            sealed = Seal.from_bytes(raw, store_id)
        except BrokenSealError as error:
            raise self._unsound(f"is damaged: {error}", hint=_COPY) from error
        if sealed.total != seal.total(self._connection):
            raise self._unsound("is damaged: its rows are not those that were written", hint=_COPY)
        if not structure.is_numbered(self._connection):
            raise self._unsound("is damaged: its count of rows is not what was written", hint=_COPY)
        return Identity(store_id, sealed.generation)

    def _require(self, found: Identity, expected: Identity) -> None:
        if found.store_id != expected.store_id:
            raise self._unsound("is another one than was used here", hint="put back the one that belongs here")
        if found.generation < expected.generation:
            raise self._unsound(
                f"is older than when it was used last (state {found.generation}, that was {expected.generation})",
                hint="put back the newest one: an older one has forgotten what happened since",
            )

    def _unsound(self, what: str, *, hint: str) -> IntegrityError:
        return IntegrityError(f"{self._path} {what}; it should hold {self.HOLDS}", hint=hint)

    @property
    def identity(self) -> Identity:
        """Which store it is, and its generation by now."""
        row = self._one(f"SELECT store_id, seal FROM {seal.TABLE}")  # noqa: S608 - our own table
        if row is None:
            raise self._unsound("is damaged", hint=_COPY)
        return Identity(row[0], Seal.from_bytes(row[1], row[0]).generation)

    # -- use ----------------------------------------------------------------------------------------------------------

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
        """Any statement; what SQLite refuses is an error for people."""
        with self._explaining():
            return self._connection.execute(statement, values)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # our own mistake
            raise
        except sqlite3.Error as error:
            raise _refusal(error, self._path, self.HOLDS) from error

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock, self._explaining():
            row: tuple[Any, ...] | None = self._execute(query, values).fetchone()
            return row

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._explaining():
            return self._execute(query, values).fetchall()

    def _run(self, query: str, *values: object) -> None:
        with self._lock:
            self._execute(query, values)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise explained(error, str(path)) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(error: sqlite3.Error, path: Path, holds: str) -> HarnessError:
    """What SQLite refuses, by its primary result code (the low byte)."""
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return BusyError(
                f"{path} is in use by another process, and nothing was written to it",
                hint="end that one: a program that was stopped, perhaps, or one that shows the file",
            )
        case sqlite3.SQLITE_FULL:
            return StorageError(f"{path} cannot be written: the disk is full", hint=_FULL)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StorageError(f"{path} cannot be used: {error}", hint="look at the rights of the file and its folder")
        case sqlite3.SQLITE_IOERR:
            return StorageError(f"{path} cannot be read or written: {error}", hint=f"{_FULL}; or look after the disk")
    return IntegrityError(f"{path} does not hold {holds}: {error}", hint=_COPY)
