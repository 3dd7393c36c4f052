"""The applet as a package that a simulated card can hold."""

from __future__ import annotations

from pathlib import Path

from harness.jpki.constants import APPLET_CLASS, MODULE_AID, PACKAGE_AID, PACKAGE_VERSION
from harness.simulator.runtime import Module, Package
from harness.toolchain.applet import compile_applet


def jpki_package(classes: Path | None = None) -> Package:
    """The applet's class files with its AIDs; compiles the applet unless a folder of its class files is given."""
    folder = compile_applet() if classes is None else classes
    return Package(
        aid=PACKAGE_AID,
        version=PACKAGE_VERSION,
        modules=(Module(MODULE_AID, APPLET_CLASS),),
        classes={_binary_name(folder, file): file.read_bytes() for file in sorted(folder.rglob("*.class"))},
    )


def _binary_name(folder: Path, file: Path) -> str:
    return ".".join(file.relative_to(folder).with_suffix("").parts)
