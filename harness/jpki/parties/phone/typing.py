"""The user types PINs while the phone and the TSM go on with what does not need them (F5).

What was typed is kept in this process's memory until the card can take it, a few seconds, and is never written down: a
lost session asks for it again. Nothing else happens beside the conversation, and nothing here talks to anybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from queue import Queue

from jpki.client.constants import Slot
from jpki.parties.phone.user import User, require_form
from jpki.parties.recorder import Aside, FlowRecorder
from jpki.parties.sections import PIN_SECTION

Ask = Callable[[str, Callable[[], bytes]], bytes]
"""Has the user do something now, while everything waits."""


@dataclass(frozen=True, slots=True)
class _Asked:
    slot: Slot
    aside: Aside
    given: Future[bytes] = field(default_factory=Future)


class Typing:
    """One conversation's PINs. ``begin`` some early, or ``take`` asks when it comes to it.

    With ``beside`` False the user is asked when it comes to it in any case: for who cannot be asked while others talk.
    """

    def __init__(self, user: User, recorder: FlowRecorder, ask: Ask, *, beside: bool) -> None:
        self._user = user
        self._recorder = recorder
        self._ask = ask
        self._beside = beside
        self._begun: dict[Slot, _Asked] = {}
        self._queue: Queue[_Asked | None] = Queue()

    def begin(self, slots: tuple[Slot, ...]) -> None:
        """Have the user begin with these, one after the other; what was begun already goes on."""
        if not self._beside:
            return
        for slot in (one for one in slots if one not in self._begun):
            if not self._begun:  # daemon: a prompt that nobody answers does not keep the process alive
                threading.Thread(target=self._work, daemon=True).start()
            self._begun[slot] = _Asked(slot, self._recorder.begin_aside(_name(slot), PIN_SECTION[slot]))
            self._queue.put(self._begun[slot])

    def take(self, slot: Slot) -> bytes:
        """The PIN, as soon as it is typed; raises what the user's answer raised."""
        if slot not in self._begun:
            return self._ask(_name(slot), lambda: self._typed(slot))
        asked = self._begun[slot]
        return self._recorder.wait_for(asked.aside, asked.given.result)

    def close(self) -> None:
        """Nobody will take any more."""
        self._queue.put(None)

    def _typed(self, slot: Slot) -> bytes:
        return require_form(slot, self._user.new_pin(slot))

    def _work(self) -> None:
        while (asked := self._queue.get()) is not None:
            try:
                pin = asked.aside.timed(partial(self._typed, asked.slot))
            except BaseException as error:  # it belongs to whoever takes the PIN
                asked.given.set_exception(error)
            else:
                asked.given.set_result(pin)


def _name(slot: Slot) -> str:
    return f"new {slot.pin_name}"
