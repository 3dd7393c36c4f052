"""Taking times: samples, and rates of things that are to be compared on a machine that does other things as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean, median
from time import get_clock_info, perf_counter, thread_time
from typing import Self

Clock = Callable[[], float]
_FINE = 1e-5  # seconds
_CALIBRATION = 0.005  # seconds that one try takes before its number of repetitions is settled


@dataclass(frozen=True, slots=True)
class Sample:
    """Times of one thing, in seconds."""

    n: int
    min: float
    mean: float
    max: float
    median: float

    @classmethod
    def of(cls, seconds: list[float]) -> Self:
        """From single times, at least one."""
        return cls(len(seconds), min(seconds), fmean(seconds), max(seconds), median(seconds))


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was done in a second: the median of rounds, and the lowest and highest of them."""

    per_second: float
    lowest: float
    highest: float
    rounds: int


def work_clock() -> Clock:
    """Processor time of the thread that asks: what other programs take does not count. For what does not wait.

    Where that is not told finely enough it is the time of day.
    """
    return thread_time if get_clock_info("thread_time").resolution <= _FINE else perf_counter


def times(action: Callable[[], object], n: int, clock: Clock = perf_counter) -> Sample:
    """Do it ``n`` times."""
    taken = []
    for _ in range(n):
        started = clock()
        action()
        taken.append(clock() - started)
    return Sample.of(taken)


class Turns:
    """Rates of several actions, measured in short turns one after the other: what slows the machine slows all alike."""

    def __init__(
        self,
        actions: Mapping[str, Callable[[], object]],
        *,
        rounds: int,
        turn: float,
        warm_up: float = 0.0,
        clock: Clock = perf_counter,
    ) -> None:
        """``turn`` is the length of a turn and ``warm_up`` that of the time before them for each action, in seconds.

        A virtual machine becomes ten times as fast while it finds out what is done often.
        """
        self._rates: dict[str, list[float]] = {name: [] for name in actions}
        for action in actions.values():
            _repeat(action, warm_up, clock)
        counts = {name: _repetitions(action, turn, clock) for name, action in actions.items()}
        order = list(actions)
        for _ in range(rounds):
            for name in order:
                self._rates[name].append(_rate(actions[name], counts[name], clock))
            order.append(order.pop(0))  # whoever went first in this round goes last in the next

    def rate(self, name: str) -> Rate:
        """The rate of one action."""
        rates = self._rates[name]
        return Rate(median(rates), min(rates), max(rates), len(rates))

    def ratio(self, name: str, base: str) -> float:
        """The median over the rounds of one action's rate divided by another's."""
        return median(mine / theirs for mine, theirs in zip(self._rates[name], self._rates[base], strict=True))


def _rate(action: Callable[[], object], count: int, clock: Clock) -> float:
    started = clock()
    for _ in range(count):
        action()
    return count / (clock() - started)


def _repeat(action: Callable[[], object], seconds: float, clock: Clock) -> None:
    end = clock() + seconds
    while clock() < end:
        action()


def _repetitions(action: Callable[[], object], turn: float, clock: Clock) -> int:
    """How many fill a turn."""
    count, rate = 1, _rate(action, 1, clock)
    while count / rate < _CALIBRATION:
        count *= 2
        rate = _rate(action, count, clock)
    return max(1, int(rate * turn))
