"""What tests get from a card that runs what was loaded: copies, counted writes, tears, warnings, a budget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import SETTINGS, Project

CARELESS = """\
package com.example.careless;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

public final class Careless extends Applet {
    private final byte[] kept = new byte[4];
    private byte[] made;
    private short first;
    private short second;

    public static void install(byte[] parameters, short offset, byte length) {
        new Careless().register();
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01: leave(); break;
            case 0x02: allocate(); break;
            case 0x03: fill(); break;
            case 0x04: loop(); break;
            case 0x05: count(); break;
            case 0x06: read(apdu); break;
            case 0x07: refuse(); break; case 0x08: deeper(); break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void leave() {
        JCSystem.beginTransaction(); // line 39
        first++;
    }

    private void allocate() {
        made = new byte[8]; // line 44
    }

    private void fill() {
        JCSystem.beginTransaction();
        Util.arrayFillNonAtomic(kept, (short) 0, (short) 4, (byte) 1); // line 49
        JCSystem.commitTransaction();
    }

    private void loop() {
        while (first >= 0) { // line 54
            second = first;
        }
    }

    private void count() {
        first++;
        second++;
    }

    private void read(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, first);
        Util.setShort(buffer, (short) 2, second);
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }

    private void refuse() {
        JCSystem.beginTransaction();
        first++;
        ISOException.throwIt((short) 0x6985);
    }

    private short deeper() {
        return (short) (deeper() + 1); // line 78
    }
}
"""
CARELESS_SETTINGS = """\
[tool.pytest.ini_options]
javacard_sources = "src"
javacard_class = "com.example.careless.Careless"
javacard_aid = "F00000000201"
javacard_runtime = "vm"
"""


@pytest.fixture
def purse(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", SETTINGS + 'javacard_runtime = "vm"\n')
    made.copy_purse()
    return made


@pytest.fixture
def careless(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", CARELESS_SETTINGS)
    made.write("src/com/example/careless/Careless.java", CARELESS)
    return made


TOOLS = """
from itertools import count

def read(card):
    answer = card.send(0x80, 0x52)
    return int.from_bytes(answer[:2], "big"), int.from_bytes(answer[2:], "big")

def rich(card):
    card.send(0x80, 0x20, data=b"1234")
    card.send(0x80, 0x30, data=(100).to_bytes(2, "big"))

def test_copies_go_their_own_way_ram_included(card):
    rich(card)
    with card.fork() as other:
        other.send(0x80, 0x30, data=b"\\0\\1")          # the PIN is still verified there
        assert (read(card), read(other)) == ((100, 1), (101, 2))
        other.reset()
        other.send(0x80, 0x30, data=b"\\0\\1", expect=0x6982)
        card.send(0x80, 0x30, data=b"\\0\\1")
        with other.fork() as third:
            assert read(third) == (101, 2)
    assert read(card) == (101, 2)

def test_a_copy_keeps_the_secure_channel(card):
    manager = card.manager()
    with card.fork() as other:
        assert other.transport.transmit(bytes.fromhex("80CA006600"))[-2:] == bytes.fromhex("6982")
    assert manager.get_data(0x0066)

def test_a_cost_leaves_the_card_as_it_is(card):
    rich(card)
    paid, refused = (card.cost(0x80, 0x40, data=amount) for amount in (b"\\0\\1", b"\\xFF\\0"))
    assert paid.instructions > refused.instructions > 0 == refused.writes
    assert paid.writes == card.writes(0x80, 0x40, data=b"\\0\\1")
    assert paid.written("com.example.purse.Purse.balance") == 1
    assert read(card) == (100, 1)

def test_writes_leave_the_card_as_it_is(card):
    rich(card)
    writes = card.writes(0x80, 0x40, data=b"\\0\\1")
    assert writes > 4
    assert read(card) == (100, 1)
    assert card.writes(0x80, 0x52) == 0

def test_the_loop_ends(card):
    rich(card)
    writes = card.writes(0x80, 0x40, data=b"\\0\\1")
    for at in count(1):
        with card.fork() as torn:
            cut = torn.tear(0x80, 0x40, data=b"\\0\\1", at=at)
            assert read(torn) in ((100, 1), (99, 2))
        if not cut:
            break
    assert at == writes + 1
"""


CHANNELS = """
import pytest
from cardlab.errors import UsageError

def test_a_further_channel(card):
    with card.channel() as second, card.channel(3) as third:
        assert (second.number_of_channel, third.number_of_channel) == (1, 3)
        second.select(expect=0x6985)                       # the purse is on the basic channel
        assert second.manager().registry()                 # the default application is there
        card.send(0x80, 0x20, data=b"1234")
        card.send(0x80, 0x30, data=b"\\0\\1")
    card.send(0x01, 0xCA, 0x00, 0x66, expect=0x6881)       # closed
    with card.channel(2) as again:
        card.select(bytes.fromhex("A000000151000000"))
        again.select()
        again.send(0x80, 0x20, data=b"1234", expect=0x6E00)  # 82: the purse has class 80 alone

def test_a_copy_stays_on_its_channel(card):
    card.send(0x80, 0x20, data=b"1234")
    with card.channel() as second:
        assert card.writes(0x80, 0x30, data=b"\\0\\1") > second.writes(0x80, 0x30, data=b"\\0\\1") == 0
        with second.fork() as other:
            assert other.number_of_channel == 1
            other.manager()
        second.send(0x80, 0xCA, 0x00, 0x66)                # the card itself went on

