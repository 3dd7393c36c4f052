"""What cannot be built, read or kept is refused before anything is made, with what to do about it."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cardlab.classfile.classfile import AccessFlag, read_class
from cardlab.errors import BuildError, IntegrityError, UsageError
from cardlab.toolchain import jars, places
from cardlab.toolchain.cap_package import read_package_file
from cardlab.toolchain.capbuild.applets import found_applets
from cardlab.toolchain.capbuild.build import build
from cardlab.toolchain.capbuild.plan import PackagePlan, Plan
from cardlab.toolchain.capbuild.settings import aid_of, api_version, read_settings, version_of
from cardlab.toolchain.workbench import CompileOrder, working_at
from tests.cardlab.cap.handmade import class_file

AID = bytes.fromhex("F000000001")
APPLET = "javacard/framework/Applet"
INSTALL = "([BSB)V"

TABLE = '[tool.cardlab.cap]\n{}\n[[tool.cardlab.cap.package]]\naid = "F000000001"\n{}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.cardlab]", " has no table [tool.cardlab.cap]"),
        ("tool = 1", " has no table [tool.cardlab.cap]"),
        ("[tool", " cannot be read: "),
        (TABLE.format("globalplatform = 1", ""), "[tool.cardlab.cap] globalplatform is not a text"),
        (TABLE.format("classes = 1", ""), "[tool.cardlab.cap] classes is not true or false"),
        (TABLE.format("sources = 1", ""), "[tool.cardlab.cap] sources is not a list of texts"),
        (TABLE.format("exports = [1]", ""), "[tool.cardlab.cap] exports is not a list of texts"),
        (TABLE.format("", "applets = 1"), "[tool.cardlab.cap.package, number 1] applets is not a table of class = AID"),
        (
            "[tool.cardlab.cap]",
            "[tool.cardlab.cap] package is not a list of tables: write [[tool.cardlab.cap.package]]",
        ),
        (TABLE.format("", "name = false"), "[tool.cardlab.cap.package, number 1] name is not a text"),
        (TABLE.format("", "version = '1'"), "'1' is no version"),
    ],
)
def test_tables_that_say_nothing_to_build(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(TABLE.format("", ""), encoding="utf-8")
    assert read_settings(file).plan.packages[0].aid == AID
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_settings(file)
    assert said in str(refused.value)
    assert refused.value.hint


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.toml cannot be read: ") as refused:
        read_settings(tmp_path / "none.toml")
    assert refused.value.hint == "name a pyproject.toml, or sources and --aid"


@pytest.mark.parametrize(
    ("reads", "text", "said"),
    [
        (api_version, "2.2", "2.2"),
        (aid_of, "F00", "F00"),
        (aid_of, "F0", "AID F0 has 1 bytes"),
        (version_of, "1", "'1' is no version"),
        (version_of, "1.256", "'1.256' is no version"),
    ],
)
def test_values_of_a_build_that_are_none(reads: Callable[[str], object], text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        reads(text)
    assert refused.value.hint


def test_no_room_for_the_aids_of_applets() -> None:
    """They would have a byte behind the package's, which has as many as an AID can (ISO/IEC 7816-4, 8.2.1.2)."""
    raw = class_file(
        b"\xb1", INSTALL, parent=APPLET, method="install", method_access=AccessFlag.PUBLIC | AccessFlag.STATIC
    )
    files = [read_class(raw)]
    assert found_applets(AID, files) == ((AID + b"\1", "hand.Hand"),)
    with pytest.raises(UsageError, match=rf"hand.Hand: no room for AIDs behind the package's {'F0' * 16}") as refused:
        found_applets(b"\xf0" * 16, files)
    assert refused.value.hint == "name each as AID=class"


class _Empty:
    """A bench at which whatever is compiled becomes what is in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def classes(self, order: CompileOrder) -> Path:
        return self._folder

    def converting(self, request: object) -> None:
        """Nothing is."""


def test_sources_without_a_class(tmp_path: Path) -> None:
    source, nothing = tmp_path / "package-info.java", tmp_path / "classes"
    source.write_text("package a;", encoding="utf-8")
    with (
        working_at(_Empty(nothing)),
        pytest.raises(BuildError, match=r"^the sources declare no class") as refused,
    ):
        build(Plan((source,), (PackagePlan(AID),)))
    assert refused.value.hint == "name the folder in which the package's folders begin"


def test_a_file_that_is_no_cap_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.cap"
    file.write_bytes(b"no archive")
    with pytest.raises(IntegrityError, match=rf"^{file}: not a CAP file: ") as refused:
        read_package_file(file)
    assert refused.value.hint == "name a CAP file"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file is where a folder above it should be; nobody's rights would help."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match=f"{file / 'made'} cannot be written: ") as refused:
        places.make_folder(file / "made")
    assert "XDG_CACHE_HOME names another" in refused.value.hint


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_no_jar(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock.json"
    digest = hashlib.sha256(b"good").hexdigest()
    lock.write_text(json.dumps({"thing": {"coordinate": "org.example:thing:1.2", "sha256": digest}}))

    def full(coordinate: str, folder: Path) -> Path:
        raise OSError(number, "the disk takes nothing", str(folder / "thing.jar"))

    monkeypatch.setattr(jars, "download", full)
    with pytest.raises(UsageError, match=r"thing.jar cannot be written: the disk takes nothing") as refused:
        jars.jar("thing", lock=lock, environ={"M2_REPO": str(tmp_path / "m2")})
    assert "M2_REPO for jars" in refused.value.hint
    assert [one for one in (tmp_path / "m2").rglob("*") if one.is_file()] == []
