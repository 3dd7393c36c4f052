"""What the app knows of features that are switched off for its model (E7)."""

from __future__ import annotations

from cardlab.errors import RefusedError, TransportError
from jpki.client.constants import DeviceMethod
from jpki.parties.codec import MessageError
from jpki.parties.messages import AskPolicy, Feature, PeerError, Policy
from jpki.parties.phone.inside import Inside
from jpki.parties.policy import Statement
from jpki.parties.recorder import Party

_KEPT, _LATEST = "policy", "latest time"
FEATURE = {DeviceMethod.BIOMETRIC: Feature.BIOMETRIC, DeviceMethod.LOCK_SCREEN: Feature.LOCK_SCREEN}


class Restrictions:
    """Keeps the last statement while it holds, and asks for another one then.

    Somebody on the line brings about no more than that the PIN is used. Somebody who sets back the phone's clock makes
    time stand still for it, no more: what was found to have ended stays so.
    """

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._records = inside.records

    def allows(self, method: DeviceMethod) -> bool:
        """Whether the method may be used now."""
        statement = self._statement()
        return statement is not None and FEATURE[method] not in statement.disabled

    def _statement(self) -> Statement | None:
        """One that holds now: the one that is kept, or a new one; None when there is neither."""
        now = self._now()
        return self._kept(now) or self._fetched(now)

    def _now(self) -> int:
        """By the phone's clock, but never earlier than it once was."""
        now, latest = self._inside.now(), int(self._records.fact(_LATEST) or 0)
        if now > latest:
            self._records.note(_LATEST, str(now))
        return max(now, latest)

    def _kept(self, now: int) -> Statement | None:
        text = self._records.fact(_KEPT)
        return None if text is None else self._holding(text, now)

    def _fetched(self, now: int) -> Statement | None:
        try:
            asked = AskPolicy(self._inside.model)
            answer = self._inside.network.call(Party.PHONE, Party.SP_TSM, asked, Policy)
        except (TransportError, PeerError, MessageError):
            return None
        statement = self._holding(answer.statement, now)
        if statement is not None:
            self._records.note(_KEPT, answer.statement)
        return statement

    def _holding(self, text: str, now: int) -> Statement | None:
        try:
            statement = Statement.verified(text, self._inside.policy_key)
        except RefusedError:
            return None
        return statement if statement.holds(self._inside.model, now) else None
