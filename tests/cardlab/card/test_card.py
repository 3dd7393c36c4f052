"""The card as an object: power, determinism, several cards, configuration, commands of any bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import TransportError, UsageError
from cardlab.globalplatform.constants import CardState
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.pytest_plugin import LabCard
from tests.cardlab.card.bench import shared_card
from tests.cardlab.card.cards import PROBE, QUIET, SSD, Session, client, make_card, select, send, simulated_card
from tests.cardlab.card.refusals import refused

HEADER = 4  # bytes: CLA INS P1 P2
INITIALIZE = "80 50 00 00 08 0001020304050607 00"


def test_power() -> None:
    card = simulated_card()
    assert Session.open(card).install() == 0x9000
    assert select(card, PROBE).ok
    assert send(card, "80 0B 00 00 04 01020304").ok
    card.power_off()
    card.power_off()
    with pytest.raises(TransportError, match="no power"):
        send(card, "80 CA 00 66 00")
    assert card.power_on() == card.atr
    assert send(card, "80 CA 00 66 00").ok
    assert select(card, PROBE).ok
    assert send(card, "80 0C 00 00 00").data == bytes.fromhex("0102030400000000")
    card.close()
    card.close()
    for use in (lambda: send(card, "80 CA 00 66 00"), card.reset, card.power_on, lambda: card.free_memory):
        with pytest.raises(TransportError):
            use()


def test_a_card_is_a_context() -> None:
    with simulated_card() as card:
        assert send(card, "80 CA 00 66 00").ok
    with pytest.raises(TransportError):
        send(card, "80 CA 00 66 00")


def test_a_seed_makes_a_card() -> None:
    def answers(seed: int | bytes | str | None) -> list[bytes]:
        card = SimulatedCard(CardConfig(scp_options=0x60), seed=seed)
        return [send(card, INITIALIZE).data, send(card, "80 CA 9F 7F 00").data, card.se_id, send(card, INITIALIZE).data]

    assert answers(1) == answers(1)
    assert answers("a") == answers("a")
    assert answers(b"a") == answers(b"a")
    different = [answers(seed) for seed in (1, 2, "1", b"1", None, None)]
    assert len({tuple(one) for one in different}) == len(different)


def test_cards_do_not_know_each_other() -> None:
    cards = [make_card(seed=seed) for seed in range(3)]
    for number, card in enumerate(cards):
        assert Session.open(card).install(PROBE + bytes((number,))) == 0x9000
    for number, card in enumerate(cards):
        assert [entry.aid for entry in client(card).registry().applications] == [PROBE + bytes((number,))]
    cards[0].close()
    assert select(cards[1], PROBE + b"\x01").ok


def test_threads_take_turns() -> None:
    card = simulated_card()
    assert Session.open(card).install() == 0x9000
    assert select(card, PROBE).ok
    failures: list[bytes] = []

    def run(byte: int) -> None:
        for _ in range(200):
            data = bytes((byte,)) * 50
            answer = card.transmit(b"\x80\x01\x00\x00\x32" + data + b"\x00")
            if answer != data + b"\x90\x00":
                failures.append(answer)

    threads = [threading.Thread(target=run, args=(byte,)) for byte in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    "fields",
    [
        {"atr": b"\x3b"},
        {"persistent_memory": 0},
        {"key_limit": 2},
        {"key_limit": 40},
        {"isd_aid": bytes(4)},
        {"isd_aid": bytes(17)},
        {"keys": StaticKeys(bytes(32), bytes(32), bytes(32))},
        {"key_version": 0},
        {"key_version": 0x80},
        {"scp_options": 0x71},
        {"scp_options": 0x00},
        {"iin": b""},
        {"cin": bytes(17)},
        {"cplc": bytes(41)},
        {"diversification": bytes(9)},
    ],
)
def test_what_cannot_be_a_card(fields: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        CardConfig(**fields)  # type: ignore[arg-type]


def test_a_card_of_the_makers_choice() -> None:
    keys = StaticKeys(b"a" * 16, b"b" * 16, b"c" * 16)
    aid = bytes.fromhex("A00000015100000001")
    card = make_card(
        loaded=False,
        isd_aid=aid,
        keys=keys,
        key_version=0x20,
        card_state=CardState.SECURED,
        iin=b"\x12",
        cin=b"\x34",
        cplc=bytes(range(42)),
        diversification=bytes(10),
        atr=bytes.fromhex("3B80800101"),
    )
    assert card.atr == bytes.fromhex("3B80800101")
    assert Session.open(card, aid, keys, key_version=0x20).channel.response.diversification == bytes(10)
    select(card)
    assert send(card, "00 CA 9F 7F 00").data == bytes(range(42))
    assert card.simulated.se_id == b"\x12\x34"


def test_a_card_without_extended_lengths() -> None:
    card = make_card(extended_length=False)
    assert send(card, "80 CA 00 66 00 00 00").sw == refused(0x6700, "this card has short length fields only")
    assert send(make_card(), "80 CA 00 66 00 00 00").ok


# -- commands of any bytes --------------------------------------------------------------------------------------------

MALFORMED = st.sampled_from(
    ["", "80", "80CA", "80CA00", "80CA00660001", "80E400000501020304", "80E40000050102030405060708", "80CA00660000"]
)


@given(command=MALFORMED, applet=st.booleans())
def test_malformed_commands(command: str, applet: bool) -> None:
    card = make_card()
    if applet:
        assert Session.open(card).install() == 0x9000
        assert select(card, PROBE).ok
    assert _answer(card, bytes.fromhex(command)) == bytes.fromhex("6700")


@st.composite
def _commands(draw: st.DrawFn) -> bytes:
    """Anything, or something that looks like a command of ours."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=300))
    cla = draw(st.sampled_from([0x00, 0x80, 0x84, 0x04, 0x90, 0x81, 0x40]))
    ins = draw(st.sampled_from([0x50, 0x70, 0x82, 0xA4, 0xCA, 0xD8, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2]))
    p1, p2 = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    data = draw(
        st.one_of(
            st.binary(max_size=255),
            st.sampled_from([PROBE, QUIET, SSD]).map(lambda aid: b"\x4f" + bytes((len(aid),)) + aid),
        )
    )
    le = draw(st.sampled_from([b"", b"\x00", b"\x01"]))
    return bytes((cla, ins, p1, p2)) + (bytes((len(data),)) + data if data else b"") + le


