"""The machine as a runtime of the card manager: names, lines, events, budgets."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cardlab.cap.reader import read_load_file
from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import IntegrityError, TransportError, UsageError
from cardlab.runtime import choose, jvm
from cardlab.runtime.inspector import ELEMENTS
from cardlab.runtime.interface import LoadFile
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.observer import Event, EventKind
from cardlab.runtime.services import Service
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.runtime.vm.machines import PACKAGE, applet_aid, compiled

HELLO, TABLE = applet_aid("Hello"), applet_aid("Table")


@pytest.fixture(scope="module")
def executable() -> Executable:
    modules = (Module(HELLO, "vmtest.Hello"), Module(TABLE, "vmtest.Table"))
    return Executable(Package(PACKAGE, (1, 0), modules, compiled("vmtest")))


@pytest.fixture
def card(executable: Executable) -> Iterator[SimulatedCard]:
    with SimulatedCard(CardConfig(), seed=1, runtime="vm", classes=ClassLibrary([executable])) as made:
        block = executable.data_block
        made.runtime.load(LoadFile(block, read_load_file(block), 0))
        for aid in (HELLO, TABLE):
            made.runtime.install(PACKAGE, aid, aid, bytes((len(aid),)) + aid + b"\x00\x01\x00")
        select(made, TABLE)
        yield made


def select(card: SimulatedCard, aid: bytes) -> bytes:
    """Select past the card manager."""
    return card.runtime.select(aid, bytes((0, 0xA4, 4, 0, len(aid))) + aid)


def send(card: SimulatedCard, command: str) -> str:
    """A command past the card manager."""
    return card.runtime.process(bytes.fromhex(command)).hex().upper()


def test_the_machine_is_chosen_by_its_name() -> None:
    assert choose("vm").name == "vm"


def test_an_exception_is_explained_with_classes_methods_and_lines(card: SimulatedCard) -> None:
    assert send(card, "000B0000") == "6F00"
    thrown, native, place = card.runtime.unknown_cause().split(" at ")
    assert thrown == "javacard.framework.TransactionException: IN_PROGRESS"
    assert native == "javacard.framework.JCSystem.beginTransaction"
    assert place.startswith("vmtest.Table.process(Table.java:")
    line = int(place.rpartition(":")[2].rstrip(")"))
    source = compiled_source("Table")[line - 1 : line + 1]
    assert any("beginTransaction" in text for text in source)


def compiled_source(name: str) -> list[str]:
    """The lines of a test applet's source."""
    from tests.cardlab.runtime.vm.machines import SOURCES

    return (SOURCES / "vmtest" / f"{name}.java").read_text("utf-8").splitlines()


def test_an_endless_loop_makes_the_card_mute_and_names_the_line(card: SimulatedCard) -> None:
    card.runtime.limit_instructions(10_000)
    select(card, HELLO)
    with pytest.raises(
        TransportError, match=r"executed 10000 instructions at vmtest\.Hello\.process\(Hello\.java:\d+\)"
    ):
        send(card, "0006000000")
    with pytest.raises(TransportError, match="mute"):
        send(card, "0000000000")
    card.reset()
    select(card, HELLO)
    assert send(card, "0000000000") == "68656C6C6F9000"


def test_fields_have_their_names(card: SimulatedCard) -> None:
    select(card, HELLO)
    send(card, "0001050000")
    applet = card.runtime.inspector().applet()
    assert (applet.class_name, applet.fields()) == ("vmtest.Hello", ("store", "count", "calls"))
    assert (applet.field("count"), applet.field("calls"), applet.field("store")) == (5, 1, bytes(64))
    with pytest.raises(UsageError, match=r"^vmtest.Hello has no array nothing") as refused:
        applet.put("nothing", bytes(64))
    assert refused.value.hint == "it has store, count, calls"
    applet.put("store", bytes(range(64)))
    assert send(card, "0004000000") == "00010203040506079000"
    assert any(one.field(ELEMENTS) == bytes(range(64)) for one in card.runtime.inspector().objects("byte[]"))


