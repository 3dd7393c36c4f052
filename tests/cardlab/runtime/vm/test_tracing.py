"""What a host asks of a machine, written down: what an applet does, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cardlab.cap.reader import read_load_file
from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.runtime.interface import LoadFile, RuntimeRefusal
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.vm.adapter import VirtualMachine
from cardlab.runtime.vm.tracing import Chain, Copy, Fresh, Look, Step, tracing
from cardlab.toolchain.executable import Executable
from tests.cardlab.runtime.vm.machines import PACKAGE
from tests.cardlab.runtime.vm.test_adapter import HELLO, executable, select, send

__all__ = ["executable"]

COUNT, READ = "0001050000", "0002000000"


@dataclass
class Noted:
    """Who wants to know: chains in the order in which they began, and what cannot be asked again."""

    chains: list[Chain] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def asked(self, chain: Chain) -> None:
        if not any(one is chain for one in self.chains):
            self.chains.append(chain)

    def opaque(self, why: str) -> None:
        self.reasons.append(why)


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def card(executable: Executable, noted: Noted) -> Iterator[SimulatedCard]:
    with (
        tracing(noted),
        SimulatedCard(CardConfig(), seed=1, runtime="vm", classes=ClassLibrary([executable])) as made,
    ):
        block = executable.data_block
        made.runtime.load(LoadFile(block, read_load_file(block), 0))
        made.runtime.install(PACKAGE, HELLO, HELLO, bytes((len(HELLO),)) + HELLO + b"\x00\x01\x00")
        select(made, HELLO)
        yield made


def machine_of(card: SimulatedCard) -> VirtualMachine:
    assert isinstance(card.runtime, VirtualMachine)
    return card.runtime


def test_what_an_applet_does_is_a_step_and_what_its_code_is_called_is_none(card: SimulatedCard, noted: Noted) -> None:
    (chain,) = noted.chains
    assert isinstance(chain.origin, Fresh)
    machine, count = machine_of(card).machine, len(chain.steps)
    assert bytes(machine.kept(PACKAGE)) and len(machine.unknownPlaces()) == 0
    assert (len(chain.steps), noted.reasons) == (count, [])
    answer = bytes.fromhex(send(card, COUNT))
    step = chain.steps[count]
    assert isinstance(step, Step)
    assert (step.outcome, bytes.fromhex(COUNT) in step.arguments) == (answer, True)


def test_a_copy_goes_on_with_a_chain_of_its_own(card: SimulatedCard, noted: Noted) -> None:
    (first,) = noted.chains
    count = len(first.steps)
    other = machine_of(card).fork(card._services)
    assert other.process(bytes.fromhex(READ)).endswith(b"\x90\x00")
    second = noted.chains[1]
    assert second.origin == Copy(first, count)
    assert (len(first.steps), len(second.steps)) == (count, 1)


def test_what_is_refused_is_told_and_what_gives_an_object_cannot_be_compared(card: SimulatedCard, noted: Noted) -> None:
    (chain,) = noted.chains
    count = len(chain.steps)
    with pytest.raises(RuntimeRefusal):
        card.runtime.install(PACKAGE, HELLO, HELLO, b"")
    refused = chain.steps[count]
    assert isinstance(refused, Step) and refused.outcome[:2] == ("!", "cardlab.vm.jcre.Refusal")
    count = len(chain.steps)
    card.runtime.keep_cost(wanted=True)
    assert (noted.reasons, len(chain.steps)) == (["keepCosts()"], count)


def test_looks_into_the_memories_are_one_until_something_changes(card: SimulatedCard, noted: Noted) -> None:
    (chain,) = noted.chains
    count = len(chain.steps)
    inspector = machine_of(card).machine.inspector()
    for _ in range(2):
        inspector.digest()
    send(card, COUNT)
    inspector.digest()
    kinds = [type(one) for one in chain.steps[count:]]
    assert kinds == [Look, Step, Look]
    before, _, after = chain.steps[count:]
    assert isinstance(before, Look) and isinstance(after, Look)
    assert before.outcomes["digest", ()] == before.digest != after.digest == after.outcomes["digest", ()]
