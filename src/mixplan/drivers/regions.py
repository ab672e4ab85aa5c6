"""Weather by region: the country's forecast, and how far a region usually lies from it at that time of the year.

A pour is planned where it is poured. What moves the weather from one day to the next moves the country as a whole, so
the winners' forecasts are shared; what regions have of their own is where they lie.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.scores import scored_rows
from mixplan.drivers.season import coefficients_of, fourier
from mixplan.evaluation.metrics import rmse, skill
from mixplan.evaluation.origins import Origins

HARMONICS = 1
"""Waves a year of the difference between a region and the country."""
LEAST_REGIONS = 2
COLUMNS = ["origin", "driver", "region", "date", "mean"]


def differences(observed: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """How far regions usually lie above the country, as a wave of the year that is fitted to what is known.

    Args:
        observed: what is known by date, one column a region; its mean over regions is the country.
        dates: days that are asked for.

    Returns:
        One row a date, one column a region, in the driver's unit.

    >>> days = pd.date_range("2023-01-01", periods=365)
    >>> observed = pd.DataFrame({"North": 8.0, "South": 12.0}, index=days)
    >>> differences(observed, pd.to_datetime(["2024-01-01"])).round(6).iloc[0].tolist()
    [-2.0, 2.0]
    """
    apart, ahead = observed.sub(observed.mean(axis=1), axis=0), fourier(dates, "D", HARMONICS)
    usual = {
        region: ahead @ coefficients_of(known, fourier(pd.DatetimeIndex(known.index), "D", HARMONICS))
        for region in apart
        for known in [apart[region].dropna()]
    }
    return pd.DataFrame(usual, index=dates)


def regions_of(weather: pd.DataFrame, driver: str) -> pd.DataFrame:
    """A driver by date, one column a region; no column where the source tells no regions apart, or it is monthly."""
    known = weather.dropna(subset=[driver]) if driver in weather else weather.iloc[:0].assign(**{driver: 0.0})
    table = known.pivot_table(index="date", columns="region", values=driver)
    return table if table.shape[1] >= LEAST_REGIONS else table.iloc[:, :0]


def regional_forecasts(
    forecasts: pd.DataFrame, weather: pd.DataFrame, series: Mapping[str, SeriesConfig], origin: pd.Timestamp
) -> pd.DataFrame:
    """What is expected in each region from an origin on.

    Args:
        forecasts: the winners', from ``of_winners``.
        weather: the mart's table.
        series: facts by driver.
        origin: whose forecasts are divided.

    Returns:
        Rows of ``COLUMNS``; none where the source tells no regions apart.
    """
    parts = []
    for driver, rows in forecasts[forecasts["origin"] == origin].groupby("driver", sort=False):
        observed = regions_of(weather[weather["date"] < origin], str(driver))
        if observed.columns.empty:
            continue
        country = rows.set_index("date")["mean"]
        own = differences(observed, pd.DatetimeIndex(country.index)).add(country, axis=0)
        bounded = own.clip(series[str(driver)].minimum, series[str(driver)].maximum)
        long = bounded.rename_axis("date").melt(var_name="region", value_name="mean", ignore_index=False)
        parts.append(long.reset_index().assign(origin=origin, driver=driver)[COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def score_regions(
    forecasts: pd.DataFrame,
    weather: pd.DataFrame,
    series: Mapping[str, SeriesConfig],
    origins: Origins,
    bands: Mapping[str, Sequence[Band]],
) -> dict[str, dict[str, dict[str, float]]]:
    """How near regions' forecasts come, beside the country's in their place.

    Like the winners, differences are fitted once, on what was known at the first selection origin.

    Returns:
        By driver and band: ``rmse`` over days and regions in the driver's unit, ``rmse_country`` of the country's
        forecast, and the ``skill`` of the one against the other; no driver whose regions are not told apart.
    """
    scores: dict[str, dict[str, dict[str, float]]] = {}
    for driver, rows in scored_rows(forecasts, origins).groupby("driver", sort=False):
        table, facts = regions_of(weather, str(driver)), series[str(driver)]
        known = table[table.index < origins.selection[0]]
        apart = differences(known, pd.DatetimeIndex(sorted(rows["date"].unique())))
        for band in bands[str(driver)] if len(apart.columns) else ():
            part = rows[rows["horizon_days"].between(*band)]
            country = np.repeat(part[["mean"]].to_numpy(), table.shape[1], axis=1)
            own = (country + apart.loc[part["date"]].to_numpy()).clip(facts.minimum, facts.maximum)
            came = table.reindex(part["date"]).to_numpy()
            seen = np.isfinite(came)
            errors = {"rmse": rmse(came[seen], own[seen]), "rmse_country": rmse(came[seen], country[seen])}
            errors["skill"] = skill(errors["rmse"], errors["rmse_country"])
            scores.setdefault(str(driver), {})[band.label] = errors
    return scores
