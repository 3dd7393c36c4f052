"""``cardlab bench``: measure the runtimes."""

from __future__ import annotations

from dataclasses import asdict

import click

from cardlab.cli.output import Output, json_option


@click.command()
@click.option("--quick", is_flag=True, help="Measure for a few seconds only; the figures scatter more.")
@click.option(
    "--runtime", "names", metavar="NAME", multiple=True, help="Of this runtime only; may be repeated.  [default: all]"
)
@json_option
def command(quick: bool, names: tuple[str, ...], as_json: bool) -> None:
    """Measure what executes applets: commands, fresh cards, keys and signatures, with a small applet.

    All runtimes do each thing in turns, so that their ratios hold on a busy machine as well.
    """
    from cardlab.bench.machine import this_machine
    from cardlab.bench.report import runtime_lines
    from cardlab.bench.runtimes import FULL, QUICK, runtime_figures
    from cardlab.runtime import choose, known

    output = Output(as_json)
    backends = [choose(name) for name in dict.fromkeys(names)] or list(known().values())
    machine = this_machine()
    found = runtime_figures(backends, QUICK if quick else FULL, progress=output.progress)
    facts = {name: None if one is None else asdict(one) for name, one in found.items()}
    output.facts({"machine": asdict(machine), "runtimes": facts}, [str(machine), "", *runtime_lines(found)])
