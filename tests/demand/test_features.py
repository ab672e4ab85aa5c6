"""Every feature against SQL and calendars of their own; and nothing but the past in it."""

import math
import sqlite3
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.demand.active import active_share, weekly_purchases
from mixplan.demand.curve import demand_curve
from mixplan.demand.features import KEYS, FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.public_holidays import known_holidays
from mixplan.evaluation.origins import HistoryTooShortError

BY_PRODUCT_AND_WEEK = """
with known as (
    select date(sold_on, '-' || ((strftime('%w', sold_on) + 6) % 7) || ' days') as week, product, customer_code,
        quantity_kg
    from sales where sold_on < :origin
), pair as (
    select product, customer_code, min(week) as since,
        max(8.0, min(52.0, (julianday(:origin) - julianday(min(week))) / 7)) as bought
    from known group by product, customer_code
), active as (
    select customer_code, max(week) >= date(:origin, '-56 days') as is_active from known group by customer_code
), share as (
    select product, max(0.05, sum(
        case when week > since or bought = longest then quantity_kg * is_active * longest / bought else 0 end
    ) / sum(quantity_kg)) as share
    from known join pair using (product, customer_code) join active using (customer_code)
        join (select product, max(bought) as longest from pair group by product) using (product)
    where week >= date(:origin, '-364 days') group by product
), first as (
    select date(min(sold_on), '+' || ((8 - strftime('%w', min(sold_on))) % 7) || ' days') as monday from sales
), weeks as (
    select monday as week from first union all
    select date(week, '+7 days') from weeks where week < date(:origin, '-7 days')
), weekly as (
    select w.week, p.product, coalesce(sum(k.quantity_kg), 0.0) as sold,
        row_number() over (partition by p.product order by w.week desc) as back
    from weeks w cross join (select distinct product from sales) p
    left join known k on k.week = w.week and k.product = p.product
    group by w.week, p.product
), level as (
    select product, avg(sold) as level, avg(sold > 0) as weeks_sold,
        sqrt((sum(sold * sold) - sum(sold) * sum(sold) / 52.0) / 51.0) as deviation
    from weekly where back <= 52 group by product having avg(sold) > 0
), smooth as (
    select week, product, sold,
        avg(sold) over (partition by product order by week rows between 2 preceding and 2 following) as sold_smooth
    from weekly
), season as (
    select l.week, l.product, avg(e.sold_smooth) as sold_season
    from smooth l join smooth e on e.product = l.product and e.week <= l.week
        and (julianday(l.week) - julianday(e.week)) % 364 = 0
    group by l.week, l.product
)
select s.week as last_year_week, s.product, l.level * share,
    s.sold / l.level / share, sold_season / l.level, l.weeks_sold, l.deviation / l.level,
    (select avg(sold) / l.level / share from weekly where product = s.product and back <= 4),
    (select avg(sold) / l.level / share from weekly where product = s.product and back <= 13),
    (select avg(sold) / l.level / share from weekly where product = s.product and back <= 26)
from smooth s join level l using (product) join share using (product) join season using (week, product)
"""
COLUMNS = ["level_kg", "last_year", "own_season", "weeks_sold", "variation", "mean_4", "mean_13", "mean_26"]
OF_THE_PLANT = """
with known as (
    select date(sold_on, '-' || ((strftime('%w', sold_on) + 6) % 7) || ' days') as week, quantity_kg
    from sales where sold_on < :origin and sold_on >= '2021-03-08'
), weekly as (
    select week, sum(quantity_kg) as sold, row_number() over (order by week desc) as back from known group by week
), level as (select avg(sold) as level from weekly where back <= 52), smooth as (
    select week, avg(sold) over (order by week rows between 2 preceding and 2 following) as sold_smooth from weekly
)
select l.week, avg(e.sold_smooth) / level, (select avg(sold) from weekly where back <= 13) / level
from level, smooth l join smooth e on e.week <= l.week and (julianday(l.week) - julianday(e.week)) % 364 = 0
group by l.week
"""
OF_THE_DRIVER = """
select f.week, f.value, f.value - (
    select avg(value) from (
        select value from observed where week < date(:origin, '-63 days') order by week desc limit 52
    )
) from forecasts f where f.origin = :origin
"""


@pytest.fixture(scope="module", params=["first of the grid", "selection", "final"])
def origin(request: pytest.FixtureRequest, plant: Any) -> pd.Timestamp:
    origins = plant.origins
    return {"first of the grid": origins.grid[0], "selection": origins.selection[0], "final": origins.final}[
        request.param
    ]


