"""Running `<clinit>` at conversion: the card runs no class initialiser (JCVM 3.0.4, 2.2.4.6).

What one computes must be constants and arrays of constants; anything else in it is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cardlab.cap.convert.classes import JClass, JField
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.unsupported import unsupported
from cardlab.classfile.bytecode import JvmInstruction, decode
from cardlab.classfile.classfile import ClassFile, Code, NewArrayType
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag

_NEWARRAY: dict[int, str] = {
    NewArrayType.BOOLEAN: "[Z",
    NewArrayType.BYTE: "[B",
    NewArrayType.SHORT: "[S",
    NewArrayType.INT: "[I",
}
_LONGEST = 32767


@dataclass(eq=False)
class _Array:
    descriptor: str
    values: list[int]


_Value = int | None | _Array


@dataclass
class _Initialiser:
    """Runs one `<clinit>`."""

    owner: JClass
    code: Code
    problems: Problems
    fields: dict[tuple[str, str], JField]
    ints: bool
    stack: list[_Value] = field(default_factory=list)
    done: bool = False

    def run(self) -> None:
        for i in decode(self.code.code):
            if self.done:
                return
            try:
                self.step(i)
            except _UnsupportedError as e:
                self.problems.error(self.owner.name, "<clinit>", self.code.line(i.pc), str(e))
                return

    def step(self, i: JvmInstruction) -> None:
        rule = _RULES.get(i.opcode)
        if rule is None:
            raise _UnsupportedError(f"unsupported bytecode {i.name} in a static initialiser; initialise in install()")
        rule(self, i)

    def number(self) -> int:
        value = self.pop()
        if not isinstance(value, int):
            raise _UnsupportedError("a static initialiser mixes numbers and arrays")
        return value

    def pop(self) -> _Value:
        if not self.stack:
            raise _UnsupportedError("malformed static initialiser")
        return self.stack.pop()

    def nop(self, _: JvmInstruction) -> None:
        """Nothing."""

    def aconst_null(self, _: JvmInstruction) -> None:
        self.stack.append(None)

    def sipush(self, i: JvmInstruction) -> None:
        self.stack.append(i.operand)

    def ldc(self, i: JvmInstruction) -> None:
        constant = self.owner.file.pool.get(i.operand)
        if constant.number is None:
            raise _UnsupportedError(
                f"unsupported {constant.tag.name.capitalize()} type constant in a static initialiser"
            )
        self.stack.append(constant.number)

    def i2b(self, _: JvmInstruction) -> None:
        self.stack.append((self.number() + 0x80 & 0xFF) - 0x80)

    def i2s(self, _: JvmInstruction) -> None:
        self.stack.append((self.number() + 0x8000 & 0xFFFF) - 0x8000)

    def dup(self, _: JvmInstruction) -> None:
        value = self.pop()
        self.stack += [value, value]

    def newarray(self, i: JvmInstruction) -> None:
        size = self.number()
        if i.operand not in _NEWARRAY or unsupported(_NEWARRAY[i.operand], self.ints):
            raise _UnsupportedError("unsupported array type in a static initialiser")
        if not 0 <= size <= _LONGEST:
            raise _UnsupportedError(f"array of {size} elements in a static initialiser")
        self.stack.append(_Array(_NEWARRAY[i.operand], [0] * size))

    def store(self, _: JvmInstruction) -> None:
        value, index, array = self.number(), self.number(), self.pop()
        if not isinstance(array, _Array) or not 0 <= index < len(array.values):
            raise _UnsupportedError("malformed array in a static initialiser")
        array.values[index] = value

    def putstatic(self, i: JvmInstruction) -> None:
        ref = self.owner.file.pool.member(i.operand, ConstantTag.FIELD)
        target = self.fields.get((ref.name, ref.descriptor)) if ref.owner == self.owner.name else None
        if target is None:
            raise _UnsupportedError("a static initialiser may only set fields of its own class")
        value = self.pop()
        if isinstance(value, _Array):
            if value.descriptor != target.descriptor:
                raise _UnsupportedError(f"unsupported array type of static field {target.name}")
            target.array = tuple(value.values)
        else:
            target.array = None
            target.value = _narrow(target, value or 0)

    def finish(self, _: JvmInstruction) -> None:
        self.done = True


_RULES: Mapping[JvmOpcode, Callable[[_Initialiser, JvmInstruction], None]] = {
    JvmOpcode.NOP: _Initialiser.nop,
    JvmOpcode.ACONST_NULL: _Initialiser.aconst_null,
    JvmOpcode.SIPUSH: _Initialiser.sipush,
    JvmOpcode.LDC: _Initialiser.ldc,
    JvmOpcode.I2B: _Initialiser.i2b,
    JvmOpcode.I2S: _Initialiser.i2s,
    JvmOpcode.DUP: _Initialiser.dup,
    JvmOpcode.NEWARRAY: _Initialiser.newarray,
    JvmOpcode.BASTORE: _Initialiser.store,
    JvmOpcode.SASTORE: _Initialiser.store,
    JvmOpcode.IASTORE: _Initialiser.store,
    JvmOpcode.PUTSTATIC: _Initialiser.putstatic,
    JvmOpcode.RETURN: _Initialiser.finish,
}


class _UnsupportedError(Exception):
    """Something that the card's static image cannot say."""


def _narrow(f: JField, value: int) -> int:
    if f.is_reference:
        return 0
    limits = {"B": 0x80, "Z": 0x80, "I": 1 << 31}.get(f.descriptor, 0x8000)
    if not -limits <= value < limits:
        raise _UnsupportedError(f"value {value} of static field {f.name} is too big")
    return value


def initialise(package: JPackage, applets: bool, problems: Problems) -> None:
    """Find the initial value of every static field; a library (no `applets`) cannot have initialised arrays."""
    for c in package.classes:
        for f in c.fields:
            bad = unsupported(f.descriptor, package.ints)
            if bad:
                problems.error(c.name, "", 0, f"unsupported {bad} of field {f.name}")
            elif f.inlined and f.constant is not None and f.constant.number is not None:
                f.value = f.constant.number
        clinit = _clinit(c.file)
        if clinit is not None:
            own = {(f.name, f.descriptor): f for f in c.fields if f.is_static}
            _Initialiser(c, clinit, problems, own, package.ints).run()
        for f in c.fields:
            if f.array is not None and not applets:
                message = f"static array {f.name} is initialised, which a package without applets cannot do (6.11)"
                problems.error(c.name, "", 0, message)


def _clinit(file: ClassFile) -> Code | None:
    return next((m.code for m in file.methods if m.name == "<clinit>"), None)
