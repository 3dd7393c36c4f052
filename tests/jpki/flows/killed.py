"""Issues certificates and is killed at one crossing: python -m tests.jpki.flows.killed FOLDER CROSSING."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from jpki.parties.network import Cutter, Network
from jpki.parties.world import World
from tests.jpki.flows.worlds import Person


def _die(_what: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, crossing: str) -> None:
    """Issue both certificates; nothing is cleaned up when it dies."""
    network = Network(cutter=Cutter(int(crossing), strike=_die))
    with World.open(Path(folder), network=network) as world:
        world.app("p1", Person()).issue(world.my_number_card("hanako"))


if __name__ == "__main__":
    main(*sys.argv[1:])
