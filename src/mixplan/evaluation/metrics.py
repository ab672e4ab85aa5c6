"""Scores of a forecast: pure functions of actuals and predictions, with their true sign and unit.

A missing value is an error, so that no model wins by declining its hard rows.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


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
