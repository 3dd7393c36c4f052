"""What is done with whole cards in a runtime, without the card manager: made with the applet, copied, saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.bench.measure import times
from cardlab.bench.subject import APPLET_AID, COMMANDS, PACKAGE_AID, SELECT, Instruction, Subject
from cardlab.cap.reader import read_load_file
from cardlab.card.manager.linking import code_size
from cardlab.errors import HarnessError
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import check
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import AppletRuntime, LoadFile, Media, Service, TransmissionProtocol
from cardlab.runtime.jcardsim.library import ClassLibrary

_INSTALL_DATA = b"".join(bytes((len(part),)) + part for part in (APPLET_AID, b"\0", b""))  # JCRE 3.0.5, 3.1
_PERSISTENT = 512 * 1024  # bytes of the card
_SEED = bytes(32)


@dataclass(frozen=True, slots=True)
class Handling:
    """Medians in milliseconds, None for what the runtime cannot do; instructions of ``COUNT``, None if not counted."""

    new_card: float
    fork: float | None
    save_restore: float | None
    instructions: int | None


class _NoManager:
    """Nothing that is measured asks for the card manager."""

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        raise HarnessError("the applet that is measured asks for a service", hint="nothing was measured")

    def warned(self, message: str) -> None:
        raise HarnessError(f"the applet that is measured does what it should not: {message}", hint="mend the applet")


class Handled:
    """Cards of one runtime."""

    def __init__(self, subject: Subject) -> None:
        self._backend = subject.backend
        cap = read_load_file(subject.applet.data_block)
        self._file = LoadFile(subject.applet.data_block, cap, code_size(cap))
        self._classes = ClassLibrary([subject.applet])
        self._manager = _NoManager()  # runtimes refer to it weakly

    def measure(self, count: int) -> Handling:
        """Do each thing so often, once as often before that."""
        card = self._prepared()
        try:
            return Handling(
                new_card=_median(lambda: self._prepared().close(), count),
                fork=self._if_able(Feature.FORK, lambda: card.fork(self._manager).close(), count),
                save_restore=self._if_able(Feature.IMAGES, lambda: self._restored(card.save()).close(), count),
                instructions=_instructions(card),
            )
        finally:
            card.close()

    def _if_able(self, needed: Feature, action: Callable[[], None], count: int) -> float | None:
        return _median(action, count) if needed in self._backend.capabilities else None

    def _blank(self) -> AppletRuntime:
        order = RuntimeOrder(self._manager, _SEED, _PERSISTENT, classes=self._classes)
        return self._backend.open(order)

    def _prepared(self) -> AppletRuntime:
        """A card with the applet loaded, installed and selected."""
        card = self._blank()
        card.reset(TransmissionProtocol.T1, Media.CONTACT)
        card.load(self._file)
        card.install(PACKAGE_AID, APPLET_AID, APPLET_AID, _INSTALL_DATA)
        check(ResponseApdu.from_bytes(card.select(APPLET_AID, SELECT.to_bytes())), "SELECT")
        return card

    def _restored(self, image: bytes) -> AppletRuntime:
        card = self._blank()
        card.restore(image)
        return card


def _median(action: Callable[[], None], count: int) -> float:
    times(action, count)
    return 1000 * times(action, count).median


def _instructions(card: AppletRuntime) -> int | None:
    card.process(COMMANDS[Instruction.COUNT].to_bytes())
    return card.instructions() or None
