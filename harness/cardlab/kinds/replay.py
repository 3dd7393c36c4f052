"""``--card replay:FILE``: cards that answer what the cards of a recorded run answered, if they are asked the same."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.errors import UsageError
from cardlab.globalplatform.key_source import TEST_KEYS, read_keys
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.lab.capability import ALL_CAPABILITIES, Capability
from cardlab.lab.kind import CardKind, CardOption, CardOrder, ForTests, OptionRefusal, SupplyOptions
from cardlab.lab.recording import header_name
from cardlab.lab.rig import PlainRig, lacking
from cardlab.runtime.torn import TornCell
from cardlab.transport.transcript import ReplayMismatchError, ReplayTransport, Transcript

if TYPE_CHECKING:
    from cardlab.lab.rig import Rig
    from cardlab.runtime.interface import Media


class ReplayedCards:
    """The cards of one recording, found again by the name of the test and their number in it."""

    # Whatever was done to the recorded card; what a copy of it answers, nobody recorded.
    capabilities = ALL_CAPABILITIES - {Capability.INSIDE, Capability.PCSC, Capability.FORK}

    def __init__(self, file: str, options: SupplyOptions) -> None:
        self._file = file
        self._runner = options.runner
        self._keys = read_keys(options.keys) if options.keys else None
        try:
            transcripts = Transcript.read_all(Path(file))
        except OSError as error:
            raise UsageError(f"--card replay:{file}: {error.strerror}", hint="--record FILE makes one") from error
        self._cards: dict[str, dict[str, Transcript]] = defaultdict(dict)
        for one in transcripts:
            self._cards[one.header.get("test", "")][one.header.get("card", "1")] = one

    @property
    def keys(self) -> StaticKeys:
        """Those of ``--card-keys``; without it the public test keys, as recorded simulated cards have them."""
        return self._keys or TEST_KEYS

    def open(self, order: CardOrder) -> Rig:
        """The recorded card; skips the test when none was recorded with it."""
        recorded = self._cards.get(header_name(order.test))
        if recorded is None:
            self._runner.skip(f"{self._file} holds no card of this test")
        if str(order.number) not in recorded:
            raise ReplayMismatchError(
                f"{self._file}: the test asked for card {order.number}, it had {len(recorded)} when it was recorded",
                hint="record it again",
            )
        return ReplayedRig(ReplayTransport(recorded[str(order.number)]), self._file)

    def restore(self, image: Path, order: CardOrder) -> Rig:
        """Raises UsageError: recorded cards were made from nothing."""
        raise lacking(Capability.INSIDE)

    def close(self) -> None:
        """Nothing is open."""


_CHANGED = (
    "the test changed since it was recorded, or it sends something random: draw that from card.entropy, record it again"
)


class ReplayedRig(PlainRig):
    """A recorded card. What was done to it shows in what it answers, so here it is left out."""

    def __init__(self, replay: ReplayTransport, file: str) -> None:
        super().__init__(replay)
        self._replay = replay
        self._file = file
        self.went_wrong = False
        self.is_open = True

    def transmit(self, command: bytes) -> bytes:
        try:
            return super().transmit(command)
        except ReplayMismatchError as error:
            raise self._mismatch(error) from None

    def reset(self, media: Media | None = None) -> bytes:
        try:
            return super().reset()
        except ReplayMismatchError as error:
            raise self._mismatch(error) from None

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        pass

    def unsaid(self) -> str:
        """What was recorded and not asked for, once the card is closed and nothing else went wrong; else empty."""
        said = self.is_open or self.went_wrong or not self._replay.next_step
        return "" if said else f"{self._file}: {self._replay.next_step}"

    def close(self) -> None:
        self.is_open = False
        super().close()

    def _mismatch(self, error: ReplayMismatchError) -> ReplayMismatchError:
        self.went_wrong = True
        told = ReplayMismatchError(f"{self._file}: {error}", hint=_CHANGED)
        told.add_note(_CHANGED)  # pytest shows it below the message
        return told


_NO_CARD = OptionRefusal("it reaches no card", "leave it out")
KIND = CardKind(
    name="replay",
    about="no card: the answers of a recorded run",
    tests=ForTests(
        usage="replay:FILE",
        capabilities=ReplayedCards.capabilities,
        supply=ReplayedCards,
        options=frozenset({CardOption.KEYS}),
        refusals={CardOption.DESTRUCTIVE: _NO_CARD, CardOption.DRY_RUN: _NO_CARD, CardOption.INSTALLER: _NO_CARD},
        repeats=True,
    ),
)
