"""New products get the past of products like them, at their own scale, and from nothing that came later."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.newcomers import before_first_sale, distances

SHARES = {
    "PEMA-SR1000": {"S": 0.9, "W": 0.1},
    "PEMA-HR 2": {"S": 0.1, "W": 0.9},
    "가속제": {"X": 1.0},
    "gone": {"X": 0.5, "W": 0.5},
    "twin": {"S": 0.85, "W": 0.15},
}
RECIPES = pd.DataFrame(
    [(product, code, share) for product, own in SHARES.items() for code, share in own.items()],
    columns=["product", "material_code", "share"],
)


@pytest.fixture(scope="module")
def launch(plant: Any) -> pd.Timestamp:
    return plant.origins.selection[-1] - pd.Timedelta(weeks=5)


@pytest.fixture(scope="module")
def sales(plant: Any, launch: pd.Timestamp) -> pd.DataFrame:
    """The plant's, with a twin of its largest product at a tenth of its size, launched five weeks before an origin."""
    of_twin = plant.sales[(plant.sales["product"] == "PEMA-SR1000") & (plant.sales["sold_on"] >= launch)]
    twin = of_twin.assign(product="twin", quantity_kg=of_twin["quantity_kg"] / 10)
    return pd.concat([plant.sales, twin], ignore_index=True)


def builder_of(plant: Any, sales: pd.DataFrame, recipes: pd.DataFrame | None = RECIPES) -> FeatureBuilder:
    history, purchases = weekly_demand(sales, plant.origins.final), weekly_purchases(sales, plant.origins.final)
    return FeatureBuilder(history, plant.drivers, plant.observed, "KR", recipes, purchases)


def test_distances_are_those_of_a_loop() -> None:
    found = distances(RECIPES)
    for one, own in SHARES.items():
        for other, theirs in SHARES.items():
            expected = sum(abs(own.get(code, 0) - theirs.get(code, 0)) for code in ("S", "W", "X")) / 2
            assert found.loc[one, other] == pytest.approx(expected)


def test_the_past_is_that_of_the_nearest_scaled_by_sales_since_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mixplan.demand.newcomers.LIKE_PRODUCTS", 3)
    weeks = pd.date_range("2023-01-02", periods=40, freq="W-MON")
    rng = np.random.default_rng(1)
    past = pd.DataFrame(rng.uniform(1, 9, (40, 5)), weeks, list(SHARES))
    past.loc[weeks[:36], "twin"] = 0.0
    filled = before_first_sale(past, distances(RECIPES))
    nearest = ["PEMA-SR1000", "PEMA-HR 2", "gone"]
    scale = past["twin"][36:].sum() / past[nearest][36:].sum().sum()
    for week in weeks[:36]:
        assert filled.loc[week, "twin"] == pytest.approx(scale * sum(past.loc[week, name] for name in nearest))
    pd.testing.assert_frame_equal(filled.drop(columns="twin"), past.drop(columns="twin"))
    pd.testing.assert_frame_equal(filled[36:], past[36:])


def test_products_that_are_not_new_or_have_nothing_alike_stay_as_they_are() -> None:
    weeks = pd.date_range("2023-01-02", periods=60, freq="W-MON")
    past = pd.DataFrame(1.0, weeks, ["PEMA-SR1000", "twin", "unknown"])
    past.loc[weeks[:33], "twin"] = 0.0
    past.loc[weeks[:57], "unknown"] = 0.0
    pd.testing.assert_frame_equal(before_first_sale(past, distances(RECIPES)), past)
    past.loc[weeks[:55], "twin"] = 0.0
    past.loc[weeks[55:], "PEMA-SR1000"] = 0.0
    pd.testing.assert_frame_equal(before_first_sale(past, distances(RECIPES)), past)


def test_a_twin_that_is_five_weeks_old_is_forecast_at_its_size(
    plant: Any, sales: pd.DataFrame, evaluation: EvaluationConfig, make: Any
) -> None:
    origin = plant.origins.selection[-1]
    sizes = {}
    for how, recipes in (("like", RECIPES), ("alone", None)):
        builder = builder_of(plant, sales, recipes)
        model = fit_at(origin, builder, make("SeasonalAverage"), plant.origins, evaluation, 0.8, 7)
        ahead = forecast(model, builder, origin, 26)
        sizes[how] = ahead[ahead["product"] == "twin"][["prediction_kg", "actual_kg"]].sum()
    assert sizes["like"]["prediction_kg"] == pytest.approx(sizes["like"]["actual_kg"], rel=0.3)
    assert sizes["alone"]["prediction_kg"] < 0.9 * sizes["like"]["prediction_kg"]


def test_nothing_after_an_origin_reaches_a_new_product(plant: Any, sales: pd.DataFrame, launch: pd.Timestamp) -> None:
    """Later sales change no row, and an origin before the launch has no row of it at all."""
    origin = plant.origins.selection[-1]
    later = sales["sold_on"] >= origin
    spoilt = sales.assign(quantity_kg=sales["quantity_kg"].where(~later, 5e6))
    rows = builder_of(plant, sales).rows(origin, 26)
    pd.testing.assert_frame_equal(builder_of(plant, spoilt).rows(origin, 26), rows, check_exact=True)
    before = plant.origins.grid[plant.origins.grid < launch][-1]
    assert "twin" not in set(builder_of(plant, sales).rows(before, 26)["product"])


def test_outcomes_are_never_filled(plant: Any, sales: pd.DataFrame) -> None:
    builder, origin = builder_of(plant, sales), plant.origins.selection[-1]
    rows = builder.with_actuals(builder.rows(origin, 26))
    expected = [builder.history.loc[row.week, row.product] for row in rows.itertuples()]
    assert rows["actual_kg"].tolist() == expected
