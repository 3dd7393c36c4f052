"""The demonstration on both runtimes: the same steps, and the same bytes on the wire."""

from __future__ import annotations

import pytest

from cardlab.runtime import choose, known
from cardlab.transport import Layer, Transport
from jpki.demo.parties import Parties
from jpki.demo.step import Step, StepRunner
from jpki.demo.story import Story

SEED = 7
STEPS = 27


class Wire(Layer):
    """Keeps what passes, resets among it."""

    def __init__(self, lower: Transport, log: list[str]) -> None:
        super().__init__(lower)
        self._log = log

    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        self._log.append(f"{command.hex()} {answer.hex()}")
        return answer

    def reset(self) -> bytes:
        atr = super().reset()
        self._log.append(f"reset {atr.hex()}")
        return atr


def told(runtime: str | None, parties: Parties) -> tuple[list[str], list[Step], str]:
    """What passes between host and card in a whole run, its steps, and what executed the applet."""
    log: list[str] = []
    recorder = StepRunner(lambda step: None)
    story = Story(recorder, lambda card: Wire(card, log), seed=SEED, runtime=runtime, parties=parties.again(SEED))
    try:
        story.tell()
        assert story.card is not None
        return log, recorder.steps, story.card.backend.name
    finally:
        story.close()


@pytest.mark.slow
def test_all_runtimes_tell_the_same_story_byte_by_byte() -> None:
    parties = Parties()
    wire, steps, name = told(None, parties)
    assert name == choose().name == "vm"
    assert len(steps) == STEPS
    assert len(wire) > 200
    others = known().keys() - {name}
    assert others
    for other in others:
        wire_there, steps_there, _ = told(other, parties)
        assert [one.title for one in steps_there] == [one.title for one in steps]
        assert wire_there == wire


def test_other_seeds_tell_another_one() -> None:
    """So the test above is not about constants."""
    parties = Parties()
    assert parties.again(1).temporary_pins() == parties.again(1).temporary_pins()
    assert parties.again(1).temporary_pins() != parties.again(2).temporary_pins()
    assert parties.again(1).challenge() != parties.again(2).challenge()
