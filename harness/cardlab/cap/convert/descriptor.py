"""The Descriptor component (JCVM 3.0.4, section 6.14) and the type descriptors it holds (6.9.1)."""

from __future__ import annotations

from cardlab.cap.constants import NO_TYPE, PRIMITIVE, ClassAccess, MethodAccess, PoolTag, TypeCode
from cardlab.cap.convert.classes import JClass, JField, JMethod
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.pool import ConstantPool, ImportedPackages
from cardlab.cap.convert.statics import constant_array
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.octets import u1, u2

_CODES = {
    "V": TypeCode.VOID,
    "Z": TypeCode.BOOLEAN,
    "B": TypeCode.BYTE,
    "S": TypeCode.SHORT,
    "I": TypeCode.INT,
    "[Z": TypeCode.BOOLEAN_ARRAY,
    "[B": TypeCode.BYTE_ARRAY,
    "[S": TypeCode.SHORT_ARRAY,
    "[I": TypeCode.INT_ARRAY,
}
_FIELD_FLAGS = AccessFlag.PUBLIC | AccessFlag.PRIVATE | AccessFlag.PROTECTED | AccessFlag.STATIC | AccessFlag.FINAL


class Types:
    """The type descriptor table; types are numbered by their offset, and equal ones are kept once."""

    def __init__(self, package: JPackage, imports: ImportedPackages, pool_count: int) -> None:
        self._package = package
        self._imports = imports
        self._offset = 2 + 2 * pool_count
        self._known: dict[bytes, int] = {}
        self.table = b""

    def offset(self, descriptor: str) -> int:
        """The offset of the type descriptor of a field or method descriptor."""
        raw = self._encode(descriptor)
        if raw not in self._known:
            self._known[raw] = self._offset
            self._offset += len(raw)
            self.table += raw
        return self._known[raw]

    def _encode(self, descriptor: str) -> bytes:
        if descriptor.startswith("("):
            parameters, result = split_descriptor(descriptor)
            nibbles = [n for t in (*parameters, result) for n in self._nibbles(t)]
        else:
            nibbles = self._nibbles(descriptor)
        text = "".join(f"{n:x}" for n in nibbles)
        return u1(len(text)) + bytes.fromhex(text + "0" * (len(text) % 2))

    def _nibbles(self, t: str) -> list[int]:
        if t in _CODES:
            return [_CODES[t]]
        array = t.startswith("[")
        ref = self._imports.class_ref(self._package.need(t[2:-1] if array else t[1:-1]))
        return [TypeCode.REFERENCE_ARRAY if array else TypeCode.REFERENCE, *(int(d, 16) for d in ref.hex())]


def _class_flags(c: JClass) -> ClassAccess:
    flags = ClassAccess(c.access & (AccessFlag.PUBLIC | AccessFlag.FINAL))
    if c.access & AccessFlag.INTERFACE:
        flags |= ClassAccess.INTERFACE
    return flags | ClassAccess.ABSTRACT if c.access & AccessFlag.ABSTRACT else flags


def _method_flags(m: JMethod) -> MethodAccess:
    flags = MethodAccess(m.access & _FIELD_FLAGS)
    if m.access & AccessFlag.ABSTRACT:
        flags |= MethodAccess.ABSTRACT
    return flags | MethodAccess.INIT if m.name == "<init>" else flags


def _field(f: JField, types: Types) -> bytes:
    kind = types.offset(f.descriptor) if f.is_reference else PRIMITIVE | _CODES[f.descriptor]
    ref = u1(0) + u2(f.offset) if f.is_static else u2(f.owner.offset) + u1(f.token)
    return u1(f.token) + u1(int(f.access & _FIELD_FLAGS)) + ref + u2(kind)


def _method(m: JMethod, types: Types) -> bytes:
    out = u1(m.token) + u1(_method_flags(m)) + u2(m.offset) + u2(types.offset(m.descriptor)) + u2(m.size)
    return out + u2(m.handlers) + u2(m.first_handler)


def _placed(c: JClass) -> list[JField]:
    """Static fields by kind, then instance fields by token; constants have no place."""
    static = [f for f in c.fields if f.is_static and not f.inlined]
    # Arrays keep the order of their declaration; the rest follows the image.
    static.sort(key=lambda f: (0, 0) if constant_array(f) else (1, f.offset))
    return static + [f for f in c.fields if not f.is_static]


def _class(c: JClass, types: Types, imports: ImportedPackages) -> bytes:
    fields = _placed(c)
    interfaces = [] if c.is_interface else c.interfaces
    head = u1(c.token) + u1(_class_flags(c)) + u2(c.offset) + u1(len(interfaces)) + u2(len(fields))
    head += u2(len(c.methods)) + b"".join(imports.class_ref(i) for i in interfaces)
    # A class numbers the types of its methods before those of its fields.
    methods = b"".join(_method(m, types) for m in c.methods)
    return head + b"".join(_field(f, types) for f in fields) + methods


def descriptor_info(package: JPackage, pool: ConstantPool, imports: ImportedPackages) -> bytes:
    """The component's info."""
    types = Types(package, imports, len(pool.entries))
    pool_types = b""
    for e in pool.entries:
        if e.tag is PoolTag.CLASS:
            pool_types += u2(NO_TYPE)
        else:
            pool_types += u2(types.offset(e.descriptor))
    classes = b"".join(_class(c, types, imports) for c in package.classes)
    return u1(len(package.classes)) + classes + u2(len(pool.entries)) + pool_types + types.table
