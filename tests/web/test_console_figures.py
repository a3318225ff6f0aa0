"""The figures page, what is behind its figures, and the customer's judgement of a conversation."""

import csv
import io
import re

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer
from xiaoer.desk.desk import Desk


async def test_every_figure_leads_to_the_conversations_behind_it(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("请问包邮吗")
    await customer.ask("<b>老板的猫叫什么</b>")
    await customer.ask("转人工")
    assert (await judge(customer, score=2, reason="<b>太慢</b>")).status_code == 204
    viewer = await a_colleague(client, desk, "viewer")
    page = (await viewer.get("/console/figures?days=7")).text
    assert "by=route&amp;value=curated" in page
    assert "<b>老板的猫叫什么" not in page
    counted = ("route=curated", "topic=consultation", "language=zh", "channel=web", "reason=asked", "score=2")
    for query in ("by={}&value={}".format(*each.split("=")) for each in counted):
        behind = (await viewer.get(f"/console/figures/behind?{query}&days=7")).text
        assert customer.opened["id"] in behind, query
        assert ("&lt;b&gt;太慢" in behind) == ("score" in query)
    assert customer.opened["id"] not in (await viewer.get("/console/figures/behind?by=route&value=model")).text
    assert (await viewer.get("/console/figures/behind?by=nonsense&value=1")).status_code == 422
    assert "/console/knowledge/gaps?days=7" in page
    bar = re.findall(r'<a href="[^"]*by=day[^"]*" aria-label="([^"]+)">(.*?)</a>', page, re.DOTALL)[-1]
    assert "店铺的标准答案 1" in bar[0], "the numbers of a bar are its name"
    assert "店铺的标准答案 1" in bar[1], "and are drawn, for whoever points at it"
    moved = await viewer.get("/console/figures/gaps?days=7")
    assert (moved.status_code, moved.headers["location"]) == (303, "/console/knowledge/gaps?days=7")
    gathered = (await viewer.get("/console/knowledge/gaps?days=7")).text
    assert "老板的猫叫什么&lt;" in gathered
    assert "<b>老板的猫叫什么" not in gathered
    assert "/console/figures?days=7" in gathered


async def test_the_sheet_holds_days_and_shares(customer: Customer, client: httpx.AsyncClient, desk: Desk) -> None:
    await customer.ask("=1+1")
    viewer = await a_colleague(client, desk, "viewer")
    rows = list(
        csv.reader(io.StringIO((await viewer.get("/console/figures.csv?days=365")).text.removeprefix("\ufeff")))
    )
    assert rows[0][:2] == ["day", "curated"]
    assert len(rows) > 365
    assert ["visits", "1"] in rows
    assert not any(cell.startswith("=") for row in rows for cell in row)


async def judge(customer: Customer, **body: object) -> httpx.Response:
    return await customer.client.post(f"{customer.path}/csat", json=body, headers=customer.headers)


async def test_a_customer_judges_the_conversation_and_may_think_again(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("请问包邮吗")
    assert (await judge(customer, score=2, reason="慢\u0000")).status_code == 204
    assert (await judge(customer, score=5, resolved=True)).status_code == 204
    boss = await a_colleague(client, desk, "owner")
    page = (await boss.get("/console/figures")).text
    assert "5.0 / 5" in page
    await customer.ask("还有<b>别的</b>吗")
    assert (await judge(customer, score=1, resolved=False, reason="<b>没说清</b>")).status_code == 204
    card = (await boss.page(customer)).partition('id="judged"')[2]
    assert card.index("1 / 5") < card.index("&lt;b&gt;没说清") < card.index("5 / 5"), "the newest first"
    assert ("顾客说没有解决" in card, "顾客说解决了" in card) == (True, True)
    exported = (await boss.get(f"/console/conversations/{customer.opened['id']}.json")).json()
    assert [each["score"] for each in exported["judgements"]] == [5, 1]


@pytest.mark.parametrize("body", [{}, {"score": 0}, {"score": 6}, {"score": "up"}, {"score": 3, "reason": "x" * 3000}])
async def test_a_judgement_that_is_none_is_refused(customer: Customer, body: dict[str, object]) -> None:
    assert (await judge(customer, **body)).status_code == 422


async def test_nobody_judges_the_conversation_of_another(customer: Customer, client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{customer.path}/csat", json={"score": 1}, headers={"Authorization": "Bearer ct_x"})
    assert answer.status_code == 401


async def test_a_farewell_asks_for_a_judgement(customer: Customer) -> None:
    assert "rate" not in await customer.ask("请问包邮吗")
    assert (await customer.ask("谢谢，再见"))["rate"] is True
