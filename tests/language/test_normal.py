import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.normal import key, normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ－１２３", "abc-123"),
        ("包邮吗？", "包邮吗?"),
        ("包邮吗？", " 包邮  吗 "),
        ("iPhone 15 包邮吗", "iphone 15包邮吗！！"),
        ("What's   the price?", "what’s the price"),
        ("包\u200b邮", "包邮"),
        ("Ｈｅｌｌｏ，ｗｏｒｌｄ", "hello world"),
    ],
)
def test_typing_does_not_change_the_normal_form(one, other):
    assert normal(one) == normal(other)


@pytest.mark.parametrize("text", ["3.5", "10:30", "a-b", "don't", "-5", "50%", "1,000", "v2.1", "ab/12"])
def test_marks_inside_numbers_and_codes_stay(text):
    assert normal(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("请问包邮吗？", "包邮吗"),
        ("包邮吗", "包邮"),
        ("您好，请问一下，包邮吗？谢谢", "包邮"),
        ("你好 在吗 亲 请问能退货吗 谢谢亲", "能退货"),
        ("請問什麼時候發貨？", "什么时候发货"),
        ("Hi there! Could you please tell me how long is delivery? Thanks", "how long is delivery"),
        ("please, where is my order", "Where is my order?"),
        ("iPhone 15", "iphone15"),
        ("包邮吗😊", "包邮吗"),
        ("Shop ơi, cho mình hỏi có ship không ạ", "có ship không"),
        ("สวัสดีค่ะ ส่งฟรีไหมคะ", "ส่งฟรีไหม"),
        ("すみません、送料無料ですか？", "送料無料"),
        ("안녕하세요. 무료배송인가요?", "무료배송인가요"),
        ("Hola, ¿cuánto cuesta el envío? Gracias", "cuánto cuesta el envío"),
        ("Здравствуйте, подскажите, пожалуйста, есть доставка?", "есть доставка"),
    ],
)
def test_politeness_does_not_change_the_key(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("能退货吗", "不能退货吗"),
        ("包邮吗", "不包邮吗"),
        ("发货了吗", "发货吗"),
        ("你好像发错货了", "像发错货了"),
        ("亲子装有吗", "子装有吗"),
        ("请勿打扰模式怎么开", "打扰模式怎么开"),
        ("这是什么", "这是什"),
        ("附近有酒吧", "附近有酒"),
        ("给父亲", "给父"),
        ("hello kitty mug", "kitty mug"),
        ("hi-fi speakers", "fi speakers"),
        ("buy 1 get 2", "buy 12 get"),
        ("can I return it", "can't I return it"),
        ("1.5 L", "15 L"),
        ("有没有货", "有货"),
        ("có ship không", "có ship"),
        ("送料はかからないですか", "送料はかかるですか"),
        ("满 300 减 50", "满 300 减 5"),
    ],
)
def test_what_is_asked_stays_in_the_key(one, other):
    assert key(one) != key(other)


@pytest.mark.parametrize("text", ["谢谢", "你好", "在吗", "please", "thanks", "？？", "😊", "吗"])
def test_a_text_of_politeness_alone_keeps_something(text):
    assert bool(key(text)) == bool(normal(text))


@given(st.text())
def test_both_forms_are_fixed_points_of_normal(text):
    assert normal(normal(text)) == normal(text)
    assert bool(key(text)) == bool(normal(text))
