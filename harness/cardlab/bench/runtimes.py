"""The same figures of every runtime, measured in turns with a small applet: their ratios hold on a busy machine too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from cardlab.bench.handling import Handling, handling
from cardlab.bench.library import library_signer
from cardlab.bench.measure import Rate, Sample, Turns, times, work_clock
from cardlab.bench.subject import CONTENT, MESSAGE, ROUNDS, Instruction, Subject, executable, send
from cardlab.card.card import SimulatedCard
from cardlab.errors import HarnessError
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.backend import Backend
from cardlab.runtime.feature import Feature
from cardlab.transport import Transport

_RATED = (Instruction.READ, Instruction.WRITE, Instruction.COUNT, Instruction.HASH)
JCARDSIM = "jcardsim"
"""The runtime that others are compared with."""
_EXAMPLE = 10  # commands that are sent to each fresh card, as a property test does


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: seconds to warm up, rounds of turns (seconds each), and how many of the rest."""

    warm_up: float
    rounds: int
    turn: float
    cards: int
    keys: int
    signatures: int
    many: int  # cards at the same time


FULL = Effort(warm_up=1.0, rounds=25, turn=0.05, cards=200, keys=20, signatures=200, many=1000)
QUICK = Effort(warm_up=0.1, rounds=3, turn=0.02, cards=4, keys=1, signatures=5, many=10)


@dataclass(frozen=True, slots=True)
class Apdus:
    """Commands a second: read 16 bytes, write 16 in a transaction, 1,000 rounds of arithmetic, SHA-256 of 64 bytes."""

    read: Rate
    write: Rate
    count: Rate
    hash: Rate


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a runtime; keys and signatures (RSA-2048) are None where it has none.

    ``apdus_per_second`` are those that read 16 bytes, ``to_jcardsim`` is how they compare in the same turns.
    ``bytecodes_per_second`` are executed in ``COUNT``, the way of the command through the card included.
    ``whole_cards`` has what is done with whole cards, ``new_card_ms``, ``fork_ms`` and ``save_restore_ms`` among it.
    An example is a card with the applet and ten commands to it: a copy where the runtime can copy one, else a new one.
    ``signature_to_library`` is the time of a signature divided by that of Java's own provider for another.
    """

    version: str
    apdus: Apdus
    apdus_per_second: float
    to_jcardsim: float | None
    bytecodes_per_second: float | None
    new_card_ms: float
    fork_ms: float | None
    save_restore_ms: float | None
    whole_cards: Handling
    fresh_cards_per_second: float
    examples_per_second: float
    key_generation: Sample | None
    signature: Sample | None
    signature_to_library: float | None


def runtime_figures(
    backends: Iterable[Backend], effort: Effort, *, progress: Callable[[str], object]
) -> Mapping[str, Figures | None]:
    """By name; None for a runtime that cannot execute the applet, which ``progress`` is told."""
    applet = executable()
    subjects = [Subject(backend, applet) for backend in backends]
    cards = {one.backend.name: card for one in subjects if (card := _card(one, progress)) is not None}
    able = [one for one in subjects if one.backend.name in cards]
    progress(f"{effort.rounds} rounds of short commands on {', '.join(cards) or 'no runtime'} ...")
    apdus, ratios = _apdus(cards, effort)
    found: dict[str, Figures | None] = {one.backend.name: None for one in subjects}
    for one in able:
        name = one.backend.name
        progress(f"{effort.cards} fresh cards, {effort.keys} key pairs, {effort.signatures} signatures on {name} ...")
        fresh, examples = _cards(one, effort.cards)
        keys, signature = key_times(cards[name], effort)
        whole = handling(one, effort.cards, effort.many)
        found[name] = Figures(
            version=one.backend.version,
            apdus=apdus[name],
            apdus_per_second=apdus[name].read.per_second,
            to_jcardsim=ratios.get(name),
            bytecodes_per_second=whole.instructions and whole.instructions * apdus[name].count.per_second,
            new_card_ms=whole.new_card,
            fork_ms=whole.fork,
            save_restore_ms=whole.save_restore,
            whole_cards=whole,
            fresh_cards_per_second=fresh,
            examples_per_second=examples,
            key_generation=keys,
            signature=signature,
            signature_to_library=None if signature is None else _to_library(cards[name], effort),
        )
        cards[name].close()
    return found


def _card(subject: Subject, progress: Callable[[str], object]) -> SimulatedCard | None:
    try:
        return subject.card()
    except UnexpectedStatusError as error:
        progress(f"nothing is measured of {subject.backend.name}, which does not execute the applet: {error}")
        return None


def _apdus(cards: Mapping[str, SimulatedCard], effort: Effort) -> tuple[Mapping[str, Apdus], Mapping[str, float]]:
    """All commands on all runtimes in turns; and how reading compares with jCardSim, where that is among them."""
    for name, card in cards.items():
        _check(name, card)
    actions = {
        f"{name} {instruction.name}": partial(send, card, instruction)
        for name, card in cards.items()
        for instruction in _RATED
    }
    turns = Turns(actions, rounds=effort.rounds, turn=effort.turn, warm_up=effort.warm_up, clock=work_clock())
    rates = {name: Apdus(*(turns.rate(f"{name} {instruction.name}") for instruction in _RATED)) for name in cards}
    read = Instruction.READ.name
    compared = cards if JCARDSIM in cards else ()
    return rates, {name: turns.ratio(f"{name} {read}", f"{JCARDSIM} {read}") for name in compared}


def _check(name: str, card: SimulatedCard) -> None:
    """What is measured is done: what was written is read, and the sum is the right one."""
    send(card, Instruction.WRITE)
    answers = {instruction: send(card, instruction) for instruction in (Instruction.READ, Instruction.COUNT)}
    if answers != {Instruction.READ: CONTENT, Instruction.COUNT: expected_count().to_bytes(2, "big")}:
        raise HarnessError(f"the runtime {name} answers wrongly: {answers}", hint="nothing was measured")


def expected_count() -> int:
    """What ``COUNT`` answers: the applet's arithmetic in Python, unsigned 16 bits."""
    total = 0
    for number in range(ROUNDS):
        one = number % 100
        total = (total * 3 + one if one % 2 == 0 else total ^ one) & 0xFFFF
    return total


