"""Damaged and random input gives this package's errors, never a traceback and never an endless loop."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.cap.container import Component, pack
from cardlab.cap.convert import Conversion, convert
from cardlab.cap.diff import differences
from cardlab.cap.errors import CapError, ExportFileError
from cardlab.cap.exportfile import read_exp, write_exp
from cardlab.cap.exports import builtin, from_json, to_json
from cardlab.cap.listing import listing
from cardlab.cap.reader import CapFile, from_components, read_cap, read_load_file
from cardlab.cap.verifier import verify
from cardlab.classfile.classfile import read_class
from cardlab.classfile.errors import ClassFileError, FileFormatError
from tests.cardlab.cap.conftest import Compile
from tests.cardlab.cap.corpus import PLATFORM, Case
from tests.cardlab.cap.handmade import class_file

EXPORTS = builtin(PLATFORM)
AID = bytes.fromhex("F000000001")
WHOLE = """package whole; import javacard.framework.*;
public class Whole extends Applet {
    static byte[] start = {1, 2}; static short[] steps = {3}; static short step = 3; static byte zero;
    Counter counter = new Purse(); Object last;
    public interface Counter extends Shareable { short next(short by); }
    public static void install(byte[] b, short o, byte l) { new Whole().register(); }
    public void process(APDU apdu) {
        try { ask(counter); } catch (ISOException e) { last = e; } finally { zero++; } }
    short ask(Counter other) { return other.next(steps[0]); }
}
class Purse implements Whole.Counter {
    short count;
    public short next(short by) {
        switch (by) { case 1: return Whole.start[0]; default: count += by; return count; } }
}"""
"""A package with every component that the converter makes, none of them empty."""


@pytest.fixture(scope="module")
def whole(compile_source: Compile) -> CapFile:
    """WHOLE, converted."""
    cap = read_cap(convert(compile_source("Whole", WHOLE), AID, (1, 0), [(AID + b"\x01", "whole.Whole")], EXPORTS).cap)
    assert set(cap.raw) == set(Component) - {Component.DEBUG, Component.STATIC_RESOURCE}
    assert cap.applets
    assert cap.exports
    assert cap.methods.handlers
    assert len(cap.statics.arrays) == 2
    assert cap.locations.one_byte
    assert verify(cap, EXPORTS).sound
    return cap


def _examine(base: CapFile, raw: dict[Component, bytes]) -> bool:
    """Do everything that can be done with a CAP file; whether it was found to be sound."""
    try:
        cap = from_components(raw, {}, base.folder)
    except CapError:
        return False
    with contextlib.suppress(CapError):
        list(listing(cap, EXPORTS))
    with contextlib.suppress(CapError):
        differences(base, cap)
    return verify(cap, EXPORTS).sound


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x80])
def test_every_byte_flipped(mask: int, whole: CapFile) -> None:
    accepted = total = 0
    for tag, data in whole.raw.items():
        for at in range(len(data)):
            flipped = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
            total += 1
            accepted += _examine(whole, dict(whole.raw) | {tag: flipped})
    # AIDs, versions, constants and the like may be anything; what refers to something may not.
    assert accepted < total * 0.1


def test_truncated_components(whole: CapFile) -> None:
    for tag, data in whole.raw.items():
        for size in range(len(data)):
            assert not _examine(whole, dict(whole.raw) | {tag: data[:size]})
    for missing in whole.raw:
        assert not _examine(whole, {t: d for t, d in whole.raw.items() if t is not missing})


def test_every_byte_of_a_load_file(whole: CapFile) -> None:
    """What a card is sent has no Descriptor, so that only its structure can be read."""
    raw = whole.load_file()
    for at in range(len(raw)):
        with contextlib.suppress(CapError):
            read_load_file(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        with pytest.raises(CapError):
            read_load_file(raw[:at])


def test_truncated_and_damaged_archives(conversions: dict[str, Conversion]) -> None:
    raw = conversions["minimal"].cap
    for at in range(len(raw)):
        with pytest.raises(CapError):
            read_cap(raw[:at])
        with contextlib.suppress(CapError):
            read_cap(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])


@given(st.binary(max_size=200))
def test_random_bytes(raw: bytes) -> None:
    for read, error in (
        (read_cap, CapError),
        (read_load_file, CapError),
        (read_class, ClassFileError),
        (read_exp, ExportFileError),
    ):
        with pytest.raises(error):
            read(raw)
    with pytest.raises(CapError):
        read_cap(pack({"p/javacard/Header.cap": raw}))


@given(st.binary(min_size=1, max_size=40), st.sampled_from(["()V", "(SB)S", "([BLjava/lang/Object;)[B", "(JD)I"]))
def test_random_code(code: bytes, descriptor: str) -> None:
    raw = class_file(code, descriptor, handlers=[(0, len(code), 0)] if code[0] & 1 else [])
    try:
        done = convert([raw], AID, (1, 0), [], EXPORTS)
    except FileFormatError:
        return
    read_cap(done.cap)


@st.composite
def _plausible(draw: st.DrawFn) -> bytes:
    """Bytecode of valid one-byte instructions and short branches, ending in return."""
    simple = [*range(9), *range(26, 30), *range(42, 46), 50, 51, 53, *range(59, 63), *range(75, 79), *range(83, 96)]
    simple += [96, 100, 104, 108, 112, 116, 120, 122, 124, 126, 128, 130, 145, 147, 190]
    code = bytes(draw(st.lists(st.sampled_from(simple), max_size=30)))
    if draw(st.booleans()):
        code = b"\x03\x99" + (len(code) + 3).to_bytes(2, "big") + code
    return code + b"\xb1"


@given(_plausible())
def test_plausible_code(code: bytes) -> None:
    try:
        done = convert([class_file(code, "(SS[B)V", max_stack=40)], AID, (1, 0), [], EXPORTS)
    except FileFormatError:
        return
    cap = read_cap(done.cap)
    list(listing(cap, EXPORTS))
    verify(cap, EXPORTS)


def test_damaged_class_files(corpus_classes: Path) -> None:
    raw = Case("minimal", corpus_classes).raw()[0]
    for at in range(len(raw)):
        with contextlib.suppress(FileFormatError):
            convert([raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]], AID, (1, 0), [], EXPORTS)
        with pytest.raises(FileFormatError):
            convert([raw[:at]], AID, (1, 0), [], EXPORTS)


def test_export_files_survive() -> None:
    for package in EXPORTS.packages():
        assert read_exp(write_exp(package)) == package


def test_damaged_export_files() -> None:
    """Every byte, of a package that has classes, interfaces, constants and methods."""
    small = EXPORTS.package("javacardx/external")
    assert small is not None
    assert any(f.constant is not None for c in small.classes for f in c.fields)
    raw = write_exp(small)
    for at in range(len(raw)):
        with contextlib.suppress(ExportFileError):
            read_exp(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        with pytest.raises(ExportFileError):
            read_exp(raw[:at])


@given(st.text(max_size=40) | st.sampled_from(['{"format": 1}', '{"format": 2}', "[]", '{"format": 1, "version": 3}']))
def test_damaged_token_tables(text: str) -> None:
    with pytest.raises(ExportFileError):
        from_json(text)


def test_token_tables_survive() -> None:
    for package in EXPORTS.packages():
        assert from_json(to_json(package)) == package
