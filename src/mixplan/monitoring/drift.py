"""Whether what models learn from is still what it was: the latest weeks against the same weeks a year before.

Each distance is held against the same distance at earlier times: sales of two years are never equal, and only a change
that is larger than such changes were is news.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pandas as pd

from mixplan.config.monitor import MonitorConfig
from mixplan.monitoring.checks import Check, Figure, Worse, checks_of

YEAR = pd.Timedelta(weeks=52)


def distance_of_samples(now: pd.Series, before: pd.Series) -> float:
    """The two-sample Kolmogorov-Smirnov statistic: the largest gap between both shares of values up to a size.

    >>> distance_of_samples(pd.Series([1.0, 2.0]), pd.Series([2.0, 3.0]))
    0.5
    """
    from scipy.stats import ks_2samp

    return float(ks_2samp(now, before, method="asymp").statistic)


def distance_of_shares(now: pd.Series, before: pd.Series) -> float:
    """The Jensen-Shannon distance of two mixes in bits: 0 for the same mix, 1 where they have nothing in common.

    Args:
        now: kilograms by name.
        before: the same of another time.

    >>> distance_of_shares(pd.Series({"A": 5.0}), pd.Series({"B": 3.0}))
    1.0
    """
    from scipy.spatial.distance import jensenshannon

    names = now.index.union(before.index)
    return float(jensenshannon(now.reindex(names, fill_value=0.0), before.reindex(names, fill_value=0.0), base=2))


class Watched(NamedTuple):
    """What may drift, and how far apart two times of it are."""

    name: str
    rows: pd.DataFrame
    day: str
    """Column with the rows' time."""
    distance: Callable[[pd.DataFrame, pd.DataFrame], float]

    def at(self, until: pd.Timestamp, weeks: int) -> float | None:
        """The distance of the weeks before ``until`` from those a year before; None where either has no rows."""
        length, day = pd.Timedelta(weeks=weeks), self.rows[self.day]
        now, before = (self.rows[(day >= end - length) & (day < end)] for end in (until, until - YEAR))
        return None if now.empty or before.empty else self.distance(now, before)


def drift_checks(sales: pd.DataFrame, drivers: pd.DataFrame, until: pd.Timestamp, config: MonitorConfig) -> list[Check]:
    """Checks of order sizes, of the mix of products and of customers, and of each driver.

    Args:
        sales: the mart's ``sales``.
        drivers: observed drivers by ``week``, one column each.
        until: first day that is not known, a Monday.
        config: level and weeks.
    """
    weekly = drivers.melt("week", var_name="driver", value_name="value").dropna()
    watched = [
        Watched("size of an order line", sales, "sold_on", partial(_apart, column="quantity_kg")),
        Watched("mix of products", sales, "sold_on", partial(_mixed, by="product")),
        Watched("mix of customers", sales, "sold_on", partial(_mixed, by="customer_code")),
    ]
    watched += [
        Watched(str(driver), rows, "week", partial(_apart, column="value")) for driver, rows in weekly.groupby("driver")
    ]
    # Windows of earlier times end where today's begins, and do not overlap.
    step = pd.Timedelta(weeks=config.recent_weeks)
    earlier = pd.date_range(until - step, sales["sold_on"].min(), freq=-step)
    figures = []
    for each in watched:
        now, past = each.at(until, config.recent_weeks), [each.at(day, config.recent_weeks) for day in earlier]
        known = [distance for distance in past if distance is not None]
        figures += [] if now is None else [Figure(each.name, now, known, Worse.HIGHER)]
    return checks_of(figures, config.level)


def forecast_checks(
    forecast: pd.DataFrame, backtest: pd.DataFrame, sales: pd.DataFrame, config: MonitorConfig
) -> list[Check]:
    """Checks of what is forecast, beside the same weeks of the year before: how much of it, and of which products.

    Args:
        forecast: product, week, horizon_weeks and prediction_kg of one origin.
        backtest: the same of earlier origins, by ``origin``.
        sales: the mart's ``sales``.
        config: level and weeks.
    """
    now = _beside_last_year(forecast, sales, config.recent_weeks)
    past = [_beside_last_year(rows, sales, config.recent_weeks) for _, rows in backtest.groupby("origin")]
    names = {"forecast over the year before": Worse.EITHER, "mix of the forecast": Worse.HIGHER}
    figures = [
        Figure(name, now[position], [each[position] for each in past], worse)
        for position, (name, worse) in enumerate(names.items())
    ]
    return checks_of(figures, config.level)


def _beside_last_year(forecast: pd.DataFrame, sales: pd.DataFrame, weeks: int) -> tuple[float, float]:
    ahead = forecast[forecast["horizon_weeks"] <= weeks]
    first, after = ahead["week"].min() - YEAR, ahead["week"].max() + pd.Timedelta(weeks=1) - YEAR
    sold = sales[(sales["sold_on"] >= first) & (sales["sold_on"] < after)]
    expected, before = (
        rows.groupby("product")[name].sum() for rows, name in ((ahead, "prediction_kg"), (sold, "quantity_kg"))
    )
    return float(expected.sum() / before.sum()), distance_of_shares(expected, before)


def _apart(now: pd.DataFrame, before: pd.DataFrame, column: str) -> float:
    return distance_of_samples(now[column], before[column])


def _mixed(now: pd.DataFrame, before: pd.DataFrame, by: str) -> float:
    return distance_of_shares(now.groupby(by)["quantity_kg"].sum(), before.groupby(by)["quantity_kg"].sum())
