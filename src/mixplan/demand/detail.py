"""Scores of demand forecasts apart: by level of sum, and by class of product."""

import pandas as pd

from mixplan.config.demand import ClassesConfig
from mixplan.demand.classes import YEAR_WEEKS, product_classes
from mixplan.demand.scores import by_month
from mixplan.evaluation.metrics import POINT_METRICS, mase, pinball, seasonal_scale


def score_levels(predictions: pd.DataFrame, history: pd.DataFrame, interval: float) -> dict[str, float]:
    """Every metric at product x week, product x month and total x month, over all weeks of the horizon.

    Args:
        predictions: from ``backtest``; every week must have its actual.
        history: weekly demand; of each origin only the weeks before it are looked at.
        interval: level of ``lower_kg`` and ``upper_kg``, such as 0.8.

    Returns:
        Named ``<level>/<metric>``. Weeks of a product have ``mase`` too, scaled by its seasonal naive error on the
        history, and ``pinball``, the mean loss of both ends of the interval in kg.
    """
    months = by_month(predictions)
    levels = {
        "product_week": predictions,
        "product_month": months,
        "total_month": months.groupby(["origin", "month"], as_index=False)[["actual_kg", "prediction_kg"]].sum(),
    }
    scores = {f"{level}/{name}": value for level, rows in levels.items() for name, value in _points(rows).items()}
    actual, tail = predictions["actual_kg"], (1.0 - interval) / 2
    ends = {tail: predictions["lower_kg"], 1.0 - tail: predictions["upper_kg"]}
    scores["product_week/pinball"] = sum(pinball(actual, end, quantile) for quantile, end in ends.items()) / len(ends)
    scores["product_week/mase"] = mase(actual, predictions["prediction_kg"], _scales(predictions, history))
    return scores


def score_classes(predictions: pd.DataFrame, history: pd.DataFrame, config: ClassesConfig) -> dict[str, float]:
    """Every metric at product x month for each class that sold anything, and its share of what was sold.

    A product's classes are those of its origin, so that it may be in another at the next.

    Returns:
        Named ``class_<letter>/<metric>``, and ``class_<letter>/share``.
    """
    months = by_month(predictions)
    known = {origin: product_classes(history, origin, config) for origin in months["origin"].unique()}
    classes = pd.concat(known, names=["origin", "product"]).reset_index()
    rows = months.merge(classes, on=["origin", "product"], how="left", validate="many_to_one")
    total = rows["actual_kg"].sum()
    scores: dict[str, float] = {}
    for by in ("abc", "xyz"):
        for letter, part in rows.groupby(by):
            if (share := part["actual_kg"].sum() / total) > 0:
                scores |= {f"class_{letter}/{name}": value for name, value in _points(part).items()}
                scores[f"class_{letter}/share"] = float(share)
    return scores


def _points(rows: pd.DataFrame) -> dict[str, float]:
    return {name: metric(rows["actual_kg"], rows["prediction_kg"]) for name, metric in POINT_METRICS.items()}


def _scales(predictions: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """The seasonal scale of each row's product, as of its origin."""
    keys = ["origin", "product"]
    scales = {
        (origin, product): seasonal_scale(history.loc[history.index < origin, product], YEAR_WEEKS)
        for origin, product in predictions[keys].drop_duplicates().itertuples(index=False)
    }
    return pd.Series([scales[key] for key in predictions[keys].itertuples(index=False, name=None)])
