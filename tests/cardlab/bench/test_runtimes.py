"""``cardlab bench``: figures of every runtime, with an applet of its own."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from cardlab.bench.report import runtime_lines
from cardlab.bench.runtimes import JCARDSIM, Effort, expected_count, key_times, runtime_figures
from cardlab.bench.subject import CONTENT, Instruction, Subject, executable, send
from cardlab.cli import run
from cardlab.errors import HarnessError
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime import choose, known
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import AppletRuntime, LoadFile, RuntimeRefusal
from cardlab.runtime.jcardsim.adapter import JCardSimRuntime
from cardlab.transport import Transport

EFFORT = Effort(warm_up=0.0, rounds=2, turn=0.005, cards=2, keys=1, signatures=2, many=3)


class Refusing(JCardSimRuntime):
    """Takes no load file."""

    def load(self, load_file: LoadFile) -> int:
        raise RuntimeRefusal(SW.FUNCTION_NOT_SUPPORTED, "one fixed applet only")


class Forgetting(JCardSimRuntime):
    """Writes nothing down."""

    def process(self, command: bytes, channel: int = 0) -> bytes:
        return b"\x90\0" if command[1] == Instruction.WRITE else super().process(command, channel)


def forgetting(order: RuntimeOrder) -> AppletRuntime:
    return Forgetting(order)


def refusing(order: RuntimeOrder) -> AppletRuntime:
    return Refusing(order)


class WithoutKeys(Transport):
    """A card whose runtime has no RSA, or that is broken."""

    def __init__(self, sw: int) -> None:
        self._sw = sw

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: bytes) -> bytes:
        assert command[1] == Instruction.GENERATE
        return self._sw.to_bytes(2, "big")

    def reset(self) -> bytes:
        raise AssertionError("nobody asked for that")

    def close(self) -> None:
        raise AssertionError("nobody asked for that")


@pytest.mark.parametrize("name", sorted(known()))
def test_the_applet_does_what_is_measured(name: str) -> None:
    with Subject(choose(name), executable()).card() as card:
        assert send(card, Instruction.READ) == bytes(16)
        assert send(card, Instruction.WRITE) == b""
        assert send(card, Instruction.READ) == CONTENT
        assert send(card, Instruction.COUNT) == expected_count().to_bytes(2, "big")
        assert send(card, Instruction.HASH).hex().startswith("f5a5fd42d16a2030")  # SHA-256 of 64 zeros
        with pytest.raises(UnexpectedStatusError):
            send(card, Instruction.SIGN)
        assert send(card, Instruction.GENERATE) == b""
        assert len(send(card, Instruction.SIGN)) == 256


def test_one_that_executes_no_applet_is_said_and_the_others_are_measured() -> None:
    said: list[str] = []
    usual = choose()
    other = replace(usual, name="fixed", make=refusing)
    found = runtime_figures([other, usual], EFFORT, progress=said.append)
    assert list(found) == ["fixed", usual.name]
    assert found["fixed"] is None
    assert said[0].startswith("nothing is measured of fixed, which does not execute the applet: ")
    figures = found[usual.name]
    assert figures is not None
    assert figures.fresh_cards_per_second > 0
    assert figures.examples_per_second > 0
    assert figures.apdus.read.rounds == EFFORT.rounds
    assert figures.key_generation is not None
    assert figures.signature is not None
    assert (figures.key_generation.n, figures.signature.n) == (EFFORT.keys, EFFORT.signatures)
    assert figures.apdus_per_second == figures.apdus.read.per_second
    assert figures.to_jcardsim == (1 if usual.name == JCARDSIM else None)
    assert figures.new_card_ms > 0
    text = list(runtime_lines(found))
    assert text[0] == "fixed: does not execute the applet that is measured"
    assert text[1] == f"{usual.name} {usual.version}: commands to a small applet per second"
    assert json.loads(json.dumps(asdict(figures)))["signature"]["n"] == EFFORT.signatures


def test_the_machine_is_compared_with_jcardsim_in_the_same_turns() -> None:
    found = runtime_figures([choose("vm"), choose("jcardsim")], EFFORT, progress=lambda said: None)
    machine, other = found["vm"], found["jcardsim"]
    assert machine is not None and other is not None
    assert other.to_jcardsim == 1
    assert machine.to_jcardsim is not None and 0 < machine.to_jcardsim != 1
    assert machine.fork_ms is not None and machine.fork_ms > 0
    assert machine.whole_cards.cards == EFFORT.many
    assert machine.whole_cards.last_package > 0
    assert machine.signature_to_library is not None and machine.signature_to_library > 0
    assert machine.save_restore_ms is not None and machine.save_restore_ms > 0
    assert machine.bytecodes_per_second is not None
    assert machine.bytecodes_per_second > 1000 * machine.apdus.count.per_second
    assert other.bytecodes_per_second is None
    assert any("instructions" in line and "bound by" in line for line in runtime_lines(found))


def test_no_keys_is_no_figure_and_another_answer_an_error() -> None:
    assert key_times(WithoutKeys(SW.FUNCTION_NOT_SUPPORTED), EFFORT) == (None, None)
    with pytest.raises(UnexpectedStatusError, match="GENERATE"):
        key_times(WithoutKeys(0x6F00), EFFORT)


def test_a_runtime_that_answers_wrongly_is_not_measured() -> None:
    other = replace(choose("jcardsim"), name="forgetful", make=forgetting)
    with pytest.raises(HarnessError, match=r"^the runtime forgetful answers wrongly: ") as told:
        runtime_figures([other], EFFORT, progress=lambda said: None)
    assert told.value.hint == "nothing was measured"


def test_an_unknown_runtime_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--runtime", "another"]) == 2
    assert "there is no runtime another" in capsys.readouterr().err


@pytest.mark.slow
def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--quick", "--json"]) == 0
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert set(facts) == {"machine", "runtimes"}
    assert set(facts["runtimes"]) == set(known())
    assert "fresh cards" in err
