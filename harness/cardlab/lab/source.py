"""Gives tests their cards, from whatever supply ``--card`` names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.lab.capability import Capability
from cardlab.lab.kind import CardOrder, CardSupply
from cardlab.lab.labcard import LabCard
from cardlab.lab.rig import Expecting, Rig, lacking
from cardlab.transport.secrets import Secrets
from cardlab.transport.transcript import ReplayMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardlab.card.config import CardConfig
    from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro
    from cardlab.lab.recording import Recording
    from cardlab.runtime.media import Media

T = TypeVar("T")


class CardSource:
    """The fixture ``card_source``: bare cards, for suites that bring clients of their own. Close each of them."""

    def __init__(
        self, supply: CardSupply, recording: Recording | None = None, program: GlobalPlatformPro | None = None
    ) -> None:
        self._supply = supply
        self._program = program
        self._recording = recording
        self._test = ""
        self._count = 0
        self._expecting: list[Expecting] = []
        self._warnings: list[str] = []

    @property
    def keys(self) -> StaticKeys:
        """The keys of the issuer security domain of every card."""
        return self._supply.keys

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What cards can do."""
        return self._supply.capabilities

    @property
    def can_fork(self) -> bool:
        """Whether a card can be copied as it is. A recording has each card from its first command on."""
        return Capability.FORK in self.capabilities and self._recording is None

    @property
    def can_restore(self) -> bool:
        """Whether a card can be put back into a saved state. A recording has each card from its first command on."""
        return Capability.INSIDE in self.capabilities and self._recording is None

    def open(
        self,
        classes: object,
        *,
        seed: int | str,
        config: CardConfig | None = None,
        secrets: Secrets | None = None,
        medium: Media | None = None,
    ) -> LabCard:
        """A card that can execute these classes once they are loaded; what is random on it comes from ``seed``.

        ``secrets`` says what of its commands must not be written down, ``medium`` how a simulated card is reached.
        """
        order = replace(self._order(classes, seed, config), secrets=secrets or Secrets(), medium=medium)
        return self._given(self._supply.open(order), order)

    def restore(self, image: Path, classes: object, *, seed: int | str) -> LabCard:
        """A card in a saved state, when ``can_restore``; ``seed`` is the host's."""
        order = self._order(classes, seed, None)
        return self._given(self._supply.restore(image, order), order)

    def fork(self, card: LabCard) -> LabCard:
        """A copy of a card as it is at this moment (Capability.FORK)."""
        if Capability.FORK not in self.capabilities:
            raise lacking(Capability.FORK)
        order = self._order(None, card.seed, None)
        copied = self._given(card.simulated.fork(), order)
        copied.entropy = replace(card.entropy)
        return copied

    def take_warnings(self) -> list[str]:
        """What applets did since this was asked last that a test should know of, each once."""
        found = list(dict.fromkeys(self._warnings))
        self._warnings.clear()
        return found

    def begin(self, test: str) -> None:
        """Another test starts."""
        self._test, self._count = test, 0
        self._expecting = [rig for rig in self._expecting if rig.is_open]  # a wider fixture's

    def check_finished(self) -> None:
        """At the end of a test: raises ReplayMismatchError when it asked less than when it was recorded."""
        for rig in self._expecting:
            if unsaid := rig.unsaid():
                raise ReplayMismatchError(
                    f"the test ended, and the recorded one went on with {unsaid}",
                    hint="the test changed since it was recorded; record it again",
                )

    def _order(self, classes: object, seed: int | str, config: CardConfig | None) -> CardOrder:
        self._count += 1
        return CardOrder(self._test, self._count, classes, seed, config)

    def _given(self, rig: Rig, order: CardOrder) -> LabCard:
        if isinstance(rig, Expecting):
            self._expecting.append(rig)
        if self._recording is not None:
            rig = self._recording.card(rig, order)
        return LabCard(rig, self.keys, self.capabilities, order.seed, self._program, self._warnings.append)


class Prepared(Generic[T]):
    """Cards in a state that takes long to reach.

    ``make`` brings a card there. It is done once and the card copied for each use, or restored where cards cannot be
    copied; where they cannot be restored either, it is done each time. What ``make`` returns comes along with the card.
    """

    def __init__(
        self,
        source: CardSource,
        classes: object,
        make: Callable[[LabCard], T],
        *,
        seed: int | str,
        image: Path,
        config: CardConfig | None = None,
    ) -> None:
        self._source = source
        self._classes = classes
        self._make = make
        self._seed = seed
        self._config = config
        self._image = image
        self._kept: tuple[LabCard, T] | None = None

    @contextmanager
    def open(self) -> Iterator[tuple[LabCard, T]]:
        """A card in that state, just reset."""
        card, made = self.card()
        with card:
            yield card, made

    def card(self) -> tuple[LabCard, T]:
        """The same for those who close the card themselves."""
        if not (self._source.can_fork or self._source.can_restore):
            return self._new()
        kept, made = self._kept = self._kept or self._first()
        if self._source.can_fork:
            return self._source.fork(kept), made
        return self._source.restore(self._image, self._classes, seed=self._seed), made

    def _first(self) -> tuple[LabCard, T]:
        """The card that the others are copied from: it stays open where it is copied itself, and not its image."""
        card, made = self._new()
        if not self._source.can_fork:
            card.simulated.save(self._image)
            card.close()
        return card, made

    def _new(self) -> tuple[LabCard, T]:
        card = self._source.open(self._classes, seed=self._seed, config=self._config)
        try:
            made = self._make(card)
            card.reset()
        except BaseException:
            card.close()
            raise
        return card, made
