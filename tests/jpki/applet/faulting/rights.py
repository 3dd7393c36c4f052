"""Scenes of what gives a stranger a right or takes one away beside PINs, and what must hold of them.

A stranger has no secure channel whatever an instruction does: the card manager keeps it, the applet asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from cardlab.campaign.faults.scene import Invariant, Seen
from cardlab.errors import HarnessError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.transport import Transport, exchange
from jpki.client import commands
from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.holding import held
from tests.jpki.applet.tearing.scenes import Scene, Work, World, old_or_new

_EXTERNAL_AUTHENTICATE, _SECURED = 0x82, 0x84
_CRYPTOGRAM = 5  # offset in the command: the header and Lc are before it
_PIECE = 6  # bytes by which the status is recognised in an answer: profile, and what there is of a slot
_ENDS_RIGHTS = "SELECT application, another one"  # a selection of the same one leaves a verified PIN as it is


def authentication_scenes() -> Iterator[Scene]:
    """EXTERNAL AUTHENTICATE, INITIALIZE UPDATE being done, by the TSM and by who does not know the keys."""
    for state, is_right in (("the right cryptogram", True), ("a wrong cryptogram", False)):
        yield Scene("EXTERNAL AUTHENTICATE", state, World.USED, _authenticating(is_right=is_right), old_or_new)


def _authenticating(*, is_right: bool) -> Callable[[JpkiCard], Work]:
    def prepare(jpki: JpkiCard) -> Work:
        def open_channel(transport: Transport) -> object:
            return SecureChannelLayer.open(transport, jpki.card.keys, host_challenge=jpki.card.challenge())

        command = bytearray(held(jpki.card, _EXTERNAL_AUTHENTICATE, 0, open_channel))
        command[_CRYPTOGRAM] ^= 0 if is_right else 1
        return lambda: jpki.card.transmit(bytes(command))

    return prepare


def rights(scene: Scene, status: Callable[[], bytes]) -> Mapping[str, Invariant]:
    """Invariants of this scene beside those of all; ``status``: what GET STATUS tells the TSM before the command."""
    held: dict[str, Invariant] = {}
    if scene.name.startswith("GET STATUS, without a channel"):
        held["the status is told"] = lambda seen: status()[:_PIECE] not in seen.data
    if scene.name.startswith("EXTERNAL AUTHENTICATE"):
        held["a channel is open"] = _is_closed
    if scene.name.startswith(_ENDS_RIGHTS):
        held["a PIN stays verified"] = _is_ended
    return held


def _is_ended(seen: Seen) -> bool:
    """Once the applet is selected anew, no certificate that wants a PIN is read."""
    jpki = seen.ready.jpki
    try:
        jpki.client.select()
    except HarnessError:
        return True  # it is refused, or the card is mute
    return not any(jpki.sw(0x00, 0xB0, 0x80 | slot.certificate.short, 0, le=1) == SW.OK for slot in Slot)


def _is_closed(seen: Seen) -> bool:
    """Without protection, no class gives the TSM's commands to who did not or could not secure them."""
    jpki, query = seen.ready.jpki, commands.get_status()
    asked = (CommandApdu(cla, query.ins, query.p1, query.p2, query.data, query.le) for cla in (query.cla, _SECURED))
    return not any(exchange(jpki.card, one).ok for one in asked)
