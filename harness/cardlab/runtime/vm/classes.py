"""Compiles the virtual machine's Java and writes its token tables as it reads them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.platform import tables
from cardlab.runtime.engine.classes import engine_classpath
from cardlab.toolchain import jars, places
from cardlab.toolchain.compile import HOST_TARGET, compile_java

NATIVES = (
    "cardlab.vm.api.security.Security",
    "cardlab.vm.api.crypto.Crypto",
    "cardlab.vm.api.globalplatform.GlobalPlatform",
    "cardlab.vm.api.extensions.ApduUtility",
    "cardlab.vm.api.extensions.Biometry",
    "cardlab.vm.api.extensions.BiometryOneToMany",
    "cardlab.vm.api.extensions.External",
    "cardlab.vm.api.extensions.Intx",
    "cardlab.vm.api.extensions.Mathematics",
    "cardlab.vm.api.extensions.SensitiveResults",
    "cardlab.vm.api.extensions.Strings",
    "cardlab.vm.api.extensions.Tlv",
    "cardlab.vm.api.extensions.Utilities",
    "cardlab.vm.api.service.ServiceFramework",
)
"""The Java classes that bind API packages beside java.lang and javacard.framework."""

_NONE = "-"
_CONSTANT_TYPES = ("B", "S")


def machine_classpath() -> tuple[Path, ...]:
    """Compile the machine; returns the folder of its class files, and what it needs beside them."""
    out_dir, needed = places.build_folder() / "classes" / "vm", (*engine_classpath(), jars.jar("asm"))
    return compile_java(Path(__file__).with_name("java"), out_dir, classpath=needed, target=HOST_TARGET), *needed


@cache
def table_lines(java_card: str, globalplatform: str) -> str:
    """The token tables of a platform, a line each package, class, method and constant (Java: cardlab.vm.link.Api)."""
    return "\n".join(line for table in tables(java_card, globalplatform) for line in _package(table))


def _package(table: ExportFile) -> Iterable[str]:
    yield f"package {table.name.replace('/', '.')} {table.aid.hex().upper()} {table.version[0]} {table.version[1]}"
    for one in table.classes:
        yield from _class(one)


def _class(one: ExportedClass) -> Iterable[str]:
    yield f"class {one.token} {int(one.access)} {one.name} {_names(one.supers)} {_names(one.interfaces)}"
    for method in one.methods:
        yield f"method {method.token} {int(method.access)} {method.name} {method.descriptor}"
    for field in one.fields:
        if field.descriptor in _CONSTANT_TYPES and field.constant is not None:
            yield f"constant {field.name} {field.constant}"
        elif field.is_static and not field.is_inlined:
            yield f"field {field.token} {field.name}"


def _names(names: Iterable[str]) -> str:
    return ",".join(names) or _NONE
