"""Java bytecode to card instructions: types inferred on the stack, 32-bit arithmetic made 16-bit (JCVM 2.2.3, ch. 7).

Every value that Java computes as int is a byte or a short here, and may carry an overflow: a result that a 16-bit
machine would compute differently if something looked at more than the low 16 bits. Instructions that would look are
errors; those that do not (a cast, addition, a mask) are fine. The rules accept and refuse what the vendor's converter
does; where that one is blind, there is a warning or an instruction more (docs/cap.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.capfile.bytecode import Jvm, decode
from harness.capfile.classfile import Access, Code, Pool, Tag, split_descriptor
from harness.capfile.convert.code import Body, CardHandler, Insn, Label
from harness.capfile.convert.effects import MESSAGES, stack_effect
from harness.capfile.convert.members import Members, NotFoundError
from harness.capfile.convert.order import visit_order
from harness.capfile.convert.package import JMethod
from harness.capfile.convert.pool import ConstantPool, PoolEntry
from harness.capfile.convert.problems import Problems
from harness.capfile.convert.types import unsupported
from harness.capfile.errors import ClassFileError
from harness.capfile.octets import u1, u2

NARROW = "unsupported int type of intermediate value, must cast intermediate value to type short or byte"
NARROW_INDEX = "unsupported int type of array index or size, must cast it to type short or byte"
BLIND = "a sum or product that may overflow is combined with |, & or ^ and then looked at; cast it to short first"
INT_LOCAL = "unsupported int type of local variable (a for loop over an array needs one, too)"


@dataclass(frozen=True)
class Value:
    """A word on the stack or in a local.

    `kind` is B (byte, boolean), S (short), A (reference), R (return address) or U (anything: after an error).
    `overflow` as above; `hidden` is an overflow that the vendor's converter does not see.
    """

    kind: str
    overflow: bool = False
    hidden: bool = False
    constant: int | None = None

    def join(self, other: Value) -> Value:
        """What is known when control comes from two places."""
        if self == other:
            return self
        if self.kind == other.kind or {self.kind, other.kind} <= {"B", "S"}:
            kind = self.kind if self.kind == other.kind else "S"
            return Value(kind, self.overflow or other.overflow, self.hidden or other.hidden)
        return UNKNOWN


BYTE, SHORT, REFERENCE, ADDRESS, UNKNOWN = (Value(k) for k in "BSARU")


@dataclass(frozen=True)
class State:
    """Stack (top last) and locals before an instruction."""

    stack: tuple[Value, ...]
    locals: tuple[Value, ...]

    def join(self, other: State) -> State:
        """Element by element; stacks of different heights keep the common part."""
        depth = min(len(self.stack), len(other.stack))
        stack = tuple(a.join(b) for a, b in zip(self.stack[:depth], other.stack[:depth], strict=True))
        return State(stack, tuple(a.join(b) for a, b in zip(self.locals, other.locals, strict=True)))


def value_of(descriptor: str) -> Value:
    """What a field, parameter or result of that descriptor is on the stack."""
    return {"B": BYTE, "Z": BYTE, "S": SHORT, "L": REFERENCE, "[": REFERENCE}.get(descriptor[0], UNKNOWN)


def letter(descriptor: str) -> str:
    """The type letter of getfield_T and its like."""
    return {"B": "b", "Z": "b", "S": "s"}.get(descriptor[0], "a")


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
_ATYPES = {4: 10, 8: 11, 9: 12}
_ATYPE_NAMES = {4: "boolean", 5: "char", 6: "float", 7: "double", 8: "byte", 9: "short", 10: "int", 11: "long"}
_ARRAY_OPERANDS = {"[Z": 10, "[B": 11, "[S": 12}
_ENDS = {"goto", "ireturn", "areturn", "return", "athrow", "ret", "tableswitch", "lookupswitch", "jsr"}


class _Machine:
    """One method: first run until the states settle, then once more to emit instructions and report problems."""

    def __init__(self, method: JMethod, code: Code, members: Members, pool: ConstantPool, problems: Problems) -> None:
        self.method = method
        self.code = code
        self.members = members
        self.pool = pool
        self.problems = problems
        self.jpool: Pool = method.owner.file.pool
        self.out: list[Insn] | None = None
        self.labels: dict[int, Label] = {}
        self.now = Jvm(0, 0, "nop")
        self.stack: list[Value] = []
        self.locals: list[Value] = []

    # Reporting and emitting

    def error(self, message: str) -> None:
        if self.out is not None:
            self.problems.error(self.method.owner.name, self.method.name, self.code.line(self.now.pc), message)

    def warn(self, message: str) -> None:
        if self.out is not None:
            self.problems.warn(self.method.owner.name, self.method.name, self.code.line(self.now.pc), message)

    def emit(self, name: str, data: bytes = b"", entry: PoolEntry | None = None, **more: object) -> None:
        if self.out is None:
            return
        insn = Insn(name, self.code.line(self.now.pc), data, entry)
        for key, value in more.items():
            setattr(insn, key, value)
        insn.pc = self.now.pc
        self.out.append(insn)

    def label(self, pc: int) -> Label:
        return self.labels.setdefault(pc, Label())

    # The stack

    def push(self, value: Value) -> None:
        self.stack.append(value)

    def pop(self) -> Value:
        return self.stack.pop() if self.stack else UNKNOWN

    def look(self, value: Value, message: str = NARROW) -> None:
        """The instruction depends on more than the low 16 bits of `value`."""
        if value.overflow:
            self.error(message)
        elif value.hidden:
            self.warn(BLIND)

    def local_type(self, index: int, pc: int) -> Value | None:
        """The declared type of a local at `pc`, reporting types that the card has not."""
        for v in self.code.variables:
            if v.index == index and v.start <= pc < v.start + v.length:
                if v.descriptor == "I":
                    self.error(f"unsupported int type of local variable {v.name}")
                    return UNKNOWN
                if v.descriptor in "CJFD":
                    self.error(f"unsupported {unsupported(v.descriptor)} of local variable {v.name}")
                    return UNKNOWN
                return value_of(v.descriptor)
        return None

    def get_local(self, index: int) -> Value:
        return self.locals[index] if index < len(self.locals) else UNKNOWN

    def set_local(self, index: int, value: Value) -> None:
        if index >= len(self.locals):
            raise ClassFileError(f"local {index} is outside the frame")
        self.locals[index] = value

    # Instructions

    def step(self, i: Jvm) -> None:
        """Execute `i` on the current state."""
        self.now = i
        name = i.name
        if name in _BINARY:
            self.binary(name)
        elif name in _SHUFFLES:
            self.shuffle(name)
        elif name.startswith("if"):
            self.branch(name)
        else:
            handler: Callable[[Jvm], None] | None = getattr(self, "do_" + name, None)
            if handler is not None:
                handler(i)
            else:
                self.not_supported(i)

    def not_supported(self, i: Jvm) -> None:
        self.error(MESSAGES.get(i.name, f"unsupported bytecode {i.name}"))
        taken, put = stack_effect(i)
        for _ in range(taken):
            self.pop()
        for _ in range(put):
            self.push(UNKNOWN)

    def do_nop(self, i: Jvm) -> None:
        self.emit("nop")

    def do_aconst_null(self, i: Jvm) -> None:
        self.push(REFERENCE)
        self.emit("aconst_null", constant=0)

    def do_const(self, i: Jvm) -> None:
        value = i.operand
        self.push(Value("B" if -128 <= value <= 127 else "S", constant=value))
        if -1 <= value <= 5:
            self.emit("sconst_m1" if value < 0 else f"sconst_{value}", constant=value)
        elif -128 <= value <= 127:
            self.emit("bspush", u1(value & 0xFF), constant=value)
        else:
            self.emit("sspush", u2(value & 0xFFFF), constant=value)

    def do_ldc(self, i: Jvm) -> None:
        constant = self.jpool.get(i.operand)
        if constant.number is not None and -32768 <= constant.number <= 32767:
            self.do_const(replace(i, operand=constant.number))
            return
        kind = {Tag.INTEGER: "int", Tag.STRING: "String", Tag.CLASS: "Class", Tag.FLOAT: "float"}
        value = "" if constant.number is None else f" {constant.number}"
        self.error(f"unsupported {kind.get(constant.tag, constant.tag.name)} type constant{value}")
        self.push(UNKNOWN)

    def load(self, i: Jvm, value: Value, prefix: str) -> None:
        self.push(value)
        if i.operand <= 3:
            self.emit(f"{prefix}load_{i.operand}", local=i.operand)
        else:
            self.emit(f"{prefix}load", u1(min(i.operand, 255)), local=i.operand)

    def do_iload(self, i: Jvm) -> None:
        flow = self.get_local(i.operand)
        if flow.kind == "A":
            raise ClassFileError(f"iload of a reference at {i.pc}")
        self.load(i, self.local_type(i.operand, i.pc) or flow, "s")

    def do_aload(self, i: Jvm) -> None:
        self.load(i, self.get_local(i.operand), "a")

    def store(self, i: Jvm, value: Value, prefix: str) -> None:
        self.set_local(i.operand, value)
        if i.operand <= 3:
            self.emit(f"{prefix}store_{i.operand}", local=i.operand)
        else:
            self.emit(f"{prefix}store", u1(min(i.operand, 255)), local=i.operand)

    def do_istore(self, i: Jvm) -> None:
        value = self.pop()
        self.store(i, self.local_type(i.operand, i.end) or value, "s")

    def do_astore(self, i: Jvm) -> None:
        self.store(i, self.pop(), "a")

    def array_load(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        self.pop()
        self.push(_LOADS[i.name])
        self.emit(i.name)

    do_baload = do_saload = do_aaload = array_load

    def array_store(self, i: Jvm) -> None:
        value = self.pop()
        if value.kind != "A":
            self.look(value)
        self.look(self.pop(), NARROW_INDEX)
        self.pop()
        self.emit(i.name)

    do_bastore = do_sastore = do_aastore = array_store

    def shuffle(self, name: str) -> None:
        taken, put, card, data = _SHUFFLES[name]
        words = [self.pop() for _ in range(taken)]
        for index in put:
            self.push(words[index])
        self.emit(card, data)

    def binary(self, name: str) -> None:
        right, left = self.pop(), self.pop()
        self.push(self.arithmetic(name, left, right))
        self.emit(_BINARY[name])

    def arithmetic(self, name: str, left: Value, right: Value) -> Value:
        bytes_only = left.kind == right.kind == "B"
        if UNKNOWN in (left, right):
            return UNKNOWN
        if name in ("iadd", "isub", "imul"):
            overflow = not bytes_only or left.overflow or right.overflow
            return Value("S", overflow, left.hidden or right.hidden)
        if name in ("idiv", "irem"):
            self.look(left)
            self.look(right)
            if name == "idiv":
                return Value("S", left.kind != "B")  # -32768 / -1
            return Value("B" if "B" in (left.kind, right.kind) else "S")
        if name == "ishl":
            return Value("S", True)
        if name == "ishr":
            self.look(left)
            return Value(left.kind, right.overflow, right.hidden)
        if name == "iushr":
            self.look(left)
            return Value("S", True)
        return self.bitwise(name, left, right, bytes_only)

    def bitwise(self, name: str, left: Value, right: Value, bytes_only: bool) -> Value:
        """The kits look at the right operand only; a mask that is not negative does clear what overflowed."""
        hidden = left.hidden or right.hidden or left.overflow
        if name == "iand" and any(v.constant is not None and v.constant >= 0 for v in (left, right)):
            hidden = False
        return Value("B" if bytes_only else "S", right.overflow, hidden and not right.overflow)

    def do_ineg(self, i: Jvm) -> None:
        value = self.pop()
        self.look(value)
        self.push(UNKNOWN if value == UNKNOWN else Value("S", value.kind != "B"))
        self.emit("sneg")

    def do_i2s(self, i: Jvm) -> None:
        value = self.pop()
        self.push(value if value.kind == "B" and not value.overflow and not value.hidden else SHORT)
        self.emit("", cast=True)

    def do_i2b(self, i: Jvm) -> None:
        if self.pop().kind != "B":
            self.emit("s2b")
        self.push(BYTE)

    def do_iinc(self, i: Jvm) -> None:
        declared = self.local_type(i.operand, i.end)
        if declared is None:
            self.error(INT_LOCAL)
        elif declared != UNKNOWN:
            if -128 <= i.extra <= 127:
                self.emit("sinc", u1(i.operand & 0xFF) + u1(i.extra & 0xFF))
            else:
                self.emit("sinc_w", u1(i.operand & 0xFF) + u2(i.extra & 0xFFFF))

    # Control

    def branch(self, name: str) -> None:
        for _ in range(2 if "cmp" in name else 1):
            value = self.pop()
            if value.kind in "BS":
                self.look(value)
        self.emit(name.replace("if_icmp", "if_scmp"), targets=(self.label(self.now.targets[0]),))

    def do_goto(self, i: Jvm) -> None:
        self.emit("goto", targets=(self.label(i.targets[0]),))

    def do_jsr(self, i: Jvm) -> None:
        self.push(ADDRESS)
        self.emit("jsr", targets=(self.label(i.targets[0]),))

    def do_ret(self, i: Jvm) -> None:
        self.emit("ret", u1(min(i.operand, 255)))

    def do_tableswitch(self, i: Jvm) -> None:
        self.look(self.pop())
        if any(not -32768 <= k <= 32767 for k in i.keys):
            self.error("unsupported int type constant in a switch")
        name = "stableswitch" if i.name == "tableswitch" else "slookupswitch"
        self.emit(name, targets=tuple(self.label(t) for t in i.targets), keys=i.keys)

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

    # Objects

    def entry(self, make: Callable[[], PoolEntry]) -> PoolEntry | None:
        try:
            return make()
        except NotFoundError as e:
            self.error(str(e))
            return None

    def field_type(self, name: str, descriptor: str) -> None:
        bad = unsupported(descriptor)
        if bad:
            self.error(f"unsupported {bad} of field {name}")

    def access_field(self, i: Jvm, static: bool, put: bool) -> None:
        ref = self.jpool.member(i.operand, Tag.FIELD)
        self.field_type(ref.name, ref.descriptor)
        wide = ref.descriptor in ("J", "D")
        if put:
            value = self.pop()
            if wide:
                self.pop()
            if value.kind in "BS":
                self.look(value)
        if not static:
            self.pop()
        if not put:
            self.push(value_of(ref.descriptor))
            if wide:
                self.push(UNKNOWN)
        entry = self.entry(lambda: self.members.field(self.method.owner, ref, static))
        operation = ("put" if put else "get") + ("static" if static else "field")
        self.emit(f"{operation}_{letter(ref.descriptor)}", entry=entry)

    def do_getstatic(self, i: Jvm) -> None:
        self.access_field(i, True, False)

    def do_putstatic(self, i: Jvm) -> None:
        self.access_field(i, True, True)

    def do_getfield(self, i: Jvm) -> None:
        self.access_field(i, False, False)

    def do_putfield(self, i: Jvm) -> None:
        self.access_field(i, False, True)

    def invoke(self, i: Jvm) -> None:
        ref = self.jpool.member(i.operand, Tag.METHOD, Tag.INTERFACE_METHOD)
        parameters, result = split_descriptor(ref.descriptor)
        for p in parameters:
            if unsupported(p):
                self.error(f"unsupported {unsupported(p)} of parameter of invoked method {ref.name}")
        if result != "V" and unsupported(result):
            self.error(f"unsupported {unsupported(result)} of result of invoked method {ref.name}")
        for p in reversed(parameters):
            value = self.pop()
            if p in ("J", "D"):
                self.pop()
            if value.kind in "BS":
                self.look(value)
        if i.name != "invokestatic":
            self.pop()
        if result != "V":
            self.push(value_of(result))
            if result in ("J", "D"):
                self.push(UNKNOWN)
        if i.name == "invokeinterface":
            self.call_interface(i)
            return
        kinds = {"invokevirtual": self.members.virtual, "invokestatic": self.members.static}
        if i.name == "invokespecial":
            entry = self.entry(lambda: self.members.special(self.method.owner, ref))
        else:
            entry = self.entry(lambda: kinds[i.name](ref))
        self.emit(i.name, entry=entry)

    do_invokevirtual = do_invokespecial = do_invokestatic = do_invokeinterface = invoke

    def call_interface(self, i: Jvm) -> None:
        ref = self.jpool.member(i.operand, Tag.METHOD, Tag.INTERFACE_METHOD)
        token = 0

        def find() -> PoolEntry:
            nonlocal token
            entry, token = self.members.interface(ref)
            return entry

        entry = self.entry(find)
        words = len(split_descriptor(ref.descriptor)[0]) + 1
        self.emit("invokeinterface", u1(words & 0xFF) + u1(token), entry)

    def do_new(self, i: Jvm) -> None:
        name = self.jpool.class_name(i.operand)
        self.push(REFERENCE)
        self.emit("new", entry=self.entry(lambda: self.members.class_entry(name)))

    def do_newarray(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        if i.operand not in _ATYPES:
            kind = _ATYPE_NAMES.get(i.operand, "?")
            self.error(f"unsupported array type {kind}[]")
        self.push(REFERENCE)
        self.emit("newarray", u1(_ATYPES.get(i.operand, 0)))

    def do_anewarray(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        self.push(REFERENCE)
        name = self.jpool.class_name(i.operand)
        if name.startswith("["):
            self.error("unsupported multidimensional array")
            return
        self.emit("anewarray", entry=self.entry(lambda: self.members.class_entry(name)))

    def do_arraylength(self, i: Jvm) -> None:
        self.pop()
        self.push(SHORT)
        self.emit("arraylength")

    def cast_operand(self, i: Jvm) -> tuple[int, str] | None:
        """The array type byte and the class name (empty for arrays of primitives) of checkcast and instanceof."""
        name = self.jpool.class_name(i.operand)
        if name in _ARRAY_OPERANDS:
            return _ARRAY_OPERANDS[name], ""
        if not name.startswith("["):
            return 0, name
        bad = unsupported(name)
        if bad:
            self.error(f"unsupported {bad} in {i.name}")
            return None
        return 14, name[2:-1]

    def type_test(self, i: Jvm) -> None:
        self.pop()
        self.push(REFERENCE if i.name == "checkcast" else BYTE)
        operand = self.cast_operand(i)
        if operand is None:
            return
        atype, name = operand
        if name:
            self.emit(i.name, u1(atype), self.entry(lambda: self.members.class_entry(name)))
        else:
            self.emit(i.name, u1(atype) + u2(0))

    do_checkcast = do_instanceof = type_test

    # The whole method

    def entry_state(self) -> State:
        values = [] if self.method.access & Access.STATIC else [REFERENCE]
        for p in split_descriptor(self.method.descriptor)[0]:
            values += [value_of(p)] * (2 if p in ("J", "D") else 1)
        if len(values) > self.code.max_locals:
            raise ClassFileError(f"method {self.method.name}: the arguments do not fit the frame")
        return State((), tuple(values) + (UNKNOWN,) * (self.code.max_locals - len(values)))

    def settle(self, instructions: tuple[Jvm, ...]) -> dict[int, State]:
        """The state before each reachable instruction, by fixed point over the control flow."""
        at = {i.pc: n for n, i in enumerate(instructions)}
        states: dict[int, State] = {0: self.entry_state()}
        work = [0]
        while work:
            pc = work.pop()
            state = states[pc]
            i = instructions[at[pc]]
            self.stack, self.locals = list(state.stack), list(state.locals)
            for handler in self.code.handlers:
                if handler.start <= pc < handler.end:
                    self.flow(states, work, handler.target, State((REFERENCE,), state.locals))
            self.step(i)
            after = State(tuple(self.stack), tuple(self.locals))
            for target in i.targets:
                self.flow(states, work, target, after)
            if i.name == "jsr":
                self.flow(states, work, i.end, State(after.stack[:-1], after.locals))
            elif i.name not in _ENDS:
                if i.end not in at:
                    raise ClassFileError(f"method {self.method.name}: execution runs off the end of the code")
                self.flow(states, work, i.end, after)
            for handler in self.code.handlers:
                if handler.start <= pc < handler.end:
                    self.flow(states, work, handler.target, State((REFERENCE,), after.locals))
        return states

    def flow(self, states: dict[int, State], work: list[int], pc: int, state: State) -> None:
        old = states.get(pc)
        new = state if old is None else old.join(state)
        if new != old:
            states[pc] = new
            work.append(pc)

    def run(self) -> Body:
        instructions = decode(self.code.code)
        ends = {i.pc for i in instructions} | {len(self.code.code)}
        for h in self.code.handlers:
            if not {h.start, h.end, h.target} <= ends:
                raise ClassFileError(f"method {self.method.name}: an exception handler starts inside an instruction")
        states = self.settle(instructions)
        catch_types = [self.catch_type(h.catch_type) for h in self.code.handlers]
        self.out = []
        leaders = {t for i in instructions for t in i.targets} | {h.target for h in self.code.handlers}
        dead = State((), (UNKNOWN,) * self.code.max_locals)
        for i in instructions:
            first = len(self.out)
            state = states.get(i.pc, dead)
            self.stack, self.locals = list(state.stack), list(state.locals)
            self.step(i)
            if len(self.out) == first:
                self.emit("")  # an i2b that is not needed still carries the labels of its place
            self.out[first].labels.append(self.label(i.pc))
            self.out[first].leader = i.pc in leaders
        entries = {insn.pc: insn.entry for insn in self.out if insn.entry is not None}
        for pc in visit_order(instructions, self.code.handlers):
            if pc in entries:
                self.pool.add(entries[pc])
        self.out.append(Insn("", 0, labels=[self.label(len(self.code.code))]))
        handlers = tuple(
            CardHandler(self.label(h.start), self.label(h.end), self.label(h.target), t)
            for h, t in zip(self.code.handlers, catch_types, strict=True)
        )
        words = self.method.argument_words
        return Body(tuple(self.out), handlers, self.code.max_stack, words, max(self.code.max_locals - words, 0))

    def catch_type(self, name: str | None) -> PoolEntry | None:
        if name is None:
            return None
        self.out = []  # so that problems are reported
        entry = self.entry(lambda: self.members.class_entry(name))
        self.out = None
        return self.pool.add(entry) if entry is not None else None


def lower(method: JMethod, code: Code, members: Members, pool: ConstantPool, problems: Problems) -> Body:
    """Convert one method's code; constant pool entries are added to `pool` in the order of their use."""
    return _Machine(method, code, members, pool, problems).run()
