"""What tests ask of cards, written down on the sources as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from cardlab.runtime.vm.tracing import Chain, Copy, Step

LOAD = "load"
_AID = 13  # tag, size, magic, minor and major version, flags, those of the package, length of the AID


@dataclass(slots=True)
class Trace:
    """How far a test, or a fixture of several tests, brought which chains.

    ``opaque``: why it has to be run to know what it says.
    """

    ends: dict[Chain, int] = field(default_factory=dict)
    opaque: str = ""

    def add(self, other: Trace) -> None:
        """It needs what the other one has."""
        for chain, steps in other.ends.items():
            self.ends[chain] = max(steps, self.ends.get(chain, 0))
        self.opaque = self.opaque or other.opaque


@dataclass(slots=True)
class Traces:
    """By test, and by fixture that outlives tests (cardlab.runtime.vm.tracing.Recorder)."""

    tests: dict[str, Trace] = field(default_factory=dict)
    shared: set[Chain] = field(default_factory=set)  # of several tests: cards that they copy
    blocks: tuple[bytes, ...] = ()  # load files of the sources as they are
    _fixtures: dict[object, Trace] = field(default_factory=dict)
    _current: Trace = field(default_factory=Trace)
    _owners: dict[Chain, Trace] = field(default_factory=dict)

    @contextmanager
    def of_test(self, test: str) -> Iterator[Trace]:
        """What is asked until the end of the block, this test asks."""
        with self._part(self.tests.setdefault(test, Trace())) as trace:
            yield trace

    @contextmanager
    def of_fixture(self, fixture: object) -> Iterator[None]:
        """What is asked meanwhile is asked for each test that uses the fixture."""
        outer = self._current
        with self._part(Trace()) as own:
            self._fixtures[fixture] = own
            yield
        outer.add(own)

    def used(self, trace: Trace, fixtures: Iterable[object]) -> None:
        """A test used these."""
        for one in fixtures:
            if one in self._fixtures:
                trace.add(self._fixtures[one])

    @contextmanager
    def _part(self, trace: Trace) -> Iterator[Trace]:
        outer, self._current = self._current, trace
        try:
            yield trace
        finally:
            self._current = outer

    def add(self, other: Traces) -> None:
        """What another process has found out, of other tests and with cards of its own."""
        self.tests |= other.tests
        self.shared |= other.shared
        self.blocks = other.blocks

    def end(self, blocks: tuple[bytes, ...]) -> None:
        """Of all tests. ``blocks``: load files that are known, whose mutants can be put in their place.

        Who asked nothing of traced cards, or loaded something else, did what cannot be done again.
        """
        for one in self.tests.values():
            if not one.ends:
                one.opaque = one.opaque or "it asks no card that is traced"
            elif any(_loads_another(chain, blocks) for chain in one.ends):
                one.opaque = one.opaque or "it loads something else"
            if one.opaque:
                one.ends.clear()
        self.blocks = blocks
        self._owners.clear()
        self._fixtures.clear()

    def asked(self, chain: Chain) -> None:
        """See Recorder."""
        self._current.ends[chain] = len(chain.steps)
        if self._owners.setdefault(chain, self._current) is not self._current:
            self.shared.add(chain)

    def opaque(self, why: str) -> None:
        """See Recorder."""
        self._current.opaque = self._current.opaque or why


def _loads_another(chain: Chain, blocks: Collection[bytes]) -> bool:
    """Of the same package: the card, or the one that it is a copy of."""
    at, packages = cast("Chain | None", chain), {_package(one) for one in blocks}
    while at is not None:
        loads = (one.arguments[0] for one in at.steps if isinstance(one, Step) and one.method == LOAD)
        if any(one not in blocks and _package(one) in packages for one in loads):
            return True
        at = at.origin.of if isinstance(at.origin, Copy) else None
    return False


def _package(block: bytes) -> bytes:
    """The AID of a load file's package, from its Header component, which is the first (JCVM 3.0.5, 6.3 and 6.4)."""
    return block[_AID : _AID + block[_AID - 1]] if len(block) > _AID else b""
