"""The course of the year against plain loops."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.config.drivers import Frequency
from mixplan.drivers.season import Season, fourier


@given(
    day=st.dates(min_value=pd.Timestamp("1970-01-01").date(), max_value=pd.Timestamp("2100-12-31").date()),
    harmonics=st.integers(1, 5),
)
def test_fourier_columns_are_waves_of_the_day_of_year(day: object, harmonics: int) -> None:
    stamp = pd.Timestamp(str(day))
    row = fourier(pd.DatetimeIndex([stamp]), "D", harmonics)[0]
    expected = [1.0]
    for k in range(1, harmonics + 1):
        angle = 2 * math.pi * k * (stamp.dayofyear - 1) / 365.25
        expected += [math.sin(angle), math.cos(angle)]
    np.testing.assert_allclose(row, expected, atol=1e-12)


@pytest.mark.parametrize(("frequency", "count"), [("D", 800), ("MS", 36)])
def test_fit_finds_the_waves_that_made_the_series(frequency: Frequency, count: int) -> None:
    dates = pd.date_range("2020-02-01", periods=count, freq=frequency)
    made_of = np.array([3.0, -1.0, 2.0, 0.5, 0.25])
    season = Season.fit(pd.Series(fourier(dates, frequency, 2) @ made_of, index=dates), frequency, 2, interval=0.8)
    np.testing.assert_allclose(season.coefficients, made_of, atol=1e-9)
    later = pd.date_range("2031-05-01", periods=5, freq=frequency)
    np.testing.assert_allclose(season.mean(later), fourier(later, frequency, 2) @ made_of, atol=1e-9)


def test_error_quantiles_are_those_of_nearby_days_of_any_year() -> None:
    dates = pd.date_range("2020-01-01", periods=900)
    errors = pd.Series(np.random.default_rng(0).gamma(1.0, 2.0, 900), index=dates)
    season = Season.about(errors, "D", np.array([0.0, 0.0, 0.0]), interval=0.8)
    for day in ("2025-01-03", "2025-06-30", "2025-12-30"):
        near = []
        for date, error in errors.items():
            apart = abs(date.dayofyear - pd.Timestamp(day).dayofyear)
            if min(apart, 366 - apart) <= 30:
                near.append(error)
        lower, upper = season.error_quantiles(pd.DatetimeIndex([day]))
        inflation = math.sqrt((900 + 3) / (900 - 3))
        assert lower.item() == pytest.approx(np.quantile(near, 0.1) * inflation)
        assert upper.item() == pytest.approx(np.quantile(near, 0.9) * inflation)


def test_months_share_one_pair_of_quantiles() -> None:
    dates = pd.date_range("2020-01-01", periods=30, freq="MS")
    season = Season.fit(pd.Series(np.random.default_rng(0).normal(size=30), index=dates), "MS", 1, interval=0.5)
    assert len(set(season.lower)) == len(set(season.upper)) == 1
