"""``cardlab tear``: cut the power at every persistent write of commands of an applet, and of the recovery."""

from __future__ import annotations

import click

from cardlab.cli.campaign import Ordered, campaign_options
from cardlab.cli.output import json_option


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
def command(ordered: Ordered, one_in: int) -> int:
    """Cut the power at every persistent write of commands of an applet, and of what the card does about it.

    MODULE is a Python module, or a file, with a function campaign() (docs/reference/campaigns.md); WORDS choose scenes
    whose names hold all of them. Exit code 1 when an invariant was violated. A run that was ended goes on where it was
    when it has the same --record.
    """
    from cardlab.campaign.tears.campaign import Choices, again, tear
    from cardlab.campaign.tears.report import lines
    from cardlab.campaign.tears.scene import TearCampaign

    with ordered.opened(TearCampaign) as found:
        if ordered.case is not None:
            return ordered.repeated(again, found)
        made = tear(found, Choices(ordered.seed, one_in, ordered.words), ordered.way)
    ordered.output.facts(made.as_json(), lines(made))
    return int(any(one.violations for one in made.scenes))
