"""Single faults in one command that a test prepares, beside the scenes of the campaign."""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.campaign.faults.record import Broken
from cardlab.campaign.faults.runner import run_scene
from cardlab.campaign.faults.scene import FaultScene
from cardlab.runtime.vm.faults import FaultModel
from tests.jpki.applet.faulting.campaign import Stages
from tests.jpki.applet.tearing.scenes import Prepare, Scene, World, old_or_new

WITHSTOOD = (FaultModel.SKIP, FaultModel.INVERT, FaultModel.EXCEPTION, FaultModel.RETURN)


def scene_of(stages: Stages, command: str, prepare: Prepare) -> FaultScene:
    """The command on a phone's card in use, with the invariants of all commands."""
    return stages.scene(Scene(command, "as the test prepares it", World.USED, prepare, old_or_new))


def broken_by(made: FaultScene, models: Sequence[FaultModel] = WITHSTOOD) -> tuple[Broken, ...]:
    """What all faults of these models break; that there are any is asserted."""
    found = run_scene(made, models)
    assert found.cases
    return found.broken
