"""Events of the machine as the runtime interface tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cardlab.cap.opcodes import Opcode
from cardlab.runtime.observer import Event, EventKind, Observer

_NOBODY = b""


def listener(observer: Observer, kinds: frozenset[EventKind]) -> Any:
    """The Java object that events arrive at; those of other kinds end there."""
    import jpype

    def told(kind: EventKind, handler: Callable[..., None]) -> Callable[..., None]:
        return handler if kind in kinds else _ignore

    def instruction(package: int, method: int, offset: int, opcode: int) -> None:
        what = f"package {package} method@{method} offset {offset} {Opcode(opcode).mnemonic}"
        observer(Event(EventKind.INSTRUCTION, _NOBODY, what, offset))

    def call(package: int, method: int, name: Any) -> None:
        observer(Event(EventKind.CALL, _NOBODY, f"package {package} {name}" if package >= 0 else str(name), method))

    def exception(class_name: Any, reason: int) -> None:
        observer(Event(EventKind.EXCEPTION, _NOBODY, str(class_name).replace("/", "."), reason))

    def write(number: int, address: int, length: int, kind: Any) -> None:
        observer(Event(EventKind.PERSISTENT_WRITE, _NOBODY, f"{kind} {length} at {address}", number))

    def crypto(algorithm: Any, length: int) -> None:
        observer(Event(EventKind.CRYPTO, _NOBODY, str(algorithm), length))

    def selection(channel: int, aid: Any) -> None:
        raw = bytes(aid)
        observer(Event(EventKind.SELECTION, raw, "selected" if raw else "deselected", channel))

    return jpype.JProxy(
        "cardlab.vm.Observer",
        dict={
            "instruction": told(EventKind.INSTRUCTION, instruction),
            "call": told(EventKind.CALL, call),
            "exception": told(EventKind.EXCEPTION, exception),
            "write": told(EventKind.PERSISTENT_WRITE, write),
            "crypto": told(EventKind.CRYPTO, crypto),
            "selection": told(EventKind.SELECTION, selection),
            "warning": _ignore,
        },
    )


def _ignore(*_: object) -> None:
    """Nobody wants to know."""
