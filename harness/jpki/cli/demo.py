"""``jpki demo``: the applet's life, from source to deletion, on a simulated secure element."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option
from cardlab.cli.runtime_argument import runtime_option

if TYPE_CHECKING:
    from jpki.demo.step import Step


@click.command()
@json_option
@click.option("--seed", type=int, help="Everything random on the card comes from this number.")
@runtime_option
def command(as_json: bool, seed: int | None, runtime: str | None) -> None:
    """Convert the applet, load and install it over SCP03, personalise it, sign, verify, block, reset and delete it."""
    from cardlab.transport.traffic import TrafficLog
    from jpki.client.constants import Instruction
    from jpki.demo.step import StepRunner
    from jpki.demo.story import Story

    output = Output(as_json)
    started = perf_counter()
    output.progress("A JPKI applet on a simulated GP-SE, from source to deletion:")
    output.progress("")
    recorder = StepRunner(partial(_tell, output))
    names = {one.value: one.name.replace("_", " ") for one in Instruction}
    story = Story(recorder, lambda lower: TrafficLog(lower, names=names), seed=seed, runtime=runtime)
    try:
        story.tell()
    finally:
        story.close()
    total = perf_counter() - started
    output.progress("")
    output.facts(_facts(recorder.steps, total), _table(recorder.steps, total))


def _tell(output: Output, step: Step) -> None:
    output.progress(f"  {step.number:2}  {step.party.value:<14}  {step.title}")
    output.progress(f"      {'':<14}  {step.outcome}  [{_time(step.seconds)}]")


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _facts(steps: list[Step], total: float) -> dict[str, object]:
    rows = [
        {
            "number": step.number,
            "party": step.party.value,
            "step": step.title,
            "outcome": step.outcome,
            "seconds": round(step.seconds, 6),
            "apdus": step.apdus,
            "requirements": list(step.requirements),
            "skipped": step.skipped,
        }
        for step in steps
    ]
    return {"steps": rows, "apdus": sum(step.apdus for step in steps), "seconds": round(total, 6)}


def _table(steps: list[Step], total: float) -> list[str]:
    """What was done, by whom, how long it took, with a bar for the eye."""
    longest = max(step.seconds for step in steps)
    rows = [
        f"{step.number:2}  {step.party.value:<14}  {step.title:<48}  {' '.join(step.requirements):<9}"
        f"  {step.apdus:>5}  {_time(step.seconds):>8}  {'▇' * max(1, round(16 * step.seconds / longest))}"
        for step in steps
    ]
    heading = f"{'':2}  {'party':<14}  {'step':<48}  {'covers':<9}  {'APDUs':>5}  {'time':>8}"
    rule = "-" * len(heading)
    apdus = sum(step.apdus for step in steps)
    skipped = sum(step.skipped for step in steps)
    done = f"{len(steps)} steps, all as expected" + (f", {skipped} skipped" if skipped else "")
    end = f"{'':2}  {'':<14}  {done:<48}  {'':<9}  {apdus:>5}  {_time(total):>8}"
    return [heading, rule, *rows, rule, end]
