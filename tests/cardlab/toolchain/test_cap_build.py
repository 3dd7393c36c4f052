"""`cardlab cap build`: sources to finished CAP files, in the order in which cards take them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardlab.cap.container import pack, unpack
from cardlab.cap.debug import SOURCE_MAP, debug_of
from cardlab.cap.exports import builtin, read_exports
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.cli import run
from cardlab.toolchain.carried import CLASSES_FOLDER
from cardlab.toolchain.executable import Executable

APPLET = """
package {package};

import javacard.framework.APDU;
import javacard.framework.Applet;
{imports}

public final class {name} extends Applet {{
    public static void install(byte[] parameters, short offset, byte length) {{
        new {name}().register();
    }}

    public void process(APDU apdu) {{
        {body}
    }}
}}
"""
ADDER = """
package z.sums;

public final class Adder {
    private Adder() {}

    public static short sum(short left, short right) {
        return (short) (left + right);
    }
}
"""
LIBRARY, USER = "F0000000A1", "F0000000B1"
TABLE = f"""
[tool.cardlab.cap]
sources = ["lib", "app"]
api = "3.0.5"
output = "out"
export-files = "exports"

[[tool.cardlab.cap.package]]
name = "a.user"
aid = "{USER}"
applets = {{ "a.user.User" = "{USER}77" }}

[[tool.cardlab.cap.package]]
name = "z.sums"
aid = "{LIBRARY}"
version = "2.3"
"""


def source(name: str, package: str, imports: str = "", body: str = "") -> str:
    """The source of an applet."""
    return APPLET.format(name=name, package=package, imports=imports, body=body)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sources of a library, and of an applet that uses it and comes first in the alphabet."""
    user = source("User", "a.user", "import z.sums.Adder;", "Adder.sum((short) 1, (short) 2);")
    for file, text in (("lib/z/sums/Adder.java", ADDER), ("app/a/user/User.java", user)):
        tmp_path.joinpath(file).parent.mkdir(parents=True)
        tmp_path.joinpath(file).write_text(text)
    return tmp_path


