"""Names and anchors of what is in a package: Java's where a Debug component tells them, else offsets and tokens."""

from __future__ import annotations

from cardlab.cap.constants import ELSEWHERE, PACKAGE_VISIBLE, PoolTag
from cardlab.cap.debug import DebugClass, DebugInfo, DebugMethod
from cardlab.cap.explore.types import type_names
from cardlab.cap.exports import Exports
from cardlab.cap.listing import ReferenceNames
from cardlab.cap.model import ClassDescriptor, ClassRef, FieldDescriptor, MethodDescriptor, PoolItem
from cardlab.cap.reader import CapFile

_VIRTUAL = (PoolTag.VIRTUAL_METHOD, PoolTag.SUPER_METHOD)


def class_anchor(ref: int) -> str:
    """Of a class by its offset."""
    return f"c{ref}"


def method_anchor(offset: int, address: int | None = None) -> str:
    """Of a method by its offset, or of one of its instructions."""
    return f"m{offset}" if address is None else f"m{offset}-{address}"


def pool_anchor(index: int) -> str:
    """Of a constant pool entry."""
    return f"p{index}"


class Names(ReferenceNames):
    """Of classes, members and references."""

    def __init__(self, cap: CapFile, exports: Exports, debug: DebugInfo) -> None:
        super().__init__(cap, exports)
        self.debug = debug
        self._classes = {one.location: one for one in debug.classes}
        self._methods = {m.location: (one, m) for one in debug.classes for m in one.methods if m.body_size}
        self._infos = {one.offset: one for one in cap.classes.items}

    def debug_class(self, ref: ClassRef) -> DebugClass | None:
        """What the Debug component says of a class of the package."""
        return None if ref.is_external else self._classes.get(int(ref))

    def debug_method(self, offset: int) -> tuple[DebugClass, DebugMethod] | None:
        """What it says of the method with code at an offset, and of its class."""
        return self._methods.get(offset)

    def class_name(self, ref: ClassRef) -> str:
        """With dots."""
        found = self.debug_class(ref)
        return found.name if found else super().class_name(ref).replace("/", ".")

    def method(self, method: MethodDescriptor) -> str:
        """`process(javacard.framework.APDU)`; without a Debug component `method@123(…)`."""
        found = self.debug_method(method.offset) if method.size else None
        name = found[1].name if found else f"method@{method.offset}" if method.size else f"method {method.token}"
        return name + self._signature(method)

    def _signature(self, method: MethodDescriptor) -> str:
        types = type_names(self.cap.descriptor, method.type, self.class_name) if self.cap.descriptor else ()
        if not types:
            return "(…)"
        result = "" if types[-1] == "void" else f" {types[-1]}"
        return f"({', '.join(types[:-1])}){result}"

    def field(self, owner: ClassDescriptor, field: FieldDescriptor) -> str:
        """The name of a field of a class of the package."""
        place = field.image_offset if field.is_static else field.token
        return self._field_name(owner.ref, field.is_static, place)

    def _field_name(self, ref: ClassRef, is_static: bool, place: int) -> str:
        found = self.debug_class(ref)
        fields = found.fields if found else ()
        fallback = f"field@{place}" if is_static else f"field {place}"
        return next((f.name for f in fields if f.is_static is is_static and f.place == place), fallback)

    def pool(self, item: PoolItem) -> str:
        """A constant pool entry in words, with dots."""
        if item.tag is PoolTag.CLASS or item.is_external:
            return super().pool(item).replace("/", ".")
        if item.tag is PoolTag.STATIC_FIELD:
            classes = (one for one in self.debug.classes for f in one.fields if f.is_static and f.place == item.offset)
            owner = next(classes, None)
            return f"{owner.name}.{self._static(owner, item.offset)}" if owner else super().pool(item)
        if item.tag is PoolTag.INSTANCE_FIELD:
            return f"{self.class_name(item.class_ref)}.{self._field_name(item.class_ref, False, item.token)}"
        offset = self.target(item)
        found = self.debug_method(offset) if offset is not None else None
        return f"{found[0].name}.{found[1].name}{found[1].descriptor}" if found else super().pool(item)

    def _static(self, owner: DebugClass, place: int) -> str:
        return next(f.name for f in owner.fields if f.is_static and f.place == place)

    def target(self, item: PoolItem) -> int | None:
        """The offset of the method of the package that an entry names; None for anything else."""
        if item.is_external or item.tag.is_field or item.tag is PoolTag.CLASS:
            return None
        return self._virtual(item.class_ref, item.token) if item.tag in _VIRTUAL else item.offset

    def _virtual(self, ref: ClassRef, token: int) -> int | None:
        """Through the method tables, up to the class that has it; no further than there are classes."""
        for _ in self._infos:
            info = self._infos.get(int(ref))
            if info is None or ref.is_external or info.is_interface:
                return None
            inside = bool(token & PACKAGE_VISIBLE)
            base, methods = (info.package_base, info.package) if inside else (info.public_base, info.public)
            at = (token & ~PACKAGE_VISIBLE) - base
            if 0 <= at < len(methods) and methods[at] != ELSEWHERE:
                return methods[at]
            ref = info.supers[0]
        return None

    def anchor(self, item: PoolItem) -> str:
        """Where on the page what an entry names is; empty for what is in other packages."""
        if item.tag is PoolTag.CLASS or item.tag is PoolTag.INSTANCE_FIELD:
            known = not item.class_ref.is_external and int(item.class_ref) in self._infos
            return class_anchor(item.class_ref) if known else ""
        offset = self.target(item)
        return "" if offset is None else method_anchor(offset)
