"""What `cardlab cap info` says of a CAP file."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.container import FILE_NAMES, Component
from cardlab.cap.exports import Exports
from cardlab.cap.model import ACC_APPLET, ACC_EXPORT, ACC_INT
from cardlab.cap.reader import CapFile

_LIMIT = 64 * 1024


def _hex(data: bytes) -> str:
    return data.hex().upper()


def as_json(cap: CapFile, exports: Exports) -> dict[str, object]:
    """The facts as values for JSON."""
    imports = []
    for p in cap.imports:
        found = exports.by_aid(p.aid)
        imports.append(
            {
                "aid": _hex(p.aid),
                "version": f"{p.version[0]}.{p.version[1]}",
                "name": found.name.replace("/", ".") if found else None,
            }
        )
    return {
        "format": f"{cap.header.format[0]}.{cap.header.format[1]}",
        "package": {"aid": _hex(cap.header.package.aid), "version": "{}.{}".format(*cap.header.package.version)},
        "folder": cap.folder,
        "int": bool(cap.header.flags & ACC_INT),
        "exports": bool(cap.header.flags & ACC_EXPORT),
        "applet": bool(cap.header.flags & ACC_APPLET),
        "applets": [_hex(a.aid) for a in cap.applets],
        "imports": imports,
        "components": {FILE_NAMES[tag].removesuffix(".cap"): len(cap.raw[tag]) for tag in sorted(cap.raw)},
        "classes": len(cap.classes.items),
        "load_size": cap.load_size,
        "load_share": round(cap.load_size / _LIMIT, 4),
        "hash": {name: _hex(cap.load_file_hash(name)) for name in ("sha1", "sha256", "sha384", "sha512")},
    }


def lines(cap: CapFile, exports: Exports) -> Iterator[str]:
    """The same for people."""
    flags = [
        n for bit, n in ((ACC_INT, "int"), (ACC_EXPORT, "exports"), (ACC_APPLET, "applets")) if cap.header.flags & bit
    ]
    yield f"CAP format   {cap.header.format[0]}.{cap.header.format[1]}, {', '.join(flags) or 'no flags'}"
    yield f"package      {_hex(cap.header.package.aid)}  {'.'.join(str(n) for n in cap.header.package.version)}"
    for a in cap.applets:
        yield f"applet       {_hex(a.aid)}"
    for n, p in enumerate(cap.imports):
        found = exports.by_aid(p.aid)
        name = found.name.replace("/", ".") if found else "?"
        yield f"import {n:2}    {_hex(p.aid)}  {p.version[0]}.{p.version[1]}  {name}"
    for tag in sorted(cap.raw):
        note = "  (not loaded)" if tag in (Component.DESCRIPTOR, Component.DEBUG) else ""
        yield f"{FILE_NAMES[tag].removesuffix('.cap'):13}{len(cap.raw[tag]):6}{note}"
    yield f"load size    {cap.load_size:6}  {100 * cap.load_size / _LIMIT:.1f} % of 64 KB"
    for name in ("sha1", "sha256"):
        yield f"{name:12} {_hex(cap.load_file_hash(name))}"
