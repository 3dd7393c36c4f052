"""A card in a file: everything persistent survives, and a file that is not sound is refused."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.card.statefile import times_saved
from cardlab.errors import HarnessError, IntegrityError, TransportError, UsageError
from cardlab.globalplatform.constants import INS_SET_STATUS, CardState
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.runtime import choose
from cardlab.runtime.choices import AbsentLe, PlatformChoices
from tests.cardlab.card.cards import (
    OTHER_SSD,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    make_personalised_domain,
    select,
    send,
    simulated_card,
)
from tests.conformance.toy import TOY


def used_card(seed: int = 7) -> SimulatedCard:
    """A card with something of everything on it."""
    card = simulated_card(seed=seed)
    make_personalised_domain(card)
    session = Session.open(card)
    assert session.install(PROBE, privileges=b"\x04") == session.install(QUIET, module=QUIET) == 0x9000
    assert session.extradite(PROBE, SSD) == session.make_domain(OTHER_SSD) == 0x9000
    assert session.send(INS_SET_STATUS, 0x40, 0x80, QUIET).sw == 0x9000
    assert session.send(INS_SET_STATUS, 0x80, 0x07).sw == 0x9000
    assert session.store(bytes.fromhex("42021122")).ok
    assert select(card, PROBE).ok
    assert send(card, "80 0B 00 00 04 01020304").ok
    assert send(card, "80 03 1F 00 00").data == send(card, "80 06 00 00 02 ABCD 00").data == b"\x01"
    return card


def test_everything_persistent_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    card = used_card()
    card.save(file)
    assert send(card, "80 0C 00 00 00").data == bytes.fromhex("0102030401020304"), "saving disturbs nothing"
    again = SimulatedCard.restore(file)
    assert send(again, "80 0C 00 00 00").data == bytes.fromhex("0102030400000000"), "what was volatile is gone"
    assert again.atr == card.atr != card.config.atr
    assert again.state is CardState.INITIALIZED
    assert (again.free_memory, again.se_id) == (card.free_memory, card.se_id)
    assert client(again).registry() == client(card).registry()
    assert client(again).card_data() == client(card).card_data()
    assert client(again, SSD, SSD_KEYS).registry() == client(card, SSD, SSD_KEYS).registry()
    assert Session.open(again).install(QUIET + b"\x01", module=QUIET) == 0x9000, "packages are there too"


def test_a_restored_card_goes_on_with_its_random_numbers(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    card = simulated_card(scp_options=0x60)
    send(card, "80 50 00 00 08 0001020304050607 00")
    card.save(file)
    twins = [card, *(SimulatedCard.restore(file) for _ in range(2))]
    answers = {send(twin, "80 50 00 00 08 0001020304050607 00").data for twin in twins}
    assert len(answers) == 1
    assert answers != {send(simulated_card(scp_options=0x60), "80 50 00 00 08 0001020304050607 00").data}


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text("something else")
    file.chmod(0o644)
    before = os.umask(0)
    try:
        simulated_card().save(file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["card.json"], "no temporary file is left"


def test_a_file_tells_how_often_it_was_written(tmp_path: Path) -> None:
    """So that an older copy is known; also by another card, or after the file was written by hand."""
    file = tmp_path / "card.json"
    assert times_saved(file) == 0
    with simulated_card() as card:
        for count in (1, 2, 3):
            card.save(file)
            assert times_saved(file) == count
        older = file.read_bytes()
        card.save(file)
    file.write_bytes(older)
    assert times_saved(file) == 3
    with SimulatedCard.restore(file) as again:
        again.save(file)
    assert times_saved(file) == 4
    document = json.loads(file.read_bytes())
    assert [*document] == sorted(document), "in the order that finds it at the end"
    del document["saved"]
    file.write_bytes(checksummed(document))
    SimulatedCard.restore(file).close()
    assert times_saved(file) == 0


def test_saving_fails_whole(tmp_path: Path) -> None:
    card = simulated_card()
    with pytest.raises(UsageError, match="cannot be written"):
        card.save(tmp_path / "nowhere" / "card.json")
    with pytest.raises(UsageError, match="cannot be written"):
        card.save(tmp_path)
    assert list(tmp_path.iterdir()) == []
    card.close()
    with pytest.raises(TransportError):
        card.save(tmp_path / "card.json")


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        SimulatedCard.restore(tmp_path / "card.json")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 50_000, b'{"format": "cardlab simulated card"}']
)
def test_files_that_are_none_of_ours(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(content)
    with pytest.raises(IntegrityError):
        SimulatedCard.restore(file)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("saved") / "card.json"
    used_card().save(file)
    return file.read_bytes()


def test_every_damage_is_noticed(saved: bytes, tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    step = len(saved) // 150
    for position in range(0, len(saved), step):
        damaged = bytearray(saved)
        damaged[position] ^= 0x01
        file.write_bytes(bytes(damaged))
        try:
            SimulatedCard.restore(file)
        except IntegrityError:
            continue
        assert json.loads(bytes(damaged)) == json.loads(saved), f"byte {position} was changed and nobody noticed"
    file.write_bytes(saved[: len(saved) // 2])
    with pytest.raises(IntegrityError):
        SimulatedCard.restore(file)


def checksummed(document: dict[str, object]) -> bytes:
    document.pop("sha256", None)
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return json.dumps({**document, "sha256": sha256(canonical).hexdigest()}).encode()


def test_domains_in_a_circle_are_refused(saved: bytes, tmp_path: Path) -> None:
    document = json.loads(saved)
    for entry in document["applications"]:
        if entry["aid"] in (SSD.hex(), OTHER_SSD.hex()):
            entry["domain"] = (OTHER_SSD if entry["aid"] == SSD.hex() else SSD).hex()
    file = tmp_path / "card.json"
    file.write_bytes(checksummed(document))
    with pytest.raises(IntegrityError):
        SimulatedCard.restore(file)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be read"):
        SimulatedCard.restore(tmp_path)


def test_another_format_is_no_card_whatever_its_version(saved: bytes, tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(checksummed({**json.loads(saved), "format": "something else"}))
    with pytest.raises(IntegrityError, match="not the state of a simulated card"):
        SimulatedCard.restore(file)


def test_the_first_application_is_the_issuers_domain(saved: bytes, tmp_path: Path) -> None:
    document = json.loads(saved)
    domains = [one for one in document["applications"] if "security_domain" in one]
    others = [one for one in document["applications"] if "security_domain" not in one]
    assert domains and others
    file = tmp_path / "card.json"
    file.write_bytes(checksummed({**document, "applications": [*others, *domains]}))
    with pytest.raises(IntegrityError, match="no security domain"):
        SimulatedCard.restore(file)


def test_a_newer_version_is_named(saved: bytes, tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(checksummed({**json.loads(saved), "version": 5}))
    with pytest.raises(IntegrityError, match="version 5"):
        SimulatedCard.restore(file)


@pytest.mark.parametrize(
    "change",
    [
        {"config": {}},
        {"config": {"persistent_memory": -1}},
        {"config": {"unknown": 1}},
        {"config": {"key_version": "48"}},
        {"card_state": "SOLD"},
        {"atr": "XX"},
        {"entropy": {}},
        {"applications": []},
        {"applications": [{}]},
        {"load_files": [{"aid": "00"}]},
        {"load_files": [{"aid": "00", "version": [1, 0], "modules": [], "domain": "00", "size": 0}]},
        {"config": {"java_card": "2.2"}},
        *(
            {
                "load_files": [
                    {"aid": "00", "version": [1, 0], "modules": [], "domain": "00", "size": 0, "data_block": bad}
                ]
            }
            for bad in ("0", "00", "DECAFFED", "010000")
        ),
        {"runtime": "!"},
        {"runtime": ""},
        {"runtime": "AAAA"},
    ],
)
def test_a_checksum_does_not_make_nonsense_sound(saved: bytes, tmp_path: Path, change: dict[str, object]) -> None:
    document = {**json.loads(saved), **change}
    if change == {"config": {}}:
        document["config"] = None
    file = tmp_path / "card.json"
    file.write_bytes(checksummed(document))
    with pytest.raises(IntegrityError):
        SimulatedCard.restore(file)


def test_a_card_needs_the_runtime_that_wrote_it(saved: bytes, tmp_path: Path) -> None:
    """An image says whose it is; any other runtime is refused, and so is another version of the same."""
    usual, file = choose(), tmp_path / "card.json"
    file.write_bytes(saved)
    with pytest.raises(IntegrityError, match=rf"runtime {usual.name} \S+, not of toy") as refused:
        SimulatedCard.restore(file, runtime=TOY)
    assert refused.value.hint == f"use the runtime {usual.name}"
    with SimulatedCard.restore(file) as card:
        assert card.backend is usual

    document = json.loads(saved)
    file.write_bytes(checksummed({**document, "runtime": {**document["runtime"], "name": "gone"}}))
    with pytest.raises(IntegrityError, match=r"runtime gone .* not there"):
        SimulatedCard.restore(file)
    file.write_bytes(checksummed({**document, "runtime": {**document["runtime"], "version": "0"}}))
    with pytest.raises(IntegrityError, match=f"{usual.name} 0; this is "):
        SimulatedCard.restore(file)


def test_all_that_a_card_was_made_with_outlives_the_power(tmp_path: Path) -> None:
    """Each value is another one than usual, which would take the place of one that the file lacks."""
    file = tmp_path / "card.json"
    config = CardConfig(
        atr=bytes.fromhex("3B8001"),
        persistent_memory=100_000,
        isd_aid=bytes.fromhex("F000000009"),
        keys=StaticKeys(*(bytes((number,)) * 16 for number in (1, 2, 3))),
        key_version=0x31,
        key_limit=7,
        scp_options=0x60,
        card_state=CardState.SECURED,
        iin=b"\x12",
        cin=b"\x34",
        cplc=bytes(42),
        diversification=bytes(10),
        extended_length=False,
        java_card="3.0.5",
        platform=PlatformChoices(apdu_buffer=500, absent_le=AbsentLe.DROP),
        profile="mine",
    )
    usual = CardConfig()
    assert [one.name for one in fields(config) if getattr(config, one.name) == getattr(usual, one.name)] == []
    with SimulatedCard(config, seed=1) as card:
        card.save(file)
    with SimulatedCard.restore(file) as card:
        assert card.config == config
