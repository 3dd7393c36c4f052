"""What each party holds, for the page: phones and what is on them, and the records of the others."""

from __future__ import annotations

from jpki.client.constants import Profile
from jpki.parties.phone.prompts import Prompt, PromptAnswer, PromptedUser
from jpki.parties.phone.status import PhoneStatus, SlotCondition
from jpki.parties.phone.user import DeclinedError
from jpki.parties.word import CertificatesIssued
from jpki.parties.world import World
from jpki.parties.world_folder import PHONES
from jpki.parties.world_ledger import Ledger
from jpki.web.telling import Json, method_name, slot_name


def phone_json(world: World, name: str) -> Json:
    """How far a phone is; asks its card, the SP-TSM and J-LIS."""
    app = world.app(name, PromptedUser(_nobody))
    arrived = ["issued" if isinstance(one, CertificatesIssued) else "remove" for one in app.arrived()]
    return {"name": name, **_status(app.status()), "arrived": arrived}


def _nobody(prompt: Prompt) -> PromptAnswer:
    raise DeclinedError(f"a status needs no answer to {type(prompt).__name__}")


def _status(status: PhoneStatus) -> Json:
    return {
        "phase": status.phase.name.lower(),
        "pending": None if status.pending is None else status.pending.function.name.lower(),
        "stage": None if status.pending is None else status.pending.stage.name.lower(),
        "registered": [method_name(one) for one in status.registered],
        "slots": [_slot(one) for one in status.slots],
        "notices": list(status.notices),
    }


def _slot(one: SlotCondition) -> Json:
    return {
        "slot": slot_name(one.slot),
        "condition": one.condition.name.lower(),
        "serial": None if one.serial is None else f"{one.serial:X}",
        "until": None if one.not_after is None else one.not_after.date().isoformat(),
        "tries": one.tries_left,
        "ordered_away": one.ordered_away,
        "renewal_due": one.renewal_due,
    }


def holdings_json(world: World) -> Json:
    """All of it. Nothing is installed for it: a phone without the app is not asked."""
    phones = [phone_json(world, name) for name in world.phones if world.installed(name)]
    return {**parties_json(world), "phones": phones}


def parties_json(world: World) -> Json:
    """The records of everybody but the phones; quick, and possible while a function runs."""
    members = Ledger.read(world.folder).members
    found = {name: members.get(f"{PHONES}/{name}") for name in world.phones}  # none for a phone that is a guest
    known = [_element(world, name, bytes.fromhex(member.se_id)) for name, member in found.items() if member]
    return {"jlis": _jlis(world), "elements": known}


def _jlis(world: World) -> list[Json]:
    return [
        {
            "user": one.applicant.user,
            "slot": slot_name(one.slot),
            "medium": "card" if one.medium is Profile.CARD else "phone",
            "serial": f"{one.serial:X}",
            "state": world.ca.status(one.serial).state.value,
        }
        for one in world.ca.certificates()
    ]


def _element(world: World, name: str, se_id: bytes) -> Json:
    """What the app has noted, and what the two TSMs and the push service know of a phone's secure element."""
    device, element = world.provider_records.device(se_id), world.issuer_records.element(se_id)
    app = world.installed(name)
    token = None if device is None else device.push_token
    noted = None if app is None else app.token
    tokens = [one for one in dict.fromkeys((noted, token)) if one and world.push_records.has(one)]
    return {
        "phone": name,
        "se_id": se_id.hex().upper(),
        "app": None if app is None else {"se_id": _upper(app.se_id), "token": _short(noted)},
        "sei_tsm": {"touched": element is not None and element.touched},
        "sp_tsm": None
        if device is None
        else {
            "model": device.model,
            "ready": device.ready,
            "token": _short(token),
            "keys": [
                {"slot": slot_name(one.slot), "serial": f"{one.serial:X}", "user": one.user}
                for one in world.provider_records.certificates_on(se_id)
            ],
            "removals": [
                {"order": _short(one.order_id), "slots": [slot_name(slot) for slot in one.slots]}
                for one in world.provider_records.removals(se_id)
            ],
        },
        "push": {
            "token": _short(token),
            "tokens": [_short(one) for one in tokens],
            "messages": [_short(one.message_id) for held in tokens for one in world.push_records.messages(held)],
        },
    }


def _short(name: str | None) -> str | None:
    """Enough of a token or an order to tell it from others."""
    return None if name is None else name[:8]


def _upper(name: str | None) -> str | None:
    return None if name is None else name.upper()