@pytest.fixture(scope="module")
def rows(builder: FeatureBuilder, origin: pd.Timestamp) -> pd.DataFrame:
    return builder.rows(origin, 26)


def text(days: pd.Series) -> list[str]:
    return [str(day.date()) for day in days]


def ask(tables: dict[str, pd.DataFrame], query: str, origin: pd.Timestamp) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(":memory:")
    for name, frame in tables.items():
        dated = frame.assign(
            **{column: text(frame[column]) for column in frame if "datetime" in str(frame[column].dtype)}
        )
        dated.to_sql(name, connection, index=False)
    found = connection.execute(query, {"origin": str(origin.date())}).fetchall()
    connection.close()
    return found


def of_seldom_sold(sales: pd.DataFrame, origin: pd.Timestamp) -> dict[str, float]:
    """The level of products with sales in fewer than 1 of 1.32 weeks, week by week as Teunter, Syntetos and Babai."""
    levels = {}
    mondays = pd.date_range("2021-03-08", origin - timedelta(days=7), freq="7D")
    for product, own in sales[sales["sold_on"] >= mondays[0]].groupby("product"):
        sold = [own.loc[(day <= own["sold_on"]) & (own["sold_on"] < day + timedelta(days=7)), "quantity_kg"].sum()
                for day in mondays]  # fmt: skip
        since = sold[next((place for place, kg in enumerate(sold) if kg), len(sold)) :]
        if sum(kg > 0 for kg in since[-104:]) * 1.32 < len(since[-104:]):
            amount, share = since[0], 1.0
            for kg in since[1:]:
                share += 0.05 * ((kg > 0) - share)
                amount += 0.02 * (kg - amount) if kg else 0.0
            levels[product] = amount * share
    return levels


def test_quantities_are_those_of_sql(plant: Any, rows: pd.DataFrame, origin: pd.Timestamp) -> None:
    sales = plant.sales[["sold_on", "product", "customer_code", "quantity_kg"]]
    expected = {(week, product): rest for week, product, *rest in ask({"sales": sales}, BY_PRODUCT_AND_WEEK, origin)}
    seldom = of_seldom_sold(sales, origin)
    assert "가속제" in seldom
    assert "PEMA-SR1000" not in seldom
    for (_, product), values in expected.items():
        if product in seldom:
            of_level = values[0] / seldom[product]
            ratios = [place for place, name in enumerate(COLUMNS) if name == "last_year" or name.startswith("mean_")]
            values[:] = [value * of_level if place in ratios else value for place, value in enumerate(values)]
            values[0], values[COLUMNS.index("own_season")] = seldom[product], 1.0
    last_year = text(rows["week"] - pd.Timedelta(days=364))
    wanted = [expected[key] for key in zip(last_year, rows["product"], strict=True)]
    np.testing.assert_allclose(rows[COLUMNS].to_numpy(), np.array(wanted), rtol=1e-9, atol=1e-12)
    assert set(rows["product"]) == {product for _, product in expected}


def test_every_product_of_the_last_year_has_a_row_for_every_week(
    plant: Any, rows: pd.DataFrame, origin: pd.Timestamp
) -> None:
    sold = plant.sales[(plant.sales["sold_on"] < origin) & (plant.sales["sold_on"] >= origin - pd.Timedelta(weeks=52))]
    weeks = [origin + pd.Timedelta(weeks=ahead) for ahead in range(26)]
    keys = [
        (origin, product, week, ahead)
        for product in sorted(sold["product"].unique())
        for ahead, week in enumerate(weeks, 1)
    ]
    assert list(rows[["origin", "product", "week", "horizon_weeks"]].itertuples(index=False, name=None)) == keys


def test_plant_volume_is_that_of_sql(plant: Any, rows: pd.DataFrame, origin: pd.Timestamp) -> None:
    expected = {
        week: rest for week, *rest in ask({"sales": plant.sales[["sold_on", "quantity_kg"]]}, OF_THE_PLANT, origin)
    }
    wanted = [expected[week] for week in text(rows["week"] - pd.Timedelta(days=364))]
    np.testing.assert_allclose(rows[["plant_season", "plant_mean_13"]].to_numpy(), np.array(wanted), rtol=1e-9)


