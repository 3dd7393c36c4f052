"""How many examples property tests try: ``--profile quick``, ``default`` or ``thorough``.

Examples are random, and a failure prints the line that replays it. Where CI is set in the environment, quick and
default runs take the same examples every time, so that a build fails for what was changed in it; thorough runs always
look for new ones.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = {"quick": 10, "default": 100, "thorough": 5000}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--profile``."""
    parser.addoption(
        "--profile", choices=tuple(EXAMPLES), default="default", help="how many examples property tests try"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the profiles and load the one that was asked for."""
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            deadline=None,  # key generation alone takes from 50 to 500 ms
            derandomize=name != "thorough" and bool(os.environ.get("CI")),
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile(config.getoption("--profile"))
