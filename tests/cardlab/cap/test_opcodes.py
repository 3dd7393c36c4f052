"""The table of the card's instructions: consistent in itself, with compiled code, and with the virtual machine's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert import Conversion
from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.exports import builtin
from cardlab.cap.families import FIELD_ACCESSES, LOCAL, OF_LOCAL, OF_THIS, WIDE, kind
from cardlab.cap.java_table import enum_rows, switch_constants
from cardlab.cap.model import MethodDescriptor
from cardlab.cap.opcodes import Opcode
from cardlab.cap.operands import Operand, Thrown
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier.frame import words_of
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Rules
from cardlab.classfile.flow import Flow
from tests.cardlab.cap.corpus import PLATFORM, names

_BRANCHES = (Operand.BRANCH1, Operand.BRANCH2)
_SWITCHES = (Operand.TABLE, Operand.LOOKUP)
_MACHINE = Path(__file__).parents[3] / "harness" / "cardlab" / "runtime" / "vm" / "java" / "cardlab" / "vm"


def test_numbers_are_those_of_the_specification() -> None:
    assert [int(o) for o in Opcode] == list(range(185))
    known = {"aconst_null": 1, "sspush": 17, "aaload": 36, "pop": 59, "swap_x": 64, "s2b": 91, "ifeq": 96, "goto": 112}
    known |= {"stableswitch": 115, "return": 122, "getstatic_a": 123, "invokevirtual": 139, "instanceof": 149}
    known |= {"sinc_w": 150, "goto_w": 168, "getfield_a_this": 173, "putfield_i_this": 184}
    assert {name: int(Opcode[name.upper()]) for name in known} == known


@pytest.mark.parametrize("opcode", Opcode, ids=lambda o: o.mnemonic)
def test_a_row_is_consistent(opcode: Opcode) -> None:
    operands = set(opcode.operands)
    assert bool(operands & {Operand.POOL1, Operand.POOL2}) == bool(opcode.pool)
    assert bool(operands & set(_BRANCHES)) == (opcode.flow in (Flow.BRANCH, Flow.JUMP, Flow.SUBROUTINE))
    assert bool(operands & set(_SWITCHES)) == (opcode.flow is Flow.SWITCH)
    assert (opcode.flow is Flow.RETURN) == opcode.mnemonic.endswith("return")
    assert re.fullmatch(r"\*|[siraAnw]*>[siraAnw]*", opcode.effect)
    if opcode.size:
        assert opcode.size == 1 + sum(o.size for o in opcode.operands)


@pytest.mark.parametrize("opcode", [o for o in Opcode if o.size], ids=lambda o: o.mnemonic)
def test_an_instruction_is_as_long_as_its_row_says(opcode: Opcode) -> None:
    [only] = disassemble(bytes((opcode,)) + bytes(opcode.size - 1))
    assert (only.opcode, only.address, only.end) == (opcode, 0, opcode.size)


def test_other_forms_do_the_same() -> None:
    for short, wide in WIDE.items():
        assert (wide.effect, wide.flow, wide.pool, wide.throws) == (short.effect, short.flow, short.pool, short.throws)
        assert wide.size == short.size + 1
    for plain, of_this in OF_THIS.items():
        assert plain.effect.replace("r", "", 1) == of_this.effect  # the object comes from local variable 0
    assert len(OF_LOCAL) == len(LOCAL) == 24
    for (general, _), short in OF_LOCAL.items():
        assert (short.effect, short.size) == (general.effect, 1)


def test_types_in_mnemonics_are_those_on_the_stack() -> None:
    on_stack = {"a": "r", "b": "s", "s": "s", "i": "i"}
    for o in FIELD_ACCESSES:
        taken, _, left = o.effect.partition(">")
        value = taken[-1:] if o.mnemonic.startswith("put") else left
        assert value == on_stack[kind(o)], o


def test_what_throws() -> None:
    thrown = {t: {o.mnemonic for o in Opcode if t in o.throws} for t in Thrown}
    assert thrown[Thrown.ARITHMETIC] == {"sdiv", "srem", "idiv", "irem"}
    assert thrown[Thrown.CLASS_CAST] == {"checkcast"}
    assert thrown[Thrown.ARRAY_STORE] == {"aastore"}
    assert thrown[Thrown.NEGATIVE_SIZE] == {"newarray", "anewarray"}
    assert thrown[Thrown.NO_RESOURCE] == {"new", "newarray", "anewarray"}
    assert len(thrown[Thrown.ARRAY_INDEX]) == 8
    assert "getstatic_a" not in thrown[Thrown.NULL] | thrown[Thrown.SECURITY]


def _effect(i: Decoded, resolver: Resolver) -> tuple[int, int]:
    """Words taken and left, those of calls by their signatures."""
    if i.opcode.effect != "*":
        taken, _, left = i.opcode.effect.partition(">")
        return len(taken) + taken.count("i"), len(left) + left.count("i")
    if i.opcode is Opcode.DUP_X:
        m, n = i.operands[0] >> 4, i.operands[0] & 15
        return max(m, n), max(m, n) + m
    item = resolver.cap.pool[i.pool]
    if i.opcode is Opcode.INVOKEINTERFACE:
        signature = resolver.members.interface_method(item.class_ref, i.operands[1])
        assert signature is not None
    else:
        signature = resolver.types.signature(resolver.types.of_entry(i.pool))
    return signature.words + (i.opcode is not Opcode.INVOKESTATIC), len(words_of(signature.result))


def _deepest(method: MethodDescriptor, resolver: Resolver) -> int:
    header, raw = method_code(resolver.cap, method)
    code = {i.address: i for i in disassemble(raw)}
    base = method.offset + header.size
    rows = resolver.cap.methods.handlers[method.first_handler : method.first_handler + method.handler_count]
    depths, work, deepest = {0: 0}, [0], 0
    while work:
        i = code[work.pop()]
        taken, left = _effect(i, resolver)
        assert taken <= depths[i.address], i
        after = depths[i.address] - taken + left
        deepest = max(deepest, depths[i.address], after)
        arrivals = dict.fromkeys(i.targets, after) | ({i.end: after} if i.opcode.flow.falls_through else {})
        arrivals |= {h.target - base: 1 for h in rows if h.start - base <= i.address < h.start - base + h.length}
        for address, depth in arrivals.items():
            assert depths.get(address, depth) == depth, (i, address)
            if address not in depths:
                depths[address] = depth
                work.append(address)
    return deepest


@pytest.mark.parametrize("name", names())
def test_stacks_are_no_deeper_than_the_header_says(name: str, conversions: dict[str, Conversion]) -> None:
    resolver = Resolver(
        read_cap(conversions[name].cap), builtin(PLATFORM).plus([conversions["library"].export]), Rules()
    )
    for _, method in resolver.members.methods.values():
        if not method.is_abstract:
            header, code = method_code(resolver.cap, method)
            shorter = any(i.opcode.mnemonic.endswith("_this") or i.opcode is Opcode.SINC for i in disassemble(code))
            deepest = _deepest(method, resolver)
            # The compiler's number is kept where a shorter instruction needs one word less.
            assert deepest <= header.max_stack
            assert shorter or deepest == header.max_stack, method


def test_tags_of_the_pool_are_those_that_instructions_take(conversions: dict[str, Conversion]) -> None:
    seen: set[tuple[Opcode, PoolTag]] = set()
    for conversion in conversions.values():
        cap = read_cap(conversion.cap)
        assert cap.descriptor is not None
        for c in cap.descriptor.classes:
            for m in c.methods if not c.is_interface else ():
                for i in disassemble(method_code(cap, m)[1]):
                    if i.pool > 0 and i.opcode.pool:
                        seen.add((i.opcode, cap.pool[i.pool].tag))
    assert all(tag in opcode.pool for opcode, tag in seen)
    assert {tag for opcode, tag in seen if opcode is Opcode.INVOKESPECIAL} == set(Opcode.INVOKESPECIAL.pool)


def _java(file: str, pattern: str) -> tuple[str, ...]:
    text = (_MACHINE / file).read_text("utf-8")
    return tuple(re.sub(r"\s+", " ", row) for row in re.findall(pattern, text, re.MULTILINE | re.DOTALL))


@pytest.mark.skipif(not (_MACHINE / "link" / "Opcode.java").is_file(), reason="the virtual machine is not there yet")
def test_the_virtual_machine_has_the_same_table() -> None:
    # When rows differ: `python -m cardlab.cap.java_table` prints them.
    assert _java("link/Opcode.java", r"^    ([A-Z][A-Z0-9_]*\(\".*?\))[,;]$") == enum_rows()


@pytest.mark.skipif(not (_MACHINE / "interpreter" / "Op.java").is_file(), reason="the virtual machine is not there yet")
def test_the_virtual_machine_switches_on_the_same_numbers() -> None:
    assert _java("interpreter/Op.java", r"^    static final int ([A-Z0-9_]+ = \d+);$") == switch_constants()
