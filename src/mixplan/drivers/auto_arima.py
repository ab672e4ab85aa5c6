"""Waves of a given number with ARMA errors, whose order pmdarima searches step by step."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.drivers.arma import ArmaErrors, Found
from mixplan.drivers.season import fourier


@dataclass(kw_only=True, eq=False)
class AutoArima(ArmaErrors):
    """The search of Hyndman and Khandakar (2008), doi:10.18637/jss.v027.i03, by exact likelihood."""

    harmonics: int
    max_p: int
    max_q: int
    information_criterion: str
    max_iter: int

    def _search(self, history: pd.Series) -> Found:
        import pmdarima

        waves = fourier(pd.DatetimeIndex(history.index), self.facts.frequency, self.harmonics)
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
        coefficients, parameters = np.split(estimates, [waves.shape[1]])
        return Found(coefficients, found.order, parameters)
