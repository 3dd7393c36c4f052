"""The user agrees before things happen, and what they agreed to can be shown afterwards (E9)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties import consent as consents
from jpki.parties.application import Application
from jpki.parties.ca.status import CertStatus
from jpki.parties.consent import TERMS, Consent, Subject, require_consent, revocation_wording
from jpki.parties.messages import Answers, Attest, Begin, Device, Finished, Function, PeerError, Script, Verdict
from jpki.parties.network import Cutter, LinkLostError
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.user import DeclinedError
from jpki.parties.recorder import FlowEventKind, Party
from jpki.parties.world import World
from tests.jpki.flows.snapshot import snapshot
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS, HandSet, Images, Person


def test_the_terms_are_agreed_to_at_the_application(dated: World, later: HandSet) -> None:
    """E9: their text and the time are what the My Number Card signs, and what the SP-TSM keeps."""
    later.advance(3600)
    person = Person()
    finished = dated.app("p1", person).issue(dated.my_number_card("hanako"))
    assert person.shown == [TERMS], "the certificates that go are on this phone"
    kept = Consent(Subject.TERMS, TERMS.text, int(later.now.timestamp()))
    assert dated.provider_records.consents(finished.request_id) == [kept]
    case = dated.provider_records.case(finished.request_id)
    assert case is not None and TERMS.text.splitlines()[1].encode() in case.application.replace(b"\\n", b"\n")


def test_without_the_terms_nothing_is_sent(empty: World) -> None:
    app, before = empty.app("p1", Person(agreeing=False)), snapshot(empty)
    with pytest.raises(DeclinedError, match="terms of use"):
        app.issue(empty.my_number_card("hanako"))
    kinds = {one.kind for one in empty.network.recorder.events}
    assert kinds == {FlowEventKind.ACTION}, "not even a command to a card"
    assert app.pending is None and snapshot(empty) == before


class Choosy(Person):
    """Agrees to the terms and to nothing else."""

    __slots__ = ()

    def agrees(self, wording: consents.Wording) -> bool:
        self.shown.append(wording)
        return wording.subject is Subject.TERMS


def test_a_device_change_asks_for_the_revocation(issued: World) -> None:
    """E4, E9: of the very certificates, by serial number, before anything is done."""
    old = [(one.slot, one.serial) for one in issued.provider_records.certificates_of("hanako")]
    person = Person()
    finished = issued.app("p2", person).issue(issued.my_number_card("hanako"))
    assert person.shown == [TERMS, revocation_wording(old)]
    assert all(f"{serial:X}" in person.shown[1].text for _, serial in old)
    recorded = issued.provider_records.consents(finished.request_id)
    assert [one.text for one in recorded] == [one.text for one in person.shown]
    assert all(issued.ca.status(serial).state is CertStatus.REVOKED for _, serial in old)


def test_only_what_will_be_revoked_is_asked_for(issued: World) -> None:
    """Of two kinds the one that moves, and not what is revoked already."""
    old = {one.slot: one.serial for one in issued.provider_records.certificates_of("hanako")}
    person, card = Person(), issued.my_number_card("hanako")
    issued.app("p2", person).issue(card, (Slot.SIGNING,))
    assert person.shown[1:] == [revocation_wording([(Slot.SIGNING, old[Slot.SIGNING])])]
    issued.ca.revoke(old[Slot.AUTHENTICATION])
    person = Person()
    issued.app("p2", person).issue(card, (Slot.AUTHENTICATION,))
    assert person.shown == [TERMS]


def test_who_does_not_agree_keeps_the_old_phone(issued: World) -> None:
    """Nothing was done but that the new app has a push token; the old phone works, the application has ended."""
    old, before = issued.app("p1", Person()), snapshot(issued, but=("phones/p2", "push"))
    app = issued.app("p2", Choosy())
    with pytest.raises(PeerError, match="did not agree") as refused:
        app.issue(issued.my_number_card("hanako"))
    assert refused.value.final and app.pending is None
    assert snapshot(issued, but=("phones/p2", "push")) == before
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "hanako", slot, PINS[slot])
    assert old.collect() == 0


class LosesTheQuestion(Cutter):
    """The link is lost with the answer that asks for consent."""

    def cross(self, what: str) -> None:
        if what.startswith("the answer to Answers") and not self.count:
            self.count += 1
            raise LinkLostError(what)


def test_asked_again_when_the_question_was_lost(images: Images, tmp_path: Path) -> None:
    """E6: what nobody heard of was not agreed to; the application is not signed again."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    with images.open(tmp_path / "world", seed="question", cutter=LosesTheQuestion()) as world:
        person = Person()
        app = world.app("p2", person)
        with pytest.raises(LinkLostError):
            app.issue(world.my_number_card("hanako"))
        assert app.resume() is not None
        assert [one.subject for one in person.shown] == [Subject.TERMS, Subject.REVOCATION]
        for slot in BOTH:
            check_slot_in_use(world, "p2", "hanako", slot, PINS[slot])


# -- what the SP-TSM does not take -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "did not agree"),
        (Consent(Subject.TERMS, TERMS.text + "!", 100), "another text"),
        (Consent(Subject.REVOCATION, TERMS.text, 100), "another text"),
        (Consent(Subject.TERMS, TERMS.text, 1301), "from the future"),
    ],
)
def test_what_is_no_consent(given: Consent | None, reason: str) -> None:
    good = Consent(Subject.TERMS, TERMS.text, 1300)
    assert require_consent(good, TERMS, 1000) == good
    with pytest.raises(RefusedError, match=reason):
        require_consent(given, TERMS, 1000)


@pytest.mark.parametrize("text", [None, "よく読まずに同意します"])
def test_an_app_that_does_not_show_the_terms(issued: World, text: str | None) -> None:
    """It has the user sign an application without them, or with others: the SP-TSM refuses, and does nothing."""
    se_id = issued.cards.simulated(issued.phone_card("p1")).se_id
    known = issued.provider_records.device(se_id)
    assert known is not None
    device = Device(se_id, known.app_id, known.model, known.push_token, known.push_key)
    terms = None if text is None else Consent(Subject.TERMS, text, 0)
    asked = Application("r1", Function.ISSUE, BOTH, se_id, device.app_id, terms)
    signed = issued.my_number_card("hanako").sign_application(asked.to_bytes(), CARD_PASSWORD)
    call, before = issued.network.call, snapshot(issued, but=("residents",))
    begun = call(Party.PHONE, Party.SP_TSM, Begin("r1", Function.ISSUE, BOTH, device), Script)
    verdict = call(Party.PHONE, Party.ATTESTATION, Attest(device.app_id, begun.nonce), Verdict).jws
    with pytest.raises(PeerError, match=r"did not agree|another text"):
        call(Party.PHONE, Party.SP_TSM, Answers(begun.conversation, (), signed, verdict), Finished)
    assert snapshot(issued, but=("residents",)) == before
    assert replace(asked, terms=None).is_for(Begin("r1", Function.ISSUE, BOTH, device))
