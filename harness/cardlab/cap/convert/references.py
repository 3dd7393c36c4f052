"""Java bytecode to card instructions, continued: fields, calls and objects (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.cap.convert.machine import NARROW_INDEX, Machine
from cardlab.cap.convert.members import NotFoundError
from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.convert.types import unsupported
from cardlab.cap.convert.values import BYTE, REFERENCE, SHORT, UNKNOWN, Value, value_of
from cardlab.cap.octets import u1, u2
from cardlab.classfile.bytecode import Jvm
from cardlab.classfile.classfile import MemberRef, Tag, split_descriptor

_ATYPES = {4: 10, 8: 11, 9: 12}
"""The atype of newarray in Java and on the card, for boolean, byte and short."""
_ATYPE_NAMES = {5: "char", 6: "float", 7: "double", 10: "int", 11: "long"}
_ARRAY_OPERANDS = {"[Z": 10, "[B": 11, "[S": 12}
_LETTERS = {"B": "b", "Z": "b", "S": "s"}
"""The type letter of getfield_T and its like; a for references."""
_TWO_WORDS = ("J", "D")
"""Types of two words on Java's stack. The card has none; the analysis goes on behind the error."""


class FullMachine(Machine):
    """Every bytecode of the subset."""

    def entry(self, find: Callable[[], PoolEntry]) -> PoolEntry | None:
        """A constant pool entry, or an error and None."""
        try:
            return find()
        except NotFoundError as e:
            self.error(str(e))
            return None

    def class_entry(self, name: str) -> PoolEntry | None:
        """The entry of a class."""
        return self.entry(lambda: self.members.class_entry(name))

    def require_type(self, descriptor: str, of: str) -> None:
        """Report a type that the card has not."""
        bad = unsupported(descriptor)
        if bad:
            self.error(f"unsupported {bad} of {of}")

    def push_typed(self, descriptor: str) -> None:
        """Put a value of that type on the stack."""
        self.push(value_of(descriptor))
        if descriptor in _TWO_WORDS:
            self.push(UNKNOWN)

    def pop_typed(self, descriptor: str) -> None:
        """Take a value of that type, which is looked at."""
        value = self.pop()
        if descriptor in _TWO_WORDS:
            self.pop()
        self.look(value)

    # Fields

    def access_field(self, i: Jvm) -> None:
        """getfield, putfield, getstatic, putstatic."""
        ref = self.jpool.member(i.operand, Tag.FIELD)
        self.require_type(ref.descriptor, f"field {ref.name}")
        static, put = i.name.endswith("static"), i.name.startswith("put")
        if put:
            self.pop_typed(ref.descriptor)
        if not static:
            self.pop()
        if not put:
            self.push_typed(ref.descriptor)
        entry = self.entry(lambda: self.members.field(self.method.owner, ref, static))
        self.emit(f"{i.name}_{_LETTERS.get(ref.descriptor[0], 'a')}", entry=entry)

    do_getstatic = do_putstatic = do_getfield = do_putfield = access_field

    # Calls

    def invoke(self, i: Jvm) -> None:
        """The four invocations."""
        ref = self.jpool.member(i.operand, Tag.METHOD, Tag.INTERFACE_METHOD)
        parameters, result = split_descriptor(ref.descriptor)
        for p in parameters:
            self.require_type(p, f"parameter of invoked method {ref.name}")
        if result != "V":
            self.require_type(result, f"result of invoked method {ref.name}")
        for p in reversed(parameters):
            self.pop_typed(p)
        if i.name != "invokestatic":
            self.pop()
        if result != "V":
            self.push_typed(result)
        if i.name == "invokeinterface":
            self.call_interface(ref, len(parameters) + 1)
        else:
            self.emit(i.name, entry=self.entry(lambda: self.callee(i.name, ref)))

    do_invokevirtual = do_invokespecial = do_invokestatic = do_invokeinterface = invoke

    def callee(self, name: str, ref: MemberRef) -> PoolEntry:
        """The entry of a method that is not an interface's."""
        if name == "invokespecial":
            return self.members.special(self.method.owner, ref)
        return self.members.static(ref) if name == "invokestatic" else self.members.virtual(ref)

    def call_interface(self, ref: MemberRef, words: int) -> None:
        """invokeinterface says the words of the arguments and the method's token, beside the interface."""
        try:
            entry, token = self.members.interface(ref)
        except NotFoundError as e:
            self.error(str(e))
            return
        self.emit("invokeinterface", u1(words & 0xFF) + u1(token), entry)

    # Objects

    def do_new(self, i: Jvm) -> None:
        self.push(REFERENCE)
        self.emit("new", entry=self.class_entry(self.jpool.class_name(i.operand)))

    def do_newarray(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        if i.operand not in _ATYPES:
            self.error(f"unsupported array type {_ATYPE_NAMES.get(i.operand, '?')}[]")
        self.push(REFERENCE)
        self.emit("newarray", u1(_ATYPES.get(i.operand, 0)))

    def do_anewarray(self, i: Jvm) -> None:
        self.look(self.pop(), NARROW_INDEX)
        self.push(REFERENCE)
        name = self.jpool.class_name(i.operand)
        if name.startswith("["):
            self.error("unsupported multidimensional array")
            return
        self.emit("anewarray", entry=self.class_entry(name))

    def do_arraylength(self, i: Jvm) -> None:
        self.pop()
        self.push(Value("S", 0, SHORT.high))
        self.emit("arraylength")

    def type_test(self, i: Jvm) -> None:
        """checkcast and instanceof: a byte for the kind of array, 0 for a class, and the class if there is one."""
        self.pop()
        self.push(REFERENCE if i.name == "checkcast" else BYTE)
        name = self.jpool.class_name(i.operand)
        if name in _ARRAY_OPERANDS:
            self.emit(i.name, u1(_ARRAY_OPERANDS[name]) + u2(0))
        elif not name.startswith("["):
            self.emit(i.name, u1(0), self.class_entry(name))
        elif bad := unsupported(name):
            self.error(f"unsupported {bad} in {i.name}")
        else:
            self.emit(i.name, u1(14), self.class_entry(name[2:-1]))

    do_checkcast = do_instanceof = type_test
