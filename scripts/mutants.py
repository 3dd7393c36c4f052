"""Hunts the deliberate faults of tests/jpki/applet/faults and says what noticed each: a test, the model, a property.

    .venv/bin/python scripts/mutants.py [--examples N] [--by test,model,properties] [WORD ...]
    .venv/bin/python scripts/mutants.py --markdown       the table of docs/generated/mutants.md, as found so far
    .venv/bin/python scripts/mutants.py --write          the same, into docs/generated/mutants.md

Each fault is hunted by the test that tests/jpki/applet/faults names for it, by the state machine with the model, and by
the state machine without it, where only the properties count (they judge commands and answers alone). What was found is
kept in build/mutants.json and not hunted again until the applet, the fault or the tests change; ``--again`` hunts
anyway. WORDs choose the faults whose names hold one of them. Exit code 1 when something was not as the faults' files
say, 5 when a fault does not fit the applet any more.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from cardlab.campaign.mutants import Mutant
    from tests.jpki.applet.machine_mutants import Ground

TESTS = ROOT / "tests" / "applet"
RECORD = ROOT / "build" / "mutants.json"
PAGE = ROOT / "docs" / "generated" / "mutants.md"
BEGIN, END = "<!-- faults: scripts/mutants.py --write -->", "<!-- end of faults -->"
WAYS = ("test", "model", "properties")


@dataclass(frozen=True, slots=True)
class Found:
    """What noticed a fault; None: not hunted that way, empty: not noticed.

    ``lives``: so many random lives at most were tried with the model.
    """

    test: str | None = None
    model: str | None = None
    properties: str | None = None
    lives: int = 0

    @property
    def noticed(self) -> bool:
        """Whether anything noticed it."""
        return any((self.test, self.model, self.properties))


def fingerprint(mutant: Mutant, with_machine: bool) -> str:
    """A hash of what decides the outcome: the applet, the fault, and the tests that hunt it."""
    digest = hashlib.sha256(repr(mutant.edits).encode())
    digest.update(applet_sources())
    digest.update(machine_sources() if with_machine else source_of(TESTS, mutant.test).encode())
    return digest.hexdigest()


@cache
def applet_sources() -> bytes:
    """All of them; read once, as nothing here is about an applet that changes meanwhile."""
    return b"".join(file.read_bytes() for file in sorted((ROOT / "applet").rglob("*.java")))


@cache
def machine_sources() -> bytes:
    """The state machine and the model."""
    files = [*sorted(TESTS.glob("machine*.py")), *sorted((ROOT / "harness" / "model").glob("*.py"))]
    return b"".join(file.read_bytes() for file in files)


@cache
def source_of(folder: Path, test: str) -> str:
    """The text of a test as it is named in the faults' files: that of a function, with its decorators, or a file."""
    file, _, name = test.partition("::")
    text = (folder / file).read_text(encoding="utf-8")
    for node in ast.parse(text).body if name else ():
        if isinstance(node, ast.FunctionDef) and node.name == name:
            decorators = [ast.get_source_segment(text, one) or "" for one in node.decorator_list]
            return "\n".join([*decorators, ast.get_source_segment(text, node) or ""])
    return text


class Record:
    """What was found so far, kept in a file, each entry with the fingerprint under which it was found."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, str | int]] = {}
        if path.is_file():
            self._entries = json.loads(path.read_text(encoding="utf-8"))

    def get(self, mutant: Mutant) -> Found:
        """What is known about a fault and still holds."""
        by: dict[str, str] = {}
        lives = 0
        for way in WAYS:
            entry = self._entries.get(f"{way}: {mutant.name}")
            if entry and entry["fingerprint"] == fingerprint(mutant, way != "test"):
                by[way] = str(entry["by"])
                lives = int(entry["lives"]) if way == "model" else lives
        return Found(by.get("test"), by.get("model"), by.get("properties"), lives)

    def put(self, mutant: Mutant, way: str, by: str, lives: int) -> None:
        """Keep one result, at once: a hunt takes long and may be interrupted."""
        entry: dict[str, str | int] = {"by": by, "lives": lives, "fingerprint": fingerprint(mutant, way != "test")}
        self._entries[f"{way}: {mutant.name}"] = entry
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._entries, indent=1, ensure_ascii=False), encoding="utf-8")


class Hunt:
    """One fault and what its hunts share."""

    def __init__(self, mutant: Mutant, folder: Path, examples: int) -> None:
        self._mutant, self._folder, self._examples = mutant, folder, examples
        self._ground: Ground | None = None

    def by(self, way: str) -> str:
        """What noticed the fault in one of the three ways, or nothing."""
        if way == "test":
            from tests.jpki.applet.mutants import noticed_by

            return noticed_by(self._mutant, self._mutant.test)
        from tests.jpki.applet.machine_mutants import Ground

        self._ground = self._ground or Ground.prepare(self._mutant, self._folder)
        catch = self._ground.hunt(examples=self._examples, with_model=way == "model")
        if not catch.message:
            return ""
        print(f"    {catch.by}, life {catch.life}: {catch.message}", flush=True)
        return f"{catch.by}, life {catch.life}"


def table(mutants: list[Mutant], record: Record) -> str:
    """The faults as the page has them: one table of those that are noticed, one of those that cannot be."""
    lines = ["| fault | requirement | test | with the model, lives | properties alone |", "|---|---|---|---|---|"]
    for mutant in mutants:
        if not mutant.undetectable:
            found = record.get(mutant)
            life = (
                found.model.rpartition(" ")[2] if found.model else "?" if found.model is None else f"– ({found.lives})"
            )
            cells = (mutant.name, mutant.requirement, f"`{mutant.test}`", life, _shown(found.properties))
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| not noticed, and why | requirement | not even by |", "|---|---|---|"]
    for mutant in mutants:
        if mutant.undetectable:
            lines.append(f"| {mutant.name}: {mutant.undetectable} | {mutant.requirement} | `{mutant.test}` |")
    return "\n".join(lines)


def _shown(by: str | None) -> str:
    if by is None:
        return "?"
    return f"`{by.partition(',')[0]}`" if by else "–"


def summary(mutants: list[Mutant], record: Record) -> str:
    """One sentence that counts."""
    real = [one for one in mutants if not one.undetectable]
    found = [record.get(one) for one in real]
    ways = {
        "the test named": [one.test for one in found],
        "the state machine with the model": [one.model for one in found],
        "the properties alone": [one.properties for one in found],
    }
    counts = [f"{sum(map(bool, by))} of {sum(one is not None for one in by)} by {way}" for way, by in ways.items()]
    return (
        f"{len(mutants)} faults: {sum(one.noticed for one in found)} of {len(real)} are noticed "
        f"({', '.join(counts)}, of those hunted in that way), {len(mutants) - len(real)} cannot be."
    )


def write_page(content: str) -> None:
    """Put the table between its marks in docs/generated/mutants.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or not after:
        raise SystemExit(f"{PAGE.name} has lost its marks {BEGIN} and {END}: put them back")
    PAGE.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{after}", encoding="utf-8")


