"""What moved a forecast: kilograms by cause that add up to it."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.demand.average import Average
from mixplan.demand.baselines import Planner, SeasonalNaive
from mixplan.demand.history import horizon_month
from mixplan.demand.model import DemandModel
from mixplan.demand.seasonal_average import SeasonalAverage

Values = npt.NDArray[np.float64]


def explain(model: DemandModel, rows: pd.DataFrame) -> pd.DataFrame:
    """The parts of a forecast by product and month of the horizon.

    ``level`` is the mean week of the last year by customers that still buy, or what a product that is sold now and then
    sells in a mean week, ``own_season``, ``plant_season`` and ``curve`` what the week's usual demand adds to it,
    ``growth`` how far demand came out above the usual on average. The seasonal average moves the curve's part, other
    regressors add what each feature moved, by its name: Shapley values of trees (Lundberg et al., From local
    explanations to global understanding with explainable AI for trees, Nature Machine Intelligence 2, 2020),
    coefficient times deviation from the mean of a linear one. ``not_below_zero``
    is what lifts a forecast to nothing.

    Args:
        model: a fitted model.
        rows: from ``FeatureBuilder.rows``.

    Returns:
        product, month, part and contribution_kg, without parts that are nothing in all months; a product's parts of a
        month add up to its forecast.
    """
    expected = model.predict(rows)["prediction_kg"]
    parts = pd.DataFrame({"level": rows["level_kg"], **_parts(model, rows)}, index=rows.index)
    parts["not_below_zero"] = expected - parts.sum(axis=1)
    # What rounding leaves is no cause.
    parts.loc[expected > 0, "not_below_zero"] = 0.0
    keyed = parts.assign(product=rows["product"], month=horizon_month(rows["horizon_weeks"]))
    sums = keyed.groupby(["product", "month"]).sum()
    long = sums.loc[:, (sums != 0).any()].melt(var_name="part", value_name="contribution_kg", ignore_index=False)
    return long.reset_index().sort_values(["product", "month"], kind="stable", ignore_index=True)


def _parts(model: DemandModel, rows: pd.DataFrame) -> dict[str, Values]:
    """What moves a forecast away from its level."""
    level = rows["level_kg"].to_numpy(dtype=np.float64)
    if isinstance(model.regressor, (SeasonalNaive, Planner)):
        name = model.regressor.column
        return {name: level * (rows[name].to_numpy() - 1)}
    usual = rows["usual"].to_numpy(dtype=np.float64)
    own, plant = ((rows[name].to_numpy() - 1) / 4 for name in ("own_season", "plant_season"))
    base, moved = _moved(model.regressor, rows[model.features])
    growth = model.mean_ratio + model.trust * (base - model.mean_ratio) - 1
    seasons = {"own_season": level * own, "plant_season": level * plant, "curve": level * (usual - 1 - own - plant)}
    seasons["growth"] = level * usual * growth
    features = {name: level * usual * model.trust * moved[:, place] for place, name in enumerate(model.features)}
    return {
        name: seasons.get(name, np.zeros_like(level)) + features.get(name, np.zeros_like(level))
        for name in dict.fromkeys([*seasons, *features])
    }


def _moved(regressor: Any, features: pd.DataFrame) -> tuple[float, Values]:
    """The ratio that the regressor starts from, and by how much each feature moves it."""
    if isinstance(regressor, Average):
        bases, moves = zip(*(_moved(member, features) for member in regressor.regressors.values()), strict=True)
        return float(np.mean(bases)), np.asarray(np.mean(moves, axis=0))
    if hasattr(regressor, "steps"):
        scaled, linear = regressor[:-1].transform(features), regressor[-1]
        return float(linear.intercept_), np.asarray(scaled * linear.coef_)
    if isinstance(regressor, SeasonalAverage):
        moved = np.zeros(features.shape)
        moved[:, features.columns.get_loc("curve")] = regressor.moved(features)
        return regressor.height, moved
    import shap

    explainer = shap.TreeExplainer(regressor)
    moved = np.asarray(explainer.shap_values(features), dtype=np.float64)
    return float(np.ravel(explainer.expected_value)[0]), moved
