"""Help for staff while they answer: nothing sends itself, facts stay what they are, and no model is needed."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from console_staff import Colleague, a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.assistant.helping.rewriting import mannered
from xiaoer.desk.desk import Desk
from xiaoer.llm.messages import Message
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.reports import training

EVIL = '<script>alert(1)</script><img src=x onerror="alert(1)">'


@pytest.fixture
async def lin(client: httpx.AsyncClient, desk: Desk) -> Colleague:
    return await a_colleague(client, desk, "manager")


async def helped(lin: Colleague, customer: Customer, what: str, **fields: Any) -> dict[str, Any]:
    answer = await lin.act(customer, f"help/{what}", **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def says(text: str) -> Any:
    def rule(_: Sequence[Message]) -> str:
        return text

    return rule


async def test_who_takes_over_reads_what_it_is_about(customer: Customer, lin: Colleague) -> None:
    await customer.ask("包邮吗")
    await customer.ask("我的订单号 A20260101123 到哪了，电话 13800138000")
    await customer.ask("转人工")
    page = await lin.page(customer)
    summary = page.split('id="summary"')[1].split("</section>")[0]
    assert "A20260101123" in summary
    assert "13800138000" in summary
    assert "满 99 元包邮" in summary
    assert "包邮吗" in summary


async def test_a_conversation_of_the_assistant_has_no_summary(customer: Customer, lin: Colleague) -> None:
    await customer.ask("包邮吗")
    assert 'id="summary"' not in await lin.page(customer)


async def test_a_reply_is_suggested_with_its_sources_though_a_person_was_asked_for_after(
    customer: Customer, lin: Colleague
) -> None:
    await customer.ask("手机保修多久")
    await customer.ask("转人工")
    found = await helped(lin, customer, "reply")
    assert "12 个月" in found["text"]
    assert "摘自" not in found["text"], "a colleague does not speak like the machine"
    assert found["sources"][0]["title"] == "保修说明"
    assert len(await customer.messages()) == 4  # nothing was sent


@pytest.mark.parametrize(("sent", "outcome"), [(None, "采用"), ("请看保修卡。", "修改后采用")])
async def test_what_became_of_a_suggestion_is_recorded(
    customer: Customer, lin: Colleague, sent: str | None, outcome: str
) -> None:
    await customer.ask("手机保修多久")
    found = await helped(lin, customer, "reply")
    assert (await lin.act(customer, "reply", text=sent or found["text"], aid=found["aid"])).status_code == 204
    page = (await lin.get("/console/figures")).text
    aids = page.split('id="aids"')[1].split("</section>")[0]
    row = aids.split(f">{outcome}<")[1].split("</tr>")[0]
    assert ">1<" in row


@pytest.mark.parametrize(("shape", "changed"), [("sft", False), ("dpo", True)])
async def test_what_staff_did_with_a_suggestion_is_material_for_training(
    customer: Customer, lin: Colleague, desk: Desk, shape: training.Shape, changed: bool
) -> None:
    await customer.ask("手机保修多久，我的电话 13800138000")
    offered = await helped(lin, customer, "reply")
    sent = "保修 12 个月，电池 6 个月。" if changed else offered["text"]
    await lin.act(customer, "reply", text=sent, aid=offered["aid"])
    async with desk.database.sessions() as session:
        [row] = [row async for row in training.rows(session, lin.store_id, shape)]
    said = {"role": "user", "content": "手机保修多久，我的电话 [phone 1]"}
    answers = [{"role": "assistant", "content": text} for text in (sent, offered["text"])]
    expected = {"prompt": [said], "chosen": answers[:1], "rejected": answers[1:]}
    assert row == (expected if changed else {"messages": [said, answers[0]]})


async def test_a_suggestion_can_be_refused_and_is_nobody_elses(
    customer: Customer, lin: Colleague, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("手机保修多久")
    found = await helped(lin, customer, "reply")
    other = await Customer.arrive(client, await publishable_key(desk))
    assert (await lin.act(other, "help/reject", aid=found["aid"])).status_code == 404
    assert (await lin.act(customer, "help/reject", aid="x' or 1=1")).status_code == 404
    assert (await lin.act(customer, "help/reject", aid=found["aid"])).status_code == 204


async def test_nothing_is_suggested_that_nothing_backs(customer: Customer, lin: Colleague) -> None:
    await customer.ask("你们老板的生日是哪一天")
    found = await helped(lin, customer, "reply")
    assert (found["text"], found["cases"]) == (None, [])


async def test_what_a_colleague_answered_before_is_found_again(
    customer: Customer, lin: Colleague, client: httpx.AsyncClient, desk: Desk
) -> None:
    key = await publishable_key(desk)
    for asked, answered in (("可以用花呗分期吗", "可以，支持 3 期。"), ("周末上班吗", "周末休息。")):
        earlier = await Customer.arrive(client, key)
        await lin.act(earlier, "take")
        await earlier.send(asked)
        assert (await lin.act(earlier, "reply", text=answered)).status_code == 204
    await customer.ask("请问能用花呗分期付款吗")
    found = await helped(lin, customer, "reply")
    assert [case["answered"] for case in found["cases"]] == ["可以，支持 3 期。"]
    assert found["cases"][0]["by"] == lin.name


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("您好，订单 A1-20 周三前会到，运费 8 元。", "您好，订单 A1-20 周三前会到，运费 8 元。"),
        ("您好，订单 A1-20 周三前会到，免运费。", None),
        ("您好，订单 A1-20 周三前会到，运费 8 元，另送您 20 元券。", None),
        ("", None),
    ],
)
async def test_a_draft_is_polished_and_its_facts_are_kept(
    customer: Customer, lin: Colleague, model: ScriptedModel, said: str, text: str | None
) -> None:
    await customer.ask("包邮吗")
    model.rule = says(said)
    found = await helped(lin, customer, "rewrite", text="订单A1-20周三前会到,运费8元!")
    assert found["text"] == (text or "您好，订单A1-20周三前会到，运费8元。")
    assert found["by"] == ("scripted" if text else "rules")


@pytest.mark.parametrize(
    ("draft", "language", "polite"),
    [
        ("你的订单今天发!!", "zh", "您好，您的订单今天发。"),
        ("您好，已为您登记", "zh", "您好，已为您登记。"),
        ("价格是3.50元(不含税)", "zh", "您好，价格是3.50元（不含税）。"),
        ("you can return it in 7 days!", "en", "Hello, you can return it in 7 days."),
        ("iPhone cases are in stock", "en", "Hello, iPhone cases are in stock."),
        ("Hi, it is on its way", "en", "Hi, it is on its way."),
        ("", "zh", ""),
    ],
)
def test_rules_know_manners(draft: str, language: str, polite: str) -> None:
    assert mannered(draft, language) == polite


async def a_vietnamese(client: httpx.AsyncClient, desk: Desk) -> Customer:
    customer = await Customer.arrive(client, await publishable_key(desk), locale="vi")
    await customer.ask("Xin chào, khi nào giao đơn hàng của tôi vậy?")
    return customer


async def with_names(lin: Colleague) -> None:
    names = "云朵枕 = vi: Gối Mây; en: Cloud Pillow\nXiaoer"
    assert (await lin.post("/console/prices/names", names=names)).status_code == 303


async def test_staff_write_chinese_and_the_customer_reads_vietnamese(
    lin: Colleague, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    await with_names(lin)
    customer = await a_vietnamese(client, desk)
    model.rule = says("[#1] mẫu [#2] sẽ được giao trong 48 giờ.")
    draft = "云朵枕 YDZ-200 会在 48 小时内发货。"
    found = await helped(lin, customer, "translate", text=draft)
    assert found["text"] == "Gối Mây mẫu YDZ-200 sẽ được giao trong 48 giờ."
    assert found["language"] == "vi"
    assert "云朵枕" not in model.asked[-1].prompt  # names never reach the model
    sent = await lin.act(customer, "reply", text=found["text"], aid=found["aid"], original=draft)
    assert sent.status_code == 204
    said = (await customer.messages())[-1]
    assert said["text"] == found["text"]
    page = await lin.page(customer)
    assert draft in page  # the original is a click away
    assert "查看原文" in page


@pytest.mark.parametrize(
    "said",
    ["[#1] sẽ được giao trong 48 giờ.", "[#1] mẫu [#2] sẽ được giao trong 24 giờ.", "[#1] [#2] [#3] 48", ""],
    ids=["a name is missing", "another number", "a mark too many", "nothing"],
)
async def test_a_translation_that_changes_a_fact_is_not_given(
    lin: Colleague, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel, said: str
) -> None:
    await with_names(lin)
    customer = await a_vietnamese(client, desk)
    model.rule = says(said)
    found = await helped(lin, customer, "translate", text="云朵枕 YDZ-200 会在 48 小时内发货。")
    assert (found["whole"], found["by"]) == (False, "names")
    assert found["text"] == "Gối Mây YDZ-200 会在 48 小时内发货。"
    assert found["names"] == [["云朵枕", "Gối Mây"]]


async def test_a_customers_message_is_read_in_ones_own_language_and_stays_as_it_was(
    lin: Colleague, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    customer = await a_vietnamese(client, desk)
    message = next(each for each in await customer.messages() if each["author"] == "customer")
    model.rule = says("您好，我的订单什么时候发货？")
    found = await helped(lin, customer, "translate", message=message["id"])
    assert found["language"] == "zh"
    page = await lin.page(customer)
    assert "您好，我的订单什么时候发货？" in page
    assert message["text"] in page


async def test_without_a_model_everything_is_there_in_a_plainer_form(
    customer: Customer, lin: Colleague, client: httpx.AsyncClient, desk: Desk
) -> None:
    await with_names(lin)
    desk.assistant.use(None)
    await customer.ask("手机保修多久")
    assert "12 个月" in (await helped(lin, customer, "reply"))["text"]
    assert (await helped(lin, customer, "rewrite", text="你好,今天发!"))["text"] == "你好，今天发。".replace("你", "您")
    foreign = await a_vietnamese(client, desk)
    found = await helped(lin, foreign, "translate", text="云朵枕有货")
    assert (found["whole"], found["text"]) == (False, "Gối Mây有货")
    refused = await lin.act(customer, "help/summary")
    assert (refused.status_code, refused.json()["error"]) == (422, "Invalid")


async def test_a_summary_of_the_model_holds_no_number_that_nobody_wrote(
    customer: Customer, lin: Colleague, desk: Desk
) -> None:
    await customer.ask("手机保修多久")
    desk.assistant.use(ScriptedModel(default="顾客问手机保修多久。已答复 12 个月。顾客要求赔偿 500 元。", name="big"))
    found = await helped(lin, customer, "summary")
    assert found["text"] == "顾客问手机保修多久。已答复 12 个月。"


@pytest.mark.parametrize("what", ["reply", "rewrite", "translate", "summary", "reject"])
async def test_help_is_for_who_may_answer_and_from_our_own_page(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, what: str
) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    assert (await viewer.act(customer, f"help/{what}", text="好")).status_code == 403
    path = f"/console/conversations/{customer.opened['id']}/help/{what}"
    assert (await client.post(path, data={"text": "好"})).status_code == 401
    staff = await a_colleague(client, desk, "staff", name="小吴")
    forged = {"Cookie": staff.headers["Cookie"], "X-CSRF-Token": "other"}
    assert (await client.post(path, data={"text": "好"}, headers=forged)).status_code == 403
    assert (await staff.post(path.replace(customer.opened["id"], str(staff.staff_id)), text="好")).status_code == 404


async def test_script_in_every_field_is_text(customer: Customer, lin: Colleague, desk: Desk) -> None:
    await customer.send(f"转人工 {EVIL}")
    desk.assistant.use(None)
    rewritten = await helped(lin, customer, "rewrite", text=EVIL)
    await lin.act(customer, "reply", text=EVIL, aid=rewritten["aid"], original=EVIL)
    await lin.post("/console/prices/names", names=f"{EVIL} = en: {EVIL}")
    await lin.post("/console/prices", currency="CNY", paid_source=EVIL, paid_resolution="7", staff_hour="30")
    for page in (
        await lin.page(customer),
        (await lin.get("/console/prices")).text,
        (await lin.get("/console/figures")).text,
    ):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    async with desk.database.sessions() as session:
        profile = (await stores.by_slug(session, "shop")).profile
    assert profile.costs.paid_source == EVIL


async def test_prices_are_the_shops_own_and_checked(
    customer: Customer, lin: Colleague, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("包邮吗")
    assert "USD" not in (await lin.get("/console/figures")).text
    given = {
        "currency": "usd",
        "staff_hour": "12,50",
        "paid_resolution": "0.99",
        "paid_source": "a price list, 2026-01",
    }
    assert (await lin.post("/console/prices", **given)).status_code == 303
    page = (await lin.get("/console/figures")).text
    assert "USD 0.99" in page
    assert "a price list, 2026-01" in page
    for wrong in ({"staff_hour": "-1"}, {"currency": "dollars"}, {"prompt_tokens": "cheap"}, {"staff_hour": "NaN"}):
        refused = await lin.post("/console/prices", **{**given, **wrong})
        assert refused.status_code == 422, wrong
    staff = await a_colleague(client, desk, "staff", name="小吴")
    assert (await staff.get("/console/prices")).status_code == 403
    assert (await staff.post("/console/prices", **given)).status_code == 403
