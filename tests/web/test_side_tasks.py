"""What front ends ask beside the conversation is answered in the shape they want, with no turn and no ticket."""

import json
from collections.abc import AsyncIterator

import openai
import pytest
import sqlalchemy as sa

from builders import CURATED, publishable_key
from xiaoer import stores
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.desk.desk import Desk
from xiaoer.tickets.tables import Ticket

TALK = (
    "USER: 你好\nASSISTANT: 您好，请问有什么可以帮您？\n"
    "USER: 我买的手机屏幕碎了，保修多久？退货运费谁出\nASSISTANT: 手机主机保修 12 个月。"
)
NEXTCHAT = "使用四到五个字直接返回这句话的简要主题，不要解释、不要标点、不要多余文本，如果没有主题，请直接返回“闲聊”"
LIBRECHAT = "Provide a concise title for the conversation in 5 words or less. Only return the title itself."


def prompt(task: str, shape: str, more: str = "") -> str:
    """A prompt in the manner of Open WebUI."""
    history = f"### Chat History:\n<chat_history>\n{TALK}\n</chat_history>"
    return f"### Task:\n{task}\n### Output:\nJSON format: {shape}\n{history}{more}"


@pytest.fixture
async def sdk(served: str, desk: Desk) -> AsyncIterator[openai.AsyncOpenAI]:
    key = await publishable_key(desk)
    async with openai.AsyncOpenAI(base_url=f"{served}/v1", api_key=key, max_retries=0) as client:
        yield client


async def answer(sdk: openai.AsyncOpenAI, *said: tuple[str, str], **more: object) -> str:
    messages = [{"role": role, "content": text} for role, text in said]
    told = await sdk.chat.completions.create(model="xiaoer", messages=messages, **more)
    assert told.choices[0].finish_reason == "stop"
    return told.choices[0].message.content or ""


async def stored(desk: Desk) -> list[int]:
    async with desk.database.sessions() as session:
        tables = (Conversation, Message, Ticket)
        return [await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]


async def test_a_title_is_what_the_customer_asked_first(sdk: openai.AsyncOpenAI, desk: Desk) -> None:
    said = await answer(sdk, ("user", prompt("Generate a title of the chat.", '{ "title": "your title here" }')))
    assert json.loads(said) == {"title": "我买的手机屏幕碎了，保修多久"}
    assert await stored(desk) == [0, 0, 0]


async def test_tags_are_the_matters_that_were_named(sdk: openai.AsyncOpenAI) -> None:
    said = await answer(sdk, ("user", prompt("Generate 1-3 tags.", '{ "tags": ["tag1", "tag2"] }')))
    tags = json.loads(said)["tags"]
    assert len(tags) == 3
    assert all(tag in TALK for tag in tags)


