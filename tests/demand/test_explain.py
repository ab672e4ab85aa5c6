"""What moved a forecast adds up to it, and is what each kind of model says it is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.config.demand import DemandCandidate
from mixplan.demand.explain import explain
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import horizon_month
from mixplan.demand.model import DemandModel

SEED = 7


@pytest.fixture(scope="module")
def ahead(plant: Any, builder: FeatureBuilder) -> pd.DataFrame:
    return builder.rows(plant.origins.final, 26)


def fit(candidate: DemandCandidate, plant: Any, builder: FeatureBuilder) -> DemandModel:
    final = plant.origins.final
    rows = builder.training_rows(plant.origins.training(final, 4), 26, final)
    return DemandModel(candidate, 0.8, SEED).fit(rows, final - pd.Timedelta(weeks=26))


def test_parts_of_every_product_and_month_add_up_to_the_forecast(
    candidate: DemandCandidate, plant: Any, builder: FeatureBuilder, ahead: pd.DataFrame, tmp_path: Any
) -> None:
    """For each registered candidate, as fitted and as read again."""
    fit(candidate, plant, builder).save(tmp_path)
    model = DemandModel.load(tmp_path)
    rows = ahead.assign(mean_13=ahead["mean_13"] - 2.0)  # far enough below for the linear ones to end at zero
    for asked in (ahead, rows):
        parts = explain(model, asked)
        kilograms = model.predict(asked)["prediction_kg"]
        expected = kilograms.groupby([asked["product"], horizon_month(asked["horizon_weeks"]).rename("month")]).sum()
        found = parts.groupby(["product", "month"])["contribution_kg"].sum()
        np.testing.assert_allclose(found, expected.loc[found.index], rtol=1e-5, atol=0.01)
        assert len(found) == len(expected)
        assert not parts.duplicated(["product", "month", "part"]).any()


def test_the_seasonal_average_is_level_seasons_curve_and_growth(
    make: Any, plant: Any, builder: FeatureBuilder, ahead: pd.DataFrame
) -> None:
    model = fit(make("SeasonalAverage"), plant, builder)
    parts = explain(model, ahead)
    assert set(parts["part"]) == {"level", "own_season", "plant_season", "curve", "growth"}
    first = ahead[(ahead["product"] == "new") & (ahead["horizon_weeks"] <= 4)]
    found = parts[(parts["product"] == "new") & (parts["month"] == 1)].set_index("part")["contribution_kg"]
    assert found["level"] == pytest.approx(4 * first["level_kg"].iloc[0])
    assert found["own_season"] == pytest.approx(((first["own_season"] - 1) / 4 * first["level_kg"]).sum())
    assert found["plant_season"] == pytest.approx(((first["plant_season"] - 1) / 4 * first["level_kg"]).sum())
    leant = model.regressor.height * model.regressor.lean * (first["curve"] - first["usual"])
    assert found["curve"] == pytest.approx((((first["curve"] - 1) / 2 + leant) * first["level_kg"]).sum())


def test_a_tree_that_splits_on_one_feature_is_moved_by_it_alone(
    make: Any, plant: Any, builder: FeatureBuilder, ahead: pd.DataFrame
) -> None:
    model = fit(make("DecisionTreeRegressor").model_copy(update={"max_depth": 1}), plant, builder)
    model.trust = 1.0
    split = model.features[model.regressor.tree_.feature[0]]
    moved = set(explain(model, ahead)["part"]) - {"level", "own_season", "plant_season", "curve", "growth"}
    assert moved == {split} - {"own_season", "plant_season", "curve"}


def test_a_planner_is_explained_by_the_last_13_weeks(
    make: Any, plant: Any, builder: FeatureBuilder, ahead: pd.DataFrame
) -> None:
    assert set(explain(fit(make("Planner"), plant, builder), ahead)["part"]) == {"level", "mean_13"}
