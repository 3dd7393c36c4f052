"""Java Card kits: what a folder holds, what Ant and the verifier say, where ant-javacard comes from.

The last class builds with a real kit. It runs where JC_HOME and ANT_JAVACARD_JAR name one; kits cannot be shipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cardlab.cap.exportfile import read_exp
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.errors import BuildError, HarnessError, IntegrityError, MissingDependencyError, UsageError
from cardlab.toolchain import jars, places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.java import find_java
from cardlab.toolchain.kit import ant_javacard, build
from cardlab.toolchain.kit.development_kit import Kit, class_file_version, read_kit
from cardlab.toolchain.kit.imports import Imports, globalplatform
from cardlab.toolchain.kit.verifier import read_verdict, verify
from jpki.client.constants import APPLET_CLASS, MODULE_AID, PACKAGE_AID, PACKAGE_VERSION
from jpki.package import jpki_executable
from jpki.sources import APPLET_GLOBALPLATFORM, applet_folder, compile_applet

PROPERTIES = "com/sun/javacard/toolsversion.properties"
BUILD_FILE = applet_folder() / "build.xml"
JAR_VARIABLE = "ANT_JAVACARD_JAR"


def make_kit(folder: Path, version: str, *, year: int = 2020, apis: tuple[str, ...] = ()) -> Path:
    """A folder laid out like a kit whose tools call themselves ``version``, with the API of these platforms."""
    (folder / "lib").mkdir(parents=True)
    with zipfile.ZipFile(folder / "lib" / "tools.jar", "w") as archive:
        text = (
            f"copyright.banner=Copyright (c) 1998, {year}, Oracle and/or its affiliates.\nconverter.version={version}\n"
        )
        archive.writestr(PROPERTIES, text)
    for api in apis:
        (folder / "lib" / f"api_classic-{api}.jar").touch()
    return folder


class TestRecognition:
    @pytest.mark.parametrize(
        ("version", "year", "apis", "name", "newest", "built_for"),
        [
            ("3.0.4", 2011, (), "3.0.4", 50, "3.0.4"),
            ("3.0.5", 2018, (), "3.0.5u3", 51, "3.0.5"),
            ("3.0.5", 2020, (), "3.0.5u4", 51, "3.0.5"),
            ("3.0.5", 2015, (), "3.0.5", 51, "3.0.5"),
            ("3.1.0", 2021, ("3.1.0", "3.0.5", "3.0.4"), "3.1.0", 51, "3.0.4"),
            ("24.1", 2024, ("3.0.4", "3.0.5", "3.1.0", "3.2.0"), "3.2.0 (24.1)", 51, "3.0.4"),
            ("25.1", 2025, ("3.0.4", "3.0.5", "3.1.0", "3.2.0"), "3.2.0 (25.1)", 52, "3.0.4"),
            ("99.9", 2031, ("3.2.0", "4.0.0"), "4.0.0 (99.9)", None, "3.2.0"),
        ],
    )
    def test_release_platforms_and_newest_class_file(
        self,
        tmp_path: Path,
        version: str,
        year: int,
        apis: tuple[str, ...],
        name: str,
        newest: int | None,
        built_for: str,
    ) -> None:
        kit = read_kit(make_kit(tmp_path / "kit", version, year=year, apis=apis))
        assert (kit.name, kit.newest_class_file) == (name, newest)
        assert kit.platforms == tuple(sorted(apis)) or kit.platforms == (version,)
        assert kit.platform() == built_for
        assert kit.asks_for_target is bool(apis)

    def test_platform_that_the_kit_lacks(self, tmp_path: Path) -> None:
        kit = read_kit(make_kit(tmp_path, "25.1", apis=("3.0.4", "3.0.5")))
        assert kit.platform("3.0.5") == "3.0.5"
        with pytest.raises(UsageError, match=r"3\.1\.0") as caught:
            kit.platform("3.1.0")
        assert "3.0.4, 3.0.5" in caught.value.hint

    def refusal(self, folder: Path) -> HarnessError:
        with pytest.raises(HarnessError) as caught:
            read_kit(folder)
        return caught.value

    def test_no_kit_tells_which_to_get_and_where_to_put_it(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        for folder in (tmp_path / "nowhere", tmp_path / "empty"):
            refused = self.refusal(folder)
            assert isinstance(refused, MissingDependencyError)
            assert str(folder) in str(refused)
            assert all(word in refused.hint for word in ("25.1", "Oracle", "jc320v25.1_kit", "--kit", "JC_HOME"))

    def test_folder_of_kits_names_them(self, tmp_path: Path) -> None:
        make_kit(tmp_path / "jc304_kit", "3.0.4")
        make_kit(tmp_path / "jc305u4_kit", "3.0.5")
        refused = self.refusal(tmp_path)
        assert "jc304_kit, jc305u4_kit" in str(refused)
        assert str(tmp_path / "jc305u4_kit") in refused.hint

    @pytest.mark.parametrize("jar", ["lib/converter.jar", "bin/converter.jar", "lib/api21.jar"])
    def test_kit_of_java_card_2(self, tmp_path: Path, jar: str) -> None:
        (tmp_path / jar).parent.mkdir()
        (tmp_path / jar).touch()
        assert "Java Card 2" in str(self.refusal(tmp_path))

    def test_kit_that_is_too_old(self, tmp_path: Path) -> None:
        assert "3.0.3" in str(self.refusal(make_kit(tmp_path, "3.0.3")))

    def test_first_release_of_3_1(self, tmp_path: Path) -> None:
        make_kit(tmp_path, "3.1.0", apis=("3.0.4", "3.1.0"))
        (tmp_path / "api_export_files_3.0.4").mkdir()
        assert "first release of 3.1.0" in str(self.refusal(tmp_path))

    def test_tools_jar_of_an_old_jdk(self, tmp_path: Path) -> None:
        (tmp_path / "lib").mkdir()
        with zipfile.ZipFile(tmp_path / "lib" / "tools.jar", "w") as archive:
            archive.writestr("com/sun/tools/javac/Main.class", b"")
        assert "JDK" in str(self.refusal(tmp_path))

    def test_damaged_tools_jar(self, tmp_path: Path) -> None:
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "tools.jar").write_bytes(b"PK\x03\x04 and no more")
        assert isinstance(self.refusal(tmp_path), IntegrityError)

    def test_class_files_that_are_too_new_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "A.java").write_text("class A {}")
        old, new = (compile_java(tmp_path / "A.java", tmp_path / target, target=target) for target in ("1.6", "17"))
        assert (class_file_version(old / "A.class"), class_file_version(new / "A.class")) == (50, 61)
        kit = Kit(tmp_path, "25.1", ("3.0.4", "3.2.0"), 52)
        kit.check_class_files(old.rglob("*.class"))
        Kit(tmp_path, "99.9", ("3.0.4", "4.0.0"), None).check_class_files(new.rglob("*.class"))
        with pytest.raises(BuildError, match=r"A\.class has class file version 61") as caught:
            kit.check_class_files(new.rglob("*.class"))
        assert "Java 8" in caught.value.hint
        with pytest.raises(IntegrityError):
            class_file_version(tmp_path / "A.java")


PASSED = """Nov 21, 2026 11:10:39 AM \x20
INFO: Digest for jpki/applet/javacard/Header.cap\t\t[SHA-256: 33adbde3]
Nov 21, 2026 11:10:39 AM \x20
INFO: Verification completed with 0 warnings and 0 errors.
"""
REFUSED_TWICE = """INFO: Verifying CAP file bad.cap
Nov 21, 2026 11:10:38 AM \x20
SEVERE: Error: In method Descriptor[150]/Method[168]:
At PC 27:
Type mismatch: expected short, got <class ref 20>
Verification completed with 0 warnings and 1 error.
Error: In method Descriptor[150]/Method[168]:
At PC 27:
Type mismatch: expected short, got <class ref 20>
Verification completed with 0 warnings and 1 error.
"""
REFUSED = """[ INFO ] Verifying CAP file bad.cap
[ SEVERE ] Error: Version number mismatch on imported package javacard/framework (AID a0:0:0:0:62:1:1):
imported version is 1.6, export file version is 1.5
Verification completed with 2 warnings and 1 error.
"""


class TestVerdict:
    """Recorded from kits 3.0.5u3, 3.0.4 and 3.2 (25.1); the last ended with exit code 0."""

    def test_passed(self) -> None:
        verdict = read_verdict(PASSED)
        assert verdict.passed
        assert (verdict.errors, verdict.warnings, verdict.complaints) == (0, 0, ())

    def test_refused_and_said_twice(self) -> None:
        verdict = read_verdict(REFUSED_TWICE)
        assert not verdict.passed
        (complaint,) = verdict.complaints
        assert complaint.startswith("In method Descriptor[150]/Method[168]: At PC 27: Type mismatch")

    def test_refused_with_warnings(self) -> None:
        verdict = read_verdict(REFUSED)
        assert (verdict.errors, verdict.warnings) == (1, 2)
        assert verdict.complaints[0].endswith("imported version is 1.6, export file version is 1.5")

    @pytest.mark.parametrize("said", ["", "Exception in thread main", "Verification completed", PASSED[:60]])
    def test_no_verdict_is_not_a_good_one(self, said: str) -> None:
        with pytest.raises(BuildError, match="no verdict"):
            read_verdict(said)

    @pytest.mark.parametrize(("apis", "target"), [((), []), (("3.0.4", "3.0.5"), ["-target", "3.0.4"])])
    def test_words_count_and_the_exit_code_does_not(
        self, tmp_path: Path, apis: tuple[str, ...], target: list[str]
    ) -> None:
        """A program in the verifier's place that refuses, ends with 0, and repeats what it was told."""
        kit = make_kit(tmp_path / "kit", "25.1" if apis else "3.0.4", apis=apis)
        source = tmp_path / "Verifier.java"
        source.write_text(
            "package com.sun.javacard.offcardverifier;\n"
            'public class Verifier { public static void main(String[] told) { System.err.println("Error: "'
            ' + String.join("|", told) + "\\nVerification completed with 0 warnings and 1 error."); } }'
        )
        classes = compile_java(source, tmp_path / "classes", target="17")
        with zipfile.ZipFile(kit / "lib" / "tools.jar", "a") as archive:
            for one in classes.rglob("*.class"):
                archive.write(one, one.relative_to(classes))
        api = kit / "api_export_files" / "javacard" / "framework" / "javacard" / "framework.exp"
        api.parent.mkdir(parents=True)
        api.touch()
        verdict = verify(read_kit(kit), tmp_path / "x.cap", [tmp_path / "y.exp"])
        assert not verdict.passed
        told = ["-nobanner", *target, str(api), str(tmp_path / "y.exp"), str(tmp_path / "x.cap")]
        assert verdict.complaints == ("|".join(told),)


