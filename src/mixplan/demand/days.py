"""How a week's demand divides over its days: as in the two years before the origin, holidays apart.

All products share one profile: one of each product's own was no better on either source.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.demand.public_holidays import known_holidays

PROFILE_WEEKS = 104


def shares_by_day(sales: pd.DataFrame, origin: pd.Timestamp, horizon_weeks: int, country: str) -> pd.DataFrame:
    """Shares of the days in each week from ``origin`` on.

    A day weighs as much as its weekday brought on average on days that were no public holidays; a holiday weighs the
    share of that which holidays brought on average. A week whose days all weigh nothing is divided evenly.

    Args:
        sales: the mart's ``sales``.
        origin: a Monday, the first day that does not count.
        horizon_weeks: number of weeks.
        country: ISO code of the country whose public holidays count.

    Returns:
        origin, week, date and share, seven rows a week; the shares of a week add up to 1.

    >>> sales = pd.DataFrame({"sold_on": pd.to_datetime(["2024-02-05", "2024-02-06", "2024-02-13"]),
    ...                       "quantity_kg": [10.0, 5.0, 25.0]})
    >>> shares_by_day(sales, pd.Timestamp("2024-02-19"), 1, "KR")["share"].round(3).tolist()
    [0.4, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    week = pd.Timedelta(weeks=1)
    known = sales[(sales["sold_on"] < origin) & (sales["sold_on"] >= origin - PROFILE_WEEKS * week)]
    past = pd.date_range(known["sold_on"].min(), origin - pd.Timedelta(days=1))
    days = pd.date_range(origin, periods=7 * horizon_weeks, name="date")
    free = known_holidays(country, past[0], days[-1], origin)
    sold = known.groupby("sold_on")["quantity_kg"].sum().reindex(past, fill_value=0.0)
    of_weekday, of_holiday = _weights(sold, sold.index.isin(free))
    weights = (of_weekday[days.weekday] * np.where(days.isin(free), of_holiday, 1.0)).reshape(-1, 7)
    weights[weights.sum(axis=1) == 0] = 1.0
    share = (weights / weights.sum(axis=1, keepdims=True)).ravel()
    weeks = days - pd.to_timedelta(days.weekday, unit="D")
    return pd.DataFrame({"origin": origin, "week": weeks, "date": days, "share": share})


def shares_at(origins: Iterable[pd.Timestamp], sales: pd.DataFrame, horizon_weeks: int, country: str) -> pd.DataFrame:
    """The shares that were known on each of these origins; see ``shares_by_day``."""
    return pd.concat([shares_by_day(sales, each, horizon_weeks, country) for each in origins], ignore_index=True)


def _weights(sold: pd.Series, is_free: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], float]:
    """What an ordinary day of each weekday brings in kg, and the share of it that holidays bring."""
    weekday = pd.DatetimeIndex(sold.index).weekday
    of_weekday = sold[~is_free].groupby(weekday[~is_free]).mean().reindex(range(7), fill_value=0.0).to_numpy()
    instead = of_weekday[weekday[is_free]].sum()
    return of_weekday, float(sold[is_free].sum() / instead) if instead else 0.0
