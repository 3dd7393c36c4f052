"""How many examples property tests try (``--profile quick``, ``default`` or ``thorough``), and what to look at besides.

``--coverage`` measures the applet's coverage, ``--mutant NAME`` runs the tests against a mutant of the applet,
``--requirement C6`` runs the tests that cite it.
Examples are random, and a failure prints the line that replays it. Where CI is set in the environment, quick and
default runs take the same examples every time, so that a build fails for what was changed in it; thorough runs always
look for new ones.
"""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = {"quick": 10, "default": 100, "thorough": 5000}
ROOT = Path(__file__).resolve().parent.parent
UNREACHED = Path(__file__).with_name("coverage_exceptions.toml")
COVERING = Path(__file__).with_name("jpki") / "applet"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption(
        "--profile", choices=tuple(EXAMPLES), default="default", help="how many examples property tests try"
    )
    parser.addoption(
        "--coverage", action="store_true", help="measure the applet's coverage; what is not reached must be listed"
    )
    parser.addoption(
        "--requirement",
        action="append",
        default=[],
        metavar="NUMBER",
        help="run the tests that cite it only (docs/generated/traceability.md): C6, or C4-C6; may be repeated",
    )
    parser.addoption(
        "--mutant", default="", metavar="NAME", help="put this mutant of tests/jpki/applet/mutants on the cards"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the profiles and load the one that was asked for."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell script's background job ignores Ctrl-C, and so would every program that a test starts and interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            deadline=None,  # key generation alone takes from 50 to 500 ms
            derandomize=name != "thorough" and bool(os.environ.get("CI")),
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        )
    _wanted(config)  # an error before anything is collected
    profile = config.getoption("--profile")
    settings.load_profile(profile)
    if config.getoption("--coverage"):
        from jpki.evidence.pytest_coverage import CoveragePlugin

        config.pluginmanager.register(CoveragePlugin(config, UNREACHED, COVERING, strict=profile != "quick"))
    if mutant := config.getoption("--mutant"):
        from tests.jpki.applet.mutants.on_cards import put_into_applet

        put_into_applet(mutant, config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--requirement``, leave only the tests that cite one of those named."""
    if numbers := _wanted(config):
        from jpki.evidence.citations import collect_tests
        from jpki.evidence.traceability import known

        citing = {
            (ROOT / test.file, test.name) for test in collect_tests(ROOT, known(ROOT)) if numbers & {*test.numbers}
        }
        config.hook.pytest_deselected(items=[item for item in items if (item.path, _name(item)) not in citing])
        items[:] = [item for item in items if (item.path, _name(item)) in citing]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end, thousands of tests: it took a sixth of the time."""
    gc.collect()
    gc.freeze()


def _wanted(config: pytest.Config) -> set[str]:
    """What ``--requirement`` names, one by one; raises pytest.UsageError for what does not exist."""
    if not config.getoption("--requirement"):
        return set()
    from cardlab.errors import UsageError
    from jpki.evidence.citations import expand
    from jpki.evidence.traceability import known

    try:
        return {number for one in config.getoption("--requirement") for number in expand(one, known(ROOT))}
    except UsageError as error:
        raise pytest.UsageError(f"--requirement: {error}; {error.hint}") from error


def _name(item: pytest.Item) -> str:
    """``test_this``, or ``TestThat.test_this``: without its parameters."""
    return ".".join(item.nodeid.partition("[")[0].split("::")[1:])
