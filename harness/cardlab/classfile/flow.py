"""Where control goes after an instruction: the same kinds for Java's bytecode and the card's."""

from __future__ import annotations

from enum import Enum, auto


class Flow(Enum):
    """Where control goes after an instruction that throws nothing."""

    NEXT = auto()
    """To the next instruction."""
    CALL = auto()
    """Into a method, and to the next instruction when it returns."""
    BRANCH = auto()
    """To the target or to the next instruction."""
    JUMP = auto()
    """To the target."""
    SWITCH = auto()
    """To one of several targets."""
    SUBROUTINE = auto()
    """To the target, and to the next instruction when ret leads back."""
    SUBROUTINE_END = auto()
    """Behind the jsr that came here."""
    RETURN = auto()
    """Back to the caller."""
    THROW = auto()
    """To a handler, here or in a caller."""

    @property
    def falls_through(self) -> bool:
        """Whether control can come to the next instruction without a way back from elsewhere in the method."""
        return self in (Flow.NEXT, Flow.CALL, Flow.BRANCH)
