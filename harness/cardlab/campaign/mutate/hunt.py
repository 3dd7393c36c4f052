"""A hunt: mutants are handed to workers, equal ones left out, and what becomes of them put on record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cardlab.campaign.mutate import messages as say
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Texts
from cardlab.campaign.mutate.pool import Pool, Worker, WorkerError
from cardlab.errors import HarnessError

_BUILDING = 120.0  # seconds for a mutant to be compiled and converted, on a busy machine
CONTROL_EVERY = 50  # mutants between two hunts for one that is none


class Prey(NamedTuple):
    """A mutant as it is handed out: changed texts, the tests that are tried, in their order."""

    name: str
    texts: Texts
    tests: tuple[str, ...]
    whole: bool


class Fallen(NamedTuple):
    """What became of it."""

    outcome: Outcome
    by: str
    message: str
    seconds: float
    cpu: float  # seconds of processor time


class FalseKillError(HarnessError):
    """A test failed without a mutant: nothing that it has noticed counts."""


Told = Callable[[int, Fallen], object]


@dataclass(slots=True)
class _Task:
    """What a worker does."""

    number: int
    started: float
    test: str = ""


@dataclass(slots=True)
class Hunters:
    """Hands out prey by its number; ``limit`` gives the seconds that a test may take.

    ``equals``: digests of load files and whose they are; mutants with a digest that is there are not hunted.
    """

    pool: Pool
    limit: Callable[[str], float]
    told: Told
    equals: dict[str, int] | None = field(default_factory=dict)
    _tasks: dict[int, _Task] = field(default_factory=dict)  # by the worker's id()
    _done: int = 0
    _controls: int = 0
    _latest: str = ""

    def hunt(self, numbers: Iterable[int], prey: Callable[[int], Prey]) -> None:
        """All of them. Raises WorkerError, and FalseKillError when a test fails on the sources as they are."""
        waiting = iter(numbers)
        for worker in self.pool.workers:
            self._next(worker, waiting, prey)
        while self._tasks:
            busy = [one for one in self.pool.workers if id(one) in self._tasks]
            for worker in self.pool.waiting(busy):
                if self._heard(worker):
                    self._next(worker, waiting, prey)
            for worker in [one for one in busy if id(one) in self._tasks and one.is_late]:
                self._next(self._hung(worker), waiting, prey)

    def _next(self, worker: Worker, waiting: Iterator[int], prey: Callable[[int], Prey]) -> None:
        if self._latest and self._done // CONTROL_EVERY > self._controls:
            self._controls += 1
            self._hand(worker, -self._controls, Prey("no mutant", {}, (self._latest,), True))
        elif (number := next(waiting, None)) is not None:
            self._hand(worker, number, prey(number))

    def _hand(self, worker: Worker, number: int, one: Prey) -> None:
        self._tasks[id(worker)] = _Task(number, time.monotonic())
        worker.ask(say.Hunt(number, one.texts, one.tests, one.whole), _BUILDING)

    def _heard(self, worker: Worker) -> bool:
        """Whether the worker is done."""
        match worker.read():
            case say.Running(test):
                self._tasks[id(worker)].test = test
                worker.within(self.limit(test))
            case say.Built(number, digest):
                worker.ask(say.Go(self._is_new(number, digest)), _BUILDING)
            case say.Hunted() as found:
                self._ended(worker, found)
                return True
        return False

    def _is_new(self, number: int, digest: str) -> bool:
        if self.equals is None or number < 0:
            return True
        return self.equals.setdefault(digest, number) == number

    def _hung(self, worker: Worker) -> Worker:
        """A mutant under which a test does not end is noticed by that."""
        task = self._tasks[id(worker)]
        if not task.test:
            raise WorkerError("a mutant could not be built in time", hint="start the hunt again, it goes on")
        fresh = self.pool.replaced(worker)
        self._ended(worker, say.Hunted(task.number, Outcome.KILLED, task.test, "does not end"))
        return fresh

    def _ended(self, worker: Worker, found: say.Hunted) -> None:
        task = self._tasks.pop(id(worker))
        if task.number < 0:
            self._check_control(found)
            return
        self._done += 1
        if found.outcome is Outcome.KILLED:
            self._latest = found.by
        seconds = time.monotonic() - task.started
        self.told(task.number, Fallen(found.outcome, found.by, found.message, seconds, found.cpu))

    @staticmethod
    def _check_control(found: say.Hunted) -> None:
        if found.outcome is Outcome.INVALID:
            raise WorkerError(f"the sources do not compile: {found.message}", hint="start the hunt again, it goes on")
        if found.outcome is not Outcome.SURVIVED:
            raise FalseKillError(
                f"{found.by} fails without a mutant, after others that it has noticed",
                hint="it depends on what ran before it in the same process, or on chance: leave it out, or mend it",
            )
