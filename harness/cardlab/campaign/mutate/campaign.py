"""A campaign: tests are tried once, then mutants of the sources are hunted with those that execute their lines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cardlab.campaign import fingerprints
from cardlab.campaign.mutate.bench import source_files
from cardlab.campaign.mutate.choices import Choices
from cardlab.campaign.mutate.covering import Covering
from cardlab.campaign.mutate.hunt import Fallen, Hunters, Prey
from cardlab.campaign.mutate.messages import Ground, Mutations, Outcome, Tried
from cardlab.campaign.mutate.mutation import Identity, Mutation
from cardlab.campaign.mutate.pool import Pool
from cardlab.campaign.mutate.record import Fate, MutationRecord, Run
from cardlab.campaign.mutate.tried import TriedTests
from cardlab.campaign.progress import now_and_then
from cardlab.errors import UsageError

Say = Callable[[str], object]
_ORIGINAL = -1 << 30  # the number of the sources as they are, among those of mutants
_SHOWN = 500  # characters of why a test fails
_SHOWN_OF_IT = 80  # characters of a mutant in a line of progress
_WRITE_EVERY = 3.0  # seconds between two writes of the record


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: where, which mutants, by how many workers; ``record`` is gone on from, and written.

    ``again``: those too whose fate is known; ``share``: only those that a test has noticed, with that test alone.
    """

    ground: Ground
    choices: Choices = field(default_factory=Choices)
    record: Path | None = None
    title: str = ""
    workers: int = 0
    again: bool = False
    share: bool = False

    @property
    def count(self) -> int:
        """Of workers: one for each core unless something else is said."""
        return self.workers or os.cpu_count() or 1


@dataclass(slots=True)
class Result:
    """All mutants that the operators find in the sources, those chosen, and the record with what became of them.

    ``left_out``: tests that fail alone without a mutant, or notice a method that nobody calls. ``seconds``: of the hunt
    itself, ``hunted`` mutants; ``cpu``: of all processors. ``unreached``: survivors where no test comes.
    """

    mutations: Mutations
    chosen: Sequence[Mutation]
    record: MutationRecord
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0
    hunted: int = 0
    cpu: float = 0.0
    contradictions: list[str] = field(default_factory=list)
    unreached: frozenset[Identity] = frozenset()

    def fate(self, one: Mutation) -> Fate | None:
        """What became of it; None: it was not hunted."""
        return self.record.fates.get(one.identity)

    @property
    def survivors(self) -> list[Mutation]:
        """Those chosen that nothing has noticed."""
        fates = ((one, self.fate(one)) for one in self.chosen)
        return [one for one, fate in fates if fate is not None and fate.outcome is Outcome.SURVIVED]


def run(order: Order, say: Say = str) -> Result:
    """Hunt. Raises UsageError, and WorkerError when tests cannot be run."""
    with Pool(order.ground, order.count) as pool:
        pool.learn()
        mutations = pool.mutations()
        say(f"{len(mutations):,} mutants, {len(pool.tests):,} tests, {order.count} workers")
        campaign = _Campaign(order, pool, mutations, say)
        campaign.hunt()
        return campaign.result


def listed(ground: Ground) -> Mutations:
    """What the operators find in the sources."""
    with Pool(ground, 1) as pool:
        pool.learn()
        return pool.mutations()


