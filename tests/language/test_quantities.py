from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency
from hypothesis import assume, given
from hypothesis import strategies as st

from xiaoer.language import quantities, units
from xiaoer.language.quantities import Quantity


def found(text: str, language: str | None, kind: str | None = None) -> list[Quantity]:
    return [each.value for each in quantities.find(text, language) if kind in (None, each.kind)]


@pytest.mark.parametrize(
    ("text", "language", "amount", "currency"),
    [
        ("¥6.50", "zh", "6.50", "CNY"),
        ("¥650", "ja", "650", "JPY"),
        ("CN¥12", "en", "12", "CNY"),
        ("12块5", "zh", "12.5", "CNY"),
        ("12块5一斤", "zh", "12.5", "CNY"),
        ("3块2毛5", "zh", "3.25", "CNY"),
        ("三块二", "zh", "3.2", "CNY"),
        ("五毛钱", "zh", "0.5", "CNY"),
        ("两百五十块", "zh", "250", "CNY"),
        ("一万二千元", "zh", "12000", "CNY"),
        ("$12", "en", "12", "USD"),
        ("$1.500", "en", "1500", "USD"),
        ("a hundred dollars", "en", "100", "USD"),
        ("1.5 million dong", "en", "1500000", "VND"),
        ("1tr5", "vi", "1500000", "VND"),
        ("500k", "vi", "500000", "VND"),
        ("3.000.000đ", "vi", "3000000", "VND"),
        ("Rp 1.500.000", "id", "1500000", "IDR"),
        ("Rp1.500.000", "en", "1500000", "IDR"),
        ("50rb", "id", "50000", "IDR"),
        ("RM 25.90", "ms", "25.90", "MYR"),
        ("200 zł", None, "200", "PLN"),
        ("5000 rub", None, "5000", "RUB"),
        ("10 тыс. руб.", "ru", "10000", "RUB"),
        ("5 ล้านบาท", "th", "5000000", "THB"),
        ("5만원", "ko", "50000", "KRW"),
        ("1000円", "ja", "1000", "JPY"),
        ("1.234,56 €", "de", "1234.56", "EUR"),
        ("12,50 euros", "fr", "12.50", "EUR"),
        ("R$ 1.200,00", "pt", "1200", "BRL"),
        ("٥٠٠ ريال", "ar", "500", "SAR"),
        ("usd 30", "en", "30", "USD"),
    ],
)
def test_a_sum_of_money_is_read_however_it_is_written(text, language, amount, currency):
    assert found(text, language, quantities.MONEY) == [Quantity(Decimal(amount), currency)]


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("二十个多少钱", "zh", 20),
        ("十二件", "zh", 12),
        ("三十六罐", "zh", 36),
        ("来俩", "zh", 2),
        ("两双鞋", "zh", 2),
        ("一打啤酒", "zh", 12),
        ("twelve pcs", "en", 12),
        ("a couple of lamps", "en", 2),
        ("half a dozen eggs", "en", 6),
        ("2 dozen", "en", 24),
        ("two of them", "en", 2),
        ("hai mươi cái", "vi", 20),
        ("ยี่สิบชิ้น", "th", 20),
        ("20個ください", "ja", 20),
        ("ふたつください", "ja", 2),
        ("스무 개", "ko", 20),
        ("двадцать штук", "ru", 20),
        ("veinte piezas", "es", 20),
        ("una docena de huevos", "es", 12),
        ("vingt pièces", "fr", 20),
        ("zwanzig Stück", "de", 20),
        ("vinte peças", "pt", 20),
        ("dua puluh buah", "id", 20),
        ("sebotol air", "ms", 1),
        ("عشرون قطعة", "ar", 20),
        ("قطعتين", "ar", 2),
    ],
)
def test_pieces_are_counted_in_any_language(text, language, count):
    assert found(text, language, quantities.QUANTITY) == [Quantity(Decimal(count), "piece")]


@pytest.mark.parametrize(
    ("text", "language", "amount", "unit"),
    [
        ("两斤半", "zh", "2.5", "jin"),
        ("一个半小时", "zh", "1.5", "hour"),
        ("半个月", "zh", "0.5", "month"),
        ("5 kg", "en", "5", "kilogram"),
        ("1,5 l", "de", "1.5", "liter"),
        ("500ml", None, "500", "milliliter"),
        ("a couple of days", "en", "2", "day"),
        ("5 километров", "ru", "5", "kilometer"),
        ("3 quilômetros", "pt", "3", "kilometer"),
        ("7 ngày làm việc", "vi", "7", "workday"),
        ("20%", "en", "20", "percent"),
        ("八折", "zh", "20", "discount"),
        ("42码", "zh", "42", "size"),
    ],
)
def test_a_measure_has_its_unit(text, language, amount, unit):
    assert found(text, language) == [Quantity(Decimal(amount), unit)]


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("a six-pack of beer", "en", []),
        ("two six-packs", "en", [2]),
        ("3 packs of 6", "en", [3]),
        ("6罐装的来两件", "zh", [2]),
        ("三件套", "zh", []),
        ("24瓶/箱", "zh", []),
        ("a 12-piece set", "en", []),
        ("6개입 두 개", "ko", [2]),
        ("6本セット", "ja", []),
    ],
)
def test_what_a_pack_holds_is_not_how_many_are_wanted(text, language, wanted):
    assert [each.amount for each in found(text, language, quantities.QUANTITY)] == wanted


@pytest.mark.parametrize(
    ("text", "language"), [("一口价", "zh"), ("一刀切", "zh"), ("我俩", "zh"), ("8点半", "zh"), ("100块3件", "zh")]
)
def test_nothing_else_is_taken_for_a_sum(text, language):
    assert found(text, language, quantities.MONEY) in ([], [Quantity(Decimal(100), "CNY")])


@pytest.mark.parametrize("language", ["zh", "en", "vi", "th", "ja", "ko", "ru", "es", "fr", "de", "pt", "id", "ms"])
@given(
    amount=st.decimals(1, 99_999, places=2),
    currency=st.sampled_from(["CNY", "USD", "EUR", "THB", "RUB", "MYR", "PLN"]),
)
def test_money_as_the_locale_data_write_it_is_read_back(language, amount, currency):
    assume((language, currency) != ("ja", "CNY"))  # 元1.00, which nobody writes
    written = format_currency(amount, currency, locale=Locale.parse(language))
    assert found(written, language, quantities.MONEY) == [Quantity(amount, currency)], written


def test_a_span_says_where_it_stands_in_the_text_as_it_was_written():
    (span,) = quantities.find("我要２０個，谢谢", "zh")
    assert (span.start, span.end, span.text) == (2, 5, "２０個")


def test_units_of_one_dimension_are_compared_by_their_factor():
    assert units.same(units.named("liter"), units.named("milliliter"))
    assert units.named("liter").factor == 1000 * units.named("milliliter").factor
    assert not units.same(units.named("CNY"), units.named("USD"))


@given(st.text(max_size=300), st.sampled_from([None, "zh", "en", "vi", "th", "ja", "ko", "ru", "ar", "de", "xx"]))
def test_any_text_is_read_without_failing(text, language):
    for span in quantities.find(text, language):
        assert text[span.start : span.end] == span.text
