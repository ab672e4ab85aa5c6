"""Harmonic regression with ARMA errors: the number of waves is searched for together with the order.

Dynamic harmonic regression: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 10.5.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mixplan.drivers.arma import ArmaErrors, Found
from mixplan.drivers.season import fourier


@dataclass(kw_only=True, eq=False)
class HarmonicArima(ArmaErrors):
    """Waves and order with the smallest information criterion, by statsforecast's search."""

    max_harmonics: int
    max_p: int
    max_q: int
    information_criterion: str

    def _search(self, history: pd.Series) -> Found:
        searches = [self._with_waves(history, harmonics) for harmonics in range(1, self.max_harmonics + 1)]
        return _found(min(searches, key=lambda search: search[self.information_criterion]))

    def _with_waves(self, history: pd.Series, harmonics: int) -> dict[str, Any]:
        from statsforecast.arima import auto_arima_f

        waves = fourier(pd.DatetimeIndex(history.index), self.facts.frequency, harmonics)
        search: dict[str, Any] = auto_arima_f(
            history.to_numpy(dtype=np.float64),
            xreg=waves[:, 1:],  # the search adds the constant itself
            max_p=self.max_p,
            max_q=self.max_q,
            stationary=True,
            seasonal=False,
            ic=self.information_criterion,
            approximation=False,
        )
        return search | {"waves": waves.shape[1] - 1}


def _found(search: dict[str, Any]) -> Found:
    """A term that the search left out, as it does for a constant series, has the coefficient 0."""
    p, q = search["arma"][:2]
    terms = [f"ar{lag}" for lag in range(1, p + 1)] + [f"ma{lag}" for lag in range(1, q + 1)]
    waves = ["intercept", *(f"ex_{wave}" for wave in range(1, search["waves"] + 1))]
    coefficients, arma = (np.array([search["coef"].get(name, 0.0) for name in names]) for names in (waves, terms))
    return Found(coefficients, (p, 0, q), np.append(arma, search["sigma2"]))
