"""How many examples property tests try (``--profile quick``, ``default`` or ``thorough``), and what to look at besides.

``--coverage`` measures the applet's coverage, ``--mutant NAME`` runs the tests against a mutant of the applet,
``--requirement C6`` runs the tests that cite it, ``--random-order`` all in another order each time (its seed is
printed, and ``--random-order=SEED`` repeats it). A test that hangs fails, and says what it waited for (limits.py).
Examples are random, and a failure prints the line that replays it. Where CI is set in the environment, quick and
default runs take the same examples every time, so that a build fails for what was changed in it; thorough runs always
look for new ones.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import order
from tests.limits import LIMITS, limited
from tests.shared_cards import SharedCards

EXAMPLES = {"quick": 10, "default": 100, "thorough": 5000}
ROOT = Path(__file__).resolve().parent.parent
UNREACHED = Path(__file__).with_name("coverage_exceptions.toml")
UNREACHED_REFUSALS = UNREACHED.with_name("unreached_refusals.toml")
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
        "--random-order",
        nargs="?",
        const=order.NEW,
        metavar="SEED",
        help="run files, and the tests in each, in an order that the seed decides; without one it is drawn and printed",
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
    config.pluginmanager.register(SharedCards())
    given = getattr(config, "workerinput", {}).get(order.SEED, config.getoption("--random-order"))
    if (seed := order.chosen(given)) is not None:
        config.option.random_order = str(seed)
    _wanted(config)  # an error before anything is collected
    profile = config.getoption("--profile")
    settings.load_profile(profile)
    if config.getoption("--coverage"):
        from jpki.evidence.pytest_coverage import CoveragePlugin

        config.pluginmanager.register(CoveragePlugin(config, UNREACHED, COVERING, strict=profile != "quick"))
        from jpki.evidence.pytest_refusals import RefusalsPlugin

        complete = profile != "quick" and bool(os.environ.get("CI"))  # where every program is there
        config.pluginmanager.register(RefusalsPlugin(config, UNREACHED_REFUSALS, strict=complete))
    if mutant := config.getoption("--mutant"):
        from tests.jpki.applet.mutants.on_cards import put_into_applet

        put_into_applet(mutant, config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The processes of a run (pytest-xdist) have its seed: each would draw its own from the command line."""
    if seed := node.config.getoption("--random-order"):
        node.workerinput[order.SEED] = seed


def pytest_report_header(config: pytest.Config) -> str | None:
    """What repeats a random order."""
    seed = config.getoption("--random-order")
    return None if seed is None else f"tests in random order: --random-order={seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The same again at the end, where one looks after a failure (``-q`` has no header), and what repeats those."""
    if line := pytest_report_header(config):
        terminalreporter.write_line(line)
        failed = [one.nodeid for kind in ("failed", "error") for one in terminalreporter.stats.get(kind, ())]
        for command in order.repeating(int(config.getoption("--random-order")), failed):
            terminalreporter.write_line(f"again: {command}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """No test hangs for ever."""
    with limited(item.nodeid, LIMITS[item.config.getoption("--profile")]):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--requirement``, leave only the tests that cite one of those named; shuffle with ``--random-order``."""
    if seed := config.getoption("--random-order"):
        order.shuffle(items, int(seed))
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
