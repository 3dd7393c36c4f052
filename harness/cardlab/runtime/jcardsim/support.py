"""What jCardSim lacks of an API, by its class files: methods that are not there, and those that hold no code."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping

from cardlab.cap.exportfile import ExportedClass
from cardlab.cap.platform import tables
from cardlab.classfile.classfile import ClassFile, read_class
from cardlab.runtime.jcardsim.classes import runtime_classes
from cardlab.runtime.support import Absence, Absences
from cardlab.toolchain import jars

_SUFFIX = ".class"
_VERSION = slice(6, 8)  # the major version of a class file
_READABLE = (52).to_bytes(2, "big")  # what declares methods has not changed since
_EMPTY = (
    b"\xb1",  # return
    b"\x01\xb0",  # aconst_null, areturn
    b"\x03\xac",  # iconst_0, ireturn
)
_RIGHTLY_EMPTY = frozenset(("<init>", "deselect", "getShareableInterfaceObject", "waitExtension", "equals"))
"""What the API leaves to applets, and what nothing is to be done for."""


def absences(java_card: str, globalplatform: str) -> Absences:
    """Of every class of the platform's tables."""
    classes = dict(_classes())
    found: dict[str, Absence] = {}
    for table in tables(java_card, globalplatform):
        for one in table.classes:
            if not one.name.startswith("java/") and not one.is_interface:
                found |= dict(_lacking(one, classes))
    return Absences(found)


def _classes() -> Iterator[tuple[str, ClassFile]]:
    """jCardSim's, and those that take their place."""
    with zipfile.ZipFile(jars.jar("jcardsim")) as archive:
        for name in archive.namelist():
            if name.startswith(("javacard", "org/globalplatform")) and name.endswith(_SUFFIX):
                yield name.removesuffix(_SUFFIX), read_class(archive.read(name))
    root = runtime_classes()
    for file in root.rglob(f"*{_SUFFIX}"):
        name = file.relative_to(root).with_suffix("").as_posix()
        if name.startswith(("javacard", "org/globalplatform")):
            raw = bytearray(file.read_bytes())
            raw[_VERSION] = _READABLE
            yield name, read_class(bytes(raw))


def _lacking(one: ExportedClass, classes: Mapping[str, ClassFile]) -> Iterator[tuple[str, Absence]]:
    for method in one.methods:
        absence = _absence(one, method.name, method.descriptor, classes)
        if absence is not None:
            yield f"{one.name}.{method.name}{method.descriptor}", absence


def _absence(one: ExportedClass, name: str, descriptor: str, classes: Mapping[str, ClassFile]) -> Absence | None:
    """None for a method that does something, here or in a class above."""
    for owner in (one.name, *reversed(one.supers), *one.interfaces):
        held = classes.get(owner)
        found = next((m for m in held.methods if (m.name, m.descriptor) == (name, descriptor)), None) if held else None
        if found is not None:
            empty = found.code is not None and bytes(found.code.code) in _EMPTY and name not in _RIGHTLY_EMPTY
            return Absence.EMPTY if empty else None
        if owner == "java/lang/Object" and (name, descriptor) == ("equals", "(Ljava/lang/Object;)Z"):
            return None
    return Absence.MISSING
