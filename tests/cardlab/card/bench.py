"""Where the cards of a test are: of the kind that ``--card`` names, and closed when the test is over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from cardlab.card.config import CardConfig
from cardlab.pytest_plugin import CardSource, LabCard
from cardlab.runtime.jcardsim.library import ClassLibrary

PLACES = 4  # as many as there are virtual readers


Originals = dict[Hashable, LabCard]
"""Cards that are copied, for all tests of a run."""


class Bench:
    """Holds the last ``PLACES`` cards that a test made; the one before them is closed when another is made.

    So a property test can make a card for each example and leave it lying there.
    """

    def __init__(self, source: CardSource, originals: Originals) -> None:
        self._source = source
        self._originals = originals
        self._cards: list[LabCard] = []
        self._shared: dict[Callable[[], LabCard], LabCard] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Cards come from here until the end of the block."""
        token = _BENCH.set(self)
        try:
            yield
        finally:
            _BENCH.reset(token)
            for card in self._cards:
                card.close()

    def open(self, classes: ClassLibrary, seed: int | str, config: CardConfig | None) -> LabCard:
        self._make_room()
        return self._placed(self._source.open(classes, seed=seed, config=config))

    def restore(self, file: Path, classes: ClassLibrary) -> LabCard:
        self._make_room()
        return self._placed(self._source.restore(file, classes, seed=1))

    def copy_of(self, key: Hashable, make: Callable[[], LabCard]) -> LabCard:
        """See ``prepared_card``."""
        if not self._source.can_fork:
            return make()
        if key not in self._originals:
            self._originals[key] = self._source.fork(made := make())
            return made
        self._make_room()
        return self._placed(self._source.fork(self._originals[key]))

    def shared(self, make: Callable[[], LabCard]) -> LabCard:
        if make not in self._shared:
            self._shared[make] = make()
        return self._shared[make]

    def _make_room(self) -> None:
        while len(self._cards) >= PLACES:
            self._cards.pop(0).close()

    def _placed(self, card: LabCard) -> LabCard:
        self._cards.append(card)
        return card


_BENCH: ContextVar[Bench] = ContextVar("bench")


def open_card(classes: ClassLibrary | None = None, *, seed: int | str = 1, config: CardConfig | None = None) -> LabCard:
    """A new card that can execute these classes once they are loaded."""
    return _BENCH.get().open(classes or ClassLibrary(), seed, config)


def prepared_card(key: Hashable, make: Callable[[], LabCard]) -> LabCard:
    """What ``make`` makes, or where cards can be copied a copy of what it made the first time for this key.

    All cards that a key names come from one seed, so a copy is what would be made.
    """
    return _BENCH.get().copy_of(key, make)


def restore_card(file: Path, classes: ClassLibrary | None = None) -> LabCard:
    """The card that was saved in the file."""
    return _BENCH.get().restore(file, classes or ClassLibrary())


def shared_card(make: Callable[[], LabCard]) -> LabCard:
    """What ``make`` makes, once in a test: for examples that leave a card as it was. They make no other cards."""
    return _BENCH.get().shared(make)
