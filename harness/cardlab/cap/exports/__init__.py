"""Token tables of API packages: the facts of their export files as JSON, and the sets of them that platforms offer.

`<package>-<version>.json` holds one package (format in docs/reference/cap.md); `index.json` names the versions that
make up each Java Card version and the GlobalPlatform API. A directory of `.exp` files can be read instead, or
in front.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from cardlab.cap.constants import ExportClassFlag
from cardlab.cap.container import unpack
from cardlab.cap.errors import CapError, ExportFileError
from cardlab.cap.exportfile import ExportedClass, ExportedField, ExportedMethod, ExportFile, read_exp
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.descriptors import check_descriptor
from cardlab.classfile.errors import ClassFileError

FORMAT = 1
_EXPORT_FILE = ".exp"
_JARS = (".jar", ".zip", ".cap")
_WHERE = "name a folder, an .exp file, or a jar that holds some"
_FLAGS: dict[str, int] = {
    "public": AccessFlag.PUBLIC,
    "protected": AccessFlag.PROTECTED,
    "static": AccessFlag.STATIC,
    "final": AccessFlag.FINAL,
    "interface": ExportClassFlag.INTERFACE,
    "abstract": ExportClassFlag.ABSTRACT,
    "shareable": ExportClassFlag.SHAREABLE,
    "remote": ExportClassFlag.REMOTE,
}


def _flags_text(flags: int) -> str:
    names = [n for n, bit in _FLAGS.items() if flags & bit]
    if flags & ~sum(_FLAGS.values()):
        raise ExportFileError(f"access flags 0x{flags:04x} have no name")
    return " ".join(names)


def _flags(text: str) -> int:
    try:
        return sum(_FLAGS[n] for n in text.split())
    except KeyError as e:
        raise ExportFileError(f"unknown access flag {e.args[0]!r}") from None


def to_json(export: ExportFile) -> str:
    """The token table of a package: deterministic, one member a line."""
    lines = ["{", f' "format": {FORMAT}, "package": {json.dumps(export.name.replace("/", "."))},']
    lines.append(f' "aid": "{export.aid.hex().upper()}", "version": "{export.version[0]}.{export.version[1]}",')
    lines.append(f' "library": {json.dumps(export.library)}, "classes": [')
    classes = []
    for c in export.classes:
        head: dict[str, object] = {"token": c.token, "flags": _flags_text(c.access), "name": c.name}
        head |= {"supers": list(c.supers), "interfaces": list(c.interfaces)}
        fields = [json.dumps([f.token, _flags_text(f.access), f.name, f.descriptor, f.constant]) for f in c.fields]
        methods = [json.dumps([m.token, _flags_text(m.access), m.name, m.descriptor]) for m in c.methods]
        text = "  " + json.dumps(head)[:-1]
        for key, rows in (("fields", fields), ("methods", methods)):
            text += f',\n   "{key}": [' + ",".join(f"\n    {r}" for r in rows) + "]"
        classes.append(text + "}")
    return "\n".join(lines) + "\n" + ",\n".join(classes) + "\n]}\n"


def _class(raw: dict[str, Any]) -> ExportedClass:
    fields = tuple(ExportedField(int(t), AccessFlag(_flags(a)), n, d, c) for t, a, n, d, c in raw["fields"])
    methods = tuple(ExportedMethod(int(t), AccessFlag(_flags(a)), n, d) for t, a, n, d in raw["methods"])
    for f in fields:
        check_descriptor(f.descriptor, method=False)
    for m in methods:
        check_descriptor(m.descriptor, method=True)
    supers, interfaces = tuple(str(s) for s in raw["supers"]), tuple(str(i) for i in raw["interfaces"])
    token, flags, name = int(raw["token"]), ExportClassFlag(_flags(raw["flags"])), str(raw["name"])
    return ExportedClass(token, flags, name, supers, interfaces, fields, methods)


def from_json(text: str, what: str = "token table") -> ExportFile:
    """Read a token table written by `to_json`."""
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise ExportFileError(f"{what}: format {raw['format']} is not {FORMAT}")
        major, minor = (int(n) for n in raw["version"].split("."))
        name, aid = raw["package"].replace(".", "/"), bytes.fromhex(raw["aid"])
        return ExportFile(name, aid, (major, minor), bool(raw["library"]), tuple(_class(c) for c in raw["classes"]))
    except (AttributeError, KeyError, TypeError, ValueError, ClassFileError) as e:
        raise ExportFileError(f"{what}: not a token table ({e})") from e


class Exports:
    """The packages a conversion may import, by name; later ones given replace earlier ones of the same name."""

    def __init__(self, packages: Iterable[ExportFile] = ()) -> None:
        self._packages = {p.name: p for p in packages}

    def packages(self) -> tuple[ExportFile, ...]:
        """All packages."""
        return tuple(self._packages.values())

    def package(self, name: str) -> ExportFile | None:
        """The package of that name (slashes)."""
        return self._packages.get(name)

    def by_aid(self, aid: bytes) -> ExportFile | None:
        """The package of that AID."""
        return next((p for p in self._packages.values() if p.aid == aid), None)

    def find(self, class_name: str) -> ExportedClass | None:
        """The exported class of that full name (slashes)."""
        package = self.package(class_name.rpartition("/")[0])
        return package.by_name(class_name) if package else None

    def plus(self, packages: Iterable[ExportFile]) -> Exports:
        """These packages, with others in front."""
        return Exports((*self._packages.values(), *packages))


def platforms() -> dict[str, dict[str, str]]:
    """The sets of token tables by name: each maps packages (dots) to versions."""
    raw = json.loads((resources.files(__package__) / "index.json").read_text("utf-8"))
    return {str(k): {str(p): str(v) for p, v in s.items()} for k, s in raw.items()}


def builtin(platform: str = "3.0.4", globalplatform: str = "1.5", more: Iterable[Path] = ()) -> Exports:
    """The token tables shipped: a Java Card platform and the GlobalPlatform API in the version given.

    ``more`` are places of export files, which come in front.
    """
    sets = platforms()
    for wanted in (platform, f"globalplatform-{globalplatform}"):
        if wanted not in sets:
            raise ExportFileError(f"no token tables for {wanted}; there are {', '.join(sets)}")
    chosen = sets[platform] | sets[f"globalplatform-{globalplatform}"]
    found = Exports(token_table(name, version) for name, version in chosen.items())
    return found.plus(package for place in more for package in read_exports(place).packages())


@cache
def token_table(package: str, version: str) -> ExportFile:
    """One of the token tables shipped; the package's name with dots."""
    file = f"{package}-{version}.json"
    return from_json((resources.files(__package__) / file).read_text("utf-8"), file)


def read_exports(path: Path) -> Exports:
    """The export files of a folder, with what is below it, of a jar, or the one file; ExportFileError for none.

    A folder may be a kit's ``api_export_files``; jars are those of libraries and those in such a folder.
    """
    found = Exports(_read_all(path))
    if not found.packages():
        raise ExportFileError(f"no .exp files {'below' if path.is_dir() else 'in'} {path}", hint=_WHERE)
    return found


def _read_all(path: Path) -> Iterator[ExportFile]:
    if path.is_dir():
        for file in sorted(one for one in path.rglob("*") if one.suffix.lower() in (_EXPORT_FILE, *_JARS)):
            yield from _read_all(file)
    elif path.suffix.lower() == _EXPORT_FILE:
        yield read_exp(path.read_bytes(), str(path))
    else:
        for name, raw in sorted(_in_jar(path).items()):
            yield read_exp(raw, f"{path}: {name}")


def _in_jar(path: Path) -> dict[str, bytes]:
    try:
        return unpack(path.read_bytes(), lambda name: name.lower().endswith(_EXPORT_FILE))
    except CapError as e:
        raise ExportFileError(f"{path} is neither an export file nor a jar of them", hint=_WHERE) from e
