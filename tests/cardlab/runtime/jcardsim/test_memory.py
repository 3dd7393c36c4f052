"""Quotas of persistent and transient memory, and what applets are told of them (D4)."""

from __future__ import annotations

import pytest

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import RuntimeRefusal
from tests.cardlab.runtime.jcardsim.cards import load
from tests.cardlab.runtime.jcardsim.raw import RawCard, RawJCardSim
from tests.conformance.cards import Limits, RuntimeCard, executable, module_aid, package, select_command
from tests.conformance.conftest import MakeCard

HOLD, RESET_RAM, DESELECT_RAM, FREE, RELEASE, ABORTED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ARRAY_HEADER = 8
NO_TRANSIENT_SPACE = 0x6A02  # 6A00 + SystemException's reason
SECOND = module_aid("Memory") + b"\x02"


def send(card: RuntimeCard | RawCard, ins: int, value: int = 0) -> ResponseApdu:
    """A command with a number in P1 and P2."""
    return card.send(ins, p1=value >> 8, p2=value & 0xFF)


def order(card: RuntimeCard, ins: int, value: int = 0) -> None:
    assert send(card, ins, value).ok, card.runtime.unknown_cause()


def free(card: RuntimeCard) -> tuple[int, int, int]:
    """Persistent, until reset, until deselect, as the applet is told."""
    told = card.ask(FREE)
    return int.from_bytes(told[:2], "big"), int.from_bytes(told[2:4], "big"), int.from_bytes(told[4:], "big")


@pytest.fixture
def package_size(make_card: MakeCard) -> int:
    return make_card(also=[executable("Memory")]).load(executable("Memory"))


@pytest.fixture
def instance_size(make_card: MakeCard) -> int:
    return make_card("Memory").install("Memory")


@pytest.fixture
def card(make_card: MakeCard, package_size: int, instance_size: int) -> RuntimeCard:
    """1,000 bytes of persistent memory are left on it."""
    limits = Limits(
        persistent=package_size + instance_size + 1000, transient_reset=300, transient_deselect=200, commit=100
    )
    card = make_card("Memory", limits=limits)
    card.start("Memory")
    return card


def test_applets_are_told_what_is_left(card: RuntimeCard, raw_jcardsim: RawJCardSim) -> None:
    """JCardSim always says 32,767."""
    raw = raw_jcardsim.card("Memory")
    send(raw, HOLD, 20000)
    assert raw.send(FREE).data == b"\x7f\xff" * 3

    assert free(card) == (1000, 300, 200)
    order(card, HOLD, 500)
    order(card, RESET_RAM, 100)
    order(card, DESELECT_RAM, 150)
    # Of transient arrays the headers are persistent.
    assert free(card) == (1000 - 500 - 3 * ARRAY_HEADER, 200, 50)
    order(card, HOLD)
    assert free(card)[0] == 1000 - 2 * ARRAY_HEADER


def test_used_memory_is_what_the_instance_takes_now(card: RuntimeCard, instance_size: int) -> None:
    assert card.runtime.used_memory(module_aid("Memory")) == instance_size
    order(card, HOLD, 500)
    assert card.runtime.used_memory(module_aid("Memory")) == instance_size + 500 + ARRAY_HEADER


def test_memory_by_the_documented_model(make_card: MakeCard) -> None:
    """docs/reference/runtime.md: 32 for an instance, 8 for an object or array, 2 for a reference, 1 for a byte."""
    memory = 32 + (8 + 2 + 2 + 1) + (8 + 8 * 2)
    assert make_card("Memory").install("Memory") == memory
    assert make_card("Memory").install("Memory", (100).to_bytes(2, "big")) == memory + 8 + 100
    # An AES key in RAM: its object; an engine: 64. Two keys and a Signature, by reference from the applet.
    assert make_card("TransientKeys").install("TransientKeys") == 32 + (8 + 3 * 2) + 2 * 8 + 64
    # RSA-1024 key pair with CRT: pair, public key with exponent, five halves; P-256: eight and seven components.
    rsa = (8 + 4) + (8 + 128 + 4) + (8 + 5 * 64)
    curve = (8 + 4) + (8 + 8 * 32 + 2) + (8 + 7 * 32 + 2)
    engines = 3 * 64
    assert make_card("Cryptography").install("Cryptography") == 32 + (8 + 5 * 2) + rsa + curve + engines


