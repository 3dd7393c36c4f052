"""What belongs to a world is missed when it is missing, and never made anew; leftovers of killed processes go."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.errors import IntegrityError, RefusedError, StorageError, UsageError
from cardlab.system_errors import write_file
from jpki.cli import run
from jpki.client.constants import DeviceMethod, Profile
from jpki.parties.applicant import Applicant
from jpki.parties.ca.status import CertStatus
from jpki.parties.world import World
from jpki.parties.world_ledger import NAME, Ledger
from tests.jpki.flows.worlds import CARD_PASSWORD, Images, Person, applicant

STORES = (
    "ca.sqlite",
    "sei-tsm.sqlite",
    "sp-tsm.sqlite",
    "push.sqlite",
    "attestation.key",
    "phones/p1/app.sqlite",
    "phones/p1/keystore.sqlite",
    "phones/p1/card",
    "residents/hanako/card",
    NAME,
)


@pytest.fixture
def world(images: Images, tmp_path: Path) -> Path:
    """Hanako has both certificates and biometrics on p1."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    return tmp_path / "world"


def use(images: Images, folder: Path) -> None:
    """What touches every store."""
    with images.open(folder, seed="use") as world:
        world.my_number_card("hanako")
        world.app("p1", Person()).authenticate(b"challenge", DeviceMethod.BIOMETRIC)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def _empty(path: Path, other: Path, older: Path) -> None:
    path.write_bytes(b"")


def _missing(path: Path, other: Path, older: Path) -> None:
    path.unlink()


def _swapped(path: Path, other: Path, older: Path) -> None:
    shutil.copy(other, path)


def _older(path: Path, other: Path, older: Path) -> None:
    shutil.copy(older, path)


@pytest.mark.parametrize("harm", [_empty, _missing, _swapped], ids=lambda one: one.__name__.strip("_"))
def test_nothing_is_silently_new(
    images: Images, world: Path, tmp_path: Path, harm: Callable[[Path, Path, Path], None]
) -> None:
    """An error that names the file and says what to do, whoever's it is; and nothing was changed."""
    with images.open(tmp_path / "other", seed="other") as other:
        other.add_resident(applicant("hanako"), CARD_PASSWORD)
        other.add_phone("p1", model="M1")
        other.app("p1", Person()).phase()
    for name in STORES:
        if name == NAME and harm is _swapped:
            continue  # then all of the stores are strangers, which is the next test
        folder = tmp_path / name.replace("/", "-")
        shutil.copytree(world, folder)
        harm(folder / name, tmp_path / "other" / name, folder)
        before = contents(folder)
        with pytest.raises(IntegrityError) as caught:
            use(images, folder)
        assert str(folder / name) in str(caught.value)
        assert caught.value.hint
        after = contents(folder)
        assert after.get(name) == before.get(name), "what was there is left, and what was not is not made"


def test_the_ledger_of_another_world(images: Images, world: Path, tmp_path: Path) -> None:
    with images.open(tmp_path / "other", seed="other"):
        pass
    shutil.copy(tmp_path / "other" / NAME, world / NAME)
    with pytest.raises(IntegrityError, match=r"ca\.sqlite is another one"):
        use(images, world)


def test_an_older_store(images: Images, world: Path, tmp_path: Path) -> None:
    """Each party's file as it was before the last thing that it did, with everybody else's as they are."""
    shutil.copytree(world, tmp_path / "before")
    with images.open(world, seed="later") as opened:
        app = opened.app("p1", Person())
        app.renew(opened.my_number_card("hanako"))
        app.register_device_auth(DeviceMethod.BIOMETRIC)
    found = set()
    for name in STORES:
        if name in ("attestation.key", NAME):
            continue  # they never change, or say nothing of themselves
        folder = tmp_path / name.replace("/", "-")
        shutil.copytree(world, folder)
        if (folder / name).read_bytes() == (tmp_path / "before" / name).read_bytes():
            continue  # this party did nothing
        shutil.copy(tmp_path / "before" / name, folder / name)
        with pytest.raises(IntegrityError, match=rf"{name} is older than when it was used last"):
            use(images, folder)
        found.add(name)
    parties = {"ca.sqlite", "sp-tsm.sqlite", "phones/p1/app.sqlite", "phones/p1/keystore.sqlite"}
    assert found >= parties | {"phones/p1/card", "residents/hanako/card"}


