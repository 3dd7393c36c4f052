"""What can happen to a card, as seen from outside."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.iso7816.apdu import CommandApdu


@dataclass(frozen=True, slots=True)
class Secured:
    """Facts about the protection of a command of class 84 that only the sender knows.

    ``channel`` and ``position``: in which session, and after how many commands of it, the command was wrapped;
    ``plain``: what was wrapped; ``intact``: whether what is sent is what was wrapped (Le aside, no MAC covers it).
    """

    channel: int
    position: int
    plain: CommandApdu
    intact: bool = True


@dataclass(frozen=True, slots=True)
class SentCommand:
    """A command as it travels. ``genuine`` says for EXTERNAL AUTHENTICATE that cryptogram and MAC are right."""

    wire: CommandApdu
    secured: Secured | None = None
    genuine: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no command APDU: the card refuses them before any application sees them."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset, or power lost between two commands; the card comes up again on this medium.

    ``media``: as the applet reads it, the high four bits of the protocol byte (Java Card API 3.0.5, getProtocol()).
    """

    media: int = 0


@dataclass(frozen=True, slots=True)
class Reinstall:
    """The applet is deleted and installed again (A5); the issuer's security domain is selected afterwards."""


CardEvent = SentCommand | Garbage | Reset | Reinstall
