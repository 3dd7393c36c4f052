"""The applet runtime of today: jCardSim in this process, its shortcomings made good (docs/reference/runtime.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cardlab.errors import HarnessError, IntegrityError, TransportError, UsageError
from cardlab.iso7816.status import SW
from cardlab.runtime import jvm
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.inspector import Inspector
from cardlab.runtime.interface import AppletRuntime, LoadFile, RuntimeRefusal
from cardlab.runtime.jcardsim import causes
from cardlab.runtime.jcardsim.events import TELLS
from cardlab.runtime.jcardsim.handover import choices_in_java, limits_in_java, listener_in_java, services_in_java
from cardlab.runtime.jcardsim.inspector import JCardSimInspector
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.media import Media, TransmissionProtocol, protocol_byte
from cardlab.runtime.observer import EventKind, Observer
from cardlab.runtime.torn import TornCell

if TYPE_CHECKING:
    from cardlab.toolchain.executable import Package

SEED_LENGTH = 32  # bytes, at least


class JCardSimRuntime(AppletRuntime):
    """One card's applets in the Java virtual machine.

    The order's ``classes`` are a ClassLibrary. Its ``services`` must outlive the runtime: only a weak reference is
    kept, because Python's and Java's garbage collectors do not see each other's cycles.
    """

    def __init__(self, order: RuntimeOrder) -> None:
        if len(order.seed) < SEED_LENGTH:
            raise HarnessError(f"the card's seed has {len(order.seed)} bytes", hint=f"give at least {SEED_LENGTH}")
        self._classes = _library(order.classes)
        jvm.start()
        self._java = _JavaNames()
        self._card: Any = jvm.java_class("cardlab.jcardsim.CardRuntime")(
            order.seed, limits_in_java(order), choices_in_java(order), services_in_java(order.services)
        )
        # Looked up once: these two are called for every command.
        self._process = self._card.process
        self._torn = self._java.torn

    def load(self, load_file: LoadFile) -> int:
        """See AppletRuntime.load. 6A80: no class files convert to it, or one of them is damaged; 6A84: no room."""
        package = self._classes.find(load_file.data_block)
        if package is None:
            raise RuntimeRefusal(
                SW.WRONG_DATA,
                f"the load file of {load_file.aid.hex().upper()} is sound, but the runtime jcardsim executes class"
                f" files: {self._classes.missing(load_file.data_block)}; the runtime vm needs none",
            )
        return self.load_classes(package, load_file.code_size)

    def load_classes(self, package: Package, code_size: int = 0) -> int:
        """Load class files as they are. 6A80: a class is damaged or missing; 6A84: no room; 6985: the AID is in use."""
        strings, arrays = self._java.strings, self._java.byte_arrays
        with self._refusals():
            return int(
                self._card.load(
                    package.aid,
                    *package.version,
                    arrays([module.aid for module in package.modules]),
                    strings([module.class_name for module in package.modules]),
                    strings(list(package.classes)),
                    arrays(list(package.classes.values())),
                    code_size,
                )
            )

    def unload(self, package_aid: bytes) -> None:
        """See AppletRuntime.unload. 6A88: no such package; 6985: it has instances."""
        with self._refusals():
            self._card.unload(package_aid)

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        """See AppletRuntime.install."""
        with self._refusals():
            return int(self._card.install(package_aid, module_aid, instance_aid, parameters))

    def delete(self, instance_aid: bytes) -> None:
        """See AppletRuntime.delete."""
        with self._refusals():
            self._card.delete(instance_aid)

    def select(self, instance_aid: bytes, command: bytes, channel: int = 0) -> bytes:
        """See AppletRuntime.select; 6700 when the command is malformed or its extended form is not for this applet."""
        with self._refusals():
            return bytes(self._card.select(instance_aid, command))

    def deselect(self, command: bytes, channel: int = 0) -> None:
        """See AppletRuntime.deselect."""
        with self._refusals():
            self._card.deselect(command)

    def process(self, command: bytes, channel: int = 0) -> bytes:
        """See AppletRuntime.process."""
        try:
            return bytes(self._process(command))
        except self._torn as cut:
            raise _no_power() from cut

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        """See AppletRuntime.process_data."""
        with self._refusals():
            return bytes(self._card.processData(instance_aid, data))

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """See AppletRuntime.cut_power_at."""
        if torn is not TornCell.OLD:
            raise UsageError(f"the runtime jcardsim leaves no {torn.value} value in a cell", hint="use the runtime vm")
        self._card.cutPowerAt(opportunity)

    def power_cut_opportunities(self) -> int:
        """See AppletRuntime.power_cut_opportunities."""
        return int(self._card.powerCutOpportunities())

    def reset(self, protocol: TransmissionProtocol, medium: Media) -> None:
        """See AppletRuntime.reset."""
        self._card.reset(protocol_byte(protocol, medium))

    def used_memory(self, instance_aid: bytes) -> int:
        """See AppletRuntime.used_memory."""
        with self._refusals():
            return int(self._card.usedMemory(instance_aid))

    def save(self) -> bytes:
        """See AppletRuntime.save. HarnessError when an applet holds an object that no card has."""
        try:
            with self._refusals():
                return bytes(self._card.save())
        except self._java.illegal_state as error:
            raise HarnessError(f"the card cannot be saved: {error.getMessage()}") from error

    def restore(self, state: bytes) -> None:
        """See AppletRuntime.restore. HarnessError when this runtime is not fresh."""
        try:
            with self._refusals():
                self._card.restore(state)
        except self._java.damaged as error:
            raise IntegrityError(f"the card cannot be restored: {error.getMessage()}") from error
        except self._java.illegal_state as error:
            raise HarnessError(str(error.getMessage())) from error

    def unknown_cause(self) -> str:
        """What made the last command answer 6F00 or 6999, for people; empty when nothing did."""
        cause = self._card.unknownCause()
        return "" if cause is None else causes.told(cause)

    def inspector(self) -> Inspector:
        """See AppletRuntime.inspector."""
        return JCardSimInspector(self._card)

    def observe(self, observer: Observer | None, kinds: Iterable[EventKind]) -> None:
        """See AppletRuntime.observe."""
        wanted = frozenset(kinds)
        if observer is None:
            self._card.observe(None, 0)
            return
        if missing := ", ".join(sorted(kind.name for kind in wanted - TELLS)):
            raise UsageError(f"the runtime jcardsim tells no {missing}", hint="choose another runtime")
        self._card.observe(listener_in_java(observer), sum(1 << kind for kind in wanted))

    def close(self) -> None:
        """See AppletRuntime.close."""
        self._card.close()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except self._java.refusal as refusal:
            raise RuntimeRefusal(int(refusal.statusWord()), _words(refusal)) from refusal
        except self._torn as cut:
            raise _no_power() from cut


def _words(refusal: Any) -> str:
    """Why; when an applet's code threw something, also what and where."""
    message, cause = str(refusal.getMessage()), refusal.getCause()
    if cause is None:
        return message
    thrown = causes.root(cause)
    if thrown is not cause:
        message += f": {thrown.toString()}"
    named = message.endswith(str(thrown.toString()))  # and not said in other words already
    return f"{message}{causes.reason(thrown) if named else ''}{causes.place(thrown)}"


def _no_power() -> TransportError:
    return TransportError("the card was torn: the power was cut during a command", hint="reset the card")


class _JavaNames:
    """Java exceptions and array types, looked up once a card."""

    def __init__(self) -> None:
        import jpype

        self.refusal = jvm.java_class("cardlab.jcardsim.Refusal")
        self.torn = jvm.java_class("cardlab.jcardsim.CardTorn")
        self.damaged = jvm.java_class("cardlab.jcardsim.DamagedImage")
        self.illegal_state = jvm.java_class("java.lang.IllegalStateException")
        self.strings = jpype.JArray(jpype.JString)
        self.byte_arrays = jpype.JArray(jpype.JArray(jpype.JByte))


def _library(classes: object) -> ClassLibrary:
    if classes is None:
        return ClassLibrary()
    if not isinstance(classes, ClassLibrary):
        raise UsageError(f"the runtime jcardsim was given {type(classes).__name__}", hint="give it a ClassLibrary")
    return classes
