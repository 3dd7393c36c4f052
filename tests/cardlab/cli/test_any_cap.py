"""``cardlab card install`` takes CAP files as they are: without class files, libraries, packages of packages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardlab.cap.constants import PoolTag
from cardlab.cap.container import pack, unpack
from cardlab.cap.model import PackageInfo
from cardlab.cap.reader import read_cap
from cardlab.card.card import SimulatedCard
from cardlab.cli import run
from cardlab.toolchain.executable import Executable
from tests.cardlab.card.cards import PACKAGE, executable
from tests.cardlab.card.loads import LIBRARY, USER, USER_APPLET, library, user

FRAMEWORK = bytes.fromhex("A0000000620101")


def module() -> str:
    """An applet of the package, in hexadecimal."""
    return executable().package.modules[0].aid.hex()


def bare(made: Executable) -> dict[str, bytes]:
    """The files of a CAP file without its class files."""
    return {name: content for name, content in unpack(made.cap).items() if not name.endswith(".class")}


def importing(made: Executable, aid: bytes, version: tuple[int, int]) -> bytes:
    """The CAP file, without class files, importing another version of a package."""
    files = bare(made)
    name = next(one for one in files if one.endswith("Import.cap"))
    there = next(one.version for one in imports(made) if one.aid == aid)
    old, new = (bytes((minor, major, len(aid))) + aid for major, minor in (there, version))
    assert files[name].count(old) == 1
    return pack({**files, name: files[name].replace(old, new)})


def imports(made: Executable) -> tuple[PackageInfo, ...]:
    return read_cap(made.cap).imports


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card whose applets the virtual machine executes, in its file."""
    file = tmp_path / "card.json"
    with SimulatedCard(runtime="vm", seed=1) as made:
        made.save(file)
    return file


@pytest.fixture
def caps(tmp_path: Path) -> dict[bytes, Path]:
    """CAP files without class files."""
    found = {}
    for one in (executable(), library(), user()):
        found[one.aid] = tmp_path / f"{one.aid.hex()}.cap"
        found[one.aid].write_bytes(pack(bare(one)))
    return found


def install(card: Path, cap: Path, *more: str) -> int:
    return run(["card", "install", "--cap", str(cap), "--card", f"sim:{card}", "--keys", "test", *more])


def test_no_class_files_are_needed(card: Path, caps: dict[bytes, Path]) -> None:
    aid = bytes.fromhex(module())
    assert install(card, caps[PACKAGE], "--module", module()) == 0
    with SimulatedCard.restore(card) as used:
        assert used.transmit(bytes((0, 0xA4, 4, 0, len(aid))) + aid)[-2:] == b"\x90\x00"


