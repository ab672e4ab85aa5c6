"""A plan beside the base, from the same models: nothing is trained again."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.model import DemandModel
from mixplan.mart.read import read_table
from mixplan.planning.basis import TABLES, basis_of
from mixplan.planning.build import Plan, build_plan
from mixplan.planning.compete import Setting, build_policy
from mixplan.planning.overrides import held
from mixplan.scenario.apply import by_kind, changed_demand, changed_drivers, lead_days
from mixplan.scenario.changes import Change, ScenarioError

logger = logging.getLogger(__name__)


def plan_scenario(root: Path, changes: Sequence[Change], params: Params) -> Plan:
    """The plan that ``changes`` would lead to, by the ordering policy that the base plan chose.

    Args:
        root: the project's folder after a run.
        changes: what is otherwise.
        params: the parameters of that run.

    Raises:
        ScenarioError: nothing was planned yet, or a change names what does not exist.
    """
    if not (root / "metrics/plan.json").is_file():
        raise ScenarioError("there is no plan to stand beside: run `dvc repro` first")
    tables = {name: read_table(root / "data/mart", name) for name in TABLES}
    of = by_kind(changes)
    folder = root / "data/forecasts/demand"
    expected = before = read_parquet(folder / "products.parquet")
    origin = pd.Timestamp(expected["origin"].iloc[0])
    if of["drivers"]:
        expected = forecast_again(root, tables, origin, of["drivers"], params)
    wanted = changed_demand(expected.rename(columns={"prediction_kg": "quantity_kg"}), of["demand"])
    chosen = read_json(root / "metrics/plan.json")
    policy = build_policy(Setting(chosen["policy"], chosen["service_level"]), params.plan, params.seed)
    shares, by_day = (read_parquet(folder / f"shares_by_{name}.parquet") for name in ("region", "day"))
    days, decided = lead_days(of["supplier"], tables["purchases"]), held(root / params.plan.overrides)
    plan = build_plan(basis_of(wanted, shares, by_day, tables, origin, params.plan, days, decided), params.plan, policy)
    _warn(of["drivers"], before, expected, set(days), plan)
    return plan


def _warn(
    drivers: Sequence[Change], before: pd.DataFrame, after: pd.DataFrame, suppliers: set[str], plan: Plan
) -> None:
    """Say which changes could not change anything."""
    if drivers and np.allclose(before["prediction_kg"], after["prediction_kg"]):
        logger.warning("the drivers change no demand: the demand winner looks at none of them")
    for supplier in sorted(suppliers - set(plan.policy["supplier_code"])):
        logger.warning("supplier %s changes nothing: every material is bought mostly from others", supplier)


def forecast_again(
    root: Path,
    tables: Mapping[str, pd.DataFrame],
    origin: pd.Timestamp,
    changes: Sequence[Change],
    params: Params,
) -> pd.DataFrame:
    """The demand winner's forecast with other drivers.

    Drivers reach demand through the features that the winner was trained on, and through nothing else: a winner that
    looks at no driver forecasts the same.
    """
    drivers = changed_drivers(read_parquet(root / "data/forecasts/drivers/weekly.parquet"), origin, changes)
    observed = read_parquet(root / "data/forecasts/drivers/observed.parquet")
    weekly, purchases = (make(tables["sales"], origin) for make in (weekly_demand, weekly_purchases))
    builder = FeatureBuilder(weekly, drivers, observed, params.demand.country, tables["recipes"], purchases)
    model = DemandModel.load(root / "data/forecasts/demand/model")
    return forecast(model, builder, origin, params.evaluation.horizon_weeks)
