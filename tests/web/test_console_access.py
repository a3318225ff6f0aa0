"""The console over HTTP: who gets in, what each role may do, and that nothing of another shop can be told to exist."""

import re
import uuid

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.staff import people, sessions
from xiaoer.web.console import render
from xiaoer.web.console.signing import inside


async def test_without_signing_in_a_page_leads_to_the_door_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console?queue=mine", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%3Fqueue%3Dmine"
    for path in ("/console/events", "/console"):
        assert (await client.get(path)).status_code == 401


async def test_a_wrong_password_and_an_unknown_address_read_the_same(client: httpx.AsyncClient, desk: Desk) -> None:
    await a_colleague(client, desk, "owner")
    known = await client.post("/console/sign-in", data={"email": "owner@shop.test", "password": "wrong wrong"})
    unknown = await client.post("/console/sign-in", data={"email": "nobody@shop.test", "password": "wrong wrong"})
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("owner@", "nobody@") == unknown.text
    assert "set-cookie" not in known.headers


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    cookie = boss.cookie_header.lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # http
    assert "path=/console" in cookie


async def test_guessing_passwords_is_slowed_down(client: httpx.AsyncClient) -> None:
    codes = [
        (await client.post("/console/sign-in", data={"email": "a@b.c", "password": "x"})).status_code for _ in range(8)
    ]
    assert codes[:6] == [401] * 6
    assert codes[-1] == 429


async def test_a_sign_in_leads_nowhere_else() -> None:
    for path in ("//evil.test", "https://evil.test", "/console//evil", "/chat", "/console\\evil", "", "/consolevil"):
        assert inside(path) == "/console"
    assert inside("/console/people") == "/console/people"


