"""Weekly sums, months of the horizon and shares, against SQL and loops."""

import sqlite3
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.demand.history import HORIZON_MONTHS, horizon_month, long_demand, weekly_demand
from mixplan.demand.shares import shares_of_last_year

UNTIL = date(2024, 4, 1)
ROWS = st.lists(
    st.tuples(
        st.dates(date(2024, 1, 1), date(2024, 5, 5)),
        st.sampled_from(["A", "B", "C"]),
        st.integers(1, 10_000).map(lambda grams: grams / 8),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: min(rows)[0] < UNTIL - timedelta(days=13))


def frame(rows: list[tuple[date, str, float]]) -> pd.DataFrame:
    days, products, quantities = zip(*rows, strict=True)
    return pd.DataFrame({"sold_on": pd.to_datetime(list(days)), "product": products, "quantity_kg": quantities})


def weekly_in_sql(rows: list[tuple[date, str, float]]) -> dict[tuple[str, str], float]:
    """Sums by Monday and product of whole weeks only, by SQLite's own calendar."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table sales (sold_on text, product text, quantity_kg real)")
    connection.executemany("insert into sales values (?, ?, ?)", [(str(day), *rest) for day, *rest in rows])
    found = connection.execute(
        """
        with known as (
            select *, date(sold_on, '-' || ((strftime('%w', sold_on) + 6) % 7) || ' days') as week
            from sales where sold_on < ?
        ), first as (
            select date(min(sold_on), '+' || ((8 - strftime('%w', min(sold_on))) % 7) || ' days') as monday from known
        )
        select week, product, sum(quantity_kg) from known, first where week >= monday group by week, product
        """,
        [str(UNTIL)],
    ).fetchall()
    connection.close()
    return {(week, product): quantity for week, product, quantity in found}


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_weekly_demand_is_the_sum_that_sql_makes(rows: list[tuple[date, str, float]]) -> None:
    table, expected = weekly_demand(frame(rows), pd.Timestamp(UNTIL)), weekly_in_sql(rows)
    found = {
        (str(week.date()), product): table.loc[week, product]
        for week in table.index
        for product in table.columns
        if table.loc[week, product]
    }
    assert found == pytest.approx(expected)
    assert list(table.columns) == sorted({product for day, product, _ in rows if day < UNTIL})
    assert table.index.equals(pd.date_range(table.index[0], UNTIL - timedelta(days=7), freq="W-MON"))


@given(ROWS)
@settings(max_examples=30, deadline=None)
def test_weekly_demand_knows_nothing_from_until_on(rows: list[tuple[date, str, float]]) -> None:
    known = [row for row in rows if row[0] < UNTIL]
    until = pd.Timestamp(UNTIL)
    pd.testing.assert_frame_equal(weekly_demand(frame(rows), until), weekly_demand(frame(known), until))


def test_first_unfinished_week_does_not_count() -> None:
    rows = [(date(2024, 1, 2), "A", 1.0), (date(2024, 1, 8), "A", 2.0)]
    table = weekly_demand(frame(rows), pd.Timestamp("2024-01-15"))
    assert table["A"].to_dict() == {pd.Timestamp("2024-01-08"): 2.0}


def test_long_demand_has_a_row_for_every_cell() -> None:
    table = weekly_demand(
        frame([(date(2024, 1, 1), "A", 1.0), (date(2024, 1, 9), "B", 2.0)]), pd.Timestamp("2024-01-15")
    )
    rows = long_demand(table, "sold_kg").set_index(["week", "product"])["sold_kg"]
    assert rows.to_dict() == {(week, name): table.loc[week, name] for week in table.index for name in table.columns}


def test_months_of_the_horizon_are_blocks_of_four_four_and_five_weeks() -> None:
    weeks = [month for month in (1, 2, 3, 4, 5, 6) for _ in range(5 if month in (3, 6) else 4)]
    assert horizon_month(pd.Series(range(1, 27))).tolist() == weeks
    assert {month: weeks.count(month) for month in weeks} == {
        month: last - first + 1 for month, (first, last) in HORIZON_MONTHS.items()
    }


@pytest.mark.parametrize("week", [0, 27])
def test_weeks_outside_every_month_are_refused(week: int) -> None:
    with pytest.raises(ValueError, match=r"NaN|NA"):
        horizon_month(pd.Series([week]))


@pytest.mark.parametrize("by", ["region", "customer_code"])
def test_shares_divide_each_product_as_it_sold_in_the_last_52_weeks(plant: Any, by: str) -> None:
    origin = plant.origins.holdout
    sums: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in plant.sales.itertuples():
        if origin - timedelta(days=364) <= row.sold_on < origin:
            sums[row.product][getattr(row, by)] += row.quantity_kg
    shares = shares_of_last_year(plant.sales, by, origin).set_index(["product", by])["share"].to_dict()
    assert shares == pytest.approx(
        {(name, key): sold / sum(own.values()) for name, own in sums.items() for key, sold in own.items()}
    )
    assert "gone" not in sums
