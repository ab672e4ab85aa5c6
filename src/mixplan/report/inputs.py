"""What the stages left behind, as the report reads it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.base import MixplanError
from mixplan.mart.read import read_table

METRICS = (
    "customers",
    "demand",
    "demand_oracle",
    "driver_events",
    "driver_regions",
    "drivers",
    "mart",
    "plan",
    "promote",
    "recommend",
    "risk",
    "vintages",
)
Metrics = dict[str, Any]
"""The content of each ``metrics/<name>.json`` by its name."""


class ReportError(MixplanError):
    """There is nothing to report on yet."""


@dataclass(frozen=True)
class Results:
    """Everything that the page shows, unshaped."""

    metrics: Metrics
    origin: pd.Timestamp
    """First day that is forecast, a Monday."""
    sales: pd.DataFrame
    """The mart's ``sales``."""
    forecast: pd.DataFrame
    """The demand winner's weeks to come: product, week, horizon_weeks, prediction_kg."""
    explanation: pd.DataFrame
    """What moved the forecast: product, month, part, contribution_kg."""
    backtest: pd.DataFrame
    """The demand winner's past forecasts: origin, product, week, horizon_weeks, prediction_kg, actual_kg."""
    observed: pd.DataFrame
    """One row a week, one column a driver."""
    expected: pd.DataFrame
    """One row a week from the origin on, one column a driver."""
    deviation: pd.DataFrame
    """How far the forecast of a driver's week erred: driver, weeks_ahead, deviation."""
    event_days: pd.DataFrame
    """Expected days on which nobody pours: one row a week from the origin on, one column a kind."""
    purchase_orders: pd.DataFrame
    unplanned: pd.DataFrame
    production_lots: pd.DataFrame
    production_searches: pd.DataFrame
    overrides: pd.DataFrame
    """What people decided and the plan heeds."""
    scenarios: dict[str, Any]
    """By name: what each changes, and the ``base`` and ``scenario`` figures."""
    projected_stock: pd.DataFrame
    stock_bands: pd.DataFrame
    policy: pd.DataFrame
    customers: pd.DataFrame
    """Behaviour, risk, worth, segment and action of each customer, with customer_name (may be empty)."""
    segment_changes: pd.DataFrame
    """customer_code, changed_on, before, after and cause, the latest first."""
    material_names: dict[str, str]
    """By material_code."""

    @property
    def plan_weeks(self) -> int:
        """Length of the plan."""
        return int(self.projected_stock["date"].nunique()) // 7


def read_metrics(root: Path) -> Metrics:
    """The metrics of every stage.

    Raises:
        ReportError: a file is missing.
    """
    return {name: read_json(_found(root / "metrics" / f"{name}.json")) for name in METRICS}


def read_orders(root: Path) -> pd.DataFrame:
    """The plan's purchase orders.

    Raises:
        ReportError: the file is missing.
    """
    return _read(root, "data/plan/purchase_orders.parquet")


def read_results(root: Path) -> Results:
    """Everything that the page shows, from the project's folder.

    Raises:
        ReportError: a file is missing.
        MartError: a table of the mart is missing or breaks its contract.
    """
    metrics, mart = read_metrics(root), root / "data" / "mart"
    forecast = _read(root, "data/forecasts/demand/products.parquet")
    origin = forecast["origin"].max()
    drivers = _read(root, "data/forecasts/drivers/weekly.parquet")
    names = read_table(mart, "customers")[["customer_code", "customer_name"]]
    materials = read_table(mart, "materials")
    customers = _read(root, "data/customers.parquet").merge(names, on="customer_code", how="left")
    return Results(
        metrics=metrics,
        origin=origin,
        sales=read_table(mart, "sales"),
        forecast=forecast,
        explanation=_read(root, "data/forecasts/demand/explanation.parquet"),
        backtest=_read(root, f"predictions/demand/{metrics['demand']['winner']}.parquet"),
        observed=_read(root, "data/forecasts/drivers/observed.parquet"),
        expected=drivers[drivers["origin"] == origin].drop(columns="origin"),
        deviation=_read(root, "data/forecasts/drivers/weekly_deviation.parquet"),
        event_days=_read(root, "data/forecasts/drivers/event_days.parquet"),
        purchase_orders=read_orders(root),
        unplanned=_read(root, "data/plan/unplanned.parquet"),
        production_lots=_read(root, "data/plan/production_lots.parquet"),
        production_searches=_read(root, "data/plan/production_searches.parquet"),
        overrides=_read(root, "data/plan/overrides.parquet"),
        scenarios={path.parent.name: read_json(path) for path in sorted(root.glob("scenarios/[!.]*/changes.json"))},
        stock_bands=_read(root, "data/plan/stock_bands.parquet"),
        projected_stock=_read(root, "data/plan/projected_stock.parquet"),
        policy=_read(root, "data/plan/policy.parquet"),
        customers=customers.fillna({"customer_name": ""}),
        segment_changes=_read(root, "data/segment_changes.parquet"),
        material_names=dict(zip(materials["material_code"], materials["material_name"], strict=True)),
    )


def _read(root: Path, name: str) -> pd.DataFrame:
    return read_parquet(_found(root / name))


def _found(path: Path) -> Path:
    if not path.is_file():
        raise ReportError(f"{path} is missing, so there is nothing to report yet: run `make demo` first")
    return path
