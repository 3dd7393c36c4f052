"""LOAD (GPCS 11.6, 9.3.5): blocks, what they hold, and the place where a loader for CAP files will go."""

from __future__ import annotations

import hashlib

import pytest

from harness import tlv
from harness.globalplatform.constants import INS_INSTALL, INS_LOAD, ISD_AID, InstallFor
from harness.simulator.card import SimulatedCard
from harness.simulator.config import CardConfig
from harness.simulator.manager.load import LoadFileInstaller
from harness.simulator.manager.refusal import Refusal
from harness.simulator.manager.state import DOMAIN_SIZE
from harness.simulator.runtime import Package
from tests.card_manager.cards import PROBE, SSD, Session, client, lv, make_card, make_personalised_domain, package

LOADED = bytes.fromhex("F04A504B4940")
CODE = bytes(range(256)) * 3


class TestPackageLoader(LoadFileInstaller):
    """Takes one data block for the test applets' package, and refuses every other."""

    __test__ = False

    def install(self, aid: bytes, data_block: bytes) -> Package:
        if data_block != CODE:
            raise Refusal(0x6A80, "another data block")
        return package(LOADED)


def loading_card(**config: int) -> SimulatedCard:
    return SimulatedCard(CardConfig(**config), seed=1, installer=TestPackageLoader())  # type: ignore[arg-type]


def announce(
    session: Session, aid: bytes = LOADED, domain: bytes = b"", digest: bytes = b"", parameters: bytes = b""
) -> int:
    return session.send(INS_INSTALL, InstallFor.LOAD, 0, lv(aid, domain, digest, parameters, b"")).sw


def blocks(session: Session, raw: bytes, size: int = 200) -> list[int]:
    """Send a load file; the status words, ending with the first that is not 9000."""
    answers = []
    pieces = [raw[start : start + size] for start in range(0, len(raw), size)]
    for number, piece in enumerate(pieces):
        answer = session.send(INS_LOAD, 0x80 if number == len(pieces) - 1 else 0x00, number & 0xFF, piece)
        answers.append(answer.sw)
        if not answer.ok:
            break
        assert answer.data == b"\x00"
    return answers


def load(session: Session, raw: bytes = tlv.encode(0xC4, CODE), digest: bytes = b"") -> int:
    assert announce(session, digest=digest) == 0x9000
    return blocks(session, raw)[-1]


def test_this_card_loads_nothing_and_says_so_when_all_blocks_are_there() -> None:
    card = make_card()
    free = card.free_memory
    session = Session.open(card)
    assert announce(session) == 0x9000
    assert blocks(session, tlv.encode(0xC4, CODE)) == [0x9000] * 3 + [0x6A81]
    assert session.send(INS_LOAD, 0x80, 4, b"\xc4\x01\x00").sw == 0x6985
    assert client(card).registry().find(LOADED) is None
    assert card.free_memory == free


@pytest.mark.parametrize("name", ["", "sha1", "sha256", "sha384", "sha512"])
def test_a_package_that_the_installer_accepts(name: str) -> None:
    card = loading_card()
    free = card.free_memory
    session = Session.open(card)
    assert load(session, digest=hashlib.new(name, CODE).digest() if name else b"") == 0x9000
    found = client(card).registry().find(LOADED)
    assert found is not None
    assert (found.domain, found.version) == (ISD_AID, (1, 2))
    assert free - card.free_memory >= len(CODE)
    session = Session.open(card)
    assert session.install(load_file=LOADED) == 0x9000
    assert session.delete(LOADED, related=True) == 0x9000
    assert card.free_memory == free
    assert load(session) == 0x9000, "again, after it was deleted"


@pytest.mark.parametrize(
    ("raw", "sw"),
    [
        (tlv.encode(0xC4, CODE[:-1]), 0x6A80),
        (tlv.encode(0xC4, CODE)[:-1], 0x6A80),
        (tlv.encode(0xC4, CODE) + b"\x00", 0x6A80),
        (tlv.encode(0xC4, b""), 0x6A80),
        (tlv.encode(0xC4, CODE) * 2, 0x6A80),
        (tlv.encode(0xD4, CODE), 0x6A80),
        (tlv.encode(0xC5, CODE), 0x6A80),
        (CODE, 0x6A80),
        (tlv.encode(0xE2, tlv.encode(0x4F, ISD_AID), tlv.encode(0xC3, bytes(64))) + tlv.encode(0xC4, CODE), 0x6985),
    ],
)
def test_other_load_files_leave_nothing_behind(raw: bytes, sw: int) -> None:
    card = loading_card()
    free = card.free_memory
    session = Session.open(card)
    assert load(session, raw) == sw
    assert client(card).registry().find(LOADED) is None
    assert card.free_memory == free
    assert load(Session.open(card)) == 0x9000


