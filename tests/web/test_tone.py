"""How complaints, broken goods and angry faces are met: with an apology, what happens now and a ticket."""

import json
from collections import Counter
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from builders import RETURNS, Customer, publishable_key
from xiaoer import stores
from xiaoer.assistant.learning import Learning
from xiaoer.assistant.understanding.concern import PROBLEMS, Concerns
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.embedding import BundledEmbedder, EmbedderUnavailable
from xiaoer.language.phrases import languages, phrase
from xiaoer.tickets.tables import Ticket

WORDINGS = [json.loads(line) for line in (Path(__file__).parents[2] / "evals" / "tone.jsonl").read_text().splitlines()]
DEFECTS = "收到的商品有质量问题或破损的，请在签收后 48 小时内联系我们，运费由本店承担，可换新或退款。"


async def tickets(desk: Desk) -> list[Ticket]:
    async with desk.database.sessions() as session:
        return list(await session.scalars(sa.select(Ticket).order_by(Ticket.number)))


async def knows_of_defects(desk: Desk) -> None:
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    await desk.knowledge.save(store.id, Document(key="defects", title="质量问题处理", text=DEFECTS, locale="zh"))
    await desk.knowledge.settled()


async def test_a_complaint_gets_an_apology_what_happens_now_and_a_ticket(customer: Customer, desk: Desk) -> None:
    told = await customer.stream("你们这服务真让人火大")
    kind, ended = told[-1]
    assert (kind, ended["route"], ended["ticket"]) == ("done", "flow", "T-1001")
    sorry, next_ = phrase("complaint_sorry", "zh"), phrase("complaint_next", "zh")
    assert ended["text"].startswith(f"{sorry}{next_}")
    assert "T-1001" in ended["text"]
    assert ended["text"] == "".join(data["delta"] for name, data in told if name == "text")
    assert next(data["delta"] for name, data in told if name == "text") == sorry  # before anything is looked up
    assert phrase("talk_to_person", "zh") in ended["suggestions"]
    [ticket] = await tickets(desk)
    assert (ticket.kind, ticket.text) == ("complaint", "你们这服务真让人火大")


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("the mug turned up in pieces", "en"), ("cốc về đến nhà vỡ tan", "vi"), ("แก้วมาถึงแตกละเอียด", "th"),
        ("届いたカップが割れていました", "ja"), ("la taza llegó rota en pedazos", "es"),
        ("Die Tasse kam zerbrochen an", "de"),
    ],
)  # fmt: skip
async def test_goods_that_came_broken_are_met_so_in_the_customers_language(
    customer: Customer, desk: Desk, said: str, language: str
) -> None:
    ended = await customer.ask(said)
    sorry, next_ = phrase("complaint_sorry", language), phrase("problem_next", language)
    assert ended["text"].startswith(sorry)
    assert next_ in ended["text"]
    assert phrase("refuse", language) not in ended["text"]
    [ticket] = await tickets(desk)
    assert ticket.kind == "repair"


async def test_what_the_shop_does_about_broken_goods_is_told_and_staff_see_to_it(
    customer: Customer, desk: Desk
) -> None:
    await knows_of_defects(desk)
    ended = await customer.ask("杯子寄到家全碎了")
    assert ended["text"].startswith(phrase("complaint_sorry", "zh"))
    assert "48 小时内联系我们" in ended["text"]
    assert ended["sources"][0]["title"] == "质量问题处理"
    assert phrase("problem_next", "zh") in ended["text"]
    assert [ticket.kind for ticket in await tickets(desk)] == ["repair"]


@pytest.mark.parametrize("said", ["收到的商品有破损可以退款吗", "有瑕疵的能退吗", "are faulty ones returnable?"])
async def test_a_question_of_policy_is_no_complaint(customer: Customer, desk: Desk, said: str) -> None:
    await knows_of_defects(desk)
    ended = await customer.ask(said)
    assert ended["kind"] == "done"
    for language in ("zh", "en"):
        assert phrase("complaint_sorry", language) not in ended["text"]
    assert await tickets(desk) == []


