"""A shopkeeper sets name, greeting, hours and keys on a page of the console, and customers see it at once."""

import html
import re

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.stores import Profile

SHOP = {
    "name_zh": "山野茶铺", "name_en": "Shanye Tea", "greeting_zh": "欢迎来喝茶。",
    "questions_zh": "包邮吗\n能退吗\n包邮吗",
    "hours": "09:30-18:00", "timezone": "Asia/Shanghai", "day_mon": "on", "day_sat": "on",
    "holidays": "2027-02-06\n2027-02-07",
    "accent": "#2f7d4f", "facts": "客服电话 400-000-0000",
}  # fmt: skip


async def profile_of(desk: Desk, slug: str = "shop") -> Profile:
    async with desk.database.sessions() as session:
        return (await stores.by_slug(session, slug)).profile


async def test_what_is_set_is_what_the_next_customer_sees(client: httpx.AsyncClient, desk: Desk) -> None:
    owner = await a_colleague(client, desk, "owner")
    assert (await owner.post("/console/shop", **SHOP)).status_code == 303
    customer = await Customer.arrive(client, await publishable_key(desk))
    assert customer.opened["greeting"] == "欢迎来喝茶。"
    assert customer.opened["suggestions"] == ["包邮吗", "能退吗"]
    assert customer.opened["store"]["name"] == "山野茶铺"
    assert customer.opened["store"]["accent"] == "#2f7d4f"
    profile = await profile_of(desk)
    assert profile.weekdays == ["mon", "sat"]
    assert [str(day) for day in profile.holidays] == ["2027-02-06", "2027-02-07"]
    page = (await owner.get("/console/shop")).text
    assert 'value="山野茶铺"' in page
    assert "客服电话 400-000-0000" in page


async def test_what_may_always_be_told_answers_who_asks_until_it_is_taken_away(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    owner = await a_colleague(client, desk, "owner")
    await owner.post("/console/shop", **SHOP)
    await desk.knowledge.settled()
    asked = await Customer.arrive(client, await publishable_key(desk))
    assert "400-000-0000" in (await asked.ask("你们的客服电话是多少"))["text"]
    await owner.post("/console/shop", **{**SHOP, "facts": ""})
    again = await Customer.arrive(client, await publishable_key(desk))
    assert "400-000-0000" not in (await again.ask("你们的客服电话是多少"))["text"]


async def test_texts_in_languages_that_the_page_does_not_show_are_kept(client: httpx.AsyncClient, desk: Desk) -> None:
    owner = await a_colleague(client, desk, "owner")
    async with desk.database.sessions.begin() as session:
        store_id = (await stores.by_slug(session, "shop")).id
        await stores.change(session, store_id, {"name": {"zh": "小店", "th": "ร้าน"}, "greeting": {"vi": "Xin chào"}})
    await owner.post("/console/shop", **SHOP)
    profile = await profile_of(desk)
    assert (profile.name["th"], profile.greeting["vi"]) == ("ร้าน", "Xin chào")


async def test_a_shop_says_its_languages_and_the_main_one_and_texts_in_each(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    owner = await a_colleague(client, desk, "owner")
    vietnamese = {
        "main_language": "vi", "language_th": "on", "name_vi": "Trà Núi", "greeting_vi": "Xin chào!",
        "questions_th": "ส่งกี่วัน", "facts": "Gọi 0900 000 000.",
    }  # fmt: skip
    assert (await owner.post("/console/shop", **{**SHOP, **vietnamese})).status_code == 303
    profile = await profile_of(desk)
    assert (profile.locales, profile.opening_questions["th"]) == (["vi", "th"], ["ส่งกี่วัน"])
    arrived = await Customer.arrive(client, await publishable_key(desk))
    assert (arrived.opened["greeting"], arrived.opened["store"]["name"]) == ("Xin chào!", "Trà Núi")
    spoken = await Customer.arrive(client, await publishable_key(desk), locale="fr")
    assert spoken.opened["store"]["name"] == "Trà Núi"  # not whichever name comes first
    page = (await owner.get("/console/shop")).text
    assert '<option value="vi" selected>' in page
    for code in ("zh", "en", "vi", "th"):
        assert f'name="greeting_{code}"' in page
    assert (await owner.post("/console/shop", **SHOP, main_language="xx")).status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("hours", "nine to five", "09:00-21:00"),
        ("hours", "25:99-26:00", "09:00-21:00"),
        ("timezone", "../etc/passwd", "Asia/Shanghai"),
        ("holidays", "next monday", "2026-10-01"),
        ("accent", "red;}", "accent"),
        ("logo_url", "javascript:alert(1)", "https"),
        ("name_zh", "茶" * 61, "60"),
        ("facts", "x" * 201, "200"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    client: httpx.AsyncClient, desk: Desk, field: str, value: str, told: str
) -> None:
    owner = await a_colleague(client, desk, "owner")
    before = await profile_of(desk)
    answer = await owner.post("/console/shop", **{**SHOP, field: value})
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)
    assert await profile_of(desk) == before


async def test_a_shop_cannot_lose_its_name(client: httpx.AsyncClient, desk: Desk) -> None:
    owner = await a_colleague(client, desk, "owner")
    assert (await owner.post("/console/shop", **{**SHOP, "name_zh": "", "name_en": " "})).status_code == 422


async def test_a_key_is_made_shown_once_and_revoked(client: httpx.AsyncClient, desk: Desk) -> None:
    owner = await a_colleague(client, desk, "owner")
    made = (await owner.post("/console/shop/keys", kind="secret")).text
    (token,) = re.findall(r"sk_[\w-]{20,}", made)
    headers = {"Authorization": f"Bearer {token}"}
    search = "/api/v1/knowledge/search?q=保修"
    assert (await client.get(search, headers=headers)).status_code == 200
    page = (await owner.get("/console/shop")).text
    assert token not in page
    (revoke,) = re.findall(rf"{re.escape(token[:7])}….*?(/console/shop/keys/[\w-]+/revoke)", page, re.DOTALL)
    assert (await owner.post(revoke)).status_code == 303
    assert (await client.get(search, headers=headers)).status_code == 401
    assert (await owner.post(revoke)).status_code == 404


async def test_roles_and_shops_are_kept_apart(client: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        other = await stores.create(session, "other", {"name": {"zh": "别家"}})
        await stores.issue_key(session, other.id, "secret")
        (theirs,) = await stores.keys(session, other.id)
    manager = await a_colleague(client, desk, "manager", name="经理")
    page = (await manager.get("/console/shop")).text
    assert "/console/shop/keys" not in page
    assert (await manager.post("/console/shop/keys", kind="secret")).status_code == 403
    owner = await a_colleague(client, desk, "owner")
    assert (await owner.post(f"/console/shop/keys/{theirs.id}/revoke")).status_code == 404
    staff = await a_colleague(client, desk, "staff", name="小王")
    assert (await staff.get("/console/shop")).status_code == 403
    assert (await staff.post("/console/shop", **SHOP)).status_code == 403


async def test_the_line_for_a_page_carries_the_shops_key(client: httpx.AsyncClient, desk: Desk) -> None:
    owner = await a_colleague(client, desk, "owner")
    page = html.unescape((await owner.get("/console/shop")).text)
    assert f'data-key="{await publishable_key(desk)}" async></script>' in page
    assert "/chat?store=shop" in page
