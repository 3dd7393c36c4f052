"""Events of the machine as the runtime interface tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cardlab.cap.opcodes import Opcode
from cardlab.runtime.observer import Event, EventKind, Observer


def listener(observer: Observer, kinds: frozenset[EventKind], active: Callable[[], Any]) -> Any:
    """The Java object that events arrive at; others end there. ``active`` tells the instance that runs."""
    import jpype

    def tell(kind: EventKind, what: str, number: int) -> None:
        observer(Event(kind, bytes(active()), what, number))

    def instruction(package: int, method: int, offset: int, opcode: int) -> None:
        what = f"package {package} method@{method} offset {offset} {Opcode(opcode).mnemonic}"
        tell(EventKind.INSTRUCTION, what, offset)

    def call(package: int, method: int, name: Any) -> None:
        tell(EventKind.CALL, f"package {package} {name}" if package >= 0 else str(name), method)

    def exception(class_name: Any, reason: int) -> None:
        tell(EventKind.EXCEPTION, str(class_name).replace("/", "."), reason)

    def write(number: int, address: int, length: int, kind: Any) -> None:
        tell(EventKind.PERSISTENT_WRITE, f"{kind} {length} at {address}", number)

    def crypto(algorithm: Any, length: int) -> None:
        tell(EventKind.CRYPTO, str(algorithm), length)

    def selection(channel: int, aid: Any, selected: bool) -> None:
        observer(Event(EventKind.SELECTION, bytes(aid), "selected" if selected else "deselected", channel))

    handlers: dict[EventKind, Callable[..., None]] = {
        EventKind.INSTRUCTION: instruction,
        EventKind.CALL: call,
        EventKind.EXCEPTION: exception,
        EventKind.PERSISTENT_WRITE: write,
        EventKind.CRYPTO: crypto,
        EventKind.SELECTION: selection,
    }
    names = {EventKind.PERSISTENT_WRITE: "write"}
    methods: dict[str, Callable[..., None]] = {
        names.get(kind, kind.name.lower()): handler if kind in kinds else _ignore for kind, handler in handlers.items()
    }
    return jpype.JProxy("cardlab.vm.Observer", dict={**methods, "warning": _ignore})


def _ignore(*_: object) -> None:
    """Nobody wants to know."""
