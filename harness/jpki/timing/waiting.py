"""What hiding the wait saves (F5): both schedules for each chip, at the mean and over the chip's spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from statistics import fmean, quantiles
from typing import Self

from jpki.client.constants import Suite
from jpki.timing.chips import TRIAL, ChipFamily, families
from jpki.timing.model import PhoneModel
from jpki.timing.schedule import (
    Items,
    compact,
    of_a_run,
    of_the_trial,
    one_after_the_other,
    while_the_user_types,
    with_keys,
)
from jpki.timing.trace import Trace

AIM = 8.0
"""Seconds that the wait is to stay below, at the mean of the trial's chips."""
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Felt:
    """A wait in seconds: with key pairs that take their mean, and how it is spread (5, 50 and 95 of 100)."""

    at_the_mean: float
    average: float
    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, at_the_mean: float, drawn: Sequence[float]) -> Self:
        """From single issuances."""
        parts = quantiles(drawn, n=20)
        return cls(at_the_mean, fmean(drawn), parts[0], parts[9], parts[18])


@dataclass(frozen=True, slots=True)
class ChipWaits:
    """One row: an issuance on a chip, under both schedules. Totals are at the mean and without the tests."""

    name: str
    key_mean: float
    first: Felt
    hidden: Felt
    first_total: float
    hidden_total: float

    @classmethod
    def of(cls, name: str, items: Items, family: ChipFamily, *, same_keys: bool = False) -> Self:
        """``items`` have key pairs at the family's mean; with ``same_keys`` at means of their own."""
        items = compact(items)
        random = Random(f"{name} {family.name}")  # noqa: S311 - the same page each time
        drawn = [_drawn(items, family, random) for _ in range(DRAWS)]
        mean = items if same_keys else with_keys(items, lambda: family.mean)
        first, hidden = one_after_the_other(mean), while_the_user_types(mean)
        return cls(
            name,
            family.mean,
            Felt.of(first.felt, [one_after_the_other(one).felt for one in drawn]),
            Felt.of(hidden.felt, [while_the_user_types(one).felt for one in drawn]),
            first.total,
            hidden.total,
        )


def _drawn(items: Items, family: ChipFamily, random: Random) -> Items:
    """One phone: its chip makes both key pairs."""
    chip = family.pick(random)
    return with_keys(items, lambda: chip.draw(random))


def waits(trace: Trace, model: PhoneModel, suite: Suite = Suite.RSA_2048) -> tuple[ChipWaits, ...]:
    """The trial by its own table (RSA); then a recorded issuance of a suite on the trial's chips and on each card."""
    rows = [ChipWaits.of("the trial, by its table", of_the_trial(), TRIAL, same_keys=True)]
    for family in families(suite):
        items = of_a_run(trace, replace(model, chip=family.chip))
        rows.append(ChipWaits.of(f"here, on {family.name}{' chips' * (family is TRIAL)}", items, family))
    return tuple(rows)


HEADS = ("issuing", "key pair", "waits", "5 %", "50 %", "95 %", "in all", "waits", "5 %", "50 %", "95 %", "in all")


def lines(rows: Sequence[ChipWaits]) -> Iterator[str]:
    """A table for people, seconds."""
    yield f"{'waiting for certificates on a phone, s':40}{'':9} | {'one after the other':31} | while the user types"
    yield _row("", HEADS[1:])
    for one in rows:
        yield _row(one.name, cells(one))
    met = "met" if rows[0].hidden.at_the_mean < AIM else "MISSED"
    first, hidden = rows[0].first.at_the_mean, rows[0].hidden.at_the_mean
    yield f"the trial's wait, hidden: {hidden:.1f} s instead of {first:.1f} s (aim: below {AIM:.0f} s: {met})"


def _row(name: str, parts: Sequence[str]) -> str:
    key, first, hidden = parts[:1], parts[1:6], parts[6:]
    return f"  {name:38}{key[0]:>9} |{''.join(f'{c:>6}' for c in first)}  |{''.join(f'{c:>6}' for c in hidden)}"


def cells(one: ChipWaits) -> tuple[str, ...]:
    """The figures of a row, with one decimal."""
    first, hidden = one.first, one.hidden
    parts = (
        *(one.key_mean, first.at_the_mean, first.low, first.middle, first.high, one.first_total),
        *(hidden.at_the_mean, hidden.low, hidden.middle, hidden.high, one.hidden_total),
    )
    return tuple(f"{value:.1f}" for value in parts)


def facts(rows: Sequence[ChipWaits]) -> list[dict[str, object]]:
    """The same for machines, seconds."""
    return [asdict(one) for one in rows]
