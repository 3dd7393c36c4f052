"""Sets the state machine on mutants and says what noticed them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from cardlab.campaign.mutants import Mutant, build_mutant
from cardlab.kinds.sim import SimulatedCards
from cardlab.pytest_plugin import CardSource
from jpki import sources
from jpki.evidence.mutant_hunt import Catch
from jpki.evidence.mutants import runtime_for
from tests.jpki.applet.machine import JpkiMachine
from tests.jpki.applet.machine_cards import Cards
from tests.jpki.applet.machine_properties import Property

STEPS = 40
_SEED = 20


def _shortened(text: str) -> str:
    """Without long runs of hexadecimal."""
    return re.sub(r"[0-9a-f]{20,}", "...", text)


def _speaker(error: Exception) -> str:
    """The property in whose method the failure was raised, else the kind of failure."""
    name, frame = type(error).__name__, error.__traceback__
    while isinstance(frame, TracebackType):
        speaker = frame.tb_frame.f_locals.get("self")
        name = type(speaker).__name__ if isinstance(speaker, Property) else name
        frame = frame.tb_next
    return name


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one mutant is hunted: its class files, and cards that carry them."""

    folder: Path
    cards: Cards

    @classmethod
    def prepare(cls, mutant: Mutant, folder: Path) -> Ground:
        """Compile the mutant; raises BuildError when that cannot be done."""
        classes = build_mutant(mutant, sources.applet_sources(), folder)
        return cls(folder, Cards(folder, CardSource(SimulatedCards(runtime_for(mutant))), classes))

    def hunt(self, *, examples: int) -> Catch:
        """Run the machine until something fails, for so many random lives at most; says which property spoke."""

        class Hunter(JpkiMachine):
            cards: ClassVar[Cards] = self.cards
            lives: ClassVar[list[int]] = [0]

            def __init__(self) -> None:
                self.lives[0] += 1
                super().__init__()

        chosen = settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=(Phase.generate,),  # the first failure is enough, nobody needs a small one
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        try:
            run_state_machine_as_test(seed(_SEED)(Hunter), settings=chosen)
        except (AssertionError, ValueError, LookupError) as error:  # an answer of a wrong shape is no DER any more
            message = _shortened(str(error).splitlines()[-1] if str(error) else "an assertion")
            return Catch(_speaker(error), Hunter.lives[0], message)
        return Catch(lives=examples)
