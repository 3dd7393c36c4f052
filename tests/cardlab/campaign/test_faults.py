"""Faults in every instruction: a single decision gives way to each model, one that is made twice to none."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from cardlab.campaign.faults.campaign import Choices, again, disturb
from cardlab.campaign.faults.heat import page
from cardlab.campaign.faults.record import FaultRecord
from cardlab.campaign.faults.report import lines, weak_lines
from cardlab.campaign.faults.runner import SceneRun, run_scene
from cardlab.campaign.faults.scene import FaultCampaign, FaultScene, Outcome, Seen
from cardlab.campaign.run import Way
from cardlab.campaign.scene import UNSEEN
from cardlab.campaign.stage import Ready
from cardlab.card.card import SimulatedCard
from cardlab.errors import BusyError, HarnessError, IntegrityError, TransportError, UsageError
from cardlab.locking import hold_file
from cardlab.pytest_plugin import Card
from cardlab.runtime.vm.faults import Case, Fault, FaultModel, MachineFaults, disturbed, told_of_beginnings

SOURCES = Path(__file__).parent / "guard" / "src"
COUNTING = Path(__file__).parent / "counting" / "src"
pytestmark = [
    pytest.mark.javacard_applet(sources=str(SOURCES), class_name="com.example.guard.Guard", aid="F00000000102"),
    pytest.mark.needs("fork"),
]

CLA, OPEN, PLAIN, DOUBLE = 0x80, 0x10, 0x20, 0x30
PLAIN_SECRET, DOUBLE_SECRET = b"plain", b"twice"
BROKEN = "the secret is told"


@dataclass
class Asking:
    """A card that is about to be asked for a secret."""

    card: Card
    ins: int
    code: int = 0

    @property
    def simulated(self) -> SimulatedCard:
        return self.card.lower.simulated

    def command(self) -> object:
        return self.card.transport.transmit(bytes((CLA, self.ins, self.code >> 8, self.code & 0xFF, 0)))

    def recover(self) -> None:
        self.card.reset()

    def close(self) -> None:
        self.card.close()


def scene(card: Card, ins: int, secret: bytes, state: str = "closed") -> FaultScene:
    def holds(seen: Seen) -> bool:
        return secret not in seen.data

    return FaultScene(f"INS {ins:02X}", state, lambda: Asking(card.fork(), ins), lambda ready: None, {BROKEN: holds})


@pytest.fixture
def plain(card: Card) -> FaultScene:
    return scene(card, PLAIN, PLAIN_SECRET)


@pytest.fixture
def double(card: Card) -> FaultScene:
    return scene(card, DOUBLE, DOUBLE_SECRET)


@pytest.fixture
def campaign(plain: FaultScene, double: FaultScene) -> FaultCampaign:
    return FaultCampaign("Guard", "00" * 32, SOURCES, (plain, double))


@pytest.mark.parametrize("model", FaultModel)
def test_a_single_decision_gives_way(plain: FaultScene, model: FaultModel) -> None:
    found = run_scene(plain, [model])
    assert found.total("broken") > 0
    assert all(one.invariants == (BROKEN,) for one in found.broken)
    assert sum(found.total(one.value) for one in Outcome) == found.cases


@pytest.mark.parametrize("model", FaultModel)
def test_a_decision_that_is_made_twice_does_not(double: FaultScene, model: FaultModel) -> None:
    found = run_scene(double, [model])
    assert found.cases > 0
    assert found.total("broken") == 0


def test_two_faults_get_past_both(double: FaultScene) -> None:
    """So the invariant would have seen it if one had."""
    found = run_scene(double, [FaultModel.SKIP, FaultModel.INVERT], pairs=3000, seed=3)
    assert found.outcomes["pairs"]["broken"] > 0
    assert "broken" not in found.outcomes["skip"]


def test_what_is_broken_is_named_by_line_and_repeats(campaign: FaultCampaign, plain: FaultScene) -> None:
    found = disturb(campaign, Choices((FaultModel.INVERT,)))
    weak = weak_lines(found)
    text = (SOURCES / "com" / "example" / "guard" / "Guard.java").read_text(encoding="utf-8").splitlines()
    decisions = {number for number, line in enumerate(text, 1) if "!isOpen()" in line or "return first[0] >=" in line}
    assert {int(one.where.rpartition(":")[2].rstrip(")")) for one in weak} == decisions
    for one in weak:
        case = one.example.rpartition(" ")[2]
        told = again(campaign, (plain.name,), case)
        assert (told.outcome, told.invariants) == ("broken", (BROKEN,))
        assert any(case in line for line in lines(found))


def test_the_fast_way_is_what_a_card_does(plain: FaultScene, card: Card) -> None:
    """Each case, one by one, on a card of its own: the same answer as in the loop in Java."""
    with SceneRun.opened(plain) as made:
        for model in FaultModel:
            count = made.faults.single([model])
            for number, outcome in enumerate(made.faults.run(0, count)):
                if number % 7 == 0:
                    verdict = made.judge(made.faults.case(number), made.faults.told(outcome))
                    assert verdict.invariants == made.verdict(outcome).invariants


def test_an_open_door_is_open_without_any_fault(card: Card) -> None:
    """And an invariant that nothing has to break is no invariant."""
    card.send(CLA, OPEN, 0x12, 0x34)
    with pytest.raises(HarnessError, match="undisturbed"):
        run_scene(scene(card, PLAIN, PLAIN_SECRET))


def test_what_fails_in_own_code_is_told_with_its_place(card: Card) -> None:
    def reads_nothing(ready: Asking) -> object:
        return dict[str, int]()["nothing"]

    wrong = replace(scene(card, PLAIN, PLAIN_SECRET), observe=reads_nothing)
    with pytest.raises(
        UsageError, match=r"closed: observe\(\) fails: KeyError: 'nothing' \(test_faults.py:\d+: return"
    ):
        run_scene(wrong)


def test_what_cannot_be_looked_at_any_more_is_broken(card: Card) -> None:
    """An invariant that reads an answer as it always was stumbles over a disturbed one: the run goes on with that."""

    def as_long_as_ever(seen: Seen) -> bool:
        return seen.answer is None or seen.data[len(seen.expected) - 2 :] == b"" or seen.data[99] == 0

    guarded = scene(card, PLAIN, PLAIN_SECRET)
    stumbling = replace(guarded, invariants={BROKEN: as_long_as_ever})
    found = run_scene(stumbling, [FaultModel.INVERT])
    assert found.broken
    assert all(one.invariants == (UNSEEN,) for one in found.broken)
    told = again(FaultCampaign("Guard", "00", SOURCES, (stumbling,)), (), found.broken[0].cases[0])
    assert told.invariants == (UNSEEN,)
    assert "IndexError" in told.told[1]


@pytest.mark.javacard_applet(sources=str(COUNTING), class_name="com.example.counting.Counting", aid="F00000000104")
def test_a_disturbed_command_that_does_not_end_is_mute(card: Card) -> None:
    """Going round for ever, or once through all numbers: in Java and on a card of its own the same."""
    right = {"another sum": lambda seen: seen.answer in (None, seen.expected)}
    counting = FaultScene("COUNT", "to eight", lambda: Asking(card.fork(), OPEN), lambda ready: None, right)
    with SceneRun.opened(counting) as made:
        count = made.faults.single([FaultModel.INVERT, FaultModel.CELL])
        verdicts = [made.verdict(outcome) for outcome in made.faults.run(0, count)]
        assert {one.outcome for one in verdicts} >= {Outcome.MUTE, Outcome.BROKEN}
        longest = [made.faults.case(number) for number, one in enumerate(verdicts) if one.outcome is Outcome.MUTE]
        assert all(made.judge(one).outcome is Outcome.MUTE for one in longest)


def test_a_case_tells_what_was_answered(campaign: FaultCampaign, plain: FaultScene) -> None:
    (weak, *_) = weak_lines(disturb(campaign, Choices((FaultModel.INVERT,), words=(plain.name,))))
    told = again(campaign, (plain.name,), weak.example.rpartition(" ")[2])
    assert told.told == ("undisturbed: the answer is 6982", f"disturbed: the answer is {PLAIN_SECRET.hex()}9000")


def test_who_asks_is_told_when_a_command_is_disturbed_first(plain: FaultScene) -> None:
    """Whose preparing is over then: cardlab mutate counts from there on what a test executes."""
    told: list[str] = []

    def stage() -> Ready:
        told.append("prepared")
        return plain.stage()

    prepared = replace(plain, stage=stage)
    with told_of_beginnings(lambda: told.append("disturbed")):
        run_scene(prepared, [FaultModel.INVERT])
    assert told.count("disturbed") == 1
    assert told[: told.index("disturbed")] == ["prepared"] * 3
    run_scene(prepared, [FaultModel.INVERT])
    assert told.count("disturbed") == 1


def test_a_card_without_a_fault_is_as_ever(card: Card) -> None:
    asking = Asking(card.fork(), PLAIN)
    refused = asking.command()
    with disturbed(asking.simulated.runtime, Case((Fault(FaultModel.SKIP, 10_000),))):
        assert asking.command() == refused
    assert asking.command() == refused


def test_a_disturbance_ends_with_its_block(card: Card) -> None:
    """Whatever gives way within it, up to the decision that tells the secret, holds behind it."""
    asking = Asking(card.fork(), PLAIN)
    refused, runtime = asking.command(), asking.simulated.runtime
    for number in count():
        case = Case((Fault(FaultModel.INVERT, number),))
        with disturbed(runtime, case):
            pass
        assert asking.command() == refused
        told = refused
        with disturbed(runtime, case), suppress(TransportError):
            told = asking.command()
        if told == PLAIN_SECRET + b"\x90\x00":
            break


def test_more_than_one_command_is_refused(card: Card) -> None:
    @dataclass
    class Twice(Asking):
        def command(self) -> object:
            super().command()
            return super().command()

    wrong = FaultScene("two", "commands", lambda: Twice(card.fork(), PLAIN), lambda ready: None, {})
    with pytest.raises(UsageError, match="one APDU, not 2"):
        run_scene(wrong)
    card.reset(select=False)
    with pytest.raises(UsageError, match="reached no applet"):
        run_scene(scene(card, PLAIN, PLAIN_SECRET))


def test_a_run_that_was_ended_goes_on(campaign: FaultCampaign, tmp_path: Path) -> None:
    path, said = tmp_path / "record.json", list[str]()
    skip, way = Choices((FaultModel.SKIP,)), Way(path, said.append)
    first = disturb(campaign, replace(skip, words=("INS 20",)), way)
    whole = disturb(campaign, skip, way)
    assert [line for line in said if "on record" in line] == ["INS 20, closed: on record"]
    assert whole.scenes[0] == first.scenes[0]
    assert FaultRecord.read(path) == whole
    other = replace(campaign, digest="11" * 32)
    assert whole.why_stale(other.digest, other.names)
    assert whole.differences(disturb(other, skip, way)) == "the CAP file"
    said.clear()
    disturb(campaign, skip, replace(way, sources="others"))
    assert said[0] == f"{path} is begun anew: it is of another state of the CAP file and the campaign's own code"
    with hold_file(path, wait=0), pytest.raises(BusyError, match="is in use by"):
        disturb(campaign, skip, way)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(IntegrityError, match="no record of faults"):
        disturb(campaign, skip, way)


def test_pairs_are_drawn_by_the_seed(double: FaultScene) -> None:
    def cases(seed: int) -> list[str]:
        with SceneRun.opened(double) as made:
            count = made.faults.pairs([FaultModel.SKIP], 20, seed)
            return [str(made.faults.case(number)) for number in range(count)]

    assert cases(1) == cases(1) != cases(2)
    for text in cases(1):
        first, second = Case.parse(text).faults
        assert first.number < second.number


def test_the_heat_map_has_the_weak_line(campaign: FaultCampaign) -> None:
    found = disturb(campaign, Choices((FaultModel.INVERT,)))
    made = page(found, SOURCES)
    weak = weak_lines(found)[0].where.rpartition("(")[2].rstrip(")")
    assert f'<div class="line broken" id="{weak}"' in made
    assert json.loads(json.dumps(found.as_json()))["scenes"][0]["name"] == "INS 20, closed"


@pytest.mark.parametrize("text", ["", "skip", "jump@3", "skip@x", "skip@3+"])
def test_what_is_no_case_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no case"):
        Case.parse(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("skip@99999", "the command executes"),
        ("invert@0", "there is no invert@0: instruction 0 is aload"),
        ("skip@0/1", "its ways are 0 to 0"),
        ("return@0/9+skip@1", "there is no return@0/9"),
    ],
)
def test_a_case_that_there_is_not_is_refused(campaign: FaultCampaign, plain: FaultScene, text: str, told: str) -> None:
    """It would be done without any effect, and look as if the applet withstood it."""
    with pytest.raises(UsageError) as refused:
        again(campaign, (plain.name,), text)
    assert told in f"{refused.value} {refused.value.hint}"


def test_other_runtimes_have_no_faults() -> None:
    def nothing() -> None: ...

    with pytest.raises(UsageError, match="only the runtime vm"):
        MachineFaults.of(object(), object(), nothing, None)  # type: ignore[arg-type]
