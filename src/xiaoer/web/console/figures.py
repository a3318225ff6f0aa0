"""The figures page: what was answered how and how fast, drawn as plain SVG, and the same as CSV."""

import csv
import io
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from xiaoer import stores
from xiaoer.db.record import now
from xiaoer.reports.figures import Figures, Pair, figures
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute
from xiaoer.web.console.render import Words

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
ROUTES = ("curated", "cache", "flow", "model", "extract", "refuse")
SPANS = (7, 30, 90)
WIDTH, HEIGHT = 720.0, 160.0
Days = Annotated[Literal["7", "30", "90"], Query()]


@router.get("/figures")
async def figures_page(request: Request, desk: DeskPart, me: access.Reader, days: Days = "30") -> Response:
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        found = await figures(session, me.store_id, timezone=store.profile.timezone, days=int(days), at=now())
    t = render.words_for(request)
    return render.page(
        request,
        "figures.html",
        me=me,
        shop=store.profile.name_in(t.language),
        days=int(days),
        spans=SPANS,
        found=found,
        bars=bars(found),
        legend=[route for route in ROUTES if route in found.routes],
        first=pair(t, found.first_text_ms, 1),
        whole=pair(t, found.answer_ms, 1),
        wait=pair(t, found.wait_seconds, 1000),
        width=WIDTH,
        height=HEIGHT,
    )


@router.get("/figures.csv")
async def figures_csv(desk: DeskPart, me: access.Reader, days: Days = "30") -> Response:
    """One line per day and kind of answer."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        found = await figures(session, me.store_id, timezone=store.profile.timezone, days=int(days), at=now())
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["day", *ROUTES, "other"])
    for day, routes in sorted(found.by_day.items()):
        other = sum(count for route, count in routes.items() if route not in ROUTES)
        lines.writerow([day.isoformat(), *(routes.get(route, 0) for route in ROUTES), other])
    name = f"xiaoer-{datetime.now(tz=None).astimezone():%Y%m%d}-{days}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def bars(found: Figures) -> list[dict[str, object]]:
    """Stacked bars, one per day, zero-based and as high as the fullest day."""
    most = max([sum(routes.values()) for routes in found.by_day.values()] or [0]) or 1
    step = WIDTH / max(len(found.by_day), 1)
    drawn: list[dict[str, object]] = []
    for n, (day, routes) in enumerate(sorted(found.by_day.items())):
        top = HEIGHT
        parts = []
        for route in ROUTES:
            high = HEIGHT * routes.get(route, 0) / most
            if high:
                top -= high
                parts.append({"route": route, "y": round(top, 2), "height": round(high, 2)})
        drawn.append(
            {
                "day": day,
                "x": round(n * step + step * 0.15, 2),
                "width": round(step * 0.7, 2),
                "total": sum(routes.values()),
                "parts": parts,
            }
        )
    return drawn


def pair(t: Words, values: Pair, factor: float) -> str:
    """P50 and P95 in a unit that reads well; `factor` makes milliseconds of them."""
    return t("figure_pair", a=span(t, values[0], factor), b=span(t, values[1], factor))


def span(t: Words, value: float | None, factor: float) -> str:
    if value is None:
        return t("figure_nothing")
    milliseconds = value * factor
    if milliseconds < 1000:  # noqa: PLR2004  # a second
        return t("figure_ms", n=round(milliseconds))
    if milliseconds < 120_000:  # noqa: PLR2004  # two minutes
        return t("figure_seconds", n=f"{milliseconds / 1000:.1f}")
    return t("figure_minutes", n=round(milliseconds / 60_000))
