"""Card fixtures: ``card``, ``blank_card``, ``card_factory``, ``card_source``, on the card that ``--card`` names.

docs/guide/applet-developer.md is their manual.

The plugin is loaded into every pytest run where this package is installed, so nothing of the harness is imported before
a test asks for a card, or an option or setting has to be checked that says what cards are like; and no virtual machine
is started before there is a card.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cardlab.pytest_plugin.settings import add_settings, check_settings

if TYPE_CHECKING:
    from cardlab.lab.capability import Capability
    from cardlab.lab.labcard import LabCard
    from cardlab.lab.source import CardSource, Prepared
    from cardlab.pytest_plugin.applet import Applet
    from cardlab.pytest_plugin.factory import CardFactory
    from cardlab.pytest_plugin.handle import Card
    from cardlab.pytest_plugin.run import Run
    from cardlab.pytest_plugin.warned import JavaCardWarning

_HOMES = {
    "Applet": "cardlab.pytest_plugin.applet",
    "Capability": "cardlab.lab.capability",
    "Card": "cardlab.pytest_plugin.handle",
    "CardFactory": "cardlab.pytest_plugin.factory",
    "CardSource": "cardlab.lab.source",
    "JavaCardWarning": "cardlab.pytest_plugin.warned",
    "LabCard": "cardlab.lab.labcard",
    "Prepared": "cardlab.lab.source",
}
__all__ = ["Applet", "Capability", "Card", "CardFactory", "CardSource", "JavaCardWarning", "LabCard", "Prepared"]

_OPTIONS = (
    "--card-profile",
    "--card-set",
    "--card-runtime",
    "--card-seed",
    "--record",
    "--card-keys",
    "--destructive",
    "--dry-run",
)
_WARNING = "cardlab.pytest_plugin.warned.JavaCardWarning"
_RUN = pytest.StashKey["Run"]()
_ITEM = pytest.StashKey[pytest.Item]()
_FAILED = pytest.StashKey[bool]()
_MARKERS = (
    "javacard_applet(sources, class_name, aid, package_aid, parameters, secrets, packages, cap): the applet that `card`"
    " carries",
    "javacard_profile(name, **values): which card the simulated card of a test is like, and values over it",
    "needs(capability, ...): what the card must be able to do; on other kinds of card the test is skipped",
)


def __getattr__(name: str) -> Any:
    """The public classes, imported when somebody asks for them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--card`` and its companions, and the settings that describe the applet under test."""
    group = parser.getgroup("javacard", "Java Card")
    group.addoption(
        "--card",
        default="sim",
        metavar="KIND",
        help=f"the card tests run on, `sim` (a simulated one) by default; kinds: {', '.join(_kinds())}. A wrong one is "
        "told how each is written",
    )
    group.addoption(
        "--card-runtime",
        default="",
        metavar="NAME",
        help="what executes the applets of simulated cards, by default javacard_runtime; a wrong one is told others",
    )
    group.addoption(
        "--card-profile",
        default="",
        metavar="NAME",
        help="which card a simulated one is like (docs/generated/profiles.md), by default javacard_profile",
    )
    group.addoption(
        "--card-set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one value of simulated cards, over their profile: persistent_memory, transient_reset, commit_capacity, "
        "protocol (T0, T1), medium (contact, type-a, type-b, usb, hci), or any platform choice; may be repeated",
    )
    group.addoption(
        "--installer",
        choices=("builtin", "gp"),
        default="builtin",
        help="what loads, installs and deletes applets: builtin (default, quick), or gp (GlobalPlatformPro, with "
        "--card vpcd)",
    )
    group.addoption("--record", default="", metavar="FILE", help="write down what cards are sent and what they answer")
    group.addoption(
        "--card-keys",
        default="",
        metavar="SOURCE",
        help="keys of a real card's issuer security domain: env:NAME, file:PATH, or test for the public test keys",
    )
    group.addoption(
        "--destructive",
        default="",
        metavar="IDENTITY",
        help="let tests write to the real card with this identity, which a run without the option prints",
    )
    group.addoption("--dry-run", action="store_true", help="with pcsc:READER: show what would be sent, send nothing")
    group.addoption(
        "--card-seed",
        default="",
        metavar="SEED",
        help="what simulated cards draw random numbers from, in hexadecimal; by default the name of the test; "
        "`random`: others in every run",
    )
    group.addoption("--card-secrets", action="store_true", help="show PINs and keys in the transcripts of failed tests")
    add_settings(parser)


@pytest.hookimpl(trylast=True)  # Hypothesis's profile is that of the project's own conftest.py
def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known, and refuse options that mean nothing before any test runs."""
    _leave_signals()
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    foreign = config.getoption("--card") != "sim" or config.getoption("--installer") != "builtin"
    if check_settings(config) or foreign or any(map(config.getoption, _OPTIONS)):
        _run(config)
    if config.getini("javacard_strict"):
        config.addinivalue_line("filterwarnings", f"error::{_WARNING}")


