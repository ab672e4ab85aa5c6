"""What every driver model can do."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.base import MixplanError

Values = npt.NDArray[np.float64]


class DriverError(MixplanError):
    """A driver's series cannot be used as it is."""


class Paths(NamedTuple):
    """Forecasts of many origins, each an array of (origin, step), in the driver's unit."""

    mean: Values
    """Expected value."""
    lower: Values
    """Lower end of the interval."""
    upper: Values
    """Upper end of the interval."""


class DriverModel(Protocol):
    """One driver's forecaster: parameters that ``fit`` chose, and what it has observed since.

    A series has a ``DatetimeIndex`` without gaps, daily (``D``) or by first day of the month (``MS``), and no NaN.
    """

    def fit(self, history: pd.Series) -> Self:
        """Choose the parameters on ``history`` and stand at its end, forgetting any earlier fit.

        Raises:
            DriverError: the series has gaps, or is shorter than a year.
        """
        ...

    def predict(self, horizon: int) -> pd.DataFrame:
        """The ``horizon`` steps after the last observed one: ``date``, ``mean``, ``lower``, ``upper``."""
        ...

    def observe(self, new: pd.Series) -> Self:
        """Move the origin past ``new``, which follows what is observed so far; the parameters stay.

        Raises:
            DriverError: ``new`` does not start at the step after the last observed one.
        """
        ...

    def paths(self, history: pd.Series, known: Sequence[int], horizon: int) -> Paths:
        """The fitted parameters' forecasts at many origins of a series.

        Args:
            history: observed values, from a first step that need not be the fitted one.
            known: for each origin, how many of the first steps it knows; it is told nothing of the rest.
            horizon: steps ahead.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the model below ``folder`` as arrays and JSON: equal models are equal files."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        ...
