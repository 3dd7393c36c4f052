"""A CA of the second suite, and a key in software that signs as its card does: r and s of 48 bytes each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from jpki.certificates import cms
from jpki.certificates.indicator import ContentType
from jpki.client.constants import Slot, Suite
from jpki.client.user import IndicatorSignature
from jpki.model.attributes import signed_attributes
from jpki.model.state import AccessSource, Method
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.people import HANAKO

CONTENT = "申請書".encode()


@cache
def curve_key(number: int) -> ec.EllipticCurvePrivateKey:
    """One of as many keys on P-384 as a test wants."""
    return ec.generate_private_key(ec.SECP384R1())


def as_the_card(key: ec.EllipticCurvePrivateKey, data: bytes, *, repeatable: bool = False) -> bytes:
    """96 bytes."""
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA384(), deterministic_signing=repeatable)))
    return r.to_bytes(48, "big") + s.to_bytes(48, "big")


@dataclass(frozen=True, slots=True)
class CurveSigner:
    """A holder's key, with its certificate."""

    ca: CertificateAuthority
    slot: Slot
    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @classmethod
    def of(cls, ca: CertificateAuthority, slot: Slot = Slot.SIGNING) -> CurveSigner:
        """Hanako."""
        return cls(ca, slot, curve_key(0), ca.issue(slot, curve_key(0).public_key(), HANAKO, "request"))

    @property
    def serial(self) -> int:
        return x509.load_der_x509_certificate(self.certificate).serial_number

    @property
    def issuer(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.ca.ca_certificate(self.slot))

    def attributes(self, *, application: bool = False, method: Method | None = None) -> bytes:
        own = Method.PASSWORD if self.slot is Slot.SIGNING else Method.PIN
        digest = Suite.P_384.hash(CONTENT)
        return signed_attributes(digest, method or own, AccessSource.INTERNAL, 7, application=application)

    def signed(self, attributes: bytes) -> IndicatorSignature:
        return IndicatorSignature(attributes, as_the_card(self.key, attributes))

    def document(self, *, detached: bool = False, method: Method | None = None) -> bytes:
        signed = self.signed(self.attributes(method=method))
        return cms.assemble(signed, self.certificate, content=None if detached else CONTENT)

    def application(self, labelled: ContentType = ContentType.APPLICATION) -> bytes:
        signed = self.signed(self.attributes(application=True))
        return cms.assemble(signed, self.certificate, content=CONTENT, content_type=labelled)

    def plain(self, content: bytes = CONTENT, *, detached: bool = False) -> bytes:
        signature = as_the_card(self.key, content)
        return cms.assemble_without_attributes(signature, self.certificate, content, detached=detached)
