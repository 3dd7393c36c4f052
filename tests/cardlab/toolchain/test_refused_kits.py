"""What a kit's programs may do that no kit should: nothing of it is taken for a CAP file, or for a verdict."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cardlab.errors import BuildError
from cardlab.toolchain import places
from cardlab.toolchain.java import Java
from cardlab.toolchain.kit import ant_javacard, build, verifier
from cardlab.toolchain.kit.build import KitInput, build_with_kit, require_sound
from cardlab.toolchain.kit.development_kit import Kit, read_kit
from cardlab.toolchain.kit.imports import Imports
from cardlab.toolchain.kit.verifier import Verdict, verify
from tests.cardlab.toolchain.test_kit import make_kit

IMPORTS = Imports(Path("exports"), Path("globalplatform.jar"))


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return read_kit(make_kit(tmp_path / "kit", "3.0.4"))


def test_a_verifier_that_does_not_end(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "_LONGEST", 0.05)
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="ascii")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    java = Java(program, tmp_path / "libjvm.so", "17", "here")
    with pytest.raises(BuildError, match=r"^the kit's verifier took more than 0 s over x.cap") as told:
        verify(kit, Path("x.cap"), java=java)
    assert told.value.hint == "is the file a CAP file?"


def test_a_cap_file_that_the_verifier_refuses(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Verdict(2, 1, ("a component is missing", "a token is wrong"))
    monkeypatch.setattr(build, "verify", lambda *_, **__: found)
    with pytest.raises(BuildError) as told:
        require_sound(kit, Path("x.cap"), IMPORTS)
    assert str(told.value).splitlines() == [
        "the verifier of the kit 3.0.4 refuses x.cap (2 errors, 1 warnings):",
        "a component is missing",
        "a token is wrong",
    ]
    assert "is not to be loaded" in told.value.hint


def test_an_ant_that_makes_nothing_and_ends_well(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was built before stays."""
    monkeypatch.setattr(places, "build_folder", lambda: tmp_path / "build")
    monkeypatch.setattr(build, "globalplatform", lambda version: IMPORTS)
    monkeypatch.setattr(ant_javacard, "run", lambda *_: None)
    monkeypatch.setattr(ant_javacard, "find_jar", lambda jar: jar)
    before = tmp_path / "build" / "made.cap"
    before.parent.mkdir()
    before.write_bytes(b"before")
    jar = tmp_path / "ant-javacard.jar"
    jar.touch()
    given = KitInput(tmp_path / "classes", tmp_path / "build.xml", "1.5", "made.cap")
    with pytest.raises(BuildError, match=r"^Ant ended well but made no CAP file") as told:
        build_with_kit(given, kit.folder, jar)
    assert told.value.hint == "another ant-javacard may do; see docs/reference/kit.md"
    assert [one.name for one in before.parent.iterdir()] == ["made.cap"]
    assert before.read_bytes() == b"before"
