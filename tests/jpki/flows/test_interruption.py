"""The link is cut after every APDU and every message, there and back; then the function is resumed (E6).

The process that resumes is a new one as far as the parties can tell: they are opened again from their files. What a
card executed is counted on the card, so a step that was done twice is seen whoever heard of it.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from cardlab.errors import TransportError
from jpki.parties.messages import PeerError
from jpki.parties.network import Cutter
from jpki.parties.sp_tsm.records import CaseState
from tests.jpki.flows.journeys import JOURNEYS, Journey
from tests.jpki.flows.truth import card_state, check_slot_in_use, check_world
from tests.jpki.flows.worlds import MAY_REPEAT, PINS, Images, Person, Steps

# Cuts of each function that have a world of their own: a thorough run takes every one.
CUTS = {"quick": 1, "default": 1, "thorough": None}
MORE = {"issue": 2}  # times as many
MOST_REPEATS = 2  # for each interruption
FAILURES = 12  # of a link that keeps failing, at most, within one function


@dataclass(frozen=True, slots=True)
class Start:
    """A world in a folder, prepared for a journey; what the journey does uninterrupted, and in how many crossings."""

    folder: Path
    images: Images
    journey: Journey
    done: Counter[str]
    crossings: int

    def run(self, folder: Path, *cuts: int, seed: str) -> tuple[Counter[str], bool]:
        """Run in a folder; gives what the cards did and whether it was interrupted."""
        steps = Steps()
        with self.images.open(folder, seed=seed, cutter=Cutter(*cuts), layer=steps.layer) as world:
            try:
                self.journey.run(world)
            except TransportError:
                return steps.done, True
        return steps.done, False

    def interrupted(self, folder: Path, *cuts: int) -> Counter[str]:
        """Cut at each of these crossings, in one attempt after the other, then finish; gives what the cards did."""
        shutil.copytree(self.folder, folder)
        total: Counter[str] = Counter()
        for number, cut in enumerate(cuts):
            done, lost = self.run(folder, cut, seed=f"{folder.name} {number}")
            total += done
            if not lost:  # it ended before this crossing, or can do without what was lost
                return total
        done, lost = self.run(folder, seed=f"{folder.name} last")
        assert not lost
        return total + done


def start(images: Images, journey: Journey, folder: Path) -> Start:
    """Prepare a world, and see what the journey does when nobody interrupts it."""
    shutil.copytree(images.folder / journey.image, folder / "start")
    if journey.prepare is not None:
        with images.open(folder / "start", seed="prepare") as world:
            journey.prepare(world)
    shutil.copytree(folder / "start", folder / "straight")
    steps, cutter = Steps(), Cutter()
    with images.open(folder / "straight", seed="straight", cutter=cutter, layer=steps.layer) as world:
        journey.run(world)
        journey.check(world)
        check_world(world)
    return Start(folder / "start", images, journey, steps.done, cutter.count)


@pytest.fixture(scope="session")
def starts(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Start]:
    """Gives the start of a journey by its name; made once in a process."""
    return cache(lambda name: start(images, JOURNEYS[name], tmp_path_factory.mktemp("start")))


def cuts(name: str, crossings: int, profile: str) -> list[int]:
    """The crossings to cut: all, or some that differ from function to function."""
    number = CUTS[profile]
    everything = range(1, crossings + 1)
    if number is None:
        return list(everything)
    return sorted(random.Random(name).sample(everything, min(crossings, number * MORE.get(name, 1))))


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_cut_anywhere(starts: Callable[[str], Start], name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """E6: it goes on from where it was interrupted, ends as if nothing had happened, and no step was done twice."""
    base = starts(name)
    for cut in cuts(name, base.crossings, pytestconfig.getoption("--profile")):
        folder = tmp_path / f"cut{cut}"
        done = base.interrupted(folder, cut)
        check_end(base, folder, done, f"{name}, cut at {cut}")
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_link_that_keeps_failing(
    starts: Callable[[str], Start], name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """E6: one world is cut again and again; each cut costs a resumption, a tenth of what a world of its own costs."""
    base = starts(name)
    for number in range({"quick": 1, "default": 1, "thorough": 10}[pytestconfig.getoption("--profile")]):
        folder = tmp_path / f"failing{number}"
        lengths = random.Random(f"failing {name} {number}")
        gaps = [lengths.randint(1, base.crossings // 3) for _ in range(FAILURES)]
        check_end(base, folder, base.interrupted(folder, *gaps), f"{name}, cut after {gaps}", interruptions=FAILURES)
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["issue", "renew"])
def test_two_cuts(starts: Callable[[str], Start], name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    base = starts(name)
    numbers = random.Random(f"two {name}")
    for number in range({"quick": 1, "default": 1, "thorough": 100}[pytestconfig.getoption("--profile")]):
        pair = numbers.randint(1, base.crossings), numbers.randint(1, base.crossings)
        folder = tmp_path / f"pair{number}"
        check_end(base, folder, base.interrupted(folder, *pair), f"{name}, cut at {pair}", interruptions=len(pair))
        shutil.rmtree(folder)


def check_end(base: Start, folder: Path, done: Counter[str], what: str, *, interruptions: int = 1) -> None:
    """As after a run that was not interrupted, with no step done twice."""
    with base.images.open(folder, seed="check") as world:
        base.journey.check(world)
        check_world(world)
        pending = world.app("p1", Person()).pending
        assert (pending and pending.stage) == base.journey.pending
    for step in set(done) | set(base.done):
        allowed = MOST_REPEATS * interruptions if step in MAY_REPEAT else 0
        assert base.done[step] <= done[step] <= base.done[step] + allowed, f"{what}: {step} {done[step]} times"


def test_a_phone_that_never_comes_back(
    images: Images, starts: Callable[[str], Start], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Its user issues on another phone. When it does come back it is refused, and gives up what it holds."""
    base = starts("issue")
    some = cuts("never", base.crossings, pytestconfig.getoption("--profile"))
    for cut in {*some, base.crossings}:  # at the last one, only the news that all was done is lost
        folder = tmp_path / f"never{cut}"
        shutil.copytree(base.folder, folder)
        _, lost = base.run(folder, cut, seed="never")
        assert lost
        with images.open(folder, seed="other phone") as world:
            world.app("p2", Person()).issue(world.my_number_card("hanako"))
            for slot, pin in PINS.items():
                check_slot_in_use(world, "p2", "hanako", slot, pin)
            check_world(world)
        with images.open(folder, seed="back") as world:
            app = world.app("p1", Person())
            known = world.provider_records.case(app.pending.request_id) if app.pending else None
            if known is not None and known.state is CaseState.DONE:
                assert cut == base.crossings
                app.resume()
            elif known is not None:
                with pytest.raises(PeerError, match="newer application"):
                    app.resume()
            app.collect()
            if known is not None:
                found = card_state(world, "p1")
                assert found is None or not found[1], "the first phone still holds a key"
            for slot, pin in PINS.items():
                check_slot_in_use(world, "p2", "hanako", slot, pin)
            check_world(world)
        shutil.rmtree(folder)
