"""The app's part in a conversation between TSM and card: it runs scripts, and has the user's PINs set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.transport import Transport
from jpki.client.user import JpkiClient
from jpki.parties.clock import Clock
from jpki.parties.consent import Consent, Wording
from jpki.parties.messages import (
    Answers,
    Applied,
    Attest,
    Begin,
    Command,
    Finished,
    Script,
    SetPin,
    Verdict,
)
from jpki.parties.network import Network
from jpki.parties.phone.typing import Typing
from jpki.parties.phone.user import User
from jpki.parties.recorder import FlowEventKind, Party, Section

_T = TypeVar("_T")
_Said = Script | Finished | Applied


class Relay:
    """Runs one function of the TSM to its end; whatever is interrupted is begun anew with the same request."""

    def __init__(self, network: Network, card: Transport, user: User, clock: Clock, *, beside: bool) -> None:
        """``beside``: the user can type while others go on (F5)."""
        self._beside = beside
        self._network = network
        self._card = card
        self._user = user
        self._clock = clock

    def run(self, begin: Begin, application: bytes) -> Finished | Applied:
        """``application`` is what the user has signed, for the TSM to check."""
        self._card.reset()  # nothing that an interrupted run left behind in the card's memory
        typing = Typing(self._user, self._network.recorder, self.ask, beside=self._beside)
        try:
            answer = self._authorised(begin, application, typing)
            while isinstance(answer, Script):
                responses, section = self._execute(answer, typing)
                with self._network.recorder.within(section):
                    answer = self._answer(Answers(answer.conversation, responses))
            return answer
        finally:
            typing.close()

    def _authorised(self, begin: Begin, application: bytes, typing: Typing) -> _Said:
        """The first turn, and the user's consent if it is asked for (E9)."""
        with self._network.recorder.within(Section.APPLY):
            answer: _Said = self._network.call(Party.PHONE, Party.SP_TSM, begin, _Said)
            if isinstance(answer, Script) and answer.nonce:
                responses, _ = self._execute(answer, typing)
                attest = Attest(begin.device.app_id, answer.nonce)
                verdict = self._network.call(Party.PHONE, Party.ATTESTATION, attest, Verdict).jws
                answer = self._answer(Answers(answer.conversation, responses, application, verdict))
            while isinstance(answer, Script) and answer.question is not None:
                answer = self._answer(Answers(answer.conversation, (), consent=self.consent(answer.question)))
        return answer

    def _answer(self, answers: Answers) -> _Said:
        answer: _Said = self._network.call(Party.PHONE, Party.SP_TSM, answers, _Said)
        return answer

    def _execute(self, script: Script, typing: Typing) -> tuple[tuple[bytes, ...], Section]:
        """The responses up to the first that the script does not allow, and the section that it belongs to."""
        typing.begin(script.typing)
        responses: list[bytes] = []
        section = self._network.recorder.section
        for step in script.steps:
            section = step.section
            with self._network.recorder.within(section):
                if isinstance(step, SetPin):
                    self._set_pin(step, typing)
                    responses.append(b"")
                else:
                    responses.append(self._card.transmit(step.apdu))
                    if not _goes_on(step, responses[-1]):
                        break
        return tuple(responses), section

    def _set_pin(self, step: SetPin, typing: Typing) -> None:
        pin = typing.take(step.slot)
        client = JpkiClient(self._card)
        client.verify(step.slot, step.temporary)
        client.change_pin(step.slot, pin)

    def consent(self, wording: Wording) -> Consent | None:
        """Have the user agree to a text (E9), None when they do not; when they did is by the phone's clock."""
        agreed = self.ask(f"consent: {wording.subject.value}", lambda: self._user.agrees(wording))
        return Consent(wording.subject, wording.text, int(self._clock().timestamp())) if agreed else None

    def ask(self, what: str, answer: Callable[[], _T]) -> _T:
        """Have the user do something; what it was is recorded, the answer is not."""
        given: list[_T] = []

        def act() -> bytes:
            given.append(answer())
            return b""

        self._network.recorder.record(FlowEventKind.ACTION, Party.USER, Party.PHONE, what, b"", act)
        return given[0]


def _goes_on(step: Command, response: bytes) -> bool:
    status = ResponseApdu.from_bytes(response)
    return status.ok or status.sw in step.allowed
