"""Kinds of cards: what a file in ``cardlab.kinds`` says about the one it adds.

A kind is for tests, for commands, or for both. For tests it has a supply, from which a run takes its cards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TYPE_CHECKING, NoReturn, Protocol

from cardlab.lab.capability import Capability
from cardlab.transport.secrets import Secrets

if TYPE_CHECKING:  # a run without cards imports nothing of them
    from pathlib import Path

    from cardlab.card.config import CardConfig
    from cardlab.globalplatform.host.installer import Access, Installer, InstallerKind
    from cardlab.globalplatform.scp03 import StaticKeys
    from cardlab.lab.rig import Rig
    from cardlab.runtime.media import Media
    from cardlab.transport import Transport


@unique
class CardOption(Enum):
    """Options of a test run that not every kind of card takes."""

    KEYS = "--card-keys"
    DESTRUCTIVE = "--destructive"
    DRY_RUN = "--dry-run"
    INSTALLER = "--installer gp"
    RUNTIME = "--card-runtime"
    PROFILE = "--card-profile"


@unique
class Sharing(Enum):
    """How the workers of pytest-xdist share the cards of a kind."""

    EACH_ITS_OWN = "every worker has cards of its own"
    ONE_PROCESS = "there is one card"


@dataclass(frozen=True, slots=True)
class OptionRefusal:
    """Why a kind does not take an option, and what to do instead."""

    why: str
    hint: str


class Runner(Protocol):
    """Whoever runs tests on cards."""

    def tell(self, line: str) -> None:
        """A line for people, once the run is over."""

    def skip(self, reason: str) -> NoReturn:
        """Leave the present test out."""

    def end(self, reason: str, exit_code: int) -> NoReturn:
        """Run no test any more."""


@dataclass(frozen=True, slots=True)
class SupplyOptions:
    """The options beside ``--card`` that a kind may look at, as they were written.

    ``runtime`` executes the applets of simulated cards, None for the usual one; ``budget`` are the bytecode
    instructions that a command may execute where the runtime counts them, 0 for as many as usual. Simulated cards are
    made like ``config`` and reached over ``medium`` where their order says nothing else.
    """

    runner: Runner
    keys: str = ""
    destructive: str = ""
    dry_run: bool = False
    runtime: str | None = None
    budget: int = 0
    config: CardConfig | None = None
    medium: Media | None = None


@dataclass(frozen=True, slots=True)
class CardOrder:
    """A card that a test asks for.

    ``test`` and ``number`` (from 1) tell the cards of a run apart. What is random on the card comes from ``seed``, if
    that can be; ``classes`` are what its runtime needs beside the load files that will come. ``secrets`` says what must
    not be written down of what passes. A simulated card is made like ``config`` and reached over ``medium``.
    """

    test: str
    number: int
    classes: object
    seed: int | str
    config: CardConfig | None = None
    secrets: Secrets = field(default_factory=Secrets)
    medium: Media | None = None


class CardSupply(Protocol):
    """Where the cards of one run come from."""

    @property
    def keys(self) -> StaticKeys:
        """The keys of the issuer security domain of each."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What these cards can do."""

    def open(self, order: CardOrder) -> Rig:
        """A card."""

    def restore(self, image: Path, order: CardOrder) -> Rig:
        """A card in a state that was saved (``SimulatedCard.save``), if there is Capability.INSIDE."""

    def close(self) -> None:
        """The run is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForTests:
    """What a kind is for tests.

    ``usage`` is how it is written after ``--card``: with ``:ARGUMENT`` when it must have one. ``repeats``: a test must
    do on it exactly what it did in another run.
    """

    usage: str
    capabilities: frozenset[Capability]
    supply: Callable[[str, SupplyOptions], CardSupply]
    options: frozenset[CardOption] = frozenset()
    refusals: Mapping[CardOption, OptionRefusal] = field(default_factory=dict)
    sharing: Sharing = Sharing.EACH_ITS_OWN
    repeats: bool = False


@unique
class Unnamed(Enum):
    """What a kind stands for when ``--card`` gives it no argument."""

    NEW = "a new card"
    ONLY = "the only card there is"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a command opens a card: for ``reading``, nothing it does needs to last. ``tell`` takes lines for people.

    ``runtime`` executes the applets of a simulated card, None for the usual one, or that of the file.
    """

    tell: Callable[[str], object]
    reading: bool = False
    runtime: str | None = None


@dataclass(frozen=True, slots=True)
class Managing:
    """How a card's content is going to be managed: with which keys and program, and what will be loaded.

    ``installer`` is None for the preferred one, ``program`` for GlobalPlatformPro where it is looked for. ``new`` is
    what a simulated card is like that is to be made; ``runtime`` executes its applets, None for the usual one.
    """

    access: Access
    installer: InstallerKind | None = None
    program: Path | None = None
    cap: bytes | None = None
    new: CardConfig | None = None
    runtime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForCommands:
    """What a kind is for commands.

    ``usage`` is how it is written after ``--card``; ``unnamed`` what it stands for without argument, if anything.
    ``open`` powers the card on, ``manage`` opens what loads, installs and deletes on it.
    """

    usage: str
    open: Callable[[str, Opening], Transport]
    unnamed: Unnamed | None = None
    manage: Callable[[str, Managing], AbstractContextManager[Installer]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKind:
    """One kind of card: its name, which is also that of its file, and one line about it."""

    name: str
    about: str
    tests: ForTests | None = None
    commands: ForCommands | None = None
