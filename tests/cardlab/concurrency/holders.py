"""Other processes, which hold something until they are told to end, or are killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]

FILE = """
from cardlab.locking import hold_file
with hold_file(Path(sys.argv[1]), wait=0):
    until_told()
"""
KEPT = """
from contextlib import closing
from cardlab.card.kept import KeptCard
with closing(KeptCard.open(Path(sys.argv[1]))):
    until_told()
"""
WORLD = """
from jpki.parties.world import World
with World.open(Path(sys.argv[1])) as world:
    for name in world.phones:
        world.cards.take(world.phone_card(name))
    until_told()
"""
TRANSACTION = """
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
until_told()
"""
READER = """
import sqlite3
shown = sqlite3.connect(sys.argv[1]).execute("SELECT app_id FROM app")
shown.fetchone()
until_told()
"""
_BEGIN = """
import sys
from pathlib import Path
def until_told():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(program: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has by now what the program takes; killed at the end if it has not ended."""
    command = [sys.executable, "-c", _BEGIN + program, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def end(process: subprocess.Popen[str]) -> None:
    """Let it go on to its end, which must be a good one."""
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


def kill(process: subprocess.Popen[str]) -> None:
    """End it by SIGKILL."""
    process.kill()
    process.wait(PATIENCE)
