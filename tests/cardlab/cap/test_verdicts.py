"""What vendors' kits refuse is refused, and what they accept is accepted but for what the reference page lists.

The kits' verdicts on one-byte mutants are recorded (`verdicts.txt`); no kit is needed here.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from cardlab.cap.container import Component
from cardlab.cap.convert import Conversion
from cardlab.cap.errors import CapError
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.reader import from_components
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.corpus import PLATFORM, names
from tests.cardlab.cap.mutants import Mutant, Verdicts, digest

PAGE = Path(__file__).parents[3] / "docs/reference/verifier.md"
FEWEST = 10_000
"""Mutants that the record has at least."""


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    """The record."""
    return Verdicts.read()


@pytest.fixture(scope="module")
def exports(conversions: dict[str, Conversion]) -> Exports:
    """What the corpus imports."""
    return builtin(PLATFORM).plus([conversions["library"].export])


def _broken(components: dict[Component, bytes], exports: Exports) -> set[Rule] | None:
    """The rules that are broken; None when the file cannot be read at all."""
    try:
        return {f.rule for f in verify(from_components(components, {}, ""), exports).faults}
    except CapError:
        return None


def test_the_record_is_of_these_files(verdicts: Verdicts, conversions: dict[str, Conversion]) -> None:
    now = {name: digest(one.components) for name, one in conversions.items()}
    assert verdicts.digests == now, "record anew: tests/cardlab/cap/kit_verdicts.py"
    assert len(verdicts.sound | verdicts.refused) >= FEWEST
    assert not verdicts.sound & verdicts.refused


@pytest.mark.parametrize("name", names())
def test_what_a_kit_refuses_is_refused(
    name: str, verdicts: Verdicts, conversions: dict[str, Conversion], exports: Exports
) -> None:
    mutants = [m for m in verdicts.refused if m.package == name]
    assert mutants
    sound = [m for m in mutants if _broken(m.of(conversions[name].components), exports) == set()]
    assert sound == []


def test_what_kits_accept_is_accepted_but_for_what_the_page_explains(
    verdicts: Verdicts, conversions: dict[str, Conversion], exports: Exports
) -> None:
    found: Counter[str] = Counter()
    for m in verdicts.sound:
        broken = _broken(m.of(conversions[m.package].components), exports)
        assert broken is not None, m
        found.update(_names(m, broken))
    assert found == _explained(PAGE.read_text("utf-8"))


def _names(m: Mutant, broken: set[Rule]) -> list[str]:
    assert len(broken) < 2, (m, broken)
    return [rule.name for rule in broken]


def _explained(page: str) -> Counter[str]:
    """The table of what is stricter here: rule and number of mutants."""
    return Counter({name: int(count) for name, count in re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", page, re.MULTILINE)})
