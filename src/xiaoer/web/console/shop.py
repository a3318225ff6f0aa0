"""What the shop is: its name, looks, hours and contacts, the line for its pages, and its keys."""

import re
import uuid
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.assistant.answering.prompts import NAMES
from xiaoer.desk import shopkeeping
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid
from xiaoer.knowledge.history import By
from xiaoer.staff.hours import is_span
from xiaoer.staff.roles import may, require
from xiaoer.staff.sessions import SignedIn
from xiaoer.stores import WEEKDAYS, KeyKind
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
TEXTS = ("name", "greeting")
ALWAYS = ("zh", "en", "vi", "th")
"""Languages whose fields are there for every shop, folded where they are none of its own."""
LONGEST = {"name": 60, "greeting": 300}
MOST_QUESTIONS, MOST_FACTS, MOST_DATES, LONGEST_LINE = 6, 50, 200, 200
KINDS: dict[str, KeyKind] = {"publishable": "publishable", "secret": "secret"}


@router.get("/shop")
async def shop_page(request: Request, desk: DeskPart, me: access.Reader, saved: str = "") -> Response:
    require(me.role, "teach")
    return await _page(request, desk, me, saved=saved == "yes")


@router.post("/shop")
async def save(desk: DeskPart, change: access.Teaches) -> Response:
    """Keep what was set; it counts from the next message on. Raises `Invalid` naming the field."""
    fields = change.fields
    hours = fields.get("hours", "").strip()
    if hours and not is_span(hours):
        raise Invalid("Hours: write them like 09:00-21:00, or leave them empty for round the clock.")
    zone = fields.get("timezone", "").strip() or "Asia/Shanghai"
    if zone not in available_timezones():
        raise Invalid("Time zone: write a name such as Asia/Shanghai or Europe/Berlin.")
    wanted: dict[str, Any] = {
        "hours": hours,
        "timezone": zone,
        "weekdays": [day for day in WEEKDAYS if fields.get(f"day_{day}")],
        "holidays": _dates(fields.get("holidays", "")),
        "workdays": _dates(fields.get("workdays", "")),
        "accent": fields.get("accent", "").strip(),
        "logo_url": _picture(fields.get("logo_url", "").strip()),
        "facts": _lines(fields.get("facts", ""), MOST_FACTS),
    }
    if main := fields.get("main_language"):
        wanted["locales"] = _languages(main, fields)
    async with desk.database.sessions.begin() as session:
        profile = (await stores.by_id(session, change.me.store_id)).profile
        for field in TEXTS:
            wanted[field] = _per_language(field, getattr(profile, field), fields)
        wanted["opening_questions"] = _questions(profile.opening_questions, fields)
        if not wanted["name"]:
            raise Invalid("Name: the shop needs one; customers read it above the chat.")
        await stores.change(session, change.me.store_id, wanted)
        profile = (await stores.by_id(session, change.me.store_id)).profile
    by = By(change.me.name, change.me.staff_id)
    await shopkeeping.tell_facts(desk.knowledge, change.me.store_id, profile, by=by)
    return RedirectResponse("/console/shop?saved=yes", 303)


@router.post("/shop/keys")
async def issue(request: Request, desk: DeskPart, change: access.Rules) -> Response:
    """Make a key; a secret one is shown on this page only."""
    kind = KINDS.get(change.fields.get("kind", ""))
    if kind is None:
        raise Invalid("A key is publishable or secret.")
    async with desk.database.sessions.begin() as session:
        token = await stores.issue_key(session, change.me.store_id, kind)
    return await _page(request, desk, change.me, made=token)


@router.post("/shop/keys/{key_id}/revoke")
async def revoke(key_id: uuid.UUID, desk: DeskPart, change: access.Rules) -> Response:
    """From now on nobody gets in with this key."""
    async with desk.database.sessions.begin() as session:
        await stores.revoke_key(session, change.me.store_id, key_id)
    return RedirectResponse("/console/shop#keys", 303)


async def _page(request: Request, desk: Desk, me: SignedIn, *, saved: bool = False, made: str = "") -> Response:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_id(session, me.store_id)
        profile = store.profile
        keys = await stores.keys(session, me.store_id) if may(me.role, "people") else []
        public = await stores.publishable_key(session, me.store_id)
    address = (desk.settings.public_url or str(request.base_url)).rstrip("/")
    return render.page(
        request,
        "shop.html",
        me=me,
        shop=profile.name_in(render.words_for(request).language),
        profile=profile,
        texts=list(dict.fromkeys([*profile.locales, *ALWAYS, *profile.name, *profile.greeting])),
        called={**NAMES, **{each: each for each in profile.locales if each not in NAMES}},
        weekdays=WEEKDAYS,
        keys=keys,
        made=made,
        saved=saved,
        clock=render.clock(profile.timezone),
        chat=f"{address}/chat?store={store.slug}",
        line=f'<script src="{address}/widget.js" data-key="{public}" async></script>',
        origins=", ".join(desk.settings.cors_origins),
    )


def _languages(main: str, fields: dict[str, str]) -> list[str]:
    """The shop's languages, the main one first; raises `Invalid` for one that we have no name for."""
    if main not in NAMES:
        raise Invalid(f"Main language: choose one of {', '.join(NAMES)}.")
    return [main, *(each for each in NAMES if each != main and fields.get(f"language_{each}"))]


def _per_language(field: str, earlier: dict[str, str], fields: dict[str, str]) -> dict[str, str]:
    """What was written in the page's languages beside what is there in others; empty ones are left out."""
    said = {**earlier}
    for language in (each for each in NAMES if f"{field}_{each}" in fields):
        said[language] = " ".join(fields.get(f"{field}_{language}", "").split())
        if len(said[language]) > LONGEST[field]:
            raise Invalid(f"At most {LONGEST[field]} characters: {said[language][:20]}…")
    return {language: text for language, text in said.items() if text}


def _questions(earlier: dict[str, list[str]], fields: dict[str, str]) -> dict[str, list[str]]:
    said = {**earlier}
    for language in (each for each in NAMES if f"questions_{each}" in fields):
        said[language] = _lines(fields.get(f"questions_{language}", ""), MOST_QUESTIONS)
    return {language: lines for language, lines in said.items() if lines}


def _lines(text: str, most: int) -> list[str]:
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(lines) > most or any(len(line) > LONGEST_LINE for line in lines):
        raise Invalid(f"At most {most} lines of up to {LONGEST_LINE} characters each.")
    return lines


def _dates(text: str) -> list[str]:
    found = re.findall(r"[^\s,，、;；]+", text)[: MOST_DATES + 1]
    if len(found) > MOST_DATES:
        raise Invalid(f"At most {MOST_DATES} dates.")
    try:
        return [date.fromisoformat(one).isoformat() for one in dict.fromkeys(found)]
    except ValueError as error:
        raise Invalid("Dates: write them like 2026-10-01, one a line.") from error


def _picture(address: str) -> str | None:
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.netloc or len(address) > 1000:  # noqa: PLR2004  # longer is no address
        raise Invalid("Logo: write the https address of a picture.")
    return address
