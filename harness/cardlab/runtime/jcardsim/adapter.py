"""The applet runtime of today: jCardSim in this process, its shortcomings made good (docs/reference/runtime.md)."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

from cardlab.errors import HarnessError, IntegrityError, TransportError
from cardlab.runtime import jvm
from cardlab.runtime.interface import CardServices, Limits, Media, Package, RuntimeRefusal, Service

SEED_LENGTH = 32  # bytes, at least


class JCardSimRuntime:
    """One card's applets in the Java virtual machine; an ``AppletRuntime``.

    ``seed`` (32 bytes or more) decides everything that is random on the card. ``services`` must outlive the runtime:
    only a weak reference to it is kept, because Python's and Java's garbage collectors do not see each other's cycles.
    """

    def __init__(self, services: CardServices, *, seed: bytes, limits: Limits | None = None) -> None:
        if len(seed) < SEED_LENGTH:
            raise HarnessError(f"the card's seed has {len(seed)} bytes", hint=f"give at least {SEED_LENGTH}")
        limits = limits or Limits()
        jvm.start()
        self._java = _JavaNames()
        memory = jvm.java_class("cardlab.jcardsim.Limits")(
            limits.persistent, limits.transient_reset, limits.transient_deselect, limits.commit
        )
        self._card: Any = jvm.java_class("cardlab.jcardsim.CardRuntime")(seed, memory, _proxy(services))
        # Looked up once: these two are called for every command.
        self._process = self._card.process
        self._torn = self._java.torn

    def load(self, package: Package) -> int:
        """See AppletRuntime.load. 6A80: a class is damaged or missing; 6A84: no room; 6985: the AID is in use."""
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
                    package.code_size,
                )
            )

    def unload(self, package_aid: bytes) -> None:
        """See AppletRuntime.unload. 6A88: no such package; 6985: it has instances."""
        with self._refusals():
            self._card.unload(package_aid)

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        """See AppletRuntime.install.

        The status word is the applet's when install() threw an ISOException with an error, 6A84 when memory was short,
        6A88 for an unknown package or module, 6A80 for lengths that cannot be, and 6985 for everything else.
        """
        with self._refusals():
            return int(self._card.install(package_aid, module_aid, instance_aid, parameters))

    def delete(self, instance_aid: bytes) -> None:
        """See AppletRuntime.delete. 6A82: no such instance; 6985: another one refers to it (JCRE 3.0.4, 11.3.4)."""
        with self._refusals():
            self._card.delete(instance_aid)

    def select(self, instance_aid: bytes, command: bytes) -> bytes:
        """See AppletRuntime.select; 6700 when the command is malformed or its extended form is not for this applet."""
        with self._refusals():
            return bytes(self._card.select(instance_aid, command))

    def deselect(self, command: bytes) -> None:
        """See AppletRuntime.deselect."""
        with self._refusals():
            self._card.deselect(command)

    def process(self, command: bytes) -> bytes:
        """See AppletRuntime.process; 6700 when the command is malformed, 6999 when no applet is selected."""
        try:
            return bytes(self._process(command))
        except self._torn as cut:
            raise _no_power() from cut

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        """See AppletRuntime.process_data."""
        with self._refusals():
            return bytes(self._card.processData(instance_aid, data))

    def cut_power_at(self, opportunity: int) -> None:
        """See AppletRuntime.cut_power_at."""
        self._card.cutPowerAt(opportunity)

    def reset(self, media: Media) -> None:
        """See AppletRuntime.reset."""
        self._card.reset(int(media))

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
        if cause is None:
            return ""
        frames = [str(frame) for frame in cause.getStackTrace()]
        applet = list(takewhile(lambda frame: not frame.startswith("cardlab.jcardsim."), frames))
        return " at ".join([str(cause.toString()), *applet[:3]])

    def close(self) -> None:
        """See AppletRuntime.close."""
        self._card.close()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except self._java.refusal as refusal:
            raise RuntimeRefusal(int(refusal.statusWord()), str(refusal.getMessage())) from refusal
        except self._torn as cut:
            raise _no_power() from cut


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


def _proxy(services: CardServices) -> Any:
    """The Java object that applets' calls of org.globalplatform arrive at."""
    import jpype

    target = weakref.ref(services)

    def call(instance_aid: Any, service: int, argument: Any) -> bytes:
        card = target()
        if card is None:
            raise HarnessError("the card manager of this card is gone", hint="keep a reference to the card")
        sw, result = card.call(bytes(instance_aid), Service(int(service)), bytes(argument))
        return sw.to_bytes(2, "big") + result

    return jpype.JProxy("cardlab.jcardsim.Services", dict={"call": call})
