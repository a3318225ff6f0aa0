"""Which messages want something of the customer's own orders, and which ask how things go in general."""

import pytest

from xiaoer.assistant.flows.slots import address_in, chosen, given_in, title_in
from xiaoer.assistant.flows.starting import needed_for
from xiaoer.assistant.flows.wants import wants_of
from xiaoer.assistant.flows.words import TABLES
from xiaoer.assistant.flows.yes_no import yes_or_no
from xiaoer.demo import load


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("我的订单到哪了", ("track",)),
        ("我的快递怎么还没到", ("track",)),
        ("查物流", ("track",)),
        ("帮我取消订单", ("cancel",)),
        ("能帮我取消订单吗", ("cancel",)),
        ("取消订单", ("cancel",)),
        ("ยกเลิกคำสั่งซื้อ", ("cancel",)),
        ("帮我撤销这个订单", ("cancel",)),
        ("撤销刚才的取消", ("undo",)),
        ("Please undo that", ("undo",)),
        ("เลิกทำ", ("undo",)),
        ("怎么撤销取消", ()),
        ("我想把收货地址改一下", ("address",)),
        ("怎么还不发货", ("urge",)),
        ("我要退货", ("return",)),
        ("我的退款到哪了", ("refund",)),
        ("帮我开张发票", ("invoice",)),
        ("我有哪些优惠券", ("coupons",)),
        ("我的订单", ("orders",)),
        ("帮我取消订单，再帮我查一下另一个的物流", ("cancel", "track")),
        ("帮我催一下发货，再开个发票", ("urge", "invoice")),
        ("Where is my order?", ("track",)),
        ("Please cancel my order", ("cancel",)),
        ("I want to return this phone", ("return",)),
        ("đơn hàng của tôi ở đâu", ("track",)),
        ("พัสดุของฉันอยู่ที่ไหน", ("track",)),
        ("ยกเลิกออเดอร์", ("cancel",)),
        ("где мой заказ", ("track",)),
        ("dónde está mi pedido", ("track",)),
    ],
)
def test_what_is_wanted_is_understood(text: str, kinds: tuple[str, ...]) -> None:
    assert wants_of(text, named=False) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "怎么取消订单",
        "还没发货可以取消订单吗？",
        "可以退货吗",
        "我要退货怎么弄",
        "退货流程是什么",
        "退款多久到账",
        "可以开发票吗",
        "怎么修改地址",
        "什么时候发货",
        "不要取消订单",
        "How do I cancel an order?",
        "Can I cancel my order?",
        "What is your return policy?",
        "When will my order be shipped?",
    ],
)
def test_how_things_go_in_general_is_not_for_a_flow(text: str) -> None:
    assert wants_of(text, named=False) == ()


def test_with_a_number_the_order_itself_is_meant() -> None:
    assert wants_of("取消订单 202611180001", named=True) == ("cancel",)
    assert wants_of("订单 202611180001 可以取消吗", named=True) == ("cancel",)


def test_hardly_any_question_of_the_demos_articles_is_taken_for_a_wish() -> None:
    asked = [row for language in load.LANGUAGES for row in load._rows(f"curated.{language}.jsonl")]
    every = [text for row in asked for text in (row["question"], *row.get("variants", ()))]
    taken = [text for text in every if any(needed_for(kind) is None for kind in wants_of(text, named=False))]
    assert len(taken) <= len(every) * 0.02, taken


@pytest.mark.parametrize(
    "text",
    [
        "确认",
        "好的，谢谢",
        "是的",
        "yes",
        "Yes, please",
        "vâng ạ",
        "ยืนยันค่ะ",
        "はい、お願いします",
        "네, 확인",
        "да, подтверждаю",
        "نعم",
        "sí, por favor",
        "sim",
        "oui, je confirme",
        "ja, genau",
        "iya, setuju",
    ],
)
def test_a_plain_yes_in_every_language(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "取消",
        "不用了",
        "先不要",
        "好的，不要了",
        "no",
        "No, thanks",
        "không",
        "ไม่เอา",
        "いいえ",
        "아니요",
        "нет",
        "لا",
        "no gracias",
        "não",
        "non merci",
        "nein danke",
        "tidak",
    ],
)
def test_a_plain_no_in_every_language(text: str) -> None:
    assert yes_or_no(text) is False


@pytest.mark.parametrize(
    "text", ["可以吗？", "要不要", "好不好", "我知道了", "谢谢", "yesterday", "no idea what this is", "ok?", ""]
)
def test_what_is_neither_stays_open(text: str) -> None:
    assert yes_or_no(text) is None


def test_confirming_a_cancellation_in_its_own_word_is_a_yes() -> None:
    assert yes_or_no("确认取消", cancels=True) is True
    assert yes_or_no("yes, cancel it", cancels=True) is True
    assert yes_or_no("取消", cancels=True) is False
    assert yes_or_no("确认取消") is False


@pytest.mark.parametrize(
    ("text", "awaiting", "order", "tail"),
    [
        ("XH8800000001 0001", None, "XH8800000001", "0001"),
        ("订单号是ＸＨ８８０００００００１", None, "XH8800000001", None),
        ("xh8800000001，手机尾号0001", None, "XH8800000001", "0001"),
        ("手机号 13812345678，订单 202611180001", None, "202611180001", "5678"),
        ("0001", "tail", None, "0001"),
        ("XH 8800 0000 01", "order", "XH8800000001", None),
        ("2026 1118 0001", "order", "202611180001", None),
        ("我不记得了", "order", None, None),
        ("买了 2 台，花了 5899 元", None, None, None),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, awaiting: str | None, order: str, tail: str) -> None:
    given = given_in(text, awaiting=awaiting)
    assert (given.order, given.tail) == (order, tail)


def test_a_choice_is_made_by_place_or_by_the_end_of_the_number() -> None:
    offered = ["XH8800000001", "XH8800000003"]
    assert chosen("第二个", offered) == "XH8800000003"
    assert chosen("the first one", offered) == "XH8800000001"
    assert chosen("0003", offered) == "XH8800000003"
    assert chosen("第五个", offered) is None


def test_an_address_needs_who_where_and_a_phone() -> None:
    assert address_in("广东省深圳市福田区福华路 8 号，收件人：林晓，电话 13800138000", None, asked=True) is not None
    assert address_in("福华路 8 号", None, asked=True) is None
    assert address_in("好的", None, asked=True) is None


def test_a_company_needs_its_tax_number() -> None:
    assert title_in("林晓", asked=True) is not None
    assert title_in("晓禾科技有限公司", asked=True) is None


def test_every_text_exists_in_every_table_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    first = TABLES["zh"]
    for language, table in TABLES.items():
        assert table.keys() == first.keys(), language
        assert {key: places(text) for key, text in table.items()} == {key: places(text) for key, text in first.items()}
