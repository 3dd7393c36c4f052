"""What a folder with a Java Card kit holds: its release, the platforms it converts for, the class files it takes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import BuildError, IntegrityError, MissingDependencyError, UsageError

PLATFORM = "3.0.4"
"""The Java Card platform that the applet is written for."""
GET_A_KIT = (
    "kits are neither shipped nor downloaded here; get the Java Card Development Kit Tools (3.2, release 25.1) from"
    " Oracle's Java Card downloads page, or clone github.com/martinpaljak/oracle_javacard_sdks and take its folder"
    " jc320v25.1_kit. It may lie anywhere: name the folder that contains lib/tools.jar with --kit or JC_HOME"
)
_TOOLS = Path("lib", "tools.jar")
_VERSION_FILE = "com/sun/javacard/toolsversion.properties"
# What the converters take, by the release that they call themselves; 3.2.0 is 24.0. Tried with each release but 24.0
# and 25.0, which are like their successors.
_NEWEST_CLASS_FILE = {"3.0.4": 50, "3.0.5": 51, "3.1.0": 51, "3.2.0": 51, "24.1": 51, "25.0": 52, "25.1": 52}
# The updates of 3.0.5 differ in nothing that can be asked for but the year of their copyright.
_UPDATES = {"2018": "u3", "2020": "u4"}


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit in ``folder``. ``release`` is what its tools call themselves: ``3.0.4``, ``3.0.5u3``, ``3.1.0``, ``25.1``.

    ``platforms`` are the Java Card versions that it converts for, oldest first; ``newest_class_file`` is the newest
    class file version (50 is Java 6) that its converter takes, None where that is not known.
    """

    folder: Path
    release: str
    platforms: tuple[str, ...]
    newest_class_file: int | None

    @property
    def name(self) -> str:
        """For people: ``3.0.5u3``, or ``3.2.0 (25.1)`` where release and newest platform are not called the same."""
        newest = self.platforms[-1]
        return self.release if self.release.startswith(newest) else f"{newest} ({self.release})"

    @property
    def tools(self) -> Path:
        """The jar with converter and verifier."""
        return self.folder / _TOOLS

    @property
    def asks_for_target(self) -> bool:
        """Whether converter and verifier are told the platform; older ones know one."""
        return len(self.platforms) > 1

    def platform(self, wanted: str | None = None) -> str:
        """The platform to build for: ``wanted``, else 3.0.4 where the kit offers it. Raises UsageError."""
        if wanted is None:
            return PLATFORM if PLATFORM in self.platforms else self.platforms[0]
        if wanted not in self.platforms:
            raise UsageError(
                f"the kit {self.name} does not build for Java Card {wanted}",
                hint=f"it does for {', '.join(self.platforms)}",
            )
        return wanted

    @property
    def export_files(self) -> tuple[Path, ...]:
        """The export files of the API beside the tools; kits for several platforms have them inside tools.jar."""
        return tuple(sorted((self.folder / "api_export_files").rglob("*.exp")))

    def check_class_files(self, classes: Iterable[Path]) -> None:
        """Raises BuildError that names the first class file that is newer than the converter takes."""
        for file in classes:
            version = class_file_version(file)
            if self.newest_class_file is not None and version > self.newest_class_file:
                raise BuildError(
                    f"{file.name} has class file version {version}; the kit {self.name} takes up to"
                    f" {self.newest_class_file}",
                    hint=f"compile for Java {self.newest_class_file - 44} or older",
                )


def read_kit(folder: Path) -> Kit:
    """Look at the kit in a folder. Raises MissingDependencyError when there is none that could build the applet."""
    tools = folder / _TOOLS
    if not tools.is_file():
        raise _no_kit(folder)
    properties = _version_properties(tools)
    release = _property(properties, "converter.version")
    if not release:
        raise MissingDependencyError(f"{tools} is not that of a Java Card kit (an old JDK's?)", hint=GET_A_KIT)
    platforms = _platforms(folder) or (release,)
    if not any(_number(one) >= _number(PLATFORM) for one in platforms):
        raise MissingDependencyError(
            f"{folder} has Java Card {release}; the applet needs {PLATFORM} or newer", hint=GET_A_KIT
        )
    if len(platforms) > 1 and next(folder.glob("api_export_files_*"), None):
        raise MissingDependencyError(
            f"{folder} has the first release of {release}, which ant-javacard cannot drive", hint=GET_A_KIT
        )
    year = re.search(r"(\d{4}), Oracle", _property(properties, "copyright.banner"))
    update = _UPDATES.get(year[1], "") if year and release == "3.0.5" else ""
    return Kit(folder.absolute(), release + update, platforms, _NEWEST_CLASS_FILE.get(release))


def class_file_version(file: Path) -> int:
    """The major version of a class file (JVM specification 4.1): 50 for Java 6. Raises IntegrityError."""
    head = file.read_bytes()[:8]
    if len(head) < 8 or head[:4] != b"\xca\xfe\xba\xbe":
        raise IntegrityError(f"{file} is no class file", hint="delete the folder that it is in and compile again")
    return int.from_bytes(head[6:8])


def _no_kit(folder: Path) -> MissingDependencyError:
    """Why a folder is no kit, and what to do about it."""
    if not folder.is_dir():
        return MissingDependencyError(f"there is no folder {folder}", hint=GET_A_KIT)
    inside = sorted(one.parent.parent for one in folder.glob(f"*/{_TOOLS.as_posix()}"))
    if inside:
        names = ", ".join(one.name for one in inside)
        return MissingDependencyError(
            f"{folder} is no kit but holds some: {names}", hint=f"name one of them: --kit {inside[-1]}"
        )
    if any((folder / one).is_file() for one in ("lib/converter.jar", "bin/converter.jar", "lib/api21.jar")):
        why = f"the kit in {folder} is for Java Card 2; the applet needs {PLATFORM} or newer"
        return MissingDependencyError(why, hint=GET_A_KIT)
    return MissingDependencyError(f"{folder} is no Java Card kit: it has no {_TOOLS.as_posix()}", hint=GET_A_KIT)


def _version_properties(tools: Path) -> str:
    try:
        with zipfile.ZipFile(tools) as archive:
            return archive.read(_VERSION_FILE).decode("latin-1") if _VERSION_FILE in archive.namelist() else ""
    except (OSError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"{tools} cannot be read: {error}", hint="get the kit again") from error


def _property(properties: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}\s*=\s*(.*?)\s*$", properties, re.MULTILINE)
    return found[1] if found else ""


def _platforms(folder: Path) -> tuple[str, ...]:
    """The platforms of a kit for several: it has the API of each."""
    apis = (re.fullmatch(r"api_classic-(\d+\.\d+\.\d+)\.jar", one.name) for one in (folder / "lib").iterdir())
    return tuple(sorted((one[1] for one in apis if one), key=_number))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d+", version))
