"""Levels of many origins against statsforecast's own forecasts, origin by origin."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from statsforecast.models import SimpleExponentialSmoothing

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.smoothing import SeasonalSmoothing

MONTHLY = SeriesConfig(frequency="MS", minimum=None, maximum=None, publication_lag_days=30, longest_gap=0)


def fitted(history: pd.Series) -> SeasonalSmoothing:
    return SeasonalSmoothing(facts=MONTHLY, interval=0.8, harmonics=1, path_days=30, path_months=6).fit(history)


def test_paths_equal_statsforecasts(simulate: Callable[..., pd.Series]) -> None:
    history = simulate(MONTHLY, 60)
    model = fitted(history)
    model.pace, model.start = 0.3, float(model.season.departures(history).iloc[0])
    departures = model.season.departures(history).to_numpy()
    found = model._departures(model.season.departures(history), [10, 35, 60], 4)
    for row, steps in enumerate((10, 35, 60)):
        oracle = SimpleExponentialSmoothing(alpha=0.3).forecast(departures[:steps], h=4)["mean"]
        np.testing.assert_allclose(found[row], oracle, rtol=1e-5)


def test_a_lasting_shift_is_followed_and_noise_is_not(simulate: Callable[..., pd.Series]) -> None:
    noise = simulate(MONTHLY, 120, memory=0.0)
    shifted = noise + 8.0 * (np.arange(120) >= 60)
    assert fitted(noise).pace < 0.1
    assert fitted(shifted).pace > 0.1
