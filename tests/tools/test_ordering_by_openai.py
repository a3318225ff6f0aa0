"""An order is changed through the OpenAI door as anywhere: shown, put before the customer, done after their yes."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from ordering import PAID, token_for

from builders import publishable_key
from xiaoer.desk.desk import Desk
from xiaoer.web.client import served as served_desk


async def test_a_change_waits_for_a_yes_in_the_next_call_and_is_done_once(order_desk: Desk) -> None:
    history: list[Any] = []
    async with (
        served_desk(order_desk) as address,
        openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=await publishable_key(order_desk)) as sdk,
    ):

        async def say(text: str) -> str:
            history.append({"role": "user", "content": text})
            answer = await sdk.chat.completions.create(model="xiaoer", messages=history)
            said = answer.choices[0].message.content or ""
            history.append({"role": "assistant", "content": said})
            return said

        asked = await say(f"取消订单 {PAID}，手机尾号 0002，不想要了")
        assert PAID in asked
        assert "5,899" in asked
        done = await say("确认")
        assert "已" in done
        assert PAID in done
        again = await sdk.chat.completions.create(model="xiaoer", messages=history[:-1])
        assert again.choices[0].message.content == done
        assert "已取消" in await say(f"查一下订单 {PAID}")

        stranger = [{"role": "user", "content": f"查一下订单 {PAID} 的物流"}]
        refused = await sdk.chat.completions.create(model="xiaoer", messages=stranger)  # type: ignore[arg-type]
        assert "5,899" not in (refused.choices[0].message.content or "")


@pytest.fixture
async def sdk(order_desk: Desk) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        served_desk(order_desk) as address,
        openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=await publishable_key(order_desk), max_retries=0) as sdk,
    ):
        yield sdk


async def said(sdk: openai.AsyncOpenAI, history: list[Any], text: str, **more: Any) -> str:
    """Say it and keep it in the history."""
    history.append({"role": "user", "content": text})
    answer = await sdk.chat.completions.create(model="xiaoer", messages=history, **more)
    words = answer.choices[0].message.content or ""
    history.append({"role": "assistant", "content": words})
    return words


@pytest.mark.parametrize("way", ["header", "metadata"])
async def test_a_signed_customer_sees_their_orders_and_changes_them(
    sdk: openai.AsyncOpenAI, order_desk: Desk, way: str
) -> None:
    token = await token_for(order_desk, "C0002")
    signed: dict[str, Any] = {"extra_headers": {"X-Customer-Token": token}}
    if way == "metadata":
        signed = {"metadata": {"customer_token": token}}
    history: list[Any] = []
    assert PAID in await said(sdk, history, "我的订单", **signed)
    assert "请核对后确认" in await said(sdk, history, f"取消订单 {PAID}", **signed)
    assert "已为您取消" in await said(sdk, history, "确认", **signed)


async def test_a_plain_id_and_a_token_left_out_open_nothing(sdk: openai.AsyncOpenAI, order_desk: Desk) -> None:
    token = await token_for(order_desk, "C0002")
    history: list[Any] = []
    await said(sdk, history, "我的订单", extra_headers={"X-Customer-Token": token})
    for more in ({}, {"user": "C0002"}, {"metadata": {"customer": "C0002"}}):
        told = await said(sdk, list(history), f"查一下订单 {PAID} 的物流", **more)
        assert "5,899" not in told
        assert "后四位" in told or "订单号" in told


async def test_one_customers_history_with_anothers_token_sees_the_others_orders_only(
    sdk: openai.AsyncOpenAI, order_desk: Desk
) -> None:
    history: list[Any] = []
    mine = {"X-Customer-Token": await token_for(order_desk, "C0002")}
    await said(sdk, history, f"取消订单 {PAID}", extra_headers=mine)
    theirs = {"X-Customer-Token": await token_for(order_desk, "C0003")}
    assert "已为您取消" not in await said(sdk, history, "确认", extra_headers=theirs)
    listed = await said(sdk, history, "我的订单", extra_headers=theirs)
    assert PAID not in listed
    assert "XH8800000007" in listed


@pytest.mark.parametrize("token", ["", "C0002", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJDMDAwMiJ9.", "x" * 3000])
async def test_a_token_that_does_not_hold_is_refused(sdk: openai.AsyncOpenAI, order_desk: Desk, token: str) -> None:
    await token_for(order_desk, "C0002")  # the shop has a key
    for more in ({"extra_headers": {"X-Customer-Token": token}}, {"metadata": {"customer_token": token}}):
        with pytest.raises(openai.UnprocessableEntityError) as refused:
            await said(sdk, [], "我的订单", **more)
        assert refused.value.response.json()["error"] == "BadIdentity"
