"""docs/generated/mutants.md: every mutant of the applet, and what noticed it when it was hunted last (F4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cardlab.campaign.mutant_record import Found
from cardlab.campaign.mutants import Mutant
from jpki.evidence.mutants import Mutants, Way
from jpki.pages.wrap import wrapped

PAGE = Path("docs", "generated", "mutants.md")
NOT_HUNTED = "not hunted"
NOT_NOTICED = "–"
_TITLES = {
    Way.TEST: "the test named",
    Way.MODEL: "the state machine with the model",
}
_INTRODUCTION = """\
# Mutants of the applet

A *mutant* is the applet with one change made on purpose: what an attacker would wish for, or what a careless programmer
does. They are in `tests/jpki/applet/mutants`; `python3 scripts/mutants.py` hunts them and puts what noticed each on
record beside them, `python3 scripts/mutants.py --write` writes this page from the record.

- **test**: the test in `tests/jpki/applet` that its entry names, if that one fails.
- **with the model, lives**: how many random lives of 40 steps had been begun when card and model disagreed (the last
  one counts twice, as it is repeated); a dash: they agreed in as many as stand behind it. Few lives are a small chance.
- **runtime**: where it was hunted, when that is not the virtual machine, whose platform lets something else pass.
- **not hunted**: not in that way since the applet, the mutant, or the test or model that hunts it has changed.

The state machine cuts no power within a command and looks at answers only: it cannot notice what matters in a tear,
nor what is left in memory. Those that break what tears must not break are hunted by [every write torn](tears.md) too.
"""


def markdown(mutants: Mutants) -> str:
    """The page."""
    return wrapped("\n".join((_INTRODUCTION, summary(mutants, list(mutants.all)), "", *_table(mutants), "")))


def summary(mutants: Mutants, chosen: list[Mutant]) -> str:
    """How many of these are noticed, and by what."""
    real = [one for one in chosen if not one.undetectable]
    noticed = sum(mutants.known(one).noticed for one in real)
    counts = "\n".join(f"- {title}: {_count(mutants, real, way)}" for way, title in _TITLES.items())
    return (
        f"{len(chosen)} mutants, {len(chosen) - len(real)} of which nothing can notice. "
        f"{noticed} of the other {len(real)} are noticed:\n\n{counts}"
    )


def _count(mutants: Mutants, chosen: list[Mutant], way: Way) -> str:
    hunted = [found for found in (mutants.known(one).by(way) for one in chosen) if found]
    rest = len(chosen) - len(hunted)
    return f"{sum(bool(found.by) for found in hunted)} of {len(hunted)} hunted" + (
        f", {rest} not hunted" if rest else ""
    )


def _table(mutants: Mutants) -> Iterator[str]:
    yield "| mutant | requirement | test | with the model, lives | runtime |"
    yield "|---|---|---|---|---|"
    for one in mutants.all:
        if not one.undetectable:
            known = mutants.known(one)
            cells = (
                one.name,
                one.requirement,
                _test(one, known.test),
                _model(known.model),
                one.runtime,
            )
            yield f"| {' | '.join(cells)} |"
    yield ""
    yield "| cannot be noticed, and why | requirement | not even by |"
    yield "|---|---|---|"
    for one in mutants.all:
        if one.undetectable:
            yield f"| {one.name}: {one.undetectable} | {one.requirement} | {_not_even(one, mutants.known(one).test)} |"


def _test(mutant: Mutant, found: Found | None) -> str:
    return f"`{mutant.test}`" + ("" if found and found.by else f", {NOT_HUNTED}" if found is None else ": passes")


def _not_even(mutant: Mutant, found: Found | None) -> str:
    return f"`{mutant.test}`" + ("" if found and not found.by else f", {NOT_HUNTED}" if found is None else ": FAILS")


def _model(found: Found | None) -> str:
    if found is None:
        return NOT_HUNTED
    return str(found.lives) if found.by else f"{NOT_NOTICED} ({found.lives})"
