"""Which card tests run on: the value of ``--card``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cardlab.errors import UsageError
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.pytest_plugin.capabilities import OF_KINDS, Capability

if TYPE_CHECKING:  # a run without cards imports nothing of them
    from pathlib import Path

    from cardlab.card.card import SimulatedCard
    from cardlab.card.config import CardConfig
    from cardlab.pytest_plugin.labcard import Rig
    from cardlab.runtime.jcardsim.library import ClassLibrary


@dataclass(frozen=True, slots=True)
class Order:
    """A card that a test asks for.

    ``test`` and ``number`` (from 1) tell the cards of a run apart. What is random on the card comes from ``seed``, if
    that can be; ``classes`` are what it must be able to execute once they are loaded.
    """

    test: str
    number: int
    classes: ClassLibrary
    seed: int | str
    config: CardConfig | None = None


class CardKind(Protocol):
    """A place that cards come from."""

    @property
    def keys(self) -> StaticKeys:
        """The keys of the issuer security domain of each."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What cards of this kind can do."""

    def open(self, order: Order) -> Rig:
        """A card."""

    def restore(self, image: Path, order: Order) -> Rig:
        """A card in a state that was saved (``SimulatedCard.save``), if the kind has Capability.INSIDE."""

    def close(self) -> None:
        """The run is over."""


class SimulatedKind:
    """``--card sim``: a new simulated card each time."""

    capabilities = OF_KINDS["sim"]

    @property
    def keys(self) -> StaticKeys:
        """The public test keys that simulated cards are made with."""
        from cardlab.card.config import DEFAULT_KEYS

        return DEFAULT_KEYS

    def open(self, order: Order) -> SimulatedCard:
        """A new card that executes the classes when their load files come."""
        from cardlab.card.card import SimulatedCard

        return SimulatedCard(order.config, seed=order.seed, classes=order.classes)

    def restore(self, image: Path, order: Order) -> SimulatedCard:
        """The card in the file."""
        from cardlab.card.card import SimulatedCard

        return SimulatedCard.restore(image, classes=order.classes)

    def close(self) -> None:
        """Each card was closed by whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options beside ``--card`` that a kind may look at, as they were written.

    ``tell`` takes lines that are for people, once the run is over.
    """

    keys: str = ""
    destructive: str = ""
    dry_run: bool = False
    tell: Callable[[str], object] = print


def parse(text: str, options: Options | None = None) -> CardKind:
    """The kind that ``--card`` names: ``name`` or ``name:argument``; raises UsageError when there is none."""
    name, _, argument = text.partition(":")
    if name not in _MAKERS:
        usages = ", ".join(usage for usage, _ in _MAKERS.values())
        raise UsageError(f"--card {text}: there is no such kind of card", hint=f"known kinds: {usages}")
    return _MAKERS[name][1](argument, options or Options())


def _simulated(argument: str, options: Options) -> CardKind:
    if argument:
        raise UsageError(f"--card sim:{argument}: the simulated card takes no argument", hint="write --card sim")
    _takes_no("--card sim", options)
    return SimulatedKind()


def _virtual(argument: str, options: Options) -> CardKind:
    from cardlab.pytest_plugin.virtual import VirtualKind

    if argument:
        raise UsageError(f"--card vpcd:{argument}: the virtual reader takes no argument", hint="write --card vpcd")
    _takes_no("--card vpcd", options)
    return VirtualKind()


def _replayed(argument: str, options: Options) -> CardKind:
    from cardlab.pytest_plugin.replay import ReplayedKind

    if not argument:
        raise UsageError("--card replay names no file", hint="write --card replay:FILE; --record FILE makes one")
    return ReplayedKind(argument, options)


def _real(argument: str, options: Options) -> CardKind:
    if not argument:
        raise UsageError("--card pcsc names no reader", hint="write --card pcsc:READER; `cardlab card list` knows them")
    if options.dry_run:
        from cardlab.pytest_plugin.dry import DryKind

        return DryKind(argument, options)
    from cardlab.pytest_plugin.real import RealKind

    return RealKind(argument, options)


def _takes_no(kind: str, options: Options) -> None:
    """Raises UsageError for options that would do nothing with this kind."""
    given = {"--card-keys": options.keys, "--destructive": options.destructive, "--dry-run": options.dry_run}
    if wrong := [name for name, value in given.items() if value]:
        raise UsageError(f"{kind} takes no {' and no '.join(wrong)}", hint="these are for --card pcsc:READER")


_MAKERS: Mapping[str, tuple[str, Callable[[str, Options], CardKind]]] = {
    "sim": ("sim", _simulated),
    "vpcd": ("vpcd", _virtual),
    "pcsc": ("pcsc:READER", _real),
    "replay": ("replay:FILE", _replayed),
}
