"""The type state of one method: what is on its stack and in its local variables (JVMS 4.10.1.4)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.verifier.subtyping import Subtyping
from cardlab.cap.verifier.types import Type, is_reference

# Types beyond those of declarations: I is the second word of an int, u<address> an object that `new` at that address
# made and no constructor has initialised, U the `this` of a constructor before the superclass's constructor, a a return
# address.
LOW = "I"
THIS = "U"
ADDRESS = "a"
UNUSABLE = "t"
_WANTED = {"s": "a short", "r": "a reference", "A": "an array", "o": "an object"}


@dataclass(frozen=True)
class TypeState:
    """Stack (top last) and locals before an instruction."""

    stack: tuple[Type, ...]
    locals: tuple[Type, ...]


class FaultError(Exception):
    """A rule is broken at the current instruction."""


def words_of(t: Type) -> tuple[Type, ...]:
    """The words that a value takes."""
    return ("i", LOW) if t == "i" else () if t == "v" else (t,)


def is_object(t: Type) -> bool:
    """Whether this is a reference, or an object that is not initialised."""
    return is_reference(t) or t[0] in "uU"


class Frame:
    """Stack and local variables by types; FaultError when one does not fit what is done with it."""

    def __init__(self, max_stack: int, subtypes: Subtyping) -> None:
        self._max_stack = max_stack
        self._subtypes = subtypes
        self.stack: list[Type] = []
        self.locals: list[Type] = []

    @property
    def state(self) -> TypeState:
        """As it is now."""
        return TypeState(tuple(self.stack), tuple(self.locals))

    def restore(self, state: TypeState) -> None:
        """Go back to a state."""
        self.stack, self.locals = list(state.stack), list(state.locals)

    def put(self, words: list[Type]) -> None:
        """Words onto the stack, the last one on top."""
        self.stack += words
        if len(self.stack) > self._max_stack:
            raise FaultError(f"the stack grows beyond {self._max_stack} words")

    def push(self, t: Type) -> None:
        """A value."""
        self.put(list(words_of(t)))

    def pop_word(self) -> Type:
        """The word on top, whatever it is."""
        if not self.stack:
            raise FaultError("the stack is empty")
        return self.stack.pop()

    def pop(self, wanted: str) -> Type:
        """One value of a kind: s, i, r (reference), A (array), o (reference, or object not initialised)."""
        t = self.pop_word()
        if wanted == "i":
            if t != LOW or self.pop_word() != "i":
                raise FaultError(f"an int is expected, the stack has {t}")
            return "i"
        if not _is_of_kind(t, wanted):
            raise FaultError(f"{_WANTED[wanted]} is expected, the stack has {t}")
        return t

    def pop_as(self, target: Type) -> None:
        """A value that can be used as `target`."""
        if target in ("s", "i"):
            self.pop(target)
            return
        t = self.pop_word()
        if not self._subtypes.assignable(t, target):
            raise FaultError(f"{t} is used as {target}")

    def take(self, count: int) -> list[Type]:
        """The top words, deepest first; no int is split."""
        if count > len(self.stack):
            raise FaultError(f"{count} words are taken, the stack has {len(self.stack)}")
        words = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        if words and (words[0] == LOW or words[-1] == "i"):
            raise FaultError("an int is split")
        return words

    def load(self, index: int, kind: str) -> None:
        """A local variable onto the stack; `kind` is a, s or i."""
        if index + (kind == "i") >= len(self.locals):
            raise FaultError(f"local {index} is outside the frame")
        t = self.locals[index]
        if kind == "i":
            if (t, self.locals[index + 1]) != ("i", LOW):
                raise FaultError(f"local {index} has no int")
            self.push("i")
        elif (kind == "s" and t == "s") or (kind == "a" and is_object(t)):
            self.push(t)
        else:
            raise FaultError(f"local {index} has {t}")

    def store(self, index: int, kind: str) -> None:
        """The value on top into a local variable; a reference or a return address when `kind` is a."""
        t = self._pop_storable() if kind == "a" else self.pop(kind)
        for n, word in enumerate(words_of(t)):
            if index + n >= len(self.locals):
                raise FaultError(f"local {index} is outside the frame")
            self._overwrite(index + n)
            self.locals[index + n] = word

    def _pop_storable(self) -> Type:
        t = self.pop_word()
        if not (is_object(t) or t[0] == ADDRESS):
            raise FaultError(f"a reference is expected, the stack has {t}")
        return t

    def _overwrite(self, index: int) -> None:
        """The other half of an int in that local becomes unusable."""
        old = self.locals[index]
        if old == THIS and not index:  # as long as it is there, a return sees that something is missing
            raise FaultError("local 0 is overwritten before the superclass's constructor was called")
        if old == "i" and index + 1 < len(self.locals):
            self.locals[index + 1] = UNUSABLE
        if old == LOW and index:
            self.locals[index - 1] = UNUSABLE

    def replace(self, old: Type, new: Type) -> None:
        """Every word of a type becomes one of another."""
        self.stack = [new if w == old else w for w in self.stack]
        self.locals = [new if w == old else w for w in self.locals]


def _is_of_kind(t: Type, wanted: str) -> bool:
    if wanted == "s":
        return t == "s"
    if wanted == "A":
        return t == "n" or t.startswith("[")
    return is_reference(t) if wanted == "r" else is_object(t)
