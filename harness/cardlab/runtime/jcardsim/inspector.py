"""A look into the memory of a card on jCardSim: its Java objects, as an Inspector."""

from __future__ import annotations

from typing import Any

from cardlab.errors import UsageError
from cardlab.runtime import jvm
from cardlab.runtime.inspector import Block, CardObject, Finding, Memory


class JCardSimInspector:
    """See Inspector. Persistent memory is what applets reach, and the card's image, with what they do not."""

    def __init__(self, card: Any) -> None:
        self._java = jvm.java_class("cardlab.jcardsim.Inspector")(card)

    def memory_map(self) -> tuple[Block, ...]:
        """See Inspector.memory_map."""
        return tuple(
            Block(Memory[str(one.memory())], str(one.name()), bytes(one.content()), str(one.holder()))
            for one in self._java.blocks()
        )

    def find(self, wanted: bytes) -> tuple[Finding, ...]:
        """See Inspector.find."""
        return tuple(Finding(block, at) for block in self.memory_map() for at in _places(block.content, wanted))

    def objects(self, class_name: str = "") -> tuple[CardObject, ...]:
        """See Inspector.objects."""
        return tuple(_JavaObject(self._java, one) for one in self._java.objects(class_name))

    def applet(self, instance_aid: bytes = b"") -> CardObject:
        """See Inspector.applet."""
        found = self._java.applet(instance_aid)
        if found is None:
            wanted = instance_aid.hex().upper() or "that is selected"
            raise UsageError(f"there is no applet {wanted}", hint="install and select it first")
        return _JavaObject(self._java, found)


class _JavaObject:
    """See CardObject."""

    def __init__(self, inspector: Any, java: Any) -> None:
        self._inspector = inspector
        self._java = java

    @property
    def class_name(self) -> str:
        return str(self._inspector.className(self._java))

    @property
    def persistent(self) -> bool:
        return bool(self._inspector.isPersistent(self._java))

    def fields(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._inspector.fields(self._java))

    def field(self, name: str) -> Any:
        self._require(name)
        return _value(self._inspector, self._inspector.field(self._java, name))

    def put(self, name: str, content: bytes) -> None:
        self._require(name)
        if not self._inspector.put(self._java, name, content):
            raise UsageError(
                f"{self.class_name}.{name} is no array of {len(content)} bytes", hint="give as many as it has"
            )

    def _require(self, name: str) -> None:
        if name not in self.fields():
            listed = ", ".join(self.fields())
            raise UsageError(f"{self.class_name} has no field {name}", hint=f"its fields: {listed}")


def _value(inspector: Any, java: Any) -> object:
    """As Python sees it: a number, a truth value, bytes, other numbers, an object, several, or None."""
    import jpype

    if java is None:
        return None
    if isinstance(java, jpype.JArray(jpype.JByte)):
        return bytes(java)
    if isinstance(java, (jpype.JArray(jpype.JShort), jpype.JArray(jpype.JInt), jpype.JArray(jpype.JBoolean))):
        return tuple(int(one) for one in java)
    if isinstance(java, jpype.JArray):
        return tuple(_value(inspector, one) for one in java)
    if isinstance(java, jpype.JClass("java.lang.Boolean")):
        return bool(java)
    if isinstance(java, jpype.JClass("java.lang.Number")):
        return int(java)
    return _JavaObject(inspector, java)


def _places(content: bytes, wanted: bytes) -> list[int]:
    found, at = [], content.find(wanted) if wanted else -1
    while at >= 0:
        found.append(at)
        at = content.find(wanted, at + 1)
    return found
