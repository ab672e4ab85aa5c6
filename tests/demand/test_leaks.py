"""From the mart's tables to the forecast: nothing of an origin changes with what came to be known after it.

The suite walks over all candidates that the configuration can name and over everything that a forecast is made of. Each
world is the mart as it is, with other values after the origin.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.demand import ClassesConfig, DemandCandidate
from mixplan.config.drivers import Climatology, DriversConfig, SeriesConfig
from mixplan.config.evaluation import EvaluationConfig, OriginSelectConfig
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import fit_at, forecast
from mixplan.demand.classes import product_classes
from mixplan.demand.days import shares_by_day
from mixplan.demand.features import KEYS, FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.public_holidays import known_holidays
from mixplan.demand.shares import shares_of_last_year
from mixplan.drivers.backtest import backtest as backtest_drivers
from mixplan.drivers.history import driver_series
from mixplan.drivers.weekly import weekly_drivers, weekly_observed
from mixplan.evaluation.origins import Origins

SEED, HORIZON = 7, 26
CLIMATOLOGY = Climatology(target="mixplan.drivers.climatology.Climatology", harmonics=1)
LAG = pd.Timedelta(days=30)
"""Between the end of a month and the day on which its construction is published."""
DRIVERS = DriversConfig(
    interval=0.8,
    select=OriginSelectConfig(metric="r2", tie_margin=0.01, level=0.1),
    bands={"D": (7,), "MS": (30,)},
    simplicity=("climatology",),
    series={
        "temperature_c": SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3),
        "rain_mm": SeriesConfig(frequency="D", minimum=0.0, maximum=None, publication_lag_days=0, longest_gap=3),
        "construction_index": SeriesConfig(
            frequency="MS", minimum=0.0, maximum=None, publication_lag_days=LAG.days, longest_gap=1
        ),
    },
    events={},
    candidates={},
)


@dataclass(frozen=True)
class Mart:
    """The tables that a demand forecast is made of."""

    sales: pd.DataFrame
    weather: pd.DataFrame
    construction: pd.DataFrame


Change = Callable[[Mart, pd.Timestamp], Mart]


def sales_later(mart: Mart, origin: pd.Timestamp) -> Mart:
    """Other quantities, other regions, and days without any sale."""
    rng, later = np.random.default_rng(1), mart.sales["sold_on"] >= origin
    sales = mart.sales.assign(
        quantity_kg=mart.sales["quantity_kg"].mask(later, rng.lognormal(9.0, 2.0, len(later))),
        region=mart.sales["region"].mask(later, "강원도"),
    )
    return replace(mart, sales=sales[~later | (rng.random(len(later)) < 0.8)].reset_index(drop=True))


def first_sale_later(mart: Mart, origin: pd.Timestamp) -> Mart:
    """What was sold for the first time three weeks after the origin is sold much later, and under two names."""
    fresh = mart.sales["product"] == "fresh"
    sales = mart.sales.assign(
        sold_on=mart.sales["sold_on"].mask(fresh, mart.sales["sold_on"] + pd.Timedelta(weeks=30)),
        product=mart.sales["product"].mask(fresh & (mart.sales.index % 2 == 0), "a stranger"),
    )
    return replace(mart, sales=sales)


def customers_later(mart: Mart, origin: pd.Timestamp) -> Mart:
    """Those that bought until then never come back, and a stranger buys their share of one product."""
    later = (mart.sales["sold_on"] >= origin) & (mart.sales["product"] == "PEMA-SR1000")
    sales = mart.sales.assign(customer_code=mart.sales["customer_code"].mask(later, "a stranger"))
    return replace(mart, sales=sales[(sales["sold_on"] < origin) | later].reset_index(drop=True))


def last_sale_earlier(mart: Mart, origin: pd.Timestamp) -> Mart:
    """The largest product is never sold again."""
    gone = (mart.sales["sold_on"] >= origin) & (mart.sales["product"] == "PEMA-SR1000")
    return replace(mart, sales=mart.sales[~gone].reset_index(drop=True))


def weather_later(mart: Mart, origin: pd.Timestamp) -> Mart:
    names, later = ["temperature_c", "rain_mm"], mart.weather["date"] >= origin
    changed = mart.weather[names].mask(later, [-40.0, 300.0], axis=1)
    return replace(mart, weather=mart.weather.assign(**changed))


def construction_later(mart: Mart, origin: pd.Timestamp) -> Mart:
    """Months before the origin too, where they were published after it."""
    published = mart.construction["month"] + pd.offsets.MonthBegin(1) + LAG
    index = mart.construction["construction_index"].mask(published > origin, 500.0)
    assert (published > origin)[mart.construction["month"] < origin].sum() == 2
    return replace(mart, construction=mart.construction.assign(construction_index=index))


CHANGES: list[Change] = [
    sales_later,
    first_sale_later,
    customers_later,
    last_sale_earlier,
    weather_later,
    construction_later,
]
RECIPES = pd.DataFrame(
    [("PEMA-SR1000", "S", 1.0), ("PEMA-HR 2", "T", 1.0), ("new", "S", 0.5), ("new", "T", 0.5), ("fresh", "S", 1.0)],
    columns=["product", "material_code", "share"],
)
"""By which the product that is new after the origin is like the largest."""


@pytest.fixture(scope="module")
def origin(plant: Any) -> pd.Timestamp:
    """The first selection origin: most of what is known today came after it."""
    day: pd.Timestamp = plant.origins.selection[0]
    return day


@pytest.fixture(scope="module")
def mart(plant: Any, origin: pd.Timestamp) -> Mart:
    """The small plant with a product that is new after the origin, daily weather of two regions, and construction."""
    rng = np.random.default_rng(8)
    days = pd.date_range("2020-06-01", plant.origins.final - pd.Timedelta(days=1), name="date")
    season = 13.0 - 12.0 * np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 20) / 365.25)
    weather = pd.concat(
        [
            pd.DataFrame(
                {
                    "date": days,
                    "region": region,
                    "temperature_c": season + rng.normal(0.0, 3.0, len(days)),
                    "rain_mm": rng.gamma(0.2, 20.0, len(days)),
                }
            )
            for region in ("서울", "인천")
        ],
        ignore_index=True,
    )
    months = pd.date_range("2020-06-01", plant.origins.final - LAG, freq="MS", name="month")
    construction = pd.DataFrame({"month": months, "construction_index": 100.0 + rng.normal(0.0, 9.0, len(months))})
    fresh = pd.DataFrame(
        {
            "sold_on": pd.bdate_range(origin + pd.Timedelta(weeks=3), periods=60),
            "product": "fresh",
            "region": "서울",
            "customer_code": "C1",
            "quantity_kg": 800.0,
        }
    )
    return Mart(pd.concat([plant.sales, fresh], ignore_index=True), weather, construction)


@pytest.fixture(scope="module")
def world(plant: Any, mart: Mart, origin: pd.Timestamp, evaluation: EvaluationConfig) -> Callable[..., FeatureBuilder]:
    """The features of the mart, as it is or changed, by the stages' own way from the tables."""

    @cache
    def of(change: Change | None = None) -> FeatureBuilder:
        changed, origins = change(mart, origin) if change else mart, plant.origins
        series = driver_series(changed.weather, changed.construction, DRIVERS.series).series
        daily = backtest_drivers(CLIMATOLOGY, series, origins, DRIVERS, 7 * HORIZON, SEED).predictions
        weekly = weekly_drivers(daily[daily["origin"].isin(origins.grid)])
        history = weekly_demand(changed.sales, origins.final)
        purchases = weekly_purchases(changed.sales, origins.final)
        return FeatureBuilder(history, weekly, weekly_observed(series), "KR", RECIPES, purchases)

    return of