class _Campaign:
    def __init__(self, order: Order, pool: Pool, mutations: Mutations, say: Say) -> None:
        self._order, self._pool, self._say = order, pool, say
        record = MutationRecord() if order.record is None else MutationRecord.read(order.record)
        record.title = order.title or record.title
        self._covering = Covering()
        self._run = _run_of(order.ground, pool.digest)
        self._current = record.begin(self._run) if not order.share else -1
        self.result = Result(mutations, _chosen(order, mutations, record), record)
        self._first = {one: fate.by for one, fate in record.fates.items()}
        self._written = time.monotonic()
        self._started = 0.0
        self._texts = {one: Path(one).read_text(encoding="utf-8") for one in {each.path for each in mutations}}

    def hunt(self) -> None:
        """All that are chosen and not known yet."""
        numbers = {one.identity: number for number, one in enumerate(self.result.chosen)}
        drawn = self._order.choices.drawn(self.result.chosen)
        wanted = [numbers[one.identity] for one in drawn if not self._is_known(one.identity)]
        if not wanted:
            self._say("all of them are on record")
            return
        self._try_tests()
        if not self._order.share:
            self._trace()
        self._started = time.monotonic()
        equals = None if self._order.share else {self._pool.digest: _ORIGINAL}
        hunters = Hunters(self._pool, self._covering.limit, self._fell, equals)
        try:
            hunters.hunt(wanted, self._prey)
        finally:
            self.result.seconds = time.monotonic() - self._started
            self._write()
            self.result.unreached = self._covering.unreached(self.result.survivors)

    def _is_known(self, one: Identity) -> bool:
        """What a test has noticed stays noticed (``share`` sees to it); the rest is of the run with its sources."""
        fate = self.result.record.fates.get(one)
        if fate is None or self._order.again or self._order.share:
            return False
        return fate.run == self._current or fate.outcome is Outcome.KILLED

    # -- tests --------------------------------------------------------------------------------------------------------

    def _try_tests(self) -> None:
        """Those of which nothing is known yet."""
        kept = TriedTests.of(self._order.ground, self._run)
        earlier = {} if self._order.share else kept.read()
        known = {test: earlier[test] for test in self._pool.tests if test in earlier}
        tests = tuple(one for one in self._needed() if one not in known)
        start, found = time.monotonic(), list(known.values())
        progress = now_and_then(lambda count: self._say(f"   {count:,} of {len(tests):,} tests tried"))

        def told(one: Tried) -> None:
            found.append(one)
            progress(len(found) - len(known))

        if tests:
            self._pool.try_all(tests, coverage=not self._order.share, told=told)
        if not self._order.share:
            kept.write({**earlier, **{one.test: one for one in found}}.values())
        self._sort_out(found)
        self._say(f"{len(tests):,} tests tried in {time.monotonic() - start:.0f} s")

    def _trace(self) -> None:
        """What tests ask of cards, so that those that can know nothing of a mutant need not run."""
        kept = TriedTests.of(self._order.ground, self._run)
        start, traces = time.monotonic(), kept.read_traces()
        if traces is None:
            traces = self._pool.trace(self._covering.seconds)
            kept.write_traces(traces)
        self._pool.traced(traces)
        traced = sum(not one.opaque for one in traces.tests.values())
        self._say(f"{traced:,} tests traced in {time.monotonic() - start:.0f} s")

    def _needed(self) -> tuple[str, ...]:
        """All, or those that are on record for a share."""
        if not self._order.share:
            return self._pool.tests
        known = {self._first[one.identity] for one in self.result.chosen}
        return tuple(one for one in self._pool.tests if one in known)

    def _sort_out(self, found: Iterable[Tried]) -> None:
        for one in found:
            if one.passed:
                self._covering.add(one)
            else:
                self.result.left_out.append(one.test)
                self._say(f"left out, for it fails without a mutant or notices a method that nobody calls: {one.test}")
                self._say("    " + one.why[-_SHOWN:].replace("\n", "\n    "))
        if not self._covering.seconds:
            raise UsageError("no test passes", hint="run them with pytest alone")

    def _prey(self, number: int) -> Prey:
        one = self.result.chosen[number]
        text = one.applied(self._texts[one.path])
        tests = self._tests(one)
        return Prey(str(one.identity), {one.path: text}, tests, one.in_field)

    def _tests(self, one: Mutation) -> tuple[str, ...]:
        first = self._first.get(one.identity, "")
        if not self._order.share:
            return self._covering.tests(one, first)
        return (first,) if first in self._covering.seconds else ()

    # -- what became of them ------------------------------------------------------------------------------------------

    def _fell(self, number: int, fallen: Fallen) -> None:
        one = self.result.chosen[number]
        self.result.hunted += 1
        self.result.cpu += fallen.cpu
        self._tell(one, fallen)
        if fallen.outcome is Outcome.KILLED:
            self._covering.killed(one, fallen.by)
        if self._order.share:
            if fallen.outcome is not Outcome.KILLED:
                said = f"{fallen.outcome.value}, though {self._first[one.identity] or 'something'} has noticed it"
                self.result.contradictions.append(f"{one.where} {one.identity}: {said}")
            return
        self.result.record.fates[one.identity] = Fate(fallen.outcome, fallen.by, self._current)
        if time.monotonic() - self._written > _WRITE_EVERY:
            self._write()

    def _tell(self, one: Mutation, fallen: Fallen) -> None:
        passed = time.monotonic() - self._started
        rate = f"{self.result.hunted / passed:.2f} a second" if passed else ""
        if fallen.outcome is Outcome.SURVIVED or self.result.hunted % 25 == 0:
            what = f"{one.identity.operator}: {one.identity.mutated[:_SHOWN_OF_IT]}"
            self._say(f"{self.result.hunted:,} ({rate}) {fallen.outcome.value} {fallen.by} {one.where} {what}")

    def _write(self) -> None:
        self._written = time.monotonic()
        if self._order.record is not None and not self._order.share:
            self.result.record.keep_only(one.identity for one in self.result.mutations)
            self.result.record.found = len(self.result.mutations)
            self._current = self.result.record.begin(self._run)
            self.result.record.write(self._order.record)


def _chosen(order: Order, mutations: Mutations, record: MutationRecord) -> list[Mutation]:
    if order.share:
        noticed = {one for one, fate in record.fates.items() if fate.outcome is Outcome.KILLED}
        mutations = tuple(one for one in mutations if one.identity in noticed)
        if not mutations:
            raise UsageError("no mutant of these sources is on record as killed", hint="hunt without --share first")
    return order.choices.of(mutations)


def _run_of(ground: Ground, digest: str) -> Run:
    """Tests are those files that pytest is given, and the Python files beside and above them in the same project."""
    sources = fingerprints.of_files(source_files(ground.sources))
    return Run(sources, _tests(ground), datetime.now(UTC).date().isoformat(), digest)


def _tests(ground: Ground) -> str:
    places = {(ground.folder / test.partition("::")[0]).resolve() for test in ground.tests}
    folders = {one if one.is_dir() else one.parent for one in places}
    return fingerprints.of_files(sorted({file for one in folders for file in one.rglob("*.py")}))
