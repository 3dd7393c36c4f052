"""python-fido2 through PC/SC, against an applet that is a FIDO authenticator in part: U2F whole, of CTAP2 its facts.

In extended commands it gives no Le field and counts on an answer all the same (``absent_le``).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.util import find_spec

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cardlab.card.card import SimulatedCard
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.reader import VirtualReader
from cardlab.transport import exchange
from tests.cardlab.card.cards import select
from tests.cardlab.clients.cards import FIDO, card_with

if find_spec("smartcard") is not None:
    from fido2.ctap import CtapError
    from fido2.ctap1 import ApduError, Ctap1
    from fido2.ctap2.base import Ctap2
    from fido2.pcsc import CtapPcscDevice

Insert = Callable[..., VirtualReader]
CHALLENGE, APPLICATION = sha256(b"challenge").digest(), sha256(b"application").digest()
GET_ATTESTATION_KEY, PUT_CERTIFICATE = 0xCA, 0xDA  # instructions of the applet's own


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with card_with(FIDO) as made:
        assert select(made, FIDO.instance).ok
        certificate = attested(exchange(made, CommandApdu(0x80, GET_ATTESTATION_KEY, 0, 0, le=256)).data)
        assert exchange(made, CommandApdu(0x80, PUT_CERTIFICATE, 0, 0, certificate, extended=True)).ok
        yield made


def attested(point: bytes) -> bytes:
    """A certificate of the card's attestation key, from an authority of this moment."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "attestation")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        name, name, ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point), 1
    )
    dated = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return dated.sign(ec.generate_private_key(ec.SECP256R1()), SHA256()).public_bytes(Encoding.DER)


@pytest.fixture(params=["short", "extended"])
def device(request: pytest.FixtureRequest, card: SimulatedCard, insert: Insert) -> Iterator[CtapPcscDevice]:
    """The card as python-fido2 finds it."""
    insert(card)
    (found,) = CtapPcscDevice.list_devices()
    found.use_ext_apdu = request.param == "extended"
    yield found
    found.close(release=True)


def test_it_is_found_and_tells_what_it_is(device: CtapPcscDevice) -> None:
    assert device.version == 2
    info = Ctap2(device).info
    assert list(info.versions) == ["FIDO_2_0", "U2F_V2"]
    assert bytes(info.aaguid) == bytes(16)
    assert Ctap1(device).get_version() == "U2F_V2"


def test_register_and_authenticate(device: CtapPcscDevice) -> None:
    """The signatures are python-fido2's to verify. An answer of 500 bytes needs extended length."""
    device.use_ext_apdu = True
    token = Ctap1(device)
    registered = token.register(CHALLENGE, APPLICATION)
    registered.verify(APPLICATION, CHALLENGE)
    for count in (1, 2):
        signed = token.authenticate(CHALLENGE, APPLICATION, registered.key_handle)
        signed.verify(APPLICATION, CHALLENGE, registered.public_key)
        assert (signed.user_presence, signed.counter) == (1, count)


def test_another_application_has_no_key(device: CtapPcscDevice) -> None:
    device.use_ext_apdu = True
    token = Ctap1(device)
    handle = token.register(CHALLENGE, APPLICATION).key_handle
    for application, key in ((CHALLENGE, handle), (APPLICATION, bytes(32))):
        with pytest.raises(ApduError) as refused:
            token.authenticate(CHALLENGE, application, key)
        assert refused.value.code == SW.WRONG_DATA


def test_what_it_does_not_know_is_an_error_of_ctap(device: CtapPcscDevice) -> None:
    with pytest.raises(CtapError) as refused:
        Ctap2(device).make_credential(bytes(32), {"id": "x", "name": "x"}, {"id": b"1", "name": "y"}, [])
    assert refused.value.code == CtapError.ERR.INVALID_COMMAND
