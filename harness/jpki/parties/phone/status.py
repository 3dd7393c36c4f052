"""What is true of this phone now (E1): from the card, from the journal, and from those who know of certificates."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum, StrEnum, unique

from cardlab.errors import TransportError
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.messages import AskCertificates, CertificateFacts, Certificates, PeerError
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.records import Pending, Stage
from jpki.parties.recorder import Party

RENEWAL_NOTICE = datetime.timedelta(days=90)
"""How long before its end a certificate is to be renewed, as with the My Number Card's: three months."""


@unique
class Phase(Enum):
    """How far a phone is (E1)."""

    APP_READY = "app ready"
    APPLET_READY = "applet ready"
    INITIAL_SETUP = "initial setup"
    SERVICE_USE = "service use"


@unique
class CertificateCondition(StrEnum):
    """What a certificate is good for; NOT_ASKED when nobody who knows could be reached."""

    GOOD = "good"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class SlotCondition:
    """One certificate on this phone. ``serial`` and ``not_after`` are None when nobody could be asked."""

    slot: Slot
    tries_left: int
    condition: CertificateCondition
    serial: int | None = None
    not_after: datetime.datetime | None = None
    renewal_due: bool = False
    ordered_away: bool = False

    @property
    def blocked(self) -> bool:
        """Whether no PIN counts any more, until it is reset (B7)."""
        return not self.tries_left

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Why it cannot be used, and what to do; empty when it can, as far as is known."""
        found, kind = [], self.slot.name.lower()
        if self.blocked:
            found.append(f"the {self.slot.pin_name} is blocked: reset it")
        if self.condition in _REMEDIES:
            found.append(f"the {kind} certificate is {self.condition}: {_REMEDIES[self.condition]}")
        if self.ordered_away:
            found.append(f"the deletion of the {kind} certificate is ordered: it goes when the app collects its orders")
        return tuple(found)

    @property
    def final(self) -> bool:
        """Whether nothing but another issuance helps."""
        return self.ordered_away or _REMEDIES.get(self.condition) == _ISSUE


_ISSUE = "issue another"
_STAGES = {
    Stage.APPLIED: "certificates are applied for: word comes by push when they are issued",
    Stage.ISSUED: "the certificates that were applied for are issued: register them",
}
_REMEDIES = {
    CertificateCondition.SUSPENDED: "release it",
    CertificateCondition.REVOKED: _ISSUE,
    CertificateCondition.EXPIRED: _ISSUE,
    CertificateCondition.UNKNOWN: _ISSUE,
}


@dataclass(frozen=True, slots=True)
class PhoneStatus:
    """All of it at one time."""

    phase: Phase
    pending: Pending | None
    registered: tuple[DeviceMethod, ...]
    slots: tuple[SlotCondition, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should be told."""
        told = [_STAGES[self.pending.stage]] if self.pending and self.pending.stage in _STAGES else []
        told += [text for one in self.slots for text in one.hindrances]
        for one in self.slots:
            if one.renewal_due and one.not_after is not None:
                told.append(f"the {one.slot.name.lower()} certificate ends on {one.not_after:%Y-%m-%d}: renew it")
        return tuple(told)


class StatusOf:
    """Finds out."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    def now(self) -> PhoneStatus:
        """Everything, without a PIN; what others know is left out when they cannot be reached."""
        slots = self.slots()
        pending = self._inside.records.pending()
        registered = self._inside.records.registered() if self._usable(slots, Slot.AUTHENTICATION) else ()
        return PhoneStatus(self._phase(pending, slots), pending, registered, slots)

    def slots(self) -> tuple[SlotCondition, ...]:
        """The certificates on this phone, and what is known of each."""
        held = self._inside.held_slots()
        if not held:
            return ()
        known, client = self._known(), self._inside.applet()
        return tuple(self._condition(slot, client.tries_left(slot), known) for slot in Slot if slot in held)

    def _phase(self, pending: Pending | None, slots: tuple[SlotCondition, ...]) -> Phase:
        """Back to setting up when something is to be mended first, further back when only issuing helps."""
        if pending is not None:
            return Phase.INITIAL_SETUP
        if any(not one.hindrances for one in slots):
            return Phase.SERVICE_USE
        if any(not one.final for one in slots):
            return Phase.INITIAL_SETUP
        return Phase.APPLET_READY if self._inside.has_applet() else Phase.APP_READY

    @staticmethod
    def _usable(slots: tuple[SlotCondition, ...], slot: Slot) -> bool:
        return any(one.slot is slot and not one.final for one in slots)

    def _known(self) -> Certificates | None:
        """What the SP-TSM and J-LIS say; None when they cannot be reached."""
        try:
            device = self._inside.device()
            asked = AskCertificates(device.se_id, device.app_id)
            return self._inside.network.call(Party.PHONE, Party.SP_TSM, asked, Certificates)
        except (TransportError, PeerError):
            return None

    def _condition(self, slot: Slot, tries_left: int, known: Certificates | None) -> SlotCondition:
        if known is None:
            return SlotCondition(slot, tries_left, CertificateCondition.NOT_ASKED)
        facts = next((one for one in known.certificates if one.slot is slot), None)
        away = slot in known.ordered_away
        if facts is None:  # another installation's, or another holder's
            return SlotCondition(slot, tries_left, CertificateCondition.UNKNOWN, ordered_away=away)
        ends = datetime.datetime.fromtimestamp(facts.not_after, datetime.UTC)
        condition = self._state(facts)
        due = condition is CertificateCondition.GOOD and self._inside.clock() > ends - RENEWAL_NOTICE
        return SlotCondition(slot, tries_left, condition, facts.serial, ends, due, away)

    def _state(self, facts: CertificateFacts) -> CertificateCondition:
        """The last second counts."""
        state = CertificateCondition(facts.state)
        ended = self._inside.now() > facts.not_after
        return CertificateCondition.EXPIRED if ended and state is not CertificateCondition.REVOKED else state
