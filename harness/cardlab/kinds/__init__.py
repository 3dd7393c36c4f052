"""The kinds of cards that ``--card`` knows. Each file here is one, found by its name; adding one touches nothing else.

A file defines ``KIND``, a ``CardKind`` of the file's name (``cardlab.lab.kind``), and whatever that takes. Another
distribution adds a kind with an entry point of the group ``cardlab.kinds``: its name, and where its ``CardKind`` is.
A kind is imported when it is named, or when all have to be told.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from cardlab.errors import HarnessError, UsageError
from cardlab.lab.kind import CardKind

if TYPE_CHECKING:
    from cardlab.lab.kind import ForCommands, ForTests

_GROUP = "cardlab.kinds"
_ARGUMENT = ":"


@dataclass(frozen=True, slots=True)
class CardChoice:
    """What ``--card`` says: a kind, and the text behind its name, which may be empty."""

    kind: CardKind
    argument: str

    def for_tests(self) -> ForTests:
        """The kind's part for tests; raises UsageError when there is none, or when the argument does not fit."""
        tests = self.kind.tests
        if tests is None:
            raise _unknown(str(self), _for_tests())
        if self.argument and _ARGUMENT not in tests.usage:
            raise UsageError(f"--card {self}: {self.kind.name} takes no argument", hint=f"write --card {tests.usage}")
        if not self.argument and _ARGUMENT in tests.usage:
            raise UsageError(f"--card {self} names no {_wanted(tests.usage)}", hint=f"write --card {tests.usage}")
        return tests

    def for_commands(self) -> ForCommands:
        """The kind's part for commands; raises UsageError when there is none, or when it wants an argument."""
        commands = self.kind.commands
        if commands is None:
            raise _unknown(str(self), _for_commands())
        if not self.argument and commands.unnamed is None:
            raise UsageError(f"--card {self} names no {_wanted(commands.usage)}", hint=f"write --card {commands.usage}")
        return commands

    def __str__(self) -> str:
        return f"{self.kind.name}{_ARGUMENT}{self.argument}" if self.argument else self.kind.name


def choose(text: str, *, command: bool = False) -> CardChoice:
    """The one parser of ``--card``: ``name`` or ``name:argument``; raises UsageError when there is no such kind.

    The error lists those for tests or, when a ``command`` asks, those for commands.
    """
    name, _, argument = text.partition(_ARGUMENT)
    kind = _find(name)
    if kind is None:
        raise _unknown(text, _for_commands() if command else _for_tests())
    return CardChoice(kind, argument)


def known() -> Mapping[str, CardKind]:
    """Every kind by its name, in alphabetical order."""
    names = sorted({*_files(), *_foreign()})
    return {name: kind for name in names if (kind := _find(name)) is not None}


def _for_tests() -> list[str]:
    return [kind.tests.usage for kind in known().values() if kind.tests]


def _for_commands() -> list[str]:
    return [kind.commands.usage for kind in known().values() if kind.commands]


def _find(name: str) -> CardKind | None:
    if name in _files():
        found = importlib.import_module(f"{__name__}.{name}").KIND
    elif name in (foreign := _foreign()):
        found = foreign[name].load()
    else:
        return None
    if not isinstance(found, CardKind) or found.name != name:
        raise HarnessError(f"the kind of card {name} is none: {found!r}", hint="it must be a CardKind of that name")
    return found


def _files() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def _foreign() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=_GROUP)}


def _unknown(text: str, usages: list[str]) -> UsageError:
    return UsageError(f"--card {text}: there is no such kind of card", hint=f"known kinds: {', '.join(usages)}")


def _wanted(written: str) -> str:
    """``READER`` of ``pcsc:READER``, as words have it."""
    return written.partition(_ARGUMENT)[2].strip("[]").lower()
