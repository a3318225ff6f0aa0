import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.understanding.result import understand


def customer(*questions):
    return [("customer", question) for question in questions]


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("你好，请问包邮吗？谢谢", "包邮"),
        ("咋退货", "怎么退货"),
        ("Hello! Where is my order #1234567? Thanks!", "Where is my order #1234567?"),
        ("这个手机壳支持无线充电吗", "这个手机壳支持无线充电"),
    ],
)
def test_what_is_searched_for_is_the_question_in_standard_words(text, alone):
    assert understand(text).standalone == alone


def test_a_follow_up_is_searched_with_what_it_leans_on():
    seen = understand("那运费呢", [*customer("小米手环可以退货吗"), ("assistant", "可以，七天内。")])
    assert seen.follows_up
    assert seen.standalone == "小米手环 退货 运费"
    assert seen.parts == (seen.standalone,)


def test_greetings_and_the_assistants_words_are_not_leaned_on():
    seen = understand("那运费呢", [*customer("你好"), ("assistant", "小米手环可以退货")])
    assert not seen.follows_up


def test_a_message_with_several_questions_has_parts():
    assert understand("多少钱，包邮吗？").parts == ("多少钱", "包邮吗？")
    assert understand("How much is it? Do you ship to Germany?").parts == ("How much is it?", "Do you ship to Germany?")
    assert len(understand("我买了个手机壳，黑色的有货吗？运费多少？").parts) == 2


def test_one_question_is_one_part():
    assert understand("东西坏了，要退款").parts == ("东西坏了，要退款",)
    assert understand("").parts == ("",)


def test_the_language_before_is_kept_where_the_message_shows_none():
    assert understand("12345", prior="th").language == "th"
    assert understand("包邮吗", prior="en").language == "zh"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("这个手机壳是什么材质", "consultation"),
        ("我的订单发货了吗", "transaction"),
        ("收到的杯子破损了", "after_sales"),
        ("where is my parcel", "transaction"),
        ("can I get a refund", "after_sales"),
        ("đơn hàng của tôi ở đâu", "transaction"),
        ("ขอคืนเงินได้ไหม", "after_sales"),
    ],
)
def test_a_message_has_a_desk(text, topic):
    assert understand(text).topic == topic


def test_a_complaint_is_seen_with_its_mood_and_urgency():
    seen = understand("质量太差了！我要打 12315 投诉你们")
    assert (seen.intent, seen.urgent) == ("complaint", True)
    assert seen.sentiment <= -0.5


@given(st.text(), st.lists(st.tuples(st.sampled_from(["customer", "assistant", "staff"]), st.text()), max_size=4))
def test_any_message_is_understood(text, history):
    seen = understand(text, history)
    assert seen.language
    assert seen.parts
    assert -1 <= seen.sentiment <= 1


@given(
    st.lists(
        st.sampled_from(
            ["那", "运费", "呢", "，", "？", "how about ", "it ", "黑色的", "小米手环8", " ", "你好", "no "]
        )
    )
)
def test_any_follow_up_is_understood(pieces):
    assert understand("".join(pieces), customer("小米手环8可以退货吗", "".join(pieces))).standalone is not None
