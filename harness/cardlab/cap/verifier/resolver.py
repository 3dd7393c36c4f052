"""What references of a CAP file lead to: its own classes and members, and those of its imports' token tables."""

from __future__ import annotations

from cardlab.cap.exports import Exports
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.classtable import ClassTable
from cardlab.cap.verifier.members import MemberTable
from cardlab.cap.verifier.rules import Rule, Rules
from cardlab.cap.verifier.subtyping import Subtyping
from cardlab.cap.verifier.typetable import TypeTable


class Resolver:
    """The tables of one CAP file; RuleError when it has no Descriptor component."""

    def __init__(self, cap: CapFile, exports: Exports, rules: Rules) -> None:
        if cap.descriptor is None:
            raise Rule.DESCRIPTOR_PRESENT.error("there is no Descriptor component; types cannot be verified without it")
        self.cap = cap
        self.rules = rules
        self.descriptor = cap.descriptor
        self.classes = ClassTable(cap, cap.descriptor, exports)
        self.types = TypeTable(cap.descriptor, self.classes, rules)
        self.members = MemberTable(cap.descriptor, self.classes, self.types)
        self.subtypes = Subtyping(self.classes)