def built(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command."""
    code = run(["cap", "build", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_one_package_in_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Applets are found and numbered; class files and source map are in the file, unless told not to."""
    (tmp_path / "src").mkdir()
    for name in ("Second", "First"):
        (tmp_path / "src" / f"{name}.java").write_text(source(name, "two"))
    cap = tmp_path / "x.cap"
    code, out, err = built(capsys, tmp_path / "src", "--aid", USER, "-o", cap, "--json")
    assert code == 0, err
    assert json.loads(out)[0]["applets"] == {f"{USER}01": "two.First", f"{USER}02": "two.Second"}
    read = read_cap(cap.read_bytes())
    assert [one.aid.hex().upper() for one in read.applets] == [f"{USER}01", f"{USER}02"]
    assert verify(read, builtin()).sound
    assert {f"{CLASSES_FOLDER}two/First.class", f"{CLASSES_FOLDER}two/Second.class", SOURCE_MAP} <= read.files.keys()
    assert {one.name for one in debug_of(read.raw, read.files).classes} == {"two.First", "two.Second"}
    assert Executable.from_cap(cap.read_bytes()).data_block == read.load_file()
    before = cap.read_bytes()
    assert built(capsys, tmp_path / "src", "--aid", USER, "-o", cap)[0] == 0
    assert cap.read_bytes() == before
    bare = ("--no-classes", "--no-source-map", "--no-applets")
    assert built(capsys, tmp_path / "src", "--aid", USER, "-o", cap, *bare)[0] == 0
    left = read_cap(cap.read_bytes())
    assert (list(left.files), left.applets) == (["META-INF/MANIFEST.MF"], ())


def test_a_project_of_several_in_the_order_of_their_needs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(TABLE)
    code, out, err = built(capsys, "--project", project / "pyproject.toml", "--json")
    assert code == 0, err
    assert [one["package"] for one in json.loads(out)] == ["z.sums", "a.user"]
    library, user = (read_cap((project / "out" / f"{name}.cap").read_bytes()) for name in ("z.sums", "a.user"))
    assert (library.header.package.version, library.applets) == ((2, 3), ())
    assert user.applets[0].aid == bytes.fromhex(f"{USER}77")
    assert (bytes.fromhex(LIBRARY), (2, 3)) in [(one.aid, one.version) for one in user.imports]
    assert (project / "exports/z/sums/javacard/sums.exp").is_file()
    assert verify(user, builtin("3.0.5", more=(project / "exports",))).sound


def test_packages_named_on_the_command_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ("--aid", f"a.user={USER}", "--aid", f"z.sums={LIBRARY}", "-o", project / "made")
    code, out, err = built(capsys, project / "lib", project / "app", *named)
    assert code == 0, err
    assert out.index("z.sums") < out.index("a.user")
    assert sorted(one.name for one in (project / "made").iterdir()) == ["a.user.cap", "z.sums.cap"]


@pytest.mark.parametrize("place", ["exports", "exports/z/sums/javacard/sums.exp", "sums.jar"])
def test_a_library_that_is_there_by_its_export_file_alone(
    project: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The compiler sees its classes, too: stubs are made of the export file."""
    export = project / "exports/z/sums/javacard/sums.exp"
    export.parent.mkdir(parents=True)
    assert built(capsys, project / "lib", "--aid", LIBRARY, "-o", project / "l.cap", "--exp", export)[0] == 0
    (project / "sums.jar").write_bytes(pack({"z/sums/javacard/sums.exp": export.read_bytes()}, compressed=True))
    assert len(read_exports(project / place).packages()) == 1
    options = ("--aid", USER, "-o", project / "u.cap", "--exports", project / place)
    code, _, err = built(capsys, project / "app", *options)
    assert code == 0, err
    assert bytes.fromhex(LIBRARY) in [one.aid for one in read_cap((project / "u.cap").read_bytes()).imports]


def test_a_java_card_version_brings_its_api_java_and_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "src/New.java"
    file.parent.mkdir()
    named = (tmp_path / "src", "--aid", USER, "-o", tmp_path / "x.cap")
    cleared, literal = "javacard.framework.SensitiveArrays.clearArray(apdu.getBuffer());", "short mask = 0b1010;"
    for body, missing in ((cleared, "javacard.framework.SensitiveArrays"), (literal, "Java 1.7")):
        file.write_text(source("New", "fresh", body=body))
        code, _, err = built(capsys, *named)
        assert code == 5
        assert f"{missing}; Java Card 3.0.5 has it: --api chooses the version" in err
    file.write_text(source("New", "fresh", body=cleared + literal))
    for api, cap_format in (("3.0.5", (2, 1)), ("3.1", (2, 3))):
        code, _, err = built(capsys, *named, "--api", api)
        assert code == 0, err
        assert read_cap((tmp_path / "x.cap").read_bytes()).header.format == cap_format


CIRCLE = {
    "a/A.java": "package a; public class A { public b.B other; }",
    "b/B.java": "package b; public class B { public a.A other; }",
}


def test_what_cannot_be_built_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "circle").mkdir()
    for name, text in CIRCLE.items():
        (project / "circle" / Path(name).name).write_text(text)
    both, out = (project / "lib", project / "app"), ("-o", project / "out")
    toml = project / "wrong.toml"
    toml.write_text(TABLE.replace("api =", "ap ="))
    for arguments, code, words in (
        ((*both, "--aid", USER, *out), 2, "hold 2 packages, a.user, z.sums"),
        ((*both, "--aid", f"a.user={USER}", *out), 2, "no AID for package z.sums"),
        ((project / "lib", "--aid", f"sums={LIBRARY}", *out), 2, "no AID for package z.sums"),
        ((project / "lib", "--aid", f"z.sums={LIBRARY}", "--aid", f"y={USER}", *out), 2, "no package y in the sources"),
        ((project / "lib", "--aid", "F0", *out), 2, "F0 has 1 bytes"),
        ((project / "lib", *out), 2, "--aid are missing"),
        ((project / "circle", "--aid", f"a={USER}", "--aid", f"b={LIBRARY}", *out), 5, "a -> b -> a"),
        (("--project", toml), 2, "does not know ap"),
        (("--aid", USER), 2, "go with SOURCES"),
    ):
        found, _, said = built(capsys, *arguments)
        assert (found, words in said) == (code, True), (arguments, found, said)
    assert not (project / "out").exists()


def test_it_is_the_same_file_from_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/One.java").write_text(source("One", "one"))
    built_file, converted, classes = tmp_path / "built.cap", tmp_path / "converted.cap", tmp_path / "classes"
    assert built(capsys, tmp_path / "src", "--aid", USER, "-o", built_file)[0] == 0
    for name, code in unpack(built_file.read_bytes()).items():
        if name.startswith(CLASSES_FOLDER):
            target = classes / name.removeprefix(CLASSES_FOLDER)
            target.parent.mkdir(parents=True)
            target.write_bytes(code)
    options = ["--aid", USER, "--applet", f"{USER}01=one.One", "-o", str(converted)]
    assert run(["cap", "convert", str(classes), *options]) == 0
    assert converted.read_bytes() == built_file.read_bytes()
