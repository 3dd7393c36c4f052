"""``jpki card install``, ``content`` and ``delete``: on a simulated card in its file, and what they refuse."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import CardError, MissingDependencyError, SecureChannelError, UsageError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.key_source import TEST_KEYS
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.interface import Media
from jpki.cli import run
from jpki.client.constants import Profile
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

INSTANCE = "D392F000260100000001"
PACKAGE = "D392F0002601000000"
USAGE = UsageError.exit_code


@pytest.fixture
def card(tmp_path: Path) -> str:
    """A fresh card in a file, as ``--card`` names it."""
    file = tmp_path / "card.json"
    with SimulatedCard(seed=1) as made:
        made.save(file)
    return f"sim:{file}"


def facts(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def listed(card: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """AIDs and states."""
    capsys.readouterr()
    assert run(["card", "content", "--card", card, "--keys", "test", "--json"]) == 0
    entries = facts(capsys)["registry"]
    assert isinstance(entries, list)
    return {entry["aid"]: entry["state"] for entry in entries}


def test_install_and_delete(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = listed(card, capsys)
    assert run(["card", "install", "--card", card, "--keys", "test", "--key-version", "30", "--json"]) == 0
    assert facts(capsys) == {
        "installer": "the built-in client",
        "package": PACKAGE,
        "module": INSTANCE,
        "instance": INSTANCE,
        "state": "SELECTABLE",
    }
    assert listed(card, capsys) == before | {INSTANCE: "SELECTABLE", PACKAGE: "LOADED"}
    assert run(["card", "delete", "--card", card, "--keys", "test"]) == 0
    assert f"deleted {PACKAGE}" in capsys.readouterr().out
    assert listed(card, capsys) == before


def test_what_is_there_already(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    install = ["card", "install", "--card", card, "--keys", "test"]
    assert run(install) == 0
    before = listed(card, capsys)
    assert run(install) == CardError.exit_code
    said = capsys.readouterr().err
    assert f"{PACKAGE} is on the card already (cardlab card delete {PACKAGE} --related takes it off)" in said
    assert listed(card, capsys) == before


@pytest.mark.parametrize(
    ("options", "profile", "inside"),
    [
        ([], Profile.PHONE, Media.CONTACT),
        (["--not-contactless", "usb"], Profile.PHONE, Media.USB),
        (["--not-contactless", "hci"], Profile.PHONE, Media.HCI_OR_TYPE_F),
        (["--not-contactless", "hci", "--profile", "card"], Profile.CARD, Media.HCI_OR_TYPE_F),
        (["--parameters", "02A0"], Profile.CARD, Media.USB),
    ],
)
def test_a_medium_that_is_not_contactless(card: str, options: list[str], profile: Profile, inside: Media) -> None:
    """D5: the TSM reaches the applet over the medium that was named, and over no other but contacts."""
    assert run(["card", "install", "--card", card, "--keys", "test", *options]) == 0
    for media in (Media.CONTACT, Media.USB, Media.HCI_OR_TYPE_F, Media.CONTACTLESS_TYPE_B):
        with SimulatedCard.restore(Path(card.removeprefix("sim:")), media=media) as installed:
            JpkiClient(installed).select()
            if media in (Media.CONTACT, inside):
                session = SecureChannelLayer.open(installed, TEST_KEYS, level=SecurityLevel.FULL)
                assert JpkiPersonalisation(session).status().profile is profile
            else:
                with pytest.raises(SecureChannelError):
                    SecureChannelLayer.open(installed, TEST_KEYS)


def test_another_cap_file_under_another_aid(card: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "any.cap"
    file.write_bytes(jpki_executable().cap)
    named = ["--cap", str(file), "--module", INSTANCE, "--instance", "D392F00026010000AA", "--parameters", "02"]
    assert run(["card", "install", "--card", card, "--keys", "test", *named]) == 0
    assert listed(card, capsys)["D392F00026010000AA"] == "SELECTABLE"
    assert run(["card", "delete", "D392F00026010000AA", "--card", card, "--keys", "test"]) == 0
    assert PACKAGE in listed(card, capsys)


def test_the_table(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "content", "--card", card, "--keys", "test"]) == 0
    heading, _, issuer, package = capsys.readouterr().out.splitlines()
    assert heading.split() == ["kind", "AID", "state", "domain", "from,", "or", "applets"]
    assert issuer.split() == ["issuer", "domain", "A000000151000000", "OP_READY"]
    assert package.split()[:4] == ["load", "file", "A0000001515350", "LOADED"]


def test_what_cannot_be_installed_leaves_nothing(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = listed(card, capsys)
    refused = ["card", "install", "--card", card, "--keys", "test", "--parameters", "07"]
    assert run(refused) == CardError.exit_code
    assert "the package was deleted again" in capsys.readouterr().err
    assert listed(card, capsys) == before


@pytest.mark.parametrize(
    ("profile", "code", "said"),
    [
        ("phone", CardError.exit_code, "Signature.ALG_ECDSA_SHA_256; --profile card does without elliptic curves"),
        ("card", 0, ""),
    ],
)
def test_a_card_that_cannot_carry_the_applet_is_told_in_words(
    tmp_path: Path, profile: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What INSTALL's refusal means for this profile, and that nothing is left."""
    file = tmp_path / "card.json"
    lacking = PlatformChoices(missing_algorithms="Signature.ALG_ECDSA_SHA_256")
    with SimulatedCard(CardConfig(platform=lacking), seed=1) as made:
        made.save(file)
    assert run(["card", "install", "--card", f"sim:{file}", "--keys", "test", "--profile", profile]) == code
    told = capsys.readouterr().err
    assert said in told
    assert ("the package was deleted again" in told) is bool(code)


