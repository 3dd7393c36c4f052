"""Each rule of the verifier alone: a file that breaks it and no other, which is sound once the rule is off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cardlab.cap.convert import Conversion
from cardlab.cap.reader import CapFile, from_components
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.by_hand import NEGATIVES
from tests.cardlab.cap.negatives import OWN, Negative, corpus_files, imports

RECORDED = {one.rule: one for one in Negative.read()}


@pytest.fixture(scope="module")
def files(conversions: dict[str, Conversion], corpus_classes: Path) -> dict[str, CapFile]:
    """The corpus's CAP files."""
    return corpus_files(conversions, corpus_classes)


def _file(rule: Rule, conversions: Mapping[str, Conversion], files: Mapping[str, CapFile]) -> CapFile:
    if rule in NEGATIVES:
        return NEGATIVES[rule](files)
    mutant = RECORDED[rule].mutant
    return from_components(mutant.of(conversions[mutant.package].components), {}, "")


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.name)
def test_a_rule_alone(rule: Rule, conversions: dict[str, Conversion], files: dict[str, CapFile]) -> None:
    """A rule without such a file fails here; so does one that is taken out."""
    cap = _file(rule, conversions, files)
    exports = imports(conversions, cap, own=rule in OWN)
    faults = verify(cap, exports).faults
    assert {f.rule for f in faults} == {rule}, [str(f) for f in faults]
    assert verify(cap, exports, {rule}).findings == ()
    if rule in RECORDED:
        assert faults[0].text == RECORDED[rule].text


def test_rules_have_sections_and_sentences() -> None:
    for rule in Rule:
        assert re.match(r"JCVM [4-7]|JCRE [34]\.", rule.source), rule
        assert rule.demand[0].islower() or rule.demand.startswith("java"), rule
    assert len({rule.demand for rule in Rule}) == len(Rule)
    assert set(NEGATIVES).isdisjoint(RECORDED)
