"""Products are found in what customers write: by codes, sizes and rare words of their names, and by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.name_pieces import fold
from xiaoer.language.names import Names

SHOP = {
    "p1": "云朵牌 60升超薄电热水器 速热一级能效 F6033-UD3(HE)",
    "p2": "云朵牌 80升超薄电热水器 速热一级能效 F8033-UD3(HE)",
    "p3": "云朵牌 洗碗机 X20 嵌入式",
    "p4": "云朵牌 洗碗机 X20S 嵌入式",
    "p5": "云朵牌 洗碗机 X20S Max 嵌入式",
    "p6": "Ridge trail tent Alpine 2, green",
    "p7": "Ridge trail tent Alpine 3, green",
    "1001234567": "羽绒被 220×240 白鹅绒",
    "p9": "蚕丝被 220×240 桑蚕丝",
    "p10": "JSQ30-MATE 20 燃气热水器",
}
NAMES = Names(SHOP.items())


def named(text: str) -> list[tuple[str, ...]]:
    return [mention.ids for mention in NAMES.find(text).mentions]


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("X20保修几年", "p3"),
        ("x20s保修几年", "p4"),
        ("X20S MAX 多重", "p5"),
        ("UD3 80L多重", "p2"),
        ("60升的UD3怎么装", "p1"),
        ("F8033-UD3", "p2"),
        ("alpine 3 weight?", "p7"),
        ("does the Alpine 2 leak", "p6"),
        ("商品1001234567能洗吗", "1001234567"),
        ("https://item.jd.com/1001234567.html 有货吗", "1001234567"),
        ("羽绒被能机洗吗", "1001234567"),
        ("MATE20几级能效", "p10"),
        ("mate 20几级能效", "p10"),
    ],
)
def test_a_product_is_named_by_what_only_its_name_has(text: str, product: str) -> None:
    assert named(text) == [(product,)]


def test_what_several_products_bear_leaves_it_open_which_is_meant() -> None:
    assert [set(ids) for ids in named("UD3保修几年")] == [{"p1", "p2"}]


@pytest.mark.parametrize(
    "text", ["热水器保修几年", "嵌入式的要多少钱", "你好", "E1是什么故障", "2个多少钱", "发票怎么开"]
)
def test_a_kind_a_number_or_a_fault_code_names_no_product(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize("text", ["X20和X20S有什么区别", "X20 vs X20S", "X20还是X20S好"])
def test_two_products_are_both_found(text: str) -> None:
    assert sorted(named(text)) == [("p3",), ("p4",)]


def test_a_mistyped_code_is_a_guess_and_not_certain() -> None:
    found = NAMES.find("F6033-UD8怎么装").mentions
    assert found
    assert all(not mention.is_certain or len(mention.ids) > 1 for mention in found)


def test_what_is_asked_stays_when_the_name_is_taken_out() -> None:
    assert NAMES.find("X20S Max的额定功率是多少").rest == "额定功率是多少"
    assert "热水" in NAMES.find("60升的UD3几分钟出热水").rest


def test_a_code_that_no_name_has_is_unknown() -> None:
    assert NAMES.find("Z900多重").unknown == ("z900",)


def test_a_code_of_a_products_own_texts_names_it() -> None:
    found = NAMES.find("AB7788-C9怎么清洗", lambda code: ["p3"] if code == "ab7788-c9" else [])
    assert [mention.ids for mention in found.mentions] == [("p3",)]


def test_a_label_is_short_and_names_the_product_again() -> None:
    for product in SHOP:
        label = NAMES.label(product)
        assert len(label) <= 32
        assert any(product in mention.ids for mention in NAMES.find(label).mentions), label


def test_hundreds_of_names_that_differ_in_one_letter_are_told_apart() -> None:
    many = Names((f"s{n}", f"Lamp LX{n} desk lamp") for n in range(300))
    assert [mention.ids for mention in many.find("how bright is the LX217?").mentions] == [("s217",)]


@given(st.text(max_size=200))
def test_any_text_can_be_searched_for_names(text: str) -> None:
    found = NAMES.find(text)
    assert len(found.rest) <= len(fold(text))


def test_pro_xl_and_air_are_parts_of_names_and_words_for_kinds_of_goods_are_not() -> None:
    names = Names(
        [
            ("A", "Brightlark Pebble earbuds"), ("B", "Brightlark Pebble Pro earbuds"),
            ("C", "Ear hooks for Pebble Pro"), ("D", "Brightlark Drum speaker"),
            ("E", "Brightlark Drum XL speaker"), ("F", "USB-C cable 1 m"), ("G", "Brightlark Halo lamp"),
            ("H", "Brightlark Owl webcam"), ("I", "Brightlark Tag tracker"), ("J", "Brightlark Sixty keyboard"),
        ]
    )  # fmt: skip
    assert [m.ids for m in names.find("waterproof rating pebble pro?").mentions] == [("B",)]
    assert [m.ids for m in names.find("can Drum XL charge my phone").mentions] == [("E",)]
    assert names.find("how long can i return earbuds").mentions == ()
    assert [m.ids for m in names.find("does the drum come with a cable").mentions] == [("D",)]


def test_a_length_is_heard_as_it_is_said() -> None:
    names = Names([("W1", "极简衣柜 1.6米"), ("W2", "极简衣柜 2.0米"), ("T", "餐桌 1.4米")])
    assert [m.ids for m in names.find("衣柜1米6多高").mentions] == [("W1",)]
