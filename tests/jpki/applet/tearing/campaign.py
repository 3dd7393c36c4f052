"""The applet's campaign of power cuts: ``cardlab tear tests.jpki.applet.tearing.campaign``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cardlab.campaign.tears.scene import TearCampaign, TearScene, TornSeen
from cardlab.runtime.vm.tears import memory_in_use
from jpki.client.constants import INSTANCE_AID
from jpki.evidence.tears import cap_digest
from jpki.sources import applet_sources
from tests.jpki.applet.tearing.content_scenes import content_scenes, look_at_content
from tests.jpki.applet.tearing.curve_scenes import curve_scenes
from tests.jpki.applet.tearing.scenes import Prepared, Scene, World
from tests.jpki.applet.tearing.staging import Staging
from tests.jpki.applet.tearing.tsm_scenes import tsm_scenes
from tests.jpki.applet.tearing.user_scenes import user_scenes
from tests.jpki.applet.tearing.views import Known, View, look
from tests.jpki.applet.tearing.worlds import Worlds, opened


def scenes() -> tuple[Scene, ...]:
    """Every command of the applet, each in its interesting states."""
    return (*user_scenes(), *tsm_scenes(), *content_scenes(), *curve_scenes())


@contextmanager
def campaign(classes: Path | None = None) -> Iterator[TearCampaign]:
    """For ``cardlab tear``; ``classes``: a folder of class files to take instead of the applet's."""
    with opened(classes) as worlds:
        stages = Stages(worlds)
        yield TearCampaign("JPKI applet", cap_digest(), applet_sources(), tuple(map(stages.scene, scenes())))


@dataclass(frozen=True, slots=True)
class Looked:
    """What is seen of a card, and what it allowed that none may."""

    view: View
    violations: tuple[str, ...]

    def is_state_of(self, other: Looked) -> bool:
        """Whether both show the same from outside."""
        return self.view.without_remains() == other.view.without_remains()


@dataclass(slots=True)
class Stages:
    """Makes scenes of the applet scenes of a campaign. Worlds are made when a card is asked for."""

    worlds: Worlds
    stagings: dict[World, Staging] = field(default_factory=dict)

    def scene(self, scene: Scene) -> TearScene:
        """With the invariants of all commands."""

        def known() -> Known:
            return self.worlds.open(scene.world)[1]

        def observe(ready: Prepared) -> Looked:
            see = look_at_content(ready, known()) if scene.content else look(ready.jpki, known())
            return Looked(see[0], tuple(see[1]))

        return TearScene(
            scene.command,
            scene.state,
            stage=lambda: Prepared.of(self.worlds.open(scene.world)[0], scene),
            observe=observe,
            applet=INSTANCE_AID,
            invariants=dict(_invariants(scene)),
            in_memory={} if scene.content else self._in_memory(scene, known),
            alike=self._in_use(scene.world) if scene.content else self._without_staging(scene.world),
            same=Looked.is_state_of,
            really=scene.content,
            explain=lambda seen: _in_words(scene, seen),
        )

    def _in_memory(self, scene: Scene, known: Callable[[], Known]) -> Mapping[str, Callable[[bytes], bool]]:
        """In the staging buffer is nothing of the holder's but the certificate that was replaced."""

        def is_clean(memory: bytes) -> bool:
            return known().remains(self._staging(scene.world).content(memory)) <= scene.leaves

        return {"a secret is in the staging buffer": is_clean}

    def _without_staging(self, world: World) -> Callable[[bytes], bytes]:
        return lambda memory: self._staging(world).digest_without(memory)

    def _in_use(self, world: World) -> Callable[[bytes], bytes]:
        """Of loading and installing much is left in free memory; whoever takes that clears it."""

        def digest(memory: bytes) -> bytes:
            card = self.worlds.open(world)[0].card.simulated
            return sha256(memory_in_use(card.runtime, memory)).digest()

        return digest

    def _staging(self, world: World) -> Staging:
        if world not in self.stagings:
            self.stagings[world] = Staging.of(self.worlds.open(world)[0])
        return self.stagings[world]


def _invariants(scene: Scene) -> Iterator[tuple[str, Callable[[TornSeen], bool]]]:
    def is_allowed(seen: TornSeen) -> bool:
        views = (one.view.without_remains() for one in (seen.now, seen.before, seen.done))
        return scene.may(*views)

    yield "it is neither old nor new", is_allowed
    yield "the card allows what none may", lambda seen: not seen.now.violations
    if not scene.content:
        yield "a secret is left in memory", lambda seen: not _left(scene, seen)


def _left(scene: Scene, seen: TornSeen) -> frozenset[str]:
    now: View = seen.now.view
    return now.remains - now.may_remain(seen.before.view) - scene.leaves


def _in_words(scene: Scene, seen: TornSeen) -> str:
    left = () if scene.content else sorted(_left(scene, seen))
    told = (*seen.now.violations, *(f"{one} left" for one in left), seen.now.view.differences(seen.before.view))
    return "; ".join(told)
