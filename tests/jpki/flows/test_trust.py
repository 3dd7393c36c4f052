"""What the parties do not take from each other: verdicts, responses and applications that were tampered with."""

from __future__ import annotations

import base64
import datetime
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import RefusedError
from cardlab.transport import Layer, Transport
from jpki.client.constants import Profile, Slot
from jpki.parties.application import Application
from jpki.parties.attestation import MAX_AGE, AttestationService, Condition, Evaluation, Integrity, require_sound
from jpki.parties.messages import (
    Attest,
    Begin,
    CheckApplication,
    Checked,
    Device,
    Finished,
    Function,
    IssueCertificate,
    Issued,
    PeerError,
    PrepareApplet,
    Removed,
    RevokeCertificate,
    Verdict,
)
from jpki.parties.recorder import Party
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, check_slot_in_use
from tests.jpki.flows.worlds import CARD_PASSWORD, Images, Person

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
NONCE = bytes(range(16))
SOUND = Integrity()


def verdict(*, found: Integrity = SOUND, nonce: bytes = NONCE, app_id: str = "app") -> str:
    answer = AttestationService(KEY, lambda _: found, lambda: NOW).handle(Party.PHONE, Attest(app_id, nonce))
    assert isinstance(answer, Verdict)
    return answer.jws


def check(jws: str, later: float = 0) -> None:
    require_sound(jws, key=KEY.public_key(), nonce=NONCE, app_id="app", now=NOW.timestamp() + later)


def test_a_good_verdict() -> None:
    check(verdict())
    check(verdict(), later=MAX_AGE)


@pytest.mark.parametrize(
    "jws, later",
    [
        (verdict(found=Condition.ROOTED.integrity), 0),
        (verdict(nonce=bytes(16)), 0),
        (verdict(app_id="other"), 0),
        (verdict(), MAX_AGE + 1),
        (verdict(), -MAX_AGE - 1),
        ("", 0),
        ("a.b.c", 0),
    ],
)
def test_a_bad_verdict(jws: str, later: float) -> None:
    with pytest.raises(RefusedError):
        check(jws, later)


def altered(field: str, value: object) -> str:
    """A verdict that says something else in one field, signed by the service's key (RFC 7515, 3.1; RFC 7518, 3.4)."""
    header, payload, _ = verdict().split(".")
    facts = {**json.loads(_bytes(payload)), field: value}
    signed = f"{header}.{base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip('=')}"
    r, s = decode_dss_signature(KEY.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode().rstrip("=")
    return f"{signed}.{signature}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ctsProfileMatch", False),
        ("ctsProfileMatch", "true"),
        ("basicIntegrity", False),
        ("basicIntegrity", None),
        ("evaluationType", "BASIC"),
        ("evaluationType", ""),
        ("evaluationType", "NOT_HARDWARE_BACKED"),
        ("timestampMs", None),
    ],
)
def test_each_field_of_a_verdict_counts(field: str, value: object) -> None:
    """E8: the three fields one by one; a phone that is tampered with has more than one of them wrong."""
    check(altered("evaluationType", "HARDWARE_BACKED"))
    with pytest.raises(RefusedError):
        check(altered(field, value))


@pytest.mark.parametrize("cts", [True, False])
@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize("evaluation", Evaluation)
def test_every_verdict_of_the_service(cts: bool, basic: bool, evaluation: Evaluation) -> None:
    """E8: all three fields at every value that the service gives them; one combination of eight will do."""
    found = Integrity(cts, basic, evaluation)
    if cts and basic and evaluation is Evaluation.HARDWARE_BACKED:
        check(verdict(found=found))
        return
    with pytest.raises(RefusedError) as refused:
        check(verdict(found=found))
    wrong = {name for name, good in (("ctsProfileMatch", cts), ("basicIntegrity", basic)) if not good}
    said = {name for name in ("ctsProfileMatch", "basicIntegrity") if name in str(refused.value)}
    assert said == wrong
    assert ("backed by hardware" in str(refused.value)) is not bool(wrong)


@pytest.mark.parametrize("condition", [one for one in Condition if one is not Condition.UNTOUCHED])
def test_a_phone_in_any_condition_is_refused(empty: World, condition: Condition) -> None:
    """E8: the trial's list of what is found; nothing is left on the phone or at the SP-TSM."""
    empty.tamper("p1", condition.integrity)
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    with pytest.raises(PeerError, match=r"tampered|hardware") as refused:
        app.issue(card)
    assert refused.value.final and app.pending is None
    assert card_state(empty, "p1") is None
    assert empty.provider_records.device(empty.cards.simulated(empty.phone_card("p1")).se_id) is None