@pytest.mark.parametrize("name", ["Transactions", "Engines"])
def test_the_sum_is_what_is_missing(make_card: MakeCard, name: str) -> None:
    """Package and instance together are all that JCSystem.getAvailableMemory() is short of."""
    card = make_card(limits=Limits(persistent=30000))
    used = load(card, package("Memory"))
    used += card.install("Memory")
    used += load(card, package(name, aid=b"second"))
    aid = module_aid(name)
    used += card.runtime.install(b"second", aid, aid, bytes((len(aid),)) + aid + b"\0\0")
    card.select("Memory")
    assert free(card)[0] == 30000 - used


def test_a_full_card_refuses_and_loses_nothing(card: RuntimeCard, instance_size: int) -> None:
    """D4: 6A84, and nothing is left of the attempt."""
    room = 1000 - instance_size - ARRAY_HEADER
    before = free(card)
    with pytest.raises(RuntimeRefusal) as refused:
        card.install("Memory", (room + 1).to_bytes(2, "big"), aid=SECOND)
    assert refused.value.sw == SW.NOT_ENOUGH_MEMORY
    assert free(card) == before
    with pytest.raises(RuntimeRefusal):
        card.runtime.select(SECOND, select_command(SECOND))
    card.install("Memory", room.to_bytes(2, "big"), aid=SECOND)
    assert free(card)[0] == 0
    card.runtime.delete(SECOND)
    assert free(card) == before


def test_a_package_must_fit(make_card: MakeCard, package_size: int) -> None:
    made = executable("Memory")
    card = make_card(limits=Limits(persistent=package_size - 1), also=[made])
    with pytest.raises(RuntimeRefusal) as refused:
        card.load(made)
    assert refused.value.sw == SW.NOT_ENOUGH_MEMORY
    assert load(card, package("Memory"), code_size=0) < package_size
    card = make_card(limits=Limits(persistent=package_size), also=[made])
    card.load(made)


def test_transient_memory_has_its_limits(card: RuntimeCard) -> None:
    """SystemException.NO_TRANSIENT_SPACE. JCardSim knows none."""
    assert send(card, RESET_RAM, 301).sw == NO_TRANSIENT_SPACE
    assert send(card, RESET_RAM, 300).ok
    assert send(card, RESET_RAM, 1).sw == NO_TRANSIENT_SPACE
    assert send(card, DESELECT_RAM, 201).sw == NO_TRANSIENT_SPACE
    assert send(card, DESELECT_RAM, 200).ok


def test_memory_until_deselect_is_used_in_turn(card: RuntimeCard) -> None:
    """Only one applet is selected at a time, so each may have it all; memory until reset is shared out."""
    order(card, DESELECT_RAM, 200)
    order(card, RESET_RAM, 200)
    card.install("Memory", aid=SECOND)
    card.runtime.select(SECOND, select_command(SECOND))
    assert free(card)[1:] == (100, 200)
    card.runtime.delete(module_aid("Memory"))
    assert free(card)[1:] == (300, 200)


def test_object_deletion_frees_transient_memory(card: RuntimeCard) -> None:
    """JCSystem.requestObjectDeletion(): what nobody refers to is gone after the command."""
    order(card, RESET_RAM, 200)
    order(card, RELEASE)
    assert free(card)[1] == 300


def test_a_rollback_frees_transient_memory(card: RuntimeCard) -> None:
    assert send(card, ABORTED, 200).ok
    assert free(card)[1] == 300


def test_ciphers_do_not_eat_up_transient_memory(make_card: MakeCard) -> None:
    """JCardSim makes an array at every use of a cipher and keeps it for ever."""
    card = make_card("Engines", "Memory", limits=Limits(transient_reset=200, transient_deselect=100))
    card.install("Memory")
    card.start("Engines")
    for _ in range(50):
        for cipher in (0, 2, 3, 4):
            assert card.send(0x02, bytes(16), p1=cipher).ok, card.runtime.unknown_cause()
    card.runtime.select(module_aid("Memory"), select_command(module_aid("Memory")))
    assert free(card)[1] == 200 - 4 - 1  # an array of four bytes, and the flag of a PIN


def test_what_lands_in_static_fields_is_the_first_instances(make_card: MakeCard) -> None:
    """The array that the first installation makes (8 and 4 bytes) is not in the size that load() told."""
    card = make_card("Statics")
    plain = card.install("Statics") - 12
    assert card.install("Statics", aid=SECOND) == plain
    card.runtime.delete(module_aid("Statics"))
    assert card.runtime.used_memory(SECOND) == plain + 12
