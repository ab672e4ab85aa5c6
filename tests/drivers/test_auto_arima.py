"""One Kalman pass for many origins against statsmodels' own forecasts, origin by origin."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.auto_arima import AutoArima
from mixplan.drivers.season import Season, fourier

DAILY = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=0)


def with_order(history: pd.Series, order: tuple[int, int, int], parameters: list[float]) -> AutoArima:
    """A model as if the search had found these."""
    model = AutoArima(
        facts=DAILY, interval=0.8, harmonics=1, max_p=3, max_q=2, information_criterion="bic", max_iter=10
    )
    model.history, model.order, model.parameters, model.spread = history, order, np.array(parameters), 2.0
    model.season = Season.fit(history, "D", 1, 0.8)
    return model


@pytest.mark.parametrize(
    ("order", "parameters"),
    [
        ((0, 0, 0), [2.0]),
        ((1, 0, 0), [0.8, 1.5]),
        ((0, 0, 2), [0.4, 0.2, 1.1]),
        ((3, 0, 2), [0.5, -0.2, 0.1, 0.3, -0.1, 0.9]),
    ],
)
def test_paths_equal_statsmodels(
    order: tuple[int, int, int], parameters: list[float], simulate: Callable[..., pd.Series]
) -> None:
    history = simulate(DAILY, 420)
    model = with_order(history, order, parameters)
    known, horizon = [5, 200, 420], 12
    paths = model.paths(history, known, horizon)
    waves = fourier(pd.date_range(history.index[0], periods=440), "D", 1)
    for row, steps in enumerate(known):
        oracle = SARIMAX(history.iloc[:steps].to_numpy(), exog=waves[:steps], order=order)
        filtered = oracle.filter(np.concatenate([model.season.coefficients, parameters]))
        forecast = filtered.get_forecast(horizon, exog=waves[steps : steps + horizon])
        np.testing.assert_allclose(paths.mean[row], forecast.predicted_mean, rtol=1e-7)
    np.testing.assert_allclose(model._uncertainty(horizon) * model.spread, forecast.se_mean, rtol=1e-6)


def test_first_order_departures_fade_by_their_coefficient(simulate: Callable[..., pd.Series]) -> None:
    history = simulate(DAILY, 400)
    model = with_order(history, (1, 0, 0), [0.6, 1.0])
    last = model.season.departures(history).iloc[-1]
    forecast = model.predict(5).set_index("date")["mean"]
    departures = model.season.departures(forecast)
    np.testing.assert_allclose(departures, [last * 0.6**step for step in range(1, 6)], rtol=1e-9)


def test_search_finds_the_process_that_made_the_series(simulate: Callable[..., pd.Series]) -> None:
    model = with_order(simulate(DAILY, 1000), (0, 0, 0), [1.0]).fit(simulate(DAILY, 1000))
    assert model.order == (1, 0, 0)
    np.testing.assert_allclose(model.parameters, [0.7, 1.0], atol=0.08)
    day = 2 * np.pi / 365.25  # the simulation counts days of the year from 1, the season from 0
    np.testing.assert_allclose(model.season.coefficients, [20.0, 10 * np.sin(day), -10 * np.cos(day)], atol=0.45)
