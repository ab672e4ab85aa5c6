"""The usual week, leaning to the one of its two answers that came nearer, at the height that the past had."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd


class SeasonalAverage:
    """A regressor of two numbers.

    ``usual`` is half what earlier years repeat and half the curve that goes on from the last quarter. ``lean`` is the
    least squares' place between them: -1 repeats, 0 is the usual, 1 is the curve. ``height`` is half way from 1 to how
    far the past came out above that: what raised the whole plant for years may end any day.

    >>> rows = pd.DataFrame({"curve": [0.5, 1.5], "usual": 1.0})
    >>> half = SeasonalAverage().fit(rows, pd.Series([0.9, 1.5]), np.ones(2))
    >>> round(half.lean, 6), round(half.height, 6), half.predict(rows).round(6).tolist()
    (0.5, 1.1, [0.825, 1.375])
    """

    lean: float
    height: float

    def fit(self, X: pd.DataFrame, y: pd.Series, sample_weight: npt.NDArray[np.float64]) -> Self:
        """Fit on ratios to the usual, weighted by it, so that errors are of kilograms."""
        apart, mean = _apart(X), float(np.average(y, weights=sample_weight))
        kg = sample_weight**2
        spread = mean * float((kg * apart**2).sum())
        self.lean = float(np.clip((kg * apart * (y - mean)).sum() / spread, -1.0, 1.0)) if spread else 0.0
        leant = float(np.average(1.0 + self.lean * apart, weights=sample_weight))
        self.height = (1.0 + mean / leant) / 2.0
        return self

    def predict(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Ratios to the usual."""
        return self.height + self.moved(X)

    def moved(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        """What leaning to the curve, or away from it, adds to the height."""
        return self.height * self.lean * _apart(X)


def _apart(X: pd.DataFrame) -> npt.NDArray[np.float64]:
    """How far the curve lies above the usual, as a share of it."""
    return (X["curve"] / X["usual"] - 1.0).to_numpy(dtype=np.float64)
