"""Each party answers those whose business it is, and what is its business; nothing of the rest leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cardlab.errors import VerificationError
from jpki.client.constants import Slot
from jpki.parties import messages
from jpki.parties.application import Application
from jpki.parties.codec import decode, encode
from jpki.parties.messages import (
    Acknowledge,
    Answers,
    AskCertificates,
    AskPolicy,
    AskState,
    Attest,
    Begin,
    Certificates,
    CheckApplication,
    Collect,
    Device,
    Finished,
    Function,
    IssueCertificate,
    Issued,
    IssuerAnswers,
    Notify,
    PeerError,
    PrepareApplet,
    RegisterApp,
    ReleaseCertificate,
    RemoveApplet,
    Request,
    RevokeCertificate,
    Script,
)
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.records import Pending
from jpki.parties.recorder import Party
from jpki.parties.world import World
from tests.jpki.flows.snapshot import snapshot
from tests.jpki.flows.worlds import CARD_PASSWORD, Person

SE_ID = bytes(18)
KEY = bytes(16)
DEVICE = Device(SE_ID, "app", "M1", "token", KEY)
SAMPLES: tuple[Request, ...] = (
    Begin("request", Function.ISSUE, BOTH, DEVICE),
    Answers("conversation", ()),
    AskPolicy("M1"),
    AskCertificates(SE_ID, "app"),
    PrepareApplet(SE_ID),
    RemoveApplet(SE_ID),
    IssuerAnswers("conversation", ()),
    CheckApplication(b""),
    IssueCertificate("request", Slot.SIGNING, b"", b""),
    RevokeCertificate(1, "superseded"),
    ReleaseCertificate(1, b""),
    AskState(1),
    RegisterApp("app"),
    Notify("token", "message", b""),
    Collect("token"),
    Acknowledge("token", "message"),
    Attest("app", b""),
)
ANYBODY = frozenset(Party)
PHONE, PROVIDER = frozenset({Party.PHONE}), frozenset({Party.SP_TSM})
# Who answers what, to whom.
BUSINESS: dict[Party, dict[type, frozenset[Party]]] = {
    Party.SP_TSM: dict.fromkeys((Begin, Answers, AskPolicy, AskCertificates), PHONE),
    Party.SEI_TSM: dict.fromkeys((PrepareApplet, RemoveApplet, IssuerAnswers), PROVIDER),
    Party.JLIS: {
        **dict.fromkeys((CheckApplication, IssueCertificate, RevokeCertificate, ReleaseCertificate), PROVIDER),
        AskState: ANYBODY,
    },
    Party.PUSH: {**dict.fromkeys((RegisterApp, Collect, Acknowledge), ANYBODY), Notify: PROVIDER},
    Party.ATTESTATION: {Attest: ANYBODY},
}
REASONS = {
    Party.SP_TSM: ("has nothing to ask the SP-TSM", "is nothing an SP-TSM answers"),
    Party.SEI_TSM: ("is no service provider of ours", "is nothing an SEI-TSM answers"),
    Party.JLIS: ("may not ask for that", "is nothing J-LIS answers"),
    Party.PUSH: ("is nothing the push service takes", "is nothing the push service takes"),
    Party.ATTESTATION: ("", "is nothing the attestation service answers"),
}


def test_there_is_a_sample_of_every_request() -> None:
    assert {type(one) for one in SAMPLES} == set(messages.Request.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("receiver", BUSINESS)
def test_no_other_sender_and_no_other_message_is_answered(issued: World, receiver: Party) -> None:
    """Every request, from every party that has no business with it."""
    before = snapshot(issued)
    stranger, foreign = REASONS[receiver]
    for request in SAMPLES:
        known = BUSINESS[receiver].get(type(request), frozenset())
        for sender in sorted(ANYBODY - known):
            with pytest.raises(PeerError) as refused:
                issued.network.call(sender, receiver, request, Finished)
            said = str(refused.value)
            assert refused.value.final, said
            assert (stranger and stranger in said) or (not known and foreign in said), (sender, request, said)
    assert snapshot(issued) == before


@pytest.mark.parametrize("sender", sorted(ANYBODY - PHONE))
def test_nobody_takes_part_in_a_phones_conversation(issued: World, sender: Party) -> None:
    """Though they know its name; the phone's own answer is taken afterwards."""
    se_id = issued.cards.simulated(issued.phone_card("p1")).se_id
    device = Device(se_id, "app", "M1", "token", KEY)
    script = issued.network.call(Party.PHONE, Party.SP_TSM, Begin("r", Function.RENEW, BOTH, device), Script)
    answers = Answers(script.conversation, ())
    with pytest.raises(PeerError, match="has nothing to ask the SP-TSM"):
        issued.network.call(sender, Party.SP_TSM, answers, Finished)
    with pytest.raises(PeerError, match="verdict on the phone"):
        issued.network.call(Party.PHONE, Party.SP_TSM, answers, Finished)


