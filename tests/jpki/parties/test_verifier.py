"""What the verifier says about a signature, and that it never says good when anything is amiss (C4-C6)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import UsageError
from jpki.certificates import cms
from jpki.certificates.indicator import AccessSource, ContentType, Indicator, Method
from jpki.certificates.schemes import Scheme
from jpki.client.constants import Slot
from jpki.client.user import IndicatorSignature
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.verifier.crl_source import CrlSource, load_crl
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.report import Report
from jpki.parties.verifier.verifier import Verifier
from tests.jpki.applet.software_signer import APPLICATION_TYPE, signed_attributes
from tests.jpki.parties.people import HANAKO, START, Clock, ca_keys, key

CONTENT = "申請書".encode()
PSS = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
HOUR = datetime.timedelta(hours=1)


class World:
    """A CA, a user with a certificate, and a verifier who knows the CA's records."""

    def __init__(self, ca: CertificateAuthority, clock: Clock, slot: Slot = Slot.SIGNING) -> None:
        self.ca = ca
        self.clock = clock
        self.slot = slot
        self.key = key(0 if slot is Slot.SIGNING else 2)
        self.der = ca.issue(slot, self.key.public_key(), HANAKO, "request")
        self.serial = x509.load_der_x509_certificate(self.der).serial_number
        self.issuer = x509.load_der_x509_certificate(ca.ca_certificate(slot))
        self.verifier = Verifier([self.issuer], [RecordsSource(ca)], clock=clock)

    def sign(self, *, content: bytes | None = CONTENT, method: Method | None = None, counter: int = 7) -> bytes:
        """A CMS as the card and the phone make it together; without content a detached one over CONTENT."""
        method = method or (Method.PASSWORD if self.slot is Slot.SIGNING else Method.PIN)
        attributes = signed_attributes(content or CONTENT, method=method, source=1, counter=counter)
        signed = IndicatorSignature(attributes, self.key.sign(attributes, PSS, SHA256()))
        return cms.assemble(signed, self.der, content=content)

    def apply(self, labelled: ContentType = ContentType.APPLICATION) -> bytes:
        """An application for certificates, given out as what ``labelled`` says."""
        attributes = signed_attributes(CONTENT, content_type=APPLICATION_TYPE)
        signed = IndicatorSignature(attributes, self.key.sign(attributes, PSS, SHA256()))
        return cms.assemble(signed, self.der, content=CONTENT, content_type=labelled)

    def sign_plainly(self, attributes: bytes | None = None) -> bytes:
        """A CMS without an indicator, or with these attributes, under PKCS #1 v1.5."""
        if attributes is None:
            digest = signed_attributes(CONTENT)[-32:]
            attributes = cms.plain_attributes(digest, self.clock.now)
        signed = IndicatorSignature(attributes, self.key.sign(attributes, padding.PKCS1v15(), SHA256()))
        return cms.assemble(signed, self.der, content=CONTENT, scheme=Scheme.PKCS1)


@pytest.fixture
def world(ca: CertificateAuthority, clock: Clock) -> World:
    return World(ca, clock)


@pytest.fixture
def authentication(ca: CertificateAuthority, clock: Clock) -> World:
    """The same with an authentication certificate, which can be suspended."""
    return World(ca, clock, Slot.AUTHENTICATION)


def outcomes(report: Report) -> set[Outcome]:
    return {finding.outcome for finding in report.findings}


def test_good_signature(world: World) -> None:
    report = world.verifier.verify(world.sign())
    assert report.outcome is Outcome.GOOD
    assert report.findings == ()
    assert report.indicator == Indicator(Method.PASSWORD, AccessSource.INTERNAL, 7)
    assert report.signer == x509.load_der_x509_certificate(world.der)
    assert (report.content, report.for_signing, report.claimed_time) == (CONTENT, True, None)


