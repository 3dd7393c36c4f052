"""Running a vendor's kit, where JC_HOME names one. Run as a program it records what the kit makes of the corpus,
for the Java Card version that is its argument; with `no-debug` of class files compiled without `-g`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cardlab.cap.container import unpack
from cardlab.cap.exportfile import ExportFile, write_exp
from cardlab.toolchain.java import find_java
from tests.cardlab.cap.corpus import (
    PLATFORM,
    RECORDED,
    WITHOUT_DEBUG,
    Case,
    class_digest,
    compiled,
    digests,
    names,
    names_without_debug,
)
from tests.waiting import PATIENCE

EXPORT_FILE = "exp"
"""Beside the components: the export file, where there is one."""


def home() -> Path | None:
    """The kit's folder, None without one."""
    named = os.environ.get("JC_HOME")
    return Path(named) if named else None


def _run(kit: Path, main: str, arguments: Sequence[str]) -> str:
    jars = sorted(
        f for f in (kit / "lib").glob("*.jar") if f.name not in ("api_connected.jar", "JCBytecodeProfiler.jar")
    )
    jars.sort(key=lambda f: f.name != "tools.jar")
    path = os.pathsep.join(str(f) for f in jars)
    command = [str(find_java().executable), f"-Djc.home={kit}", "-cp", path, main, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout + done.stderr


def _colons(aid: bytes) -> str:
    return ":".join(f"0x{b:02X}" for b in aid)


def convert(
    kit: Path, case: Case, out: Path, libraries: Sequence[ExportFile] = (), platform: str = PLATFORM
) -> dict[str, bytes]:
    """The components that the kit makes, by file name; empty when it refuses (its words go to standard error)."""
    exports = out / "exports"
    for library in libraries:
        target = exports / library.name / "javacard" / f"{library.name.rpartition('/')[2]}.exp"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(write_exp(library))
    path = [p for p in (kit / "api_export_files", exports) if p.is_dir()]
    arguments = ["-classdir", str(case.classes), "-d", str(out), "-out", "CAP", "EXP"]
    if path:
        arguments += ["-exportpath", os.pathsep.join(str(p) for p in path)]
    if not (kit / "api_export_files").is_dir():
        arguments += ["-target", platform if platform.count(".") == 2 else f"{platform}.0"]
    if case.ints:
        arguments.append("-i")
    for aid, name in case.applets:
        arguments += ["-applet", _colons(aid), name]
    words = _run(kit, "com.sun.javacard.converter.Main", [*arguments, case.name, _colons(case.aid), "1.0"])
    cap = out / case.name / "javacard" / f"{case.name}.cap"
    if not cap.is_file():
        sys.stderr.write(words)
        return {}
    parts = {n.rpartition("/")[2]: d for n, d in unpack(cap.read_bytes()).items() if n.endswith(".cap")}
    exported = cap.with_suffix(".exp")
    return parts | ({EXPORT_FILE: exported.read_bytes()} if exported.is_file() else {})


def _record(kit: Path, platform: str, debug: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        classes = compiled(out, debug)
        library = Case("library", classes).convert(platform=platform).export
        found = {}
        for name in names() if debug else names_without_debug():
            case = Case(name, classes)
            components = convert(kit, case, out / "kit", [library] if name == "user" else [], platform)
            exported = digests({EXPORT_FILE: components.pop(EXPORT_FILE, b"")})
            found[name] = {"classes": class_digest(case), "components": digests(components), "export": exported}
        target = RECORDED[platform] if debug else WITHOUT_DEBUG
        target.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    chosen = home()
    if chosen is None:
        raise SystemExit("set JC_HOME to the folder of a kit")
    words = [word for word in sys.argv[1:] if word != "no-debug"]
    _record(chosen, words[0] if words else PLATFORM, "no-debug" not in sys.argv)
