"""The commands that write, and what a disk that fails may do to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.jpki.flows.worlds import CARD_PASSWORD, PINS

ANSWERS: Mapping[str, object] = {
    "card password": CARD_PASSWORD.decode(),
    **{slot.pin_name: pin.decode() for slot, pin in PINS.items()},
    **{f"new {slot.pin_name}": pin.decode() for slot, pin in PINS.items()},
    "agree": True,
    "biometric": True,
    "lock screen": True,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A command on a world in which hanako has certificates on phone p1 (``words_of`` says what the capitals are).

    ``before`` are commands that prepare it; ``again``: how it may end once more after it has ended well; ``at_least``:
    so many operations there are.
    """

    words: str
    at_least: int
    before: tuple[str, ...] = ()
    again: tuple[int, ...] = (0,)
    in_use: bool = False

    @property
    def with_cards(self) -> bool:
        """Whether it is worth looking at the cards afterwards."""
        return self.words.startswith("phone")


THERE = (0, 2)  # it is there already
DONE = (0, 10)  # there is nothing to do any more
SUSPEND, DELETE = "ca suspend W/ca.sqlite SERIAL", "world delete SERIAL --world W"
APPLY = "phone apply P --card hanako"
CASES: Mapping[str, Case] = {
    "world new": Case("world new --world W/new", 140, again=THERE),
    "world add-phone": Case("world add-phone p3 --world W", 43, again=THERE),
    "world add-resident": Case("world add-resident jiro --world W --answers A", 107, again=THERE),
    "world uninstall": Case("world uninstall p1 --world W", 13),
    "world tamper": Case("world tamper p1 --as rooted --world W", 8),
    "world restrict": Case("world restrict --model M1 --feature biometric --world W", 27),
    "world suspend": Case("world suspend SERIAL --world W", 30, again=DONE),
    "world delete": Case(DELETE, 86),
    "world map": Case("world map --world W -o W/map", 34),
    "ca create": Case("ca create W/other.sqlite", 36, again=THERE),
    "ca revoke": Case("ca revoke W/ca.sqlite SERIAL", 23),
    "ca suspend": Case(SUSPEND, 23, again=DONE),
    "ca release": Case("ca release W/ca.sqlite SERIAL", 23, before=(SUSPEND,), again=DONE),
    "ca crl": Case("ca crl W/ca.sqlite signing -o W/crl", 22),
    "ca certificates": Case("ca certificates W/ca.sqlite -o W/ca.pem", 3),
    "phone issue": Case("phone issue P --card hanako", 586, in_use=True),
    "phone apply": Case(APPLY, 515),
    "phone register": Case("phone register P", 237, before=(APPLY,), again=DONE, in_use=True),
    "phone renew": Case("phone renew P --card hanako", 448, in_use=True),
    "phone revoke": Case("phone revoke P", 244, again=DONE),
    "phone release": Case("phone release P --card hanako", 157, before=(SUSPEND,), again=DONE, in_use=True),
    "phone reset-pin": Case("phone reset-pin P --card hanako", 236, in_use=True),
    "phone change-pin": Case("phone change-pin P authentication", 62, in_use=True),
    "phone register-device-auth": Case("phone register-device-auth P lock-screen", 125, in_use=True),
    "phone show": Case("phone show P signing", 53, in_use=True),
    "phone sign": Case("phone sign W/serial P -o W/signed", 48, again=THERE, in_use=True),
    "phone authenticate": Case("phone authenticate W/serial P -o W/signed", 47, again=THERE, in_use=True),
    "phone status": Case("phone status P", 31, in_use=True),
    "phone abandon": Case("phone abandon P", 27, before=(APPLY,)),
    "phone collect": Case("phone collect P", 123, before=(DELETE,)),
}


def words_of(words: str, world: Path) -> list[str]:
    """W is the world, A the file with its user's answers, P phone p1 of it; SERIAL its authentication certificate."""
    names = {
        "W": [str(world)],
        "A": [str(world / "answers")],
        "P": ["--phone", "p1", "--world", str(world), "--answers", str(world / "answers")],
        "SERIAL": [(world / "serial").read_text()],
    }
    return [one for word in words.split() for one in names.get(word, [word.replace("W/", f"{world}/")])]
