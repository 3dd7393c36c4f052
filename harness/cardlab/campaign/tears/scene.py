"""What a campaign of power cuts is about: commands of an applet, each in a state, and what must hold after any cut.

def old_or_new(seen: TornSeen) -> bool:
    return seen.now in (seen.before, seen.done)

TearScene("CREDIT", "verified", stage, observe, applet_aid, {"it is neither old nor new": old_or_new})
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cardlab.campaign.own_code import own_code
from cardlab.campaign.scene import Campaign, CampaignScene, short


@dataclass(frozen=True, slots=True)
class TornSeen:
    """A card that came to itself after power cuts, for invariants: it was reset, and its applet selected.

    ``before``, ``done`` and ``now`` are what the scene's ``observe`` gives: of a card that was not sent the command, of
    one that did all of it, both reset and selected since, and of this one.
    """

    ready: Any
    before: Any
    done: Any
    now: Any


Invariant = Callable[[TornSeen], bool]


def three_views(seen: TornSeen) -> str:
    """What was observed before the command, after it, and now."""
    return f"before {short(seen.before)}, done {short(seen.done)}, now {short(seen.now)}"


@dataclass(frozen=True, slots=True)
class TearScene(CampaignScene):
    """``applet``: AID of what is selected after each reset, empty: nothing. ``invariants``: each says whether it holds.

    ``in_memory``: invariants of the bytes in persistent memory, asked of every end. ``alike``: ends of which this says
    the same of memory are looked at once, and some more that are drawn; without it, all are. ``same``: whether two
    observations are of one state; the ends of a command that writes must show that before it and that after it.
    ``really``: the card manager has its part in the command, so cards are looked at whose power was really cut.
    ``explain``: more on what an invariant does not hold for, for people; without it, what was observed.
    """

    applet: bytes
    invariants: Mapping[str, Invariant]
    in_memory: Mapping[str, Callable[[bytes], bool]] = field(default_factory=dict)
    alike: Callable[[bytes], Hashable] | None = None
    same: Callable[[Any, Any], bool] = operator.eq
    really: bool = False
    explain: Callable[[TornSeen], str] = three_views

    def explained(self, seen: TornSeen) -> str:
        """In words; OwnCodeError when ``explain`` fails."""
        with own_code(f"{self.name}: explain() fails"):
            return self.explain(seen)


@dataclass(frozen=True, slots=True)
class TearCampaign(Campaign[TearScene]):
    """A campaign of power cuts."""