def _answer(card: LabCard, command: bytes) -> bytes:
    """No reader carries less than a header; the card still has to bear it."""
    return (card if len(command) >= HEADER else card.simulated).transmit(command)


def _with_applications() -> LabCard:
    card = make_card()
    assert Session.open(card).install() == Session.open(card).make_domain() == 0x9000
    return card


@given(commands=st.lists(_commands(), min_size=1, max_size=20), applet=st.booleans())
def test_no_bytes_harm_a_card(commands: list[bytes], applet: bool) -> None:
    """Every command is answered, never with 6F00, and without a secure channel nothing on the card changes."""
    card = shared_card(_with_applications)
    before = client(card).registry()
    select(card, PROBE if applet else b"")
    for command in commands:
        answer = _answer(card, command)
        assert len(answer) >= 2
        assert answer[-2:] != b"\x6f\x00", command.hex()
    assert client(card).registry() == before


@given(commands=st.lists(st.tuples(_commands(), st.integers(0, 255)), min_size=1, max_size=20))
def test_no_bytes_inside_a_secure_channel_harm_a_card(commands: list[tuple[bytes, int]]) -> None:
    """The same with commands that pass the secure channel: the card answers and can still be managed."""
    card = make_card()
    session = Session.open(card)
    assert session.install() == session.make_domain() == 0x9000
    for command, ins in commands:
        body = command[5:244]
        chosen = command[1] if len(command) > 3 else ins
        if card.simulated.state is CardState.TERMINATED:
            break
        if chosen in (0xA4, 0x50, 0x82) or not session.channel.is_open:
            select(card)
            session = Session.open(card)
            continue
        p1, p2 = (command[2] & 0x7F, command[3]) if len(command) > 3 else (0, 0)
        answer = session.send(chosen, p1, p2, body[: session.channel.max_data])
        assert answer.sw != 0x6F00, (chosen, p1, p2, body.hex())
    assert card.transmit(bytes.fromhex("80CA9F7F00"))[-2:] in (b"\x90\x00", b"\x69\x82")


@pytest.mark.parametrize(
    "ask",
    [
        SimulatedCard.fork,
        SimulatedCard.explain,
        SimulatedCard.power_cut_opportunities,
        SimulatedCard.keep_cost,
        SimulatedCard.cost,
        SimulatedCard.inspector,
        SimulatedCard.reset,
        lambda card: card.cut_power_at(1),
        lambda card: card.limit_instructions(1),
        lambda card: card.observe(None),
        lambda card: card.free_memory,
    ],
)
def test_a_closed_card_answers_nothing(ask: Callable[[SimulatedCard], object]) -> None:
    card = simulated_card()
    card.close()
    with pytest.raises(TransportError, match="the simulated card was closed"):
        ask(card)
