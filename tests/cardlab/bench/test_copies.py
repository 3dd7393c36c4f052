"""The larger package that conversions are timed with is a sound one, each copy like the original."""

from __future__ import annotations

from pathlib import Path

from cardlab.bench.copies import copies
from cardlab.cap.convert import convert
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.classfile.classfile import read_class
from cardlab.toolchain.compile import compile_java

SOURCE = """
package p;

public class Shape {
    static final class Part extends Shape {
        short size(Shape other) { return (short) (other == null ? 1 : other.size(new Part())); }
    }

    short size(Shape other) { return 0; }
}
"""


def test_each_copy_is_a_class_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "Shape.java").write_text(SOURCE)
    folder = compile_java(tmp_path / "Shape.java", tmp_path / "classes", warnings_are_errors=False)
    classes = {f"p.{file.stem}": file.read_bytes() for file in folder.rglob("*.class")}
    made = copies(classes, 3)
    assert {name: read_class(code).name.replace("/", ".") for name, code in made.items()} == {
        name: name for name in made
    }
    assert read_class(made["p.Shape$PartCopy2"]).superclass == "p/ShapeCopy2"
    one, three = (convert(list(each.values()), b"\xf0" * 5, (1, 0), [], builtin()) for each in (classes, made))
    cap = read_cap(three.cap)
    assert verify(cap, builtin()).sound
    assert cap.descriptor is not None
    assert len(cap.descriptor.classes) == 3 * len(classes)
    assert len(cap.methods.info) - 1 == 3 * (len(read_cap(one.cap).methods.info) - 1)
