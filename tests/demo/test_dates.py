from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.demo.dates import midyear, newyear, resolve, spoken

DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{today}}", "2026-11-21"),
        ("{{today+10d}} and {{today-21d}}", "2026-12-01 and 2026-10-31"),
        ("{{midyear+2d}}", "2026-06-20"),
        ("{{newyear-4d}}", "2026-12-28"),
        ("{{tomorrow}} {today}", "{{tomorrow}} {today}"),
    ],
)
def test_a_placeholder_becomes_a_date(text, expected):
    assert resolve(text, date(2026, 11, 21)) == expected


def test_a_date_is_written_in_the_language_of_the_text():
    written = [resolve("{{today}}", date(2026, 3, 9), spoken(language)) for language in ("zh", "en", "vi", "th")]
    assert written == ["2026 年 3 月 9 日", "9 March 2026", "9/3/2026", "9/3/2026"]


@given(DAYS)
def test_on_any_day_the_midyear_sale_is_over_and_new_year_still_ahead(today):
    assert midyear(today) + timedelta(days=3) <= today
    assert today < newyear(today) - timedelta(days=4)
    assert (newyear(today).month, newyear(today).day) == (1, 1)
