"""A card as a laboratory has it: commands go to it, and things are done to it that no command does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cardlab.card.entropy import Entropy
from cardlab.errors import UsageError
from cardlab.globalplatform.scp03 import CHALLENGE_LENGTH, StaticKeys
from cardlab.pytest_plugin.capabilities import Capability
from cardlab.transport import Layer, Transport

if TYPE_CHECKING:  # real cards do without
    from cardlab.card.card import SimulatedCard
    from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.runtime.interface import Media


class Rig(Transport, Protocol):
    """What a kind makes: a transport, and the means to do the other things. ``SimulatedCard`` is one."""

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card, over the same interface as before or another one, and return its ATR."""

    def cut_power_at(self, opportunity: int) -> None:
        """Cut the power at the n-th moment (from 1) of the next command at which persistent memory changes; 0: do not.

        That command raises TransportError, and the card needs a reset.
        """

    def explain(self) -> str:
        """Why the card refused the last command; empty when nobody knows."""


@runtime_checkable
class InReader(Protocol):
    """A rig whose card is in a PC/SC reader."""

    @property
    def reader(self) -> str:
        """The reader's whole name."""


class PlainRig(Layer):
    """A rig with nothing but a transport to its card: what it cannot do is an error, or left out."""

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card; raises UsageError when an interface is chosen."""
        if media is not None:
            raise lacking(Capability.INTERFACES)
        return self._lower.reset()

    def cut_power_at(self, opportunity: int) -> None:
        """Raises UsageError."""
        raise lacking(Capability.POWER_CUT)

    def explain(self) -> str:
        """Nothing."""
        return ""


class LabCard(Layer):
    """A transport to one card, and what its kind offers beside commands (``capabilities``).

    ``keys`` are those of its issuer security domain. ``entropy`` are the host's random numbers for it: what is drawn
    from there repeats when a recorded session is played. ``program`` installs applets when it is not the harness.
    """

    def __init__(
        self,
        rig: Rig,
        keys: StaticKeys,
        capabilities: frozenset[Capability],
        seed: int | str,
        program: GlobalPlatformPro | None = None,
    ) -> None:
        super().__init__(rig)
        self._program = program
        self.rig = rig
        self.keys = keys
        self.capabilities = capabilities
        self.entropy = Entropy.from_seed(f"host, {seed}")

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

    def cut_power_at(self, opportunity: int) -> None:
        """Let the next command lose power at its n-th moment (Capability.POWER_CUT)."""
        self.rig.cut_power_at(opportunity)

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


def lacking(capability: Capability) -> UsageError:
    """A test asked for what the card's kind does not have."""
    return UsageError(
        f"this kind of card lacks {capability.value}",
        hint=f'mark the test: @pytest.mark.needs("{capability.name.lower()}")',
    )
