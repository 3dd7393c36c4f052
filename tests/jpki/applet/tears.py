"""Cards that lost power within a command: at each of its moments, or at so many that little can hide between them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest
from hypothesis import settings

from cardlab.errors import TransportError
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.pytest_plugin import LabCard
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.conftest import Image

EACH = 20  # moments at both ends of a command, at all of which the power is cut
FEWER = 4  # cuts between them for examples of a property: each takes a whole life of a card
MOST = 100_000  # moments; more would mean that the command does not end

Step = Callable[[JpkiCard], Callable[[], object]]


Attempt = Callable[[int], AbstractContextManager[tuple[JpkiCard, bool]]]
"""The command on a card of its own that loses power at this moment; the card, and whether it lost it."""


def torn(
    image: Image, prepare: Step, recover: Callable[[JpkiCard], object] = lambda jpki: jpki.reset()
) -> Iterator[JpkiCard]:
    """Cards that lost power at moments of a command, each with the applet selected again, or recovered otherwise.

    ``prepare`` brings a card to where the command is due and returns the command. At least one cut must happen.
    """
    plan = moments()
    with suppress(StopIteration), _attempts(image, prepare) as attempt:
        moment = next(plan)
        while True:
            with attempt(moment) as (jpki, is_torn):
                if is_torn:
                    recover(jpki)
                    yield jpki
            moment = plan.send(is_torn)


def torn_around(image: Image, prepare: Step, is_done: Callable[[JpkiCard], bool]) -> Iterator[JpkiCard]:
    """Cards that lost power shortly before and after the first moment behind which it is done, wherever that is."""
    with _attempts(image, prepare) as attempt:

        def is_behind(moment: int) -> bool:
            with attempt(moment) as (jpki, is_torn):
                if is_torn:
                    jpki.reset()
                return not is_torn or is_done(jpki)

        turn = bisect_left(range(MOST), True, lo=1, key=is_behind)
        for moment in range(max(1, turn - EACH), turn + EACH):
            with attempt(moment) as (jpki, is_torn):
                if is_torn:
                    jpki.reset()
                    yield jpki


def _attempts(image: Image, prepare: Step) -> AbstractContextManager[Attempt]:
    return _on_copies(image, prepare) if image.can_copy else _on_new_cards(image, prepare)


@contextmanager
def _on_new_cards(image: Image, prepare: Step) -> Iterator[Attempt]:
    @contextmanager
    def attempt(moment: int) -> Iterator[tuple[JpkiCard, bool]]:
        with image.open() as jpki:
            command = prepare(jpki)
            jpki.card.cut_power_at(moment)
            yield jpki, loses_power(command)

    yield attempt


@contextmanager
def _on_copies(image: Image, prepare: Step) -> Iterator[Attempt]:
    """A card is brought there once. Its copies answer as it did, so they are sent the bytes that it was sent."""
    with image.open() as first:
        recording = _Recording(first.card)
        command = prepare(JpkiCard(recording, first.keys))
        before = image.copy(first)
        recording.sent.clear()
        with suppress(UnexpectedStatusError):
            command()
        sent = tuple(recording.sent)

    @contextmanager
    def attempt(moment: int) -> Iterator[tuple[JpkiCard, bool]]:
        jpki = image.copy(before)
        with jpki.card as card:
            card.cut_power_at(moment)
            yield jpki, loses_power(lambda: [card.transmit(one) for one in sent])

    with before.card:
        yield attempt


class _Recording(LabCard):
    """The same card, with what it is sent."""

    def __init__(self, card: LabCard) -> None:
        super().__init__(card.rig, card.keys, card.capabilities, card.seed)
        self.entropy = card.entropy
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return super().transmit(command)


def loses_power(command: Callable[[], object]) -> bool:
    """Whether the power was cut before the command was done."""
    try:
        with suppress(UnexpectedStatusError):
            command()
    except TransportError:
        return True
    return False


def moments() -> Generator[int, bool, None]:
    """Moments to try, from 1; it is sent whether the command had this moment.

    All of them when there are few. Of many, as on a runtime where each write is one: the first and the last, and
    between them a share of what property tests have for examples.
    """
    moment = 1
    while (yield moment):
        moment += 1 if moment < EACH else moment
        if moment > MOST:
            pytest.fail(f"the command was cut at moment {moment // 2} and still not done")
    assert moment > 1, "the command offers no moment, so nothing was tried"
    if moment > EACH:
        last = yield from last_moment(moment // 2, moment)
        tail = max(EACH, last - EACH) + 1
        for moment in (*between(EACH + 1, tail - 1), *range(tail, last)):
            assert (yield moment), f"moment {moment} of {last} was there, and is not any more"


def last_moment(there: int, beyond: int) -> Generator[int, bool, int]:
    """Look for the last moment of a command that has the first and lacks the second."""
    while beyond - there > 1:
        middle = (there + beyond) // 2
        if (yield middle):
            there = middle
        else:
            beyond = middle
    return there


def between(first: int, last: int) -> range:
    """A share of the examples of a property test."""
    return range(first, last + 1, max(1, (last - first) * FEWER // settings().max_examples))
