"""Demand as a level that moves slowly times a season of a few waves: what goes on when a plant grows or shrinks.

A generalised additive model (Hastie and Tibshirani, Generalized Additive Models, 1990): the plant's season is three
waves a year and the days off, a product's own season one wave about the plant's, and each has a level by quarters,
which walks. The more chance a quantity holds, the less it moves them, so that a product that sells little borrows the
plant's season and keeps its level. The last quarter's level goes on.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

QUARTER_WEEKS = 13
PLANT_WAVES, PRODUCT_WAVES = 3, 1
WAVE, DAY_OFF = 0.5, 0.3
"""Standard deviations, in the log, of what a wave and a day off do to the plant, before anything is known of it."""
OWN_WAVE = 0.3
"""The same of a product's own wave."""
PLANT_STEP, PRODUCT_STEP = 0.10, 0.13
"""Standard deviations, in the log, of a level's step from one quarter to the next."""
LARGEST_CHANGE, STEPS, PRECISE = 1.0, 30, 1e-6
"""Newton's method: the largest change of a coefficient in a step, how many steps, and a change that ends them."""

Values = npt.NDArray[np.float64]


def demand_curve(past: pd.DataFrame, days_off: pd.Series) -> pd.DataFrame:
    """Kilograms expected in weeks to come.

    Args:
        past: weekly demand up to an origin, see ``weekly_demand``, of products that were sold at least once. Weeks
            before a product's first sale say nothing of it.
        days_off: working days that are free, by week: of the weeks of ``past``, then of those to come.

    Returns:
        One row a week to come, one column a product.

    >>> past = pd.DataFrame({"A": 8.0}, index=pd.date_range("2023-01-02", periods=52, freq="W-MON"))
    >>> days_off = pd.Series(0, pd.date_range("2023-01-02", periods=54, freq="W-MON"))
    >>> demand_curve(past, days_off).round(3)["A"].tolist()
    [8.0, 8.0]
    """
    kg, known = past.to_numpy(dtype=np.float64), len(past)
    own = _waves(days_off.index, PRODUCT_WAVES)
    shared = np.hstack([_waves(days_off.index, PLANT_WAVES), days_off.to_numpy(dtype=np.float64)[:, None]])
    deviations = [WAVE] * 2 * PLANT_WAVES + [DAY_OFF]
    total = kg.sum(axis=1, keepdims=True)
    # Threads would share sums as small as these only to round them differently.
    with threadpool_limits(limits=1, user_api="blas"):
        _, plant = _fit(total, np.zeros(known), shared[:known], deviations, PLANT_STEP)
        season = shared @ plant[0]
        levels, waves = _fit(kg, season[:known], own[:known], [OWN_WAVE] * 2 * PRODUCT_WAVES, PRODUCT_STEP)
        log_kg = levels + season[known:, None] + own[known:] @ waves.T
    return pd.DataFrame(np.exp(log_kg), index=days_off.index[known:].rename("week"), columns=past.columns)


def _waves(weeks: pd.Index, count: int) -> Values:
    """Sine and cosine (weeks, 2 count) of the middle of each week, once a year, twice and so on."""
    middle = pd.DatetimeIndex(weeks) + pd.Timedelta(days=3)
    angle = 2 * np.pi * middle.dayofyear.to_numpy() / 365.25
    return np.column_stack([wave(turn * angle) for turn in range(1, count + 1) for wave in (np.sin, np.cos)])


def _fit(kg: Values, offset: Values, effects: Values, deviations: list[float], step: float) -> tuple[Values, Values]:
    """Last levels (series) and effects (series, columns of ``effects``) of weekly kilograms (weeks, series).

    The log of what is expected is the level of the quarter, the offset (weeks) and the effects. The penalised
    likelihood is Poisson's, scaled by the kilograms that come at once: variance over mean.
    """
    weeks, series = kg.shape
    quarter = (np.arange(weeks) - weeks) // QUARTER_WEEKS
    levels = np.eye(quarter[-1] - quarter[0] + 1)
    design = np.hstack([levels[quarter - quarter[0]], effects])
    count = len(levels)
    penalty = np.diag([0.0] * count + [deviation**-2 for deviation in deviations])
    walk = np.diff(levels, axis=0)
    penalty[:count, :count] = walk.T @ walk / step**2
    products = (design[:, :, None] * design[:, None, :]).reshape(weeks, -1)
    sold = kg.T
    since = np.maximum.accumulate(sold > 0, axis=1)
    found = np.zeros((series, design.shape[1]))
    found[:, :count] = np.log(sold.sum(axis=1) / (since * np.exp(offset)).sum(axis=1))[:, None]
    for _ in range(STEPS):
        expected = since * np.exp(found @ design.T + offset)
        at_once = ((sold - expected) ** 2).sum(axis=1) / expected.sum(axis=1) + PRECISE
        slope = (sold - expected) @ design / at_once[:, None] - found @ penalty
        curvature = (expected / at_once[:, None]) @ products
        bent = curvature.reshape(series, *penalty.shape) + penalty
        change = np.linalg.solve(bent, slope[:, :, None])[:, :, 0].clip(-LARGEST_CHANGE, LARGEST_CHANGE)
        found += change
        if np.abs(change).max() < PRECISE:
            break
    return found[:, count - 1], found[:, count:]
