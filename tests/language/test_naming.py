"""Which product a text names, by the names products really bear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.naming import Named, Names

NAMES = Names(
    [
        ("CS8", "晨穗 8 手机"),
        ("CS8", "Chensui 8 phone"),
        ("CS8P", "晨穗 8 Pro 手机"),
        ("CS8P", "Chensui 8 Pro phone"),
        ("K8P", "晨穗 8 Pro 透明保护壳"),
        ("G8P", "Chensui 8 Pro screen protector"),
        ("W4", "时穗 Watch 4 智能手表"),
        ("WSE", "时穗 Watch SE 2 智能手表"),
        ("PET", "寻禾宠物项圈"),
        ("STU", "Tinghe Studio over-ear headphones"),
        ("100042", "美的 60升电热水器3300W F6033-JE6(HE)"),
        ("100043", "美的 60升电热水器3300W F6033-UD3(HE)"),
    ]
)


@pytest.mark.parametrize(
    ("text", "meant", "rest"),
    [
        ("晨穗 8 Pro 电池多大", "CS8P", "电池多大"),
        ("晨穗8pro能无线充吗", "CS8P", "能无线充吗"),
        ("晨穗 8 多重", "CS8", "多重"),
        ("晨穗８Ｐｒｏ多重", "CS8P", "多重"),
        ("晨穗 8 Pro 透明保护壳多少钱", "K8P", "多少钱"),
        ("晨穗8pro的保护壳多少钱", "K8P", "的保护壳多少钱"),
        ("Does Chensui 8 Pro support n79?", "CS8P", "Does support n79?"),
        ("is the chensui 8 pro protector in stock", "G8P", "is the protector in stock"),
        ("Watch SE 2 配多宽的表带", "WSE", "配多宽的表带"),
        ("Watch 4 能游泳吗", "W4", "能游泳吗"),
        ("宠物项圈第二年要交多少钱", "PET", "第二年要交多少钱"),
        ("What does the Tinghe Studio cost?", "STU", "What does the cost?"),
        ("F6033-JE6 怎么安装", "100042", "怎么安装"),
        ("100043 保修几年", "100043", "保修几年"),
    ],
)
def test_a_product_is_named_as_customers_name_it(text: str, meant: str, rest: str) -> None:
    named = NAMES.named_in(text)
    assert named is not None
    assert (named.meant, named.rest) == ((meant,), rest)


@pytest.mark.parametrize("text", ["包邮吗", "手机多少钱", "Watch 40 有吗", "晨穗 80 有吗", "3300W 的有吗", "60升", ""])
def test_what_names_no_product_for_certain_names_none(text: str) -> None:
    assert NAMES.named_in(text) is None


def test_two_products_compared_are_both_meant() -> None:
    named = NAMES.named_in("晨穗8和晨穗8pro有什么区别")
    assert named is not None
    assert set(named.meant) == {"CS8", "CS8P"}


def test_things_made_for_the_named_one_are_allied_with_it() -> None:
    named = NAMES.named_in("晨穗 8 Pro 能换电池吗")
    assert named is not None
    assert named.meant == ("CS8P",)
    assert set(named.allied) == {"CS8P", "K8P"}


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = NAMES.named_in(text)
    assert found is None or isinstance(found, Named)
