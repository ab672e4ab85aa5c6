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


def test_construction_starts_raise_volume_months_later(catalogue: Catalogue) -> None:
    """The log of expected demand rises by the elasticity times the log of the starts two and three months before."""
    without = simulate(simulation(**SMALL, effects={"construction": 0.0}), catalogue, seed=5)
    having = simulate(simulation(**SMALL, effects={"construction": 0.7}), catalogue, seed=5)
    rise = np.log(daily_expectation(having) / daily_expectation(without)).resample("MS").mean()
    starts = np.log(having.construction.set_index("month")["construction_index"])
    lagged = ((starts.shift(2) + starts.shift(3)) / 2.0).dropna()
    slope = np.polyfit(lagged, rise[lagged.index], 1)[0]
    assert slope == pytest.approx(0.7, abs=0.01)


def test_closed_days_sell_hardly_anything(full_plant: Plant) -> None:
    by_day = full_plant.sales.groupby("sold_on")["quantity_kg"].sum()
    by_day = by_day.reindex(pd.date_range("2019-01-01", "2024-06-30"), fill_value=0.0)
    weekday = pd.DatetimeIndex(by_day.index).dayofweek
    working = by_day[weekday < 5].mean()
    assert by_day[weekday == 6].mean() < 0.15 * working
    assert 0.4 * working < by_day[weekday == 5].mean() < 0.8 * working
    assert by_day["2023-09-28":"2023-09-30"].mean() < 0.2 * working, "Chuseok"


def test_a_working_day_between_closed_days_counts_half() -> None:
    days = pd.date_range("2022-02-26", "2022-03-02")  # Saturday to Wednesday; Tuesday is Independence Movement Day
    factor = workday_factor(days, simulation().effects)
    assert factor.tolist() == pytest.approx([0.6, 0.06, 0.95 / 2.0, 0.06, 1.06])


def test_winter_and_summer_products_have_their_seasons(full_plant: Plant) -> None:
    sales = full_plant.sales
    winter = sales[sales["sold_on"].dt.month.isin([12, 1, 2])]
    share = winter.groupby("product")["quantity_kg"].sum() / sales.groupby("product")["quantity_kg"].sum()
    assert share["MPA-HR1000W"] > 1.5 * share["MPA-HR1000"]
    assert share["MPA-HR1500S"] < 0.7 * share["MPA-HR1500"]


def test_a_forecast_has_something_to_win(full_plant: Plant) -> None:
    """Four weeks ahead by product: the usual rules err by a quarter and more, the expectation itself far less."""
    sold = weeks_by_product(full_plant.sales.rename(columns={"sold_on": "date"}))
    expected = weeks_by_product(full_plant.expected_demand)
    actual = sold.rolling(4).sum()
    scored = actual.index[104::4]

    def wape(forecast: pd.DataFrame) -> float:
        errors = (forecast.loc[scored] - actual.loc[scored]).abs()
        return float(errors.to_numpy().sum() / actual.loc[scored].to_numpy().sum())

    assert 0.07 < wape(expected.rolling(4).sum()) < 0.15
    assert 0.22 < wape(4.0 * sold.rolling(13).mean().shift(4)) < 0.35
    assert 0.25 < wape(actual.shift(52)) < 0.42


def weeks_by_product(frame: pd.DataFrame) -> pd.DataFrame:
    """Complete weeks of kg (weeks, products)."""
    kg = frame.pivot_table(index="date", columns="product", values="quantity_kg", aggfunc="sum", fill_value=0.0)
    return kg.resample("W-SUN").sum().iloc[1:]


def test_neighbours_share_their_tastes(full_plant: Plant) -> None:
    """Customers of one trade, named in their names, buy more alike than those of different trades."""
    bought = pd.crosstab(full_plant.sales["customer_code"], full_plant.sales["product"]) > 0
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
