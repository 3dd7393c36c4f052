"""What a command may leave behind for the next ones."""

from __future__ import annotations

from dataclasses import dataclass, field

# The first three last until another command comes.


@dataclass(slots=True)
class Loading:
    """INSTALL [for load] was accepted, LOAD blocks follow (GPCS 9.3.5)."""

    aid: bytes
    domain: bytes
    digest: bytes
    block: int = 0
    received: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Listing:
    """GET STATUS answered 6310: what is left to say, and the question it belongs to (GPCS 11.4.3.2)."""

    question: tuple[int, int, bytes]
    answers: list[bytes]


@dataclass(slots=True)
class Chaining:
    """The parts of a command that is longer than one APDU, put together before it is verified (GPCS 11.1.5.1)."""

    header: bytes
    received: bytearray = field(default_factory=bytearray)


Progress = Loading | Listing | Chaining


@dataclass(slots=True)
class Storing:
    """STORE DATA blocks are coming in, for the domain itself or, after INSTALL [for personalization], for ``target``.

    Other commands may come between them; it ends with the ``session`` it began in (GPCS 11.11.1, 11.11.2.2).
    """

    session: int
    target: bytes = b""
    block: int = 0
    form: int | None = None
    received: bytearray = field(default_factory=bytearray)
