"""A recorded run whose times are known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from jpki.parties.recorder import FlowEventKind, FlowRecorder, Party, Section
from jpki.timing.trace import Trace

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
INITIALIZE_UPDATE = bytes.fromhex("8050000008") + bytes(8)
GENERATE = bytes.fromhex("84468000") + bytes(20)
READ_SECOND_HALF = bytes.fromhex("84468101") + bytes(20)
VERIFY = bytes.fromhex("002000980431323334")
SIGN = bytes.fromhex("802A029A20") + bytes(33)
OK = b"\x90\x00"


@dataclass
class Stage:
    """Records exchanges that take as long as they are told."""

    now: float = 100.0
    recorder: FlowRecorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = FlowRecorder(clock=lambda: self.now)

    def wait(self, seconds: float) -> None:
        """The app does something."""
        self.now += seconds

    def apdu(self, command: bytes, seconds: float, answer: bytes = OK, card: Party = Party.APPLET) -> None:
        """A command to a card."""

        def act() -> bytes:
            self.now += seconds
            return answer

        self.recorder.record(FlowEventKind.APDU, Party.PHONE, card, "command", command, act)

    def action(self, name: str) -> None:
        """The user is asked for something, and a program answers at once."""
        self.recorder.record(FlowEventKind.ACTION, Party.USER, Party.PHONE, name, b"", lambda: b"")

    def message(
        self, sender: Party, receiver: Party, seconds: float, inside: Callable[[], None] | None = None, size: int = 100
    ) -> None:
        """A message that takes its receiver so long, and what is done to answer it besides."""

        def act() -> bytes:
            self.now += seconds
            if inside is not None:
                inside()
            return bytes(size)

        self.recorder.record(FlowEventKind.MESSAGE, sender, receiver, "message", bytes(size), act)

    def trace(self) -> Trace:
        """Everything since the clock stood at 100."""
        return Trace(self.recorder.events, 100.0, self.now - 100.0)


def issuance(speed: float = 1.0, *, used: bool = False) -> Trace:
    """Two sections of an issuance; every time is multiplied by ``speed``; a ``used`` card is asked first."""
    stage = Stage()
    if used:
        with stage.recorder.within(Section.SIGNING_KEY):
            stage.message(Party.PHONE, Party.SP_TSM, 0.010 * speed)
    with stage.recorder.within(Section.SIGNING_KEY):
        stage.wait(0.010 * speed)
        stage.message(Party.PHONE, Party.SP_TSM, 0.020 * speed)
        stage.apdu(SELECT, 0.001 * speed)
        stage.apdu(INITIALIZE_UPDATE, 0.002 * speed)
        stage.apdu(GENERATE, 0.500 * speed)
        stage.apdu(READ_SECOND_HALF, 0.003 * speed)
    with stage.recorder.within(Section.STORE_SIGNING_CERTIFICATE):
        authority = lambda: stage.message(Party.SP_TSM, Party.JLIS, 0.040 * speed)  # noqa: E731
        stage.message(Party.PHONE, Party.SP_TSM, 0.005 * speed, authority)
        stage.apdu(VERIFY, 0.001 * speed)
        stage.apdu(SIGN, 0.004 * speed, bytes(256) + OK)
        stage.wait(0.002 * speed)
    return stage.trace()


def instant(trace: Trace) -> Trace:
    """The same exchanges as if every machine had been infinitely fast: what is left is the model."""
    return Trace(tuple(replace(event, started=0.0, seconds=0.0) for event in trace.events), 0.0, 0.0)
