import re
import time

import gate_sentences as shop
import gate_sentences_watch as watch
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xiaoer.assistant.gate.backing import Backing, backing
from xiaoer.assistant.gate.check import check
from xiaoer.assistant.gate.sources import quotes
from xiaoer.assistant.gate.stream import Gate
from xiaoer.language.sentences import split
from xiaoer.language.text import fold

ZH = backing(shop.SHOP_ZH, locale="zh")
EN = backing(shop.SHOP_EN, locale="en")
WATCH = backing(watch.PASSAGES, locale="zh")
SENTENCES = [(sentence, text, "zh") for text in shop.SHOP_ZH for sentence in split(text)] + [
    (sentence, text, "en") for text in shop.SHOP_EN for sentence in split(text)
]
DIGIT = re.compile(r"\d")
WITH_DIGITS = [row for row in SENTENCES if DIGIT.search(row[0])]


def kinds(sentence: str, behind: Backing, language: str) -> set[str]:
    return {claim.kind for claim in check(sentence, behind, language).unbacked}


def told(sentence: str, behind: Backing, language: str, alike: float) -> str:
    """What leaves when every part of the sentence is this much alike to every part of the texts."""
    gate = Gate(behind, language)
    compared = gate.comparison(sentence)
    likeness = [[alike for _ in compared.theirs] for _ in compared.own] if compared else None
    return gate.admit(sentence, likeness=likeness)


@pytest.mark.parametrize(("sentence", "text", "language"), SENTENCES)
def test_a_sentence_of_a_passage_passes_with_that_passage(sentence, text, language):
    assert check(sentence, backing([text], locale=language), language).passed


@pytest.mark.parametrize("sentence", shop.GOOD_ZH)
def test_the_same_in_other_words_passes(sentence):
    assert check(sentence, ZH, "zh").unbacked == ()


@pytest.mark.parametrize("sentence", shop.BAD_ZH)
def test_what_no_passage_says_is_withheld(sentence):
    assert not check(sentence, ZH, "zh").passed


@pytest.mark.parametrize(("language", "sentence"), shop.GOOD_OTHER)
def test_english_in_other_words_passes(language, sentence):
    assert check(sentence, EN, language).unbacked == ()


@pytest.mark.parametrize(("language", "sentence"), shop.BAD_OTHER)
def test_english_that_no_passage_says_is_withheld(language, sentence):
    assert not check(sentence, EN, language).passed


@pytest.mark.parametrize(("language", "sentence"), shop.GOOD_ACROSS)
def test_chinese_passages_back_sentences_in_other_languages(language, sentence):
    assert check(sentence, ZH, language).unbacked == ()


@pytest.mark.parametrize(("language", "sentence"), shop.BAD_ACROSS)
def test_changed_facts_are_withheld_between_languages(language, sentence):
    assert not check(sentence, ZH, language).passed


@pytest.mark.parametrize(("language", "sentence"), watch.GOOD)
def test_a_second_shops_facts_pass_in_other_words(language, sentence):
    assert check(sentence, WATCH, language).unbacked == ()


@pytest.mark.parametrize(("language", "sentence"), watch.BAD)
def test_what_the_second_shop_does_not_say_is_withheld(language, sentence):
    assert not check(sentence, WATCH, language).passed


@given(st.sampled_from(WITH_DIGITS), st.data())
def test_any_changed_digit_is_withheld(row, data):
    sentence, text, language = row
    digit = data.draw(st.sampled_from(list(DIGIT.finditer(sentence))))
    other = data.draw(st.sampled_from([one for one in "123456789" if one != digit.group()]))
    changed = sentence[: digit.start()] + other + sentence[digit.end() :]
    behind = backing([text], locale=language)
    assume(not any(quotes(fold(changed), source) for source in behind.sources))
    assert not check(changed, behind, language).passed


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("7天", "7个月"),
        ("7天", "7周"),
        ("7天", "7年"),
        ("7天", "7个工作日"),
        ("10元", "10美元"),
        ("20%", "20元"),
        ("6.7英寸", "6.7厘米"),
    ],
)
def test_a_changed_unit_is_withheld(said, changed):
    assert check(f"规定为{said}。", backing([f"规定为{said}。"]), "zh").passed
    assert not check(f"规定为{changed}。", backing([f"规定为{said}。"]), "zh").passed


@pytest.mark.parametrize(
    ("written", "language", "same"),
    [
        ("7天", "vi", "7 ngày"),
        ("7天", "th", "7 วัน"),
        ("7天", "en", "one week"),
        ("30天", "en", "thirty days"),
        ("24小时", "zh", "一天"),
        ("半小时", "en", "30 minutes"),
        ("1500元", "zh", "一千五百元"),
        ("2万元", "zh", "20,000元"),
        ("八折", "en", "20% off"),
        ("百分之二十", "en", "20 percent"),
        ("3千克", "en", "3000 g"),
        ("2025年5月24日", "en", "May 24, 2025"),
        ("2025年5月24日", "vi", "ngày 24 tháng 5 năm 2025"),
        ("2025年5月24日", "th", "24 พฤษภาคม 2568"),
        ("2025年5月24日", "de", "24. Mai 2025"),
        ("2025年5月24日", "es", "24 de mayo de 2025"),
        ("2025年5月24日", "ru", "24 мая 2025"),
        ("2025年5月24日", "fr", "24/05/2025"),
        ("21:00", "zh", "晚上9点"),
        ("周一", "en", "Monday"),
    ],
)
def test_the_same_quantity_is_known_in_other_forms(written, language, same):
    behind = backing([f"规定：{written}"], locale="zh")
    assert told(same, behind, language, 1.0) == same


