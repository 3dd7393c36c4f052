"""What hunt and workers say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path

from cardlab.campaign.mutate.bench import Known
from cardlab.campaign.mutate.mutation import Mutation, Texts
from cardlab.campaign.mutate.traces import Traces


@dataclass(frozen=True, slots=True)
class Ground:
    """Where mutants are hunted: the tests' project, sources, tests as pytest takes them, its further arguments.

    ``budget``: bytecode instructions that a command may execute.
    """

    folder: Path
    sources: tuple[Path, ...]
    tests: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    budget: int = 20_000_000


@unique
class Outcome(StrEnum):
    """What became of a mutant; the values stand in the record."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUAL = "equal"  # the same load file as the original's, or as another mutant's
    INVALID = "invalid"  # does not compile, or is no Java Card


# -- to workers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Learn:
    """Run tests until one has the sources compiled and converted; answered with Learned."""


@dataclass(frozen=True, slots=True)
class List:
    """Find the mutations; answered with a list of Mutation."""


@dataclass(frozen=True, slots=True)
class Try:
    """Run these tests on the applet with one method more, each alone; answered with a Tried for each, then Learned."""

    tests: tuple[str, ...]
    coverage: bool = True


@dataclass(frozen=True, slots=True)
class Trace:
    """Write down what these tests ask of cards with the sources as they are; answered with Traced."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """What tests ask of cards: to workers, and from the one that found it out."""

    traces: Traces


@dataclass(frozen=True, slots=True)
class Hunt:
    """Run these tests on a mutant until one fails; answered with Built (to be answered with Go), then Hunted."""

    number: int
    texts: Texts
    tests: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Go:
    """Whether a mutant that was built is to be hunted."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """That was all."""


# -- from workers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """Tests are collected: their node identifiers, in order."""

    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """How sources are compiled and converted, and the digest of the originals' load files."""

    known: Known
    digest: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A test without a mutant: seconds, whether it passed, the lines that it has executed; why it failed."""

    test: str
    seconds: float
    passed: bool
    lines: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """A test begins: whoever waits may look at the clock."""

    test: str


@dataclass(frozen=True, slots=True)
class Built:
    """A mutant's load files have this digest."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Hunted:
    """What became of a mutant: ``by`` is the test that failed, ``message`` what is wrong with one that is invalid.

    ``cpu``: seconds of processor time that it took.
    """

    number: int
    outcome: Outcome
    by: str = ""
    message: str = ""
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker cannot go on."""

    message: str
    hint: str = ""


Mutations = tuple[Mutation, ...]