def _cards(subject: Subject, count: int) -> tuple[float, float]:
    """Cards with the applet a second, and examples."""
    with subject.card() as original:
        forks = Feature.FORK in subject.backend.capabilities
        fresh = times(lambda: subject.card().close(), count, work_clock())
        examples = times(lambda: _example(original.fork() if forks else subject.card()), count, work_clock())
    return 1 / fresh.mean, 1 / examples.mean


def _example(card: SimulatedCard) -> None:
    with card:
        for _ in range(_EXAMPLE):
            send(card, Instruction.WRITE)


def _to_library(card: Transport, effort: Effort) -> float:
    turns = Turns(
        {"card": partial(send, card, Instruction.SIGN), "library": library_signer(MESSAGE)},
        rounds=effort.rounds,
        turn=effort.turn,
        warm_up=effort.warm_up,
        clock=work_clock(),
    )
    return turns.ratio("library", "card")


def key_times(card: Transport, effort: Effort) -> tuple[Sample | None, Sample | None]:
    """RSA-2048; None where the runtime has none."""
    try:
        send(card, Instruction.GENERATE)
    except UnexpectedStatusError as error:
        if error.sw != SW.FUNCTION_NOT_SUPPORTED:
            raise
        return None, None
    generation = times(partial(send, card, Instruction.GENERATE), effort.keys, work_clock())
    return generation, times(partial(send, card, Instruction.SIGN), effort.signatures, work_clock())
