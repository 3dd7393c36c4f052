"""Examples of property tests per second: each with a fresh card, the applet loaded and installed through SCP03."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jpki.bench.subject import PINS, blank_card, install, personalise
from jpki.client.constants import Slot
from jpki.client.errors import WrongPinError
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

_WARM_UP = 30  # cards; the first ones take ten times as long
_STEPS = st.lists(st.tuples(st.sampled_from(Slot), st.booleans()), min_size=10, max_size=10)


@dataclass(frozen=True, slots=True)
class Examples:
    """How many a second, and what one of them holds."""

    per_second: float
    examples: int
    fresh_cards_per_second: float


def examples_per_second(*, examples: int) -> Examples:
    """Ten right or wrong PINs on each card, whose counters are compared with a model after every one."""
    applet = jpki_executable()
    preparing = 0.0
    made = 0
    for seed in range(_WARM_UP):
        with blank_card(applet, seed) as card:
            install(card, applet)

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
        nonlocal preparing, made
        started = perf_counter()
        card = blank_card(applet)
        install(card, applet)
        preparing += perf_counter() - started
        made += 1
        with card:
            personalise(card)
            user = JpkiClient(card)
            left = {slot: slot.tries for slot in Slot}
            for slot, right in steps:
                if left[slot]:
                    left[slot] = slot.tries if right else left[slot] - 1
                    _enter(user, slot, right)
                if user.tries_left(slot) != left[slot]:
                    raise AssertionError(f"{slot.pin_name}: the card has other tries left than {left[slot]}")

    started = perf_counter()
    tries_count_down()
    return Examples(made / (perf_counter() - started), made, made / preparing)


def _enter(user: JpkiClient, slot: Slot, right: bool) -> None:
    try:
        user.verify(slot, PINS[slot] if right else b"9999999")
    except WrongPinError:
        if right:
            raise
