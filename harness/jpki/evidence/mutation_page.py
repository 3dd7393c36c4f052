"""docs/generated/mutation.md: what became of the mutants that operators make of the applet (F4)."""

from __future__ import annotations

from pathlib import Path

from cardlab.campaign.mutate.explained import Explanations
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


def markdown(record: MutationRecord, explanations: Explanations, answered: int) -> str:
    """The page; ``answered`` is what the explanations' file says of the sample."""
    runs = (
        f"- {run.date}, {_count(record, number)} mutants of the applet with load file `{run.cap}`"
        for number, run in enumerate(record.runs)
    )
    return wrapped("\n".join((_INTRODUCTION, *runs, "", *page_lines(record, explanations, answered), "")))


def _count(record: MutationRecord, run: int) -> str:
    return f"{sum(fate.run == run for fate in record.fates.values()):,}"
