"""The playground: a draft is tried beside what is in force, published, and taken back; a dialogue leaves as a file."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer
from xiaoer import stores
from xiaoer.assistant.playground import Playground
from xiaoer.desk.desk import Desk
from xiaoer.llm.model import ModelUnreachable
from xiaoer.llm.scripted import Reply, ScriptedModel

QUESTION = "退货运费谁出？"
TRICK = "<script>alert(1)</script>"
AT = "/console/playground"


def drafted(**fields: str) -> dict[str, str]:
    return {
        "instructions_zh": "您是{shop}的掌柜，回答要短。",
        "instructions_en": "",
        "temperature": "0.7",
        "top_p": "0.8",
        "max_tokens": "123",
        "frequency_penalty": "0.5",
        "presence_penalty": "-0.25",
        "questions": QUESTION,
        **fields,
    }


def told(model: ScriptedModel) -> list[tuple[str, dict[str, Any]]]:
    """What the model was told each time it was to write, and with what numbers."""
    names = ("temperature", "top_p", "max_tokens", "frequency_penalty", "presence_penalty")
    return [
        (asked.messages[0].content, {name: getattr(asked.generation, name) for name in names})
        for asked in model.asked
        if asked.generation is not None and asked.messages[0].role == "system"
    ]


@pytest.fixture
async def boss(client: httpx.AsyncClient, desk: Desk) -> Colleague:
    return await a_colleague(client, desk, "owner")


async def test_a_question_is_answered_as_set_now_and_with_the_draft_side_by_side(
    boss: Colleague, model: ScriptedModel
) -> None:
    page = await boss.post(AT, **drafted())
    assert page.status_code == 200, page.text
    (before, usual), (after, drafted_numbers) = told(model)
    assert "小店的掌柜" not in before
    assert usual["temperature"] == 0.2
    assert "您是小店的掌柜，回答要短。" in after
    assert drafted_numbers == {
        "temperature": 0.7,
        "top_p": 0.8,
        "max_tokens": 123,
        "frequency_penalty": 0.5,
        "presence_penalty": -0.25,
    }
    assert page.text.count('class="outcome"') == 2
    assert page.text.count("退货政策") >= 2  # the source under each
    assert "毫秒" in page.text
    assert "每秒" in page.text
    assert "您是{shop}的掌柜，回答要短。</textarea>" in page.text  # the draft is still there to go on with
    assert QUESTION in page.text


async def test_trying_stores_nothing_and_changes_no_answer(
    boss: Colleague, customer: Customer, desk: Desk, model: ScriptedModel
) -> None:
    await boss.post(AT, **drafted())
    assert set((await boss.counts()).values()) == {0}
    async with desk.database.sessions() as session:
        assert (await stores.by_slug(session, "shop")).profile.instructions == {}
    model.asked.clear()
    await customer.ask(QUESTION)
    assert all("掌柜" not in system for system, _ in told(model))


async def test_publishing_changes_what_the_model_is_told_and_rolling_back_restores_it(
    boss: Colleague, customer: Customer, model: ScriptedModel
) -> None:
    await customer.ask(QUESTION)
    first = told(model)[-1]
    assert (await customer.ask(QUESTION))["route"] == "cache"
    answer = await boss.post(f"{AT}/publish", **drafted(note="短一点"))
    assert answer.status_code == 303, answer.text
    assert "已发布" in (await boss.get(answer.headers["location"])).text
    assert (await customer.ask(QUESTION))["route"] != "cache"  # what was said under the old settings is not said again
    system, numbers = told(model)[-1]
    assert "您是小店的掌柜" in system
    assert numbers["max_tokens"] == 123
    page = (await boss.get(AT)).text
    assert "短一点" in page
    assert f"{AT}/versions/1/restore" in page  # what was in force before is kept as the first
    assert f"{AT}/versions/2/restore" not in page
    answer = await boss.post(f"{AT}/versions/1/restore")
    assert answer.status_code == 303, answer.text
    other = "退货的运费由谁承担？"
    await customer.ask(other)
    assert told(model)[-1] == first
    page = (await boss.get(AT)).text
    assert "退回到版本 1" in page
    assert f"{AT}/versions/2/restore" in page


async def test_the_same_settings_are_not_published_twice(boss: Colleague) -> None:
    assert (await boss.post(f"{AT}/publish", **drafted())).status_code == 303
    again = await boss.post(f"{AT}/publish", **drafted())
    assert (again.status_code, again.json()["error"]) == (409, "InForceAlready")
    assert (await boss.post(f"{AT}/versions/2/restore")).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", "3"),
        ("temperature", "nan"),
        ("top_p", "0"),
        ("top_p", ""),
        ("max_tokens", "many"),
        ("max_tokens", "12.5"),
        ("frequency_penalty", "-2.1"),
        ("presence_penalty", "1e999"),
    ],
)
async def test_a_number_that_cannot_be_is_named_and_nothing_is_kept(boss: Colleague, field: str, value: str) -> None:
    for path in (AT, f"{AT}/publish"):
        answer = await boss.post(path, **drafted(**{field: value}))
        assert answer.status_code == 422, answer.text
        assert set(answer.json()) == {"error", "detail"}
        assert field in answer.json()["detail"]
    assert "还没有发布过版本" in (await boss.get(AT)).text


@pytest.mark.parametrize(
    "fields",
    [
        {"questions": " \n "},
        {"questions": "\n".join(f"问题{n}" for n in range(11))},
        {"questions": "长" * 1001},
        {"instructions_zh": "长" * 4001},
    ],
)
async def test_too_much_or_nothing_is_refused(boss: Colleague, fields: dict[str, str], model: ScriptedModel) -> None:
    answer = await boss.post(AT, **drafted(**fields))
    assert (answer.status_code, answer.json()["error"]) == (422, "Invalid")
    assert not model.asked


async def test_hostile_words_are_shown_as_words(boss: Colleague) -> None:
    page = await boss.post(AT, **drafted(instructions_zh=f"\x00{TRICK}", questions=f"\x00{TRICK}退货"))
    assert page.status_code == 200, page.text
    assert TRICK not in page.text
    answer = await boss.post(f"{AT}/publish", **drafted(instructions_zh=f"\x00{TRICK}", note=f"\x00{TRICK}"))
    assert answer.status_code == 303, answer.text
    assert TRICK not in (await boss.get(AT)).text


async def test_only_owner_and_manager_come_in_and_only_from_our_page(client: httpx.AsyncClient, desk: Desk) -> None:
    manager = await a_colleague(client, desk, "manager")
    assert AT in (await manager.get("/console")).text
    assert (await manager.get(AT)).status_code == 200
    assert (await client.post(AT, data=drafted(), headers={"Cookie": manager.headers["Cookie"]})).status_code == 403
    for role in ("staff", "viewer"):
        person = await a_colleague(client, desk, role)
        assert AT not in (await person.get("/console")).text
        assert (await person.get(AT)).status_code == 403
        for path in (AT, f"{AT}/publish", f"{AT}/versions/1/restore"):
            assert (await person.post(path, **drafted())).status_code == 403
    assert (await client.get(AT, headers={"Accept": "application/json"})).status_code == 401


async def test_another_stores_version_is_not_found(boss: Colleague, client: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.create(session, "other", {"name": {"zh": "别家"}})
    stranger = await a_colleague(client, desk, "owner", store="other")
    assert (await stranger.post(f"{AT}/publish", **drafted())).status_code == 303
    assert (await boss.post(f"{AT}/versions/1/restore")).status_code == 404
    assert (await boss.post(f"{AT}/versions/99999999999/restore")).status_code == 422
    assert "您是{shop}的掌柜" not in (await boss.get(AT)).text


async def test_a_model_that_fails_is_said_to_have_failed(boss: Colleague, model: ScriptedModel) -> None:
    model.rule = lambda _: Reply(failure=ModelUnreachable("Nobody is at home."))
    page = await boss.post(AT, **drafted())
    assert page.status_code == 200, page.text
    assert "Nobody is at home." in page.text


async def test_time_ends_for_all_questions_together(desk: Desk, model: ScriptedModel) -> None:
    model.rule = lambda _: Reply("从不", first_delay_seconds=3600)
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    playground = Playground(desk.knowledge, model, store.id, longest_seconds=0.2)
    late = await playground.compare(store.profile, store.profile, [QUESTION, "保修多久？"])
    assert [(each.now, each.draft, each.same) for each in late] == [(None, None, False)] * 2


async def test_the_model_stops_when_who_asked_has_left(boss: Colleague, served: str, model: ScriptedModel) -> None:
    model.rule = lambda _: Reply("从不说完", delay_seconds=3600, piece_size=1)

    async def until(happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not happened():  # noqa: ASYNC110  # the model tells nobody when it is asked
                await asyncio.sleep(0.01)

    async with httpx.AsyncClient(base_url=served) as browser:
        waiting = asyncio.create_task(browser.post(AT, data=drafted(), headers=boss.headers, timeout=60))
        await until(lambda: bool(told(model)))
        waiting.cancel()
        await until(lambda: model.closed_early == 1)
    assert len(told(model)) == 1  # the draft is not even tried


async def test_a_small_model_is_said_to_change_nothing(boss: Colleague, model: ScriptedModel) -> None:
    model.name = "qwen2.5-0.5b-instruct"
    assert "草稿不会改变同一语言的回答" in (await boss.get(AT)).text


async def test_without_a_model_the_page_says_that_the_draft_changes_nothing(boss: Colleague, desk: Desk) -> None:
    desk.assistant.use(None)
    page = await boss.post(AT, **drafted())
    assert page.status_code == 200, page.text
    assert "草稿不会改变任何回答" in page.text
    assert "两边相同" in page.text


async def test_what_was_set_elsewhere_between_two_versions_can_come_back_too(boss: Colleague, desk: Desk) -> None:
    await boss.post(f"{AT}/publish", **drafted())
    async with desk.database.sessions.begin() as session:
        await stores.change(session, boss.store_id, {"temperature": 1.5})
    await boss.post(f"{AT}/publish", **drafted(temperature="0.1"))
    assert (await boss.post(f"{AT}/versions/3/restore")).status_code == 303
    async with desk.database.sessions() as session:
        assert (await stores.by_slug(session, "shop")).profile.temperature == 1.5


async def test_a_dialogue_is_exported_with_what_each_answer_stood_on(
    boss: Colleague, customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask(QUESTION)
    await boss.act(customer, "note", text="请跟进")
    path = f"/console/conversations/{customer.opened['id']}.json"
    assert path in await boss.page(customer)
    answer = await boss.get(path)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    asked, said = [each for each in found["messages"] if each["author"] in ("customer", "assistant")][-2:]
    assert asked["text"] == QUESTION
    assert said["answers"] == asked["id"]
    assert said["sources"][0]["title"] == "退货政策"
    assert said["evidence"]["found"]
    assert [note["text"] for note in found["notes"]] == ["请跟进"]
    assert found["more_messages"] is False
    async with desk.database.sessions.begin() as session:
        await stores.create(session, "other", {"name": {"zh": "别家"}})
    stranger = await a_colleague(client, desk, "owner", store="other")
    assert (await stranger.get(path)).status_code == 404
    assert (await client.get(path, headers={"Accept": "application/json"})).status_code == 401
