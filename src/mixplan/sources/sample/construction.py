"""Construction starts by month: season, the cycle of the trade, and months that differ for no known reason."""

import numpy as np
import pandas as pd

from mixplan.sources.sample.randomness import Values, autocorrelated

SEASON = np.array([-0.30, -0.24, 0.02, 0.08, 0.10, 0.14, 0.02, -0.02, 0.04, 0.02, 0.06, 0.08])
"""Log of a month's construction starts about the year's mean, January first."""
CYCLE, CYCLE_MEMORY, NOISE = 0.18, 0.96, 0.08
"""Standard deviations of the log by the cycle of the trade and by chance, and the cycle's correlation by month."""


def simulate_construction(rng: np.random.Generator, months: pd.DatetimeIndex) -> pd.DataFrame:
    """A frame month, construction_index: floor area started, relative to the mean of the first twelve months."""
    cycle = CYCLE * autocorrelated(rng, (len(months),), CYCLE_MEMORY)
    noise = NOISE * rng.standard_normal(len(months))
    level = np.exp(SEASON[months.month.to_numpy() - 1] + cycle + noise)
    return pd.DataFrame({"month": months, "construction_index": np.round(level / level[:12].mean(), 4)})


def construction_effect(construction: pd.DataFrame, days: pd.DatetimeIndex, lag_months: int) -> Values:
    """Log of the starts that a day's sites come from: the mean of the month ``lag_months`` ago and the one before it.

    >>> months = pd.to_datetime(["2024-01-01", "2024-02-01"])
    >>> starts = pd.DataFrame({"month": months, "construction_index": [1.0, np.e]})
    >>> construction_effect(starts, pd.DatetimeIndex(["2024-03-15"]), lag_months=1).tolist()
    [0.5]
    """
    log_starts = np.log(construction["construction_index"].to_numpy())
    first = construction["month"].iloc[0]
    position = (days.year - first.year) * 12 + (days.month - first.month) - lag_months
    index = position.to_numpy()
    return np.asarray((log_starts[index] + log_starts[index - 1]) / 2.0, dtype=np.float64)
