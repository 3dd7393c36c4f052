"""The CA's public answers as a web application: OCSP, revocation lists, its certificates. All bodies are DER."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cardlab.errors import HarnessError, RefusedError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.ocsp import Failure

MAX_REQUEST = 10_000  # bytes of an OCSP request, which has about 100; of the address of one that is asked for by GET
PATIENCE = 10.0  # seconds that a client may take to send its request
_OCSP_REQUEST, _OCSP_RESPONSE = "application/ocsp-request", "application/ocsp-response"
_CRL, _CERTIFICATE = "application/pkix-crl", "application/pkix-cert"
_NUMBERS = 1 << 63  # numbers of CRLs are below that

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def application(ca: CertificateAuthority) -> ASGIApp:
    """Addresses:

    - ``POST /ocsp`` or ``/``, ``GET /ocsp/<base64>`` or ``/<base64>``: OCSP (RFC 6960, appendix A)
    - ``GET /signing.crl``, ``GET /authentication.crl``; with ``?base=NUMBER`` the delta to that list
    - ``GET /signing.cer``, ``GET /authentication.cer``: the CA's certificates

    HEAD works wherever GET does. What cannot be served is refused with the status that says why.
    """
    answers = _Answers(ca)
    routes = [
        *(Route(path, answers.posted, methods=["POST"]) for path in ("/", "/ocsp", "/ocsp/")),
        *(Route(f"/{slot.name.lower()}.crl", answers.crl(slot)) for slot in Slot),
        *(Route(f"/{slot.name.lower()}.cer", answers.certificate(slot)) for slot in Slot),
        Route("/{anything:path}", answers.got),
    ]
    app = Starlette(routes=routes, exception_handlers={HarnessError: _unavailable, ClientDisconnect: _gone})
    app.router.redirect_slashes = False
    return _OriginForm(app)


class _OriginForm:
    """A request may name the whole address (RFC 9112, 3.2.2): ``GET http://127.0.0.1:8080/ocsp``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/"):
            path = _path_of(scope["raw_path"].decode("ascii"))
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path or "/"
    except ValueError:  # brackets that hold no IPv6 address
        return f"/{address}"


class _Answers:
    def __init__(self, ca: CertificateAuthority) -> None:
        self._ca = ca

    async def posted(self, request: Request) -> Response:
        """OCSP over POST."""
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != _OCSP_REQUEST:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {_OCSP_REQUEST}")
        return await self._ocsp(await _body(request))

    async def got(self, request: Request) -> Response:
        """OCSP over GET: the request is the last part of the path, in base64, whose signs may be escaped or not."""
        path = unquote_to_bytes(request.scope["raw_path"]).lstrip(b"/")
        encoded = path.removeprefix(b"ocsp/")
        if encoded in (b"", b"ocsp"):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
        try:
            asked = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            status = HTTPStatus.NOT_FOUND if encoded == path else HTTPStatus.BAD_REQUEST
            raise HTTPException(status, "this is no OCSP request in base64") from error
        if len(asked) > MAX_REQUEST:
            raise HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG)
        return await self._ocsp(asked)

    async def _ocsp(self, asked: bytes) -> Response:
        try:
            answer = await run_in_threadpool(self._ca.ocsp, asked)
        except HarnessError as error:  # the records are in use, or cannot be read
            _log.warning("%s", error)
            answer = Failure.TRY_LATER.der
        return Response(answer, media_type=_OCSP_RESPONSE)

    def certificate(self, slot: Slot) -> Endpoint:
        """The CA's certificate of a kind."""

        async def endpoint(_: Request) -> Response:
            return Response(self._ca.ca_certificate(slot), media_type=_CERTIFICATE)

        return endpoint

    def crl(self, slot: Slot) -> Endpoint:
        """The list of a kind, or what changed since an earlier one."""

        async def endpoint(request: Request) -> Response:
            base = _base(request)
            try:
                return Response(await run_in_threadpool(self._ca.crl, slot, base=base), media_type=_CRL)
            except RefusedError as error:
                raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error

        return endpoint


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > MAX_REQUEST:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError as error:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"}) from error
    return bytes(body)


def _base(request: Request) -> int | None:
    text = request.query_params.get("base")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > MAX_REQUEST or int(text[:20]) >= _NUMBERS:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "base is the number of a CRL")
    return int(text)


async def _unavailable(_: Request, error: Exception) -> Response:
    _log.warning("%s", error)
    return PlainTextResponse("the records cannot be read now", HTTPStatus.SERVICE_UNAVAILABLE)


async def _gone(_: Request, __: Exception) -> Response:
    """Nobody is there to hear it."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)
