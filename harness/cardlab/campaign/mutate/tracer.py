"""Traces the tests of a session, and has what they asked replayed on the mutant that is on the bench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cardlab.campaign.mutate.bench import Bench
from cardlab.campaign.mutate.replay import Replay
from cardlab.campaign.mutate.traces import Trace, Traces
from cardlab.runtime.vm.tracing import tracing


class Tracer:
    """Knows nothing before ``tracing()``."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.traces = Traces()
        self._is_tracing = False

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """With the sources as they are on the bench: tests may be run until the end of the block."""
        self.traces, self._is_tracing = Traces(), True
        with tracing(self.traces):
            yield
        self._is_tracing = False
        self.traces.end(self._bench.blocks)

    @contextmanager
    def test(self, item: pytest.Item) -> Iterator[Trace]:
        """This one is run."""
        with self.traces.of_test(item.nodeid) as trace:
            yield trace
        self.traces.used(trace, outliving(item))

    @contextmanager
    def fixture(self, fixture: pytest.FixtureDef[object]) -> Iterator[None]:
        """It is set up."""
        if not self._is_tracing or fixture.scope == "function":
            yield
            return
        with self.traces.of_fixture(fixture):
            yield

    def replay(self) -> Replay:
        """Of the mutant on the bench."""
        return Replay(self.traces, dict(zip(self.traces.blocks, self._bench.blocks, strict=False)))


def outliving(item: pytest.Item) -> Iterator[pytest.FixtureDef[object]]:
    """The fixtures of a test that outlive it."""
    info = getattr(item, "_fixtureinfo", None)
    for definitions in ({} if info is None else info.name2fixturedefs).values():
        if definitions[-1].scope != "function":
            yield definitions[-1]
