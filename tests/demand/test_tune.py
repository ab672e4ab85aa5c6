"""A search chooses on the earlier weeks of the selection, and knows nothing of the later ones."""

from typing import Any

import pandas as pd
import pytest

from mixplan.config.base import MixplanError
from mixplan.config.demand import ClassesConfig, DemandConfig
from mixplan.config.evaluation import EvaluationConfig, OriginSelectConfig
from mixplan.config.search import Range
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.scores import score
from mixplan.demand.tune import Tuner
from mixplan.evaluation.search import Budget, Trial

SEED = 7


@pytest.fixture(scope="module")
def config(make: Any) -> DemandConfig:
    return DemandConfig(
        country="KR",
        interval=0.8,
        quantiles=(0.5,),
        classes=ClassesConfig(volume=(0.8, 0.95), variation=(0.5, 1.0)),
        select=OriginSelectConfig(metric="rmse", tie_margin=0.0, level=0.1),
        simplicity=("ridge", "tree"),
        candidates={"ridge": make("ridge"), "tree": make("DecisionTreeRegressor")},
        search={
            "ridge": {"alpha": Range(low=0.1, high=1e6, log=True)},
            "tree": {"max_depth": Range(low=1, high=8)},
        },
    )


@pytest.fixture(scope="module")
def tuner(plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, config: DemandConfig) -> Tuner:
    return Tuner(builder, plant.origins, evaluation, config, SEED)


def test_the_best_of_three_trials_is_kept_and_the_first_are_the_values_of_today(tuner: Tuner) -> None:
    seen: list[Trial] = []
    best = tuner.search("ridge", Budget(1.0, 3), report=seen.append)
    assert seen[0].settings == {"alpha": 10.0}
    assert len({trial.settings["alpha"] for trial in seen}) == 3
    assert best.scores["rmse_6m"] == min(trial.scores["rmse_6m"] for trial in seen)


def test_a_search_repeats_itself_and_keeps_whole_numbers_whole(tuner: Tuner) -> None:
    runs: list[list[Trial]] = [[], []]
    for seen in runs:
        tuner.search("tree", Budget(1.0, 2), report=seen.append)
    assert runs[0] == runs[1]
    assert all(type(trial.settings["max_depth"]) is int for trial in runs[0])


def test_early_and_late_scores_share_no_week(
    tuner: Tuner, plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, config: DemandConfig
) -> None:
    ridge = config.candidates["ridge"]
    rows = backtest(plant.origins.selection, builder, ridge, plant.origins, evaluation, 0.8, SEED)
    middle = plant.origins.selection[1]
    first = (rows["origin"] < middle) & (rows["week"] < middle)
    assert tuner.early(ridge) == score(rows[first])
    assert tuner.late(ridge) == score(rows[rows["origin"] >= middle])


def test_later_sales_change_no_trial(
    tuner: Tuner, plant: Any, evaluation: EvaluationConfig, config: DemandConfig
) -> None:
    later = plant.sales["sold_on"] >= tuner.middle
    spoilt = plant.sales.assign(quantity_kg=plant.sales["quantity_kg"].where(~later, 9e6))
    other = Tuner(plant.builder(spoilt), plant.origins, evaluation, config, SEED)
    assert other.search("ridge", Budget(1.0, 2)) == tuner.search("ridge", Budget(1.0, 2))
    assert other.late(config.candidates["ridge"]) != tuner.late(config.candidates["ridge"])


def test_what_cannot_be_searched_is_refused(
    tuner: Tuner, plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig, config: DemandConfig
) -> None:
    with pytest.raises(MixplanError, match=r"'planner' has no values to search: demand.search has ridge, tree"):
        tuner.search("planner", Budget(1.0))
    single = type(plant.origins)(
        plant.origins.grid, plant.origins.selection[-1:], plant.origins.holdout, plant.origins.final
    )
    with pytest.raises(MixplanError, match="needs two"):
        Tuner(builder, single, evaluation, config, SEED).search("ridge", Budget(1.0))


def test_values_are_checked_as_those_of_the_configuration(config: DemandConfig) -> None:
    assert config.candidates["ridge"].with_values({"alpha": 3.0}).hyper_parameters() == {"alpha": 3.0}
    with pytest.raises(ValueError, match="greater than 0"):
        config.candidates["ridge"].with_values({"alpha": -1.0})


def test_a_space_of_values_that_no_candidate_has_is_refused(config: DemandConfig) -> None:
    wrong = config.model_dump(by_alias=True) | {"search": {"ridge": {"beta": {"low": 0, "high": 1}}}}
    with pytest.raises(ValueError, match=r"search\.ridge names what the candidate does not have: beta"):
        DemandConfig.model_validate(wrong)


def test_the_middle_lies_within_the_selection(tuner: Tuner, plant: Any) -> None:
    assert tuner.middle + pd.Timedelta(weeks=26) <= plant.origins.holdout
