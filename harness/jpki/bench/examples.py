"""Examples of property tests per second: each with a personalised card of its own, made anew or copied from another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cardlab.bench.measure import times, work_clock
from cardlab.card.card import SimulatedCard
from cardlab.runtime.backend import Backend
from cardlab.runtime.feature import Feature
from cardlab.toolchain.executable import Executable
from jpki.bench.subject import PINS, blank_card, install, personalise
from jpki.client.constants import Slot
from jpki.client.errors import WrongPinError
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

_WARM_UP = 4  # times as many cards as are measured, up to
_ENOUGH = 300
_STEPS = st.lists(st.tuples(st.sampled_from(Slot), st.booleans()), min_size=10, max_size=10)


@dataclass(frozen=True, slots=True)
class Examples:
    """How many a second, and what one of them holds; ``copied``: its card is a copy of a personalised one.

    ``new_card_ms`` is the median time of a card with the applet, ``fork_ms`` that of a copy of a personalised one with
    both keys, None where there are no copies.
    """

    per_second: float
    examples: int
    copied: bool
    new_card_ms: float
    fork_ms: float | None


def examples_per_second(backend: Backend, *, examples: int) -> Examples:
    """Ten right or wrong PINs on each card, whose counters are compared with a model after every one."""
    copied = Feature.FORK in backend.capabilities
    applet = jpki_executable()
    original = _personalised(backend, applet)
    some = min(_WARM_UP * examples, _ENOUGH)
    new_card = _milliseconds(lambda: _installed(backend, applet).close(), some)
    opened = original.fork if copied else lambda: _personalised(backend, applet)
    _run(opened, some)
    taken = times(lambda: _run(opened, examples), 1, work_clock())
    with original:
        for slot in Slot:
            personalise(original, pins=False).generate_key_pair(slot)
        fork = _milliseconds(lambda: original.fork().close(), some) if copied else None
    return Examples(examples / taken.mean, examples, copied, new_card, fork)


def _installed(backend: Backend, applet: Executable) -> SimulatedCard:
    card = blank_card(applet, runtime=backend)
    install(card, applet)
    return card


def _personalised(backend: Backend, applet: Executable) -> SimulatedCard:
    card = _installed(backend, applet)
    personalise(card)
    return card


def _milliseconds(action: Callable[[], None], count: int) -> float:
    times(action, count)
    return 1000 * times(action, count, work_clock()).median


def _run(opened: Callable[[], SimulatedCard], examples: int) -> None:
    """A property test with so many examples."""

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(_STEPS)
    def tries_count_down(steps: list[tuple[Slot, bool]]) -> None:
        with opened() as card:
            user = JpkiClient(card)
            left = {slot: slot.tries for slot in Slot}
            for slot, right in steps:
                if left[slot]:
                    left[slot] = slot.tries if right else left[slot] - 1
                    _enter(user, slot, right)
                if user.tries_left(slot) != left[slot]:
                    raise AssertionError(f"{slot.pin_name}: the card has other tries left than {left[slot]}")

    tries_count_down()


def _enter(user: JpkiClient, slot: Slot, right: bool) -> None:
    try:
        user.verify(slot, PINS[slot] if right else b"9999999")
    except WrongPinError:
        if right:
            raise
