"""Trying a question on the knowledge, and the questions that nothing answered."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from xiaoer import stores
from xiaoer.assistant.trial import Trial, attempt
from xiaoer.assistant.understanding.result import understand
from xiaoer.conversations import gaps
from xiaoer.conversations.gaps import Gap
from xiaoer.db.record import now
from xiaoer.errors import Unavailable
from xiaoer.knowledge import listing
from xiaoer.reports.drilling import GATHERED, Group, gathered
from xiaoer.reports.figures import span_of
from xiaoer.web.access import DeskPart, LimitsPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/knowledge", include_in_schema=False, route_class=PageRoute)
PER_PERSON = 30
"""Questions tried per minute: a model answers each."""
SPANS = (7, 30, 90, 365)
MOST_GAPS = 60
MOST_OTHERS = 5


class TookTooLong(Unavailable):
    """The trial was given up."""


@router.get("/test")
async def trial_page(
    request: Request,
    desk: DeskPart,
    limits: LimitsPart,
    me: access.Reader,
    q: Annotated[str, Query(max_length=1000)] = "",
    locale: Annotated[str, Query(max_length=35)] = "",
    product: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """What is found for a question and why, and the answer that a customer would get."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        locales = await listing.locales(session, me.store_id)
    asked = q.strip()
    trial: Trial | None = None
    hits, exact, seen = [], None, None
    if asked:
        await limits.take("knowledge trials", me.staff_id, PER_PERSON)
        seen = understand(asked, prior=locale or None)
        products = (product.strip(),) if product.strip() else ()
        exact = await desk.knowledge.exact(me.store_id, asked, locale=seen.language, product_ids=products)
        hits = await desk.knowledge.search(
            me.store_id, seen.standalone, locale=locale or seen.language, product_ids=products
        )
        try:
            trial = await attempt(
                desk.knowledge, desk.assistant.model, store_id=me.store_id, profile=store.profile, text=asked
            )
        except TimeoutError as error:
            raise TookTooLong("The model took longer than a minute. Please try again.") from error
    return render.page(
        request,
        "trial.html",
        me=me,
        shop=store.profile.name_in(render.words_for(request).language),
        q=asked,
        locale=locale,
        locales=locales,
        product=product,
        seen=seen,
        exact=exact,
        hits=hits,
        trial=trial,
        cited={str(source["passage_id"]) for source in trial.answer.sources} if trial else set(),
        has_model=desk.assistant.model is not None,
    )


@router.get("/gaps")
async def gaps_page(
    request: Request,
    desk: DeskPart,
    me: access.Reader,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> Response:
    """Questions that were refused and that nobody has written an answer to since, put together by meaning."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        span = span_of(me.store_id, timezone=store.profile.timezone, days=days, at=now())
        found = await gaps.gaps(session, me.store_id, since=span.begins, limit=GATHERED)
        done = await listing.answered_by_hand(session, me.store_id, [gap.asked for gap in found])
    left = {gap.asked: gap for gap in found if gap.asked not in done}
    groups = await gathered(desk.knowledge.embedder, [(gap.asked, gap.times) for gap in left.values()])
    return render.page(
        request,
        "gaps.html",
        me=me,
        shop=store.profile.name_in(render.words_for(request).language),
        gaps=[_together(group, left) for group in groups[:MOST_GAPS]],
        days=days,
        spans=SPANS,
        clock=render.clock(store.profile.timezone),
    )


def _together(group: Group, found: Mapping[str, Gap]) -> dict[str, Any]:
    """A group as one row: a person's reply to any of its questions is a reply to all."""
    members = [found[text] for text in (group.text, *group.others)]
    answered = next((gap for gap in members if gap.reply), members[0])
    return {
        "asked": group.text,
        "others": group.others[:MOST_OTHERS],
        "times": group.count,
        "last_at": max(gap.last_at for gap in members),
        "gap": answered,
    }


@router.get("/progress")
async def progress(desk: DeskPart, me: access.Reader) -> dict[str, int]:
    """How far the vectors are, for the page that shows it."""
    async with asyncio.timeout(5):
        seen = await desk.knowledge.progress(me.store_id)
    return {"passages": seen.passages, "embedded": seen.embedded, "refined": seen.refined}
