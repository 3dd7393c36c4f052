"""What can be done with the phone on the page: the app's functions, and what comes of them as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from cardlab.errors import UsageError
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.messages import Applied, Finished
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.using import Shown
from jpki.parties.verifier.report import Report
from jpki.parties.world import World
from jpki.web.service import ExampleService
from jpki.web.telling import Json, slot_name

_LONGEST_DOCUMENT = 10_000  # characters


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for: a function, the phone, and what else it takes."""

    function: str
    phone: str
    resident: str = ""
    slots: tuple[Slot, ...] = ()
    method: DeviceMethod = DeviceMethod.BIOMETRIC
    document: str = ""

    @classmethod
    def read(cls, raw: object) -> Wish:
        """From JSON; raises UsageError for anything that the page would not send."""
        try:
            given = cast("Mapping[str, str]", raw)
            slots = tuple(Slot[str(name).upper()] for name in given.get("slots", ()))
            wish = cls(
                function=str(given["function"]),
                phone=str(given["phone"]),
                resident=str(given.get("resident", "")),
                slots=tuple(slot for slot in Slot if slot in slots) or BOTH,
                method=DeviceMethod[str(given.get("method", "biometric")).upper()],
                document=str(given.get("document", "")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"nothing that can be done: {error}") from error
        if wish.function not in FUNCTIONS or len(wish.document) > _LONGEST_DOCUMENT:
            raise UsageError("no such function, or too long a document")
        return wish


@dataclass(frozen=True, slots=True)
class Hands:
    """What a function works with."""

    app: PhoneApp
    wish: Wish
    world: World
    service: ExampleService

    @property
    def card(self) -> MyNumberCard:
        """The My Number Card of the resident who holds the phone."""
        return self.world.my_number_card(self.wish.resident)


Act = Callable[[Hands], Json]


def _apply(hands: Hands) -> Json:
    return _finished(hands.app.apply(hands.card, hands.wish.slots))


def _register_certificates(hands: Hands) -> Json:
    return _finished(hands.app.register())


def _renew(hands: Hands) -> Json:
    return _finished(hands.app.renew(hands.card, hands.wish.slots))


def _revoke(hands: Hands) -> Json:
    """By the My Number Card."""
    return _finished(hands.app.revoke(hands.card, hands.wish.slots))


def _revoke_here(hands: Hands) -> Json:
    """By the phone's own signing key."""
    return _finished(hands.app.revoke(None, hands.wish.slots))


def _release(hands: Hands) -> Json:
    return _finished(hands.app.release(hands.card))


def _reset_pin(hands: Hands) -> Json:
    return _finished(hands.app.reset_pin(hands.card, hands.wish.slots))


def _resume(hands: Hands) -> Json:
    finished = hands.app.resume()
    return {} if finished is None else _finished(finished)


def _abandon(hands: Hands) -> Json:
    hands.app.abandon()
    return {}


def _collect(hands: Hands) -> Json:
    return {"orders": hands.app.collect()}


def _change_pin(hands: Hands) -> Json:
    hands.app.change_pin(hands.wish.slots[0])
    return {}


def _register(hands: Hands) -> Json:
    hands.app.register_device_auth(hands.wish.method)
    return {}


def _try_out(hands: Hands) -> Json:
    tried = [hands.app.try_out(slot) for slot in hands.wish.slots]
    return {"tried": [{"slot": slot_name(one.slot), "serial": f"{one.serial:X}"} for one in tried]}


def _show(hands: Hands) -> Json:
    return _shown(hands.app.show(hands.wish.slots[0]))


def _log_in(hands: Hands) -> Json:
    return _report(hands.service.log_in(hands.app))


def _sign(hands: Hands) -> Json:
    return _report(hands.service.take(hands.app, hands.wish.document))


FUNCTIONS: Mapping[str, Act] = {
    "apply": _apply,
    "register_certificates": _register_certificates,
    "renew": _renew,
    "revoke": _revoke,
    "revoke_here": _revoke_here,
    "release": _release,
    "reset_pin": _reset_pin,
    "resume": _resume,
    "abandon": _abandon,
    "collect": _collect,
    "change_pin": _change_pin,
    "register": _register,
    "try": _try_out,
    "show": _show,
    "log_in": _log_in,
    "sign": _sign,
}


def _finished(finished: Finished | Applied) -> Json:
    """``applied``: word comes when the certificates are issued."""
    if isinstance(finished, Applied):
        return {"applied": True}
    return {"certificates": [{"slot": slot_name(slot), "serial": f"{serial:X}"} for slot, serial in finished.serials]}


def _shown(shown: Shown) -> Json:
    found = shown.certificate
    return {
        "slot": slot_name(shown.slot),
        "serial": f"{found.serial_number:X}",
        "subject": found.subject.rfc4514_string(),
        "issuer": found.issuer.rfc4514_string(),
        "until": found.not_valid_after_utc.date().isoformat(),
    }


def _report(report: Report) -> Json:
    """A good one; the service has refused the others."""
    indicator, signer = report.indicator, report.signer
    return {
        "outcome": report.outcome.word,
        "method": "" if indicator is None else indicator.method.name.lower(),
        "serial": "" if signer is None else f"{signer.serial_number:X}",
        "subject": "" if signer is None else signer.subject.rfc4514_string(),
        "revocation": [one.source for one in report.evidence],
    }
