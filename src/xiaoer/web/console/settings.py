"""What a shop sets for its staff's day: when a person comes, who gets what, and how long may be waited."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.errors import Invalid
from xiaoer.patterns import lazy
from xiaoer.staff import people
from xiaoer.staff.roles import require
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
MOST_LINES = 200
LISTS = ("handoff_words", "handoff_vip")
NUMBERS = ("escalate_minutes", "handoff_repeats")
LANGUAGE = lazy(r"[a-z]{2,3}")


@router.get("/settings")
async def settings_page(request: Request, desk: DeskPart, me: access.Reader, saved: str = "") -> Response:
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        everybody = [each for each in await people.every(session, me.store_id) if not each.disabled_at]
    return render.page(
        request,
        "settings.html",
        me=me,
        shop=store.profile.name_in(render.words_for(request).language),
        profile=store.profile,
        people=[each for each in everybody if each.role != "viewer"],
        saved=bool(saved),
    )


@router.post("/settings")
async def save(desk: DeskPart, change: access.Teaches) -> Response:
    """Keep what was set; it counts from the next message on."""
    fields = change.fields
    wanted: dict[str, Any] = {name: _lines(fields.get(name, "")) for name in LISTS}
    wanted["handoff_words_off"] = _lines(fields.get("handoff_words_off", ""))
    wanted |= {name: _whole(fields.get(name, "0"), name) for name in NUMBERS}
    amount = fields.get("handoff_amount", "").strip()
    wanted["handoff_amount"] = amount or None
    wanted["assignment"] = fields.get("assignment", "manual")
    if "while_waiting" in fields:
        wanted["while_waiting"] = fields["while_waiting"]
    if "file_days" in fields:
        wanted["file_days"] = _whole(fields["file_days"], "file_days")
    if "mail_codes" in fields:
        wanted["mail_codes"] = fields["mail_codes"] == "on"
    async with desk.database.sessions.begin() as session:
        await stores.change(session, change.me.store_id, wanted)
        for person in await people.every(session, change.me.store_id):
            if (said := fields.get(f"languages_{person.id}")) is not None:
                person.languages = _languages(said)
    return RedirectResponse("/console/settings?saved=yes", 303)


def _lines(text: str) -> list[str]:
    lines = list(dict.fromkeys(line.strip() for line in re.split(r"[\n,，、;；]", text) if line.strip()))
    if len(lines) > MOST_LINES or any(len(line) > 100 for line in lines):  # noqa: PLR2004  # a word, not a text
        raise Invalid(f"At most {MOST_LINES} entries of up to 100 characters each.")
    return lines


def _languages(text: str) -> list[str]:
    found = list(dict.fromkeys(LANGUAGE.findall(text.lower())))
    return found[:20]


def _whole(text: str, name: str) -> int:
    text = text.strip() or "0"
    if not text.isdecimal() or len(text) > 6:  # noqa: PLR2004  # the profile knows the real bounds
        raise Invalid(f"{name}: write a whole number.")
    return int(text)
