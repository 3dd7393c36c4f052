"""The interfaces that a served card is reached over, and how they are switched while it is served."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.reader import VirtualReader
    from cardlab.reader.contactless import AtrOf
    from cardlab.runtime.interface import Media

INTERFACES: Mapping[str, str] = {  # names of Media, which this file imports only when it serves
    "contact": "CONTACT",
    "type-a": "CONTACTLESS_TYPE_A",
    "type-b": "CONTACTLESS_TYPE_B",
    "usb": "USB",
    "hci": "HCI_OR_TYPE_F",
}
_READ = 4096  # bytes at a time


def media_of(interface: str) -> Media:
    """What the name of an interface stands for."""
    from cardlab.runtime.interface import Media

    return Media[INTERFACES[interface]]


@dataclass(frozen=True, slots=True)
class Served:
    """A card in its reader."""

    card: SimulatedCard
    shown: AtrOf
    reader: VirtualReader

    def switch(self, media: Media) -> None:
        """Take the card out, and put it in again reached by this medium. A command under way is finished first."""
        self.reader.turn()
        self.card.reset(media)
        self.shown.over(media)


class Switch:
    """Lines of standard input are interfaces: all cards go over to them. Other lines are answered with the choice."""

    def __init__(self, cards: Sequence[Served]) -> None:
        self._cards = cards

    def line(self, text: str) -> None:
        """One line."""
        name = text.strip()
        if name not in INTERFACES:
            if name:
                click.echo(f"there is no interface {name}; known: {', '.join(INTERFACES)}", err=True)
            return
        for served in self._cards:
            served.switch(media_of(name))
        click.echo(f"the card is reached over {name} now", err=True)


def listen(to: Callable[[str], object], descriptor: int = 0) -> threading.Thread:
    """Give each line of standard input to a function, from a thread that ends with the input or with the program.

    The descriptor is read and not ``sys.stdin``, whose lock would outlive the program.
    """

    def run() -> None:
        rest = b""
        with suppress(OSError):  # a terminal that this program is in the background of
            while more := os.read(descriptor, _READ):
                *lines, rest = (rest + more).split(b"\n")
                for line in lines:
                    to(line.decode(errors="replace"))

    if hasattr(signal, "SIGTTIN"):  # in the background of a terminal, reading would stop the program
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    thread = threading.Thread(target=run, name="interfaces on standard input", daemon=True)
    thread.start()
    return thread
