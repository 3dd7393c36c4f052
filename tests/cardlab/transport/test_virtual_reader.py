"""The card's side of vpcd's protocol, against a driver in the test: messages in pieces, lost links, dead cards."""

from __future__ import annotations

import queue
import socket
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardlab.errors import TransportError
from cardlab.reader import VirtualReader, server
from cardlab.reader.server import Control, Link
from cardlab.transport import MuteError
from tests.jpki.pcsc.echo import EchoCard
from tests.waiting import PATIENCE


class Driver:
    """A slot of vpcd: listens, and talks to one card at a time."""

    def __init__(self, backlog: int | None = None) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self._listening.settimeout(PATIENCE)
        self.port: int = self._listening.getsockname()[1]
        self.card: socket.socket | None = None

    def accept(self) -> None:
        """Let a card in."""
        self.card, _ = self._listening.accept()
        self.card.settimeout(PATIENCE)

    def send(self, message: bytes, pieces: int = 1) -> None:
        """A message, in as many parts."""
        assert self.card is not None
        raw = len(message).to_bytes(2, "big") + message
        size = -(-len(raw) // pieces)
        for start in range(0, len(raw), size):
            self.card.sendall(raw[start : start + size])

    def receive(self) -> bytes:
        """An answer; b"" when the link was closed instead."""
        assert self.card is not None
        length = self._exactly(2)
        return self._exactly(int.from_bytes(length, "big")) if length else b""

    def look(self) -> None:
        """See whether the card is there, as pcscd does all the time."""
        self.send(bytes((Control.ATR,)))
        assert self.receive() == EchoCard.ATR

    def drop(self) -> None:
        """Close the link to the card."""
        assert self.card is not None
        self.card.close()

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()
        if self.card is not None:
            self.card.close()

    def _exactly(self, count: int) -> bytes:
        assert self.card is not None
        data = b""
        while len(data) < count and (more := self.card.recv(count - len(data))):
            data += more
        return data


class MortalCard(EchoCard):
    """Loses its power, or falls silent, when it is told to."""

    def __init__(self, death: TransportError) -> None:
        super().__init__()
        self.death = death

    def transmit(self, command: bytes) -> bytes:
        if command[1] == 0xDE:
            raise self.death
        return super().transmit(command)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """A slot without a card, which may be slower than pcscd to go on after a control."""
    monkeypatch.setattr(server, "_UNASKED", PATIENCE)
    one = Driver()
    yield one
    one.close()


def test_power_and_reset_reach_the_card(driver: Driver) -> None:
    """A card that has power is not reset by power-on; after power-off it is."""
    card = EchoCard()
    with VirtualReader(card, port=driver.port):
        driver.accept()
        on, off, reset = Control.POWER_ON, Control.POWER_OFF, Control.RESET
        for control, resets in ((on, 1), (on, 1), (reset, 2), (off, 2), (on, 3)):
            driver.send(bytes((control,)))
            driver.send(bytes((Control.ATR,)))  # the only one that is answered
            assert driver.receive() == card.ATR
            assert card.resets == resets


def test_a_command_without_power_finds_the_card_powered(driver: Driver) -> None:
    card = EchoCard()
    with VirtualReader(card, port=driver.port):
        driver.accept()
        driver.send(b"\x00\x01\x00\x00")
        assert driver.receive() == b"\x90\x00"
        assert card.resets == 1


def test_what_is_no_message_is_passed_over(driver: Driver) -> None:
    with VirtualReader(EchoCard(), port=driver.port):
        driver.accept()
        for nothing in (b"", b"\x03", b"\xff"):
            driver.send(nothing)
        driver.send(b"\x00\x01\x00\x00")
        assert driver.receive() == b"\x90\x00"


@pytest.fixture
def connected(driver: Driver) -> Iterator[tuple[Driver, EchoCard]]:
    """A card in the slot."""
    card = EchoCard()
    with VirtualReader(card, port=driver.port):
        driver.accept()
        yield driver, card


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(st.binary(min_size=4, max_size=400), min_size=1, max_size=4),
    answer=st.binary(min_size=2, max_size=400),
    pieces=st.integers(1, 5),
)
def test_messages_may_come_in_pieces_or_together(
    connected: tuple[Driver, EchoCard], messages: list[bytes], answer: bytes, pieces: int
) -> None:
    driver, card = connected
    card.answer = answer
    for message in messages:
        driver.send(message, pieces)
    assert [driver.receive() for _ in messages] == [answer] * len(messages)
    assert card.last == messages[-1]


