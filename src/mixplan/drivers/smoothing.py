"""Seasonal exponential smoothing: a course of the year whose level follows what was observed.

Smoothing of a seasonally adjusted series: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.),
sections 5.7 and 8.1. A state for each of 365 days, as Holt and Winters would have it, takes more than a few years.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mixplan.drivers.interface import Values
from mixplan.drivers.season import Season
from mixplan.drivers.seasonal import Arrays, SeasonalModel


@dataclass(kw_only=True, eq=False)
class SeasonalSmoothing(SeasonalModel):
    """Departures go on at their smoothed level, whose pace is that of the smallest error over the next steps."""

    harmonics: int
    path_days: int
    path_months: int
    pace: float = field(init=False)
    """Share of each new departure that the level takes over, alpha."""
    start: float = field(init=False)
    """Level before the first observation."""
    deviation: float = field(init=False)
    """Standard deviation of the errors one step ahead, relative to that of the departures."""

    def _fit(self, history: pd.Series) -> None:
        from statsforecast.ets import ets_f

        self.season = Season.fit(history, self.facts.frequency, self.harmonics, self.interval)
        departures = self.season.departures(history).to_numpy()
        steps = self.path_days if self.facts.frequency == "D" else self.path_months
        smoothed = ets_f(departures, m=1, model="ANN", opt_crit="amse", nmse=steps)
        self.pace, self.start = float(smoothed["par"][0]), float(smoothed["par"][-1])
        self.deviation = float(np.sqrt(smoothed["sigma2"]) / (np.std(departures) or 1.0))

    def _departures(self, observed: pd.Series, known: Sequence[int], horizon: int) -> Values:
        """By the recursion of levels; section 8.1, component form."""
        levels = [self.start]
        for value in observed.to_numpy():
            levels.append(levels[-1] + self.pace * (value - levels[-1]))
        return np.repeat(np.array(levels)[list(known), None], horizon, axis=1)

    def _uncertainty(self, horizon: int) -> Values:
        """By the variance of ETS(A,N,N), section 8.7."""
        return np.asarray(self.deviation * np.sqrt(1.0 + np.arange(horizon) * self.pace**2), dtype=np.float64)

    def _arrays(self) -> Arrays:
        return {name: np.array(getattr(self, name)) for name in ("pace", "start", "deviation")}

    def _restore(self, arrays: Arrays) -> None:
        self.pace, self.start, self.deviation = (float(arrays[name]) for name in ("pace", "start", "deviation"))
