"""The ordering policy that won, and the plant's own rule, replayed once on the last window."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_json
from mixplan.config.demand import DemandCandidate
from mixplan.config.params import Params
from mixplan.demand.backtest import backtest
from mixplan.demand.days import shares_at
from mixplan.demand.features import FeatureBuilder
from mixplan.evaluation.origins import Origins
from mixplan.planning.compete import PLANT_SETTING, Setting, build_policy
from mixplan.planning.history import history_of
from mixplan.planning.replay import replay


def chosen_setting() -> tuple[Setting, dict[str, float]]:
    """The policy that won the replay of the selection weeks, and its scores there."""
    plan = read_json(Path("metrics/plan.json"))
    scores = {name: value for name, value in plan["leaderboard"][0].items() if name != "candidate"}
    return Setting(plan["policy"], plan["service_level"]), scores


def ordering_holdout(
    setting: Setting,
    forecaster: DemandCandidate,
    builder: FeatureBuilder,
    tables: Mapping[str, pd.DataFrame],
    origins: Origins,
    params: Params,
) -> dict[str, dict[str, float]]:
    """Replays of the last window by label: of the setting and of the plant's own rule, with the same forecasts.

    Forecasts are made anew at the pace of the selection, each by a model that knows nothing from its origin on.

    Args:
        setting: what won.
        forecaster: the demand winner.
        builder: features of every origin.
        tables: the mart's recipes, sales, purchases and stock_counts.
        origins: the run's origins.
        params: the run's parameters.
    """
    step = f"{params.evaluation.selection_step_weeks}W-MON"
    at = pd.date_range(origins.holdout, origins.final, freq=step, inclusive="left")
    made = backtest(at, builder, forecaster, origins, params.evaluation, params.demand.interval, params.seed)
    shares_by_day = shares_at(at, tables["sales"], params.evaluation.horizon_weeks, params.demand.country)
    history = history_of(made, shares_by_day, tables, origins.holdout, origins.final, params.plan, params.seed)
    return {
        each.label: replay(history, params.plan, build_policy(each, params.plan, params.seed)).summary
        for each in dict.fromkeys([setting, PLANT_SETTING])
    }
