"""The simulated GP-SE: one object, bytes in and bytes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from cardlab.card import statefile
from cardlab.card.config import CardConfig
from cardlab.card.delivery import Delivery
from cardlab.card.entropy import Entropy
from cardlab.card.image import RuntimeImage, chosen_runtime, runtime_of_image
from cardlab.card.manager.commands import OTHER_CHANNEL, handle
from cardlab.card.manager.selection import select_default
from cardlab.card.manager.services import Services
from cardlab.card.manager.settling import settle
from cardlab.card.manager.state import ManagedCard, Persistent
from cardlab.card.manufacture import manufacture
from cardlab.closing import Closing
from cardlab.errors import TransportError
from cardlab.globalplatform.constants import (
    TAG_CIN,
    TAG_IIN,
    CardState,
)
from cardlab.iso7816.classes import PROPRIETARY
from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.cost import Cost
from cardlab.runtime.feature import Feature
from cardlab.runtime.inspector import Inspector
from cardlab.runtime.interface import AppletRuntime, Media, RuntimeRefusal
from cardlab.runtime.media import TransmissionProtocol, protocol_byte
from cardlab.runtime.observer import EventKind, Observer
from cardlab.runtime.torn import TornCell

_SHORT_MAX = 261  # bytes of the longest short command: header, Lc, 255 data bytes, Le
_INS_SELECT, _INS_MANAGE_CHANNEL = 0xA4, 0x70
_RUNTIME_SEED = 32  # bytes
_PROTOCOL = 0x0F  # bits of APDU.getProtocol()


class SimulatedCard(Closing):
    """A GlobalPlatform secure element with its applets (GPCS 2.3.1, Java Card 3.0.4); a ``Transport``.

    It is powered when it is made, and has no load file but that of its security domains. ``runtime`` executes its
    applets: a name (``cardlab.runtime.known()``) or what it names; UsageError when it cannot do what ``config`` asks
    for. ``classes`` are handed on to a runtime that needs more than load files (jCardSim: a ClassLibrary, without which
    it refuses them). With a ``seed`` everything random on it is decided by the seed. Any number of cards can live in a
    process; one card serves one command at a time, whichever thread sends it.
    """

    _card: ManagedCard
    _backend: Backend
    _runtime: AppletRuntime
    _process: Callable[[bytes], bytes]
    _delivery: Delivery | None
    _media: Media
    _powered: bool
    _closed: bool

    def __init__(
        self,
        config: CardConfig | None = None,
        *,
        seed: int | bytes | str | None = None,
        media: Media = Media.CONTACT,
        runtime: Backend | str | None = None,
        classes: object = None,
    ) -> None:
        entropy = Entropy.from_seed(seed)
        complete = (config or CardConfig()).completed(entropy)
        self._assemble(manufacture(complete, entropy), chosen_runtime(runtime), classes, entropy.draw(_RUNTIME_SEED))
        self._power_on(media)

    @classmethod
    def restore(
        cls,
        path: Path,
        *,
        media: Media = Media.CONTACT,
        runtime: Backend | str | None = None,
        classes: object = None,
    ) -> Self:
        """The card that ``save`` wrote, powered on, with the runtime that wrote it.

        Raises UsageError without the file, IntegrityError when it is damaged or ``runtime`` is another one.
        """
        persistent, image = statefile.read(path)
        card = cls.__new__(cls)
        # Its restore() brings the generator's state.
        card._assemble(persistent, runtime_of_image(path, image, runtime), classes, bytes(_RUNTIME_SEED))
        try:
            card._runtime.restore(image.state)
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
                self._reset_runtime()
                settle(self._card)
            image = RuntimeImage(self._backend.name, self._backend.version, self._runtime.save())
            statefile.write(path, self._card.persistent, image)

    def fork(self) -> Self:
        """A copy as it is at this moment, RAM, selection and secure channel included; each goes its own way from here.

        What is random on both is the same from here on, and nobody observes the copy. UsageError when the runtime
        cannot copy itself.
        """
        with self._lock:
            self._require_open()
            services = Services()
            copied = type(self).__new__(type(self))
            copied._place(self._backend, self._runtime.fork(services), services)
            copied._card = self._card.fork(copied._runtime)
            copied._delivery = None if self._delivery is None else self._delivery.fork()
            services.bind(copied._card)
            copied._media, copied._powered = self._media, self._powered
            return copied

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
    def backend(self) -> Backend:
        """What executes its applets: name, version, what it can do."""
        return self._backend

    @property
    def runtime(self) -> AppletRuntime:
        """What executes its applets, to be asked past the card manager, as tests do."""
        return self._runtime

    @property
    def media(self) -> Media:
        """How the card was reached at the last reset."""
        return self._media

    @property
    def needs_t0_terminal(self) -> bool:
        """Whether it takes T=0 messages at this moment, and GET RESPONSE for the answer (``cardlab.card.terminal``)."""
        return self._delivery is not None and self._delivery.is_t0

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
            if self._delivery is not None:
                return self._delivery.transmit(command, self._serve)
            if self._card.direct and 5 <= size <= _SHORT_MAX:
                cla, ins, lc = command[0], command[1], command[4]
                if (
                    (cla >= PROPRIETARY or not cla & OTHER_CHANNEL)
                    and ins != _INS_SELECT
                    and ins != _INS_MANAGE_CHANNEL
                    and (size == 5 or (lc and (size == lc + 5 or size == lc + 6)))
                ):
                    try:
                        return self._process(command)
                    except RuntimeRefusal as refusal:
                        return refusal.sw.to_bytes(2, "big")
                    except TransportError:
                        self._powered = False
                        raise
            return self._serve(command)

    def _serve(self, command: bytes) -> bytes:
        """The whole answer to one command."""
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

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Cut the power at the n-th opportunity (from 1) within the next command or reset; 0 takes it back.

        That command then raises TransportError and the card needs a reset. Opportunities are the moments at which
        persistent memory changes (AppletRuntime.cut_power_at); when the command has fewer, nothing happens. ``torn`` is
        what the cell holds that was being written.
        """
        with self._lock:
            self._require_open()
            self._runtime.cut_power_at(opportunity, torn)

    def power_cut_opportunities(self) -> int:
        """How many opportunities the last command had for a power cut, up to the cut if there was one."""
        with self._lock:
            self._require_open()
            return self._runtime.power_cut_opportunities()

    def limit_instructions(self, count: int) -> None:
        """Let no command execute more bytecode instructions than this: beyond it the card is mute; 0: no limit.

        UsageError when the runtime does not count them.
        """
        with self._lock:
            self._require_open()
            self._runtime.limit_instructions(count)

    def keep_cost(self, *, wanted: bool = True) -> None:
        """Add up from the next command on what commands cost, beginning with nothing; or stop it.

        UsageError when the runtime does not count it. A copy of the card does not go on with it.
        """
        with self._lock:
            self._require_open()
            self._runtime.keep_cost(wanted=wanted)

    def cost(self) -> Cost:
        """Instructions, persistent writes by cell and cryptographic operations of all commands since ``keep_cost``.

        Of applets alone: what the card manager does, a secure channel's cryptography too, is not in it. UsageError
        without ``keep_cost``.
        """
        with self._lock:
            self._require_open()
            return self._runtime.cost()

    def on_warning(self, listener: Callable[[str], object] | None) -> None:
        """Tell somebody what applets do that a test should know of though the card goes on (CardServices.warned)."""
        self._services.on_warning = listener

    def inspector(self) -> Inspector:
        """A look into the card's memory; UsageError when the runtime offers none."""
        with self._lock:
            self._require_open()
            return self._runtime.inspector()

    def observe(self, observer: Observer | None, kinds: Iterable[EventKind] = ()) -> None:
        """Have the runtime tell an observer these events from the next command on, or nobody any.

        UsageError names the kinds that the runtime does not know (``backend.tells``).
        """
        with self._lock:
            self._require_open()
            self._runtime.observe(observer, kinds)

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
                self._reset_runtime()
                select_default(self._card)
            self._powered = False

    def close(self) -> None:
        """Power off and free the runtime; the card cannot be used again. Safe to call twice."""
        with self._lock:
            if not self._closed:
                self._powered, self._closed = False, True
                self._runtime.close()

    def _assemble(self, persistent: Persistent, backend: Backend, classes: object, seed: bytes) -> None:
        config, services = persistent.config, Services()
        order = RuntimeOrder(services, seed, config.persistent_memory, config.platform, classes, config.java_card)
        self._place(backend, backend.open(order), services)
        self._delivery = Delivery(config.platform) if config.platform.delivers_in_parts else None
        channels = config.platform.channels if Feature.CHANNELS in backend.capabilities else 1
        self._card = ManagedCard(persistent, self._runtime, channels)
        services.bind(self._card)

    def _place(self, backend: Backend, runtime: AppletRuntime, services: Services) -> None:
        self._lock = threading.RLock()
        self._powered = False
        self._closed = False
        self._backend = backend
        self._runtime = runtime
        self._process = runtime.process
        self._services = services  # the runtime keeps a weak reference only

    def _reset_runtime(self) -> None:
        protocol = self._card.persistent.config.platform.protocol
        self._runtime.reset(protocol, self._media)
        if self._delivery is not None:
            self._delivery.reset(is_t0=protocol_byte(protocol, self._media) & _PROTOCOL == TransmissionProtocol.T0)

    def _power_on(self, media: Media) -> None:
        self._media = media
        self._reset_runtime()
        settle(self._card)
        self._powered = True
        select_default(self._card)

    def _require_open(self) -> None:
        if self._closed:
            raise TransportError("the simulated card was closed", hint="make or restore a card")
