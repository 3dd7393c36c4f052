"""Tests in another order: files and the tests in each, as a seed says. No test may live on what another one left."""

from __future__ import annotations

import random
import secrets

import pytest

NEW = "new"
"""``--random-order`` without a seed: one is drawn and printed."""


def chosen(given: str | None) -> int | None:
    """The seed, drawn where none is given; None for the order of the files. UsageError for what is no number."""
    if given is None:
        return None
    if given == NEW:
        return secrets.randbelow(1_000_000)
    try:
        return int(given)
    except ValueError as error:
        raise pytest.UsageError(f"--random-order={given}: the seed is a number; paths come before it") from error


def shuffle(items: list[pytest.Item], seed: int) -> None:
    """The same order for the same seed and tests. A file's tests stay together: what they share is made once."""
    chance = random.Random(seed)
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(str(item.path), []).append(item)
    names = sorted(files)
    chance.shuffle(names)
    for name in names:
        chance.shuffle(files[name])
    items[:] = [item for name in names for item in files[name]]
