"""``cardlab card content``: what is on a card."""

from __future__ import annotations

import click

from cardlab.cli.card.managing import Target, managing_options, registry_facts, registry_table
from cardlab.cli.output import Output, json_option


@click.command()
@managing_options
@json_option
def command(target: Target, as_json: bool) -> None:
    """List what is on a card: domains, applications, load files."""
    with target.open() as installer:
        registry = installer.registry()
    facts = {"installer": installer.name, "registry": registry_facts(registry)}
    Output(as_json).facts(facts, registry_table(registry))