def test_bytes_are_found_with_their_holder(card: SimulatedCard) -> None:
    select(card, HELLO)
    send(card, "0003000008C0FFEEC0FFEE0102")
    found = card.runtime.inspector().find(bytes.fromhex("C0FFEEC0FFEE"))
    assert {(one.block.holder, one.offset) for one in found if one.block.holder} == {("vmtest.Hello", 0)}


def test_events_are_told_of_the_kinds_asked_for(card: SimulatedCard) -> None:
    events: list[Event] = []
    card.runtime.observe(events.append, [EventKind.PERSISTENT_WRITE, EventKind.EXCEPTION])
    send(card, "000B0000")
    assert [event.what for event in events] == ["javacard.framework.TransactionException"]
    events.clear()
    select(card, HELLO)
    send(card, "0001050000")
    assert [event.what.split()[0] for event in events] == ["FIELD", "FIELD"]
    assert card.runtime.power_cut_opportunities() == 2
    events.clear()
    card.runtime.observe(events.append, [EventKind.INSTRUCTION])
    send(card, "0002000000")
    instructions = len(events)
    card.runtime.observe(None, [])
    send(card, "0002000000")
    assert len(events) == instructions > 10


def test_a_fork_shares_nothing_and_asks_its_own_services(card: SimulatedCard) -> None:
    select(card, HELLO)
    other = card.runtime.fork(card._services)
    send(card, "0001050000")
    assert other.process(bytes.fromhex("0002000000")).hex() == "000000009000"
    assert send(card, "0002000000") == "000500019000"


def test_a_damaged_image_is_an_integrity_error(card: SimulatedCard) -> None:
    state = bytearray(card.runtime.save())
    state[1000] ^= 1
    fresh = SimulatedCard(CardConfig(), seed=2, runtime="vm")
    with pytest.raises(IntegrityError):
        fresh.runtime.restore(bytes(state))


def test_ctrl_c_ends_an_endless_loop(card: SimulatedCard) -> None:
    card.runtime.limit_instructions(0)
    select(card, HELLO)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        send(card, "0006000000")
    assert send(card, "0000000000") == "68656C6C6F9000"


@pytest.mark.parametrize("closed", [True, False])
def test_a_card_that_nobody_holds_is_freed(card: SimulatedCard, closed: bool) -> None:
    """Neither Java's garbage collector nor Python's sees a circle that leads through both."""
    for held in _copies_let_go(card, closed=closed):
        for _ in range(40):
            gc.collect()
            jvm.java_class("java.lang.System").gc()
            if held.get() is None:
                break
            time.sleep(0.05)
        assert held.get() is None


def _copies_let_go(card: SimulatedCard, *, closed: bool) -> list[Any]:
    """Java's weak references to the machines of copies: one that is observed, and one that is not."""
    copies = [card.fork() for _ in range(2)]
    weak = jvm.java_class("java.lang.ref.WeakReference")
    machines = [weak(one.runtime._machine) for one in copies]  # type: ignore[attr-defined]
    copies[0].observe(lambda event: None, [EventKind.CALL])
    for one in copies:
        send(one, "000A0000")
        if closed:
            one.close()
    return machines


def test_what_applets_ask_is_kept_from_when_somebody_hears(card: SimulatedCard) -> None:
    """As Java asks it; an instance that is in no registry is answered 6985."""
    runtime: Any = card.runtime
    runtime._services.call(b"12345", Service.GET_APPLICATION_STATE, b"before")
    heard = runtime.hear()
    answer = runtime._services.call(b"12345", Service.GET_APPLICATION_STATE, b"asked")
    assert heard == [(Service.GET_APPLICATION_STATE, b"asked", answer)] and answer[:2] == b"\x69\x85"
