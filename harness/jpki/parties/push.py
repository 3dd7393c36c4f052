"""The push service: keeps messages for the app behind a token until they are acknowledged (E5, E11).

What is in them is nothing to it: the payload is sealed for the app (``word``).
"""

from __future__ import annotations

from collections.abc import Callable

from cardlab.errors import RefusedError
from jpki.parties.messages import (
    Acknowledge,
    Collect,
    Done,
    Notify,
    PushMessage,
    PushMessages,
    PushToken,
    RegisterApp,
    Request,
)
from jpki.parties.recorder import Party
from jpki.parties.store import Store


class PushRecords(Store):
    """Tokens and the messages that wait."""

    HOLDS = "the records of a push service"
    VERSION = 2
    SCHEMA = """
CREATE TABLE app (app_id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE waiting (
    message_id TEXT NOT NULL,
    token TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (token, message_id)
) STRICT
"""

    def token(self, app_id: str, new: str) -> str:
        """The token of an installation, ``new`` when it has none yet."""
        self._run("INSERT OR IGNORE INTO app VALUES (?, ?)", app_id, new)
        row = self._one("SELECT token FROM app WHERE app_id = ?", app_id)
        return str(row[0]) if row else new

    def has(self, token: str) -> bool:
        """Whether it was given to an installation."""
        return self._one("SELECT 1 FROM app WHERE token = ?", token) is not None

    def put(self, token: str, message: PushMessage) -> None:
        """Keep a message; the second time changes nothing."""
        self._run("INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)", message.message_id, token, message.payload)

    def messages(self, token: str) -> tuple[PushMessage, ...]:
        """What waits for a token, oldest first."""
        rows = self._all("SELECT message_id, payload FROM waiting WHERE token = ? ORDER BY rowid", token)
        return tuple(PushMessage(message_id, payload) for message_id, payload in rows)

    def drop(self, token: str, message_id: str) -> None:
        """The app has done what it was about."""
        self._run("DELETE FROM waiting WHERE token = ? AND message_id = ?", token, message_id)


class PushService:
    """Answers phones and the SP-TSM."""

    def __init__(self, records: PushRecords, random: Callable[[int], bytes]) -> None:
        self._records = records
        self._random = random

    def handle(self, sender: Party, request: Request) -> PushToken | PushMessages | Done:
        """One message."""
        match request:
            case RegisterApp():
                return PushToken(self._records.token(request.app_id, self._random(12).hex()))
            case Collect():
                return PushMessages(self._records.messages(request.token))
            case Acknowledge():
                self._records.drop(request.token, request.message_id)
                return Done()
            case Notify() if sender is Party.SP_TSM:
                self._records.put(request.token, PushMessage(request.message_id, request.payload))
                return Done()
        raise RefusedError(f"{type(request).__name__} from the {sender} is nothing the push service takes")
