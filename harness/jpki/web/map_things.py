"""Who holds what in a world, thing by thing: made of what the page of the phone is told (``holdings``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jpki.parties.recorder import Party

HOLDERS = (Party.CARD, Party.APPLET, Party.PHONE, Party.SEI_TSM, Party.SP_TSM, Party.PUSH, Party.JLIS)
"""Those that keep things, from the user's hands to the CA."""
_GOOD = ("", "good")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name that parties know it by; ``held`` is what each of them has of it, in words."""

    kind: str
    name: str
    held: Mapping[Party, str]
    state: str = ""

    @property
    def good(self) -> bool:
        """Whether it is of use."""
        return self.state in _GOOD


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to one phone or one resident."""

    title: str
    things: tuple[Thing, ...]


def groups(holdings: Mapping[str, Any]) -> list[Group]:
    """The phones, then the residents with what is on no phone (``holdings_json``)."""
    asked = {one["name"]: one for one in holdings["phones"]}
    issued = {one["serial"]: one for one in holdings["jlis"]}
    found, placed = [], set[str]()
    for element in holdings["elements"]:
        phone = asked.get(element["phone"])
        certificates = list(_certificates(element, phone, issued))
        placed |= {one.name for one in certificates}
        things = (_element(element), *_tokens(element), *_methods(phone), *certificates, *_orders(element))
        found.append(Group(_title(element, phone), things))
    rest = [one for one in holdings["jlis"] if one["serial"] not in placed]
    users = dict.fromkeys(one["user"] for one in rest)
    return [*found, *(Group(f"resident {user}", tuple(_of_resident(user, rest))) for user in users)]


def _title(element: Mapping[str, Any], phone: Mapping[str, Any] | None) -> str:
    known = element["sp_tsm"]
    model = f", model {known['model']}" if known else ""
    return f"phone {element['phone']}{model}: {phone['phase'].replace('_', ' ') if phone else 'no app on it'}"


def _element(element: Mapping[str, Any]) -> Thing:
    se_id, app = element["se_id"], element["app"]
    touched = "has worked on it" if element["sei_tsm"]["touched"] else "as delivered"
    held = {Party.APPLET: "its own", Party.SEI_TSM: f"its issuer's keys; {touched}"}
    if app and app["se_id"] == se_id:
        held[Party.PHONE] = "has noted it"
    if element["sp_tsm"]:
        held[Party.SP_TSM] = "its domain's keys" if element["sp_tsm"]["ready"] else "has met it"
    return Thing("SE-ID", se_id, held)


def _tokens(element: Mapping[str, Any]) -> Iterator[Thing]:
    """The app's; and the one that the SP-TSM still has of an installation before."""
    app, provider, push = element["app"] or {}, element["sp_tsm"] or {}, element["push"]
    holders = {
        Party.PHONE: [app.get("token")],
        Party.SP_TSM: [provider.get("token")],
        Party.PUSH: push["tokens"],
    }
    words = {Party.PHONE: "collects messages with it", Party.SP_TSM: "sends messages to it", Party.PUSH: "gave it"}
    for token in dict.fromkeys(one for tokens in holders.values() for one in tokens if one):
        held = {party: words[party] for party, tokens in holders.items() if token in tokens}
        state = "" if app.get("token") == token else "without an app"
        yield Thing("push token", token, held, state)


def _methods(phone: Mapping[str, Any] | None) -> Iterator[Thing]:
    for method in phone["registered"] if phone else ():
        held = {Party.PHONE: "the key, in the Keystore", Party.APPLET: "the public key"}
        yield Thing("device key", method.replace("_", " "), held)


def _certificates(
    element: Mapping[str, Any], phone: Mapping[str, Any] | None, issued: Mapping[str, Mapping[str, Any]]
) -> Iterator[Thing]:
    """On the secure element by its own word, or by the SP-TSM's."""
    on_element = {(one["slot"], one["serial"] or "not known"): one for one in (phone["slots"] if phone else ())}
    provided = {(one["slot"], one["serial"]): one for one in (element["sp_tsm"] or {"keys": ()})["keys"]}
    for slot, serial in dict.fromkeys((*on_element, *provided)):
        held = {}
        if here := on_element.get((slot, serial)):
            held[Party.APPLET] = f"private key and certificate; {here['tries']} tries of the PIN left"
        if known := provided.get((slot, serial)):
            held[Party.SP_TSM] = f"that {known['user']} has it on this element"
        if one := issued.get(serial):
            held[Party.JLIS] = f"issued to {one['user']}"
        yield Thing(f"{slot} certificate", serial, held, _state(one, here))


def _state(issued: Mapping[str, Any] | None, on_element: Mapping[str, Any] | None) -> str:
    """J-LIS's word where it has one, and that a good one is to go."""
    found = str(issued["state"] if issued else on_element["condition"] if on_element else "")
    going = on_element is not None and on_element["ordered_away"] and found in _GOOD
    return "to be deleted" if going else found.replace("_", " ")


def _orders(element: Mapping[str, Any]) -> Iterator[Thing]:
    """The push service cannot tell what it passes on: a message about an order has the order's name."""
    ordered = {one["order"]: one["slots"] for one in (element["sp_tsm"] or {"removals": ()})["removals"]}
    waiting = dict.fromkeys(element["push"]["messages"], Party.PUSH)
    for order, slots in ordered.items():
        held = {Party.SP_TSM: f"gave it: {_listed(slots)}; not yet reported done"}
        held |= {Party.PUSH: "a sealed message, which waits"} if waiting.pop(order, None) else {}
        yield Thing("deletion order", order, held)
    for message, party in waiting.items():
        yield Thing("push message", message, {party: "sealed; waits for the app"})


def _listed(slots: Sequence[str]) -> str:
    return " and ".join(slots) or "nothing more"


def _of_resident(user: str, issued: Iterable[Mapping[str, Any]]) -> Iterator[Thing]:
    """What is on the My Number Card by J-LIS's word, which the card is not asked about; and what was on a phone."""
    for one in issued:
        if one["user"] == user:
            on_card = one["medium"] == "card"
            held = {Party.CARD: "private key and certificate"} if on_card else {}
            held[Party.JLIS] = f"issued for a {one['medium']}"
            yield Thing(f"{one['slot']} certificate", one["serial"], held, one["state"])
