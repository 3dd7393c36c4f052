"""Simulated cards as programs find them in a reader: T=0, logical channels, Ctrl-C while an applet loops."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import T0_ATR, CardConfig
from cardlab.errors import TransportError
from cardlab.iso7816.apdu import CommandApdu
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import exchange
from cardlab.transport.channel import LogicalChannel
from cardlab.transport.pcsc import PcscTransport, list_readers
from tests.cardlab.card.cards import select, send
from tests.cardlab.card.careless import CARELESS, ECHO, ENDLESS, careless_card
from tests.cardlab.card.refusals import thrown
from tests.waiting import PATIENCE, answers, wait_for

Connect = Callable[..., PcscTransport]
Insert = Callable[..., VirtualReader]
BUDGET = 20_000_000  # instructions: a moment


@pytest.fixture
def t0_card() -> Iterator[SimulatedCard]:
    with careless_card(CardConfig.of_profile("feitian-s01c")) as card:
        yield card


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with careless_card() as made:
        yield made


def test_a_card_of_t0_is_connected_to_with_t0(t0_card: SimulatedCard, insert: Insert, connect: Connect) -> None:
    insert(t0_card)
    assert list_readers()[0].atr == T0_ATR
    reached = connect()
    assert reached.protocol == "T=0"
    assert select(reached, CARELESS).ok
    for count in (1, 100, 255):  # each in pieces of a byte to the applet, and with 61xx back
        data = bytes(range(count))
        assert exchange(reached, CommandApdu(0x80, ECHO, 0, 0, data, le=256)).data == data


def test_what_passes_are_t0_messages(t0_card: SimulatedCard, insert: Insert, connect: Connect) -> None:
    """As pyscard alone sees them: an answer is announced, then fetched."""
    from smartcard.CardConnection import CardConnection
    from smartcard.System import readers

    insert(t0_card)
    connection = readers()[0].createConnection()
    connection.connect(CardConnection.T0_protocol)
    try:
        name = [0, 0xA4, 4, 0, len(CARELESS), *CARELESS]
        assert connection.transmit(name)[1:] == (0x90, 0x00)
        assert connection.transmit([0x80, ECHO, 0, 0, 3, 1, 2, 3]) == ([], 0x61, 3)
        assert connection.transmit([0, 0xC0, 0, 0, 3]) == ([1, 2, 3], 0x90, 0x00)
        with pytest.raises(Exception, match="protocol"):
            readers()[0].createConnection().connect(CardConnection.T1_protocol)
    finally:
        connection.disconnect()


def test_logical_channels_through_a_reader(card: SimulatedCard, insert: Insert, connect: Connect) -> None:
    insert(card)
    reached = connect()
    assert select(reached).ok
    with LogicalChannel.open(reached) as first, LogicalChannel.open(reached, 3) as third:
        assert (first.number, third.number) == (1, 3)
        for channel in (first, third):
            assert select(channel, CARELESS).ok
            assert exchange(channel, CommandApdu(0x80, ECHO, 0, 0, b"on its own", le=256)).data == b"on its own"
        assert send(reached, "80 CA 9F 7F 00").ok  # the basic channel's is the security domain
    assert send(reached, "01 CA 9F 7F 00").sw == thrown(0x6881)  # closed


def test_a_channel_s_loop_takes_the_card_out_and_in(card: SimulatedCard, insert: Insert, connect: Connect) -> None:
    card.limit_instructions(BUDGET)
    insert(card)
    reached = connect()
    with LogicalChannel.open(reached) as channel:
        assert select(channel, CARELESS).ok
        with pytest.raises(TransportError):
            send(channel, f"80 {ENDLESS:02X} 00 00")
    wait_for(lambda: answers(lambda: select(connect(), CARELESS).ok))


SERVE = """
import signal
from cardlab.cli import run
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background process may have been told to ignore it
raise SystemExit(run(["card", "serve", "--state", {state!r}, "--port", "{port}"]))
"""
LOOP = """
from cardlab.transport.channel import LogicalChannel
from cardlab.transport.pcsc import PcscTransport
card = PcscTransport.open({reader!r})
channel = LogicalChannel.open(card)
channel.transmit(bytes.fromhex("00A40400{length:02X}{aid}00"))
print("looping", flush=True)
channel.transmit(bytes.fromhex("80{ins:02X}0000"))
"""


@pytest.mark.slow
def test_ctrl_c_ends_serving_while_a_command_on_a_channel_loops(
    card: SimulatedCard, pcscd: PrivateDaemon, tmp_path: Path
) -> None:
    state = tmp_path / "card.json"
    card.save(state)
    serve = SERVE.format(state=str(state), port=pcscd.ports[0])
    said = (tmp_path / "said").open("w+b")
    with said, subprocess.Popen([sys.executable, "-c", serve], stdout=said, stderr=said) as served:
        wait_for(lambda: list_readers()[0].atr is not None)
        text = LOOP.format(reader=pcscd.readers[0], length=len(CARELESS), aid=CARELESS.hex(), ins=ENDLESS)
        with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=said) as client:
            assert client.stdout is not None
            assert client.stdout.readline() == b"looping\n"
            time.sleep(0.3)
            served.send_signal(signal.SIGINT)
            assert served.wait(PATIENCE) == 0
            client.kill()
        said.seek(0)
        assert f"saved to {state}" in said.read().decode()
    with SimulatedCard.restore(state) as kept:
        assert select(kept, CARELESS).ok
