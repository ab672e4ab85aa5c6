"""The search against a process whose waves and order are known."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.harmonic_arima import HarmonicArima

DAILY = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=0)


def fitted(history: pd.Series) -> HarmonicArima:
    model = HarmonicArima(facts=DAILY, interval=0.8, max_harmonics=3, max_p=3, max_q=2, information_criterion="bic")
    return model.fit(history)


def test_search_finds_waves_and_process(simulate: Callable[..., pd.Series]) -> None:
    model = fitted(simulate(DAILY, 1000))
    assert model.order == (1, 0, 0)
    np.testing.assert_allclose(model.parameters, [0.7, 1.0], atol=0.08)
    assert len(model.season.coefficients) == 1 + 2 * 1


def test_search_finds_a_second_wave(simulate: Callable[..., pd.Series]) -> None:
    history = simulate(DAILY, 1000)
    twice_a_year = 5.0 * np.sin(4 * np.pi * pd.DatetimeIndex(history.index).dayofyear.to_numpy() / 365.25)
    assert len(fitted(history + twice_a_year).season.coefficients) == 1 + 2 * 2
