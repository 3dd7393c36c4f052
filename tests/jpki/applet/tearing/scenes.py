"""What a scene of the campaign is: one command of the applet in one state, and what a power cut may leave of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, unique

from cardlab.card.card import SimulatedCard
from cardlab.errors import CardError
from cardlab.iso7816.status import UnexpectedStatusError
from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.views import View, copy_of

Work = Callable[[], object]
Prepare = Callable[[JpkiCard], Work]
May = Callable[[View, View, View], bool]
"""Whether what is seen may be, between what was before the command and what is after it."""


@unique
class World(Enum):
    """What a scene begins with."""

    BLANK = "a phone's card, just installed"
    USED = "a phone's card with keys, certificates, PINs and phones in both slots"
    CURVE = "the same with keys on P-384"
    BLANK_CURVE = "a phone's card, just installed, for keys on P-384"
    PLASTIC = "a plastic card, just installed"
    LOADED = "a card with the package and no instance"
    BARE = "a card without the package"


@dataclass(frozen=True, slots=True)
class Scene:
    """``leaves``: names of secrets that a cut may leave in memory where nobody can read them, though they are replaced.

    ``content``: the card manager changes what is on the card, so each end is looked at on a card really cut so.
    """

    command: str
    state: str
    world: World
    prepare: Prepare
    may: May
    leaves: frozenset[str] = field(default=frozenset())
    content: bool = False

    @property
    def name(self) -> str:
        """For people and for the record."""
        return f"{self.command}, {self.state}"


@dataclass(slots=True)
class Prepared:
    """A card that is about to do a scene's command (cardlab.campaign.stage.Ready)."""

    jpki: JpkiCard
    work: Work

    @classmethod
    def of(cls, base: JpkiCard, scene: Scene) -> Prepared:
        """A copy of the scene's world, prepared."""
        jpki = copy_of(base)
        return cls(jpki, scene.prepare(jpki))

    @property
    def simulated(self) -> SimulatedCard:
        """The card itself."""
        return self.jpki.card.simulated

    def command(self) -> None:
        """Send it; a refusal is no matter here."""
        with suppress(UnexpectedStatusError, CardError):
            self.work()

    def recover(self) -> None:
        """A reset and SELECT, which a card without the applet refuses."""
        self.jpki.card.reset()
        with suppress(UnexpectedStatusError):
            self.jpki.client.select()

    def close(self) -> None:
        """Let go of it."""
        self.jpki.card.close()


# -- what may be ------------------------------------------------------------------------------------------------------


def old_or_new(seen: View, before: View, after: View) -> bool:
    """All of it or nothing."""
    return seen in (before, after)


def counted(slot: Slot) -> May:
    """Or one try of the slot's PIN is used: more are there after a cut only when the command was done."""

    def may(seen: View, before: View, after: View) -> bool:
        used = [
            one.with_slot(slot, one[slot].with_tries(max(0, one[slot].status.tries_left - 1)))
            for one in (before, after)
        ]
        return seen in (before, after, *used)

    return may


def used(slot: Slot) -> May:
    """Or one use of the slot's key is counted, and no signature was given out (C5)."""

    def may(seen: View, before: View, after: View) -> bool:
        uses = before[slot].status.signature_counter + 1
        return seen in (before, after, before.with_slot(slot, before[slot].with_uses(uses)))

    return may
