"""Static fields: initial values taken from `<clinit>`, and their places in the image (JCVM 3.0.4, 2.2.3 and 6.11).

The card runs no class initialiser. What one computes must be constants and arrays of constants, which are found by
running it here; anything else in it is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cardlab.cap.convert.classes import JClass, JField
from cardlab.cap.convert.package import Package
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.types import unsupported
from cardlab.cap.octets import u1, u2
from cardlab.classfile.bytecode import Jvm, decode
from cardlab.classfile.classfile import Access, ClassFile, Code, Tag

_ARRAY_TYPES = {"[Z": (2, 1), "[B": (3, 1), "[S": (4, 2)}
"""Type byte and element size of an initialised array (table 6-16)."""
_NEWARRAY = {4: "[Z", 8: "[B", 9: "[S"}
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
    stack: list[_Value] = field(default_factory=list)
    done: bool = False

    def run(self) -> None:
        for i in decode(self.code.code):
            if self.done:
                return
            step: Callable[[Jvm], None] | None = getattr(self, "do_" + i.name, None)
            try:
                if step is None:
                    raise _UnsupportedError(
                        f"unsupported bytecode {i.name} in a static initialiser; initialise in install()"
                    )
                step(i)
            except _UnsupportedError as e:
                self.problems.error(self.owner.name, "<clinit>", self.code.line(i.pc), str(e))
                return

    def number(self) -> int:
        value = self.pop()
        if not isinstance(value, int):
            raise _UnsupportedError("a static initialiser mixes numbers and arrays")
        return value

    def pop(self) -> _Value:
        if not self.stack:
            raise _UnsupportedError("malformed static initialiser")
        return self.stack.pop()

    def do_nop(self, i: Jvm) -> None:
        """Nothing."""

    def do_aconst_null(self, i: Jvm) -> None:
        self.stack.append(None)

    def do_const(self, i: Jvm) -> None:
        self.stack.append(i.operand)

    def do_ldc(self, i: Jvm) -> None:
        constant = self.owner.file.pool.get(i.operand)
        if constant.number is None:
            raise _UnsupportedError(
                f"unsupported {constant.tag.name.capitalize()} type constant in a static initialiser"
            )
        self.stack.append(constant.number)

    def do_i2b(self, i: Jvm) -> None:
        self.stack.append((self.number() + 0x80 & 0xFF) - 0x80)

    def do_i2s(self, i: Jvm) -> None:
        self.stack.append((self.number() + 0x8000 & 0xFFFF) - 0x8000)

    def do_dup(self, i: Jvm) -> None:
        value = self.pop()
        self.stack += [value, value]

    def do_newarray(self, i: Jvm) -> None:
        size = self.number()
        if i.operand not in _NEWARRAY:
            raise _UnsupportedError("unsupported array type in a static initialiser")
        if not 0 <= size <= _LONGEST:
            raise _UnsupportedError(f"array of {size} elements in a static initialiser")
        self.stack.append(_Array(_NEWARRAY[i.operand], [0] * size))

    def _store(self, i: Jvm) -> None:
        value, index, array = self.number(), self.number(), self.pop()
        if not isinstance(array, _Array) or not 0 <= index < len(array.values):
            raise _UnsupportedError("malformed array in a static initialiser")
        array.values[index] = value

    do_bastore = do_sastore = _store

    def do_putstatic(self, i: Jvm) -> None:
        ref = self.owner.file.pool.member(i.operand, Tag.FIELD)
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

    def do_return(self, i: Jvm) -> None:
        self.done = True


class _UnsupportedError(Exception):
    """Something that the card's static image cannot say."""


def _narrow(f: JField, value: int) -> int:
    if f.is_reference:
        return 0
    limits = {"B": 0x80, "Z": 0x80}.get(f.descriptor, 0x8000)
    if not -limits <= value < limits:
        raise _UnsupportedError(f"value {value} of static field {f.name} is too big")
    return value


def initialise(package: Package, applets: bool, problems: Problems) -> None:
    """Find the initial value of every static field; a library (no `applets`) cannot have initialised arrays."""
    for c in package.classes:
        for f in c.fields:
            bad = unsupported(f.descriptor)
            if bad:
                problems.error(c.name, "", 0, f"unsupported {bad} of field {f.name}")
            elif f.inlined and f.constant is not None and f.constant.number is not None:
                f.value = f.constant.number
        clinit = _clinit(c.file)
        if clinit is not None:
            own = {(f.name, f.descriptor): f for f in c.fields if f.is_static}
            _Initialiser(c, clinit, problems, own).run()
        for f in c.fields:
            if f.array is not None and not applets:
                message = f"static array {f.name} is initialised, which a package without applets cannot do (6.11)"
                problems.error(c.name, "", 0, message)


def _clinit(file: ClassFile) -> Code | None:
    return next((m.code for m in file.methods if m.name == "<clinit>"), None)


@dataclass(frozen=True)
class Image:
    """The static field image: the component's bytes and what the directory repeats of it."""

    info: bytes
    size: int
    array_count: int
    array_bytes: int


def _width(f: JField) -> int:
    return 1 if f.descriptor in ("B", "Z") else 2


def constant_array(f: JField) -> bool:
    """Whether a static is an array with a value, or a final one that is null: the kits keep the two together."""
    return f.array is not None or bool(f.access & Access.FINAL and f.descriptor.startswith("["))


def lay_out(package: Package) -> Image:
    """Give each static field its offset: initialised arrays, other references, zeros, other numbers (table 6-14)."""
    fields = [f for c in package.classes for f in c.fields if f.is_static and not f.inlined]
    arrays = [f for f in fields if f.array is not None]
    nulls = [f for f in fields if f.is_reference and f.array is None]
    nulls.sort(key=lambda f: not constant_array(f))
    zeros = [f for f in fields if not f.is_reference and f.value == 0]
    numbers = [f for f in fields if not f.is_reference and f.value != 0]
    offset = 0
    for f in (*arrays, *nulls, *zeros, *numbers):
        f.offset = offset
        offset += _width(f)
    values = b"".join((f.value & 0xFFFF).to_bytes(2, "big")[-_width(f) :] for f in numbers)
    rows, total = b"", 0
    for f in arrays:
        kind, width = _ARRAY_TYPES[f.descriptor]
        raw = b"".join((v & 0xFFFF).to_bytes(2, "big")[-width:] for v in f.array or ())
        rows += u1(kind) + u2(len(raw)) + raw
        total += len(raw)
    info = u2(offset) + u2(len(arrays) + len(nulls)) + u2(len(arrays)) + rows
    info += u2(sum(_width(f) for f in zeros)) + u2(len(values)) + values
    return Image(info, offset, len(arrays), total)
