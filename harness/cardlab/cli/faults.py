"""``cardlab faults``: disturb every instruction that commands of an applet execute, and see what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.campaign import campaign_options
from cardlab.cli.output import Output, json_option, require_folder
from cardlab.system_errors import write_file

if TYPE_CHECKING:
    from cardlab.campaign.faults.scene import FaultCampaign

_MODELS = ("skip", "invert", "operand", "cell", "exception", "return")


@click.command()
@campaign_options("skip@120")
@click.option(
    "--model", "models", multiple=True, type=click.Choice(_MODELS), help="Only this; repeated.  [default: all]"
)
@click.option(
    "--pairs", type=click.IntRange(0), default=0, show_default=True, help="So many pairs of faults for each scene."
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with the sources in colours."
)
@json_option
def command(
    module: str, words: tuple[str, ...], seed: int, case: str | None, record: Path | None, jobs: int,
    models: tuple[str, ...], pairs: int, html: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Disturb commands of an applet at each of their instructions.

    MODULE is a Python module, or a file, with a function campaign() (docs/reference/campaigns.md); WORDS choose scenes
    whose names hold all of them. Exit code 1 when an invariant was broken. A run that was ended goes on where it was
    when it has the same --record.
    """
    from cardlab.campaign.faults.campaign import Choices, disturb
    from cardlab.campaign.faults.report import lines
    from cardlab.campaign.loading import opened
    from cardlab.campaign.run import Way
    from cardlab.runtime.vm.faults import FaultModel

    output = Output(as_json)
    if record is not None:
        require_folder(record)
    with opened(module) as found:
        if case is not None:
            return _again(found, words, case, output)
        choices = Choices(tuple(FaultModel(one) for one in models or _MODELS), pairs, seed, words)
        made = disturb(found, choices, Way(record, output.progress, jobs, module))
        if html is not None:
            from cardlab.campaign.faults.heat import page

            write_file(html, page(made, found.sources).encode())
    output.facts(made.as_json(), lines(made))
    return int(any(one.broken for one in made.scenes))


def _again(found: FaultCampaign, words: tuple[str, ...], text: str, output: Output) -> int:
    from cardlab.campaign.faults.campaign import again

    told = again(found, words, text)
    output.facts(told.as_json(), told.lines())
    return int(bool(told.invariants))
