"""Weather by day and region: seasons, spells that move over the whole country, and what falls from the sky."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.randomness import Values, autocorrelated

COLDEST_DAY = 26
"""Day of the year on which the mean temperature is lowest."""
MONSOON_DAY = 200
"""Day of the year about which the rainy season lies."""


@dataclass(frozen=True)
class Weather:
    """Four arrays of shape (days, regions), rounded as a station reports them."""

    temperature_c: Values
    humidity_pct: Values
    rain_mm: Values
    snow_cm: Values


def simulate_weather(rng: np.random.Generator, days: pd.DatetimeIndex, catalogue: Catalogue) -> Weather:
    """Weather of all regions; rain falls as snow where it freezes."""
    shape = (len(days), len(catalogue.regions))
    day = days.dayofyear.to_numpy(dtype=np.float64)[:, None]
    temperature = _temperature(rng, day, shape, catalogue)
    precipitation = _precipitation(rng, day, shape, catalogue)
    frozen = np.clip((1.5 - temperature) / 2.0, 0.0, 1.0)
    humidity = _humidity(rng, day, shape, catalogue, precipitation)
    return Weather(
        temperature_c=temperature,
        humidity_pct=humidity,
        rain_mm=np.round(precipitation * (1.0 - frozen), 1),
        snow_cm=np.round(precipitation * frozen * 0.9, 1),  # a millimetre of water is about a centimetre of snow
    )


def weather_frame(weather: Weather, days: pd.DatetimeIndex, catalogue: Catalogue) -> pd.DataFrame:
    """The arrays as rows, region by region and day by day."""
    names = [region.name for region in catalogue.regions]
    columns = {name: getattr(weather, name)[: len(days)].T.ravel() for name in Weather.__dataclass_fields__}
    keys = {"date": np.tile(days.to_numpy(), len(names)), "region": np.repeat(np.array(names, object), len(days))}
    return pd.DataFrame({**keys, **columns})


def _of_regions(catalogue: Catalogue, field: str) -> Values:
    return np.array([getattr(region, field) for region in catalogue.regions], dtype=np.float64)


def _temperature(rng: np.random.Generator, day: Values, shape: tuple[int, int], catalogue: Catalogue) -> Values:
    season = -np.cos(2.0 * np.pi * (day - COLDEST_DAY) / 365.25)
    mild_or_harsh = 1.6 * autocorrelated(rng, (shape[0], 1), 0.985)
    fronts = 2.3 * autocorrelated(rng, (shape[0], 1), 0.75)
    local = 0.8 * autocorrelated(rng, shape, 0.6)
    mean, swing = _of_regions(catalogue, "temperature_c"), _of_regions(catalogue, "temperature_swing_c")
    return np.round(mean + swing * season + mild_or_harsh + fronts + local, 1)


def _precipitation(rng: np.random.Generator, day: Values, shape: tuple[int, int], catalogue: Catalogue) -> Values:
    """It rains where a series that is correlated in time and between regions is above the season's threshold."""
    monsoon = np.exp(-(((day - MONSOON_DAY) / 30.0) ** 2))
    spells, months = autocorrelated(rng, (shape[0], 1), 0.5), autocorrelated(rng, (shape[0], 1), 0.98)
    wetness = 0.75 * spells + 0.35 * months + 0.56 * autocorrelated(rng, shape, 0.3)
    threshold = np.array([NormalDist().inv_cdf(0.76 - 0.24 * share) for share in monsoon[:, 0]])[:, None]
    excess = wetness - threshold
    scale_mm = (4.0 + 10.0 * monsoon) * _of_regions(catalogue, "wetness")
    rain_mm = scale_mm * np.expm1(1.2 * np.clip(excess, 0.0, None))
    return np.asarray(np.round(np.clip(rain_mm, 0.0, 250.0), 1), dtype=np.float64)


def _humidity(
    rng: np.random.Generator, day: Values, shape: tuple[int, int], catalogue: Catalogue, precipitation: Values
) -> Values:
    season = -11.0 * np.cos(2.0 * np.pi * (day - COLDEST_DAY - 20) / 365.25)
    air = 5.0 * autocorrelated(rng, (shape[0], 1), 0.7) + 4.0 * autocorrelated(rng, shape, 0.5)
    wet = 14.0 * (precipitation > 0.0) - 4.0
    return np.round(np.clip(_of_regions(catalogue, "humidity_pct") + season + air + wet, 12.0, 100.0), 1)
