"""Which card tests run on: the value of ``--card``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from harness.errors import UsageError
from harness.scp03 import StaticKeys
from harness.transport import Transport

if TYPE_CHECKING:  # a run without cards imports nothing of them
    from harness.simulator.library import Executable


class CardKind(Protocol):
    """A place that cards come from. ``keys`` open the issuer security domain of each."""

    @property
    def keys(self) -> StaticKeys:
        """The keys of the issuer security domain."""

    def open(self, packages: Sequence[Executable], seed: int) -> Transport:
        """A card onto which these packages can be loaded; its random numbers come from ``seed`` if that can be."""


class SimulatedKind:
    """``--card sim``: a new simulated card each time."""

    @property
    def keys(self) -> StaticKeys:
        """The public test keys that simulated cards are made with."""
        from harness.simulator.config import DEFAULT_KEYS

        return DEFAULT_KEYS

    def open(self, packages: Sequence[Executable], seed: int) -> Transport:
        """A new card that executes the packages' classes when their load files come."""
        from harness.simulator.card import SimulatedCard
        from harness.simulator.config import CardConfig
        from harness.simulator.library import ClassLibrary

        return SimulatedCard(CardConfig(), seed=seed, classes=ClassLibrary(packages))


def parse(text: str, kinds: Mapping[str, Callable[[str], CardKind]] | None = None) -> CardKind:
    """The kind that ``--card`` names: ``name`` or ``name:argument``; raises UsageError when there is none."""
    known = {"sim": _simulated} if kinds is None else kinds
    name, _, argument = text.partition(":")
    if name not in known:
        raise UsageError(f"--card {text}: there is no such kind of card", hint=f"known kinds: {', '.join(known)}")
    return known[name](argument)


def _simulated(argument: str) -> CardKind:
    if argument:
        raise UsageError(f"--card sim:{argument}: the simulated card takes no argument", hint="write --card sim")
    return SimulatedKind()
