"""One private pcscd for each process that runs tests; each test has the slots to itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon, find_pcscd, find_vpcd
from cardlab.transport import Transport
from cardlab.transport.pcsc import PcscTransport, list_readers
from tests.jpki.pcsc.samples import Original, SampleCard
from tests.waiting import wait_for

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without pcscd, vpcd or pyscard these tests cannot run; where CI is set, that fails them instead.

    They start a PC/SC service for this process, which can have one only: not when ``--card`` has brought it one.
    """
    if config.getoption("--card").startswith(("vpcd", "pcsc")):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="starts a PC/SC service of its own: run it without --card"))
    needed = {"pcscd": find_pcscd(), "vsmartcard-vpcd": find_vpcd(), "pyscard": find_spec("smartcard")}
    missing = ", ".join(name for name, found in needed.items() if not found)
    if missing and not os.environ.get("CI"):
        skip = pytest.mark.skip(reason=f"needs {missing}")
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def pcscd() -> Iterator[PrivateDaemon]:
    """pcscd with four slots, which this process talks to; its environment is for programs."""
    with PrivateDaemon(4) as daemon, daemon.here():
        yield daemon


Insert = Callable[..., VirtualReader]


@pytest.fixture
def insert(pcscd: PrivateDaemon) -> Iterator[Insert]:
    """``insert(card, slot)`` puts a card into a slot and waits until it is there; it is taken out after the test."""
    inserted: list[VirtualReader] = []

    def put(card: Transport, slot: int = 0) -> VirtualReader:
        wait_for(lambda: not has_card(pcscd, slot))
        reader = VirtualReader(card, port=pcscd.ports[slot]).start()
        inserted.append(reader)
        wait_for(lambda: has_card(pcscd, slot))
        return reader

    yield put
    for reader in inserted:
        reader.stop()
    wait_for(lambda: not any(reader.atr for reader in list_readers()))


@pytest.fixture
def connect(pcscd: PrivateDaemon) -> Iterator[Callable[..., PcscTransport]]:
    """``connect(slot)`` is a connection to the card there, closed after the test."""
    opened: list[PcscTransport] = []

    def to(slot: int = 0, *, exclusive: bool = False) -> PcscTransport:
        opened.append(PcscTransport.open(pcscd.readers[slot], exclusive=exclusive))
        return opened[-1]

    yield to
    for connection in opened:
        connection.close()


def has_card(daemon: PrivateDaemon, slot: int) -> bool:
    """Is there a card in a slot?"""
    return any(reader.name == daemon.readers[slot] and reader.atr for reader in list_readers())


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    """The sample card as it was made."""
    return Original.make(tmp_path_factory.mktemp("sample") / "card.json")


@pytest.fixture
def sample(original: Original) -> Iterator[SampleCard]:
    """A sample card for one test."""
    made = original.restore()
    with made.card:
        yield made
