import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.gate.polish import clean, polish


@pytest.mark.parametrize(
    ("written", "polished"),
    [
        ("您好,请问需要什么帮助?", "您好，请问需要什么帮助？"),
        ("价格是3,000元,支持3.5mm耳机.", "价格是3,000元，支持3.5mm耳机。"),
        ("请访问https://a.example.com/x,y 了解.", "请访问https://a.example.com/x,y 了解。"),
        ('他说"可以"(仅限北京)...', "他说“可以”（仅限北京）……"),
        ("型号(ABC)", "型号(ABC)"),
        ("好!!!", "好！"),
        ("9:30开门", "9:30开门"),
        ("iPhone 15, 支持5G", "iPhone 15，支持5G"),
        ("你 好 ，世 界", "你好，世界"),
        ("v2.1 版本", "v2.1 版本"),
    ],
)
def test_chinese_gets_full_width_punctuation_around_figures_and_addresses(written, polished):
    assert polish(written, "zh") == polished


def test_other_languages_get_their_own_punctuation():
    assert polish("Hello，world。Fine！", "en") == "Hello, world. Fine!"
    assert polish("Xin chào，bạn", "vi") == "Xin chào, bạn"
    assert polish("はい、できます。", "ja") == "はい、できます。"


@given(st.text(alphabet="你好ab1,.?!;:()\"' …，。！（）\n", max_size=40))
def test_polishing_twice_changes_nothing_more(text):
    once = polish(text, "zh")
    assert polish(once, "zh") == once


@pytest.mark.parametrize(
    ("dirty", "safe"),
    [
        ("<b>a</b>", "a"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<scr<script>x</script>ipt>alert(1)</script>", "aalert(1)"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("![x](https://e.example.com/?q=1)a", "a"),
        ("[k](javascript:alert(1)) a", "k a"),
        ("a<!-- b -->c", "ac"),
        ("3 < 5 and 6 > 4", "3 < 5 and 6 > 4"),
        ("a\u202eb\u200bc\x00", "abc"),
        ("<think>x</think>y<|im_end|>", "xy"),
    ],
)
def test_markup_images_and_invisible_letters_are_taken_out(dirty, safe):
    assert clean(dirty) == safe


@given(st.text(alphabet="<>/!ab =\"'scriptimg&lgt;#()[]", max_size=60))
def test_no_tag_survives(text):
    cleaned = clean(text)
    assert "<script" not in cleaned.lower()
    assert "<img" not in cleaned.lower()
