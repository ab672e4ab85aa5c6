"""Regions' forecasts against a loop, and laws of what they may know."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.regions import differences, regional_forecasts, score_regions
from mixplan.evaluation.origins import Origins

WARM = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3)
WET = WARM.model_copy(update={"minimum": 0.0})
SERIES = {"temperature_c": WARM, "rain_mm": WET}
ORIGIN = pd.Timestamp("2023-07-03")
ORIGINS = Origins(
    grid=pd.DatetimeIndex([ORIGIN]),
    selection=pd.DatetimeIndex([ORIGIN]),
    holdout=ORIGIN + pd.Timedelta(days=20),
    final=ORIGIN,
)


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    """The coast is milder: six degrees warmer in winter, six colder in summer; the hills lie below by as much."""
    rng, days = np.random.default_rng(3), pd.date_range("2020-01-01", "2023-12-31", name="date")
    milder = 6.0 * np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 1) / 365.25)
    country = 12.0 - 11.0 * np.cos(2 * np.pi * days.dayofyear.to_numpy() / 365.25) + rng.normal(0.0, 3.0, len(days))
    parts = [
        pd.DataFrame(
            {"date": days, "region": region, "temperature_c": country + sign * milder, "rain_mm": 1.0 + sign * 5.0}
        )
        for region, sign in (("coast", 1.0), ("hills", -1.0))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def forecasts(weather: pd.DataFrame) -> pd.DataFrame:
    """Of the next thirty days, wrong by two degrees."""
    came = weather.groupby("date")[list(SERIES)].mean()
    days = pd.date_range(ORIGIN, periods=30)
    parts = [
        pd.DataFrame(
            {
                "driver": driver,
                "origin": ORIGIN,
                "date": days,
                "horizon_days": range(1, 31),
                "mean": came.loc[days, driver].to_numpy() + 2.0,
                "actual": came.loc[days, driver].to_numpy(),
            }
        )
        for driver in SERIES
    ]
    return pd.concat(parts, ignore_index=True)


def test_differences_are_the_planted_ones(weather: pd.DataFrame) -> None:
    observed = weather.pivot_table(index="date", columns="region", values="temperature_c")
    asked = pd.to_datetime(["2024-01-01", "2024-07-01"])
    found = differences(observed, asked)
    assert found["coast"].tolist() == pytest.approx([6.0, -6.0], abs=0.01)
    assert (found["coast"] + found["hills"]).tolist() == pytest.approx([0.0, 0.0])


def test_a_region_has_the_countrys_forecast_and_its_difference_within_bounds(
    forecasts: pd.DataFrame, weather: pd.DataFrame
) -> None:
    found = regional_forecasts(forecasts, weather, SERIES, ORIGIN).set_index(["driver", "region", "date"])["mean"]
    assert len(found) == 2 * 2 * 30
    for row in forecasts.itertuples():
        milder = 6.0 * np.cos(2 * np.pi * (row.date.dayofyear - 1) / 365.25)
        for region, sign in (("coast", 1.0), ("hills", -1.0)):
            expected = row.mean + sign * milder if row.driver == "temperature_c" else max(row.mean + sign * 5.0, 0.0)
            assert found[row.driver, region, row.date] == pytest.approx(expected, abs=0.02)


def test_nothing_after_the_origin_is_known(forecasts: pd.DataFrame, weather: pd.DataFrame) -> None:
    later = weather.assign(temperature_c=weather["temperature_c"].mask(weather["date"] >= ORIGIN, -99.0))
    before, after = (regional_forecasts(forecasts, table, SERIES, ORIGIN) for table in (weather, later))
    pd.testing.assert_frame_equal(after, before, check_exact=True)


def test_scores_are_those_of_a_loop(forecasts: pd.DataFrame, weather: pd.DataFrame) -> None:
    bands = {driver: [Band(1, 7), Band(8, 30)] for driver in SERIES}
    found = score_regions(forecasts, weather, SERIES, ORIGINS, bands)
    own = regional_forecasts(forecasts, weather, SERIES, ORIGIN).set_index(["driver", "region", "date"])["mean"]
    came = weather.set_index(["region", "date"])
    for driver, of_driver in found.items():
        for band, (first, last) in {"1-7d": (1, 7), "8-30d": (8, 20)}.items():
            rows = [row for row in forecasts.itertuples() if row.driver == driver and first <= row.horizon_days <= last]
            errors = [
                (value - came.loc[(region, row.date), driver], row.mean - came.loc[(region, row.date), driver])
                for row in rows
                for region in ("coast", "hills")
                for value in [own[driver, region, row.date]]
            ]
            regions, country = (np.sqrt(np.mean(np.square(column))) for column in zip(*errors, strict=True))
            assert of_driver[band] == pytest.approx(
                {"rmse": regions, "rmse_country": country, "skill": 1 - regions / country}
            )


def test_a_source_of_one_region_has_no_others(forecasts: pd.DataFrame, weather: pd.DataFrame) -> None:
    alone, bands = weather[weather["region"] == "coast"], {driver: [Band(1, 30)] for driver in SERIES}
    assert regional_forecasts(forecasts, alone, SERIES, ORIGIN).empty
    assert score_regions(forecasts, alone, SERIES, ORIGINS, bands) == {}