async def test_a_defect_is_a_problem_and_no_mood_that_brings_a_person(customer: Customer, desk: Desk) -> None:
    ended = await customer.ask(
        "my kettle is broken, it does not work and leaks, the lid is cracked and a part is missing"
    )
    assert (ended["kind"], ended["ticket"]) == ("done", "T-1001")
    [ticket] = await tickets(desk)
    assert (ticket.kind, ticket.priority) == ("repair", "normal")


async def test_what_is_asked_beside_a_complaint_is_answered(customer: Customer, desk: Desk) -> None:
    ended = await customer.ask("你们的客服爱理不理的，太过分了！退货运费由谁承担？")
    assert ended["text"].startswith(phrase("complaint_sorry", "zh"))
    assert RETURNS.partition("。")[2] in ended["text"]
    assert [ticket.kind for ticket in await tickets(desk)] == ["complaint"]


@pytest.mark.parametrize("face", ["😡", "🤬🤬", "[发怒]", ">:("])
async def test_an_angry_face_is_anger_and_asked_about(customer: Customer, desk: Desk, face: str) -> None:
    ended = await customer.ask(face)
    assert ended["text"] == phrase("complaint_sorry", "zh") + phrase("ask_what_is_wrong", "zh")
    assert ended["suggestions"] == [phrase("talk_to_person", "zh")]
    assert await tickets(desk) == []


async def test_a_friendly_face_is_not_apologised_to(customer: Customer) -> None:
    assert (await customer.ask("😊"))["text"] == phrase("emoji_reply", "zh")


async def test_who_complains_again_gets_a_person(customer: Customer, desk: Desk) -> None:
    assert (await customer.ask("你们说话不算话"))["kind"] == "done"
    again = await customer.ask("😡😡")
    assert (again["kind"], again["reason"]) == ("handoff", "angry")
    assert again["text"].startswith(phrase("complaint_sorry", "zh"))


@pytest.mark.parametrize(
    "said", ["换个人来", "客服", "get someone else on here", "kêu người khác trả lời đi", "ขอคนอื่นมาคุยแทน"]
)
async def test_a_person_is_asked_for_in_many_words(customer: Customer, said: str) -> None:
    ended = await customer.ask(said)
    assert (ended["kind"], ended["reason"]) == ("handoff", "asked")


async def test_the_apology_is_given_to_nobody_else(customer: Customer, client: httpx.AsyncClient, desk: Desk) -> None:
    await knows_of_defects(desk)
    first = await customer.ask("杯子寄到家全碎了")
    other = await (await Customer.arrive(client, await publishable_key(desk))).ask("杯子寄到家全碎了")
    sorry = phrase("complaint_sorry", "zh")
    assert [told["text"].count(sorry) for told in (first, other)] == [1, 1]


@pytest.fixture(scope="module")
async def found(embedder: BundledEmbedder) -> dict[str, Counter[str | None]]:
    """What the wordings kept for measuring are taken for, by what they are."""
    concerns = Concerns(Learning(embedder))
    counted: dict[str, Counter[str | None]] = {}
    for row in WORDINGS:
        concern = await concerns.find(row["text"])
        kind = "problem" if concern is not None and concern.kind in PROBLEMS else concern and concern.kind
        counted.setdefault(row["kind"], Counter())[kind] += 1
    return counted


@pytest.mark.parametrize(("kind", "least"), [("person", 0.92), ("complaint", 0.86), ("problem", 0.84)])
def test_concerns_are_found_in_words_never_learnt_from(
    found: dict[str, Counter[str | None]], kind: str, least: float
) -> None:
    assert found[kind][kind] / found[kind].total() >= least


