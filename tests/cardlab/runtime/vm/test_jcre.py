"""What a card shows and class files hide: transactions, memory, firewall, life cycle (JCRE 3.0.5)."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from jpype import JException

from tests.cardlab.runtime.vm.machines import PACKAGE, Card, applet_aid, compiled, load_file

SERVER, CLIENT = bytes.fromhex("F04A43564D02"), bytes.fromhex("F04A43564D03")


@cache
def table_block() -> bytes:
    """The load file of vmtest."""
    return load_file(compiled("vmtest"), ["vmtest.Table", "vmtest.Hello"])[0]


@cache
def shared_blocks() -> tuple[bytes, bytes]:
    """The load files of server and client."""
    server, export = load_file(compiled("vmserver"), ["vmserver.Server"], aid=SERVER)
    client, _ = load_file(compiled("vmclient"), ["vmclient.Client"], aid=CLIENT, imported=[export])
    return server, client


def table_card(**properties: int) -> Card:
    """A card with Table selected."""
    card = Card.fresh(**properties)
    card.load(table_block())
    card.install("Table", b"\x00")
    card.select("Table")
    return card


@pytest.fixture
def card() -> Card:
    return table_card()


@pytest.fixture
def pair() -> Card:
    """A card with server and client, the client selected."""
    made = Card.fresh()
    for block in shared_blocks():
        made.load(block)
    made.install("Server", package=SERVER)
    made.install("Client", package=CLIENT)
    made.select("Client", package=CLIENT)
    return made


def ask(card: Card, ins: int, parameter: int = 0) -> str:
    """Let the client use the server."""
    aid = applet_aid("Server", SERVER)
    return card.send(bytes((0, ins, parameter, 0, len(aid))) + aid)


# The table of what class files hide


def test_the_apdu_buffer_cannot_be_kept(card: Card) -> None:
    assert card.send("00010000") == "6F00"
    assert "java.lang.SecurityException" in card.why


def test_memory_ends(card: Card) -> None:
    used, size = card.machine.memory()
    assert card.send("00020000") == "6F00"
    assert "SystemException: NO_RESOURCE" in card.why
    assert card.send("0008000000") == f"{(size - used) // (12 + 16000):04X}9000"


def test_the_commit_buffer_ends_at_the_write_that_does_not_fit() -> None:
    card = table_card(memory_commit=160)
    assert card.send("00030000") == "6F00"
    assert "TransactionException: BUFFER_FULL" in card.why
    assert card.warnings == ["process() returned with a transaction in progress: it was rolled back"]
    assert card.send("0008010000") == "00009000"
    assert int(card.machine.instructionsOfLastCommand()) < 200


def test_what_is_not_atomic_stays_when_a_transaction_is_aborted(card: Card) -> None:
    assert card.send("00040000") == f"{900:04X}9000"
    assert card.warnings == [
        "arrayFillNonAtomic() in a transaction: what it writes stays when the transaction is aborted"
    ]


def test_objects_of_an_aborted_transaction_are_gone_and_their_references_null(card: Card) -> None:
    before = card.machine.memory()[0]
    assert card.send("00050000") == "000D9000"  # all but the field, which has its old object again
    assert card.machine.memory()[0] == before


def test_a_transaction_left_open_is_rolled_back_and_said(card: Card) -> None:
    assert card.send("00060000") == "00009000"
    assert card.warnings == ["process() returned with a transaction in progress: it was rolled back"]
    assert card.send("0008090000") == "00009000"


def test_available_memory_is_told_in_two_shorts(card: Card) -> None:
    used, size = card.machine.memory()
    assert int(card.send("00070000")[:8], 16) == size - used


def test_reselection_is_known(card: Card) -> None:
    assert card.select("Table").hex() == "019000"
    card.install("Hello")
    card.select("Hello")
    assert card.select("Table").hex() == "009000"


def test_an_endless_loop_ends_the_command_at_its_place(card: Card) -> None:
    card.machine.setBudget(50_000)
    with pytest.raises(JException, match="executed 50000 instructions at F04A43564D01 method@"):
        card.machine.install(PACKAGE, applet_aid("Table"), b"another", bytes.fromhex("0101010101"))
    with pytest.raises(JException, match="50000 instructions"):
        card.send("0008000000")  # mute until reset
    card.reset()
    card.select("Table")
    assert card.send("0008000000") == "00009000"
    assert not [line for line in map(str, card.machine.inspector().map()) if "instance 2" in line]


def test_allocation_in_process_is_said(card: Card) -> None:
    card.send("00160000")
    assert card.warnings[-1].startswith("process() made 1 objects")


# Failures are explained


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            "000B0000",
            "javacard.framework.TransactionException: IN_PROGRESS"
            " at javacard.framework.JCSystem.beginTransaction()V at F04A43564D01/class",
        ),
        (
            "00180000",
            "javacard.framework.APDUException: BAD_LENGTH"
            " at javacard.framework.APDU.setOutgoingAndSend(SS)V at F04A43564D01/class",
        ),
        ("001A0000", "javacard.framework.TransactionException: NOT_IN_PROGRESS"),
        (
            "00170000",
            "javacard.framework.SystemException: NO_TRANSIENT_SPACE"
            " at javacard.framework.JCSystem.makeTransientByteArray(SB)[B",
        ),
        ("001B0000", "java.lang.NegativeArraySizeException"),
        ("001C0000", "javacard.framework.SystemException: ILLEGAL_VALUE"),
        ("000F0000", "java.lang.ArrayIndexOutOfBoundsException at javacard.framework.OwnerPIN.check([BSB)Z"),
    ],
)
def test_6f00_is_explained(card: Card, command: str, why: str) -> None:
    assert card.send(command) == "6F00"
    assert why in card.why
    places = [place.split()[0] for place in map(str, card.machine.unknownPlaces())]
    assert places[-1] == PACKAGE.hex().upper()
    assert set(places[:-1]) <= {"-"}


# Installation


@pytest.mark.parametrize("data", [2, 3, 5])
def test_a_failed_installation_leaves_nothing(card: Card, data: int) -> None:
    before = list(card.machine.memory())
    with pytest.raises(JException, match="install") as caught:
        card.install("Table", bytes((data,)), aid=b"another")
    assert caught.value.statusWord() == 0x6985
    assert list(card.machine.memory()) == before
    assert card.send("00110000") == "00009000"
    assert card.send("00190000") == "00009000"


def test_register_takes_the_aid_of_install_with_or_without_one(card: Card) -> None:
    card.install("Table", b"\x04", aid=b"another")
    card.install("Table", b"\x00", aid=b"a third")
    assert card.select_aid(b"another").hex() == "009000"
    assert card.select_aid(b"a third").hex() == "009000"


def test_deletion_gives_back_every_byte_and_takes_uninstall() -> None:
    card = Card.fresh()
    server, client = shared_blocks()
    empty = card.machine.memory()[0]
    card.load(server)
    loaded = card.machine.memory()[0]
    used = card.install("Server", package=SERVER)
    assert used == card.machine.usedMemory(applet_aid("Server", SERVER))
    card.machine.delete(applet_aid("Server", SERVER))
    assert card.machine.memory()[0] == loaded
    card.machine.unload(SERVER)
    pages = [line for line in map(str, card.machine.inspector().map()) if "object table page" in line]
    assert card.machine.memory()[0] == empty + sum(int(line.split()[1]) for line in pages)
    assert len(map_lines(card)) == len(pages)
    assert client


def map_lines(card: Card) -> list[str]:
    """The memory map."""
    return [str(line) for line in card.machine.inspector().map()]


# The firewall


@pytest.mark.parametrize(
    ("ins", "answer"),
    [
        (1, "6F00"), (2, "000B9000"), (3, f"{ord('t'):04X}9000"), (4, "6F00"), (7, "6A99"), (8, "00019000"),
        (10, "00009000"), (11, "00019000"), (13, "6F00"), (14, "6F00"), (15, "000F9000"),
        (17, "6A999000"), (18, "6F00"),
    ],
)  # fmt: skip
def test_between_contexts(pair: Card, ins: int, answer: str) -> None:
    got = ask(pair, ins)
    assert got == answer, pair.why
    if got == "6F00":
        assert "SecurityException" in pair.why


def test_a_server_that_throws_or_is_not_there_gives_null(pair: Card) -> None:
    assert ask(pair, 3, 1) == "6A00"
    assert ask(pair, 3, 2) == f"{ord('t'):04X}9000"
    assert pair.send("0003000005F0F0F0F0F0") == "6A82"


def test_a_server_counts_in_the_client_s_transaction(pair: Card) -> None:
    ask(pair, 5)
    assert ask(pair, 6) == "00019000"
    ask(pair, 10)
    assert ask(pair, 6) == "00029000"


def test_an_instance_that_another_refers_to_is_not_deleted(pair: Card) -> None:
    ask(pair, 5)
    with pytest.raises(JException, match="refers") as caught:
        pair.machine.delete(applet_aid("Server", SERVER))
    assert caught.value.statusWord() == 0x6985
    ask(pair, 16)
    pair.machine.delete(applet_aid("Server", SERVER))
    assert ask(pair, 3) == "6A82"
    with pytest.raises(JException, match="another one uses it"):
        pair.machine.unload(SERVER)


# Logical channels


def test_a_multiselectable_applet_is_on_two_channels_and_shares_its_transient_memory(pair: Card) -> None:
    for channel in (1, 3):
        assert pair.select("Server", package=SERVER, channel=channel).hex() == "9000"
    assert pair.send("0102000000", channel=1)[:6] == "000200"
    pair.send("01034400", channel=1)
    assert pair.send("0304000000", channel=3) == "4403039000"
    pair.machine.deselect(bytes.fromhex("00A4040000"), 1)
    assert pair.send("0302000000", channel=3)[:6] == "000202"
    assert pair.send("0304000000", channel=3)[:2] == "44"
    pair.machine.deselect(bytes.fromhex("00A4040000"), 3)
    pair.select("Server", package=SERVER, channel=3)
    assert pair.send("0304000000", channel=3)[:2] == "00"


def test_an_applet_that_is_not_multiselectable_is_on_one_channel(pair: Card) -> None:
    with pytest.raises(JException, match="MultiSelectable") as caught:
        pair.select("Client", package=CLIENT, channel=2)
    assert caught.value.statusWord() == 0x6985
    assert ask(pair, 3).endswith("9000")


# Transient memory, objects


def test_transient_memory_ends_with_what_it_is_named_after(card: Card) -> None:
    card.send("00090000")
    assert card.send("000A0000") == "00569000"
    card.select("Table")
    assert card.send("000A0000") == "00509000"
    card.reset()
    card.select("Table")
    assert card.send("000A0000") == "00009000"
    assert card.send("00140000") == f"{120:04X}9000"


def test_objects_are_deleted_when_it_is_asked_for(card: Card) -> None:
    card.send("00160000")
    before = card.machine.memory()[0]
    assert card.send("00110000") == "00009000"
    assert card.machine.memory()[0] == before - (12 + 3) - (12 + 1)  # its own, and what install() had there


def test_the_runtime_environment_s_aid_objects_can_be_kept(card: Card) -> None:
    aid = applet_aid("Table")
    assert card.send(bytes((0, 0x12, 0, 0, len(aid))) + aid) == "00019000"


def test_an_array_element_takes_seven_bytes_of_commit_buffer(card: Card) -> None:
    assert card.send("00130000") == "00079000"


def test_static_arrays_belong_to_the_package(card: Card) -> None:
    assert card.send("00150000") == "00029000"
    card.install("Table", b"\x00", aid=b"another")
    card.select_aid(b"another")
    assert card.send("00150000") == "00039000"


# PIN


def test_a_try_is_used_whatever_becomes_of_the_transaction(card: Card) -> None:
    card.send("000C0000")
    assert card.send("000D00000400000000") == "01139000"
    assert card.send("000D01000411111111") == "00029000"
    assert card.send("000F0000") == "6F00"
    assert card.send("00100000") == "00019000"
    assert card.send("000D01000400000000") == "01139000"


def test_an_aborted_reset_gives_no_try_back(card: Card) -> None:
    card.send("000C0000")
    for left in (2, 1, 0):
        assert card.send("000D00000411111111") == f"000{left}9000"
    assert card.send("000E00000411111111") == "00009000"
    assert card.send("000D00000400000000") == "00009000"


# Image and copies


def test_a_card_is_saved_and_restored(pair: Card) -> None:
    ask(pair, 5)
    ask(pair, 6)
    image = bytes(pair.machine.save())
    other = Card.fresh()
    other.machine.restore(image)
    other.reset()
    assert bytes(other.machine.save()) == image
    other.select("Client", package=CLIENT)
    assert ask(other, 6) == "00029000"


@pytest.mark.parametrize("place", [0, 5, 100, 5000, -1])
def test_a_damaged_image_is_refused(pair: Card, place: int) -> None:
    image = bytearray(pair.machine.save())
    image[place] ^= 1
    with pytest.raises(JException) as caught:
        Card.fresh().machine.restore(bytes(image))
    assert caught.type.__name__.endswith("DamagedMemory")


def test_a_copy_of_a_card_goes_its_own_way(card: Card) -> None:
    card.send("00090000")
    other = Card(card.machine.fork(None))
    assert other.send("000A0000") == "00569000"
    other.send("00160500")
    card.send("00160600")
    assert (card.send("00080A0000"), other.send("00080A0000")) == ("00019000", "00019000")
    other.reset()
    assert card.send("000A0000") == "00569000"


def test_power_cut_at_every_write_of_everything_leaves_a_sound_card() -> None:
    """Install, delete, load, transactions: cut at each write, and at each write of the recovery after it."""
    prepared = table_card()
    prepared.send("00160100")
    actions: list[Any] = [
        lambda card: card.send("00160200"),
        lambda card: card.install("Hello"),
        lambda card: card.machine.delete(applet_aid("Table")),
        lambda card: card.load(shared_blocks()[0]),
        lambda card: card.send("00110000"),
        lambda card: card.send("000D00000411111111"),
    ]
    for action in actions:
        assert _cut_everywhere(prepared, action) > 0


def _cut_everywhere(prepared: Card, action: Any) -> int:
    number = 0
    while True:
        number += 1
        card = Card(prepared.machine.fork(None))
        card.cut(number, ("OLD", "NEW", "RANDOM")[number % 3], number)
        try:
            action(card)
        except JException as thrown:
            assert type(thrown).__name__.endswith("CardOff")
        else:
            return number - 1
        _recover(card)
        _require_sound(card)


def _recover(card: Card) -> None:
    """Power up, with one more cut in its course."""
    card.cut(1 + card.writes % 3)
    try:
        card.reset()
    except JException:
        card.reset()
    card.cut(0)


def _require_sound(card: Card) -> None:
    """The image can be read again, and what is there is either as before or as after."""
    other = Card.fresh()
    other.machine.restore(card.machine.save())
    other.reset()
    assert map_lines(other) == map_lines(card)
    present = any("instance 1" in line for line in map_lines(card))
    if present:
        assert card.select("Table").endswith(b"\x90\x00")
        counts = {int(card.send(bytes((0, 8, 10, 0)))[:4], 16), 0}
        assert counts <= {0, 1, 2}


# Bytes can be found


def test_the_inspector_finds_bytes_wherever_they_are(card: Card) -> None:
    card.send("00090000")
    inspector = card.machine.inspector()
    assert any("RAM until reset" in str(one) for one in inspector.find(bytes.fromhex("05000000")))
    assert [inspector.typeName(int(one)) for one in inspector.objectsOf("javacard/framework/OwnerPIN")]
    assert any("package 1" in str(one) for one in inspector.find(table_block()[:15]))
