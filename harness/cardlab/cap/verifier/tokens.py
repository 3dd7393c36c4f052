"""The Descriptor component against the other components: tokens, flags, places, and that nothing is left over."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import (
    NO_TOKEN,
    NO_TYPE,
    PACKAGE_VISIBLE,
    PRIMITIVE_SIZES,
    ClassAccess,
    FieldAccess,
    MethodAccess,
)
from cardlab.cap.errors import CapError
from cardlab.cap.model import ClassDescriptor, ClassInfo, FieldDescriptor, MethodDescriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver

# As numbers: the complement of an IntFlag has no bits that it does not know.
_CLASS_FLAGS, _FIELD_FLAGS = sum(ClassAccess), sum(FieldAccess)
_VISIBLE = MethodAccess.PUBLIC | MethodAccess.PROTECTED
_VISIBILITIES = _VISIBLE | MethodAccess.PRIVATE
_REFERENCE = 2  # bytes of a reference in the image


def _one_visibility(flags: int) -> bool:
    return (flags & int(_VISIBILITIES)).bit_count() <= 1


def _visible_token(what: str, token: int, flags: int, c: ClassDescriptor) -> Iterator[str]:
    """What is visible outside the package has a token (4.3.7); so may have public members of a class that is not."""
    public = bool(flags & _VISIBLE)
    visible = public and ClassAccess.PUBLIC in c.flags
    if visible != (token != NO_TOKEN) and (visible or not public):
        yield f"{what}: it is {'' if visible else 'not '}visible outside the package"


def _class(c: ClassDescriptor, info: ClassInfo, exported: dict[int, int]) -> Iterator[str]:
    what = f"Descriptor: class at {c.ref}"
    if int(c.flags) & ~_CLASS_FLAGS:
        yield f"{what}: flags 0x{c.flags:02x}"
    if c.is_interface != info.is_interface:
        yield f"{what}: interface in one place only"
    if (c.token != NO_TOKEN) != bool(c.flags & ClassAccess.PUBLIC):
        yield f"{what}: token {c.token} of a class that is {'' if c.flags & ClassAccess.PUBLIC else 'not '}public"
    if c.ref in exported and exported[c.ref] != c.token:
        yield f"{what}: token {c.token}, exported as {exported[c.ref]}"
    if not info.is_interface and list(c.interfaces) != [i.ref for i in info.interfaces]:
        yield f"{what}: its interfaces are not those of the Class component"


def _virtual(m: MethodDescriptor, info: ClassInfo) -> bool:
    """Whether the class's table has the method at its token."""
    package_visible = bool(m.token & PACKAGE_VISIBLE)
    base, table = (info.package_base, info.package) if package_visible else (info.public_base, info.public)
    index = (m.token & ~PACKAGE_VISIBLE) - base
    return 0 <= index < len(table) and table[index] == m.offset


def _methods(c: ClassDescriptor, info: ClassInfo) -> Iterator[str]:
    interface_tokens: list[int] = []
    static_tokens: list[int] = []
    for m in c.methods:
        what = f"Descriptor: class at {c.ref}, method at {m.offset} of token {m.token}"
        if not _one_visibility(m.flags) or (m.is_constructor and (m.is_static or m.is_abstract)):
            yield f"{what}: flags 0x{m.flags:02x}"
        if not m.handler_count and m.first_handler:
            yield f"{what}: a first handler but no handlers"
        if info.is_interface:
            interface_tokens.append(m.token)
            if m.offset or m.size or m.handler_count or not m.is_abstract or m.is_static:
                yield f"{what}: an interface method with code"
        elif m.is_static or m.is_constructor:
            yield from _visible_token(what, m.token, m.flags, c)
            static_tokens += [] if m.token == NO_TOKEN else [m.token]
        elif m.flags & MethodAccess.PRIVATE:
            if m.token != NO_TOKEN:
                yield f"{what}: a private method has a token"
        elif not _virtual(m, info):
            yield f"{what}: the method table has another method there"
        elif bool(m.token & PACKAGE_VISIBLE) == bool(m.flags & _VISIBLE):
            yield f"{what}: the token is of another visibility"
    for tokens in (interface_tokens, static_tokens):
        if sorted(tokens) != list(range(len(tokens))):
            yield f"Descriptor: class at {c.ref}: method tokens {sorted(tokens)} are not consecutive"


def _fields(c: ClassDescriptor) -> Iterator[str]:
    tokens: list[int] = []
    for f in c.fields:
        what = f"Descriptor: class at {c.ref}, field of token {f.token}"
        if int(f.flags) & ~_FIELD_FLAGS or not _one_visibility(f.flags):
            yield f"{what}: flags 0x{f.flags:02x}"
        if f.is_static:
            yield from _visible_token(what, f.token, f.flags, c)
            tokens += [] if f.token == NO_TOKEN else [f.token]
        elif f.owner != c.ref or f.ref[2] != f.token:
            yield f"{what}: its reference names another field"
    if sorted(tokens) != list(range(len(tokens))):
        yield f"Descriptor: class at {c.ref}: static field tokens {sorted(tokens)} are not consecutive"


def _image(fields: list[FieldDescriptor], size: int, references: int) -> Iterator[str]:
    """The static fields fill the image, references first."""
    at = 0
    for f in sorted(fields, key=lambda f: f.ref):
        offset = f.image_offset
        if offset != at:
            yield f"Descriptor: a static field is at {offset}, expected at {at}"
            return
        if f.is_reference != (offset < _REFERENCE * references):
            yield f"Descriptor: the static field at {offset} is in the wrong segment"
        at += _REFERENCE if f.is_reference else PRIMITIVE_SIZES.get(f.primitive, _REFERENCE)
    if at != size:
        yield f"Descriptor: the static fields have {at} bytes, the image {size}"


def _types(resolver: Resolver) -> Iterator[str]:
    """Every type descriptor is used, and they follow one another without gaps."""
    d = resolver.descriptor
    used = {t for t in d.pool_types if t != NO_TYPE}
    for c in d.classes:
        used |= {m.type for m in c.methods} | {f.type for f in c.fields if f.is_reference}
    base = at = 2 + 2 * len(d.pool_types)
    starts = set()
    while at < base + len(d.types):
        starts.add(at)
        at += 1 + (d.types[at - base] + 1) // 2
    if at != base + len(d.types):
        raise CapError("Descriptor: the last type is cut off")
    for t in sorted(used - starts):
        yield f"Descriptor: there is no type at {t}"
    for t in sorted(starts - used):
        yield f"Descriptor: the type at {t} is not used"


def check_descriptor(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    """All findings."""
    exported = {c.offset: n for n, c in enumerate(cap.exports or ())}
    statics = []
    for c in resolver.descriptor.classes:
        info = resolver.classes.info(c.ref)
        yield from _class(c, info, exported)
        yield from _methods(c, info)
        yield from _fields(c)
        statics += [f for f in c.fields if f.is_static]
    yield from _image(statics, cap.statics.image_size, cap.statics.reference_count)
    yield from _types(resolver)
