"""An order is changed through the OpenAI door as anywhere: shown, put before the customer, done after their yes."""

from typing import Any

import openai
from ordering import PAID

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
        assert "5899" in asked
        done = await say("确认")
        assert "已" in done
        assert PAID in done
        again = await sdk.chat.completions.create(model="xiaoer", messages=history[:-1])
        assert again.choices[0].message.content == done
        assert "已取消" in await say(f"查一下订单 {PAID}")

        stranger = [{"role": "user", "content": f"查一下订单 {PAID} 的物流"}]
        refused = await sdk.chat.completions.create(model="xiaoer", messages=stranger)  # type: ignore[arg-type]
        assert "5899" not in (refused.choices[0].message.content or "")
