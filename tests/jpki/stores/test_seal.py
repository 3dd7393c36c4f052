"""A store is taken only whole: whatever befalls its file is an IntegrityError, or changes nothing that it holds."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import IntegrityError, StorageError, UsageError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.records import Records
from jpki.parties.keystore import KeystoreRecords
from jpki.parties.messages import Feature
from jpki.parties.phone.records import AppRecords
from jpki.parties.push import PushRecords
from jpki.parties.seal import BrokenSealError, Seal, row_hash
from jpki.parties.sei_tsm import IssuerRecords
from jpki.parties.sp_tsm.records import ProviderRecords
from jpki.parties.store import Identity, Store
from tests.jpki.flows.worlds import Images
from tests.jpki.parties.people import HANAKO, Clock, ca_keys, key

FLIPS = {"quick": 20, "default": 60, "thorough": 20_000}  # of each store
SECTOR = 512  # bytes
STORES: Mapping[str, type[Store]] = {
    "ca.sqlite": Records,
    "sp-tsm.sqlite": ProviderRecords,
    "sei-tsm.sqlite": IssuerRecords,
    "push.sqlite": PushRecords,
    "phones/p1/app.sqlite": AppRecords,
    "phones/p1/keystore.sqlite": KeystoreRecords,
}


@pytest.fixture(scope="module")
def lived(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in which something has happened to every party: issued, suspended, ordered away."""
    place = tmp_path_factory.mktemp("lived") / "world"
    with images.world("issued", place) as world:
        signing, authentication = (one.serial for one in world.provider_records.certificates_of("hanako"))
        world.ca.suspend(authentication)
        world.sp_tsm.order_removal(signing)
        world.sp_tsm.set_feature("M1", Feature.BIOMETRIC, enabled=False)
    return place


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of a CA in which something has happened; nobody writes to them."""
    path = tmp_path_factory.mktemp("filled") / "ca.sqlite"
    with CertificateAuthority.open(path, clock=Clock(), keys=ca_keys()) as ca:
        for number in range(3):
            ca.issue(Slot.SIGNING, key(number).public_key(), HANAKO, f"request {number}")
        ca.crl(Slot.SIGNING)
    return path


def content(path: Path) -> list[tuple[object, ...]]:
    """All rows, read past the store, the schema and SQLite's count of numbered rows among them."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables.append("sqlite_master")
        return [(table, *row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608


def holds(path: Path, kind: type[Store] = Records) -> list[tuple[object, ...]] | None:
    """What a store that was opened, and can be written to, holds; None when it was refused as unsound."""
    try:
        store = kind.open(path, create=False)
    except IntegrityError as error:
        assert str(path) in str(error)
        assert error.hint
        return None
    with closing(store), store.transaction():
        pass
    return content(path)


def altered(filled: Path, tmp_path: Path, change: Callable[[bytearray], None]) -> Path:
    raw = bytearray(filled.read_bytes())
    change(raw)
    path = tmp_path / "altered.sqlite"
    path.unlink(missing_ok=True)  # a file that is written over is synced when it is closed (ext4), which takes its time
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("name", STORES)
def test_flipped_bits(lived: Path, tmp_path: Path, name: str, pytestconfig: pytest.Config) -> None:
    """Those that are found out, and those of bytes that mean nothing; none changes what the party knows."""
    store, number = lived / name, FLIPS[pytestconfig.getoption("--profile")]
    whole = content(store)
    assert len(whole) > 1, "it holds more than its seal"
    used = [at for at, byte in enumerate(store.read_bytes()) if byte]  # most of the rest is empty space
    chance = random.Random(f"flips of {name}")
    found = 0
    for _ in range(number):
        at, bit = chance.choice(used), chance.randrange(8)

        def flip(raw: bytearray, at: int = at, bit: int = bit) -> None:
            raw[at] ^= 1 << bit

        after = holds(altered(store, tmp_path, flip), STORES[name])
        assert after in (None, whole), f"bit {bit} of byte {at}"
        found += after is None
    assert found > number * 0.8


@pytest.mark.parametrize("name", STORES)
def test_truncated_at_every_sector(lived: Path, tmp_path: Path, name: str) -> None:
    store = lived / name
    for length in range(0, store.stat().st_size, SECTOR):

        def cut(raw: bytearray, length: int = length) -> None:
            del raw[length:]

        assert holds(altered(store, tmp_path, cut), STORES[name]) is None, length


def test_an_empty_file_is_never_filled(filled: Path, tmp_path: Path) -> None:
    path = altered(filled, tmp_path, bytearray.clear)
    for create in (True, False):
        with pytest.raises(IntegrityError, match="is empty; it should hold the records of a CA"):
            CertificateAuthority.open(path, create=create)
    assert path.read_bytes() == b""


def test_rows_and_tables_changed_past_the_store(filled: Path, tmp_path: Path) -> None:
    """By a program that knows nothing of the seal, or that takes the triggers away first."""
    changes = (
        "DROP TRIGGER seal_delete_event; DELETE FROM event WHERE change = 'revoked'",
        "DROP TRIGGER seal_insert_event",
        "CREATE TABLE other (a)",
        "DROP INDEX event_serial",
        "UPDATE store_identity SET store_id = 'x'",
        "UPDATE store_identity SET seal = zeroblob(48)",
        "DELETE FROM store_identity",
        "PRAGMA user_version = 7",
    )
    for statements in changes:
        path = altered(filled, tmp_path, lambda _: None)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(statements)
        assert holds(path) is None, statements
    path = altered(filled, tmp_path, lambda _: None)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="sealed_with"),
    ):
        connection.execute("UPDATE event SET at = 0")


