"""Class files are bound to load files by converting them: what may be given to a card, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.cap.container import Component, pack, unpack
from cardlab.errors import HarnessError, IntegrityError, UsageError
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain import conversions, places
from cardlab.toolchain.carried import CLASSES_FOLDER
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.conversions import SubsetError
from cardlab.toolchain.executable import Executable, Module
from tests.cardlab.card.bench import open_card, restore_card
from tests.cardlab.card.cards import PACKAGE, Session, executable
from tests.cardlab.card.loads import LIBRARY, USER, USER_APPLET, library, load, registry, user


@pytest.fixture
def caps(tmp_path: Path) -> dict[bytes, Path]:
    paths = {}
    for one in (executable(), library(), user()):
        paths[one.package.aid] = tmp_path / f"{one.package.aid.hex()}.cap"
        paths[one.package.aid].write_bytes(one.cap)
    return paths


def test_a_cap_file_with_its_classes_is_all_that_a_card_needs(caps: dict[bytes, Path]) -> None:
    made = ClassLibrary.from_cap(caps[LIBRARY], caps[USER], caps[PACKAGE])
    assert [one.package for one in made] == [library().package, user().package, executable().package]
    card = open_card(made)
    for one in made:
        assert load(Session.open(card), one.data_block, one.package.aid) == 0x9000
    assert set(registry(card)) == {LIBRARY, USER, PACKAGE}


@pytest.mark.parametrize("java_card", ["3.0.4", "3.0.5"])
@pytest.mark.parametrize("globalplatform", ["1.5", "1.6"])
def test_the_platform_is_found_from_the_imports(java_card: str, globalplatform: str) -> None:
    made = Executable(executable().package, java_card=java_card, globalplatform=globalplatform)
    again = Executable.from_cap(made.cap)
    assert (again.java_card, again.globalplatform, again.data_block) == (java_card, globalplatform, made.data_block)


def changed(path: Path, name: str, content: bytes | None) -> bytes:
    """A CAP file with one of its files replaced or taken out."""
    files = unpack(path.read_bytes())
    found = next(one for one in files if one.endswith(name))
    files[found] = content or b""
    return pack({one: data for one, data in files.items() if one != found or content is not None})


def test_other_classes_than_those_of_the_code_are_refused(caps: dict[bytes, Path]) -> None:
    """The conversion is checked, not trusted: one class of the same name with other code."""
    cap = caps[PACKAGE]
    quiet = unpack(cap.read_bytes())[f"{CLASSES_FOLDER}cardtest/Quiet.class"]
    assert quiet.count(b"\xb1") >= 2, "return"
    place = quiet.index(bytes.fromhex("116D00"))  # sipush 6D00
    other = quiet[:place] + bytes.fromhex("116E00") + quiet[place + 3 :]
    with pytest.raises(IntegrityError, match="do not convert to its code; what differs: METHOD"):
        Executable.from_cap(changed(cap, "/Quiet.class", other))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("/Quiet.class", None, "cardtest.Quiet"),
        ("/Quiet.class", b"\xca\xfe\xba\xbe", "class file"),
        ("/Method.cap", None, "Method.cap is missing"),
        ("/Method.cap", b"\x07\x00\x01\x00", "METHOD"),
        ("MANIFEST.MF", None, "does not name the class of applet"),
        ("MANIFEST.MF", b"\xff\xfe", "does not name the class of applet"),
    ],
)
def test_damaged_cap_files_are_refused(caps: dict[bytes, Path], name: str, content: bytes | None, message: str) -> None:
    with pytest.raises(HarnessError, match=message) as error:
        Executable.from_cap(changed(caps[PACKAGE], name, content))
    assert error.value.hint


def test_a_cap_file_without_classes_says_so(caps: dict[bytes, Path]) -> None:
    files = {name: data for name, data in unpack(executable().cap).items() if not name.endswith(".class")}
    with pytest.raises(UsageError, match="carries no class files"):
        Executable.from_cap(pack(files))
    with pytest.raises(IntegrityError):
        Executable.from_cap(b"PK")
    with pytest.raises(UsageError, match="cannot be read"):
        ClassLibrary.from_cap(Path("nowhere.cap"))
    with pytest.raises(UsageError, match=f"imports: .*{LIBRARY.hex().upper()} 1.3"):
        ClassLibrary.from_cap(caps[USER])


def test_all_problems_of_the_classes_are_named(tmp_path: Path) -> None:
    source = tmp_path / "bad" / "Bad.java"
    source.parent.mkdir()
    source.write_text(
        "package bad;\npublic class Bad {\n  static long a() { return 1L; }\n  static double b() { return 1; }\n}\n"
    )
    folder = compile_java(tmp_path, tmp_path / "out", classpath=api_classpath())
    classes = {"bad.Bad": (folder / "bad" / "Bad.class").read_bytes()}
    with pytest.raises(SubsetError) as error:
        Executable(replace(library().package, classes=classes))
    assert "bad.Bad.a" in str(error.value)
    assert "bad.Bad.b" in str(error.value)


@pytest.mark.parametrize("length", range(5, 17))
def test_a_package_in_the_place_of_another_is_there_again(tmp_path: Path, length: int) -> None:
    """Where up to three bytes are left over, too, as with some of these lengths of its AID."""
    other = Executable(replace(user().package, aid=USER[:5]), libraries=(library(),))
    one = Executable(replace(user().package, aid=USER[:5] + bytes(length - 5)), libraries=(library(),))
    known, file = ClassLibrary([other, one, library()]), tmp_path / "card.json"
    card = open_card(known)
    session = Session.open(card)
    assert load(session, library().data_block, LIBRARY) == 0x9000
    assert load(session, other.data_block, USER[:5]) == 0x9000
    assert session.delete(USER[:5]) == 0x9000
    assert load(session, one.data_block, one.package.aid) == 0x9000
    card.simulated.save(file)
    session = Session.open(restore_card(file, known))
    assert session.install(USER_APPLET, module=USER_APPLET, load_file=one.package.aid) == 0x9000


def test_a_class_that_is_no_applet_or_not_there() -> None:
    for name in ("cardlib.Tally", "cardlib.Missing"):
        with pytest.raises(SubsetError, match=name):
            Executable(replace(library().package, modules=(Module(LIBRARY + b"\x01", name),)))


def test_conversions_are_remembered_and_never_trusted_when_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between processes, which clearing what this one remembers stands for."""
    monkeypatch.setattr(places, "build_folder", lambda: tmp_path)
    calls = []
    convert = conversions.convert.__wrapped__

    def counted(request: conversions.Request) -> object:
        calls.append(request.aid)
        return convert(request)

    monkeypatch.setattr(conversions, "convert", counted)

    def again() -> bytes:
        conversions.converted.cache_clear()
        return Executable(library().package).data_block

    expected = library().data_block
    assert again() == again() == expected
    assert len(calls) == 1
    (file,) = (tmp_path / "conversions").iterdir()
    raw = file.read_bytes()
    for broken in (raw[:-1], b"", raw[:40] + b"!" + raw[41:]):
        file.write_bytes(broken)
        calls.clear()
        assert again() == expected
        assert len(calls) == 1
        assert file.read_bytes() == raw
    other = replace(library().package, version=(1, 4))
    assert Executable(other).converted.components[Component.HEADER] != library().converted.components[Component.HEADER]
    assert len(list((tmp_path / "conversions").iterdir())) == 2