OLD_CONVERTER = """cap:
 [javacard] INFO: using JavaCard 3.0.4 SDK in /kits/jc304_kit with JDK 17
  [convert] error: p.A: unsupported type long of field y.\x20
  [convert] error: line 7: p.A: unsupported long type constant.

BUILD FAILED
/x/applet/build.xml:60: Java returned: 1

Total time: 1 second
"""
NEW_CONVERTER = """cap:
  [convert] Nov 21, 2026 11:16:32 AM \x20
  [convert] WARNING: Export file /x/globalplatform.exp is in an older export file format.
  [convert] Nov 21, 2026 11:16:32 AM \x20
  [convert] SEVERE: p.A: unsupported type long of field y.\x20
  [convert] Nov 21, 2026 11:16:32 AM \x20
  [convert] SEVERE: error: line 7:\x20
  [convert] Nov 21, 2026 11:16:32 AM \x20
  [convert] SEVERE: p.A: unsupported long type constant.

BUILD FAILED
/x/applet/build.xml:60: CAP file not generated, check conversion for errors!

Total time: 1 second
"""
WRONG_JDK = """
BUILD FAILED
/x/applet/build.xml:60: Can't use JDK 17 with JavaCard kit 3.0.4 (use JDK 11)

PLEASE READ https://github.com/martinpaljak/ant-javacard#readme

Total time: 1 second
"""


