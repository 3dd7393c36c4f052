"""The virtual machine behind the runtime interface."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

from cardlab.errors import HarnessError, IntegrityError, TransportError, UsageError
from cardlab.iso7816.status import SW
from cardlab.runtime import jvm
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.choices import AbsentLe, PlatformChoices, RegisterWithoutAid, SessionInDeselect
from cardlab.runtime.cost import Cost
from cardlab.runtime.inspector import Inspector
from cardlab.runtime.interface import AppletRuntime, LoadFile, RuntimeRefusal
from cardlab.runtime.media import Media, TransmissionProtocol, protocol_byte
from cardlab.runtime.observer import Event, EventKind, Observer
from cardlab.runtime.services import CardServices, Service
from cardlab.runtime.torn import TornCell
from cardlab.runtime.vm.classes import NATIVES, table_lines
from cardlab.runtime.vm.costs import Costs
from cardlab.runtime.vm.events import listener
from cardlab.runtime.vm.inspector import MachineInspector
from cardlab.runtime.vm.names import Described, Names, counted
from cardlab.runtime.vm.tracing import Fresh, TracedMachine, traced
from cardlab.transport import MuteError

SEED_LENGTH = 32  # bytes, at least
_NEWEST_3_0 = "3.0.5"  # cards of 3.0.4 link with it: the card manager refuses what a card's version has not
_GLOBALPLATFORM = "1.6"
_VERSIONS = {"3.0.4": "0304", "3.0.5": "0305", "3.1": "0301", "3.2": "0302"}  # JCSystem.getVersion()
_SHORT_MAX = 261  # bytes of the longest short command: header, Lc, 255 data bytes, Le
_NO_LIMIT = (1 << 63) - 1


class VirtualMachine(AppletRuntime):
    """One card's applets as they were loaded.

    The order's ``services`` must outlive the runtime: only a weak reference is kept, because Python's and Java's
    garbage collectors do not see each other's cycles. Its ``classes`` may be executables (a ClassLibrary): for those
    among them that are loaded, names and lines are known.
    """

    def __init__(self, machine: Any, services: _Services, described: Iterable[Described] = ()) -> None:
        self._machine = machine
        self._services = services
        self._described = described
        self._names = Names(described, lambda aid: bytes(machine.kept(aid)))
        services.name_places(self._names)
        self._java = _java_names()
        self._channel_observer: Observer | None = None
        self._costs: Costs | None = None
        # Looked up once: they are called for every command.
        self._process, self._process_in_window = machine.process, machine.processInWindow
        self._window: memoryview | None = None
        self._longest_in_window = -1 if isinstance(machine, TracedMachine) else _SHORT_MAX  # the window tells nobody

    @classmethod
    def fresh(cls, order: RuntimeOrder, translate: str | None = None) -> VirtualMachine:
        """A new card's; ``translate`` is its property ``vm.translate``, where it is not that of the process."""
        if len(order.seed) < SEED_LENGTH:
            raise HarnessError(f"the card's seed has {len(order.seed)} bytes", hint=f"give at least {SEED_LENGTH}")
        jvm.start()
        services = _Services(order.services)
        properties = _properties(order, translate or translation())
        machine = new_machine(properties, order.java_card, order.seed, services.in_java())
        machine = traced(machine, Fresh(properties, order.java_card, order.seed), services)
        return cls(machine, services, order.classes if isinstance(order.classes, Iterable) else ())

    @property
    def machine(self) -> Any:
        """The machine in Java (cardlab.vm.Machine), for what no other runtime has."""
        return self._machine

    def hear(self) -> list[tuple[int, bytes, bytes]]:
        """Keep from now on what applets ask of the card manager: service, argument, answer; the list grows."""
        self._services.heard = []
        return self._services.heard

    def place(self, located: str) -> str:
        """A place in code as the machine tells it (Java: Places.locate), with names and lines where they are known."""
        return self._names.place(located)

    def load(self, load_file: LoadFile) -> int:
        """See AppletRuntime.load. 6A80: it cannot be linked, or uses what this card has not; 6A84: no room."""
        self._names.forget()
        with self._outcomes():
            return int(self._machine.load(load_file.data_block))

    def unload(self, package_aid: bytes) -> None:
        """See AppletRuntime.unload. 6A88: no such package; 6985: something uses it."""
        self._names.forget()
        with self._outcomes():
            self._machine.unload(package_aid)

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        """See AppletRuntime.install."""
        try:
            with self._outcomes():
                return int(self._machine.install(package_aid, module_aid, instance_aid, parameters))
        except RuntimeRefusal as refusal:
            if cause := self.unknown_cause():  # with names and lines, as far as they are known
                raise RuntimeRefusal(refusal.sw, f"install() threw {cause}") from refusal
            raise

    def delete(self, instance_aid: bytes) -> None:
        """See AppletRuntime.delete."""
        with self._outcomes():
            self._machine.delete(instance_aid)

    def select(self, instance_aid: bytes, command: bytes, channel: int = 0) -> bytes:
        """See AppletRuntime.select; 6985 when it is active on another channel and not multiselectable."""
        with self._outcomes():
            return bytes(self._machine.select(instance_aid, command, channel))

    def deselect(self, command: bytes, channel: int = 0) -> None:
        """See AppletRuntime.deselect."""
        with self._outcomes():
            self._machine.deselect(command, channel)

    def open_channel(self, channel: int, instance_aid: bytes = b"") -> bytes:
        """See AppletRuntime.open_channel."""
        with self._outcomes():
            answer = bytes(self._machine.open(instance_aid, channel)) if instance_aid else SW.OK.to_bytes(2, "big")
        self._tell_channel("opened", channel)
        return answer

    def close_channel(self, channel: int) -> None:
        """See AppletRuntime.close_channel."""
        with self._outcomes():
            self._machine.deselect(b"", channel)
        self._tell_channel("closed", channel)

    def process(self, command: bytes, channel: int = 0) -> bytes:
        """See AppletRuntime.process."""
        try:
            size = len(command)
            if channel or size > self._longest_in_window:
                return bytes(self._process(command, channel))
            window = self._window or self._open_window()
            window[:size] = command
            length = self._process_in_window(size)
            return window[:length].tobytes() if length >= 0 else bytes(self._machine.longAnswer())
        except (self._java.off, self._java.mute) as gone:
            raise self._silent(gone) from gone

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        """See AppletRuntime.process_data."""
        with self._outcomes():
            return bytes(self._machine.processData(instance_aid, data))

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """See AppletRuntime.cut_power_at; what is random in a cell follows from the number."""
        self._machine.cutPowerAt(opportunity, torn.name, opportunity)

    def power_cut_opportunities(self) -> int:
        """See AppletRuntime.power_cut_opportunities: each persistent write is one."""
        return int(self._machine.writesOfLastCommand())

    def limit_instructions(self, count: int) -> None:
        """See AppletRuntime.limit_instructions."""
        self._machine.setBudget(count or _NO_LIMIT)

    def instructions(self) -> int:
        """See AppletRuntime.instructions."""
        return int(self._machine.instructionsOfLastCommand())

    def reset(self, protocol: TransmissionProtocol, medium: Media) -> None:
        """See AppletRuntime.reset."""
        with self._outcomes():
            self._machine.reset(protocol_byte(protocol, medium))

    def used_memory(self, instance_aid: bytes) -> int:
        """See AppletRuntime.used_memory."""
        with self._outcomes():
            return int(self._machine.usedMemory(instance_aid))

    def package_memory(self, package_aid: bytes) -> int:
        """See AppletRuntime.package_memory."""
        with self._outcomes():
            return int(self._machine.packageMemory(package_aid))

    def save(self) -> bytes:
        """See AppletRuntime.save."""
        with self._outcomes():
            return bytes(self._machine.save())

    def restore(self, state: bytes) -> None:
        """See AppletRuntime.restore. HarnessError when this runtime is not fresh."""
        self._names.forget()
        try:
            with self._outcomes():
                self._machine.restore(state)
        except self._java.damaged as error:
            raise IntegrityError(f"the card cannot be restored: {error.getMessage()}") from error
        except self._java.illegal_state as error:
            raise HarnessError(str(error.getMessage())) from error

    def fork(self, services: CardServices) -> AppletRuntime:
        """See AppletRuntime.fork."""
        asked = _Services(services)
        copied = self._machine.fork(asked.in_java())
        if isinstance(self._machine, TracedMachine):
            copied = self._machine.copied(copied, asked)
        return VirtualMachine(copied, asked, self._described)

    def unknown_cause(self) -> str:
        """What made the last command answer 6F00 or 6999, for people; empty when nothing did."""
        places = (self._names.place(str(one)) for one in self._machine.unknownPlaces())
        return " at ".join((self._names.in_words(str(self._machine.unknownThrown())), *counted(places)))

    def keep_cost(self, *, wanted: bool) -> None:
        """See AppletRuntime.keep_cost."""
        with self._outcomes():  # it was closed
            kept = self._machine.keepCosts(wanted)
            self._costs = Costs(kept, self._machine, self._names) if wanted else None

    def cost(self) -> Cost:
        """See AppletRuntime.cost."""
        if self._costs is None:
            raise UsageError("nobody asked to keep what commands cost", hint="keep_cost(wanted=True) before them")
        return self._costs.read()

    def inspector(self) -> Inspector:
        """See AppletRuntime.inspector."""
        return MachineInspector(self._machine.inspector(), self._names)

    def observe(self, observer: Observer | None, kinds: Iterable[EventKind]) -> None:
        """See AppletRuntime.observe."""
        wanted = frozenset(kinds)
        self._channel_observer = observer if EventKind.CHANNEL in wanted else None
        if observer is None:
            self._machine.observe(None)
            return
        self._machine.observe(listener(observer, wanted, _active_instance(weakref.ref(self))))

    def active_instance(self) -> bytes:
        """The AID of the instance that is active at this moment; empty for the runtime environment."""
        return bytes(self._machine.activeInstance())

    def _tell_channel(self, what: str, channel: int) -> None:
        if self._channel_observer is not None:
            self._channel_observer(Event(EventKind.CHANNEL, b"", what, channel))

    def close(self) -> None:
        """See AppletRuntime.close."""
        with suppress(RuntimeRefusal):  # it was closed before
            self._machine.observe(None)  # an observer may lead back here, which Java does not see
        self._machine = _Closed()
        self._costs = None
        self._process, self._longest_in_window, self._window = self._machine.process, -1, None

    def _open_window(self) -> memoryview:
        """What Java calls the window (cardlab.vm.Machine.window)."""
        self._window = memoryview(self._machine.window()).cast("B")
        return self._window

    @contextmanager
    def _outcomes(self) -> Iterator[None]:
        try:
            yield
        except self._java.refusal as refusal:
            raise RuntimeRefusal(int(refusal.statusWord()), str(refusal.getMessage())) from refusal
        except (self._java.off, self._java.mute) as gone:
            raise self._silent(gone) from gone

    def _silent(self, gone: Any) -> TransportError:
        if isinstance(gone, self._java.mute):
            why = f"the card is mute: {gone.what()} at {self._names.place(str(gone.place()))}"
            return MuteError(why, hint="reset the card")
        return TransportError(f"the card was torn: {gone.getMessage()}", hint="reset the card")