def test_a_library_is_loaded_and_what_imports_it_installed(
    card: Path, caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(card, caps[LIBRARY], "--json") == 0
    assert json.loads(capsys.readouterr().out)["package"] == LIBRARY.hex().upper()
    assert install(card, caps[USER], "--json") == 0
    assert json.loads(capsys.readouterr().out)["instance"] == USER_APPLET.hex().upper()


def test_a_library_has_no_instance(card: Path, caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert install(card, caps[LIBRARY], "--instance", "F00000000109") != 0
    assert "is a library, it has no applet to install" in capsys.readouterr().err


def test_a_missing_package_is_named(card: Path, caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert install(card, caps[USER]) != 0
    assert f"Import: package {LIBRARY.hex().upper()} is not on this card, wanted as 1.3" in capsys.readouterr().err


def test_a_version_that_is_not_there_is_named_with_who_has_it(
    card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = tmp_path / "later.cap"
    later.write_bytes(importing(executable(), FRAMEWORK, (1, 6)))
    assert install(card, later, "--module", module()) != 0
    said = capsys.readouterr().err
    assert (
        "package javacard.framework (A0000000620101) is wanted as 1.6, this card has 1.5; Java Card 3.0.5 has it"
        in said
    )


@pytest.mark.parametrize("minor", range(6))
def test_files_for_older_apis_load(card: Path, tmp_path: Path, minor: int) -> None:
    """Converted years ago for javacard.framework 1.0 to 1.5: tokens never change within a major version (JCVM 4.5)."""
    old = tmp_path / "old.cap"
    old.write_bytes(importing(executable(), FRAMEWORK, (1, minor)))
    assert install(card, old, "--module", module()) == 0


def test_a_member_that_is_not_there_is_named(card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A static method of javacard.framework is made SensitiveArrays.assertIntegrity (class 22, method 0)."""
    files = bare(executable())
    name = next(one for one in files if one.endswith("ConstantPool.cap"))
    framework = 0x80 | [one.aid for one in imports(executable())].index(FRAMEWORK)
    pool = bytearray(files[name])
    at = next(at for at in range(5, len(pool), 4) if pool[at : at + 2] == bytes((PoolTag.STATIC_METHOD, framework)))
    pool[at + 2 : at + 4] = b"\x16\x00"
    changed = tmp_path / "changed.cap"
    changed.write_bytes(pack({**files, name: bytes(pool)}))
    assert install(card, changed, "--module", module()) != 0
    member = "javacard.framework.SensitiveArrays.assertIntegrity(Object)"
    assert f"{member} is in no package on this card; Java Card 3.0.5 has it" in capsys.readouterr().err


def test_jcardsim_says_that_it_needs_class_files(
    tmp_path: Path, caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.json"
    with SimulatedCard(runtime="jcardsim", seed=1) as made:
        made.save(file)
    assert install(file, caps[PACKAGE], "--module", module()) != 0
    said = capsys.readouterr().err
    assert "the runtime jcardsim executes class files" in said
    assert "carries no class files" in said
    assert "the runtime vm needs none" in said


# Without a card at hand


def test_one_command_tries_a_cap_file_on_a_new_card(
    caps: dict[bytes, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert run(["card", "install", "--cap", str(caps[PACKAGE]), "--module", module()]) == 0
    out = capsys.readouterr()
    assert out.out == f"{module().upper()} is SELECTABLE\n"
    assert "onto a new simulated card (--card sim:FILE --new keeps it)" in out.err
    assert sorted(tmp_path.iterdir()) == before


def test_what_does_not_fit_a_card_is_found_out_without_one(
    caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["card", "install", "--cap", str(caps[PACKAGE]), "--module", module()]
    assert run([*command, "--card-set", "persistent_memory=1000"]) == 7
    assert "6A84" in capsys.readouterr().err
    assert run([*command, "--card-profile", "nowhere"]) == 2
    assert "there is no card profile nowhere" in capsys.readouterr().err


def test_a_new_card_is_made_in_its_file_and_used_from_there(
    caps: dict[bytes, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "made.json"
    aid = bytes.fromhex(module())
    like = ["--card-profile", "feitian-s01c", "--card-set", "persistent_memory=70000"]
    assert install(file, caps[PACKAGE], "--module", module(), "--new", *like) == 0
    with SimulatedCard.restore(file) as used:
        assert (used.config.profile, used.config.persistent_memory) == ("feitian-s01c", 70000)
    capsys.readouterr()
    assert run(["card", "apdu", "--card", f"sim:{file}", f"00A40400{len(aid):02X}{aid.hex()}=9000"]) == 0
    assert install(file, caps[LIBRARY]) == 0
    assert run(["card", "content", "--card", f"sim:{file}", "--keys", "test"]) == 0
    assert LIBRARY.hex().upper() in capsys.readouterr().out


def test_a_card_that_is_there_is_not_made_again(
    card: Path, caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = card.read_bytes()
    assert install(card, caps[LIBRARY], "--new") == 2
    assert f"{card} holds a card already" in capsys.readouterr().err
    for option in (["--runtime", "vm"], ["--card-profile", "literal"], ["--card-set", "channels=2"]):
        assert install(card, caps[LIBRARY], *option) == 2
        assert "are for new cards" in capsys.readouterr().err
    assert card.read_bytes() == before


def test_nothing_is_left_of_a_new_card_when_it_cannot_be_done(
    caps: dict[bytes, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "made.json"
    assert install(file, caps[USER], "--new") == 7  # it imports the library
    assert LIBRARY.hex().upper() in capsys.readouterr().err
    assert not file.exists()
    assert install(tmp_path / "nowhere" / "made.json", caps[USER], "--new") == 2
    assert "there is no folder" in capsys.readouterr().err


def test_real_cards_are_not_made_and_not_guessed_at(
    caps: dict[bytes, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["card", "install", "--cap", str(caps[LIBRARY]), "--card", "pcsc:reader"]
    assert run([*command, "--new"]) == 2
    assert "only simulated cards can be made" in capsys.readouterr().err
    assert run(command) == 2
    assert "add --keys" in capsys.readouterr().err
