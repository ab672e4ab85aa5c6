"""Forecasts as they were when plans were made of them, and the planners' own numbers of that day: kept, then scored.

A vintage is a file that is written once and never changed: it is named by its origin and its content, so that the same
again adds nothing, and another forecast for the same origin stands beside the first.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_parquet, sha256_of, write_parquet
from mixplan.evaluation.metrics import bias, rmse, skill, wape

ROW = ["product", "month"]


def keep(folder: Path, rows: pd.DataFrame, origin: pd.Timestamp, data_version: str) -> None:
    """Add rows to the vintages of a folder; no rows are no vintage."""
    if rows.empty:
        return
    fresh = folder / ".new"
    write_parquet(fresh, rows.assign(origin=origin, data_version=data_version))
    fresh.rename(folder / f"{origin.date()}-{sha256_of(fresh)[:12]}.parquet")


def read_vintages(folder: Path) -> pd.DataFrame:
    """All vintages of a folder, by origin and with their name as ``vintage``; an empty frame where there are none."""
    parts = [read_parquet(file).assign(vintage=file.stem) for file in sorted(folder.glob("*.parquet"))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def plans_ahead(planner_forecasts: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """The planners' numbers for months that had not begun: what they write down later is no forecast.

    Args:
        planner_forecasts: the mart's table.
        origin: first day that was forecast.
    """
    ahead = planner_forecasts[planner_forecasts["month"] >= origin]
    return ahead[[*ROW, "quantity_kg"]].reset_index(drop=True)


def by_calendar_month(forecast: pd.DataFrame) -> pd.DataFrame:
    """A forecast by week as one by product and calendar month: a week that two months share is divided by days.

    Args:
        forecast: one vintage: origin, product, week and prediction_kg.

    Returns:
        product, month and prediction_kg, of months that lie whole in the forecast.

    >>> weeks = pd.date_range("2024-01-29", periods=5, freq="W-MON")
    >>> forecast = pd.DataFrame({"origin": weeks[0], "product": "A", "week": weeks, "prediction_kg": 7.0})
    >>> by_calendar_month(forecast).to_dict("records")
    [{'product': 'A', 'month': Timestamp('2024-02-01 00:00:00'), 'prediction_kg': 29.0}]
    """
    days = forecast.loc[forecast.index.repeat(7), ["product", "week", "prediction_kg"]]
    day = days["week"] + pd.to_timedelta(np.tile(np.arange(7), len(forecast)), unit="D")
    months = day.dt.to_period("M").dt.start_time.rename("month")
    daily = (days["prediction_kg"] / 7).groupby([days["product"], months]).sum().reset_index()
    ends = daily["month"] + pd.offsets.MonthBegin(1)
    is_whole = (daily["month"] >= day.min()) & (ends <= day.max() + pd.Timedelta(days=1))
    whole: pd.DataFrame = daily[is_whole].reset_index(drop=True)
    return whole


def score_vintages(
    forecasts: pd.DataFrame, planners: pd.DataFrame, sales: pd.DataFrame, until: pd.Timestamp
) -> list[dict[str, str | float]]:
    """What came of each vintage, at product x calendar month, of months that are over.

    Args:
        forecasts: vintages of forecasts, with the ``candidate`` that made them.
        planners: vintages of the planners' numbers, from ``plans_ahead``.
        sales: the mart's ``sales``.
        until: first day that does not count.

    Returns:
        Oldest first: origin, data_version, candidate, months, wape, rmse and bias. Where planners gave numbers on the
        same day also ``planners_wape``, and ``value_added``, the share of their error that the forecast saves, on the
        products and months that both forecast. Vintages without a month that is over are not there yet.
    """
    if forecasts.empty:
        return []
    month = sales["sold_on"].dt.to_period("M").dt.start_time.rename("month")
    sold = sales["quantity_kg"].groupby([sales["product"], month]).sum().rename("actual_kg").reset_index()
    scored = []
    for _, vintage in forecasts.groupby("vintage"):
        rows = by_calendar_month(vintage)
        rows = rows[rows["month"] + pd.offsets.MonthBegin(1) <= until]
        rows = rows.merge(sold, on=ROW, how="left").fillna({"actual_kg": 0.0})
        if rows["actual_kg"].sum() > 0:
            origin, data_version, candidate = vintage[["origin", "data_version", "candidate"]].iloc[0]
            named = {"origin": str(origin.date()), "data_version": data_version, "candidate": candidate}
            theirs = _of_day(planners, origin, data_version)
            scored.append({**named, **_scores(rows), **_value_added(rows, theirs)})
    return scored


def _of_day(planners: pd.DataFrame, origin: pd.Timestamp, data_version: str) -> pd.DataFrame:
    if planners.empty:
        return pd.DataFrame(columns=[*ROW, "quantity_kg"])
    of_day = (planners["origin"] == origin) & (planners["data_version"] == data_version)
    return planners.loc[of_day, [*ROW, "quantity_kg"]]


def _scores(rows: pd.DataFrame) -> dict[str, float]:
    metrics = {"wape": wape, "rmse": rmse, "bias": bias}
    scores = {name: metric(rows["actual_kg"], rows["prediction_kg"]) for name, metric in metrics.items()}
    return {"months": float(rows["month"].nunique()), **scores}


def _value_added(rows: pd.DataFrame, planners: pd.DataFrame) -> dict[str, float]:
    both = rows.merge(planners, on=ROW)
    if both.empty or both["actual_kg"].sum() == 0:
        return {}
    theirs = wape(both["actual_kg"], both["quantity_kg"])
    own = wape(both["actual_kg"], both["prediction_kg"])
    return {"planners_wape": theirs, **({"value_added": skill(own, theirs)} if theirs > 0 else {})}
