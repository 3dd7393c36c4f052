"""``cardlab faults``: disturb every instruction that commands of an applet execute, and see what becomes of it."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.campaign import Ordered, campaign_options
from cardlab.cli.output import json_option, require_folder
from cardlab.system_errors import write_file

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
def command(ordered: Ordered, models: tuple[str, ...], pairs: int, html: Path | None) -> int:
    """Disturb commands of an applet at each of their instructions.

    MODULE is a Python module, or a file, with a function campaign() (docs/reference/campaigns.md); WORDS choose scenes
    whose names hold all of them. Exit code 1 when an invariant was broken. A run that was ended goes on where it was
    when it has the same --record.
    """
    from cardlab.campaign.faults.campaign import Choices, again, disturb
    from cardlab.campaign.faults.report import lines
    from cardlab.campaign.faults.scene import FaultCampaign
    from cardlab.runtime.vm.faults import FaultModel

    if html is not None:
        require_folder(html)
    with ordered.opened(FaultCampaign) as found:
        if ordered.case is not None:
            return ordered.repeated(again, found)
        choices = Choices(tuple(FaultModel(one) for one in models or _MODELS), pairs, ordered.seed, ordered.words)
        made = disturb(found, choices, ordered.way)
        if html is not None:
            from cardlab.campaign.faults.heat import page

            write_file(html, page(made, found.sources).encode())
    ordered.output.facts(made.as_json(), lines(made))
    return int(any(one.broken for one in made.scenes))