class TestAnt:
    @pytest.mark.parametrize("output", [OLD_CONVERTER, NEW_CONVERTER], ids=["3.0.4", "3.2 (25.1)"])
    def test_every_complaint_of_the_converter_is_reported(self, output: str) -> None:
        """Recorded with ant-javacard v25.12.01."""
        failure = ant_javacard.failure(output)
        assert isinstance(failure, BuildError)
        assert str(failure).splitlines() == [
            "the kit's converter: p.A: unsupported type long of field y.",
            "line 7: p.A: unsupported long type constant.",
        ]

    def test_refused_java(self) -> None:
        failure = ant_javacard.failure(WRONG_JDK)
        assert str(failure) == "Can't use JDK 17 with JavaCard kit 3.0.4 (use JDK 11)"
        assert "JAVA_HOME" in failure.hint

    def test_ant_that_dies_otherwise(self) -> None:
        assert "cannot start" in str(ant_javacard.failure("cannot start"))
        assert str(ant_javacard.failure(""))

    def test_build_file_says_what_is_missing(self, tmp_path: Path) -> None:
        """The real build.xml in a real Ant, one thing after the other put in place."""
        kit, exports = tmp_path / "kit", tmp_path / "exports"
        properties: dict[str, str | Path] = {"globalplatform.exports": exports, "ant.javacard.jar": tmp_path / "no.jar"}

        def reason() -> str:
            environ = {name: value for name, value in os.environ.items() if name not in ("JC_HOME", JAR_VARIABLE)}
            with pytest.raises(HarnessError) as caught:
                ant_javacard.run(BUILD_FILE, properties, find_java(), environ)
            return str(caught.value)

        assert "which Java Card kit?" in reason()
        properties["jc.home"] = kit
        assert reason() == f"there is no Java Card kit in {kit}: it has no lib/tools.jar"
        make_kit(kit, "3.0.4")
        assert f"there is no org.globalplatform in {exports}" in reason()
        shutil.copytree(globalplatform(APPLET_GLOBALPLATFORM).exports, exports)
        assert f"there is no task pro.javacard.ant.JavaCard in {tmp_path / 'no.jar'}" in reason()

    def test_build_file_names_the_applet_that_the_harness_installs(self) -> None:
        caps = ElementTree.parse(BUILD_FILE).getroot().findall(".//cap")  # noqa: S314 - our own file
        assert [("classes" in cap.attrib, "sources" in cap.attrib) for cap in caps] == [(True, False), (False, True)]
        for cap in caps:
            applet = cap.find("applet")
            assert applet is not None
            assert bytes.fromhex(cap.attrib["aid"]) == PACKAGE_AID
            assert cap.attrib["version"] == ".".join(map(str, PACKAGE_VERSION))
            assert (bytes.fromhex(applet.attrib["aid"]), applet.attrib["class"]) == (MODULE_AID, APPLET_CLASS)
            assert cap.attrib["package"] == APPLET_CLASS.rpartition(".")[0]

    def test_installed_ant_is_preferred(self, tmp_path: Path) -> None:
        java = find_java()
        locked = ant_javacard.ant_command(java, {"PATH": ""})
        assert str(jars.jar("ant-launcher")) in locked[2]
        launcher = tmp_path / "lib" / "ant-launcher.jar"
        launcher.parent.mkdir()
        launcher.touch()
        assert ant_javacard.ant_command(java, {"PATH": "", "ANT_HOME": str(tmp_path)})[2] == str(launcher)
        script = tmp_path / "bin" / "ant"
        script.parent.mkdir()
        script.touch(mode=0o755)
        if os.name != "nt":  # the name of the script is another one there
            assert ant_javacard.ant_command(java, {"PATH": str(script.parent)})[2] == str(launcher)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address that a web server on this machine offers it at."""
    folder = tmp_path / "page"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def make_jar(path: Path, entry: str = "pro/javacard/ant/JavaCard.class") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"")
    return path


class TestAntJavacard:
    def test_named_jar(self, tmp_path: Path) -> None:
        jar = make_jar(tmp_path / "mine.jar")
        assert ant_javacard.find_jar(jar, {"PATH": ""}) == jar
        with pytest.raises(MissingDependencyError, match="nowhere"):
            ant_javacard.find_jar(tmp_path / "nowhere.jar", {"PATH": ""})
        with pytest.raises(IntegrityError, match="is not ant-javacard"):
            ant_javacard.find_jar(make_jar(tmp_path / "other.jar", "some/thing.class"))
        (tmp_path / "text.jar").write_text("hello")
        with pytest.raises(IntegrityError, match=r"text\.jar"):
            ant_javacard.find_jar(tmp_path / "text.jar")

    def test_path_goes_before_the_folders_of_ant(self, tmp_path: Path, home: Path) -> None:
        users = make_jar(home / ".ant" / "lib" / "ant-javacard-v1.jar")
        environ = {"PATH": str(tmp_path / "bin"), "ANT_HOME": str(tmp_path / "ant")}
        assert ant_javacard.find_jar(environ=environ) == users
        installed = make_jar(tmp_path / "ant" / "lib" / "ant-javacard.jar")
        assert ant_javacard.find_jar(environ=environ) == installed
        on_path = make_jar(tmp_path / "bin" / "ant-javacard.jar")
        assert ant_javacard.find_jar(environ=environ) == on_path

    def test_pinned_hash_is_whole(self) -> None:
        assert len(bytes.fromhex(ant_javacard.RELEASE_SHA256)) == 32
        assert f"/{ant_javacard.RELEASE}/" in ant_javacard.RELEASE_URL

    def test_download_is_kept_and_hashed_on_every_use(self, tmp_path: Path, page: tuple[Path, str]) -> None:
        folder, address = page
        content = make_jar(folder / "a.jar").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        path = ant_javacard.release_jar(tmp_path / "cache", f"{address}/a.jar", digest)
        assert path.read_bytes() == content
        (folder / "a.jar").unlink()
        assert ant_javacard.release_jar(tmp_path / "cache", f"{address}/a.jar", digest) == path
        path.write_bytes(content + b"x")
        with pytest.raises(IntegrityError, match=digest):
            ant_javacard.release_jar(tmp_path / "cache", f"{address}/a.jar", digest)

    def test_wrong_download_is_not_kept(self, tmp_path: Path, page: tuple[Path, str]) -> None:
        make_jar(page[0] / "a.jar")
        with pytest.raises(IntegrityError, match="not the jar that was pinned"):
            ant_javacard.release_jar(tmp_path / "cache", f"{page[1]}/a.jar", "00" * 32)
        assert list((tmp_path / "cache").iterdir()) == []

    @pytest.mark.parametrize("url", ["{page}/nothing.jar", "http://127.0.0.1:9/a.jar"], ids=["404", "no connection"])
    def test_no_download_says_what_to_do(self, tmp_path: Path, page: tuple[Path, str], url: str) -> None:
        url = url.format(page=page[1])
        with pytest.raises(MissingDependencyError, match="could not be downloaded") as caught:
            ant_javacard.release_jar(tmp_path / "cache", url, "00" * 32)
        assert all(word in caught.value.hint for word in (url, "--ant-javacard", JAR_VARIABLE))


class TestImports:
    def test_export_file_is_the_token_table(self) -> None:
        table = builtin(globalplatform=APPLET_GLOBALPLATFORM).package("org/globalplatform")
        assert read_exp(globalplatform(APPLET_GLOBALPLATFORM).export_file.read_bytes()) == table

    def test_our_own_cap_file_imports_the_same(self) -> None:
        """Else the kit's verifier refuses it, and so does every card with an older API."""
        imports = {one.aid: one.version for one in read_cap(jpki_executable().cap).imports}
        assert imports[bytes.fromhex("A00000015100")] == (1, 0)
        assert APPLET_GLOBALPLATFORM == "1.0"

    def test_jar_is_what_an_applet_compiles_against(self, tmp_path: Path) -> None:
        made = globalplatform(APPLET_GLOBALPLATFORM)
        source = tmp_path / "A.java"
        source.write_text(
            "class A { short f(javacard.framework.APDU apdu) {"
            " return org.globalplatform.GPSystem.getSecureChannel().processSecurity(apdu); } }"
        )
        compile_java(source, tmp_path / "classes", classpath=[made.jar, jars.jar("jcardsim")])
        with zipfile.ZipFile(made.jar) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        assert content.pop("org/globalplatform/javacard/globalplatform.exp") == made.export_file.read_bytes()
        assert {int.from_bytes(one[6:8]) for one in content.values()} == {50}

    def test_nothing_is_written_twice(self) -> None:
        first = globalplatform(APPLET_GLOBALPLATFORM)
        times = [one.stat().st_mtime_ns for one in (first.jar, first.export_file)]
        assert [
            one.stat().st_mtime_ns for one in (globalplatform(APPLET_GLOBALPLATFORM).jar, first.export_file)
        ] == times


