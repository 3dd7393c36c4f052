"""The applet as a package: its class files, and what they convert to."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain import places
from cardlab.toolchain.executable import Executable, Module, Package
from jpki.client.constants import APPLET_CLASS, MODULE_AID, PACKAGE_AID, PACKAGE_VERSION
from jpki.sources import APPLET_GLOBALPLATFORM, compile_applet


def jpki_package(classes: Path | None = None) -> Package:
    """The applet's class files with its AIDs; compiles the applet unless a folder of its class files is given."""
    folder = compile_applet() if classes is None else classes
    return Package(
        aid=PACKAGE_AID,
        version=PACKAGE_VERSION,
        modules=(Module(MODULE_AID, APPLET_CLASS),),
        classes={_binary_name(folder, file): file.read_bytes() for file in sorted(folder.rglob("*.class"))},
    )


def jpki_executable(classes: Path | None = None) -> Executable:
    """The applet converted, ready to be loaded onto a card; raises SubsetError when that cannot be done."""
    return Executable(jpki_package(classes), globalplatform=APPLET_GLOBALPLATFORM)


def jpki_library(classes: Path | None = None) -> ClassLibrary:
    """What a simulated card must have to execute the applet when it is loaded."""
    return ClassLibrary([jpki_executable(classes)])


def write_cap(executable: Executable) -> Path:
    """Write the applet's CAP file to the build folder, where it is replaced whole; returns its path."""
    path = places.build_folder() / "jpki.cap"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != executable.cap:
        with NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(executable.cap)
        Path(stream.name).replace(path)
        path.chmod(0o644)
    return path


def _binary_name(folder: Path, file: Path) -> str:
    return ".".join(file.relative_to(folder).with_suffix("").parts)
