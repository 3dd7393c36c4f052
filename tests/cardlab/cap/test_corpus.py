"""The corpus converts to what a kit makes of the same class files, is sound, and survives reading and writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.container import FILE_NAMES
from cardlab.cap.convert import Conversion
from cardlab.cap.diff import differences
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.exportfile import read_exp, write_exp
from cardlab.cap.exports import builtin
from cardlab.cap.listing import listing
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import read_cap, read_load_file, write_cap
from cardlab.cap.verifier import verify
from tests.cardlab.cap.corpus import PLATFORM, Case, class_digest, digests, names, recorded

# No Java compiler makes these of the subset: old subroutines, stack shuffles, increments that it writes as sums. They
# are converted from hand-made class files in test_lowering.py where the converter can emit them at all. The int forms
# for more than 256 instance fields are those of the other types, which `manyfields` has.
NOT_FROM_SOURCES = {"nop", "pop2", "swap_x", "jsr", "ret", "sinc_w", "getfield_i_w", "putfield_i_w"}


@pytest.mark.parametrize("name", names())
def test_components_are_those_of_the_kit(name: str, corpus_classes: Path, conversions: dict[str, Conversion]) -> None:
    record = recorded()[name]
    # The compiler is locked. With another one, or other sources: JC_HOME=<kit> python -m tests.cardlab.cap.kit
    assert class_digest(Case(name, corpus_classes)) == record["classes"], (
        "a kit was given other class files: record anew"
    )
    ours = {FILE_NAMES[tag]: data for tag, data in conversions[name].components.items()}
    assert digests(ours) == record["components"]


@pytest.mark.parametrize("name", names())
def test_our_verifier_finds_it_sound(name: str, conversions: dict[str, Conversion]) -> None:
    exports = builtin(PLATFORM).plus([conversions["library"].export])
    verdict = verify(read_cap(conversions[name].cap), exports)
    assert verdict.findings == ()
    assert verdict.notes == ()


@pytest.mark.parametrize("name", names())
def test_reading_and_writing_is_the_identity(name: str, conversions: dict[str, Conversion]) -> None:
    raw = conversions[name].cap
    cap = read_cap(raw)
    assert write_cap(cap) == raw
    assert differences(cap, read_cap(raw)) == []
    again = read_load_file(cap.load_file())
    assert again.load_file() == cap.load_file()
    assert read_cap(cap.load_file()) == again
    assert again.descriptor is None


@pytest.mark.parametrize("name", names())
def test_disassembly_covers_every_byte(name: str, conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions[name].cap)
    assert cap.descriptor is not None
    covered = cap.methods.start
    for c in cap.descriptor.classes:
        for m in c.methods if not c.is_interface else ():
            header, code = method_code(cap, m)
            instructions = disassemble(code)
            assert [i.address for i in instructions[1:]] + [len(code)] == [i.end for i in instructions] or not code
            covered += header.size + len(code)
    assert covered == len(cap.methods.info)
    assert any("method@" in line for line in listing(cap, builtin(PLATFORM))) or not covered


@pytest.mark.parametrize("name", names())
def test_export_file_survives(name: str, conversions: dict[str, Conversion]) -> None:
    export = conversions[name].export
    assert read_exp(write_exp(export)) == export


def test_conversion_is_deterministic(corpus_classes: Path, conversions: dict[str, Conversion]) -> None:
    assert Case("order", corpus_classes).convert().cap == conversions["order"].cap


def test_the_corpus_has_every_instruction(conversions: dict[str, Conversion]) -> None:
    seen = set()
    for conversion in conversions.values():
        cap = read_cap(conversion.cap)
        assert cap.descriptor is not None
        for c in cap.descriptor.classes:
            for m in c.methods if not c.is_interface else ():
                seen |= {i.name for i in disassemble(method_code(cap, m)[1])}
    wanted = {o.mnemonic for o in Opcode} - NOT_FROM_SOURCES
    assert wanted - seen == set()
