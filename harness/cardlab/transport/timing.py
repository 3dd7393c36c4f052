"""How long commands take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

from cardlab.transport import Layer, Transport
from cardlab.transport.names import command_name


@dataclass(frozen=True, slots=True)
class Measurement:
    """All commands with one instruction byte, in nanoseconds (F1: average, maximum, minimum)."""

    ins: int
    n: int
    minimum: int
    mean: float
    maximum: int

    @property
    def name(self) -> str:
        """What the command is called."""
        return command_name(self.ins)


class Timing(Layer):
    """Measures each command that is answered; one that loses the link is not counted."""

    def __init__(self, lower: Transport, *, clock: Callable[[], int] = perf_counter_ns) -> None:
        super().__init__(lower)
        self._clock = clock
        self._taken: dict[int, list[int]] = {}

    def transmit(self, command: bytes) -> bytes:
        started = self._clock()
        response = self._lower.transmit(command)
        taken = self._clock() - started
        if len(command) > 1:
            self._taken.setdefault(command[1], []).append(taken)
        return response

    @property
    def taken(self) -> dict[int, tuple[int, ...]]:
        """Nanoseconds of every command, by instruction byte."""
        return {ins: tuple(times) for ins, times in self._taken.items()}

    def summary(self) -> tuple[Measurement, ...]:
        """One line per instruction byte, the most time-consuming first."""
        rows = (
            Measurement(ins, len(times), min(times), sum(times) / len(times), max(times))
            for ins, times in self._taken.items()
        )
        return tuple(sorted(rows, key=lambda row: -row.n * row.mean))

    def clear(self) -> None:
        """Forget everything measured."""
        self._taken.clear()
