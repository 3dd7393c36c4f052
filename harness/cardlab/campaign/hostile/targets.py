"""Load files to be mutated, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cardlab.runtime import jvm
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import class_files, compile_java
from cardlab.toolchain.executable import Executable, Module, Package

_PRIVILEGES = b"\x00"
SAFE_PACKAGE, NEIGHBOUR_PACKAGE = bytes.fromhex("F0534146450A"), bytes.fromhex("F04E4549474842")
SAFE, NEIGHBOUR = SAFE_PACKAGE + b"\x01", NEIGHBOUR_PACKAGE + b"\x01"


@dataclass(frozen=True, slots=True)
class Target:
    """A load file data block, one applet of it, its application data for install(), and commands for it.

    ``data`` has at most 100 bytes. ``commands`` are command APDUs of the class 00 or 80, without chaining.
    """

    name: str
    block: bytes
    package: bytes
    module: bytes
    data: bytes
    commands: tuple[bytes, ...]

    def in_java(self) -> Any:
        """Java: cardlab.vm.hostile.Target."""
        import jpype

        commands = [jpype.JArray(jpype.JByte)(command) for command in self.commands]
        parameters = b"".join(bytes((len(part),)) + part for part in (self.module, _PRIVILEGES, self.data))
        make = jvm.java_class("cardlab.vm.hostile.Target")
        given = jpype.JArray(jpype.JArray(jpype.JByte))(commands)
        return make(self.name, self.block, self.package, self.module, parameters, given)


def apdus(*commands: str) -> tuple[bytes, ...]:
    """Commands that are written in hex."""
    return tuple(bytes.fromhex(command) for command in commands)


@cache
def safe() -> Executable:
    """The package of the applet with secrets."""
    modules = (Module(SAFE, "cardlabsafe.Safe"),)
    return Executable(Package(SAFE_PACKAGE, (1, 0), modules, _classes("cardlabsafe")))


def neighbour() -> Target:
    """An applet that uses the other one's shared object and whatever else an applet can."""
    modules = (Module(NEIGHBOUR, "cardlabneighbour.Neighbour"),)
    package = Package(NEIGHBOUR_PACKAGE, (1, 0), modules, _classes("cardlabneighbour"))
    made = Executable(package, libraries=(safe(),))
    length = f"{len(SAFE):02X}"
    commands = apdus(
        "0002000003010203",
        "000400000211ff",
        "0006000005a1a2a3a4a500",
        f"00080000{length}{SAFE.hex()}00",
        "000A000001AA",
        "000A010001AA00",
        "000C00000100",
        "000E00000601020305080D00",
        f"00080000{length}{SAFE.hex()}00",
        "00060000010000",
    )
    return Target("neighbour", made.data_block, NEIGHBOUR_PACKAGE, NEIGHBOUR, b"", commands)


def _classes(package: str) -> dict[str, bytes]:
    folder = _compiled()
    return {name: _file(folder, name).read_bytes() for name in _of(package, class_files(folder))}


def _compiled() -> Path:
    out = places.build_folder() / "classes" / "hostile"
    return compile_java(Path(__file__).with_name("applets"), out, classpath=api_classpath())


def _of(package: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(f"{package}."))


def _file(folder: Path, name: str) -> Path:
    return folder.joinpath(*name.split(".")).with_suffix(".class")
