"""`cardlab tear` on a small applet: two fields that belong together, written outside a transaction and inside one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cardlab.campaign.carried import carried
from cardlab.campaign.run import Way
from cardlab.campaign.scene import UNSEEN
from cardlab.campaign.stage import Ready
from cardlab.campaign.tears.campaign import Choices, again, tear
from cardlab.campaign.tears.explorer import Explored, Explorer, torn
from cardlab.campaign.tears.record import TearRecord, TornScene
from cardlab.campaign.tears.report import lines
from cardlab.campaign.tears.runner import run_scene
from cardlab.campaign.tears.scene import TearCampaign, TornSeen
from cardlab.card.card import SimulatedCard
from cardlab.cli import run
from cardlab.errors import HarnessError, UsageError
from cardlab.pytest_plugin import Card
from cardlab.runtime.torn import TornCell
from cardlab.runtime.vm.tears import Chosen, Cut, TornCase, persistent_memory
from tests.cardlab.campaign.ledger.cuts import APPLET, OLD_OR_NEW, campaign

MODULE = "tests/cardlab/campaign/ledger/cuts.py"
LOOSE, WHOLE, ERASE = "ENTER, one after the other", "ENTER, in a transaction", "ERASE, a text"


@pytest.fixture(scope="module")
def opened() -> Iterator[TearCampaign]:
    with campaign() as made:
        yield made


@pytest.fixture(scope="module")
def record(opened: TearCampaign) -> TearRecord:
    return tear(opened, Choices(), Way())


def found(record: TearRecord, name: str) -> TornScene:
    return next(one for one in record.scenes if one.name == name)


def test_fields_outside_a_transaction_are_found(record: TearRecord, opened: TearCampaign) -> None:
    (violation,) = found(record, LOOSE).violations
    assert (violation.invariant, violation.count) == (OLD_OR_NEW, 1)
    assert violation.told == "sum and entries are 000c0001"
    repeated = again(opened, (LOOSE,), violation.cases[0])
    assert (repeated.invariants, repeated.told) == ((OLD_OR_NEW,), (violation.told,))


@pytest.mark.parametrize("name", [WHOLE, ERASE])
def test_what_is_whole_is_not(record: TearRecord, name: str) -> None:
    """Though there is more to cut: the old and the new state are seen, by recoveries that were cut themselves."""
    scene = found(record, name)
    assert not scene.violations
    assert (scene.views, scene.first_cuts) == (2, 3 * scene.writes)
    assert scene.second_cuts > scene.first_cuts
    assert scene.confirmed


def test_other_cuts_of_the_same_command_hold(opened: TearCampaign) -> None:
    assert not again(opened, (LOOSE,), "1/old").invariants
    assert not again(opened, (LOOSE,), "2/new").invariants
    with pytest.raises(UsageError, match="write 3, old did not lose power"):
        again(opened, (LOOSE,), "3/old")


@pytest.mark.parametrize("name", [WHOLE, ERASE])
def test_no_further_cut_leaves_a_state_that_is_not_known(opened: TearCampaign, name: str) -> None:
    """Where recoveries meet, their states are not looked up again: none is lost by that."""
    scene = opened.named(name)
    with closing(scene.stage()) as ready:
        explorer: Explorer[Ready] = Explorer.of(ready.simulated, APPLET.aid, Chosen())
    explored: Explored[Ready] = explorer.explore(scene.stage)
    known = {explored.memory_of(state).rstrip(b"\0") for state in range(explored.figures.states)}
    assert len(known) == explored.figures.states
    tried = 0
    for state in range(explored.figures.states):
        for memory in left(scene.stage, explored.path(state)):
            assert memory in known
            tried += 1
    assert tried > explored.figures.states


def left(stage: Callable[[], Ready], path: tuple[Cut, ...]) -> Iterator[bytes]:
    """What is left when the recovery after these cuts is really cut at each of its writes."""
    for call in (0, 1):
        for write in range(1, 1000):
            for cell in (TornCell.OLD, TornCell.NEW):
                try:
                    ready = torn(stage, (*path, Cut(call, write, cell)))
                except HarnessError:
                    break
                yield persistent_memory(ready.simulated.runtime).rstrip(b"\0")
                ready.close()
            else:
                continue
            break


def test_a_run_that_was_ended_goes_on(opened: TearCampaign, record: TearRecord, tmp_path: Path) -> None:
    path, said = tmp_path / "record.json", list[str]()

    def until_the_second(line: str) -> None:
        if line.startswith("2 of"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tear(opened, Choices(), Way(path, until_the_second))
    assert [one.name for one in TearRecord.read(path).scenes] == [LOOSE]
    whole = tear(opened, Choices(), Way(path, said.append))
    assert [line for line in said if "on record" in line] == [f"{LOOSE}: on record"]
    assert timeless(TearRecord.read(path)) == timeless(whole) == timeless(record)
    assert not whole.why_stale(opened.digest, opened.names)
    assert "the CAP file is 00" in whole.why_stale("00", opened.names)
    assert WHOLE in whole.why_stale(opened.digest, [LOOSE, ERASE])


def timeless(record: TearRecord) -> TearRecord:
    return replace(record, campaign="", scenes=tuple(replace(one, seconds=0) for one in record.scenes))


@dataclass
class Removing:
    """A card that is about to do what deleting an applet with its package is: two calls of its runtime, each writes."""

    card: Card

    @property
    def simulated(self) -> SimulatedCard:
        return self.card.lower.simulated

    def command(self) -> None:
        self.simulated.runtime.delete(APPLET.aid)
        self.simulated.runtime.unload(APPLET.package_aid)

    def recover(self) -> None:
        self.simulated.reset()

    def close(self) -> None:
        self.card.close()


def test_a_later_call_of_the_runtime_is_cut_as_well() -> None:
    """What really cutting it leaves is what was expected of the writes of an uncut run."""
    with carried(APPLET) as base:
        base.card.reset(select=False)

        def stage() -> Removing:
            return Removing(base.card.fork())

        with closing(stage()) as ready:
            explorer: Explorer[Removing] = Explorer.of(ready.simulated, b"", Chosen())
        explored: Explored[Removing] = explorer.explore(stage)
        paths = {explored.path(state)[0]: state for state in range(explored.figures.states)}
        later = [state for cut, state in paths.items() if cut.call == 1]
        assert later
        assert {cut.call for cut in paths} == {0, 1}
        for state in later:
            explored.confirm(state)
        with pytest.raises(HarnessError, match="call 1, write 1000, old did not lose power"):
            torn(stage, (Cut(1, 1000, TornCell.OLD),))


def test_a_command_that_depends_on_what_was_before(opened: TearCampaign) -> None:
    """As in a secure channel: what is sent follows from what the prepared card answered; a refusal is no matter."""
    with carried(APPLET) as base:

        def prepare(card: Card) -> Callable[[], object]:
            card.send(0x80, 0x10, 5)
            entered = card.send(0x80, 0x30)[1]
            return lambda: card.send(0x80, 0x20, entered)

        def refused(card: Card) -> Callable[[], object]:
            return lambda: card.send(0x80, 0x99)

        with closing(base.doing(prepare)()) as ready:
            ready.command()
            assert ready.card.send(0x80, 0x30)[:4].hex() == "000a0002"
        with closing(base.doing(refused)()) as ready:
            ready.command()


def test_what_does_not_show_is_said(opened: TearCampaign) -> None:
    """Of a scene that reads the wrong thing: its invariants would hold whatever happened."""
    blind = replace(opened.named(WHOLE), observe=lambda ready: 1)
    made = TearRecord("Ledger", "00", "2026-11-27", 1, scenes=(run_scene(blind),))
    assert any("nothing of its" in line for line in lines(made))


def test_own_code_that_fails_is_told_with_its_place(opened: TearCampaign) -> None:
    def wrong(seen: object) -> bool:
        return bool(dict[str, int]()["key"])

    with pytest.raises(
        UsageError, match=r"the invariant 'x' fails: KeyError: 'key' \(test_tear_command.py:\d+: return"
    ):
        run_scene(replace(opened.named(WHOLE), invariants={"x": wrong}))


def test_a_state_that_cannot_be_looked_at_is_a_violation(opened: TearCampaign) -> None:
    def stumbles(seen: TornSeen) -> bool:
        return (seen.before, seen.done).index(seen.now) >= 0

    (violation,) = run_scene(replace(opened.named(LOOSE), invariants={"x": stumbles})).violations
    assert (violation.invariant, violation.cases) == (UNSEEN, ("1/new",))
    assert "ValueError" in violation.told


@pytest.mark.slow
def test_processes_find_the_same(record: TearRecord, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.json"
    assert run(["tear", MODULE, "--record", str(path), "--jobs", "2", "--json"]) == 1
    said = capsys.readouterr()
    assert TearRecord.of(json.loads(said.out)) == TearRecord.read(path)
    assert timeless(TearRecord.read(path)) == timeless(record)
    assert "3 of 3 done" in said.err


def test_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["tear", MODULE, LOOSE]) == 1
    said = capsys.readouterr().out
    assert f'"{LOOSE}" --case 1/new' in said
    assert run(["tear", MODULE, LOOSE, "--case", "1/new"]) == 1
    assert OLD_OR_NEW in capsys.readouterr().out
    assert run(["tear", MODULE, WHOLE, "--one-in", "5", "--seed", "3"]) == 0
    assert run(["tear", MODULE, "ENTER", "--case", "1/new"]) == 2
    assert "2 scenes have these words" in capsys.readouterr().err
    assert run(["tear", MODULE, "no such scene"]) == 2
    assert run(["tear", "no.such.module"]) == 2
    assert run(["tear", MODULE, LOOSE, "--record", str(tmp_path / "none" / "record.json")]) == 2


@pytest.mark.parametrize("text", ["", "12", "new", "12/torn", "12/new+", "1:2:3/old"])
def test_what_is_no_case_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no case"):
        TornCase.parse(text)


def test_a_case_is_written_as_it_is_read() -> None:
    text = "12/new+1:30/random+4/old"
    assert str(TornCase.parse(text)) == text
