"""docs/generated/mutation.md: what became of the mutants that operators make of the applet (F4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cardlab.campaign.mutate.explained import Sample, read_explanations, read_sample
from cardlab.campaign.mutate.record import MutationRecord
from cardlab.campaign.mutate.report import page_lines
from jpki.pages.wrap import wrapped

FOLDER = Path("tests", "jpki", "applet", "mutating")
RECORD = FOLDER / "record.json"
EXPLAINED = FOLDER / "survivors.toml"

_INTRODUCTION = """\
# Mutants of the applet, by operators

The applet with one change at one place, as [mutate.md](../reference/mutate.md) describes them, each hunted by the tests
that execute its line. `cardlab mutate` in the checkout goes on with the record beside the tests, from which `jpki
pages` writes this page; mutants written by hand are in [another one](mutants.md).

- **hunted**: compiled, converted, and of other bytes than the applet and any mutant before it.
- **explained**: no test noticed it, and `survivors.toml` beside the record says why none can.
- **killed** counts of all hunted; what **can be noticed** are those killed and those that nobody explains.
"""


def markdown(record: MutationRecord, explained: Path) -> str:
    """The page; ``explained`` is the explanations' file."""
    explanations, sample = read_explanations(explained), read_sample(explained)
    days = Counter((record.runs[fate.run].date, record.runs[fate.run].cap) for fate in record.fates.values())
    runs = (f"- {date}, {count:,} of the applet with load file `{cap}`" for (date, cap), count in sorted(days.items()))
    lines = page_lines(record, explanations, sample.answered)
    return wrapped("\n".join((_INTRODUCTION, *_faults(sample), *runs, "", *lines, "")))


def _faults(sample: Sample) -> Iterator[str]:
    """What survivors met that are not noticed without a fault."""
    if sample.disturbed:
        yield (
            "A second decision decides nothing until a fault takes the first one away. Scenes with every single fault "
            "of four models (skipped instruction, inverted branch, suppressed exception, other result) are among the "
            "tests: a survivor met those whose command executes its line. "
            f"{sample.disturbed} survivors in decisions that are made twice, and in the alarm, met the other scenes of "
            f"[the campaign](faults.md) that execute their lines as well, {sample.scenes:,} in all, with such faults "
            "in the instructions from 200 before to 60 behind at least: nothing was broken."
        )
        yield ""
