"""What the commands that run campaigns have in common: which campaign, which scenes, a record, and processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import click

from cardlab.cli.output import Output, require_folder

if TYPE_CHECKING:
    from cardlab.campaign.run import Way
    from cardlab.campaign.scene import Campaign

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="Campaign[Any]")


class Repeated(Protocol):
    """One case, done again."""

    @property
    def invariants(self) -> tuple[str, ...]:
        """Those that do not hold."""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""

    def lines(self) -> Iterable[str]:
        """For people."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the options say that all campaigns have; words choose scenes."""

    module: str
    words: tuple[str, ...]
    seed: int
    case: str | None
    record: Path | None
    jobs: int
    as_json: bool

    @property
    def output(self) -> Output:
        """Where words and facts go."""
        return Output(self.as_json)

    @contextmanager
    def opened(self, kind: type[C]) -> Iterator[C]:
        """The campaign, if it is of this kind and there is a folder for the record."""
        from cardlab.campaign.loading import opened

        if self.record is not None:
            require_folder(self.record)
        with opened(self.module, kind) as campaign:
            yield campaign

    @property
    def way(self) -> Way:
        """How scenes are run; while the campaign is open."""
        from cardlab.campaign.loading import own_sources
        from cardlab.campaign.run import Way

        return Way(self.record, self.output.progress, self.jobs, self.module, own_sources())

    def repeated(self, again: Callable[[C, tuple[str, ...], str], Repeated], campaign: C) -> int:
        """Do the one case again and tell; returns the exit code."""
        told = again(campaign, self.words, self.case or "")
        self.output.facts(told.as_json(), told.lines())
        return int(bool(told.invariants))


def campaign_options(example: str) -> Callable[[F], F]:
    """MODULE, WORDS, ``--seed``, ``--case``, ``--record`` and ``--jobs``; ``example``: of a case.

    With ``--json`` the command gets them as ``ordered``.
    """
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
        @wraps(function)
        def command(**values: Any) -> Any:
            common = {one.name: values.pop(one.name) for one in fields(Ordered)}
            return function(ordered=Ordered(**common), **values)

        made: Any = command
        for one in reversed(options):
            made = one(made)
        return cast("F", made)

    return decorate
