"""The type state of one method: what is on its stack and in its local variables (JVMS 4.10.1.4)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.verifier.rules import Rule, Rules
from cardlab.cap.verifier.subtyping import Subtyping
from cardlab.cap.verifier.types import Type, is_reference

# Types beyond those of declarations: I is the second word of an int, u<address> an object that `new` at that address
# made and no constructor has initialised, U the `this` of a constructor before the superclass's constructor, a a return
# address.
LOW = "I"
THIS = "U"
ADDRESS = "a"
UNUSABLE = "t"
_STANDS_FOR = {"s": "s", "a": "n"}
_WANTED = {"s": "a short", "r": "a reference", "A": "an array", "o": "an object"}


@dataclass(frozen=True)
class TypeState:
    """Stack (top last) and locals before an instruction."""

    stack: tuple[Type, ...]
    locals: tuple[Type, ...]


def words_of(t: Type) -> tuple[Type, ...]:
    """The words that a value takes."""
    return ("i", LOW) if t == "i" else () if t == "v" else (t,)


def is_object(t: Type) -> bool:
    """Whether this is a reference, or an object that is not initialised."""
    return is_reference(t) or t[0] in "uU"


class Frame:
    """Stack and local variables by types; RuleError when one does not fit what is done with it."""

    def __init__(self, max_stack: int, subtypes: Subtyping, rules: Rules) -> None:
        self._require = rules.require
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
        fits = len(self.stack) <= self._max_stack
        self._require(Rule.STACK_OVERFLOW, fits, f"the stack grows beyond {self._max_stack} words")

    def push(self, t: Type) -> None:
        """A value."""
        self.put(list(words_of(t)))

    def pop_word(self) -> Type:
        """The word on top, whatever it is."""
        self._require(Rule.STACK_EMPTY, bool(self.stack), "the stack is empty")
        return self.stack.pop() if self.stack else UNUSABLE

    def pop(self, wanted: str) -> Type:
        """One value of a kind: s, i, r (reference), A (array), o (reference, or object not initialised)."""
        t = self.pop_word()
        if wanted == "i":
            is_int = t == LOW and self.pop_word() == "i"
            self._require(Rule.STACK_INT, is_int, f"an int is expected, the stack has {t}")
            return "i"
        self._require(Rule.STACK_KIND, _is_of_kind(t, wanted), f"{_WANTED[wanted]} is expected, the stack has {t}")
        return t

    def pop_as(self, target: Type) -> None:
        """A value that can be used as `target`."""
        if target in ("s", "i"):
            self.pop(target)
            return
        t = self.pop_word()
        self._require(Rule.STACK_TYPE, self._subtypes.assignable(t, target), f"{t} is used as {target}")

    def take(self, count: int) -> list[Type]:
        """The top words, deepest first; no int is split."""
        words_there = f"{count} words are taken, the stack has {len(self.stack)}"
        self._require(Rule.STACK_WORDS, count <= len(self.stack), words_there)
        count = min(count, len(self.stack))
        words = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        self._require(Rule.INT_SPLIT, not words or (words[0] != LOW and words[-1] != "i"), "an int is split")
        return words

    def load(self, index: int, kind: str) -> None:
        """A local variable onto the stack; `kind` is a, s or i. One outside, which a rule forbids, is right."""
        inside = index + (kind == "i") < len(self.locals)
        if kind == "i":
            is_int = self.locals[index : index + 2] == ["i", LOW]
            self._require(Rule.LOCAL_INT, is_int, f"local {index} has no int")
            self.push("i")
            return
        t = self.locals[index] if inside else _STANDS_FOR[kind]
        fits = t == "s" if kind == "s" else is_object(t)
        self._require(Rule.LOCAL_KIND, fits, f"local {index} has {t}")
        self.push(t)

    def store(self, index: int, kind: str) -> None:
        """The value on top into a local variable; a reference or a return address when `kind` is a."""
        t = self._pop_storable() if kind == "a" else self.pop(kind)
        for n, word in enumerate(words_of(t)):
            if index + n < len(self.locals):
                self._overwrite(index + n)
                self.locals[index + n] = word

    def _pop_storable(self) -> Type:
        t = self.pop_word()
        storable = is_object(t) or t[0] == ADDRESS
        self._require(Rule.STORE_KIND, storable, f"a reference is expected, the stack has {t}")
        return t

    def _overwrite(self, index: int) -> None:
        """The other half of an int in that local becomes unusable."""
        old = self.locals[index]
        # As long as `this` is there, a return sees that something is missing.
        words = "local 0 is overwritten before the superclass's constructor was called"
        self._require(Rule.THIS_OVERWRITTEN, old != THIS or bool(index), words)
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
