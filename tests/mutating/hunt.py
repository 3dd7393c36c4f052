"""A hunt in one package: mutants drawn, handed to processes, and what becomes of them put on record."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cardlab.campaign.mutate.hunt import FalseKillError
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity, Mutation
from cardlab.campaign.mutate.record import Fate, MutationRecord, Run
from tests.mutating.covering import Covering
from tests.mutating.nest import Changed, Nest, hunt, module_name
from tests.mutating.packages import ROOT, Package, digest
from tests.mutating.places import mutations
from tests.mutating.session import Session

LEAST, TIMES = 40.0, 6.0
"""A process may work for so many seconds, and so many times what its tests take without a mutant."""


class Job(NamedTuple):
    """A mutant and the tests that are tried."""

    mutation: Mutation
    tests: tuple[str, ...]


@dataclass(slots=True)
class Hunt:
    """``told`` hears of each mutant that is done."""

    package: Package
    covering: Covering
    nest: Nest
    session: Session
    told: Callable[[Mutation, Fate, float], object]
    record: MutationRecord = field(init=False)
    found: list[Mutation] = field(init=False)

    def __post_init__(self) -> None:
        self.found = [one for file in self.package.files() for one in mutations(file, ROOT)]
        self.record = MutationRecord.read(self.package.record)
        self.record.title, self.record.found = self.package.title, len(self.found)
        self.record.keep_only(one.identity for one in self.found)

    def drawn(self, sample: int, seed: int) -> list[Mutation]:
        """The first so many of an order that the seed decides: a larger sample holds the smaller one."""
        order = sorted(self.found, key=lambda one: one.identity)
        random.Random(seed).shuffle(order)
        return order[:sample] if sample else order

    def all(self, wanted: Iterable[Mutation], *, again: Callable[[Fate], bool]) -> None:
        """Those that are not on record, and those of whom ``again`` says so; the record is written after each."""
        tests = digest([*self.package.test_files(), *self.package.helpers()])
        run = self.record.begin(Run(digest(self.package.files()), tests, time.strftime("%Y-%m-%d"), ""))
        todo = [one for one in wanted if (fate := self.record.fates.get(one.identity)) is None or again(fate)]
        for ended in self.nest.all(self._jobs(todo)):
            job: Job = ended.kept
            by = "" if ended.result is None else ended.result["by"]
            if ended.result is None:
                self._done(job, Fate(Outcome.KILLED, "does not end", run), ended.cpu)
            elif by:
                self._done(job, Fate(Outcome.KILLED, by, run), ended.cpu)
            else:
                self._done(job, Fate(Outcome.SURVIVED, "", run), ended.cpu)

    def control(self) -> None:
        """Whoever noticed something here passes without a mutant; raises FalseKillError otherwise."""
        tests = sorted({fate.by for fate in self.record.fates.values() if "::" in fate.by})
        known = [one for one in tests if one in {*self.covering.all_tests}]
        job = (None, lambda folder: hunt(folder, None, known, "--maxfail=0"), self.limit(known))
        for ended in self.nest.all([job] if known else []):
            if ended.result is None or ended.result["by"]:
                failed = ended.result["failed"] or ended.said if ended.result else "does not end"
                raise FalseKillError(
                    f"without a mutant: {failed}", hint="it depends on other tests or on chance: mend it"
                )

    def _done(self, job: Job, fate: Fate, cpu: float) -> None:
        self.record.fates[job.mutation.identity] = fate
        self.record.write(self.package.record)
        self.told(job.mutation, fate, cpu)

    def _jobs(self, todo: list[Mutation]) -> Iterator[tuple[Job, Callable[[Path], Any], float]]:
        for one in todo:
            job = Job(one, tuple(self.tests(one)))
            yield job, self._work(job), self.limit(job.tests)

    def _work(self, job: Job) -> Callable[[Path], Any]:
        if self.covering.is_imported(job.mutation.path, job.mutation.lines):
            return work(job.mutation, job.tests)
        changed = changed_by(job.mutation)
        return lambda folder: self.session.hunt(folder, changed, job.tests)

    def tests(self, one: Mutation) -> list[str]:
        """Who can notice it: the one on record first; of lines that only imports or other processes
        execute, whoever uses the file, else all."""
        found = self.covering.tests(one.path, one.lines) or self.covering.everybody(one.path) or self.covering.all_tests
        fate = self.record.fates.get(one.identity)
        before = [fate.by] if fate and fate.by in found else []
        return [*before, *(test for test in found if test not in before)]

    def limit(self, tests: Iterable[str]) -> float:
        """Seconds of the processor."""
        return LEAST + TIMES * self.covering.seconds([*tests])


def work(one: Mutation, tests: tuple[str, ...]) -> Callable[[Path], Any]:
    """What a process does that imports everything anew: these tests, on this mutant."""
    changed = changed_by(one)
    return lambda folder: hunt(folder, changed, tests)


def changed_by(one: Mutation) -> Changed:
    """The module that a mutant changes."""
    file = ROOT / one.path
    return Changed(module_name(file, ROOT), file, one.applied(file.read_text(encoding="utf-8")))


def share(among: Iterable[Package], sample: int, seed: int) -> list[tuple[Mutation, str]]:
    """Some of those on record that a test noticed, and the test."""
    noticed = [
        (one, fate.by)
        for package in among
        for one, fate in sorted(MutationRecord.read(package.record).fates.items())
        if "::" in fate.by
    ]
    drawn = random.Random(seed).sample(noticed, min(sample, len(noticed)))
    known: dict[str, dict[Identity, Mutation]] = {}
    for one, _ in drawn:
        if one.file not in known:
            known[one.file] = {each.identity: each for each in mutations(ROOT / one.file, ROOT)}
    return [(known[one.file][one], by) for one, by in drawn if one in known[one.file]]
