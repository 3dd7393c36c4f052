"""Type safety, one instruction at a time: what each takes and leaves, by types (JVMS 4.10, JCVM 3.0.4, chapter 7).

Fields, calls and objects are in `references`, the flow of control in `code`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.model import ClassDescriptor, MethodDescriptor
from cardlab.cap.verifier.effects import SIMPLE
from cardlab.cap.verifier.world import THROWABLE, Type, World

# Types beyond those of World: I is the second word of an int, u<address> an object that `new` at that address made and
# no constructor has initialised, U the `this` of a constructor before the superclass's constructor, a a return address.
LOW = "I"
THIS = "U"
ADDRESS = "a"
_ELEMENTS = {"b": ("[b", "[z"), "s": ("[s",), "i": ("[i",)}
ARRAY_TYPES = {10: "[z", 11: "[b", 12: "[s", 13: "[i"}


@dataclass(frozen=True)
class State:
    """Stack (top last) and locals before an instruction."""

    stack: tuple[Type, ...]
    locals: tuple[Type, ...]


class FaultError(Exception):
    """A rule is broken at the current instruction."""


def words_of(t: Type) -> tuple[Type, ...]:
    """The words that a value takes."""
    return ("i", LOW) if t == "i" else () if t == "v" else (t,)


def is_reference(t: Type) -> bool:
    """Whether this is an object that is initialised, an array or null."""
    return t.startswith(("n", "L", "["))


def _local(i: Decoded) -> int:
    return i.operands[0] if i.operands else int(i.name[-1])


class Machine:
    """The state of one method, and what each instruction does to it: `do_` and the mnemonic."""

    def __init__(self, world: World, owner: ClassDescriptor, method: MethodDescriptor) -> None:
        self.world = world
        self.cap = world.cap
        self.owner = owner
        self.method = method
        self.header, code = method_code(self.cap, method)
        self.code = disassemble(code, f"method@{method.offset}")
        self.at = {i.address: n for n, i in enumerate(self.code)}
        self.this = f"L@{owner.ref}"
        self.signature = world.signature(method.type)
        self.stack: list[Type] = []
        self.locals: list[Type] = []

    # Stack and locals

    def push(self, t: Type) -> None:
        self.stack += words_of(t)
        if len(self.stack) > self.header.max_stack:
            raise FaultError(f"the stack grows beyond {self.header.max_stack} words")

    def pop_word(self) -> Type:
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
        fits = {
            "s": t == "s",
            "r": is_reference(t),
            "A": t == "n" or t.startswith("["),
            "o": is_reference(t) or t[0] in "uU",
        }[wanted]
        if not fits:
            names = {"s": "a short", "r": "a reference", "A": "an array", "o": "an object"}
            raise FaultError(f"{names[wanted]} is expected, the stack has {t}")
        return t

    def pop_as(self, target: Type) -> None:
        """A value that can be used as `target`."""
        if target in ("s", "i"):
            self.pop(target)
            return
        t = self.pop_word()
        if not self.world.assignable(t, target):
            raise FaultError(f"{t} is used as {target}")

    def load(self, index: int, kind: str) -> None:
        if index + (kind == "i") >= len(self.locals):
            raise FaultError(f"local {index} is outside the frame")
        t = self.locals[index]
        if kind == "i":
            if (t, self.locals[index + 1]) != ("i", LOW):
                raise FaultError(f"local {index} has no int")
            self.push("i")
        elif (kind == "s" and t == "s") or (kind == "a" and (is_reference(t) or t[0] in "uU")):
            self.push(t)
        else:
            raise FaultError(f"local {index} has {t}")

    def store(self, index: int, kind: str) -> None:
        if kind == "a":
            t = self.pop_word()
            if not (is_reference(t) or t[0] in "uUa"):
                raise FaultError(f"a reference is expected, the stack has {t}")
        else:
            t = self.pop(kind)
        for n, word in enumerate(words_of(t)):
            if index + n >= len(self.locals):
                raise FaultError(f"local {index} is outside the frame")
            self.cut(index + n)
            self.locals[index + n] = word

    def cut(self, index: int) -> None:
        """A local is overwritten: the other half of an int there becomes unusable."""
        old = self.locals[index]
        if old == THIS and not index:  # as long as it is there, a return sees that something is missing
            raise FaultError("local 0 is overwritten before the superclass's constructor was called")
        if old == "i" and index + 1 < len(self.locals):
            self.locals[index + 1] = "t"
        if old == LOW and index:
            self.locals[index - 1] = "t"

    # Instructions

    def step(self, i: Decoded) -> None:
        """Apply one instruction to the state."""
        name = i.name
        if name in SIMPLE:
            taken, left = SIMPLE[name]
            for kind in reversed(taken):
                self.pop(kind)
            for t in left:
                self.push(t)
        elif name.startswith(("aload", "sload", "iload")):
            self.load(_local(i), name[0])
        elif name.startswith(("astore", "sstore", "istore")) and not name.endswith("store_"):
            self.store(_local(i), name[0])
        elif name[1:] in ("aload", "astore"):
            self.array(name)
        else:
            step: Callable[[Decoded], None] | None = getattr(self, "do_" + name, None)
            if step is None:
                raise FaultError(f"{name} cannot be verified")
            step(i)

    def array(self, name: str) -> None:
        kind = name[0]
        value: Type = ""
        if name.endswith("store"):
            value = self.pop({"a": "r", "i": "i"}.get(kind, "s"))
        self.pop("s")
        array = self.pop("A")
        if kind == "a":
            if array != "n" and not array.startswith("[L"):
                raise FaultError(f"{name} of {array}")
            if not value:
                self.push("n" if array == "n" else array[1:])
            elif array.startswith("[L") and not self.fits_element(value, array[1:]):
                raise FaultError(f"{value} is put into {array}")
            return
        if array != "n" and array not in _ELEMENTS[kind]:
            raise FaultError(f"{name} of {array}")
        if not value:
            self.push("i" if kind == "i" else "s")

    def fits_element(self, value: Type, element: Type) -> bool:
        """Whether a store could succeed at run time, where the array's real type decides."""
        return self.world.assignable(value, element) or self.world.assignable(element, value)

    def do_pop(self, i: Decoded) -> None:
        if self.pop_word() in ("i", LOW):
            raise FaultError("half an int is removed")

    def do_pop2(self, i: Decoded) -> None:
        self.takewords_of(2)

    def takewords_of(self, count: int) -> list[Type]:
        """The top words, deepest first; no int is split."""
        if count > len(self.stack):
            raise FaultError(f"{count} words are taken, the stack has {len(self.stack)}")
        words = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        if words and (words[0] == LOW or words[-1] == "i"):
            raise FaultError("an int is split")
        return words

    def putwords_of(self, words: list[Type]) -> None:
        self.stack += words
        if len(self.stack) > self.header.max_stack:
            raise FaultError(f"the stack grows beyond {self.header.max_stack} words")

    def do_dup(self, i: Decoded) -> None:
        words = self.takewords_of(1)
        self.putwords_of(words * 2)

    def do_dup2(self, i: Decoded) -> None:
        words = self.takewords_of(2)
        self.putwords_of(words * 2)

    def do_dup_x(self, i: Decoded) -> None:
        m, n = i.operands[0] >> 4, i.operands[0] & 15
        if not 1 <= m <= 4 or (n and not m <= n <= m + 4):
            raise FaultError(f"dup_x {m},{n}")
        top = self.takewords_of(m)
        below = self.takewords_of(n - m) if n else []
        self.putwords_of(top + below + top)

    def do_swap_x(self, i: Decoded) -> None:
        m, n = i.operands[0] >> 4, i.operands[0] & 15
        if m not in (1, 2) or n not in (1, 2):
            raise FaultError(f"swap_x {m},{n}")
        top = self.takewords_of(m)
        below = self.takewords_of(n)
        self.putwords_of(top + below)

    def increment(self, i: Decoded) -> None:
        kind = i.name[0]
        self.load(i.operands[0], kind)
        self.pop(kind)

    do_sinc = do_sinc_w = do_iinc = do_iinc_w = increment

    def do_jsr(self, i: Decoded) -> None:
        self.push(ADDRESS)

    def do_ret(self, i: Decoded) -> None:
        if i.operands[0] >= len(self.locals) or self.locals[i.operands[0]] != ADDRESS:
            raise FaultError(f"local {i.operands[0]} has no return address")

    def do_athrow(self, i: Decoded) -> None:
        t = self.pop("r")
        if not self.world.assignable(t, f"L{THROWABLE}"):
            raise FaultError(f"{t} is thrown")

    def finish(self, kind: str) -> None:
        result = self.signature.result
        if (result if result in "vsi" else "a") != kind:
            raise FaultError(f"a return of the wrong kind: the method's result is {result}")
        if kind != "v":
            self.pop_as(result)

    def do_areturn(self, i: Decoded) -> None:
        self.finish("a")

    def do_sreturn(self, i: Decoded) -> None:
        self.finish("s")

    def do_ireturn(self, i: Decoded) -> None:
        self.finish("i")

    def do_return(self, i: Decoded) -> None:
        self.finish("v")
        if THIS in self.locals[:1]:
            raise FaultError("the constructor returns before the superclass's constructor was called")
