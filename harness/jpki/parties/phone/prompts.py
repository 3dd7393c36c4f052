"""What the app asks its user, as data: for whoever draws screens, or drives the app from another program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.consent import Wording
from jpki.parties.phone.user import FORM_TEXT, Means


@dataclass(frozen=True, slots=True)
class EnterPin:
    """A PIN of this phone; a ``new`` one is typed twice. Answered with bytes."""

    slot: Slot
    new: bool

    @property
    def form(self) -> str:
        """What it looks like (B1)."""
        return FORM_TEXT[self.slot]


@dataclass(frozen=True, slots=True)
class EnterCardPassword:
    """The signing password of the My Number Card, which is then held to the phone. Answered with bytes."""


@dataclass(frozen=True, slots=True)
class Recognise:
    """A finger, a face, or the screen lock. Answered with whether the phone knew its user."""

    method: DeviceMethod


@dataclass(frozen=True, slots=True)
class Agree:
    """A text to agree to (E9). Answered with whether the user agrees."""

    wording: Wording


@dataclass(frozen=True, slots=True)
class ChooseInstead:
    """How to go on after the phone did not know its user (E10). Answered with one of ``offered``, or None."""

    failed: DeviceMethod
    offered: tuple[Means, ...]


Prompt = EnterPin | EnterCardPassword | Recognise | Agree | ChooseInstead
PromptAnswer = bytes | bool | Means | None
Ask = Callable[[Prompt], PromptAnswer]
"""Puts a prompt to somebody and waits for the answer."""

_T = TypeVar("_T")


class PromptedUser:
    """The user of an app whose prompts go to somebody as data (``phone.user.User``)."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def pin(self, slot: Slot) -> bytes:
        """The present PIN."""
        return self._given(EnterPin(slot, new=False), bytes)

    def new_pin(self, slot: Slot) -> bytes:
        """A PIN to set."""
        return self._given(EnterPin(slot, new=True), bytes)

    def card_password(self) -> bytes:
        """Of the My Number Card."""
        return self._given(EnterCardPassword(), bytes)

    def recognise(self, method: DeviceMethod) -> bool:
        """Whether the phone knew them."""
        return self._given(Recognise(method), bool)

    def agrees(self, wording: Wording) -> bool:
        """Whether they agree."""
        return self._given(Agree(wording), bool)

    def instead(self, failed: DeviceMethod, offered: tuple[Means, ...]) -> Means | None:
        """How to go on."""
        prompt = ChooseInstead(failed, offered)
        return None if (chosen := self._ask(prompt)) is None else _checked(prompt, chosen, Means)

    def _given(self, prompt: Prompt, kind: type[_T]) -> _T:
        return _checked(prompt, self._ask(prompt), kind)


def _checked(prompt: Prompt, answer: object, kind: type[_T]) -> _T:
    if not isinstance(answer, kind):
        raise TypeError(f"{type(prompt).__name__} is answered with {kind.__name__}, not {type(answer).__name__}")
    return answer
