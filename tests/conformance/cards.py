"""A card without a card manager: the applet runtime, packages of test applets, and helpers to talk to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cardlab.cap.reader import read_load_file
from cardlab.card.manager.linking import code_size
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.interface import AppletRuntime, LoadFile, Media, Service, TransmissionProtocol
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.vm.backend import BACKEND as MACHINE
from cardlab.toolchain import places
from cardlab.toolchain.compile import class_files, compile_java
from cardlab.toolchain.executable import Executable, Module, Package
from tests.conformance.toy import FIXED_PACKAGE

SOURCES = Path(__file__).with_name("applets")
PACKAGE_AID = bytes.fromhex("F04A504B4901")
LIBRARY_AID = bytes.fromhex("F04A504B4902")
SEED = bytes(range(32))


def _translated(order: RuntimeOrder) -> AppletRuntime:
    from cardlab.runtime.vm.adapter import VirtualMachine

    return VirtualMachine.fresh(order, translate="1")


TRANSLATED = replace(MACHINE, make=_translated)
"""The virtual machine, with each method translated when it is called for the first time."""


@dataclass(frozen=True)
class Limits:
    """Memory of a card in bytes: packages and objects, transient arrays, what one transaction can change."""

    persistent: int = 256 * 1024
    transient_reset: int = 8 * 1024
    transient_deselect: int = 4 * 1024
    commit: int = 16 * 1024

    def on(self, choices: PlatformChoices) -> PlatformChoices:
        """These choices, on a card of this size."""
        return replace(
            choices,
            transient_reset=self.transient_reset,
            transient_deselect=self.transient_deselect,
            commit_capacity=self.commit,
        )


@dataclass
class FakeServices:
    """A card manager that answers as told and remembers what it was asked."""

    answers: dict[Service, tuple[int, bytes]] = field(default_factory=dict)
    calls: list[tuple[bytes, Service, bytes]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    deselections: int = 0

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        self.calls.append((instance_aid, service, argument))
        return self.answers.get(service, (0x9000, b""))

    def deselected(self) -> None:
        """Nobody has a session here; they are counted."""
        self.deselections += 1

    def warned(self, message: str) -> None:
        self.warnings.append(message)


def applet_folder() -> Path:
    """Where the compiled test applets are."""
    folder = places.build_folder() / "classes" / "tests-runtime"
    # jCardSim's API is that of a later version, which calls some of 3.0.4 deprecated.
    return compile_java(SOURCES, folder, classpath=api_classpath(), warnings_are_errors=False)


@cache
def classes() -> Mapping[str, bytes]:
    """The class files of the test applets by binary name."""
    folder = applet_folder()
    return {name: folder.joinpath(*name.split(".")).with_suffix(".class").read_bytes() for name in class_files(folder)}


def module_aid(name: str) -> bytes:
    """The AID that this applet class has in ``package``."""
    return PACKAGE_AID + name.encode()[:10]


def package(*names: str, aid: bytes = PACKAGE_AID) -> Package:
    """A package of the applets ``runtimetest.<name>`` and whatever classes belong to them."""
    modules = tuple(Module(module_aid(name), f"runtimetest.{name}") for name in names)
    # A superclass of the applets comes along.
    bases = {"Lengths"} if "ExtendedLengths" in names else set()
    wanted = {f"runtimetest.{name}" for name in {*names, *bases}}
    chosen = {name: code for name, code in classes().items() if name.split("$")[0] in wanted}
    return Package(aid, (1, 0), modules, chosen)


@cache
def executable(*names: str, aid: bytes = PACKAGE_AID) -> Executable:
    """The same, converted."""
    return Executable(package(*names, aid=aid))


@cache
def fixed() -> Executable:
    """The one applet that even a toy runtime knows (``toy.py``)."""
    modules = (Module(FIXED_PACKAGE + b"\x01", "runtimetest.Fixed"),)
    return Executable(Package(FIXED_PACKAGE, (1, 0), modules, {"runtimetest.Fixed": classes()["runtimetest.Fixed"]}))


@cache
def library() -> Executable:
    """A package whose applet serves those of others."""
    own = {name: code for name, code in classes().items() if name.startswith("runtimelib.")}
    return Executable(Package(LIBRARY_AID, (1, 2), (Module(LIBRARY_AID + b"\x01", "runtimelib.Server"),), own))


@cache
def client() -> Executable:
    """A package that imports the library."""
    return Executable(package("Client"), libraries=(library(),))


def load_file(made: Executable) -> LoadFile:
    """What a card is sent of it."""
    cap = read_load_file(made.data_block)
    return LoadFile(made.data_block, cap, code_size(cap))


def install_data(aid: bytes, application_data: bytes = b"") -> bytes:
    """AID, privileges and application data, each with its length (JCRE 3.1)."""
    return b"".join(bytes((len(part),)) + part for part in (aid, b"\x00", application_data))


def select_command(aid: bytes, p2: int = 0, *, extended: bool = False) -> bytes:
    """SELECT by AID, case 4."""
    header = bytes((0x00, 0xA4, 0x04, p2))
    if extended:
        return header + b"\x00" + len(aid).to_bytes(2, "big") + aid + b"\x00\x00"
    return header + bytes((len(aid),)) + aid + b"\x00"


class RuntimeCard:
    """A runtime with test applets loaded, and short ways to use them.

    ``also`` are executables that are loaded later, which a runtime may have to know from the beginning.
    """

    def __init__(
        self,
        backend: Backend,
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
        also: Sequence[Executable] = (),
    ) -> None:
        self.backend, self.services, size = backend, services or FakeServices(), limits or Limits()
        self.loaded = [executable(*names)] if names else []
        self.known = ClassLibrary((*self.loaded, *also))
        chosen = size.on(choices or PlatformChoices())
        self.runtime = backend.open(RuntimeOrder(self.services, seed, size.persistent, chosen, self.known))
        self.reset()
        for one in self.loaded:
            self.load(one)

    def reset(self, medium: Media = Media.CONTACT, protocol: TransmissionProtocol = TransmissionProtocol.T1) -> None:
        """Power up."""
        self.runtime.reset(protocol, medium)

    def load(self, made: Executable) -> int:
        """Load a package; returns its memory."""
        return self.runtime.load(load_file(made))

    def install(self, name: str, application_data: bytes = b"", aid: bytes | None = None) -> int:
        """Install an applet, under its module's AID unless another one is given; returns its memory."""
        aid = aid or module_aid(name)
        return self.runtime.install(PACKAGE_AID, module_aid(name), aid, install_data(aid, application_data))

    def select(self, name: str, *, p2: int = 0) -> ResponseApdu:
        aid = module_aid(name)
        return ResponseApdu.from_bytes(self.runtime.select(aid, select_command(aid, p2)))

    def start(self, name: str, application_data: bytes = b"") -> None:
        """Install and select."""
        self.install(name, application_data)
        assert self.select(name).ok, self.runtime.unknown_cause()

    def raw(self, command: bytes) -> ResponseApdu:
        return ResponseApdu.from_bytes(self.runtime.process(command))

    def send(self, ins: int, data: bytes = b"", *, p1: int = 0, p2: int = 0, le: int | None = 256) -> ResponseApdu:
        """A short command of class 00."""
        body = (bytes((len(data),)) + data) if data else b""
        tail = b"" if le is None else bytes((le & 0xFF,))
        return self.raw(bytes((0x00, ins, p1, p2)) + body + tail)

    def ask(self, ins: int, data: bytes = b"", *, p1: int = 0, p2: int = 0) -> bytes:
        """The same, and the answer must be 9000."""
        response = self.send(ins, data, p1=p1, p2=p2)
        assert response.ok, f"{response.sw:04X} {self.runtime.unknown_cause()}"
        return response.data

    def restored(self, names: Sequence[str] = ()) -> RuntimeCard:
        """Another card that was restored from this one, with one of the names selected."""
        other = RuntimeCard(self.backend, seed=bytes(32), services=self.services, also=tuple(self.known))
        other.runtime.restore(self.runtime.save())
        for name in names:
            assert other.select(name).ok
        return other