def _leave_signals() -> None:
    """Another run in this process has started Java: pytest's faulthandler, just enabled, would take its signals."""
    jvm = sys.modules.get("cardlab.runtime.jvm")
    if jvm is not None and jvm.is_running():
        jvm.leave_signals()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which card tests run on, when it is not the usual one."""
    run = config.stash.get(_RUN, None)
    return [] if run is None or config.getoption("--card") == "sim" else [f"card: {run.card}"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what the kind of card cannot do; a test that no kind of card can do is an error."""
    marked = [item for item in items if item.get_closest_marker("needs")]
    if marked:
        from cardlab.pytest_plugin.needs import skip_unable

        skip_unable(_run(config).source.capabilities, config.getoption("--card"), marked)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of cards that are still open."""
    if (run := config.stash.get(_RUN, None)) is not None:
        run.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note which test cards are made for from now on."""
    item.config.stash[_ITEM] = item
    if (run := item.config.stash.get(_RUN, None)) is not None:
        run.begin(item)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what passed between a failed test and its cards."""
    report = yield
    run = item.config.stash.get(_RUN, None)
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or not report.passed
    if run is not None and report.failed and (text := run.transcript()):
        report.sections.append(("card", text))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Say what the applets did that the test, and what prepared its cards, should know of."""
    failed = True
    try:
        result = yield
        failed = False
    finally:
        if (run := item.config.stash.get(_RUN, None)) is not None:
            run.warn(item, failed=failed)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """A test that passed on a recorded card has asked for all that was recorded."""
    result = yield
    run = item.config.stash.get(_RUN, None)
    if run is not None and not item.stash.get(_FAILED, False):
        run.source.check_finished()
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What a dry run would have sent."""
    run = config.stash.get(_RUN, None)
    if run is not None and run.told:
        terminalreporter.section("dry run: nothing was sent")
        for line in run.told:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def card_source(pytestconfig: pytest.Config) -> CardSource:
    """Bare cards of the kind that ``--card`` names, for suites that bring clients of their own."""
    return _run(pytestconfig).source


@pytest.fixture(scope="session")
def card_factory(pytestconfig: pytest.Config) -> CardFactory:
    """Call it for a fresh card with the applet under test: ``with card_factory() as card:``. For Hypothesis tests."""
    return _run(pytestconfig).factory


@pytest.fixture
def card(card_factory: CardFactory) -> Iterator[Card]:
    """A fresh card with the applet under test installed and selected."""
    with card_factory() as fresh:
        yield fresh


@pytest.fixture
def blank_card(card_factory: CardFactory) -> Iterator[Card]:
    """A fresh card with nothing on it but its issuer security domain."""
    with card_factory(blank=True) as fresh:
        yield fresh


def forget_cards(config: pytest.Config) -> None:
    """Let go of all cards, and of what was built for them; the next test begins as the first one of a run."""
    if (run := config.stash.get(_RUN, None)) is not None:
        run.close()
        del config.stash[_RUN]


def _kinds() -> list[str]:
    """The names of the kinds of cards, without importing one of them."""
    from pkgutil import iter_modules

    return [module.name for module in iter_modules([str(Path(__file__).parents[1] / "kinds")])]


def _run(config: pytest.Config) -> Run:
    run = config.stash.get(_RUN, None)
    if run is None:
        from cardlab.pytest_plugin.run import Run

        run = config.stash[_RUN] = Run(config)
        if (item := config.stash.get(_ITEM, None)) is not None:
            run.begin(item)
    return run
