"""``cardlab mutate``: change an applet's sources at every place, and see which of its tests notices."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option

if TYPE_CHECKING:
    from cardlab.campaign.mutate.campaign import Order
    from cardlab.campaign.mutate.settings import Settings

_OPERATORS = (
    "condition", "operand", "comparison", "constant", "arithmetic", "call", "statement", "order", "transaction",
    "return",
)  # fmt: skip
_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("tests", nargs=-1)
@click.option("--sources", multiple=True, help="Java sources to change, folders or files; repeated.")
@click.option("--lines", multiple=True, metavar="FILE[:N[-M]]", help="Only these: Pin.java, Pin.java:61-70; repeated.")
@click.option("--operator", "operators", multiple=True, type=click.Choice(_OPERATORS), help="Only this; repeated.")
@click.option("--sample", type=click.IntRange(0), default=0, help="So many of them, drawn by --seed.  [default: all]")
@click.option("--seed", type=int, help="Which are drawn.  [default: 1; with --share another one each time]")
@click.option("--workers", type=click.IntRange(1), help="Processes that hunt.  [default: one a core]")
@click.option("--record", type=_PATH, help="Write what became of each there; go on from it.")
@click.option("--explained", type=_PATH, help="TOML file that says why no test can notice some.")
@click.option("--again", is_flag=True, help="Hunt those too that are on record.")
@click.option("--share", is_flag=True, help="Only see whether tests on record still notice what they noticed.")
@click.option("--list", "only_list", is_flag=True, help="Hunt nothing, list the mutants.")
@json_option
def command(
    tests: tuple[str, ...], sources: tuple[str, ...], lines: tuple[str, ...], operators: tuple[str, ...], sample: int,
    seed: int | None, workers: int | None, record: Path | None, explained: Path | None, again: bool, share: bool,
    only_list: bool, as_json: bool,
) -> int:  # fmt: skip
    """Change sources of an applet, a place at a time, and hunt each mutant with tests.

    TESTS are what pytest takes; without them, and without other options, [tool.cardlab.mutate] of pyproject.toml and
    the settings of the pytest plugin count (docs/reference/mutate.md). Exit code 1 when a mutant survived that nobody
    explains. A run that was ended goes on where it was when it has the same record.
    """
    from cardlab.campaign.mutate.campaign import Order
    from cardlab.campaign.mutate.choices import Choices, Lines
    from cardlab.campaign.mutate.mutation import Operator
    from cardlab.campaign.mutate.settings import Settings

    settings, output = Settings.read(Path.cwd()), Output(as_json)
    drawn = int.from_bytes(os.urandom(3), "big") if seed is None and share else seed or 1
    chosen = tuple(Lines.parse(one) for one in lines), tuple(map(Operator, operators))
    ground, kept = settings.ground(tests, sources), record or settings.path(settings.record)
    order = Order(
        ground, Choices(*chosen, sample, drawn), kept, settings.title, workers or 0, again, share
    )  # fmt: skip
    if only_list:
        return _list(order, output)
    return _hunt(order, explained, settings, output)


def _list(order: Order, output: Output) -> int:
    from cardlab.campaign.mutate.campaign import listed

    found = order.choices.of(listed(order.ground))
    facts = [{**one.identity._asdict(), "path": one.path, "line": one.lines[0]} for one in found]
    output.facts(facts, (f"{one.where}: {one.identity}" for one in found))
    return 0


def _hunt(order: Order, explained: Path | None, settings: Settings, output: Output) -> int:
    from cardlab.campaign.mutate.campaign import run
    from cardlab.campaign.mutate.explained import read_explanations
    from cardlab.campaign.mutate.report import Report

    why = read_explanations(explained or settings.path(settings.explained))
    if order.share:
        output.progress(f"seed {order.choices.seed}")
    made = Report(run(order, output.progress), why)
    output.facts(made.as_json(), made.lines())
    return int(bool(made.problems))
