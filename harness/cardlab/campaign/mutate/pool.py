"""The workers of a hunt: started, asked, and replaced when one hangs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from cardlab.campaign.mutate import messages as say
from cardlab.campaign.mutate.bench import Known
from cardlab.campaign.mutate.traces import Traces
from cardlab.campaign.mutate.worker import work
from cardlab.campaign.processes import CONTEXT, kill, started
from cardlab.closing import Closing
from cardlab.errors import HarnessError

_BEGINNING = 300.0  # seconds for a worker to collect its tests
_FOREVER = 3600.0  # seconds for what has no limit of its own
_TRYING = 1800.0  # seconds for a test without a mutant, on a busy machine, all that it executes counted
_GRACE = 5.0  # seconds for a worker to end


class WorkerError(HarnessError):
    """A worker cannot go on."""


@dataclass(slots=True)
class Worker:
    """One process. ``deadline``: when what it does now has taken too long, as time.monotonic() tells."""

    ground: say.Ground
    pipe: Connection = field(init=False)
    deadline: float = field(init=False)
    tests: tuple[str, ...] = field(init=False, default=())
    _process: BaseProcess = field(init=False)

    def __post_init__(self) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        self._process = started(work, (theirs, self.ground))
        theirs.close()
        self.within(_BEGINNING)

    def within(self, seconds: float) -> None:
        """It has so much time from now on."""
        self.deadline = time.monotonic() + seconds

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() > self.deadline

    def ask(self, order: object, seconds: float = _FOREVER) -> None:
        """Give it something to do; raises WorkerError when it has ended."""
        self.within(seconds)
        try:
            self.pipe.send(order)
        except OSError as error:
            raise WorkerError("a worker has ended", hint="start the hunt again, it goes on") from error

    def answer(self) -> Any:
        """The next message but Running; raises WorkerError for Failed, and when it has ended or is late."""
        while True:
            if not self.pipe.poll(max(0.0, self.deadline - time.monotonic())):
                raise WorkerError("a worker does not answer", hint="see whether the tests pass with pytest alone")
            if not isinstance(message := self.read(), say.Running):
                return message

    def read(self) -> Any:
        """A message that has come; raises WorkerError for Failed."""
        try:
            message = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerError("a worker has ended without a word", hint="start the hunt again, it goes on") from error
        if isinstance(message, say.Failed):
            raise WorkerError(message.message, hint=message.hint or "see whether the tests pass with pytest alone")
        return message

    def end(self) -> None:
        """Stop it, by force when it does not hear."""
        with suppress(OSError):
            self.pipe.send(say.Stop())
        self.pipe.close()
        self._process.join(_GRACE)
        self.kill()

    def kill(self) -> None:
        """At once."""
        kill(self._process)


class Pool(Closing):
    """So many workers, ready to hunt."""

    def __init__(self, ground: say.Ground, count: int) -> None:
        """Start them; raises WorkerError when the tests cannot be collected."""
        self._ground = ground
        self.known = Known()
        self.digest = ""
        self._traces = Traces()
        self.workers: list[Worker] = []
        try:
            self.workers += [Worker(ground) for _ in range(count)]
            for one in self.workers:
                one.tests = one.answer().tests
        except BaseException:
            self.close()
            raise

    @property
    def tests(self) -> tuple[str, ...]:
        """All that were collected."""
        return self.workers[0].tests

    def learn(self) -> None:
        """Find out how the tests compile the sources."""
        self.workers[0].ask(say.Learn())
        self.learned(self.workers[0].answer())

    def learned(self, more: say.Learned) -> None:
        """One of the workers knows more; all are told."""
        self.known = self.known.plus(more.known)
        self.digest = more.digest
        for one in self.workers:
            one.ask(say.Learned(self.known, self.digest))

    def mutations(self) -> say.Mutations:
        """All that the operators find."""
        self.workers[0].ask(say.List())
        found: say.Mutations = self.workers[0].answer()
        return found

    def try_all(self, tests: tuple[str, ...], *, coverage: bool, told: Callable[[say.Tried], object]) -> None:
        """Each test alone, on sources that do as the originals; raises WorkerError."""
        shares = [tests[number :: len(self.workers)] for number in range(len(self.workers))]
        busy = []
        for worker, share in zip(self.workers, shares, strict=True):
            if share:
                worker.ask(say.Try(share, coverage), _TRYING)
                busy.append(worker)
        while busy:
            if any(one.is_late for one in busy):
                raise WorkerError("a test does not end without a mutant", hint="see which with pytest alone")
            for worker in self.waiting(busy):
                message = worker.read()
                worker.within(_TRYING)
                if isinstance(message, say.Tried):
                    told(message)
                if isinstance(message, say.Learned):
                    busy.remove(worker)
                    self.known = self.known.plus(message.known)
        worker = self.workers[0]  # asked again: each of them knows its share only
        worker.ask(say.Learned(self.known, ""))
        worker.ask(say.Try((), coverage=False))
        self.learned(worker.answer())

    def trace(self, seconds: Mapping[str, float]) -> Traces:
        """What these tests ask of cards; ``seconds``: how long each takes, for equal shares. Raises WorkerError."""
        found = Traces()
        busy = []
        for worker, share in zip(self.workers, shares(self.tests, seconds, len(self.workers)), strict=False):
            worker.ask(say.Trace(share))
            busy.append(worker)
        while busy:
            for worker in self.waiting(busy):
                if isinstance(message := worker.read(), say.Traced):
                    found.add(message.traces)
                    busy.remove(worker)
        return found

    def traced(self, traces: Traces) -> None:
        """All workers know it from now on."""
        self._traces = traces
        for one in self.workers:
            one.ask(say.Traced(traces))

    def waiting(self, busy: list[Worker], seconds: float = 1.0) -> Iterator[Worker]:
        """Those with something to say."""
        ready = wait([one.pipe for one in busy], seconds)
        yield from [one for one in busy if one.pipe in ready]

    def replaced(self, worker: Worker) -> Worker:
        """Another one for one that hangs."""
        worker.kill()
        fresh = Worker(self._ground)
        self.workers[self.workers.index(worker)] = fresh
        fresh.tests = fresh.answer().tests
        fresh.ask(say.Learned(self.known, self.digest))
        fresh.ask(say.Traced(self._traces))
        return fresh

    def close(self) -> None:
        """End all workers."""
        for one in self.workers:
            one.end()


def shares(tests: Iterable[str], seconds: Mapping[str, float], count: int) -> Iterator[tuple[str, ...]]:
    """The tests of which it is known how long they take, in so many parts of about the same length, in their order."""
    wanted = [one for one in tests if one in seconds]
    length, passed = sum(seconds[one] for one in wanted) / count, 0.0
    parts: list[list[str]] = [[] for _ in range(count)]
    for one in wanted:
        parts[min(count - 1, int(passed / length) if length else 0)].append(one)
        passed += seconds[one]
    yield from (tuple(part) for part in parts if part)
