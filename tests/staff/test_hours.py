"""Open hours over midnight, holidays, and the nights in which the clock is changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from xiaoer.staff.hours import Calendar, calendar_of
from xiaoer.stores import Profile


def shop(hours: str = "09:00-18:00", timezone: str = "Asia/Shanghai", **more: object) -> Calendar:
    return calendar_of(Profile.model_validate({"hours": hours, "timezone": timezone, **more}))


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        ("2026-11-20T10:00+08:00", 4, "2026-11-20T14:00+08:00"),  # a Friday
        ("2026-11-20T17:00+08:00", 4, "2026-11-23T12:00+08:00"),  # over the weekend
        ("2026-11-21T12:00+08:00", 1, "2026-11-23T10:00+08:00"),  # on a Saturday
        ("2026-11-20T18:00+08:00", 9, "2026-11-23T18:00+08:00"),  # at the very end of a day
        ("2026-11-20T03:00+08:00", 1, "2026-11-20T10:00+08:00"),  # in the night before
    ],
)
def test_a_promise_counts_open_hours_only(since: str, hours: int, due: str) -> None:
    assert shop(weekdays=WORKDAYS).after(at(since), timedelta(hours=hours)) == at(due)


def test_holidays_are_left_out_and_a_workday_made_up_for_counts() -> None:
    calendar = shop(
        weekdays=WORKDAYS, holidays=[f"2026-10-0{day}" for day in range(1, 8)], workdays=["2026-09-27", "2026-10-10"]
    )
    assert calendar.after(at("2026-09-30T17:00+08:00"), timedelta(hours=2)) == at("2026-10-08T10:00+08:00")
    assert not calendar.is_open(at("2026-10-02T12:00+08:00"))
    assert calendar.is_open(at("2026-10-10T12:00+08:00"))  # a Saturday worked for the holiday
    assert calendar.works_on(date(2026, 9, 27))


def test_the_night_that_loses_an_hour_is_an_hour_shorter() -> None:
    calendar = shop("22:00-06:00", "Europe/Berlin")  # the clock goes from 2 to 3 on 29 March 2026
    assert calendar.between(at("2026-03-28T22:00+01:00"), at("2026-03-29T06:00+02:00")) == timedelta(hours=7)
    assert calendar.after(at("2026-03-28T22:00+01:00"), timedelta(hours=7)) == at("2026-03-29T06:00+02:00")


def test_the_night_that_has_an_hour_twice_is_an_hour_longer() -> None:
    calendar = shop("22:00-06:00", "Europe/Berlin")
    assert calendar.between(at("2026-10-24T22:00+02:00"), at("2026-10-25T06:00+01:00")) == timedelta(hours=9)


def test_hours_that_begin_in_the_hour_that_does_not_exist_begin_after_it() -> None:
    calendar = shop("02:30-10:00", "Europe/Berlin")
    assert calendar.after(at("2026-03-29T00:00+01:00"), timedelta(minutes=1)) == at("2026-03-29T03:31+02:00")


def test_hours_around_the_clock_know_the_length_of_each_day() -> None:
    calendar = shop("00:00-00:00", "America/New_York", weekdays=["sun"])
    assert calendar.between(at("2026-03-07T12:00-05:00"), at("2026-03-09T12:00-04:00")) == timedelta(hours=23)
    assert calendar.between(at("2026-10-31T12:00-04:00"), at("2026-11-02T12:00-05:00")) == timedelta(hours=25)


def test_open_time_between_is_what_after_counts() -> None:
    calendar = shop(weekdays=WORKDAYS)
    since = at("2026-11-20T16:20+08:00")
    for minutes in (1, 99, 100, 101, 1000, 5000):
        until = calendar.after(since, timedelta(minutes=minutes))
        assert calendar.between(since, until) == timedelta(minutes=minutes)
        assert calendar.between(until, since) == -timedelta(minutes=minutes)


def test_a_shop_that_is_never_open_still_keeps_a_promise() -> None:
    calendar = shop(weekdays=[])
    assert not calendar.is_open(at("2026-11-20T12:00+08:00"))
    assert calendar.after(at("2026-11-20T12:00+08:00"), timedelta(hours=4)) == at("2026-11-20T16:00+08:00")


@pytest.mark.parametrize("hours", ["", "always", "9-18", "25:99-26:00"])
def test_hours_nobody_can_read_are_always_open(hours: str) -> None:
    assert shop(hours).is_open(at("2026-11-20T03:00+08:00"))
