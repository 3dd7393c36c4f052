"""What happens in a run, as JSON for the page. Secrets are left out: PINs in commands, temporary PINs and keys."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cardlab.iso7816.status import describe
from cardlab.printable import printable
from cardlab.transport.names import Redactor
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.consent import Wording
from jpki.parties.flow_run import FlowEnded, Happening
from jpki.parties.phone.prompts import Agree, ChooseInstead, EnterCardPassword, EnterPin, Prompt, Recognise
from jpki.parties.phone.user import Means
from jpki.parties.recorder import ExchangeBegan, ExchangeEnded, FlowEvent, FlowEventKind, Section
from jpki.web.words import PARTIES, SECTIONS, Words, name_of

Json = dict[str, object]

_HIDDEN = frozenset({"temporary", "keys", "push_key"})
_LONGEST = 48  # characters of a value; the page is for looking, not for taking away
_MOST_ITEMS = 4
_TOLD = (FlowEventKind.MESSAGE, FlowEventKind.APDU)
_BARE = {"OcspRequest": "OcspResponse"}  # answers that are no JSON do not say what they are


class Teller:
    """Tells one run; a redactor has to hear every exchange with a card in order."""

    def __init__(self) -> None:
        self._redactors: dict[str, Redactor] = {}
        self._section: Section | None = None

    def tell(self, happening: Happening) -> Json | None:
        """One happening, None for what the page does not show."""
        match happening:
            case Section() if happening is self._section:  # each command of a script enters it again
                return None
            case Section():
                self._section = happening
                return {"type": "section", "name": SECTIONS[happening].to_json()}
            case ExchangeBegan() if happening.kind in _TOLD:
                return self._began(happening)
            case ExchangeEnded() if happening.event.kind in _TOLD:
                return {"type": "answered", "place": happening.place, **self._answer(happening.event)}
            case ExchangeBegan() | ExchangeEnded() | FlowEnded():
                return None
        return {"type": "prompt", "prompt": prompt_json(happening)}

    def _began(self, began: ExchangeBegan) -> Json:
        is_apdu = began.kind is FlowEventKind.APDU
        detail = self._redactor(began.receiver).command(began.request) if is_apdu else _message(began.request)
        return {
            "type": "sent",
            "place": began.place,
            "kind": began.kind.value,
            "depth": began.depth,
            "from": PARTIES[began.sender].to_json(),
            "to": PARTIES[began.receiver].to_json(),
            "id": began.name,
            "name": name_of(began.name).to_json(),
            "detail": _cut(detail, 4 * _LONGEST),
        }

    def _answer(self, event: FlowEvent) -> Json:
        took = {"ms": round(event.seconds * 1000, 1)}
        if event.response is None:
            return {**took, "good": False, "name": Words("応答なし", "no answer").to_json(), "detail": ""}
        if event.kind is FlowEventKind.APDU:
            self._redactor(event.receiver).seen(event.request, event.response)
            sw = int.from_bytes(event.response[-2:], "big")
            detail = _cut(event.response[:-2].hex().upper(), 2 * _LONGEST)
            return {**took, "good": sw == 0x9000, "name": _status(sw).to_json(), "detail": detail}
        kind = _kind(event.response) or _BARE.get(event.name, "")
        words = name_of(kind).to_json()
        return {**took, "good": kind != "Refused", "name": words, "detail": _message(event.response)}

    def _redactor(self, card: str) -> Redactor:
        return self._redactors.setdefault(card, Redactor())


def prompt_json(prompt: Prompt) -> Json:
    """What the app asks its user."""
    match prompt:
        case EnterPin():
            return {"is": "pin", "slot": slot_name(prompt.slot), "new": prompt.new}
        case EnterCardPassword():
            return {"is": "card password"}
        case Recognise():
            return {"is": "recognise", "method": method_name(prompt.method)}
        case Agree():
            return {"is": "agree", **wording_json(prompt.wording)}
        case ChooseInstead():
            offered = [one.name.lower() for one in prompt.offered]
            return {"is": "choose", "failed": method_name(prompt.failed), "offered": offered}


def wording_json(wording: Wording) -> Json:
    """A text to agree to, and what it is about."""
    return {"subject": wording.subject.name.lower(), "text": wording.text, "english": wording.english}


def slot_name(slot: Slot) -> str:
    """As the page calls it: ``signing``."""
    return slot.name.lower()


def method_name(method: DeviceMethod) -> str:
    """As the page calls it: ``biometric``, ``lock_screen``."""
    return Means.of(method).name.lower()


def _status(sw: int) -> Words:
    """The word, and what it means where that is known."""
    word = f"{sw:04X}"
    return Words(word, describe(sw).removeprefix(word).strip(" ()") or word)


def _kind(raw: bytes) -> str:
    found = _object(raw)
    return "" if found is None else str(found.get("is", ""))


def _message(raw: bytes) -> str:
    """Its fields in one line each, cut where they are long."""
    found = _object(raw)
    if found is None:
        return f"{len(raw)} bytes" if raw else ""
    return "\n".join(f"{name}: {_value(name, value)}" for name, value in found.items() if name != "is")


def _object(raw: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _value(name: str, value: object) -> str:
    if name in _HIDDEN:
        return "(hidden)"
    if isinstance(value, dict):
        inside = ", ".join(f"{key} {_value(key, one)}" for key, one in value.items() if key != "is")
        return f"{value.get('is', '')}({_cut(inside, 2 * _LONGEST)})"
    if isinstance(value, list):
        shown = "; ".join(_value(name, one) for one in value[:_MOST_ITEMS])
        more = len(value) - _MOST_ITEMS
        return f"{shown} … {more} more" if more > 0 else shown or "none"
    return _cut(printable(str(value)), _LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
