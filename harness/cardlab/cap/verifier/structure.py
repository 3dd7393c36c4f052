"""The order in which everything but code is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.cap.errors import CapError
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.classes import check_classes
from cardlab.cap.verifier.classflags import check_class_flags
from cardlab.cap.verifier.header import (
    check_applets,
    check_directory,
    check_exports,
    check_header,
    check_imports,
    check_resources,
)
from cardlab.cap.verifier.methods import check_locations, check_methods
from cardlab.cap.verifier.overrides import check_overrides
from cardlab.cap.verifier.ownexports import check_own_exports
from cardlab.cap.verifier.pool import check_pool
from cardlab.cap.verifier.pooltypes import check_pool_types
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, finding_of
from cardlab.cap.verifier.statics import check_static_arrays, check_static_booleans, check_statics
from cardlab.cap.verifier.tokens import check_descriptor
from cardlab.cap.verifier.typeuse import check_types

_Check = Callable[[CapFile, Resolver], Iterator[Finding]]

_CHECKS: tuple[_Check, ...] = (
    check_header,
    check_directory,
    check_resources,
    check_imports,
    check_statics,
    check_types,
    check_classes,
    check_descriptor,
    check_methods,
    check_pool,
    check_locations,
    check_exports,
    check_applets,
)
"""Where a check cannot go on, the next ones may still find something."""
_LATER_CHECKS: tuple[_Check, ...] = (
    check_class_flags,
    check_overrides,
    check_static_arrays,
    check_static_booleans,
    check_pool_types,
    check_own_exports,
)
"""They follow superclasses and types, and rely on all that was checked before."""


def _found(check: _Check, cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """A check's findings; one that cannot go on is a finding itself."""
    try:
        yield from check(cap, resolver)
    except CapError as e:
        yield finding_of(e)


def check_structure(cap: CapFile, resolver: Resolver, faults: list[Finding]) -> None:
    """Add every fault of structure to `faults`."""
    for checks in (_CHECKS, _LATER_CHECKS):
        for check in checks:
            faults.extend(f for f in _found(check, cap, resolver) if resolver.rules.counts(f))
        if faults:
            return
