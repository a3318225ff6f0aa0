"""The public conversation API, through the front door."""

import asyncio
import json
import uuid

import httpx
import pytest

from builders import CURATED, Customer, events, publishable_key, secret_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.llm.scripted import Reply, ScriptedModel


async def test_a_conversation_opens_with_a_greeting_and_says_that_an_ai_answers(customer: Customer) -> None:
    assert "小店" in customer.opened["greeting"]
    assert "AI" in customer.opened["disclosure"]
    assert customer.opened["token"].startswith("ct_")


async def test_a_listed_question_gets_the_curated_text_without_the_model(
    customer: Customer, model: ScriptedModel
) -> None:
    ended = await customer.ask("请问包邮吗？")
    assert (ended["route"], ended["text"]) == ("curated", CURATED)
    assert model.asked == []


async def test_a_question_is_answered_from_the_shops_own_text_with_its_source(customer: Customer) -> None:
    ended = await customer.ask("手机保修多长时间")
    assert "12 个月" in ended["text"]
    assert ended["route"] in ("model", "extract")
    assert ended["sources"][0]["title"] == "保修说明"
    assert "12 个月" in ended["sources"][0]["quote"]


async def test_who_asks_on_is_not_told_the_same_again(customer: Customer, desk: Desk) -> None:
    async with desk.database.sessions() as session:
        shop = (await stores.by_slug(session, "shop")).id
    asked = "时穗 Watch 4 可以游泳戴吗？"
    curated = Document(key="swim", title=asked, text="可以。适合泳池游泳，不适合潜水。", locale="zh", kind="question")
    facts = Document(key="watch", title="时穗 Watch 4 智能手表", text="续航：典型使用 12 天", locale="zh")
    await desk.knowledge.save(shop, curated)
    await desk.knowledge.save(shop, facts)
    await desk.knowledge.settled()
    assert "泳池" in (await customer.ask(asked))["text"]
    more = await customer.ask("续航呢？")
    assert "泳池" not in more["text"]
    assert "12 天" in more["text"]


@pytest.mark.parametrize(
    ("asked", "told"), [("Mua điện thoại trả góp được không?", "分 3、6 或 12 期"), ("Có bán tủ lạnh không?", None)]
)
async def test_what_the_customers_own_language_does_not_tell_is_looked_for_in_the_shops_main_one(
    customer: Customer, desk: Desk, model: ScriptedModel, asked: str, told: str | None
) -> None:
    model.down = True
    async with desk.database.sessions() as session:
        shop = (await stores.by_slug(session, "shop")).id
    terms = "手机订单实付满 600 元可分 3、6 或 12 期，3 期和 6 期免息。"
    texts = [("可以分期吗", terms, "zh"), ("Có xuất hóa đơn không?", "Có, hóa đơn được gửi qua email.", "vi")]
    for title, text, locale in texts:
        await desk.knowledge.save(shop, Document(key=title, title=title, text=text, locale=locale, kind="question"))
    await desk.knowledge.settled()
    ended = await customer.ask(asked)
    assert ended["route"] == ("extract" if told else "refuse")
    assert (told or "") in ended["text"]


async def test_what_the_shop_does_not_say_is_refused_and_a_person_offered(customer: Customer) -> None:
    ended = await customer.ask("你们老板的生日是哪一天")
    assert ended["route"] == "refuse"
    assert ended["sources"] == []
    assert ended["suggestions"]


async def test_a_stream_carries_text_and_then_exactly_one_ending(customer: Customer) -> None:
    told = await customer.stream("退货运费谁出")
    kinds = [kind for kind, _ in told]
    assert kinds[-1] == "done"
    assert kinds.count("done") == 1
    assert set(kinds[:-1]) == {"text"}
    assert "".join(data["delta"] for kind, data in told if kind == "text").strip() == told[-1][1]["text"]


@pytest.mark.parametrize("question", ["退货运费谁出", "保修多久"])
async def test_with_the_model_down_the_sentences_found_are_quoted(
    customer: Customer, model: ScriptedModel, question: str
) -> None:
    model.down = True
    ended = await customer.ask(question)
    assert ended["route"] == "extract"
    assert ended["sources"]


async def test_an_invented_number_never_leaves(customer: Customer, model: ScriptedModel) -> None:
    model.rule = lambda _: "保修 24 个月，另赠 500 元代金券。"
    ended = await customer.ask("手机主机保修多久")
    assert "24" not in ended["text"]
    assert "500" not in ended["text"]
    assert "12 个月" in ended["text"]


async def test_two_messages_in_a_row_are_both_answered_in_order(customer: Customer, model: ScriptedModel) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。", first_delay_seconds=0.2)
    first, second = await asyncio.gather(customer.ask("手机主机保修多久"), customer.ask("请问包邮吗"))
    assert second["text"] == CURATED
    said = await customer.messages()
    answers = {message["answers"]: message["position"] for message in said if message["author"] == "assistant"}
    asked = {message["id"]: message["position"] for message in said if message["author"] == "customer"}
    assert sorted(answers.values()) == [answers[question] for question in sorted(asked, key=lambda key: asked[key])]
    assert first["message_id"] != second["message_id"]


async def test_the_same_idempotency_key_is_one_message_and_one_answer(customer: Customer) -> None:
    first = await customer.ask("包邮吗", idempotency_key="k1")
    again = await customer.ask("包邮吗", idempotency_key="k1")
    assert first["message_id"] == again["message_id"]
    assert len(await customer.messages()) == 2


