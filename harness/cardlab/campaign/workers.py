"""Runs scenes of a campaign: here, one after the other, or in processes of their own, several at a time."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty
from typing import Any

from cardlab.campaign.loading import opened
from cardlab.campaign.own_code import described
from cardlab.campaign.processes import CONTEXT, end, started
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
    kind: type[HarnessError]
    message: str
    hint: str

    @property
    def error(self) -> HarnessError:
        """The same in this process."""
        prefix = "" if self.message.startswith(self.scene) else f"{self.scene}: "
        return self.kind(prefix + self.message, hint=self.hint)


def here(campaign: Campaign[Any], work: Work, names: Sequence[str], say: Say) -> Iterator[Any]:
    """What was found of each scene, in this process."""
    for number, name in enumerate(names, 1):
        say(f"{number} of {len(names)}: {name}")
        yield work(campaign, campaign.named(name), lambda line: say(f"   {line}"))


def in_processes(module: str, work: Work, names: Sequence[str], jobs: int, say: Say) -> Iterator[Any]:
    """What was found of each scene, in the order in which they are done; each process opens the module's campaign.

    HarnessError when a scene's run fails or a process ends before its time.
    """
    tasks, results = CONTEXT.Queue(), CONTEXT.Queue()
    for name in (*names, *(None for _ in range(jobs))):
        tasks.put(name)
    with ExitStack() as stack:
        processes = [_begun(stack, (module, work, tasks, results)) for _ in range(jobs)]
        yield from _gathered(processes, results, len(names), say)


def _begun(stack: ExitStack, arguments: tuple[Any, ...]) -> BaseProcess:
    process = started(_serve, arguments)
    stack.callback(end, process, _STOP)
    return process


def _gathered(processes: Sequence[BaseProcess], results: Queue[Any], count: int, say: Say) -> Iterator[Any]:
    done = 0
    while done < count:
        told = _next(processes, results)
        if isinstance(told, _Said):
            say(f"{told.scene}: {told.line}")
        elif isinstance(told, _Failed):
            raise told.error
        else:
            done += 1
            say(f"{done} of {count} done: {told.scene}")
            yield told.found


def _next(processes: Sequence[BaseProcess], results: Queue[Any]) -> Any:
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: whoever started this process ends it
    try:
        with opened(module) as campaign:
            for scene in iter(tasks.get, None):
                results.put(_Done(scene, _run(campaign, work, scene, results)))
    except HarnessError as error:
        results.put(_Failed(scene, _kind(error), str(error), error.hint))
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        results.put(_Failed(scene, HarnessError, f"this should not happen: {described(error)}\n{told}", ""))


def _kind(error: HarnessError) -> type[HarnessError]:
    """One of those that decide the exit code: others may want more than a message when they are made."""
    return next(one for one in type(error).__mro__ if one.__module__ == HarnessError.__module__)


def _run(campaign: Campaign[Any], work: Work, scene: str, results: Queue[Any]) -> Any:
    return work(campaign, campaign.named(scene), lambda line: results.put(_Said(scene, line)))
