"""``--runtime``: what executes the applets of a card that a command makes or takes from its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from cardlab import runtime

_Function = TypeVar("_Function", bound=Callable[..., object])


def runtime_option(function: _Function) -> _Function:
    """The option ``--runtime``; the command gets the name as ``runtime``, None when it was not given."""
    return click.option(
        "--runtime",
        "runtime",
        metavar="NAME",
        callback=_checked,
        help="What executes the applets of a new simulated card; of one in a file, what did so before.",
    )(function)


def _checked(_ctx: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    """Raises UsageError that lists the known ones, before the command does anything."""
    return None if name is None else runtime.choose(name).name
