"""Java bytecode to card instructions, one at a time (JCVM 3.0.4, chapter 7): locals, stack, arithmetic, control.

A machine runs a method's bytecode on what is known of its values. While `out` is None it only learns; with a list there
it also writes instructions and reports problems. Fields, calls and objects are in `references`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cardlab.cap.convert.classes import JMethod
from cardlab.cap.convert.code import Insn, Label
from cardlab.cap.convert.effects import MESSAGES, stack_effect
from cardlab.cap.convert.members import Members
from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.types import unsupported
from cardlab.cap.convert.values import (
    ADDRESS,
    BYTE,
    REFERENCE,
    SHORT,
    UNKNOWN,
    State,
    Value,
    arithmetic,
    constant,
    looked_at,
    negation,
    to_short,
    value_of,
)
from cardlab.cap.errors import ClassFileError
from cardlab.cap.octets import u1, u2
from cardlab.classfile.bytecode import Jvm
from cardlab.classfile.classfile import Code, Pool, Tag

NARROW = "unsupported int type of intermediate value, must cast intermediate value to type short or byte"
NARROW_INDEX = "unsupported int type of array index or size, must cast it to type short or byte"
BLIND = "an intermediate value of more than 16 bits goes through |, & or ^; cast it to short first"
INT_LOCAL = "unsupported int type of local variable (a for loop over an array needs one, too)"

_BINARY = {
    "iadd": "sadd",
    "isub": "ssub",
    "imul": "smul",
    "idiv": "sdiv",
    "irem": "srem",
    "ishl": "sshl",
    "ishr": "sshr",
    "iushr": "sushr",
    "iand": "sand",
    "ior": "sor",
    "ixor": "sxor",
}
_LOADS = {"baload": BYTE, "saload": SHORT, "aaload": REFERENCE}
_SHUFFLES: dict[str, tuple[int, tuple[int, ...], str, bytes]] = {
    # words taken, words put back (index from the top, deepest first), card instruction, operand
    "pop": (1, (), "pop", b""),
    "pop2": (2, (), "pop2", b""),
    "dup": (1, (0, 0), "dup", b""),
    "dup_x1": (2, (0, 1, 0), "dup_x", b"\x12"),
    "dup_x2": (3, (0, 2, 1, 0), "dup_x", b"\x13"),
    "dup2": (2, (1, 0, 1, 0), "dup2", b""),
    "dup2_x1": (3, (1, 0, 2, 1, 0), "dup_x", b"\x23"),
    "dup2_x2": (4, (1, 0, 3, 2, 1, 0), "dup_x", b"\x24"),
    "swap": (2, (0, 1), "swap_x", b"\x11"),
}


class Machine:
    """The state of one method, and what each bytecode does to it: `do_` and the bytecode's name."""

    def __init__(self, method: JMethod, code: Code, members: Members, problems: Problems) -> None:
        self.method = method
        self.code = code
        self.members = members
        self.problems = problems
        self.jpool: Pool = method.owner.file.pool
        self.out: list[Insn] | None = None
        self.labels: dict[int, Label] = {}
        self.now = Jvm(0, 0, "nop")
        self.stack: list[Value] = []
        self.locals: list[Value] = []

    @property
    def state(self) -> State:
        """Stack and locals."""
        return State(tuple(self.stack), tuple(self.locals))

    def run(self, i: Jvm, before: State) -> None:
        """Execute one bytecode."""
        self.now = i
        self.stack, self.locals = list(before.stack), list(before.locals)
        if i.name in _BINARY:
            self.binary(i.name)
        elif i.name in _SHUFFLES:
            self.shuffle(i.name)
        elif i.name.startswith("if"):
            self.branch(i.name)
        else:
            step: Callable[[Jvm], None] = getattr(self, "do_" + i.name, self.not_supported)
            step(i)

    def not_supported(self, i: Jvm) -> None:
        """A bytecode that the card has not; the analysis goes on behind it."""
        self.error(MESSAGES.get(i.name, f"unsupported bytecode {i.name}"))
        taken, put = stack_effect(i)
        for _ in range(taken):
            self.pop()
        for _ in range(put):
            self.push(UNKNOWN)

    # Reporting and writing

    def error(self, message: str) -> None:
        """Report a problem of the current line."""
        if self.out is not None:
            self.problems.error(self.method.owner.name, self.method.name, self.code.line(self.now.pc), message)

    def emit(
        self,
        name: str,
        data: bytes = b"",
        entry: PoolEntry | None = None,
        *,
        targets: Sequence[int] = (),
        keys: tuple[int, ...] = (),
        local: int = -1,
        constant: int | None = None,
        cast: bool = False,
    ) -> None:
        """Write a card instruction; `targets` are program counters of the Java code."""
        if self.out is None:
            return
        line, labels = self.code.line(self.now.pc), tuple(self.label(t) for t in targets)
        more = {"local": local, "constant": constant, "pc": self.now.pc, "cast": cast}
        self.out.append(Insn(name, line, data, entry, labels, keys, **more))  # type: ignore[arg-type]

    def label(self, pc: int) -> Label:
        """The place that a program counter of the Java code becomes."""
        return self.labels.setdefault(pc, Label())

    # The stack

    def push(self, value: Value) -> None:
        """Put a word on the stack."""
        self.stack.append(value)

    def pop(self) -> Value:
        """Take a word; of an empty stack, which hand-made class files may have, anything."""
        return self.stack.pop() if self.stack else UNKNOWN

    def look(self, value: Value, message: str = NARROW) -> None:
        """The instruction depends on the whole value, not only on its low 16 bits."""
        if value.is_number and (value.overflow or not value.fits):
            self.error(message if value.overflow else BLIND)

    def shuffle(self, name: str) -> None:
        """pop, dup and their like."""
        taken, put, card, data = _SHUFFLES[name]
        words = [self.pop() for _ in range(taken)]
        for index in put:
            self.push(words[index])
        self.emit(card, data)

    def do_nop(self, i: Jvm) -> None:
        self.emit("nop")

    def do_aconst_null(self, i: Jvm) -> None:
        self.push(REFERENCE)
        self.emit("aconst_null", constant=0)

    def do_const(self, i: Jvm) -> None:
        value = i.operand
        self.push(constant(value))
        if -1 <= value <= 5:
            self.emit("sconst_m1" if value < 0 else f"sconst_{value}", constant=value)
        elif -128 <= value <= 127:
            self.emit("bspush", u1(value & 0xFF), constant=value)
        else:
            self.emit("sspush", u2(value & 0xFFFF), constant=value)

    def do_ldc(self, i: Jvm) -> None:
        found = self.jpool.get(i.operand)
        if found.number is not None and -32768 <= found.number <= 32767:
            self.do_const(replace(i, operand=found.number))
            return
        kind = {Tag.INTEGER: "int", Tag.STRING: "String", Tag.CLASS: "Class", Tag.FLOAT: "float"}
        number = "" if found.number is None else f" {found.number}"
        self.error(f"unsupported {kind.get(found.tag, found.tag.name)} type constant{number}")
        self.push(UNKNOWN)

    # Locals

    def local_type(self, index: int, pc: int) -> Value | None:
        """The declared type of a local at `pc`, reporting types that the card has not."""
        for v in self.code.variables:
            if v.index == index and v.start <= pc < v.start + v.length:
                if v.descriptor in "ICJFD":
                    self.error(f"unsupported {unsupported(v.descriptor)} of local variable {v.name}")
                return value_of(v.descriptor)
        return None

    def load(self, i: Jvm, value: Value, prefix: str) -> None:
        """sload or aload."""
        self.push(value)
        self.access(i, f"{prefix}load")

    def store(self, i: Jvm, value: Value, prefix: str) -> None:
        """sstore or astore."""
        if i.operand >= len(self.locals):
            raise ClassFileError(f"local {i.operand} is outside the frame")
        self.locals[i.operand] = value
        self.access(i, f"{prefix}store")

    def access(self, i: Jvm, name: str) -> None:
        """Write a load or a store in its short form where there is one."""
        if i.operand <= 3:
            self.emit(f"{name}_{i.operand}", local=i.operand)
        else:
            self.emit(name, u1(min(i.operand, 255)), local=i.operand)  # more than 255 locals are refused later

    def get_local(self, index: int) -> Value:
        """What is known of a local."""
        return self.locals[index] if index < len(self.locals) else UNKNOWN

    def do_iload(self, i: Jvm) -> None:
        known = self.get_local(i.operand)
        if known.kind == "A":
            raise ClassFileError(f"iload of a reference at {i.pc}")
        self.load(i, self.local_type(i.operand, i.pc) or known, "s")

    def do_aload(self, i: Jvm) -> None:
        self.load(i, self.get_local(i.operand), "a")

    def do_istore(self, i: Jvm) -> None:
        value = self.pop()
        self.store(i, self.local_type(i.operand, i.end) or value, "s")

    def do_astore(self, i: Jvm) -> None:
        self.store(i, self.pop(), "a")

    def do_iinc(self, i: Jvm) -> None:
        declared = self.local_type(i.operand, i.end)
        if declared is None:
            self.error(INT_LOCAL)
        elif declared.kind != "U":
            if -128 <= i.extra <= 127:
                self.emit("sinc", u1(i.operand & 0xFF) + u1(i.extra & 0xFF))
            else:
                self.emit("sinc_w", u1(i.operand & 0xFF) + u2(i.extra & 0xFFFF))

    # Arrays and arithmetic

    def array_load(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        self.pop()
        self.push(_LOADS[i.name])
        self.emit(i.name)

    do_baload = do_saload = do_aaload = array_load

    def array_store(self, i: Jvm) -> None:
        self.look(self.pop())
        self.look(self.pop(), NARROW_INDEX)
        self.pop()
        self.emit(i.name)

    do_bastore = do_sastore = do_aastore = array_store

    def binary(self, name: str) -> None:
        """iadd and its like."""
        right, left = self.pop(), self.pop()
        for operand in looked_at(name, left, right):
            self.look(operand)
        self.push(arithmetic(name, left, right))
        self.emit(_BINARY[name])

    def do_ineg(self, i: Jvm) -> None:
        value = self.pop()
        self.look(value)
        self.push(negation(value))
        self.emit("sneg")

    def do_i2s(self, i: Jvm) -> None:
        self.push(to_short(self.pop()))
        self.emit("", cast=True)

    def do_i2b(self, i: Jvm) -> None:
        if self.pop().kind != "B":
            self.emit("s2b")
        self.push(BYTE)

    # Control

    def branch(self, name: str) -> None:
        """ifeq, if_icmplt, ifnull and their like."""
        for _ in range(2 if "cmp" in name else 1):
            self.look(self.pop())
        self.emit(name.replace("if_icmp", "if_scmp"), targets=self.now.targets)

    def do_goto(self, i: Jvm) -> None:
        self.emit("goto", targets=i.targets)

    def do_jsr(self, i: Jvm) -> None:
        self.push(ADDRESS)
        self.emit("jsr", targets=i.targets)

    def do_ret(self, i: Jvm) -> None:
        self.emit("ret", u1(min(i.operand, 255)))

    def do_tableswitch(self, i: Jvm) -> None:
        self.look(self.pop())
        if any(not -32768 <= k <= 32767 for k in i.keys):
            self.error("unsupported int type constant in a switch")
        name = "stableswitch" if i.name == "tableswitch" else "slookupswitch"
        self.emit(name, targets=i.targets, keys=i.keys)

    do_lookupswitch = do_tableswitch

    def do_ireturn(self, i: Jvm) -> None:
        self.look(self.pop())
        self.emit("sreturn")

    def do_areturn(self, i: Jvm) -> None:
        self.pop()
        self.emit("areturn")

    def do_return(self, i: Jvm) -> None:
        self.emit("return")

    def do_athrow(self, i: Jvm) -> None:
        self.pop()
        self.emit("athrow")
