"""``jpki bench``: measure speed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import click

from cardlab.cli.output import Output, json_option


@dataclass(frozen=True, slots=True)
class _Effort:
    """How long to measure: seconds to warm up, rounds of turns (seconds each), and how many of the rest."""

    warm_up: float
    rounds: int
    turn: float
    runs: int
    conversions: int
    keys: int
    signatures: int
    examples: int
    requests: int


_FULL = _Effort(
    warm_up=1.0, rounds=25, turn=0.05, runs=7, conversions=10, keys=20, signatures=200, examples=300, requests=300
)
_QUICK = _Effort(warm_up=0.1, rounds=3, turn=0.02, runs=1, conversions=1, keys=2, signatures=5, examples=5, requests=10)


@click.command()
@click.option("--quick", is_flag=True, help="Measure for a few seconds only; the figures scatter more.")
@click.option(
    "--kit",
    type=click.Path(path_type=Path),
    envvar="JC_HOME",
    show_envvar=True,
    metavar="DIR",
    help="Measure the converter of the Java Card kit in this folder beside ours.",
)
@json_option
def command(quick: bool, kit: Path | None, as_json: bool) -> None:
    """Measure speed: commands, secure channel, start-up, conversion, keys and signatures, property tests.

    What is compared is measured in turns, so that the ratios hold on a busy machine as well.
    """
    from cardlab.bench.machine import this_machine
    from cardlab.bench.runtimes import FULL, QUICK, runtime_figures
    from cardlab.runtime import known
    from cardlab.toolchain.kit.development_kit import read_kit
    from jpki.bench.apdus import secured_apdus, short_apdus
    from jpki.bench.conversion import conversion_times
    from jpki.bench.examples import examples_per_second
    from jpki.bench.keys import key_times
    from jpki.bench.reader import in_reader, missing
    from jpki.bench.report import Bench, lines
    from jpki.bench.responder import responder_rate
    from jpki.bench.startup import startup
    from jpki.package import jpki_executable

    effort, output = _QUICK if quick else _FULL, Output(as_json)
    machine = this_machine()
    jpki_executable()  # compiled and converted before anything is measured
    output.progress(f"{effort.runs + 1} process starts ...")
    first_answer = startup(runs=effort.runs)
    output.progress(f"{effort.rounds} rounds of short commands ...")
    apdus = short_apdus(rounds=effort.rounds, turn=effort.turn, warm_up=effort.warm_up)
    output.progress(f"{effort.rounds} rounds of secured commands ...")
    secured = secured_apdus(rounds=effort.rounds, turn=effort.turn, warm_up=effort.warm_up)
    output.progress(f"{effort.conversions} conversions, verifications and loadings ...")
    conversion = conversion_times(runs=effort.conversions, kit=read_kit(kit) if kit else None)
    keys = key_times(keys=effort.keys, signatures=effort.signatures, progress=output.progress)
    output.progress(f"{effort.examples} examples of a property test ...")
    examples = {name: examples_per_second(one, examples=effort.examples) for name, one in known().items()}
    runtimes = runtime_figures(known().values(), QUICK if quick else FULL, progress=output.progress)
    output.progress(f"{effort.rounds} rounds of {effort.requests} OCSP requests ...")
    responder = responder_rate(rounds=effort.rounds, requests=effort.requests)
    reader = None
    if lacking := missing():
        output.progress(f"no card in a reader, for there is no {lacking} (docs/guide/lab-engineer.md)")
    else:
        output.progress("a card in a reader ...")
        reader = in_reader(rounds=effort.rounds, turn=effort.turn, warm_up=effort.warm_up, signatures=effort.signatures)
    bench = Bench(machine, apdus, secured, first_answer, conversion, keys, examples, runtimes, responder, reader)
    output.facts(asdict(bench) | {"aims": bench.aims}, lines(bench))
