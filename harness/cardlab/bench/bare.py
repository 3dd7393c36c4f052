"""Cards of a runtime without a card manager: what executes applets, by itself."""

from __future__ import annotations

from statistics import median

from cardlab.bench.measure import work_clock
from cardlab.bench.subject import APPLET_AID, PACKAGE_AID, SELECT, Subject, executable
from cardlab.cap.reader import read_load_file
from cardlab.card.manager.linking import code_size
from cardlab.errors import HarnessError
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import check
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import AppletRuntime, LoadFile, Media, Service, TransmissionProtocol
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable

_PACKAGES = 8
_PERSISTENT = 512 * 1024  # bytes of the card
_SEED = bytes(32)


class _NoManager:
    """Nothing that is measured asks for the card manager."""

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        raise HarnessError("the applet that is measured asks for a service", hint="nothing was measured")

    def deselected(self) -> None:
        """Nobody has a session here."""

    def warned(self, message: str) -> None:
        raise HarnessError(f"the applet that is measured does what it should not: {message}", hint="mend the applet")


class BareCards:
    """Makes them for one runtime."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._file = _load_file(subject.applet)
        self._manager = _NoManager()  # runtimes refer to it weakly

    def prepared(self) -> AppletRuntime:
        """A card with the applet loaded, installed and selected."""
        card = self._blank(self._subject.classes)
        card.load(self._file)
        _install(card, PACKAGE_AID, APPLET_AID)
        check(ResponseApdu.from_bytes(card.select(APPLET_AID, SELECT.to_bytes())), "SELECT")
        return card

    def last_package(self, count: int) -> float:
        """How much longer the last of several packages takes than the first, load and installation: medians."""
        packages = [executable(PACKAGE_AID[:-1] + bytes((number,))) for number in range(_PACKAGES)]
        files, library = [_load_file(one) for one in packages], ClassLibrary(packages)
        clock = work_clock()
        taken: list[list[float]] = [[] for _ in packages]
        for _ in range(2 * count):
            card = self._blank(library)
            for number, (one, file) in enumerate(zip(packages, files, strict=True)):
                started = clock()
                card.load(file)
                _install(card, one.aid, one.package.modules[0].aid)
                taken[number].append(clock() - started)
            card.close()
        return median(taken[-1][count:]) / median(taken[0][count:])

    def _blank(self, classes: ClassLibrary) -> AppletRuntime:
        card = self._subject.backend.open(RuntimeOrder(self._manager, _SEED, _PERSISTENT, classes=classes))
        card.reset(TransmissionProtocol.T1, Media.CONTACT)
        return card


def _install(card: AppletRuntime, package: bytes, applet: bytes) -> None:
    data = b"".join(bytes((len(part),)) + part for part in (applet, b"\0", b""))  # JCRE 3.0.5, 3.1
    card.install(package, applet, applet, data)


def _load_file(applet: Executable) -> LoadFile:
    cap = read_load_file(applet.data_block)
    return LoadFile(applet.data_block, cap, code_size(cap))
