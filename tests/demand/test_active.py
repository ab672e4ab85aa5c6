"""What the customers of today stand for, against a plain loop, and what it does to a forecast."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.active import active_share, weekly_purchases
from mixplan.demand.backtest import fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand

ORIGIN = pd.Timestamp("2024-01-01")
WEEK = pd.Timedelta(weeks=1)
LOADS = st.lists(
    st.tuples(st.integers(1, 130), st.sampled_from("AB"), st.sampled_from("xyz"), st.floats(1.0, 900.0)),
    min_size=1,
    max_size=40,
    unique_by=lambda load: load[:3],
)
"""Weeks before the origin, product, customer and kilograms."""


def frame(loads: list[tuple[int, str, str, float]]) -> pd.DataFrame:
    rows = [(ORIGIN - back * WEEK, product, customer, kg) for back, product, customer, kg in loads]
    return pd.DataFrame(rows, columns=["week", "product", "customer_code", "quantity_kg"])


@given(LOADS)
@settings(max_examples=200, deadline=None)
def test_shares_are_those_of_a_loop(loads: list[tuple[int, str, str, float]]) -> None:
    active = {customer for back, _, customer, _ in loads if back <= 8}
    expected = {}
    for wanted in {product for back, product, _, _ in loads if back <= 52}:
        own = [(back, customer, kg) for back, product, customer, kg in loads if product == wanted]
        longest = min(max(8, *(back for back, _, _ in own)), 52)
        every = sum(kg for back, _, kg in own if back <= 52)
        a_week = 0.0
        for customer in active:
            since = max((back for back, buyer, _ in own if buyer == customer), default=52)
            weeks = max(min(since, 52), 8)
            counted = [back for back in range(1, 53) if back != since or weeks == longest]
            a_week += sum(kg for back, buyer, kg in own if buyer == customer and back in counted) / weeks
        expected[wanted] = max(a_week * longest / every, 0.05) if active else 1.0
    assert active_share(frame(loads), ORIGIN).to_dict() == pytest.approx(expected)


@given(LOADS, st.floats(0.1, 50.0))
@settings(max_examples=50, deadline=None)
def test_shares_have_no_unit_and_no_future(loads: list[tuple[int, str, str, float]], factor: float) -> None:
    past = frame(loads)
    expected = active_share(past, ORIGIN)
    later = past.assign(week=ORIGIN, quantity_kg=1e6)
    scaled = past.assign(quantity_kg=past["quantity_kg"] * factor)
    pd.testing.assert_series_equal(active_share(pd.concat([scaled, later]), ORIGIN), expected)


def test_purchases_are_the_sums_of_days() -> None:
    sales = pd.DataFrame(
        {
            "sold_on": pd.to_datetime(["2024-01-01", "2024-01-07", "2024-01-07", "2024-01-08"]),
            "product": "A",
            "customer_code": ["x", "x", "y", "x"],
            "quantity_kg": [1.0, 2.0, 4.0, 8.0],
        }
    )
    found = weekly_purchases(sales, pd.Timestamp("2024-01-08")).to_dict("list")
    assert (found["customer_code"], found["quantity_kg"]) == (["x", "y"], [3.0, 4.0])
    assert set(found["week"]) == {pd.Timestamp("2024-01-01")}


def forecast_kg(plant: Any, sales: pd.DataFrame, evaluation: EvaluationConfig, candidate: Any, told: bool) -> float:
    """Half a year of the largest product from the last selection origin on."""
    origin = plant.origins.selection[-1]
    history, purchases = (of(sales, plant.origins.final) for of in (weekly_demand, weekly_purchases))
    known = purchases if told else None
    builder = FeatureBuilder(history, plant.drivers, plant.observed, "KR", purchases=known)
    model = fit_at(origin, builder, candidate, plant.origins, evaluation, 0.8, 7)
    ahead = forecast(model, builder, origin, 26)
    return float(ahead.loc[ahead["product"] == "PEMA-SR1000", "prediction_kg"].sum())


def test_a_customer_that_left_is_forecast_as_one_that_never_was(
    plant: Any, evaluation: EvaluationConfig, make: Any
) -> None:
    """A third of the largest product's orders is of one that left ten weeks before the origin."""
    third = (plant.sales["product"] == "PEMA-SR1000") & (np.random.default_rng(2).random(len(plant.sales)) < 1 / 3)
    sales = plant.sales.assign(customer_code=np.where(third, "left", "stays"))
    left = sales[~third | (sales["sold_on"] < plant.origins.selection[-1] - 10 * WEEK)]
    setting = (evaluation, make("SeasonalAverage"))
    never = forecast_kg(plant, sales[~third], *setting, told=True)
    assert forecast_kg(plant, left, *setting, told=True) == pytest.approx(never, rel=0.1)
    assert forecast_kg(plant, left, *setting, told=False) > 1.2 * never


def test_features_are_the_same_where_every_customer_stays(plant: Any) -> None:
    one = plant.sales.assign(customer_code="C1")
    history = weekly_demand(plant.sales, plant.origins.final)
    rows = [
        FeatureBuilder(history, plant.drivers, plant.observed, "KR", purchases=known).rows(plant.origins.holdout, 26)
        for known in (None, weekly_purchases(one, plant.origins.final))
    ]
    pd.testing.assert_frame_equal(*rows)


def test_baselines_do_not_move_with_customers(plant: Any, evaluation: EvaluationConfig, make: Any) -> None:
    """The same week of last year, and the mean of three months, are what they are whoever bought."""
    origin, history = plant.origins.selection[-1], weekly_demand(plant.sales, plant.origins.final)
    for name in ("SeasonalNaive", "Planner"):
        ahead = []
        for known in (None, weekly_purchases(plant.sales, plant.origins.final)):
            builder = FeatureBuilder(history, plant.drivers, plant.observed, "KR", purchases=known)
            model = fit_at(origin, builder, make(name), plant.origins, evaluation, 0.8, 7)
            ahead.append(forecast(model, builder, origin, 26)["prediction_kg"])
        pd.testing.assert_series_equal(*ahead)
