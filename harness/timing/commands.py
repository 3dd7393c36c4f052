"""Commands by the names that the selected application gives them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.jpki.constants import INSTANCE_AID, Instruction
from harness.parties.recorder import Event, Kind, Party

_SELECT_BY_NAME = (Instruction.SELECT, 0x04)
_SECURED = 0x04
_NAMES = {
    (Instruction.GENERATE_KEY_PAIR, 0x81): "READ PUBLIC KEY",
    (Instruction.SET_PIN, 0x02): "SET TEMPORARY PIN",
    (Instruction.SET_PIN, 0x03): "RESET PIN",
}


def names(events: Sequence[Event]) -> tuple[str, ...]:
    """A name for each event: the applet's own (docs/applet.md) while the applet is selected, else the recorded one."""
    selected: dict[Party, bytes] = {}
    found = []
    for event in events:
        if event.kind is Kind.APDU:
            if (event.request[1], event.request[2]) == _SELECT_BY_NAME:
                selected[event.receiver] = event.request[5 : 5 + event.request[4]]
            found.append(_name(event, applet=selected.get(event.receiver) == INSTANCE_AID))
        else:
            found.append(event.name)
    return tuple(found)


def _name(event: Event, *, applet: bool) -> str:
    cla, ins, p1 = event.request[:3]
    if not applet or ins not in set(Instruction):
        return event.name
    instruction = Instruction(ins)
    if instruction is Instruction.DELETE:
        return "DELETE SLOT" if cla & _SECURED else "REMOVE DEVICE KEY"
    return _NAMES.get((instruction, p1), instruction.name.replace("_", " "))
