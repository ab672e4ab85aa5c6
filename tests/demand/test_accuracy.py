"""Each candidate's error on the small seasonal plant stays below a bound, and training pays."""

from collections.abc import Callable
from typing import Any

import pytest

from mixplan.config.demand import DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.scores import score

LARGEST_WAPE = {
    "SeasonalNaive": 0.15,
    "Planner": 0.95,
    "SeasonalAverage": 0.15,
    "ridge": 0.2,
    "lasso": 0.25,
    "DecisionTreeRegressor": 0.23,
    "RandomForestRegressor": 0.22,
    "LGBMRegressor": 0.16,
    "XGBRegressor": 0.14,
    "Average": 0.2,
}

Scores = Callable[[DemandCandidate], dict[str, float]]


@pytest.fixture(scope="module")
def scores(plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig) -> Scores:
    def of(candidate: DemandCandidate) -> dict[str, float]:
        return score(backtest([plant.origins.holdout], builder, candidate, plant.origins, evaluation, 0.8, 7))

    return of


@pytest.fixture(scope="module")
def baseline(scores: Scores, make: Callable[[str], DemandCandidate]) -> dict[str, float]:
    return scores(make("Planner"))


def test_error_is_below_its_bound_and_below_the_planners(
    candidate: DemandCandidate, scores: Scores, baseline: dict[str, float]
) -> None:
    name = candidate.target.rpartition(".")[2]
    own = scores(candidate)
    assert own["wape_6m"] < LARGEST_WAPE[name]
    assert name == "Planner" or own["wape_6m"] < 0.5 * baseline["wape_6m"]
    assert 0.5 < own["interval_coverage"] < 0.98
