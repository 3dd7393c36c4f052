"""``jpki activation``: the three ways of activating biometrics, explored and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, table

if TYPE_CHECKING:
    from jpki.plans.activation.attempts import ActivationFindings


@click.command()
@click.option("--page", is_flag=True, help="Print docs/generated/activation.md.")
@json_option
def command(page: bool, as_json: bool) -> None:
    """Explore every attempt at activating biometrics under Options 1, 2 and 2b, and compare them (C8)."""
    from jpki.plans.activation.page import findings, markdown

    found = findings()
    if page:
        click.echo(markdown(found), nl=False)
        return
    Output(as_json).facts([_facts(one) for one in found.values()], _text(found))


def _facts(one: ActivationFindings) -> dict[str, object]:
    from jpki.plans.activation.page import said

    return {
        "option": one.option.name,
        "title": one.option.title,
        "steps": [said(done.step) for done in one.planned],
        "parties": [role.value for role in one.roles],
        "apdus": one.apdus,
        "tsm_round_trips": one.round_trips,
        "scp03": one.needs_channel,
        "public_key_leaves_the_phone": one.exports_key,
        "leaves_the_element": list(one.leaves),
        "broken_by": [sorted(power.name for power in powers) for powers in one.broken_by],
        "revoked_certificate_is_stopped": one.revoked_is_stopped,
        "and_not_only_by_the_app": one.checks_are_enforced,
    }


def _text(found: Mapping[str, ActivationFindings]) -> Iterator[str]:
    from jpki.plans.activation.page import broken, named

    rows: list[tuple[str, ...]] = [("option", "", "parties", "APDUs", "TSM trips", "SCP03", "leaves the element")]
    for name, one in found.items():
        figures = (str(len(one.roles)), str(one.apdus), str(one.round_trips), "yes" if one.needs_channel else "no")
        rows.append((name, one.option.title, *figures, ", ".join(one.leaves) or "nothing"))
    yield from table(rows)
    yield ""
    rows = [("registers a key of their own who", *(f"option {name}" for name in found))]
    for powers in broken(found):
        rows.append((named(powers), *("no" if one.stops(powers) else "yes" for one in found.values())))
    yield from table(rows)
