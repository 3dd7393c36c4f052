"""Card fixtures for Java Card developers: ``card``, ``blank_card``, ``card_factory`` (docs/testing.md).

The plugin is loaded into every pytest run where this package is installed, so nothing of the harness is imported, and
no virtual machine started, before a test asks for a card.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin.applet import Applet
    from harness.pytest_plugin.factory import CardFactory
    from harness.pytest_plugin.handle import Card
    from harness.pytest_plugin.run import Run

__all__ = ["Applet", "Card", "CardFactory"]

_RUN = pytest.StashKey["Run"]()
_ITEM = pytest.StashKey[pytest.Item]()
_MARKER = "javacard_applet(sources, class_name, aid, package_aid, parameters): the applet that `card` carries"


def __getattr__(name: str) -> Any:
    """The public classes, imported when somebody asks for them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from harness.pytest_plugin import applet, factory, handle

    return {"Applet": applet.Applet, "Card": handle.Card, "CardFactory": factory.CardFactory}[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--card`` and its companions, and the settings that describe the applet under test."""
    group = parser.getgroup("javacard", "Java Card")
    group.addoption("--card", default="sim", metavar="KIND", help="the card tests run on; sim (default): simulated")
    group.addoption(
        "--card-seed",
        default="",
        metavar="SEED",
        help="what simulated cards draw random numbers from, in hexadecimal; by default the name of the test; "
        "`random`: others in every run",
    )
    group.addoption("--card-secrets", action="store_true", help="show PINs and keys in the transcripts of failed tests")
    parser.addini("javacard_sources", "sources of the applet under test, relative to this file", "args", [])
    parser.addini("javacard_class", "its class, like com.example.Purse", default="")
    parser.addini("javacard_aid", "its AID in hexadecimal", default="")
    parser.addini("javacard_package_aid", "its package's AID; by default javacard_aid less its last byte", default="")
    parser.addini("javacard_parameters", "application data for install(), in hexadecimal", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse options that mean nothing before any test runs."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("--card") != "sim" or config.getoption("--card-seed"):
        _run(config)


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
    if run is not None and report.failed and (text := run.transcript()):
        report.sections.append(("card", text))
    return report


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


def _run(config: pytest.Config) -> Run:
    run = config.stash.get(_RUN, None)
    if run is None:
        from harness.pytest_plugin.run import Run

        run = config.stash[_RUN] = Run(config)
        if (item := config.stash.get(_ITEM, None)) is not None:
            run.begin(item)
    return run
