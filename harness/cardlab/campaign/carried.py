"""A simulated card with an applet, for campaigns: made once, then copied for each case.

APPLET = Applet.create(sources="src", class_name="com.example.purse.Purse", aid="F000000001")

@contextmanager
def campaign():
    with carried(APPLET) as base:
        base.card.send(0x80, 0x20, data=b"1234")
        yield TearCampaign("Purse", base.digest, base.sources, (TearScene(…, base.sending("80 40 00 00"), …),))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.lab.labcard import LabCard
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.build import build, names
from cardlab.pytest_plugin.handle import Card
from cardlab.pytest_plugin.history import History
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.vm.faults import remember_key_pairs

_RUNTIME = "vm"  # the only one that counts writes and disturbs instructions
_SEED = "campaign"


@dataclass(slots=True)
class Sending:
    """A card that is about to be sent one APDU (cardlab.campaign.stage.Ready)."""

    card: Card
    apdu: bytes

    @property
    def simulated(self) -> SimulatedCard:
        """The card itself."""
        return self.card.lower.simulated

    def command(self) -> None:
        """Send it."""
        self.card.transport.transmit(self.apdu)

    def recover(self) -> None:
        """A reset and SELECT."""
        self.card.reset()

    def close(self) -> None:
        """Let go of it."""
        self.card.close()


@dataclass(frozen=True, slots=True)
class Carried:
    """``card``: with the applet installed and selected. Bring it to where scenes begin; copies are made of it as it is.

    ``digest``: SHA-256 of what was loaded, in hexadecimal; ``sources``: the applet's folder of source files.
    """

    card: Card
    digest: str
    sources: Path

    def sending(self, apdu: str, first: Callable[[Card], object] = str) -> Callable[[], Sending]:
        """A stage: copies of the card on which ``first`` was done, about to be sent this APDU (hexadecimal)."""

        def stage() -> Sending:
            copied = self.card.fork()
            first(copied)
            return Sending(copied, bytes.fromhex(apdu))

        return stage


@contextmanager
def carried(applet: Applet, config: CardConfig | None = None) -> Iterator[Carried]:
    """A card of the virtual machine with an applet; everything random on it is the same each time."""
    packages = build([applet])
    remembered = SimulatedCard(config, seed=_SEED, runtime=_RUNTIME, classes=ClassLibrary(packages))
    remember_key_pairs(remembered.runtime)
    with Card(_lab(remembered), History(applet.class_name, names([applet])), _copied) as card:
        card.load(packages)
        card.install(applet)
        card.select()
        digest = sha256(b"".join(one.data_block for one in packages)).hexdigest()
        yield Carried(card, digest, applet.sources[0] if applet.sources else Path())


def _lab(card: SimulatedCard) -> LabCard:
    return LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, _SEED)


def _copied(card: Card) -> Card:
    return card.on(_lab(card.lower.simulated.fork()), card.history.fork())