@pytest.mark.parametrize("driver", ["temperature_c", "construction_index"])
def test_drivers_are_the_forecast_of_the_origin_and_its_change_from_the_published_year(
    plant: Any, rows: pd.DataFrame, origin: pd.Timestamp, driver: str
) -> None:
    tables = {
        "forecasts": plant.drivers[["origin", "week", driver]].rename(columns={driver: "value"}),
        "observed": plant.observed[["week", driver]].rename(columns={driver: "value"}),
    }
    expected = {week: rest for week, *rest in ask(tables, OF_THE_DRIVER, origin)}
    wanted = [expected[week] for week in text(rows["week"])]
    np.testing.assert_allclose(rows[[driver, f"{driver}_change"]].to_numpy(), np.array(wanted), rtol=1e-9, atol=1e-9)


def test_season_follows_the_day_of_the_year(rows: pd.DataFrame) -> None:
    for row in rows.itertuples():
        day = (row.week.date() - date(row.week.year - 1, 12, 31)).days
        turn = 2 * math.pi * day / 365.25
        assert (row.year_sin, row.year_cos) == pytest.approx((math.sin(turn), math.cos(turn)))
        assert (row.half_year_sin, row.half_year_cos) == pytest.approx((math.sin(2 * turn), math.cos(2 * turn)))


def test_usual_is_between_what_repeats_and_the_curve_and_never_nothing(rows: pd.DataFrame) -> None:
    for row in rows.itertuples():
        assert row.usual == pytest.approx(max(((row.own_season + row.plant_season) / 2 + row.curve) / 2, 0.05))


def test_the_curve_is_that_of_active_customers_and_of_what_repeats_where_sales_are_seldom(
    plant: Any, rows: pd.DataFrame, origin: pd.Timestamp
) -> None:
    """``demand_curve`` and ``active_share`` have oracles of their own."""
    year = plant.sales[plant.sales["sold_on"].between(origin - pd.Timedelta(weeks=52), origin - pd.Timedelta(days=1))]
    history = weekly_demand(plant.sales, origin)[sorted(year["product"].unique())]
    days_off = rows.groupby("week")["holidays"].first()
    free = known_holidays("KR", history.index[0], origin)
    before = [sum(week <= day < week + pd.Timedelta(days=6) for day in free) for week in history.index]
    curve = demand_curve(history, pd.concat([pd.Series(before, history.index), days_off]))
    active = active_share(weekly_purchases(plant.sales, origin), origin, 13)
    seldom = of_seldom_sold(plant.sales, origin)
    for row in rows.itertuples():
        repeated = (row.own_season + row.plant_season) / 2
        kg = curve.loc[row.week, row.product] * active.get(row.product, 1.0)
        assert row.curve == pytest.approx(repeated if row.product in seldom else kg / row.level_kg)


KOREAN_HOLIDAYS = {
    "2022-09-05": 2,  # Chuseok from Friday 9 to Sunday 11
    "2022-09-12": 1,  # its substitute on Monday
    "2023-01-02": 0,
    "2023-01-16": 1,  # Seollal from Saturday 21
    "2023-01-23": 2,  # to Monday, and its substitute on Tuesday
    "2024-02-05": 2,  # Seollal on Friday 9 and Saturday 10
    "2024-02-12": 1,  # its substitute
    "2024-04-29": 0,
}


@pytest.mark.parametrize(("week", "count"), KOREAN_HOLIDAYS.items())
def test_holidays_from_monday_to_saturday_count(plant: Any, week: str, count: int) -> None:
    monday = pd.Timestamp(week)
    origin = plant.origins.grid[plant.origins.grid <= monday][-1]
    rows = plant.builder().rows(origin, 26)
    assert set(rows.loc[rows["week"] == monday, "holidays"]) == {count}


def test_no_feature_is_left_without_an_oracle(rows: pd.DataFrame) -> None:
    """A new feature fails here until this file recomputes it."""
    drivers = [name + end for name in ("temperature_c", "construction_index") for end in ("", "_change")]
    season = ["year_sin", "year_cos", "half_year_sin", "half_year_cos", "holidays"]
    plant = ["plant_season", "plant_mean_13", "curve", "usual"]
    known = {*KEYS, *COLUMNS, *drivers, *season, *plant}
    assert set(rows.columns) == known
    assert not rows.isna().any(axis=None)


def test_a_training_row_is_the_row_that_is_served(plant: Any, builder: FeatureBuilder) -> None:
    """Serving holds the history before its origin and that origin's forecasts, and nothing else."""
    training = plant.origins.training(plant.origins.final, 4)
    trained = builder.training_rows(training, 26, plant.origins.final)
    for origin in (training[0], training[-7]):
        served = FeatureBuilder(
            weekly_demand(plant.sales, origin),
            plant.drivers[plant.drivers["origin"] == origin],
            plant.observed[plant.observed["week"] < origin],
            "KR",
            purchases=weekly_purchases(plant.sales, origin),
        ).rows(origin, 26)
        own = trained[trained["origin"] == origin].reset_index(drop=True)
        pd.testing.assert_frame_equal(own.drop(columns="actual_kg"), served, check_exact=True)


