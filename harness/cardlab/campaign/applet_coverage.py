"""Line and branch coverage of an applet, with JaCoCo's agent in the virtual machine (F4).

Cards are given the applet's own class files, for only those convert to the load file; the agent instruments them when
they are defined. Every process writes what it counted, and one report is made of all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cardlab.errors import BuildError, IntegrityError
from cardlab.runtime import jvm
from cardlab.toolchain import jars
from cardlab.toolchain.java import find_java

_ALWAYS_THROWS = "ISOException.throwIt("
# We write the counts ourselves, wherever the process ends. Classes that a card defines come from no file.
_AGENT_OPTIONS = "output=none,inclnolocationclasses=true"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of source with something to execute; counts of instructions and branches, executed and missed."""

    file: str
    number: int
    code: str
    covered: int
    missed: int
    branches_covered: int
    branches_missed: int

    @property
    def counts(self) -> bool:
        """Whether JaCoCo can tell that the line was executed.

        It counts a line when it is left, so a call that always throws is never counted; that it was made shows in the
        branch that leads to it.
        """
        return self.covered > 0 or not self.code.startswith(_ALWAYS_THROWS)

    @property
    def is_unreached(self) -> bool:
        """Whether the line was never executed, or one of its branches was never taken."""
        return self.branches_missed > 0 or (self.counts and self.covered == 0 and self.missed > 0)

    def __str__(self) -> str:
        what = f"{self.branches_missed} branches missed" if self.branches_missed else "never executed"
        return f"{self.file}:{self.number}: {what}: {self.code}"


@dataclass(frozen=True, slots=True)
class Unreached:
    """An entry of the list of what is knowingly not reached: the line as it reads, and why."""

    file: str
    code: str
    branches: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.branches} branches missed: {self.code}"


def start_virtual_machine(package: str) -> None:
    """Start this process's virtual machine with the agent in it, for the classes of a package; it must not run yet."""
    jvm.start(options=[f"-javaagent:{jars.jar('jacoco-agent')}={_AGENT_OPTIONS},includes={package}.*"])


def write_counts(path: Path) -> None:
    """Write what this process has counted so far; nothing when no instrumented class was loaded."""
    import jpype

    if not jpype.isJVMStarted():
        return
    try:
        agent = jvm.java_class("org.jacoco.agent.rt.RT").getAgent()
        counts = bytes(agent.getExecutionData(False))
    except (TypeError, jpype.JException):  # the agent is not on the class path, or nothing instrumented was loaded
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(counts)


def report(counts: Iterable[Path], classes: Path, sources: Path, folder: Path) -> tuple[Line, ...]:
    """Make ``applet.xml`` and the pages ``applet/`` in ``folder``; returns every line with something to execute.

    ``classes`` are the class files before instrumentation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    xml, html = folder / "applet.xml", folder / "applet"
    shutil.rmtree(html, ignore_errors=True)
    files = [str(path) for path in counts]
    _command_line(
        "report", *files, "--classfiles", str(classes), "--sourcefiles", str(sources), "--name", "applet",
        "--encoding", "UTF-8", "--xml", str(xml), "--html", str(html), "--quiet",
    )  # fmt: skip
    return read_report(xml, sources)


def read_report(xml: Path, sources: Path) -> tuple[Line, ...]:
    """The lines of a JaCoCo report, with their text from the sources."""
    lines = []
    for package in ElementTree.parse(xml).getroot().iter("package"):  # noqa: S314 - our own report
        for source in package.iter("sourcefile"):
            name = source.attrib["name"]
            text = (sources / package.attrib["name"] / name).read_text(encoding="utf-8").splitlines()
            for line in source.iter("line"):
                number = int(line.attrib["nr"])
                counts = (int(line.attrib[key]) for key in ("ci", "mi", "cb", "mb"))
                lines.append(Line(name, number, text[number - 1].strip(), *counts))
    return tuple(lines)


def read_exceptions(path: Path) -> tuple[Unreached, ...]:
    """The list of what is knowingly not reached; raises IntegrityError when an entry is incomplete."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("unreached", [])
        found = tuple(Unreached(one["file"], one["code"], one.get("branches", 0), one["reason"]) for one in entries)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise IntegrityError(f"{path} cannot be read as a list of exceptions: {error!r}") from error
    if any(not one.reason.strip() for one in found):
        raise IntegrityError(f"{path}: an entry has no reason", hint="say why the code cannot be reached")
    return found


def check(lines: Iterable[Line], exceptions: Sequence[Unreached]) -> tuple[str, ...]:
    """What differs between what was not reached and what is listed; empty when all is accounted for."""
    missed = [line for line in lines if line.is_unreached]
    seen = Counter((line.file, line.code, line.branches_missed) for line in missed)
    listed = Counter((one.file, one.code, one.branches) for one in exceptions)
    new, stale = seen - listed, listed - seen
    problems = []
    for line in missed:
        key = (line.file, line.code, line.branches_missed)
        if new[key] > 0:
            new[key] -= 1
            problems.append(f"not reached and not listed: {line}")
    for one in exceptions:
        key = (one.file, one.code, one.branches)
        if stale[key] > 0:
            stale[key] -= 1
            problems.append(f"listed but reached, or no longer there: {one}")
    return tuple(problems)


def table(lines: Sequence[Line]) -> tuple[tuple[str, int, int, int, int], ...]:
    """For each file and in all: lines covered, lines that count, branches covered, branches."""
    rows = []
    for file in [*sorted({line.file for line in lines}), "applet"]:
        own = [line for line in lines if line.counts and file in (line.file, "applet")]
        taken = sum(line.branches_covered for line in own)
        missed = sum(line.branches_missed for line in own)
        rows.append((file, sum(line.covered > 0 for line in own), len(own), taken, taken + missed))
    return tuple(rows)


def _command_line(*arguments: str) -> None:
    command = [str(find_java().executable), "-XX:TieredStopAtLevel=1", "-jar", str(jars.jar("jacoco-cli")), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    if result.returncode:
        raise BuildError(f"JaCoCo failed: {result.stderr.strip() or result.stdout.strip()}")
