"""A plant whose customers keep their habits, and forecasts of it that miss by chance alone."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.monitor import MonitorConfig

FINAL = pd.Timestamp("2024-07-01")
PRODUCTS = ("A", "B", "C")


@pytest.fixture
def config() -> MonitorConfig:
    return MonitorConfig(level=0.05, minimum_weeks=4, recent_weeks=13, longest_gap_days={"sales": 7}, gauges=None)


@pytest.fixture(scope="session")
def sales() -> pd.DataFrame:
    """Five years of order lines, three a day."""
    rng = np.random.default_rng(3)
    days = pd.date_range("2019-07-01", FINAL, inclusive="left").repeat(3)
    return pd.DataFrame(
        {
            "sold_on": days,
            "product": rng.choice(PRODUCTS, len(days)),
            "customer_code": rng.choice(["1", "2", "3", "4"], len(days)),
            "quantity_kg": rng.lognormal(6.0, 0.5, len(days)),
        }
    )


def forecasts(origins: pd.DatetimeIndex, seed: int, factor: float = 1.0, weeks: int = 26) -> pd.DataFrame:
    """Forecasts of 100 kg a week with what came: the same, times ``factor`` and chance."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [
            (origin, product, origin + pd.Timedelta(weeks=week), week + 1)
            for origin in origins
            for product in PRODUCTS
            for week in range(weeks)
        ],
        columns=["origin", "product", "week", "horizon_weeks"],
    )
    rows["prediction_kg"], rows["lower_kg"], rows["upper_kg"] = 100.0, 80.0, 120.0
    rows["actual_kg"] = factor * 100.0 * rng.normal(1.0, 0.15, len(rows))
    return rows


@pytest.fixture(scope="session")
def backtest() -> pd.DataFrame:
    return forecasts(pd.date_range("2023-01-02", periods=8, freq="8W-MON"), seed=1)
