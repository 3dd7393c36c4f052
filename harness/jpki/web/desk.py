"""One world, and the phones of it that somebody uses through pages: one function at a time."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping

from cardlab.closing import Closing
from cardlab.errors import BusyError, HarnessError, UsageError
from cardlab.printable import printable
from jpki.client.errors import WrongPinError
from jpki.parties.consent import TERMS
from jpki.parties.flow_run import FlowEnded, FlowRun
from jpki.parties.keystore import NotRecognisedError
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.prompts import (
    Agree,
    ChooseInstead,
    EnterCardPassword,
    EnterPin,
    Prompt,
    PromptAnswer,
    Recognise,
)
from jpki.parties.phone.user import DeclinedError, Means
from jpki.parties.recorder import Section
from jpki.parties.world import World
from jpki.web.functions import FUNCTIONS, Hands, Wish
from jpki.web.holdings import parties_json, phone_json
from jpki.web.log import EventLog
from jpki.web.service import ExampleService
from jpki.web.telling import Json, Teller, slot_name, wording_json

_log = logging.getLogger(__name__)


class Desk(Closing):
    """``hints`` are passwords that the page may show, of residents who were made for it."""

    def __init__(self, world: World, hints: Mapping[str, str] | None = None) -> None:
        self.log = EventLog()
        self._world = world
        self._hints = dict(hints or {})
        self._service = ExampleService(world, secrets.token_bytes)
        self._lock = threading.Lock()
        self._using = threading.Lock()  # the cards: a function, or a look at a phone
        self._run: FlowRun | None = None
        self._prompt: tuple[int, Prompt] | None = None
        self._count = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    # -- what the page asks for ---------------------------------------------------------------------------------------

    def facts(self) -> Json:
        """What does not change while it is open."""
        return {
            "phones": list(self._world.phones),
            "residents": [{"name": name, "password": self._hints.get(name)} for name in self._world.residents],
            "terms": wording_json(TERMS),
        }

    def start(self, wish: Wish) -> None:
        """Begin a function; raises BusyError while another runs, UsageError for phones and people not here."""
        if wish.phone not in self._world.phones or wish.resident not in ("", *self._world.residents):
            raise UsageError("there is no such phone or resident")
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise BusyError("another function runs", hint="end it first, or give it up")
            self._thread = threading.Thread(target=self._follow, args=(wish,), daemon=True)
            self._thread.start()

    def answer(self, number: int, answer: object) -> None:
        """What the user says to a prompt; raises UsageError when it is not the one that waits, or no such answer."""
        with self._lock:
            if self._run is None or self._prompt is None or self._prompt[0] != number:
                raise UsageError("nobody asks for that now")
            given = _answer(self._prompt[1], answer)
            self._prompt = None
            self.log.add({"type": "answered prompt", "number": number})
            self._run.answer(given)

    def give_up(self) -> None:
        """The user leaves what runs; it can be resumed."""
        with self._lock:
            run, self._prompt = self._run, None
        if run is not None:
            run.close()

    def order_away(self, serial: int) -> None:
        """A phone was lost: the key of a certificate on it is to be deleted (E5)."""
        if not self._using.acquire(blocking=False):
            raise BusyError("a function runs", hint="end it first, or give it up")
        try:
            self._world.sp_tsm.order_removal(serial)
        finally:
            self._using.release()
        self.look()

    def look(self) -> None:
        """Tell what everybody holds now; of phones only when nothing runs."""
        content: Json = {"type": "state", **parties_json(self._world)}
        if self._using.acquire(blocking=False):
            try:
                content["phones"] = [phone_json(self._world, name) for name in self._world.phones]
            finally:
                self._using.release()
        self.log.add(content)

    def close(self) -> None:
        """Give up what runs, and wait for its end."""
        self._closed = True
        self.give_up()
        if self._thread is not None:
            self._thread.join()

    # -- a function runs ----------------------------------------------------------------------------------------------

    def _follow(self, wish: Wish) -> None:
        """To its end, and whatever happens the page hears that another function may begin."""
        try:
            with self._using:
                self.log.add({"type": "begin", "function": wish.function, "phone": wish.phone})
                self._told(wish)
            self.look()
        except HarnessError as error:  # a card that is not whole, a store that is another
            self.log.add(_error(error))
        finally:
            self.log.add({"type": "ready"})

    def _told(self, wish: Wish) -> None:
        self._world.network.recorder.clear()

        def act(app: PhoneApp) -> Json:
            return FUNCTIONS[wish.function](Hands(app, wish, self._world, self._service))

        teller = Teller()
        with FlowRun(self._world, wish.phone, act) as run:
            self._run = run
            if self._closed:
                run.close()
            for happening in run:
                if isinstance(happening, FlowEnded):
                    self._run, self._prompt = None, None
                    self.log.add(_end(happening))
                elif told := teller.tell(happening):
                    self.log.add(self._numbered(told, happening) if isinstance(happening, Prompt) else told)
                    if isinstance(happening, Section):
                        self.log.add({"type": "state", **parties_json(self._world)})

    def _numbered(self, told: Json, prompt: Prompt) -> Json:
        with self._lock:
            self._count += 1
            self._prompt = (self._count, prompt)
        return {**told, "number": self._count}


def _answer(prompt: Prompt, answer: object) -> PromptAnswer:
    """What the page sent, as the app takes it."""
    match prompt, answer:
        case ((EnterPin() | EnterCardPassword()), str()) if answer.isascii():
            return answer.encode()
        case ((Recognise() | Agree()), bool()):
            return answer
        case ChooseInstead(), None:
            return None
        case ChooseInstead(), str() if answer.upper() in Means.__members__:
            return Means[answer.upper()]
    raise UsageError("this is no answer to what was asked")


def _end(ended: FlowEnded) -> Json:
    if ended.error is not None:
        return _error(ended.error)
    return {"type": "end", "good": True, "result": ended.result}


def _error(error: BaseException) -> Json:
    """In words; a fault of ours is said to be one, and its traceback is in the log."""
    told: Json = {"type": "end", "good": False, "kind": "other", "text": printable(str(error))}
    match error:
        case WrongPinError():
            told |= {"kind": "wrong_pin", "slot": slot_name(error.slot), "tries": error.tries_left}
        case DeclinedError():
            told |= {"kind": "declined"}
        case NotRecognisedError():
            told |= {"kind": "not_recognised"}
        case HarnessError():
            pass
        case _:
            _log.error("a function of the app failed", exc_info=error)
            told |= {"text": f"a fault in the program: {type(error).__name__}"}
    return {**told, "hint": printable(error.hint) if isinstance(error, HarnessError) else ""}