def test_outcomes_are_what_was_sold_and_end_with_what_is_known(plant: Any, builder: FeatureBuilder) -> None:
    until = plant.origins.holdout
    rows = builder.training_rows(plant.origins.training(until, 4), 26, until)
    assert rows["week"].max() == until - pd.Timedelta(weeks=1)
    assert (rows["origin"] < until).all()
    for row in rows.sample(40, random_state=1).itertuples():
        own = plant.sales[(plant.sales["product"] == row.product) & (plant.sales["sold_on"] >= row.week)]
        assert row.actual_kg == pytest.approx(
            own.loc[own["sold_on"] < row.week + timedelta(days=7), "quantity_kg"].sum()
        )


def test_weeks_to_come_have_no_outcome(plant: Any, builder: FeatureBuilder) -> None:
    assert builder.with_actuals(builder.rows(plant.origins.final, 26))["actual_kg"].isna().all()


@given(ahead=st.integers(0, 40), product=st.integers(0, 4), factor=st.sampled_from([0.0, 3.0, 1e6]))
@settings(max_examples=40, deadline=None)
def test_no_feature_is_a_function_of_its_target(plant: Any, ahead: int, product: int, factor: float) -> None:
    origin = plant.origins.selection[0]
    builder = plant.builder()
    week, before = origin + pd.Timedelta(weeks=ahead), builder.rows(origin, 26)
    history = builder.history.copy()
    history.loc[week, history.columns[product]] = history.loc[week].iloc[product] * factor + 17.0
    assert builder.purchases is not None
    purchases = builder.purchases.copy()
    later = (purchases["week"] == week) & (purchases["product"] == history.columns[product])
    purchases.loc[later, ["customer_code", "quantity_kg"]] = ["left", 17.0]
    spoilt = FeatureBuilder(history, plant.drivers, plant.observed, "KR", purchases=purchases)
    pd.testing.assert_frame_equal(spoilt.rows(origin, 26), before, check_exact=True)
    assert not spoilt.with_actuals(before)["actual_kg"].equals(builder.with_actuals(before)["actual_kg"]) or ahead > 25


def test_drivers_published_after_the_origin_change_nothing(plant: Any, builder: FeatureBuilder) -> None:
    """Monthly values may come out two months late, so those of the last nine weeks must not matter either."""
    origin = plant.origins.selection[0]
    observed, drivers = plant.observed.copy(), plant.drivers.copy()
    observed.loc[observed["week"] >= origin - pd.Timedelta(weeks=9), ["temperature_c", "construction_index"]] = 777.0
    drivers.loc[drivers["origin"] != origin, ["temperature_c", "construction_index"]] = 777.0
    spoilt = FeatureBuilder(builder.history, drivers, observed, "KR", purchases=builder.purchases)
    pd.testing.assert_frame_equal(spoilt.rows(origin, 26), builder.rows(origin, 26), check_exact=True)
    observed.loc[observed["week"] < origin - pd.Timedelta(weeks=9), "temperature_c"] = 777.0
    changed = FeatureBuilder(builder.history, drivers, observed, "KR", purchases=builder.purchases).rows(origin, 26)
    assert (changed["temperature_c_change"] != builder.rows(origin, 26)["temperature_c_change"]).all()


def test_rows_given_out_may_be_changed_without_harm(plant: Any, builder: FeatureBuilder) -> None:
    first = builder.rows(plant.origins.final, 26)
    first["mean_4"] = -1.0
    assert (builder.rows(plant.origins.final, 26)["mean_4"] >= 0).all()


def test_an_origin_without_a_year_behind_it_is_refused(plant: Any, builder: FeatureBuilder) -> None:
    with pytest.raises(
        HistoryTooShortError, match=r"origin 2022-02-28 has 51 weeks .* evaluation.minimum_history_weeks"
    ):
        builder.rows(pd.Timestamp("2022-02-28"), 26)


def test_no_origin_to_train_on_is_refused(plant: Any, builder: FeatureBuilder) -> None:
    with pytest.raises(HistoryTooShortError, match=r"no origin before 2022-03-21 .* evaluation.training_step_weeks"):
        builder.training_rows(pd.DatetimeIndex([]), 26, pd.Timestamp("2022-03-21"))
