"""``python3 build.py test --thorough``: run what was never run to its end, failed or is stale, and keep the record."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import click

from cardlab.cli.output import Output, table
from cardlab.errors import UsageError, VerificationError
from jpki.evidence.thorough.inputs import Inputs
from jpki.evidence.thorough.page import PAGE, markdown
from jpki.evidence.thorough.parts import Block, Parts
from jpki.evidence.thorough.record import RECORD, Result, State, ThoroughRecord, put_on_record
from jpki.evidence.thorough.run import Runner

_ORDER = (State.NEVER, State.FAILED, State.STALE, State.PASSED)
_SEEDS = 1_000_000


@dataclass
class Thorough:
    """The parts of a checkout and what is on record of them."""

    root: Path

    @cached_property
    def parts(self) -> Parts:
        return Parts.read(self.root)

    @cached_property
    def inputs(self) -> Inputs:
        return Inputs(self.root, self.parts.dynamic)

    def states(self, record: ThoroughRecord) -> Mapping[Block, State]:
        """What is known of each block now."""
        blocks = [block for part in self.parts.all for block in part.all_blocks()]
        return {block: record.state(block.name, self.inputs.digest(block.files)) for block in blocks}

    def due(self, wanted: Sequence[str], *, again: bool) -> list[Block]:
        """Blocks to run, those that were never run first; UsageError for a name that none has."""
        states = self.states(ThoroughRecord.read(self.root / RECORD))
        for one in wanted:
            if not any(_is(block, one) for block in states):
                names = ", ".join(part.name for part in self.parts.all)
                raise UsageError(f"there is no part {one}", hint=f"there are {names}; of some there are blocks, NAME/7")
        chosen = [block for block in states if not wanted or any(_is(block, one) for one in wanted)]
        chosen.sort(key=lambda block: _ORDER.index(states[block]))
        return [block for block in chosen if again or states[block] is not State.PASSED]

    def run(self, block: Block, seed: int) -> Result:
        """One block; its result is put on record, and the page is written."""
        result = Runner(self.root).run(block, self.inputs, seed)
        put_on_record(self.root / RECORD, {block.name: result})
        (self.root / PAGE).write_text(self.page(), encoding="utf-8", newline="\n")
        return result

    def page(self) -> str:
        """docs/generated/thorough.md, as things are now."""
        record = ThoroughRecord.read(self.root / RECORD)
        return markdown(self.parts, record, self.states(record))


def _is(block: Block, wanted: str) -> bool:
    """A block is named by its own name, its part's, or a pattern of either."""
    return fnmatchcase(block.name, wanted) or fnmatchcase(block.name.partition("/")[0], wanted)


@click.command("build.py test --thorough")
@click.argument("part", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Run nothing; say what is known of each block.")
@click.option("--again", is_flag=True, help="Run those too that passed on what is there now.")
@click.option("--seed", type=click.IntRange(0), help="Hypothesis's seed, to repeat a run; drawn for each block if not.")
def command(part: tuple[str, ...], only_list: bool, again: bool, seed: int | None) -> None:
    """Run the thorough tests block by block: all that were never run to their end, failed, or are stale.

    PART chooses parts or blocks by name or pattern (``model``, ``model/3``, ``vm-*``). Each result is put on record
    (tests/thorough/record.json) and into the page as soon as it is there, so it can be interrupted at any time, and
    several can run at once.
    """
    from jpki.evidence.traceability import checkout

    thorough, output = Thorough(checkout()), Output(False)
    if only_list:
        states = thorough.states(ThoroughRecord.read(thorough.root / RECORD))
        rows = [(block.name, state.value) for block, state in states.items()]
        output.facts(None, table([("block", "state"), *rows]))
        return
    failed = []
    for block in thorough.due(part, again=again):
        chosen = secrets.randbelow(_SEEDS) if seed is None else seed
        output.progress(f"{block.name}: --seed {chosen}")
        result = thorough.run(block, chosen)
        failed += [block.name] if result.failed else []
        output.progress(f"{block.name}: {result.passed} passed, {len(result.failed)} failed in {result.seconds} s")
    if failed:
        hint = "each failure's line above replays it; make it a test of the default run, and mend it"
        raise VerificationError(f"failed: {', '.join(failed)}", hint=hint)
