"""Pages and plain endpoints: the chat page, the widget, health, metrics."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xiaoer import stores, telemetry
from xiaoer.db.database import DatabaseUnavailable
from xiaoer.language.phrases import phrase
from xiaoer.web.access import DeskPart

VERSION = version("xiaoer")
HERE = Path(__file__).parent
templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, enable_async=False
)
router = APIRouter(include_in_schema=False)
_COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*[^*]*(?:\*(?!/)[^*]*)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
CSP = (
    "default-src 'self'; img-src 'self' https: data:; require-trusted-types-for 'script'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@router.get("/")
async def root() -> RedirectResponse:
    return RedirectResponse("/chat")


@router.get("/chat")
async def chat_page(
    request: Request,
    desk: DeskPart,
    store: Annotated[str | None, Query(max_length=200)] = None,
    locale: Annotated[str | None, Query(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")] = None,
) -> HTMLResponse:
    """The chat of a store as a page of its own; the first store when none is named."""
    async with desk.database.sessions.begin() as session:
        every = await stores.every(session)
        found = await stores.by_slug(session, store or "demo") if store or not every else every[0]
        key = await stores.publishable_key(session, found.id)
    profile = found.profile
    language = _wanted(locale, request.headers.get("accept-language", ""), profile)
    name = profile.name_in(language)
    page = templates.get_template("chat.html").render(
        store_name=name,
        locale=language,
        key=key,
        store=found.slug,
        accent=profile.accent,
        logo_url=profile.logo_url,
        greeting=profile.greeting.get(language) or phrase("greeting", language, shop=name),
        disclosure=phrase("disclosure", language),
        questions=profile.opening_questions.get(language, []),
        notice=desk.notice(language),
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"})


def lightened(source: str) -> str:
    """A script without the comments that have lines of their own and without indentation: browsers need neither."""
    return _INDENTATION.sub("", _COMMENT_LINES.sub("", source))


WIDGET = lightened((HERE / "static" / "widget.js").read_text(encoding="utf-8"))


@router.get("/widget.js")
async def widget() -> Response:
    """The embeddable chat: one custom element, no dependencies."""
    headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(WIDGET, media_type="text/javascript", headers=headers)


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok", "version": VERSION}


@router.get("/readyz")
async def ready(desk: DeskPart) -> JSONResponse:
    """Whether customers can be served, and with what."""
    try:
        await desk.database.check()
    except DatabaseUnavailable as error:
        return JSONResponse({"status": "unavailable", "detail": error.detail}, 503, {"Retry-After": "5"})
    return JSONResponse({"status": "ok", "model": desk.model.state})


@router.get("/metrics")
async def metrics() -> Response:
    return Response(telemetry.metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _wanted(locale: str | None, accepted: str, profile: stores.Profile) -> str:
    """The language asked for, else the browser's first that has fixed texts, else the shop's main one."""
    if locale:
        return locale.replace("_", "-").partition("-")[0].lower()
    for entry in accepted.split(","):
        language = entry.partition(";")[0].strip().partition("-")[0].lower()
        if language in profile.locales:
            return language
    return profile.locales[0]