# -- another installation of the app on the same phone ----------------------------------------------------------------


def test_another_installation_has_nothing_of_the_first(issued: World) -> None:
    """E2: it can renew, reset and revoke nothing, and hears nothing of what is there."""
    issued.uninstall_app("p1")
    app, card = issued.app("p1", Person()), issued.my_number_card("hanako")
    before = {one.serial: issued.ca.status(one.serial).state for one in issued.ca.certificates_of("hanako")}
    for ask in (app.renew, app.reset_pin, app.revoke):
        with pytest.raises(PeerError, match="the app was installed anew"):
            ask(card, BOTH)
        assert app.pending is None
    assert {one.serial: issued.ca.status(one.serial).state for one in issued.ca.certificates_of("hanako")} == before
    se_id = issued.cards.simulated(issued.phone_card("p1")).se_id
    asked = AskCertificates(se_id, "another")
    assert issued.network.call(Party.PHONE, Party.SP_TSM, asked, Certificates) == Certificates((), ())


@pytest.mark.parametrize("what", ["installation", "function", "slots"])
def test_another_installations_request_is_not_resumed(issued: World, what: str) -> None:
    """A request is its installation's, and for what it was for: it is answered to nobody else, and begins nothing."""
    app, card = issued.app("p1", Person()), issued.my_number_card("hanako")
    finished = app.renew(card, BOTH)
    function = Function.RENEW
    slots: tuple[Slot, ...] = BOTH
    if what == "installation":
        issued.uninstall_app("p1")
        app = issued.app("p1", Person())
    elif what == "function":
        function = Function.REVOKE
    else:
        slots = (Slot.SIGNING,)
    before = snapshot(issued, but=("phones", "push"))
    app._records.begin(Pending(finished.request_id, function, slots, b"an application that nobody looks at"))
    with pytest.raises(PeerError, match="this request was for something else"):
        app.resume()
    assert snapshot(issued, but=("phones", "push")) == before


@pytest.mark.parametrize("field", ["request", "function", "slots", "secure element", "installation"])
def test_an_application_for_another_request_is_not_taken(issued: World, field: str) -> None:
    """E2: what the user signed names all of it; none of it is another's."""
    app, card = issued.app("p1", Person()), issued.my_number_card("hanako")
    se_id = issued.cards.simulated(issued.phone_card("p1")).se_id
    known = issued.provider_records.device(se_id)
    assert known is not None
    right = Application("r9", Function.RENEW, BOTH, se_id, known.app_id)
    other = {
        "request": replace(right, request_id="r8"),
        "function": replace(right, function=Function.RESET_PIN),
        "slots": replace(right, slots=(Slot.SIGNING,)),
        "secure element": replace(right, se_id=issued.cards.simulated(issued.phone_card("p2")).se_id),
        "installation": replace(right, app_id="another"),
    }[field]
    before = snapshot(issued, but=("phones", "push"))
    for asked, refused in ((other, True), (right, False)):
        signed = card.sign_application(asked.to_bytes(), CARD_PASSWORD)
        app._records.begin(Pending("r9", Function.RENEW, BOTH, signed))
        if not refused:
            app.resume()
            break
        with pytest.raises(PeerError, match="the application that was signed is for something else"):
            app.resume()
        assert snapshot(issued, but=("phones", "push")) == before


def test_a_secure_element_of_another_issuer(issued: World) -> None:
    for request in (PrepareApplet(SE_ID), RemoveApplet(SE_ID)):
        with pytest.raises(PeerError, match="is not one of ours"):
            issued.network.call(Party.SP_TSM, Party.SEI_TSM, request, Finished)


# -- a certificate that was replaced on its way -----------------------------------------------------------------------


def replacing(world: World, with_what: Callable[[Issued], Issued]) -> None:
    """Somebody between J-LIS and the SP-TSM."""

    def line(sender: Party, receiver: Party, answer: bytes) -> bytes:
        if receiver is Party.JLIS and b'"Issued"' in answer:
            return encode(with_what(decode(answer, Issued)))
        return answer

    world.network.line = line


def test_a_certificate_that_was_replaced_does_not_serve(empty: World) -> None:
    """The phone has another's certificate: the trial after registration says so, and so does everybody who verifies."""
    other = empty.app("p2", Person())
    other.issue(empty.my_number_card("taro"))
    foreign = {slot: other.show(slot).der for slot in BOTH}
    slots: dict[bytes, Slot] = {}

    def swapped(issued: Issued) -> Issued:
        slot = next(one for one in BOTH if empty.ca.ca_certificate(one) == issued.ca_certificate)
        slots[issued.certificate] = slot
        return Issued(issued.serial, foreign[slot], issued.ca_certificate)

    replacing(empty, swapped)
    app = empty.app("p1", Person())
    app.issue(empty.my_number_card("hanako"))
    assert len(slots) == 2
    for slot in BOTH:
        with pytest.raises(VerificationError, match="does not verify"):
            app.try_out(slot)
