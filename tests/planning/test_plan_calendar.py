import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.planning import CalendarConfig
from mixplan.planning.calendar import day_shares

few = settings(max_examples=40, deadline=None)

SATURDAY_HALF = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0)


def shares_of(week: str, weights: tuple[float, ...] = SATURDAY_HALF) -> list[float]:
    config = CalendarConfig(country="KR", weekday_weights=weights)
    return day_shares(pd.DatetimeIndex([week]), config)["share"].tolist()


def test_a_plain_week_follows_the_weights() -> None:
    assert shares_of("2024-07-01") == pytest.approx([1 / 5.5] * 5 + [0.5 / 5.5, 0.0])


def test_chuseok_moves_work_to_the_rest_of_the_week() -> None:
    assert shares_of("2024-09-16") == pytest.approx([0.0, 0.0, 0.0, 0.4, 0.4, 0.2, 0.0])


def test_holidays_of_the_next_year_count_too() -> None:
    assert shares_of("2024-12-30", (1.0,) * 5 + (0.0, 0.0)) == pytest.approx([0.25, 0.25, 0.0, 0.25, 0.25, 0.0, 0.0])


def test_a_week_without_a_working_day_is_worked_all_the_same() -> None:
    monday_only = (1.0,) + (0.0,) * 6
    assert shares_of("2024-09-16", monday_only) == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@few
@given(st.integers(0, 500), st.lists(st.floats(0.1, 10), min_size=7, max_size=7))
def test_each_week_is_spread_whole(week: int, weights: list[float]) -> None:
    weeks = pd.date_range("2018-01-01", periods=3, freq="W-MON") + pd.Timedelta(weeks=week)
    shares = day_shares(weeks, CalendarConfig(country="KR", weekday_weights=tuple(weights)))
    assert shares.groupby("week")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    assert shares["date"].tolist() == pd.date_range(weeks[0], periods=21).tolist()
    assert (shares["share"] >= 0).all()
