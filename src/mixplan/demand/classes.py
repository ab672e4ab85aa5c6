"""Products by volume (ABC) and by variability (XYZ), as they were known at an origin."""

import numpy as np
import pandas as pd

from mixplan.config.demand import ClassesConfig

YEAR_WEEKS, BLOCK_WEEKS = 52, 4
"""A year is 13 blocks of 4 weeks: calendar months differ in length, which is no variability of demand."""


def product_classes(history: pd.DataFrame, origin: pd.Timestamp, config: ClassesConfig) -> pd.DataFrame:
    """The classes of every product with sales in the year before an origin.

    A is what makes up the first share of the demand, the product that crosses its end included; then B, and C.
    X varies least from one block of four weeks to the next, Z most.

    Args:
        history: weekly demand, see ``weekly_demand``; only weeks before the origin are looked at.
        origin: a Monday.
        config: where classes end.

    Returns:
        Index product; columns ``abc`` and ``xyz``.

    >>> weeks = pd.date_range("2023-01-02", periods=52, freq="W-MON")
    >>> history = pd.DataFrame({"large": 90.0, "small": [40.0, *[8.0] * 51]}, index=weeks)
    >>> history["odd"] = [52.0, *[0.0] * 51]
    >>> config = ClassesConfig(volume=(0.8, 0.95), variation=(0.5, 1.0))
    >>> product_classes(history, pd.Timestamp("2024-01-01"), config).to_dict("index")
    {'large': {'abc': 'A', 'xyz': 'X'}, 'small': {'abc': 'B', 'xyz': 'X'}, 'odd': {'abc': 'C', 'xyz': 'Z'}}
    """
    year = history[history.index < origin].iloc[-YEAR_WEEKS:]
    volume = year.sum().sort_values(ascending=False, kind="stable")
    volume = volume[volume > 0]
    larger = (volume.cumsum() - volume) / volume.sum()
    blocks = year[volume.index].groupby(np.arange(len(year)) // BLOCK_WEEKS).sum()
    variation = blocks.std(ddof=0) / blocks.mean()
    return pd.DataFrame(
        {"abc": _letters(larger, config.volume, "ABC"), "xyz": _letters(variation, config.variation, "XYZ")}
    )


def _letters(values: pd.Series, limits: tuple[float, float], letters: str) -> pd.Series:
    return pd.Series(np.array(list(letters))[np.searchsorted(limits, values, side="right")], index=values.index)