@given(place=st.integers(0, len(verdict()) - 1), sign=st.sampled_from("AZaz09-_.{"))
def test_an_altered_verdict(place: int, sign: str) -> None:
    """Whatever is altered, it counts for nothing unless the bytes that it stands for are the same."""
    good = verdict()
    bad = good[:place] + sign + good[place + 1 :]
    try:
        check(bad)
    except RefusedError:
        return
    assert [_bytes(part) for part in bad.split(".")] == [_bytes(part) for part in good.split(".")]


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_verdict_without_signature() -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    with pytest.raises(RefusedError, match="verify"):
        check(f"{header}.{verdict().split('.')[1]}.")


class Altering(Layer):
    """Flips a bit of the first response to one instruction: somebody between card and TSM."""

    def __init__(self, lower: Transport, ins: int) -> None:
        super().__init__(lower)
        self.ins: int | None = ins

    def transmit(self, command: bytes) -> bytes:
        response = super().transmit(command)
        if command[1] == self.ins and len(response) > 25:
            self.ins = None
            return bytes((*response[:20], response[20] ^ 1, *response[21:]))
        return response


@pytest.mark.parametrize("ins", [0x50, 0xE6, 0x46, 0xF2], ids=["cryptogram", "installation", "public key", "status"])
def test_a_response_that_was_altered(images: Images, tmp_path: Path, ins: int) -> None:
    """D1: it is noticed before anything is built on it, and the session after that is as good as any."""
    shutil.copytree(images.folder / "empty", tmp_path / "world")
    altering: list[Altering] = []

    def layer(lower: Transport) -> Transport:
        altering.append(Altering(lower, ins))
        return altering[-1]

    with images.open(tmp_path / "world", seed="altered", layer=layer) as world:
        app = world.app("p1", Person())
        with pytest.raises(PeerError, match=r"does not verify|is wrong"):
            app.issue(world.my_number_card("hanako"), (Slot.AUTHENTICATION,))
        assert altering[0].ins is None
        assert not [one for one in world.ca.certificates_of("hanako") if one.medium is Profile.PHONE]
        app.resume()
        check_slot_in_use(world, "p1", "hanako", Slot.AUTHENTICATION, b"1234")


def test_an_application_for_something_else(empty: World) -> None:
    """What was signed is what is done: not another function, another slot or another word."""
    card, se_id = empty.my_number_card("hanako"), empty.cards.simulated(empty.phone_card("p1")).se_id
    for function, slots in ((Function.RESET_PIN, (Slot.SIGNING,)), (Function.ISSUE, (Slot.AUTHENTICATION,))):
        asked = Application("r1", function, slots, se_id, "app")
        with pytest.raises(PeerError, match=r"for something else|not for a certificate"):
            _ask_for_certificate(empty, card.sign_application(asked.to_bytes(), CARD_PASSWORD))
    asked = Application("r1", Function.ISSUE, (Slot.SIGNING,), se_id, "app")
    good = card.sign_application(asked.to_bytes(), CARD_PASSWORD)
    altered = bytearray(good)
    altered[len(altered) // 2] ^= 1
    with pytest.raises(PeerError):
        empty.network.call(Party.SP_TSM, Party.JLIS, CheckApplication(bytes(altered)), Checked)
    assert empty.network.call(Party.SP_TSM, Party.JLIS, CheckApplication(good), Checked).user == "hanako"


def _ask_for_certificate(world: World, application: bytes) -> None:
    request = IssueCertificate("r1", Slot.SIGNING, b"", application)
    world.network.call(Party.SP_TSM, Party.JLIS, request, Issued)


def test_nobody_else_is_answered(issued: World) -> None:
    """Each party answers those whose business it is."""
    (one, *_) = issued.provider_records.certificates_of("hanako")
    for sender in (Party.PHONE, Party.VERIFIER, Party.SEI_TSM):
        with pytest.raises(PeerError):
            issued.network.call(sender, Party.JLIS, RevokeCertificate(one.serial, "superseded"), Finished)
        with pytest.raises(PeerError):
            issued.network.call(sender, Party.SEI_TSM, PrepareApplet(one.se_id), Removed)


def test_an_order_reaches_its_phone_only(issued: World) -> None:
    """E5: another phone that says it has the order is refused, and the key is removed where the serial leads."""
    (one,) = (found for found in issued.provider_records.certificates_of("hanako") if found.slot is Slot.SIGNING)
    order = issued.sp_tsm.order_removal(one.serial)
    other = issued.app("p2", Person())
    assert other.collect() == 0
    p2 = issued.cards.simulated(issued.phone_card("p2")).se_id
    with pytest.raises(PeerError, match="no such order"):
        request = Begin(order, Function.REMOVE, (Slot.SIGNING,), Device(p2, "app", "M1", "token", bytes(16)))
        issued.network.call(Party.PHONE, Party.SP_TSM, request, Finished)
    assert issued.app("p1", Person()).collect() == 1
    found = card_state(issued, "p1")
    assert found is not None and not found[0].slots[Slot.SIGNING].has_key
    assert found[0].slots[Slot.AUTHENTICATION].has_key
    assert issued.ca.status(one.serial).state.value == "revoked"
