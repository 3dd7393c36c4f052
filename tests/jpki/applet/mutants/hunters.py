"""Who hunts mutants: the test that each names, and the state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from cardlab.campaign.mutants import Mutant
from jpki.evidence.mutant_hunt import Catch, Hunter
from jpki.evidence.mutants import Way
from tests.jpki.applet.mutants.machine_hunt import Ground
from tests.jpki.applet.mutants.on_cards import noticed_by


def by_test(mutant: Mutant, lives: int) -> Catch:
    """The test that the mutant's entry names."""
    return Catch(noticed_by(mutant, mutant.test))


@dataclass(slots=True)
class ByMachine:
    """The state machine. Class files and cards are in ``folder``."""

    folder: Path
    _grounds: dict[str, Ground] = field(default_factory=dict)

    def with_model(self, mutant: Mutant, lives: int) -> Catch:
        """What the model or a property says first."""
        return self._ground(mutant).hunt(examples=lives)

    def _ground(self, mutant: Mutant) -> Ground:
        if mutant.name not in self._grounds:
            self._grounds.clear()  # mutants come one after the other
            self._grounds[mutant.name] = Ground.prepare(mutant, Path(mkdtemp(dir=self.folder)))
        return self._grounds[mutant.name]


def hunters(folder: Path) -> Mapping[Way, Hunter]:
    """All of them; the state machine works in this folder."""
    machine = ByMachine(folder)
    return {Way.TEST: by_test, Way.MODEL: machine.with_model}
