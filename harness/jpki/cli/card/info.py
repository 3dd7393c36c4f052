"""``jpki card info``: what a card is, and what state its JPKI applet is in."""

from __future__ import annotations

from contextlib import closing

import click

from cardlab.cli.card.choice import card_option, keys_option, open_card
from cardlab.cli.output import Output, json_option


@click.command()
@card_option
@keys_option
@json_option
def command(card: str, keys: str | None, as_json: bool) -> None:
    """Say what a card is: ATR, production data, security domain, applications, and the JPKI applet's state.

    Nothing on the card is changed, and no PIN is tried. Most cards tell their applications only to who has the keys of
    the issuer security domain (--keys).
    """
    from cardlab.globalplatform.host.inspect import inspect, lines
    from cardlab.globalplatform.key_source import read_keys
    from jpki.client.inspect import inspect as inspect_jpki
    from jpki.client.inspect import lines as jpki_lines

    known = None if keys is None else read_keys(keys)
    with closing(open_card(card, reading=True)) as transport:
        found = inspect(transport, known)
        applet = inspect_jpki(transport)
    Output(as_json).facts(
        found.facts | {"jpki": None if applet is None else applet.facts}, [*lines(found), *jpki_lines(applet)]
    )
