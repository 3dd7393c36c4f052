"""The applet's campaign of faults: ``cardlab faults tests.jpki.applet.faulting.campaign``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cardlab.campaign.faults.scene import FaultCampaign, FaultScene, Invariant, Seen
from cardlab.card.card import SimulatedCard
from cardlab.errors import HarnessError
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.runtime.vm.faults import Case, answer_of, disturbed
from cardlab.runtime.vm.tears import persistent_memory
from cardlab.transport import exchange
from jpki.client import commands
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import Slot
from jpki.evidence.tears import cap_digest
from jpki.sources import applet_sources
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.faulting.invariants import Secrets, free_tries, invariants
from tests.jpki.applet.faulting.observed import Eye
from tests.jpki.applet.faulting.refused import refused_scenes
from tests.jpki.applet.faulting.rights import authentication_scenes, rights
from tests.jpki.applet.tearing.curve_scenes import curve_scenes, refused_on_curve
from tests.jpki.applet.tearing.scenes import Prepared, Scene, World
from tests.jpki.applet.tearing.tsm_scenes import tsm_scenes
from tests.jpki.applet.tearing.user_scenes import user_scenes
from tests.jpki.applet.tearing.views import copied
from tests.jpki.applet.tearing.worlds import TEMPORARY, Worlds, opened

_TWINS = {  # states of VERIFY with a wrong PIN, and the same with the right one
    "wrong, all tries": "right, all tries",
    "wrong, the last try": "right, the last try",
    "wrong, verified before": "right, verified already",
    "wrong for the temporary one": "the temporary one",
}


@dataclass(slots=True)
class Disturbed:
    """A card that is about to do a scene's command (cardlab.campaign.stage.Ready)."""

    prepared: Prepared
    true_attributes: Callable[[], bytes]

    @property
    def jpki(self) -> JpkiCard:
        """The card as tests use it."""
        return self.prepared.jpki

    @property
    def simulated(self) -> SimulatedCard:
        """The card itself."""
        return self.prepared.simulated

    def attributes(self) -> bytes:
        """What the card says that its last signature with an indicator is for; empty: nothing."""
        return _attributes(self.jpki)

    def command(self) -> None:
        """Send it."""
        self.prepared.command()

    def recover(self) -> None:
        """A reset and SELECT."""
        self.prepared.recover()

    def close(self) -> None:
        """Let go of it."""
        self.prepared.close()


@dataclass(slots=True)
class Stages:
    """Makes scenes of torn writes scenes of faults. What is looked up in a world is kept."""

    worlds: Worlds
    eyes: dict[World, Eye] = field(default_factory=dict)
    secrets: dict[World, Secrets] = field(default_factory=dict)
    told: dict[World, bytes] = field(default_factory=dict)

    def scene(self, scene: Scene) -> FaultScene:
        """With the invariants of all commands."""
        base, attributes = self.worlds.open(scene.world)[0], _Attributes(self, scene)

        def stage() -> Disturbed:
            return Disturbed(Prepared.of(base, scene), attributes)

        held = dict(invariants(self._secrets(scene.world)))
        if twin := _TWINS.get(scene.state.partition(": ")[2]):
            held |= free_tries(self._answers(scene, twin))
        held |= rights(scene, lambda: self._status(scene))
        held |= {"what was erased stays in memory": self._erased(scene)}
        eye = self._eye(scene.world)
        return FaultScene(scene.command, scene.state, stage, lambda ready: eye(ready.jpki), held)

    def _erased(self, scene: Scene) -> Invariant:
        """Where the command did what it does undisturbed, the next selection at the latest overwrites the rest."""
        left: list[frozenset[str]] = []  # by the undisturbed command, when that is known

        def holds(seen: Seen) -> bool:
            if not seen.is_ok or seen.after != seen.undisturbed:
                return True
            if not left:
                with closing(Prepared.of(self.worlds.open(scene.world)[0], scene)) as ready:
                    ready.command()
                    left.append(self._left(scene.world, ready.jpki))
            return self._left(scene.world, seen.ready.jpki) <= left[0]

        return holds

    def _left(self, world: World, jpki: JpkiCard) -> frozenset[str]:
        """Which of the world's secrets are in memory once the applet was selected anew."""
        with copied(jpki) as other:
            with suppress(HarnessError):
                other.reset()
            return self.worlds.open(world)[1].remains(persistent_memory(other.card.simulated.runtime))

    def _status(self, scene: Scene) -> bytes:
        """What GET STATUS tells the TSM in the scene's world."""
        if scene.world not in self.told:
            with copied(self.worlds.open(scene.world)[0]) as jpki:
                self.told[scene.world] = exchange(jpki.channel(), commands.get_status()).data
        return self.told[scene.world]

    def _answers(self, scene: Scene, twin: str) -> Callable[[Case], bytes | None]:
        """What a scene's twin, with the right PIN, answers under a fault."""
        where, _, _ = scene.state.partition(": ")
        right = next(one for one in user_scenes() if one.name == f"{scene.command}, {where}: {twin}")

        def answer(case: Case) -> bytes | None:
            with closing(Prepared.of(self.worlds.open(scene.world)[0], right)) as ready:
                runtime = ready.simulated.runtime
                with disturbed(runtime, case):
                    return answer_of(runtime, ready.command)

        return answer

    def _eye(self, world: World) -> Eye:
        if world not in self.eyes:
            self.eyes[world] = Eye.of(self.worlds.open(world)[0])
        return self.eyes[world]

    def _secrets(self, world: World) -> Secrets:
        if world not in self.secrets:
            jpki, known = self.worlds.open(world)
            values = {name: one for name, one in known.secrets.items() if "CA " not in name}
            pins = {f"{slot.name.lower()} temporary PIN": pin for slot, pin in TEMPORARY.items()}
            self.secrets[world] = Secrets(_keys(jpki), values | pins)
        return self.secrets[world]


@dataclass(slots=True)
class _Attributes:
    """The signed attributes of a scene's undisturbed command, asked for when they are needed."""

    stages: Stages
    scene: Scene
    known: bytes | None = None

    def __call__(self) -> bytes:
        if self.known is None:
            with closing(Prepared.of(self.stages.worlds.open(self.scene.world)[0], self.scene)) as ready:
                ready.command()
                self.known = _attributes(ready.jpki)
        return self.known


def _attributes(jpki: JpkiCard) -> bytes:
    """Empty when the card has none."""
    try:
        return jpki.client.signed_attributes()
    except UnexpectedStatusError:
        return b""


def _keys(jpki: JpkiCard) -> dict[Slot, SlotPublicKey]:
    with copied(jpki) as other:
        tsm = other.tsm()
        status = tsm.status()
        return {slot: tsm.public_key(slot) for slot in Slot if status.slots[slot].has_key}


def scenes() -> Iterator[Scene]:
    """Every command in states in which it is allowed and in which it is refused."""
    yield from refused_scenes()
    yield from user_scenes()
    yield from (one for one in tsm_scenes() if one.command != "EXTERNAL AUTHENTICATE")  # there the whole opening
    yield from authentication_scenes()
    yield from curve_scenes()
    yield from refused_on_curve()


@contextmanager
def campaign(classes: Path | None = None) -> Iterator[FaultCampaign]:
    """For ``cardlab faults``; ``classes``: a folder of class files to take instead of the applet's."""
    with opened(classes) as worlds:
        stages = Stages(worlds)
        made = tuple(stages.scene(one) for one in scenes())
        yield FaultCampaign("JPKI applet", cap_digest(), applet_sources(), made)
