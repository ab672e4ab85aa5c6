"""The course of the year with ARMA errors: one Kalman pass serves every origin.

Regression with ARMA errors: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 10.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from mixplan.drivers.interface import Values
from mixplan.drivers.season import Season
from mixplan.drivers.seasonal import Arrays, SeasonalModel

Order = tuple[int, int, int]


class Found(NamedTuple):
    """What a search chose."""

    coefficients: Values
    """Of the waves of the year, the column of ones first."""
    order: Order
    """Autoregressive terms, differences (none) and moving-average terms."""
    parameters: Values
    """AR and MA coefficients and the variance of the innovations, as statsmodels orders them."""


@dataclass(kw_only=True, eq=False)
class ArmaErrors(SeasonalModel):
    """Departures follow an ARMA process, so they fade out; drivers come back to their season, hence no differencing."""

    order: Order = field(init=False)
    parameters: Values = field(init=False)
    spread: float = field(init=False)
    """Standard deviation of the departures that the model was fitted on."""

    @abstractmethod
    def _search(self, history: pd.Series) -> Found:
        """The waves, the order and the parameters that describe ``history`` best."""

    def _fit(self, history: pd.Series) -> None:
        with threadpool_limits(limits=1, user_api="blas"):  # the order found depends on the number of threads
            coefficients, self.order, self.parameters = self._search(history)
        self.season = Season.about(history, self.facts.frequency, coefficients, self.interval)
        self.spread = float(np.std(self.season.departures(history))) or 1.0

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
