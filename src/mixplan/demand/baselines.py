"""Forecasts that need no training; a model that does not beat them is not worth having."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd


class _Column:
    """A regressor that answers with one of its features, which are ratios to the level, as a ratio to the usual."""

    column: str

    def fit(self, X: pd.DataFrame, y: pd.Series, sample_weight: npt.ArrayLike) -> Self:  # noqa: ARG002 - as regressors
        return self

    def predict(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        return (X[self.column] / X["usual"]).to_numpy(dtype=np.float64)


class SeasonalNaive(_Column):
    """The same week of last year."""

    column = "last_year"


class Planner(_Column):
    """The mean of the last 13 weeks: the last three months repeated."""

    column = "mean_13"