def test_command_line(tmp_path: Path, home: Path) -> None:
    """``--kit`` goes before JC_HOME; nothing is printed as a result when there is no kit."""
    command = [sys.executable, "-m", "jpki.cli", "applet", "--json"]
    for arguments, environ in ((["--kit", "x"], {"JC_HOME": "y"}), ([], {"JC_HOME": "x"})):
        answer = subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == MissingDependencyError.exit_code
        assert json.loads(answer.stdout)["error"]["message"] == "there is no folder x"


CAP_NAME = "jpki-kit.cap"
KIT, JAR = os.environ.get("JC_HOME"), os.environ.get(JAR_VARIABLE)


def given() -> build.KitInput:
    return build.KitInput(compile_applet(), BUILD_FILE, APPLET_GLOBALPLATFORM, CAP_NAME)


@pytest.fixture(scope="module")
def made() -> build.KitBuild:
    assert KIT is not None
    assert JAR is not None
    return build.build_with_kit(given(), Path(KIT), Path(JAR))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ours") / "jpki.cap"
    path.write_bytes(jpki_executable().cap)
    return path


@pytest.mark.slow
@pytest.mark.skipif(not (KIT and JAR), reason=f"JC_HOME and {JAR_VARIABLE} do not name a kit and ant-javacard.jar")
class TestRealKit:
    def test_applet_is_sound_and_small(self, made: build.KitBuild) -> None:
        assert made.verdict.passed
        assert made.load_size < 20 * 1024
        assert made.cap == places.build_folder() / CAP_NAME

    def test_our_converter_makes_the_same(self, made: build.KitBuild, ours: Path) -> None:
        compared = build.compare(ours, made)
        assert compared.verdict.passed
        assert bool(compared.differences) == bool(compared.reasons)
        if made.kit.asks_for_target:  # kits for one platform are for another one, or older than the rest
            assert compared.differences == ()

    def test_damaged_cap_is_refused(self, made: build.KitBuild, tmp_path: Path) -> None:
        """A reference in a method points elsewhere."""
        damaged = tmp_path / "damaged.cap"
        with zipfile.ZipFile(made.cap) as archive, zipfile.ZipFile(damaged, "w") as out:
            for name in archive.namelist():
                content = bytearray(archive.read(name))
                if name.endswith("/ConstantPool.cap"):
                    content[5] ^= 0x7F
                out.writestr(name, bytes(content))
        assert not verify(made.kit, damaged, [made.imports.export_file], platform=made.platform).passed
        with pytest.raises(BuildError, match=r"refuses damaged\.cap \(1 errors"):
            build.require_sound(made.kit, damaged, made.imports, made.platform)

    def test_unsound_import_changes_nothing(self, made: build.KitBuild, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the export file of org.globalplatform the converter fails, and the CAP file of before stays."""
        before = made.cap.read_bytes()
        empty = made.cap.parent / "globalplatform" / "classes"  # a folder without export files
        monkeypatch.setattr(build, "globalplatform", lambda version: Imports(empty, made.imports.jar))
        with pytest.raises(HarnessError, match=r"org\.globalplatform"):
            build.build_with_kit(given(), made.kit.folder, made.ant_javacard)
        assert made.cap.read_bytes() == before

    def test_sources_where_there_is_a_jdk(self, made: build.KitBuild, tmp_path: Path) -> None:
        java = find_java()
        if not (java.executable.with_name("javac").is_file() and made.kit.asks_for_target and java.major <= 17):
            pytest.skip("needs a JDK up to 17 and a kit for several platforms")
        output = tmp_path / "new" / "sources.cap"
        properties: dict[str, str | Path] = {
            "jc.home": made.kit.folder, "ant.javacard.jar": made.ant_javacard, "output": output,
        }  # fmt: skip
        ant_javacard.run(BUILD_FILE, properties, java)
        assert verify(made.kit, output, [made.imports.export_file]).passed
