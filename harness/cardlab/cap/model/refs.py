"""References to classes (JCVM 3.0.4, 6.8.1)."""

from __future__ import annotations

_EXTERNAL = 0x8000


class ClassRef(int):
    """class_ref: the offset of a class in the Class component, or 8000 | package token << 8 | class token."""

    @property
    def is_external(self) -> bool:
        """Whether the class is in an imported package."""
        return bool(self & _EXTERNAL)

    @property
    def package(self) -> int:
        """The token of the imported package."""
        return self >> 8 & 0x7F

    @property
    def token(self) -> int:
        """The class's token in the imported package."""
        return self & 0xFF


OBJECT_HAS_NONE = ClassRef(0xFFFF)
"""The superclass of java.lang.Object (6.9.2)."""
