"""Header, Directory, Applet and Import component (JCVM 3.0.4, 6.4 to 6.7; JCVM 3.1 for format 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import PackageFlag
from cardlab.classfile.octets import Octets, u1, u2, u4
from cardlab.iso7816 import aid as aids

MAGIC = 0xDECAFFED
_FORMATS = ((2, 1), (2, 2), (2, 3))
_ALL_FLAGS = int(PackageFlag.INT | PackageFlag.EXPORT | PackageFlag.APPLET)


def _aid(d: Octets) -> bytes:
    """An AID after its length."""
    aid = d.take(d.u1())
    if not aids.is_aid(aid):
        raise d.error(f"AID of {len(aid)} bytes; {aids.ALLOWED} are allowed")
    return aid


@dataclass(frozen=True)
class PackageInfo:
    """AID and version (major, minor) of a package (6.4)."""

    aid: bytes
    version: tuple[int, int]

    @staticmethod
    def read(d: Octets) -> PackageInfo:
        minor, major = d.u1(), d.u1()
        return PackageInfo(_aid(d), (major, minor))

    def encode(self) -> bytes:
        return bytes((self.version[1], self.version[0], len(self.aid))) + self.aid


@dataclass(frozen=True)
class Header:
    """Header component (6.4)."""

    format: tuple[int, int]
    flags: PackageFlag
    package: PackageInfo
    name: bytes | None
    """The package name in 2.2 and 2.3, which may be empty; None in 2.1."""

    @staticmethod
    def read(d: Octets) -> Header:
        if d.u4() != MAGIC:
            raise d.error("magic is not DECAFFED")
        minor, major = d.u1(), d.u1()
        if (major, minor) not in _FORMATS:
            raise d.error(f"CAP format {major}.{minor} is not supported (2.1 to 2.3 are)")
        flags = PackageFlag(d.u1())
        if int(flags) & ~_ALL_FLAGS:
            raise d.error(f"package flags 0x{flags:02x} are unknown")
        package = PackageInfo.read(d)
        return Header((major, minor), flags, package, d.take(d.u1()) if minor >= 2 else None)

    def encode(self) -> bytes:
        name = b"" if self.name is None else u1(len(self.name)) + self.name
        return u4(MAGIC) + bytes((self.format[1], self.format[0], self.flags)) + self.package.encode() + name


@dataclass(frozen=True)
class Custom:
    """custom_component_info: tag, size and AID (6.5)."""

    tag: int
    size: int
    aid: bytes


@dataclass(frozen=True)
class Directory:
    """Directory component (6.5); `sizes` in order of the tags from 1, `resource_size` of static resources in 2.3."""

    sizes: tuple[int, ...]
    image_size: int
    array_count: int
    array_bytes: int
    import_count: int
    applet_count: int
    custom: tuple[Custom, ...]
    resource_size: int | None = None

    @staticmethod
    def read(d: Octets, cap_format: tuple[int, int]) -> Directory:
        sizes = tuple(d.u2() for _ in range(12 if cap_format >= (2, 2) else 11))
        resource_size = d.u4() if cap_format >= (2, 3) else None
        image, arrays, array_bytes, imports, applets = d.u2(), d.u2(), d.u2(), d.u1(), d.u1()
        custom = []
        for _ in range(d.u1()):
            tag, size = d.u1(), d.u2()
            custom.append(Custom(tag, size, d.take(d.u1())))
        return Directory(sizes, image, arrays, array_bytes, imports, applets, tuple(custom), resource_size)

    def encode(self) -> bytes:
        out = b"".join(u2(s) for s in self.sizes) + (b"" if self.resource_size is None else u4(self.resource_size))
        out += u2(self.image_size) + u2(self.array_count) + u2(self.array_bytes)
        out += bytes((self.import_count, self.applet_count, len(self.custom)))
        return out + b"".join(u1(c.tag) + u2(c.size) + u1(len(c.aid)) + c.aid for c in self.custom)


@dataclass(frozen=True)
class Applet:
    """An applet: AID and the offset of its install method (6.6)."""

    aid: bytes
    install: int


def read_applets(d: Octets) -> tuple[Applet, ...]:
    """Applet component."""
    out = []
    for _ in range(d.u1()):
        out.append(Applet(_aid(d), d.u2()))
    return tuple(out)


def encode_applets(applets: tuple[Applet, ...]) -> bytes:
    """Applet component."""
    return u1(len(applets)) + b"".join(u1(len(a.aid)) + a.aid + u2(a.install) for a in applets)


def read_imports(d: Octets) -> tuple[PackageInfo, ...]:
    """Import component (6.7)."""
    return tuple(PackageInfo.read(d) for _ in range(d.u1()))


def encode_imports(imports: tuple[PackageInfo, ...]) -> bytes:
    """Import component."""
    return u1(len(imports)) + b"".join(p.encode() for p in imports)
