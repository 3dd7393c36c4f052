"""What is measured on every runtime: cards with a small applet, which does one thing a command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.constants import INS_SELECT
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import check
from cardlab.runtime.backend import Backend
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport import Transport, exchange

_CLA, _P1_BY_NAME = 0x80, 0x04
_CLASS = "cardlab.figures.Figures"
PACKAGE_AID = bytes.fromhex("F046494755524553")
APPLET_AID = PACKAGE_AID + b"\x01"
SELECT = CommandApdu(0, INS_SELECT, _P1_BY_NAME, 0, APPLET_AID, le=256)
CONTENT = bytes(range(16))
MESSAGE = bytes(64)
"""What ``HASH`` and ``SIGN`` are about."""
_PARTS = 16  # of 32,000 bytes, which ``FILL`` takes
ROUNDS = 1000
"""Of arithmetic, a branch and a call, which ``COUNT`` makes."""


@unique
class Instruction(IntEnum):
    """The applet's commands."""

    READ = 0x02
    WRITE = 0x04
    COUNT = 0x06
    HASH = 0x08
    GENERATE = 0x0A
    SIGN = 0x0C
    FILL = 0x0E


COMMANDS = {
    Instruction.READ: CommandApdu(_CLA, Instruction.READ, 0, 0, le=len(CONTENT)),
    Instruction.WRITE: CommandApdu(_CLA, Instruction.WRITE, 0, 0, CONTENT),
    Instruction.COUNT: CommandApdu(_CLA, Instruction.COUNT, ROUNDS // 100, 0, le=2),
    Instruction.HASH: CommandApdu(_CLA, Instruction.HASH, 0, 0, MESSAGE, le=32),
    Instruction.GENERATE: CommandApdu(_CLA, Instruction.GENERATE, 0, 0),
    Instruction.SIGN: CommandApdu(_CLA, Instruction.SIGN, 0, 0, MESSAGE, le=256),
    Instruction.FILL: CommandApdu(_CLA, Instruction.FILL, _PARTS, 0),
}


def executable(package_aid: bytes = PACKAGE_AID) -> Executable:
    """The applet, compiled and converted; its AID is the package's and one byte more."""
    sources, out_dir = Path(__file__).with_name("applet"), places.build_folder() / "classes" / "figures"
    folder = compile_java(sources, out_dir, classpath=api_classpath())
    classes = {
        ".".join(file.relative_to(folder).with_suffix("").parts): file.read_bytes() for file in folder.rglob("*.class")
    }
    return Executable(Package(package_aid, (1, 0), (Module(package_aid + APPLET_AID[-1:], _CLASS),), classes))


@dataclass(frozen=True, slots=True)
class Subject:
    """One runtime with the applet."""

    backend: Backend
    applet: Executable

    @property
    def classes(self) -> ClassLibrary:
        """For runtimes that need more than load files."""
        return ClassLibrary([self.applet])

    def card(self, seed: int = 0, config: CardConfig | None = None) -> SimulatedCard:
        """A fresh card with the applet loaded, installed through SCP03 and selected.

        Raises UnexpectedStatusError when the runtime cannot execute it.
        """
        card = SimulatedCard(config, seed=seed, runtime=self.backend, classes=self.classes)
        try:
            _install(card, self.applet)
        except BaseException:
            card.close()
            raise
        return card


def send(card: Transport, instruction: Instruction) -> bytes:
    """The answer's data; raises UnexpectedStatusError when the card refuses."""
    return check(exchange(card, COMMANDS[instruction]), instruction.name).data


def _install(card: Transport, applet: Executable) -> None:
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    client.load(PACKAGE_AID, applet.data_block)
    client.install(Installation(PACKAGE_AID, APPLET_AID, APPLET_AID))
    check(exchange(card, SELECT), "SELECT")
