"""Class files without a table of local variables: an undeclared local is a short, as in the vendor's kits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardlab.cap.container import FILE_NAMES
from cardlab.cap.convert import convert
from cardlab.cap.convert.values import Value
from cardlab.cap.errors import ConversionError
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.toolchain.compile import compile_java
from tests.cardlab.cap.corpus import WITHOUT_DEBUG, Case, class_digest, compiled, digests, names

COMPARED = [n for n in names() if n != "ints"]
"""One of its methods keeps shorts longer than the kit does (docs/reference/cap.md)."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus compiled without `-g`."""
    return compiled(tmp_path_factory.mktemp("plain"), debug=False)


@pytest.mark.parametrize("name", COMPARED)
def test_the_outcome_is_the_kits(name: str, plain: Path) -> None:
    record = json.loads(WITHOUT_DEBUG.read_text("utf-8"))[name]
    assert class_digest(Case(name, plain)) == record["classes"], "a kit was given other class files: record anew"
    libraries = (Case("library", plain).convert().export,) if name == "user" else ()
    if not record["components"]:
        with pytest.raises(ConversionError, match="unsupported int type of intermediate value"):
            Case(name, plain).convert(libraries)
        return
    ours = Case(name, plain).convert(libraries).components
    assert digests({FILE_NAMES[tag]: data for tag, data in ours.items()}) == record["components"]


LOOP = """package loop;
public class Loop {
    static int sum(byte[] d) { int s = 0; for (short i = 0; i < 5; i++) s += d[i]; return s; }
    static short g;
    static int either(byte[] d) { int b; if (d[0] > 0) b = 100000; else b = g; return b; }
}
"""


def test_the_package_with_int_is_sound(plain: Path) -> None:
    assert verify(read_cap(Case("ints", plain).convert().cap), builtin("3.0.5")).findings == ()


def test_a_growing_sum_converts_and_is_sound(tmp_path: Path) -> None:
    source = tmp_path / "Loop.java"
    source.write_text(LOOP, "utf-8")
    classes = compile_java([source], tmp_path / "classes", debug=False)
    exports = builtin("3.0.5")
    raw = [(classes / "loop/Loop.class").read_bytes()]
    made = convert(raw, bytes.fromhex("F000010203"), (1, 0), (), exports, ints=True)
    assert verify(read_cap(made.cap), exports).findings == ()


def test_the_bounds_of_a_local_settle_in_three_steps() -> None:
    value, seen = Value("S"), set()
    for n in range(100_000):
        value = value.join(Value("S", 0, n), in_steps=True)
        seen.add(value)
    assert [v.bounds for v in sorted(seen, key=lambda v: v.high)] == [
        (0, 0),
        (-128, 127),
        (-32768, 32767),
        (-(1 << 31), (1 << 31) - 1),
    ]
