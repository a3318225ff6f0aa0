"""What was found near the question is said only where it fits: kind of thing, language, product, wording."""

import uuid
from dataclasses import replace

import pytest

from builders import Customer
from xiaoer import stores
from xiaoer.assistant.answering.answer_filters import alike, fitted, legible, told
from xiaoer.assistant.answering.reading import Quote, Reading
from xiaoer.assistant.understanding.result import understand
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.hits import Hit, Scores


def found(text: str, *, title: str = "说明", locale: str = "zh", kind: str = "article", product: str = "") -> Hit:
    return Hit(
        passage_id=uuid.uuid5(uuid.NAMESPACE_OID, text),
        article_id=uuid.uuid5(uuid.NAMESPACE_OID, title),
        title=title,
        heading=title,
        text=text,
        kind=kind,
        locale=locale,
        url=None,
        product_ids=(product,) if product else (),
        valid_to=None,
        score=1.0,
        scores=Scores(dense=1.0, lexical=0.0),
        sentences=(),
    )


def read(*hits: Hit, confidence: float = 0.9) -> Reading:
    quotes = tuple(
        Quote(hit.text, hit.text, hit.passage_id, hit.article_id, hit.title, hit.locale, None) for hit in hits
    )
    return Reading(quotes, confidence, answerable=True)


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("龙井多少钱", "龙井是今年的明前茶。", False),
        ("龙井多少钱", "龙井一罐 398 元。", True),
        ("安装要多少钱", "我们免费上门安装。", True),
        ("龙井是新茶吗", "龙井是今年的明前茶。", True),
        ("how much is the case", "The case fits all phones.", False),
        ("how much is the case", "The case costs USD 12.", True),
        ("how much does it weigh", "It weighs 200 grams.", True),
    ],
)
def test_who_asks_for_a_price_is_not_told_something_else(question: str, text: str, *, answers: bool) -> None:
    locale = "zh" if question[0] >= "一" else "en"
    hit = found(text, locale=locale)
    assert fitted(question, read(hit), [hit], locale).answerable is answers


def test_a_bare_fact_is_said_with_the_product_it_is_of() -> None:
    band, collar = found("防水：5ATM", title="手环 6", product="b6"), found("防水：IP67", title="项圈", product="c1")
    reading = fitted("防水吗", read(band, collar), [band, collar], "zh")
    assert [told(quote, 0.9) for quote in reading.quotes] == ["手环 6，防水：5ATM", "项圈，防水：IP67"]
    named = fitted("手环 6 防水吗", read(band), [replace(band, named=True)], "zh")
    assert told(named.quotes[0], 0.9) == "防水：5ATM"


def test_the_name_of_a_column_is_not_said_before_a_description() -> None:
    hit = found("商品描述：烘焙大麦，可以冷泡。", title="大麦茶", product="d")
    assert told(fitted("有什么可以冷泡", read(hit), [hit], "zh").quotes[0], 0.9) == "大麦茶：烘焙大麦，可以冷泡。"


def test_the_yes_of_a_curated_answer_is_not_given_to_another_question() -> None:
    hit = found("有的。大部分茶有 10 克试喝装。", kind="question")
    quote = fitted("有没有普洱", read(hit, confidence=0.54), [hit], "zh").quotes[0]
    assert told(quote, 0.54) == "大部分茶有 10 克试喝装。"
    assert told(quote, 0.97) == hit.text
    alone = replace(quote, text="可以。")
    assert told(alone, 0.54) == "可以。"


def test_nobody_reads_two_foreign_languages_in_one_answer() -> None:
    english, thai, chinese = (
        found("Seven days.", locale="en"),
        found("เจ็ดวัน", locale="th"),
        found("七天。", locale="zh"),
    )
    assert legible([english, thai, chinese], "ru", "zh") == [english, chinese]
    assert legible([english, thai, chinese], "th", "zh") == [english, thai, chinese]
    reading = fitted("Можно вернуть?", read(chinese, english), [chinese, english], "ru")
    assert [quote.locale for quote in reading.quotes] == ["en"]


