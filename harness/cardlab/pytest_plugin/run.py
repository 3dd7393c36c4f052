"""One pytest run that uses cards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, TypeVar

import pytest

from cardlab.errors import HarnessError, UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.capabilities import OF_KINDS, Capability, available_anywhere, describe, needed
from cardlab.pytest_plugin.configured import applet_under_test
from cardlab.pytest_plugin.factory import CardFactory
from cardlab.pytest_plugin.kinds import Options, parse
from cardlab.pytest_plugin.ledger import Ledger
from cardlab.pytest_plugin.recording import Recording
from cardlab.pytest_plugin.seeds import Seeds
from cardlab.pytest_plugin.source import CardSource

if TYPE_CHECKING:
    from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro

_T = TypeVar("_T")
_PATIENCE = 1.0  # seconds before a build says that it takes time


class Run:
    """Ties fixtures to the options and to the test that runs now. Raises pytest.UsageError for a wrong option."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._item: pytest.Item | None = None
        self._ledger = Ledger()
        self.told: list[str] = []  # what a kind of card has to say when the run is over
        try:
            _one_process(config)
            self._kind = parse(config.getoption("--card"), _options(config, self.told.append))
            self.source = CardSource(self._kind, self._recording(), self._program())
            seeds = Seeds.parse(config.getoption("--card-seed"))
        except HarnessError as error:
            raise pytest.UsageError(f"{error} ({error.hint})") from error
        self.factory = CardFactory(self.source, seeds, self._ledger, self._applet, self._announced)

    def begin(self, item: pytest.Item) -> None:
        """Cards are made for this test from now on."""
        self._item = item
        self._ledger.begin(item.nodeid)
        self.source.begin(item.nodeid)

    @property
    def card(self) -> str:
        """What tests run on, in words."""
        return str(self._config.getoption("--card"))

    def transcript(self) -> str:
        """What passed between the test and its cards."""
        show_secrets = bool(self._config.getoption("--card-secrets"))
        return "\n".join(self._ledger.lines(show_secrets=show_secrets))

    def close(self) -> None:
        """Let go of every card."""
        self._ledger.close()
        self._kind.close()

    def _recording(self) -> Recording | None:
        file = self._config.getoption("--record")
        if not file:
            return None
        show_secrets = bool(self._config.getoption("--card-secrets"))
        return Recording(Path(file), self._config.getoption("--card"), show_secrets=show_secrets)

    def _program(self) -> GlobalPlatformPro | None:
        if self._config.getoption("--installer") != "gp":
            return None
        kind = self.card.partition(":")[0]
        if kind == "pcsc":
            raise UsageError(
                f"--installer gp and --card {self.card}: what is sent to a real card passes a guard first, and "
                "GlobalPlatformPro would go round it",
                hint="use the built-in client for tests; cardlab card install --installer gp for the card itself",
            )
        if Capability.PCSC not in OF_KINDS[kind]:
            raise UsageError(
                f"--installer gp and --card {self.card}: GlobalPlatformPro reaches cards in readers only",
                hint="add --card vpcd",
            )
        if self._config.getoption("--record"):
            raise UsageError(
                "--installer gp and --record: what GlobalPlatformPro sends cannot be recorded",
                hint="leave one of them out",
            )
        from cardlab.globalplatform.host.gppro.program import find_gp

        return find_gp()

    def _applet(self) -> Applet:
        return applet_under_test(self._config, self._item)

    def _announced(self, text: str, work: Callable[[], _T]) -> _T:
        """Do the work; when it takes time, say so on standard error, past pytest's capturing."""
        if hasattr(self._config, "workerinput"):  # a worker of pytest-xdist has nobody to talk to
            return work()
        manager = self._config.pluginmanager.getplugin("capturemanager")
        with manager.global_and_fixture_disabled() if manager else nullcontext(), _said_late(text):
            return work()


def skip_unable(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests that need what this kind of card lacks.

    Raises pytest.UsageError when a test would be skipped on every kind, or names a capability that there is not.
    """
    kind = config.getoption("--card").partition(":")[0]
    nowhere = []
    for item in items:
        try:
            needs = needed(item)
        except UsageError as error:
            raise pytest.UsageError(f"{error} ({error.hint})") from error
        if not available_anywhere(needs):
            nowhere.append(f"{item.nodeid} needs {describe(needs)}: no kind of card has all of that")
        elif missing := needs - OF_KINDS[kind]:
            item.add_marker(pytest.mark.skip(reason=f"--card {kind} lacks {describe(missing)}"))
    if nowhere:
        raise pytest.UsageError("\n".join(nowhere))


def _options(config: pytest.Config, tell: Callable[[str], object]) -> Options:
    return Options(
        keys=config.getoption("--card-keys"),
        destructive=config.getoption("--destructive"),
        dry_run=config.getoption("--dry-run"),
        tell=tell,
    )


def _one_process(config: pytest.Config) -> None:
    """Raises UsageError when pytest-xdist would share what cannot be shared."""
    if not (hasattr(config, "workerinput") or config.getoption("numprocesses", None)):
        return
    hint = "leave -n out, or write -n 0"
    if config.getoption("--record"):
        raise UsageError("--record and -n: a recording is made in one process", hint=hint)
    if config.getoption("--card").startswith("pcsc"):
        raise UsageError("--card pcsc and -n: there is one card", hint=hint)


@contextmanager
def _said_late(text: str) -> Iterator[None]:
    timer = Timer(_PATIENCE, lambda: print(f"\n{text}", file=sys.stderr, flush=True))  # noqa: T201 - meant for people
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
