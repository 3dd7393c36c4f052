"""The Descriptor component against the other components: tokens, flags, places (JCVM 3.0.5, 4.3.7 and 6.14)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import (
    NO_TOKEN,
    PACKAGE_VISIBLE,
    PRIMITIVE_SIZES,
    ClassAccess,
    FieldAccess,
    MethodAccess,
)
from cardlab.cap.model import ClassDescriptor, ClassInfo, FieldDescriptor, MethodDescriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule

# As numbers: the complement of an IntFlag has no bits that it does not know.
_CLASS_FLAGS, _FIELD_FLAGS, _METHOD_FLAGS = sum(ClassAccess), sum(FieldAccess), sum(MethodAccess)
_VISIBLE = MethodAccess.PUBLIC | MethodAccess.PROTECTED
_VISIBILITIES = _VISIBLE | MethodAccess.PRIVATE
_NOT_ABSTRACT = MethodAccess.FINAL | MethodAccess.PRIVATE | MethodAccess.STATIC | MethodAccess.INIT
_REFERENCE = 2  # bytes of a reference in the image


def _one_visibility(flags: int) -> bool:
    return (flags & int(_VISIBILITIES)).bit_count() <= 1


def _has_its_token(token: int, flags: int) -> bool:
    """Whether a static has a token just when it is public or protected, in whatever class."""
    return bool(flags & _VISIBLE) == (token != NO_TOKEN)


def _class(c: ClassDescriptor, info: ClassInfo) -> Iterator[Finding]:
    what = f"Descriptor: class at {c.ref}"
    if int(c.flags) & ~_CLASS_FLAGS:
        yield Rule.DESCRIPTOR_CLASS_FLAGS.broken(f"{what}: flags 0x{c.flags:02x}")
    if c.is_interface != info.is_interface:
        yield Rule.DESCRIPTOR_INTERFACE.broken(f"{what}: interface in one place only")
    if c.is_interface and ClassAccess.ABSTRACT not in c.flags:
        yield Rule.INTERFACE_ABSTRACT.broken(f"{what}: an interface that is not abstract")
    if (c.token != NO_TOKEN) != bool(c.flags & ClassAccess.PUBLIC):
        words = f"{what}: token {c.token} of a class that is {'' if c.flags & ClassAccess.PUBLIC else 'not '}public"
        yield Rule.CLASS_TOKEN.broken(words)
    if not info.is_interface and list(c.interfaces) != [i.ref for i in info.interfaces]:
        yield Rule.DESCRIPTOR_INTERFACES.broken(f"{what}: its interfaces are not those of the Class component")


def _in_table(m: MethodDescriptor, info: ClassInfo) -> bool:
    """Whether the class's table has the method at its token."""
    package_visible = bool(m.token & PACKAGE_VISIBLE)
    base, table = (info.package_base, info.package) if package_visible else (info.public_base, info.public)
    index = (m.token & ~PACKAGE_VISIBLE) - base
    return 0 <= index < len(table) and table[index] == m.offset


def _method_flags(what: str, m: MethodDescriptor) -> Iterator[Finding]:
    if int(m.flags) & ~_METHOD_FLAGS:
        yield Rule.METHOD_RESERVED_FLAGS.broken(f"{what}: flags 0x{m.flags:02x}")
    if not _one_visibility(m.flags):
        yield Rule.METHOD_VISIBILITY.broken(f"{what}: flags 0x{m.flags:02x} of several visibilities")
    if m.is_constructor and m.is_static:
        yield Rule.METHOD_CONSTRUCTOR.broken(f"{what}: flags 0x{m.flags:02x} of a static constructor")
    if m.is_abstract and m.flags & _NOT_ABSTRACT:
        yield Rule.METHOD_ABSTRACT_FLAGS.broken(f"{what}: flags 0x{m.flags:02x} of an abstract method")
    if not m.handler_count and m.first_handler:
        yield Rule.METHOD_NO_HANDLERS.broken(f"{what}: a first handler but no handlers")


def _interface_method(what: str, m: MethodDescriptor) -> Iterator[Finding]:
    if m.offset or m.size or m.handler_count or m.is_static:
        yield Rule.INTERFACE_METHOD.broken(f"{what}: an interface method with code")
    if not m.is_abstract or MethodAccess.PUBLIC not in m.flags:
        yield Rule.INTERFACE_METHOD_PUBLIC.broken(f"{what}: an interface method that is not public and abstract")


