"""Everything that is watched, of one project's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_parquet
from mixplan.config.base import MixplanError
from mixplan.config.params import Params
from mixplan.demand.history import long_demand, weekly_demand
from mixplan.demand.vintages import read_vintages
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.monitoring.accuracy import accuracy_checks, horizon_checks
from mixplan.monitoring.checks import Check
from mixplan.monitoring.delays import DAYS, delay_checks
from mixplan.monitoring.drift import drift_checks, forecast_checks
from mixplan.monitoring.rehearsal import Rehearsal, rehearse

FORECASTS = Path("data/forecasts")


class NothingToWatchError(MixplanError):
    """No plan was made yet."""


@dataclass(frozen=True)
class Watch:
    """What was found."""

    checks: Mapping[str, list[Check]]
    """By what they are of: accuracy, horizon, drift, forecast, delay."""
    origin: pd.Timestamp
    """Of the forecast whose accuracy is watched; NaT where none has enough weeks behind it."""
    rehearsal: Rehearsal

    @property
    def is_due(self) -> bool:
        """Whether the model should be trained anew: its forecasts or what it learns from went astray.

        Data that are late are somebody else's work: a model that is trained without them is no better. Later months of
        the horizon are over when the model that forecast them has long been replaced.
        """
        return any(
            check.rings for kind, checks in self.checks.items() if kind not in {"delay", "horizon"} for check in checks
        )


def watch(root: Path, today: pd.Timestamp, params: Params) -> Watch:
    """Check the latest forecast that was planned with against the mart of now.

    Args:
        root: the project's folder.
        today: the day on which rows are missed; the rest goes by the mart's last complete week.
        params: the parameters.

    Raises:
        NothingToWatchError: no forecast was kept yet.
    """
    tables = {name: read_table(root / "data/mart", name) for name in DAYS}
    sales = tables["sales"]
    until = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    kept = _kept(root, params.source.kind, until)
    forecast = _newest(kept, kept["origin"].max())
    backtest = read_parquet(root / FORECASTS / "demand/backtest.parquet")
    candidate = forecast["candidate"].iloc[0]
    own = backtest[backtest["candidate"] == candidate]
    judged = _newest(kept, until - pd.Timedelta(weeks=params.monitor.minimum_weeks))
    observed = read_parquet(root / FORECASTS / "drivers/observed.parquet")
    checks = {
        "accuracy": accuracy_checks(_with_actuals(judged, sales, until), own, until, params.monitor),
        "horizon": horizon_checks(_with_actuals(kept, sales, until), own, until, params.monitor),
        "drift": drift_checks(sales, observed, until, params.monitor),
        "forecast": forecast_checks(forecast, own, sales, params.monitor),
        "delay": delay_checks(tables, today, params.monitor),
    }
    return Watch(checks, judged["origin"].min(), rehearse(own, params.monitor))


def _kept(root: Path, source: str, until: pd.Timestamp) -> pd.DataFrame:
    """The last forecast that was planned with of every origin that is not to come."""
    kept: pd.DataFrame = read_vintages(root / "vintages" / source / "forecasts")
    kept = kept[kept["origin"] <= until] if not kept.empty else kept
    if kept.empty:
        raise NothingToWatchError("no forecast was planned with yet: run `dvc repro` first")
    latest: pd.DataFrame = kept[kept["vintage"] == kept.groupby("origin")["vintage"].transform("max")]
    return latest


def _newest(kept: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The newest forecast of an origin up to ``until``; no rows where there is none."""
    rows = kept[kept["origin"] <= until]
    newest: pd.DataFrame = rows[rows["origin"] == rows["origin"].max()]
    return newest.reset_index(drop=True)


def _with_actuals(forecast: pd.DataFrame, sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Forecast rows with what was sold; a product that nobody bought in a week that is over sold nothing."""
    actual = long_demand(weekly_demand(sales, until), "actual_kg")
    rows = forecast.merge(actual, on=["week", "product"], how="left")
    is_over = rows["week"] < until
    rows.loc[is_over, "actual_kg"] = rows.loc[is_over, "actual_kg"].fillna(0.0)
    return rows
