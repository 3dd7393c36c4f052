"""Runs scenes of a campaign: here, one after the other, or in processes of their own, several at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from queue import Empty
from typing import Any

from cardlab.campaign.loading import opened
from cardlab.campaign.scene import Campaign
from cardlab.errors import HarnessError

Say = Callable[[str], object]
Work = Callable[[Any, Any, Say], Any]
"""What is done with a campaign's scene; returns what was found. It is sent to processes, so it holds plain values."""
_LOOK = 1.0  # seconds between two looks at whether the processes are there still
_STOP = 5.0  # seconds for a process to end


@dataclass(frozen=True, slots=True)
class _Said:
    scene: str
    line: str


@dataclass(frozen=True, slots=True)
class _Done:
    scene: str
    found: Any


@dataclass(frozen=True, slots=True)
class _Failed:
    scene: str
    message: str
    hint: str


def here(campaign: Campaign[Any], work: Work, names: Sequence[str], say: Say) -> Iterator[Any]:
    """What was found of each scene, in this process."""
    for number, name in enumerate(names, 1):
        say(f"{number} of {len(names)}: {name}")
        yield work(campaign, campaign.named(name), lambda line: say(f"   {line}"))


def in_processes(module: str, work: Work, names: Sequence[str], jobs: int, say: Say) -> Iterator[Any]:
    """What was found of each scene, in the order in which they are done; each process opens the module's campaign.

    HarnessError when a scene's run fails or a process ends before its time.
    """
    context = multiprocessing.get_context("spawn")
    tasks, results = context.Queue(), context.Queue()
    for name in (*names, *(None for _ in range(jobs))):
        tasks.put(name)
    processes = [context.Process(target=_serve, args=(module, work, tasks, results)) for _ in range(jobs)]
    with _running(processes):
        yield from _gathered(processes, results, len(names), say)


@contextmanager
def _running(processes: Sequence[Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in processes:
            one.start()
            stack.callback(_end, one)
        yield


def _end(process: Any) -> None:
    process.terminate()
    process.join(_STOP)
    if process.is_alive():
        process.kill()


def _gathered(processes: Sequence[Any], results: Queue[Any], count: int, say: Say) -> Iterator[Any]:
    done = 0
    while done < count:
        told = _next(processes, results)
        if isinstance(told, _Said):
            say(f"{told.scene}: {told.line}")
        elif isinstance(told, _Failed):
            raise HarnessError(f"{told.scene}: {told.message}", hint=told.hint)
        else:
            done += 1
            say(f"{done} of {count} done: {told.scene}")
            yield told.found


def _next(processes: Sequence[Any], results: Queue[Any]) -> Any:
    while True:
        try:
            return results.get(timeout=_LOOK)
        except Empty:
            if any(one.exitcode for one in processes):
                hint = "with --record the campaign goes on where it was; fewer --jobs take less memory"
                raise HarnessError("a process of the campaign ended before its time", hint=hint) from None


def _serve(module: str, work: Work, tasks: Queue[Any], results: Queue[Any]) -> None:
    """A process: open the campaign, then run scenes until there are no more."""
    scene = "opening the campaign"
    try:
        with opened(module) as campaign:
            for scene in iter(tasks.get, None):
                results.put(_Done(scene, _run(campaign, work, scene, results)))
    except HarnessError as error:
        results.put(_Failed(scene, str(error), error.hint))
    except KeyboardInterrupt:
        return  # whoever started this process is told as well


def _run(campaign: Campaign[Any], work: Work, scene: str, results: Queue[Any]) -> Any:
    return work(campaign, campaign.named(scene), lambda line: results.put(_Said(scene, line)))
