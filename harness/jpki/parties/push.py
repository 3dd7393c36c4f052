"""The push service: delivers the TSM's orders to the app behind a token, until they are acknowledged (E5)."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties.messages import Acknowledge, Collect, Done, Notify, Order, Orders, PushToken, RegisterApp, Request
from jpki.parties.recorder import Party
from jpki.parties.store import Store


class PushRecords(Store):
    """Tokens and the orders that wait."""

    HOLDS = "the records of a push service"
    SCHEMA = """
CREATE TABLE app (app_id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE waiting (order_id TEXT PRIMARY KEY, token TEXT NOT NULL, slots TEXT NOT NULL) STRICT
"""

    def token(self, app_id: str, new: str) -> str:
        """The token of an installation, ``new`` when it has none yet."""
        self._run("INSERT OR IGNORE INTO app VALUES (?, ?)", app_id, new)
        row = self._one("SELECT token FROM app WHERE app_id = ?", app_id)
        return str(row[0]) if row else new

    def has(self, token: str) -> bool:
        """Whether it was given to an installation."""
        return self._one("SELECT 1 FROM app WHERE token = ?", token) is not None

    def put(self, token: str, order: Order) -> None:
        """Keep an order; the second time changes nothing."""
        slots = ",".join(slot.name for slot in order.slots)
        self._run("INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)", order.order_id, token, slots)

    def orders(self, token: str) -> tuple[Order, ...]:
        """What waits for a token."""
        rows = self._all("SELECT order_id, slots FROM waiting WHERE token = ? ORDER BY rowid", token)
        return tuple(
            Order(order_id, tuple(Slot[name] for name in slots.split(",") if name)) for order_id, slots in rows
        )

    def drop(self, token: str, order_id: str) -> None:
        """An order was carried out."""
        self._run("DELETE FROM waiting WHERE token = ? AND order_id = ?", token, order_id)


class PushService:
    """Answers phones and the SP-TSM."""

    def __init__(self, records: PushRecords, random: Callable[[int], bytes]) -> None:
        self._records = records
        self._random = random

    def handle(self, sender: Party, request: Request) -> PushToken | Orders | Done:
        """One message."""
        match request:
            case RegisterApp():
                return PushToken(self._records.token(request.app_id, self._random(12).hex()))
            case Collect():
                return Orders(self._records.orders(request.token))
            case Acknowledge():
                self._records.drop(request.token, request.order_id)
                return Done()
            case Notify() if sender is Party.SP_TSM:
                self._records.put(request.token, Order(request.order_id, request.slots))
                return Done()
        raise RefusedError(f"{type(request).__name__} from the {sender} is nothing the push service takes")
