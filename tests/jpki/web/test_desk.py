"""Behind the page: what is asked for and answered, what is told, and what is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest

from cardlab.errors import BusyError, UsageError
from jpki.client.constants import Slot
from jpki.parties.recorder import FlowEvent, FlowEventKind
from jpki.web.desk import Desk
from jpki.web.functions import Wish
from jpki.web.log import Event
from jpki.web.sample import SAMPLE_PASSWORD, SAMPLE_RESIDENT
from jpki.web.telling import Json
from jpki.web.words import COMMANDS, MESSAGES
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import PINS
from tests.jpki.web.conftest import Serve, Served
from tests.waiting import wait_for

WISH = {"function": "apply", "phone": "phone1", "resident": SAMPLE_RESIDENT}


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve()


def told(desk: Desk) -> list[Json]:
    """Everything so far."""
    found: list[Event] = []
    with desk.log.heard_by(found.append):
        return [one.content for one in found]


def wait_for_prompt(desk: Desk, number: int) -> None:
    """Until it is asked."""
    wait_for(lambda: any(one["type"] == "prompt" and one["number"] == number for one in told(desk)))


def answer_all(desk: Desk, answers: Iterable[object]) -> None:
    """The prompts in their order, until the function has ended."""
    for number, answer in enumerate(answers, 1):
        wait_for_prompt(desk, number)
        desk.answer(number, answer)
    wait_for(lambda: told(desk)[-1]["type"] == "ready")


APPLYING = (True, SAMPLE_PASSWORD, PINS[Slot.SIGNING].decode(), PINS[Slot.AUTHENTICATION].decode())


def secrets_in(events: Iterable[FlowEvent]) -> set[str]:
    """Temporary PINs and keys of domains, in base64, as they were in messages (``parties.codec``)."""

    def found(name: str, value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inside in value.items():
                yield from found(key, inside)
        elif isinstance(value, list):
            for inside in value:
                yield from found(name, inside)
        elif name in ("temporary", "keys", "push_key"):
            yield str(value)

    raw = (one for event in events if event.kind is FlowEventKind.MESSAGE for one in (event.request, event.response))
    return {secret for one in raw if one and one.startswith(b"{") for secret in found("", json.loads(one))}


def test_everything_has_a_name_and_no_secret_is_told(served: Served) -> None:
    """Every message and command of an issuance, in words; no password, PIN, temporary PIN or key among them."""
    desk = served.desk
    desk.start(Wish.read(WISH))
    answer_all(desk, APPLYING)
    (phone,) = [one for one in told(desk)[-2]["phones"] if one["name"] == "phone1"]  # type: ignore[attr-defined]
    assert (phone["stage"], phone["arrived"]) == ("applied", ["issued"])
    hidden = secrets_in(served.world.network.recorder.events)
    desk.start(Wish.read({**WISH, "function": "register_certificates"}))
    wait_for(lambda: [one["type"] for one in told(desk)].count("ready") == 2)
    for slot in Slot:
        check_slot_in_use(served.world, "phone1", SAMPLE_RESIDENT, slot, PINS[slot])
    sent = [one for one in told(desk) if one["type"] == "sent"]
    assert {str(one["id"]) for one in sent} <= {*MESSAGES, *COMMANDS}
    assert {str(one["kind"]) for one in sent} == {"message", "apdu"}
    text = json.dumps(told(desk), ensure_ascii=False)
    for secret in (SAMPLE_PASSWORD, *(pin.decode() for pin in PINS.values() if len(pin) > 4)):
        assert secret not in text
        assert secret.encode().hex().upper() not in text
    assert len(hidden) > len(Slot)
    assert [one for one in hidden if one in text] == []
    last = [one for one in told(desk) if one["type"] == "end"][-1]
    assert last["good"] is True


def test_one_function_at_a_time_and_it_can_be_given_up(served: Served) -> None:
    desk = served.desk
    desk.start(Wish.read(WISH))
    wait_for_prompt(desk, 1)
    with pytest.raises(BusyError):
        desk.start(Wish.read(WISH))
    with pytest.raises(UsageError, match="no answer"):
        desk.answer(1, "yes")
    with pytest.raises(UsageError, match="nobody asks"):
        desk.answer(2, True)
    desk.give_up()
    wait_for(lambda: told(desk)[-1]["type"] == "ready")
    ends = [one for one in told(desk) if one["type"] == "end"]
    assert [(one["good"], one["kind"]) for one in ends] == [(False, "declined")]
    with pytest.raises(UsageError, match="nobody asks"):
        desk.answer(1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {"function": "issue"},
        {**WISH, "function": "close"},
        {**WISH, "slots": 7},
        {**WISH, "slots": ["none"]},
        {**WISH, "method": "voice"},
        {**WISH, "phone": "phone3"},
        {**WISH, "resident": "taro"},
        {**WISH, "document": "x" * 20_000},
    ],
)
def test_what_no_page_would_send(served_once: Served, wrong: object) -> None:
    with pytest.raises(UsageError):
        served_once.desk.start(Wish.read(wrong))


@pytest.fixture(scope="module")
def served_once(serve: Serve) -> Served:
    """One whose world stays as it is."""
    return serve()


def test_a_fault_of_ours_is_named_as_one(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is not told what only the log should say."""
    desk = served.desk

    def broken(*_: object, **__: object) -> FlowEvent:
        raise RuntimeError("secret")

    monkeypatch.setattr(served.world.sp_tsm, "handle", broken)
    desk.start(Wish.read({**WISH, "function": "log_in"}))
    wait_for(lambda: told(desk)[-1]["type"] == "ready")
    assert "secret" not in json.dumps(told(desk))


def test_a_card_that_is_not_whole_is_told_and_another_function_may_begin(served: Served) -> None:
    """The world was damaged under the page."""
    desk = served.desk
    served.world.cards.close()
    served.world.phone_card("phone1").write_bytes(b"{}")
    for _ in range(2):
        desk.start(Wish.read({**WISH, "function": "show"}))
        wait_for(lambda: told(desk)[-1]["type"] == "ready")
    ends = [one for one in told(desk) if one["type"] == "end"]
    assert [one["good"] for one in ends] == [False] * len(ends) and len(ends) >= 2
