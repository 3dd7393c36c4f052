"""A toy runtime: Python alone, and one applet, ``runtimetest.Fixed``, which it knows by heart.

It shows what the interface asks at least of a runtime, and that the card manager needs nothing else of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, unique

from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.interface import AppletRuntime, LoadFile, Media, RuntimeRefusal, TransmissionProtocol
from cardlab.runtime.media import protocol_byte

FIXED_PACKAGE = bytes.fromhex("F04A504B4903")

_INSTANCE = 64  # bytes


@unique
class Ins(IntEnum):
    """Instructions of the applet."""

    COUNT = 0x01
    ECHO = 0x02
    PROTOCOL = 0x03
    REFUSE = 0x04
    INSTALLED_WITH = 0x05
    SELECT = 0xA4


@dataclass
class _Fixed:
    """An instance of the applet: what install() got, and how often COUNT came."""

    parameters: bytes
    count: int = 0
    since_reset: int = 0


@dataclass
class ToyRuntime(AppletRuntime):
    """One card's instances of the one applet."""

    packages: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    instances: dict[bytes, tuple[bytes, _Fixed]] = field(default_factory=dict)
    selected: _Fixed | None = None
    protocol: int = 0

    def load(self, load_file: LoadFile) -> int:
        if load_file.aid != FIXED_PACKAGE:
            raise RuntimeRefusal(SW.WRONG_DATA, "the toy knows one applet only")
        self.packages[load_file.aid] = tuple(applet.aid for applet in load_file.cap.applets)
        return load_file.code_size

    def unload(self, package_aid: bytes) -> None:
        if package_aid not in self.packages:
            raise RuntimeRefusal(SW.REFERENCED_DATA_NOT_FOUND, "no such package")
        del self.packages[package_aid]

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        if module_aid not in self.packages.get(package_aid, ()):
            raise RuntimeRefusal(SW.REFERENCED_DATA_NOT_FOUND, "no such module")
        if instance_aid in self.instances:
            raise RuntimeRefusal(SW.CONDITIONS_NOT_SATISFIED, "the instance is there")
        if parameters.endswith(b"\x02\x6a\x81"):  # application data 6A81: install() refuses with it
            raise RuntimeRefusal(SW.FUNCTION_NOT_SUPPORTED, "install() threw ISOException 6A81")
        self.instances[instance_aid] = package_aid, _Fixed(parameters)
        return _INSTANCE

    def delete(self, instance_aid: bytes) -> None:
        self._instance(instance_aid)
        _, deleted = self.instances.pop(instance_aid)
        if deleted is self.selected:
            self.selected = None

    def select(self, instance_aid: bytes, command: bytes, channel: int = 0) -> bytes:
        self.selected = self._instance(instance_aid)
        return self._answer(command)

    def deselect(self, command: bytes, channel: int = 0) -> None:
        self.selected = None

    def process(self, command: bytes, channel: int = 0) -> bytes:
        if self.selected is None:
            return SW.APPLET_SELECT_FAILED.to_bytes(2, "big")
        return self._answer(command)

    def reset(self, protocol: TransmissionProtocol, medium: Media) -> None:
        self.selected, self.protocol = None, protocol_byte(protocol, medium)
        for _, instance in self.instances.values():
            instance.since_reset = 0

    def used_memory(self, instance_aid: bytes) -> int:
        self._instance(instance_aid)
        return _INSTANCE

    def close(self) -> None:
        self.packages.clear()
        self.instances.clear()
        self.selected = None

    def _instance(self, aid: bytes) -> _Fixed:
        if aid not in self.instances:
            raise RuntimeRefusal(SW.FILE_NOT_FOUND, "no such instance")
        return self.instances[aid][1]

    def _answer(self, raw: bytes) -> bytes:
        try:
            command = CommandApdu.from_bytes(raw)
        except MalformedApduError:
            return SW.WRONG_LENGTH.to_bytes(2, "big")
        if command.is_extended:
            return SW.WRONG_LENGTH.to_bytes(2, "big")
        response = self._process(command)
        return ResponseApdu(response.data[: command.le or 256], response.sw).to_bytes()

    def _process(self, command: CommandApdu) -> ResponseApdu:
        """What Fixed.process() does."""
        applet = self.selected
        assert applet is not None
        match command.ins:
            case Ins.SELECT:
                return ResponseApdu(b"", SW.OK)
            case Ins.COUNT:
                applet.count += 1
                applet.since_reset += 1
                return ResponseApdu(bytes((applet.count, applet.since_reset)), SW.OK)
            case Ins.ECHO:
                return ResponseApdu(command.data, SW.OK)
            case Ins.PROTOCOL:
                return ResponseApdu(bytes((self.protocol,)), SW.OK)
            case Ins.REFUSE:
                return ResponseApdu(b"", command.p1 << 8 | command.p2)
            case Ins.INSTALLED_WITH:
                return ResponseApdu(applet.parameters, SW.OK)
        return ResponseApdu(b"", SW.INS_NOT_SUPPORTED)


def _make(order: RuntimeOrder) -> AppletRuntime:
    return ToyRuntime()


TOY = Backend("toy", "1", _make, deviations=("knows one applet, and takes no transactions, power cuts or images",))
