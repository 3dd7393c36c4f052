"""INSTALL [for load] and LOAD (GPCS 11.5, 11.6, 9.3.5): blocks, hash, what is refused, what is left behind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cardlab.globalplatform.constants import INS_LOAD, ISD_AID
from cardlab.iso7816 import tlv
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.jcardsim.library import ClassLibrary
from tests.cardlab.card.bench import open_card, restore_card
from tests.cardlab.card.cards import (
    PACKAGE,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    executable,
    make_personalised_domain,
    select,
)
from tests.cardlab.card.cards import send as transmit
from tests.cardlab.card.loads import (
    LAST,
    LIBRARY,
    USER,
    USER_APPLET,
    announce,
    empty_card,
    library,
    load,
    load_file,
    pieces,
    registry,
    send,
    user,
)
from tests.cardlab.card.refusals import refused
from tests.cardlab.card.runtime_rules import code_memory, runs_loaded_code

BLOCK = executable().data_block
CLASSES = ClassLibrary([executable(), library(), user()])
FILE = load_file(BLOCK)


@pytest.mark.parametrize("name", ["", "sha1", "sha256", "sha384", "sha512"])
def test_a_load_file_becomes_a_package(name: str) -> None:
    """With each of the hashes of GPCS Table H-9, and without."""
    card = empty_card()
    free = card.simulated.free_memory
    session = Session.open(card)
    assert load(session, BLOCK, digest=hashlib.new(name, BLOCK).digest() if name else b"") == 0x9000
    found = client(card).registry().find(PACKAGE)
    assert found is not None
    assert (found.domain, found.version, found.modules) == (ISD_AID, (1, 2), (PROBE, QUIET))
    session = Session.open(card)
    assert session.install() == 0x9000
    assert select(card, PROBE).ok
    assert transmit(card, "80 01 00 00 01 55 00").data == b"\x55"
    session = Session.open(card)
    assert session.delete(PACKAGE) == refused(0x6985, "it has applications: delete them too (P2 = 80) or first"), (
        "it has an instance"
    )
    assert session.delete(PACKAGE, related=True) == 0x9000
    assert card.simulated.free_memory == free
    assert load(session, BLOCK) == 0x9000, "again, after it was deleted"


def test_memory_is_that_of_the_components_a_card_keeps() -> None:
    """Each runtime has its own rule (``runtime_rules``)."""
    card = empty_card()
    free = card.simulated.free_memory
    session = Session.open(card)
    for one, statics in ((library(), 2), (user(), 0)):
        assert load(session, one.data_block, one.package.aid) == 0x9000
        assert free - card.simulated.free_memory == code_memory(card, one.data_block, statics)
        free = card.simulated.free_memory


def test_the_client_loads_in_blocks_of_any_size() -> None:
    for size in (1, 7, 239):
        card = empty_card()
        session = Session.open(card)
        assert announce(session) == 0x9000
        assert len(FILE) > 256, "or the block number would not wrap around"
        assert set(send(session, FILE, size)) == {0x9000}
        assert registry(card) == {PACKAGE: ((1, 2), (PROBE, QUIET))}


def test_descriptor_and_debug_may_come_along() -> None:
    """Hosts leave them out, and a card has no use for them (JCVM 3.0.4, 6.14)."""
    parts = executable().converted.components
    card = empty_card()
    whole = b"".join(parts[tag] for tag in sorted(parts))
    assert load(Session.open(card), whole) == 0x9000
    assert registry(card) == {PACKAGE: ((1, 2), (PROBE, QUIET))}


def test_the_registry_survives_save_and_restore(tmp_path: Path) -> None:
    card = empty_card()
    session = Session.open(card)
    assert load(session, library().data_block, LIBRARY) == 0x9000
    card.simulated.save(tmp_path / "card.json")
    restored = restore_card(tmp_path / "card.json")
    assert registry(restored) == registry(card)
    assert restored.simulated.free_memory == card.simulated.free_memory
    without_classes = 0x9000 if runs_loaded_code(restored) else refused(0x6A80, "given none that convert to it")
    assert load(Session.open(restored), user().data_block, USER) == without_classes, "none were given to this card"
    restored = restore_card(tmp_path / "card.json", CLASSES)
    session = Session.open(restored)
    assert load(session, user().data_block, USER) == 0x9000, "what it imports is remembered"
    assert session.install(USER_APPLET, module=USER_APPLET, load_file=USER) == 0x9000
    assert session.delete(LIBRARY) == refused(0x6985, "another load file uses it")


@pytest.mark.parametrize(
    ("raw", "sw"),
    [
        (tlv.encode(0xC4, BLOCK[:-1]), refused(0x6A80, "the component is cut off")),
        (FILE[:-1], refused(0x6A80, "are left")),
        (FILE + b"\x00", refused(0x6A80, "the bytes end before a length")),
        (tlv.encode(0xC4, b""), refused(0x6A80, "a load file ends with one load file data block (C4)")),
        (FILE * 2, refused(0x6A80, "only DAP blocks (E2) come before the load file data block")),
        (tlv.encode(0xD4, BLOCK), refused(0x6A80, "a load file ends with one load file data block (C4)")),
        (tlv.encode(0xC5, BLOCK), refused(0x6A80, "a load file ends with one load file data block (C4)")),
        (FILE + tlv.encode(0xE2, b""), refused(0x6A80, "a load file ends with one load file data block (C4)")),
        (BLOCK, refused(0x6A80, "length field DE is not allowed")),
        (
            tlv.encode(0xE2, tlv.encode(0x4F, ISD_AID), tlv.encode(0xC3, bytes(64))) + FILE,
            refused(0x6985, "a DAP block, but no security domain may verify one"),
        ),
    ],
)
def test_other_load_files_leave_nothing_behind(raw: bytes, sw: int) -> None:
    """A DAP block needs a security domain with DAP Verification, and no domain of this card can have it."""
    card = empty_card()
    free = card.simulated.free_memory
    session = Session.open(card)
    assert announce(session) == 0x9000
    assert send(session, raw)[-1] == sw
    assert card.explain()
    assert registry(card) == {}
    assert card.simulated.free_memory == free
    assert load(Session.open(card), BLOCK) == 0x9000


def test_the_hash_that_was_announced_counts() -> None:
    """GPCS C.2."""
    card = empty_card()
    session = Session.open(card)
    assert load(session, BLOCK, digest=hashlib.sha256(BLOCK + b"!").digest()) == refused(
        0x6A80, "the load file data block has another hash than INSTALL [for load] announced"
    )
    assert "another hash" in card.explain()
    assert load(session, BLOCK, digest=hashlib.sha256(FILE).digest()) == refused(
        0x6A80, "the load file data block has another hash than INSTALL [for load] announced"
    ), "the value of C4 only"
    assert announce(session, digest=bytes(31)) == refused(0x6A80, "a load file data block hash of 31 bytes")
    assert registry(card) == {}


def test_what_a_card_has_no_classes_for_is_refused_unless_it_needs_none() -> None:
    """A card that executes class files takes only those whose conversion is what was loaded."""
    card = open_card()
    if runs_loaded_code(card):
        assert load(Session.open(card), BLOCK) == Session.open(card).install() == 0x9000
        assert select(card, PROBE).ok
        return
    assert load(Session.open(card), BLOCK) == refused(0x6A80, "given none that convert to it")
    assert registry(card) == {}


def test_a_load_file_is_loaded_once() -> None:
    card = empty_card()
    session = Session.open(card)
    assert load(session, BLOCK) == 0x9000
    free = card.simulated.free_memory
    assert announce(session) == refused(0x6985, "the load file's AID is taken")
    assert session.install() == 0x9000
    assert announce(session, PROBE) == refused(0x6985, "the load file's AID is taken"), "an instance has it"
    assert announce(session, ISD_AID) == refused(0x6985, "the load file's AID is taken")
    assert registry(card) == {PACKAGE: ((1, 2), (PROBE, QUIET))}
    assert card.simulated.free_memory < free


@pytest.mark.parametrize("reason", ["reset", "another command", "select", "order", "empty", "last"])
def test_an_interrupted_load_leaves_nothing(reason: str) -> None:
    """At each block, and in each way (GPCS 9.3.5, 11.6.2)."""
    card = empty_card()
    free = card.simulated.free_memory
    blocks = pieces(FILE)
    for reached in range(len(blocks)):
        session = Session.open(card)
        assert announce(session) == 0x9000
        for number, block in enumerate(blocks[:reached]):
            assert session.send(INS_LOAD, 0, number, block).ok
        if reason == "reset":
            card.reset()
            session = Session.open(card)
        elif reason == "another command":
            assert session.get_data(0x66).ok
        elif reason == "select":
            session = Session.open(card)
        elif reason == "order":
            assert session.send(INS_LOAD, 0, reached + 1, blocks[reached]).sw == refused(
                0x6A86, f"expected {reached:02X}"
            )
        elif reason == "empty":
            assert session.send(INS_LOAD, 0, reached, b"").sw == refused(0x6700, "an empty block")
        elif reached:  # the last block comes too early
            assert session.send(INS_LOAD, LAST, reached, blocks[reached][:-1]).sw == refused(0x6A80, "are left")
        else:
            continue
        for number, block in enumerate(blocks[reached:], reached):
            last = LAST if number == len(blocks) - 1 else 0
            assert session.send(INS_LOAD, last, number, block).sw == refused(0x6985, "LOAD follows INSTALL [for load]")
        assert registry(card) == {}
        assert card.simulated.free_memory == free
    assert load(Session.open(card), BLOCK) == 0x9000


def test_blocks_in_order_and_nothing_between_them() -> None:
    session = Session.open(empty_card())
    assert session.send(INS_LOAD, 0x00, 0x00, b"\xc4").sw == refused(0x6985, "LOAD follows INSTALL [for load]"), (
        "not announced"
    )
    for second in ((0x00, 0x00), (0x00, 0x02), (0x80, 0xFF)):
        assert announce(session) == 0x9000
        assert session.send(INS_LOAD, 0x00, 0x00, b"\xc4\x02").sw == 0x9000
        assert session.send(INS_LOAD, *second, b"\x00\x00").sw == refused(0x6A86, "expected 01")
        assert session.send(INS_LOAD, 0x80, 0x01, b"\x00\x00").sw == refused(
            0x6985, "LOAD follows INSTALL [for load]"
        ), "the loading has ended"


@pytest.mark.parametrize(
    ("arguments", "sw"),
    [
        ({"aid": PROBE[:4]}, refused(0x6A80, "an AID of 4 bytes")),
        ({"aid": b""}, refused(0x6A80, "an AID of 0 bytes")),
        ({"aid": ISD_AID}, refused(0x6985, "the load file's AID is taken")),
        ({"domain": bytes(5)}, refused(0x6A88, "no security domain 0000000000")),
        ({"domain": ISD_AID}, 0x9000),
        ({"parameters": bytes.fromhex("EF04C6020100")}, 0x9000),
        ({"parameters": bytes.fromhex("EF06C6047FFFFFFF")}, refused(0x6A84, "bytes are needed")),
        (
            {"parameters": bytes.fromhex("EF0CC60400070000C80400070000")},
            refused(0x6A84, "bytes are needed"),
        ),  # code and data together
        ({"parameters": bytes.fromhex("EF03C60101")}, refused(0x6A80, "an amount of memory has 2 or 4 bytes")),
        ({"parameters": bytes.fromhex("EF03D9017F")}, refused(0x6A80, "tag D9 is not known here")),
        ({"parameters": bytes.fromhex("C900")}, refused(0x6A80, "tag C9 is not known here")),
        ({"parameters": b"\xef"}, refused(0x6A80, "the bytes end before a length")),
    ],
)
def test_what_may_be_announced(arguments: dict[str, bytes], sw: int) -> None:
    assert announce(Session.open(empty_card()), **arguments) == sw


def test_a_load_file_for_another_domain() -> None:
    card = empty_card()
    make_personalised_domain(card)
    session = Session.open(card)
    assert announce(session, domain=SSD) == 0x9000
    assert send(session, FILE)[-1] == 0x9000
    found = client(card).registry().find(PACKAGE)
    assert found is not None
    assert found.domain == SSD


def test_a_domain_without_authorized_management_loads_nothing() -> None:
    card = empty_card()
    make_personalised_domain(card)
    assert announce(Session.open(card, SSD, SSD_KEYS)) == refused(
        0x6985, "the security domain has no Authorized Management privilege"
    )


def test_memory_must_do_for_what_arrives_and_for_what_stays() -> None:
    card = empty_card()
    session = Session.open(card)
    assert load(session, BLOCK) == 0x9000
    taken = card.simulated.config.persistent_memory - card.simulated.free_memory
    assert taken < len(FILE), "linking needs more than what stays"
    for room in (len(FILE) - 1, 700, 1):
        card = empty_card(persistent_memory=room)
        session = Session.open(card)
        assert announce(session) == 0x9000
        answers = send(session, FILE)
        assert answers == [0x9000] * (len(answers) - 1) + [refused(0x6A84, "bytes are needed")]
        assert len(answers) == room // 200 + 1, "at the first block that has no room"
        assert registry(card) == {}
        assert card.simulated.free_memory == room
    card = empty_card(persistent_memory=len(FILE))
    assert load(Session.open(card), BLOCK) == 0x9000
    assert card.simulated.free_memory == len(FILE) - taken


def test_the_client_names_the_block_that_was_refused() -> None:
    card = empty_card(persistent_memory=700)
    with pytest.raises(UnexpectedStatusError, match="LOAD block 3 of 6") as refused:
        client(card).load(PACKAGE, BLOCK)
    assert refused.value.sw == SW.NOT_ENOUGH_MEMORY
