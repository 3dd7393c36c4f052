"""docs/generated/costs.md: what each command of the applet costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cardlab.runtime.cost import Cost
from jpki.evidence.costs import CostOfScene
from jpki.pages.wrap import wrapped

_PACKAGE = "jpki.applet."  # of the applet's classes
_KINDS = 3  # of instructions that are shown
_INTRODUCTION = """\
# What each command costs

Of the applet as a My Number Card, each command once, on the virtual machine; `jpki pages` counts it anew. What is
counted, and how a test asks for it: [machine.md](../reference/machine.md#cost). The card manager's own work, a secure
channel's cryptography among it, is not in it. How long it takes on plastic: [timing.md](../reference/timing.md).

- **instructions**: of bytecode, with the most frequent kinds. What API methods do inside are none.
- **writes**: persistent ones, whatever their length; **most worn** is the cell that was written most often.
- **cryptography**: algorithm and bytes of each operation.
"""


def markdown(costs: Iterable[CostOfScene]) -> str:
    """The page."""
    return wrapped("\n".join((_INTRODUCTION, *_table(costs), "")))


def _table(costs: Iterable[CostOfScene]) -> Iterator[str]:
    yield "| command | state | instructions | most of them | writes | most worn | cryptography |"
    yield "|---|---|---|---|---|---|---|"
    for one in costs:
        cells = (one.command, one.state, f"{one.cost.instructions:,}", _kinds(one.cost), f"{one.cost.writes:,}")
        yield f"| {' | '.join((*cells, _worn(one.cost), _crypto(one.cost)))} |"


def _kinds(cost: Cost) -> str:
    return ", ".join(f"{kind.value} {count:,}" for kind, count in list(cost.by_kind.items())[:_KINDS])


def _worn(cost: Cost) -> str:
    most = cost.most_worn
    return "–" if most is None else f"`{most.where.replace(_PACKAGE, '')}` {most.writes}"


def _crypto(cost: Cost) -> str:
    counted = Counter(f"{one.algorithm} {one.length}" for one in cost.crypto)
    return ", ".join(f"{count} × {what}" if count > 1 else what for what, count in counted.items()) or "–"
