"""Knowledge through the front door: an edit counts at once, the ended is not offered, hostile files do no harm."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from builders import Customer, publishable_key, secret_key
from xiaoer.desk.desk import Desk

EVER = datetime.now(UTC)


@pytest.fixture
async def merchant(client: httpx.AsyncClient, desk: Desk) -> httpx.AsyncClient:
    """The client with the store's secret key."""
    client.headers["Authorization"] = f"Bearer {await secret_key(desk)}"
    return client


async def found(client: httpx.AsyncClient, question: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/knowledge/search", params={"q": question, **params})
    assert answer.status_code == 200, answer.text
    hits: list[dict[str, Any]] = answer.json()
    return hits


async def test_an_edit_counts_within_two_seconds_and_so_does_a_deletion(merchant: httpx.AsyncClient) -> None:
    body = {"key": "gift", "title": "赠品说明", "text": "下单即送蓝色贴纸一张。", "locale": "zh"}
    made = (await merchant.post("/api/v1/knowledge/articles", json=body)).json()
    assert "蓝色贴纸" in (await found(merchant, "下单送什么贴纸"))[0]["text"]
    body["text"] = "下单即送红色挂绳一条。"
    await merchant.put(f"/api/v1/knowledge/articles/{made['id']}", json=body)
    texts = [hit["text"] for hit in await found(merchant, "下单送什么挂绳")]
    assert "红色挂绳" in texts[0]
    assert not any("蓝色贴纸" in text for text in texts)
    assert (await merchant.delete(f"/api/v1/knowledge/articles/{made['id']}")).status_code == 204
    assert not any("红色挂绳" in hit["text"] for hit in await found(merchant, "下单送什么挂绳"))


async def test_an_edited_curated_answer_is_what_the_next_customer_hears(
    merchant: httpx.AsyncClient, desk: Desk
) -> None:
    body = {"key": "free-shipping", "title": "包邮吗", "text": "全场包邮。", "kind": "question", "locale": "zh"}
    await merchant.post("/api/v1/knowledge/articles", json=body)
    customer = await Customer.arrive(merchant, await publishable_key(desk))
    assert (await customer.ask("包邮吗"))["text"] == "全场包邮。"


@pytest.mark.parametrize(
    ("starts", "ends", "offered"), [(-10, 10, True), (-10, -1, False), (1, 10, False)], ids=["now", "ended", "to come"]
)
async def test_a_promotion_is_offered_only_while_it_holds(
    merchant: httpx.AsyncClient, desk: Desk, starts: int, ends: int, *, offered: bool
) -> None:
    await merchant.post(
        "/api/v1/knowledge/articles",
        json={
            "title": "周年庆满减活动",
            "text": "周年庆期间，全场每满 500 元减 88 元。",
            "locale": "zh",
            "valid_from": (EVER + timedelta(days=starts)).isoformat(),
            "valid_to": (EVER + timedelta(days=ends)).isoformat(),
        },
    )
    customer = await Customer.arrive(merchant, await publishable_key(desk))
    ended = await customer.ask("周年庆满 500 元减多少")
    assert ("88" in ended["text"]) is offered


async def test_a_draft_is_not_found(merchant: httpx.AsyncClient) -> None:
    body = {"title": "内部草稿", "text": "内部折扣代码 XQ-77。", "status": "draft", "locale": "zh"}
    await merchant.post("/api/v1/knowledge/articles", json=body)
    assert not any("XQ-77" in hit["text"] for hit in await found(merchant, "内部折扣代码 XQ-77"))


async def test_what_is_about_one_product_is_not_said_of_another(merchant: httpx.AsyncClient) -> None:
    for product, hours in (("A1", "12"), ("B2", "30")):
        body = {"title": f"{product} 续航", "text": f"{product} 的续航时间是 {hours} 小时。", "product_ids": [product]}
        await merchant.post("/api/v1/knowledge/articles", json={**body, "locale": "zh"})
    texts = [hit["text"] for hit in await found(merchant, "续航时间多久", product_id="A1")]
    assert "12 小时" in texts[0]
    assert not any("30 小时" in text for text in texts)


async def test_files_are_imported_and_the_broken_one_is_named(merchant: httpx.AsyncClient) -> None:
    files = [
        ("files", ("配送.md", "# 配送范围\n\n我们配送到全国所有省份。".encode(), "text/markdown")),
        ("files", ("常见问题.csv", "问题,答案\n可以开发票吗,可以开具电子发票。\n".encode(), "text/csv")),
        ("files", ("坏.pdf", b"%PDF-1.4 broken", "application/pdf")),
    ]
    answer = await merchant.post("/api/v1/knowledge/import", files=files)
    assert answer.status_code == 200, answer.text
    told = {each["name"]: each for each in answer.json()["files"]}
    assert told["坏.pdf"]["problem"]
    assert answer.json()["saved"] == 2
    assert "全国" in (await found(merchant, "配送到哪些省份"))[0]["text"]
    again = await merchant.post("/api/v1/knowledge/import", files=files)
    assert again.json()["saved"] == 2
    assert len([hit for hit in await found(merchant, "配送到哪些省份") if "全国" in hit["text"]]) == 1


async def test_a_catalogue_is_read_by_its_mapping(merchant: httpx.AsyncClient) -> None:
    record = {"编号": "P9", "品名": "星光手环", "参数": "防水等级 5ATM，续航 14 天。"}
    mapping = {"key": "编号", "title": "品名", "text": ["参数"], "product_ids": "编号"}
    answer = await merchant.post(
        "/api/v1/knowledge/import",
        files=[("files", ("catalogue.json", json.dumps([record]).encode(), "application/json"))],
        data={"mapping": json.dumps(mapping)},
    )
    assert answer.json()["saved"] == 1, answer.text
    assert "14 天" in (await found(merchant, "星光手环续航多久", product_id="P9"))[0]["text"]


async def test_scripts_in_a_page_never_become_knowledge(merchant: httpx.AsyncClient) -> None:
    page = "<h1>保养</h1><script>alert('泄露')</script><p>请用软布擦拭屏幕。</p>".encode()
    await merchant.post("/api/v1/knowledge/import", files=[("files", ("care.html", page, "text/html"))])
    hits = await found(merchant, "怎么擦拭屏幕")
    assert "软布" in hits[0]["text"]
    assert not any("alert" in hit["text"] for hit in hits)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"text": ""}, "text"),
        ({"title": "x" * 501}, "title"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"kind": "x"}, "kind"),
    ],
)
async def test_a_malformed_article_is_refused_by_field(
    merchant: httpx.AsyncClient, change: dict[str, Any], named: str
) -> None:
    answer = await merchant.post("/api/v1/knowledge/articles", json={"title": "t", "text": "x", **change})
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


async def test_a_publishable_key_reads_and_never_writes(client: httpx.AsyncClient, desk: Desk) -> None:
    client.headers["Authorization"] = f"Bearer {await publishable_key(desk)}"
    assert await found(client, "退货")
    for method, path in (("POST", "articles"), ("DELETE", "articles/00000000-0000-0000-0000-000000000000")):
        answer = await client.request(method, f"/api/v1/knowledge/{path}", json={"title": "t", "text": "x"})
        assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")


async def test_two_imports_of_one_key_at_once_make_one_article(merchant: httpx.AsyncClient) -> None:
    body = {"key": "same", "title": "并发", "text": "并发导入只留一篇。", "locale": "zh"}
    await asyncio.gather(*(merchant.post("/api/v1/knowledge/articles", json=body) for _ in range(4)))
    assert len([hit for hit in await found(merchant, "并发导入") if "并发" in hit["text"]]) == 1
