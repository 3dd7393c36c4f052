"""Packages that are loaded before an applet's: of CAP files, and compiled from sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.cap.platform import JAVA_CARD, JAVA_LEVELS
from cardlab.cap.wanted import who_has_class
from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Library
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.api_jar import api_jar_file
from cardlab.toolchain.cap_package import Loadable, read_package_file
from cardlab.toolchain.compile import CompileError, compile_java
from cardlab.toolchain.executable import Executable, Package

_UNKNOWN = re.compile(r"\b((?:javacardx?|org\.globalplatform)\.[\w.]+) cannot be resolved")
_PROPRIETARY = b"\xf0"  # AIDs that nobody registers (ISO/IEC 7816-5:2004, 5)
_DIGEST = 7  # bytes behind it


@dataclass(frozen=True, slots=True)
class Libraries:
    """Packages in the order in which they are loaded, and the folders with those of their classes that are known."""

    packages: tuple[Loadable, ...] = ()
    classpath: tuple[Path, ...] = ()

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
        return self if known else Libraries((*self.packages, made), (*self.classpath, folder))

    def _of_cap(self, file: Path) -> tuple[Loadable, Path]:
        made = read_package_file(file, self.packages)
        classes = made.package.classes if isinstance(made, Executable) else {}
        return made, _unpacked(sha256(made.data_block).hexdigest()[:16], classes)

    def _of_sources(self, wanted: Library, java_card: str) -> tuple[Loadable, Path]:
        identity = sha256(f"{wanted.path}\0{java_card}".encode()).hexdigest()[:16]
        folder = places.cache_folder() / "packages" / identity
        compile_for(java_card, wanted.path, folder, self.classpath)
        classes = classes_in(folder)
        names = {name.rpartition(".")[0] for name in classes}
        if len(names) != 1:
            raise UsageError(
                f"{wanted.path} holds the Java packages {', '.join(sorted(names))}", hint="name a folder for each"
            )
        aid = wanted.aid or _PROPRIETARY + sha256(names.pop().encode()).digest()[:_DIGEST]
        return Executable(Package(aid, (1, 0), (), classes), java_card, libraries=self.executables), folder


def compile_for(java_card: str, sources: Path | Sequence[Path], folder: Path, libraries: Sequence[Path]) -> None:
    """Compile for a Java Card version, with the Java that goes with it.

    Raises CompileError, which says where a class that is missing would be found.
    """
    api = api_classpath() if java_card == JAVA_CARD else (api_jar_file(java_card),)
    target = JAVA_LEVELS[java_card]
    try:
        compile_java(sources, folder, classpath=(*api, *libraries), target=target, warnings_are_errors=False)
    except CompileError as error:
        newer = {name: who_has_class(name.replace(".", "/")) for name in _UNKNOWN.findall(str(error))}
        if known := [f"{name}{has}" for name, has in newer.items() if has]:
            error.hint = f"{', '.join(known)}: javacard_api chooses the version"
        raise


def build_libraries(wanted: Iterable[tuple[str, Library]]) -> Libraries:
    """Compile and convert what changed, each for a Java Card version.

    Raises CompileError, SubsetError, and UsageError for what cannot be read.
    """
    made = Libraries()
    for java_card, one in dict.fromkeys(wanted):
        made = made.plus(one, java_card)
    return made


def classes_in(folder: Path) -> dict[str, bytes]:
    """The class files below a folder by binary name, in alphabetical order."""
    found = {".".join(one.relative_to(folder).with_suffix("").parts): one for one in folder.rglob("*.class")}
    return {name: found[name].read_bytes() for name in sorted(found)}


def _unpacked(identity: str, classes: Mapping[str, bytes]) -> Path:
    """A folder with these class files, to compile against."""
    folder = places.cache_folder() / "packages" / identity
    for name, content in classes.items():
        file = folder.joinpath(*name.split(".")).with_suffix(".class")
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder
