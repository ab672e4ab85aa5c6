"""How often demand stayed at or below its quantiles: as often as their level says, where they are honest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mixplan.demand.history import horizon_month
from mixplan.demand.quantiles import column_of


def coverage_by_level(predictions: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    """Shares of weeks that came out at or below each quantile, by month of the horizon.

    A week without sales equals all of its quantiles that are zero, and would count below each, however low: it counts
    in proportion to a level's place among them, which is the probability integral transform for counts (Czado,
    Gneiting and Held, Predictive Model Assessment for Count Data, Biometrics 65, 2009).

    Args:
        predictions: from ``backtest`` with these levels and a known outcome in each row.
        levels: in rising order.

    Returns:
        One row a month (index ``month``), one column a level.

    >>> rows = pd.DataFrame({"horizon_weeks": [1, 1], "actual_kg": [0.0, 5.0], "q25_kg": [0.0, 0.0],
    ...                      "q50_kg": [0.0, 4.0], "q75_kg": [2.0, 6.0]})
    >>> coverage_by_level(rows, [0.25, 0.5, 0.75]).to_numpy().tolist()
    [[0.2, 0.4, 1.0]]
    """
    asked = np.asarray(levels, dtype=np.float64)
    found = predictions[[column_of(level) for level in levels]].to_numpy()
    actual = predictions[["actual_kg"]].to_numpy()
    # Nothing has a probability that lies between the last level at zero and the next one.
    edges = np.array([0.0, *asked, 1.0])
    at_zero = (found == 0).sum(axis=1, keepdims=True)
    nothing = (edges[at_zero] + edges[at_zero + 1]) / 2
    below = np.where((actual == 0) & (found == 0), np.minimum(asked / nothing, 1.0), actual <= found)
    by_month = pd.DataFrame(below, columns=list(levels)).groupby(horizon_month(predictions["horizon_weeks"]).to_numpy())
    return by_month.mean().rename_axis("month")
