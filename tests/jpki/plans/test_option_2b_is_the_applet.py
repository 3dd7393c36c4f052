"""The applet activates biometrics as Option 2b says: every command in every state (C2, C8), and not as Option 1."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.pytest_plugin import CardSource, LabCard, Prepared
from cardlab.transport import exchange
from jpki.client.constants import CLA_PLAIN, DeviceMethod, Instruction, Slot
from jpki.client.errors import checked
from jpki.package import jpki_library
from jpki.plans.activation.attempts import Whose
from jpki.plans.activation.element import Element, ElementCommand, ElementCommandKind, answer
from jpki.plans.activation.steps import OPTIONS
from tests.jpki.applet.cards import JpkiCard

OPTION_1, OPTION_2, OPTION_2B = OPTIONS
SLOT, METHOD = Slot.AUTHENTICATION, DeviceMethod.BIOMETRIC
PIN, OTHER_PIN = b"1234", b"4321"
KEYS = {whose: ec.generate_private_key(ec.SECP256R1()) for whose in Whose}
COMMANDS = (
    *(ElementCommand(kind) for kind in ElementCommandKind if kind.name in ("VERIFY", "MISTYPE", "REMOVE", "POWER")),
    *(
        ElementCommand(kind, whose)
        for kind in (ElementCommandKind.REGISTER, ElementCommandKind.REGISTER_BY_TSM, ElementCommandKind.USE)
        for whose in Whose
    ),
)


def point(whose: Whose) -> bytes:
    return KEYS[whose].public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass(slots=True)
class Applet:
    """The real applet, driven by the model's commands."""

    jpki: JpkiCard

    def do(self, command: ElementCommand) -> bool:
        """Send a command; whether it was done."""
        try:
            self._send(command)
        except UnexpectedStatusError:
            return False
        return True

    def _send(self, command: ElementCommand) -> None:
        client, whose = self.jpki.client, command.whose or Whose.USER
        match command.kind:
            case ElementCommandKind.VERIFY:
                client.verify(SLOT, PIN)
            case ElementCommandKind.MISTYPE:
                client.verify(SLOT, OTHER_PIN)
            case ElementCommandKind.REGISTER:
                client.register_device_key(METHOD, point(whose))
            case ElementCommandKind.REGISTER_BY_TSM:
                self._register_by_tsm(whose)
            case ElementCommandKind.REMOVE:
                client.remove_device_key(METHOD)
            case ElementCommandKind.USE:
                message = secrets.token_bytes(32)
                client.sign_with_device(METHOD, message, lambda data: KEYS[whose].sign(data, ec.ECDSA(SHA256())))
            case ElementCommandKind.POWER:
                self.jpki.reset()

    def _register_by_tsm(self, whose: Whose) -> None:
        """In the TSM's session, whose beginning is a reset; through its channel, as every command of the TSM's is."""
        self.jpki.reset()
        command = CommandApdu(CLA_PLAIN, Instruction.REGISTER_DEVICE_KEY, 0, METHOD, point(whose))
        checked(exchange(self.jpki.channel(), command), "REGISTER DEVICE KEY by the TSM")


@pytest.fixture(scope="module")
def ready(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> Prepared[None]:
    """A card with the applet, a key and a PIN."""

    def make(card: LabCard) -> None:
        jpki = JpkiCard(card)
        jpki.load()
        jpki.install()
        tsm = jpki.tsm()
        tsm.generate_key_pair(SLOT)
        tsm.set_pin(SLOT, OTHER_PIN)
        jpki.client.verify(SLOT, OTHER_PIN)
        jpki.client.change_pin(SLOT, PIN)

    image = tmp_path_factory.mktemp("card") / "card"
    return Prepared(card_source, jpki_library(), make, seed="option 2b", image=image)


def states() -> list[Element]:
    """Every state of the model."""
    found = [Element()]
    for now in found:
        found += {answer(OPTION_2B, now, command)[0] for command in COMMANDS} - set(found)
    return found


def way(start: Element, wanted: set[tuple[Element, ElementCommand]]) -> list[ElementCommand]:
    """The shortest sequence of commands that ends with a wanted one."""
    queue: deque[tuple[Element, list[ElementCommand]]] = deque([(start, [])])
    while queue:
        now, path = queue.popleft()
        for command in COMMANDS:
            if (now, command) in wanted:
                return [*path, command]
            queue.append((answer(OPTION_2B, now, command)[0], [*path, command]))
    raise AssertionError("the model has states that cannot be left")


@pytest.mark.slow
def test_every_command_in_every_state(ready: Prepared[None]) -> None:
    """One long walk that takes each transition of the model at least once; each answer is the model's."""
    left = {(state, command) for state in states() for command in COMMANDS}
    assert len(left) == 6 * len(COMMANDS)
    with ready.open() as (card, _):
        applet, now = Applet(JpkiCard(card)), Element()
        applet.jpki.client.select()
        while left:
            for command in way(now, left):
                left.discard((now, command))
                after, done = answer(OPTION_2B, now, command)
                assert applet.do(command) is done, f"{command} in {now}"
                now = after


def test_it_is_not_option_1() -> None:
    """The two are told apart by what was compared: by who registers, with the PIN verified or over SCP03."""
    verified = Element(verified=True)
    for kind, done in (
        (ElementCommandKind.REGISTER, (False, True)),
        (ElementCommandKind.REGISTER_BY_TSM, (True, False)),
    ):
        command = ElementCommand(kind, Whose.USER)
        assert (answer(OPTION_1, verified, command)[1], answer(OPTION_2B, verified, command)[1]) == done
    same = [
        answer(OPTION_2, now, command) == answer(OPTION_2B, now, command) for now in states() for command in COMMANDS
    ]
    assert all(same), "the element of Option 2 is that of 2b: what differs is what the app asks the TSM"
