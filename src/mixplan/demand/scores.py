"""Scores of demand forecasts at product x month, 3 and 6 months ahead."""

import pandas as pd

from mixplan.demand.classes import YEAR_WEEKS
from mixplan.demand.history import horizon_month
from mixplan.evaluation.metrics import POINT_METRICS, coverage, interval_pinball, mase, seasonal_scale, skill

BASELINES = ("seasonal_naive", "planner")
"""Candidates that every other is held against."""


def by_month(predictions: pd.DataFrame) -> pd.DataFrame:
    """Sums by origin, product and month of the horizon: ``prediction_kg`` and ``actual_kg``.

    Raises:
        ValueError: a week lacks one of them, which a sum would take for zero.
    """
    if predictions[["prediction_kg", "actual_kg"]].isna().any(axis=None):
        raise ValueError("a score does not skip weeks: every actual and prediction must be finite")
    keyed = predictions.assign(month=horizon_month(predictions["horizon_weeks"]))
    return keyed.groupby(["origin", "product", "month"], as_index=False)[["prediction_kg", "actual_kg"]].sum()


def score(predictions: pd.DataFrame) -> dict[str, float]:
    """Every metric at product x month for the first 3 and all 6 months, and the weekly interval's coverage.

    Args:
        predictions: from ``backtest``; every week must have its actual.

    Returns:
        Named ``<metric>_<months>m`` (RMSE and MAE in kg, WAPE and bias as shares), and ``interval_coverage``.
    """
    months = by_month(predictions)
    scores = {}
    for ahead in (3, 6):
        rows = months[months["month"] <= ahead]
        for name, metric in POINT_METRICS.items():
            scores[f"{name}_{ahead}m"] = metric(rows["actual_kg"], rows["prediction_kg"])
    scores["interval_coverage"] = coverage(predictions["actual_kg"], predictions["lower_kg"], predictions["upper_kg"])
    return scores


def by_horizon_month(predictions: pd.DataFrame, history: pd.DataFrame, interval: float) -> pd.DataFrame:
    """Every metric for each month of the horizon: what a plot of error against horizon shows.

    Args:
        predictions: from ``backtest``; every week must have its actual.
        history: weekly demand; of each origin only the weeks before it are looked at.
        interval: level of ``lower_kg`` and ``upper_kg``, such as 0.8.

    Returns:
        month, the metrics of its point forecast, and those of its weeks, see ``weekly_scores``.
    """
    rows = []
    for month, weeks in predictions.groupby(horizon_month(predictions["horizon_weeks"])):
        sums = by_month(weeks)
        points = {name: metric(sums["actual_kg"], sums["prediction_kg"]) for name, metric in POINT_METRICS.items()}
        rows.append({"month": month, **points, **weekly_scores(weeks, history, interval)})
    return pd.DataFrame(rows)


def weekly_scores(weeks: pd.DataFrame, history: pd.DataFrame, interval: float) -> dict[str, float]:
    """What a week of a product is scored by beside the metrics of points.

    Args:
        weeks: from ``backtest``; every week must have its actual.
        history: weekly demand; of each origin only the weeks before it are looked at.
        interval: level of ``lower_kg`` and ``upper_kg``, such as 0.8.

    Returns:
        ``coverage`` and ``pinball`` loss in kg of the interval, and ``mase``, scaled by the product's seasonal naive
        error from its first sale to the origin. Products whose sales began less than a year before, or repeated
        themselves exactly, have no such scale, whatever forecasts them; where no product has one, there is no ``mase``.
    """
    actual, lower, upper = (weeks[name] for name in ("actual_kg", "lower_kg", "upper_kg"))
    found = {"coverage": coverage(actual, lower, upper), "pinball": interval_pinball(actual, lower, upper, interval)}
    scale = _scales(weeks, history)
    if (scaled := scale > 0).any():
        found["mase"] = mase(actual[scaled], weeks.loc[scaled, "prediction_kg"], scale[scaled])
    return found


def _scales(weeks: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """The seasonal scale of each row's product as of its origin, 0 where there is none."""
    keys = ["origin", "product"]
    scales = {}
    for origin, product in weeks[keys].drop_duplicates().itertuples(index=False):
        sold = history.loc[history.index < origin, product].to_numpy()
        since = sold[(sold > 0).argmax() :]
        scales[origin, product] = seasonal_scale(since, YEAR_WEEKS) if len(since) > YEAR_WEEKS else 0.0
    return pd.Series([scales[key] for key in weeks[keys].itertuples(index=False, name=None)], weeks.index)


def planners_own_score(
    planner_forecasts: pd.DataFrame, sales: pd.DataFrame, first: pd.Timestamp, until: pd.Timestamp
) -> dict[str, float]:
    """Scores of the numbers that planners wrote down, at product x whole calendar month from ``first`` to ``until``.

    Empty where the source has none in that time; the day ``until`` is not in it.
    """
    ends = planner_forecasts["month"] + pd.offsets.MonthBegin(1)
    plans = planner_forecasts[(planner_forecasts["month"] >= first) & (ends <= until)]
    if plans.empty:
        return {}
    month = sales["sold_on"].dt.to_period("M").dt.start_time.rename("month")
    actual = sales.groupby([month, "product"])["quantity_kg"].sum().rename("actual_kg").reset_index()
    rows = plans.merge(actual, on=["month", "product"], how="left").fillna({"actual_kg": 0.0})
    return {name: metric(rows["actual_kg"], rows["quantity_kg"]) for name, metric in POINT_METRICS.items()}


def with_skill(scores: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Each candidate's scores, and what it saves of the WAPE (``wape_6m``) of the baselines that compete.

    Args:
        scores: of every candidate, from ``score``.

    Returns:
        By candidate; what is new is named ``skill_<baseline>``.

    >>> with_skill({"ridge": {"wape_6m": 0.375}, "planner": {"wape_6m": 0.5}})["ridge"]
    {'wape_6m': 0.375, 'skill_planner': 0.25}
    """
    against = {f"skill_{name}": scores[name]["wape_6m"] for name in BASELINES if name in scores}
    return {
        candidate: own | {name: skill(own["wape_6m"], error) for name, error in against.items()}
        for candidate, own in scores.items()
    }
