"""Scores of demand forecasts apart: by level of sum, and by class of product."""

import pandas as pd

from mixplan.config.demand import ClassesConfig
from mixplan.demand.classes import product_classes
from mixplan.demand.scores import by_month, weekly_scores
from mixplan.demand.shares import shares_of_last_year
from mixplan.evaluation.metrics import POINT_METRICS


def by_region(predictions: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """A backtest by region: products are divided as they were in the year before the origin, as forecasts are served.

    Args:
        predictions: from ``backtest``.
        sales: the mart's ``sales``.

    Returns:
        origin, product, week, region, prediction_kg and actual_kg: a row for each region that was sold to in the year
        before the origin, or in the week. What no region is known for has the region ``""``.
    """
    keys = ["origin", "product", "week"]
    week = sales["sold_on"] - pd.to_timedelta(sales["sold_on"].dt.weekday, unit="D")
    sold = sales["quantity_kg"].groupby([sales["product"], week.rename("week"), sales["region"]]).sum()
    actual = predictions[keys].merge(sold.rename("actual_kg").reset_index(), on=keys[1:])
    shares = pd.concat(
        {origin: shares_of_last_year(sales, "region", origin) for origin in predictions["origin"].unique()},
        names=["origin", None],
    ).reset_index("origin")
    rows = predictions[[*keys, "prediction_kg"]].merge(shares, on=keys[:2], how="left")
    rows = rows.fillna({"region": "", "share": 1.0})
    rows["prediction_kg"] *= rows.pop("share")
    return rows.merge(actual, on=[*keys, "region"], how="outer").fillna({"prediction_kg": 0.0, "actual_kg": 0.0})


def score_levels(
    predictions: pd.DataFrame, history: pd.DataFrame, sales: pd.DataFrame, interval: float
) -> dict[str, float]:
    """Every metric at product x region x week, product x week, product x month and total x month, over the horizon.

    Args:
        predictions: from ``backtest``; every week must have its actual.
        history: weekly demand; of each origin only the weeks before it are looked at.
        sales: the mart's ``sales``, of which shares of regions are those of the year before each origin.
        interval: level of ``lower_kg`` and ``upper_kg``, such as 0.8.

    Returns:
        Named ``<level>/<metric>``. Weeks of a product have those of ``weekly_scores`` too.
    """
    months = by_month(predictions)
    levels = {
        "product_region_week": by_region(predictions, sales),
        "product_week": predictions,
        "product_month": months,
        "total_month": months.groupby(["origin", "month"], as_index=False)[["actual_kg", "prediction_kg"]].sum(),
    }
    scores = {f"{level}/{name}": value for level, rows in levels.items() for name, value in _points(rows).items()}
    of_weeks = weekly_scores(predictions, history, interval)
    return scores | {f"product_week/{name}": value for name, value in of_weeks.items()}


def score_classes(
    predictions: pd.DataFrame, history: pd.DataFrame, config: ClassesConfig, interval: float
) -> dict[str, float]:
    """Every metric at product x month for each class that sold anything, and its share of what was sold.

    A product's classes are those of its origin, so that it may be in another at the next. One that was not sold in
    the year before has the class ``new``.

    Returns:
        Named ``class_<letter>/<metric>``, and ``class_<letter>/share``; those of ``weekly_scores`` are of its weeks.
    """
    known = {origin: product_classes(history, origin, config) for origin in predictions["origin"].unique()}
    classes = pd.concat(known, names=["origin", "product"]).reset_index()
    rows = predictions.merge(classes, on=["origin", "product"], how="left", validate="many_to_one")
    rows = rows.fillna({"abc": "new", "xyz": "new"})
    total = rows["actual_kg"].sum()
    scores: dict[str, float] = {}
    for by in ("abc", "xyz"):
        for letter, part in rows.groupby(by):
            if (share := part["actual_kg"].sum() / total) > 0:
                own = {**_points(by_month(part)), **weekly_scores(part, history, interval), "share": float(share)}
                scores |= {f"class_{letter}/{name}": value for name, value in own.items()}
    return scores


def _points(rows: pd.DataFrame) -> dict[str, float]:
    return {name: metric(rows["actual_kg"], rows["prediction_kg"]) for name, metric in POINT_METRICS.items()}
