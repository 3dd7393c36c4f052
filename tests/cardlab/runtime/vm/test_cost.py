"""What commands cost: instructions by kind, writes by cell with their names, cryptographic operations."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab.cap.instruction_kind import InstructionKind, kind_of
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import read_load_file
from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.classfile.flow import Flow
from cardlab.errors import TransportError, UsageError
from cardlab.runtime.cost import Cost, CryptoOperation
from cardlab.runtime.interface import LoadFile
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.vm import costs
from cardlab.runtime.vm.adapter import VirtualMachine, translation
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.runtime.vm.machines import PACKAGE, applet_aid, compiled

METER = "costtest.Meter"
AID = applet_aid("Meter")
NOTHING, COUNT, ARRAYS, STATICS, DIGEST, MAC, PIN, TRANSACTION, LOOP, UNKNOWN = (*range(9), 0x7F)


@pytest.fixture(scope="module")
def executable() -> Executable:
    return Executable(Package(PACKAGE, (1, 0), (Module(AID, METER),), compiled("costtest")))


@pytest.fixture
def card(executable: Executable) -> Iterator[SimulatedCard]:
    with made(executable, ClassLibrary([executable])) as one:
        yield one


def made(executable: Executable, classes: object) -> SimulatedCard:
    """A card with the applet selected, past the card manager."""
    card = SimulatedCard(CardConfig(), seed=1, runtime="vm", classes=classes)
    block = executable.data_block
    card.runtime.load(LoadFile(block, read_load_file(block), 0))
    card.runtime.install(PACKAGE, AID, AID, bytes((len(AID),)) + AID + b"\x00\x01\x00")
    card.runtime.select(AID, bytes((0, 0xA4, 4, 0, len(AID))) + AID)
    return card


def send(card: SimulatedCard, ins: int, data: bytes = b"") -> str:
    """A command past the card manager; returns what the card answers."""
    return card.runtime.process(bytes((0, ins, 0, 0, len(data))) + data).hex().upper()


def cost_of(card: SimulatedCard, ins: int, data: bytes = b"", *, times: int = 1) -> Cost:
    card.keep_cost()
    for _ in range(times):
        assert send(card, ins, data) == "9000"
    return card.cost()


def worn(cost: Cost) -> list[tuple[str, int, int]]:
    return [(one.where, one.length, one.writes) for one in cost.wear]


def test_operations_are_told_by_kind_and_how_often_where_it_is_more_than_once() -> None:
    operations = [CryptoOperation(*one) for one in (("SHA-256", 32), ("AES", 16), ("SHA-256", 32), ("SHA-256", 33))]
    assert Cost({}, 0, (), (*operations,)).lines() == [
        "instructions  0",
        "writes        0",
        "cryptography  2 × SHA-256 of 32 bytes, AES of 16 bytes, SHA-256 of 33 bytes",
    ]


def test_every_instruction_has_the_kind_that_its_row_says() -> None:
    """Checked against other columns of the table than the order of its rows."""
    flows = {
        Flow.BRANCH: InstructionKind.BRANCH,
        Flow.JUMP: InstructionKind.BRANCH,
        Flow.SUBROUTINE: InstructionKind.BRANCH,
        Flow.SUBROUTINE_END: InstructionKind.BRANCH,
        Flow.SWITCH: InstructionKind.SWITCH,
        Flow.RETURN: InstructionKind.RETURN,
        Flow.CALL: InstructionKind.CALL,
        Flow.THROW: InstructionKind.EXCEPTION,
    }
    starts = {
        ("getfield", "putfield"): InstructionKind.FIELD,
        ("getstatic", "putstatic"): InstructionKind.STATIC,
        ("new", "anew", "checkcast", "instanceof"): InstructionKind.OBJECT,
        ("aload_", "sload_", "iload_", "astore_", "sstore_", "istore_", "sinc", "iinc"): InstructionKind.LOCAL,
        ("aaload", "baload", "saload", "iaload", "aastore", "bastore", "sastore", "iastore"): InstructionKind.ARRAY,
        ("pop", "dup", "swap"): InstructionKind.STACK,
        ("s2", "i2"): InstructionKind.CONVERSION,
        ("sconst", "iconst", "aconst", "bspush", "sspush", "bipush", "sipush", "iipush"): InstructionKind.CONSTANT,
        ("sadd", "imul", "ineg", "sushr", "ixor", "icmp"): InstructionKind.ARITHMETIC,
    }
    for opcode in Opcode:
        told = flows.get(opcode.flow) or next(
            (k for names, k in starts.items() if opcode.mnemonic.startswith(names)), None
        )
        assert told in (None, kind_of(opcode)), opcode.mnemonic
    assert {kind_of(one) for one in Opcode} == set(InstructionKind)


def test_instructions_are_those_that_the_runtime_counts(card: SimulatedCard) -> None:
    cost = cost_of(card, LOOP)
    assert cost.instructions == card.runtime.instructions() > 1000
    assert sum(cost.by_kind.values()) == sum(cost.by_mnemonic.values()) == cost.instructions
    assert cost.by_mnemonic["sxor"] == cost.by_mnemonic["bastore"] == 1000
    assert cost.by_kind[InstructionKind.ARITHMETIC] == 1000
    assert (cost.writes, cost.wear, cost.crypto, cost.most_worn) == (0, (), (), None)


def test_several_commands_add_up(card: SimulatedCard) -> None:
    once = cost_of(card, COUNT)
    thrice = cost_of(card, COUNT, times=3)
    assert (thrice.instructions, thrice.writes) == (3 * once.instructions, 3)
    assert worn(thrice) == [(f"{METER}.count", 2, 3)]
    assert thrice.written(f"{METER}.count") == 3


def test_elements_and_static_fields_have_their_names(card: SimulatedCard) -> None:
    assert sorted(worn(cost_of(card, ARRAYS))) == [(f"{METER}.numbers[1]", 2, 1), (f"{METER}.store[2..3]", 2, 1)]
    assert sorted(worn(cost_of(card, STATICS))) == [(f"{METER}.last", 1, 1), (f"{METER}.total", 2, 2)]


def test_addresses_are_those_of_memory(card: SimulatedCard) -> None:
    found = cost_of(card, ARRAYS).wear
    memory = bytes(machine(card).persistentMemory())
    seen = {one.where: memory[one.address : one.address + one.length] for one in found}
    assert seen == {f"{METER}.store[2..3]": b"\x07\x07", f"{METER}.numbers[1]": b"\x00\x07"}


def machine(card: SimulatedCard) -> Any:
    assert isinstance(card.runtime, VirtualMachine)
    return card.runtime.machine


def test_a_transaction_wears_the_journal_as_well(card: SimulatedCard) -> None:
    cost = cost_of(card, TRANSACTION)
    assert cost.written(f"{METER}.count") == 1
    assert cost.written("journal") > 1
    assert cost.most_worn is not None and cost.most_worn.where == "journal"
    assert cost.writes == card.power_cut_opportunities()


def test_tries_of_a_pin_wear_the_pin(card: SimulatedCard) -> None:
    """They are counted down before a value is compared, and set back after one that was right."""
    assert worn(cost_of(card, PIN, bytes(4))) == [(f"{METER}.pin", 1, 1)]
    assert worn(cost_of(card, PIN, bytes((1, 2, 3, 4)))) == [(f"{METER}.pin", 1, 2)]


def test_costs_that_are_the_same_are_equal(card: SimulatedCard) -> None:
    """So a test for leaks is one comparison."""
    wrong, later, right = (bytes((9, 2, 3, 4)), bytes((1, 2, 3, 9)), bytes((1, 2, 3, 4)))
    costs = []
    for pin in (wrong, later, right):
        with card.fork() as copy:
            costs.append(cost_of(copy, PIN, pin))
    assert costs[0] == costs[1] != costs[2]


def test_cryptographic_operations_with_algorithm_and_length(card: SimulatedCard) -> None:
    assert cost_of(card, DIGEST).crypto == (
        CryptoOperation("MessageDigest.ALG_SHA_256", 200),
        CryptoOperation("MessageDigest.ALG_SHA_256", 5),
        CryptoOperation("RandomData.ALG_SECURE_RANDOM", 8),
    )
    assert cost_of(card, MAC).crypto == (
        CryptoOperation("Signature.ALG_AES_MAC_128_NOPAD", 32),
        CryptoOperation("Signature.ALG_AES_MAC_128_NOPAD", 16),
    )


def test_without_names_there_are_numbers(executable: Executable) -> None:
    with made(executable, ()) as card:
        (cells,) = cost_of(card, COUNT).wear
        applet = card.inspector().applet()
        assert cells.where.startswith(applet.class_name)
        assert (cells.length, cells.writes) == (2, 1)


def test_installation_writes_headers_and_free_memory(card: SimulatedCard) -> None:
    other = applet_aid("Other")
    card.keep_cost()
    card.runtime.install(PACKAGE, AID, other, bytes((len(other),)) + other + b"\x00\x01\x00")
    cost = card.cost()
    assert cost.writes == card.power_cut_opportunities()
    assert any(one.where == f"header of {METER}.store" for one in cost.wear)
    assert sum(one.length * one.writes for one in cost.wear) > cost.writes


def test_loading_that_the_power_ended(executable: Executable) -> None:
    """What is of no package yet has numbers in the place of names."""
    with SimulatedCard(CardConfig(), seed=1, runtime="vm") as card:
        card.keep_cost()
        card.cut_power_at(8)
        with pytest.raises(TransportError):
            card.runtime.load(LoadFile(executable.data_block, read_load_file(executable.data_block), 0))
        assert card.cost().writes == 8
        assert card.cost().wear


def test_nobody_pays_who_does_not_ask(card: SimulatedCard) -> None:
    with pytest.raises(UsageError, match="nobody asked"):
        card.cost()
    counted = cost_of(card, LOOP).instructions
    card.keep_cost(wanted=False)
    with pytest.raises(UsageError, match="nobody asked"):
        card.cost()
    for _ in range(600):  # until it is translated, which it is not while costs are kept
        send(card, NOTHING)
    assert send(card, LOOP) == "9000"
    assert card.runtime.instructions() == counted
    if translation() != "false":  # this process translates nothing
        assert machine(card).translated()[0] > 0
    with card.fork() as copy, pytest.raises(UsageError, match="nobody asked"):
        copy.cost()


def test_keeping_the_cost_changes_nothing(executable: Executable) -> None:
    with made(executable, ()) as plain, made(executable, ()) as counted:
        counted.keep_cost()
        for ins in (COUNT, ARRAYS, DIGEST, MAC, TRANSACTION, UNKNOWN):
            assert send(plain, ins) == send(counted, ins)
        assert bytes(machine(plain).persistentMemory()) == bytes(machine(counted).persistentMemory())


def test_a_name_goes_through_three_objects_that_have_none() -> None:
    """Of arrays within arrays, each referred to by cell 0 of the next, the fourth is named by its number."""
    parts: Any = object.__new__(costs._Parts)
    parts._names = SimpleNamespace(is_known=lambda _: False)
    parts._java = SimpleNamespace(referrer=lambda reference: (reference + 1, 0))
    array = {"machine_class": 0, "class_name": "Object[]", "cells": dict}
    parts._inspector = SimpleNamespace(at=lambda number: SimpleNamespace(reference=number, **array))
    assert parts._name(costs._Block(0, 0, 10, 1)) == "Object[] 4.0.0.0"
