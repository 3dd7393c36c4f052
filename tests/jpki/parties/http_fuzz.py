"""Requests to the CA's server that are right, wrong and in between.

    python -m tests.jpki.parties.http_fuzz URL COUNT SEED

Each gets an answer of HTTP, or the run ends with the request that got none. Prints how often which status came.
"""

from __future__ import annotations

import base64
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import quote

from cardlab.iso7816.tlv import encode
from tests.jpki.parties.http_client import DroppedError, Wire, get, post

_HASHES = ["2B0E03021A", "608648016503040201", "608648016503040203", "608648016503040208", "2A864886F70D0205", "2A03"]
_NONCE = bytes.fromhex("06092B0601050507300102")
_PATHS = ["/", "//", "/ocsp", "/ocsp/", "/signing.crl", "/authentication.cer", "/signing.crl?base=1", "/*", "/..", "/%"]
_PATHS += [f"/signing.crl?base={'9' * 29}", "/signing.crl?base=-1", "/signing.crl?base=%00&base=2", "/%2e%2e/%00", "*"]
_PATHS += ["http://ca/signing.crl", "http://[/ocsp", "/signing.cer/", "/SIGNING.CER", "/signing.crl#x", "/ocsp/%zz"]
_METHODS = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "TRACE", "CONNECT", "PATCH", "get", "X" * 30, "G-T"]
_FIELDS = [
    "Content-Length: 5",
    "Content-Length: x",
    "Content-Length: -1",
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
]
_FIELDS += [
    "Transfer-Encoding: gzip",
    "Connection: close",
    "Upgrade: websocket",
    "Content-Type: application/ocsp-request",
]
_FIELDS += [
    "X" * 2000 + ": 1",
    "X: " + "y" * 50_000,
    "Host: other",
    "A b: c",
    ": x",
    "Range: bytes=0-1",
    "Accept: nothing",
    "Connection: upgrade",
]


class Fuzz:
    """Makes requests by chance; ``hashes`` are those of issuers that the server knows, by SHA-1."""

    def __init__(self, chance: random.Random, hashes: Sequence[tuple[bytes, bytes]]) -> None:
        self._chance = chance
        self._hashes = hashes

    def request(self) -> tuple[bytes, bool, bool]:
        """The bytes, whether they are well framed (so that the connection can be used again), whether it is a HEAD."""
        kind = self._chance.random()
        if kind < 0.01:
            return post(bytes(self._chance.choice((10_000, 10_001, 100_000)))), True, False
        if kind < 0.6:
            return post(self._ocsp(), self._chance.choice(("/ocsp", "/"))), True, False
        if kind < 0.8:
            return get(self._encoded()), True, False
        if kind < 0.9:
            method = self._chance.choice(("GET", "HEAD"))
            return get(self._chance.choice(_PATHS), method), True, method == "HEAD"
        return self._http()

    def _encoded(self) -> str:
        text = base64.b64encode(self._ocsp()).decode()
        path = self._chance.choice((text, quote(text), quote(text, safe=""), text.replace("+", " ").rstrip("=")))
        return (self._chance.choice(("/ocsp/", "/", "/ocsp//")) + path).replace(" ", "%20")

    def _http(self) -> tuple[bytes, bool, bool]:
        """The frame itself is odd: methods, versions, fields, bodies; some bytes are changed."""
        method, path = self._chance.choice(_METHODS), self._chance.choice(_PATHS)
        version = self._chance.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", ""))
        fields = ["Host: ca", *self._chance.sample(_FIELDS, self._chance.randrange(4))]
        body = self._chance.choice(
            (b"", b"abcde", b"5\r\nabcde\r\n0\r\n\r\n", b"x\r\n", b"ffffffffff\r\nx", self._ocsp())
        )
        raw = "\r\n".join((f"{method} {path} {version}", *fields, "", "")).encode() + body
        if self._chance.random() < 0.5:
            raw = self._changed(raw)
        return raw if raw.strip(b"\r\n") else b"-", False, method == "HEAD"  # blank lines are no request

    def _ocsp(self) -> bytes:
        raw = self._right()
        for _ in range(self._chance.choice((0, 0, 1, 1, 2, 5))):
            raw = self._changed(raw)
        return raw

    def _right(self) -> bytes:
        """A request by the rules, or nearly: any number of certificates, algorithm, serial number, nonce."""
        singles = [self._single() for _ in range(self._chance.choice((1, 1, 1, 1, 2, 3, 20)))]
        parts = [encode(0x30, *singles)]
        if self._chance.random() < 0.5:
            length = self._chance.choice((0, 1, 8, 16, 32, 128, 129, 1000))
            value = encode(0x04, encode(0x04, self._chance.randbytes(length)))
            critical = self._chance.choice((b"", b"\x01\x01\xff", b"\x01\x01\x00"))
            parts.append(encode(0xA2, encode(0x30, encode(0x30, _NONCE, critical, value))))
        return encode(0x30, encode(0x30, *parts))

    def _single(self) -> bytes:
        name, key = self._chance.choice(self._hashes)
        oid = bytes.fromhex("2B0E03021A" if self._chance.random() < 0.8 else self._chance.choice(_HASHES))
        algorithm = encode(0x30, encode(0x06, oid), self._chance.choice((b"", b"\x05\x00")))
        serial = self._chance.choice((b"\x00", b"\x01", b"\x80", b"\xff" * 20, self._chance.randbytes(16)))
        return encode(0x30, encode(0x30, algorithm, encode(0x04, name), encode(0x04, key), encode(0x02, serial)))

    def _changed(self, raw: bytes) -> bytes:
        """One byte or a few of them changed, taken out, put in or doubled."""
        at, size = self._chance.randrange(len(raw) + 1), self._chance.choice((1, 1, 2, 8, 64))
        ways: list[Callable[[], bytes]] = [
            lambda: raw[:at] + self._chance.randbytes(size) + raw[at + size :],
            lambda: raw[:at] + raw[at + size :],
            lambda: raw[:at] + self._chance.randbytes(size) + raw[at:],
            lambda: raw[:at] + raw[max(0, at - size) :],
            lambda: raw[:at],
        ]
        return self._chance.choice(ways)()


def run(url: str, count: int, seed: str, hashes: Sequence[tuple[bytes, bytes]]) -> Counter[int]:
    """How often which status came; raises DroppedError with the request that got no answer."""
    fuzz, seen = Fuzz(random.Random(seed), hashes), Counter[int]()
    wire: Wire | None = None
    for number in range(count):
        raw, framed, head = fuzz.request()
        if wire is None:
            wire = Wire(url)
        try:
            wire.send(raw, last=not framed)
            answer = wire.answer(head=head)
        except DroppedError as error:
            raise DroppedError(f"request {number} of {seed}: {raw!r} {error}") from error
        if answer.status == 500:
            raise DroppedError(f"request {number} of {seed}: {raw!r} is an error of the server")
        seen[answer.status] += 1
        if not framed or answer.closing:
            wire.__exit__()
            wire = None
    return seen


def main(url: str, count: str, seed: str) -> None:
    """The hashes are asked for."""
    from hashlib import sha1

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    hashes = []
    for kind in ("signing", "authentication"):
        with Wire(url) as wire:
            wire.send(get(f"/{kind}.cer"))
            found = x509.load_der_x509_certificate(wire.answer().body)
        key = found.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        hashes.append((sha1(found.subject.public_bytes()).digest(), sha1(key).digest()))  # noqa: S324 - a name, no secret
    print(dict(run(url, int(count), seed, hashes)))  # noqa: T201 - for who runs it by hand


if __name__ == "__main__":
    main(*sys.argv[1:])
