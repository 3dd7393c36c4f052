"""What the AIDs of a package and its applets must be (JCVM 3.0.4, 4.2; ISO/IEC 7816-4:2020, 12.2.3)."""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.cap.convert.problems import Problems
from cardlab.iso7816 import aid as aids


def check_aids(package: bytes, applets: Sequence[tuple[bytes, str]], problems: Problems) -> None:
    """Note AIDs of a wrong length, of another provider than the package's, and those given twice."""
    _check_length(package, "package", problems)
    seen = {package: "the package"}
    for aid, name in applets:
        _check_length(aid, name, problems)
        if not aids.same_provider(aid, package):
            message = f"AID {aids.text(aid)} has another provider than the package, {aids.text(package)}"
            problems.error(name, "", 0, f"{message}; give both the same first five bytes")
        if aid in seen:
            problems.error(name, "", 0, f"AID {aids.text(aid)} is that of {seen[aid]}, too; give it another")
        seen[aid] = name


def _check_length(aid: bytes, what: str, problems: Problems) -> None:
    fault = aids.length_fault(aid)
    if fault:
        problems.error(what, "", 0, f"AID {aids.text(aid)} {fault}")
