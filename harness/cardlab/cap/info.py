"""What `cardlab cap info` says of a CAP file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import FILE_NAMES, Component
from cardlab.cap.exports import Exports
from cardlab.cap.reader import CapFile
from cardlab.iso7816 import aid

_SHOWN = ("sha1", "sha256")
_HASHES = (*_SHOWN, "sha384", "sha512")
_LIMIT = 64 * 1024
_FLAGS = {PackageFlag.INT: "int", PackageFlag.EXPORT: "exports", PackageFlag.APPLET: "applets"}


def as_json(cap: CapFile, exports: Exports, file: bytes) -> dict[str, object]:
    """The facts as values for JSON; ``file`` is the CAP file itself, the archive.

    Its hash says nothing of what a card gets: that is the load file data block, whose hash INSTALL [for load] and
    DAP blocks carry (GPCS 2.3.1, C.2 and C.3).
    """
    imports = []
    for p in cap.imports:
        found = exports.by_aid(p.aid)
        imports.append(
            {
                "aid": aid.text(p.aid),
                "version": f"{p.version[0]}.{p.version[1]}",
                "name": found.name.replace("/", ".") if found else None,
            }
        )
    return {
        "format": f"{cap.header.format[0]}.{cap.header.format[1]}",
        "package": {"aid": aid.text(cap.header.package.aid), "version": "{}.{}".format(*cap.header.package.version)},
        "folder": cap.folder,
        "int": PackageFlag.INT in cap.header.flags,
        "exports": PackageFlag.EXPORT in cap.header.flags,
        "applet": PackageFlag.APPLET in cap.header.flags,
        "applets": [aid.text(a.aid) for a in cap.applets],
        "imports": imports,
        "components": {_name(tag): len(cap.raw[tag]) for tag in sorted(cap.raw)},
        "resources": {str(one.id): len(one.data) for one in cap.resources or ()},
        "classes": len(cap.classes.items),
        "load_size": cap.load_size,
        "load_share": round(cap.load_size / _LIMIT, 4),
        "file": {"size": len(file), **{name: hashlib.new(name, file).hexdigest().upper() for name in _HASHES}},
        "load_file_data_block": {name: cap.load_file_hash(name).hex().upper() for name in _HASHES},
    }


def lines(cap: CapFile, exports: Exports, file: bytes) -> Iterator[str]:
    """The same for people."""
    flags = [name for flag, name in _FLAGS.items() if flag in cap.header.flags]
    yield f"CAP format   {cap.header.format[0]}.{cap.header.format[1]}, {', '.join(flags) or 'no flags'}"
    yield f"package      {aid.text(cap.header.package.aid)}  {'.'.join(str(n) for n in cap.header.package.version)}"
    for a in cap.applets:
        yield f"applet       {aid.text(a.aid)}"
    for n, p in enumerate(cap.imports):
        found = exports.by_aid(p.aid)
        name = found.name.replace("/", ".") if found else "?"
        yield f"import {n:2}    {aid.text(p.aid)}  {p.version[0]}.{p.version[1]}  {name}"
    for tag in sorted(cap.raw):
        note = "  (not loaded)" if tag in (Component.DESCRIPTOR, Component.DEBUG) else ""
        yield f"{_name(tag):15}{len(cap.raw[tag]):6}{note}"
    for one in cap.resources or ():
        yield f"resource {one.id:<6}{len(one.data):6}"
    yield f"load size      {cap.load_size:6}  {100 * cap.load_size / _LIMIT:.1f} % of 64 KB"
    yield f"hash of the load file data block (what a card gets, {cap.load_size:,} bytes)"
    for name in _SHOWN:
        yield f"  {name:10} {cap.load_file_hash(name).hex().upper()}"
    yield f"hash of the CAP file (the archive, {len(file):,} bytes)"
    for name in _SHOWN:
        yield f"  {name:10} {hashlib.new(name, file).hexdigest().upper()}"


def _name(tag: Component) -> str:
    return FILE_NAMES[tag].partition(".")[0]
