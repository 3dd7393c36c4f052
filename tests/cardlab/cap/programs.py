"""Random valid methods as Java bytecode, and two machines that run them: Java's, and the card's.

A method is `static short run(short a, short b, byte c, byte[] d, short[] e)`. Expressions are narrowed before something
looks at them, as a compiler insists; loops end; a division by zero is the one exception, caught by handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.reader import CapFile
from cardlab.classfile.bytecode import JvmInstruction, decode
from cardlab.classfile.octets import u2, u4
from cardlab.classfile.opcodes import JvmOpcode

DESCRIPTOR = "(SSB[B[S)S"
LENGTH = 4  # of both arrays
COUNTER = 5  # the first local behind the arguments
LOCALS = 12
STACK = 60
_STEPS = 100_000

Handlers = list[tuple[int, int, int]]


@dataclass
class Assembler:
    """Java bytecode with places that are known later."""

    code: bytearray = field(default_factory=bytearray)
    handlers: Handlers = field(default_factory=list)
    _places: list[int] = field(default_factory=list)
    _open: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, *octets: int) -> None:
        """Bytes as they are."""
        self.code += bytes(octets)

    def label(self) -> int:
        """A place that is not known yet."""
        self._places.append(-1)
        return len(self._places) - 1

    def here(self, label: int) -> None:
        """The place is here."""
        self._places[label] = len(self.code)

    def jump(self, opcode: int, label: int) -> None:
        """A branch of two bytes."""
        self._refer(len(self.code), 2, label, opcode)

    def _refer(self, start: int, size: int, label: int, *opcode: int) -> None:
        self.put(*opcode)
        self._open.append((start, len(self.code), size, label))
        self.code += bytes(size)

    def switch(self, keys: Sequence[int], labels: Sequence[int], default: int, *, table: bool) -> None:
        """tableswitch or lookupswitch; `keys` ascend, and for a table have no gap."""
        start = len(self.code)
        self.put(0xAA if table else 0xAB, *bytes(3 - start % 4))
        self._refer(start, 4, default)
        self.code += u4(keys[0] & 0xFFFFFFFF) + u4(keys[-1] & 0xFFFFFFFF) if table else u4(len(keys))
        for key, label in zip(keys, labels, strict=True):
            self.code += b"" if table else u4(key & 0xFFFFFFFF)
            self._refer(start, 4, label)

    def finish(self) -> bytes:
        """The code with all distances filled in."""
        for start, at, size, label in self._open:
            self.code[at : at + size] = (self._places[label] - start).to_bytes(size, "big", signed=True)
        return bytes(self.code)

    def number(self, value: int) -> None:
        """Push a constant in its shortest form."""
        if -1 <= value <= 5:
            self.put(3 + value)
        elif -128 <= value <= 127:
            self.put(0x10, value & 0xFF)
        else:
            self.put(0x11, *u2(value & 0xFFFF))


_I2B, _I2S, _ILOAD, _ALOAD, _ISTORE = 0x91, 0x93, 0x15, 0x19, 0x36
_FREE = [0x60, 0x64, 0x68, 0x7E, 0x80, 0x82, 0x78]  # + - * & | ^ <<
_LOOKING = [0x6C, 0x70, 0x7A, 0x7C]  # / % >> >>>
_numbers = st.sampled_from([-32768, -129, -1, 0, 1, 2, 127, 128, 255, 32767]) | st.integers(-32768, 32767)


class Writer:
    """Writes random statements."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.asm = Assembler()

    def pick(self, count: int) -> int:
        """A number below `count`."""
        return self.draw(st.integers(0, count - 1))

    def value(self, depth: int) -> None:
        """An expression that may overflow."""
        kind = self.pick(8) if depth else self.pick(2)
        if kind == 0:
            self.asm.number(self.draw(_numbers))
        elif kind == 1:
            self.asm.put(_ILOAD, self.pick(3))
        elif kind <= 4:
            self.value(depth - 1)
            self.value(depth - 1)
            self.asm.put(self.draw(st.sampled_from(_FREE)))
        elif kind == 5:
            self.narrow(depth - 1)
            self.narrow(depth - 1)
            self.asm.put(self.draw(st.sampled_from(_LOOKING)))
        elif kind == 6:
            self.narrow(depth - 1)
            self.asm.put(0x74)  # ineg
        else:
            self.element(depth, load=True)

    def narrow(self, depth: int) -> None:
        """An expression that may be looked at."""
        self.value(depth)
        self.asm.put(_I2S if self.pick(4) else _I2B)

    def element(self, depth: int, *, load: bool) -> None:
        """An element of one of the arrays is loaded, or stored to."""
        of_bytes = bool(self.pick(2))
        self.asm.put(_ALOAD, 3 if of_bytes else 4)
        self.value(depth - 1)
        self.asm.put(6, 0x7E)  # & 3
        if load:
            self.asm.put(0x33 if of_bytes else 0x35)
        else:
            self.value(depth - 1)
            self.asm.put(_I2B if of_bytes else _I2S, 0x54 if of_bytes else 0x56)

    def statements(self, depth: int) -> None:
        """A few statements."""
        for _ in range(self.pick(3) + 1):
            kinds = [self.assign, self.increment, self.store, self.filler]
            if depth:
                kinds += [self.branch, self.loop, self.choose, self.attempt] * 2
            self.draw(st.sampled_from(kinds))(depth)

    def assign(self, depth: int) -> None:
        """A local gets a value of its type."""
        local = self.pick(3)
        self.value(2)
        self.asm.put(_I2B if local == 2 else _I2S, _ISTORE, local)

    def increment(self, depth: int) -> None:
        """x = (short) (x + constant), which becomes sinc when it fits."""
        local = self.pick(2)
        self.asm.put(_ILOAD, local)
        self.asm.number(self.draw(_numbers))
        self.asm.put(self.draw(st.sampled_from([0x60, 0x64])), _I2S, _ISTORE, local)

    def store(self, depth: int) -> None:
        """An element of an array is set."""
        self.element(2, load=False)

    def filler(self, depth: int) -> None:
        """Much code, so that branches across it need their wide form."""
        for _ in range(self.pick(2) * 30):
            self.asm.put(_ILOAD, 0, 4, 0x82, _I2S, _ISTORE, 0)

    def branch(self, depth: int) -> None:
        """if, else."""
        other, end = self.asm.label(), self.asm.label()
        self.narrow(1)
        if self.pick(2):
            self.narrow(1)
            self.asm.jump(0x9F + self.pick(6), other)  # if_icmp…
        else:
            self.asm.jump(0x99 + self.pick(6), other)  # if…
        self.statements(depth - 1)
        self.asm.jump(0xA7, end)
        self.asm.here(other)
        self.statements(depth - 1)
        self.asm.here(end)

    def loop(self, depth: int) -> None:
        """do … while, with a counter of its own."""
        counter, start = COUNTER + depth, self.asm.label()
        self.asm.number(self.pick(3) + 1)
        self.asm.put(_ISTORE, counter)
        self.asm.here(start)
        self.statements(depth - 1)
        self.asm.put(_ILOAD, counter, 4, 0x64, _I2S, 0x59, _ISTORE, counter)  # dup
        self.asm.jump(0x9D, start)  # ifgt

    def choose(self, depth: int) -> None:
        """switch, of both kinds."""
        table = bool(self.pick(2))
        first = self.draw(_numbers)
        keys = [first + n for n in range(3) if first + n < 32768] if table else sorted({first, 0, 7})
        labels, default, end = [self.asm.label() for _ in keys], self.asm.label(), self.asm.label()
        self.narrow(1)
        self.asm.switch(keys, labels, default, table=table)
        for label in (*labels, default):
            self.asm.here(label)
            self.assign(0)
            if self.pick(2):
                self.asm.jump(0xA7, end)
        self.asm.here(end)

    def attempt(self, depth: int) -> None:
        """try, catch."""
        end, start = self.asm.label(), len(self.asm.code)
        self.assign(0)
        self.statements(depth - 1)
        stop = len(self.asm.code)
        self.asm.jump(0xA7, end)
        self.asm.handlers.append((start, stop, len(self.asm.code)))
        self.asm.put(0x57)  # pop
        self.statements(0)
        self.asm.here(end)