def _virtual(what: str, m: MethodDescriptor, c: ClassDescriptor, info: ClassInfo) -> Iterator[Finding]:
    if not _in_table(m, info):
        yield Rule.VIRTUAL_TABLE.broken(f"{what}: the method table has another method there")
    elif bool(m.token & PACKAGE_VISIBLE) == bool(m.flags & _VISIBLE):
        yield Rule.VIRTUAL_VISIBILITY.broken(f"{what}: the token is of another visibility")
    if m.is_abstract and ClassAccess.ABSTRACT not in c.flags:
        yield Rule.ABSTRACT_METHOD.broken(f"{what}: an abstract method in a class that is not")


def _methods(c: ClassDescriptor, info: ClassInfo) -> Iterator[Finding]:
    interface_tokens: list[int] = []
    static_tokens: list[int] = []
    for m in c.methods:
        what = f"Descriptor: class at {c.ref}, method at {m.offset} of token {m.token}"
        yield from _method_flags(what, m)
        if info.is_interface:
            interface_tokens.append(m.token)
            yield from _interface_method(what, m)
        elif m.is_static or m.is_constructor:
            static_tokens += [] if m.token == NO_TOKEN else [m.token]
            if not _has_its_token(m.token, m.flags):
                yield Rule.STATIC_TOKEN.broken(f"{what}: its token and its visibility do not agree")
        elif m.flags & MethodAccess.PRIVATE:
            if m.token != NO_TOKEN:
                yield Rule.PRIVATE_TOKEN.broken(f"{what}: a private method has a token")
        else:
            yield from _virtual(what, m, c, info)
    for tokens in (interface_tokens, static_tokens):
        if sorted(tokens) != list(range(len(tokens))):
            words = f"Descriptor: class at {c.ref}: method tokens {sorted(tokens)} are not consecutive"
            yield Rule.METHOD_TOKENS.broken(words)


def _fields(c: ClassDescriptor) -> Iterator[Finding]:
    tokens: list[int] = []
    for f in c.fields:
        what = f"Descriptor: class at {c.ref}, field of token {f.token}"
        if int(f.flags) & ~_FIELD_FLAGS:
            yield Rule.FIELD_FLAGS.broken(f"{what}: flags 0x{f.flags:02x}")
        if not _one_visibility(f.flags):
            yield Rule.FIELD_VISIBILITY.broken(f"{what}: flags 0x{f.flags:02x} of several visibilities")
        if f.is_static:
            tokens += [] if f.token == NO_TOKEN else [f.token]
            if not _has_its_token(f.token, f.flags):
                yield Rule.STATIC_FIELD_TOKEN.broken(f"{what}: its token and its visibility do not agree")
        elif f.owner != c.ref or f.ref[2] != f.token:
            yield Rule.FIELD_REFERENCE.broken(f"{what}: its reference names another field")
    if sorted(tokens) != list(range(len(tokens))):
        words = f"Descriptor: class at {c.ref}: static field tokens {sorted(tokens)} are not consecutive"
        yield Rule.STATIC_FIELD_TOKENS.broken(words)


def _image(fields: list[FieldDescriptor], size: int, references: int) -> Iterator[Finding]:
    """The static fields fill the image, references first."""
    at = 0
    for f in sorted(fields, key=lambda f: f.ref):
        offset = f.image_offset
        if offset != at:
            yield Rule.STATIC_IMAGE.broken(f"Descriptor: a static field is at {offset}, expected at {at}")
            return
        if f.is_reference != (offset < _REFERENCE * references):
            yield Rule.STATIC_REFERENCES.broken(f"Descriptor: the static field at {offset} is in the wrong segment")
        at += _REFERENCE if f.is_reference else PRIMITIVE_SIZES.get(f.primitive, _REFERENCE)
    if at != size:
        yield Rule.STATIC_IMAGE_SIZE.broken(f"Descriptor: the static fields have {at} bytes, the image {size}")


def _class_tokens(classes: tuple[ClassDescriptor, ...]) -> Iterator[Finding]:
    tokens = [c.token for c in classes if c.token != NO_TOKEN]
    if len(set(tokens)) != len(tokens):
        yield Rule.CLASS_TOKEN_TWICE.broken("Descriptor: two classes have the same token")


def check_descriptor(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    statics = []
    for c in resolver.descriptor.classes:
        info = resolver.classes.info(c.ref)
        yield from _class(c, info)
        yield from _methods(c, info)
        yield from _fields(c)
        statics += [f for f in c.fields if f.is_static]
    yield from _class_tokens(resolver.descriptor.classes)
    yield from _image(statics, cap.statics.image_size, cap.statics.reference_count)
