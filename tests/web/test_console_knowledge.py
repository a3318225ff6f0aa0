"""The knowledge workbench: what is written there is what customers hear, and nobody publishes who may not."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import RETURNS, Customer, publishable_key
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.web.server import create_app

SCRIPT = '<script>alert(1)</script><img src=x onerror="alert(1)">'


def written(text: str = "全场满 199 元包邮。", **fields: str) -> dict[str, str]:
    return {"title": "会员日包邮吗", "text": text, "kind": "question", "locale": "zh", **fields}


async def place(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def article_named(colleague: Colleague, title: str) -> str:
    page = (await colleague.get("/console/knowledge")).text
    found = re.search(rf'href="(/console/knowledge/[0-9a-f-]{{36}})"><b>{title}</b>', page)
    assert found, page
    return found.group(1)


async def test_an_article_edited_and_published_changes_the_customers_answer_at_once(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert "99" in (await customer.ask("包邮吗"))["text"]
    where = await article_named(boss, "包邮吗")
    await place(
        await boss.post(where, **written("现在满 59 元就包邮。", title="包邮吗", questions="多少钱包邮", act="publish"))
    )
    answer = await customer.ask("多少钱包邮")
    assert (answer["route"], answer["text"]) == ("curated", "现在满 59 元就包邮。")
    await place(await boss.post(where, **written("现在满 59 元就包邮。", title="包邮吗", act="hide")))
    assert (await customer.ask("多少钱包邮"))["route"] != "curated"


async def test_staff_hand_in_and_only_who_may_publishes(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    staff = await a_colleague(client, desk, "staff", name="anna")
    boss = await a_colleague(client, desk, "manager", name="mia")
    viewer = await a_colleague(client, desk, "viewer", name="vera")
    assert (await staff.post("/console/knowledge", **written(act="publish"))).status_code == 403
    assert (await viewer.post("/console/knowledge", **written(act="draft"))).status_code == 403
    assert (await viewer.get("/console/knowledge/new")).status_code == 403
    where = await place(await staff.post("/console/knowledge", **written(act="review", note="请看一下")))
    assert (await customer.ask("会员日包邮吗"))["route"] != "curated"  # not before somebody has looked
    page = (await boss.get(where)).text
    assert "请看一下" in page
    assert "anna" in page
    for path in ("return", "restore"):
        assert (await staff.post(f"{where}/{path}", note="x", number="1")).status_code == 403
    await place(await boss.post(f"{where}/return", note="写清楚门槛"))
    assert "写清楚门槛" in (await staff.get(where)).text
    await place(await staff.post(where, **written("满 199 元包邮，不含大件。", act="review")))
    await place(await boss.post(where, **written("满 199 元包邮，不含大件。", act="publish")))
    assert (await customer.ask("会员日包邮吗"))["text"] == "满 199 元包邮，不含大件。"
    assert (await boss.post(f"{where}/return", note="zu spät")).status_code == 409


async def test_a_draft_of_a_public_article_leaves_customers_the_old_words(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    where = await article_named(boss, "包邮吗")
    await place(await boss.post(where, **written("满 1 元包邮。", title="包邮吗", act="draft")))
    assert "99" in (await customer.ask("包邮吗"))["text"]
    page = (await boss.get(where)).text
    assert "满 1 元包邮。" in page  # the editor goes on with the draft
    assert "有未发布的草稿" in (await boss.get("/console/knowledge")).text
    assert where in (await boss.get("/console/knowledge?state=draft")).text


async def test_history_shows_what_changed_and_brings_any_version_back(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    where = await article_named(boss, "包邮吗")
    await place(await boss.post(where, **written("满 59 元包邮。", title="包邮吗", act="publish")))
    page = (await boss.get(f"{where}/history")).text
    assert "小林" in page
    assert "<mark>59</mark>" in page
    assert 'class="removed"' in page
    await place(await boss.post(f"{where}/restore", number="1"))
    assert "99" in (await customer.ask("包邮吗"))["text"]
    again = (await boss.get(f"{where}/history")).text
    assert again.count('name="number"') == 2  # nothing of it is lost
    assert (await boss.post(f"{where}/restore", number="77")).status_code == 404
    assert (await boss.post(f"{where}/restore", number="x")).status_code == 404
    assert (await boss.get(f"{where}/history?b=99")).status_code == 404


async def test_what_does_not_hold_yet_or_any_more_is_not_said_and_is_flagged(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    past, soon = datetime.now(UTC) - timedelta(days=2), datetime.now(UTC) + timedelta(days=3)
    fields = written("双十一满 9 元包邮。", title="双十一包邮吗", valid_to=f"{past:%Y-%m-%dT%H:%M}", act="publish")
    where = await place(await boss.post("/console/knowledge", **fields))
    assert (await customer.ask("双十一包邮吗"))["text"] != "双十一满 9 元包邮。"
    expired = (await boss.get("/console/knowledge?state=expired")).text
    assert where in expired
    assert "有效期已过" in (await boss.get(f"{where}?told=publish")).text
    await place(await boss.post(where, **{**fields, "valid_to": f"{soon:%Y-%m-%dT%H:%M}"}))
    assert (await customer.ask("双十一包邮吗"))["text"] == "双十一满 9 元包邮。"
    assert where in (await boss.get("/console/knowledge?state=ending")).text
    backwards = {**fields, "valid_from": "2026-02-02T00:00", "valid_to": "2026-01-01T00:00"}
    assert (await boss.post(where, **backwards)).status_code == 422
    assert (await boss.post(where, **{**fields, "valid_to": "soon"})).status_code == 422


async def test_two_articles_with_different_days_for_a_return_are_shown_side_by_side(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert "可能矛盾" not in (await boss.get("/console/knowledge")).text
    fields = written("本店支持 15 天无理由退货。", title="退货说明", kind="article", act="publish")
    where = await place(await boss.post("/console/knowledge", **fields))
    page = (await boss.get("/console/knowledge")).text
    assert "1 处说法可能矛盾" in page
    assert "本店支持 15 天无理由退货。" in page
    assert RETURNS.split("。")[0] in page
    assert "可能与这篇矛盾" in (await boss.get(where)).text
    await place(await boss.post(where, **{**fields, "text": "本店支持 7 天无理由退货。"}))
    assert "可能矛盾" not in (await boss.get("/console/knowledge")).text


async def test_a_question_nobody_could_answer_becomes_an_answer_from_the_persons_own_reply(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await customer.ask("你们的会员生日有礼物吗"))["route"] == "refuse"
    await boss.act(customer, "reply", text="有的，生日当月送 20 元券。")
    await boss.act(customer, "handback")
    page = (await boss.get("/console/knowledge/gaps")).text
    assert "有的，生日当月送 20 元券。" in page
    begin = re.search(r"/console/knowledge/new\?from=[0-9a-f-]+", page)
    assert begin
    form = (await boss.get(begin.group())).text
    assert "有的，生日当月送 20 元券。" in form
    assert 'value="你们的会员生日有礼物吗"' in form
    fields = written("有的，生日当月送 20 元券。", title="你们的会员生日有礼物吗", act="publish")
    started = datetime.now(UTC)
    await place(await boss.post("/console/knowledge", **fields))
    assert (await customer.ask("你们的会员生日有礼物吗？"))["text"] == "有的，生日当月送 20 元券。"
    assert datetime.now(UTC) - started < timedelta(seconds=20)
    assert "会员生日" not in (await boss.get("/console/knowledge/gaps")).text


async def test_questions_that_mean_the_same_are_one_row_with_the_reply_to_any_of_them(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    asked = ("会员生日有礼物吗", "会员生日有没有礼物", "老板的鞋码是多少")
    for text in asked:
        customer = await Customer.arrive(client, await publishable_key(desk))
        assert (await customer.ask(text))["route"] == "refuse"
        if text == asked[0]:
            await boss.act(customer, "reply", text="有的，生日当月送 20 元券。")
    page = (await boss.get("/console/knowledge/gaps?days=365")).text
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>")[:-1]
    assert len(rows) == 2
    assert all(text in rows[0] for text in (*asked[:2], "有的，生日当月送 20 元券。", '<td class="number">2</td>'))
    assert asked[2] in rows[1]


async def test_trying_a_question_shows_what_is_found_why_and_the_answer_and_stores_nothing(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    page = (await viewer.get("/console/knowledge/test?q=手机保修多久")).text
    assert "保修说明" in page
    assert "语义" in page
    assert "被引用" in page
    assert "店铺的标准答案" in (await viewer.get("/console/knowledge/test?q=包邮吗")).text
    assert "没有依据，没有回答" in (await viewer.get("/console/knowledge/test?q=老板的猫叫什么")).text
    assert "自己的订单" in (await viewer.get("/console/knowledge/test?q=帮我取消订单")).text
    assert (await viewer.counts())["assistant"] == 0


async def test_filters_stand_in_the_address_and_narrow_the_list(client: httpx.AsyncClient, desk: Desk) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    by_text = (await viewer.get("/console/knowledge?q=顺丰&sort=title")).text
    assert "发货与物流" in by_text
    assert "保修说明" not in by_text
    questions = (await viewer.get("/console/knowledge?kind=question&locale=zh")).text
    assert "包邮吗" in questions
    assert "保修说明" not in questions
    assert (await viewer.get("/console/knowledge?state=whatever")).status_code == 422
    assert "没有符合的文章" in (await viewer.get("/console/knowledge?q=%25%5F")).text


async def test_script_in_an_article_is_only_ever_text(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    fields = written(
        SCRIPT + "正文", title=SCRIPT, questions=SCRIPT, tags=SCRIPT, kind="question", act="publish", note=SCRIPT
    )
    where = await place(await boss.post("/console/knowledge", **fields))
    await place(await boss.post(where, **{**fields, "text": SCRIPT + "别的", "act": "review"}))
    preview = await boss.post("/console/knowledge/preview", **fields)
    pages = [
        await boss.get(path)
        for path in (
            where,
            f"{where}/history",
            "/console/knowledge",
            "/console/knowledge/test?q=<script>alert(1)</script>",
        )
    ]
    for page in (preview, *pages):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    assert (await boss.post(where, **{**fields, "url": "javascript:alert(1)"})).status_code == 422


@pytest.mark.parametrize(
    "bad",
    [{"title": ""}, {"title": "x" * 501}, {"text": " "}, {"locale": "../x"}, {"act": "burn"}, {"text": "x" * 500_001}],
)
async def test_what_cannot_be_an_article_is_refused_with_the_reason(
    client: httpx.AsyncClient, desk: Desk, bad: dict[str, str]
) -> None:
    boss = await a_colleague(client, desk, "owner")
    answer = await boss.post("/console/knowledge", **{**written(act="draft"), **bad})
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}


async def test_articles_of_another_shop_do_not_exist(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    nowhere = "/console/knowledge/00000000-0000-4000-8000-000000000000"
    for path in (nowhere, f"{nowhere}/history", "/console/knowledge/new?from=00000000-0000-4000-8000-000000000000"):
        assert (await boss.get(path)).status_code == 404
    assert (await boss.post(nowhere, **written(act="publish"))).status_code == 404
    assert (await boss.post(f"{nowhere}/restore", number="1")).status_code == 404


async def test_what_an_import_replaces_stays_in_the_history(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    for text in ("第一版", "第二版"):
        await desk.knowledge.save(boss.store_id, Document(key="k", title="来自文件", text=text, source="faq.md"))
    page = (await boss.get(await article_named(boss, "来自文件") + "/history")).text
    assert "faq.md" in page
    assert "第一版" in page.replace("<mark>", "").replace("</mark>", "")


async def imported(
    desk: Desk, boss: Colleague, files: list[tuple[str, Any]], *, language: str = "zh", **fields: str
) -> str:
    app = create_app(desk)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://desk",
        headers={**boss.headers, "Accept-Language": language},
    ) as browser:
        answer = await browser.post("/console/knowledge/import", files=files, data={"csrf": boss.csrf, **fields})
        assert answer.status_code in {303, 422}, answer.text
        run = app.state.imports.of(boss.store_id)
        if run is not None:
            await asyncio.wait_for(run.task, 60)
        return (await browser.get("/console/knowledge/import")).text


async def test_files_are_imported_with_a_report_of_what_could_not_be_read(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    name = "<img src=x onerror=alert(1)>.md"
    good = ("files", (name, "# 礼品卡\n礼品卡三年内有效。".encode(), "text/markdown"))
    bad = ("files", ("broken.pdf", b"%PDF-nothing", "application/pdf"))
    page = await imported(desk, boss, [good, bad], urls="http://127.0.0.1/secret")
    assert "读完 1 个，读不了 2 个" in page
    assert "<img" not in page
    assert "broken.pdf" in page
    assert "127.0.0.1" in page  # said why: an address inside the network
    assert "礼品卡" in (await boss.get("/console/knowledge?q=礼品卡")).text
    assert (await boss.post("/console/knowledge/import", urls="")).status_code == 422
    staff = await a_colleague(client, desk, "staff", name="anna")
    assert (await staff.get("/console/knowledge/import")).status_code == 403
    assert (await staff.post("/console/knowledge/import", urls="https://x.test")).status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_import_is_reported_in_the_readers_language(
    client: httpx.AsyncClient, desk: Desk, language: str
) -> None:
    boss = await a_colleague(client, desk, "owner")
    sheet = "标题,正文,<b>进价</b>,进价\n礼品卡,三年内有效,1,2\n,没有标题,3,4\n".encode()
    files = [("files", ("photo.jpg", b"\xff\xd8\xff" + bytes(99))), ("files", ("卡.csv", sheet))]
    page = await imported(desk, boss, files, language=language)
    chinese = [
        "是图片。图片里的字读不出来，请把文字存成文本再导入。",
        "没有采用的列：",
        "2 条记录中有 1 条没有采用：没有标题或正文",
    ]
    english = [
        "is a picture. Import the text in it: pictures are not read.",
        "columns left out: ",
        "1 of 2 records left out",
    ]
    wanted, other = (chinese, english) if language == "zh" else (english, chinese)
    assert [each for each in wanted if each not in page] == []
    assert [each for each in other if each in page] == []
    assert "<b>" not in page.partition("<table")[2]


async def test_how_far_the_vectors_are_is_told(client: httpx.AsyncClient, desk: Desk) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    await desk.knowledge.settled()
    told = (await viewer.get("/console/knowledge/progress")).json()
    assert told["passages"] == told["embedded"] == told["refined"] >= 4
