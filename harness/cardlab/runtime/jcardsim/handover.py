"""What a card hands to its runtime, as the Java objects that the runtime takes."""

from __future__ import annotations

import weakref
from typing import Any

from cardlab.errors import HarnessError
from cardlab.runtime import jvm
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.choices import AbsentLe, RegisterWithoutAid
from cardlab.runtime.observer import Event, EventKind, Observer
from cardlab.runtime.services import CardServices, Service


def limits_in_java(order: RuntimeOrder) -> Any:
    """Memory sizes."""
    chosen = order.choices
    return jvm.java_class("cardlab.jcardsim.Limits")(
        order.persistent, chosen.transient_reset, chosen.transient_deselect, chosen.commit_capacity
    )


def choices_in_java(order: RuntimeOrder) -> Any:
    """Platform choices."""
    chosen = order.choices
    return jvm.java_class("cardlab.jcardsim.Choices")(
        chosen.absent_le is AbsentLe.SEND,
        chosen.apdu_buffer,
        chosen.install_array,
        chosen.register_without_aid is RegisterWithoutAid.INSTANCE_AID,
        chosen.select_in_deselect,
        chosen.object_deletion,
    )


def listener_in_java(observer: Observer) -> Any:
    """The Java object that events arrive at."""
    import jpype

    def event(kind: int, instance: Any, what: Any, number: int) -> None:
        observer(Event(EventKind(int(kind)), bytes(instance), str(what), int(number)))

    return jpype.JProxy("cardlab.jcardsim.Observer", dict={"event": event})


def services_in_java(services: CardServices) -> Any:
    """The Java object that applets' calls of org.globalplatform arrive at."""
    import jpype

    target = weakref.ref(services)

    def call(instance_aid: Any, service: int, argument: Any) -> bytes:
        card = target()
        if card is None:
            raise HarnessError("the card manager of this card is gone", hint="keep a reference to the card")
        sw, result = card.call(bytes(instance_aid), Service(int(service)), bytes(argument))
        return sw.to_bytes(2, "big") + result

    def deselected() -> None:
        if (card := target()) is not None:
            card.deselected()

    return jpype.JProxy("cardlab.jcardsim.Services", dict={"call": call, "deselected": deselected})
