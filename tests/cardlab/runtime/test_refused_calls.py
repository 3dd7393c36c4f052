"""What runtimes and their parts are asked in vain: said in words, with what to ask instead."""

from __future__ import annotations

import pytest

from cardlab.errors import HarnessError, UsageError
from cardlab.iso7816.status import SW
from cardlab.runtime import choose
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import RuntimeRefusal
from cardlab.runtime.media import MEDIUM_NAMES, medium_named
from cardlab.runtime.observer import Event, EventKind
from cardlab.runtime.torn import TornCell
from tests.conformance.cards import FakeServices
from tests.conformance.toy import TOY

SEED = bytes(32)


def test_a_runtime_that_tells_nothing() -> None:
    """Unless it is asked to: of nothing, or by nobody."""
    runtime = TOY.open(RuntimeOrder(FakeServices(), SEED))
    runtime.observe(None, EventKind)
    runtime.observe(_heard, ())
    with pytest.raises(UsageError, match=r"^this runtime tells no ") as refused:
        runtime.observe(_heard, (EventKind.PERSISTENT_WRITE,))
    assert (str(refused.value), refused.value.hint) == (
        "this runtime tells no PERSISTENT_WRITE",
        "choose another runtime",
    )


def _heard(event: Event) -> None:
    """Not called."""


def test_a_runtime_that_passes_no_personalisation_on() -> None:
    runtime = TOY.open(RuntimeOrder(FakeServices(), SEED))
    with pytest.raises(RuntimeRefusal, match="the runtime passes no personalization data on") as refused:
        runtime.process_data(b"12345", b"data")
    assert refused.value.sw == SW.CONDITIONS_NOT_SATISFIED


def test_a_medium_that_is_none() -> None:
    assert medium_named("hci") is MEDIUM_NAMES["hci"]
    with pytest.raises(UsageError, match=r"^there is no medium air") as refused:
        medium_named("air")
    assert refused.value.hint == "known: contact, type-a, type-b, usb, hci"


def test_a_content_of_a_cell_that_is_none() -> None:
    assert TornCell.parse("new") is TornCell.parse(TornCell.NEW) is TornCell.NEW
    with pytest.raises(UsageError, match=r"^torn='half': no such content of a cell") as refused:
        TornCell.parse("half")
    assert refused.value.hint == "it is one of old, new, random"


def test_a_seed_that_is_too_short() -> None:
    """HMAC_DRBG would take it, and the card's keys would be fewer than they look (NIST SP 800-90A Rev. 1, 10.1)."""
    with pytest.raises(HarnessError, match=r"^the card's seed has 31 bytes") as refused:
        choose("vm").open(RuntimeOrder(FakeServices(), SEED[1:]))
    assert refused.value.hint == "give at least 32"


def test_jcardsim_is_given_class_files() -> None:
    with pytest.raises(UsageError, match=r"^the runtime jcardsim was given tuple") as refused:
        choose("jcardsim").open(RuntimeOrder(FakeServices(), SEED, classes=()))
    assert refused.value.hint == "give it a ClassLibrary"


def test_jcardsim_leaves_what_was_in_a_cell_or_all_of_the_new() -> None:
    runtime = choose("jcardsim").open(RuntimeOrder(FakeServices(), SEED))
    runtime.cut_power_at(0, TornCell.OLD)
    with pytest.raises(UsageError, match=r"^the runtime jcardsim leaves no random value in a cell") as refused:
        runtime.cut_power_at(1, TornCell.RANDOM)
    assert refused.value.hint == "use the runtime vm"
