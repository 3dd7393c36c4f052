"""What of the Java Card API a runtime has: each method of a platform's token tables, and each algorithm's constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.platform import tables
from cardlab.cap.wanted import java_signature
from cardlab.runtime.backend import Backend


class Absence(Enum):
    """How a method or constant is not there, for people."""

    LOAD = "a CAP file that uses it is refused at LOAD, by its name"
    ALGORITHM = "getInstance() and the like throw NO_SUCH_ALGORITHM"
    EMPTY = "it is there and does nothing"
    MISSING = "calling it ends in 6F00"


@dataclass(frozen=True, slots=True)
class Absences:
    """What a runtime lacks of a platform, by ``javacard/framework/Util.arrayCopy([BS[BSS)S`` and ``…/Cipher.ALG_…``."""

    members: Mapping[str, Absence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A method or field of the API: its class, its name with the types of its arguments, and what is amiss."""

    package: str
    owner: str
    name: str
    absence: Absence | None

    @property
    def is_constant(self) -> bool:
        """Whether it stands for an algorithm."""
        return "(" not in self.name


def support(backend: Backend, java_card: str, globalplatform: str) -> tuple[Member, ...]:
    """Every method of a platform's classes, every static field with a place, every constant that the runtime refuses.

    Interfaces have no methods of their own on a card: what implements them does.
    """
    lacks = backend.absences(java_card, globalplatform).members if backend.absences is not None else {}
    return tuple(one for table in tables(java_card, globalplatform) for one in _package(table, lacks))


def _package(table: ExportFile, lacks: Mapping[str, Absence]) -> Iterator[Member]:
    package = table.name.replace("/", ".")
    for one in table.classes:
        yield from (Member(package, _short(one), name, absence) for name, absence in _members(one, lacks))


def _members(one: ExportedClass, lacks: Mapping[str, Absence]) -> Iterator[tuple[str, Absence | None]]:
    for method in one.methods if not one.is_interface else ():
        called = java_signature(one, method)
        yield called, lacks.get(f"{one.name}.{method.name}{method.descriptor}")
    for held in one.fields:
        absence = lacks.get(f"{one.name}.{held.name}")
        if held.constant is None or absence is not None:
            yield held.name, absence


def _short(one: ExportedClass) -> str:
    """Without its package; an inner class with its outer one."""
    return one.name.rpartition("/")[2].replace("$", ".")
