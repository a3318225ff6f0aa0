"""Texts as search terms."""

from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.terms import is_latin, marked, terms


def test_chinese_gives_characters_and_their_pairs() -> None:
    assert terms("退货吗") == ["退", "货", "吗", "退货", "货吗"]


def test_thai_gives_pairs_and_triples() -> None:
    assert terms("คืน") == ["คื", "ืน", "คืน"]


def test_words_are_lowered_and_their_plural_undone() -> None:
    assert terms("Two Refunds") == ["two", "refund"]
    assert terms("glass gas") == ["glass", "gas"]


def test_a_code_stays_whole_beside_its_parts() -> None:
    assert terms("F6033-UD3") == ["f6033-ud3", "f6033", "ud3", "f", "6033", "ud", "3"]
    assert terms("3.5") == ["3.5", "3", "5"]


def test_latin_inside_chinese_is_a_word_of_its_own() -> None:
    assert "iphone" in terms("我的iPhone坏了")
    assert "坏了" in terms("我的iPhone坏了")


def test_full_width_writing_meets_half_width_writing() -> None:
    assert terms("ＡＢＣ１２３") == terms("ABC123")


def test_a_text_is_found_by_words_typed_without_their_marks() -> None:
    assert {"bảo", "hành", "bao", "hanh", "đổi", "doi"} <= set(terms("Bảo hành đổi"))
    assert [term.text for term in marked("bảo hành")] == ["bảo", "hành"]
    assert terms("คืนได้") == [term.text for term in marked("คืนได้")]


def test_codes_are_told_from_words() -> None:
    assert [term.text for term in marked("Which NFL team won game 50?") if term.is_code] == ["nfl", "50"]


def test_the_letters_that_carry_a_text_decide_whether_it_is_latin() -> None:
    assert is_latin("Where is my order?")
    assert is_latin("Đơn hàng của tôi ở đâu")
    assert not is_latin("我的iPhone坏了")
    assert not is_latin("Где мой заказ NFL")
    assert not is_latin("12 50")


@given(st.text())
def test_any_text_has_terms_and_none_is_empty(text: str) -> None:
    assert all(terms(text))
