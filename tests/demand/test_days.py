"""Shares of days against SQL, that they add up, and that they are better than equal ones where days differ."""

import sqlite3
from datetime import date, timedelta
from typing import Any

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.demand.days import shares_by_day

ORIGIN = pd.Timestamp("2024-01-29")
"""The horizon has Seollal from Friday 9 February to its substitute on Monday 12, and Friday 1 March."""
LINES = st.lists(
    st.tuples(st.integers(1, 900), st.sampled_from("AB"), st.floats(0.1, 900.0)),
    min_size=1,
    max_size=60,
)
"""Days before the origin, product and kilograms."""
MEAN_BY_WEEKDAY = """
with recursive known as (
    select date(sold_on) as day, quantity_kg from sales
    where sold_on < :origin and sold_on >= date(:origin, '-728 days')
), days as (
    select min(day) as day from known union all
    select date(day, '+1 day') from days where day < date(:origin, '-1 day')
), sold as (
    select day, cast(strftime('%w', day) as integer) as weekday, day in (select day from free) as is_free,
        coalesce((select sum(quantity_kg) from known where known.day = days.day), 0.0) as kg
    from days
), usual as (select weekday, avg(kg) as kg from sold where not is_free group by weekday)
select weekday, usual.kg, (
    select sum(sold.kg) / nullif(sum(coalesce(other.kg, 0.0)), 0)
    from sold left join usual as other using (weekday) where is_free
) from usual
"""


def frame(lines: list[tuple[int, str, float]]) -> pd.DataFrame:
    rows = [(ORIGIN - timedelta(days=back), product, kg) for back, product, kg in lines if back <= 728]
    return pd.DataFrame(rows or [(ORIGIN - timedelta(days=5), "A", 3.0)], columns=["sold_on", "product", "quantity_kg"])


def free_days() -> set[date]:
    """By law, and none that was decreed for once, such as 2 October 2023."""
    known = holidays.country_holidays("KR")
    known.has_special_holidays = False
    found = {day for day in (date(2021, 1, 1) + timedelta(days=number) for number in range(1460)) if day in known}
    assert date(2023, 10, 3) in found
    assert date(2023, 10, 2) not in found
    return found


def by_sql(sales: pd.DataFrame, weeks: int) -> list[float]:
    connection = sqlite3.connect(":memory:")
    sales.assign(sold_on=sales["sold_on"].dt.strftime("%Y-%m-%d")).to_sql("sales", connection, index=False)
    free = free_days()
    pd.DataFrame({"day": [str(day) for day in sorted(free)]}).to_sql("free", connection, index=False)
    found = connection.execute(MEAN_BY_WEEKDAY, {"origin": str(ORIGIN.date())}).fetchall()
    connection.close()
    usual, of_holiday = {weekday: kg for weekday, kg, _ in found}, next((rest for _, _, rest in found), None)
    shares: list[float] = []
    for week in range(weeks):
        days = [ORIGIN.date() + timedelta(days=7 * week + number) for number in range(7)]
        weights = [usual.get(day.isoweekday() % 7, 0.0) * ((of_holiday or 0.0) if day in free else 1.0) for day in days]
        shares += [weight / sum(weights) if sum(weights) else 1 / 7 for weight in weights]
    return shares


@given(LINES)
@settings(max_examples=80, deadline=None)
def test_shares_are_those_of_sql(lines: list[tuple[int, str, float]]) -> None:
    found = shares_by_day(frame(lines), ORIGIN, 6, "KR")
    np.testing.assert_allclose(found["share"], by_sql(frame(lines), 6), rtol=1e-9, atol=1e-12)


@given(LINES, st.integers(1, 26))
@settings(max_examples=40, deadline=None)
def test_days_add_up_to_their_week(lines: list[tuple[int, str, float]], weeks: int) -> None:
    found = shares_by_day(frame(lines), ORIGIN, weeks, "KR")
    assert list(found["date"]) == list(pd.date_range(ORIGIN, periods=7 * weeks))
    assert (found["share"] >= 0).all()
    assert (found["date"] - found["week"]).dt.days.tolist() == [*range(7)] * weeks
    np.testing.assert_allclose(found.groupby("week")["share"].sum(), 1.0, rtol=1e-12)


def test_two_years_are_enough_and_what_came_later_is_not_known() -> None:
    sales = frame([(back, "A", 1.0 + back % 7) for back in range(1, 729)])
    expected = shares_by_day(sales, ORIGIN, 4, "KR")
    other = pd.DataFrame({"sold_on": [ORIGIN, ORIGIN - timedelta(days=729)], "product": "A", "quantity_kg": [1e6, 1e6]})
    pd.testing.assert_frame_equal(shares_by_day(pd.concat([sales, other]), ORIGIN, 4, "KR"), expected)


def test_a_plant_that_rests_on_holidays_and_one_that_does_not() -> None:
    days = pd.date_range(ORIGIN - timedelta(days=728), ORIGIN - timedelta(days=1))
    never_rests = pd.DataFrame({"sold_on": days, "product": "A", "quantity_kg": 10.0})
    rests = never_rests[~days.isin(pd.DatetimeIndex(sorted(free_days()))) & (days.weekday < 5)]
    np.testing.assert_allclose(shares_by_day(never_rests, ORIGIN, 3, "KR")["share"], 1 / 7)
    seollal = shares_by_day(rests, ORIGIN, 3, "KR")["share"].to_numpy()[7:21].reshape(2, 7)
    np.testing.assert_allclose(seollal, [[0.25] * 4 + [0.0] * 3, [0.0, *[0.25] * 4, 0.0, 0.0]], atol=1e-12)


def test_learnt_days_err_less_than_equal_ones(plant: Any) -> None:
    """On a plant that works on weekdays alone, with what each week really brought."""
    origin = plant.origins.selection[0]
    shares = shares_by_day(plant.sales, origin, 26, "KR")
    sold = plant.sales.groupby("sold_on")["quantity_kg"].sum().reindex(shares["date"], fill_value=0.0).to_numpy()
    week = sold.reshape(-1, 7).sum(axis=1).repeat(7)
    learnt, equal = (np.abs(week * share - sold).sum() for share in (shares["share"].to_numpy(), 1 / 7))
    assert learnt < 0.6 * equal


def test_a_week_without_a_day_that_ever_sold_is_divided_evenly() -> None:
    mondays = frame([(back, "A", 5.0) for back in range(7, 728, 7)])  # and Monday 12 February is a holiday
    ordinary = mondays[~mondays["sold_on"].isin(pd.DatetimeIndex(sorted(free_days())))]
    shares = shares_by_day(ordinary, ORIGIN, 3, "KR")["share"].to_numpy().reshape(3, 7)
    assert shares[0].tolist() == pytest.approx([1.0, *[0.0] * 6])
    assert shares[2].tolist() == pytest.approx([1 / 7] * 7)
