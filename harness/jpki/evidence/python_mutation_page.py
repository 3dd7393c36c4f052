"""docs/generated/python-mutation.md: what became of mutants of the harness (F4)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cardlab.campaign.mutate.explained import Explanations, read_explanations
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity
from cardlab.campaign.mutate.record import MutationRecord
from cardlab.campaign.mutate.report import Figures
from jpki.pages.wrap import wrapped

FOLDER = Path("tests", "mutating")
EXPLAINED = FOLDER / "survivors.toml"
_CERTAIN = 1.96
"""Standard deviations on either side of which one case in twenty lies."""

_INTRODUCTION = """\
# Mutants of the harness

Packages of the harness with one change at one place, each hunted by the tests that execute its line, as
[tests.md](../reference/tests.md) tells. `python3 build.py mutate` in the checkout goes on with the records beside the
tests, from which `jpki pages` writes this page.

- **found**: by the operators. **hunted**: of these, a sample that a seed draws, and what was hunted by hand besides.
- **by new tests**: killed by tests that were written for mutants of this sample; they say little of the others.
- **at least**: of the package's other mutants so many per cent are noticed, where one sample of twenty may mislead
  (Wilson's lower bound, without those by new tests); more where the new tests are of kinds.
- **explained**: no test noticed it, and `survivors.toml` beside the records says why none can.
"""
_HEAD = """\
| package | found | hunted | killed | % | by new tests | at least % | explained | unexplained |
|---|---|---|---|---|---|---|---|---|"""


def markdown(root: Path) -> str:
    """The page."""
    why = read_explanations(root / EXPLAINED)
    records = dict(_records(root))
    lines = [_INTRODUCTION, _HEAD]
    lines += [*(_row(title, one, new, why) for title, (one, new) in records.items()), ""]
    lines += ["Survivors:", "", "| where | operator | line | becomes | why |", "|---|---|---|---|---|"]
    for record, _ in records.values():
        lost = [one for one, fate in record.fates.items() if fate.outcome is Outcome.SURVIVED]
        lines += [_survivor(one, why) for one in lost]
    return wrapped("\n".join([*lines, ""]))


def at_least(killed: int, hunted: int) -> float:
    """The lower bound of Wilson's interval for a share, per cent."""
    if not hunted:
        return 0.0
    share, z2 = killed / hunted, _CERTAIN**2
    middle = share + z2 / (2 * hunted)
    around = _CERTAIN * math.sqrt(share * (1 - share) / hunted + z2 / (4 * hunted**2))
    return max(0.0, 100 * (middle - around) / (1 + z2 / hunted))


def _records(root: Path) -> Iterator[tuple[str, tuple[MutationRecord, int]]]:
    """By title, with how many are killed by new tests."""
    content = tomllib.loads((root / FOLDER / "packages.toml").read_text(encoding="utf-8"))
    for name, one in content.items():
        yield one["title"], (MutationRecord.read(root / FOLDER / "records" / f"{name}.json"), one.get("answered", 0))


def _row(title: str, record: MutationRecord, new: int, why: Explanations) -> str:
    if not record.fates:
        return f"| {title} | | none so far | | | | | | |"
    one = Figures.of(record.fates.items(), why)
    bound = at_least(one.killed - new, one.hunted)
    cells = (
        f"{record.found:,}",
        one.hunted,
        one.killed,
        f"{one.rate:.1f}",
        new,
        f"{bound:.0f}",
        one.explained,
        one.survived,
    )
    return f"| {title} | " + " | ".join(map(str, cells)) + " |"


def _survivor(one: Identity, why: Explanations) -> str:
    where = f"{one.file.removeprefix('harness/')} {one.member}"
    code = " | ".join(f"`{_cell(text)}`" for text in (one.original, one.mutated))
    return f"| {where} | {one.operator} | {code} | {_cell(why.get(one, 'not explained'))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
