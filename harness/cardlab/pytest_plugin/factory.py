"""Makes cards for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cardlab.errors import HarnessError
from cardlab.lab.source import CardSource
from cardlab.pytest_plugin.again import Again, Asked
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.build import build, names, secrets
from cardlab.pytest_plugin.handle import Card
from cardlab.pytest_plugin.history import History
from cardlab.pytest_plugin.ledger import Ledger
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.seeds import Seeds, show
from cardlab.pytest_plugin.source_names import SourceNames
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.cap_package import Loadable
from cardlab.transport.secrets import Secrets


@dataclass(frozen=True, slots=True)
class _Built:
    packages: tuple[Loadable, ...]
    library: ClassLibrary
    names: SourceNames
    secrets: Secrets


def _build(applets: tuple[Applet, ...]) -> _Built:
    packages = build(applets)
    return _Built(packages, ClassLibrary(packages), names(applets), secrets(applets))


class CardFactory:
    """The fixture ``card_factory``: call it for a fresh card with the applet under test installed and selected.

    What is random on a card comes from the name of the test, so that a failure repeats; ``--card-seed`` overrides it,
    and so does ``seed``. Cards of one test that are open at the same time differ. Close each of them:
    ``with card_factory() as card:``.
    """

    def __init__(
        self,
        source: CardSource,
        seeds: Seeds,
        ledger: Ledger,
        asked: tuple[Callable[[], Applet], Callable[[], Secrets], Callable[[], Made]],
        announce: Callable[[str, Callable[[], _Built]], _Built],
    ) -> None:
        self._source = source
        self._seeds = seeds
        self._ledger = ledger
        self._configured, self._declared, self._wanted = asked
        self._announce = announce
        self._again = Again(source)
        self._built: dict[tuple[Applet, ...], _Built | HarnessError] = {}

    def begin(self) -> None:
        """Another test starts."""
        self._again.begin()

    def __call__(self, *applets: Applet, blank: bool = False, seed: int | None = None) -> Card:
        """A fresh card with these applets installed, by default the applet under test, and the first one selected.

        ``blank`` installs none of them; those named are on the card all the same, ready for ``Card.install``. What
        cannot be built or installed fails the test with a message that says what to do.
        """
        try:
            return self._make(applets, blank, seed)
        except HarnessError as error:
            message = f"{error}\n  -> {error.hint}" if error.hint else str(error)
        pytest.fail(message, pytrace=False)  # outside the handler, or the report would name both exceptions

    def _make(self, applets: tuple[Applet, ...], blank: bool, seed: int | None) -> Card:
        wanted = applets or (() if blank else (self._configured(),))
        built = self._build(wanted)
        chosen = self._seeds.seed(self._ledger.test, self._ledger.next_number) if seed is None else seed
        hidden = (Secrets() if not applets and not blank else self._declared()) + built.secrets
        asked = Asked(wanted, blank, chosen, self._wanted(), hidden)
        if (copied := self._again.copy(asked)) is not None:
            self._ledger.issue(copied)
            return copied
        card = self._new(asked, built)
        self._again.made(asked, card)
        return card

    def _new(self, asked: Asked, built: _Built) -> Card:
        history, made = History(f"seed {show(asked.seed)}", built.names, asked.secrets), asked.made
        lower = self._source.open(
            built.library, seed=asked.seed, config=made.config, secrets=asked.secrets, medium=made.medium
        )
        card = Card(lower, history, self._copied)
        self._ledger.issue(card)
        try:
            card.load(built.packages)
            if not asked.blank:
                for applet in asked.applets:
                    card.install(applet)
                card.select()
        except BaseException:
            card.close()  # nobody else can; what happened on it is still in the ledger
            raise
        return card

    def _copied(self, card: Card) -> Card:
        _ = self._ledger.next_number  # raises when too many are open
        copied = card.on(self._source.fork(card.lower), card.history.fork())
        self._ledger.issue(copied)
        return copied

    def _build(self, applets: tuple[Applet, ...]) -> _Built:
        """Once in a run, and a failure is remembered too: a hundred tests need not wait for a hundred of them."""
        known = self._built.get(applets)
        if known is None:
            try:
                text = f"javacard: compiling {', '.join(one.class_name for one in applets)} ..."
                known = self._announce(text, lambda: _build(applets))
            except HarnessError as error:
                known = error
            self._built[applets] = known
        if isinstance(known, HarnessError):
            raise known
        return known
