"""Nobody applies by signing something else: every kind of signature, for every function, before every receiver."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given
from hypothesis import strategies as st

from jpki.certificates.cms import assemble
from jpki.certificates.indicator import ContentType
from jpki.certificates.schemes import Scheme
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.signing import sign_application, sign_document, sign_document_plainly
from jpki.client.user import IndicatorSignature, JpkiClient
from jpki.parties.application import Application
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import system_clock
from jpki.parties.messages import (
    Answers,
    Attest,
    Begin,
    CheckApplication,
    Checked,
    Device,
    Done,
    Finished,
    Function,
    IssueCertificate,
    Issued,
    PeerError,
    ReleaseCertificate,
    Script,
    Verdict,
)
from jpki.parties.recorder import Party
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.verifier import Verifier
from jpki.parties.world import World
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS, Images, Person

BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)
REQUEST = "0123456789abcdef"
CARD_PINS = {Slot.SIGNING: CARD_PASSWORD, Slot.AUTHENTICATION: b"0000"}


class Kind(Enum):
    """How the bytes of an application were signed."""

    APPLICATION = "an application, with the My Number Card"
    PHONE_APPLICATION = "an application, with the phone"
    DOCUMENT = "a document, with the My Number Card"
    PHONE_DOCUMENT = "a document, with the phone"
    PLAIN = "a document, plainly"
    CARD_AUTHENTICATION = "with the card's authentication key"
    CHALLENGE = "a challenge, with the PIN"
    BIOMETRIC_CHALLENGE = "a challenge, with biometrics"
    PLAIN_ATTRIBUTES = "the attributes of an application that were made elsewhere, plainly"


class Receiver(Enum):
    """Who is given it, and for what."""

    SP_TSM = "SP-TSM"
    CHECK = "J-LIS, to check it"
    ISSUE = "J-LIS, for a certificate"
    RELEASE = "J-LIS, to end a suspension"


REASONS = {
    Kind.PHONE_APPLICATION: "needs the signing certificate of a My Number Card",
    Kind.PLAIN_ATTRIBUTES: "counts under RSASSA-PSS only",
}
FUNCTIONS = {  # what the receiver takes an application for, and what it says of others
    Receiver.CHECK: (set(Function), "nothing"),
    Receiver.ISSUE: ({Function.ISSUE, Function.RENEW}, "not for a certificate"),
    Receiver.RELEASE: ({Function.RELEASE}, "not to end a suspension"),
}


@dataclass
class Desk:
    """Hanako's card and phone, and whoever takes what they sign."""

    world: World
    signed: Callable[[Kind, Function], bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.app = self.world.app("p1", Person())
        self.signed = cache(self._sign)
        self.se_id = self.world.cards.simulated(self.world.phone_card("p1")).se_id
        known = self.world.provider_records.device(self.se_id)
        assert known is not None
        self.device = Device(self.se_id, known.app_id, known.model, known.push_token, known.push_key)
        on_phone = self.world.provider_records.certificates_on(self.se_id)
        (self.serial,) = (one.serial for one in on_phone if one.slot is Slot.AUTHENTICATION)
        certificate = x509.load_der_x509_certificate(self.world.ca.certificate(self.serial).der)
        self.key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        issuers = [x509.load_der_x509_certificate(self.world.ca.ca_certificate(slot)) for slot in Slot]
        self.verifier = Verifier(issuers, [RecordsSource(self.world.ca)])

    def _sign(self, kind: Kind, function: Function) -> bytes:
        """The application itself, signed in one of these ways."""
        slots = BOTH if function is not Function.RELEASE else (Slot.AUTHENTICATION,)
        content = Application(REQUEST, function, slots, self.se_id, self.device.app_id).to_bytes()
        match kind:
            case Kind.APPLICATION:
                return self.world.my_number_card("hanako").sign_application(content, CARD_PASSWORD)
            case Kind.PHONE_APPLICATION:
                return sign_application(self._phone(), content)
            case Kind.PHONE_DOCUMENT:
                return self.app.sign(content)
            case Kind.CHALLENGE:
                return sign_document(self._phone(), Slot.AUTHENTICATION, content)
            case Kind.BIOMETRIC_CHALLENGE:
                return self.app.authenticate(content, DeviceMethod.BIOMETRIC)
        card = self._plastic()
        match kind:
            case Kind.DOCUMENT:
                return sign_document(card, Slot.SIGNING, content)
            case Kind.PLAIN:
                return sign_document_plainly(card, Slot.SIGNING, content, claimed_time=system_clock())
            case Kind.CARD_AUTHENTICATION:
                return sign_document(card, Slot.AUTHENTICATION, content)
        attributes = card.sign_application(sha256(content).digest()).signed_attributes
        forged = IndicatorSignature(attributes, card.sign_message(Slot.SIGNING, attributes))
        certificate = card.certificate(Slot.SIGNING)
        kind_of_content = ContentType.APPLICATION
        return assemble(forged, certificate, content=content, scheme=Scheme.PKCS1, content_type=kind_of_content)

    def _phone(self) -> JpkiClient:
        return self._opened(JpkiClient(self.world.cards.simulated(self.world.phone_card("p1"))), PINS)

    def _plastic(self) -> JpkiClient:
        path = self.world.folder / "residents" / "hanako" / "card"
        return self._opened(JpkiClient(self.world.cards.simulated(path)), CARD_PINS)

    @staticmethod
    def _opened(client: JpkiClient, pins: dict[Slot, bytes]) -> JpkiClient:
        client.select()
        for slot, pin in pins.items():
            client.verify(slot, pin)
        return client

    def give(self, receiver: Receiver, message: bytes, asked: Function) -> None:
        """Raises PeerError when it is refused; ``asked`` is what the phone says to the SP-TSM that it wants."""
        call = self.world.network.call
        match receiver:
            case Receiver.CHECK:
                call(Party.SP_TSM, Party.JLIS, CheckApplication(message), Checked)
            case Receiver.ISSUE:
                call(
                    Party.SP_TSM, Party.JLIS, IssueCertificate(REQUEST, Slot.AUTHENTICATION, self.key, message), Issued
                )
            case Receiver.RELEASE:
                call(Party.SP_TSM, Party.JLIS, ReleaseCertificate(self.serial, message), Done)
            case Receiver.SP_TSM:
                slots = BOTH if asked is not Function.RELEASE else (Slot.AUTHENTICATION,)
                begun = call(Party.PHONE, Party.SP_TSM, Begin(REQUEST, asked, slots, self.device), Script)
                attest = Attest(self.device.app_id, begun.nonce)
                verdict = call(Party.PHONE, Party.ATTESTATION, attest, Verdict).jws
                answers = Answers(begun.conversation, (), message, verdict)
                call(Party.PHONE, Party.SP_TSM, answers, Finished)

    def records(self) -> list[tuple[object, ...]]:
        """All rows that CA and TSMs keep."""
        rows: list[tuple[object, ...]] = []
        for name in ("ca", "sp-tsm", "sei-tsm", "push"):
            with closing(sqlite3.connect(self.world.folder / f"{name}.sqlite")) as file:
                tables = [table for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                rows += [(name, table, *row) for table in tables for row in file.execute(f"SELECT * FROM {table}")]  # noqa: S608
        return rows


@pytest.fixture(scope="module")
def desk(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One world for all examples: what is refused leaves it as it was, and what is taken here changes nothing."""
    with images.world("issued", tmp_path_factory.mktemp("types") / "world") as world:
        yield Desk(world)


def refusal(kind: Kind, function: Function, receiver: Receiver, asked: Function) -> str | None:
    """What the receiver has to say, None when it has to take it."""
    if kind not in (Kind.APPLICATION, Kind.PHONE_APPLICATION, Kind.PLAIN_ATTRIBUTES):
        who = "cannot be taken" if receiver is Receiver.SP_TSM else "does not verify"
        return f"the application {who}: this is a document, not an application for certificates"
    if kind in REASONS and (kind is not Kind.PHONE_APPLICATION or function is not Function.REVOKE):
        return REASONS[kind]
    if receiver is Receiver.SP_TSM:
        return None if function is asked else "for something else"
    allowed, reason = FUNCTIONS[receiver]
    return None if function in allowed else reason


functions = st.sampled_from(Function)
asked_of_the_tsm = st.sampled_from([function for function in Function if function is not Function.REMOVE])


@pytest.mark.parametrize("receiver", Receiver, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", Kind, ids=lambda one: one.name)
@given(function=functions, asked=asked_of_the_tsm)
def test_only_an_application_for_it_is_taken(
    desk: Desk, kind: Kind, receiver: Receiver, function: Function, asked: Function
) -> None:
    """What is refused says why, for good, and nothing is recorded of it."""
    reason = refusal(kind, function, receiver, asked)
    assume(reason is not None or receiver is not Receiver.SP_TSM)  # what it does then is in test_functions
    message, before = desk.signed(kind, function), desk.records()
    if reason is None:
        desk.give(receiver, message, asked)
    else:
        with pytest.raises(PeerError, match=reason) as refused:
            desk.give(receiver, message, asked)
        assert refused.value.final
    assert desk.records() == before


@given(kind=st.sampled_from(Kind), function=functions)
def test_only_a_document_is_taken_for_one(desk: Desk, kind: Kind, function: Function) -> None:
    """The service provider's verifier; a challenge is a document by the authentication key, and says so."""
    report = desk.verifier.verify(desk.signed(kind, function))
    outcomes = {
        Kind.APPLICATION: {Outcome.NOT_A_DOCUMENT},
        Kind.PHONE_APPLICATION: {Outcome.NOT_A_DOCUMENT},
        Kind.PLAIN_ATTRIBUTES: {Outcome.NOT_A_DOCUMENT, Outcome.BAD_INDICATOR},
        Kind.PLAIN: {Outcome.NO_INDICATOR},
    }
    assert {finding.outcome for finding in report.findings} == outcomes.get(kind, set())
    authentication = (Kind.CARD_AUTHENTICATION, Kind.CHALLENGE, Kind.BIOMETRIC_CHALLENGE)
    assert report.for_signing is (kind not in authentication)


def test_an_application_of_somebody_else_ends_no_suspension(desk: Desk) -> None:
    """J-LIS looks at the certificate too: it has to be the applicant's, and of a slot that was named."""
    desk.world.ca.suspend(desk.serial)
    (signing,) = (
        one.serial for one in desk.world.provider_records.certificates_on(desk.se_id) if one.slot is Slot.SIGNING
    )
    content = Application(REQUEST, Function.RELEASE, (Slot.AUTHENTICATION,), desk.se_id, desk.device.app_id).to_bytes()
    for resident, serial in (("taro", desk.serial), ("hanako", signing)):
        message = desk.world.my_number_card(resident).sign_application(content, CARD_PASSWORD)
        with pytest.raises(PeerError, match="for something else"):
            desk.world.network.call(Party.SP_TSM, Party.JLIS, ReleaseCertificate(serial, message), Done)
        assert desk.world.ca.status(desk.serial).state is CertStatus.SUSPENDED
    desk.give(Receiver.RELEASE, desk.signed(Kind.APPLICATION, Function.RELEASE), Function.RELEASE)
    assert desk.world.ca.status(desk.serial).good


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"is":"Application"}', b"text", None],
    ids=["nothing", "no fields", "no function", "text", "other spelling"],
)
def test_an_application_that_says_nothing(desk: Desk, content: bytes | None) -> None:
    """The right content type is not enough: the content names the function and what it is for, in one way only."""
    if content is None:
        good = Application(REQUEST, Function.ISSUE, BOTH, desk.se_id, desk.device.app_id).to_bytes()
        content = good.replace(b'"function":"ISSUE"', b'"function":"RENEW","function":"ISSUE"')
        assert content != good
    message = desk.world.my_number_card("hanako").sign_application(content, CARD_PASSWORD)
    for receiver in Receiver:
        before = desk.records()
        with pytest.raises(PeerError, match="no application") as refused:
            desk.give(receiver, message, Function.ISSUE)
        assert refused.value.final
        assert desk.records() == before
