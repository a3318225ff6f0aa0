"""The figures page: how questions were answered and matters ended, as plain SVG and as CSV; what is behind."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.conversations import aids
from xiaoer.db.record import now
from xiaoer.reports.costs import cost_of
from xiaoer.reports.drilling import By, conversations
from xiaoer.reports.figures import Answers, Figures, Pair, figures, span_of
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute
from xiaoer.web.console.render import Words
from xiaoer.web.console.sheets import sheet

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
ROUTES = ("curated", "cache", "flow", "model", "extract", "refuse", "reading")
OUTCOMES = ("accepted", "edited", "rejected", "open")
SPANS = (7, 30, 90, 365)
WEEKLY = 100
"""Days from which a bar is a week."""
WIDTH, HEIGHT = 720.0, 160.0
Days = Annotated[Literal["7", "30", "90", "365"], Query()]


@router.get("/figures")
async def figures_page(request: Request, desk: DeskPart, me: access.Reader, days: Days = "30") -> Response:
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        span = span_of(me.store_id, timezone=profile.timezone, days=int(days), at=now())
        helped = await aids.outcomes(session, me.store_id, span.begins)
    found = await figures(desk.database.sessions, me.store_id, timezone=profile.timezone, days=int(days), at=now())
    t = render.words_for(request)
    return render.page(
        request, "figures.html", me=me, shop=profile.name_in(t.language), days=int(days), spans=SPANS, found=found,
        bars=bars(found.answers), hours=hours(found.answers),
        legend=[each for each in ROUTES if each in found.answers.routes],
        first=pair(t, found.answers.first_text_ms, 1), whole=pair(t, found.answers.answer_ms, 1),
        wait=pair(t, found.matters.wait_seconds, 1000), cost=cost_of(found, profile.costs), helped=_helped(helped),
        width=WIDTH, height=HEIGHT,
    )  # fmt: skip


@router.get("/figures.csv")
async def figures_csv(desk: DeskPart, me: access.Reader, days: Days = "30") -> Response:
    """One line per day and kind of answer."""
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
    found = await figures(desk.database.sessions, me.store_id, timezone=profile.timezone, days=int(days), at=now())
    rows = [
        (day.isoformat(), *(routes.get(each, 0) for each in ROUTES), _other(routes))
        for day, routes in sorted(found.answers.by_day.items())
    ]
    return sheet(f"xiaoer-{now():%Y%m%d}-{days}.csv", [("day", *ROUTES, "other"), *rows, *_summary(found)])


@router.get("/figures/behind")
async def behind(
    request: Request, desk: DeskPart, me: access.Reader, by: By, value: Annotated[str, Query(max_length=60)] = "",
    days: Days = "30",
) -> Response:  # fmt: skip
    """The conversations that a figure counts."""
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        span = span_of(me.store_id, timezone=profile.timezone, days=int(days), at=now())
        found = await conversations(session, span, by, value)
    t = render.words_for(request)
    return render.page(
        request, "figures_behind.html", me=me, shop=profile.name_in(t.language), found=found, by=by, value=value,
        days=days, clock=render.clock(profile.timezone),
    )  # fmt: skip


@router.get("/figures/gaps")
async def gaps(me: access.Reader, days: Days = "30") -> Response:
    """What nobody could answer has one page, in the workbench; this address was its own before."""
    _ = me
    return RedirectResponse(f"/console/knowledge/gaps?days={days}", 303)


def bars(found: Answers) -> list[dict[str, object]]:
    """Stacked bars, one per day or week, zero-based and as high as the fullest."""
    columns = _columns(found.by_day)
    most = max([sum(routes.values()) for _, routes in columns] or [0]) or 1
    step = WIDTH / max(len(columns), 1)
    drawn: list[dict[str, object]] = []
    for n, (day, routes) in enumerate(columns):
        top = HEIGHT
        parts = []
        for route in ROUTES:
            count = routes.get(route, 0)
            high = HEIGHT * count / most
            if high:
                top -= high
                parts.append({"route": route, "count": count, "y": round(top, 2), "height": round(high, 2)})
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


def hours(found: Answers) -> list[dict[str, object]]:
    """Twenty-four bars, zero-based."""
    most = max(found.by_hour.values(), default=0) or 1
    step, low = WIDTH / 24, HEIGHT / 2
    return [
        {"hour": hour, "x": round(hour * step + step * 0.15, 2), "width": round(step * 0.7, 2), "total": count,
         "y": round(low - low * count / most, 2), "height": round(low * count / most, 2)}
        for hour, count in sorted(found.by_hour.items())
    ]  # fmt: skip


def pair(t: Words, values: Pair, factor: float) -> str:
    """P50 and P95 in a unit that reads well; `factor` makes milliseconds of them."""
    return t("figure_pair", a=duration(t, values[0], factor), b=duration(t, values[1], factor))


def duration(t: Words, value: float | None, factor: float) -> str:
    if value is None:
        return t("figure_nothing")
    milliseconds = value * factor
    if milliseconds < 1000:  # noqa: PLR2004  # a second
        return t("figure_ms", n=round(milliseconds))
    if milliseconds < 120_000:  # noqa: PLR2004  # two minutes
        return t("figure_seconds", n=f"{milliseconds / 1000:.1f}")
    return t("figure_minutes", n=round(milliseconds / 60_000))


def _columns(by_day: Mapping[date, Mapping[str, int]]) -> list[tuple[date, dict[str, int]]]:
    """Days, or weeks named by their first day when there are too many days to tell apart."""
    days = sorted(by_day.items())
    size = 7 if len(days) > WEEKLY else 1
    columns = []
    for first in range(0, len(days), size):
        routes: dict[str, int] = {}
        for _, counts in days[first : first + size]:
            for route, count in counts.items():
                routes[route] = routes.get(route, 0) + count
        columns.append((days[first][0], routes))
    return columns


def _helped(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Outcomes by kind of help, in the order of the words."""
    kinds = dict.fromkeys(kind for kind in ("reply", "rewrite", "translation") if any(kind == one for one, _ in counts))
    return {kind: {what: counts.get((kind, what), 0) for what in OUTCOMES} for kind in kinds}


def _other(routes: Mapping[str, int]) -> int:
    return sum(count for route, count in routes.items() if route not in ROUTES)


def _summary(found: Figures) -> list[tuple[object, ...]]:
    """Further lines: every share with its name."""
    matters = found.matters
    lines: list[tuple[object, ...]] = [()]
    singles = {
        "visits": matters.visits, "alone": matters.alone, "settled": matters.settled, "resolved": matters.resolved,
        "first_contact": matters.first_contact, "reopened": matters.reopened, "open": matters.open,
        "withheld": found.answers.withheld, "helpful": found.answers.helpful, "unhelpful": found.answers.unhelpful,
    }  # fmt: skip
    lines += list(singles.items())
    for name, counts in (
        ("language", found.answers.languages), ("topic", found.answers.topics), ("channel", matters.channels),
        ("reason", matters.reasons), ("ended", matters.whys), ("score", found.scores), ("asked", dict(found.asked)),
        ("unanswered", dict(found.unanswered)),
    ):  # fmt: skip
        lines += [(name, key, count) for key, count in counts.items()]
    return lines
