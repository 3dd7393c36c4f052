"""What new simulated cards are like, as options: for commands that put them into readers, and that install on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cardlab.card.config import CardConfig

_USUAL = "default"

LIKENESS_OPTIONS = (
    click.option(
        "--java-card",
        metavar="VERSION",
        help="Version of the Java Card API on a new card, as 3.0.5.  [default: 3.0.4]",
    ),
    click.option(
        "--card-profile",
        default=_USUAL,
        metavar="NAME",
        help="Which card a new one is like: docs/generated/profiles.md.  [default: none in particular]",
    ),
    click.option(
        "--card-set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="One value of a new card, as commit_capacity=512; may be repeated.",
    ),
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The values of these options."""

    java_card: str | None = None
    card_profile: str = _USUAL
    settings: tuple[str, ...] = ()

    @property
    def is_usual(self) -> bool:
        """Whether nothing was said."""
        return self == Likeness()

    @property
    def config(self) -> CardConfig:
        """What a new card is made like; raises UsageError when there is no such profile or value."""
        from cardlab.card.config import CardConfig
        from cardlab.card.profiles import card_profile

        settings = self.settings if self.java_card is None else (*self.settings, f"java_card={self.java_card}")
        return CardConfig.of_profile(card_profile(self.card_profile).having(settings))
