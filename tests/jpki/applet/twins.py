"""Two cards of one seed, each on another runtime, that a host takes for one: every answer of theirs is compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.closing import Closing
from cardlab.kinds.sim import SimulatedCards
from cardlab.lab.capability import Capability
from cardlab.lab.kind import CardOrder
from cardlab.pytest_plugin import CardSource, LabCard
from cardlab.runtime.interface import Media
from cardlab.runtime.torn import TornCell

RUNTIMES = ("vm", "jcardsim")


class DeviationError(AssertionError):
    """The same bytes went to both, and the answers differ."""


class Twin(Closing):
    """A rig of two cards; ``classes`` are what the second one executes."""

    def __init__(self, cards: tuple[SimulatedCard, SimulatedCard], classes: object, folder: Path) -> None:
        self._cards, self._classes, self._folder = cards, classes, folder
        self._image: Path | None = None
        self.count = 0

    @property
    def atr(self) -> bytes:
        return self._cards[0].atr

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        answers = [card.transmit(command) for card in self._cards]
        if answers[0] != answers[1]:
            told = (
                f"{name}: {one.hex()} {card.explain()}"
                for name, one, card in zip(RUNTIMES, answers, self._cards, strict=True)
            )
            raise DeviationError("\n".join((command.hex(), *told)))
        return answers[0]

    def reset(self, media: Media | None = None) -> bytes:
        for card in self._cards:
            card.reset(media)
        return self.atr

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Runtimes differ in their moments."""
        raise NotImplementedError

    def explain(self) -> str:
        return self._cards[0].explain()

    def copy(self) -> Twin:
        """The same once more, just reset: a copy of the first card, and what was saved of the second one."""
        first, second = self._cards
        if self._image is None:
            self._image = self._folder / f"{id(self)}.card"
            second.save(self._image)
        restored = SimulatedCard.restore(self._image, runtime=RUNTIMES[1], classes=self._classes)
        copied = Twin((first.fork(), restored), self._classes, self._folder)
        copied.reset()
        return copied

    def close(self) -> None:
        for card in self._cards:
            card.close()


class TwinSource(CardSource):
    """Hands out twins."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SimulatedCards(RUNTIMES[0]))
        self._folder = folder
        self._supplies = tuple(SimulatedCards(name) for name in RUNTIMES)
        self.rigs: list[Twin] = []

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.POWER_CUT, Capability.INSIDE, Capability.FORK}

    @property
    def can_fork(self) -> bool:
        return True

    def open(self, classes: object, *, seed: int | str, **more: object) -> LabCard:
        order = CardOrder("", 1, classes, seed, **more)  # type: ignore[arg-type]
        first, second = (supply.open(order) for supply in self._supplies)
        return self._lab(Twin((first, second), classes, self._folder), seed)

    def fork(self, card: LabCard) -> LabCard:
        assert isinstance(card.rig, Twin)
        copied = self._lab(card.rig.copy(), card.seed)
        copied.entropy = replace(card.entropy)
        return copied

    def _lab(self, rig: Twin, seed: int | str) -> LabCard:
        self.rigs.append(rig)
        return LabCard(rig, self.keys, self.capabilities, seed)