@pytest.mark.parametrize("number", [0, 20, -1])
def test_there_is_no_such_channel(card, number):
    with pytest.raises(UsageError, match=f"channel {number} is no further"), card.channel(number):
        pass
"""


def test_further_logical_channels(purse: Project) -> None:
    purse.write("test_channels.py", CHANNELS)
    result = purse.run("-q")
    assert (result.code, "5 passed" in result.output) == (0, True), result.output


def test_copies_writes_and_tears(purse: Project) -> None:
    purse.write("test_tools.py", TOOLS)
    result = purse.run("-q")
    assert (result.code, "5 passed" in result.output) == (0, True), result.output


def test_on_a_runtime_without_copies_such_tests_are_skipped(purse: Project) -> None:
    purse.write("test_tools.py", TOOLS)
    result = purse.run("-q", "-rs", "--card-runtime", "jcardsim")
    assert result.code == 0, result.output
    assert "5 skipped" in result.output
    assert "this kind of card lacks a copy of itself, as it is at this moment" in result.output
    assert "this kind of card lacks a count of what commands cost it" in result.output


TORN = """
import pytest

@pytest.mark.parametrize(("torn", "seen"), [("old", {(0, 0), (1, 0)}), ("new", {(1, 0), (1, 1)})])
def test_between_two_writes(card, torn, seen):
    found = set()
    assert card.writes(0, 5) == 2
    for at in (1, 2):
        with card.fork() as other:
            assert other.tear(0, 5, at=at, torn=torn)
            answer = other.send(0, 6)
            found.add((answer[1], answer[3]))
    assert found == seen

def test_no_such_cell(card):
    with pytest.raises(Exception, match="torn='half'.*old, new, random"):
        card.tear(0, 5, at=1, torn="half")
"""


def test_a_torn_cell_holds_what_it_is_told(careless: Project) -> None:
    careless.write("test_torn.py", TORN)
    result = careless.run("-q")
    assert (result.code, "3 passed" in result.output) == (0, True), result.output


WARNED = """
import pytest

def test_left(card):
    card.send(0, 1)

def test_made(card):
    card.send(0, 2)

def test_filled(card):
    card.send(0, 3)

def test_refused(card):
    card.send(0, 7, expect=0x6985)

def test_told_in_the_transcript(card):
    card.send(0, 1)
    assert False

@pytest.mark.filterwarnings("ignore::cardlab.pytest_plugin.warned.JavaCardWarning")
def test_known(card):
    card.send(0, 1)
"""
LEFT = (
    "process() returned with a transaction in progress: it was rolled back at"
    " com.example.careless.Careless.leave(Careless.java:39)"
)
MADE = "process() made 1 objects; a card gives their memory back only when asked at"
FILLED = (
    "arrayFillNonAtomic() in a transaction: what it writes stays when the transaction is aborted at"
    " com.example.careless.Careless.fill(Careless.java:49)"
)


def test_warnings_are_in_the_report_with_class_method_and_line(careless: Project) -> None:
    careless.write("test_warned.py", WARNED)
    result = careless.run("-q")
    assert result.code == 1, result.output
    assert "1 failed, 5 passed, 4 warnings" in result.output
    assert f"JavaCardWarning: {LEFT}" in result.output
    assert f"JavaCardWarning: {MADE} com.example.careless.Careless.allocate(Careless.java:44)" in result.output
    assert f"JavaCardWarning: {FILLED}" in result.output
    assert f"    warning: {LEFT}" in result.output.partition("- card -")[2]


def test_strictness_makes_them_failures(careless: Project) -> None:
    careless.write("pyproject.toml", CARELESS_SETTINGS + "javacard_strict = true\n")
    careless.write("test_warned.py", WARNED)
    result = careless.run("-q")
    assert result.code == 1, result.output
    assert "4 failed, 2 passed" in result.output
    assert f"{LEFT} (javacard_strict)" in result.output
    assert "Traceback" not in result.output


LOOPING = """
import pytest
from cardlab.errors import TransportError

def test_loop(card):
    card.send(0, 4)

def test_mute_until_reset(card):
    with pytest.raises(TransportError, match="executed 50000 instructions"):
        card.send(0, 4)
    card.reset()
    card.send(0, 5)

def test_mute_is_no_tear(card):
    assert card.tear(0, 4, at=100)
    with pytest.raises(TransportError, match="executed 50000 instructions"):
        card.tear(0, 4, at=1_000_000)

def test_deep(card):
    card.send(0, 8)
"""


def test_an_endless_loop_ends_with_class_method_and_line(careless: Project) -> None:
    careless.write("pyproject.toml", CARELESS_SETTINGS + 'javacard_budget = "50_000"\n')
    careless.write("test_loop.py", LOOPING)
    result = careless.run("-q")
    assert "2 failed, 2 passed" in result.output, result.output
    assert "adapter.py" not in result.output, "the way through this package tells nothing"
    deep = r"NO_RESOURCE at com\.example\.careless\.Careless\.deeper\(Careless\.java:78\) \(\d\d+ times\) at"
    assert re.search(deep, result.output)
    place = r"com.example.careless.Careless.loop(Careless.java:5"
    assert f"the card is mute: the command executed 50000 instructions at {place}" in result.output


def test_a_budget_is_a_number(careless: Project) -> None:
    careless.write("pyproject.toml", CARELESS_SETTINGS + 'javacard_budget = "plenty"\n')
    careless.write("test_loop.py", LOOPING)
    result = careless.run("-q")
    assert result.code != 0
    assert "javacard_budget = 'plenty'" in result.output
    assert "write a number of bytecode instructions" in result.output
