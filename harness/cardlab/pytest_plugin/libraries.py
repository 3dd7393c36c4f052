"""Packages that are loaded before an applet's: of CAP files, and compiled from sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import read_exports
from cardlab.cap.platform import api
from cardlab.errors import UsageError
from cardlab.java_card import JAVA_CARD, JAVA_CARD_VERSIONS, JAVA_LEVELS
from cardlab.pytest_plugin.applet import Library
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.api_jar import api_jar_file, stubs_file
from cardlab.toolchain.cap_package import Loadable, read_package_file
from cardlab.toolchain.compile import CompileError, compile_java
from cardlab.toolchain.executable import Executable, Package
from cardlab.toolchain.missing import newer_versions

_PROPRIETARY = b"\xf0"  # AIDs that nobody registers (ISO/IEC 7816-5:2004, 5)
_DIGEST = 7  # bytes behind it


@dataclass(frozen=True, slots=True)
class Libraries:
    """Packages in the order in which they are loaded, and the folders with those of their classes that are known.

    ``imports`` are packages of which there is an export file.
    """

    packages: tuple[Loadable, ...] = ()
    classpath: tuple[Path, ...] = ()
    imports: tuple[ExportFile, ...] = ()

    @property
    def executables(self) -> tuple[Executable, ...]:
        """Those that others can be converted against."""
        return tuple(one for one in self.packages if isinstance(one, Executable))

    def plus(self, wanted: Library, java_card: str) -> Libraries:
        """With another one, which may use those before it."""
        made, folder = self._of_cap(wanted.path) if wanted.is_cap else self._of_sources(wanted, java_card)
        known = next((one for one in self.packages if one.aid == made.aid), None)
        if known is not None and known.data_block != made.data_block:
            raise UsageError(
                f"package {wanted.path} has the AID {made.aid.hex().upper()} of another one",
                hint="write another AID behind it: path=F00000000102",
            )
        return self if known else replace(self, packages=(*self.packages, made), classpath=(*self.classpath, folder))

    def _of_cap(self, file: Path) -> tuple[Loadable, Path]:
        made = read_package_file(file, self.packages)
        classes = made.package.classes if isinstance(made, Executable) else {}
        return made, _unpacked(made.data_block, classes)

    def _of_sources(self, wanted: Library, java_card: str) -> tuple[Loadable, Path]:
        identity = sha256(f"{wanted.path}\0{java_card}".encode()).hexdigest()[:16]
        folder = places.cache_folder() / "packages" / identity
        folder = compile_for(java_card, wanted.path, folder, self.classpath)
        classes = classes_in(folder)
        names = {name.rpartition(".")[0] for name in classes}
        if len(names) != 1:
            raise UsageError(
                f"{wanted.path} holds the Java packages {', '.join(sorted(names))}", hint="name a folder for each"
            )
        aid = wanted.aid or _PROPRIETARY + sha256(names.pop().encode()).digest()[:_DIGEST]
        package = Package(aid, (1, 0), (), classes)
        return Executable(package, java_card, libraries=self.executables, imports=self.imports), folder


def compile_for(java_card: str, sources: Path | Sequence[Path], folder: Path, libraries: Sequence[Path]) -> Path:
    """Compile for a Java Card version, with the Java that goes with it; returns the folder of the class files.

    Raises CompileError, which says where a class that is missing would be found.
    """
    card = api_classpath() if java_card == JAVA_CARD else (api_jar_file(java_card),)
    target = JAVA_LEVELS[java_card]
    try:
        return compile_java(sources, folder, classpath=(*card, *libraries), target=target, warnings_are_errors=False)
    except CompileError as error:
        if newer := newer_versions(str(error)):
            error.hint = f"{newer}: javacard_api chooses the version"
        raise


def build_libraries(wanted: Iterable[tuple[str, Library]], exports: Iterable[Path] = ()) -> Libraries:
    """Compile and convert what changed, each for a Java Card version; ``exports`` are places of export files.

    Raises CompileError, SubsetError, and UsageError and ExportFileError for what cannot be read.
    """
    made = _imported(exports)
    for java_card, one in dict.fromkeys(wanted):
        made = made.plus(one, java_card)
    return made


def _imported(places_of: Iterable[Path]) -> Libraries:
    """Nothing but what the export files say; it is compiled against stubs of them."""
    found = tuple(package for place in places_of for package in read_exports(place).packages())
    stubs = (stubs_file(api(JAVA_CARD_VERSIONS[-1]).plus(found), found),) if found else ()
    return Libraries(classpath=stubs, imports=found)


def classes_in(folder: Path) -> dict[str, bytes]:
    """The class files below a folder by binary name, in alphabetical order."""
    found = {".".join(one.relative_to(folder).with_suffix("").parts): one for one in folder.rglob("*.class")}
    return {name: found[name].read_bytes() for name in sorted(found)}


def _unpacked(data_block: bytes, classes: Mapping[str, bytes]) -> Path:
    """A folder with these class files and no others, to compile against."""
    identity = sha256(b"".join((data_block, *classes.values()))).hexdigest()[:16]
    folder = places.cache_folder() / "packages" / identity
    for name, content in classes.items():
        file = folder.joinpath(*name.split(".")).with_suffix(".class")
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder
