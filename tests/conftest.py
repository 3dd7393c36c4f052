"""How many examples property tests try (``--profile quick``, ``default`` or ``thorough``), and what to look at besides.

``--coverage`` measures the applet's coverage, ``--mutant NAME`` runs the tests against an applet with a fault.
Examples are random, and a failure prints the line that replays it. Where CI is set in the environment, quick and
default runs take the same examples every time, so that a build fails for what was changed in it; thorough runs always
look for new ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = {"quick": 10, "default": 100, "thorough": 5000}
UNREACHED = Path(__file__).with_name("coverage_exceptions.toml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption(
        "--profile", choices=tuple(EXAMPLES), default="default", help="how many examples property tests try"
    )
    parser.addoption(
        "--coverage", action="store_true", help="measure the applet's coverage; what is not reached must be listed"
    )
    parser.addoption("--mutant", default="", metavar="NAME", help="put this fault of tests/applet/faults in the applet")


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
    profile = config.getoption("--profile")
    settings.load_profile(profile)
    if config.getoption("--coverage"):
        from harness.evidence.pytest_coverage import CoveragePlugin

        config.pluginmanager.register(CoveragePlugin(config, UNREACHED, strict=profile != "quick"))
    if mutant := config.getoption("--mutant"):
        from tests.applet.mutants import put_into_applet

        put_into_applet(mutant, config)
