"""How a week's demand may fall: quantiles from past errors, by a model that had not seen their weeks.

Most weeks of a small product bring nothing, so a week either brings nothing, as often as over the last year, or an
order-sized amount (Croston, Forecasting and Stock Control for Intermittent Demands, Operational Research Quarterly 23,
1972). Errors of such amounts, in units of the product's own variation, are alike for all products: their empirical
quantiles are those of split conformal prediction (Vovk et al., Algorithmic Learning in a Random World, 2005).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[np.float64]
POINTS = np.linspace(0.0, 1.0, 101)
"""Levels at which the distribution of errors is kept."""
LEAST_EXPECTED = 0.02
"""A week is taken to bring at least this share of the product's level where it brings anything."""
LEAST_VARIATION = 0.02
"""Least squared variation of amounts, as shares of their mean: a product sold twice may have none by chance."""


def error_points(rows: pd.DataFrame, expected: pd.Series) -> list[float]:
    """The errors' quantiles at ``POINTS``.

    Args:
        rows: features with ``actual_kg``, at least one of them above zero.
        expected: expected kilograms of each row, by a model that had not seen its week.
    """
    amount, spread, _ = _when_sold(rows, expected)
    came = rows["actual_kg"].to_numpy(dtype=np.float64)
    errors = ((came - amount) / spread)[came > 0]
    return [float(error) for error in np.quantile(errors, POINTS)]


def quantiles(rows: pd.DataFrame, expected: pd.Series, errors: Sequence[float], levels: Sequence[float]) -> Values:
    """Kilograms that a week's demand does not exceed with the probability of each level.

    Args:
        rows: features.
        expected: expected kilograms of each row.
        errors: from ``error_points``.
        levels: probabilities, each above 0 and below 1.

    Returns:
        One row for each of ``rows``, one column a level; none below zero, and none below that of a lower level.

    >>> row = pd.DataFrame({"level_kg": [50.0], "weeks_sold": [0.5], "variation": [2.0]})
    >>> quantiles(row, pd.Series([50.0]), [0.0] * 101, [0.3, 0.6]).tolist()
    [[0.0, 100.0]]
    """
    amount, spread, often = _when_sold(rows, expected)
    asked = np.asarray(levels, dtype=np.float64)
    among_sold = (asked - (1 - often[:, None])) / often[:, None]
    found = amount[:, None] + spread[:, None] * np.interp(among_sold, POINTS, errors)
    return np.where(among_sold > 0, found.clip(min=0.0), 0.0)


def column_of(level: float) -> str:
    """The column of a level.

    >>> column_of(0.1), column_of(0.975)
    ('q10_kg', 'q97.5_kg')
    """
    return f"q{100 * level:.10g}_kg"


def _when_sold(rows: pd.DataFrame, expected: pd.Series) -> tuple[Values, Values, Values]:
    """What a week brings that brings anything, how widely that varies (both in kg), and the share of such weeks."""
    often = rows["weeks_sold"].to_numpy(dtype=np.float64)
    least = LEAST_EXPECTED * rows["level_kg"].to_numpy(dtype=np.float64)
    amount = np.maximum(expected.to_numpy(dtype=np.float64), least) / often
    # The square of all weeks' variation, less what comes from weeks without sales.
    squared = (rows["variation"].to_numpy(dtype=np.float64) ** 2 + 1) * often - 1
    return amount, amount * np.sqrt(squared.clip(min=LEAST_VARIATION)), often