@pytest.mark.parametrize("method", [Method.PIN, Method.BIOMETRIC, Method.LOCK_SCREEN])
def test_good_signature_with_the_authentication_key(authentication: World, method: Method) -> None:
    """C1: a method that the key does not take is a bad indicator."""
    world = authentication
    report = world.verifier.verify(world.sign(method=method))
    assert report.good
    assert report.indicator is not None
    assert report.indicator.method is method
    assert report.for_signing is False
    assert world.verifier.verify(world.sign(method=Method.PASSWORD)).outcome is Outcome.BAD_INDICATOR


def test_another_keys_signature_is_bad(world: World) -> None:
    """All is as in a good one, but who signed: the key of another user."""
    attributes = signed_attributes(CONTENT, method=Method.PASSWORD, source=1, counter=7)
    signed = IndicatorSignature(attributes, key(1).sign(attributes, PSS, SHA256()))
    report = world.verifier.verify(cms.assemble(signed, world.der, content=CONTENT))
    assert report.outcome is Outcome.BAD_SIGNATURE
    assert [one.text for one in report.findings] == ["the signature does not verify with the signer's key"]
    assert (report.content, report.indicator) == (None, None)


def test_detached_signature(world: World) -> None:
    detached = world.sign(content=None)
    assert world.verifier.verify(detached, content=CONTENT).good
    assert world.verifier.verify(detached, content=b"other").outcome is Outcome.BAD_SIGNATURE
    assert world.verifier.verify(world.sign(), content=b"other").outcome is Outcome.BAD_SIGNATURE
    with pytest.raises(UsageError, match="detached"):
        world.verifier.verify(detached)


def test_plain_signature_has_no_indicator_and_a_claimed_time(world: World) -> None:
    report = world.verifier.verify(world.sign_plainly())
    assert report.outcome is Outcome.NO_INDICATOR
    assert outcomes(report) == {Outcome.NO_INDICATOR}
    assert report.claimed_time == START
    assert report.indicator is None


def test_indicator_under_pkcs1_is_bad(world: World) -> None:
    """C6: plain SIGN signs whatever it is given, attributes with an indicator too."""
    report = world.verifier.verify(world.sign_plainly(signed_attributes(CONTENT)))
    assert report.outcome is Outcome.BAD_INDICATOR
    assert report.indicator is None


def test_an_application_is_no_document(world: World) -> None:
    report = world.verifier.verify(world.apply())
    assert outcomes(report) == {Outcome.NOT_A_DOCUMENT}
    assert report.outcome is Outcome.NOT_A_DOCUMENT
    assert not report.good
    disguised = world.verifier.verify(world.apply(ContentType.DOCUMENT))
    assert disguised.outcome is Outcome.BAD_SIGNATURE
    assert disguised.content is None


def test_not_valid_yet(ca: CertificateAuthority, clock: Clock) -> None:
    clock.advance(7200)
    world = World(ca, clock)
    assert Outcome.EXPIRED in outcomes(world.verifier.verify(world.sign(), at=START + HOUR))


def test_expired(world: World) -> None:
    world.clock.now = START + datetime.timedelta(days=6 * 366)
    report = world.verifier.verify(world.sign())
    assert report.outcome is Outcome.EXPIRED
    assert world.verifier.verify(world.sign(), at=START + HOUR).good


def test_ca_that_is_not_trusted_or_not_valid_any_more(world: World, tmp_path: Path) -> None:
    with CertificateAuthority.open(tmp_path / "other") as other:
        stranger = x509.load_der_x509_certificate(other.ca_certificate(Slot.SIGNING))
    for issuers in ([], [stranger]):
        assert Verifier(issuers, [RecordsSource(world.ca)]).verify(world.sign()).outcome is Outcome.UNTRUSTED
    late = world.verifier.verify(world.sign(), at=START + datetime.timedelta(days=4000))
    assert late.outcome is Outcome.UNTRUSTED


