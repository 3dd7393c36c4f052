"""``cardlab card list``: the readers and what is in them."""

from __future__ import annotations

import click

from cardlab.cli.output import Output, json_option, table


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the readers of this machine, and the cards in them with their ATR."""
    from cardlab.transport.pcsc import list_readers

    readers = list_readers()
    facts = [
        {"name": one.name, "atr": one.atr.hex().upper() if one.atr else None, "card": one.atr is not None,
         "in_use": one.in_use, "exclusive": one.exclusive}
        for one in readers
    ]  # fmt: skip
    rows = [("reader", "card", "used by")]
    for one in readers:
        card = "-" if one.atr is None else one.atr.hex().upper() or "does not answer"
        rows.append(
            (one.name, card, "one program alone" if one.exclusive else "others too" if one.in_use else "nobody")
        )
    Output(as_json).facts(facts, table(rows) if readers else ["there is no reader"])
