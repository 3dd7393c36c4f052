"""Which phone of which world, and what its user has at hand: the options that the functions of the app share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError
from jpki.cli.world_argument import UserAnswers, answers_option, open_world, world_option

if TYPE_CHECKING:
    from jpki.client.constants import Slot
    from jpki.parties.my_number_card import MyNumberCard
    from jpki.parties.phone.app import PhoneApp

_LOSE_AT = "Lose the Nth thing that crosses a link: a message, a command to a card, or the answer to one."
KINDS = click.Choice(("signing", "authentication"))
"""Names of Slot on the command line."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The phone in the user's hand: its app, the card that is held to it, the slots that were named."""

    app: PhoneApp
    offered: MyNumberCard | None
    slots: tuple[Slot, ...]
    output: Output

    @property
    def card(self) -> MyNumberCard:
        """The My Number Card; raises UsageError when none is there."""
        if self.offered is None:
            raise UsageError("this needs a My Number Card", hint="--card RESIDENT holds one to the phone")
        return self.offered


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """The values of the options; ``kinds`` are names of slots, none for all. ``lose_at``: see ``open_world``."""

    world: Path
    phone: str | None
    answers: Path | None
    as_json: bool
    card: str | None = None
    kinds: tuple[str, ...] = ()
    lose_at: tuple[int, ...] = ()

    @contextmanager
    def open(self) -> Iterator[Hand]:
        """The phone, in its world; raises UsageError when it is not clear which."""
        output, user = Output(self.as_json), UserAnswers.read(self.answers)
        with open_world(self.world, output, lose_at=self.lose_at) as world:
            if self.phone is None and len(world.phones) != 1:
                raise UsageError(f"the world has {len(world.phones)} phones", hint="--phone says which")
            offered = None if self.card is None else world.my_number_card(self.card)
            app = world.app(self.phone or world.phones[0], user, beside=user.knows_pins)
            yield Hand(app, offered, slots(self.kinds), output)


def slots(kinds: tuple[str, ...]) -> tuple[Slot, ...]:
    """The slots of these names; both for none."""
    from jpki.client.constants import Slot

    return tuple(slot for slot in Slot if not kinds or slot.name.lower() in kinds)


def phone_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say which phone; the command gets them, with those below, as ``chosen``."""

    @functools.wraps(function)
    def with_choice(
        world: Path,
        phone: str | None,
        answers: Path | None,
        as_json: bool,
        card: str | None = None,
        kinds: tuple[str, ...] = (),
        lose_at: tuple[int, ...] = (),
        **others: Any,
    ) -> None:
        function(PhoneChoice(world, phone, answers, as_json, card, kinds, lose_at), **others)

    named = click.option("--phone", help="Which phone; not needed when there is one only.")(with_choice)
    losing = click.option("--lose-at", type=click.IntRange(1), multiple=True, metavar="N", help=_LOSE_AT)(named)
    return world_option(answers_option(json_option(losing)))


def card_option(function: Callable[..., None]) -> Callable[..., None]:
    """The option ``--card``, below ``phone_options``."""
    return click.option("--card", metavar="RESIDENT", help="Whose My Number Card is held to the phone.")(function)


def kinds_option(function: Callable[..., None]) -> Callable[..., None]:
    """The option ``--kind``, below ``phone_options``."""
    return click.option(
        "--kind", "kinds", type=KINDS, multiple=True, help="Which certificate; both when none is named."
    )(function)
