"""The jar of API stubs: applets compile against it as against the real API, and against nothing that is not in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from cardlab.cap.exports import builtin, platforms
from cardlab.classfile.classfile import AccessFlag, read_class
from cardlab.cli import run
from cardlab.toolchain.api_jar import api_jar
from cardlab.toolchain.compile import CompileError, class_files, compile_java
from jpki.sources import APPLET_GLOBALPLATFORM, applet_sources, compile_applet

VERSIONS = [name for name in platforms() if not name.startswith("globalplatform-")]


def jar(folder: Path, platform: str, globalplatform: str = "1.6") -> Path:
    path = folder / f"api-{platform}.jar"
    path.write_bytes(api_jar(builtin(platform, globalplatform)))
    return path


def compiled(folder: Path, source: str, platform: str) -> Path:
    file = folder / "A.java"
    file.write_text(source, encoding="utf-8")
    return compile_java(file, folder / "out", classpath=[jar(folder, platform)])


@pytest.mark.parametrize("platform", VERSIONS)
def test_the_applet_compiles_to_the_same_class_files(platform: str, tmp_path: Path) -> None:
    """Constants, overloads and descriptors are those of the API that the runtime has."""
    against = jar(tmp_path, platform, APPLET_GLOBALPLATFORM)
    ours = compile_java(applet_sources(), tmp_path / "out", classpath=[against], warnings_are_errors=False)
    theirs = compile_applet()
    names = class_files(theirs)
    assert names == class_files(ours)
    for name in names:
        file = Path(*name.split(".")).with_suffix(".class")
        assert (ours / file).read_bytes() == (theirs / file).read_bytes()


@pytest.mark.parametrize("platform", VERSIONS)
def test_every_class_and_member_of_the_tables_is_there(platform: str) -> None:
    exports = builtin(platform, "1.7")
    with zipfile.ZipFile(io.BytesIO(api_jar(exports))) as archive:
        classes = {
            name.removesuffix(".class"): read_class(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".class")
        }
    wanted = {one.name: one for package in exports.packages() for one in package.classes}
    assert {*classes} == {name for name in wanted if not name.startswith("java/")}
    for name, found in classes.items():
        expected = wanted[name]
        fields = {(field.name, field.descriptor, int(field.access)) for field in found.fields}
        assert fields == {(field.name, field.descriptor, int(field.access)) for field in expected.fields}
        declared = {(method.name, method.descriptor) for method in found.methods}
        offered = {(method.name, method.descriptor) for method in expected.methods}
        assert declared <= offered
        above = {
            (method.name, method.descriptor)
            for one in expected.supers
            if one in wanted
            for method in wanted[one].methods
        }
        assert offered - declared <= above
        assert bool(found.access & AccessFlag.INTERFACE) == expected.is_interface


def test_the_same_bytes_every_time() -> None:
    assert api_jar(builtin()) == api_jar(builtin())


def test_constants_are_compile_time_constants(tmp_path: Path) -> None:
    """Else a case label could not name one."""
    compiled(
        tmp_path,
        "class A { int f(short s) { switch (s) {"
        " case javacard.framework.ISO7816.SW_WRONG_LENGTH: return 1; default: return 0; } } }",
        "3.0.4",
    )


def test_checked_exceptions_must_be_caught_or_declared(tmp_path: Path) -> None:
    caught = (
        "class A { void f() { try { javacard.framework.UserException.throwIt((short) 1); }"
        " catch (javacard.framework.UserException e) { return; } } }"
    )
    compiled(tmp_path, caught, "3.0.4")
    with pytest.raises(CompileError, match="Unhandled exception type UserException"):
        compiled(tmp_path, "class A { void f() { javacard.framework.UserException.throwIt((short) 1); } }", "3.0.4")


def test_runtime_exceptions_need_not(tmp_path: Path) -> None:
    compiled(tmp_path, "class A { void f() { javacard.framework.ISOException.throwIt((short) 1); } }", "3.0.4")


def test_what_a_version_has_not_does_not_compile(tmp_path: Path) -> None:
    """OwnerPINBuilder came with 3.0.5."""
    source = (
        "class A { Object f() { return javacard.framework.OwnerPINBuilder.buildOwnerPIN((byte) 3, (byte) 4,"
        " javacard.framework.OwnerPINBuilder.OWNER_PIN); } }"
    )
    compiled(tmp_path, source, "3.0.5")
    with pytest.raises(CompileError, match="OwnerPINBuilder"):
        compiled(tmp_path, source, "3.0.4")


def test_member_classes_have_the_name_that_sources_use(tmp_path: Path) -> None:
    """OneShot is a member of five classes; the outer class tells so, and the member itself (JVMS 4.7.6)."""
    source = (
        "import javacard.security.*; class A { byte f() {"
        " MessageDigest.OneShot one = MessageDigest.OneShot.open((byte) 1);"
        " byte length = one.getLength(); one.close(); return length; } }"
    )
    compiled(tmp_path, source, "3.0.5")


def test_command(tmp_path: Path) -> None:
    output = tmp_path / "api.jar"
    assert run(["cap", "api-jar", "--platform", "3.0.5", "--gp", "1.7", "-o", str(output)]) == 0
    assert output.read_bytes() == api_jar(builtin("3.0.5", "1.7"))


def test_command_with_an_unknown_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cap", "api-jar", "--platform", "2.9", "-o", str(tmp_path / "api.jar")]) != 0
    assert "no token tables for 2.9" in capsys.readouterr().err
    assert not (tmp_path / "api.jar").exists()
