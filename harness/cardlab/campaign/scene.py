"""What a campaign is about: commands of an applet, each in a state, and what must hold whatever happens to the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from cardlab.campaign.own_code import own_code
from cardlab.campaign.stage import Ready
from cardlab.errors import UsageError

_TOLD = 5  # scenes that an error names
_LONGEST = 300  # characters of something observed
UNSEEN = "nobody can say what became of the card: observe() or an invariant fails"
"""In the place of an invariant, of a card that was disturbed; on an undisturbed one it ends the run."""


def short(value: object) -> str:
    """What was observed, for people: bytes in hexadecimal, the beginning of what is long."""
    text = value.hex() or "empty" if isinstance(value, bytes) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


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

    def made(self) -> Ready:
        """A card that is about to do it; OwnCodeError when the stage fails."""
        with own_code(f"{self.name}: its stage fails"):
            return self.stage()

    def sent(self, ready: Ready) -> None:
        """Send the command, undisturbed; OwnCodeError when that fails."""
        with own_code(f"{self.name}: command() fails"):
            ready.command()

    def observed(self, ready: Ready) -> Any:
        """What is read off a card; OwnCodeError when that fails."""
        with own_code(f"{self.name}: observe() fails"):
            return self.observe(ready)

    def broken(self, invariants: Mapping[str, Callable[[Any], bool]], seen: Any) -> tuple[str, ...]:
        """The names of those that do not hold; OwnCodeError when one fails."""
        found = []
        for name, holds in invariants.items():
            with own_code(f"{self.name}: the invariant {name!r} fails"):
                if not holds(seen):
                    found.append(name)
        return tuple(found)


S = TypeVar("S", bound=CampaignScene)


@dataclass(frozen=True, slots=True)
class Campaign(Generic[S]):
    """Scenes, and what they are about: ``digest`` of the CAP file; ``sources``: the folder of sources, None: none."""

    title: str
    digest: str
    sources: Path | None
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
            others = len(self.names) - _TOLD
            hint = f"there are: {'; '.join(self.names[:_TOLD])}" + (f"; and {others} others" if others > 0 else "")
            raise UsageError(f"no scene's name has {' and '.join(map(repr, words))}", hint=hint)
        return found

    def the_one(self, words: Sequence[str]) -> S:
        """The one scene that the words choose, or whose name one of them is; UsageError when they choose more."""
        found = self.chosen(words)
        exact = [one for one in found if one.name in words] or found
        if len(exact) != 1:
            hint = "; ".join(one.name for one in exact[:_TOLD])
            raise UsageError(f"{len(exact)} scenes have these words", hint=hint)
        return exact[0]
