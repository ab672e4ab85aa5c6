"""What moves the simulated demand, and in which direction: each effect against the same plant without it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.sources.sample import Catalogue, Plant, simulate
from mixplan.sources.sample.construction import simulate_construction
from mixplan.sources.sample.randomness import generator
from mixplan.sources.sample.workdays import workday_factor

from .conftest import SMALL, simulation


def weekly(frame: pd.DataFrame, date: str, **columns: str) -> pd.DataFrame:
    """Weekly sums or means of columns, by the Monday's week."""
    return frame.set_index(date).resample("W-SUN").agg(columns)


def test_snow_and_frost_lower_a_weeks_volume(full_plant: Plant) -> None:
    volume = weekly(full_plant.sales, "sold_on", quantity_kg="sum")["quantity_kg"]
    weather = weekly(full_plant.weather, "date", snow_cm="mean", temperature_c="mean", rain_mm="mean")
    winter = weather.index.month.isin([12, 1, 2])
    joined = weather.assign(volume=np.log(volume))[winter].dropna()
    assert joined["volume"].corr(joined["snow_cm"]) < -0.1
    assert joined["volume"].corr(joined["temperature_c"]) > 0.1


@pytest.mark.parametrize(("effect", "column"), [("rain", "rain_mm"), ("snow", "snow_cm")])
def test_wet_days_sell_less_where_the_effect_is_on(effect: str, column: str, catalogue: Catalogue) -> None:
    """The expected demand with the effect over that without it falls with what comes down that day."""
    quiet = {"rain": 0.0, "snow": 0.0}
    without = simulate(simulation(**SMALL, effects=quiet), catalogue, seed=5)
    having = simulate(simulation(**SMALL, effects=quiet | {effect: 0.5}), catalogue, seed=5)
    ratio = np.log(daily_expectation(having) / daily_expectation(without))
    fallen = having.weather.groupby("date")[column].mean()
    assert ratio.corr(fallen) < -0.8


def daily_expectation(plant: Plant) -> pd.Series:
    """Expected kg by day."""
    by_day: pd.Series = plant.expected_demand.groupby("date")["quantity_kg"].sum()
    return by_day


def test_construction_starts_raise_volume_two_months_later(full_plant: Plant) -> None:
    month = full_plant.sales["sold_on"].dt.to_period("M").dt.to_timestamp()
    volume = np.log(full_plant.sales.groupby(month)["quantity_kg"].sum())
    starts = np.log(full_plant.construction.set_index("month")["construction_index"])
    assert volume.corr(starts.shift(2)) > 0.3
    assert volume.corr(starts.shift(2)) > volume.corr(starts)


def test_closed_days_sell_hardly_anything(full_plant: Plant) -> None:
    by_day = full_plant.sales.groupby("sold_on")["quantity_kg"].sum()
    by_day = by_day.reindex(pd.date_range("2019-01-01", "2024-06-30"), fill_value=0.0)
    weekday = pd.DatetimeIndex(by_day.index).dayofweek
    working = by_day[weekday < 5].mean()
    assert by_day[weekday == 6].mean() < 0.15 * working
    assert 0.4 * working < by_day[weekday == 5].mean() < 0.8 * working
    assert by_day["2023-09-28":"2023-09-30"].mean() < 0.2 * working, "Chuseok"


def test_a_working_day_between_closed_days_counts_half() -> None:
    days = pd.date_range("2024-08-12", "2024-08-18")  # Thursday the 15th is Liberation Day
    factor = workday_factor(days, simulation().effects)
    assert factor[3] == factor[6] == 0.06
    assert factor[4] == pytest.approx(0.98), "a Saturday is a working day, so there is no bridge"


def test_winter_and_summer_products_have_their_seasons(full_plant: Plant) -> None:
    sales = full_plant.sales
    winter = sales[sales["sold_on"].dt.month.isin([12, 1, 2])]
    share = winter.groupby("product")["quantity_kg"].sum() / sales.groupby("product")["quantity_kg"].sum()
    assert share["MPA-HR1000W"] > 1.5 * share["MPA-HR1000"]
    assert share["MPA-HR1500S"] < 0.7 * share["MPA-HR1500"]


