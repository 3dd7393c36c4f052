"""Cards with the applets that speak clients' protocols."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.card.terminal import in_terminal
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.executable import Executable, Module, Package


@dataclass(frozen=True, slots=True)
class ClientApplet:
    """One of them: its class, and the AID by which its clients select it."""

    class_name: str
    package: bytes
    instance: bytes

    @property
    def module(self) -> bytes:
        """Its AID in the CAP file."""
        return self.package + b"\x01"


OATH = ClientApplet("oathtest.Oath", bytes.fromhex("A00000052721"), bytes.fromhex("A0000005272101"))
FIDO = ClientApplet("fidotest.Fido", bytes.fromhex("A0000006472F"), bytes.fromhex("A0000006472F0001"))


@cache
def executable(applet: ClientApplet) -> Executable:
    """Its package, converted."""
    folder = places.build_folder() / "classes" / "client_tests"
    # The API that it is compiled with is a later one, which calls some of 3.0.4 deprecated.
    compile_java(Path(__file__).with_name("applets"), folder, classpath=api_classpath(), warnings_are_errors=False)
    name = applet.class_name.partition(".")[0]
    files = sorted((folder / name).glob("*.class"))
    found = {f"{name}.{file.stem}": file.read_bytes() for file in files}
    return Executable(Package(applet.package, (1, 0), (Module(applet.module, applet.class_name),), found))


def card_with(applet: ClientApplet, config: CardConfig | None = None) -> SimulatedCard:
    """A card that carries it."""
    made = executable(applet)
    card = SimulatedCard(config, seed=1, runtime="vm", classes=ClassLibrary([made]))
    manager = GlobalPlatformClient(in_terminal(card))
    manager.select()
    manager.authenticate(DEFAULT_KEYS)
    manager.load(applet.package, made.data_block)
    manager.install(Installation(applet.package, applet.module, applet.instance))
    return card
