"""A card as a laboratory has it: commands go to it, and things are done to it that no command does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cardlab.card.entropy import Entropy
from cardlab.errors import UsageError
from cardlab.globalplatform.scp03 import CHALLENGE_LENGTH, StaticKeys
from cardlab.lab.capability import Capability
from cardlab.lab.rig import InReader, Rig, lacking
from cardlab.runtime.torn import TornCell
from cardlab.transport import Layer, Transport

if TYPE_CHECKING:  # real cards do without
    from cardlab.card.card import SimulatedCard
    from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.runtime.interface import Media


class LabCard(Layer):
    """A transport to one card, and what its kind offers beside commands (``capabilities``).

    ``keys`` are those of its issuer security domain. ``entropy`` are the host's random numbers for it: what is drawn
    from there repeats when a recorded session is played. ``program`` installs applets when it is not the harness.
    ``warnings`` are what the applets did that a test should know of though the card went on; ``warn`` is told, too.
    """

    def __init__(
        self,
        rig: Rig,
        keys: StaticKeys,
        capabilities: frozenset[Capability],
        seed: int | str,
        program: GlobalPlatformPro | None = None,
        warn: Callable[[str], object] = str,
    ) -> None:
        super().__init__(_reached(rig, capabilities))
        self.seed = seed
        self._program = program
        self.rig = rig
        self.keys = keys
        self.capabilities = capabilities
        self.entropy = Entropy.from_seed(f"host, {seed}")
        self.warnings: list[str] = []
        if Capability.INSIDE in capabilities:
            self.simulated.on_warning(_to(self.warnings.append, warn))

    def installer(self) -> Installer | None:
        """GlobalPlatformPro, if ``--installer gp`` was given; the card is another one's after it was at work."""
        if self._program is None:
            return None
        from cardlab.globalplatform.host.gppro.installer import GpInstaller
        from cardlab.globalplatform.host.installer import Access
        from cardlab.transport.pcsc import list_readers

        if not isinstance(self.rig, InReader):
            raise lacking(Capability.PCSC)
        names = tuple(reader.name for reader in list_readers())
        return GpInstaller(self._program, self.rig.reader, Access(self.keys), list_readers=lambda: names)

    def challenge(self) -> bytes:
        """A host challenge for SCP03."""
        return self.entropy.draw(CHALLENGE_LENGTH)

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card, over another interface when one is named (Capability.INTERFACES)."""
        return self.rig.reset() if media is None else self.rig.reset(media)

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Let the next command lose power at its n-th moment (Capability.POWER_CUT); 0 takes it back."""
        if opportunity < 0:
            raise UsageError(f"power cut at {opportunity}: moments are counted from 1", hint="0 cuts nothing")
        self.rig.cut_power_at(opportunity, torn)

    def explain(self) -> str:
        """Why the last command was refused, as far as somebody knows."""
        return self.rig.explain()

    @property
    def simulated(self) -> SimulatedCard:
        """The simulated card itself, to look into (Capability.INSIDE)."""
        from cardlab.card.card import SimulatedCard

        found = self.rig if isinstance(self.rig, SimulatedCard) else getattr(self.rig, "simulated", None)
        if not isinstance(found, SimulatedCard):
            raise lacking(Capability.INSIDE)
        return found


def _reached(rig: Rig, capabilities: frozenset[Capability]) -> Transport:
    """A simulated card through the reader that its protocol needs."""
    if Capability.INSIDE not in capabilities:
        return rig
    from cardlab.card.terminal import in_terminal

    return in_terminal(rig)


def _to(*listeners: Callable[[str], object]) -> Callable[[str], None]:
    """Somebody who tells several; no method of the card's, which would keep it alive."""

    def told(message: str) -> None:
        for one in listeners:
            one(message)

    return told
