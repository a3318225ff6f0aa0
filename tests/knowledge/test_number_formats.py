"""Numbers, dates and texts as their number format shows them."""

import pytest

from xiaoer.knowledge.reading.number_formats import exact, shown, text_shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (815, "000000", "000815"),
        (4008001234, "0000-000-0000", "0400-800-1234"),
        (13800138000, "000 0000 0000", "138 0013 8000"),
        (6.5, '"¥"#,##0.00', "¥6.50"),
        (6.5, "[$¥-804]#,##0.00", "¥6.50"),
        (1234.5, '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "¥1,234.50"),
        (-3, "#,##0_);(#,##0)", "(3)"),
        (-3, "0.0", "-3.0"),
        (-0.001, "0.00", "0.00"),
        (0.125, "0%", "13%"),
        (0.125, "0.0%", "12.5%"),
        (1.005, "0.00", "1.01"),
        (1500000, '0.0,,"M"', "1.5M"),
        (12345678, "0.00E+00", "1.23E+07"),
        (1.5, "# ?/?", "1 1/2"),
        (0.75, "#/4", "3/4"),
        (0.5, "#.##", ".5"),
        (5, "0.##", "5"),
        (5, '"共"0"个"', "共5个"),
        (38, 'G/通用格式"码"', "38码"),
        (3, '[>=2]"多";"少"', "多"),
        (1, '[Red][>=2]"多";"少"', "少"),
        (0, "0;-0;;@", ""),
        (1 / 3, "General", "0.3333333333"),
        (100112573665.0, "General", "100112573665"),
        (46337, 'yyyy"年"m"月"d"日"', "2026年11月11日"),
        (46337, "m月d日", "11月11日"),
        (46337.5, "yyyy/m/d h:mm", "2026/11/11 12:00"),
        (46337.75, "dd-mmm-yy h:mm AM/PM", "11-Nov-26 6:00 PM"),
        (46337, "yyyy-mm-dd hh:mm:ss", "2026-11-11"),
        (46337, "[$-804]aaaa", "星期三"),
        (46337, "[$-409]dddd, mmmm d", "Wednesday, November 11"),
        (46337, "[$-1070000]d/m/yyyy", "11/11/2569"),
        (1.5, "[h]:mm", "36:00"),
        (0.4, "h:mm", "9:36"),
    ],
)
def test_a_number_reads_as_its_sheet_shows_it(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_texts_can_have_words_put_around_them_by_their_format() -> None:
    assert text_shown("A1", '"型号"@') == "型号A1"
    assert text_shown("A1", '0;-0;0;"<"@">"') == "<A1>"
    assert text_shown("A1", "0.00") == "A1"
    assert (exact(6.5, "¥7"), exact(6.5, "¥6.50")) == ("6.5", "")