@dataclass(frozen=True)
class Program:
    """A method: its bytecode and its handlers, innermost first."""

    code: bytes
    handlers: Handlers


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Random methods."""
    writer = Writer(draw)
    writer.statements(3)
    writer.narrow(3)
    writer.asm.put(0xAC)  # ireturn
    return Program(writer.asm.finish(), writer.asm.handlers)


def wrap(value: int, bits: int) -> int:
    """What is left of a number in so many bits."""
    half = 1 << bits - 1
    return (value + half) % (2 * half) - half


def _quotient(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _quotient,
    "rem": lambda a, b: a - b * _quotient(a, b),
    "shl": lambda a, b: a << (b & 31),
    "shr": lambda a, b: a >> (b & 31),
    "ushr": lambda a, b: (a & 0xFFFFFFFF) >> (b & 31),
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
}
"""Java's operations (JLS 15.17 to 15.22) and the card's (JCVM 3.0.4, 7.5) before the result is cut to a word."""
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
}
Word = int | list[int]
Frame = list[Word]


class _Machine:
    """What both machines have in common; `bits` is the width of a word."""

    bits = 32
    letter = "i"

    def __init__(self, arguments: Sequence[Word]) -> None:
        self.locals: Frame = [*arguments, *[0] * LOCALS]
        self.stack: Frame = []

    def number(self) -> int:
        word = self.stack.pop()
        assert isinstance(word, int)
        return word

    def array(self) -> list[int]:
        word = self.stack.pop()
        assert isinstance(word, list)
        return word

    def common(self, name: str) -> bool:
        """Instructions that differ in the width of words only; whether it was one."""
        if name[0] == self.letter and name[1:] in ARITHMETIC:
            b, a = self.number(), self.number()
            self.stack.append(wrap(ARITHMETIC[name[1:]](a, b), self.bits))
        elif name == f"{self.letter}neg":
            self.stack.append(wrap(-self.number(), self.bits))
        elif name in ("baload", "saload"):
            index = self.number()
            self.stack.append(self.array()[index])
        elif name in ("bastore", "sastore"):
            value, index = self.number(), self.number()
            self.array()[index] = wrap(value, 8 if name[0] == "b" else 16)
        elif name == "dup":
            self.stack.append(self.stack[-1])
        elif name == "pop":
            self.stack.pop()
        else:
            return False
        return True

    def taken(self, name: str) -> bool:
        """Whether a branch is taken."""
        if name == "goto":
            return True
        condition = name[-2:]
        b = self.number() if "cmp" in name else 0
        return _COMPARE[condition](self.number(), b)


class _Java(_Machine):
    def step(self, i: JvmInstruction) -> int | None:
        """The next program counter; None when the method returns."""
        if i.targets and i.keys:
            return dict(zip(i.keys, i.targets[1:], strict=True)).get(self.number(), i.targets[0])
        if i.targets:
            return i.targets[0] if self.taken(i.name) else i.end
        if i.opcode is JvmOpcode.SIPUSH:
            self.stack.append(i.operand)
        elif i.name in ("iload", "aload"):
            self.stack.append(self.locals[i.operand])
        elif i.name == "istore":
            self.locals[i.operand] = self.stack.pop()
        elif i.name in ("i2s", "i2b"):
            self.stack.append(wrap(self.number(), 16 if i.name == "i2s" else 8))
        elif i.name == "ireturn":
            return None
        else:
            assert self.common(i.name), i.name
        return i.end


class _Card(_Machine):
    bits = 16
    letter = "s"

    def step(self, i: Decoded) -> int | None:
        """The next address; None when the method returns."""
        name = i.name.removesuffix("_w")
        if i.targets and i.keys:
            return dict(zip(i.keys, i.targets[1:], strict=True)).get(self.number(), i.targets[0])
        if i.targets:
            return i.targets[0] if self.taken(name) else i.end
        head, _, tail = name.partition("_")
        if head == "sconst":
            self.stack.append(-1 if tail == "m1" else int(tail))
        elif name in ("bspush", "sspush"):
            self.stack.append(i.operands[0])
        elif head in ("sload", "aload"):
            self.stack.append(self.locals[int(tail) if tail else i.operands[0]])
        elif head == "sstore":
            self.locals[int(tail) if tail else i.operands[0]] = self.stack.pop()
        elif name == "sinc":
            local = i.operands[0]
            word = self.locals[local]
            assert isinstance(word, int)
            self.locals[local] = wrap(word + i.operands[1], 16)
        elif name == "s2b":
            self.stack.append(wrap(self.number(), 8))
        elif name == "sreturn":
            return None
        else:
            assert self.common(name), name
        return i.end


def run_java(program: Program, arguments: Sequence[Word]) -> Word | None:
    """The result, None when nothing catches a division by zero."""
    machine, at = _Java(arguments), {i.pc: i for i in decode(program.code)}
    pc: int | None = 0
    for _ in range(_STEPS):
        assert pc is not None
        now = pc
        try:
            pc = machine.step(at[now])
        except ZeroDivisionError:
            pc = next((target for start, end, target in program.handlers if start <= now < end), None)
            if pc is None:
                return None
            machine.stack = [0]
        if pc is None:
            return machine.stack.pop()
    raise AssertionError("the method does not end")


def run_card(cap: CapFile, arguments: Sequence[Word]) -> Word | None:
    """The same for the one method of a CAP file."""
    assert cap.descriptor is not None
    method = cap.descriptor.classes[0].methods[0]
    header, code = method_code(cap, method)
    base = method.offset + header.size
    rows = [(h.start - base, h.start - base + h.length, h.target - base) for h in cap.methods.handlers]
    machine, at = _Card(arguments), {i.address: i for i in disassemble(code)}
    pc: int | None = 0
    for _ in range(_STEPS):
        assert pc is not None
        now = pc
        try:
            pc = machine.step(at[now])
        except ZeroDivisionError:
            pc = next((target for start, end, target in rows if start <= now < end), None)
            if pc is None:
                return None
            machine.stack = [0]
        if pc is None:
            return machine.stack.pop()
    raise AssertionError("the method does not end")
