"""What each runtime refuses before Java is asked, or in its own words afterwards: each with its reason."""

from __future__ import annotations

import pytest

from cardlab.errors import HarnessError, IntegrityError, UsageError
from cardlab.runtime import known
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import AppletRuntime, RuntimeRefusal
from cardlab.runtime.media import Media, TransmissionProtocol, medium_named
from cardlab.runtime.observer import EventKind
from cardlab.runtime.torn import TornCell
from tests.conformance.cards import FakeServices

RUNTIMES = ("jcardsim", "vm")


def opened(name: str, seed: bytes = bytes(32), classes: object = None) -> AppletRuntime:
    return known()[name].open(RuntimeOrder(FakeServices(), seed, classes=classes))


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_seed_has_32_bytes_at_least(name: str) -> None:
    with pytest.raises(HarnessError, match="the card's seed has 31 bytes") as refused:
        opened(name, bytes(31))
    assert refused.value.hint == "give at least 32"
    opened(name, bytes(33)).close()


@pytest.mark.parametrize("name", RUNTIMES)
def test_what_is_no_image(name: str) -> None:
    with pytest.raises(IntegrityError, match="the card cannot be restored: "):
        opened(name).restore(b"no image")


@pytest.mark.parametrize(
    ("name", "words"),
    [("jcardsim", "there is no applet F000000001"), ("vm", "there is no such applet, or none is selected")],
)
def test_an_applet_that_is_not_there(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        opened(name).inspector().applet(bytes.fromhex("F000000001"))


@pytest.mark.parametrize("torn", [TornCell.NEW, TornCell.RANDOM])
def test_jcardsim_tears_no_cells(torn: TornCell) -> None:
    runtime = opened("jcardsim")
    with pytest.raises(UsageError, match=f"the runtime jcardsim leaves no {torn.value} value in a cell"):
        runtime.cut_power_at(1, torn)
    runtime.cut_power_at(1, TornCell.OLD)


def test_jcardsim_names_what_it_does_not_tell() -> None:
    """All of them, and nothing for nobody."""
    runtime, every = opened("jcardsim"), [*EventKind]
    missing = ", ".join(sorted(kind.name for kind in {*EventKind} - known()["jcardsim"].tells))
    with pytest.raises(UsageError, match=f"the runtime jcardsim tells no {missing}\n"):
        runtime.observe(lambda event: None, every)
    runtime.observe(None, every)


def test_jcardsim_executes_class_libraries() -> None:
    with pytest.raises(UsageError, match="the runtime jcardsim was given dict") as refused:
        opened("jcardsim", classes={})
    assert refused.value.hint == "give it a ClassLibrary"


def test_a_machine_that_was_closed() -> None:
    """It answers commands as a card without applets, may be reset and closed again; all else is refused by name."""
    runtime = opened("vm")
    runtime.close()
    assert runtime.process(bytes(5)) == b"\x69\x99"
    runtime.reset(TransmissionProtocol.T1, Media.CONTACT)
    for call, name in ((runtime.save, "save"), (runtime.power_cut_opportunities, "writesOfLastCommand")):
        with pytest.raises(RuntimeRefusal, match=rf"the runtime was closed, {name}\(\) cannot be done"):
            call()
    runtime.close()


def test_media_that_there_are_not() -> None:
    with pytest.raises(UsageError, match="there is no medium pigeon") as refused:
        medium_named("pigeon")
    assert refused.value.hint == "known: contact, type-a, type-b, usb, hci"
