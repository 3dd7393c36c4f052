"""The extended CAP format of Java Card 3.1 (JCVM 3.1, 6): several packages in one file, some components beyond 64 KB.

No card here takes it. It is recognised, and what it holds is told: `ExtendedCap`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import unpack
from cardlab.cap.errors import CapError
from cardlab.cap.model.package import MAGIC, PackageInfo, read_imports
from cardlab.classfile.octets import Octets
from cardlab.iso7816 import aid as aids

_FLAGS_AT = 6  # in the Header component's info, behind magic and format
_HEADER = 3  # bytes of tag and size of the Header, Applet and Import components
_PLACE = 3  # bytes behind an applet's AID: package and offset of its install method


class ExtendedFormatError(CapError):
    """A file or load file is of the extended format."""

    def __init__(self) -> None:
        super().__init__("the extended format of Java Card 3.1 is not supported (the compact format is)")


@dataclass(frozen=True)
class ExtendedCap:
    """What is told of a file: AID and version, public packages, imports, module AIDs, components by file name."""

    cap: PackageInfo
    flags: PackageFlag
    packages: tuple[PackageInfo, ...]
    imports: tuple[PackageInfo, ...]
    applets: tuple[bytes, ...]
    components: Mapping[str, int]


def is_extended(header_info: bytes) -> bool:
    """Whether the info of a Header component has the flag of the extended format."""
    known = header_info[:4] == MAGIC.to_bytes(4, "big") and len(header_info) > _FLAGS_AT and header_info[4] >= 3
    return known and bool(header_info[_FLAGS_AT] & PackageFlag.EXTENDED)


def read_extended(raw: bytes) -> ExtendedCap:
    """A CAP file of the extended format; CapError for anything else."""
    parts = {path.rpartition("/")[2]: data for path, data in unpack(raw).items() if "/javacard/" in path}
    if not is_extended(parts.get("Header.cap", b"")[_HEADER:]):
        raise CapError("not a CAP file of the extended format")
    header = _info(parts, "Header.cap")
    header.take(_FLAGS_AT)
    flags, cap = PackageFlag(header.u1()), PackageInfo.read(header)
    packages = tuple(_package(header) for _ in range(header.u1()))
    header.end()
    imports = read_imports(_info(parts, "Import.cap"))
    applets = _applets(_info(parts, "Applet.cap")) if "Applet.cap" in parts else ()
    return ExtendedCap(cap, flags, packages, imports, applets, {name: len(data) for name, data in parts.items()})


def _info(parts: Mapping[str, bytes], name: str) -> Octets:
    if name not in parts:
        raise CapError(f"{name} is missing")
    return Octets(parts[name][_HEADER:], CapError, name.removesuffix(".cap") + " component")


def _package(d: Octets) -> PackageInfo:
    """AID and version, and a name, which is empty in what kits write."""
    found = PackageInfo.read(d)
    d.take(d.u1())
    return found


def _applets(d: Octets) -> tuple[bytes, ...]:
    found = []
    for _ in range(d.u1()):
        found.append(d.take(d.u1()))
        d.take(_PLACE)
    return tuple(found)


def facts(cap: ExtendedCap) -> dict[str, object]:
    """As values for JSON."""
    return {
        "format": "2.3 extended",
        "package": {"aid": aids.text(cap.cap.aid), "version": _version(cap.cap)},
        "packages": [{"aid": aids.text(one.aid), "version": _version(one)} for one in cap.packages],
        "imports": [{"aid": aids.text(one.aid), "version": _version(one)} for one in cap.imports],
        "applets": [aids.text(one) for one in cap.applets],
        "components": {name.partition(".")[0]: size for name, size in cap.components.items()},
    }


def lines(cap: ExtendedCap) -> list[str]:
    """The same for people."""
    return [
        "CAP format     2.3 extended: this card, verifier and converter take the compact format",
        f"CAP file       {aids.text(cap.cap.aid)}  {_version(cap.cap)}",
        *(f"package        {aids.text(one.aid)}  {_version(one)}" for one in cap.packages),
        *(f"applet         {aids.text(one)}" for one in cap.applets),
        *(f"import {n:2}      {aids.text(one.aid)}  {_version(one)}" for n, one in enumerate(cap.imports)),
        *(f"{name.partition('.')[0]:15}{size:6}" for name, size in cap.components.items()),
    ]


def _version(one: PackageInfo) -> str:
    return ".".join(map(str, one.version))