def _active_instance(machine: weakref.ref[VirtualMachine]) -> Callable[[], bytes]:
    """Asks a machine that may be gone; no method of it, for its observer must not keep it alive (see _Services)."""

    def ask() -> bytes:
        found = machine()
        return b"" if found is None else found.active_instance()

    return ask


class _Closed:
    """In place of a machine that was let go of: a card that has nothing."""

    def process(self, *_: object) -> bytes:
        """No applet is selected."""
        return SW.APPLET_SELECT_FAILED.to_bytes(2, "big")

    def reset(self, *_: object) -> None:
        """There is nothing to do."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeRefusal(SW.CONDITIONS_NOT_SATISFIED, f"the runtime was closed, {name}() cannot be done")


class _JavaNames:
    """Java exceptions, looked up once."""

    def __init__(self) -> None:
        self.refusal = jvm.java_class("cardlab.vm.jcre.Refusal")
        self.off = jvm.java_class("cardlab.vm.jcre.CardOff")
        self.mute = jvm.java_class("cardlab.vm.interpreter.CardMute")
        self.damaged = jvm.java_class("cardlab.vm.memory.DamagedMemory")
        self.illegal_state = jvm.java_class("java.lang.IllegalStateException")


def _every_api() -> list[Any]:
    """Those of all versions, each made when it is not there yet."""
    return [_shared_api(one) for one in _VERSIONS if one == _NEWEST_3_0 or not one.startswith("3.0.")]


def _api(java_card: str) -> Any:
    """The API packages of a Java Card version with their natives."""
    return _shared_api(_NEWEST_3_0 if java_card.startswith("3.0.") else java_card)


_KEEPERS: ContextVar[dict[str, Any] | None] = ContextVar("keepers", default=None)


@contextmanager
def sharing_key_pairs() -> Iterator[None]:
    """Cards of one kind that this thread makes until the end of the block make each RSA key pair once, all together.

    What draws the same random numbers gets the same pair; answers and memory stay what they are.
    """
    token = _KEEPERS.set({})
    try:
        yield
    finally:
        _KEEPERS.reset(token)


def new_machine(properties: str, java_card: str, seed: bytes, services: Any) -> Any:
    """A fresh cardlab.vm.Machine; ``services`` is a Java object."""
    machine = jvm.java_class("cardlab.vm.Machine")(properties, _api(java_card), seed, services)
    keepers = _KEEPERS.get()
    if keepers is not None:
        if properties in keepers:
            machine.rememberDrawnWith(keepers[properties])
        else:
            machine.rememberDrawn()
            keepers[properties] = machine.fork(services)
    return machine


@cache
def _java_names() -> _JavaNames:
    return _JavaNames()


@cache
def _shared_api(java_card: str) -> Any:
    """All cards of the process share them."""
    import jpype

    strings = jpype.JArray(jpype.JString)(list(NATIVES))
    return jvm.java_class("cardlab.vm.Machine").api(table_lines(java_card, _GLOBALPLATFORM), strings)


def _properties(order: RuntimeOrder, translate: str) -> str:
    """The card's properties as lines (Java: cardlab.vm.jcre.Properties)."""
    values: dict[str, object] = {"memory.persistent": order.persistent, "vm.translate": translate}
    values |= {"java-card.api": order.java_card, "java-card.version": _VERSIONS[order.java_card]}
    values |= _chosen(order.choices)
    return "\n".join(f"{name}={_word(value)}" for name, value in values.items())


