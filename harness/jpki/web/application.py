"""The page as a web application. Everything that it needs comes from here, and nothing runs on it but its own scripts.

The passwords in it are for tests, but the server is one that any page in the user's browser could send requests to, so
it answers to its own name only (DNS rebinding), and takes only what its own page can send (CSRF).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from importlib import resources

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardlab.errors import HarnessError, UsageError
from jpki.web.desk import Desk
from jpki.web.functions import Wish
from jpki.web.log import Event

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_MOST = 50_000  # bytes of a request
_BEAT = 15.0  # seconds without an event after which a comment is sent, so that a page that has gone is noticed
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

Act = Callable[[object], None]


def application(desk: Desk, hosts: list[str]) -> ASGIApp:
    """``hosts`` are the names that it answers to.

    - ``GET /`` and its style and scripts, ``GET /facts``
    - ``GET /events``: server-sent events; ``Last-Event-ID`` goes on where a page was
    - ``POST /start``, ``/answer``, ``/give-up``, ``/order-away``, ``/look``: JSON
    """
    page = _Page(desk)
    acts: dict[str, Act] = {
        "/start": page.start,
        "/answer": page.answer,
        "/give-up": lambda _: desk.give_up(),
        "/order-away": page.order_away,
        "/look": lambda _: desk.look(),
    }
    routes = [
        Route("/", _file("index.html")),
        *(Route(f"/{name}", _file(name)) for name in static_files() if name != "index.html"),
        Route("/facts", page.facts),
        Route("/events", page.events),
        *(Route(path, _acting(act), methods=["POST"]) for path, act in acts.items()),
    ]
    hosted = Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    return Starlette(routes=routes, middleware=[hosted, Middleware(_WithHeaders)])


def static_files() -> tuple[str, ...]:
    """The names of the page's files."""
    return tuple(sorted(one.name for one in _folder().iterdir() if one.name.endswith(tuple(_TYPES))))


def _folder() -> resources.abc.Traversable:
    return resources.files("jpki.web") / "static"


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_folder() / name).read_bytes()
    media = _TYPES[name[name.rindex(".") :]]

    async def endpoint(_: Request) -> Response:
        return Response(content, media_type=media)

    return endpoint


class _WithHeaders:
    """Puts our headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *ours]}
            await send(message)

        await self._app(scope, receive, sending)


class _Page:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def facts(self, _: Request) -> Response:
        return JSONResponse(self._desk.facts())

    async def events(self, request: Request) -> Response:
        after = request.headers.get("last-event-id", "0")
        if not (after.isascii() and after.isdecimal()):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "Last-Event-ID is the number of an event")
        return StreamingResponse(self._stream(int(after[:18])), media_type="text/event-stream")

    async def _stream(self, after: int) -> AsyncIterator[str]:
        loop, waiting = asyncio.get_running_loop(), asyncio.Queue[Event]()
        with self._desk.log.heard_by(lambda event: _pass_on(loop, waiting, event), after=after):
            yield ": hello\n\n"
            while True:
                try:
                    event = await asyncio.wait_for(waiting.get(), _BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield f"id: {event.number}\ndata: {json.dumps(event.content, ensure_ascii=False)}\n\n"

    def start(self, given: object) -> None:
        self._desk.start(Wish.read(given))

    def answer(self, given: object) -> None:
        match given:
            case {"number": int(number), "answer": answer}:
                self._desk.answer(number, answer)
            case _:
                raise UsageError("an answer has a number")

    def order_away(self, given: object) -> None:
        match given:
            case {"serial": str(serial)}:
                self._desk.order_away(_serial(serial))
            case _:
                raise UsageError("a serial number is missing")


def _pass_on(loop: asyncio.AbstractEventLoop, waiting: asyncio.Queue[Event], event: Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(waiting.put_nowait, event)


def _acting(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Does something with the JSON that the page sent."""

    async def endpoint(request: Request) -> Response:
        _require_own_page(request)
        given = await _json(request)
        try:
            await run_in_threadpool(act, given)
        except HarnessError as error:
            told = {"text": str(error), "hint": error.hint}
            status = HTTPStatus.BAD_REQUEST if isinstance(error, UsageError) else HTTPStatus.CONFLICT
            return JSONResponse(told, status)
        return JSONResponse({})

    return endpoint


def _require_own_page(request: Request) -> None:
    """JSON is no content type that a form or a script of another origin can send without being asked first."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    origin = request.headers.get("origin")
    if media != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected application/json")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers['host']}":
        raise HTTPException(HTTPStatus.FORBIDDEN, "this is for our own page")


async def _json(request: Request) -> object:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        found: object = json.loads(bytes(body) or b"{}")
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "this is no JSON") from error
    return found


def _serial(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError as error:
        raise UsageError(f"{text} is no serial number") from error
