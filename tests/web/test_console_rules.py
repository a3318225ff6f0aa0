"""A shopkeeper sets what the assistant may do and how it answers on a page of the console; it counts at once."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer, publishable_key, secret_key
from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk import shopkeeping
from xiaoer.desk.desk import Desk
from xiaoer.identity import signed
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.stores import Profile

PAGE = "/console/settings/rules"


async def profile_of(desk: Desk) -> Profile:
    async with desk.database.sessions() as session:
        return (await stores.by_slug(session, "shop")).profile


async def as_shown(owner: Colleague, part: str) -> dict[str, str]:
    """What a browser would post of one form if nobody had changed anything."""
    page = (await owner.get(PAGE)).text
    form = re.search(rf'action="{PAGE}/{part}".*?</form>', page, re.DOTALL)
    assert form
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form.group()):
        name = re.search(r'name="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form.group(), re.DOTALL):
        chosen = re.search(r'value="(\w+)" selected', options) or re.search(r'value="(\w+)"', options)
        fields[name] = chosen.group(1) if chosen else ""
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form.group(), re.DOTALL):
        fields[name] = html.unescape(text)
    return fields


async def change(owner: Colleague, part: str, **fields: Any) -> httpx.Response:
    shown = {**await as_shown(owner, part), **fields}
    return await owner.post(f"{PAGE}/{part}", **{name: value for name, value in shown.items() if value is not None})


@pytest.fixture
async def owner(client: httpx.AsyncClient, desk: Desk) -> Colleague:
    return await a_colleague(client, desk, "owner")


async def cancelling(client: httpx.AsyncClient, desk: Desk) -> dict[str, Any]:
    """What a customer with an order of 5899 that is paid hears who wants it cancelled."""
    customer = await Customer.arrive(client, await publishable_key(desk))
    await customer.ask("查一下订单 XH8800000004 的物流，手机尾号 0002")
    return await customer.ask("帮我取消订单")


async def test_a_shop_caps_a_change_and_switches_it_off(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, ())
    assert "confirm" in await cancelling(client, desk)
    for fields in ({"largest_cancel_order": "500"}, {"state_cancel_order_paid": None}, {"on_cancel_order": None}):
        assert (await change(owner, "tools", **fields)).status_code == 303
        refused = await cancelling(client, desk)
        assert "confirm" not in refused
        assert (
            await change(owner, "tools", on_cancel_order="on", largest_cancel_order="", state_cancel_order_paid="on")
        ).status_code == 303
    assert (await profile_of(desk)).tools == {}
    assert "confirm" in await cancelling(client, desk)


async def test_what_is_only_looked_up_can_be_switched_off_for_rules_and_for_programs(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, ())
    customer = await Customer.arrive(client, await publishable_key(desk))
    question = "晨穗 8 Pro 多少钱"
    assert (await customer.ask(question))["route"] == "flow"
    await change(owner, "tools", on_products=None)
    assert (await customer.ask(question))["route"] != "flow"
    bearer = {"Authorization": f"Bearer {await secret_key(desk)}", "Accept": "application/json, text/event-stream"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    offered = (await client.post("/mcp", json=call, headers=bearer)).text
    assert '"name":"search_knowledge"' in offered
    assert '"name":"search_products"' not in offered


async def test_a_cap_of_one_a_day_is_kept_and_shown_again(desk: Desk, owner: Colleague) -> None:
    await change(owner, "tools", per_day_request_return="20", largest_request_return="99.50")
    rule = (await profile_of(desk)).tools["request_return"]
    assert (rule.per_day, str(rule.largest), rule.states) == (20, "99.50", None)
    shown = await as_shown(owner, "tools")
    assert (shown["per_day_request_return"], shown["largest_request_return"]) == ("20", "99.50")


async def test_rules_of_tools_that_the_page_does_not_show_stay(desk: Desk, owner: Colleague) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await stores.change(session, store.id, {"tools": {"hand_over": {"on": False}}})
    await change(owner, "tools", per_day_undo=None)
    assert not (await profile_of(desk)).tools["hand_over"].on


async def test_tone_scope_and_length_reach_the_model(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague, model: ScriptedModel
) -> None:
    await change(owner, "answers", tone="像老朋友", scope="茶叶与茶具", answer_characters="77", region="VN")
    customer = await Customer.arrive(client, await publishable_key(desk))
    await customer.ask("签收以后几天可以无理由退货，运费谁出")
    told = "\n".join(message.content for message in model.asked[-1].messages)
    for expected in ("像老朋友", "茶叶与茶具", "77", "VN"):
        assert expected in told


async def test_rules_of_thinking_are_kept_in_their_order_and_taken_away_without_words(
    desk: Desk, owner: Colleague
) -> None:
    await change(
        owner,
        "thinking",
        mode="auto",
        words_0="价保、差价",
        note_0="算钱",
        words_1="hi",
        mode_1="fast",
        thinking_tokens="500",
    )
    thinking = (await profile_of(desk)).thinking
    assert [(rule.words, rule.mode, rule.note) for rule in thinking.rules] == [
        (["价保", "差价"], "thinking", "算钱"),
        (["hi"], "fast", ""),
    ]
    assert thinking.thinking_tokens == 500
    await change(owner, "thinking", words_0="")
    assert [rule.words for rule in (await profile_of(desk)).thinking.rules] == [["hi"]]


async def test_a_ticket_is_promised_by_the_shops_own_minutes(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    await change(owner, "tickets", minutes_urgent="15")
    headers = {"Authorization": f"Bearer {await secret_key(desk)}"}
    body = {"kind": "complaint", "subject": "茶壶碎了", "priority": "urgent"}
    made = (await client.post("/api/v1/tickets", json=body, headers=headers)).json()
    waits = datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["created_at"])
    assert round(waits.total_seconds() / 60) == 15
    await change(owner, "tickets", minutes_urgent="")
    assert (await profile_of(desk)).ticket_minutes == {}


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("tools", {"largest_cancel_order": "viel"}, "tools.cancel_order.largest"),
    ("tools", {"per_day_cancel_order": "-1"}, "tools.cancel_order.per_day"),
    ("tools", {"state_cancel_order_paid": None, "state_cancel_order_pending": None}, "tick a state"),
    ("answers", {"answer_characters": "5"}, "answer_characters"),
    ("answers", {"tone": "x" * 501}, "tone"),
    ("answers", {"model_tools": "sure"}, "model_tools"),
    ("thinking", {"mode": "slow"}, "thinking.mode"),
    ("thinking", {"fast_seconds": "900"}, "thinking.fast_seconds"),
    ("tickets", {"minutes_low": "0"}, "ticket_minutes.low"),
)


async def test_what_cannot_be_is_refused_by_name_and_changes_nothing(desk: Desk, owner: Colleague) -> None:
    before = await profile_of(desk)
    for part, fields, told in WRONG:
        answer = await change(owner, part, **fields)
        assert answer.status_code == 422, told
        assert told in html.unescape(answer.text)
    assert await profile_of(desk) == before


async def test_only_who_may_teach_the_assistant_sees_and_sets_its_rules(client: httpx.AsyncClient, desk: Desk) -> None:
    staff = await a_colleague(client, desk, "staff", name="小王")
    assert (await staff.get(PAGE)).status_code == 403
    assert (await staff.post(f"{PAGE}/tools")).status_code == 403


async def test_a_built_in_sensitive_word_can_be_everyday_talk_in_a_shop(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    question = "你们的警察模型保修多久"
    customer = await Customer.arrive(client, await publishable_key(desk))
    assert (await customer.ask(question))["reason"] == "sensitive"
    assert (await owner.post("/console/settings", handoff_words_off="警察")).status_code == 303
    again = await Customer.arrive(client, await publishable_key(desk))
    assert "reason" not in await again.ask(question)
    assert (await again.ask("我要报警，找律师"))["reason"] == "sensitive"


async def test_what_a_customer_in_danger_is_told_is_the_shops_own_text_where_it_has_one(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    shown = await as_shown(owner, "safety")
    assert shown["safety_gas_zh"] == ""
    await change(owner, "safety", safety_gas_zh="请马上离开，\n再打抢修电话 400-1。", safety_fire_en="x")
    assert (await profile_of(desk)).safety == {"gas": {"zh": "请马上离开， 再打抢修电话 400-1。"}, "fire": {"en": "x"}}
    customer = await Customer.arrive(client, await publishable_key(desk))
    assert (await customer.ask("厨房一股煤气味"))["text"].startswith("请马上离开， 再打抢修电话 400-1。")
    await change(owner, "safety", safety_gas_zh="", safety_fire_en="")
    assert (await profile_of(desk)).safety == {}


async def test_shipping_fees_are_a_setting_of_the_shop_by_place(client: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await links.keep_own(session, store.id, ())
    far = {"country": "CN", "regions": ["新疆"], "fee": {"amount": "18"}, "free_from": {"amount": "300"}}
    await shopkeeping.patch(desk.database, store.id, {"shipping": [far, {"country": "CN", "fee": {"amount": "7"}}]})
    customer = await Customer.arrive(client, await publishable_key(desk))
    told = (await customer.ask("寄到新疆运费多少"))["text"]
    assert "18" in told
    assert "300" in told
    assert "7" in (await customer.ask("寄到杭州运费多少"))["text"]


async def test_facts_that_the_shops_site_signs_make_a_customer_a_vip(
    client: httpx.AsyncClient, desk: Desk, owner: Colleague
) -> None:
    await owner.post("/console/settings", handoff_vip="level=gold")
    async with desk.database.sessions.begin() as session:
        key = await signed.renew_key(session, owner.store_id, desk.seal)
    claims = {"sub": "C9", "aud": "xiaoer", "exp": datetime.now(UTC) + timedelta(hours=1), "facts": {"level": "Gold"}}
    token = jwt.encode(claims, key, algorithm="HS256")
    arrived = await Customer.arrive(client, await publishable_key(desk), customer={"token": token})
    assert (await arrived.ask("手机保修多久"))["reason"] == "vip"
    assert "Gold" in await owner.page(arrived)
    later = await Customer.arrive(client, await publishable_key(desk))
    assert "reason" not in await later.ask("手机保修多久")
    await client.post(f"{later.path}/identity", json={"token": token}, headers=later.headers)
    assert (await later.ask("电池保修多久"))["reason"] == "vip"