async def test_pages_run_no_foreign_script_and_are_not_framed(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    policy = (await boss.get("/console")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    page = (await boss.get("/console")).text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\sstyle=|\son\w+=", page)


async def test_what_a_customer_writes_is_text_wherever_staff_read_it(client: httpx.AsyncClient, desk: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    customer = await Customer.arrive(client, await publishable_key(desk), customer={"id": evil, "name": evil})
    await customer.ask(evil)
    boss = await a_colleague(client, desk, "owner")
    await boss.act(customer, "note", text=evil)
    await boss.act(customer, "tags", tags="a")
    page = (await boss.get(f"/console?queue=assistant&c={customer.opened['id']}&q={'<b>'}")).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert" in page


async def test_what_staff_write_is_text_wherever_colleagues_read_it(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("包邮吗")
    assert (await boss.post("/console/people", email="a@b.test", name=evil[:40], role="staff")).status_code == 200
    assert (await boss.post("/console/replies", title=evil[:80], text=evil)).status_code == 303
    assert (await boss.act(customer, "reply", text=evil)).status_code == 204
    assert (await boss.act(customer, "tags", tags=evil)).status_code == 422
    await boss.post("/console/webhooks", url=f"https://shop.test/{evil}")
    for path in ("people", "replies", "webhooks", "figures", "prices", "tickets", "me", f"?c={customer.opened['id']}"):
        page = (await boss.get(f"/console{path if path[0] == '?' else '/' + path}")).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


@pytest.mark.parametrize("action", ["take", "reply", "note", "tags", "handback", "close", "typing", "assign"])
async def test_no_action_without_the_sessions_token_or_from_another_site(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, action: str
) -> None:
    await customer.ask("请问包邮吗")
    boss = await a_colleague(client, desk, "owner")
    path = f"/console/conversations/{customer.opened['id']}/{action}"
    bare = {"Cookie": boss.headers["Cookie"]}
    assert (await client.post(path, data={"text": "x"}, headers=bare)).status_code == 403
    assert (await client.post(path, data={"csrf": "guess"}, headers=bare)).status_code == 403
    for foreign in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await client.post(path, data={"text": "x"}, headers={**boss.headers, **foreign})).status_code == 403
    assert [message["author"] for message in await customer.messages()] == ["customer", "assistant"]


@pytest.mark.parametrize("action", ["take", "reply", "note", "tags", "handback", "close", "typing"])
async def test_who_may_only_read_is_shown_no_action_and_can_do_none(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, action: str
) -> None:
    await customer.ask("请问包邮吗")
    guest = await a_colleague(client, desk, "viewer")
    page = (await guest.get(f"/console?queue=assistant&c={customer.opened['id']}")).text
    assert "data-act=" not in page
    assert "<textarea" not in page
    assert (await guest.act(customer, action, text="x")).status_code == 403


async def test_a_role_taken_away_is_gone_with_the_next_click(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("请问包邮吗")
    colleague = await a_colleague(client, desk, "staff")
    assert (await colleague.act(customer, "note", text="a")).status_code == 204
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, colleague.staff_id, store_id=colleague.store_id)
        await people.change_role(session, person, "viewer")
    assert (await colleague.act(customer, "note", text="b")).status_code == 403
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, colleague.staff_id, store_id=colleague.store_id)
        await people.change_role(session, person, "owner")
    boss = await a_colleague(client, desk, "owner")
    async with desk.database.sessions.begin() as session:
        await people.switch_off(session, await people.by_id(session, boss.staff_id, store_id=boss.store_id))
    assert (await boss.get("/console")).status_code == 401


async def test_another_shops_conversation_reads_like_one_that_never_was(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("请问包邮吗")
    async with desk.database.sessions.begin() as session:
        await stores.create(session, "rival", {"name": {"zh": "对手"}, "locales": ["zh"]})
    rival = await a_colleague(client, desk, "owner", store="rival")
    nowhere = Customer(client, {"id": str(uuid.uuid4()), "token": ""})
    for action in ("take", "reply", "note", "tags", "handback", "close", "typing", "assign"):
        fields = {"text": "x", "staff": str(rival.staff_id)}
        theirs = await rival.act(customer, action, **fields)
        absent = await rival.act(nowhere, action, **fields)
        assert theirs.status_code == absent.status_code == 404
        assert theirs.text == absent.text
    pages = [await rival.get(f"/console?c={each.opened['id']}") for each in (customer, nowhere)]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text
    assert 'class="entry"' not in (await rival.get("/console?queue=assistant&q=包邮")).text


async def test_signing_out_ends_the_session_on_the_server(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.get("/console")).status_code == 200
    assert (await client.post("/console/sign-out", headers=boss.headers)).status_code == 303
    assert (await boss.get("/console")).status_code == 401


async def test_an_invitation_sets_a_password_once(client: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        person = await people.add(session, store.id, email="New@shop.test", name="小林", role="staff")
        token = await people.make_link(session, person)
    path = f"/console/link/{token}"
    assert "小林" in (await client.get(path)).text
    assert (await client.post(path, data={"password": "short"})).status_code == 422
    assert (await client.post(path, data={"password": "a long enough one"})).status_code == 303
    assert (await client.post(path, data={"password": "another long one"})).status_code == 404
    async with desk.database.sessions() as session:
        who = await sessions.candidates(session, "new@shop.test")
    assert await sessions.recognised(who, "a long enough one") == person.id
    assert await sessions.recognised(who, "another long one") is None


async def test_both_languages_have_every_word_and_the_same_blanks(desk: Desk, client: httpx.AsyncClient) -> None:
    zh, en = render.WORDS["zh"], render.WORDS["en"]
    assert set(zh) == set(en)
    blanks = {name: [set(re.findall(r"\{(\w+)\}", table[name])) for table in (zh, en)] for name in zh}
    assert {name: both for name, both in blanks.items() if both[0] != both[1]} == {}
    boss: Colleague = await a_colleague(client, desk, "owner")
    page = await client.get("/console", headers={**boss.headers, "Accept-Language": "en-GB,en;q=0.9"})
    assert "Nobody is waiting" in page.text
    assert 'lang="en"' in page.text
