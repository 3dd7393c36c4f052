"""Classes, members and types as a CAP file and the token tables of its imports know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cardlab.cap.errors import CapError
from cardlab.cap.exportfile import ExportedClass, ExportedMethod, ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.model import ClassDescriptor, ClassInfo, MethodDescriptor
from cardlab.cap.reader import CapFile
from cardlab.classfile.classfile import split_descriptor

OBJECT = "java/lang/Object"
THROWABLE = "java/lang/Throwable"

Type = str
"""Types are texts: s (boolean, byte, short), i (int), v (void), n (null), t (unusable); Lname for classes; [z [b [s [i
and [Lname for arrays. A class name is an imported class's full name, @offset of the package's own, or ?p.c when the
imported package has no token table."""

_NIBBLES: dict[int, Type] = {1: "v", 2: "s", 3: "s", 4: "s", 5: "i", 10: "[z", 11: "[b", 12: "[s", 13: "[i"}
_LETTERS: dict[str, Type] = {"V": "v", "Z": "s", "B": "s", "S": "s", "I": "i"}
_ARRAYS: dict[str, Type] = {"[Z": "[z", "[B": "[b", "[S": "[s", "[I": "[i"}
_WIDTHS = {2: "b", 3: "b", 4: "s", 5: "i"}


@dataclass(frozen=True)
class Signature:
    """Parameter types, without `this`, and the result type."""

    parameters: tuple[Type, ...]
    result: Type

    @property
    def words(self) -> int:
        """Words of the parameters."""
        return sum(2 if p == "i" else 1 for p in self.parameters)


def type_of(descriptor: str) -> Type:
    """The type of a field descriptor in a token table."""
    if descriptor in _LETTERS:
        return _LETTERS[descriptor]
    if descriptor in _ARRAYS:
        return _ARRAYS[descriptor]
    array = "[" if descriptor.startswith("[") else ""
    return f"{array}L{descriptor.lstrip('[')[1:-1]}"


class World:
    """Look-ups, all raising CapError for references that lead nowhere."""

    def __init__(self, cap: CapFile, exports: Exports) -> None:
        self.cap = cap
        self.exports = exports
        self.infos = {c.offset: c for c in cap.classes.items}
        if cap.descriptor is None:
            raise CapError("there is no Descriptor component; types cannot be verified without it")
        self.descriptor = cap.descriptor
        self.classes: dict[int, ClassDescriptor] = {c.ref: c for c in cap.descriptor.classes}
        self.methods: dict[int, tuple[ClassDescriptor, MethodDescriptor]] = {}
        for c in cap.descriptor.classes:
            if not c.flags & 0x40:
                self.methods |= {m.offset: (c, m) for m in c.methods}
        self._packages: list[ExportFile | None] = [exports.by_aid(p.aid) for p in cap.imports]

    # Classes

    def info(self, offset: int) -> ClassInfo:
        """The class at an offset of the Class component."""
        if offset not in self.infos:
            raise CapError(f"there is no class at {offset}")
        return self.infos[offset]

    def export(self, package: int) -> ExportFile | None:
        """The token table of an imported package, None without one."""
        if package >= len(self._packages):
            raise CapError(f"package token {package} is not imported")
        return self._packages[package]

    def exported(self, ref: int) -> ExportedClass | None:
        """The imported class of an external class_ref, None without a token table."""
        table = self.export(ref >> 8 & 0x7F)
        if table is None:
            return None
        found = table.by_token(ref & 0xFF)
        if found is None:
            raise CapError(f"{table.name.replace('/', '.')} exports no class of token {ref & 0xFF}")
        return found

    def class_name(self, ref: int) -> str:
        """The name of a class_ref, as used in types."""
        if not ref & 0x8000:
            self.info(ref)
            return f"@{ref}"
        found = self.exported(ref)
        return found.name if found else f"?{ref >> 8 & 0x7F}.{ref & 0xFF}"

    def is_interface(self, name: str) -> bool | None:
        """Whether a class name is an interface; None when unknown."""
        if name.startswith("@"):
            return self.info(int(name[1:])).is_interface
        found = self.exports.find(name)
        return found.is_interface if found else None

    def supers(self, name: str) -> list[str] | None:
        """The class and its superclasses, nearest first, ending in Object; None when they are not all known."""
        out = [name]
        while out[-1].startswith("@"):
            info = self.info(int(out[-1][1:]))
            if info.is_interface:
                return [*out, OBJECT]
            parent = self.class_name(info.supers[0])
            if parent in out:
                raise CapError(f"class at {name[1:]} is its own superclass")
            out.append(parent)
        if out[-1] == OBJECT:
            return out
        found = self.exports.find(out[-1])
        if found is None:
            return None
        ranked = [(len(c.supers) if (c := self.exports.find(s)) else 0, s) for s in found.supers if s != OBJECT]
        return out + [s for _, s in sorted(ranked, reverse=True)] + [OBJECT]

    def assignable(self, source: Type, target: Type) -> bool:
        """Whether a value of one type may be used as the other; interfaces count as Object (checked at run time)."""
        if source == target:
            return True
        if not source.startswith(("n", "L", "[")) or not target.startswith(("L", "[")):
            return False
        if source == "n" or target == f"L{OBJECT}":
            return True
        if target.startswith("L") and self.is_interface(target[1:]) is not False:
            return True
        if source.startswith("[L") and target.startswith("[L"):
            return self.assignable(source[1:], target[1:])
        if source.startswith("[") or target.startswith("["):
            return False
        chain = self.supers(source[1:])
        return chain is None or target[1:] in chain

    def join(self, a: Type, b: Type) -> Type:
        """The most special type that holds both; t when there is none."""
        if a == b:
            return a
        references = a.startswith(("n", "L", "[")) and b.startswith(("n", "L", "["))
        if not references:
            return "t"
        if a == "n" or b == "n":
            return b if a == "n" else a
        if a.startswith("[L") and b.startswith("[L"):
            inner = self.join(a[1:], b[1:])
            return "[" + inner
        if a.startswith("[") or b.startswith("["):
            return f"L{OBJECT}"
        first, second = self.supers(a[1:]), self.supers(b[1:])
        if first is None or second is None:
            return f"L{OBJECT}"
        return "L" + next((s for s in first if s in second), OBJECT)

    # Types

    def _nibble_types(self, offset: int) -> list[Type]:
        nibbles = self.descriptor.nibbles(offset)
        out: list[Type] = []
        at = 0
        while at < len(nibbles):
            n = nibbles[at]
            if n in (6, 14):
                if at + 5 > len(nibbles):
                    raise CapError(f"type descriptor at {offset} is cut off")
                ref = int("".join(f"{d:x}" for d in nibbles[at + 1 : at + 5]), 16)
                out.append(("[L" if n == 14 else "L") + self.class_name(ref))
                at += 5
            elif n in _NIBBLES:
                out.append(_NIBBLES[n])
                at += 1
            else:
                raise CapError(f"type descriptor at {offset} has the type code {n}")
        if not out:
            raise CapError(f"type descriptor at {offset} is empty")
        return out

    def field_type(self, offset: int) -> Type:
        """The type of a type descriptor that is a field's."""
        types = self._nibble_types(offset)
        if len(types) != 1 or types[0] == "v":
            raise CapError(f"type descriptor at {offset} is no field type")
        return types[0]

    def field_width(self, offset: int) -> str:
        """The letter of the field's instructions: a, b, s or i."""
        return _WIDTHS.get(self.descriptor.nibbles(offset)[0], "a")

    def signature(self, offset: int) -> Signature:
        """The signature of a type descriptor that is a method's."""
        *parameters, result = self._nibble_types(offset)
        if "v" in parameters:
            raise CapError(f"type descriptor at {offset} has a void parameter")
        return Signature(tuple(parameters), result)

    def exported_signature(self, method: ExportedMethod) -> Signature:
        """The signature in a token table."""
        parameters, result = split_descriptor(method.descriptor)
        return Signature(tuple(type_of(p) for p in parameters), type_of(result))

    def pool_type(self, index: int) -> int:
        """The offset of the type descriptor of a pool entry that is no class."""
        if index >= len(self.descriptor.pool_types):
            raise CapError(f"constant pool entry {index} has no type")
        return self.descriptor.pool_types[index]

    # Members

    def interface_method(self, ref: int, token: int) -> Signature | None:
        """The signature of an interface method; None without a token table."""
        if not ref & 0x8000:
            methods = self.classes[ref].methods if ref in self.classes else ()
            own = next((m for m in methods if m.token == token), None)
            if own is None or not self.info(ref).is_interface:
                raise CapError(f"class at {ref} is no interface with a method of token {token}")
            return self.signature(own.type)
        found = self.exported(ref)
        if found is None:
            return None
        method = next((m for m in found.methods if m.token == token), None)
        if method is None or not found.is_interface:
            raise CapError(f"{found.name.replace('/', '.')} is no interface with a method of token {token}")
        return self.exported_signature(method)

    def own_virtuals(self, ref: int, token: int) -> Iterator[MethodDescriptor]:
        """The package's virtual methods of that token, from a class upwards."""
        while not ref & 0x8000:
            yield from (m for m in self.classes[ref].methods if m.token == token and m.is_virtual)
            ref = self.info(ref).supers[0]

    def virtual_signatures(self, ref: int, token: int) -> Iterator[Signature]:
        """The types of all methods of a virtual method token, in a class and its superclasses."""
        for m in self.own_virtuals(ref, token):
            yield self.signature(m.type)
        while not ref & 0x8000:
            ref = self.info(ref).supers[0]
        found = None if token & 0x80 else self.exported(ref)
        for method in found.methods if found else ():
            if method.token == token and method.is_virtual:
                yield self.exported_signature(method)

    def interface_signatures(self, ref: int) -> list[Signature] | None:
        """The types of an interface's methods by token, inherited ones included; None without a token table."""
        if not ref & 0x8000:
            methods = self.classes[ref].methods
            return [self.signature(m.type) for m in sorted(methods, key=lambda m: m.token)]
        found = self.exported(ref)
        if found is None:
            return None
        return [self.exported_signature(m) for m in sorted(found.methods, key=lambda m: m.token)]

    def exported_member(self, ref: int, token: int, kind: str) -> str | None:
        """The name of an imported member: kind is field, static field, static or virtual; None without a table."""
        found = self.exported(ref)
        if found is None:
            return None
        if kind.endswith("field"):
            static = kind == "static field"
            for f in found.fields:
                if f.token == token and f.is_static == static and token != 0xFF:
                    return f.name
        else:
            for m in found.methods:
                if m.token == token and m.is_virtual == (kind == "virtual"):
                    return m.name
        raise CapError(f"{found.name.replace('/', '.')} has no {kind} of token {token}")

    def virtual_count(self, ref: int, package_visible: bool) -> int | None:
        """The number of virtual method tokens of a class; None when unknown."""
        at = ref
        while not at & 0x8000:
            info = self.info(at)
            if package_visible:
                return info.package_base + len(info.package)
            return info.public_base + len(info.public)
        if package_visible:
            return 0
        found = self.exported(at)
        if found is None:
            return None
        tokens = [m.token for m in found.methods if m.is_virtual]
        return max(tokens, default=-1) + 1
