"""``jpki plans``: the six ways of setting a PIN, explored and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jpki.plans.findings import Findings, Way


@click.command()
@click.option("--page", is_flag=True, help="Print docs/generated/pin-plans.md.")
@json_option
def command(page: bool, as_json: bool) -> None:
    """Explore every situation that each of the six PIN-setting plans allows, and compare them (B8)."""
    from jpki.plans.findings import examine_all
    from jpki.plans.page import markdown

    found = examine_all()
    if page:
        click.echo(markdown(found), nl=False)
        return
    Output(as_json).facts([_facts(one) for one in found], _text(found))


def _way(way: Way) -> list[dict[str, str]]:
    return [{"actor": step.move.actor.value, "move": step.move.text, "outcome": step.outcome.value} for step in way]


def _facts(found: Findings) -> dict[str, object]:
    from dataclasses import asdict

    from jpki.plans.document import CLAIMS, DOCUMENT, holds, marks, unmentioned

    number = found.plan.number
    return {
        "plan": number,
        "title": found.plan.title,
        "situations": len(found.everything.situations),
        "transitions": len(found.everything.transitions),
        "temporary_pin_opens_the_key": found.exposure.name.lower(),
        "used_under_temporary_pin": _way(found.used_under_temporary),
        "used_by_somebody_else": _way(found.used_by_thief),
        "user_types": [secret.value for secret in found.typed],
        "tsm_provides": [one.value for one in found.tsm_functions],
        "applet_adds": [one.value for one in found.applet_functions],
        "sent_outside_scp03": [{"secret": secret.value, "to": whom} for secret, whom in found.told],
        "stored_by_the_app": [secret.value for secret in found.kept_by_app],
        "apdus": found.apdus,
        "tsm_round_trips": found.round_trips,
        "lost_link_needs_the_tsm_again": not found.survives_interruption,
        "marks": {"document": asdict(DOCUMENT[number]), "exploration": asdict(marks(found))},
        "claims": [{"claim": claim.value, "holds": holds(claim, found)} for claim in CLAIMS[number]],
        "not_mentioned": [claim.value for claim in unmentioned(found)],
    }


def _text(all_found: Sequence[Findings]) -> Iterator[str]:
    from jpki.plans.document import DOCUMENT, marks
    from jpki.plans.page import secrets, shown, told, way

    rows = [
        ("plan", "", "temporary PIN opens the key", "user types", "sent outside SCP03", "APDUs", "TSM trips", "marks")
    ]
    for found in all_found:
        number = found.plan.number
        both = f"{shown(DOCUMENT[number])} | {shown(marks(found))}"
        when, _, _ = found.exposure.value.partition(";")
        figures = (str(found.apdus), str(found.round_trips))
        rows.append((str(number), found.plan.title, when, secrets(found.typed), told(found), *figures, both))
    yield from table(rows)
    yield ""
    yield "marks: safety, convenience, cost; the original | from the exploration"
    for found in all_found:
        if found.used_under_temporary:
            yield ""
            yield f"plan {found.plan.number}, a key is used under the temporary PIN:"
            yield f"  {way(found.used_under_temporary)}"
