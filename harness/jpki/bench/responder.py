"""How many OCSP requests the CA's server answers on one processor core, and how much of that are its signatures."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from cardlab.bench.measure import Rate, times, work_clock
from cardlab.errors import HarnessError
from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.client.constants import Slot
from jpki.parties.applicant import Applicant
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.server import RevocationServer

_SIGNATURES = 50


@dataclass(frozen=True, slots=True)
class Responder:
    """``rate`` is requests for a second of processor time of the server's process, over HTTP on one connection.

    ``signature_share`` is how much of it the library takes for an RSA-2048 signature alone, which each answer has.
    """

    rate: Rate
    signature_share: float


def responder_rate(*, rounds: int, requests: int) -> Responder:
    """Rounds of so many requests, each by a client in a process of its own."""
    with (
        TemporaryDirectory() as folder,
        CertificateAuthority.open(Path(folder) / "ca.sqlite") as ca,
        RevocationServer(ca) as server,
    ):
        request = _request(ca)
        _asked(server.url, request, requests)  # once for nothing: what is cached is cached then
        found = sorted(requests / _asked(server.url, request, requests) for _ in range(rounds))
    rate = Rate(found[len(found) // 2], found[0], found[-1], rounds)
    return Responder(rate, _signature() * rate.per_second)


def _asked(url: str, request: bytes, count: int) -> float:
    """Seconds of processor time that this process took, all its threads, while another one asked."""
    started = process_time()
    command = [sys.executable, "-m", "jpki.bench.ocsp_client", url.removeprefix("http://"), request.hex(), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HarnessError(f"the responder whose rate is measured did not answer: {done.stderr.strip()[-200:]}")
    return process_time() - started


def _request(ca: CertificateAuthority) -> bytes:
    key = rsa.generate_private_key(65537, 2048).public_key()
    der = ca.issue(Slot.AUTHENTICATION, key, Applicant("somebody", SAMPLE_HOLDER), "request")
    issuer = x509.load_der_x509_certificate(ca.ca_certificate(Slot.AUTHENTICATION))
    builder = ocsp.OCSPRequestBuilder().add_certificate(x509.load_der_x509_certificate(der), issuer, SHA256())
    return builder.build().public_bytes(Encoding.DER)


def _signature() -> float:
    key = rsa.generate_private_key(65537, 2048)
    return times(lambda: key.sign(b"answer", padding.PKCS1v15(), SHA256()), _SIGNATURES, work_clock()).median
