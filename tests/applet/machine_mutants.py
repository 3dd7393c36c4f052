"""Sets the state machine on applets with a fault and says what noticed it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from harness.evidence.mutants import Mutant, build_mutant, read_mutants
from harness.pytest_plugin import CardSource
from harness.pytest_plugin.kinds import SimulatedKind
from harness.toolchain import places
from tests.applet.machine import JpkiMachine
from tests.applet.machine_cards import Cards

MUTANTS_FILE = Path(__file__).with_name("mutants.toml")
STEPS = 40
_SEED = 20


@dataclass(frozen=True, slots=True)
class Catch:
    """How a fault was noticed: the last line of the failure (it names the rule), empty when it was not."""

    by: str
    kind: str = ""


def _shortened(text: str) -> str:
    """Without long runs of hexadecimal."""
    return re.sub(r"[0-9a-f]{20,}", "...", text)


def all_mutants() -> tuple[Mutant, ...]:
    """The faults of mutants.toml."""
    return read_mutants(MUTANTS_FILE)


def hunt(mutant: Mutant, folder: Path, *, examples: int, with_model: bool = True) -> Catch:
    """Run the machine on a card with this fault until something fails.

    Without the model only the properties count, which look at commands and answers alone.
    """
    classes = folder / "classes"
    if not classes.exists():
        build_mutant(mutant, places.applet_sources(), folder)
    kind = "model" if with_model else "properties"
    (folder / kind).mkdir()

    class Hunter(JpkiMachine):
        cards: ClassVar[Cards] = Cards(folder / kind, CardSource(SimulatedKind()), classes, compare=with_model)

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
    except AssertionError as error:
        return Catch(_shortened(str(error).splitlines()[-1] if str(error) else "an assertion"), type(error).__name__)
    return Catch("")
