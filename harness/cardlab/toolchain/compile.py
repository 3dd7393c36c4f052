"""Compiles Java sources with ECJ, which needs a Java runtime and no JDK. Nothing happens when nothing changed."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import BuildError
from cardlab.locking import Hold
from cardlab.toolchain import jars, places
from cardlab.toolchain.java import Java, find_java
from cardlab.toolchain.workbench import CompileOrder, workbench

# Class file version 50: the kits for Java Card 3.0.4 convert nothing newer, and those that follow still take it.
APPLET_TARGET = "1.6"
# What runs inside the virtual machine beside jCardSim.
HOST_TARGET = "17"
_PROBLEM = re.compile(r"^(?P<file>.+\.java):(?P<line>\d+): (?P<kind>error|warning): (?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint of the compiler, with the line (counted from 1) that it is about."""

    file: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {self.text}"


class CompileError(BuildError):
    """The sources did not compile. The message holds every problem as ``file:line: error: what``."""

    def __init__(self, problems: Sequence[Problem], output: str) -> None:
        shown = "\n".join(str(one) for one in problems) if problems else output.strip() or "the compiler gave no reason"
        super().__init__(shown, hint="mend the lines named above")
        self.problems = tuple(problems)


def compile_java(
    sources: Path | Sequence[Path],
    out_dir: Path,
    *,
    classpath: Sequence[Path] = (),
    target: str = APPLET_TARGET,
    warnings_are_errors: bool = True,
    debug: bool = True,
    java: Java | None = None,
) -> Path:
    """Compile every ``.java`` file below ``sources`` (folders or files) into ``out_dir``; returns ``out_dir``.

    ``out_dir`` is replaced as a whole, and only when all of it compiled; when sources, class path and options are those
    of the last time it is left alone. ``target`` is both the language level and the class file version (``1.6``,
    ``17``); the Java API is that of the runtime, for which applets are checked by a converter, not here. Class files
    carry lines, variables and source names unless ``debug`` is off. Raises CompileError, and
    MissingDependencyError when there is no compiler.
    """
    files = _source_files([sources] if isinstance(sources, Path) else sources)
    options = [*compiler_options(target, debug=debug)]
    if warnings_are_errors:
        options.append("-failOnWarning")
    bench = workbench()
    if bench is not None and (folder := bench.classes(CompileOrder(tuple(files), tuple(classpath), tuple(options)))):
        return folder
    out_dir = out_dir.absolute()
    fingerprint = _fingerprint(files, classpath, options)
    if _is_current(out_dir, fingerprint):
        return out_dir
    places.make_folder(out_dir.parent)
    with Hold(_beside(out_dir, ".lock"), out_dir, wait=math.inf):
        if not _is_current(out_dir, fingerprint):  # another process may have compiled it while we waited
            _compile(files, out_dir, classpath, options, java or find_java())
            _write_stamp(out_dir, fingerprint)
    return out_dir


def compiler_options(target: str = APPLET_TARGET, *, debug: bool = True) -> tuple[str, ...]:
    """ECJ's, all but class path and files."""
    debugging = "-g" if debug else "-g:none"
    return "-source", target, "-target", target, debugging, "-encoding", "UTF-8", "-proc:none", "-Xemacs"


def write_classes(classes: Mapping[str, bytes], folder: Path) -> Path:
    """Write class files by their binary names (``a.b.C$D``) below a folder; returns it."""
    for name, code in classes.items():
        file = folder.joinpath(*name.split(".")).with_suffix(".class")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(code)
    return folder


def class_files(folder: Path) -> dict[str, int]:
    """The class files below a folder: binary name (``a.b.C$D``) to size in bytes, by name."""
    found = {
        ".".join(one.relative_to(folder).with_suffix("").parts): one.stat().st_size for one in folder.rglob("*.class")
    }
    return dict(sorted(found.items()))


def _source_files(sources: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for one in sources:
        files += sorted(one.rglob("*.java")) if one.is_dir() else [one]
        if not one.exists():
            raise BuildError(f"there are no Java sources at {one}", hint="name a folder or a .java file that exists")
    if not files:
        raise BuildError(f"no .java file below {', '.join(str(one) for one in sources)}", hint="name another folder")
    return [one.absolute() for one in files]


def _fingerprint(files: Sequence[Path], classpath: Sequence[Path], options: Sequence[str]) -> str:
    """A hash of everything that decides what is compiled: contents of sources, state of the class path, options."""
    digest = hashlib.sha256()
    for part in (*options, jars.read_lock()["ecj"].sha256):
        digest.update(part.encode() + b"\0")
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file}\0{len(content)}\0".encode())
        digest.update(content)
    for entry in classpath:
        digest.update(f"{entry.absolute()}\0{_state(entry)}\0".encode())
    return digest.hexdigest()


def _state(entry: Path) -> str:
    """What tells one content of a class path entry from another: our own stamp, else size and time."""
    stamp = _beside(entry.absolute(), ".stamp")
    if entry.is_dir() and stamp.is_file():
        return hashlib.sha256(stamp.read_bytes()).hexdigest()
    files = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
    return repr([(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in files if one.is_file()])


def _is_current(out_dir: Path, fingerprint: str) -> bool:
    try:
        stamp = json.loads(_beside(out_dir, ".stamp").read_text(encoding="utf-8"))
        return bool(stamp["fingerprint"] == fingerprint and stamp["classes"] == class_files(out_dir))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _write_stamp(out_dir: Path, fingerprint: str) -> None:
    content = json.dumps({"fingerprint": fingerprint, "classes": class_files(out_dir)})
    temporary = _beside(out_dir, ".stamp.new")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(_beside(out_dir, ".stamp"))


def _compile(
    files: Sequence[Path], out_dir: Path, classpath: Sequence[Path], options: Sequence[str], java: Java
) -> None:
    with tempfile.TemporaryDirectory(prefix=out_dir.name + ".", dir=out_dir.parent) as temporary:
        classes = Path(temporary) / "classes"
        classes.mkdir()
        # A file of arguments: paths with blanks, and command lines longer than Windows takes.
        arguments = Path(temporary) / "arguments"
        words = [*options, "-d", str(classes), "-cp", os.pathsep.join(str(one) for one in classpath), *map(str, files)]
        arguments.write_text("\n".join(_quoted(one) for one in words), encoding="utf-8")
        command = [
            str(java.executable), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Dfile.encoding=UTF-8", "-jar", str(jars.jar("ecj")), f"@{arguments}",
        ]  # fmt: skip
        result = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
        )
        if result.returncode != 0:
            raise CompileError(_problems(result.stderr), result.stdout + result.stderr)
        _replace(classes, out_dir)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _problems(output: str) -> list[Problem]:
    found = (_PROBLEM.match(line) for line in output.splitlines())
    return [Problem(Path(one["file"]), int(one["line"]), one["kind"], one["text"]) for one in found if one]


def _replace(new: Path, out_dir: Path) -> None:
    """Put a folder in place of another one. The stamp goes first: a half-made folder never looks current."""
    _beside(out_dir, ".stamp").unlink(missing_ok=True)
    if out_dir.exists():
        shutil.rmtree(out_dir)
    new.rename(out_dir)


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(folder.name + suffix)