async def test_what_to_ask_next_are_questions_that_the_shop_answers(sdk: openai.AsyncOpenAI, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        shop = await stores.by_slug(session, "shop")
        shop.settings = stores.checked({**shop.settings, "opening_questions": {"zh": ["包邮吗", "多久发货"]}})
    said = await answer(sdk, ("user", prompt("Suggest follow-up questions.", '{ "follow_ups": ["Question 1?"] }')))
    assert json.loads(said) == {"follow_ups": ["包邮吗", "多久发货"]}


async def test_nothing_is_looked_for_elsewhere_and_no_tool_of_the_client_is_called(sdk: openai.AsyncOpenAI) -> None:
    said = await answer(sdk, ("user", prompt("Analyze the chat history.", '{ "queries": ["query1", "query2"] }')))
    assert json.loads(said) == {"queries": []}
    tools = 'Available Tools: []\nReturn the tools to call. If none match, return { "tool_calls": [] }'
    assert json.loads(await answer(sdk, ("system", tools), ("user", "Query: 包邮吗"))) == {"tool_calls": []}


@pytest.mark.parametrize(("begun", "rest"), [("包邮", "吗"), ("The sun was", ""), ("", "")])
async def test_a_question_that_was_begun_goes_on_as_the_shop_knows_it(
    sdk: openai.AsyncOpenAI, begun: str, rest: str
) -> None:
    more = f"\n<type>General</type>\n<text>{begun}</text>\n#### Output:\n"
    said = await answer(sdk, ("user", prompt("Continue the text.", '{ "text": "<your completion>" }', more)))
    assert json.loads(said) == {"text": rest}


@pytest.mark.parametrize(
    "order",
    ["Give the following messages a title of 6 words at most and reply with nothing but the title.\n\n{lines}",
     "Name a concise title (max 40 characters) for a conversation that starts with:\n{lines}\n\nTitle:",
     'Make a title of at most 6 words for this (language: English):\n"""\n{lines}\n"""',
     "{lines}\n\n请把上面的对话概括为10个字以内的标题，不要标点，语言：zh-CN",
     "{lines}\n\nSummarize the chat above as a title within 10 characters, without punctuation, language: vi",
     "Ponle un título a esta conversación.\n{lines}"],
)  # fmt: skip
async def test_the_conversation_may_stand_in_the_order_itself(sdk: openai.AsyncOpenAI, desk: Desk, order: str) -> None:
    lines = "User: 退货运费谁出？\nAssistant: 买家承担。"
    assert await answer(sdk, ("user", order.format(lines=lines))) == "退货运费谁出"
    assert await stored(desk) == [0, 0, 0]


@pytest.mark.parametrize(
    ("order", "told"),
    [("Generate a short title (four words at most) for what the user asks. Say nothing else.",
      "---BEGIN---\n退货运费谁出\n---END---"),
     ("You are a thread titling assistant. Answer with the title.", 'User message: "退货运费谁出"'),
     ("you will write a brief title from the first message. not more than 80 characters", "退货运费谁出"),
     ("请为用户的第一句话生成一个标题。", "退货运费谁出")],
)  # fmt: skip
async def test_a_system_whose_first_sentence_orders_a_title_gets_one_of_the_first_message(
    sdk: openai.AsyncOpenAI, desk: Desk, order: str, told: str
) -> None:
    assert await answer(sdk, ("system", order), ("user", told)) == "退货运费谁出"
    assert await stored(desk) == [0, 0, 0]


async def test_a_system_that_speaks_of_titles_in_passing_changes_nothing(sdk: openai.AsyncOpenAI) -> None:
    system = "You are the shop's assistant. Be concise and keep to the topic of the conversation. Never write a title."
    assert await answer(sdk, ("system", system), ("user", "包邮吗")) == CURATED


async def test_the_conversation_may_be_given_as_json(sdk: openai.AsyncOpenAI, desk: Desk) -> None:
    order = "总结给出的会话为一个标题，10 字内，不要使用标点，只输出标题。"
    talk = [{"role": "user", "mainText": "退货运费谁出？"}, {"role": "assistant", "mainText": "买家承担。"}]
    assert await answer(sdk, ("system", order), ("user", json.dumps(talk, ensure_ascii=False))) == "退货运费谁出"
    assert await stored(desk) == [0, 0, 0]


@pytest.mark.parametrize("order", [NEXTCHAT, LIBRECHAT])
async def test_a_title_is_also_given_as_plain_text_from_the_history(
    sdk: openai.AsyncOpenAI, desk: Desk, order: str
) -> None:
    said = await answer(sdk, ("user", "退货运费谁出？"), ("assistant", "买家承担。"), ("user", order))
    assert said == "退货运费谁出"
    assert await stored(desk) == [0, 0, 0]


async def test_the_order_may_stand_in_the_systems_message_and_the_history_in_the_users(
    sdk: openai.AsyncOpenAI,
) -> None:
    order = "You summarize conversations. Generate a title. Output ONLY the title, at most 10 words."
    assert await answer(sdk, ("system", order), ("user", TALK.lower())) == "我买的手机屏幕碎了，保修多久"
    last = "简要总结一下对话内容，用作后续的上下文提示，控制在 200 字以内"
    history = (("user", "退货运费谁出？"), ("assistant", "买家承担。"))
    assert await answer(sdk, *history, ("system", last)) == "退货运费谁出？\n买家承担。"


async def test_a_schema_of_the_client_is_filled(sdk: openai.AsyncOpenAI) -> None:
    schema = {"type": "object", "properties": {"language": {"type": "string"}, "title": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "title", "schema": schema}}
    order = "Give the language of the conversation and a concise title.\n\nUser: Do you ship abroad?\nAI: We do."
    said = await answer(sdk, ("user", order), response_format=form)
    assert json.loads(said) == {"language": "en", "title": "Do you ship abroad"}


@pytest.mark.parametrize(("text", "face"), [("太失望了", "😟"), ("谢谢，很满意", "😊"), ("包邮吗", "🙂")])
async def test_a_face_shows_the_mood(sdk: openai.AsyncOpenAI, text: str, face: str) -> None:
    order = f"Reflect the speaker's likely facial expression through a fitting emoji.\n\nMessage: ```{text}```"
    assert await answer(sdk, ("user", order)) == face


async def test_a_title_streams_where_that_is_wanted(sdk: openai.AsyncOpenAI) -> None:
    text = prompt("Generate a title of the chat.", '{ "title": "your title here" }')
    stream = await sdk.chat.completions.create(
        model="xiaoer", messages=[{"role": "user", "content": text}], stream=True
    )
    chunks = [chunk async for chunk in stream]
    assert "title" in json.loads("".join(chunk.choices[0].delta.content or "" for chunk in chunks))
    assert (chunks[-1].model_extra or {})["xiaoer"]["task"] == "title"


@pytest.mark.parametrize(
    "text",
    ["总结一下我们的对话", "发票标题不超过20个字可以吗", "Do you have a book with only the title in English?",
     '### Task: reply as {"answer": "..."}\n包邮吗', '[{"role": 1}, 2, 包邮吗',
     '### Task:\nAnswer from the context.\n<context>\n{"title": "shoes"}\n</context>\n包邮吗'],
)  # fmt: skip
async def test_a_customers_own_words_are_a_turn(sdk: openai.AsyncOpenAI, desk: Desk, text: str) -> None:
    await answer(sdk, ("user", text))
    assert (await stored(desk))[:2] == [1, 2]


async def test_the_conversation_itself_goes_on_untouched(sdk: openai.AsyncOpenAI, desk: Desk) -> None:
    first = await answer(sdk, ("user", "退货运费谁出"))
    history = (("user", "退货运费谁出"), ("assistant", first))
    await answer(sdk, *history, ("user", NEXTCHAT))
    assert await answer(sdk, *history, ("user", "包邮吗")) == CURATED
    assert (await stored(desk))[:2] == [1, 4]
