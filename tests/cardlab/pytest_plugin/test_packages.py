"""Applets in CAP files, and packages that are loaded before an applet's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.container import pack, unpack
from cardlab.cap.exportfile import write_exp
from cardlab.pytest_plugin.applet import Applet, Library
from cardlab.pytest_plugin.build import build
from cardlab.toolchain.conversions import convert
from cardlab.toolchain.executable import Executable
from tests.cardlab.pytest_plugin.project import EXAMPLE, Project

AID, PARAMETERS = "F00000000101", "31323334"
PURSE_TEST = """
def test_purse(card):
    card.send(0x80, 0x20, data=b"1234")
    card.send(0x80, 0x30, data=(100).to_bytes(2, "big"))
    assert card.send(0x80, 0x52)[:2] == (100).to_bytes(2, "big")
"""
ADDER = """
package com.example.sums;

public final class Adder {
    private Adder() {}

    public static short sum(short left, short right) {
        return (short) (left + right);
    }
}
"""
USER = """
package com.example.user;

import com.example.sums.Adder;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.Util;

public final class User extends Applet {
    public static void install(byte[] parameters, short offset, byte length) {
        new User().register();
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, Adder.sum(buffer[2], buffer[3]));
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
"""
SUM_TEST = """
def test_sum(card):
    assert card.send(0, 1, 3, 4) == bytes((0, 7))
"""
OF_USER = """
[tool.pytest.ini_options]
javacard_sources = "user"
javacard_class = "com.example.user.User"
javacard_aid = "F00000000301"
javacard_runtime = "vm"
"""


def bare(made: object) -> bytes:
    """The CAP file of a package, without its class files."""
    assert isinstance(made, Executable)
    return pack({name: content for name, content in unpack(made.cap).items() if not name.endswith(".class")})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the sources of a library and of an applet that uses it."""
    made = Project(tmp_path)
    made.write("sums/com/example/sums/Adder.java", ADDER)
    made.write("user/com/example/user/User.java", USER)
    made.write("test_sum.py", SUM_TEST)
    return made


@pytest.fixture
def purse_cap(tmp_path: Path) -> Path:
    """The example applet in a CAP file without class files."""
    applet = Applet.create(sources=EXAMPLE / "src", class_name="com.example.purse.Purse", aid=AID)
    file = tmp_path / "purse.cap"
    file.write_bytes(bare(build([applet])[0]))
    return file


def test_an_applet_in_a_cap_file_needs_no_sources(tmp_path: Path, purse_cap: Path) -> None:
    described = Applet.of_cap(cap=purse_cap.name, base=tmp_path)
    assert (described.class_name, described.aid.hex(), described.cap) == ("purse.cap", AID.lower(), purse_cap)
    project = Project(tmp_path)
    settings = f'[tool.pytest.ini_options]\njavacard_cap = "purse.cap"\njavacard_parameters = "{PARAMETERS}"\n'
    project.write("pyproject.toml", settings)
    project.write("test_purse.py", PURSE_TEST)
    result = project.run("-q", "--card-runtime", "vm")
    assert (result.code, "1 passed" in result.output) == (0, True), result.output
    refused = project.run("-q", "--card-runtime", "jcardsim")
    assert refused.code == 1
    assert "the runtime jcardsim executes class files" in refused.output
    assert "the runtime vm needs none" in refused.output


@pytest.mark.usefixtures("purse_cap")
def test_a_marker_names_one_beside_the_settings_of_another(project: Project) -> None:
    project.write("pyproject.toml", OF_USER + 'javacard_packages = ["sums"]\n')
    marked = f'@pytest.mark.javacard_applet(cap="purse.cap", parameters="{PARAMETERS}")'
    project.write("test_purse.py", f"import pytest\n\n{marked}{PURSE_TEST}")
    result = project.run("-q")
    assert (result.code, "2 passed" in result.output) == (0, True), result.output


@pytest.mark.parametrize("runtime", ["vm", "jcardsim"])
def test_a_library_of_sources_is_loaded_before(project: Project, runtime: str) -> None:
    project.write("pyproject.toml", OF_USER + 'javacard_packages = ["sums"]\n')
    result = project.run("-q", "--card-runtime", runtime)
    assert (result.code, "1 passed" in result.output) == (0, True), result.output


def test_a_library_has_the_aid_that_is_given_and_stands_in_the_transcript(project: Project) -> None:
    project.write("pyproject.toml", OF_USER)
    marked = '@pytest.mark.javacard_applet(packages=["sums=F00000000400"])'
    project.write("test_sum.py", f"import pytest\n\n{marked}{SUM_TEST}    assert False\n")
    result = project.run("-q")
    assert result.code == 1
    assert result.output.index("[loaded F00000000400 through") < result.output.index("[loaded F000000003 through")


def test_a_library_in_a_cap_file_with_class_files_is_compiled_against(project: Project) -> None:
    library = build([_with_packages(project, ())])[0]
    assert isinstance(library, Executable)
    project.folder.joinpath("sums.cap").write_bytes(library.cap)
    project.write("pyproject.toml", OF_USER + 'javacard_packages = ["sums.cap"]\n')
    result = project.run("-q")
    assert (result.code, "1 passed" in result.output) == (0, True), result.output
    project.folder.joinpath("sums.cap").write_bytes(bare(library))
    without = project.run("-q")
    assert (without.code, "com.example.sums cannot be resolved" in without.output) == (1, True), "kept from before"


def test_cap_files_alone_library_and_applet(project: Project) -> None:
    made = build([_with_packages(project, ())])
    for name, one in zip(("sums.cap", "user.cap"), made, strict=True):
        project.folder.joinpath(name).write_bytes(bare(one))
    settings = '[tool.pytest.ini_options]\njavacard_cap = "user.cap"\njavacard_runtime = "vm"\n'
    project.write("pyproject.toml", settings + 'javacard_packages = ["sums.cap"]\n')
    result = project.run("-q")
    assert (result.code, "1 passed" in result.output) == (0, True), result.output
    project.write("pyproject.toml", settings)
    lacking = project.run("-q")
    assert lacking.code == 1
    assert f"Import: package {made[0].aid.hex().upper()} is not on this card" in lacking.output


@pytest.mark.parametrize("as_setting", [True, False])
def test_a_library_without_class_files_is_compiled_against_by_its_export_file(
    project: Project, as_setting: bool
) -> None:
    """Both in one jar, as libraries are given out: the CAP file is loaded, the export file is imported."""
    library = build([_with_packages(project, ())])[0]
    assert isinstance(library, Executable)
    export = convert(library._request).export
    files = {"sums.cap": bare(library), "com/example/sums/javacard/sums.exp": write_exp(export)}
    project.folder.joinpath("sums.jar").write_bytes(pack(files, compressed=True))
    packages = 'javacard_packages = ["sums.jar"]\n'
    project.write("pyproject.toml", OF_USER + packages)
    without = project.run("-q")
    assert without.code == 1
    assert "com.example.sums cannot be resolved" in without.output
    if as_setting:
        project.write("pyproject.toml", OF_USER + packages + 'javacard_exports = ["sums.jar"]\n')
    else:
        project.write("test_sum.py", 'import pytest\n\n@pytest.mark.javacard_applet(exports="sums.jar")' + SUM_TEST)
    result = project.run("-q")
    assert (result.code, "1 passed" in result.output) == (0, True), result.output


MISTAKES = """
import pytest

@pytest.mark.javacard_applet(cap="nowhere.cap")
def test_nowhere(card): pass

@pytest.mark.javacard_applet(cap="test_mistakes.py")
def test_python(card): pass

@pytest.mark.javacard_applet(cap="sums.cap", class_name="A")
def test_class(card): pass

@pytest.mark.javacard_applet(cap="sums.cap")
def test_library(card): pass

@pytest.mark.javacard_applet(cap="user.cap", aid="F00000000999")
def test_module(card): pass
"""
MESSAGES = (
    "nowhere.cap cannot be read: No such file",
    "name a CAP file",
    "is a CAP file, and class_name of sources",
    "sums.cap has 0 applets",
    "user.cap has no applet F00000000999",
)


def test_mistakes_have_their_messages(project: Project) -> None:
    for name, one in zip(("sums.cap", "user.cap"), build([_with_packages(project, ())]), strict=True):
        project.folder.joinpath(name).write_bytes(bare(one))
    project.write("test_mistakes.py", MISTAKES)
    result = project.run("-q", "test_mistakes.py")
    assert "5 errors" in result.output
    assert [message for message in MESSAGES if message not in result.output] == []
    assert "Traceback" not in result.output


def _with_packages(project: Project, parameters: tuple[int, ...]) -> Applet:
    """The applet with the library's sources before it."""
    return Applet.create(
        sources=project.folder / "user",
        class_name="com.example.user.User",
        aid="F00000000301",
        parameters=bytes(parameters),
        packages=[project.folder / "sums"],
    )


def test_a_package_is_written_with_its_aid(tmp_path: Path) -> None:
    assert Library.parse("lib/src=F00000000400", tmp_path) == Library(
        tmp_path / "lib/src", bytes.fromhex("F00000000400")
    )
    assert Library.parse("lib.cap", tmp_path).is_cap
