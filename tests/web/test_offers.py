"""Offers over HTTP and in the console: what may be combined counts at the next price."""

from typing import Any

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key, secret_key
from xiaoer import stores
from xiaoer.desk.desk import Desk

PRODUCTS = "商品编号,商品名称,规格,SKU,价格,库存\nP1,云岭 X1 耳机,黑色,P1-B,300,5\n"
SPRING = {"name": {"zh": "春日立减"}, "kind": "fixed", "amount": "30.00"}
TENTH = {"name": {"zh": "全场九折"}, "kind": "percent", "percent": "10"}
OFFERS = "/api/v1/commerce/offers"


@pytest.fixture
async def headers(client: httpx.AsyncClient, desk: Desk) -> dict[str, str]:
    """A shop that has one product here, and its secret key."""
    bearer = {"Authorization": f"Bearer {await secret_key(desk)}"}
    files = {"file": ("t.csv", PRODUCTS.encode())}
    assert (await client.post("/api/v1/commerce/import", files=files, headers=bearer)).status_code == 200
    return bearer


async def price(client: httpx.AsyncClient, desk: Desk) -> str:
    customer = await Customer.arrive(client, await publishable_key(desk))
    return str((await customer.ask("云岭 X1 耳机一共多少钱"))["text"])


async def test_offers_that_may_be_combined_are_and_those_that_exclude_each_other_are_not(
    client: httpx.AsyncClient, desk: Desk, headers: dict[str, str]
) -> None:
    both = {"spring": SPRING, "tenth": TENTH}
    assert (await client.put(OFFERS, json=both, headers=headers)).json()["unknown"] == []
    assert "合计：¥243.00" in await price(client, desk)  # 300 − 30 = 270; − 27
    apart = {"spring": {**SPRING, "amount": "40.00", "excludes": ["percent"]}}
    await client.put(OFFERS, json=apart, headers=headers)
    told = await price(client, desk)
    assert "合计：¥260.00" in told
    assert "“全场九折”不能与“春日立减”同时使用" in told


async def test_offers_are_listed_with_names_that_are_nobodys_and_taken_away(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    body = {**SPRING, "stacks_with": ["vouchers", "tenth"]}
    kept = (await client.put(f"{OFFERS}/spring", json=body, headers=headers)).json()
    assert kept["stacks_with"] == ["tenth", "vouchers"]
    listed = (await client.get(OFFERS, headers=headers)).json()
    assert ([each["id"] for each in listed["offers"]], listed["unknown"]) == (["spring"], ["tenth", "vouchers"])
    assert (await client.delete(f"{OFFERS}/spring", headers=headers)).status_code == 204
    gone = await client.delete(f"{OFFERS}/spring", headers=headers)
    assert (gone.status_code, gone.json()["error"]) == (404, "UnknownOffer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "1e30"},
        {"kind": "percent"},
        {"kind": "free"},
        {"name": {}},
        {"percent": 120},
        {"valid_from": "2026-01-02T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"},
        {"valid_to": "2026-01-01T00:00:00"},
        {"exclude": ["x"]},
        {"excludes": [""]},
    ],
)
async def test_an_offer_that_makes_no_sense_is_refused_and_nothing_of_the_call_is_kept(
    client: httpx.AsyncClient, headers: dict[str, str], wrong: dict[str, Any]
) -> None:
    answer = await client.put(OFFERS, json={"good": SPRING, "bad": {**SPRING, **wrong}}, headers=headers)
    assert answer.status_code == 422
    assert (await client.get(OFFERS, headers=headers)).json()["offers"] == []


async def test_offers_are_the_shops_own_and_need_its_secret_key(
    client: httpx.AsyncClient, desk: Desk, headers: dict[str, str]
) -> None:
    await client.put(f"{OFFERS}/spring", json=SPRING, headers=headers)
    public = {"Authorization": f"Bearer {await publishable_key(desk)}"}
    assert (await client.get(OFFERS, headers=public)).status_code == 403
    async with desk.database.sessions.begin() as session:
        other = await stores.create(session, "other", {"name": {"zh": "别家"}, "locales": ["zh"]})
        key = await stores.issue_key(session, other.id, "secret")
    theirs = {"Authorization": f"Bearer {key}"}
    assert (await client.get(OFFERS, headers=theirs)).json()["offers"] == []
    assert (await client.delete(f"{OFFERS}/spring", headers=theirs)).status_code == 404


async def test_staff_set_what_an_offer_goes_with_and_it_counts_at_once(
    client: httpx.AsyncClient, desk: Desk, headers: dict[str, str]
) -> None:
    await client.put(OFFERS, json={"spring": SPRING, "tenth": TENTH}, headers=headers)
    boss = await a_colleague(client, desk, "owner")
    page = (await boss.get("/console/offers")).text
    assert "春日立减" in page
    assert "九折" in page
    saved = await boss.post("/console/offers/spring", excludes="", stacks_with="", **{"with": "these"})
    assert saved.status_code == 303
    assert "合计：¥270.00" in await price(client, desk)  # 30 off either way, not both
    await boss.post("/console/offers/spring", excludes="nobody", stacks_with="", **{"with": "any"})
    assert "nobody" in (await boss.get("/console/offers")).text
    assert "合计：¥243.00" in await price(client, desk)


async def test_who_may_not_teach_and_who_sends_no_token_changes_no_offer(
    client: httpx.AsyncClient, desk: Desk, headers: dict[str, str]
) -> None:
    await client.put(f"{OFFERS}/spring", json=SPRING, headers=headers)
    viewer = await a_colleague(client, desk, "viewer")
    assert (await viewer.get("/console/offers")).status_code == 403
    assert (await viewer.post("/console/offers/spring", excludes="x")).status_code == 403
    boss = await a_colleague(client, desk, "owner")
    forged = await client.post(
        "/console/offers/spring", data={"excludes": "x"}, headers={"Cookie": boss.headers["Cookie"]}
    )
    assert forged.status_code == 403
    assert (await boss.post("/console/offers/nothing", excludes="x")).status_code == 404
    assert (await boss.post("/console/offers/spring", excludes="x" * 100)).status_code == 422
    assert (await client.get(OFFERS, headers=headers)).json()["offers"][0]["excludes"] == []


async def test_staff_switch_codes_by_mail_off_and_on(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    for choice, on in (("off", False), ("on", True)):
        assert (await boss.post("/console/settings", mail_codes=choice)).status_code == 303
        async with desk.database.sessions() as session:
            assert (await stores.by_slug(session, "shop")).profile.mail_codes is on
