"""Drivers by week, as the demand forecast reads them."""

from collections.abc import Mapping

import pandas as pd


def weekly_drivers(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Forecasts as means over the seven days of each week.

    Args:
        forecasts: the winners', from ``of_winners``.

    Returns:
        Rows by ``origin`` and ``week`` (its Monday), one column a driver in the order of ``forecasts``.
    """
    week = forecasts["origin"] + pd.to_timedelta((forecasts["horizon_days"] - 1) // 7 * 7, unit="D")
    columns = {
        driver: rows.groupby(["origin", week[rows.index].rename("week")])["mean"].mean()
        for driver, rows in forecasts.groupby("driver", sort=False)
    }
    return pd.DataFrame(columns).reset_index()


def weekly_observed(series: Mapping[str, pd.Series]) -> pd.DataFrame:
    """What was observed, as means over the seven days of each week.

    Args:
        series: by driver, from ``driver_series``; a month's value stands on each of its days.

    Returns:
        Rows by ``week``, one column a driver, NaN where not all seven days are observed.
    """
    columns = {}
    for driver, values in series.items():
        last = pd.DatetimeIndex(values.index).shift(1)[-1] - pd.Timedelta(days=1)
        days = pd.date_range(values.index[0], last)
        mondays = days - pd.to_timedelta(days.weekday, unit="D")
        weeks = values.reindex(days, method="ffill").groupby(mondays).agg(["mean", "size"])
        columns[driver] = weeks["mean"].where(weeks["size"] == 7)
    return pd.DataFrame(columns).rename_axis("week").reset_index()
