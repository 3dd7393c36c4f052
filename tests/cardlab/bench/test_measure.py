"""Samples, rates in turns, bars."""

from __future__ import annotations

import time

import pytest

from cardlab.bench.measure import Sample, Turns, times
from cardlab.bench.report import bar


def test_sample() -> None:
    assert Sample.of([3.0, 1.0, 2.0, 6.0]) == Sample(n=4, min=1.0, mean=3.0, max=6.0, median=2.5)


def test_times_measures_the_action() -> None:
    taken = times(lambda: time.sleep(0.01), 3)
    assert taken.n == 3
    assert 0.01 <= taken.min <= taken.mean <= taken.max


def test_turns_compare_rates() -> None:
    turns = Turns(
        {"slow": lambda: time.sleep(0.004), "fast": lambda: time.sleep(0.001)}, rounds=5, turn=0.02, warm_up=0.01
    )
    assert turns.rate("slow").rounds == 5
    assert turns.rate("slow").lowest <= turns.rate("slow").per_second <= 250
    assert turns.ratio("fast", "slow") > 1
    assert turns.ratio("fast", "fast") == 1


@pytest.mark.parametrize(("value", "length"), [(0, 0), (0.5, 12), (1, 24), (2, 24), (-1, 0)])
def test_bar(value: float, length: int) -> None:
    assert bar(value, 1) == "█" * length
