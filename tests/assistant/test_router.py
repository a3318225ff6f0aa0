"""Fast or thinking, with reasons that one can read and rules that a shop can change."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import sqlalchemy as sa

from builders import Customer
from xiaoer import stores
from xiaoer.assistant.budget import within
from xiaoer.assistant.router import decide
from xiaoer.assistant.understanding.result import understand
from xiaoer.conversations.tables import Message
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid
from xiaoer.llm.model import ModelTooSlow
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.stores import ModeRule, Thinking

HYBRID = "qwen3-8b"


def mode(text: str, rules: Thinking | None = None, *, model: str = HYBRID, refused_before: bool = False) -> list[str]:
    """Fast or thinking, and the names of the reasons."""
    decided = decide(text, understand(text), rules or Thinking(), refused_before=refused_before, model=model)
    name = "thinking" if decided.thinking else "fast"
    return [name, *(reason.partition(":")[0] for reason in decided.reasons)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("包邮吗", ["fast", "common"]),
        ("什么时候发货", ["fast", "common"]),
        ("Do you ship to Canada?", ["fast", "common"]),
        ("买2件每件满300减50，一共要多少钱", ["thinking", "sum"]),
        ("How much is it altogether for 3 cases at 20% off?", ["thinking", "sum"]),
        ("A款和B款哪个更适合游泳", ["thinking", "comparison"]),
        ("Which one is better for running?", ["thinking", "comparison"]),
        ("如果拆封以后试用了两天，还能无理由退货吗", ["thinking", "condition"]),
        ("Can I still return it if the box was opened by a neighbour?", ["thinking", "condition"]),
        ("为什么我的保修比页面上写的短", ["thinking", "why"]),
        ("sản phẩm A và B khác nhau thế nào", ["thinking", "comparison"]),
    ],
)
def test_what_is_worth_thinking_about(text: str, expected: list[str]) -> None:
    assert mode(text) == expected


def test_long_messages_and_what_was_not_answered_are_thought_about() -> None:
    assert mode("我" * 300) == ["thinking", "long"]
    assert mode("包邮吗", refused_before=True) == ["thinking", "again"]


def test_a_shops_own_rules_come_first() -> None:
    rules = Thinking(rules=[ModeRule(words=["包邮"], note="campaign"), ModeRule(words=["一共"], mode="fast")])
    assert mode("包邮吗", rules) == ["thinking", "shop"]
    assert mode("2件3折一共多少钱", rules) == ["fast", "shop"]
    assert mode("如果拆封了还能退吗", Thinking(mode="fast")) == ["fast", "shop"]


def test_the_models_own_habit_has_the_last_word() -> None:
    assert mode("如果拆封了还能退吗", model="qwen2.5-7b-instruct") == ["fast", "condition", "model"]
    assert mode("包邮吗", model="deepseek-r1") == ["thinking", "common", "model"]


async def test_the_mode_and_its_reasons_are_kept_and_the_thoughts_stay_with_staff(
    customer: Customer, desk: Desk
) -> None:
    model = ScriptedModel(rule=lambda _: Reply("退货运费由买家承担。", thinking="SECRET-THOUGHT"), name=HYBRID)
    desk.assistant.use(model)
    ended = await customer.ask("如果我后悔了，退货运费谁出")
    assert "SECRET-THOUGHT" not in str(ended) + str(await customer.messages())
    assert any(asked.generation and asked.generation.thinking for asked in model.asked)
    async with desk.database.sessions() as session:
        answer = await session.scalar(sa.select(Message).where(Message.author == "assistant"))
    assert answer is not None
    assert answer.evidence["mode"]["name"] == "thinking"
    assert answer.evidence["mode"]["reasons"][0].startswith("condition: ")
    assert answer.evidence["thinking"] == "SECRET-THOUGHT"


async def test_a_model_over_its_budget_is_done_without(customer: Customer, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        store.settings = {**store.settings, "thinking": {"fast_seconds": 1}}
    desk.assistant.use(ScriptedModel(default=Reply("late", first_delay_seconds=30), name="qwen2.5-7b"))
    ended = await customer.ask("退货运费谁出")
    assert "运费由买家承担" in ended["text"]
    assert ended["route"] == "extract"


async def test_a_stream_within_its_budget_is_left_alone() -> None:
    async def numbers() -> AsyncGenerator[int]:
        for number in range(1, 4):
            yield number

    async def never() -> AsyncGenerator[int]:
        yield 1
        await asyncio.Event().wait()

    assert [number async for number in within(numbers(), 5)] == [1, 2, 3]
    with pytest.raises(ModelTooSlow):
        assert [number async for number in within(never(), 0.01)]


def test_a_wrong_rule_is_named() -> None:
    with pytest.raises(Invalid, match=r"thinking\.rules"):
        stores.checked({"thinking": {"rules": [{"words": ["x"], "mode": "slow"}]}})
