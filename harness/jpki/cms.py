"""CMS SignedData around the card's signedAttrs (C5; RFC 5652, RFC 4056), and a verifier that accepts nothing else (C6).

Assembling writes DER around what the card gave, unchanged. Verifying shares no code with it: it parses with pyasn1,
takes the hashes itself and lets ``cryptography`` check the signature.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyasn1.codec.der import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc4055, rfc5652

from harness.errors import VerificationError
from harness.jpki.client import IndicatorSignature
from harness.jpki.indicator import DATA_OID, Indicator, Method, read_attributes
from harness.tlv import encode

SHA256_OID = "2.16.840.1.101.3.4.2.1"
SALT_LENGTH = 32

_SEQUENCE, _SET, _INTEGER, _OCTET_STRING = 0x30, 0x31, 0x02, 0x04
_CONTEXT_0, _CONTEXT_1, _CONTEXT_2 = 0xA0, 0xA1, 0xA2
_ID_DATA = bytes.fromhex("06092A864886F70D010701")
_ID_SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
_ID_RSASSA_PSS = bytes.fromhex("06092A864886F70D01010A")
_ID_MGF1 = bytes.fromhex("06092A864886F70D010108")
_SHA256 = bytes.fromhex("300D06096086480165030402010500")


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """What a CMS with an indicator proves: who signed what, and how the user authenticated."""

    content: bytes
    signer: x509.Certificate
    indicator: Indicator


# -- assembling --------------------------------------------------------------------------------------------------------


def assemble(
    signed: IndicatorSignature,
    certificate: bytes,
    *,
    content: bytes | None = None,
    other_certificates: Sequence[bytes] = (),
) -> bytes:
    """A DER ContentInfo with SignedData around a signature from the card.

    ``certificate`` is the signer's, ``other_certificates`` those that lead to its root, all DER. Without ``content``
    the signature is detached. Raises ValueError when ``signed`` or a certificate is not what it should be.
    """
    if not signed.signed_attributes or signed.signed_attributes[0] != _SET:
        raise ValueError("the signed attributes are no DER SET")
    signer = x509.load_der_x509_certificate(certificate)
    certificates = b"".join(sorted((certificate, *other_certificates)))  # SET OF: ascending order (X.690, 11.6)
    encapsulated = b"" if content is None else encode(_CONTEXT_0, encode(_OCTET_STRING, content))
    signed_data = encode(
        _SEQUENCE,
        _integer(1),
        encode(_SET, _SHA256),
        encode(_SEQUENCE, _ID_DATA, encapsulated),
        encode(_CONTEXT_0, certificates),
        encode(_SET, _signer_info(signed, signer)),
    )
    return encode(_SEQUENCE, _ID_SIGNED_DATA, encode(_CONTEXT_0, signed_data))


def _signer_info(signed: IndicatorSignature, signer: x509.Certificate) -> bytes:
    return encode(
        _SEQUENCE,
        _integer(1),
        encode(_SEQUENCE, signer.issuer.public_bytes(), _integer(signer.serial_number)),
        _SHA256,
        # [0] IMPLICIT: only the tag differs from what was signed (RFC 5652, 5.4).
        bytes((_CONTEXT_0,)) + signed.signed_attributes[1:],
        _pss_algorithm(),
        encode(_OCTET_STRING, signed.signature),
    )


def _pss_algorithm() -> bytes:
    """RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 4055, 3.1)."""
    parameters = encode(
        _SEQUENCE,
        encode(_CONTEXT_0, _SHA256),
        encode(_CONTEXT_1, encode(_SEQUENCE, _ID_MGF1, _SHA256)),
        encode(_CONTEXT_2, _integer(SALT_LENGTH)),
    )
    return encode(_SEQUENCE, _ID_RSASSA_PSS, parameters)


def _integer(number: int) -> bytes:
    return encode(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


# -- verifying ---------------------------------------------------------------------------------------------------------


def verify(
    cms: bytes,
    *,
    issuers: Sequence[x509.Certificate],
    content: bytes | None = None,
    at: datetime.datetime | None = None,
) -> VerifiedSignature:
    """Check a CMS with an indicator; raises VerificationError with the reason when anything is amiss.

    ``issuers`` are the CA certificates that are trusted; the signer's must be issued by one of them and be valid ``at``
    the given time (now, without one). ``content`` is needed for a detached signature. An indicator counts only under
    RSASSA-PSS, and only if its method is one that the certificate's key allows (C1, C6).
    """
    data = _signed_data(cms)
    info = _only_signer(data)
    signed_content = _content(data, content)
    signer = _signer_certificate(data, info, issuers, at or datetime.datetime.now(datetime.UTC))
    _require_algorithms(info)
    attributes = read_attributes(info["signedAttrs"])
    if attributes.message_digest != hashlib.sha256(signed_content).digest():
        raise VerificationError("the message digest is not that of the content", hint="is this the content signed?")
    _require_signature(info, signer)
    _require_method(attributes.indicator.method, signer)
    return VerifiedSignature(signed_content, signer, attributes.indicator)


def _signed_data(cms: bytes) -> rfc5652.SignedData:
    try:
        info, rest = decoder.decode(cms, asn1Spec=rfc5652.ContentInfo())
        if rest or info["contentType"] != rfc5652.id_signedData:
            raise VerificationError("this is no CMS SignedData")
        data, rest = decoder.decode(bytes(info["content"]), asn1Spec=rfc5652.SignedData())
    except PyAsn1Error as error:
        raise VerificationError(f"this is no CMS SignedData: {error}") from error
    if rest:
        raise VerificationError("something follows the SignedData")
    return data


def _only_signer(data: rfc5652.SignedData) -> rfc5652.SignerInfo:
    infos = data["signerInfos"]
    if len(infos) != 1:
        raise VerificationError(f"there are {len(infos)} signers, expected one")
    if not infos[0]["signedAttrs"].isValue or not len(infos[0]["signedAttrs"]):
        raise VerificationError("there are no signed attributes, hence no indicator")
    return infos[0]


def _content(data: rfc5652.SignedData, detached: bytes | None) -> bytes:
    encapsulated = data["encapContentInfo"]
    if str(encapsulated["eContentType"]) != DATA_OID:
        raise VerificationError(f"the content is of type {encapsulated['eContentType']}, expected id-data")
    if not encapsulated["eContent"].isValue:
        if detached is None:
            raise VerificationError("the signature is detached", hint="give the content that was signed")
        return detached
    attached = bytes(encapsulated["eContent"])
    if detached is not None and detached != attached:
        raise VerificationError("the content inside the CMS is not the content given")
    return attached


def _signer_certificate(
    data: rfc5652.SignedData, info: rfc5652.SignerInfo, issuers: Sequence[x509.Certificate], at: datetime.datetime
) -> x509.Certificate:
    wanted = info["sid"]["issuerAndSerialNumber"]
    if not wanted.isValue:
        raise VerificationError("the signer is not named by issuer and serial number")
    name, serial = encoder.encode(wanted["issuer"]), int(wanted["serialNumber"])
    for choice in data["certificates"]:
        certificate = _load(encoder.encode(choice["certificate"]))
        if certificate.serial_number == serial and certificate.issuer.public_bytes() == name:
            _require_trusted(certificate, issuers, at)
            return certificate
    raise VerificationError("the signer's certificate is not in the CMS")


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise VerificationError(f"a certificate in the CMS cannot be read: {error}") from error


def _require_trusted(certificate: x509.Certificate, issuers: Sequence[x509.Certificate], at: datetime.datetime) -> None:
    if not any(_is_issued_by(certificate, issuer) for issuer in issuers):
        raise VerificationError("the signer's certificate was issued by none of the CAs that are trusted")
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise VerificationError(
            f"the signer's certificate is valid from {certificate.not_valid_before_utc} "
            f"to {certificate.not_valid_after_utc}, not at {at}"
        )


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _require_algorithms(info: rfc5652.SignerInfo) -> None:
    if str(info["digestAlgorithm"]["algorithm"]) != SHA256_OID:
        raise VerificationError(f"the digest algorithm is {info['digestAlgorithm']['algorithm']}, expected SHA-256")
    algorithm = info["signatureAlgorithm"]
    if algorithm["algorithm"] != rfc4055.id_RSASSA_PSS:
        raise VerificationError(
            f"the signature algorithm is {algorithm['algorithm']}: an indicator counts under RSASSA-PSS only",
            hint="this may be a plain signature dressed up as one with an indicator",
        )
    try:
        parameters, rest = decoder.decode(bytes(algorithm["parameters"]), asn1Spec=rfc4055.RSASSA_PSS_params())
        mask, mask_rest = decoder.decode(
            bytes(parameters["maskGenAlgorithm"]["parameters"]), asn1Spec=rfc4055.HashAlgorithm()
        )
    except PyAsn1Error as error:
        raise VerificationError(f"the RSASSA-PSS parameters cannot be read: {error}") from error
    right = (
        not rest
        and not mask_rest
        and str(parameters["hashAlgorithm"]["algorithm"]) == SHA256_OID
        and parameters["maskGenAlgorithm"]["algorithm"] == rfc4055.id_mgf1
        and str(mask["algorithm"]) == SHA256_OID
        and int(parameters["saltLength"]) == SALT_LENGTH
        and int(parameters["trailerField"]) == 1
    )
    if not right:
        raise VerificationError("the RSASSA-PSS parameters are not SHA-256, MGF1 with SHA-256 and a salt of 32 bytes")


def _require_signature(info: rfc5652.SignerInfo, signer: x509.Certificate) -> None:
    key = signer.public_key()
    if not isinstance(key, RSAPublicKey):
        raise VerificationError("the signer's key is no RSA key")
    as_set = info["signedAttrs"].clone(tagSet=rfc5652.SignedAttributes.tagSet, cloneValueFlag=True)
    signed = encoder.encode(as_set)
    try:
        key.verify(
            bytes(info["signature"]), signed, padding.PSS(padding.MGF1(SHA256()), salt_length=SALT_LENGTH), SHA256()
        )
    except InvalidSignature as error:
        raise VerificationError("the signature does not verify with the signer's key") from error


def _require_method(method: Method, signer: x509.Certificate) -> None:
    """The signing key takes the password only (C1); its certificate alone promises non-repudiation."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise VerificationError("the signer's certificate does not say what its key is for (key usage)") from error
    if usage.content_commitment != (method is Method.PASSWORD):
        kind = "signing" if usage.content_commitment else "authentication"
        raise VerificationError(f"the indicator says {method.name}, which no {kind} key takes")