def test_ca_certificate_is_no_signers(world: World) -> None:
    """It is trusted, and was issued by one that is: itself."""
    attributes = signed_attributes(CONTENT, method=Method.PIN, source=1, counter=1)
    signed = IndicatorSignature(attributes, ca_keys()[world.slot].sign(attributes, PSS, SHA256()))
    message = cms.assemble(signed, world.ca.ca_certificate(world.slot), content=CONTENT)
    crl = CrlSource([load_crl(world.ca.crl(world.slot), "crl")], clock=world.clock)
    assert Verifier([world.issuer], [crl], clock=world.clock).verify(message).outcome is Outcome.BAD_INDICATOR


def test_revocation_and_suspension_at_any_time(authentication: World) -> None:
    """The state that counts is that of the time asked for."""
    world = authentication
    signature, times = world.sign(), [START]
    for act in (world.ca.suspend, world.ca.release, world.ca.revoke):
        times.append(world.clock.advance(3600))
        act(world.serial)
    world.clock.advance(3600)
    expected = [Outcome.GOOD, Outcome.SUSPENDED, Outcome.GOOD, Outcome.REVOKED]
    found = [world.verifier.verify(signature, at=at + HOUR / 2).outcome for at in times]
    assert found == expected
    assert world.verifier.verify(signature).outcome is Outcome.REVOKED


def test_without_evidence_nothing_is_good(world: World) -> None:
    assert Verifier([world.issuer], clock=world.clock).verify(world.sign()).outcome is Outcome.REVOCATION_UNKNOWN


def test_the_worst_finding_is_the_outcome(world: World) -> None:
    world.ca.revoke(world.serial, ReasonFlags.key_compromise)
    report = world.verifier.verify(world.sign_plainly(), at=START + datetime.timedelta(days=6 * 366))
    assert outcomes(report) == {Outcome.REVOKED, Outcome.EXPIRED, Outcome.NO_INDICATOR}
    assert report.outcome is Outcome.REVOKED
    assert "keyCompromise" in " ".join(finding.text for finding in report.findings)


# -- revocation lists --------------------------------------------------------------------------------------------------


@pytest.fixture
def lists(authentication: World) -> dict[str, x509.CertificateRevocationList]:
    """Made 1, 3 and 5 hours after issuing; suspended from 2 to 4 hours."""
    world, made = authentication, {}
    for name, act in (("before", None), ("held", world.ca.suspend), ("after", world.ca.release)):
        world.clock.advance(3600)
        if act:
            world.clock.now -= HOUR
            world.clock.advance(3600)
            act(world.serial)
            world.clock.advance(3600)
        made[name] = load_crl(world.ca.crl(world.slot), name)
    return made


@pytest.mark.parametrize(
    ("given_lists", "hour", "expected"),
    [
        ("before", 1.5, Outcome.GOOD),
        ("before", 0.5, Outcome.REVOCATION_UNKNOWN),
        ("before", 26, Outcome.REVOCATION_UNKNOWN),
        ("held", 3.5, Outcome.SUSPENDED),
        ("held", 2.5, Outcome.SUSPENDED),
        ("held", 1.5, Outcome.REVOCATION_UNKNOWN),
        ("after", 5.5, Outcome.GOOD),
        ("after", 2.5, Outcome.REVOCATION_UNKNOWN),
        ("before held after", 1.5, Outcome.GOOD),
        ("before held after", 2.5, Outcome.SUSPENDED),
        ("before held after", 5.5, Outcome.GOOD),
    ],
)
def test_crl_proves_the_state_of_its_time(
    authentication: World,
    lists: dict[str, x509.CertificateRevocationList],
    given_lists: str,
    hour: float,
    expected: Outcome,
) -> None:
    world = authentication
    source = CrlSource([lists[name] for name in given_lists.split()], clock=world.clock)
    verifier = Verifier([world.issuer], [source], clock=world.clock)
    assert verifier.verify(world.sign(), at=START + hour * HOUR).outcome is expected