def test_a_forecast_has_something_to_win(full_plant: Plant) -> None:
    """Four-week blocks by product: knowing the expectation is far better than the usual rules, yet not perfect."""
    kg = full_plant.sales.groupby(["sold_on", "product"])["quantity_kg"].sum().unstack(fill_value=0.0)
    kg = kg.reindex(pd.date_range("2019-01-01", "2024-06-30"), fill_value=0.0)
    expected = full_plant.expected_demand.pivot_table(index="date", columns="product", values="quantity_kg")

    def blocks(frame: pd.DataFrame) -> pd.DataFrame:
        weeks = frame.resample("W-SUN").sum().iloc[1:]
        return weeks.rolling(4).sum()

    actual, best = blocks(kg), blocks(expected)[kg.columns]
    mean_of_quarter = actual.rolling(13 - 3).mean().shift(4)  # the mean of ten blocks that end before this one
    forecasts = {"best": best, "last_quarter": mean_of_quarter, "last_year": actual.shift(52)}
    scored = actual.iloc[104::4]
    wape = {
        name: (one.loc[scored.index] - scored).abs().sum().sum() / scored.sum().sum() for name, one in forecasts.items()
    }
    assert 0.07 < wape["best"] < 0.17
    assert 0.22 < wape["last_quarter"] < 0.38
    assert 0.25 < wape["last_year"] < 0.45


def test_neighbours_share_their_tastes(full_plant: Plant) -> None:
    """Customers of one trade, named in their names, buy more alike than those of different trades."""
    bought = full_plant.sales.groupby(["customer_code", "product"]).size().unstack(fill_value=0) > 0
    trade = full_plant.customers.set_index("customer_code")["customer_name"].str[-2:].reindex(bought.index)
    likeness = np.corrcoef(bought.to_numpy(dtype=float))
    same = trade.to_numpy()[:, None] == trade.to_numpy()[None, :]
    apart = ~np.eye(len(same), dtype=bool)
    assert likeness[same & apart].mean() > likeness[~same].mean() + 0.1


def test_customers_come_and_go(full_plant: Plant) -> None:
    days = full_plant.sales.groupby("customer_code")["sold_on"].agg(["min", "max"])
    assert (days["min"] > "2019-06-30").sum() >= 5
    assert (days["max"] < "2023-12-31").sum() >= 5


def test_prices_drift_and_differ_by_customer(full_plant: Plant) -> None:
    sales = full_plant.sales[full_plant.sales["product"] == "MPA-HR1000"]
    by_year = sales.groupby(sales["sold_on"].dt.year)["unit_price_krw"].mean()
    assert by_year.iloc[-1] > 1.03 * by_year.iloc[0]
    by_customer = sales[sales["sold_on"].dt.year == 2023].groupby("customer_code")["unit_price_krw"].mean()
    assert by_customer.max() / by_customer.min() > 1.05


@pytest.mark.parametrize("changes", [{}, {"first_day": "2020-02-15", "last_day": "2022-03-10"}])
def test_rain_and_snow_come_in_spells_and_snow_only_in_frost(changes: dict[str, Any], catalogue: Catalogue) -> None:
    weather = simulate(simulation(**SMALL | changes), catalogue, seed=5).weather
    assert weather.loc[weather["snow_cm"] > 0.0, "temperature_c"].max() < 2.0
    assert weather["humidity_pct"].between(0.0, 100.0).all()
    wet = weather["rain_mm"] > 0.0
    yesterday = wet.groupby(weather["region"]).shift(1, fill_value=False)
    assert wet[yesterday].mean() > 1.5 * wet[~yesterday].mean()


def test_the_construction_index_is_relative_to_its_first_year() -> None:
    index = simulate_construction(generator(3, "test"), pd.date_range("2019-01-01", periods=60, freq="MS"))
    assert index["construction_index"].iloc[:12].mean() == pytest.approx(1.0, abs=1e-3)
    by_month = index.groupby(index["month"].dt.month)["construction_index"].mean()
    assert by_month.loc[1] < by_month.loc[6]
