"""Long tests in blocks: a thorough run of hours is made of tests that take minutes, each of which runs alone."""

from __future__ import annotations

import pytest


def in_blocks(metafunc: pytest.Metafunc, thorough: int, others: int = 1) -> None:
    """Run the test that takes ``block`` once for each block: so many times in thorough runs, and in others."""
    if "block" in metafunc.fixturenames:
        number = thorough if metafunc.config.getoption("--profile") == "thorough" else others
        metafunc.parametrize("block", range(number))
