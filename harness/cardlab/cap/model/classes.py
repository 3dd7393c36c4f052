"""Class component (JCVM 3.0.4, 6.9; JCVM 3.1 for format 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import NO_REFERENCE, ClassFlag
from cardlab.cap.model.refs import ClassRef
from cardlab.classfile.octets import Octets, u1, u2


@dataclass(frozen=True)
class Interface:
    """An implemented interface and the class's public tokens for its methods (6.9.2)."""

    ref: ClassRef
    tokens: bytes


@dataclass(frozen=True)
class Remote:
    """remote_interface_info, kept as read: (hash, signature offset, token) rows, anti-collision string, name, refs."""

    methods: tuple[tuple[int, int, int], ...]
    anti_collision: bytes
    name: bytes
    interfaces: tuple[ClassRef, ...]


@dataclass(frozen=True)
class TokenMapping:
    """What format 2.3 adds to a class: for each public token that of the superclass's method, or NO_TOKEN for new ones.

    `inheritable` is the number of tokens that subclasses of packages in format 2.2 and older inherit.
    """

    tokens: bytes
    inheritable: int


@dataclass(frozen=True)
class ClassInfo:
    """A class_info or, when `is_interface`, an interface_info; `offset` in the component's info."""

    offset: int
    flags: ClassFlag
    supers: tuple[ClassRef, ...]
    """The superclass, or the superinterfaces of an interface."""
    interface_name: bytes | None = None
    size: int = 0
    first_reference: int = NO_REFERENCE
    reference_count: int = 0
    public_base: int = 0
    public: tuple[int, ...] = ()
    package_base: int = 0
    package: tuple[int, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    remote: Remote | None = None
    mapping: TokenMapping | None = None

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface."""
        return ClassFlag.INTERFACE in self.flags

    @staticmethod
    def read(d: Octets, has_mapping: bool) -> ClassInfo:
        offset, bits = d.pos, d.u1()
        flags, count = ClassFlag(bits & 0xF0), bits & 0x0F
        has_remote = ClassFlag.REMOTE in flags
        if ClassFlag.INTERFACE in flags:
            supers = tuple(ClassRef(d.u2()) for _ in range(count))
            return ClassInfo(offset, flags, supers, d.take(d.u1()) if has_remote else None)
        parent, size, first, references, public_base, publics, package_base, packages = (
            ClassRef(d.u2()),
            *(d.u1() for _ in range(7)),
        )
        public = tuple(d.u2() for _ in range(publics))
        package = tuple(d.u2() for _ in range(packages))
        interfaces = []
        for _ in range(count):
            ref = ClassRef(d.u2())
            interfaces.append(Interface(ref, d.take(d.u1())))
        remote = _read_remote(d) if has_remote else None
        mapping = TokenMapping(d.take(public_base + publics), d.u1()) if has_mapping else None
        fields = (size, first, references, public_base, public, package_base, package)
        return ClassInfo(offset, flags, (parent,), None, *fields, tuple(interfaces), remote, mapping)

    def encode(self) -> bytes:
        if self.is_interface:
            name = b"" if self.interface_name is None else u1(len(self.interface_name)) + self.interface_name
            return u1(self.flags | len(self.supers)) + b"".join(u2(s) for s in self.supers) + name
        out = u1(self.flags | len(self.interfaces)) + u2(self.supers[0])
        out += bytes((self.size, self.first_reference, self.reference_count, self.public_base, len(self.public)))
        out += bytes((self.package_base, len(self.package)))
        out += b"".join(u2(o) for o in (*self.public, *self.package))
        out += b"".join(u2(i.ref) + u1(len(i.tokens)) + i.tokens for i in self.interfaces)
        out += _encode_remote(self.remote) if self.remote else b""
        return out + (self.mapping.tokens + u1(self.mapping.inheritable) if self.mapping else b"")


def _read_remote(d: Octets) -> Remote:
    methods = tuple((d.u2(), d.u2(), d.u1()) for _ in range(d.u1()))
    anti_collision, name = d.take(d.u1()), d.take(d.u1())
    return Remote(methods, anti_collision, name, tuple(ClassRef(d.u2()) for _ in range(d.u1())))


def _encode_remote(r: Remote) -> bytes:
    out = u1(len(r.methods)) + b"".join(u2(h) + u2(s) + u1(t) for h, s, t in r.methods)
    out += u1(len(r.anti_collision)) + r.anti_collision + u1(len(r.name)) + r.name
    return out + u1(len(r.interfaces)) + b"".join(u2(i) for i in r.interfaces)


@dataclass(frozen=True)
class Classes:
    """Class component (6.9); `signatures` is the signature pool of formats 2.2 and 2.3, None in 2.1."""

    signatures: bytes | None
    items: tuple[ClassInfo, ...]

    @staticmethod
    def read(d: Octets, cap_format: tuple[int, int]) -> Classes:
        signatures = d.take(d.u2()) if cap_format >= (2, 2) else None
        items = []
        while d.left:
            items.append(ClassInfo.read(d, cap_format >= (2, 3)))
        return Classes(signatures, tuple(items))

    def encode(self) -> bytes:
        head = b"" if self.signatures is None else u2(len(self.signatures)) + self.signatures
        return head + b"".join(c.encode() for c in self.items)
