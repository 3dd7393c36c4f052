"""The corpus: one package for each construct, below `corpus/`, and what a vendor's kit makes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.cap.convert import Conversion, convert
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.platform import cap_format
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.jars import jar

FOLDER = Path(__file__).with_name("corpus")
RECORDED = {"3.0.5": FOLDER / "kit.json", "3.1": FOLDER / "kit-3.1.json"}
"""What kits made of the corpus, by the Java Card version that they converted for."""
WITHOUT_DEBUG = FOLDER / "kit-no-debug.json"
"""What kit 3.2 made of the corpus compiled without `-g`, for 3.0.5; no components where it refused."""
UNDECLARED = Path(__file__).with_name("undeclared")
"""More packages that are compiled without `-g` only: with it they are refused, or the question does not arise."""
APPLETS = {
    "consts": "Consts",
    "crypto": "Crypto",
    "house": "House",
    "ints": "Ints",
    "minimal": "Minimal",
    "shared": "Shared",
    "spare": "Spare",
    "user": "User",
}
WITH_INT = ("ints", "intlocals")
PLATFORM = "3.0.5"


def names() -> list[str]:
    """All packages; `library` comes before `user`, which imports it."""
    return _packages(FOLDER)


def names_without_debug() -> list[str]:
    """All packages that are compiled without `-g`."""
    return sorted((*_packages(FOLDER), *_packages(UNDECLARED)))


def _packages(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.is_dir())


@dataclass(frozen=True)
class Case:
    """One package of the corpus."""

    name: str
    classes: Path

    @property
    def aid(self) -> bytes:
        """A proprietary AID that names the package."""
        return b"\xf0\x00" + hashlib.sha256(self.name.encode()).digest()[:5]

    @property
    def applets(self) -> list[tuple[bytes, str]]:
        """AID and class of the applet, if the package has one."""
        return [(self.aid + b"\x01", f"{self.name}.{APPLETS[self.name]}")] if self.name in APPLETS else []

    @property
    def ints(self) -> bool:
        """Whether the package may use int."""
        return self.name in WITH_INT

    def raw(self) -> list[bytes]:
        """The class files."""
        return [f.read_bytes() for f in sorted((self.classes / self.name).glob("*.class"))]

    def convert(self, libraries: tuple[ExportFile, ...] = (), platform: str = PLATFORM) -> Conversion:
        """What our converter makes of it."""
        exports: Exports = builtin(platform).plus(libraries)
        aid, wanted = self.aid, cap_format(platform)
        return convert(self.raw(), aid, (1, 0), self.applets, exports, wanted, ints=self.ints)


def compiled(folder: Path, debug: bool = True) -> Path:
    """The folder of the class files of all packages, compiled below `folder`; `debug` as for `-g`."""
    folders = (FOLDER,) if debug else (FOLDER, UNDECLARED)
    sources = [p for one in folders for name in _packages(one) for p in sorted((one / name).glob("*.java"))]
    classpath = [jar("jcardsim")]
    return compile_java(sources, folder / "classes", classpath=classpath, warnings_are_errors=False, debug=debug)


def converted(classes: Path) -> dict[str, Conversion]:
    """Every package, converted; `user` imports `library`."""
    library = Case("library", classes).convert()
    return {name: Case(name, classes).convert((library.export,) if name == "user" else ()) for name in names()}


def class_digest(case: Case) -> str:
    """A hash over the class files, to tell whether a record was made of the same ones."""
    digest = hashlib.sha256()
    for raw in case.raw():
        digest.update(hashlib.sha256(raw).digest())
    return digest.hexdigest()


def digests(components: Mapping[str, bytes]) -> dict[str, str]:
    """Component file name to SHA-256."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(components.items())}


def recorded(platform: str = PLATFORM) -> dict[str, dict[str, object]]:
    """What a kit made of the corpus: per package the class digest and the components' digests."""
    found: dict[str, dict[str, object]] = json.loads(RECORDED[platform].read_text("utf-8"))
    return found
