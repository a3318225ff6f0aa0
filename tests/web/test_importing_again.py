"""Importing a source again: what it no longer has is withdrawn, and what staff decided stays decided."""

import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer, publishable_key, secret_key
from xiaoer import stores
from xiaoer.desk.desk import Desk

TWO = "问题,答案\n可以刻字吗,可以免费刻字。\n有礼盒吗,礼盒 15 元一个。\n"
ONE = "问题,答案\n可以刻字吗,可以免费刻字。\n"


@pytest.fixture
async def merchant(client: httpx.AsyncClient, desk: Desk) -> httpx.AsyncClient:
    """The client with the store's secret key."""
    client.headers["Authorization"] = f"Bearer {await secret_key(desk)}"
    return client


async def brought(merchant: httpx.AsyncClient, content: str | bytes, name: str = "faq.csv", **data: Any) -> Any:
    """What the report says of each article it names."""
    raw = content.encode() if isinstance(content, str) else content
    answer = await merchant.post("/api/v1/knowledge/import", files=[("files", (name, raw))], data=data)
    assert answer.status_code == 200, answer.text
    return {each["title"]: each["what"] for each in answer.json()["notices"]}


async def route(client: httpx.AsyncClient, desk: Desk, question: str) -> tuple[str, str]:
    customer = await Customer.arrive(client, await publishable_key(desk))
    ended = await customer.ask(question)
    return ended["route"], ended["text"]


async def written(boss: Colleague, title: str, text: str, act: str) -> str:
    page = (await boss.get(f"/console/knowledge?q={title}")).text
    where = page.partition('href="/console/knowledge/')[2].partition('"')[0]
    while len(where) != 36:  # the first link that is of an article
        page = page.partition('href="/console/knowledge/')[2]
        where = page.partition('"')[0]
    fields = {"title": title, "text": text, "kind": "question", "locale": "zh", "act": act}
    assert (await boss.post(f"/console/knowledge/{where}", **fields)).status_code == 303
    return f"/console/knowledge/{where}"


async def test_a_row_deleted_from_a_file_is_told_to_nobody_any_more_until_it_is_back(
    merchant: httpx.AsyncClient, desk: Desk
) -> None:
    assert await brought(merchant, TWO) == {}
    await brought(merchant, "# 门店\n\n门店在人民路 1 号。", "shops.md")
    assert await route(merchant, desk, "有礼盒吗") == ("curated", "礼盒 15 元一个。")
    assert await brought(merchant, ONE, keep="true") == {}
    assert (await route(merchant, desk, "有礼盒吗"))[0] == "curated"
    assert await brought(merchant, ONE) == {"有礼盒吗": "withdrawn"}
    assert (await route(merchant, desk, "有礼盒吗"))[0] != "curated"
    assert (await route(merchant, desk, "可以刻字吗"))[0] == "curated"
    assert (await route(merchant, desk, "包邮吗"))[0] == "curated"
    boss = await a_colleague(merchant, desk, "owner")
    assert "faq.csv" in (await boss.get((await written(boss, "有礼盒吗", "礼盒 20 元。", "draft")) + "/history")).text
    assert await brought(merchant, TWO) == {"有礼盒吗": "replaced"}  # somebody had a draft open
    assert (await route(merchant, desk, "有礼盒吗"))[0] == "curated"


async def test_what_staff_withdrew_stays_withdrawn_also_when_the_source_has_new_words(
    merchant: httpx.AsyncClient, desk: Desk
) -> None:
    await brought(merchant, TWO)
    boss = await a_colleague(merchant, desk, "owner")
    where = await written(boss, "有礼盒吗", "礼盒 15 元一个。", "hide")
    assert await brought(merchant, TWO) == {"有礼盒吗": "kept"}
    assert (await route(merchant, desk, "有礼盒吗"))[0] != "curated"
    assert await brought(merchant, TWO.replace("15", "18")) == {"有礼盒吗": "hidden"}
    assert (await route(merchant, desk, "有礼盒吗"))[0] != "curated"
    assert "礼盒 18 元一个。" in (await boss.get(where)).text


