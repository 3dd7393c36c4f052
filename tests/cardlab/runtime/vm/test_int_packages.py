"""Packages with int: converted from sources, verified, refused by a card without int, and run by one that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jpype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.toolchain.cap_package import read_package
from cardlab.toolchain.conversions import Request, SubsetError, convert
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.runtime.vm.machines import PACKAGE, Card, applet_aid, compiled, load_file

APPLET = "inttest.IntTest"
_BITS = 32
_TABLE = (1, -70000, 0x12345678)
_BYTE, _SHORT = 8, 16  # bits


def wrapped(value: int, bits: int = _BITS) -> int:
    """The number that is left in that many bits, two's complement."""
    half = 1 << bits - 1
    return (value + half) % (1 << bits) - half


def _divided(a: int, b: int) -> int:
    """Towards 0, as in Java (JLS 15.17.2)."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _compared(a: int, b: int) -> int:
    return (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > 0) + 16 * (b != 0)


def _kept(a: int, b: int) -> int:
    kept = [a, a, 0, 0]
    kept[b & 3] = wrapped(kept[b & 3] + _TABLE[2])
    return kept[0] ^ kept[1] ^ kept[3] ^ _TABLE[1] + len(kept)


def _looped(a: int, _: int) -> int:
    times, total = wrapped(a, _SHORT), 0
    for i in range(times & 0xFF, 0, -3):
        total = wrapped(total + i * i) ^ wrapped(times << 7)
    return total


def _fields(a: int, b: int) -> int:
    return wrapped(a - wrapped(b, _BYTE)) ^ wrapped(a + 1)


JAVA: Mapping[int, Callable[[int, int], int]] = {
    0: lambda a, b: a + b,
    1: lambda a, b: a - b,
    2: lambda a, b: a * b,
    3: lambda a, b: _divided(a, b or 1),
    4: lambda a, b: a - _divided(a, b or 1) * (b or 1),
    5: lambda a, b: a & b,
    6: lambda a, b: a | b,
    7: lambda a, b: a ^ b,
    8: lambda a, b: a << (b & 31),
    9: lambda a, b: a >> (b & 31),
    10: lambda a, b: (a & 0xFFFFFFFF) >> (b & 31),
    11: lambda a, _: -a,
    12: _compared,
    13: lambda a, b: wrapped(a, _SHORT) * wrapped(b, _SHORT),
    14: lambda a, b: _divided(wrapped(a, _SHORT) + wrapped(b, _SHORT), 2),
    15: _kept,
    16: lambda a, _: {-100000: 1, 0: 2, 0x7FFFFFFF: 3}.get(a, a),
    17: _looped,
    18: lambda a, b: a * wrapped(b, _SHORT) - b,
    19: _fields,
    20: lambda a, b: _divided(a, b) if b else ~a,
}
"""What Java computes, by instruction byte; the result's low 32 bits count."""
_DIVISIONS = (3, 4)  # whose divisor the test makes 1 when it is 0


@pytest.fixture(scope="module")
def block() -> bytes:
    """The package, converted."""
    return load_file(compiled("inttest"), [APPLET], ints=True)[0]


@pytest.fixture(scope="module")
def card(block: bytes) -> Card:
    """A card with int and the applet."""
    made = Card.fresh(vm_int="true")
    made.load(block)
    made.install("IntTest")
    made.select("IntTest")
    return made


numbers = st.integers(-(1 << 31), (1 << 31) - 1) | st.sampled_from([-100000, 0, 1, -1, 0x7FFFFFFF, 32768, -32769])


@settings(deadline=None)
@given(st.sampled_from(sorted(JAVA)), numbers, numbers)
def test_the_machine_computes_what_java_computes(card: Card, operation: int, a: int, b: int) -> None:
    b = b or 1 if operation in _DIVISIONS else b
    data = b"".join(n.to_bytes(4, "big", signed=True) for n in (a, b))
    used = card.fork()
    answer = used.send(bytes((0, operation, 0, 0, len(data))) + data)
    assert answer[-4:] == "9000", used.why
    assert int.from_bytes(bytes.fromhex(answer[:8]), "big", signed=True) == wrapped(JAVA[operation](a, b))


def _request(ints: bool) -> Request:
    modules = ((applet_aid("IntTest"), APPLET),)
    return Request(tuple(compiled("inttest").items()), PACKAGE, (1, 0), modules, ("3.0.5", "1.6"), (), ints)


def test_the_package_is_sound() -> None:
    assert verify(read_cap(convert(_request(ints=True)).cap), builtin("3.0.5", "1.6")).findings == ()


def test_a_card_without_int_refuses_it(block: bytes) -> None:
    with pytest.raises(jpype.JException, match="int"):
        Card.fresh(vm_int="false").load(block)


def test_int_is_refused_unless_it_is_asked_for() -> None:
    with pytest.raises(SubsetError, match="unsupported int type"):
        convert(_request(ints=False))


def test_a_package_that_uses_no_int_needs_no_card_with_it() -> None:
    classes: dict[str, Any] = compiled("hand")
    plain, allowed = (load_file(classes, ["hand.Runner"], ints=ints)[0] for ints in (False, True))
    assert plain == allowed


def test_class_files_of_a_package_with_int_are_read_back() -> None:
    package = Package(PACKAGE, (1, 0), (Module(applet_aid("IntTest"), APPLET),), compiled("inttest"))
    made = Executable(package, "3.0.5", ints=True)
    read = read_package(made.cap)
    assert isinstance(read, Executable)
    assert read.package.classes == package.classes
    assert read.data_block == made.data_block
