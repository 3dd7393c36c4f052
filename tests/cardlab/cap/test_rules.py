"""Each rule of the verifier alone: a file that breaks it and no other, which is sound once the rule is off."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from cardlab.cap import verifier
from cardlab.cap.convert import Conversion
from cardlab.cap.exports import builtin
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile, from_components
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.by_hand import NEGATIVES, room
from tests.cardlab.cap.negatives import OWN, Negative, corpus_files, imports

SOURCES = Path(verifier.__file__).parent
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


def test_each_rule_is_at_one_place() -> None:
    """So that a file which breaks it, and is sound without it, notices when that place is taken out."""
    files = (file for file in SOURCES.glob("*.py") if file.name != "rules.py")
    named = Counter(name for file in files for name in re.findall(r"\bRule\.([A-Z_0-9]+)", file.read_text("utf-8")))
    assert named == Counter(dict.fromkeys(Rule.__members__, 1) | {Rule.READABLE.name: 0})


NEVER_REACHED: dict[Rule, tuple[int | bytes, ...]] = {
    Rule.ARRAY_TYPE: (Opcode.NEWARRAY, 14),
    Rule.CAST_TYPE: (Opcode.CHECKCAST, 5, b"\0\x0a"),
    Rule.CAST_INDEX: (Opcode.INSTANCEOF, 12, b"\0\1"),
    Rule.DUP_X: (Opcode.DUP_X, 0x21),
    Rule.SWAP_X: (Opcode.SWAP_X, 0x33),
    Rule.SWITCH_ORDER: (Opcode.SLOOKUPSWITCH, b"\0\x0d\0\2\0\5\0\x0d\0\3\0\x0d"),
    Rule.FIELD_KIND: (Opcode.GETFIELD_B, 0),
    Rule.FIELD_STATIC_THIS: (Opcode.GETFIELD_S_THIS, 0),
    Rule.RETURN_KIND: (Opcode.ARETURN,),
    Rule.STATIC_CALL: (Opcode.INVOKESTATIC, b"\0\x08"),
    Rule.SUPER_CLASS: (Opcode.INVOKESPECIAL, b"\0\x06"),
    Rule.LOCAL_INDEX: (Opcode.SINC, 200, 1),
    Rule.POOL_TAG: (Opcode.NEW, b"\0\0"),
}
"""Instructions of `spare` that kits 3.0.5u3 and 3.2 refuse behind the end of a method, too."""
REFUSED_WHERE_REACHED = [
    (Opcode.NOP,),
    (Opcode.SCONST_0, Opcode.POP),
    (Opcode.RET, 1),
    (Opcode.ATHROW,),
    (Opcode.POP,),
    (Opcode.INVOKEVIRTUAL, 0, 4),
    (Opcode.INVOKEINTERFACE, 9, 0, 10, 50),
]
"""Those that they accept there, and nowhere else."""


def _behind_the_end(files: Mapping[str, CapFile], code: Sequence[int | bytes]) -> CapFile:
    return room(Opcode.SCONST_0, Opcode.SRETURN, *code)(files)


@pytest.mark.parametrize("rule", NEVER_REACHED, ids=lambda rule: rule.name)
def test_operands_of_code_that_is_never_reached(rule: Rule, files: dict[str, CapFile]) -> None:
    cap = _behind_the_end(files, (*NEVER_REACHED[rule], Opcode.SRETURN))
    assert [f.rule for f in verify(cap, builtin()).faults] == [rule]


@pytest.mark.parametrize("code", REFUSED_WHERE_REACHED, ids=lambda code: code[0].name)
def test_types_of_code_that_is_never_reached(code: Sequence[int], files: dict[str, CapFile]) -> None:
    assert verify(_behind_the_end(files, code), builtin()).findings == ()
    assert not verify(room(*code)(files), builtin()).sound


def test_rules_have_sections_and_sentences() -> None:
    for rule in Rule:
        assert re.match(r"JCVM [4-7]|JCRE [34]\.", rule.source), rule
        assert rule.demand[0].islower() or rule.demand.startswith("java"), rule
    assert len({rule.demand for rule in Rule}) == len(Rule)
    assert set(NEGATIVES).isdisjoint(RECORDED)
