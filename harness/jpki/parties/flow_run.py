"""One function of the app as a stream of what happens, for programs that show it or take part in it.

    with FlowRun(world, "p1", lambda app: app.issue(world.my_number_card("hanako"))) as run:
        for happening in run:
            if isinstance(happening, EnterPin):
                run.answer(b"HANAKO123" if happening.slot is Slot.SIGNING else b"1234")
            elif ...

The function runs in a thread of its own. It waits where it asks its user something (``phone.prompts``), and nowhere
else; the last thing that happens is ``FlowEnded``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Queue

from cardlab.closing import Closing
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.prompts import Prompt, PromptAnswer, PromptedUser
from jpki.parties.phone.user import DeclinedError
from jpki.parties.recorder import Heard
from jpki.parties.world import World


@dataclass(frozen=True, slots=True)
class FlowEnded:
    """It came to its end: with what the function returned, or with what it raised."""

    result: object = None
    error: BaseException | None = None


Happening = Heard | Prompt | FlowEnded


class FlowRun(Closing):
    """One run. Closing it before its end is the user giving up: the next prompt is declined, and it ends."""

    def __init__(self, world: World, phone: str, act: Callable[[PhoneApp], object]) -> None:
        self._happenings: Queue[Happening] = Queue()
        self._answers: Queue[PromptAnswer] = Queue()
        self._given_up = threading.Event()
        self._asking = threading.Lock()
        self._world = world
        app = world.app(phone, PromptedUser(self._ask))
        self._thread = threading.Thread(target=self._run, args=(app, act), daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Happening]:
        """Everything in order, to the end; a prompt waits for ``answer``."""
        while True:
            happening = self._happenings.get()
            yield happening
            if isinstance(happening, FlowEnded):
                return

    def answer(self, answer: PromptAnswer) -> None:
        """What the user says to the last prompt."""
        self._answers.put(answer)

    def close(self) -> None:
        """Give up what waits, and wait for the end; what was interrupted can be resumed."""
        self._given_up.set()
        self._answers.put(None)
        self._thread.join()

    def _run(self, app: PhoneApp, act: Callable[[PhoneApp], object]) -> None:
        recorder = self._world.network.recorder
        with recorder.heard_by(self._happenings.put):
            try:
                ended = FlowEnded(act(app))
            except BaseException as error:  # whatever it is, it belongs to whoever iterates
                ended = FlowEnded(error=error)
        self._happenings.put(ended)

    def _ask(self, prompt: Prompt) -> PromptAnswer:
        with self._asking:
            if not self._given_up.is_set():
                self._happenings.put(prompt)
                answer = self._answers.get()
            if self._given_up.is_set():
                raise DeclinedError("the user gave up", hint="start again; it goes on where it was")
            return answer
