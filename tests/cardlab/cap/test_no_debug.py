"""Class files without a table of local variables: for the kits, and here, an undeclared local is a short or an int."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardlab.cap.container import FILE_NAMES
from cardlab.cap.convert import convert
from cardlab.cap.errors import ConversionError
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.toolchain.compile import compile_java
from tests.cardlab.cap.corpus import WITHOUT_DEBUG, Case, class_digest, compiled, digests, names_without_debug


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus compiled without `-g`."""
    return compiled(tmp_path_factory.mktemp("plain"), debug=False)


@pytest.mark.parametrize("name", names_without_debug())
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
    static short two(short a, short b) { return (short) (a - b); }
    static short call(int[] d) { short x = (short) d[0]; short y = (short) d[1]; d[2] = x + y; return two(x, y); }
    static int either(byte[] d) { int b; if (d[0] > 0) b = 100000; else b = g; return b; }
}
"""


@pytest.mark.parametrize("name", ["ints", "intlocals", "shortlocals"])
def test_what_is_made_is_sound(name: str, plain: Path) -> None:
    assert verify(read_cap(Case(name, plain).convert().cap), builtin("3.0.5")).findings == ()


def test_an_index_that_was_declared_an_int_is_refused(tmp_path: Path) -> None:
    """A parameter has a type without a table, too: kits cut no index that is one, nor the sum of one."""
    source = tmp_path / "Index.java"
    source.write_text(
        "package index; class Index { static byte a(byte[] d, int at) { return d[at]; }\n"
        "static byte b(byte[] d, int at) { int x = at; return d[x + 1]; } }",
        "utf-8",
    )
    classes = compile_java([source], tmp_path / "classes", debug=False)
    raw = [(classes / "index/Index.class").read_bytes()]
    with pytest.raises(ConversionError, match=r"Index\.a: .*array index(?s:.*)Index\.b: .*array index"):
        convert(raw, bytes.fromhex("F000010203"), (1, 0), (), builtin("3.0.5"), ints=True)


def test_a_growing_sum_converts_and_is_sound(tmp_path: Path) -> None:
    source = tmp_path / "Loop.java"
    source.write_text(LOOP, "utf-8")
    classes = compile_java([source], tmp_path / "classes", debug=False)
    exports = builtin("3.0.5")
    raw = [(classes / "loop/Loop.class").read_bytes()]
    made = convert(raw, bytes.fromhex("F000010203"), (1, 0), (), exports, ints=True)
    assert verify(read_cap(made.cap), exports).findings == ()
