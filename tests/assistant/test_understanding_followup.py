import pytest

from xiaoer.assistant.understanding.followup import leans_back, standalone


@pytest.mark.parametrize(
    ("earlier", "text", "alone"),
    [
        (["小米手环可以退货吗"], "那运费呢", "小米手环 退货 运费"),
        (["黑色的手机壳能定制吗"], "白色的呢", "手机壳能定制 白色"),
        (["小米手环8防水吗"], "那小米手环9呢", "防水 小米手环9"),
        (["怎么退款"], "多久到账", "退款 多久到账"),
        (["扫地机器人怎么清理滤网"], "它的电池能用多久", "扫地机器人 清理滤网 电池能用多久"),
        (["do you have the canvas bag in stock"], "how about the black one?", "canvas bag stock black"),
        (["is the canvas tote waterproof"], "and how much is it", "canvas tote waterproof how much"),
        (["I want to return a jacket"], "Is it free?", "return jacket free"),
        (["返品できますか"], "それは無料ですか", "返品できますか それは無料ですか"),
    ],
)
def test_a_follow_up_stands_alone_with_what_it_leans_on(earlier, text, alone):
    assert standalone(text, earlier) == alone


def test_a_chain_of_follow_ups_keeps_the_first_topic():
    assert "耳机" in standalone("那保修呢", ["蓝牙耳机续航多久", "那防水吗"])


def test_a_new_topic_is_not_mixed_with_the_old_one():
    assert "耳机" not in standalone("那保修呢", ["蓝牙耳机续航多久", "冲锋衣可以机洗吗"])


@pytest.mark.parametrize(
    "text",
    [
        "包邮吗",
        "可以开发票吗",
        "什么时候发货",
        "How do I cancel my order?",
        "我想买一台适合小户型客厅使用的空调，你们店有没有什么推荐",
        "do you sell gift cards that can be used in all of your stores",
    ],
)
def test_a_whole_question_leans_on_nothing(text):
    assert standalone(text, ["小米手环可以退货吗"]) == text


@pytest.mark.parametrize(
    "text",
    [
        "那个呢",
        "为什么",
        "多少钱",
        "黑色的有吗",
        "L 码呢",
        "why?",
        "what about Germany?",
        "còn size M",
        "แล้วกี่วันถึง",
        "それはいくら",
    ],
)
def test_fragments_lean_back(text):
    assert leans_back(text)


def test_without_history_nothing_is_added():
    assert standalone("那运费呢", []) == "那运费呢"
