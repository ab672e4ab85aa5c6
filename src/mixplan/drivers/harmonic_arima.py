"""Harmonic regression with ARMA errors: the number of waves is searched for together with the order.

Dynamic harmonic regression: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 10.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mixplan.drivers.arma import ArmaErrors, Found
from mixplan.drivers.season import departures, fourier


@dataclass(kw_only=True, eq=False)
class HarmonicArima(ArmaErrors):
    """Waves and order with the smallest information criterion, by statsforecast's search."""

    max_harmonics: int
    max_p: int
    max_q: int
    information_criterion: str

    def _search(self, history: pd.Series) -> Found:
        """Waves and order by the departures from least squares, which are soon found, then one fit of all at once."""
        from statsforecast.arima import arima

        searches = [self._with_waves(history, harmonics) for harmonics in range(1, self.max_harmonics + 1)]
        best = min(searches, key=lambda search: search[self.information_criterion])
        (p, q), waves = best["arma"][:2], best["waves"]
        joint = arima(history.to_numpy(dtype=np.float64), order=(p, 0, q), xreg=waves[:, 1:], method="ML")
        return _found(joint, waves.shape[1])

    def _with_waves(self, history: pd.Series, harmonics: int) -> dict[str, Any]:
        """The best order for the departures from so many waves; its criterion counts their coefficients too."""
        from statsforecast.arima import auto_arima_f

        waves = fourier(pd.DatetimeIndex(history.index), self.facts.frequency, harmonics)
        search: dict[str, Any] = auto_arima_f(
            departures(history, waves),
            max_p=self.max_p,
            max_q=self.max_q,
            stationary=True,
            seasonal=False,
            allowmean=False,
            ic=self.information_criterion,
            approximation=False,
        )
        return search | {
            "waves": waves,
            self.information_criterion: self._criterion(search, len(history), waves.shape[1]),
        }

    def _criterion(self, search: Mapping[str, Any], count: int, waves: int) -> float:
        """The search's criterion with the coefficients of the waves among the parameters."""
        k = sum(search["arma"][:2]) + 1 + waves
        penalty = {"aic": 2 * k, "bic": k * np.log(count), "aicc": 2 * k * count / max(count - k - 1, 1)}
        return float(penalty[self.information_criterion] - 2 * search["loglik"])


def _found(joint: Mapping[str, Any], waves: int) -> Found:
    """A term that the fit left out, as it does for a constant series, has the coefficient 0."""
    p, q = joint["arma"][:2]
    terms = [f"ar{lag}" for lag in range(1, p + 1)] + [f"ma{lag}" for lag in range(1, q + 1)]
    columns = ["intercept", *(f"ex_{wave}" for wave in range(1, waves))]
    coefficients, arma = (np.array([joint["coef"].get(name, 0.0) for name in names]) for names in (columns, terms))
    return Found(coefficients, (p, 0, q), np.append(arma, joint["sigma2"]))
