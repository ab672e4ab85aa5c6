"""The course of the year with ARMA errors: pmdarima searches the order, one Kalman pass serves every origin.

Regression with ARMA errors: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from mixplan.drivers.interface import Values
from mixplan.drivers.season import Season, fourier
from mixplan.drivers.seasonal import Arrays, SeasonalModel


@dataclass(kw_only=True, eq=False)
class AutoArima(SeasonalModel):
    """Departures follow an ARMA process, so they fade out; drivers come back to their season, hence no differencing."""

    harmonics: int
    max_p: int
    max_q: int
    information_criterion: str
    max_iter: int
    order: tuple[int, int, int] = field(init=False)
    parameters: Values = field(init=False)
    """AR and MA coefficients and the variance of the innovations, as statsmodels orders them."""
    spread: float = field(init=False)
    """Standard deviation of the departures that the model was fitted on."""

    def _fit(self, history: pd.Series) -> None:
        import pmdarima

        waves = fourier(pd.DatetimeIndex(history.index), self.facts.frequency, self.harmonics)
        with threadpool_limits(limits=1, user_api="blas"):  # the order found depends on the number of threads
            found = pmdarima.auto_arima(
                history.to_numpy(),
                X=waves,
                d=0,
                start_p=min(1, self.max_p),
                start_q=0,
                max_p=self.max_p,
                max_q=self.max_q,
                seasonal=False,
                with_intercept=False,  # the waves begin with a column of ones
                information_criterion=self.information_criterion,
                maxiter=self.max_iter,
                error_action="ignore",
                suppress_warnings=True,
            )
        estimates = np.asarray(found.params(), dtype=np.float64)
        coefficients, self.parameters = np.split(estimates, [waves.shape[1]])
        self.order = found.order
        self.season = Season.about(history, self.facts.frequency, coefficients, self.interval)
        self.spread = float(np.std(self.season.departures(history)))

    def _departures(self, observed: pd.Series, known: Sequence[int], horizon: int) -> Values:
        process = self._process(observed.to_numpy())
        state = process.filter(self.parameters).filter_results.predicted_state[:, list(known)]  # (state, origin)
        design, transition = process.ssm["design"], process.ssm["transition"]
        steps = np.empty((len(known), horizon))
        for step in range(horizon):
            steps[:, step] = (design @ state)[0]
            state = transition @ state
        return steps

    def _uncertainty(self, horizon: int) -> Values:
        impulse = self._process(np.zeros(1)).impulse_responses(self.parameters, steps=horizon - 1)
        deviation = np.sqrt(self.parameters[-1] * np.cumsum(np.asarray(impulse).ravel() ** 2))
        return np.asarray(deviation / self.spread, dtype=np.float64)

    def _process(self, observed: Values) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        process = SARIMAX(observed, order=self.order)
        process.update(self.parameters)
        return process

    def _arrays(self) -> Arrays:
        return {"order": np.array(self.order), "parameters": self.parameters, "spread": np.array(self.spread)}

    def _restore(self, arrays: Arrays) -> None:
        p, d, q = (int(part) for part in arrays["order"])
        self.order, self.parameters, self.spread = (p, d, q), arrays["parameters"], float(arrays["spread"])
