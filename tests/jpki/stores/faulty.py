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
from collections.abc import Callable, Iterator, Mapping
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
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS

KINDS = ("kill", "cut", "full")
ANSWERS: Mapping[str, object] = {
    "card password": CARD_PASSWORD.decode(),
    **{slot.pin_name: pin.decode() for slot, pin in PINS.items()},
    **{f"new {slot.pin_name}": pin.decode() for slot, pin in PINS.items()},
    "agree": True,
    "biometric": True,
    "lock screen": True,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A command on a world in which hanako has certificates on phone p1 (``words_of`` says what the capitals are).

    ``before`` are commands that prepare it; ``again``: how it may end once more after it has ended well; ``at_least``:
    so many operations there are.
    """

    words: str
    at_least: int
    before: tuple[str, ...] = ()
    again: tuple[int, ...] = (0,)
    in_use: bool = False

    @property
    def with_cards(self) -> bool:
        """Whether it is worth looking at the cards afterwards."""
        return self.words.startswith("phone")


THERE = (0, 2)  # it is there already
DONE = (0, 10)  # there is nothing to do any more
SUSPEND, DELETE = "ca suspend W/ca.sqlite SERIAL", "world delete SERIAL --world W"
APPLY = "phone apply P --card hanako"
CASES: Mapping[str, Case] = {
    "world new": Case("world new --world W/new", 140, again=THERE),
    "world add-phone": Case("world add-phone p3 --world W", 43, again=THERE),
    "world add-resident": Case("world add-resident jiro --world W --answers A", 107, again=THERE),
    "world uninstall": Case("world uninstall p1 --world W", 13),
    "world tamper": Case("world tamper p1 --as rooted --world W", 8),
    "world restrict": Case("world restrict --model M1 --feature biometric --world W", 27),
    "world suspend": Case("world suspend SERIAL --world W", 30, again=DONE),
    "world delete": Case(DELETE, 86),
    "world map": Case("world map --world W -o W/map", 34),
    "ca create": Case("ca create W/other.sqlite", 36, again=THERE),
    "ca revoke": Case("ca revoke W/ca.sqlite SERIAL", 23),
    "ca suspend": Case(SUSPEND, 23, again=DONE),
    "ca release": Case("ca release W/ca.sqlite SERIAL", 23, before=(SUSPEND,), again=DONE),
    "ca crl": Case("ca crl W/ca.sqlite signing -o W/crl", 22),
    "ca certificates": Case("ca certificates W/ca.sqlite -o W/ca.pem", 3),
    "phone issue": Case("phone issue P --card hanako", 586, in_use=True),
    "phone apply": Case(APPLY, 515),
    "phone register": Case("phone register P", 237, before=(APPLY,), again=DONE, in_use=True),
    "phone renew": Case("phone renew P --card hanako", 448, in_use=True),
    "phone revoke": Case("phone revoke P", 244, again=DONE),
    "phone release": Case("phone release P --card hanako", 157, before=(SUSPEND,), again=DONE, in_use=True),
    "phone reset-pin": Case("phone reset-pin P --card hanako", 236, in_use=True),
    "phone change-pin": Case("phone change-pin P authentication", 62, in_use=True),
    "phone register-device-auth": Case("phone register-device-auth P lock-screen", 125, in_use=True),
    "phone show": Case("phone show P signing", 53, in_use=True),
    "phone sign": Case("phone sign W/serial P -o W/signed", 48, again=THERE, in_use=True),
    "phone authenticate": Case("phone authenticate W/serial P -o W/signed", 47, again=THERE, in_use=True),
    "phone status": Case("phone status P", 31, in_use=True),
    "phone abandon": Case("phone abandon P", 27, before=(APPLY,)),
    "phone collect": Case("phone collect P", 123, before=(DELETE,)),
}


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


def words_of(words: str, world: Path) -> list[str]:
    """W is the world, A the file with its user's answers, P phone p1 of it; SERIAL its authentication certificate."""
    names = {
        "W": [str(world)],
        "A": [str(world / "answers")],
        "P": ["--phone", "p1", "--world", str(world), "--answers", str(world / "answers")],
        "SERIAL": [(world / "serial").read_text()],
    }
    return [one for word in words.split() for one in names.get(word, [word.replace("W/", f"{world}/")])]


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
