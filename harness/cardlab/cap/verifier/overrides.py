"""Method tables and interface mappings: what a virtual or interface call reaches has the type that the caller knows.

Data flow trusts the type of the method named. Were an overriding method of another type, or an interface's method
mapped to an unrelated one, a byte array could be taken for an object (JCVM 3.0.4, 6.9.2).
"""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import ELSEWHERE, PACKAGE_VISIBLE
from cardlab.cap.errors import CapError
from cardlab.cap.model import ClassInfo, ClassRef
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver


def _slots(c: ClassInfo) -> Iterator[tuple[int, int]]:
    """Token and method offset of both tables."""
    for n, offset in enumerate(c.public):
        yield c.public_base + n, offset
    for n, offset in enumerate(c.package):
        yield c.package_base + n | PACKAGE_VISIBLE, offset


def _tables(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    ref = ClassRef(c.offset)
    for token, offset in _slots(c):
        nearest = next((m.offset for m in resolver.members.own_virtuals(ref, token)), ELSEWHERE)
        if offset != nearest:
            yield f"class at {c.offset}: method {token} is at {offset} in its table, and at {nearest} in the Descriptor"
        if len(set(resolver.members.virtual_signatures(ref, token))) > 1:
            yield f"class at {c.offset}: method {token} is of another type than the one it overrides"


def _interfaces(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    for i in c.interfaces:
        methods = resolver.members.interface_signatures(i.ref)
        if methods is None:
            continue
        name = resolver.classes.name(i.ref)
        if len(methods) != len(i.tokens):
            yield f"class at {c.offset}: {len(i.tokens)} methods for interface {name}, which has {len(methods)}"
        for token, signature in zip(i.tokens, methods, strict=False):
            if {signature} != set(resolver.members.virtual_signatures(ClassRef(c.offset), token)) | {signature}:
                yield f"class at {c.offset}: method {token} is not of the type that interface {name} has there"


def check_overrides(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    """All findings."""
    for c in cap.classes.items:
        if not c.is_interface:
            try:
                yield from _tables(c, resolver)
                yield from _interfaces(c, resolver)
            except CapError as e:
                yield f"class at {c.offset}: {e}"