@pytest.fixture(scope="module")
def model_of(
    candidate: DemandCandidate,
    plant: Any,
    origin: pd.Timestamp,
    evaluation: EvaluationConfig,
    world: Callable[..., FeatureBuilder],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., tuple[Path, pd.DataFrame]]:
    """The files of the model of the origin and its forecast without the outcomes, in a world."""

    @cache
    def of(change: Change | None = None) -> tuple[Path, pd.DataFrame]:
        folder, origins = tmp_path_factory.mktemp("model"), plant.origins
        model = fit_at(origin, world(change), candidate, origins, evaluation, 0.8, SEED)
        model.save(folder)
        return folder, forecast(model, world(change), origin, HORIZON).drop(columns="actual_kg")

    return of


def rows_of(builder: FeatureBuilder, origins: Origins, origin: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What is forecast and what is learnt from; products that nobody had bought yet have columns that say nothing."""
    known = {
        "asked": builder.rows(origin, HORIZON),
        "taught": builder.training_rows(origins.training(origin, 4), HORIZON, origin),
    }
    return {what: rows.loc[:, ~rows.columns.isin(silent(rows))] for what, rows in known.items()}


def silent(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in KEYS and name.startswith("is_") and not rows[name].any()]


@pytest.mark.parametrize("change", CHANGES)
def test_no_feature_or_lesson_changes_with_what_came_later(
    change: Change, plant: Any, origin: pd.Timestamp, world: Callable[..., FeatureBuilder]
) -> None:
    as_it_was, after = (rows_of(world(which), plant.origins, origin) for which in (None, change))
    for what, rows in as_it_was.items():
        pd.testing.assert_frame_equal(after[what], rows, check_exact=True)


@pytest.mark.parametrize("change", CHANGES)
def test_no_parameter_or_forecast_changes_with_what_came_later(
    change: Change, model_of: Callable[..., tuple[Path, pd.DataFrame]]
) -> None:
    (before, expected), (after, found) = model_of(), model_of(change)
    assert sha256_of(after) == sha256_of(before)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("change", CHANGES)
def test_no_class_or_share_changes_with_what_came_later(change: Change, mart: Mart, origin: pd.Timestamp) -> None:
    changed, config = change(mart, origin), ClassesConfig(volume=(0.8, 0.95), variation=(0.5, 1.0))
    for of in (
        lambda sales: product_classes(weekly_demand(sales, origin), origin, config),
        lambda sales: shares_of_last_year(sales, "region", origin),
        lambda sales: shares_of_last_year(sales, "customer_code", origin),
        lambda sales: shares_by_day(sales, origin, HORIZON, "KR"),
    ):
        pd.testing.assert_frame_equal(of(changed.sales), of(mart.sales), check_exact=True)


@pytest.mark.parametrize("change", CHANGES)
def test_the_changes_are_ones_that_later_origins_see(
    change: Change, plant: Any, world: Callable[..., FeatureBuilder]
) -> None:
    """Otherwise a test above could not fail."""
    later = plant.origins.final
    as_it_was, after = (world(which).rows(later, HORIZON) for which in (None, change))
    assert not as_it_was.equals(after)


def test_a_change_before_the_origin_changes_forecasts(
    model_of: Callable[..., tuple[Path, pd.DataFrame]],
) -> None:
    def sales_before(mart: Mart, origin: pd.Timestamp) -> Mart:
        known = mart.sales["sold_on"] < origin
        return replace(
            mart, sales=mart.sales.assign(quantity_kg=mart.sales["quantity_kg"].mask(known, lambda kg: kg * 2.0))
        )

    (_, expected), (_, found) = model_of(), model_of(sales_before)
    assert (found["prediction_kg"] != expected["prediction_kg"]).mean() > 0.5


def test_a_holiday_that_is_decreed_later_is_not_known(plant: Any, builder: FeatureBuilder) -> None:
    """Monday 2 October 2023 was decreed on 5 September; Tuesday 3 October is a holiday by law."""
    origin, week = plant.origins.holdout, pd.Timestamp("2023-10-02")
    assert origin < pd.Timestamp("2023-09-05")
    rows = builder.rows(origin, HORIZON)
    assert set(rows.loc[rows["week"] == week, "holidays"]) == {1}


def test_a_holiday_by_a_later_law_is_known_from_that_law_on(plant: Any, builder: FeatureBuilder) -> None:
    """It is the only one of its week; rows are all that a candidate gets to see."""
    since, monday = pd.Timestamp("2023-05-04"), pd.Timestamp("2023-05-29")
    grid = plant.origins.grid
    origins = grid[(grid > monday - pd.Timedelta(weeks=HORIZON)) & (grid <= monday)]
    assert (origins < since).any()
    assert (origins >= since).any()
    for origin in origins:
        rows = builder.rows(origin, HORIZON)
        assert set(rows.loc[rows["week"] == monday, "holidays"]) == {int(origin >= since)}


@pytest.mark.parametrize(("made_free", "since"), [("2021-08-16", "2021-07-07"), ("2021-10-11", "2021-07-07")])
def test_a_holiday_that_is_over_is_known(made_free: str, since: str) -> None:
    day, law = pd.Timestamp(made_free), pd.Timestamp(since)
    asked = partial(known_holidays, "KR", pd.Timestamp("2021-01-01"), pd.Timestamp("2021-12-31"))
    assert day not in asked(law - pd.Timedelta(days=1))
    assert day in asked(law)
    assert day in asked(day + pd.Timedelta(days=1))
