"""Tickets in the console, by API and by the customer's link."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer, secret_key
from xiaoer.desk.desk import Desk
from xiaoer.staff.roles import Role

EVIL = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
async def boss(client: httpx.AsyncClient, desk: Desk) -> Colleague:
    return await a_colleague(client, desk, "owner")


@pytest.fixture
async def merchant(desk: Desk) -> dict[str, str]:
    return {"Authorization": f"Bearer {await secret_key(desk)}"}


async def made(client: httpx.AsyncClient, merchant: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/tickets", json={"subject": "杯子碎了", **fields}, headers=merchant)
    assert answer.status_code in (200, 201), answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def read(client: httpx.AsyncClient, merchant: dict[str, str], number: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/tickets/{number}", headers=merchant)
    assert answer.status_code == 200, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


def event_of(answer: httpx.Response) -> str:
    found = re.search(r"undo=([\w-]+)", answer.headers["location"])
    assert found
    return found.group(1)


async def test_a_ticket_from_complaint_to_closed(
    customer: Customer, client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    await customer.ask("我收到的杯子碎了")
    page = (await boss.get("/console/tickets")).text
    assert "T-1001" in page
    path = "/console/tickets/1001"
    await boss.post(f"{path}/assign", staff=str(boss.staff_id))
    await boss.post(f"{path}/state", state="in_progress")
    await boss.post(f"{path}/comment", text="今天补发一个新的给您。", public="yes")
    await boss.post(f"{path}/comment", text="仓库还有三个", public="no")
    await boss.post(f"{path}/state", state="solved")
    said = [each["text"] for each in await customer.messages()]
    assert "关于工单 T-1001：今天补发一个新的给您。" in said
    assert "工单 T-1001 已标记为解决。如果还有问题，直接回复即可重新打开。" in said
    assert not any("仓库" in text for text in said)
    await boss.post(f"{path}/state", state="closed")
    ticket = await read(client, merchant, "T-1001")
    assert (ticket["state"], ticket["assigned_to"]) == ("closed", str(boss.staff_id))
    kinds = [each["kind"] for each in ticket["history"]]
    assert kinds == ["created", "assigned", "state", "comment", "note", "state", "state"]


async def test_a_step_is_undone_as_long_as_nothing_came_after_it(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    before = await made(client, merchant)
    first = await boss.post("/console/tickets/1001/state", state="solved")
    assert "撤销" in (await boss.get(first.headers["location"])).text
    second = await boss.post("/console/tickets/1001/priority", priority="low")
    late = await boss.post("/console/tickets/1001/undo", event=event_of(first))
    assert late.status_code == 409
    await boss.post("/console/tickets/1001/undo", event=event_of(second))
    await boss.post("/console/tickets/1001/undo", event=event_of(first))
    after = await read(client, merchant, "T-1001")
    assert {name: after[name] for name in ("state", "priority", "due_at", "solved_at")} == {
        name: before[name] for name in ("state", "priority", "due_at", "solved_at")
    }


async def test_a_step_its_life_does_not_have_is_refused(client: httpx.AsyncClient, merchant: dict[str, str]) -> None:
    await made(client, merchant)
    answer = await client.post("/api/v1/tickets/T-1001/state", json={"state": "closed"}, headers=merchant)
    assert (answer.status_code, answer.json()["error"]) == (409, "NotFromHere")


async def test_the_clock_stops_while_the_customer_is_asked(client: httpx.AsyncClient, merchant: dict[str, str]) -> None:
    before = await made(client, merchant)
    for state, due in (("waiting", False), ("in_progress", True), ("solved", False)):
        answer = await client.post("/api/v1/tickets/1001/state", json={"state": state}, headers=merchant)
        assert (answer.json()["due_at"] is not None) is due
        if due:
            moved = datetime.fromisoformat(answer.json()["due_at"]) - datetime.fromisoformat(before["due_at"])
            assert timedelta(0) <= moved < timedelta(minutes=1)


async def test_the_same_key_is_the_same_ticket(client: httpx.AsyncClient, merchant: dict[str, str]) -> None:
    first = await made(client, merchant, idempotency_key="order-7")
    again = await made(client, merchant, idempotency_key="order-7", subject="another")
    assert again["id"] == first["id"]
    assert (await made(client, merchant))["number"] == "T-1002"


async def test_the_customers_link_shows_what_is_public_and_takes_an_answer(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    path = (await made(client, merchant, text="盒子也坏了"))["status_url"]
    await boss.post("/console/tickets/1001/comment", text="只给同事看", public="no")
    await boss.post("/console/tickets/1001/comment", text="请告诉我们颜色", public="yes")
    await boss.post("/console/tickets/1001/state", state="waiting")
    page = await client.get(path)
    assert "请告诉我们颜色" in page.text
    assert "等待您的回复" in page.text
    assert "只给同事看" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await client.post(path, data={"text": "蓝色"})).status_code == 303
    ticket = await read(client, merchant, "T-1001")
    assert (ticket["state"], ticket["history"][-1]["text"]) == ("in_progress", "蓝色")


@pytest.mark.parametrize("token", ["x", "a" * 140, "gAAAAABnonsense", "%00", "é" * 20])
async def test_a_link_nobody_made_leads_nowhere(client: httpx.AsyncClient, token: str) -> None:
    assert (await client.get(f"/ticket/{token}")).status_code == 404
    assert (await client.post(f"/ticket/{token}", data={"text": "x"})).status_code == 404


async def test_script_in_every_field_is_shown_as_text(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    path = (await made(client, merchant, subject=EVIL, text=EVIL, order=EVIL[:60]))["status_url"]
    await boss.post("/console/tickets/1001/comment", text=EVIL, public="yes")
    pages = [path, "/console/tickets", "/console/tickets/1001", "/console/tickets?q=<script>"]
    for page in pages:
        shown = await boss.get(page)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "{{7*7}}" in shown.text or page.endswith("<script>")
        assert "script-src 'self'" in shown.headers["content-security-policy"] or page == path


async def test_texts_that_are_too_long_are_refused_in_words(
    client: httpx.AsyncClient, merchant: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/tickets", json={"subject": "x", "text": "字" * 400_000}, headers=merchant)
    assert (answer.status_code, answer.json()["error"]) == (422, "MessageTooLong")
    huge = await client.post("/api/v1/tickets", content=b"x" * 10_000_000, headers=merchant)
    assert (huge.status_code, huge.json()["error"]) == (413, "TooLarge")


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"subject": ""}, 422), ({"subject": "x", "kind": "nonsense"}, 422),
     ({"subject": "x", "email": "no"}, 422),
     ({"subject": "x", "email": "a@b.c\r\nBcc: d@e.f"}, 422),
     ({"subject": "x", "conversation": "00000000-0000-0000-0000-000000000000"}, 404)],
)  # fmt: skip
async def test_a_wrong_ticket_is_refused(
    client: httpx.AsyncClient, merchant: dict[str, str], body: dict[str, Any], status: int
) -> None:
    answer = await client.post("/api/v1/tickets", json=body, headers=merchant)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "detail"}


async def test_only_a_secret_key_opens_the_api(customer: Customer) -> None:
    assert (await customer.client.get("/api/v1/tickets", headers=customer.headers)).status_code == 403
    assert (await customer.client.get("/api/v1/tickets")).status_code == 401


async def test_a_sheet_computes_nothing_a_customer_wrote(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    for subject in ("=HYPERLINK(1)", "+1", "-2", "@x", "普通的"):
        await made(client, merchant, subject=subject)
    answer = await boss.get("/console/tickets/file.csv?sort=newest")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["subject"] for row in rows] == ["普通的", "'@x", "'-2", "'+1", "'=HYPERLINK(1)"]


async def test_the_list_is_filtered_by_its_address(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    await made(client, merchant, kind="refund", priority="urgent", order="DD-77")
    await made(client, merchant, kind="repair", subject="电池鼓包")
    for query, found in (
        ("kind=refund", ["T-1001"]), ("priority=urgent&kind=", ["T-1001"]), ("q=电池", ["T-1002"]),
        ("q=DD-77", ["T-1001"]),
        ("q=t-1002", ["T-1002"]), ("which=solved", []), ("which=unassigned&sort=newest", ["T-1002", "T-1001"]),
        ("q=100%25", []),
    ):  # fmt: skip
        page = (await boss.get(f"/console/tickets?{query}")).text
        assert list(dict.fromkeys(re.findall(r"<small>(T-\d+)", page))) == found, query
    assert (await boss.get("/console/tickets?sort=nonsense")).status_code == 422


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [("viewer", "state", False), ("viewer", "comment", False), ("staff", "state", True), ("staff", "comment", True),
     ("viewer", "undo", False), ("viewer", "priority", False)],
)  # fmt: skip
async def test_a_role_does_what_it_may(
    client: httpx.AsyncClient, desk: Desk, merchant: dict[str, str], role: Role, action: str, allowed: bool
) -> None:
    await made(client, merchant)
    person = await a_colleague(client, desk, role)
    assert (await person.get("/console/tickets/1001")).status_code == 200
    answer = await person.post(f"/console/tickets/1001/{action}", state="in_progress", text="x", public="no")
    assert answer.status_code == (303 if allowed else 403)
    shown = (await person.get("/console/tickets/1001")).text
    assert ("/console/tickets/1001/comment" in shown) is allowed
    assert (await person.post("/console/webhooks", url="https://example.com/")).status_code == 403
    assert (await person.get("/console/webhooks")).status_code == 403


async def test_staff_take_a_ticket_but_give_it_to_nobody_else(
    client: httpx.AsyncClient, desk: Desk, boss: Colleague, merchant: dict[str, str]
) -> None:
    await made(client, merchant)
    person = await a_colleague(client, desk, "staff", name="小王")
    assert (await person.post("/console/tickets/1001/assign", staff=str(boss.staff_id))).status_code == 403
    assert (await person.post("/console/tickets/1001/assign", staff=str(person.staff_id))).status_code == 303
    viewer = await a_colleague(client, desk, "viewer", name="小看")
    assert (await boss.post("/console/tickets/1001/assign", staff=str(viewer.staff_id))).status_code == 422


async def test_no_other_page_acts_for_somebody_who_is_signed_in(
    client: httpx.AsyncClient, boss: Colleague, merchant: dict[str, str]
) -> None:
    await made(client, merchant)
    cookie = {"Cookie": boss.headers["Cookie"]}
    for path in (
        "/console/tickets",
        "/console/tickets/1001/state",
        "/console/tickets/1001/comment",
        "/console/webhooks",
    ):
        without = await client.post(path, data={"state": "solved", "subject": "x", "text": "x"}, headers=cookie)
        elsewhere = await client.post(
            path, data={"csrf": boss.csrf, "subject": "x"}, headers={**cookie, "Origin": "https://evil.test"}
        )
        assert (without.status_code, elsewhere.status_code) == (403, 403), path
    assert (await read(client, merchant, "T-1001"))["state"] == "open"


async def test_staff_make_a_ticket_of_a_conversation(customer: Customer, boss: Colleague) -> None:
    await customer.ask("包邮吗")
    making = f"/console/tickets/new?c={customer.opened['id']}"
    assert f'href="{making}"' in await boss.page(customer)
    form = await boss.get(making)
    assert customer.opened["id"] in form.text
    answer = await boss.post(
        "/console/tickets", subject="回电", kind="question", conversation=customer.opened["id"], priority=""
    )
    assert answer.headers["location"] == "/console/tickets/1001"
    assert 'href="/console/tickets/1001"' in await boss.page(customer)
    assert "1001" in (await customer.ask("我的工单到哪了"))["text"]
