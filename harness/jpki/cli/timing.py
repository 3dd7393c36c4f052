"""``jpki timing``: how long the flows take, by section and by party, beside the field trial's figures."""

from __future__ import annotations

import datetime
import tempfile
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, require_folder
from cardlab.errors import UsageError
from cardlab.system_errors import write_file
from jpki.cli.suite_argument import suite_named, suite_option

if TYPE_CHECKING:
    from jpki.timing.realcard import RealCard


@click.command()
@click.option("--runs", type=click.IntRange(1), default=10, show_default=True, help="How often each flow is run.")
@click.option("--flow", "wanted", multiple=True, metavar="NAME", help="Only this flow, and others named so.")
@click.option("--network", default="mobile-lte", show_default=True, help="From phone to servers, for the prediction.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with charts.")
@click.option("--svg", "chart", type=click.Path(dir_okay=False, path_type=Path), help="Write the chart of issuing.")
@click.option("--card", "place", default="sim", show_default=True, help="The phone's card: sim, or pcsc:READER.")
@click.option(
    "--keys", metavar="SOURCE", help="A real card's keys: env:NAME or file:PATH; see docs/reference/gppro.md."
)
@click.option("--destructive", default="", metavar="IDENTITY", help="Yes, use this card; a run without it shows which.")
@suite_option("Keys of CA, cards and secure elements.")
@json_option
def command(
    runs: int,
    wanted: tuple[str, ...],
    network: str,
    page: Path | None,
    chart: Path | None,
    place: str,
    keys: str | None,
    destructive: str,
    suite: str | None,
    as_json: bool,
) -> None:
    """Run each flow ten times: average, maximum, minimum, APDUs and bytes, by section and party (F1, F3).

    What nobody does here is modelled and marked: the user's time is the field trial's; links, chip and CA are put in to
    predict the time on a phone, and what the user waits when keys are made while they type (F5). A real card gets the
    applet for the time of the measurement and is cleared again.
    """
    from cardlab.bench.machine import this_machine
    from jpki.client.constants import Suite
    from jpki.timing.chips import usual_chip
    from jpki.timing.flows import FLOWS, rounds
    from jpki.timing.model import LINKS, PhoneModel
    from jpki.timing.page import html, issuance_chart
    from jpki.timing.report import evaluate
    from jpki.timing.text import ISSUE, Measured, facts, lines
    from jpki.timing.trace import Trace
    from jpki.timing.waiting import waits

    names = [flow.name for flow in FLOWS]
    if unknown := [name for name in wanted if name not in names]:
        raise UsageError(f"there is no flow {unknown[0]}", hint=", ".join(names))
    if network not in LINKS:
        raise UsageError(f"there is no link {network}", hint=", ".join(LINKS))
    if chart is not None and wanted and ISSUE not in wanted:
        raise UsageError("--svg draws the issuing", hint=f"add --flow {ISSUE}")
    unfit = [flow.name for flow in FLOWS if flow.two_phones and place != "sim"]
    if impossible := [name for name in wanted if name in unfit]:
        raise UsageError(f"{impossible[0]} needs two phones, and there is one card", hint="measure it with --card sim")
    for target in filter(None, (page, chart)):
        require_folder(target)
    card = _real_card(place, keys, destructive)
    chosen = wanted or tuple(name for name in names if name not in unfit)
    until = max(names.index(name) for name in chosen) + 1
    output, keys_of = Output(as_json), suite_named(suite) or Suite.RSA_2048
    traces: dict[str, list[Trace]] = {name: [] for name in names if name in chosen}
    with closing(card.transport) if card else nullcontext(), tempfile.TemporaryDirectory() as folder:
        for count, recorded in enumerate(rounds(Path(folder), runs, FLOWS[:until], card, keys_of), 1):
            output.progress(f"round {count} of {runs}")
            for name, collected in traces.items():
                collected.append(recorded[name])
    model = replace(PhoneModel(), network=LINKS[network], chip=usual_chip(keys_of))
    what = card.name if card else "simulated GP-SE"
    if keys_of is not Suite.RSA_2048:
        what = f"{what}, {keys_of.label}: an assumption about later cards"
    flows = tuple(evaluate(name, collected, model) for name, collected in traces.items())
    reader = replace(model, secure_element=LINKS["nfc"])
    signing = evaluate("sign", traces["sign"], reader) if "sign" in traces else None
    contactless = signing.predicted_total - signing.user if signing else None
    both = waits(traces[ISSUE][0], model, keys_of) if ISSUE in traces else ()
    conditions = (f"{datetime.date.today()}, {what}", str(this_machine()))
    measured = Measured(conditions, model, flows, contactless, both)
    for file, content in ((page, html), (chart, issuance_chart)):
        if file is not None:
            write_file(file, content(measured).encode())
            output.progress(f"{file} written")
    output.facts(facts(measured), lines(measured))


def _real_card(place: str, keys: str | None, destructive: str) -> RealCard | None:
    """The card that ``--card`` names, None for the simulated one; a real one must be named by its identity too."""
    if place == "sim":
        if keys or destructive:
            raise UsageError("--keys and --destructive are for a real card", hint="name it: --card pcsc:READER")
        return None
    from cardlab.cli.card_argument import open_card
    from cardlab.globalplatform.key_source import read_keys
    from jpki.timing.realcard import RealCard, require_named

    if keys is None:
        raise UsageError(
            "a real card needs --keys", hint="keys are never guessed: a file, or `test` for the public ones"
        )
    found = read_keys(keys)
    transport = open_card(place)
    try:
        require_named(transport, destructive)
    except BaseException:
        transport.close()
        raise
    return RealCard(transport, found, f"card {place}")
