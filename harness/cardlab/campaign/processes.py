"""Processes that campaigns and hunts start: they end with whoever started them, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

CONTEXT = multiprocessing.get_context("spawn")
"""A Java virtual machine does not survive a fork."""


def started(target: Callable[..., object], arguments: tuple[Any, ...]) -> BaseProcess:
    """A process that runs a function of a module."""
    process = CONTEXT.Process(target=_alive_with_parent, args=(target, arguments), daemon=True)
    process.start()
    return process


def end(process: BaseProcess, grace: float) -> None:
    """Tell it to end, and end it by force after so many seconds."""
    process.terminate()
    process.join(grace)
    kill(process)


def kill(process: BaseProcess) -> None:
    """End it at once."""
    if process.is_alive():
        process.kill()
        process.join()


def _alive_with_parent(target: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    target(*arguments)


def _end_with_parent() -> None:
    """Whoever is killed cannot end the processes it started, and one that waits for work would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