def translation() -> str:
    """When methods are translated: what ``CARDLAB_VM_TRANSLATE`` says, ``false`` or at which call, else ``true``."""
    return os.environ.get("CARDLAB_VM_TRANSLATE") or "true"


def keep_coverage(*, wanted: bool) -> None:
    """Have cards of this process that are made or copied from now on keep what they execute, and translate nothing."""
    jvm.start()
    for one in _every_api():
        one.coverage().keep(wanted)


def forget_executed() -> None:
    """Nothing was executed so far."""
    for one in _every_api():
        one.coverage().forget()


def executed() -> dict[bytes, tuple[list[int], list[int]]]:
    """What the cards of this process have executed while coverage was kept.

    By what a card keeps of a load file: places of instructions, and branches, each with its place in the upper 16 bits
    and where it led in the lower ones; both count in the Method component's info.
    """
    found: dict[bytes, tuple[set[int], set[int]]] = {}
    for visits in (visits for one in _every_api() for visits in one.coverage().visits()):
        seen, ways = found.setdefault(bytes(visits.kept()), (set(), set()))  # it may be on cards of several versions
        seen.update(visits.seen())
        ways.update(visits.ways())
    return {kept: (sorted(seen), sorted(ways)) for kept, (seen, ways) in found.items()}


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _chosen(choices: PlatformChoices) -> dict[str, object]:
    return {
        "memory.reset": choices.transient_reset,
        "memory.deselect": choices.transient_deselect,
        "memory.commit": choices.commit_capacity,
        "memory.object-deletion": choices.object_deletion,
        "apdu.buffer": choices.apdu_buffer,
        "apdu.drop-without-le": choices.absent_le is AbsentLe.DROP,
        "apdu.cut-at-le": not choices.delivers_in_parts,
        "apdu.incoming-block": choices.incoming_block,
        "apdu.select-in-deselect": choices.select_in_deselect,
        "globalplatform.no-session-in-deselect": choices.session_in_deselect is SessionInDeselect.NULL,
        "pin.value": choices.pin_value.value,
        "pin.count-empty": choices.count_empty_pin,
        "install.array": choices.install_array,
        "install.register-module": choices.register_without_aid is RegisterWithoutAid.MODULE_AID,
        "vm.int": choices.integers,
        "vm.checks": choices.checks,
        "crypto.ecdsa-failure": choices.ecdsa_failure.value.removeprefix("returns "),
        "crypto.rsa-memory": choices.rsa_key_memory.value,
        "crypto.without": choices.missing_algorithms,
    }


