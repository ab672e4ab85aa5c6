"""What the planners forecast by month: the mean of the last three months, a feeling, and a round number."""

import numpy as np
import pandas as pd

from mixplan.config.simulation import Operations


def simulate_planner_forecasts(rng: np.random.Generator, work: Operations, sales: pd.DataFrame) -> pd.DataFrame:
    """A frame month, product, quantity_kg from the fourth month of sales to the month after the last one."""
    by_month = sales.assign(month=sales["sold_on"].dt.to_period("M"))
    sold = by_month.pivot_table(index="month", columns="product", values="quantity_kg", aggfunc="sum", fill_value=0.0)
    months = pd.PeriodIndex(sold.index)
    sold = sold.reindex(pd.period_range(months[0], months[-1] + 1, freq="M"), fill_value=0.0)
    felt = sold.rolling(3).mean().shift(1).iloc[3:]
    felt_kg = felt.to_numpy() * rng.lognormal(0.0, work.planning_noise, felt.shape)
    step = np.where(felt_kg < 20_000.0, 1_000.0, 5_000.0)
    month, product = pd.PeriodIndex(felt.index).to_timestamp(), felt.columns.to_numpy(dtype=object)
    keys = {"month": np.repeat(month.to_numpy(), len(product)), "product": np.tile(product, len(month))}
    return pd.DataFrame({**keys, "quantity_kg": (np.round(felt_kg / step) * step).ravel()})
