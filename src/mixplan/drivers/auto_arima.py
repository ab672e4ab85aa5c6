"""Waves of a given number with ARMA errors, whose order pmdarima searches step by step."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.drivers.arma import ArmaErrors, Found
from mixplan.drivers.season import departures, fourier


@dataclass(kw_only=True, eq=False)
class AutoArima(ArmaErrors):
    """The search of Hyndman and Khandakar (2008), doi:10.18637/jss.v027.i03, by exact likelihood."""

    harmonics: int
    max_p: int
    max_q: int
    information_criterion: str
    max_iter: int

    def _search(self, history: pd.Series) -> Found:
        """The order of the departures from least squares, which is soon found, then one fit of all at once."""
        import pmdarima

        waves = fourier(pd.DatetimeIndex(history.index), self.facts.frequency, self.harmonics)
        searched = pmdarima.auto_arima(
            departures(history, waves),
            d=0,
            start_p=min(1, self.max_p),
            start_q=0,
            max_p=self.max_p,
            max_q=self.max_q,
            seasonal=False,
            with_intercept=False,
            information_criterion=self.information_criterion,
            maxiter=self.max_iter,
            error_action="ignore",
            suppress_warnings=True,
        )
        joint = pmdarima.ARIMA(
            searched.order,
            maxiter=self.max_iter,
            suppress_warnings=True,
            with_intercept=False,  # the waves begin with a column of ones
        ).fit(history.to_numpy(), X=waves)
        estimates = np.asarray(joint.params(), dtype=np.float64)
        coefficients, parameters = np.split(estimates, [waves.shape[1]])
        return Found(coefficients, searched.order, parameters)