def problem(mutant: Mutant, found: Found) -> str:
    """What is not as the fault's file says."""
    if mutant.undetectable:
        return "listed as undetectable, but noticed" if found.noticed else ""
    if mutant.machine and found.model == "":
        return "not noticed by the state machine any more"
    if found.test == "":
        return f"not noticed by {mutant.test}" + (", but otherwise" if found.noticed else "")
    return "" if found.noticed or None in (found.test, found.model, found.properties) else "NOT NOTICED"


def main() -> int:
    """Hunt, and print one line for each fault as it is done."""
    from cardlab.campaign.mutants import require_fitting
    from cardlab.errors import HarnessError
    from jpki import sources
    from tests.jpki.applet.mutants import all_mutants

    parser = argparse.ArgumentParser(description="which deliberate faults are noticed, and by what")
    parser.add_argument("--examples", type=int, default=300, help="at most so many random lives for each (default 300)")
    parser.add_argument("--by", default=",".join(WAYS), help="hunt in these ways only (test, model, properties)")
    parser.add_argument("--machine", action="store_true", help="only faults that the state machine is known to find")
    parser.add_argument("--again", action="store_true", help="hunt those too whose outcome is known")
    parser.add_argument(
        "--markdown", action="store_true", help="hunt nothing, print the table of docs/generated/mutants.md"
    )
    parser.add_argument(
        "--write", action="store_true", help="hunt nothing, put the table into docs/generated/mutants.md"
    )
    parser.add_argument("words", nargs="*", help="only faults whose names hold one of these words")
    options = parser.parse_args()
    record = Record(RECORD)
    try:
        mutants = list(all_mutants())
        require_fitting(mutants, sources.applet_sources())
        if options.markdown or options.write:
            content = f"{summary(mutants, record)}\n\n{table(mutants, record)}"
            write_page(content) if options.write else print(content)
            return 0
        chosen = [one for one in mutants if not options.words or any(word in one.name for word in options.words)]
        chosen = [one for one in chosen if one.machine or not options.machine]
        return _hunt_all(chosen, options.by.split(","), record, options)
    except HarnessError as error:
        print(f"{error}\n{error.hint}", file=sys.stderr)
        return error.exit_code


def _hunt_all(chosen: list[Mutant], ways: list[str], record: Record, options: argparse.Namespace) -> int:
    from cardlab.errors import HarnessError

    problems = []
    for number, mutant in enumerate(chosen, 1):
        start = time.perf_counter()
        print(f"{number}/{len(chosen)} {mutant.name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            hunt = Hunt(mutant, Path(folder), options.examples)
            for way in ways:
                known = getattr(record.get(mutant), way)
                if known is None or options.again or (known == "" and record.get(mutant).lives < options.examples):
                    try:
                        record.put(mutant, way, hunt.by(way), options.examples)
                    except HarnessError as error:
                        problems.append(f"{mutant.name}: {error}")
        found = record.get(mutant)
        if wrong := problem(mutant, found):
            problems.append(f"{mutant.name}: {wrong}")
        shown = {way: getattr(found, way) for way in WAYS}
        print(f"    {shown} {wrong} ({time.perf_counter() - start:.0f} s)", flush=True)
    print("\n".join(["", summary(chosen, record), *problems]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
