"""Runs commands on a disk that fails: LD_PRELOAD=faulty_disk.so python -m tests.jpki.stores.faulty IMAGE WORK HOW.

HOW is ``all`` or ``some``. Each try is a child of this process, which has imported everything already. Prints one JSON
list: for every command how many operations there are, how many were tried, and what was wrong afterwards.
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
from functools import partial
from pathlib import Path

import jpki
from cardlab.card import statefile
from cardlab.errors import HarnessError
from jpki.cli import run
from jpki.client.constants import Profile
from jpki.parties.ca.status import CertStatus
from jpki.parties.world import World
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS

KINDS = ("kill", "cut", "full")
ANSWERS = {"card password": CARD_PASSWORD.decode(), **{slot.pin_name: pin.decode() for slot, pin in PINS.items()}}
COMMANDS = {
    "world new": "world new --world W/new",
    "add-phone": "world add-phone p3 --world W",
    "add-resident": "world add-resident jiro --world W --answers A",
    "uninstall": "world uninstall p1 --world W",
    "ca revoke": "ca revoke W/ca.sqlite SERIAL",
    "ca crl": "ca crl W/ca.sqlite signing -o W/crl",
    "phone sign": "phone sign W/world.json --phone p1 -o W/signed --world W --answers A",
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


def words_of(name: str, world: Path) -> list[str]:
    """A command on a world; SERIAL is that of a certificate in it."""
    serial = (world / "serial").read_text()
    names = {"W": str(world), "A": str(world / "answers"), "SERIAL": serial}
    return [names.get(word, word.replace("W/", f"{world}/")) for word in COMMANDS[name].split()]


def wrong_after(name: str, world: Path, ended: int, said: str) -> Iterator[str]:
    """What is not as it should be."""
    if ended not in (0, -signal.SIGKILL):
        yield f"ended with {ended}"
    if ended == 0:
        code, _, words = said.partition(" ")
        if code not in ("0", "12") or "Traceback" in words or len(words.splitlines()) > 3:
            yield f"said {said}"
    _, again = in_child(lambda: command(words_of(name, world)))
    if again.split()[0] not in ("0", "2"):  # 2: it is there already
        yield f"and again: {again}"
    _, found = in_child(lambda: look(world))
    if found:
        yield found
    left = [str(one.relative_to(world)) for one in world.rglob("*") if one.name.endswith((".new", "-journal", "lock"))]
    if left:
        yield f"left: {left}"


def look(world: Path) -> str:
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
    except HarnessError as error:
        return f"does not open: {error}"
    return ""


def tries(disk: Disk, image: Path, work: Path, everything: bool) -> Iterator[dict[str, object]]:
    """All commands: every kind of fault at every operation, or one kind at one operation of each, by chance."""
    for name in COMMANDS:
        world = work / "count"
        shutil.copytree(image, world)
        operations = int(in_child(partial(_counted, disk, world, name))[1])
        shutil.rmtree(world)
        for kind in KINDS if everything else (random.choice(KINDS),):
            chosen = range(1, operations + 1) if everything else (random.randint(1, operations),)
            wrong = [f"{kind} at {at}: {one}" for at in chosen for one in one_try(disk, image, work, name, kind, at)]
            yield {"command": name, "operations": operations, "tried": len(chosen), "wrong": wrong}


def _counted(disk: Disk, world: Path, name: str) -> str:
    disk.arm(world, 0, "kill")
    said = command(words_of(name, world))
    if not said.startswith("0"):
        raise AssertionError(said)
    return str(disk.done)


def one_try(disk: Disk, image: Path, work: Path, name: str, kind: str, at: int) -> list[str]:
    """A copy of the image, the command with a fault, and what was wrong then."""
    world = work / "world"
    shutil.copytree(image, world)

    def act() -> str:
        disk.arm(world, at, kind)
        return command(words_of(name, world))

    ended, said = in_child(act)
    found = [*wrong_after(name, world, ended, said)]
    shutil.rmtree(world)
    return found


def preload() -> None:
    """All modules, so that no child has to import them. A virtual machine must not start here: it outlives no fork."""
    for module in pkgutil.walk_packages(jpki.__path__, "jpki."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def main(image: str, work: str, how: str) -> None:
    """Prints the list."""
    preload()
    print(json.dumps([*tries(Disk(), Path(image), Path(work), how == "all")]))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
