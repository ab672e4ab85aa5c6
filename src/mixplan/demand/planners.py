"""Forecasts held against the numbers that planners wrote down, where the source has them."""

from collections.abc import Mapping

import pandas as pd

from mixplan.demand.vintages import ROW, by_calendar_month
from mixplan.evaluation.metrics import skill, wape


def with_planners_skill(
    scores: Mapping[str, Mapping[str, float]],
    predictions: Mapping[str, pd.DataFrame],
    planner_forecasts: pd.DataFrame,
    sales: pd.DataFrame,
) -> dict[str, dict[str, float]]:
    """Each candidate's scores and its ``skill_planners_own``, where there is one; see ``skill_against_planners``."""
    found = {name: skill_against_planners(rows, planner_forecasts, sales) for name, rows in predictions.items()}
    return {
        name: {**own, **({} if (saved := found[name]) is None else {"skill_planners_own": saved})}
        for name, own in scores.items()
    }


def skill_against_planners(
    predictions: pd.DataFrame, planner_forecasts: pd.DataFrame, sales: pd.DataFrame
) -> float | None:
    """The share of the planners' error that a backtest saves in the first whole calendar month after each origin.

    Planners may have written their number down later than the origin, up to the day before its month began, so that
    they know as much as the forecast or more.

    Args:
        predictions: from ``backtest``.
        planner_forecasts: the mart's table.
        sales: the mart's ``sales``.

    Returns:
        The skill by WAPE at product x month, or None where planners gave no such number, or were never wrong.
    """
    month = sales["sold_on"].dt.to_period("M").dt.start_time.rename("month")
    sold = sales["quantity_kg"].groupby([sales["product"], month]).sum().rename("actual_kg").reset_index()
    parts = []
    for _, of_origin in predictions.groupby("origin"):
        months = by_calendar_month(of_origin)
        parts.append(months[months["month"] == months["month"].min()])
    rows = pd.concat(parts).merge(planner_forecasts[[*ROW, "quantity_kg"]], on=ROW)
    rows = rows.merge(sold, on=ROW, how="left").fillna({"actual_kg": 0.0})
    if not rows["actual_kg"].sum() or rows["actual_kg"].equals(rows["quantity_kg"]):
        return None
    own, theirs = (wape(rows["actual_kg"], rows[name]) for name in ("prediction_kg", "quantity_kg"))
    return skill(own, theirs)
