"""CAP file components as values: read from bytes and written back to the same bytes (JCVM 3.0.4, chapter 6).

Formats 2.1 and 2.2. Each type has `read` and `encode`; `read` checks lengths and counts, `cardlab.cap.verifier`
checks what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.errors import CapError
from cardlab.cap.octets import Octets, u1, u2, u4

MAGIC = 0xDECAFFED
ACC_INT, ACC_EXPORT, ACC_APPLET = 0x01, 0x02, 0x04
ClassRef = int
"""u2: the offset of a class in the Class component, or 0x8000 | package token << 8 | class token."""


@dataclass(frozen=True)
class PackageInfo:
    """AID and version (major, minor) of a package (6.3)."""

    aid: bytes
    version: tuple[int, int]

    @staticmethod
    def read(d: Octets) -> PackageInfo:
        minor, major = d.u1(), d.u1()
        aid = d.take(d.u1())
        if not 5 <= len(aid) <= 16:
            raise d.error(f"AID of {len(aid)} bytes; 5 to 16 are allowed")
        return PackageInfo(aid, (major, minor))

    def encode(self) -> bytes:
        return bytes((self.version[1], self.version[0], len(self.aid))) + self.aid


@dataclass(frozen=True)
class Header:
    """Header component (6.3)."""

    format: tuple[int, int]
    flags: int
    package: PackageInfo
    name: bytes | None
    """The package name in 2.2, None in 2.1."""

    @staticmethod
    def read(d: Octets) -> Header:
        if d.u4() != MAGIC:
            raise d.error("magic is not DECAFFED")
        minor, major = d.u1(), d.u1()
        if (major, minor) not in ((2, 1), (2, 2)):
            raise d.error(f"CAP format {major}.{minor} is not supported (2.1 and 2.2 are)")
        flags = d.u1()
        if flags & ~7:
            raise d.error(f"package flags 0x{flags:02x} are unknown")
        package = PackageInfo.read(d)
        return Header((major, minor), flags, package, d.take(d.u1()) if minor >= 2 else None)

    def encode(self) -> bytes:
        name = b"" if self.name is None else u1(len(self.name)) + self.name
        return u4(MAGIC) + bytes((self.format[1], self.format[0], self.flags)) + self.package.encode() + name


@dataclass(frozen=True)
class Custom:
    """custom_component_info: tag, size and AID (6.4)."""

    tag: int
    size: int
    aid: bytes


@dataclass(frozen=True)
class Directory:
    """Directory component (6.4); `sizes` in order of the tags from 1."""

    sizes: tuple[int, ...]
    image_size: int
    array_count: int
    array_bytes: int
    import_count: int
    applet_count: int
    custom: tuple[Custom, ...]

    @staticmethod
    def read(d: Octets, count: int) -> Directory:
        sizes = tuple(d.u2() for _ in range(count))
        image, arrays, array_bytes, imports, applets = d.u2(), d.u2(), d.u2(), d.u1(), d.u1()
        custom = []
        for _ in range(d.u1()):
            tag, size = d.u1(), d.u2()
            custom.append(Custom(tag, size, d.take(d.u1())))
        return Directory(sizes, image, arrays, array_bytes, imports, applets, tuple(custom))

    def encode(self) -> bytes:
        out = b"".join(u2(s) for s in self.sizes) + u2(self.image_size) + u2(self.array_count) + u2(self.array_bytes)
        out += bytes((self.import_count, self.applet_count, len(self.custom)))
        return out + b"".join(u1(c.tag) + u2(c.size) + u1(len(c.aid)) + c.aid for c in self.custom)


@dataclass(frozen=True)
class Applet:
    """An applet: AID and the offset of its install method (6.5)."""

    aid: bytes
    install: int


def read_applets(d: Octets) -> tuple[Applet, ...]:
    """Applet component."""
    out = []
    for _ in range(d.u1()):
        aid = d.take(d.u1())
        if not 5 <= len(aid) <= 16:
            raise d.error(f"AID of {len(aid)} bytes; 5 to 16 are allowed")
        out.append(Applet(aid, d.u2()))
    return tuple(out)


def encode_applets(applets: tuple[Applet, ...]) -> bytes:
    """Applet component."""
    return u1(len(applets)) + b"".join(u1(len(a.aid)) + a.aid + u2(a.install) for a in applets)


def read_imports(d: Octets) -> tuple[PackageInfo, ...]:
    """Import component (6.6)."""
    return tuple(PackageInfo.read(d) for _ in range(d.u1()))


def encode_imports(imports: tuple[PackageInfo, ...]) -> bytes:
    """Import component."""
    return u1(len(imports)) + b"".join(p.encode() for p in imports)


@dataclass(frozen=True)
class PoolItem:
    """A constant pool entry: tag 1 to 6 and three bytes (6.7)."""

    tag: int
    data: bytes

    @property
    def class_ref(self) -> ClassRef:
        """The class of an entry of tag 1 to 4."""
        return int.from_bytes(self.data[:2], "big")

    @property
    def token(self) -> int:
        """The member token of an entry of tag 2 to 4, or of an external static."""
        return self.data[2]

    @property
    def is_external(self) -> bool:
        """Whether the class is in an imported package."""
        return bool(self.data[0] & 0x80)

    @property
    def offset(self) -> int:
        """The offset of an internal static field or method."""
        return int.from_bytes(self.data[1:], "big")


def read_pool(d: Octets) -> tuple[PoolItem, ...]:
    """ConstantPool component."""
    out = []
    for _ in range(d.u2()):
        tag = d.u1()
        if not 1 <= tag <= 6:
            raise d.error(f"unknown constant pool tag {tag}")
        out.append(PoolItem(tag, d.take(3)))
    return tuple(out)


def encode_pool(pool: tuple[PoolItem, ...]) -> bytes:
    """ConstantPool component."""
    return u2(len(pool)) + b"".join(u1(i.tag) + i.data for i in pool)


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
class ClassInfo:
    """A class_info or, when `is_interface`, an interface_info; `offset` in the component's info."""

    offset: int
    flags: int
    supers: tuple[ClassRef, ...]
    """The superclass, or the superinterfaces of an interface."""
    interface_name: bytes | None = None
    size: int = 0
    first_reference: int = 0xFF
    reference_count: int = 0
    public_base: int = 0
    public: tuple[int, ...] = ()
    package_base: int = 0
    package: tuple[int, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    remote: Remote | None = None

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface."""
        return bool(self.flags & 0x80)

    @staticmethod
    def read(d: Octets) -> ClassInfo:
        offset, bits = d.pos, d.u1()
        flags, count = bits & 0xF0, bits & 0x0F
        if flags & 0x80:
            supers = tuple(d.u2() for _ in range(count))
            return ClassInfo(offset, flags, supers, d.take(d.u1()) if flags & 0x20 else None)
        parent, size, first, references, public_base, publics, package_base, packages = (
            d.u2(),
            *(d.u1() for _ in range(7)),
        )
        public = tuple(d.u2() for _ in range(publics))
        package = tuple(d.u2() for _ in range(packages))
        interfaces = []
        for _ in range(count):
            ref = d.u2()
            interfaces.append(Interface(ref, d.take(d.u1())))
        remote = _read_remote(d) if flags & 0x20 else None
        fields = (size, first, references, public_base, public, package_base, package)
        return ClassInfo(offset, flags, (parent,), None, *fields, tuple(interfaces), remote)

    def encode(self) -> bytes:
        if self.is_interface:
            name = b"" if self.interface_name is None else u1(len(self.interface_name)) + self.interface_name
            return u1(self.flags | len(self.supers)) + b"".join(u2(s) for s in self.supers) + name
        out = u1(self.flags | len(self.interfaces)) + u2(self.supers[0])
        out += bytes((self.size, self.first_reference, self.reference_count, self.public_base, len(self.public)))
        out += bytes((self.package_base, len(self.package)))
        out += b"".join(u2(o) for o in (*self.public, *self.package))
        out += b"".join(u2(i.ref) + u1(len(i.tokens)) + i.tokens for i in self.interfaces)
        return out + (_encode_remote(self.remote) if self.remote else b"")


def _read_remote(d: Octets) -> Remote:
    methods = tuple((d.u2(), d.u2(), d.u1()) for _ in range(d.u1()))
    anti_collision, name = d.take(d.u1()), d.take(d.u1())
    return Remote(methods, anti_collision, name, tuple(d.u2() for _ in range(d.u1())))


def _encode_remote(r: Remote) -> bytes:
    out = u1(len(r.methods)) + b"".join(u2(h) + u2(s) + u1(t) for h, s, t in r.methods)
    out += u1(len(r.anti_collision)) + r.anti_collision + u1(len(r.name)) + r.name
    return out + u1(len(r.interfaces)) + b"".join(u2(i) for i in r.interfaces)


@dataclass(frozen=True)
class Classes:
    """Class component (6.9); `signatures` is the signature pool of format 2.2, None in 2.1."""

    signatures: bytes | None
    items: tuple[ClassInfo, ...]

    @staticmethod
    def read(d: Octets, has_signatures: bool) -> Classes:
        signatures = d.take(d.u2()) if has_signatures else None
        items = []
        while d.left:
            items.append(ClassInfo.read(d))
        return Classes(signatures, tuple(items))

    def encode(self) -> bytes:
        head = b"" if self.signatures is None else u2(len(self.signatures)) + self.signatures
        return head + b"".join(c.encode() for c in self.items)


@dataclass(frozen=True)
class HandlerInfo:
    """exception_handler_info (6.10.1); offsets in the component's info."""

    start: int
    length: int
    stop: bool
    target: int
    catch_type: int


@dataclass(frozen=True)
class Methods:
    """Method component (6.10): handlers, and all the bytes of the info, in which methods are found by offset."""

    handlers: tuple[HandlerInfo, ...]
    info: bytes

    @staticmethod
    def read(d: Octets) -> Methods:
        handlers = []
        for _ in range(d.u1()):
            start, bits, target, catch_type = d.u2(), d.u2(), d.u2(), d.u2()
            handlers.append(HandlerInfo(start, bits & 0x7FFF, bool(bits & 0x8000), target, catch_type))
        d.pos = len(d.data)
        return Methods(tuple(handlers), d.data)

    @property
    def start(self) -> int:
        """The offset of the first method."""
        return 1 + 8 * len(self.handlers)

    def encode(self) -> bytes:
        rows = [
            u2(h.start) + u2(h.length | (0x8000 if h.stop else 0)) + u2(h.target) + u2(h.catch_type)
            for h in self.handlers
        ]
        return u1(len(rows)) + b"".join(rows) + self.info[self.start :]


@dataclass(frozen=True)
class MethodHeader:
    """method_header_info (6.10.3)."""

    flags: int
    max_stack: int
    arguments: int
    max_locals: int
    size: int

    @property
    def is_abstract(self) -> bool:
        """Whether the header is all there is."""
        return bool(self.flags & 0x4)

    @staticmethod
    def read(info: bytes, offset: int) -> MethodHeader:
        raw = info[offset : offset + 4]
        if len(raw) < 2 or (raw[0] & 0x80 and len(raw) < 4):
            raise CapError(f"Method component: no method header at {offset}")
        flags = raw[0] >> 4
        if flags & 0x8:
            return MethodHeader(flags, raw[1], raw[2], raw[3], 4)
        return MethodHeader(flags, raw[0] & 0xF, raw[1] >> 4, raw[1] & 0xF, 2)


@dataclass(frozen=True)
class StaticArray:
    """array_init_info: type byte and values (6.11)."""

    type: int
    values: bytes


@dataclass(frozen=True)
class StaticFields:
    """StaticField component (6.11)."""

    image_size: int
    reference_count: int
    arrays: tuple[StaticArray, ...]
    default_bytes: int
    values: bytes

    @staticmethod
    def read(d: Octets) -> StaticFields:
        image_size, references = d.u2(), d.u2()
        arrays = []
        for _ in range(d.u2()):
            kind = d.u1()
            arrays.append(StaticArray(kind, d.take(d.u2())))
        defaults = d.u2()
        return StaticFields(image_size, references, tuple(arrays), defaults, d.take(d.u2()))

    def encode(self) -> bytes:
        out = u2(self.image_size) + u2(self.reference_count) + u2(len(self.arrays))
        out += b"".join(u1(a.type) + u2(len(a.values)) + a.values for a in self.arrays)
        return out + u2(self.default_bytes) + u2(len(self.values)) + self.values


@dataclass(frozen=True)
class ReferenceLocations:
    """RefLocation component (6.12): the distances as read; `places` adds them up."""

    one_byte: bytes
    two_byte: bytes

    @staticmethod
    def read(d: Octets) -> ReferenceLocations:
        one = d.take(d.u2())
        return ReferenceLocations(one, d.take(d.u2()))

    def encode(self) -> bytes:
        return u2(len(self.one_byte)) + self.one_byte + u2(len(self.two_byte)) + self.two_byte

    @staticmethod
    def places(distances: bytes) -> tuple[int, ...]:
        """Offsets in the Method component's info."""
        out, at = [], 0
        for d in distances:
            at += d
            if d != 255:
                out.append(at)
        return tuple(out)


@dataclass(frozen=True)
class ExportedClassInfo:
    """class_export_info (6.13)."""

    offset: int
    fields: tuple[int, ...]
    methods: tuple[int, ...]


def read_exports(d: Octets) -> tuple[ExportedClassInfo, ...]:
    """Export component."""
    out = []
    for _ in range(d.u1()):
        offset, fields, methods = d.u2(), d.u1(), d.u1()
        field_offsets = tuple(d.u2() for _ in range(fields))
        out.append(ExportedClassInfo(offset, field_offsets, tuple(d.u2() for _ in range(methods))))
    return tuple(out)


def encode_exports(exports: tuple[ExportedClassInfo, ...]) -> bytes:
    """Export component."""
    out = u1(len(exports))
    for c in exports:
        out += u2(c.offset) + u1(len(c.fields)) + u1(len(c.methods)) + b"".join(u2(o) for o in (*c.fields, *c.methods))
    return out


@dataclass(frozen=True)
class FieldDescriptor:
    """field_descriptor_info (6.14.2); `ref` are the three bytes of the reference."""

    token: int
    flags: int
    ref: bytes
    type: int

    @property
    def is_static(self) -> bool:
        """Whether the field is static."""
        return bool(self.flags & 0x08)


@dataclass(frozen=True)
class MethodDescriptor:
    """method_descriptor_info (6.14.3)."""

    token: int
    flags: int
    offset: int
    type: int
    size: int
    handler_count: int
    first_handler: int

    @property
    def is_static(self) -> bool:
        """Whether the method is static."""
        return bool(self.flags & 0x08)

    @property
    def is_abstract(self) -> bool:
        """Whether the method has no code."""
        return bool(self.flags & 0x40)

    @property
    def is_constructor(self) -> bool:
        """Whether the method is a constructor."""
        return bool(self.flags & 0x80)

    @property
    def is_virtual(self) -> bool:
        """Whether the method has a virtual method token: neither static, private nor a constructor."""
        return not self.flags & (0x08 | 0x02 | 0x80)


@dataclass(frozen=True)
class ClassDescriptor:
    """class_descriptor_info (6.14.1)."""

    token: int
    flags: int
    ref: ClassRef
    interfaces: tuple[ClassRef, ...]
    fields: tuple[FieldDescriptor, ...]
    methods: tuple[MethodDescriptor, ...]

    @staticmethod
    def read(d: Octets) -> ClassDescriptor:
        token, flags, ref, interfaces, fields, methods = d.u1(), d.u1(), d.u2(), d.u1(), d.u2(), d.u2()
        refs = tuple(d.u2() for _ in range(interfaces))
        f = tuple(FieldDescriptor(d.u1(), d.u1(), d.take(3), d.u2()) for _ in range(fields))
        m = tuple(MethodDescriptor(d.u1(), d.u1(), *(d.u2() for _ in range(5))) for _ in range(methods))
        return ClassDescriptor(token, flags, ref, refs, f, m)

    def encode(self) -> bytes:
        out = bytes((self.token, self.flags)) + u2(self.ref) + u1(len(self.interfaces))
        out += u2(len(self.fields)) + u2(len(self.methods)) + b"".join(u2(i) for i in self.interfaces)
        out += b"".join(u1(f.token) + u1(f.flags) + f.ref + u2(f.type) for f in self.fields)
        for m in self.methods:
            out += bytes((m.token, m.flags)) + u2(m.offset) + u2(m.type) + u2(m.size)
            out += u2(m.handler_count) + u2(m.first_handler)
        return out


@dataclass(frozen=True)
class Descriptor:
    """Descriptor component (6.14); `types` is the table behind the constant pool types."""

    classes: tuple[ClassDescriptor, ...]
    pool_types: tuple[int, ...]
    types: bytes

    @staticmethod
    def read(d: Octets) -> Descriptor:
        classes = tuple(ClassDescriptor.read(d) for _ in range(d.u1()))
        pool_types = tuple(d.u2() for _ in range(d.u2()))
        return Descriptor(classes, pool_types, d.take(d.left))

    def encode(self) -> bytes:
        out = u1(len(self.classes)) + b"".join(c.encode() for c in self.classes)
        return out + u2(len(self.pool_types)) + b"".join(u2(t) for t in self.pool_types) + self.types

    def nibbles(self, offset: int) -> tuple[int, ...]:
        """The nibbles of the type descriptor at `offset` (from the start of type_descriptor_info)."""
        at = offset - 2 - 2 * len(self.pool_types)
        if not 0 <= at < len(self.types):
            raise CapError(f"Descriptor component: no type descriptor at {offset}")
        count = self.types[at]
        raw = self.types[at + 1 : at + 1 + (count + 1) // 2]
        if len(raw) < (count + 1) // 2:
            raise CapError(f"Descriptor component: the type descriptor at {offset} is cut off")
        return tuple(int(n, 16) for n in raw.hex()[:count])
