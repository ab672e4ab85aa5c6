"""Driver series from the mart, and what an origin knows of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.interface import DriverError


class DriverHistory(NamedTuple):
    """The drivers that a source has."""

    series: dict[str, pd.Series]
    """By driver, without gaps."""
    lacking: list[str]
    """Drivers that the source does not have."""
    bridged: dict[str, int]
    """By driver, how many steps were missing and took the value before them."""


def driver_series(
    weather: pd.DataFrame, construction: pd.DataFrame, series: Mapping[str, SeriesConfig]
) -> DriverHistory:
    """Each configured driver as one series: the mean over regions by day, or the value by month.

    Args:
        weather: the mart's table, by ``date`` and ``region``.
        construction: the mart's table, by ``month``.
        series: facts by driver.

    Raises:
        DriverError: a gap is longer than ``longest_gap``, or the mart has no such column.
    """
    found: dict[str, pd.Series] = {}
    lacking: list[str] = []
    bridged: dict[str, int] = {}
    for name, facts in series.items():
        table, step = (weather, "date") if facts.frequency == "D" else (construction, "month")
        if name not in table:
            raise DriverError(f"drivers.series.{name}: the mart has no such column by {step}; mend conf/drivers")
        values = table.dropna(subset=[name]).groupby(step)[name].mean()
        if values.empty:
            lacking.append(name)
            continue
        found[name], bridged[name] = _bridge(values.asfreq(facts.frequency), facts.longest_gap)
    return DriverHistory(found, lacking, bridged)


def _bridge(series: pd.Series, longest_gap: int) -> tuple[pd.Series, int]:
    """Carry values over gaps: to interpolate would tell a forecast made inside a gap what came after it."""
    missing = series.isna()
    gaps = missing.groupby((~missing).cumsum()).sum()
    if gaps.max() > longest_gap:
        before = series.index[(~missing).to_numpy()][int(gaps.to_numpy().argmax())]
        raise DriverError(
            f"driver {series.name}: {int(gaps.max())} steps are missing after {before.date()}, more than the "
            f"{longest_gap} that drivers.series.{series.name}.longest_gap allows; add them to the source"
        )
    return series.ffill(), int(missing.sum())


def known_steps(series: pd.Series, origins: pd.DatetimeIndex, facts: SeriesConfig) -> npt.NDArray[np.int64]:
    """How many of a series' first steps are published at each origin.

    >>> monthly = pd.Series([1.0, 2.0], index=pd.date_range("2024-01-01", periods=2, freq="MS"))
    >>> facts = SeriesConfig(frequency="MS", minimum=None, maximum=None, publication_lag_days=30, longest_gap=0)
    >>> known_steps(monthly, pd.to_datetime(["2024-02-26", "2024-03-04", "2024-04-01"]), facts).tolist()
    [0, 1, 2]
    """
    ends = pd.date_range(series.index[0], periods=len(series) + 1, freq=facts.frequency)[1:]
    published = ends + pd.Timedelta(days=facts.publication_lag_days)
    return published.searchsorted(origins, side="right").astype(np.int64)
