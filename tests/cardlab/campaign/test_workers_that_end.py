"""Workers of campaigns and hunts that end, hang or say what makes no sense: whoever waits for them is told why."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab.campaign import workers
from cardlab.campaign.kept import read_kept
from cardlab.campaign.mutate import campaign, hunt, pool
from cardlab.campaign.mutate import messages as say
from cardlab.campaign.mutate.campaign import Order
from cardlab.campaign.mutate.covering import Covering
from cardlab.campaign.mutate.hunt import Hunters, Prey
from cardlab.campaign.mutate.messages import Ground, Outcome
from cardlab.campaign.mutate.pool import Pool, Worker, WorkerError
from cardlab.campaign.mutate.record import MutationRecord
from cardlab.campaign.mutate.session import Session
from cardlab.errors import HarnessError, UsageError

GO_ON = "start the hunt again, it goes on"
PREY = Prey("a mutant", {}, ("test_it",), whole=True)


class Piped(Worker):
    """A worker without a process: ``theirs`` is its end of the pipe."""

    def __post_init__(self) -> None:
        self.pipe, self.theirs = multiprocessing.Pipe()
        self.within(60)


class Workers(Pool):
    """One of those."""

    def __init__(self, worker: Worker) -> None:
        self.workers = [worker]


@pytest.fixture
def worker() -> Iterator[Any]:
    made = Piped(Ground(Path(), (), ()))
    yield made
    made.pipe.close()
    made.theirs.close()


def hunters(worker: Worker) -> Hunters:
    return Hunters(Workers(worker), lambda test: 60.0, lambda number, fallen: None)


def test_a_worker_that_has_ended_is_asked_in_vain(worker: Any) -> None:
    worker.theirs.close()
    with pytest.raises(WorkerError, match=r"^a worker has ended") as told:
        worker.ask(say.Learn())
    assert told.value.hint == GO_ON


def test_a_worker_that_ends_without_a_word(worker: Any) -> None:
    worker.theirs.close()
    with pytest.raises(WorkerError, match=r"^a worker has ended without a word") as told:
        worker.answer()
    assert told.value.hint == GO_ON


def test_a_worker_that_does_not_answer(worker: Any) -> None:
    worker.within(0)
    with pytest.raises(WorkerError, match=r"^a worker does not answer") as told:
        worker.answer()
    assert told.value.hint == "see whether the tests pass with pytest alone"


def test_a_test_that_does_not_end_without_a_mutant(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_TRYING", -1.0)
    with pytest.raises(WorkerError, match=r"^a test does not end without a mutant") as told:
        Workers(worker).try_all(("test_it",), coverage=False, told=lambda tried: None)
    assert told.value.hint == "see which with pytest alone"


def test_a_mutant_that_is_not_built_in_time(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test runs yet, so nothing has noticed it."""
    monkeypatch.setattr(hunt, "_BUILDING", -1.0)
    with pytest.raises(WorkerError, match=r"^a mutant could not be built in time") as told:
        hunters(worker).hunt([0], lambda number: PREY)
    assert told.value.hint == GO_ON


def test_sources_that_do_not_compile_any_more(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody changed them meanwhile: the hunt for no mutant at all says so."""
    monkeypatch.setattr(hunt, "CONTROL_EVERY", 1)
    worker.theirs.send(say.Hunted(0, Outcome.KILLED, "test_it"))
    worker.theirs.send(say.Hunted(-1, Outcome.INVALID, message="Purse.java:3: error"))
    with pytest.raises(WorkerError, match=r"^the sources do not compile: Purse.java:3: error") as told:
        hunters(worker).hunt([0, 1], lambda number: PREY)
    assert told.value.hint == GO_ON


def test_tests_that_compile_no_sources(worker: Any) -> None:
    """There is nothing to change in what they run on."""
    for order in (say.Learn(), say.Stop()):
        worker.pipe.send(order)
    bench: Any = SimpleNamespace(is_learning=False, classes=None, converting=None)
    Session(worker.theirs, bench).pytest_runtestloop(SimpleNamespace(testsfailed=0, items=[]))  # type: ignore[arg-type]
    assert isinstance(worker.read(), say.Ready)
    with pytest.raises(WorkerError, match=r"^no test has the sources of the mutants compiled and converted") as told:
        worker.read()
    assert told.value.hint == "name tests that use cards with the applet, and the sources that they compile"


def test_tests_of_which_none_passes() -> None:
    """Each is said to be left out, with why."""
    said: list[str] = []
    one: Any = campaign._Campaign.__new__(campaign._Campaign)
    one._covering, one._say, one.result = Covering(), said.append, SimpleNamespace(left_out=[])
    with pytest.raises(UsageError, match=r"^no test passes") as refused:
        one._sort_out([say.Tried("test_it", 1.0, False, (), "it fails")])
    assert refused.value.hint == "run them with pytest alone"
    assert one.result.left_out == ["test_it"]
    assert said[1].strip() == "it fails"


def test_a_share_of_nothing() -> None:
    with pytest.raises(UsageError, match=r"^no mutant of these sources is on record as killed") as refused:
        campaign._chosen(Order(Ground(Path(), (), ()), share=True), (), MutationRecord())
    assert refused.value.hint == "hunt without --share first"


def test_a_process_of_a_campaign_that_ends_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = SimpleNamespace(exitcode=-9, terminate=lambda: None, join=lambda grace: None, is_alive=lambda: False)
    monkeypatch.setattr(workers, "_LOOK", 0.01)
    monkeypatch.setattr(workers, "started", lambda *_: ended)
    with pytest.raises(HarnessError, match=r"^a process of the campaign ended before its time") as told:
        list(workers.in_processes("a.module", lambda *_: None, ["a scene"], 1, str))
    assert "fewer --jobs take less memory" in told.value.hint


def test_a_record_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"^{tmp_path} cannot be read: Is a directory"):
        read_kept(tmp_path, "mutants", str)
