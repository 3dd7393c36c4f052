"""Classes that stand in for those that would be compiled: how changed sources come onto cards, whatever builds them.

Tests compile and convert an applet in ways of their own. Within ``working_at(bench)`` the toolchain asks the bench
before it compiles, and tells it what is converted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cardlab.toolchain.conversions import Request


@dataclass(frozen=True, slots=True)
class CompileOrder:
    """What is to be compiled: absolute source files, the class path, and the compiler's other options."""

    files: tuple[Path, ...]
    classpath: tuple[Path, ...]
    options: tuple[str, ...]


class Workbench(Protocol):
    """Decides what sources compile to."""

    def classes(self, order: CompileOrder) -> Path | None:
        """The folder of class files that stands in for what would be compiled; None: compile it."""

    def converting(self, request: Request) -> None:
        """Class files are converted."""


_BENCH: ContextVar[Workbench | None] = ContextVar("workbench", default=None)


@contextmanager
def working_at(bench: Workbench) -> Iterator[None]:
    """Have the toolchain ask this one, in this thread, until the end of the block."""
    token = _BENCH.set(bench)
    try:
        yield
    finally:
        _BENCH.reset(token)


def workbench() -> Workbench | None:
    """The one to ask; None as a rule."""
    return _BENCH.get()
