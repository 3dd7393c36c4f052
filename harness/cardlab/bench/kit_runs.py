"""One run of our converter beside one of a kit's, each a process of its own, for the same class files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cardlab.bench.measure import Sample, times
from cardlab.errors import BuildError
from cardlab.toolchain.executable import Executable
from cardlab.toolchain.java import find_java
from cardlab.toolchain.kit.development_kit import Kit
from cardlab.toolchain.kit.imports import globalplatform

_MAIN = "com.sun.javacard.converter.Main"
_NOT_TOOLS = ("api_connected.jar", "JCBytecodeProfiler.jar")  # classes of theirs are older than those of tools.jar


@dataclass(frozen=True, slots=True)
class KitRuns:
    """Times of whole runs in seconds, start of Python and of Java included, measured in turns."""

    kit: str
    ours: Sample
    theirs: Sample

    @property
    def ratio(self) -> float:
        """How much longer the kit takes."""
        return self.theirs.median / self.ours.median


def kit_runs(made: Executable, kit: Kit, *, runs: int) -> KitRuns:
    """Convert with both, ``runs`` times each; BuildError with its words when one of them makes no CAP file."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        classes = folder / "classes"
        for name, code in made.package.classes.items():
            file = classes.joinpath(*name.split(".")).with_suffix(".class")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(code)
        ours, theirs = _ours(made, classes, folder), _theirs(made, kit, classes, folder)
        taken: tuple[list[Sample], list[Sample]] = ([], [])
        for _ in range(runs):
            for action, samples in zip((ours, theirs), taken, strict=True):
                samples.append(times(action, 1))
    ours_taken, theirs_taken = (Sample.of([one.min for one in each]) for each in taken)
    return KitRuns(kit.name, ours_taken, theirs_taken)


def _ours(made: Executable, classes: Path, folder: Path) -> Callable[[], None]:
    out, package = folder / "ours.cap", made.package
    command = [sys.executable, "-m", "cardlab.cli", "cap", "convert", str(classes), "-o", str(out)]
    command += ["--aid", package.aid.hex(), "--api", made.java_card, "--gp", made.globalplatform]
    for module in package.modules:
        command += ["--applet", f"{module.aid.hex()}={module.class_name}"]
    return lambda: _run(command, out)


def _theirs(made: Executable, kit: Kit, classes: Path, folder: Path) -> Callable[[], None]:
    package, name = made.package, next(iter(made.package.classes)).rpartition(".")[0]
    out = folder / "theirs"
    exports = [globalplatform(made.globalplatform).exports]
    exports += [kit.folder / "api_export_files"] if kit.export_files else []
    jars = sorted(
        (one for one in (kit.folder / "lib").glob("*.jar") if one.name not in _NOT_TOOLS),
        key=lambda one: (one != kit.tools, one.name),
    )
    command = [str(find_java().executable), f"-Djc.home={kit.folder}", "-cp", os.pathsep.join(map(str, jars)), _MAIN]
    command += ["-classdir", str(classes), "-d", str(out), "-out", "CAP"]
    command += ["-exportpath", os.pathsep.join(map(str, exports))]
    command += ["-target", kit.platform()] if kit.asks_for_target else []
    for module in package.modules:
        command += ["-applet", _colons(module.aid), module.class_name]
    command += [name, _colons(package.aid), f"{package.version[0]}.{package.version[1]}"]
    simple = name.rpartition(".")[2]
    return lambda: _run(command, out.joinpath(*name.split("."), "javacard", f"{simple}.cap"))


def _colons(aid: bytes) -> str:
    return ":".join(f"0x{octet:02X}" for octet in aid)


def _run(command: Sequence[str], makes: Path) -> None:
    makes.unlink(missing_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not makes.is_file():
        raise BuildError(f"{command[0]} made no CAP file: {done.stdout}{done.stderr}", hint="try the command by hand")
