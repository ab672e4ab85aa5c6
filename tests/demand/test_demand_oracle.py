"""The oracle knows the drivers of the weeks that it forecasts, and nothing else."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mixplan.config.demand import DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.backtest import backtest, fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.oracle import ALL, oracle_scores, with_observed
from mixplan.demand.scores import score

DRIVERS = ["temperature_c", "construction_index"]
Oracle = Callable[..., dict[str, dict[str, float]]]


@pytest.fixture(scope="module")
def oracle(plant: Any, evaluation: EvaluationConfig) -> Oracle:
    history = weekly_demand(plant.sales, plant.origins.final)

    def of(candidate: DemandCandidate, drivers: pd.DataFrame, observed: pd.DataFrame) -> dict[str, dict[str, float]]:
        def make(forecasts: pd.DataFrame) -> FeatureBuilder:
            return FeatureBuilder(history, forecasts, observed, "KR")

        return oracle_scores(make, drivers, observed, candidate, plant.origins, evaluation, 0.8, 7)

    return of


def test_observed_values_replace_the_drivers_named_and_no_other(plant: Any) -> None:
    known = plant.observed[plant.observed["week"] != plant.observed["week"].iloc[-5]]
    found = with_observed(plant.drivers, known, ["temperature_c"])
    came = dict(zip(known["week"], known["temperature_c"], strict=True))
    for row, before in zip(found.itertuples(), plant.drivers.itertuples(), strict=True):
        assert row.temperature_c == came.get(row.week, before.temperature_c)
    rest = ["origin", "week", "construction_index"]
    pd.testing.assert_frame_equal(found[rest], plant.drivers[rest])


def test_the_models_are_those_of_the_backtest(
    plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, make: Any, oracle: Oracle
) -> None:
    """They learn from forecast drivers; only the rows that they forecast are told what came."""
    candidate, origins = make("ridge"), plant.origins
    told = FeatureBuilder(builder.history, with_observed(plant.drivers, plant.observed, DRIVERS), plant.observed, "KR")
    parts = [
        forecast(fit_at(origin, builder, candidate, origins, evaluation, 0.8, 7), told, origin, 26)
        for origin in origins.selection
    ]
    found = oracle(candidate, plant.drivers, plant.observed)
    assert set(found) == {ALL, *DRIVERS}
    assert found[ALL] == score(pd.concat(parts, ignore_index=True))
    assert len({tuple(own.values()) for own in found.values()}) == 3


def test_forecasts_that_come_true_leave_no_gap(
    plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, make: Any, oracle: Oracle
) -> None:
    came = with_observed(plant.drivers, plant.observed, DRIVERS)
    candidate, origins = make("ridge"), plant.origins
    told = FeatureBuilder(builder.history, came, plant.observed, "KR")
    usual = score(backtest(origins.selection, told, candidate, origins, evaluation, 0.8, 7))
    assert all(own == usual for own in oracle(candidate, came, plant.observed).values())


def test_a_model_that_reads_no_driver_has_nothing_to_gain(plant: Any, make: Any, oracle: Oracle) -> None:
    found = oracle(make("SeasonalNaive"), plant.drivers, plant.observed)
    assert len({tuple(own.values()) for own in found.values()}) == 1