async def test_what_staff_corrected_stays_until_the_source_itself_changes_and_then_in_the_history(
    merchant: httpx.AsyncClient, desk: Desk
) -> None:
    await brought(merchant, TWO)
    boss = await a_colleague(merchant, desk, "owner")
    where = await written(boss, "有礼盒吗", "礼盒送完了。", "publish")
    for _ in range(2):
        assert await brought(merchant, TWO) == {"有礼盒吗": "kept"}
        assert await route(merchant, desk, "有礼盒吗") == ("curated", "礼盒送完了。")
    assert await brought(merchant, ONE) == {"有礼盒吗": "orphaned"}
    assert await brought(merchant, TWO.replace("15", "18")) == {"有礼盒吗": "replaced"}
    assert await route(merchant, desk, "有礼盒吗") == ("curated", "礼盒 18 元一个。")
    assert "礼盒送完了。" in (await boss.get(f"{where}/history?a=1&b=2")).text.replace("<mark>", "").replace(
        "</mark>", ""
    )
    assert await brought(merchant, TWO.replace("15", "18")) == {}


async def test_a_file_gone_from_an_archive_is_withdrawn_and_one_that_cannot_be_read_is_not(
    merchant: httpx.AsyncClient,
) -> None:
    def packed(**texts: str) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, text in texts.items():
                archive.writestr(f"{name}.md", text)
        return data.getvalue()

    whole = {"a": "# 刻字\n\n免费。", "b": "# 礼盒\n\n15 元。", "c": "# 门店\n\n人民路。"}
    await brought(merchant, packed(**whole), "all.zip")
    assert await brought(merchant, packed(a=whole["a"], b=""), "all.zip") == {"门店": "withdrawn"}
    assert await brought(merchant, b"PK\x03\x04 broken", "all.zip") == {}


async def test_the_report_in_the_console_names_what_was_withdrawn(merchant: httpx.AsyncClient, desk: Desk) -> None:
    await brought(merchant, TWO)
    boss = await a_colleague(merchant, desk, "owner")
    answer = await merchant.post(
        "/console/knowledge/import",
        files=[("files", ("faq.csv", ONE.encode(), "text/csv"))],
        data={"csrf": boss.csrf},
        headers=boss.headers,
    )
    assert answer.status_code == 303
    app = merchant._transport.app  # type: ignore[attr-defined]
    await app.state.imports.of(boss.store_id).task
    page = (await boss.get("/console/knowledge/import")).text
    assert "1 篇已撤回" in page
    assert "有礼盒吗" in page


async def test_days_in_an_import_are_those_of_the_stores_own_time_zone(merchant: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await stores.change(session, store.id, {"timezone": "Europe/Berlin"})
    await brought(merchant, "question,answer,valid_to\nis the gift free?,Yes until the end.,2030-01-31\n")
    await desk.knowledge.settled()

    async def holds(at: str) -> bool:
        params = {"q": "is the gift free?", "at": at}
        hits = (await merchant.get("/api/v1/knowledge/search", params=params)).json()
        return any("until the end" in hit["text"] for hit in hits)

    assert await holds("2030-01-31T22:59:00Z")
    assert not await holds("2030-01-31T23:01:00Z")


async def test_pages_are_imported_at_the_api_but_not_from_inside_the_network(merchant: httpx.AsyncClient) -> None:
    answer = await merchant.post("/api/v1/knowledge/import", data={"urls": ["http://127.0.0.1:8080/a", "no address"]})
    assert answer.status_code == 200, answer.text
    problems = [each["problem"] for each in answer.json()["files"]]
    assert "private network" in problems[0]
    assert "no web address" in problems[1]
    assert (await merchant.post("/api/v1/knowledge/import", data={"keep": "true"})).status_code == 422


async def test_a_mapping_at_the_console_says_what_the_fields_are(merchant: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(merchant, desk, "owner")
    file = ("files", ("goods.json", json.dumps([{"n": "星光手环", "d": "续航 14 天。"}]).encode()))

    async def sent(mapping: str) -> int:
        fields = {"csrf": boss.csrf, "mapping": mapping}
        answer = await merchant.post("/console/knowledge/import", files=[file], data=fields, headers=boss.headers)
        return answer.status_code

    assert [await sent(bad) for bad in ("{", '{"title": "n"}', '{"nonsense": "n"}')] == [422] * 3
    assert await sent('{"title": "n", "text": ["d"]}') == 303
    await merchant._transport.app.state.imports.of(boss.store_id).task  # type: ignore[attr-defined]
    assert "星光手环" in (await boss.get("/console/knowledge?q=星光手环")).text