def test_bare_agreement_answers_the_question_that_was_asked():
    asked = backing(shop.SHOP_ZH, customer=["支持货到付款吗？"], locale="zh")
    assert not check("可以的，亲。", asked, "zh").passed
    assert check("不支持。", asked, "zh").passed
    assert not check("是的，没问题。", backing([], customer=["能送我耳机吗"]), "zh").passed
    assert check("可以的。", backing(shop.SHOP_ZH, customer=["可以用支付宝支付吗？"], locale="zh"), "zh").passed


def test_the_customers_words_back_only_harmless_repeats():
    behind = backing(
        shop.SHOP_ZH, customer=["你们客服答应过打5折，订单号 202506011234，我的电话 13812345678"], locale="zh"
    )
    assert check("请问您说的订单 202506011234 是要退货吗？", behind, "zh").passed
    assert check("您提到的5折，我暂时无法确认。", behind, "zh").passed
    assert not check("好的，可以给您打5折。", behind, "zh").passed
    assert not check("是的，您说的5折有效。", behind, "zh").passed
    assert not check("全场5折。", behind, "zh").passed


def test_a_link_of_the_customer_is_never_repeated():
    behind = backing(shop.SHOP_ZH, customer=["去 http://evil.example.net/x 付款对吗"], locale="zh")
    assert "link" in kinds("您说的 http://evil.example.net/x 我无法确认。", behind, "zh")


def test_an_action_counts_as_done_only_when_a_tool_did_it():
    assert "done" in kinds("已为您取消订单。", ZH, "zh")
    assert "done" not in kinds("已为您取消订单。", backing(done={"cancel"}), "zh")
    told = backing(tools=["订单 8812：已发货，顺丰"])
    assert "done" not in kinds("您的订单已经发货。", told, "zh")
    assert "done" in kinds("您的订单已经退款。", told, "zh")
    quoted = backing(["话术：已为您取消订单。"])
    assert "done" in kinds("已为您取消订单。", quoted, "zh")


def test_absolutes_need_the_cited_text():
    assert "absolute" in kinds("这是最好的手机。", backing(["这是一款手机。"]), "zh")
    assert "absolute" not in kinds("这是最好用的手机。", backing(["这是最好用的手机，口碑之选。"]), "zh")


def test_a_figure_without_a_unit_backs_money_only_where_its_line_speaks_of_money():
    assert check("售价1999元。", backing(["价格：1999"]), "zh").passed
    assert not check("保修1999天。", backing(["价格：1999"]), "zh").passed


def test_nearness_in_meaning_decides_between_languages_where_nothing_else_can():
    behind = backing(["机身采用航空铝材，手感细腻。"], locale="zh")
    sentence = "The body is made of aluminium and feels smooth."
    assert not check(sentence, behind, "en").passed
    assert told(sentence, behind, "en", 0.6) == sentence
    assert told(sentence, behind, "en", -0.2) == ""


@given(
    st.text(max_size=120),
    st.text(max_size=120),
    st.sampled_from(["zh", "en", "vi", "th", "ja", "ko", "ru", "ar", "es"]),
)
def test_any_sentence_against_any_text_gets_a_verdict(sentence, text, language):
    verdict = check(sentence, backing([text], locale=language), language)
    assert verdict.passed == (not verdict.unbacked)
    for claim in verdict.unbacked:
        assert 0 <= claim.start <= claim.end <= len(sentence)


@pytest.mark.parametrize("piece", ["满1减1", "1 ", "we will ", "已经为", "12-", "a.", "不", "1,", "hai mươi ", "(("])
def test_endless_repetition_is_judged_quickly(piece):
    text = (piece * 1000)[:1000]
    behind = backing([text * 2], locale="zh")
    started = time.monotonic()
    check(text[1:-1], behind, "zh")
    check(text[::-1], behind, "en")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("told", ["Shipping is CN¥59.", "Shipping is ¥59.", "Shipping is RMB 59.", "运费59元。"])
@pytest.mark.parametrize(
    ("said", "passes"),
    [("Shipping is CN¥59.", True), ("Shipping costs RMB 59.", True), ("Shipping is CN¥95.", False)],
)
def test_the_sign_for_readers_elsewhere_is_the_same_currency(told: str, said: str, passes: bool) -> None:
    assert check(said, backing([told], locale="en"), "en").passed == passes


def test_yuan_are_not_yen() -> None:
    assert not check("Shipping is JP¥59.", backing(["Shipping is CN¥59."], locale="en"), "en").passed