async def test_the_same_idempotency_key_many_times_at_once_is_one_message(customer: Customer) -> None:
    answers = await asyncio.gather(*(customer.ask("包邮吗", idempotency_key="k2") for _ in range(4)))
    assert len({answer["message_id"] for answer in answers}) == 1
    assert len(await customer.messages()) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "EmptyMessage"),
        ("  \n ", "EmptyMessage"),
        ("\x00\x01\x02", "EmptyMessage"),
        ("保" * 100_000, "MessageTooLong"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_word_of_help(customer: Customer, text: str, error: str) -> None:
    answer = await customer.send(text)
    assert answer.status_code == 422
    assert answer.json()["error"] == error
    assert await customer.messages() == []


@pytest.mark.parametrize(
    "text", ["😀😀😀", "？？？", "\u202egnirts\u202c", "a\x00b\x07c", "\u200b\u200b你好", "1" * 4000]
)
async def test_odd_messages_get_an_answer_all_the_same(customer: Customer, text: str) -> None:
    ended = await customer.ask(text)
    assert ended["text"]


async def test_bytes_that_are_no_json_are_refused(customer: Customer) -> None:
    answer = await customer.client.post(
        f"{customer.path}/messages",
        content=b"\xff\xfe\x00{",
        headers={**customer.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}


async def test_unknown_ids_and_other_peoples_conversations_look_the_same(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    other = await Customer.arrive(client, await publishable_key(desk))
    for conversation in (other.opened["id"], uuid.uuid4()):
        answer = await client.get(f"/api/v1/conversations/{conversation}/messages", headers=customer.headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "UnknownConversation")


async def test_without_a_key_nothing_opens(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer pk_wrong"}):
        answer = await client.post("/api/v1/conversations", json={}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthenticated")


async def test_a_client_that_hangs_up_still_gets_its_answer_stored(
    served: str, desk: Desk, model: ScriptedModel
) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。", first_delay_seconds=0.5)
    async with httpx.AsyncClient(base_url=served, trust_env=False) as browser:
        customer = await Customer.arrive(browser, await publishable_key(desk))
        with pytest.raises(httpx.ReadTimeout):
            await browser.post(
                f"{customer.path}/messages", json={"text": "手机主机保修多久"}, headers=customer.headers, timeout=0.2
            )
        for _ in range(50):
            if len(said := await customer.messages()) == 2:
                break
            await asyncio.sleep(0.1)
    assert "12 个月" in said[1]["text"]


async def test_a_rating_is_kept_and_only_of_answers_in_ones_own_conversation(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    ended = await customer.ask("包邮吗")
    rated = await client.post(
        f"/api/v1/messages/{ended['message_id']}/feedback", json={"score": "up"}, headers=customer.headers
    )
    assert rated.status_code == 204
    assert (await customer.messages())[1]["feedback"] == 5
    other = await Customer.arrive(client, await publishable_key(desk))
    answer = await client.post(
        f"/api/v1/messages/{ended['message_id']}/feedback", json={"score": 1}, headers=other.headers
    )
    assert answer.status_code == 404


async def test_staff_who_write_stop_the_assistant_until_they_hand_back(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    ended = await customer.ask("我要转人工")
    assert ended["kind"] == "handoff"
    assert (await customer.ask("包邮吗"))["route"] == "curated"  # nobody has come yet
    waiting = (await client.get("/api/v1/conversations", headers=staff)).json()
    assert [each["id"] for each in waiting] == [customer.opened["id"]]
    await client.post(f"{customer.path}/messages", json={"text": "您好，我是小李。"}, headers=staff)
    assert (await customer.ask("包邮吗"))["reason"] == "with_staff"
    await client.post(f"{customer.path}/handback", headers=staff)
    assert (await customer.ask("包邮吗"))["route"] == "curated"
    assert "staff" in [message["author"] for message in await customer.messages()]


async def test_live_events_bring_staffs_words_and_catch_up_after_a_gap(served: str, desk: Desk) -> None:
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    async with httpx.AsyncClient(base_url=served, trust_env=False, timeout=20) as browser:
        customer = await Customer.arrive(browser, await publishable_key(desk))
        await customer.ask("包邮吗")
        await browser.post(f"{customer.path}/messages", json={"text": "我来帮您。"}, headers=staff)
        headers = {**customer.headers, "Last-Event-ID": "1"}
        heard: list[dict[str, object]] = []
        async with browser.stream("GET", f"{customer.path}/events", headers=headers) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: ") and "message_id" in line:
                    heard.append(json.loads(line.removeprefix("data: ")))
                if len(heard) == 2:
                    await browser.post(f"{customer.path}/messages", json={"text": "好了。"}, headers=staff)
                if len(heard) == 3:
                    break
    assert [message["position"] for message in heard] == [2, 3, 4]


async def test_too_many_messages_in_a_minute_get_429_with_a_clear_text(
    customer: Customer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "settings", desk.settings.model_copy(update={"messages_per_minute": 2}))
    for _ in range(2):
        await customer.ask("包邮吗")
    answer = await customer.send("包邮吗")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Retry-After"] in answer.json()["detail"]


def test_event_streams_are_read_line_by_line() -> None:
    assert events('event: text\ndata: {"delta": "a"}\n\n') == [("text", {"delta": "a"})]
