"""What a CMS may come in: as it is (DER), as PEM (RFC 7468), or as a message of S/MIME (RFC 8551)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

from cardlab.errors import VerificationError

_PEM = re.compile(rb"-----BEGIN (CMS|PKCS7)-----\s(.*?)-----END \1-----", re.DOTALL)
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_MESSAGES = ("application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(frozen=True, slots=True)
class Opened:
    """``cms`` is DER; ``contents`` is what came beside a detached signature, in each form that may have been signed."""

    cms: bytes
    contents: tuple[bytes, ...] = ()


def opened(raw: bytes) -> Opened:
    """What is inside; bytes that are in none of these come back as they are. VerificationError when it is broken."""
    if raw[:1] == b"\x30":  # a SEQUENCE in DER begins no text
        return Opened(raw)
    if raw.lstrip().startswith(b"-----BEGIN "):  # not anywhere: a message may be about such a file
        pem = _PEM.match(raw.lstrip())
        if pem is None:
            raise VerificationError("this PEM holds no whole CMS")
        return Opened(_decoded(pem[2]))
    head, body = _split(raw)
    match head.get_content_type():
        case "multipart/signed":
            return _signed(head, body)
        case kind if kind in _MESSAGES:
            return Opened(_content(head, body))
    return Opened(raw)


def _signed(head: Message, body: bytes) -> Opened:
    """RFC 8551, 3.5.3: the first part was signed with its head; the second signs it.

    Its lines should have ended in CR LF (3.1.1), whatever they end in now; some programs sign them as they are.
    """
    boundary = head.get_boundary()
    if not boundary:
        raise VerificationError("this message of S/MIME does not say what stands between its parts")
    lines = re.split(
        rb"(?:^|\r?\n)--" + re.escape(boundary.encode("ascii", "replace")) + rb"(?:--)?[ \t]*(?:\r?\n|$)", body
    )
    if len(lines) < 4:  # what is before, both parts, what is after
        raise VerificationError("this message of S/MIME lacks a part")
    content, (part, signature) = lines[1], _split(lines[2])
    if part.get_content_type() not in _SIGNATURES:
        raise VerificationError(f"the second part of this message of S/MIME is {part.get_content_type()}, no signature")
    return Opened(_content(part, signature), (re.sub(rb"\r?\n", b"\r\n", content), content))


def _split(raw: bytes) -> tuple[Message, bytes]:
    """The head of a message or of a part, and its body."""
    head, _, body = raw.lstrip(b"\r\n").replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    return BytesHeaderParser(policy=policy.compat32).parsebytes(head + b"\n\n"), body


def _content(part: Message, body: bytes) -> bytes:
    encoding = str(part.get("content-transfer-encoding", "binary")).strip().lower()
    return _decoded(body) if encoding == "base64" else body


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise VerificationError(f"this is no base64: {error}") from error
