"""The shop's offers in the console: what each is, until when, and what it may be combined with in one order."""

import re
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.commerce import offered
from xiaoer.commerce.offers import unknown_names
from xiaoer.commerce.values import said
from xiaoer.errors import Invalid
from xiaoer.staff.roles import require
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/offers", include_in_schema=False, route_class=PageRoute)
MOST_NAMES = 100
LONGEST_NAME = 64


@router.get("")
async def offers_page(request: Request, desk: DeskPart, me: access.Reader, saved: str = "") -> Response:
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        kept = await offered.every(session, me.store_id)
    language = render.words_for(request).language
    return render.page(
        request,
        "offers.html",
        me=me,
        shop=profile.name_in(language),
        rows=[(each.promotion, said(each.name, language), each.coupon) for each in kept],
        unknown=unknown_names(kept),
        clock=render.clock(profile.timezone),
        saved=saved,
    )


@router.post("/{offer_id}")
async def combine(offer_id: str, desk: DeskPart, change: access.Teaches) -> Response:
    """Keep what the offer may be combined with; it counts from the next price on."""
    fields = change.fields
    with_any = fields.get("with") != "these"
    async with desk.database.sessions.begin() as session:
        kept = await offered.one(session, change.me.store_id, offer_id)
        stacks_with = None if with_any else _names(fields.get("stacks_with", ""))
        rule = replace(kept.promotion, excludes=_names(fields.get("excludes", "")), stacks_with=stacks_with)
        await offered.keep(session, change.me.store_id, replace(kept, promotion=rule))
    return RedirectResponse("/console/offers?saved=yes", 303)


def _names(text: str) -> frozenset[str]:
    names = frozenset(name for name in re.split(r"[\s,，、;；]+", text) if name)
    if len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names):
        raise Invalid(f"At most {MOST_NAMES} names of up to {LONGEST_NAME} characters each.")
    return names
