"""A model that calls tools: what it is told, what it may do, and what reaches the customer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from ordering import PAID, SHIPPED, Buyer

from xiaoer import stores
from xiaoer.commerce.tables import StoredOrder, StoredWrite
from xiaoer.desk.desk import Desk
from xiaoer.llm.messages import Message, ToolRequest
from xiaoer.llm.profiles import calls_tools_well
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.tools.tables import Proposal, ToolCall

STATUS = "find out when my purchase arrives"
"""A wish that no rule knows and the classifier does."""


def asks(*calls: tuple[str, dict[str, Any]], text: str = "") -> Reply:
    requests = tuple(ToolRequest(f"c{at}", name, json.dumps(given)) for at, (name, given) in enumerate(calls))
    return Reply(text, requests=requests)


def told(messages: Sequence[Message]) -> list[str]:
    """The results that the model has been told."""
    return [message.content for message in messages if message.role == "tool"]


Script = Callable[..., ScriptedModel]


@pytest.fixture
def script(order_desk: Desk) -> Script:
    """Gives the desk a model of a family that calls tools, with these replies."""

    def given(*replies: str | Reply, name: str = "qwen3-4b-instruct-2507") -> ScriptedModel:
        model = ScriptedModel(replies=replies, name=name)
        order_desk.assistant.use(model)
        return model

    return given


async def count(desk: Desk, table: Any) -> int:
    async with desk.database.sessions() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def test_the_model_looks_an_order_up_and_its_words_are_backed_by_it(buyer: Buyer, script: Script) -> None:
    await buyer.shows(SHIPPED)
    model = script(asks(("track_order", {"number": SHIPPED})), f"Your order {SHIPPED} has been shipped.")
    ended = await buyer.ask(STATUS)
    assert SHIPPED in told(model.asked[-1].messages)[0]
    assert ended["route"] == "model"
    assert SHIPPED in ended["text"]
    assert ended["sources"][0]["passage_id"] == f"order:{SHIPPED}"


async def test_what_no_result_backs_is_replaced_by_what_was_looked_up(buyer: Buyer, script: Script) -> None:
    await buyer.shows(SHIPPED)
    script(asks(("track_order", {"number": SHIPPED})), "Your refund of 700.00 USD was paid on 2031-01-01.")
    ended = await buyer.ask(STATUS)
    assert "700" not in ended["text"]
    assert SHIPPED in ended["text"]


async def test_another_customers_order_stays_unseen_whatever_the_arguments_say(
    buyer: Buyer, script: Script, order_desk: Desk
) -> None:
    await buyer.shows(SHIPPED)
    script(asks(("track_order", {"number": PAID})), "It costs 5899.00 CNY.")
    ended = await buyer.ask(STATUS)
    assert "5899" not in ended["text"]
    assert await count(order_desk, Proposal) == 0


async def test_a_wrong_call_is_told_back_and_may_be_mended(buyer: Buyer, script: Script) -> None:
    await buyer.shows(SHIPPED)
    model = script(
        asks(("track_order", {"id": 7}), ("no_such_tool", {})),
        asks(("track_order", {"number": SHIPPED})),
        f"Order {SHIPPED} is shipped.",
    )
    ended = await buyer.ask(STATUS)
    first = told(model.asked[-1].messages)
    assert first[0].startswith("ToolRetry: ")
    assert "there are: search_knowledge" in first[1]
    assert SHIPPED in ended["text"]


async def test_a_change_is_only_put_before_the_customer(buyer: Buyer, script: Script, order_desk: Desk) -> None:
    await buyer.shows(PAID)
    script(asks(("cancel_order", {"number": PAID, "reason": "by mistake"})))
    ended = await buyer.ask("call off my purchase")
    assert ended["confirm"]["token"].startswith("cf_")
    assert await count(order_desk, StoredWrite) == 0
    assert (await buyer.tap(ended["confirm"]["token"])).json()["state"] == "executed"
    async with order_desk.database.sessions() as session:
        assert await session.scalar(sa.select(StoredOrder.state).where(StoredOrder.number_plain == PAID)) == "cancelled"


async def test_a_change_the_customer_has_not_asked_for_is_refused_and_noted(
    buyer: Buyer, script: Script, order_desk: Desk
) -> None:
    await buyer.shows(PAID)
    model = script(asks(("cancel_order", {"number": PAID})), "Let me look.")
    await buyer.ask(STATUS)
    assert told(model.asked[1].messages)[0].startswith("ToolRefused: The customer has not asked")
    assert await count(order_desk, Proposal) == 0
    async with order_desk.database.sessions() as session:
        tried = await session.scalar(sa.select(ToolCall.outcome).where(ToolCall.tool == "propose:cancel"))
    assert tried == "refused"


async def test_an_address_comes_from_the_customer_and_from_nobody_else(buyer: Buyer, script: Script) -> None:
    await buyer.shows(PAID)
    stranger = {"recipient": "Mallory", "phone": "13900000000", "street": "1 Elsewhere Road"}
    script(asks(("change_address", {"number": PAID, **stranger})))
    ended = await buyer.ask("i moved, please send it to the new place")
    assert "confirm" not in ended
    assert "Mallory" not in ended["text"]
    assert ended["route"] == "flow"


async def test_who_has_shown_nothing_is_asked_for_the_order_in_our_words(buyer: Buyer, script: Script) -> None:
    script(asks(("track_order", {})))
    ended = await buyer.ask(STATUS)
    assert ended["route"] == "flow"
    assert "order number" in ended["text"].lower()


async def test_calls_end_after_a_few_steps_and_the_turn_goes_on_without(buyer: Buyer, script: Script) -> None:
    await buyer.shows(SHIPPED)
    model = script(*[asks(("list_orders", {}), ("list_coupons", {}))] * 9)
    ended = await buyer.ask(STATUS)
    looping = [asked for asked in model.asked if asked.generation and asked.generation.tools]
    assert len(looping) == 5
    assert ended["text"]


async def test_a_tool_the_shop_switched_off_is_not_offered(buyer: Buyer, script: Script, order_desk: Desk) -> None:
    async with order_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        store.settings = {**store.settings, "tools": {"cancel_order": {"on": False}}}
    await buyer.shows(PAID)
    model = script(asks(("cancel_order", {"number": PAID})), "No.")
    await buyer.ask("call off my purchase")
    offered = model.asked[0].generation
    assert offered is not None
    assert "cancel_order" not in {spec.name for spec in offered.tools}
    assert "There is no tool 'cancel_order'" in told(model.asked[1].messages)[0]


@pytest.mark.parametrize(
    ("name", "well"),
    [
        ("qwen2.5-coder-0.5b-instruct-q4_k_m", False),
        ("qwen2.5-coder-1.5b-instruct", False),
        ("qwen3-4b-instruct-2507", True),
        ("Qwen/Qwen3-14B", True),
        ("deepseek-r1", False),
        ("gpt-oss-20b", True),
        ("scripted", False),
    ],
)
def test_small_models_and_unknown_ones_are_given_no_tools(name: str, *, well: bool) -> None:
    assert calls_tools_well(name) is well


async def test_a_model_that_calls_tools_badly_is_not_given_any(buyer: Buyer, script: Script) -> None:
    model = script("x", name="qwen2.5-coder-0.5b-instruct")
    await buyer.ask(STATUS)
    assert not any(asked.generation and asked.generation.tools for asked in model.asked)
