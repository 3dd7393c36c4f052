"""PcscTransport against pcscd and the virtual reader: what passes is what was sent, and every failure has its name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardlab.errors import TransportError, UsageError
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport.pcsc import (
    CardWasResetError,
    NoCardError,
    NoReaderError,
    PcscTransport,
    ReaderBusyError,
    find_reader,
    list_readers,
)
from tests.jpki.pcsc.echo import EchoCard
from tests.waiting import answers, wait_for

Connect = Callable[..., PcscTransport]
Insert = Callable[..., VirtualReader]

LIST = """\
import sys
from cardlab.errors import HarnessError
from cardlab.transport.pcsc import list_readers
try:
    print(list_readers())
except HarnessError as error:
    print(type(error).__name__, error.exit_code, error, error.hint)
"""


def listing(first: str = "", **environment: str) -> str:
    """What another process is told that asks for the readers; ``first`` is what it does before."""
    command = [sys.executable, "-c", f"{first}\n{LIST}"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=True)
    return done.stdout


def test_readers_and_cards_are_listed(pcscd: PrivateDaemon, insert: Insert) -> None:
    insert(EchoCard(), 2)
    readers = list_readers()
    assert tuple(reader.name for reader in readers) == pcscd.readers
    assert [reader.atr for reader in readers] == [None, None, EchoCard.ATR, None]


def test_without_the_library_the_message_says_how_to_install_it() -> None:
    said = listing("import sys; sys.modules['smartcard'] = None")
    assert said.startswith("MissingDependencyError 3 ")
    assert "pip install 'cardlab[pcsc]'" in said


def test_without_the_daemon_the_message_says_how_to_start_it(pcscd: PrivateDaemon, tmp_path: Path) -> None:
    said = listing(PCSCLITE_CSOCK_NAME=str(tmp_path / "nobody"))
    assert said.startswith("NoDaemonError 6 ")
    assert "systemctl start pcscd" in said


def test_without_a_reader(pcscd: PrivateDaemon) -> None:
    with pytest.raises(NoReaderError, match="no reader 'Acme'") as raised:
        PcscTransport.open("Acme")
    assert pcscd.readers[3] in raised.value.hint
    with pytest.raises(NoReaderError, match="there is no reader") as raised:
        find_reader("", ())
    assert "cardlab card serve" in raised.value.hint


def test_without_a_card(pcscd: PrivateDaemon) -> None:
    with pytest.raises(NoCardError, match="there is no card"):
        PcscTransport.open(pcscd.readers[0])


def test_part_of_a_name_is_enough_when_it_is_the_only_one(pcscd: PrivateDaemon, insert: Insert) -> None:
    insert(EchoCard(), 1)
    with PcscTransport.open("pcd 0 00 01") as connection:
        assert connection.reader == pcscd.readers[1]
    with pytest.raises(UsageError, match="2 readers have 'pcd 0'"):
        PcscTransport.open("pcd 0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=600) | st.integers(60_000, 65_000).map(bytes),
    answer=st.binary(max_size=600) | st.integers(60_000, 65_000).map(lambda size: b"\xa5" * size),
)
def test_whatever_is_sent_arrives_and_so_does_the_answer(
    echo: tuple[EchoCard, PcscTransport], data: bytes, answer: bytes
) -> None:
    card, connection = echo
    card.answer = answer + b"\x90\x00"
    command = b"\x00\x01\x02\x03\x00" + len(data).to_bytes(2, "big") + data if data else b"\x00\x01\x02\x03"
    assert connection.transmit(command) == card.answer
    assert card.last == command


@pytest.fixture
def echo(insert: Insert, connect: Connect) -> tuple[EchoCard, PcscTransport]:
    """A card that answers what it is told to, and a connection to it."""
    card = EchoCard()
    insert(card)
    return card, connect()


def test_reset_reaches_the_card(echo: tuple[EchoCard, PcscTransport]) -> None:
    card, connection = echo
    before = card.resets
    assert connection.reset() == connection.atr == EchoCard.ATR
    assert card.resets == before + 1


def test_exclusive_keeps_others_out(
    echo: tuple[EchoCard, PcscTransport], pcscd: PrivateDaemon, connect: Connect
) -> None:
    _, first = echo
    with pytest.raises(ReaderBusyError):
        connect(exclusive=True)
    first.close()
    with PcscTransport.open(pcscd.readers[0], exclusive=True):
        assert list_readers()[0].exclusive
        with pytest.raises(ReaderBusyError):
            connect()
    assert connect().transmit(b"\x00\x01\x00\x00")


def test_a_reset_by_another_program_is_noticed_and_survived(
    echo: tuple[EchoCard, PcscTransport], connect: Connect
) -> None:
    _, first = echo
    connect().reset()
    with pytest.raises(CardWasResetError):
        first.transmit(b"\x00\x01\x00\x00")
    first.reset()
    assert first.transmit(b"\x00\x01\x00\x00") == b"\x90\x00"


@pytest.mark.slow
@pytest.mark.parametrize("byte", [0, 1, 2])
def test_a_command_of_one_byte_is_an_error_and_hangs_nobody(
    echo: tuple[EchoCard, PcscTransport], connect: Connect, pcscd: PrivateDaemon, byte: int
) -> None:
    """The virtual reader takes it for a control, which has no answer; the card is there again afterwards."""
    _, connection = echo
    with pytest.raises(TransportError):
        connection.transmit(bytes((byte,)))
    wait_for(lambda: answers(lambda: connect().transmit(b"\x00\x01\x00\x00") == b"\x90\x00"))


def test_a_byte_that_asks_for_the_atr_is_answered_with_it(echo: tuple[EchoCard, PcscTransport]) -> None:
    _, connection = echo
    assert connection.transmit(b"\x04") == EchoCard.ATR


def test_a_card_taken_out(insert: Insert, connect: Connect, pcscd: PrivateDaemon) -> None:
    reader = insert(EchoCard())
    connection = connect()
    reader.stop()
    with pytest.raises(TransportError):
        connection.transmit(b"\x00\x01\x00\x00")
    wait_for(lambda: list_readers()[0].atr is None)
    with pytest.raises(NoCardError):
        connection.transmit(b"\x00\x01\x00\x00")
    insert(EchoCard())
    assert connect().transmit(b"\x00\x01\x00\x00") == b"\x90\x00"


def test_a_closed_connection_says_so(echo: tuple[EchoCard, PcscTransport]) -> None:
    _, connection = echo
    connection.close()
    connection.close()
    with pytest.raises(TransportError, match="was closed"):
        connection.transmit(b"\x00\x01\x00\x00")


def test_a_service_ends_with_the_process_that_was_killed(tmp_path: Path) -> None:
    start = (
        "import sys, time; from pathlib import Path; from cardlab.reader.daemon import PrivateDaemon\n"
        "PrivateDaemon(folder=Path(sys.argv[1])).start(); print('started', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", start, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        address = str(tmp_path / "pcscd.comm")
        assert listing(PCSCLITE_CSOCK_NAME=address).startswith("(Reader(")
        process.kill()
    wait_for(lambda: listing(PCSCLITE_CSOCK_NAME=address).startswith("NoDaemonError"))
