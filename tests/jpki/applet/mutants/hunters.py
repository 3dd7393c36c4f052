"""Who hunts mutants: the test that each names, and the state machine."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from cardlab.campaign.mutants import Mutant, changed_texts
from cardlab.campaign.mutate.hunt import Fallen, Hunters, Prey
from cardlab.campaign.mutate.messages import Ground, Outcome
from cardlab.campaign.mutate.pool import Pool
from cardlab.errors import BuildError
from jpki import sources
from jpki.evidence.mutant_hunt import Catch, Hunter, Pack
from jpki.evidence.mutants import TESTS, Way, runtime_for
from tests.jpki.applet.mutants.machine_hunt import Ground as CardsGround
from tests.jpki.applet.mutants.on_cards import ROOT

Told = Callable[[Mutant, Catch], object]
_PATIENCE = 600.0  # seconds for a test, on a busy machine


def by_tests(mutants: Sequence[Mutant], told: Told) -> None:
    """The tests that the mutants' entries name, in one process a core; each runtime has its own."""
    of_runtime: dict[str, list[Mutant]] = defaultdict(list)
    for one in mutants:
        of_runtime[runtime_for(one)].append(one)
    for runtime, some in of_runtime.items():
        files = sorted({f"{TESTS.as_posix()}/{one.test.partition('::')[0]}" for one in some})
        ground = Ground(ROOT, (sources.applet_sources(),), tuple(files), ("--card-runtime", runtime))
        with Pool(ground, min(len(some), os.cpu_count() or 1)) as pool:
            _hunt(pool, some, told)


def _hunt(pool: Pool, mutants: Sequence[Mutant], told: Told) -> None:
    pool.learn()

    def fell(number: int, fallen: Fallen) -> None:
        if fallen.outcome is Outcome.INVALID:
            raise BuildError(f"mutant {mutants[number].name!r}: {fallen.message}", hint="mend its edits")
        told(mutants[number], Catch(fallen.by.removeprefix(f"{TESTS.as_posix()}/").partition("[")[0]))

    def prey(number: int) -> Prey:
        one = mutants[number]
        return Prey(one.name, changed_texts(one, sources.applet_sources()), _tests(pool, one), True)

    Hunters(pool, lambda test: _PATIENCE, fell, None).hunt(range(len(mutants)), prey)


def _tests(pool: Pool, mutant: Mutant) -> tuple[str, ...]:
    """Those that its entry names, with all their parameters."""
    name = f"{TESTS.as_posix()}/{mutant.test}"
    return tuple(one for one in pool.tests if one == name or one.startswith((f"{name}[", f"{name}::")))


@dataclass(slots=True)
class ByMachine:
    """The state machine. Class files and cards are in ``folder``."""

    folder: Path
    _grounds: dict[str, CardsGround] = field(default_factory=dict)

    def with_model(self, mutant: Mutant, lives: int) -> Catch:
        """What the model or a property says first."""
        return self._ground(mutant).hunt(examples=lives)

    def _ground(self, mutant: Mutant) -> CardsGround:
        if mutant.name not in self._grounds:
            self._grounds.clear()  # mutants come one after the other
            self._grounds[mutant.name] = CardsGround.prepare(mutant, Path(mkdtemp(dir=self.folder)))
        return self._grounds[mutant.name]


def hunters(folder: Path) -> Mapping[Way, Hunter]:
    """Those that take one after the other; the state machine works in this folder."""
    return {Way.MODEL: ByMachine(folder).with_model}


PACKS: Mapping[Way, Pack] = {Way.TEST: by_tests}
"""Those that take many at once."""
