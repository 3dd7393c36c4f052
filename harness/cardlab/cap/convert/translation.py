"""One method on its way from Java's bytecode to the card's: what is known of its values, and what is written.

While `out` is None only the former is followed; with a list there instructions are written too, and problems reported.
What each bytecode does is in `word_rules` and `object_rules`.

Where the package may use int, a value that would have to fit in a short and may not is computed as int: the bytecodes
that made it are noted in `wide`, and the method is gone through again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cardlab.cap.convert.classes import JMethod
from cardlab.cap.convert.code import Insn, Label
from cardlab.cap.convert.members import Members, NotFoundError
from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.unsupported import unsupported
from cardlab.cap.convert.values import UNKNOWN, Value, ValueState, value_of
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.classfile import Code
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import Pool

NARROW = "unsupported int type of intermediate value, must cast intermediate value to type short or byte"
NARROW_INDEX = "unsupported int type of array index or size, must cast it to type short or byte"
_BLIND = "an intermediate value of more than 16 bits goes through |, & or ^; cast it to short first"
_TWO_WORDS = ("J", "D")
"""Types of two words on Java's stack. The card has none; the analysis goes on behind the error."""
START = JvmInstruction(0, 0, JvmOpcode.NOP)
"""Stands for the method itself in problems: its first line."""


class Translation:
    """The state of one method, and what rules for bytecodes do with it."""

    def __init__(self, method: JMethod, code: Code, members: Members, problems: Problems) -> None:
        self.method = method
        self.code = code
        self.members = members
        self.problems = problems
        self.ints = members.package.ints
        self.wide: set[int] = set()
        """The program counters of bytecodes whose result is an int on the card."""
        self.cut: set[int] = set()
        """Those of bytecodes that read an int from a local without a declared type, of which a short is wanted."""
        self.whole: set[int] = set()
        """Those of bytecodes that read such a local, of which an int is wanted: they are not cut."""
        self.int_locals: set[int] = set()
        """Java's local variables that hold ints, and are two words on the card."""
        self.int_slots: set[int] = set()
        """Those of them that no table declares: ints wherever the method names them."""
        self.parameters: dict[int, Value] = {}
        """Where the package may use int: types of numbers among the arguments, for code without a table of locals."""
        self.jpool: Pool = method.owner.file.pool
        self.out: list[Insn] | None = None
        self.now = START
        self.stack: list[Value] = []
        self.locals: list[Value] = []
        self.deepest = 0
        """Words that were on the card's stack at most."""
        self._labels: dict[int, Label] = {}

    @property
    def state(self) -> ValueState:
        """Stack and locals."""
        return ValueState(tuple(self.stack), tuple(self.locals))

    def begin(self, i: JvmInstruction, before: ValueState) -> None:
        """The next bytecode is at hand, with what is known before it."""
        self.now = i
        self.stack, self.locals = list(before.stack), list(before.locals)

    @property
    def depth(self) -> int:
        """Words on the card's stack."""
        return sum(v.words for v in self.stack)

    # Reporting and writing

    def error(self, message: str) -> None:
        """Report a problem of the current line."""
        if self.out is not None:
            self.problems.error(self.method.owner.name, self.method.name, self.code.line(self.now.pc), message)

    def emit(
        self,
        opcode: Opcode | None,
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
        insn = Insn(opcode, line, data, entry, labels, keys)
        insn.local, insn.constant, insn.pc, insn.cast = local, constant, self.now.pc, cast
        self.out.append(insn)

    def label(self, pc: int) -> Label:
        """The place that a program counter of the Java code becomes."""
        return self._labels.setdefault(pc, Label())

    # Constant pool

    def entry(self, find: Callable[[], PoolEntry]) -> PoolEntry | None:
        """A constant pool entry, or an error and None; None too as long as nothing is written, when nobody asks."""
        if self.out is None:
            return None
        try:
            return find()
        except NotFoundError as e:
            self.error(str(e))
            return None

    def class_entry(self, name: str) -> PoolEntry | None:
        """The entry of a class."""
        return self.entry(lambda: self.members.class_entry(name))

    # The stack

    def push(self, value: Value) -> None:
        """Put a value on the stack that this bytecode makes."""
        self.stack.append(replace(value, sources=frozenset((self.now.pc,))) if self.ints else value)

    def pop(self) -> Value:
        """Take a word; of an empty stack, which hand-made class files may have, anything."""
        value = self.stack.pop() if self.stack else UNKNOWN
        if value.kind == "I":  # it may have been a short on one of the ways to here
            self.wide |= value.sources
        return value

    def look(self, value: Value, message: str = NARROW) -> None:
        """The instruction depends on the whole value, not only on its low 16 bits."""
        if not value.is_number and value.kind != "I":
            return
        if message is NARROW_INDEX and self._cut(value):
            return
        if message is not NARROW_INDEX and self.ints:
            if value.is_number and (value.overflow or not value.fits):
                self.want_int(value)
        elif value.kind == "I" or value.overflow or not value.fits:
            self.error(message if value.overflow or value.kind == "I" else _BLIND)

    def _cut(self, value: Value) -> bool:
        """Whether the bytecode that reads the value from a local makes a short of it."""
        cut = value.kind == "I" and value.undeclared and not value.sources & self.whole
        self.cut |= value.sources if cut else frozenset()
        return cut

    def narrow(self, value: Value, *, on_top: bool = True) -> None:
        """The value is used as a short: the copy of an int that fits in one becomes one again, if it is on top."""
        if value.kind == "I":
            if not self._cut(value):
                if on_top:
                    self.emit(Opcode.I2S)
                else:
                    self.error(NARROW)
        else:
            self.look(value)

    def want_int(self, value: Value) -> None:
        """The value is used as an int: what makes it has to make one."""
        if value.undeclared:
            self.whole |= value.sources
        if value.is_number:
            self.wide |= value.sources

    def is_wide(self, *operands: Value) -> bool:
        """Whether this bytecode computes with ints, as one of its operands is one or its result has to be."""
        return self.now.pc in self.wide or any(v.kind == "I" for v in operands)

    def place(self, local: int) -> int:
        """The card's number of a local variable of Java: ints take two."""
        return local + sum(n < local for n in self.int_locals)

    def push_typed(self, descriptor: str) -> None:
        """Put a value of that type on the stack."""
        self.push(value_of(descriptor, self.ints))
        if descriptor in _TWO_WORDS:
            self.push(UNKNOWN)

    def pop_typed(self, descriptor: str, *, on_top: bool = True) -> None:
        """Take a value of that type, which is looked at; `on_top` unless others were taken before by the bytecode."""
        value = self.pop()
        if descriptor in _TWO_WORDS:
            self.pop()
        if descriptor == "I" and self.ints:
            self.want_int(value)
        else:
            self.narrow(value, on_top=on_top)

    def require_type(self, descriptor: str, of: str) -> None:
        """Report a type that the card has not."""
        bad = unsupported(descriptor, self.ints)
        if bad:
            self.error(f"unsupported {bad} of {of}")


Rule = Callable[[Translation, JvmInstruction], None]
"""What a bytecode does to what is known, and what it becomes."""
