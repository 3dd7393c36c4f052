"""docs/generated/thorough.md: when which part of the thorough tests passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jpki.evidence.thorough.parts import Block, Part, Parts
from jpki.evidence.thorough.record import Result, State, ThoroughRecord
from jpki.pages.wrap import wrapped

PAGE = Path("docs", "generated", "thorough.md")

_INTRODUCTION = """\
# Thorough runs

With `--profile thorough` random tests try 5,000 examples instead of 100, and campaigns take every case instead of a
share. `python3 build.py test --thorough` runs what is due block by block, each in a pytest of its own, and puts each
result on record (`tests/thorough/record.json`) and onto this page.

- **passed**: to its end, on what is in the repository now.
- **stale**: something that these tests depend on (found from their imports) has changed since; what came out then is
  told, and counts no more.
- **failed**, **never run** to its end.

`--list` tells each block's state now; seeds are in the record, and `--seed` repeats one.
"""


def markdown(parts: Parts, record: ThoroughRecord, states: Mapping[Block, State]) -> str:
    """The page."""
    total = Counter(states.values())
    summary = ", ".join(f"{total[state]} {state.value}" for state in State if total[state])
    lines = [_INTRODUCTION, f"{len(states)} blocks: {summary}.", ""]
    lines += ["| part | state, of blocks | last run (UTC) | on commit | time | tests |", "|---|---|---|---|--:|--:|"]
    lines += [_row(part, record, states) for part in parts.all]
    lines += _failures(record)
    return wrapped("\n".join((*lines, "")))


def _row(part: Part, record: ThoroughRecord, states: Mapping[Block, State]) -> str:
    blocks = list(part.all_blocks())
    found = [record.results[one.name] for one in blocks if one.name in record.results]
    last = max((one.began.replace("T", " ").removesuffix("Z") for one in found), default="")
    commits = ", ".join(f"`{one}`" for one in dict.fromkeys(one.commit for one in found))
    time = _time(sum(one.seconds for one in found)) if found else ""
    cells = (part.name, _states(blocks, states), last, commits, time, _tests(found))
    return f"| {' | '.join(cells)} |"


def _states(blocks: Sequence[Block], states: Mapping[Block, State]) -> str:
    counts = Counter(states[block] for block in blocks)
    if len(blocks) == 1:
        return states[blocks[0]].value
    return ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state])


def _tests(found: Iterable[Result]) -> str:
    return str(sum(one.passed + len(one.failed) for one in found) or "")


def _failures(record: ThoroughRecord) -> list[str]:
    failed = [(name, test, one) for name, one in sorted(record.results.items()) for test in one.failed]
    if not failed:
        return []
    rows = (f"- `{test}`, block {name}, commit `{one.commit}`, `--seed {one.seed}`" for name, test, one in failed)
    return ["", "Failed when it ran last:", "", *rows]


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
