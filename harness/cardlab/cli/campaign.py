"""What the commands that run campaigns have in common: which campaign, which scenes, a record, and processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def campaign_options(example: str) -> Callable[[F], F]:
    """MODULE, WORDS, ``--seed``, ``--case``, ``--record`` and ``--jobs``; ``example``: of a case."""
    options = (
        click.argument("module"),
        click.argument("words", nargs=-1),
        click.option("--seed", default=1, show_default=True, help="Decides what is drawn."),
        click.option("--case", help=f"One case again, as it stands in the record: {example}."),
        click.option(
            "--record",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write what was found there after each scene; go on from it.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1),
            default=os.cpu_count() or 1,
            help="Run so many scenes at a time, each in a process of its own.  [default: one for each processor]",
        ),
    )

    def decorate(function: F) -> F:
        for one in reversed(options):
            function = one(function)
        return function

    return decorate