@pytest.mark.parametrize(
    ("death", "told"),
    [(TransportError("the power was cut"), Link.CARD_LOST), (MuteError("a loop without end"), Link.MUTE)],
)
def test_links_that_end_are_told_and_made_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, death: TransportError, told: Link
) -> None:
    """The listener hears of each change once; a dead card and a closed reader are told apart."""
    monkeypatch.setattr(server, "_SILENCE", PATIENCE)  # the driver here may be slower than pcscd
    heard: queue.Queue[Link] = queue.Queue()
    card = MortalCard(death)
    with VirtualReader(card, port=driver.port, listener=heard.put):
        driver.accept()
        driver.look()
        assert heard.get(timeout=PATIENCE) is Link.CONNECTED
        driver.drop()
        assert heard.get(timeout=PATIENCE) is Link.LOST
        driver.accept()
        driver.look()
        assert heard.get(timeout=PATIENCE) is Link.CONNECTED
        driver.send(b"\x00\xde\x00\x00")
        assert driver.receive() == b""
        assert heard.get(timeout=PATIENCE) is told
        driver.accept()
        driver.look()
        assert heard.get(timeout=PATIENCE) is Link.CONNECTED
        before = card.resets
        driver.send(b"\x00\x01\x00\x00")
        assert driver.receive() == b"\x90\x00"
        assert card.resets == before + 1  # what it had in RAM went with the power
    assert driver.receive() == b""
    assert heard.empty()


@pytest.mark.parametrize("byte", [0, 1, 2])
def test_whoever_waits_for_the_answer_to_a_control_gets_an_error(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, byte: int
) -> None:
    """A command of one byte: the reader asks nothing more. The card comes back, and has an answer to the next."""
    monkeypatch.setattr(server, "_UNASKED", 0.1)
    heard: queue.Queue[Link] = queue.Queue()
    with VirtualReader(EchoCard(), port=driver.port, listener=heard.put):
        driver.accept()
        driver.look()
        assert heard.get(timeout=PATIENCE) is Link.CONNECTED
        driver.send(bytes((byte,)))
        assert driver.receive() == b""
        assert heard.get(timeout=PATIENCE) is Link.STUCK
        driver.accept()
        driver.look()
        assert heard.get(timeout=PATIENCE) is Link.CONNECTED


def test_a_reader_that_has_another_card_is_told_until_that_one_is_out(driver: Driver) -> None:
    first, second = EchoCard(), EchoCard()
    heard: queue.Queue[Link] = queue.Queue()
    with VirtualReader(first, port=driver.port):
        driver.accept()
        with VirtualReader(second, port=driver.port, listener=heard.put) as queueing:
            driver.look()
            assert heard.get(timeout=PATIENCE) is Link.TAKEN
            driver.look()
            driver.drop()
            driver.accept()
            driver.send(b"\x00\x01\x00\x00")
            assert driver.receive() == b"\x90\x00"
            assert (first.last, second.last) == (b"", b"\x00\x01\x00\x00")
            assert heard.get(timeout=PATIENCE) is Link.CONNECTED
            driver.drop()
            assert heard.get(timeout=PATIENCE) is Link.LOST
            queueing.stop()
    assert heard.empty()


def test_a_reader_that_ends_while_cards_queue(driver: Driver) -> None:
    heard: queue.Queue[Link] = queue.Queue()
    with VirtualReader(EchoCard(), port=driver.port, listener=heard.put):
        assert heard.get(timeout=PATIENCE) is Link.TAKEN
        driver.close()
        assert [heard.get(timeout=PATIENCE) for _ in range(2)] == [Link.LOST, Link.WAITING]


@pytest.mark.skipif(sys.platform != "linux", reason="how long a queue is differs among systems")
def test_a_third_card() -> None:
    """vpcd lets one card wait."""
    strict = Driver(backlog=0)
    heard: queue.Queue[Link] = queue.Queue()
    with VirtualReader(EchoCard(), port=strict.port, listener=heard.put):
        assert heard.get(timeout=PATIENCE) is Link.TAKEN
        with VirtualReader(EchoCard(), port=strict.port, listener=heard.put):
            assert heard.get(timeout=PATIENCE) is Link.NO_ANSWER
    strict.close()
    assert heard.empty()


def test_nobody_there_is_told_once() -> None:
    nobody = Driver()
    nobody.close()
    heard: queue.Queue[Link] = queue.Queue()
    reader = VirtualReader(EchoCard(), port=nobody.port, listener=heard.put).start()
    assert heard.get(timeout=PATIENCE) is Link.WAITING
    reader.stop()
    reader.stop()
    assert heard.empty()
