"""The mean of other candidates' answers: their errors differ, so part of them cancels out.

Bates and Granger (1969), The Combination of Forecasts, doi:10.1057/jors.1969.103.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.demand import Member
from mixplan.demand.fitting import fitted


class Average:
    """A regressor whose members answer alike much.

    Args:
        members: the averaged candidates by name.
        random_state: seed of those that draw at random.
    """

    def __init__(self, members: Mapping[str, Member], random_state: int) -> None:
        self.members, self.random_state = members, random_state

    @classmethod
    def of(cls, regressors: Mapping[str, Any]) -> Self:
        """Of fitted members, as they were kept; it can predict."""
        average = cls({}, 0)
        average.regressors = dict(regressors)
        return average

    def fit(self, X: pd.DataFrame, y: pd.Series, sample_weight: npt.NDArray[np.float64]) -> Self:
        """Fit every member on the same rows."""
        self.regressors = {
            name: fitted(member, X, y, sample_weight, self.random_state) for name, member in self.members.items()
        }
        return self

    def predict(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        """The mean of the members' answers."""
        answers = [regressor.predict(X) for regressor in self.regressors.values()]
        return np.asarray(np.mean(answers, axis=0), dtype=np.float64)
