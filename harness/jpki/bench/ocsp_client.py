"""Asks a responder again and again on one connection: python -m jpki.bench.ocsp_client HOST:PORT REQUEST COUNT.

A process of its own, so that what it takes is not counted as the server's. REQUEST is hexadecimal.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection

from cryptography.x509 import ocsp

_HEADERS = {"Content-Type": "application/ocsp-request"}


def main(server: str, request: str, count: str) -> None:
    """Ends with exit code 1 when an answer is none."""
    connection, asked = HTTPConnection(server), bytes.fromhex(request)
    for _ in range(int(count)):
        connection.request("POST", "/ocsp", body=asked, headers=_HEADERS)
        answer = ocsp.load_der_ocsp_response(connection.getresponse().read())
        if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
            sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
