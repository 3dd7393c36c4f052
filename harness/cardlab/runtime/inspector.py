"""A look into a card's memory, for what no command shows: what is left where, and what objects hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Protocol


@unique
class Memory(Enum):
    """The memories of a card."""

    EEPROM = "persistent"
    RAM = "transient"  # CLEAR_ON_RESET and CLEAR_ON_DESELECT
    BUFFER = "buffer"  # of commands and answers


APDU_BUFFER = "APDU buffer"  # name of the block that is APDU.getBuffer()
ELEMENTS = "elements"  # the one field of an array


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of memory that is one thing: its memory, a name for people, and its bytes as they are now.

    ``holder`` is the class of the object that refers to it, the first one found; empty for what is no object.
    """

    memory: Memory
    name: str
    content: bytes
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where bytes were found: the block and the offset in it."""

    block: Block
    offset: int


class CardObject(Protocol):
    """An object on the card.

    Fields are those of its class and superclasses. Objects of the API have, whatever their runtime makes them of: a
    KeyPair ``publicKey`` and ``privateKey``, an OwnerPIN its ``value``, a key the components that its getters tell, by
    their names (``P``, ``DP1``, ``Modulus``, ``W``, ``S``, ``Key``), None while one is not set. An array has one
    field, ``elements``.
    """

    @property
    def class_name(self) -> str:
        """``com.example.purse.Purse``."""

    @property
    def persistent(self) -> bool:
        """False for transient arrays and what holds them."""

    def fields(self) -> Sequence[str]:
        """Names of its fields, inherited ones too."""

    def field(self, name: str) -> Any:
        """A number, a truth value, bytes, other numbers as a tuple, a CardObject, a tuple of those, or None.

        Raises UsageError when there is no field of this name.
        """

    def put(self, name: str, content: bytes) -> None:
        """Change the bytes of an array in a field, past all transactions; it keeps its length, or UsageError."""


class Inspector(Protocol):
    """What is in a card's memory now."""

    def memory_map(self) -> tuple[Block, ...]:
        """Everything that holds bytes."""

    def find(self, wanted: bytes) -> tuple[Finding, ...]:
        """Where bytes stand, in any memory; nothing when they stand nowhere."""

    def objects(self, class_name: str = "") -> tuple[CardObject, ...]:
        """The objects that applets lead to, of a class (``byte[]`` for arrays of bytes), or all."""

    def applet(self, instance_aid: bytes = b"") -> CardObject:
        """The applet object of an instance, without an AID that of the selected one; UsageError without either."""
