"""Pages and plain endpoints: the chat page, the widget, health, metrics."""

import re
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xiaoer import stores, telemetry
from xiaoer.db.database import DatabaseUnavailable
from xiaoer.knowledge.product_pages import LONGEST_ID, LONGEST_URL
from xiaoer.language.phrases import phrase
from xiaoer.patterns import lazy
from xiaoer.web.access import DeskPart

VERSION = version("xiaoer")
HERE = Path(__file__).parent
templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, enable_async=False
)
router = APIRouter(include_in_schema=False)
_COMMENTS = lazy(r"^[ \t]*(?:/\*[^*]*(?:\*(?!/)[^*]*)*\*/|//[^\n]*)[ \t]*\n|  // [^\n]*$", re.MULTILINE)
_INDENTATION = lazy(r"^[ \t]+", re.MULTILINE)
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
    product_id: str = "",
    url: str = "",
) -> HTMLResponse:
    """The chat of a store as a page of its own; the first store when none is named.

    `product_id`, or `url`, is the product whose page the customer comes from.
    """
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
        notice=await desk.notice(found.id, language),
        product=product_id if len(product_id) <= LONGEST_ID else "",
        url=url if len(url) <= LONGEST_URL else "",
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"})


def lightened(source: str) -> str:
    """A script without its comments, also those two spaces behind code, and without indentation."""
    return _INDENTATION.sub("", _COMMENTS.sub("", source))


@cache
def _widget() -> str:
    return lightened((HERE / "static" / "widget.js").read_text(encoding="utf-8"))


@router.get("/widget.js")
async def widget() -> Response:
    """The embeddable chat: one custom element, no dependencies."""
    headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(_widget(), media_type="text/javascript", headers=headers)


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok", "version": VERSION}


@router.get("/readyz")
async def ready(desk: DeskPart) -> JSONResponse:
    """Whether customers can be served, and with what: also while texts are read in, which can take hours, they can."""
    try:
        await desk.database.check()
    except DatabaseUnavailable as error:
        return JSONResponse({"status": "unavailable", "detail": error.detail}, 503, {"Retry-After": "5"})
    if desk.is_preparing:
        return JSONResponse({"status": "starting", "model": desk.model.state}, 503, {"Retry-After": "1"})
    told: dict[str, Any] = {"status": "ok", "model": desk.model.state}
    if unread := await desk.knowledge.unread():
        seen = await desk.knowledge.progress()
        told |= {"status": "reading", "knowledge": {"stores": len(unread), **asdict(seen)}}
        told["detail"] = (
            f"The texts of {len(unread)} store(s) are still being read in: {seen.embedded} of {seen.passages} passages "
            f"are found by meaning, {seen.refined} sentence by sentence. What is not yet is found by its words."
        )
    return JSONResponse(told)


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


_TROUBLE = {
    "zh": {
        "away": ("稍等片刻", "客服系统暂时连不上数据库，已发送的消息不会丢失。本页会自动重试。"),
        "unknown": ("没有这个页面", "请检查地址是否完整，或向店铺要一个新的链接。"),
        "erased": ("文件已删除", "这个文件超过了店铺的保存期限，内容已经删除。"),
    },
    "en": {
        "away": (
            "One moment",
            "The desk cannot reach its database right now. Nothing you sent is lost; this page tries again.",
        ),
        "unknown": ("No such page", "Please check that the address is complete, or ask the shop for a new link."),
        "erased": ("This file was erased", "The shop keeps files for a limited time, and this one's time is over."),
    },
}


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, and not a program for data."""
    is_data = request.url.path.startswith(("/api/", "/v1/", "/mcp"))
    return request.method == "GET" and "text/html" in request.headers.get("accept", "") and not is_data


def trouble(request: Request, kind: str, status: int, *, again: int = 0) -> HTMLResponse:
    """A page that says in the reader's words why there is none; it asks for itself again after `again` seconds."""
    accepted = request.headers.get("accept-language", "").lower()
    language = "en" if accepted.startswith("en") else "zh"
    title, text = _TROUBLE[language][kind]
    page = templates.get_template("away.html").render(language=language, title=title, text=text, again=again)
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    return HTMLResponse(page, status, headers | ({"Retry-After": str(again)} if again else {}))
