"""The CA's public answers over HTTP: OCSP, revocation lists, its certificates. On this machine only."""

from __future__ import annotations

import base64
import binascii
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority

_LOOPBACK = "127.0.0.1"
_MAX_REQUEST = 10_000  # bytes; an OCSP request has about 100
_OCSP_REQUEST, _OCSP_RESPONSE = "application/ocsp-request", "application/ocsp-response"
_CRL, _CERTIFICATE = "application/pkix-crl", "application/pkix-cert"
_TIMEOUT = 10.0  # seconds that a client may take to send its request


class RevocationServer:
    """Serves a CA's answers while it is open:

    - ``POST /ocsp``, ``GET /ocsp/<base64>``: OCSP (RFC 6960, appendix A)
    - ``GET /signing.crl``, ``GET /authentication.crl``; with ``?base=NUMBER`` the delta to that list
    - ``GET /signing.cer``, ``GET /authentication.cer``: the CA's certificates

    All bodies are DER. Port 0 takes a free one; ``url`` says which.
    """

    def __init__(self, ca: CertificateAuthority, *, port: int = 0) -> None:
        self._server = _Server(ca, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://{_LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, ca: CertificateAuthority, port: int) -> None:
        self.ca = ca
        super().__init__((_LOOPBACK, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _TIMEOUT

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path, query = address.path, parse_qs(address.query)
        if path.startswith("/ocsp/"):
            try:
                request = base64.b64decode(unquote(path.removeprefix("/ocsp/")), validate=True)
            except binascii.Error:
                self.send_error(HTTPStatus.BAD_REQUEST, "the path holds no base64")
                return
            self._answer(_OCSP_RESPONSE, self.server.ca.ocsp(request))
            return
        name, _, extension = path.removeprefix("/").partition(".")
        slot = next((slot for slot in Slot if slot.name.lower() == name), None)
        if slot is None or extension not in ("crl", "cer"):
            self.send_error(HTTPStatus.NOT_FOUND)
        elif extension == "cer":
            self._answer(_CERTIFICATE, self.server.ca.ca_certificate(slot))
        else:
            self._crl(slot, query.get("base", [None])[0])

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if urlsplit(self.path).path.rstrip("/") not in ("", "/ocsp"):
            self.send_error(HTTPStatus.NOT_FOUND)
        elif self.headers.get_content_type() != _OCSP_REQUEST:
            self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {_OCSP_REQUEST}")
        elif not length.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > _MAX_REQUEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._answer(_OCSP_RESPONSE, self.server.ca.ocsp(self.rfile.read(int(length))))

    def _crl(self, slot: Slot, base: str | None) -> None:
        if base is not None and not base.isdecimal():
            self.send_error(HTTPStatus.BAD_REQUEST, "base is the number of a CRL")
            return
        try:
            self._answer(_CRL, self.server.ca.crl(slot, base=None if base is None else int(base)))
        except RefusedError as error:
            self.send_error(HTTPStatus.NOT_FOUND, str(error))

    def _answer(self, content_type: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing goes to standard error."""
