import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.retrieval.words import Rarity, counted, coverage, unexplained


def test_coverage_is_whole_where_every_word_stands_in_the_text():
    assert coverage("退货运费", counted("退货运费由买家承担")) == 1.0
    assert coverage("return shipping", counted("Return shipping is paid by the buyer.")) == 1.0


def test_coverage_is_nothing_where_no_word_does():
    assert coverage("电池容量", counted("衣服可以机洗")) == 0.0
    assert coverage("", counted("衣服可以机洗")) == 0.0


def test_single_characters_that_meet_by_chance_do_not_cover():
    assert coverage("保修", counted("修好以后请妥善保管")) == 0.0


def test_long_words_count_more_than_particles():
    text = counted("the warranty")
    assert coverage("the warranty", text) > coverage("is it a warranty", text) > coverage("the receipt", text)


def test_what_all_sentences_share_does_not_tell_them_apart():
    sentences = [counted(f"云雀手机{what}") for what in ("重189克", "支持快充", "有三种颜色")]
    rarity = Rarity("云雀手机支持快充吗", sentences)
    assert rarity.score(sentences[1]) > 2 * rarity.score(sentences[0])
    assert rarity.share(sentences[1]) > rarity.share(sentences[0])


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=5))
def test_scores_and_shares_stay_between_nothing_and_whole(question, texts):
    counts = [counted(text) for text in texts]
    rarity = Rarity(question, counts)
    for count in counts:
        assert 0 <= rarity.score(count) <= 1
        assert 0 <= rarity.share(count) <= 1 + 1e-9
        assert 0 <= coverage(question, count) <= 1


POLICY = "企业采购：付款方式 对公转账，订单满 5000 元可用。"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("我们单位采购想走公户打款可以吗", POLICY),
        ("买一个五十块的东西要付邮费吗", "未满 59 元收取运费 8 元。"),
        ("can I pay by wire", "Corporate orders may be paid by bank transfer."),
        ("phi ship bao nhieu", "Phí vận chuyển là 30.000 đ."),
    ],
)
def test_other_names_for_the_same_matter_are_explained(question: str, text: str) -> None:
    assert unexplained(question, text) < 0.35


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("可以用比特币付款吗", "支持微信支付、支付宝和信用卡付款。"),
        ("积分能换机票吗", "100 积分抵 1 元，付款页勾选即可。"),
        ("do you ship to Antarctica", "We ship to Hong Kong, Vietnam and Thailand."),
        ("Можно оплатить биткоином?", "Оплата картой или наличными."),
    ],
)
def test_what_a_text_has_no_word_for_stays_unexplained(question: str, text: str) -> None:
    assert unexplained(question, text) > 0.4


def test_small_words_and_amounts_explain_nothing_and_miss_nothing() -> None:
    assert unexplained("请问这个怎么样呢", "") == 0
    assert unexplained("我买了 3 件", "") == 0


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_unexplained_is_a_share(question: str, text: str) -> None:
    assert 0 <= unexplained(question, text) <= 1


@pytest.mark.parametrize("text", [POLICY, "Corporate orders may be paid by bank transfer.", "Straße 5", "Гарантия год"])
def test_a_text_explains_itself(text: str) -> None:
    assert unexplained(text, text) == 0
