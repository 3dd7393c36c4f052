"""The off-card verifier: structure, references and type safety of a CAP file (JCVM 3.0.5, chapters 4, 6 and 7).

`verify` gives every finding with the rule that is broken; none means that the file is sound as far as can be seen.
Types of imported packages come from token tables; what uses a package without one is checked against the CAP file's own
Descriptor only, and a note says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cardlab.cap.errors import CapError
from cardlab.cap.exports import Exports
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.code import check_code
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule, Rules, finding_of
from cardlab.cap.verifier.structure import check_structure
from cardlab.iso7816 import aid

__all__ = ["Finding", "Rule", "VerificationResult", "verify"]


@dataclass(frozen=True)
class VerificationResult:
    """The result: `faults` are broken rules, `notes` what could not be checked."""

    faults: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """The faults in words."""
        return tuple(f.text for f in self.faults)

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


def verify(cap: CapFile, exports: Exports, off: Collection[Rule] = ()) -> VerificationResult:
    """Check a CAP file that could be read; rules in `off` are not looked at, for tests of the others."""
    rules = Rules(frozenset(off))
    faults: list[Finding] = []
    try:
        resolver = Resolver(cap, exports, rules)
        check_structure(cap, resolver, faults)
        if not faults:
            check_code(resolver, faults)
    except CapError as e:
        faults += [f for f in (finding_of(e),) if rules.counts(f)]
    return VerificationResult(tuple(faults), tuple(_notes(cap, exports)))


def _notes(cap: CapFile, exports: Exports) -> list[str]:
    notes = []
    for p in cap.imports:
        known = exports.by_aid(p.aid)
        if known is None:
            notes.append(f"no token table for the imported package {aid.text(p.aid)}: its use is not checked")
        elif known.version[0] != p.version[0] or known.version < p.version:
            wanted, have = (".".join(str(n) for n in v) for v in (p.version, known.version))
            notes.append(f"{known.name.replace('/', '.')} {wanted} is imported, checked against version {have}")
    return notes
