"""One's own account: a second factor, and browsers signed out from elsewhere."""

import base64
import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import sqlalchemy as sa
from console_staff import PASSWORD, Colleague, a_colleague

from xiaoer import stores
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.jobs import Job
from xiaoer.staff import people, totp
from xiaoer.staff.tables import Staff, StaffSession
from xiaoer.tickets import notices
from xiaoer.web.console import qr

EMAIL = "owner@shop.test"


def test_the_digits_are_those_of_rfc_6238() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    moments = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    for seconds, digits in moments.items():
        assert totp.code_at(secret, seconds // 30) == digits
        at = datetime.fromtimestamp(seconds, UTC)
        assert totp.accepted_step(secret, digits, at=at + timedelta(seconds=30), after=None) == seconds // 30
        assert totp.accepted_step(secret, digits, at=at + timedelta(seconds=90), after=None) is None
        assert totp.accepted_step(secret, digits, at=at, after=seconds // 30) is None
    for hostile in ("", "０００００0", "a" * 10_000, "-1"):
        assert totp.accepted_step(secret, hostile, at=now(), after=None) is None


async def sign_in(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    answer = await client.post("/console/sign-in", data={"email": EMAIL, "password": PASSWORD, **more})
    client.cookies.clear()
    return answer


async def with_factor(boss: Colleague) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that was just switched on."""
    offered = (await boss.post("/console/me/factor", old=PASSWORD)).text
    secret = re.search(r'class="secret">([A-Z2-7]+)<', offered)
    sealed = re.search(r'name="sealed" value="([^"]+)"', offered)
    assert secret
    assert sealed
    assert secret[1] not in sealed[1]
    drawn = re.search(r'<svg [^>]*class="qr">.*?</svg>', offered, re.DOTALL)
    assert drawn
    assert str(qr.drawn(totp.address(secret[1], account=EMAIL, shop="小店"), "给验证器应用扫描的二维码")) == drawn[0]
    wrong = await boss.post("/console/me/factor/on", sealed=sealed[1], code="000000x")
    assert wrong.status_code == 422
    assert (await sign_in(boss.client)).status_code == 303  # not asked for before it is proven
    code = totp.code_at(secret[1], int(now().timestamp()) // 30 - 1)
    switched = await boss.post("/console/me/factor/on", sealed=sealed[1], code=code)
    return secret[1], re.findall(r"<code>([0-9a-f-]{13})</code>", switched.text)


async def test_a_second_factor_is_asked_for_and_no_code_works_twice(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.post("/console/me/factor", old="wrong")).status_code == 403
    secret, recovery = await with_factor(boss)
    assert len(recovery) == 8
    async with desk.database.sessions() as session:
        stored = str((await session.execute(sa.text("SELECT totp_sealed, recovery FROM staff"))).all())
    assert secret not in stored
    assert recovery[0] not in stored
    asked = await sign_in(client)
    assert (asked.status_code, 'name="code"' in asked.text) == (401, True)
    assert "set-cookie" not in asked.headers
    code = totp.code_at(secret, int(now().timestamp()) // 30)
    assert (await sign_in(client, code=code)).status_code == 303
    assert (await sign_in(client, code=code)).status_code == 401
    assert (await sign_in(client, code=recovery[0].upper())).status_code == 303


async def test_a_recovery_code_works_once_and_the_password_switches_the_factor_off(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    _, recovery = await with_factor(boss)
    assert (await sign_in(client, code=recovery[1])).status_code == 303
    assert (await sign_in(client, code=recovery[1])).status_code == 401
    assert (await boss.post("/console/me/factor/off", old="wrong")).status_code == 403
    assert (await boss.post("/console/me/factor/off", old=PASSWORD)).status_code == 303
    assert (await sign_in(client)).status_code == 303


async def test_who_lost_the_telephone_gets_in_by_the_owners_link(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    await with_factor(boss)
    async with desk.database.sessions.begin() as session:
        token = await people.make_link(session, await session.get_one(Staff, boss.staff_id))
    assert (await client.post(f"/console/link/{token}", data={"password": PASSWORD})).status_code == 303
    client.cookies.clear()
    assert (await sign_in(client)).status_code == 303


async def test_a_stolen_session_ends_when_every_other_browser_is_signed_out(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    stolen = (await sign_in(client)).headers["set-cookie"].partition(";")[0]
    assert (await client.get("/console", headers={"Cookie": stolen})).status_code == 200
    assert "退出其他所有浏览器" in (await boss.get("/console/me")).text
    assert (await boss.post("/console/me/elsewhere")).status_code == 303
    assert (await client.get("/console", headers={"Cookie": stolen})).status_code == 401
    assert (await boss.get("/console")).status_code == 200


async def test_an_expired_session_can_neither_read_nor_change(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(expires_at=now() - timedelta(seconds=1)))
    assert (await boss.get("/console/events")).status_code == 401
    assert (await boss.post("/console/me/elsewhere")).status_code == 401
    assert (await boss.post("/console/settings", handoff_words="x")).status_code == 401


async def test_what_a_browser_calls_itself_is_only_ever_text(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    odd = {"User-Agent": "<script>alert(1)</script>" + "x" * 3000}
    await client.post("/console/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=odd)
    client.cookies.clear()
    page = (await boss.get("/console/me")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "x" * 301 not in page


async def test_name_and_address_are_changed_with_the_password_and_colleagues_by_the_owner(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    anna = await a_colleague(client, desk, "staff", name="anna")
    mine = {"name": "林店长", "email": "Lin@Shop.Example"}
    assert (await boss.post("/console/me/name", **mine, old="wrong")).status_code == 403
    assert (await boss.post("/console/me/name", **{**mine, "email": "anna@shop.test"}, old=PASSWORD)).status_code == 409
    assert (await boss.post("/console/me/name", **{**mine, "email": "nobody"}, old=PASSWORD)).status_code == 422
    assert (await boss.post("/console/me/name", **mine, old=PASSWORD)).status_code == 303
    assert "林店长" in (await boss.get("/console/me")).text
    assert (await sign_in(client)).status_code == 401
    assert (await sign_in(client, email="lin@shop.example")).status_code == 303
    theirs = {"name": "安娜", "email": "anna@shop.example"}
    assert (await anna.post(f"/console/people/{boss.staff_id}/name", **theirs)).status_code == 403
    assert (await boss.post(f"/console/people/{boss.staff_id}/name", **theirs)).status_code == 422
    assert (await boss.post(f"/console/people/{anna.staff_id}/name", **theirs)).status_code == 303
    page = (await boss.get("/console/people")).text
    assert all(each in page for each in theirs.values())


async def test_no_letter_is_written_to_the_address_that_only_serves_to_sign_in(desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        shop = await stores.by_slug(session, "shop")
        assert await people.first_owner(session, shop)
        await notices.tell_of_waiting(session, shop.id, uuid.uuid4(), now())
        assert await session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.store_id == shop.id)) == 0
        owner = (await people.every(session, shop.id))[0]
        await people.rename(session, owner, email="lin@shop.example", name="林")
        await notices.tell_of_waiting(session, shop.id, uuid.uuid4(), now())
        assert await session.scalar(sa.select(Job.payload["to"].astext)) == "lin@shop.example"
