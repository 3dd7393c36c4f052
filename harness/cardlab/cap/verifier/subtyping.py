"""Assignment and joining of types (JVMS 4.10.1.2, without int's narrower forms)."""

from __future__ import annotations

from cardlab.cap.verifier.classtable import ClassTable
from cardlab.cap.verifier.types import Type, is_reference


class Subtyping:
    """The order of types that a class table makes."""

    def __init__(self, classes: ClassTable) -> None:
        self._classes = classes

    def assignable(self, source: Type, target: Type) -> bool:
        """Whether a value of one type may be used as the other; interfaces count as Object (checked at run time)."""
        if source == target:
            return True
        if not is_reference(source) or not target.startswith(("L", "[")):
            return False
        if source == "n" or target == f"L{self._classes.object}":
            return True
        if target.startswith("L") and self._classes.is_interface(target[1:]) is not False:
            return True
        if source.startswith("[L") and target.startswith("[L"):
            return self.assignable(source[1:], target[1:])
        if source.startswith("[") or target.startswith("["):
            return False
        chain = self._classes.supers(source[1:])
        return chain is None or target[1:] in chain

    def join(self, a: Type, b: Type) -> Type:
        """The most special type that holds both; t when there is none."""
        if a == b:
            return a
        if not is_reference(a) or not is_reference(b):
            return "t"
        if a == "n" or b == "n":
            return b if a == "n" else a
        if a.startswith("[L") and b.startswith("[L"):
            return "[" + self.join(a[1:], b[1:])
        if a.startswith("[") or b.startswith("["):
            return f"L{self._classes.object}"
        first, second = self._classes.supers(a[1:]), self._classes.supers(b[1:])
        if first is None or second is None:
            return f"L{self._classes.object}"
        return "L" + next((s for s in first if s in second), self._classes.object)
