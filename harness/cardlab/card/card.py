"""The simulated GP-SE: one object, bytes in and bytes out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cardlab.card import statefile
from cardlab.card.config import CardConfig
from cardlab.card.entropy import Entropy
from cardlab.card.manager.commands import NOT_BASIC_CHANNEL, handle
from cardlab.card.manager.install import ISSUER_PRIVILEGES
from cardlab.card.manager.keys import CHANNEL_KEYS, KeyStore, KeyVersion
from cardlab.card.manager.registry import LoadFile, Registry, SecurityDomain
from cardlab.card.manager.selection import select_default
from cardlab.card.manager.services import Services
from cardlab.card.manager.session import SecureChannel
from cardlab.card.manager.state import Card, Persistent
from cardlab.closing import Closing
from cardlab.errors import TransportError
from cardlab.globalplatform.constants import (
    SSD_MODULE_AID,
    SSD_PACKAGE_AID,
    TAG_CIN,
    TAG_IIN,
    ApplicationState,
    CardState,
)
from cardlab.runtime.interface import AppletRuntime, CardServices, Limits, Media, RuntimeRefusal
from cardlab.toolchain.library import ClassLibrary

RuntimeFactory = Callable[[CardServices, CardConfig, bytes], AppletRuntime]
"""Makes the applet runtime of a card from its services, its configuration and 32 bytes to seed its generator with."""

_SHORT_MAX = 261  # bytes of the longest short command: header, Lc, 255 data bytes, Le
_INS_SELECT, _INS_MANAGE_CHANNEL = 0xA4, 0x70
_RUNTIME_SEED = 32  # bytes


class SimulatedCard(Closing):
    """A GlobalPlatform secure element with its applets (GPCS 2.3.1, Java Card 3.0.4); a ``Transport``.

    It is powered when it is made, and has no load file but that of its security domains. ``classes`` are those that it
    may execute once their load file was loaded; any other load file is refused. With a ``seed`` everything random on it
    is decided by the seed. Any number of cards can live in a process; one card serves one command at a time, whichever
    thread sends it.
    """

    _card: Card
    _runtime: AppletRuntime
    _process: Callable[[bytes], bytes]
    _media: Media
    _powered: bool
    _closed: bool

    def __init__(
        self,
        config: CardConfig | None = None,
        *,
        seed: int | bytes | str | None = None,
        media: Media = Media.CONTACT_T1,
        runtime: RuntimeFactory | None = None,
        classes: ClassLibrary | None = None,
    ) -> None:
        entropy = Entropy.from_seed(seed)
        complete = (config or CardConfig()).completed(entropy)
        self._assemble(_manufacture(complete, entropy), runtime, classes, entropy.draw(_RUNTIME_SEED))
        self._power_on(media)

    @classmethod
    def restore(
        cls,
        path: Path,
        *,
        media: Media = Media.CONTACT_T1,
        runtime: RuntimeFactory | None = None,
        classes: ClassLibrary | None = None,
    ) -> Self:
        """The card that ``save`` wrote, powered on; raises UsageError without the file, IntegrityError when damaged."""
        persistent, state = statefile.read(path)
        card = cls.__new__(cls)
        card._assemble(persistent, runtime, classes, bytes(_RUNTIME_SEED))  # restore() brings the generator's state
        try:
            card._runtime.restore(state)
            card._power_on(media)
        except BaseException:
            card._runtime.close()
            raise
        return card

    def save(self, path: Path) -> None:
        """Write all that survives power-off to a file that only its owner can read: it holds the card's keys."""
        with self._lock:
            self._require_open()
            if not self._powered:  # after a power cut, what it left half done is settled at a reset
                self._runtime.reset(self._media)
                self._drop_deleted()
            statefile.write(path, self._card.persistent, self._runtime.save())

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.persistent.atr

    @property
    def config(self) -> CardConfig:
        """What the card was made like, nothing left open."""
        return self._card.persistent.config

    @property
    def state(self) -> CardState:
        """The card's life cycle state."""
        return self._card.state

    @property
    def media(self) -> Media:
        """How the card was reached at the last reset."""
        return self._media

    @property
    def free_memory(self) -> int:
        """Persistent bytes that are left of the quota."""
        with self._lock:
            self._require_open()
            return self._card.free_memory

    @property
    def se_id(self) -> bytes:
        """What identifies the secure element: issuer identification number and card image number (GPCS H.1)."""
        data = self._card.registry.issuer.data
        return data[TAG_IIN] + data[TAG_CIN]

    def transmit(self, command: bytes) -> bytes:
        """Serve one command APDU; raises TransportError when the card has no power or loses it, and nothing else."""
        with self._lock:
            if not self._powered:
                raise TransportError("the simulated card has no power", hint="power it on or reset it first")
            # Nearly every command is a short one for the applet that is selected, so the rest of the card is passed by.
            size = len(command)
            self._card.reason = ""
            if self._card.direct and 5 <= size <= _SHORT_MAX:
                cla, ins, lc = command[0], command[1], command[4]
                if (
                    not cla & NOT_BASIC_CHANNEL
                    and ins != _INS_SELECT
                    and ins != _INS_MANAGE_CHANNEL
                    and (size == 5 or (lc and (size == lc + 5 or size == lc + 6)))
                    and not 0x20 <= cla < 0x40
                ):
                    try:
                        return self._process(command)
                    except RuntimeRefusal as refusal:
                        return refusal.sw.to_bytes(2, "big")
                    except TransportError:
                        self._powered = False
                        raise
            try:
                return handle(self._card, command)
            except TransportError:  # the power was cut
                self._powered = False
                raise

    def explain(self) -> str:
        """Why the last command was refused, in words for people; empty when the applet alone knows."""
        with self._lock:
            self._require_open()
            return self._card.reason or self._runtime.unknown_cause()

    def cut_power_at(self, opportunity: int) -> None:
        """Cut the power at the n-th opportunity (from 1) within the next command; 0 takes it back.

        That command then raises TransportError and the card needs a reset. Opportunities are the moments at which
        persistent memory changes (AppletRuntime.cut_power_at); when the command has fewer, nothing happens.
        """
        with self._lock:
            self._require_open()
            self._runtime.cut_power_at(opportunity)

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card, powering it on when it was off, over the same interface as before or another one."""
        with self._lock:
            self._require_open()
            self._power_on(self._media if media is None else media)
            return self.atr

    def power_on(self, media: Media | None = None) -> bytes:
        """Give the card power and return its ATR; the same as ``reset``."""
        return self.reset(media)

    def power_off(self) -> None:
        """Take the power away: what is volatile is gone."""
        with self._lock:
            if self._powered:
                self._runtime.reset(self._media)
                select_default(self._card)
            self._powered = False

    def close(self) -> None:
        """Power off and free the runtime; the card cannot be used again. Safe to call twice."""
        with self._lock:
            if not self._closed:
                self._powered, self._closed = False, True
                self._runtime.close()

    def _assemble(
        self, persistent: Persistent, runtime: RuntimeFactory | None, classes: ClassLibrary | None, seed: bytes
    ) -> None:
        config, services = persistent.config, Services()
        make = runtime or jcardsim_runtime
        self._lock = threading.RLock()
        self._powered = False
        self._closed = False
        self._services = services  # the runtime does not keep it alive
        self._runtime = make(services, config, seed)
        self._process = self._runtime.process
        channel = SecureChannel(persistent.entropy, config.diversification or b"")
        self._card = Card(persistent, self._runtime, channel, classes or ClassLibrary())
        services.bind(self._card)
        self._services = services  # the runtime keeps a weak reference only

    def _power_on(self, media: Media) -> None:
        self._media = media
        self._runtime.reset(media)
        self._drop_deleted()
        self._powered = True
        select_default(self._card)

    def _drop_deleted(self) -> None:
        """Take applications out of the registry that were being deleted when the power failed (GPCS 9.5.1)."""
        registry = self._card.registry
        for entry in [found for found in registry.applications.values() if not isinstance(found, SecurityDomain)]:
            try:
                self._runtime.used_memory(entry.aid)
            except RuntimeRefusal:
                registry.remove_application(entry)

    def _require_open(self) -> None:
        if self._closed:
            raise TransportError("the simulated card was closed", hint="make or restore a card")


def _manufacture(config: CardConfig, entropy: Entropy) -> Persistent:
    """A card as it leaves the factory: the issuer security domain with its first keys, and the load file of others."""
    keys = dict(zip(CHANNEL_KEYS, (config.keys.enc, config.keys.mac, config.keys.dek), strict=True))
    issuer = SecurityDomain(
        aid=config.isd_aid,
        load_file=b"",
        module=b"",
        domain=config.isd_aid,
        privileges=ISSUER_PRIVILEGES,
        state=ApplicationState.SELECTABLE,
        options=config.scp_options,
        keys=KeyStore((KeyVersion(config.key_version, keys),), config.key_limit),
        data={TAG_IIN: config.iin, TAG_CIN: config.cin or b""},
    )
    registry = Registry(issuer)
    registry.load_files[SSD_PACKAGE_AID] = LoadFile(SSD_PACKAGE_AID, (1, 0), (SSD_MODULE_AID,), config.isd_aid, 0)
    return Persistent(config, entropy, registry, config.card_state, config.atr)


def jcardsim_runtime(services: CardServices, config: CardConfig, seed: bytes) -> AppletRuntime:
    """The runtime that is there today: jCardSim in this process's virtual machine."""
    from cardlab.runtime.jcardsim.adapter import JCardSimRuntime

    limits = Limits(
        persistent=config.persistent_memory,
        transient_reset=config.transient_memory,
        transient_deselect=config.transient_memory,
        commit=config.commit_capacity,
    )
    return JCardSimRuntime(services, seed=seed, limits=limits)
