"""A card with the applet that has secrets, and an attacker's load file made by hand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jpype import JException

from cardlab.campaign.hostile.targets import SAFE, SAFE_PACKAGE, safe
from cardlab.cap.exportfile import ExportFile
from cardlab.runtime.vm.classes import NATIVES
from cardlab.toolchain.conversions import Request, convert
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card

SECRET = bytes.fromhex("C05EC2E7A1B2C3D4E5F60718293A4B5C")
PREPARE, ATTACK = 1, 2


def staged(attack: str, prepare: str = "") -> str:
    """Code that does one thing when P1 says so, and another one before; each leaves a short. P2 is in variable 4."""
    return f"""
        aload_1; invokevirtual @APDU.getBuffer; astore 5
        aload 5; sconst_2; baload; sstore_3; aload 5; sconst_3; baload; sstore 4
        sload_3; sconst_1; if_scmpeq prepare; sload_3; sconst_2; if_scmpeq attack; sconst_0; goto out
        prepare:; {prepare or "sconst_0"}; goto out
        attack:; {attack}
        out:; nop
    """


@dataclass
class Lab:
    """``refusal`` is what LOAD said, ``mute`` what the card said when it stopped."""

    card: Card
    refusal: str = ""
    mute: str = ""

    @classmethod
    def open(cls, hand: Hand, *, checks: bool) -> Lab:
        """With an attacker made by hand."""
        return cls.of_block(hand.block(), checks=checks)

    @classmethod
    def of_block(cls, block: bytes, *, checks: bool) -> Lab:
        """Both are installed, the secrets are not there yet; the attacker is selected on channel 1."""
        lab = cls(Card.fresh(NATIVES, vm_checks=str(checks).lower(), memory_persistent=65536))
        lab.card.load(safe().data_block)
        lab.card.machine.install(SAFE_PACKAGE, SAFE, SAFE, bytes((len(SAFE),)) + SAFE + b"\0\0")
        lab.card.machine.select(SAFE, b"\x00\xa4\x04\x00" + bytes((len(SAFE),)) + SAFE, 0)
        lab._do(lambda: lab._enter(block))
        return lab

    def _enter(self, block: bytes) -> None:
        self.card.load(block)
        self.card.machine.install(PACKAGE, APPLET, APPLET, bytes((len(APPLET),)) + APPLET + b"\0\0")
        self.card.select_aid(APPLET, channel=1)

    def _do(self, call: object) -> str:
        try:
            return str(call())  # type: ignore[operator]
        except JException as stopped:
            kind = type(stopped).__name__.rpartition(".")[2]
            assert kind in ("Refusal", "CardMute"), stopped
            if kind == "Refusal":
                self.refusal = self.refusal or str(stopped.getMessage())
            else:
                self.mute = self.mute or str(stopped.getMessage())
            return ""

    def hide(self) -> None:
        """The other applet gets its secrets."""
        assert bytes(self.card.machine.process(b"\x00\x02\x00\x00\x10" + SECRET, 0)) == b"\x90\x00"

    def send(self, p1: int, p2: int = 0) -> str:
        """One command for the attacker; empty when the card is mute."""
        return self._do(lambda: self.card.send(bytes((0x01, 0, p1, p2, 0)), channel=1))

    def send_data(self, data: bytes) -> str:
        """The attack with data."""
        return self._do(lambda: self.card.send(bytes((0x01, 0, ATTACK, 0, len(data))) + data + b"\0", channel=1))

    def shorts(self, count: int) -> bytes:
        """What the attack finds with P2 from 0 on: two bytes each."""
        found = b""
        for p2 in range(count):
            answer = self.send(ATTACK, p2)
            found += bytes.fromhex(answer[:4]) if answer.endswith("9000") else b""
        return found

    @property
    def is_safe(self) -> bool:
        """The other applet's memory is as it was: all copies of its secret are there."""
        self.card.reset()
        places = [str(one) for one in self.card.machine.inspector().find(SECRET)]
        return len(places) == _places()


def attacker(code: str, prepare: str = "") -> Hand:
    """Made by hand, with the other applet's interface at hand."""
    return Hand(staged(code, prepare), libraries=(_export(),))


@cache
def _export() -> ExportFile:
    made, modules = safe(), ((SAFE, "cardlabsafe.Safe"),)
    platform = (made.java_card, made.globalplatform)
    return convert(Request(tuple(made.package.classes.items()), made.aid, (1, 0), modules, platform, ())).export


def refused(code: str, prepare: str = "") -> str:
    """What LOAD says on a card with checks."""
    lab = Lab.open(attacker(code, prepare), checks=True)
    assert lab.refusal, "it was loaded"
    return lab.refusal


def mute(code: str, prepare: str = "") -> str:
    """What stops the code on a card with checks; the other applet is as it was."""
    lab = attacked(code, prepare, checks=True)
    answer = lab.send(ATTACK)
    assert lab.mute, lab.refusal or answer
    assert lab.is_safe
    return lab.mute


def unchecked(code: str, prepare: str = "") -> str:
    """What it answers on a card without."""
    lab = attacked(code, prepare, checks=False)
    return lab.send(ATTACK) or lab.mute


def attacked(code: str, prepare: str = "", *, checks: bool) -> Lab:
    """The attacker prepares, then the other applet gets its secrets: they lie behind what was prepared."""
    lab = Lab.open(attacker(code, prepare), checks=checks)
    if not lab.refusal:
        lab.send(PREPARE)
        lab.hide()
    return lab


@cache
def _places() -> int:
    """In how many places of persistent memory the secret is on a card that nobody attacks."""
    lab = Lab.open(Hand("sconst_0"), checks=True)
    lab.hide()
    lab.card.reset()
    return len(lab.card.machine.inspector().find(SECRET))
