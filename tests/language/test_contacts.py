import pytest

from xiaoer.language.contacts import contact_in, is_unfinished, shown_phone


@pytest.mark.parametrize(
    ("text", "language", "region", "phone"),
    [
        ("13812345678", "zh", "CN", "+8613812345678"),
        ("我的手机号是138 1234 5678，谢谢", "zh", "CN", "+8613812345678"),
        ("１３８１２３４５６７８", "zh", "CN", "+8613812345678"),
        ("021-62345678", "zh", "CN", "+862162345678"),
        ("0912345678", "vi", "CN", "+84912345678"),  # a shop in another country
        ("024 3825 1234", "vi", "CN", "+842438251234"),
        ("เบอร์ 081-234-5678 ค่ะ", "th", "CN", "+66812345678"),
        ("09012345678", "ja", "CN", "+819012345678"),
        ("15012345678", "en", "CN", "+8615012345678"),  # in America nobody writes the 1 without a plus
        ("0151 23456789", "de", "CN", "+4915123456789"),
        ("06 12 34 56 78", "fr", "CN", "+33612345678"),
        ("(11) 91234-5678", "pt", "CN", "+5511912345678"),
        ("8 912 345-67-89", "ru", "CN", "+79123456789"),
        ("010-1234-5678", "ko", "CN", "+821012345678"),
        ("0812-3456-7890", "id", "CN", "+6281234567890"),
        ("012-345 6789", "ms", "MY", "+60123456789"),
        ("07911 123456", "en", "GB", "+447911123456"),
        ("0412 345 678", "en", "AU", "+61412345678"),
        ("9123 4567", "zh", "SG", "+6591234567"),
        ("0912 345 678", "zh", "TW", "+886912345678"),
        ("call me at (415) 555-2671", "en", "US", "+14155552671"),
        ("612 34 56 78", "es", "CN", "+34612345678"),
        ("+84 912 345 678", "zh", "CN", "+84912345678"),
        ("0912 345 678", "vi", "Vietnam", "+84912345678"),  # the shop's place is a word, not a code
        ("+34 612 34 56 78", "eo", "nowhere", "+34612345678"),
        ("٠٥٠١٢٣٤٥٦٧", "ar", "SA", "+966501234567"),
    ],
)
def test_a_number_is_read_in_the_country_it_most_likely_belongs_to(
    text: str, language: str, region: str, phone: str
) -> None:
    found = contact_in(text, language, region)
    assert found is not None
    assert (found.phone, found.email) == (phone, None)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("我的邮箱是zhang.san@qq.com谢谢", "zhang.san@qq.com"),
        ("write to a.b+c@mail.example.co.uk.", "a.b+c@mail.example.co.uk"),
        ("<x@y.cn>", "x@y.cn"),
    ],
)
def test_an_address_is_found_within_words_of_any_script(text: str, email: str) -> None:
    found = contact_in(text, "zh", "CN")
    assert found is not None
    assert found.email == email


def test_both_are_kept_and_the_rest_is_what_else_was_said() -> None:
    found = contact_in("13812345678 或 x@y.cn，包邮吗", "zh", "CN")
    assert found is not None
    assert (found.phone, found.email) == ("+8613812345678", "x@y.cn")
    assert "包邮吗" in found.rest
    assert found.shown == "x@y.cn / +86 138 1234 5678"


@pytest.mark.parametrize("text", ["1381234567", "138-1234", "zhang@qq", "我的邮箱是zhang@", "00000000000"])
def test_what_cannot_be_reached_is_no_contact_but_an_attempt(text: str) -> None:
    assert contact_in(text, "zh", "CN") is None
    assert is_unfinished(text)


@pytest.mark.parametrize(
    "text", ["包邮吗", "0001", "订单 20231108001 到哪了", "@小李 在吗", "a@b\nX-Spam: yes 我想知道包邮吗", ""]
)
def test_other_messages_are_neither(text: str) -> None:
    assert contact_in(text, "zh", "CN") is None
    assert not is_unfinished(text)


def test_a_number_is_read_back_with_its_country() -> None:
    assert shown_phone("+84912345678") == "+84 912 345 678"
