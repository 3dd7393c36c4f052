"""What a campaign of faults is about: commands of an applet, each in a state, and what must hold whatever happens.

FaultScene("SIGN", "not verified", stage, observe, {"no signature": lambda seen: not seen.is_ok})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from cardlab.campaign.scene import Campaign, CampaignScene
from cardlab.iso7816.status import SW
from cardlab.runtime.vm.faults import Case


@unique
class Outcome(Enum):
    """What a fault comes to."""

    REFUSED = "refused"  # a status word says no, and the invariants hold
    MUTE = "mute"  # the card answers nothing until it is reset, and the invariants hold
    HARMLESS = "harmless"  # as undisturbed, or the command is done and the invariants hold
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Seen:
    """A card after a disturbed command, for invariants.

    ``case``: what was disturbed, None: nothing. ``answer``: data and status word, as they leave the card; None: it is
    mute, then it was reset and its applet selected before ``after`` was observed. ``expected``: what it answers
    undisturbed.
    """

    ready: Any
    case: Case | None
    answer: bytes | None
    expected: bytes
    before: Any
    undisturbed: Any
    after: Any

    @property
    def is_ok(self) -> bool:
        """Whether the status word is 9000."""
        return self.answer is not None and self.answer[-2:] == SW.OK.to_bytes(2, "big")

    @property
    def data(self) -> bytes:
        """What was answered without the status word."""
        return (self.answer or b"")[:-2]


Invariant = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class FaultScene(CampaignScene):
    """``invariants``: each says whether it holds, of what ``observe`` gives before the command, after it and disturbed.

    ``one_in``: of so many single faults one is done, where the command takes long; 1: all.
    """

    invariants: Mapping[str, Invariant]
    one_in: int = 1


@dataclass(frozen=True, slots=True)
class FaultCampaign(Campaign[FaultScene]):
    """A campaign of faults."""
