"""Conversations with a card that take several scripts: each is a generator that yields batches and is sent results.

They live in memory only. When a party is restarted or a link is lost, a new conversation begins; what was reached
before is in the records and on the card, and nothing else counts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from cardlab.errors import HarnessError
from jpki.client.constants import Slot
from jpki.parties.consent import Consent, Wording
from jpki.parties.script import Batch, Results

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Turn:
    """One batch to be run. ``last``: other steps may follow it; ``nonce``: the answer proves that it is fresh.

    ``question``: the user is asked first; ``typing``: PINs that the user can begin to type.
    """

    batch: Batch
    last: bool = False
    nonce: bytes = b""
    question: Wording | None = None
    typing: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """The results of a turn, and what came with them."""

    results: Results
    application: bytes = b""
    verdict: str = ""
    consent: Consent | None = None


Talk = Generator[Turn, Received, _T]


class Conversations(Generic[_T]):
    """Those that are open, one for each card at most: a new one ends an older one."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._open: dict[str, tuple[bytes, Talk[_T], Turn]] = {}

    def begin(self, card: bytes, talk: Talk[_T]) -> tuple[str, Turn] | _T:
        """Start one; gives its name and first turn, or the outcome when it had nothing to ask."""
        for name in [name for name, (other, *_) in self._open.items() if other == card]:
            self._open.pop(name)[1].close()
        name = self._random(8).hex()
        return self._step(name, card, talk, lambda: next(talk))

    def go_on(
        self,
        name: str,
        responses: tuple[bytes, ...],
        *,
        application: bytes = b"",
        verdict: str = "",
        consent: Consent | None = None,
    ) -> tuple[str, Turn] | _T:
        """The answers to the last turn; gives the next turn or the outcome. An error ends the conversation."""
        if name not in self._open:
            raise UnknownConversationError("this conversation has ended", hint="start again; nothing is lost")
        card, talk, turn = self._open.pop(name)
        received = Received(turn.batch.read(responses), application, verdict, consent)
        return self._step(name, card, talk, lambda: talk.send(received))

    def _step(self, name: str, card: bytes, talk: Talk[_T], run: Callable[[], Turn]) -> tuple[str, Turn] | _T:
        try:
            turn = run()
        except StopIteration as end:
            outcome: _T = end.value
            return outcome
        self._open[name] = (card, talk, turn)
        return name, turn


class UnknownConversationError(HarnessError):
    """The other end was restarted, or a newer conversation about the same card took over."""
