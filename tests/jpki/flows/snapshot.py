"""Everything that a world keeps, to see that something changed nothing: rows of all records, and what cards hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from jpki.client.constants import Slot
from jpki.client.personalisation import AppletStatus
from jpki.parties.seal import TABLE
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, key_hash

Row = tuple[object, ...]


def snapshot(world: World, *, but: tuple[str, ...] = ()) -> dict[str, object]:
    """By name: the rows of each file of records, and each phone's applet; without what is in some folders.

    The seal of a file counts how often something was written: an app writes down what it is about to ask for, and takes
    it back when it was refused.
    """
    kept: dict[str, object] = {}
    for path in sorted(world.folder.rglob("*.sqlite")):
        name = str(path.relative_to(world.folder))
        if not name.startswith(but or ("-",)):
            with closing(sqlite3.connect(path)) as file:
                tables = [table for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                rows = {table: file.execute(f"SELECT * FROM {table}").fetchall() for table in tables if table != TABLE}  # noqa: S608
                kept[name] = {table: sorted(map(repr, found)) for table, found in rows.items()}
    for phone in world.phones:
        kept[f"card of {phone}"] = _applet(world, phone)
    return kept


def _applet(world: World, phone: str) -> tuple[AppletStatus, dict[Slot, bytes]] | None:
    found = card_state(world, phone)
    return None if found is None else (found[0], {slot: key_hash(key) for slot, key in found[1].items()})