def test_commands_on_the_ca_alone(images: Images, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They know the world that the file is in."""
    before = (world / "ca.sqlite").read_bytes()
    with images.open(world, seed="later") as opened:
        opened.ca.revoke(opened.ca.certificates_of("hanako")[-1].serial)
    (world / "ca.sqlite").write_bytes(before)
    for words in (["ca", "list"], ["verify", __file__, "--records"]):
        assert run([*words, str(world / "ca.sqlite")]) == 4
        assert "ca.sqlite is older" in capsys.readouterr().err
    assert run(["world", "show", "--world", str(world)]) == 4


def test_a_store_that_the_world_never_had(images: Images, world: Path) -> None:
    """An app's records are put back after the app was removed."""
    kept = (world / "phones/p1/app.sqlite").read_bytes()
    with images.open(world, seed="remove") as opened:
        opened.uninstall_app("p1")
    (world / "phones/p1/app.sqlite").write_bytes(kept)
    with pytest.raises(IntegrityError, match="this world never had it"):
        use(images, world)
    (world / "phones/p1/app.sqlite").unlink()
    with images.open(world, seed="again") as opened:
        assert opened.app("p1", Person()).registered == (), "another installation"


def test_an_app_that_is_removed_while_it_is_open(images: Images, world: Path) -> None:
    """It is not missed afterwards; nor is the one that came in its place."""
    with images.open(world, seed="remove") as opened:
        opened.app("p1", Person()).phase()
        opened.uninstall_app("p1")
    assert "phones/p1/app.sqlite" not in Ledger.read(world).stores
    with images.open(world, seed="again") as opened:
        opened.app("p1", Person()).phase()
        opened.uninstall_app("p1")
        opened.app("p1", Person()).phase()
    with images.open(world, seed="later") as opened:
        assert opened.app("p1", Person()).registered == ()


def test_a_missing_app_can_be_removed(images: Images, world: Path) -> None:
    (world / "phones/p1/app.sqlite").unlink()
    with images.open(world, seed="remove") as opened:
        opened.uninstall_app("p1")
        opened.app("p1", Person()).phase()


# -- what was not finished ---------------------------------------------------------------------------------------------


def test_a_resident_whose_certificate_no_card_holds(images: Images, world: Path) -> None:
    """A name of 100 and an address of 200 characters that have four bytes each: nothing was issued."""
    with images.open(world, seed="long") as opened:
        sample = applicant("saburo").holder
        long = replace(sample, name="\U00020bb7" * 100, address="\U00020bb7" * 200)
        with pytest.raises(RefusedError, match="the card holds 2048"):
            opened.add_resident(Applicant("saburo", long), CARD_PASSWORD)
        assert opened.ca.certificates_of("saburo") == []
        opened.add_resident(applicant("saburo"), CARD_PASSWORD)


def test_a_resident_whose_card_cannot_be_kept(images: Images, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full at last, no certificate stays good, and the name is free."""

    def full(*_: object) -> None:
        raise StorageError("full")

    with images.open(world, seed="full") as opened:
        with monkeypatch.context() as patched:
            patched.setattr(opened.cards, "put_in", full)
            with pytest.raises(StorageError):
                opened.add_resident(applicant("saburo"), CARD_PASSWORD)
        made = opened.ca.certificates_of("saburo")
        assert [opened.ca.status(one.serial).state for one in made] == [CertStatus.REVOKED] * 2
        assert not (world / "residents/saburo").exists()
        opened.add_resident(applicant("saburo"), CARD_PASSWORD)
    assert Ledger.read(world).names("residents") == ("hanako", "saburo", "taro")


def test_leftovers_of_killed_processes(images: Images, world: Path) -> None:
    """A resident, a phone and an app in the making; attempts to write files, keys among them."""
    with images.open(world, seed="made") as opened:
        opened.add_resident(applicant("jiro"), CARD_PASSWORD)
        opened.add_phone("p9", model="M1")
    ledger = Ledger.read(world)  # as it stands while they are made
    for name in ("residents/jiro", "phones/p9"):
        del ledger.members[name]
    ledger.unfinished = ["residents/jiro", "phones/p9", "phones/p2/app.sqlite"]
    ledger.write()
    left = ["residents/jiro/card", "phones/p9/card", "phones/p2/app.sqlite", "phones/p2/app.sqlite-journal"]
    left += [".world.json.00112233-4455.new", ".ca.sqlite.00112233-4455.new", "phones/p1/.card.00112233-4455.new"]
    for name in left:
        (world / name).touch()
    use(images, world)
    assert [name for name in left if (world / name).exists()] == []
    with images.open(world, seed="look") as opened:
        assert (opened.residents, opened.phones) == (("hanako", "taro"), ("p1", "p2"))
        cards = [one for one in opened.ca.certificates_of("jiro") if one.medium is Profile.CARD]
        assert len(cards) == 2
        assert {opened.ca.status(one.serial).state for one in cards} == {CertStatus.REVOKED}
        opened.add_resident(applicant("jiro"), CARD_PASSWORD)
        opened.add_phone("p9", model="M1")


def test_a_world_that_was_not_finished(images: Images, tmp_path: Path) -> None:
    """Its stores are there, and the ledger says that they are being made."""
    with images.open(tmp_path / "world", seed="1"):
        pass
    ledger = Ledger.read(tmp_path / "world")
    names = [*ledger.stores, *ledger.files]
    Ledger(tmp_path / "world", unfinished=names).write()
    with images.open(tmp_path / "world", seed="2") as opened:
        assert opened.phones == ()
    assert Ledger.read(tmp_path / "world").unfinished == []


def test_folders_of_somebody_else_stay(images: Images, world: Path) -> None:
    shutil.copytree(world / "phones/p1", world / "phones/backup")
    use(images, world)
    assert (world / "phones/backup/card").exists()
    with images.open(world, seed="x") as opened:
        assert "backup" not in opened.phones
        with pytest.raises(UsageError, match="belongs to nobody"):
            opened.add_phone("backup", model="M1")


@pytest.mark.parametrize("name", ["p" * 300, "p" * 65, "名" * 22, "a/b", "..", "", "a\n"])
def test_names_that_are_none(images: Images, world: Path, name: str) -> None:
    before = contents(world)
    with images.open(world, seed="x") as opened:
        with pytest.raises(UsageError):
            opened.add_phone(name, model="M1")
        with pytest.raises(UsageError):
            opened.app(name, Person())
    assert contents(world) == before


def test_only_the_owner_reads(images: Images, world: Path) -> None:
    """Keys, records, and who the residents are."""
    use(images, world)
    assert [one for one in world.rglob("*") if one.is_file() and one.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"sha256": 1}', "null", "\udcff", json.dumps({"format": "jpki world"})]
)
def test_ledgers_that_are_none(world: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (world / NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    for words in (["world", "show"], ["phone", "status", "--phone", "p1"]):
        assert run([*words, "--world", str(world)]) == 4
        assert "world.json is damaged" in capsys.readouterr().err


def test_a_world_that_does_not_open_lets_go(images: Images, world: Path) -> None:
    (world / "push.sqlite").unlink()
    for _ in range(2):
        with pytest.raises(IntegrityError):
            World.open(world, executable=lambda: images.executable)


def test_what_could_not_be_written_down_does_not_happen_later(
    images: Images, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the ledger's last word about it, and there is room again when the world is closed."""
    write = write_file

    def full(path: Path, content: bytes, *, private: bool = False) -> None:
        if b'"phones/p3": {' in content or b'"phones/p1/app.sqlite": {' not in content:
            raise StorageError("the disk is full")
        write(path, content, private=private)

    with images.open(world, seed="full") as opened:
        monkeypatch.setattr("jpki.parties.world_ledger.write_file", full)
        with pytest.raises(StorageError):
            opened.add_phone("p3", model="M1")
        with pytest.raises(StorageError):
            opened.uninstall_app("p1")
        monkeypatch.undo()
    with images.open(world, seed="room") as opened:
        assert opened.phones == ("p1", "p2") and not (world / "phones" / "p3").exists()
        assert opened.app("p1", Person()).registered == (DeviceMethod.BIOMETRIC,)
        opened.add_phone("p3", model="M1")