def test_the_applet_tells_the_hash_of_what_was_loaded(card: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "install", "--card", card, "--keys", "test", "--not-contactless", "usb"]) == 0
    capsys.readouterr()
    assert run(["card", "info", "--card", card, "--json"]) == 0
    told = facts(capsys)["jpki"]
    assert isinstance(told, dict)
    assert told["identification"] == {
        "version": "1.1",
        "profile": "phone",
        "suite": "rsa-2048",
        "not_contactless": "usb",
        "load_file_data_block_sha256": sha256(jpki_executable().data_block).hexdigest().upper(),
    }
    assert run(["card", "info", "--card", card]) == 0
    assert "version 1.1, phone profile, rsa-2048, not contactless: usb" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--keys", "test", "--installer", "gp"], USAGE, "GlobalPlatformPro reaches cards in readers only"),
        (["--keys", "404142"], USAGE, "no place to take keys from"),
        (["--keys", "test", "--key-version", "31"], SecureChannelError.exit_code, "6A88"),
        (["--keys", "test", "--key-version", "3"], USAGE, "not hexadecimal"),
        (["--keys", "test", "--instance", "0102"], USAGE, "2 bytes, there must be 5 to 16"),
        (["--keys", "test", "--domain", "F000000001"], CardError.exit_code, "6A82"),
        (["--keys", "test", "--cap", __file__], None, "not a CAP file"),
        ([], USAGE, "--keys"),
        (["--keys", "test", "--not-contactless", "type-a"], USAGE, "'type-a' is not one of 'usb', 'hci'"),
        (
            ["--keys", "test", "--not-contactless", "hci", "--parameters", "01"],
            USAGE,
            "--not-contactless would be lost",
        ),
        (["--keys", "test", "--profile", "card", "--parameters", "01"], USAGE, "--profile would be lost"),
        (["--keys", "test", "--not-contactless", "usb", "--cap", __file__], USAGE, "--not-contactless is for the JPKI"),
    ],
)
def test_refusals_change_nothing(
    card: str, arguments: list[str], code: int | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = listed(card, capsys)
    ended = run(["card", "install", "--card", card, *arguments])
    assert ended == code or (code is None and ended != 0)
    assert said in capsys.readouterr().err
    assert listed(card, capsys) == before


@pytest.mark.parametrize("name", ["sim:", "pcsc", "pcsc:"])
def test_a_card_is_changed_only_when_it_was_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``sim`` alone is a new card of this command's own."""
    assert run(["card", "install", "--card", name, "--keys", "test"]) == USAGE
    assert "wants its name" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["elsewhere:x", "vpcd", "replay:x"])
def test_a_card_of_another_kind_is_not_changed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "install", "--card", name, "--keys", "test"]) == USAGE
    said = capsys.readouterr().err
    assert f"--card {name}: there is no such kind of card" in said
    assert "known kinds: pcsc:READER, sim:FILE" in said


def test_profile_is_for_the_jpki_applet(card: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "any.cap"
    file.write_bytes(jpki_executable().cap)
    arguments = ["card", "install", "--card", card, "--keys", "test", "--cap", str(file)]
    assert run([*arguments, "--profile", "card"]) == USAGE
    assert run([*arguments, "--module", "F000000001"]) == USAGE
    assert f"applets: {INSTANCE}" in capsys.readouterr().err


def test_gp_is_looked_for_before_a_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jar = tmp_path / "gp.jar"
    jar.write_bytes(b"no zip")
    arguments = ["card", "content", "--card", "pcsc:any", "--keys", "test", "--gp", str(jar)]
    assert run(arguments) == MissingDependencyError.exit_code
    assert "does not say which version" in capsys.readouterr().err
