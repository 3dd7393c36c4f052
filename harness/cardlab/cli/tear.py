"""``cardlab tear``: cut the power at every persistent write of commands of an applet, and of the recovery."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.campaign import campaign_options
from cardlab.cli.output import Output, json_option, require_folder


@click.command()
@campaign_options("12/new+1:30/old")
@click.option(
    "--one-in",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Recover from one of so many states that cuts leave, as the seed decides.",
)
@json_option
def command(
    module: str, words: tuple[str, ...], seed: int, case: str | None, record: Path | None, jobs: int, one_in: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Cut the power at every persistent write of commands of an applet, and of what the card does about it.

    MODULE is a Python module, or a file, with a function campaign() (docs/reference/campaigns.md); WORDS choose scenes
    whose names hold all of them. Exit code 1 when an invariant was violated. A run that was ended goes on where it was
    when it has the same --record.
    """
    from cardlab.campaign.loading import opened
    from cardlab.campaign.run import Way
    from cardlab.campaign.tears.campaign import Choices, again, tear
    from cardlab.campaign.tears.report import lines

    output = Output(as_json)
    if record is not None:
        require_folder(record)
    with opened(module) as found:
        if case is not None:
            repeated = again(found, words, case)
            output.facts(repeated.as_json(), repeated.lines())
            return int(bool(repeated.invariants))
        made = tear(found, Choices(seed, one_in, words), Way(record, output.progress, jobs, module))
    output.facts(made.as_json(), lines(made))
    return int(any(one.violations for one in made.scenes))
