"""Method tables and interface mappings: what a virtual or interface call reaches has the type that the caller knows.

Data flow trusts the type of the method named. Were an overriding method of another type, or an interface's method
mapped to an unrelated one, a byte array could be taken for an object (JCVM 3.0.5, 6.9.2).
"""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import ELSEWHERE, PACKAGE_VISIBLE
from cardlab.cap.model import ClassInfo, ClassRef
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule, RuleError


def _slots(c: ClassInfo) -> Iterator[tuple[int, int]]:
    """Token and method offset of both tables."""
    for n, offset in enumerate(c.public):
        yield c.public_base + n, offset
    for n, offset in enumerate(c.package):
        yield c.package_base + n | PACKAGE_VISIBLE, offset


def _tables(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    ref = ClassRef(c.offset)
    for token, offset in _slots(c):
        nearest = next((m.offset for m in resolver.members.own_virtuals(ref, token)), ELSEWHERE)
        what = f"class at {c.offset}: method {token}"
        if offset != nearest:
            yield Rule.TABLE_NEAREST.broken(f"{what} is at {offset} in its table, and at {nearest} in the Descriptor")
        if len(set(resolver.members.virtual_signatures(ref, token))) > 1:
            yield Rule.OVERRIDE_TYPE.broken(f"{what} is of another type than the one it overrides")
        if resolver.members.overrides_final(ref, token):
            yield Rule.OVERRIDE_FINAL.broken(f"{what} overrides a final one")


def _interfaces(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    for i in c.interfaces:
        methods = resolver.members.interface_signatures(i.ref)
        if methods is None:
            continue
        name = resolver.classes.name(i.ref)
        if len(methods) != len(i.tokens):
            words = f"class at {c.offset}: {len(i.tokens)} methods for interface {name}, which has {len(methods)}"
            yield Rule.INTERFACE_COUNT.broken(words)
        for token, signature in zip(i.tokens, methods, strict=False):
            if {signature} != set(resolver.members.virtual_signatures(ClassRef(c.offset), token)) | {signature}:
                words = f"class at {c.offset}: method {token} is not of the type that interface {name} has there"
                yield Rule.INTERFACE_TYPE.broken(words)
            if not resolver.members.is_public(ClassRef(c.offset), token):
                words = f"class at {c.offset}: method {token} is not public, as that of interface {name} is"
                yield Rule.INTERFACE_PUBLIC.broken(words)


def check_overrides(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    for c in cap.classes.items:
        if not c.is_interface:
            try:
                yield from _tables(c, resolver)
                yield from _interfaces(c, resolver)
            except RuleError as e:
                yield e.finding.at(f"class at {c.offset}")
