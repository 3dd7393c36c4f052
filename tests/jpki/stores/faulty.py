"""Runs commands on a disk that fails: LD_PRELOAD=faulty_disk.so python -m tests.jpki.stores.faulty IMAGE WORK WHAT.

Each try is a child of this process, which has imported everything already.
"""

from __future__ import annotations

import ctypes
import importlib
import io
import json
import os
import pkgutil
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jpki
from cardlab.card import statefile
from cardlab.errors import HarnessError
from jpki.cli import run
from jpki.client.constants import Profile
from jpki.parties.ca.status import CertStatus
from jpki.parties.world import World
from tests.jpki.flows.truth import check_slot_in_use, check_world
from tests.jpki.flows.worlds import PINS
from tests.jpki.stores.cases import CASES, Case, words_of

KINDS = ("kill", "cut", "full")


class Disk:
    """The interposer that this process was started with."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.fault_done.restype = ctypes.c_long

    def arm(self, folder: Path, at: int, kind: str) -> None:
        """Something happens at operation ``at``, from 1; 0: nothing."""
        self._library.fault_arm(str(folder).encode(), ctypes.c_long(at), kind.encode())

    @property
    def done(self) -> int:
        """How many operations there were."""
        return int(self._library.fault_done())


def in_child(act: Callable[[], str]) -> tuple[int, str]:
    """How a child ended that did this (negative: by a signal), and what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said = "nothing"
        try:
            said = act()
        except BaseException as error:
            said = f"Traceback {error!r}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def command(words: list[str]) -> str:
    """The exit code of a command, and what it said on standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words)
    return f"{code} {err.getvalue()}"


def wrong_after(case: Case, world: Path, ended: int, said: str) -> Iterator[str]:
    """What is not as it should be."""
    if ended not in (0, -signal.SIGKILL):
        yield f"ended with {ended}"
    if ended == 0:
        code, _, words = said.partition(" ")
        error = words[words.find("jpki: ") :] if "jpki: " in words else ""  # what comes before is progress
        if code not in ("0", "12") or "Traceback" in words or len(error.splitlines()) > 3:
            yield f"said {said}"
    _, again = in_child(lambda: command(words_of(case.words, world)))
    if int(again.split()[0]) not in (case.again if ended == 0 and said.startswith("0") else {*case.again, 0}):
        yield f"and again: {again}"
    _, found = in_child(lambda: look(case, world))
    if found:
        yield found
    left = [str(one.relative_to(world)) for one in world.rglob("*") if one.name.endswith((".new", "-journal", "lock"))]
    if left:
        yield f"left: {left}"


def look(case: Case, world: Path) -> str:
    """The world opened, every store of it; "" when all is well."""
    try:
        with World.open(world) as opened:
            for name in opened.residents:
                cards = [one for one in opened.ca.certificates_of(name) if one.medium is Profile.CARD]
                good = [one for one in cards if opened.ca.status(one.serial).state is CertStatus.GOOD]
                if len(good) != 2:
                    return f"{name} has {len(good)} good certificates on the card"
            for card in world.glob("*/*/card"):  # sound, without a virtual machine to put it into
                statefile.read(card)
            if len(opened.residents) < 3 and opened.ca.certificates_of("jiro"):
                states = {opened.ca.status(one.serial).state for one in opened.ca.certificates_of("jiro")}
                if states != {CertStatus.REVOKED}:
                    return f"certificates of nobody: {states}"
            if case.with_cards:
                check_world(opened)
            for slot in PINS if case.in_use else ():
                check_slot_in_use(opened, "p1", "hanako", slot, PINS[slot])
    except HarnessError as error:
        return f"does not open: {error}"
    except AssertionError as error:
        return f"not as it should be: {error!r}"
    return ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault at one operation of a command."""

    name: str
    kind: str
    at: int

    @classmethod
    def read(cls, line: str) -> Fault:
        """As ``str`` writes it: ``phone issue, kill at 17``."""
        name, _, rest = line.partition(", ")
        kind, _, at = rest.partition(" at ")
        return cls(name, kind, int(at))

    def __str__(self) -> str:
        return f"{self.name}, {self.kind} at {self.at}"


class Bench:
    """Tries faults, each on a copy of the image."""

    def __init__(self, image: Path, work: Path) -> None:
        self._image = image
        self._work = work
        self._disk = Disk()

    def everything(self) -> Iterator[Fault]:
        """Every kind at every operation of every command."""
        for name in CASES:
            operations = self._operations(name)
            yield from (Fault(name, kind, at) for kind in KINDS for at in range(1, operations + 1))

    def _operations(self, name: str) -> int:
        """How many there are when nothing happens."""
        case, world = CASES[name], self._prepared(name)

        def count() -> str:
            self._disk.arm(world, 0, "kill")
            said = command(words_of(case.words, world))
            return f"{self._disk.done} {said}"

        done, code, *_ = in_child(count)[1].split()
        shutil.rmtree(world)
        if code != "0" or int(done) < case.at_least:
            raise AssertionError(f"{name} ends with {code} after {done} operations")
        return int(done)

    def try_one(self, fault: Fault) -> list[str]:
        """What was wrong afterwards; raises AssertionError when the fault could not come about."""
        world, case = self._prepared(fault.name), CASES[fault.name]

        def act() -> str:
            self._disk.arm(world, fault.at, fault.kind)
            said = command(words_of(case.words, world))
            return said if self._disk.done >= fault.at else f"only {self._disk.done} operations: {said}"

        ended, said = in_child(act)
        if said.startswith("only"):
            raise AssertionError(f"{fault}: {said}")
        found = [*wrong_after(case, world, ended, said)]
        shutil.rmtree(world)
        return found

    def _prepared(self, name: str) -> Path:
        """A copy of the image after what comes before a command; made once, then copied."""
        world, ready = self._work / "world", self._work / "ready" / name.replace(" ", "-")
        if not ready.exists():
            shutil.copytree(self._image, world)
            for words in CASES[name].before:
                _, said = in_child(partial(command, words_of(words, world)))
                if not said.startswith("0"):
                    raise AssertionError(f"{words}: {said}")
            shutil.copytree(world, ready)
            shutil.rmtree(world)
        return Path(shutil.copytree(ready, world))


def share(number: int, seed: str) -> list[Fault]:
    """So many, of as many commands, by chance."""
    chance = random.Random(seed)
    names = chance.sample([*CASES], number)
    return [Fault(name, chance.choice(KINDS), chance.randint(1, CASES[name].at_least)) for name in names]


def preload() -> None:
    """All modules, so that no child has to import them. A virtual machine must not start here: it outlives no fork."""
    for module in pkgutil.walk_packages(jpki.__path__, "jpki."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def main(image: str, work: str, what: str) -> None:
    """Prints what was wrong, by fault; ``what`` is ``all``, or the faults to try, one a line."""
    preload()
    bench = Bench(Path(image), Path(work))
    faults = bench.everything() if what == "all" else map(Fault.read, what.splitlines())
    print(json.dumps({str(one): bench.try_one(one) for one in faults}))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