def test_another_store_and_an_older_one(filled: Path, tmp_path: Path) -> None:
    with closing(Records.open(filled, create=False)) as records:
        now = records.identity
    Records.open(filled, create=False, expected=now).close()
    Records.open(filled, create=False, expected=Identity(now.store_id, now.generation - 1)).close()
    with pytest.raises(IntegrityError, match="is another one"):
        Records.open(filled, create=False, expected=Identity("0" * 16, 0))
    with pytest.raises(IntegrityError, match=f"is older .*state {now.generation}, that was {now.generation + 1}"):
        Records.open(filled, create=False, expected=Identity(now.store_id, now.generation + 1))
    with pytest.raises(IntegrityError, match="does not hold the records of a push service"):
        PushRecords.open(filled)


def test_every_change_makes_a_store_younger(tmp_path: Path) -> None:
    with closing(PushRecords.open(tmp_path / "push")) as records:
        seen = [records.identity.generation]
        for act in (
            lambda: records.token("a", "t"),
            lambda: records.token("a", "u"),
            lambda: records.drop("t", "none"),
        ):
            act()
            seen.append(records.identity.generation)
    assert seen[1] > seen[0]
    assert seen[1:] == [seen[1]] * 3, "what changed nothing counts for nothing"


class _Probe(Store):
    """Rows of every kind of value, and every way of writing one."""

    HOLDS = "values"
    SCHEMA = "CREATE TABLE one (name TEXT PRIMARY KEY, number INTEGER, raw BLOB, real REAL)"

    def act(self, how: str, *row: object) -> None:
        """INSERT OR IGNORE, INSERT OR REPLACE, UPDATE or DELETE."""
        match how:
            case "update":
                self._run("UPDATE one SET number = ?, raw = ?, real = ? WHERE name = ?", *row[1:], row[0])
            case "delete":
                self._run("DELETE FROM one WHERE name = ?", row[0])
            case _:
                self._run(f"INSERT OR {how} INTO one VALUES (?, ?, ?, ?)", *row)  # noqa: S608 - IGNORE or REPLACE


def test_an_update_that_changes_nothing(tmp_path: Path) -> None:
    with closing(_Probe.open(tmp_path / "probe")) as store:
        store.act("IGNORE", "a", 1, b"x", None)
        before = store.identity
        store.act("update", "a", 1, b"x", None)
        assert store.identity == before
        store.act("update", "a", 1, b"x", 0.5)
        assert store.identity.generation > before.generation
    _Probe.open(tmp_path / "probe", create=False).close()


_ROW = st.tuples(
    st.sampled_from("abc"),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.binary(max_size=5),
    st.none() | st.floats(allow_nan=False),
)


@settings(max_examples=max(settings().max_examples // 5, 5))
@given(
    st.lists(st.tuples(st.sampled_from(("IGNORE", "REPLACE", "update", "delete")), _ROW), max_size=12), st.booleans()
)
def test_the_seal_is_right_whatever_was_written(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, tuple[object, ...]]], failing: bool
) -> None:
    """After any acts, in one transaction that fails, or none."""
    path = tmp_path_factory.mktemp("probe") / "values"
    with closing(_Probe.open(path)) as store:
        for how, row in acts[: len(acts) // 2]:
            store.act(how, *row)
        before = content(path)
        if failing:
            with pytest.raises(ZeroDivisionError), store.transaction():
                for how, row in acts:
                    store.act(how, *row)
                raise ZeroDivisionError
            assert content(path) == before
    _Probe.open(path, create=False).close()


def test_seals_of_other_stores_and_broken_ones() -> None:
    seal = Seal().changed(row_hash("a", (1,))).changed(-row_hash("a", (1,)))
    assert (seal.generation, seal.total) == (2, 0)
    raw = seal.to_bytes("one")
    assert Seal.from_bytes(raw, "one") == seal
    for wrong, store_id in ((raw, "two"), (raw[:-1], "one"), (bytes(48), "one"), (b"", "one")):
        with pytest.raises(BrokenSealError):
            Seal.from_bytes(wrong, store_id)


def test_places_that_cannot_hold_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none" / "a", tmp_path / "file" / "a", tmp_path / ("n" * 300)):
        with pytest.raises(UsageError):
            PushRecords.open(path)
    with pytest.raises(StorageError, match="cannot be used"):
        PushRecords.open(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
