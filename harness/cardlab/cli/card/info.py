"""``cardlab card info``: what a card is."""

from __future__ import annotations

from contextlib import closing

import click

from cardlab.cli.card.choice import card_option, keys_option, open_card
from cardlab.cli.output import Output, json_option
from cardlab.cli.runtime_argument import runtime_option


@click.command()
@card_option
@keys_option
@runtime_option
@json_option
def command(card: str, keys: str | None, runtime: str | None, as_json: bool) -> None:
    """Say what a card is: ATR, production data, security domain, applications.

    Nothing on the card is changed. Most cards tell their applications only to who has the keys of the issuer security
    domain (--keys).
    """
    from cardlab.globalplatform.host.inspect import inspect, lines
    from cardlab.globalplatform.key_source import read_keys

    known = None if keys is None else read_keys(keys)
    with closing(open_card(card, reading=True, runtime=runtime)) as transport:
        found = inspect(transport, known)
    Output(as_json).facts(found.facts, lines(found))
