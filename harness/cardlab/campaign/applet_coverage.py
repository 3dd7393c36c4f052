"""Line and branch coverage of an applet, counted by the virtual machine in the load file that it executes (F4).

What is measured is what goes onto a card: every instruction and every way that a branch can take, found in the CAP
file and told by source line through its Debug component. Every process writes what its cards executed, and one report
is made of all.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cardlab.cap.debug import DebugMethod, read_debug
from cardlab.cap.disasm import Decoded, disassemble
from cardlab.cap.reader import read_load_file
from cardlab.classfile.flow import Flow
from cardlab.errors import IntegrityError
from cardlab.runtime.vm.adapter import executed
from cardlab.runtime.vm.names import kept_of_file
from cardlab.toolchain.executable import Executable

_WAY = 16  # bits of a place
_NOTHING = ("aload_0", "invokespecial", "return")


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
    def is_unreached(self) -> bool:
        """Whether the line was never executed, or one of its branches was never taken."""
        return self.branches_missed > 0 or (self.covered == 0 and self.missed > 0)

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


def write_counts(path: Path) -> None:
    """Write what cards of this process have executed while coverage was kept."""
    counts = {sha256(one).hexdigest(): seen_and_ways for one, seen_and_ways in executed().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(counts), encoding="ascii")


@dataclass(slots=True)
class _Tally:
    """Of one line: instructions executed and missed, ways of branches taken and missed."""

    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, place: int, *, done: bool) -> None:
        """Count in one of the two pairs, which begin at 0 and 2."""
        self.counts[place + (not done)] += 1


def report(counts: Iterable[Path], applet: Executable, sources: Path) -> tuple[Line, ...]:
    """Every line of the applet with something to execute; ``sources`` is the root of its packages."""
    wanted = sha256(kept_of_file(applet.data_block)).hexdigest()
    seen: set[int] = set()
    ways: set[int] = set()
    for path in counts:
        one_seen, one_ways = json.loads(path.read_text(encoding="ascii")).get(wanted, ((), ()))
        seen.update(one_seen)
        ways.update(one_ways)
    return tuple(_lines(_tallies(applet, seen, ways), sources))


def _tallies(applet: Executable, seen: set[int], ways: set[int]) -> dict[tuple[str, int], _Tally]:
    """By source file with its folders, and line."""
    code = read_load_file(applet.data_block).methods.info
    tallies: dict[tuple[str, int], _Tally] = defaultdict(_Tally)
    for owner in read_debug(applet.converted.debug).classes:
        file = "/".join((*owner.name.split(".")[:-1], owner.source))
        for method in owner.methods:
            for one in _instructions(code, method):
                at = method.location + method.header_size + one.address
                tally = tallies[file, method.line(at)]
                tally.add(0, done=at in seen)
                for target in _ways(one):
                    way = at << _WAY | (at - one.address + target)
                    tally.add(2, done=way in ways)
    return tallies


def places_of_lines(load_file: bytes, debug: bytes) -> dict[int, tuple[str, int]]:
    """Of each instruction's place in the Method component's info the source file, with its folders, and line."""
    code, found = read_load_file(load_file).methods.info, {}
    for owner in read_debug(debug).classes:
        file = "/".join((*owner.name.split(".")[:-1], owner.source))
        for method in owner.methods:
            for one in _instructions(code, method):
                at = method.location + method.header_size + one.address
                found[at] = file, method.line(at)
    return found


def _instructions(code: bytes, method: DebugMethod) -> tuple[Decoded, ...]:
    """None of a constructor that does nothing, which keeps others from making objects of a class."""
    start = method.location + method.header_size
    found = disassemble(code[start : start + method.body_size], method.name) if method.body_size else ()
    return () if method.name == "<init>" and tuple(one.name for one in found) == _NOTHING else found


def _ways(one: Decoded) -> tuple[int, ...]:
    """Where a branch can lead, each place once; nothing for an instruction with a single way on."""
    if one.opcode.flow is Flow.SWITCH:
        return tuple(dict.fromkeys(one.targets))
    if one.opcode.flow is Flow.BRANCH:
        return tuple(dict.fromkeys((*one.targets, one.end)))
    return ()


def _lines(tallies: dict[tuple[str, int], _Tally], sources: Path) -> Iterable[Line]:
    texts: dict[str, list[str]] = {}
    for (file, number), tally in sorted(tallies.items()):
        if file not in texts:
            texts[file] = (sources / file).read_text(encoding="utf-8").splitlines()
        yield Line(Path(file).name, number, texts[file][number - 1].strip(), *tally.counts)


def annotated(lines: Sequence[Line], sources: Path) -> Iterable[tuple[str, str]]:
    """Each source file by its name, and its text with a mark before every line: executed, in part, not."""
    by_file: dict[str, dict[int, Line]] = defaultdict(dict)
    for line in lines:
        by_file[line.file][line.number] = line
    for path in sorted(sources.rglob("*.java")):
        known = by_file.get(path.name, {})
        text = path.read_text(encoding="utf-8").splitlines()
        yield path.name, "".join(f"{_mark(known.get(n))}{n:5} {one}\n" for n, one in enumerate(text, 1))


def _mark(line: Line | None) -> str:
    if line is None:
        return "      "
    return "  !!  " if line.covered == 0 else f"  !{line.branches_missed}  " if line.branches_missed else "  ok  "


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
    """For each file and in all: lines covered, lines, branches covered, branches."""
    rows = []
    for file in [*sorted({line.file for line in lines}), "applet"]:
        own = [line for line in lines if file in (line.file, "applet")]
        taken = sum(line.branches_covered for line in own)
        missed = sum(line.branches_missed for line in own)
        rows.append((file, sum(line.covered > 0 for line in own), len(own), taken, taken + missed))
    return tuple(rows)
