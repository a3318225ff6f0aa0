"""What the desk costs, and what names are called in other languages: settings of the shop, for figures and help."""

from decimal import Decimal, InvalidOperation

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.errors import Invalid
from xiaoer.staff.roles import require
from xiaoer.stores import Costs
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
PRICES = ("prompt_tokens", "completion_tokens", "staff_hour", "paid_resolution")
MOST_NAMES = 500


@router.get("/prices")
async def prices_page(request: Request, desk: DeskPart, me: access.Reader, told: str = "") -> Response:
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
    names = [
        name + (" = " if called else "") + "; ".join(f"{language}: {text}" for language, text in called.items())
        for name, called in profile.glossary.items()
    ]
    shop = profile.name_in(render.words_for(request).language)
    return render.page(
        request, "prices.html", me=me, shop=shop, costs=profile.costs, prices=PRICES, names="\n".join(names),
        told=told == "yes",
    )  # fmt: skip


@router.post("/prices")
async def set_prices(desk: DeskPart, change: access.Teaches) -> Response:
    """Raises `Invalid` naming the first setting that cannot be."""
    costs = {name: str(_amount(change.fields.get(name, ""))) for name in PRICES}
    costs |= {name: change.fields.get(name, "").strip() for name in ("currency", "paid_source")}
    await _change(desk, change, {"costs": {**costs, "currency": costs["currency"].upper() or Costs().currency}})
    return RedirectResponse("/console/prices?told=yes", 303)


@router.post("/prices/names")
async def set_names(desk: DeskPart, change: access.Teaches) -> Response:
    """One name a line, with what it is called elsewhere: `name = en: Name; vi: Tên`."""
    names: dict[str, dict[str, str]] = {}
    for line in change.fields.get("names", "").splitlines():
        name, _, called = line.partition("=")
        if not name.strip():
            continue
        pairs = [
            part.partition(":") for part in called.replace("；", ";").replace("：", ":").split(";") if part.strip()
        ]
        names[name.strip()] = {language.strip().lower(): text.strip() for language, _, text in pairs}
    if len(names) > MOST_NAMES:
        raise Invalid(f"At most {MOST_NAMES} names.")
    await _change(desk, change, {"glossary": names})
    return RedirectResponse("/console/prices?told=yes", 303)


async def _change(desk: DeskPart, change: access.Change, settings: dict[str, object]) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.change(session, change.me.store_id, settings)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip().replace("，", ".").replace(",", ".") or "0")
    except InvalidOperation as error:
        raise Invalid("A price is a number, such as 12.50.") from error
