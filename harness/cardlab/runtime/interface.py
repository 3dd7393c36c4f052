"""What the simulated card asks of whatever executes applets (JCRE specification 3.0.4), and what it offers in return.

The card manager (GlobalPlatform) decides *whether* an applet may be installed, selected, deleted; a runtime *does* it.
One ``AppletRuntime`` is one card's Java Card virtual machine with its heap. jCardSim is behind it today
(``cardlab.runtime.jcardsim``); a runtime that executes loaded bytecode can take its place without a change elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Protocol


@unique
class Media(IntEnum):
    """The protocol byte that an applet reads with APDU.getProtocol() (Java Card API 3.0.5, javacard.framework.APDU).

    T=1 in the low four bits, all sixteen media in the high ones. The API gives no meaning to the reserved ones, but an
    applet may meet them on a card with an API of its own, or a newer one.
    """

    CONTACT_T1 = 0x01
    CONTACTLESS_TYPE_A = 0x81
    CONTACTLESS_TYPE_B = 0x91
    USB = 0xA1
    HCI_OR_TYPE_F = 0xB1  # PROTOCOL_MEDIA_HCI_APDU_GATE and PROTOCOL_MEDIA_CONTACTLESS_TYPE_F are one value
    RESERVED_1 = 0x11
    RESERVED_2 = 0x21
    RESERVED_3 = 0x31
    RESERVED_4 = 0x41
    RESERVED_5 = 0x51
    RESERVED_6 = 0x61
    RESERVED_7 = 0x71
    RESERVED_C = 0xC1
    RESERVED_D = 0xD1
    RESERVED_E = 0xE1
    RESERVED_F = 0xF1


@dataclass(frozen=True, slots=True)
class Module:
    """An applet that can be instantiated: its module AID and the name of its class (``com.example.purse.Purse``)."""

    aid: bytes
    class_name: str


@dataclass(frozen=True, slots=True)
class Package:
    """An executable load file: AID, version, the applets in it, and its class files by binary name.

    ``code_size`` is the persistent memory in bytes that its code takes on the card.
    """

    aid: bytes
    version: tuple[int, int]
    modules: tuple[Module, ...]
    classes: Mapping[str, bytes]
    code_size: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Memory of a card in bytes; what its applets see of it through JCSystem ends at 32,767."""

    persistent: int = 256 * 1024  # packages and objects
    transient_reset: int = 8 * 1024  # CLEAR_ON_RESET, all instances together
    transient_deselect: int = 4 * 1024  # CLEAR_ON_DESELECT, each instance
    commit: int = 16 * 1024  # what one transaction can change


class RuntimeRefusal(Exception):  # noqa: N818 - an answer of the card, not an error of the program
    """The runtime could not do what was asked; ``sw`` is the status word the card answers with. Nothing has changed."""

    def __init__(self, sw: int, reason: str) -> None:
        super().__init__(f"{sw:04X}: {reason}")
        self.sw = sw


@unique
class Service(IntEnum):
    """The calls that org.globalplatform.GPSystem and SecureChannel pass on to the card (GP Card API 1.6).

    The argument and the result are bytes; what they hold is said beside each.
    """

    PROCESS_SECURITY = 1  # whole command APDU -> response data
    UNWRAP = 2  # whole command APDU -> whole plain command APDU (CLA without the secure messaging bit, new Lc, no Le)
    WRAP = 3  # response data and expected SW -> secured response data, without SW
    DECRYPT_DATA = 4  # data -> data under the session's data encryption key
    ENCRYPT_DATA = 5  # data -> data
    RESET_SECURITY = 6  # nothing -> nothing
    GET_SECURITY_LEVEL = 7  # nothing -> 1 byte
    GET_CARD_STATE = 8  # nothing -> 1 byte (GPSystem.getCardState)
    GET_APPLICATION_STATE = 9  # AID, or nothing for the caller -> 1 byte (GPSystem.getCardContentState)
    SET_APPLICATION_STATE = 10  # 1 byte -> 1 byte, 01 when done
    LOCK_CARD = 11  # nothing -> 1 byte, 01 when done
    TERMINATE_CARD = 12  # nothing -> 1 byte, 01 when done
    SET_HISTORICAL_BYTES = 13  # bytes -> 1 byte, 01 when done
    GET_PRIVILEGES = 14  # AID, or nothing for the caller -> 3 bytes; REFERENCED_DATA_NOT_FOUND when there is none


class CardServices(Protocol):
    """What the card offers to a running applet."""

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        """Serve one call of the applet ``instance_aid``; returns a status word (9000 when done) and the result."""


class AppletRuntime(Protocol):
    """One card's applets and their heap. Every method may raise RuntimeRefusal and then has changed nothing.

    When the power was cut (``cut_power_at``), the call during which it happened and all later ones raise TransportError
    until ``reset``.
    """

    def load(self, package: Package) -> int:
        """Make a package's classes known; returns the bytes of persistent memory that code and static fields take."""

    def unload(self, package_aid: bytes) -> None:
        """Forget a package; the card manager has deleted its instances before."""

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        """Run ``Applet.install`` with ``parameters`` as bArray (LV AID, LV privileges, LV application data; JCRE 3.1).

        Returns the persistent bytes the instance takes. On any exception, a missing register(), or register() with
        another AID, everything it made is gone and RuntimeRefusal carries the status word.
        """

    def delete(self, instance_aid: bytes) -> None:
        """Call AppletEvent.uninstall() if it is there and drop the instance with all its objects."""

    def select(self, instance_aid: bytes, command: bytes) -> bytes:
        """Deselect the current applet, select this one, let it process ``command``, the SELECT; returns the response.

        The SELECT is in the APDU buffer while deselect() and select() run. When select() returns false or throws, the
        answer is 6999 and no applet is selected (JCRE 4.6.2).
        """

    def deselect(self, command: bytes) -> None:
        """Deselect the current applet because ``command`` selects something that is no applet (a security domain)."""

    def process(self, command: bytes) -> bytes:
        """Let the selected applet process a command; ``command`` is well formed and for the basic channel."""

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        """Pass a STORE DATA command to an applet's Personalization or Application interface; returns the response.

        ``data`` is the whole plain command. The applet need not be selected, and is not afterwards. RuntimeRefusal with
        6985 when it has neither interface.
        """

    def cut_power_at(self, opportunity: int) -> None:
        """Cut the power at the n-th opportunity (from 1) within the next call that runs applet code; 0 takes it back.

        Opportunities: before a transaction begins, before and after a commit takes effect, and after OwnerPIN.check()
        counted and before it compares; outside transactions before and after Util.arrayCopy() to persistent memory, and
        in the middle of arrayCopyNonAtomic() and arrayFillNonAtomic(). When the call offers fewer, nothing happens.
        """

    def unknown_cause(self) -> str:
        """What made the last command answer 6F00 or 6999, for people; empty when nothing did."""

    def reset(self, media: Media) -> None:
        """Card reset or power up: an open transaction is rolled back, transient memory cleared, no applet selected."""

    def used_memory(self, instance_aid: bytes) -> int:
        """Persistent bytes that an instance takes now."""

    def save(self) -> bytes:
        """All packages, instances and persistent objects, for ``restore``. Transient contents are not kept."""

    def restore(self, state: bytes) -> None:
        """Become the card that ``save`` described; only on a fresh runtime. Raises IntegrityError when damaged."""

    def close(self) -> None:
        """Let go of every object."""