def test_later_crl_proves_an_earlier_revocation(world: World) -> None:
    world.clock.advance(3600)
    world.ca.revoke(world.serial)
    world.clock.advance(36000)
    verifier = Verifier([world.issuer], [CrlSource([load_crl(world.ca.crl(world.slot), "")], clock=world.clock)])
    assert verifier.verify(world.sign(), at=START + 2 * HOUR).outcome is Outcome.REVOKED
    assert verifier.verify(world.sign(), at=START + HOUR / 2).outcome is Outcome.REVOCATION_UNKNOWN


def test_crl_of_another_ca_proves_nothing(world: World, tmp_path: Path) -> None:
    with CertificateAuthority.open(tmp_path / "other", clock=world.clock) as other:
        stranger = load_crl(other.crl(world.slot), "other")
    verifier = Verifier([world.issuer], [CrlSource([stranger], clock=world.clock)], clock=world.clock)
    assert verifier.verify(world.sign()).outcome is Outcome.REVOCATION_UNKNOWN


def test_what_is_no_complete_crl_is_refused(world: World) -> None:
    base = world.ca.crl(world.slot)
    world.ca.revoke(world.serial)
    for raw, words in ((b"", "no certificate"), (b"-----BEGIN X509 CRL-----", "no"), (world.der, "no certificate")):
        with pytest.raises(UsageError, match=words):
            load_crl(raw, "file")
    with pytest.raises(UsageError, match="delta"):
        load_crl(world.ca.crl(world.slot, base=1), "file")
    pem = x509.load_der_x509_crl(base).public_bytes(Encoding.PEM)
    assert load_crl(pem, "file") == load_crl(base, "file")


# -- rubbish -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[bytes]]]:
    """A world for many examples, and good signatures of every form; CRLs compare no certificate, as records do."""
    path = tmp_path_factory.mktemp("ca") / "ca.sqlite"
    with CertificateAuthority.open(path, clock=Clock(), keys=ca_keys()) as ca:
        world = World(ca, Clock())
        crls = CrlSource([load_crl(ca.crl(world.slot), "crl")], clock=world.clock)
        world.verifier = Verifier([world.issuer], [crls], clock=world.clock)
        signatures = [world.sign(), world.sign_plainly()]
        assert [world.verifier.verify(one).outcome for one in signatures] == [Outcome.GOOD, Outcome.NO_INDICATOR]
        yield world, signatures


@given(data=st.data())
def test_no_flipped_byte_is_good(steady: tuple[World, list[bytes]], data: st.DataObject) -> None:
    """C4: nobody alters what the secure element said."""
    world, signatures = steady
    number = data.draw(st.integers(0, len(signatures) - 1))
    altered = bytearray(signatures[number])
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    report = world.verifier.verify(bytes(altered), content=CONTENT)
    assert report.outcome not in (Outcome.GOOD, Outcome.NO_INDICATOR)


@given(data=st.data())
def test_cut_doubled_and_spliced_messages_are_not_good(steady: tuple[World, list[bytes]], data: st.DataObject) -> None:
    world, signatures = steady
    first, second = data.draw(st.permutations(signatures))
    start, end = sorted(data.draw(st.lists(st.integers(0, len(first)), min_size=2, max_size=2)))
    insert = data.draw(st.one_of(st.binary(max_size=8), st.just(second[start:end]), st.just(first[start:end] * 2)))
    altered = first[:start] + insert + first[end:]
    report = world.verifier.verify(altered, content=CONTENT)
    assert report.outcome not in (Outcome.GOOD, Outcome.NO_INDICATOR) or altered in signatures


@given(raw=st.binary(max_size=200))
def test_rubbish_is_malformed(steady: tuple[World, list[bytes]], raw: bytes) -> None:
    assert steady[0].verifier.verify(raw, content=CONTENT).outcome is Outcome.MALFORMED


def test_report_as_json(world: World) -> None:
    facts = world.verifier.verify(world.sign(), at=START).to_json()
    assert facts["outcome"] == "good"
    assert facts["indicator"] == {"method": "password", "access_source": "internal", "counter": 7}
    assert facts["at"] == START.isoformat()
    worse = replace(world.verifier.verify(world.sign()), findings=())
    assert worse.good
