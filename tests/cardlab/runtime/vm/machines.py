"""A virtual machine without a card manager: Java sources to load files, and short ways to talk to what they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cardlab.runtime import jvm
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.vm.adapter import translation
from cardlab.runtime.vm.classes import table_lines
from cardlab.toolchain import places
from cardlab.toolchain.compile import class_files, compile_java
from cardlab.toolchain.conversions import Request, convert

SOURCES = Path(__file__).with_name("applets")
SEED = bytes(range(32))
PACKAGE = bytes.fromhex("F04A43564D01")
T1 = 1


def applet_aid(name: str, package: bytes = PACKAGE) -> bytes:
    """The AID of an applet of a test package."""
    return package + name.encode()[:10]


def class_bytes(folder: Path) -> dict[str, bytes]:
    """Class files by binary name."""
    return {name: folder.joinpath(*name.split(".")).with_suffix(".class").read_bytes() for name in class_files(folder)}


def compiled(package: str) -> dict[str, bytes]:
    """The test applets of a package, compiled."""
    out = places.build_folder() / "classes" / "tests-vm"
    every = class_bytes(compile_java(SOURCES, out, classpath=api_classpath(), warnings_are_errors=False))
    return {name: code for name, code in every.items() if name.startswith(package + ".")}


def load_file(
    classes: Mapping[str, bytes],
    applets: Sequence[str],
    *,
    aid: bytes = PACKAGE,
    imported: Sequence[Any] = (),
    version: tuple[int, int] = (1, 0),
    java_card: str = "3.0.5",
    ints: bool = False,
) -> tuple[bytes, Any]:
    """A load file data block of classes, and the package's export file for those that import it."""
    from cardlab.cap.container import load_file as joined

    modules = tuple((applet_aid(name.rpartition(".")[2], aid), name) for name in applets)
    made = convert(Request(tuple(classes.items()), aid, version, modules, (java_card, "1.6"), tuple(imported), ints))
    return joined(made.components), made.export


@cache
def _api(natives: tuple[str, ...], java_card: str, globalplatform: str) -> Any:
    """The API of cards with these natives; cards share it."""
    import jpype

    strings = jpype.JArray(jpype.JString)(list(natives))
    return jvm.java_class("cardlab.vm.Machine").api(table_lines(java_card, globalplatform), strings)


class NoServices:
    """A card manager that has nothing to offer."""

    def call(self, aid: Any, service: int, argument: Any) -> bytes:
        return bytes.fromhex("6D00")

    def poll(self) -> None:
        return None

    def deselected(self, aid: Any) -> None:
        return None

    def warned(self, message: Any, place: Any) -> None:
        return None


class Card:
    """One machine and short names for what tests do; ``answer`` is whatever a test keeps there."""

    answer: str = ""

    def __init__(self, machine: Any) -> None:
        self.machine = machine

    @classmethod
    def fresh(
        cls,
        natives: Sequence[str] = (),
        java_card: str = "3.0.5",
        globalplatform: str = "1.6",
        /,
        **properties: str | int,
    ) -> Card:
        """A card with the API of a Java Card version, and the properties given.

        ``memory_commit=200`` is ``memory.commit=200``.
        """
        import jpype

        jvm.start()
        machine_class = jvm.java_class("cardlab.vm.Machine")
        api = _api(tuple(natives), java_card, globalplatform)
        named = {"vm.translate": translation(), "java-card.api": java_card} | {
            name.replace("_", ".", 1): value for name, value in properties.items()
        }
        lines = "\n".join(f"{name}={value}" for name, value in named.items())
        services = jpype.JProxy("cardlab.vm.Services", inst=NoServices())
        card = cls(machine_class(lines, api, SEED, services))
        card.machine.reset(T1)
        return card

    def fork(self) -> Card:
        """Another card in the same state."""
        return Card(self.machine.fork(None))

    def load(self, block: bytes) -> int:
        return int(self.machine.load(block))

    def install(self, name: str, data: bytes = b"", *, package: bytes = PACKAGE, aid: bytes | None = None) -> int:
        own = aid or applet_aid(name, package)
        parameters = b"".join(bytes((len(part),)) + part for part in (own, b"\x00", data))
        return int(self.machine.install(package, applet_aid(name, package), own, parameters))

    def select(self, name: str, *, package: bytes = PACKAGE, channel: int = 0) -> bytes:
        aid = applet_aid(name, package)
        return self.select_aid(aid, channel=channel)

    def select_aid(self, aid: bytes, *, channel: int = 0) -> bytes:
        return bytes(self.machine.select(aid, bytes((channel & 3, 0xA4, 4, 0, len(aid))) + aid, channel))

    def send(self, command: str | bytes, *, channel: int = 0) -> str:
        """Process a command; the answer in hex."""
        raw = bytes.fromhex(command) if isinstance(command, str) else command
        return bytes(self.machine.process(raw, channel)).hex().upper()

    def cut(self, write: int, torn: str = "OLD", seed: int = 0) -> None:
        self.machine.cutPowerAt(write, torn, seed)

    def reset(self) -> None:
        self.machine.reset(T1)

    @property
    def why(self) -> str:
        return str(self.machine.unknownCause())

    @property
    def writes(self) -> int:
        return int(self.machine.writesOfLastCommand())

    @property
    def warnings(self) -> list[str]:
        return [str(one) for one in self.machine.warnings()]

    def until_whole(self, command: str, check: Callable[[int], None], torn: str = "OLD") -> int:
        """Send a command with the power cut at its 1st, 2nd, … write until it is whole; ``check`` after each reset."""
        from jpype import JException

        number = 0
        while True:
            number += 1
            card = Card(self.machine.fork(None))
            card.cut(number, torn)
            try:
                card.send(command)
                return number - 1
            except JException:
                card.reset()
                check_card, self_machine = card, self.machine
                self.machine = check_card.machine
                try:
                    check(number)
                finally:
                    self.machine = self_machine
