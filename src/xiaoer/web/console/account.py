"""One's own account: the password, the second factor, and the browsers that are signed in."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.errors import Forbidden, Invalid
from xiaoer.sealing import SealBroken
from xiaoer.staff import factors, passwords, people, sessions, totp
from xiaoer.staff.sessions import SignedIn
from xiaoer.web.access import DeskPart, LimitsPart
from xiaoer.web.console import access, qr, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/me", include_in_schema=False, route_class=PageRoute)
PER_PERSON = 6
"""Passwords and codes tried per minute."""


class WrongPassword(Forbidden):
    """The current password is another one."""


@router.get("")
async def my_page(request: Request, desk: DeskPart, me: access.Reader) -> Response:
    return await _mine(request, desk, me)


@router.post("")
async def change_password(desk: DeskPart, limits: LimitsPart, change: access.Reads) -> Response:
    """A new password, for who knows the old one; every browser is signed out."""
    await _prove(desk, limits, change)
    digest = await passwords.digest_of(change.fields.get("password", ""))
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, change.me.staff_id, store_id=change.me.store_id)
        await people.set_password(session, person, digest)
    return RedirectResponse("/console/sign-in", 303)


@router.post("/name")
async def change_name(desk: DeskPart, limits: LimitsPart, change: access.Reads) -> Response:
    """Another name or e-mail address, for who knows the password: with the address one signs in."""
    await _prove(desk, limits, change)
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, change.me.staff_id, store_id=change.me.store_id)
        await people.rename(session, person, email=change.fields.get("email", ""), name=change.fields.get("name", ""))
    return RedirectResponse("/console/me", 303)


@router.post("/elsewhere")
async def sign_out_elsewhere(request: Request, desk: DeskPart, change: access.Reads) -> Response:
    """Sign every other browser out, such as one that was left open or stolen."""
    async with desk.database.sessions.begin() as session:
        await sessions.end_others(session, change.me.staff_id, request.cookies[access.COOKIE])
    return RedirectResponse("/console/me", 303)


@router.post("/factor")
async def offer_factor(request: Request, desk: DeskPart, limits: LimitsPart, change: access.Reads) -> Response:
    """A new secret for the authenticator app; it counts once its digits have come back."""
    await _prove(desk, limits, change)
    secret = totp.new_secret()
    return await _mine(request, desk, change.me, secret=secret, sealed=desk.seal.lock(secret))


@router.post("/factor/on")
async def switch_on(request: Request, desk: DeskPart, limits: LimitsPart, change: access.Reads) -> Response:
    """Ask for the second factor from now on, and show the recovery codes this once."""
    await limits.take("codes", change.me.staff_id, PER_PERSON)
    sealed = change.fields.get("sealed", "")
    try:
        secret = desk.seal.open(sealed)
        async with desk.database.sessions.begin() as session:
            codes = await factors.switch_on(
                session, desk.seal, change.me.staff_id, secret, change.fields.get("code", "")
            )
    except SealBroken as error:
        raise Invalid("This page is out of date. Begin again.") from error
    except factors.WrongCode as error:
        return await _mine(request, desk, change.me, status=422, secret=secret, sealed=sealed, problem=error.detail)
    return await _mine(request, desk, change.me, codes=codes)


@router.post("/factor/off")
async def switch_off(desk: DeskPart, limits: LimitsPart, change: access.Reads) -> Response:
    await _prove(desk, limits, change)
    async with desk.database.sessions.begin() as session:
        factors.switch_off(await people.by_id(session, change.me.staff_id, store_id=change.me.store_id))
    return RedirectResponse("/console/me", 303)


async def _prove(desk: Desk, limits: LimitsPart, change: access.Change) -> None:
    """Raise `WrongPassword` unless the current password was given."""
    await limits.take("passwords", change.me.staff_id, PER_PERSON)
    async with desk.database.sessions() as session:
        person = await people.by_id(session, change.me.staff_id, store_id=change.me.store_id)
    if not await passwords.matches(change.fields.get("old", ""), person.password_digest):
        raise WrongPassword("The current password is another one.")


async def _mine(
    request: Request,
    desk: Desk,
    me: SignedIn,
    *,
    status: int = 200,
    secret: str = "",
    sealed: str = "",
    codes: list[str] | None = None,
    problem: str = "",
) -> Response:
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        browsers = await sessions.browsers(session, me.staff_id, request.cookies[access.COOKIE])
        has_factor = await factors.needed(session, me.staff_id)
    t = render.words_for(request)
    shop = profile.name_in(t.language)
    address = totp.address(secret, account=me.email, shop=shop) if secret else ""
    return render.page(
        request,
        "me.html",
        status=status,
        me=me,
        shop=shop,
        browsers=browsers,
        has_factor=has_factor,
        has_no_mailbox=people.is_placeholder(me.email),
        secret=secret,
        sealed=sealed,
        address=address,
        code=qr.drawn(address, t("factor_qr")) if address else "",
        codes=codes or [],
        problem=problem,
        clock=render.clock(profile.timezone),
    )