@pytest.mark.parametrize("kind", ["question", "other"])
def test_questions_are_seldom_taken_for_concerns(found: dict[str, Counter[str | None]], kind: str) -> None:
    assert found[kind][None] / found[kind].total() >= 0.96


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("我收到的杯子碎了", "repair"), ("你们发错货了，颜色不对", "after_sales"), ("退款一直没收到", "refund"),
        ("the kettle I bought doesn't work", "repair"), ("I haven't received my refund", "refund"),
        ("你好，上周买的杯子今天到了。打开一看是碎的。你们怎么包装的？", "repair"),
        ("如果收到的杯子碎了怎么办", None), ("手机坏了能保修吗", None), ("包邮吗", None),
        ("if it arrives broken, can I return it", None), ("麻烦帮我换个大一号的", None),
        ("收件人：王经理，地址深圳市南山区", None), ("你们老板叫什么", None), ("кто ваш директор", None),
        ("how many cats does your company keep", None), ("你们客服有几个人", None),
    ],
)  # fmt: skip
async def test_a_report_is_told_from_a_question_and_from_other_wishes(
    embedder: BundledEmbedder, said: str, kind: str | None
) -> None:
    concern = await Concerns(Learning(embedder)).find(said)
    assert (concern and concern.kind) == kind


async def test_without_the_embedder_the_rules_go_on_alone() -> None:
    class Away(BundledEmbedder):
        name = "away"

        def __init__(self) -> None:
            pass

        async def query(self, text: str) -> None:
            raise EmbedderUnavailable(text)

    concerns = Concerns(Learning(Away()))
    await concerns.learn()
    kinds = {said: await concerns.find(said) for said in ("转人工", "我要投诉你们", "杯子碎了", "😡")}
    assert {said: concern and concern.kind for said, concern in kinds.items()} == {
        "转人工": "person", "我要投诉你们": "complaint", "杯子碎了": None, "😡": "complaint",
    }  # fmt: skip


@pytest.mark.parametrize("language", languages())
def test_what_happens_now_is_said_in_every_language(language: str) -> None:
    said = {phrase(key, language) for key in ("complaint_sorry", "complaint_next", "problem_next", "ask_what_is_wrong")}
    assert len(said) == 4


async def test_a_fault_that_the_products_own_texts_tell_how_to_mend_is_told_so_and_makes_no_ticket_yet(
    customer: Customer, desk: Desk
) -> None:
    await knows_of_defects(desk)
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    text = "- 代码：E3；故障：不烘干；解决方案：检查烘干功能是否开启\n- 代码：E4；故障：漏水；解决方案：拧紧进水管"
    fault = Document(key="x6", title="晨穗 X6 洗碗机 常见故障", text=text, locale="zh", product_ids=("x6",))
    await desk.knowledge.save(shop.id, fault)
    await desk.knowledge.settled()
    ended = await customer.ask("晨穗X6洗完碗都是湿的，显示E3")
    assert "检查烘干功能是否开启" in ended["text"]
    assert ended["text"].endswith(phrase("problem_else", "zh"))
    assert await tickets(desk) == []


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("行 那先这样 辛苦啦", "goodbye"), ("你是不是自动回复的啊", "chitchat_reply"),
        ("so is this a computer answering", "chitchat_reply"), ("got something to ask you", "what_is_wanted"),
        ("问的根本不是这个呀", "what_is_wanted"), ("mình hỏi cái khác mà", "what_is_wanted"),
    ],
)  # fmt: skip
async def test_small_talk_is_heard_in_words_that_no_list_holds(
    customer: Customer, desk: Desk, said: str, reply: str
) -> None:
    await knows_of_defects(desk)
    ended = await customer.ask(said)
    assert ended["text"].partition("\n")[0] in {phrase(reply, each, shop="小店") for each in ("zh", "en", "vi")}
    assert await tickets(desk) == []


@pytest.mark.parametrize("said", ["质量问题怎么处理", "faulty goods: how are they handled", "有质量问题运费谁出"])
async def test_a_short_question_is_no_small_talk(customer: Customer, desk: Desk, said: str) -> None:
    await knows_of_defects(desk)
    assert "48 小时" in (await customer.ask(said))["text"]