def _no_names() -> None:
    """Places are told as the machine tells them."""


class _Services:
    """Where applets' calls of org.globalplatform arrive, and where Python looks at signals meanwhile.

    The machine keeps it, and Java does not see what Python's objects refer to: nothing in it may lead back to the
    machine but weakly, or no card would ever be freed.
    """

    def __init__(self, services: CardServices) -> None:
        self._card = weakref.ref(services)
        self.heard: list[tuple[int, bytes, bytes]] | None = None  # service, argument, answer; None: not kept
        self.log: list[tuple[Any, ...]] | None = None  # for who traces the machine: all of its calls
        self._names: Callable[[], Names | None] = _no_names

    def name_places(self, names: Names) -> None:
        """Tell places in applets' code with these names."""
        self._names = weakref.ref(names)

    def in_java(self) -> Any:
        """The Java object behind it."""
        import jpype

        return jpype.JProxy("cardlab.vm.Services", inst=self)

    def call(self, instance_aid: Any, service: int, argument: Any) -> bytes:
        """Java: cardlab.vm.Services.call."""
        card = self._card()
        if card is None:
            raise HarnessError("the card manager of this card is gone", hint="keep a reference to the card")
        sw, result = card.call(bytes(instance_aid), Service(int(service)), bytes(argument))
        answer = sw.to_bytes(2, "big") + result
        self._tell("call", bytes(instance_aid), int(service), bytes(argument), answer)
        if self.heard is not None:
            self.heard.append((int(service), bytes(argument), answer))
        return answer

    def deselected(self, instance_aid: Any) -> None:
        """Java: cardlab.vm.Services.deselected."""
        self._tell("deselected", bytes(instance_aid))
        card = self._card()
        if card is not None:
            card.deselected()

    def _tell(self, *what: Any) -> None:
        if self.log is not None:
            self.log.append(what)

    def poll(self) -> None:
        """Java: cardlab.vm.Services.poll; KeyboardInterrupt comes up here by itself."""

    def warned(self, message: Any, place: Any) -> None:
        """Java: cardlab.vm.Services.warned."""
        self._tell("warned", str(message))
        card = self._card()
        if card is not None:
            names = self._names() or Names((), lambda _: b"")
            said, where = names.in_words(str(message)), names.place(str(place))
            card.warned(f"{said} at {where}" if where else said)