def test_only_questions_with_something_in_common_are_offered() -> None:
    near = [("多久能修好", None, 0.88), ("能先尝尝吗", None, 0.88), ("可以送礼包装吗", None, 0.87), ("在吗", None, 0.8)]
    assert alike("可以先寄一点尝尝吗", near, 0.86) == ("能先尝尝吗",)
    assert alike("隔壁老王家怎么样", near, 0.86) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("七天无理由拆封了还能退吗，另外退款几天到账", 2),
        ("你们店在哪啊 可以停车吗", 2),
        ("do u ship to vietnam and how much", 2),
        ("西施壶出水快不快，有证书吗", 2),
        ("几天能到 我在乌鲁木齐", 1),
        ("手机壳黑色 有货吗", 1),
        ("do you have black and white", 1),
    ],
)
def test_two_questions_in_one_message_are_told_apart(text: str, parts: int) -> None:
    assert len(understand(text).parts) == parts


def test_a_further_question_of_its_own_matter_is_not_mixed_with_the_first() -> None:
    assert "无理由" not in understand("七天无理由拆封了还能退吗，另外退款几天到账").parts[1]


@pytest.mark.parametrize("text", ["侬好呀", "老铁在不", "食咗饭未", "宝子在吗", "yo bro"])
def test_greetings_of_all_kinds_are_greetings(text: str) -> None:
    assert understand(text).intent == "greeting"


def test_who_asks_what_machine_this_is_asks_about_the_assistant() -> None:
    assert understand("你是ChatGPT吧").intent == "chitchat"
    assert understand("are you chatgpt?").intent == "chitchat"


@pytest.mark.parametrize("text", ["再少50我就下单", "便宜20马上拍", "你们咋这么贵", "打个折呗", "能不能少100块就买"])
async def test_every_way_of_bargaining_gets_the_shops_answer(customer: Customer, desk: Desk, text: str) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.save(
        shop.id,
        Document(
            key="price",
            title="能便宜点吗",
            kind="question",
            text="价格统一，不议价。",
            locale="zh",
            questions=("可以优惠吗",),
        ),
    )
    ended = await customer.ask(text)
    assert (ended["route"], ended["text"]) == ("curated", "价格统一，不议价。")


async def test_who_bargains_again_and_again_is_offered_nothing_new(customer: Customer, desk: Desk) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.save(
        shop.id, Document(key="price", title="能便宜点吗", kind="question", text="价格统一，不议价。", locale="zh")
    )
    for text in ("能便宜点吗", "再便宜点吗", "便宜点嘛 求你了", "最后问一次，能便宜点吗"):
        told = (await customer.ask(text)).get("text", "")  # a person may come, and then answers alone
        told = told.partition("已为您登记")[0].partition("这件事已经登记")[0]  # a ticket has a number
        assert not any(character.isdigit() for character in told), told


async def test_a_question_about_one_grade_is_not_answered_with_another(customer: Customer, desk: Desk) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    grades = "# 破损赔付\n\n- 一般破损：补偿 5 元。\n- 较重破损：补偿 20 元。\n- 严重破损：全额退款。\n"
    await desk.knowledge.save(shop.id, Document(key="grades", title="破损赔付", text=grades, locale="zh"))
    await desk.knowledge.settled()
    ended = await customer.ask("较重破损补偿多少")
    assert "20 元" in ended["sources"][0]["quote"], ended


async def test_a_refusal_that_brings_a_person_does_not_advise_to_ask_again(customer: Customer) -> None:
    assert "换个说法" in (await customer.ask("你们老板的猫叫什么名字"))["text"]
    second = await customer.ask("你们老板的猫几岁了")
    assert second["reason"] == "unanswered"
    assert "无法确认" in second["text"]
    assert "换个说法" not in second["text"]
