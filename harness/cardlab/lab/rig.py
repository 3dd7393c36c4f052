"""What a kind of card puts into a test's hands: a transport, and the means to do what no command does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cardlab.errors import UsageError
from cardlab.lab.capability import Capability
from cardlab.runtime.torn import TornCell
from cardlab.transport import Layer, Transport

if TYPE_CHECKING:  # real cards do without
    from cardlab.runtime.interface import Media


class Rig(Transport, Protocol):
    """A transport, and the means to do the other things. ``SimulatedCard`` is one."""

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card, over the same interface as before or another one, and return its ATR."""

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Cut the power at the n-th moment (from 1) of the next command at which persistent memory changes; 0: do not.

        That command raises TransportError, and the card needs a reset. ``torn`` is what the cell holds that was being
        written.
        """

    def explain(self) -> str:
        """Why the card refused the last command; empty when nobody knows."""


@runtime_checkable
class InReader(Protocol):
    """A rig whose card is in a PC/SC reader."""

    @property
    def reader(self) -> str:
        """The reader's whole name."""


@runtime_checkable
class Expecting(Protocol):
    """A rig that knows which commands a test has yet to send."""

    is_open: bool

    def unsaid(self) -> str:
        """What should have come and did not, once the card is closed and nothing else went wrong; else empty."""


class PlainRig(Layer):
    """A rig with nothing but a transport to its card: what it cannot do is an error, or left out."""

    def reset(self, media: Media | None = None) -> bytes:
        """Reset the card; raises UsageError when an interface is chosen."""
        if media is not None:
            raise lacking(Capability.INTERFACES)
        return self._lower.reset()

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Raises UsageError."""
        raise lacking(Capability.POWER_CUT)

    def explain(self) -> str:
        """Nothing."""
        return ""


def lacking(capability: Capability) -> UsageError:
    """A test asked for what the card's kind does not have."""
    return UsageError(
        f"this kind of card lacks {capability.value}",
        hint=f'mark the test: @pytest.mark.needs("{capability.name.lower()}")',
    )
