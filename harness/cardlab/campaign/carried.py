"""A simulated card with an applet, for campaigns: made once, then copied for each case.

@contextmanager
def campaign():
    with carried() as base:
        base.card.send(0x80, 0x20, data=b"1234")
        yield TearCampaign("Purse", base.digest, base.sources, (TearScene(…, base.sending("80 40 00 00"), …),))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import CardError
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.lab.labcard import LabCard
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.build import build, names
from cardlab.pytest_plugin.handle import Card
from cardlab.pytest_plugin.history import History
from cardlab.pytest_plugin.of_project import ProjectSettings
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.vm.faults import remember_key_pairs

_RUNTIME = "vm"  # the only one that counts writes and disturbs instructions
_SEED = "campaign"
BUDGET = 50_000_000
"""Instructions of one command, beyond which the card is mute: what a fault or a tear left may go round for ever."""


@dataclass(slots=True)
class Sending:
    """A card that is about to be sent one APDU (cardlab.campaign.stage.Ready). ``send`` sends it."""

    card: Card
    send: Callable[[], object]

    @property
    def simulated(self) -> SimulatedCard:
        """The card itself."""
        return self.card.lower.simulated

    def command(self) -> None:
        """Send it; that the card refuses it is no matter here."""
        with suppress(CardError):
            self.send()

    def recover(self) -> None:
        """A reset and SELECT."""
        self.card.reset()

    def close(self) -> None:
        """Let go of it."""
        self.card.close()


@dataclass(frozen=True, slots=True)
class Carried:
    """``card``: with the applet installed and selected. Bring it to where scenes begin; copies are made of it as it is.

    ``digest``: SHA-256 of what was loaded, in hexadecimal; ``sources``: the folder that the applet's source files are
    in, None where there are none; ``aid``: the applet's.
    """

    card: Card
    digest: str
    sources: Path | None
    aid: bytes

    def sending(self, apdu: str, first: Callable[[Card], object] = str) -> Callable[[], Sending]:
        """A stage: copies of the card on which ``first`` was done, about to be sent this APDU (hexadecimal)."""
        command = bytes.fromhex(apdu)

        def prepare(card: Card) -> Callable[[], object]:
            first(card)
            return lambda: card.transport.transmit(command)

        return self.doing(prepare)

    def doing(self, prepare: Callable[[Card], Callable[[], object]]) -> Callable[[], Sending]:
        """A stage whose APDU follows from what was done before it, as in a secure channel or on a logical one.

        ``prepare`` brings a copy of the card to where the command is due and returns what sends it: one APDU.
        """

        def stage() -> Sending:
            copied = self.card.fork()
            return Sending(copied, prepare(copied))

        return stage


@contextmanager
def carried(applet: Applet | None = None, config: CardConfig | None = None) -> Iterator[Carried]:
    """A card of the virtual machine with an applet; everything random on it is the same each time.

    Without an applet it is the one that the project's tests are for, on a card as its settings say
    (docs/generated/pytest.md). Without ``config`` the card has the Java Card version that the applet is compiled for.
    """
    if applet is None:
        project = ProjectSettings.near(Path.cwd())
        applet, config = project.applet(), config or project.config()
    packages = build([applet])
    config = config or CardConfig(java_card=applet.api)
    remembered = SimulatedCard(config, seed=_SEED, runtime=_RUNTIME, classes=ClassLibrary(packages))
    remember_key_pairs(remembered.runtime)
    remembered.limit_instructions(BUDGET)
    with Card(_lab(remembered), History(applet.class_name, names([applet])), _copied) as card:
        card.load(packages)
        card.install(applet)
        card.select()
        digest = sha256(b"".join(one.data_block for one in packages)).hexdigest()
        yield Carried(card, digest, _folder(applet), applet.aid)


def _folder(applet: Applet) -> Path | None:
    """That all of its sources are in."""
    folders = [one if one.is_dir() else one.parent for one in applet.sources]
    return Path(os.path.commonpath(folders)) if folders else None


def _lab(card: SimulatedCard) -> LabCard:
    return LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, _SEED)


def _copied(card: Card) -> Card:
    return card.on(_lab(card.lower.simulated.fork()), card.history.fork())
