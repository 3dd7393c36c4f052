"""``--card sim``: simulated cards in the process of the tests; for commands ``sim:FILE``, one in its state file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.errors import UsageError
from cardlab.lab.capability import ALL_CAPABILITIES, Capability
from cardlab.lab.kind import CardKind, CardOrder, ForCommands, ForTests, Managing, Opening, SupplyOptions, Unnamed

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.globalplatform.scp03 import StaticKeys
    from cardlab.transport import Transport


class SimulatedCards:
    """A new simulated card each time."""

    capabilities = ALL_CAPABILITIES - {Capability.PCSC}

    @property
    def keys(self) -> StaticKeys:
        """The public test keys that simulated cards are made with."""
        from cardlab.card.config import DEFAULT_KEYS

        return DEFAULT_KEYS

    def open(self, order: CardOrder) -> SimulatedCard:
        """A new card that executes the classes when their load files come."""
        from cardlab.card.card import SimulatedCard

        return SimulatedCard(order.config, seed=order.seed, classes=order.classes)

    def restore(self, image: Path, order: CardOrder) -> SimulatedCard:
        """The card in the file."""
        from cardlab.card.card import SimulatedCard

        return SimulatedCard.restore(image, classes=order.classes)

    def close(self) -> None:
        """Each card was closed by whoever asked for it."""


def _supply(_argument: str, _options: SupplyOptions) -> SimulatedCards:
    return SimulatedCards()


def _open(argument: str, opening: Opening) -> Transport:
    if not argument:
        from cardlab.card.card import SimulatedCard

        return SimulatedCard()
    return _copy_of(Path(argument), opening) if opening.reading else _kept(Path(argument))


def _kept(file: Path) -> Transport:
    from cardlab.card.kept import KeptCard

    return KeptCard.open(file)


def _copy_of(file: Path, opening: Opening) -> Transport:
    """What the file holds: it stays as it is, and others may be using it."""
    from cardlab.card.card import SimulatedCard
    from cardlab.locking import user_of_file

    user = user_of_file(file)
    if user is not None:
        opening.tell(f"{file} is in use by {user}: this is the card as it was saved last")
    return SimulatedCard.restore(file)


@contextmanager
def _manage(argument: str, managing: Managing) -> Iterator[Installer]:
    """The card in a file, with the class files to execute what will be loaded."""
    from cardlab.card.kept import KeptCard
    from cardlab.globalplatform.host.installer import BuiltinInstaller, InstallerKind
    from cardlab.runtime.jcardsim.library import ClassLibrary
    from cardlab.toolchain.executable import Executable

    if managing.installer is InstallerKind.GP:
        raise UsageError(
            f"--card sim:{argument}: GlobalPlatformPro reaches cards in readers only",
            hint="put the card into one with cardlab card serve, or use --installer builtin",
        )
    library = ClassLibrary([] if managing.cap is None else [Executable.from_cap(managing.cap)])
    with closing(KeptCard.open(Path(argument), classes=library)) as card:
        yield BuiltinInstaller(card, managing.access)


KIND = CardKind(
    name="sim",
    about="a simulated card",
    tests=ForTests(usage="sim", capabilities=SimulatedCards.capabilities, supply=_supply),
    commands=ForCommands(usage="sim:FILE", unnamed=Unnamed.NEW, open=_open, manage=_manage),
)
