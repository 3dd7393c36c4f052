"""``jpki trace``: from requirements to the code that carries them out and the tests that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, table
from cardlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jpki.evidence.traceability import TracedRequirement


@click.command()
@click.argument("requirement", nargs=-1)
@click.option("--page", is_flag=True, help="Print docs/generated/traceability.md.")
@json_option
def command(requirement: tuple[str, ...], page: bool, as_json: bool) -> None:
    """Say where REQUIREMENT is cited and by which tests, as in C6 or C4-C6; without one, how often each is (F4)."""
    from jpki.evidence.citations import expand
    from jpki.evidence.traceability import checkout, facts, known, trace, vector_files
    from jpki.evidence.traceability_page import markdown

    if page and (requirement or as_json):
        raise UsageError("--page has every requirement, as Markdown", hint="leave the rest out")
    root = checkout()
    wanted = {number for one in requirement for number in expand(one, known(root))}
    traces = trace(root)
    if page:
        click.echo(markdown(traces, vector_files(root)), nl=False)
        return
    chosen = [one for one in traces if not wanted or one.number in wanted]
    Output(as_json).facts(facts(chosen), _details(chosen) if wanted else _overview(chosen))


def _overview(traces: Sequence[TracedRequirement]) -> Iterator[str]:
    rows = [("no.", "places", "tests", "by file", "requirement")]
    for one in traces:
        text = one.text if len(one.text) < 70 else f"{one.text[:67]}..."
        rows.append((one.number, str(len(one.code)), str(len(one.named)), str(len(one.others)), text))
    yield from table(rows)


def _details(traces: Sequence[TracedRequirement]) -> Iterator[str]:
    for one in traces:
        yield f"{one.number}  {one.text}"
        yield from (f"    {place.file}:{place.line}  {place.symbol}".rstrip() for place in one.code)
        yield from (f"    {test.file}::{test.name.replace('.', '::')}" for test in one.named)
        for file in dict.fromkeys(test.file for test in one.others):
            yield f"    {file} is about it"
        if one.limit:
            yield f"    limits: {one.limit}"
        yield f"    python3 build.py test --requirement {one.number}"
        yield ""
