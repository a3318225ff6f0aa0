"""The HTTP application: routes, errors as JSON, limits on what is read."""

import asyncio
import errno
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xiaoer import telemetry
from xiaoer.conversations.attachments import FileErased
from xiaoer.db.database import Failure, is_outage
from xiaoer.desk.desk import Desk
from xiaoer.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable, XiaoerError
from xiaoer.web import (
    chat,
    commerce,
    files,
    identity,
    knowledge,
    mcp,
    offers,
    openai,
    pages,
    product_pages,
    tickets,
)
from xiaoer.web.access import Unauthenticated
from xiaoer.web.console import routes as console
from xiaoer.web.limits import Limits, TooManyRequests

STATUS: dict[type[XiaoerError], int] = {
    FileErased: 410,  # before its kind
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}
RETRY_SECONDS = 5
JSON_BYTES = 2_000_000
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
log = structlog.get_logger(__name__)


def create_app(desk: Desk) -> FastAPI:
    """The application over an open desk."""
    app = FastAPI(
        title="Xiaoer",
        version=pages.VERSION,
        summary="A self-hosted AI customer-service desk for online shops.",
        docs_url="/docs",
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.desk = desk
    redis = desk.settings.redis_url
    app.state.limits = Limits(redis.get_secret_value() if redis else None)
    for part in (
        chat.router,
        files.router,
        commerce.router,
        offers.router,
        identity.router,
        knowledge.router,
        mcp.router,
        openai.router,
        pages.router,
        product_pages.router,
        tickets.router,
        tickets.pages,
    ):
        app.include_router(part)
    console.install(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    _answer_errors(app)
    app.add_middleware(
        _BodyLimit,
        json_bytes=JSON_BYTES,
        upload_bytes=(desk.settings.upload_megabytes + 1) * 1_000_000,
        file_bytes=(desk.settings.attachment_megabytes + 1) * 1_000_000,
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(desk.settings.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
        max_age=86400,
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000)  # leaves event streams alone
    app.add_middleware(_RequestContext)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    watching = asyncio.create_task(telemetry.watch_event_loop())
    yield
    watching.cancel()
    await app.state.imports.close()
    await app.state.desk.broadcast.close()  # ends open event streams, so that the server can stop


def _answer_errors(app: FastAPI) -> None:
    app.add_exception_handler(XiaoerError, _domain_error)
    app.add_exception_handler(Unauthenticated, _unauthenticated)
    app.add_exception_handler(TooManyRequests, _too_many)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Failure, _database_error)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _fault)


def _body(error: str, detail: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": error, "detail": detail}, status, headers)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, XiaoerError)
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    if isinstance(error, NotFound) and pages.wants_page(request):
        return pages.trouble(request, "erased" if isinstance(error, FileErased) else "unknown", status)
    headers = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, Unavailable) else None
    return _body(type(error).__name__, error.detail, status, headers)


async def _unauthenticated(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Unauthenticated)
    return _body("Unauthenticated", error.detail, 401, {"WWW-Authenticate": "Bearer"})


async def _too_many(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyRequests)
    return _body("TooManyRequests", error.detail, 429, {"Retry-After": str(error.retry_after)})


async def _invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    return _body("Invalid", f"{place}: {first['msg']}", 422)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in FULL:
        # An upload is kept on disk while it is read; what reads it takes this for a body that makes no sense.
        text = "The disk of this machine is full. Please try again when there is room."
        return _body("Unavailable", text, 503, {"Retry-After": str(RETRY_SECONDS)})
    names = {404: "NotFound", 405: "MethodNotAllowed", 413: "TooLarge"}
    return _body(
        names.get(error.status_code, "Invalid"), str(error.detail), error.status_code, dict(error.headers or {})
    )


async def _database_error(request: Request, error: Exception) -> Response:
    if not is_outage(error):
        return await _fault(request, error)
    if pages.wants_page(request):
        return pages.trouble(request, "away", 503, again=RETRY_SECONDS)
    text = "The desk cannot reach its database at the moment. Nothing is lost; please try again in a few seconds."
    return _body("Unavailable", text, 503, {"Retry-After": str(RETRY_SECONDS)})


async def _left(_: Request, __: Exception) -> Response:
    """Whoever asked is gone: there is nobody to answer, and nothing has gone wrong."""
    return Response(status_code=400)


async def _fault(_: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", exc_info=error)
    return _body("Fault", "Something went wrong on our side. Please try again; it has been noted.", 500)


class _RequestContext:
    """Names the request in the log and sets two headers; not a function middleware, for those copy every stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
            await send(message)

        with structlog.contextvars.bound_contextvars(request=uuid.uuid4().hex[:12]):
            await self._app(scope, receive, told)


class _BodyLimit:
    """Stops reading a request body that is larger than any honest one."""

    def __init__(self, app: ASGIApp, *, json_bytes: int, upload_bytes: int, file_bytes: int) -> None:
        self._app = app
        self._json_bytes = json_bytes
        self._by_ending = {"/import": upload_bytes, "/attachments": file_bytes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ending = "/" + scope["path"].rpartition("/")[2]
        limit = self._by_ending.get(ending, self._json_bytes)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            await _too_large(limit)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413, _too_large_text(limit))
            return message

        await self._app(scope, counted, send)


def _too_large_text(limit: int) -> str:
    return f"The request is larger than {limit // 1_000_000} MB. Please send less at once."


def _too_large(limit: int) -> JSONResponse:
    return _body("TooLarge", _too_large_text(limit), 413)