def test_the_hash_that_was_announced_counts() -> None:
    card = loading_card()
    session = Session.open(card)
    assert load(session, digest=hashlib.sha256(CODE + b"!").digest()) == 0x6A80
    assert announce(session, digest=bytes(31)) == 0x6A80
    assert client(card).registry().find(LOADED) is None


def test_blocks_in_order_and_nothing_between_them() -> None:
    session = Session.open(loading_card())
    assert session.send(INS_LOAD, 0x00, 0x00, b"\xc4").sw == 0x6985, "not announced"
    for second in ((0x00, 0x00), (0x00, 0x02), (0x80, 0xFF)):
        assert announce(session) == 0x9000
        assert session.send(INS_LOAD, 0x00, 0x00, b"\xc4\x02").sw == 0x9000
        assert session.send(INS_LOAD, *second, b"\x00\x00").sw == 0x6A86
        assert session.send(INS_LOAD, 0x80, 0x01, b"\x00\x00").sw == 0x6985, "the loading has ended"
    assert announce(session) == 0x9000
    assert session.get_data(0x66).ok
    assert session.send(INS_LOAD, 0x00, 0x00, b"\xc4").sw == 0x6985
    assert announce(session) == 0x9000
    assert session.send(INS_LOAD, 0x00, 0x00, b"").sw == 0x6700


def test_more_than_256_blocks() -> None:
    card = make_card()
    session = Session.open(card)
    assert announce(session) == 0x9000
    assert blocks(session, tlv.encode(0xC4, bytes(600)), 2)[-1] == 0x6A81


@pytest.mark.parametrize(
    ("arguments", "sw"),
    [
        ({"aid": PROBE[:4]}, 0x6A80),
        ({"aid": b""}, 0x6A80),
        ({"aid": ISD_AID}, 0x6985),
        ({"domain": bytes(5)}, 0x6A88),
        ({"domain": ISD_AID}, 0x9000),
        ({"parameters": bytes.fromhex("EF04C6020100")}, 0x9000),
        ({"parameters": bytes.fromhex("EF06C6047FFFFFFF")}, 0x6A84),
        ({"parameters": bytes.fromhex("EF0CC60400070000C80400070000")}, 0x6A84),  # code and data together
        ({"parameters": bytes.fromhex("EF03C60101")}, 0x6A80),
        ({"parameters": bytes.fromhex("C900")}, 0x6A80),
        ({"parameters": b"\xef"}, 0x6A80),
    ],
)
def test_what_may_be_announced(arguments: dict[str, bytes], sw: int) -> None:
    assert announce(Session.open(make_card()), **arguments) == sw


def test_a_load_file_for_another_domain() -> None:
    card = loading_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert announce(session, domain=SSD) == 0x9000
    assert blocks(session, tlv.encode(0xC4, CODE))[-1] == 0x9000
    found = client(card).registry().find(LOADED)
    assert found is not None
    assert found.domain == SSD


def test_a_load_file_that_does_not_fit() -> None:
    card = loading_card(persistent_memory=700)
    session = Session.open(card)
    assert load(session) == 0x6A84
    assert client(card).registry().find(LOADED) is None
    assert card.free_memory == 700


def test_a_load_file_that_fits_the_runtime_but_not_the_card() -> None:
    """The card manager's quota counts security domains too, of which the runtime knows nothing."""
    card = loading_card()
    free = card.free_memory
    assert load(Session.open(card)) == 0x9000
    size = free - card.free_memory
    card = loading_card(persistent_memory=size + DOMAIN_SIZE - 1)
    session = Session.open(card)
    assert session.make_domain() == 0x9000
    free = card.free_memory
    assert load(session) == 0x6A84
    assert card.free_memory == free
    assert client(card).registry().find(LOADED) is None
    assert Session.open(card).delete(SSD) == 0x9000
    assert load(Session.open(card)) == 0x9000


def test_the_package_must_be_the_one_announced() -> None:
    card = loading_card()
    session = Session.open(card)
    assert announce(session, aid=LOADED + b"\x01") == 0x9000
    assert blocks(session, tlv.encode(0xC4, CODE))[-1] == 0x6A80
