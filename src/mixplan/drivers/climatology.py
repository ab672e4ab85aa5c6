"""The baseline: every year goes like the usual one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.drivers.interface import Values
from mixplan.drivers.season import Season
from mixplan.drivers.seasonal import Arrays, SeasonalModel


@dataclass(kw_only=True, eq=False)
class Climatology(SeasonalModel):
    """Forecasts the course of the year, whatever was observed last."""

    harmonics: int

    def _fit(self, history: pd.Series) -> None:
        self.season = Season.fit(history, self.facts.frequency, self.harmonics, self.interval)

    def _departures(self, observed: pd.Series, known: Sequence[int], horizon: int) -> Values:  # noqa: ARG002
        return np.zeros((len(known), horizon))

    def _uncertainty(self, horizon: int) -> Values:
        return np.ones(horizon)

    def _arrays(self) -> Arrays:
        return {}

    def _restore(self, arrays: Arrays) -> None:
        pass
