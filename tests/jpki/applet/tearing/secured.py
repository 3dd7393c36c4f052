"""Preparations of the TSM's commands, in either suite: one command in a new session, and what comes before it."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.campaign.stage import loses_power
from cardlab.iso7816.apdu import CommandApdu
from cardlab.transport import exchange
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.scenes import Prepare, Work


def nothing(jpki: JpkiCard) -> None:
    """The world as it is."""


def secured(command: CommandApdu, first: Callable[[JpkiCard], object] = nothing) -> Prepare:
    """One command in a new session, and something before it."""

    def prepare(jpki: JpkiCard) -> Work:
        first(jpki)
        channel = jpki.channel()
        return lambda: exchange(channel, command)

    return prepare


def cut_off(command: CommandApdu, at: int) -> Callable[[JpkiCard], None]:
    """The same command, for which the power failed at this write, and a reset."""

    def cut(jpki: JpkiCard) -> None:
        channel = jpki.channel()
        jpki.card.cut_power_at(at)
        assert loses_power(lambda: exchange(channel, command))
        jpki.reset()

    return cut
