"""What is personal is put out of sight; what only looks so stays."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiaoer.privacy.masking import find, is_card, is_identity, masked, masked_values, tagged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的手机是 13800138000，谢谢", "我的手机是 [phone]，谢谢"),
        ("电话138 0013 8000", "电话[phone]"),
        ("+86 13800138000 打给我", "[phone] 打给我"),
        ("１３８００１３８０００", "[phone]"),
        ("座机 010-62511234", "座机 [phone]"),
        ("call me at +1 (415) 555-2671 please", "call me at [phone] please"),
        ("số của tôi là 0912345678", "số của tôi là [phone]"),
        ("邮箱 zhang.san@example.com。", "邮箱 [email]。"),
        ("身份证 11010519491231002X", "身份证 [identity]"),
        ("身份证 11010519491231002x 请查", "身份证 [identity] 请查"),
        ("卡 6222 0212 3456 7890 128", "卡 [card]"),
        ("卡号 6222 0212 3456 7890 128", "卡号 [card]"),
        ("pay with 4111 1111 1111 1111", "pay with [card]"),
        ("地址改成浙江省杭州市西湖区文三路 478 号", "地址改成[address]"),
        ("地址改成浙江省杭州市西湖区文三路478号华星大厦3楼", "地址改成[address]"),
        ("请送到上海市浦东新区张杨路500号12栋301室，谢谢", "请送到[address]，谢谢"),
        ("我住3号楼2单元501室", "我住[address]"),
        ("ship to 1600 Amphitheatre Parkway Ave, CA 94043", "ship to [address]"),
        ("giao đến 12/5 đường Nguyễn Trãi", "giao đến [address]"),
        ("ส่งที่ บ้านเลขที่ 99/1 ถนนสุขุมวิท", "ส่งที่ [address]"),
    ],
)  # fmt: skip
def test_personal_data_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    ["订单 2026112012345678901 到哪了", "订单号 110105194912310021", "价格 12800138000 元", "满 300 减 50，共 3 件",
     "型号 SKU-138001380001", "7 天无理由，15 天换货", "2026-11-20 12:30", "第 3 期第 2 名", "1 号发货"],
)  # fmt: skip
def test_what_only_looks_personal_stays(text: str) -> None:
    assert masked(text) == text


def test_check_digits_are_computed() -> None:
    assert is_identity("11010519491231002X")
    assert not is_identity("110105194912310021")
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("0" * 16)


def test_the_same_phone_keeps_its_number_through_a_text() -> None:
    text = "先打 13800138000，不通再打 13900139000，或者 138-0013-8000"
    assert tagged(text) == "先打 [phone 1]，不通再打 [phone 2]，或者 [phone 1]"


def test_structures_are_masked_all_the_way_down() -> None:
    given_ = {"text": "13800138000", "token": "ct_x", "list": ["a@b.cn", 3], "address": {"line": "x"}, "phone": None}
    assert masked_values(given_) == {
        "text": "[phone]", "token": "[left out]", "list": ["[email]", 3], "address": "[left out]", "phone": None,
    }  # fmt: skip


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_comes_through_and_masking_twice_changes_nothing(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert all(0 <= found.begin < found.end <= len(text) for found in find(text))


@pytest.mark.parametrize("piece", ["1", "1 ", "路1号", "中", "a@", "1-", "A1号", "12 Ab ", "号"])
def test_a_hostile_text_is_read_in_linear_time(piece: str) -> None:
    def seconds(letters: int) -> float:
        text = (piece * letters)[:letters]
        started = time.process_time()
        masked(text)
        return time.process_time() - started

    short, long = min(seconds(10_000) for _ in range(3)), seconds(80_000)
    assert long < max(short, 0.005) * 40  # eight times the text; a square would be sixty-four times the work
