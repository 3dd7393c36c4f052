"""What a runtime says of itself when it registers: name, version, what it can do, how a card's runtime is made.

The package of a runtime below ``cardlab.runtime``, or one that the entry point group ``cardlab.runtimes`` names, has an
object ``BACKEND`` of this class. Nothing else has to be changed for a new runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from cardlab.errors import UsageError
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.feature import Feature

if TYPE_CHECKING:
    from cardlab.runtime.interface import AppletRuntime, CardServices
    from cardlab.runtime.observer import EventKind
    from cardlab.runtime.support import Absences


_SHOWN = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class RuntimeOrder:
    """One card's runtime, as the card asks for it.

    ``seed`` (32 bytes) is the one source of everything random: the runtime draws from HMAC_DRBG with SHA-256 (NIST SP
    800-90A Rev. 1, 10.1.2) instantiated with it, so runtimes that draw alike on cards with one seed answer alike.
    ``persistent`` is the quota in bytes for packages and objects; ``java_card`` the version of the API that the card
    has. ``classes`` is for the runtime alone, which knows
    what it needs beside load files; others do not look at it.
    """

    services: CardServices
    seed: bytes
    persistent: int = 256 * 1024
    choices: PlatformChoices = field(default_factory=PlatformChoices)
    classes: object = None
    java_card: str = "3.0.5"


@dataclass(frozen=True, slots=True)
class Backend:
    """A runtime by its name. ``version`` is that of its card images, which no other version need be able to read.

    ``tells`` are the kinds of events that its observers can have. ``settable`` are the platform choices that it can do
    otherwise than by default, each with all values that it can do, or None for all there are. ``deviations`` says
    where it differs from the specifications, for people. ``java_card`` are the versions of the API that it has, and
    ``absences`` says what it lacks of one, and of a version of the GlobalPlatform API.
    """

    name: str
    version: str
    make: Callable[[RuntimeOrder], AppletRuntime]
    capabilities: frozenset[Feature] = frozenset()
    tells: frozenset[EventKind] = frozenset()
    settable: Mapping[str, frozenset[object] | range | None] = field(default_factory=dict)
    deviations: tuple[str, ...] = ()
    java_card: tuple[str, ...] = ("3.0.4", "3.0.5")
    absences: Callable[[str, str], Absences] | None = None

    def open(self, order: RuntimeOrder) -> AppletRuntime:
        """A fresh runtime; raises UsageError naming the platform choices that it cannot do."""
        self.require(order.choices)
        if order.java_card not in self.java_card:
            raise UsageError(
                f"the runtime {self.name} has no Java Card {order.java_card}",
                hint=f"it has {', '.join(self.java_card)}",
            )
        return self.make(order)

    def require(self, choices: PlatformChoices) -> None:
        """Raises UsageError naming the platform choices that this runtime cannot do."""
        wrong = {name: value for name, value in choices.changed().items() if not self._can(name, value)}
        if wrong:
            listed = ", ".join(f"{name}={_words(value)}" for name, value in wrong.items())
            able = ", ".join(f"{name}: {self._offer(name)}" for name in wrong)
            raise UsageError(f"the runtime {self.name} cannot do {listed}", hint=f"what it can do: {able}")

    def _can(self, name: str, value: object) -> bool:
        if name not in self.settable:
            return False
        values = self.settable[name]
        return values is None or value in values

    def _offer(self, name: str) -> str:
        """What it can do with a choice, for people."""
        default = _words(getattr(PlatformChoices(), name))
        values = self.settable.get(name, frozenset())
        if isinstance(values, range):
            return f"{values.start} to {values.stop - 1}"
        return " or ".join(dict.fromkeys((default, *sorted(map(_words, values or ())))))


def _words(value: object) -> str:
    text = value.name if isinstance(value, Enum) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
