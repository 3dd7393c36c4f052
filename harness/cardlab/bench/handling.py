"""What is done with whole cards: made with the applet, copied, saved, and kept in great numbers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cardlab.bench.bare import BareCards
from cardlab.bench.measure import times, work_clock
from cardlab.bench.subject import Instruction, Subject, send
from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.runtime.feature import Feature

_ROOMY = CardConfig(persistent_memory=640 * 1024)  # for what ``FILL`` takes
_TIMES_FEWER = 10  # files are written and full cards made so many times more seldom
_STATM = Path("/proc/self/statm")
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Handling:
    """Medians in milliseconds as Python sees them; None for what the runtime cannot do.

    ``new_card`` is loaded and installed through SCP03, ``bare_card`` given to the runtime without a card manager.
    ``save_restore`` goes to a file and back with 512,000 bytes in use (``FILL``), ``fork_full`` copies such a card.
    ``last_package`` is the time to load the last of eight packages divided by the first's. ``resident`` are MiB of this
    process with so many ``cards`` open, None where that is not told. ``instructions`` are those of ``COUNT``.
    """

    new_card: float
    bare_card: float
    fork: float | None
    fork_full: float | None
    save_restore: float | None
    last_package: float
    cards: int
    resident: float | None
    instructions: int | None


def handling(subject: Subject, count: int, many: int) -> Handling:
    """Do each thing so often, after as often for the virtual machine to warm up; keep ``many`` cards at once."""
    bare = BareCards(subject)
    few = max(2, count // _TIMES_FEWER)
    with subject.card() as card, subject.card(config=_ROOMY) as full:
        send(full, Instruction.FILL)
        send(card, Instruction.COUNT)
        return Handling(
            instructions=card.runtime.instructions() or None,
            new_card=_median(lambda: subject.card().close(), count),
            bare_card=_median(lambda: bare.prepared().close(), count),
            fork=_if_able(subject, Feature.FORK, lambda: card.fork().close(), count),
            fork_full=_if_able(subject, Feature.FORK, lambda: full.fork().close(), few),
            save_restore=_saved_and_restored(subject, full, few),
            last_package=bare.last_package(few),
            cards=many,
            resident=_resident(subject, many),
        )


def _if_able(subject: Subject, needed: Feature, action: Callable[[], None], count: int) -> float | None:
    return _median(action, count) if needed in subject.backend.capabilities else None


def _saved_and_restored(subject: Subject, card: SimulatedCard, count: int) -> float | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "card"

        def save_and_restore() -> None:
            card.save(file)
            SimulatedCard.restore(file, runtime=subject.backend, classes=subject.classes).close()

        return _if_able(subject, Feature.IMAGES, save_and_restore, count)


def _resident(subject: Subject, many: int) -> float | None:
    """With many cards, all of them loaded, installed and used."""
    cards = [subject.card(seed) for seed in range(many)]
    for card in cards:
        send(card, Instruction.WRITE)
    found = int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE if _STATM.exists() else None
    for card in cards:
        card.close()
    return found


def _median(action: Callable[[], None], count: int) -> float:
    times(action, count)
    return 1000 * times(action, count, work_clock()).median
