"""The console's pages beside the inbox: people, canned replies, figures."""

import re

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer
from xiaoer.desk.desk import Desk

HTML = {"Accept": "text/html"}


async def test_the_owner_invites_and_the_link_leads_to_a_password(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    page = await boss.post("/console/people", name="阿梅", email="mei@shop.test", role="staff")
    link = re.search(r"/console/link/[\w-]+", page.text)
    assert link
    assert "阿梅" in (await client.get(link.group())).text
    assert (await boss.post("/console/people", name="x", email="MEI@shop.test", role="staff")).status_code == 409
    assert (await boss.post("/console/people", name="x", email="no address", role="staff")).status_code == 422
    assert (await boss.post("/console/people", name="x", email="a@b.c", role="king")).status_code == 422


async def test_the_last_owner_can_neither_step_down_nor_be_switched_off(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.post(f"/console/people/{boss.staff_id}/role", role="staff")).status_code == 409
    assert (await boss.post(f"/console/people/{boss.staff_id}/off")).status_code == 409
    await a_colleague(client, desk, "owner", name="anna")
    assert (await boss.post(f"/console/people/{boss.staff_id}/role", role="staff")).status_code == 303
    assert (await boss.get("/console/people")).status_code == 403


@pytest.mark.parametrize("role", ["manager", "staff", "viewer"])
async def test_people_are_the_owners_business(client: httpx.AsyncClient, desk: Desk, role: str) -> None:
    colleague = await a_colleague(client, desk, role)
    assert "/console/people" not in (await colleague.get("/console")).text
    assert (await colleague.get("/console/people")).status_code == 403
    for path in ("people", f"people/{colleague.staff_id}/role", f"people/{colleague.staff_id}/off"):
        assert (await colleague.post(f"/console/{path}", role="owner", name="x", email="x@y.z")).status_code == 403


async def test_people_of_another_shop_do_not_exist(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    path = "/console/people/00000000-0000-4000-8000-000000000000"
    for action in ("role", "off", "link"):
        assert (await boss.post(f"{path}/{action}", role="staff")).status_code == 404


async def test_a_new_password_needs_the_old_one_and_signs_out_everywhere(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    wrong = await boss.post("/console/me", old="not this one", password="another long one")
    assert wrong.status_code == 403
    right = await boss.post("/console/me", old="a long enough password", password="another long one")
    assert right.status_code == 303
    assert (await boss.get("/console")).status_code == 401


async def test_canned_replies_know_the_customer_the_shop_and_the_writer(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("请问包邮吗")
    boss = await a_colleague(client, desk, "owner")
    await boss.post("/console/replies", title="问候", text="{name}，我是{shop}的{agent}，{unknown}")
    assert 'data-text="您好，我是小店的小林，{unknown}"' in await boss.page(customer)
    staff = await a_colleague(client, desk, "staff", name="anna")
    assert (await staff.post("/console/replies", title="a", text="b")).status_code == 403
    gone = re.search(r"/console/replies/[\w-]+/delete", (await boss.get("/console/replies")).text)
    assert gone
    assert (await boss.post(gone.group())).status_code == 303
    assert (await boss.post(gone.group())).status_code == 404


async def test_figures_are_drawn_and_can_be_had_as_a_table(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    assert "还没有数据" in (await viewer.get("/console/figures")).text
    await customer.ask("请问包邮吗")
    await customer.ask("你们老板的生日是哪一天")
    page = (await viewer.get("/console/figures?days=7")).text
    assert "<rect" in page
    assert "你们老板的生日是哪一天" in page
    assert " style=" not in page
    lines = (await viewer.get("/console/figures.csv?days=7")).text.splitlines()
    assert lines.index("") == 8  # seven days and their names; what else is counted stands below
    assert lines[7].split(",")[1:7] == ["1", "0", "0", "0", "0", "1"]
    assert "visits,1" in lines
    assert (await viewer.get("/console/figures?days=8000")).status_code == 422


async def test_a_person_who_asked_for_something_impossible_gets_a_page_back(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    headers = {"Cookie": boss.headers["Cookie"], **HTML}
    page = await client.get("/console?c=00000000-0000-4000-8000-000000000000", headers=headers)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "回到工作台" in page.text
