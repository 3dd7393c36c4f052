"""What the flags of the Class component say of a class, and what its supertypes say (JCVM 3.0.5, table 6-12)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import ClassFlag, ExportClassFlag
from cardlab.cap.model import ClassInfo, ClassRef
from cardlab.cap.model.refs import OBJECT_HAS_NONE
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule

_KNOWN = int(ClassFlag.INTERFACE | ClassFlag.SHAREABLE | ClassFlag.REMOTE)


class _Inherited:
    """Whether types have a flag through their supertypes."""

    def __init__(self, resolver: Resolver, own: ClassFlag, exported: ExportClassFlag) -> None:
        self._classes = resolver.classes
        self._own = own
        self._exported = exported
        self._asked: set[int] = set()

    def _type(self, ref: ClassRef) -> bool | None:
        """Of a type; None when nothing is known of its package."""
        if not ref.is_external:
            return self.of(self._classes.info(ref))
        found = self._classes.exported(ref)
        return None if found is None else bool(found.access & self._exported)

    def of(self, c: ClassInfo) -> bool | None:
        """Of a class or interface of the package."""
        if self._classes.defines(f"@{c.offset}", self._exported):
            return True
        if c.offset in self._asked:  # a circle, which other rules forbid
            return None
        self._asked.add(c.offset)
        try:
            return self._of_supers(c)
        finally:
            self._asked.discard(c.offset)

    def _of_supers(self, c: ClassInfo) -> bool | None:
        supers = c.supers if c.is_interface else (*(i.ref for i in c.interfaces), *c.supers)
        known = [self._type(ref) for ref in supers if ref != OBJECT_HAS_NONE]
        return True if True in known else None if None in known else False


def _superinterfaces(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    names = [resolver.classes.name(ref) for ref in c.supers]
    for name in names:
        if names.count(name) > 1 or not resolver.classes.superinterfaces(name) <= set(names):
            yield Rule.INTERFACE_SUPERS.broken(
                f"interface at {c.offset} does not name each of its superinterfaces once"
            )
            return


def check_class_flags(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    shareable = _Inherited(resolver, ClassFlag.SHAREABLE, ExportClassFlag.SHAREABLE)
    remote = _Inherited(resolver, ClassFlag.REMOTE, ExportClassFlag.REMOTE)
    for c in cap.classes.items:
        what = f"class at {c.offset}"
        if int(c.flags) & ~_KNOWN:
            yield Rule.CLASS_FLAGS.broken(f"{what}: flags 0x{int(c.flags):02x}")
        for one, flag, rule, word in (
            (shareable, ClassFlag.SHAREABLE, Rule.CLASS_SHAREABLE, "shareable"),
            (remote, ClassFlag.REMOTE, Rule.CLASS_REMOTE, "remote"),
        ):
            known = one.of(c)
            if known is not None and known != (flag in c.flags):
                yield rule.broken(f"{what} is {'' if known else 'not '}{word}, its flags say otherwise")
        if c.is_interface:
            yield from _superinterfaces(c, resolver)
