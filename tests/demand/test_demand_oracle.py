"""The oracle is the backtest of a world where forecasts of drivers come true, and nothing else changes."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mixplan.config.demand import DemandCandidate
from mixplan.config.drivers import SeriesConfig
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.oracle import ALL, best_told_of_drivers, driver_groups, oracle_scores, with_observed
from mixplan.demand.scores import score

DAILY = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3)
SERIES = {
    "temperature_c": DAILY,
    "rain_mm": DAILY,
    "construction_index": DAILY.model_copy(update={"frequency": "MS"}),
}
DRIVERS = ["temperature_c", "construction_index"]
Oracle = Callable[..., dict[str, dict[str, float]]]


@pytest.fixture(scope="module")
def oracle(plant: Any, evaluation: EvaluationConfig) -> Oracle:
    history = weekly_demand(plant.sales, plant.origins.final)
    purchases = weekly_purchases(plant.sales, plant.origins.final)

    def of(candidate: DemandCandidate, drivers: pd.DataFrame) -> dict[str, dict[str, float]]:
        def make(forecasts: pd.DataFrame) -> FeatureBuilder:
            return FeatureBuilder(history, forecasts, plant.observed, "KR", purchases=purchases)

        groups = driver_groups(SERIES, DRIVERS)
        return oracle_scores(make, drivers, plant.observed, groups, candidate, plant.origins, evaluation, 0.8, 7)

    return of


@pytest.mark.parametrize(
    ("known", "groups"),
    [
        (DRIVERS, {ALL: DRIVERS, "weather": ["temperature_c"], "construction": ["construction_index"]}),
        (["rain_mm", "temperature_c"], {ALL: ["rain_mm", "temperature_c"], "weather": ["rain_mm", "temperature_c"]}),
    ],
)
def test_weather_and_construction_are_told_apart(known: list[str], groups: dict[str, list[str]]) -> None:
    assert driver_groups(SERIES, known) == groups


def test_observed_values_replace_the_drivers_named_and_no_other(plant: Any) -> None:
    known = plant.observed[plant.observed["week"] != plant.observed["week"].iloc[-5]]
    found = with_observed(plant.drivers, known, ["temperature_c"])
    came = dict(zip(known["week"], known["temperature_c"], strict=True))
    for row, before in zip(found.itertuples(), plant.drivers.itertuples(), strict=True):
        assert row.temperature_c == came.get(row.week, before.temperature_c)
    rest = ["origin", "week", "construction_index"]
    pd.testing.assert_frame_equal(found[rest], plant.drivers[rest])


def test_each_group_is_a_backtest_that_knows_its_drivers(
    plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, make: Any, oracle: Oracle
) -> None:
    candidate, origins = make("lasso"), plant.origins
    found = oracle(candidate, plant.drivers)
    assert set(found) == {ALL, "weather", "construction"}
    for group, names in driver_groups(SERIES, DRIVERS).items():
        drivers = with_observed(plant.drivers, plant.observed, names)
        told = FeatureBuilder(builder.history, drivers, plant.observed, "KR", purchases=builder.purchases)
        assert found[group] == score(backtest(origins.selection, told, candidate, origins, evaluation, 0.8, 7))
    assert len({tuple(own.values()) for own in found.values()}) == 3


def test_forecasts_that_come_true_leave_no_gap(
    plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, make: Any, oracle: Oracle
) -> None:
    came = with_observed(plant.drivers, plant.observed, DRIVERS)
    candidate, origins = make("ridge"), plant.origins
    told = FeatureBuilder(builder.history, came, plant.observed, "KR", purchases=builder.purchases)
    usual = score(backtest(origins.selection, told, candidate, origins, evaluation, 0.8, 7))
    assert all(own == usual for own in oracle(candidate, came).values())


def test_a_model_that_reads_no_driver_has_nothing_to_gain(plant: Any, make: Any, oracle: Oracle) -> None:
    found = oracle(make("SeasonalNaive"), plant.drivers)
    assert len({tuple(own.values()) for own in found.values()}) == 1


@pytest.mark.parametrize(
    ("ranked", "told"),
    [
        (["SeasonalAverage", "ridge", "LGBMRegressor"], "ridge"),
        (["LGBMRegressor", "SeasonalNaive"], "LGBMRegressor"),
        (["SeasonalNaive", "Planner"], "SeasonalNaive"),
    ],
)
def test_the_best_that_drivers_can_move_is_told(make: Any, ranked: list[str], told: str) -> None:
    found = best_told_of_drivers([{"candidate": name} for name in ranked], {name: make(name) for name in ranked})
    assert found["candidate"] == told
