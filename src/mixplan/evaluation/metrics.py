"""Scores of a forecast: pure functions of actuals and predictions, with their true sign and unit.

A missing value is an error, so that no model wins by declining its hard rows.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

SQUARED = ("rmse", "r2")
"""Metrics that squared errors decide; absolute errors decide the others."""


def _checked(*columns: npt.ArrayLike) -> list[Values]:
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    if not arrays[0].size:
        raise ValueError("a score needs at least one row")
    if len({array.shape for array in arrays}) != 1:
        raise ValueError(f"rows differ in number: {[array.shape for array in arrays]}")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("a score does not skip rows: every actual and prediction must be finite")
    return arrays


def rmse(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Root mean squared error, in the unit of the actuals; lower is better.

    >>> rmse([1, 2, 3], [1, 2, 6])
    1.7320508075688772
    """
    y, p = _checked(actual, predicted)
    return float(np.sqrt(np.mean((y - p) ** 2)))


def mae(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Mean absolute error, in the unit of the actuals; lower is better.

    >>> mae([1, 2, 3], [1, 2, 6])
    1.0
    """
    y, p = _checked(actual, predicted)
    return float(np.mean(np.abs(y - p)))


def r2(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Coefficient of determination, 1 - SSE / SST, about the mean of the scored actuals; higher is better.

    Actuals that do not vary have no variance to explain: 1 for an exact forecast, otherwise 0.

    >>> r2([1, 2, 3], [1, 2, 4])
    0.5
    """
    y, p = _checked(actual, predicted)
    errors, spread = float(np.sum((y - p) ** 2)), float(np.sum((y - y.mean()) ** 2))
    if spread == 0.0:
        return 1.0 if errors == 0.0 else 0.0
    return 1.0 - errors / spread


def wape(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Weighted absolute percentage error, sum |y - p| / sum |y|, as a share; lower is better.

    >>> wape([10, 30], [15, 25])
    0.25
    """
    y, p = _checked(actual, predicted)
    total = float(np.sum(np.abs(y)))
    if total == 0.0:
        raise ValueError("WAPE is undefined where every actual is zero")
    return float(np.sum(np.abs(y - p))) / total


def bias(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Sum of (prediction - actual) / sum |actual|, as a share: above zero is too much; best is zero.

    >>> bias([10, 30], [15, 30])
    0.125
    """
    y, p = _checked(actual, predicted)
    total = float(np.sum(np.abs(y)))
    if total == 0.0:
        raise ValueError("bias is undefined where every actual is zero")
    return float(np.sum(p - y)) / total


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of actuals inside their interval; best is the interval's nominal level.

    >>> coverage([1, 5], [0, 0], [2, 4])
    0.5
    """
    y, low, high = _checked(actual, lower, upper)
    return float(np.mean((low <= y) & (y <= high)))


def seasonal_scale(history: npt.ArrayLike, season: int) -> float:
    """Mean absolute error of repeating the last season in a series that is known: the unit of ``mase``.

    It is 0 for a series that repeats itself exactly, by which no error can be scaled.

    Raises:
        ValueError: the series is not longer than a season.

    >>> seasonal_scale([1, 5, 2, 7], season=2)
    1.5
    """
    (y,) = _checked(history)
    if len(y) <= season:
        raise ValueError(f"a scale needs more than one season ({season}), the series has {len(y)} values")
    return float(np.mean(np.abs(y[season:] - y[:-season])))


def mase(actual: npt.ArrayLike, predicted: npt.ArrayLike, scale: npt.ArrayLike) -> float:
    """Mean absolute scaled error; below 1 is better than repeating the last season did on the history.

    Hyndman and Koehler (2006), Another look at measures of forecast accuracy, with the seasonal scale.

    Args:
        actual: what came, a row each.
        predicted: what was forecast for it.
        scale: ``seasonal_scale`` of the row's series, of what was known at its origin.

    >>> mase([10, 30], [12, 25], [4, 10])
    0.5
    """
    y, p, s = _checked(actual, predicted, scale)
    if (s <= 0.0).any():
        raise ValueError("every scale must be above zero")
    return float(np.mean(np.abs(y - p) / s))


def pinball(actual: npt.ArrayLike, predicted: npt.ArrayLike, quantile: float) -> float:
    """Mean pinball loss of a forecast of one quantile, in the unit of the actuals; lower is better.

    >>> pinball([10, 10], [8, 11], quantile=0.9)
    0.95
    """
    if not 0.0 < quantile < 1.0:
        raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
    y, p = _checked(actual, predicted)
    return float(np.mean(np.maximum(quantile * (y - p), (quantile - 1.0) * (y - p))))


def interval_pinball(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, level: float) -> float:
    """Mean pinball loss of both ends of an interval of this level, in the unit of the actuals; lower is better.

    >>> interval_pinball([10, 10], [8, 11], [11, 12], level=0.8)
    0.35
    """
    tail = (1.0 - level) / 2
    return (pinball(actual, lower, tail) + pinball(actual, upper, 1.0 - tail)) / 2


def skill(error: float, baseline: float) -> float:
    """The share of a baseline's error that a forecast avoids, 1 - error / baseline: below zero it is worse.

    >>> skill(3.0, 4.0)
    0.25
    """
    if baseline <= 0.0:
        raise ValueError("skill is undefined against a baseline without error")
    return 1.0 - error / baseline


GREATER_IS_BETTER = {
    "r2": True,
    "rmse": False,
    "mae": False,
    "wape": False,
    "cost": False,
    "average_precision": True,
    "roc_auc": True,
    "brier": False,
}
"""Direction of every metric that may pick a winner."""

POINT_METRICS: dict[str, Callable[[npt.ArrayLike, npt.ArrayLike], float]] = {
    "r2": r2,
    "rmse": rmse,
    "mae": mae,
    "wape": wape,
    "bias": bias,
}
"""Every score of a point forecast by its name."""
