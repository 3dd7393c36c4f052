"""What the simulated card asks of whatever executes applets (JCRE specification 3.0.5).

The card manager (GlobalPlatform) decides *whether* an applet may be installed, selected, deleted; a runtime *does* it.
One ``AppletRuntime`` is one card's Java Card virtual machine with its heap. A new runtime writes the abstract methods;
the others belong to capabilities (``cardlab.runtime.feature``), and a runtime without one leaves its methods as they
are. The conformance suite (tests/conformance) says what all of them have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from cardlab.errors import UsageError
from cardlab.runtime.feature import Feature
from cardlab.runtime.media import Media, TransmissionProtocol
from cardlab.runtime.services import CardServices, Service
from cardlab.runtime.torn import TornCell

if TYPE_CHECKING:
    from cardlab.cap.reader import CapFile
    from cardlab.runtime.cost import Cost
    from cardlab.runtime.inspector import Inspector
    from cardlab.runtime.observer import EventKind, Observer

__all__ = [
    "AppletRuntime",
    "CardServices",
    "LoadFile",
    "Media",
    "RuntimeRefusal",
    "Service",
    "TornCell",
    "TransmissionProtocol",
]


@dataclass(frozen=True, slots=True)
class LoadFile:
    """What a card was sent with LOAD, after the card manager found that it links.

    ``data_block`` are its components in loading order (JCVM 3.0.5, 6.3), ``cap`` the same parsed. ``code_size`` is the
    persistent memory in bytes that its code takes on the card.
    """

    data_block: bytes
    cap: CapFile
    code_size: int

    @property
    def aid(self) -> bytes:
        """The AID of its package."""
        return self.cap.header.package.aid


class RuntimeRefusal(Exception):  # noqa: N818 - an answer of the card, not an error of the program
    """The runtime could not do what was asked; ``sw`` is the status word the card answers with. Nothing has changed."""

    def __init__(self, sw: int, reason: str) -> None:
        super().__init__(f"{sw:04X}: {reason}")
        self.sw = sw


class AppletRuntime(ABC):
    """One card's applets and their heap. Every method may raise RuntimeRefusal and then has changed nothing.

    When the power was cut (``cut_power_at``), the call during which it happened and all later ones raise TransportError
    until ``reset``. ``channel`` is a logical channel (JCRE 3.0.5, 4); a runtime without Feature.CHANNELS is asked
    for the basic one, 0, only.
    """

    @abstractmethod
    def load(self, load_file: LoadFile) -> int:
        """Take in a load file; returns the bytes of persistent memory that code and static fields take."""

    @abstractmethod
    def unload(self, package_aid: bytes) -> None:
        """Forget a package; the card manager has deleted its instances and what imports it before."""

    @abstractmethod
    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        """Run ``Applet.install`` with ``parameters`` as bArray (LV AID, LV privileges, LV application data; JCRE 3.1).

        Returns the persistent bytes the instance takes. On any exception, a missing register(), or register() with
        another AID, everything it made is gone and RuntimeRefusal carries the status word: the applet's when install()
        threw an ISOException with an error, 6A84 when memory was short, 6A88 for an unknown package or module, 6A80 for
        lengths that cannot be, and 6985 for everything else.
        """

    @abstractmethod
    def delete(self, instance_aid: bytes) -> None:
        """Call AppletEvent.uninstall() if it is there and drop the instance with all its objects.

        6A82: no such instance; 6985: another one refers to it (JCRE 3.0.5, 11.3.4).
        """

    @abstractmethod
    def select(self, instance_aid: bytes, command: bytes, channel: int = 0) -> bytes:
        """Deselect the channel's applet, select this one, let it process ``command``, the SELECT; returns the response.

        When select() returns false or throws, the answer is 6999 and no applet is selected (JCRE 4.6.2).
        """

    @abstractmethod
    def deselect(self, command: bytes, channel: int = 0) -> None:
        """Deselect the channel's applet because ``command`` selects something that is no applet (a security domain)."""

    @abstractmethod
    def process(self, command: bytes, channel: int = 0) -> bytes:
        """Let the channel's applet process a command, whose class byte is as the terminal sent it.

        6700 when the command is malformed, 6999 when no applet is selected.
        """

    @abstractmethod
    def reset(self, protocol: TransmissionProtocol, medium: Media) -> None:
        """Card reset or power up: an open transaction is rolled back, transient memory cleared, no applet selected."""

    @abstractmethod
    def used_memory(self, instance_aid: bytes) -> int:
        """Persistent bytes that an instance takes now."""

    def package_memory(self, package_aid: bytes) -> int:
        """Feature.WRITE_TEARS: persistent bytes that a package takes now; 0: it is not there."""
        _lacks(Feature.WRITE_TEARS)

    @abstractmethod
    def close(self) -> None:
        """Let go of every object."""

    def open_channel(self, channel: int, instance_aid: bytes = b"") -> bytes:
        """Feature.CHANNELS: a channel was opened, with this instance selected on it though no command is for it.

        Returns 9000, or 6999 when the applet does not want to be selected (JCRE 3.0.5, 4.5.1). RuntimeRefusal with 6985
        when it is active elsewhere and not MultiSelectable (4.2). Without an AID nothing is selected.
        """
        _lacks(Feature.CHANNELS)

    def close_channel(self, channel: int) -> None:
        """Feature.CHANNELS: a channel is closed; its applet is deselected first."""
        _lacks(Feature.CHANNELS)

    def unknown_cause(self) -> str:
        """What made the last command answer 6F00 or 6999, for people; empty when nothing did or nobody knows."""
        return ""

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        """Pass a STORE DATA command to an applet's Personalization or Application interface; returns the response.

        ``data`` is the whole plain command. The applet need not be selected, and is not afterwards. RuntimeRefusal with
        6985 when it has neither interface, or the runtime has not Feature.GLOBALPLATFORM.
        """
        raise RuntimeRefusal(0x6985, "the runtime passes no personalization data on")

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Feature.TEARS: cut the power at the n-th opportunity (from 1) within the next call that runs applet code.

        0 takes it back. When the call offers fewer opportunities, nothing happens. Which moments are opportunities, the
        runtime says (``Backend.deviations``); with Feature.WRITE_TEARS all at which persistent memory changes, those
        of a reset among them, and ``torn`` says what the cell holds afterwards. UsageError for what it cannot leave.
        """
        _lacks(Feature.TEARS)

    def power_cut_opportunities(self) -> int:
        """Feature.TEARS: opportunities that the last call that ran applet code had, up to a cut if there was one."""
        _lacks(Feature.TEARS)

    def save(self) -> bytes:
        """Feature.IMAGES: packages, instances, persistent objects and the generator's state, for ``restore``."""
        _lacks(Feature.IMAGES)

    def restore(self, state: bytes) -> None:
        """Feature.IMAGES: become the card that ``save`` described; only on a fresh runtime.

        Raises IntegrityError when it is damaged.
        """
        _lacks(Feature.IMAGES)

    def fork(self, services: CardServices) -> AppletRuntime:
        """Feature.FORK: a copy as it is at this moment, with its own memory, that asks ``services``."""
        _lacks(Feature.FORK)

    def limit_instructions(self, count: int) -> None:
        """Feature.BUDGET: end a command after this many bytecode instructions, the card is mute; 0: no limit."""
        _lacks(Feature.BUDGET)

    def instructions(self) -> int:
        """Bytecode instructions that the last command executed; 0 where they are not counted."""
        return 0

    def keep_cost(self, *, wanted: bool) -> None:
        """Feature.COST: add up from the next call on what calls cost, beginning with nothing; or stop it.

        It slows the card down meanwhile and changes nothing else.
        """
        _lacks(Feature.COST)

    def cost(self) -> Cost:
        """Feature.COST: what calls have cost since ``keep_cost``; UsageError when nobody asked to keep it."""
        _lacks(Feature.COST)

    def inspector(self) -> Inspector:
        """Feature.INSPECTOR: a look into the card's memory."""
        _lacks(Feature.INSPECTOR)

    def observe(self, observer: Observer | None, kinds: Iterable[EventKind]) -> None:
        """Tell an observer events of these kinds from the next call on, instead of the one before; None: nobody.

        UsageError names the kinds that this runtime cannot tell (``Backend.tells``).
        """
        if observer is not None and (named := ", ".join(kind.name for kind in kinds)):
            raise UsageError(f"this runtime tells no {named}", hint="choose another runtime")


def _lacks(capability: Feature) -> NoReturn:
    raise UsageError(f"this runtime cannot do {capability.name}: {capability.value}", hint="choose another runtime")
