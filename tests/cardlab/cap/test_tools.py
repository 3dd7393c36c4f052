"""info, diff, exports and the commands around them."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cardlab.cap.container import LOAD_ORDER, Component, pack, unpack
from cardlab.cap.convert import Conversion, convert
from cardlab.cap.debug import SOURCE_MAP, debug_of, read_debug
from cardlab.cap.diff import differences
from cardlab.cap.errors import CapError, ExportFileError
from cardlab.cap.exportfile import read_exp, write_exp
from cardlab.cap.exports import builtin, platforms, read_exports
from cardlab.cap.info import as_json, lines
from cardlab.cap.reader import from_components, read_cap, write_cap
from cardlab.cli import run
from cardlab.cli.cap import command
from cardlab.cli.card.installing import InstallChoice
from cardlab.toolchain.cap_package import read_file
from cardlab.toolchain.carried import CLASSES_FOLDER
from cardlab.toolchain.executable import Executable
from tests.cardlab.cap.conftest import CompileAll
from tests.cardlab.cap.corpus import PLATFORM, Case

EXPORTS = builtin(PLATFORM)


def test_info(conversions: dict[str, Conversion]) -> None:
    conversion = conversions["crypto"]
    cap = read_cap(conversion.cap)
    facts = as_json(cap, EXPORTS, conversion.cap)
    assert facts["format"] == "2.1"
    names = [i["name"] for i in facts["imports"]]  # type: ignore[attr-defined]
    assert sorted(names) == ["java.lang", "javacard.framework", "javacard.security", "javacardx.crypto"]
    loaded = [
        conversion.components[t] for t in LOAD_ORDER if t in conversion.components and t is not Component.DESCRIPTOR
    ]
    assert facts["load_size"] == sum(map(len, loaded))
    block, whole = facts["load_file_data_block"], facts["file"]
    assert block["sha256"] == hashlib.sha256(b"".join(loaded)).hexdigest().upper()  # type: ignore[index]
    assert whole["sha256"] == hashlib.sha256(conversion.cap).hexdigest().upper()  # type: ignore[index]
    said = list(lines(cap, EXPORTS, conversion.cap))
    assert any("64 KB" in line for line in said)
    below = {line.partition("(")[0].strip(): said[n + 2].split()[1] for n, line in enumerate(said) if "hash of" in line}
    assert below == {
        "hash of the load file data block": block["sha256"],  # type: ignore[index]
        "hash of the CAP file": whole["sha256"],  # type: ignore[index]
    }


def test_a_cap_file_in_a_jar_is_found(conversions: dict[str, Conversion], tmp_path: Path) -> None:
    """As builds leave it, beside class files; every command reads files this way."""
    cap = conversions["minimal"].cap
    jar, two, plain = (tmp_path / name for name in ("lib.jar", "two.jar", "x.cap"))
    jar.write_bytes(pack({"a/B.class": bytes(2 << 20), "build/minimal.cap": cap, "x.exp": b""}, compressed=True))
    two.write_bytes(pack({"a.cap": cap, "b.cap": cap}))
    plain.write_bytes(cap)
    assert read_file(jar) == read_file(plain) == cap
    with pytest.raises(CapError, match=r"several CAP files: a\.cap, b\.cap"):
        read_file(two)
    for command_line in (("info", jar), ("verify", jar, "--api", PLATFORM), ("diff", jar, plain)):
        assert _run(*command_line)[0] == 0
    assert InstallChoice(None, None, None).of_file(jar).cap == cap


def test_one_of_several_cap_files_in_a_jar(conversions: dict[str, Conversion], tmp_path: Path) -> None:
    """`x.jar!one.cap`, for every command; a file that has such a name goes first."""
    small, large = conversions["minimal"].cap, conversions["crypto"].cap
    jar = tmp_path / "two.jar"
    jar.write_bytes(pack({"a/small.cap": small, "b/small.cap": large, "a/B.class": b""}))
    for name, cap in (("a/small.cap", small), ("b/small.cap", large)):
        assert read_file(Path(f"{jar}!{name}")) == cap
    assert _run("diff", f"{jar}!a/small.cap", f"{jar}!b/small.cap")[0] == 1
    assert _run("info", f"{tmp_path / 'none.jar'}!a.cap")[0] == 2
    for name, words in (("small.cap", "several: a/small.cap, b/small.cap"), ("c.cap", "no CAP file c.cap")):
        with pytest.raises(CapError, match=words) as caught:
            read_file(Path(f"{jar}!{name}"))
        assert "a/small.cap" in caught.value.hint
    plain = tmp_path / "odd!name.cap"
    plain.write_bytes(small)
    assert read_file(plain) == small
    (tmp_path / "odd").write_bytes(b"no archive")
    with pytest.raises(CapError, match="it is no archive"):
        read_file(tmp_path / "odd!x.cap")


def test_the_manifest_says_whether_the_card_must_have_int(conversions: dict[str, Conversion]) -> None:
    for name, said in (("ints", b"TRUE"), ("minimal", b"FALSE")):
        assert b"Java-Card-Integer-Support-Required: " + said in conversions[name].files["META-INF/MANIFEST.MF"]


def test_diff_names_what_differs(conversions: dict[str, Conversion]) -> None:
    first, second = read_cap(conversions["minimal"].cap), read_cap(conversions["crypto"].cap)
    found = {d.component for d in differences(first, second)}
    assert {"Header", "Import", "Method", "ConstantPool", "Applet"} <= found
    header = replace(first.header, package=replace(first.header.package, version=(2, 0)))
    other = from_components(replace(first, header=header).encode(), {}, first.folder)
    assert [str(d) for d in differences(first, other)] == ["Header: version (1, 0) / (2, 0)"]


def test_diff_sees_through_an_order_of_the_pool(conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions["minimal"].cap)
    swapped = replace(cap, pool=(cap.pool[1], cap.pool[0], *cap.pool[2:]))
    other = from_components(swapped.encode(), {}, cap.folder)
    assert "another order (2 moved)" in str(differences(cap, other)[0])


def test_platforms() -> None:
    sets = platforms()
    assert sets["3.0.4"]["javacard.framework"] == "1.5"
    assert sets["3.0.5"]["javacard.framework"] == "1.6"
    for platform in ("3.0.4", "3.0.5"):
        found = builtin(platform, "1.0").find("javacard/framework/APDU")
        assert found is not None
        assert found.token == 10
    with pytest.raises(ExportFileError, match=r"there are 3\.0\.4"):
        builtin("2.2.1")


def test_export_files_of_a_folder_replace_the_tables(tmp_path: Path) -> None:
    framework = EXPORTS.package("javacard/framework")
    assert framework is not None
    file = tmp_path / "javacard" / "framework" / "javacard" / "framework.exp"
    file.parent.mkdir(parents=True)
    file.write_bytes(write_exp(replace(framework, version=(1, 9))))
    found = EXPORTS.plus(read_exports(tmp_path).packages()).package("javacard/framework")
    assert found is not None
    assert found.version == (1, 9)
    jar, broken = tmp_path / "lib.jar", tmp_path / "lib.zip"
    jar.write_bytes(pack({"a/B.class": b"", "javacard/framework.exp": file.read_bytes()}, compressed=True))
    broken.write_bytes(b"no archive")
    for place in (tmp_path / "javacard", file, jar):
        assert [p.version for p in read_exports(place).packages()] == [(1, 9)], place
    options = [option for place in (file, jar) for option in ("--exports", place)]
    assert json.loads(_run("exports", "javacard.framework", *options)[1])["version"] == "1.9"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ExportFileError, match=r"no \.exp files below"):
        read_exports(empty)
    with pytest.raises(ExportFileError, match="neither an export file nor a jar"):
        read_exports(broken)


PARTS = {
    "tower/First.java": "package tower; public interface First { void first(); }",
    "tower/Last.java": "package tower; public interface Last { void last(); }",
    "tower/Middle.java": "package tower; public class Middle implements First { public void first() { } }",
    "tower/Top.java": "package tower; public class Top extends Middle implements Last { public void last() { } }",
    "tower/Plain.java": "package tower; public class Plain extends Top { }",
}


def test_an_export_file_names_inherited_interfaces(compile_sources: CompileAll) -> None:
    """JCVM 3.0.4, 5.7: another package sees from it what may be assigned to what."""
    raw = [f.read_bytes() for f in sorted(compile_sources(PARTS).rglob("*.class"))]
    export = convert(raw, bytes.fromhex("F000000001"), (1, 0), [], EXPORTS).export
    interfaces = {c.name: c.interfaces for c in export.classes}
    assert interfaces["tower/Middle"] == ("tower/First",)
    assert interfaces["tower/Top"] == interfaces["tower/Plain"] == ("tower/First", "tower/Last")
    assert read_exp(write_exp(export)) == export


def _run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(command, [str(a) for a in arguments])
    return done.exit_code, done.stdout + (str(done.exception) if done.exception else "")


def without_extras(file: Path) -> dict[str, bytes]:
    """The files of a CAP file, without class files and source map."""
    files = unpack(file.read_bytes())
    return {n: data for n, data in files.items() if n != SOURCE_MAP and not n.startswith(CLASSES_FOLDER)}


def test_commands(corpus_classes: Path, conversions: dict[str, Conversion], tmp_path: Path) -> None:
    case = Case("minimal", corpus_classes)
    cap, exp = tmp_path / "a.cap", tmp_path / "a.exp"
    applet = f"{case.applets[0][0].hex()}=minimal.Minimal"
    options = ("--aid", case.aid.hex(), "--applet", applet, "-o", cap, "--exp", exp, "--platform", PLATFORM)
    assert _run("convert", corpus_classes / "minimal", *options) == (0, "")
    made = conversions["minimal"]
    assert without_extras(cap) == unpack(made.cap)
    assert debug_of({}, unpack(cap.read_bytes())) == read_debug(made.debug)
    assert Executable.from_cap(cap.read_bytes()).data_block == read_cap(made.cap).load_file()
    bare = tmp_path / "bare.cap"
    leave_out = ("-o", bare, "--no-classes", "--no-source-map")
    assert _run("convert", corpus_classes / "minimal", *options, *leave_out) == (0, "")
    assert bare.read_bytes() == made.cap
    assert read_exp(exp.read_bytes()) == conversions["minimal"].export
    code, text = _run("info", cap, "--disassemble")
    assert code == 0
    assert "invokespecial" in text
    code, text = _run("info", cap, "--json")
    assert json.loads(text)["applets"] == [case.applets[0][0].hex().upper()]
    assert _run("verify", cap, "--platform", PLATFORM) == (0, "sound\n")
    assert _run("diff", cap, cap) == (0, "all components are equal\n")
    other = tmp_path / "b.cap"
    other.write_bytes(conversions["crypto"].cap)
    assert _run("diff", cap, other)[0] == 1
    code, text = _run("exports")
    assert "javacard.framework" in text
    code, text = _run("exports", "org.globalplatform", "--gp", "1.0")
    assert json.loads(text)["version"] == "1.0"


DAMAGED = {
    "empty": b"",
    "other": b"PK\x03\x04 not a CAP file",
    "archive": pack({"a.txt": b"nothing of a CAP file"}),
    "component": pack({"p/javacard/Header.cap": b"\x01\x00\x00"}),
}


def _jpki(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """`jpki cap`, with its exit code and its words for people; a traceback would be raised here."""
    code = run(["cap", *map(str, arguments)])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("name", [*DAMAGED, "half"])
def test_commands_on_damaged_files(
    name: str, conversions: dict[str, Conversion], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.cap", tmp_path / "bad.cap"
    raw = conversions["minimal"].cap
    good.write_bytes(raw)
    bad.write_bytes(DAMAGED.get(name, raw[: len(raw) // 2]))
    for arguments in (("info", bad), ("info", "--disassemble", bad), ("verify", bad), ("diff", good, bad)):
        code, said = _jpki(capsys, *arguments)
        assert code == 4, said
        assert said.startswith("cardlab: ")


def test_a_file_that_is_not_sound(
    conversions: dict[str, Conversion], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cap = read_cap(conversions["minimal"].cap)
    file = tmp_path / "unsound.cap"
    install = replace(cap.applets[0], install=cap.applets[0].install + 1)
    file.write_bytes(write_cap(replace(cap, applets=(install,))))
    assert _jpki(capsys, "verify", file) == (
        9,
        f"cardlab: {file}: 1 fault\n         convert it again, or do not load it\n",
    )


def test_convert_says_what_is_wrong_and_writes_nothing(
    corpus_classes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes, broken, nothing, exports = (tmp_path / n for n in ("classes", "broken", "nothing", "exports"))
    out = tmp_path / "out.cap"
    out.write_bytes(b"before")
    shutil.copytree(corpus_classes / "minimal", classes)
    shutil.copytree(classes, broken)
    (broken / "Minimal.class").write_bytes(b"\xca\xfe\xba\xbe\x00")
    nothing.mkdir()
    exports.mkdir()
    (exports / "bad.exp").write_bytes(b"\x00\xfa\xca\xde")
    aid = ("--aid", "F000000001", "-o", out)
    for arguments, code, words in (
        ((broken, *aid), 5, "Minimal.class: "),
        ((nothing, *aid), 2, "no class files"),
        ((classes, *aid, "--exports", exports), 5, "bad.exp"),
        ((classes, *aid, "--platform", "2.2.1"), 5, "no token tables for 2.2.1"),
        ((classes, *aid, "--applet", "F00000000101=minimal.Maximal"), 5, "not among the class files"),
        ((classes, *aid, "--applet", "F00000000101"), 2, "AID=class"),
        ((classes, *aid, "--version", "one"), 2, "no version"),
        ((classes, "--aid", "F0", "-o", out), 5, "5 to 16"),
        ((classes, "--aid", "xx", "-o", out), 2, "no AID in hex"),
        ((classes, "--aid", "F000000001", "-o", tmp_path / "away" / "x.cap"), 2, "cannot be written"),
        ((tmp_path / "away", *aid), 2, "does not exist"),
    ):
        found, said = _jpki(capsys, "convert", *arguments)
        assert (found, words in said) == (code, True), (arguments, found, said)
        assert out.read_bytes() == b"before"
