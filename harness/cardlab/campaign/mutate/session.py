"""One pytest session that serves many mutants: collected once, its tests run in any order, again and again."""

from __future__ import annotations

import gc
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from _pytest.nodes import Node

from cardlab.campaign.applet_coverage import places_of_lines
from cardlab.campaign.mutate import messages as say
from cardlab.campaign.mutate.bench import Bench
from cardlab.campaign.mutate.mutation import Identity, Mutation
from cardlab.campaign.mutate.tracer import Tracer, outliving
from cardlab.campaign.mutate.workshop import DoesNotCompileError
from cardlab.cap.container import load_file
from cardlab.errors import HarnessError
from cardlab.pytest_plugin import forget_cards
from cardlab.pytest_plugin.repeatable import repeat_examples
from cardlab.runtime.vm.adapter import executed, forget_executed, keep_coverage, sharing_key_pairs
from cardlab.runtime.vm.faults import told_of_beginnings
from cardlab.runtime.vm.names import kept_of_file
from cardlab.toolchain import places
from cardlab.toolchain.conversions import SubsetError
from cardlab.toolchain.workbench import working_at

_FOREIGN = ("site-packages", "dist-packages")


class Session:
    """The plugin that takes the place of pytest's loop over tests."""

    def __init__(self, hunt: Connection, bench: Bench) -> None:
        self._hunt = hunt
        self._bench = bench
        self._failed, self._why = False, ""
        self._items: dict[str, pytest.Item] = {}
        self._neutral: dict[str, str] = {}
        self._tracer = Tracer(bench)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """The same examples for all mutants."""
        repeat_examples()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve until there is nothing more to do."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        self._items = {item.nodeid: item for item in session.items}
        self._hunt.send(say.Ready(tuple(self._items)))
        with working_at(self._bench), sharing_key_pairs():
            for order in self._orders():
                try:
                    self._serve(order)
                except HarnessError as error:
                    self._hunt.send(say.Failed(str(error), error.hint))
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Of each step of each test."""
        if report.failed:
            self._failed, self._why = True, report.longreprtext

    def _orders(self) -> Iterator[object]:
        while not isinstance(order := self._hunt.recv(), say.Stop):
            yield order

    def _serve(self, order: object) -> None:
        match order:
            case say.Learn():
                with self._learning():
                    self._learn()
                self._tell_known()
            case say.Learned():
                self._bench.known = order.known
            case say.List():
                self._hunt.send(self._mutations())
            case say.Try():
                with self._learning():
                    self._try_all(order)
                self._tell_known()
            case say.Trace():
                self._trace(order)
                self._hunt.send(say.Traced(self._tracer.traces))
            case say.Traced():
                self._tracer.traces = order.traces
                gc.freeze()  # they stay: no collection has to look through them
            case say.Hunt():
                start = time.process_time()
                hunted = self._hunted(order)
                self._hunt.send(replace(hunted, cpu=time.process_time() - start))

    # -- without a mutant ---------------------------------------------------------------------------------------------

    def _learn(self) -> None:
        """How the sources are compiled, from the tests themselves."""
        for item in self._items.values():
            self._run([item])
            self._clean()
            if self._bench.known.requests:
                return
        raise HarnessError(
            f"no test has the sources of the mutants compiled and converted\n{self._why[-1000:]}".strip(),
            hint="name tests that use cards with the applet, and the sources that they compile",
        )

    @contextmanager
    def _learning(self) -> Iterator[None]:
        self._bench.is_learning = True
        yield
        self._bench.is_learning = False

    def _tell_known(self) -> None:
        digest = self._bench.take({})
        self._bench.drop()
        self._hunt.send(say.Learned(self._bench.known, digest))

    def _mutations(self) -> say.Mutations:
        bench, found = self._bench, dict[Identity, Mutation]()
        for order in bench.known.orders:
            files = {str(one) for one in bench.sources}
            found |= {one.identity: one for one in bench.workshop.find(order, bench.texts(order)) if one.path in files}
        return tuple(found.values())

    def _try_all(self, order: say.Try) -> None:
        keep_coverage(wanted=order.coverage)
        for tests in _alike(self._items[one] for one in order.tests):
            self._bench.take(self._with_one_method_more())
            self._try_alike(tests)
            self._clean()
        keep_coverage(wanted=False)

    def _try_alike(self, tests: Sequence[pytest.Item]) -> None:
        """The first one twice: what it executes the first time only makes the cards that all of them use."""
        first = self._tried(tests[0], tests[0].parent)  # itself: what is around it stays
        made: set[tuple[str, int]] = set()
        for one, following in zip(tests, [*tests[1:], None], strict=True):
            tried = self._tried(one, following)
            if one is tests[0]:
                made = set(first.lines) - set(tried.lines)
                tried = replace(tried, passed=first.passed and tried.passed, why=first.why or tried.why)
            self._hunt.send(replace(tried, lines=tuple(sorted(made | set(tried.lines)))))

    def _trace(self, order: say.Trace) -> None:
        self._bench.take({})
        with self._tracer.tracing():
            for item in (self._items[one] for one in order.tests):
                self._hunt.send(say.Running(item.nodeid))
                with self._tracer.test(item) as trace:
                    if self._run_alone(item):
                        trace.opaque = "it fails"
        self._clean()
        self._bench.drop()

    def _with_one_method_more(self) -> dict[str, str]:
        bench = self._bench
        if not self._neutral:
            bench.drop()
            for order in bench.known.orders:
                self._neutral |= bench.workshop.with_one_method_more(order, bench.texts(order))
        return self._neutral

    def _tried(self, test: pytest.Item, following: Node | None) -> say.Tried:
        """What prepares a card for faults does not count: other tests execute it, and they cost less."""
        forget_executed()
        start, disturbed = time.perf_counter(), _Once(forget_executed)
        with told_of_beginnings(disturbed):
            passed = not self._run([test], following)
        seconds = time.perf_counter() - start
        return say.Tried(test.nodeid, seconds, passed, tuple(sorted(set(self._lines()))), self._why)

    def _lines(self) -> Iterator[tuple[str, int]]:
        seen = executed()
        for one in self._bench.conversions():
            raw = load_file(one.components)
            of_file, _ = seen.get(kept_of_file(raw), ((), ()))
            if of_file:
                lines = places_of_lines(raw, one.debug)
                yield from (lines[at] for at in of_file if at in lines)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """What is asked of cards for several tests."""
        with self._tracer.fixture(fixturedef):
            return (yield)

    # -- with one -----------------------------------------------------------------------------------------------------

    def _hunted(self, order: say.Hunt) -> say.Hunted:
        try:
            digest = self._bench.take(order.texts, whole=order.whole)
        except (DoesNotCompileError, SubsetError) as error:
            return say.Hunted(order.number, say.Outcome.INVALID, message=str(error).splitlines()[0])
        self._hunt.send(say.Built(order.number, digest))
        if not self._hunt.recv().wanted:
            return say.Hunted(order.number, say.Outcome.EQUAL)
        by = self._noticed(order)
        self._clean()
        self._bench.drop()
        return say.Hunted(order.number, say.Outcome.KILLED if by else say.Outcome.SURVIVED, by)

    def _noticed(self, order: say.Hunt) -> str:
        """By which test; those that can know nothing of a mutant are not run."""
        replay = self._tracer.replay()
        for test in order.tests:
            self._hunt.send(say.Running(test))
            if not replay.is_same(test) and self._run_alone(self._items[test]):
                return test
        return ""

    def _run_alone(self, item: pytest.Item) -> bool:
        """Whether it fails. Fixtures that others may use stay."""
        self._failed, self._why = False, ""
        with suppress(Exception):  # of a mutant, ends may fail too
            item.session._setupstate.teardown_exact(item.parent)  # type: ignore[arg-type]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.parent)
        return self._failed

    def _run(self, items: Sequence[pytest.Item], last: Node | None = None) -> str:
        """The tests, until one fails; returns its identifier. What ``last`` needs stays for it."""
        self._failed, self._why = False, ""
        for item, following in zip(items, [*items, last][1:], strict=True):
            self._hunt.send(say.Running(item.nodeid))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return item.nodeid
        return ""

    def _clean(self) -> None:
        """As if no test had run: fixtures of every scope end, cards and what tests remember go."""
        item = next(iter(self._items.values()))
        with suppress(Exception):  # of a mutant, ends may fail too
            item.session._setupstate.teardown_exact(None)
        item.session.shouldfail = item.session.shouldstop = False
        forget_cards(item.config)
        for one in _remembering(Path(item.config.rootpath)):
            one.cache_clear()


@dataclass(slots=True)
class _Once:
    """Does something when it is called first."""

    what: Callable[[], object]
    done: bool = False

    def __call__(self) -> None:
        if not self.done:
            self.done = True
            self.what()


def _alike(items: Iterable[pytest.Item]) -> Iterator[list[pytest.Item]]:
    """Groups that share their fixtures of wider scopes."""
    groups: dict[frozenset[str], list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[frozenset(_shared(item))].append(item)
    yield from groups.values()


def _shared(item: pytest.Item) -> Iterator[str]:
    """Names of its fixtures that outlive it, with their places."""
    for one in outliving(item):
        yield f"{one.baseid}::{one.argname}"


def _remembering(root: Path) -> Iterator[Any]:
    """What functools.cache made in the project's own modules: it may remember cards of another mutant."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(root) and _is_of_project(Path(file)):
            yield from (one for one in vars(module).values() if hasattr(one, "cache_clear"))


def _is_of_project(file: Path) -> bool:
    return not file.is_relative_to(places.PACKAGE) and not set(_FOREIGN) & set(file.parts)
