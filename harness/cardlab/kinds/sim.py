"""``--card sim``: simulated cards in the process of the tests; for commands ``sim:FILE``, one in its state file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.errors import UsageError
from cardlab.lab.capability import OF_SIMULATED_CARDS, Capability
from cardlab.lab.kind import (
    CardKind,
    CardOption,
    CardOrder,
    ForCommands,
    ForTests,
    Managing,
    Opening,
    SupplyOptions,
    Unnamed,
)
from cardlab.runtime import choose as choose_runtime
from cardlab.runtime.feature import Feature

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.card.config import CardConfig
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.globalplatform.scp03 import StaticKeys
    from cardlab.runtime.jcardsim.library import ClassLibrary
    from cardlab.runtime.media import Media
    from cardlab.transport import Transport


_NEEDS = {  # what a runtime must do for a card to be able to do it
    Capability.POWER_CUT: Feature.TEARS,
    Capability.INSIDE: Feature.IMAGES,
    Capability.FORK: Feature.FORK,
    Capability.COST: Feature.COST,
}


class SimulatedCards:
    """A new simulated card each time, whose applets a runtime executes, the usual one without a name.

    Raises UsageError when there is no such runtime.
    """

    def __init__(
        self, runtime: str | None = None, budget: int = 0, config: CardConfig | None = None, medium: Media | None = None
    ) -> None:
        self._backend = choose_runtime(runtime)
        self._config, self._medium = config, medium
        self._budget = budget if Feature.BUDGET in self._backend.capabilities else 0

    @classmethod
    def of(cls, options: SupplyOptions) -> SimulatedCards:
        """As the options of a run say."""
        return cls(options.runtime, options.budget, options.config, options.medium)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What is left of a simulated card's by its runtime."""
        lacking = {one for one, feature in _NEEDS.items() if feature not in self._backend.capabilities}
        return OF_SIMULATED_CARDS - lacking

    @property
    def keys(self) -> StaticKeys:
        """The public test keys that simulated cards are made with."""
        from cardlab.card.config import DEFAULT_KEYS

        return DEFAULT_KEYS

    def open(self, order: CardOrder) -> SimulatedCard:
        """A new card that executes the classes when their load files come."""
        from cardlab.card.card import SimulatedCard
        from cardlab.runtime.media import Media

        config, medium = order.config or self._config, order.medium or self._medium or Media.CONTACT
        card = SimulatedCard(config, seed=order.seed, media=medium, runtime=self._backend, classes=order.classes)
        return self._limited(card)

    def restore(self, image: Path, order: CardOrder) -> SimulatedCard:
        """The card in the file."""
        from cardlab.card.card import SimulatedCard

        return self._limited(SimulatedCard.restore(image, runtime=self._backend, classes=order.classes))

    def _limited(self, card: SimulatedCard) -> SimulatedCard:
        """With the budget of this run, where the runtime counts instructions."""
        if self._budget:
            card.limit_instructions(self._budget)
        return card

    def close(self) -> None:
        """Each card was closed by whoever asked for it."""


def _supply(_argument: str, options: SupplyOptions) -> SimulatedCards:
    return SimulatedCards.of(options)


def _open(argument: str, opening: Opening) -> Transport:
    if not argument:
        from cardlab.card.card import SimulatedCard

        return SimulatedCard(runtime=opening.runtime)
    return _copy_of(Path(argument), opening) if opening.reading else _kept(Path(argument), opening)


def _kept(file: Path, opening: Opening) -> Transport:
    from cardlab.card.kept import KeptCard

    return KeptCard.open(file, runtime=opening.runtime)


def _copy_of(file: Path, opening: Opening) -> Transport:
    """What the file holds: it stays as it is, and others may be using it."""
    from cardlab.card.card import SimulatedCard
    from cardlab.card.terminal import in_terminal
    from cardlab.locking import user_of_file

    user = user_of_file(file)
    if user is not None:
        opening.tell(f"{file} is in use by {user}: this is the card as it was saved last")
    return in_terminal(SimulatedCard.restore(file, runtime=opening.runtime))


@contextmanager
def _manage(argument: str, managing: Managing) -> Iterator[Installer]:
    """A card in a file, or a new one, with the class files of what will be loaded, as far as there are any."""
    from cardlab.globalplatform.host.installer import BuiltinInstaller, InstallerKind
    from cardlab.runtime.jcardsim.library import ClassLibrary
    from cardlab.toolchain.cap_package import read_package

    if managing.installer is InstallerKind.GP:
        raise UsageError(
            f"--card {f'sim:{argument}' if argument else 'sim'}: GlobalPlatformPro reaches cards in readers only",
            hint="put the card into one with cardlab card serve, or use --installer builtin",
        )
    library = ClassLibrary([] if managing.cap is None else [read_package(managing.cap)])
    with _managed(argument, managing, library) as card:
        yield BuiltinInstaller(card, managing.access)


@contextmanager
def _managed(argument: str, managing: Managing, library: ClassLibrary) -> Iterator[Transport]:
    """The card; a new one is left in its file, if it has one, when all went well."""
    from cardlab.card.kept import KeptCard
    from cardlab.card.terminal import in_terminal

    if managing.new is None:
        with closing(KeptCard.open(Path(argument), classes=library)) as kept:
            yield kept
    elif argument:
        with _made_in(Path(argument), managing, library) as kept:
            yield kept
    else:
        with _made(managing, library) as card:
            yield in_terminal(card)


def _made(managing: Managing, library: ClassLibrary) -> SimulatedCard:
    from cardlab.card.card import SimulatedCard

    return SimulatedCard(managing.new, runtime=managing.runtime, classes=library)


@contextmanager
def _made_in(file: Path, managing: Managing, library: ClassLibrary) -> Iterator[Transport]:
    """A new card in a file that is not there yet, nor afterwards when something went wrong."""
    from cardlab.card.kept import KeptCard, hold_card

    if not file.parent.is_dir():
        raise UsageError(f"--card sim:{file}: there is no folder {file.parent}", hint="make it, or name another one")
    with hold_card(file) as held:
        if file.exists():
            raise UsageError(f"--new: {file} holds a card already", hint="leave --new out, or name another file")
        card = _made(managing, library)
        try:
            card.save(file)
            with closing(KeptCard(card, file, held)) as kept:
                yield kept
        except BaseException:
            file.unlink(missing_ok=True)
            raise


KIND = CardKind(
    name="sim",
    about="a simulated card",
    tests=ForTests(
        usage="sim",
        capabilities=OF_SIMULATED_CARDS,
        supply=_supply,
        options=frozenset({CardOption.RUNTIME, CardOption.PROFILE}),
    ),
    commands=ForCommands(usage="sim:FILE", unnamed=Unnamed.NEW, open=_open, manage=_manage),
)
