"""A function of the app as a stream of happenings, with prompts as data (E3, E10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jpki.certificates.indicator import Method
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.consent import TERMS, Subject
from jpki.parties.flow_run import FlowEnded, FlowRun, Happening
from jpki.parties.messages import Finished
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.prompts import (
    Agree,
    ChooseInstead,
    EnterCardPassword,
    EnterPin,
    Prompt,
    PromptAnswer,
    PromptedUser,
    Recognise,
)
from jpki.parties.phone.user import DeclinedError, Means
from jpki.parties.recorder import ExchangeBegan, ExchangeEnded, FlowEventKind, Section
from jpki.parties.world import World
from tests.jpki.flows.truth import check_slot_in_use, method_of
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS


def user(prompt: Prompt) -> PromptAnswer:
    """Somebody who looks at screens."""
    match prompt:
        case EnterPin():
            return PINS[prompt.slot]
        case EnterCardPassword():
            return CARD_PASSWORD
        case Recognise():
            return False
        case Agree():
            return True
        case ChooseInstead():
            return Means.PIN


def followed(world: World, phone: str, act: Callable[[PhoneApp], object]) -> tuple[list[Happening], FlowEnded]:
    """Everything that happened, and the end."""
    seen: list[Happening] = []
    with FlowRun(world, phone, act) as run:
        for happening in run:
            seen.append(happening)
            if isinstance(happening, Prompt):
                run.answer(user(happening))
    end = seen[-1]
    assert isinstance(end, FlowEnded)
    return seen, end


def test_issuing(issued: World) -> None:
    """A device change: the prompts in their order, every exchange with its beginning and end, the sections between."""
    seen, end = followed(issued, "p2", lambda app: app.issue(issued.my_number_card("hanako")))
    assert isinstance(end.result, Finished)
    prompts = [one for one in seen if isinstance(one, Prompt)]
    assert [type(one) for one in prompts] == [Agree, EnterCardPassword, Agree, EnterPin, EnterPin]
    agreed = [one.wording for one in prompts if isinstance(one, Agree)]
    assert agreed[0] == TERMS and agreed[1].subject is Subject.REVOCATION
    pins = [one for one in prompts if isinstance(one, EnterPin)]
    assert [(one.slot, one.new, one.form[:1]) for one in pins] == [(BOTH[0], True, "6"), (BOTH[1], True, "4")]
    began = {one.place: one for one in seen if isinstance(one, ExchangeBegan)}
    ended = {one.place: one.event for one in seen if isinstance(one, ExchangeEnded)}
    assert began.keys() == ended.keys()
    assert all((one.name, one.request) == (ended[place].name, ended[place].request) for place, one in began.items())
    assert {one.kind for one in began.values()} == set(FlowEventKind)
    sections = [one for one in seen if isinstance(one, Section)]
    assert {Section.APPLY, Section.SIGNING_KEY, Section.STORE_AUTHENTICATION_CERTIFICATE} <= set(sections)
    for slot in BOTH:
        check_slot_in_use(issued, "p2", "hanako", slot, PINS[slot])


def test_logging_in_after_a_failure(issued: World) -> None:
    seen, end = followed(issued, "p1", lambda app: app.authenticate(b"text"))
    assert [one for one in seen if isinstance(one, Prompt)] == [
        Recognise(DeviceMethod.BIOMETRIC),
        ChooseInstead(DeviceMethod.BIOMETRIC, (Means.BIOMETRIC, Means.PIN)),
        EnterPin(Slot.AUTHENTICATION, new=False),
    ]
    assert isinstance(end.result, bytes) and method_of(issued, end.result) is Method.PIN


def test_an_error_is_its_end(issued: World) -> None:
    _, end = followed(issued, "p2", lambda app: app.show(Slot.SIGNING))
    assert end.result is None and "SELECT the JPKI applet" in str(end.error)


@pytest.mark.parametrize("asked", [Agree, EnterPin])
def test_giving_up_at_a_prompt(empty: World, asked: type[Prompt]) -> None:
    """The window is closed: the thread ends, and what was begun is resumed in the next run (E6)."""
    with FlowRun(empty, "p1", lambda app: app.issue(empty.my_number_card("hanako"))) as run:
        for happening in run:
            if isinstance(happening, asked):
                break
            if isinstance(happening, Prompt):
                run.answer(user(happening))
    with FlowRun(empty, "p1", lambda app: app.issue(empty.my_number_card("hanako"))) as run:
        for happening in run:
            if isinstance(happening, Prompt):
                run.answer(user(happening))
    for slot in BOTH:
        check_slot_in_use(empty, "p1", "hanako", slot, PINS[slot])


def test_an_answer_of_another_kind(empty: World) -> None:
    """A fault of the program that asks, and named as one."""
    with pytest.raises(TypeError, match="EnterPin is answered with bytes, not bool"):
        PromptedUser(lambda _prompt: True).new_pin(Slot.SIGNING)
    with pytest.raises(TypeError, match="ChooseInstead is answered with Means, not bytes"):
        PromptedUser(lambda _prompt: b"").instead(DeviceMethod.BIOMETRIC, ())
    with FlowRun(empty, "p1", lambda app: app.issue(empty.my_number_card("hanako"))) as run:
        first = next(iter(run))
        run.close()
        assert isinstance(first, Section | Prompt | ExchangeBegan)
        end = list(run)[-1]
        assert isinstance(end, FlowEnded) and isinstance(end.error, DeclinedError)
