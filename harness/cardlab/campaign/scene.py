"""What a campaign is about: commands of an applet, each in a state, and what must hold whatever happens to the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from cardlab.campaign.stage import Ready
from cardlab.errors import UsageError

_TOLD = 5  # scenes that an error names


@dataclass(frozen=True, slots=True)
class CampaignScene:
    """One command in one state.

    ``stage`` makes cards that are about to do it, each call another one; ``observe`` reads off a card whatever the
    invariants compare.
    """

    command: str
    state: str
    stage: Callable[[], Ready]
    observe: Callable[[Any], Any]

    @property
    def name(self) -> str:
        """For people and for the record."""
        return f"{self.command}, {self.state}"


S = TypeVar("S", bound=CampaignScene)


@dataclass(frozen=True, slots=True)
class Campaign(Generic[S]):
    """Scenes, and what they are about: ``digest`` of the CAP file, ``sources``: the folder that source files are in."""

    title: str
    digest: str
    sources: Path
    scenes: tuple[S, ...]

    @property
    def names(self) -> list[str]:
        """Of all scenes, in their order."""
        return [one.name for one in self.scenes]

    def named(self, name: str) -> S:
        """The scene of this name; KeyError when there is none."""
        found = {one.name: one for one in self.scenes}
        return found[name]

    def chosen(self, words: Sequence[str]) -> list[S]:
        """Scenes whose names hold all of the words; UsageError when there is none."""
        found = [one for one in self.scenes if all(word in one.name for word in words)]
        if not found:
            hint = f"there are {'; '.join(self.names[:_TOLD])}; …"
            raise UsageError(f"no scene's name has {' and '.join(words)}", hint=hint)
        return found

    def the_one(self, words: Sequence[str]) -> S:
        """The one scene that the words choose, or whose name one of them is; UsageError when they choose more."""
        found = self.chosen(words)
        exact = [one for one in found if one.name in words] or found
        if len(exact) != 1:
            hint = "; ".join(one.name for one in exact[:_TOLD])
            raise UsageError(f"{len(exact)} scenes have these words", hint=hint)
        return exact[0]
