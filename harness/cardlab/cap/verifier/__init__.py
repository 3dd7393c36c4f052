"""The off-card verifier: structure, references and type safety of a CAP file (JCVM 3.0.4, chapters 4, 6 and 7).

`verify` gives every finding; none means that the file is sound as far as can be seen. Types of imported packages come
from token tables; what uses a package without one is checked against the CAP file's own Descriptor only, and a note
says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.errors import CapError
from cardlab.cap.exports import Exports
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.code import check_code
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.structure import check_structure
from cardlab.iso7816 import aid

__all__ = ["VerificationResult", "verify"]


@dataclass(frozen=True)
class VerificationResult:
    """The result: `findings` are faults, `notes` what could not be checked."""

    findings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.findings


def verify(cap: CapFile, exports: Exports) -> VerificationResult:
    """Check a CAP file that could be read."""
    findings: list[str] = []
    notes: list[str] = []
    for p in cap.imports:
        known = exports.by_aid(p.aid)
        if known is None:
            notes.append(f"no token table for the imported package {aid.text(p.aid)}: its use is not checked")
        elif known.version[0] != p.version[0] or known.version < p.version:
            wanted, have = (".".join(str(n) for n in v) for v in (p.version, known.version))
            notes.append(f"{known.name.replace('/', '.')} {wanted} is imported, checked against version {have}")
    try:
        resolver = Resolver(cap, exports)
        check_structure(cap, resolver, findings)
        if not findings:
            check_code(resolver, findings)
    except CapError as e:
        findings.append(str(e))
    return VerificationResult(tuple(findings), tuple(notes))
