"""A candidate's regressor fitted on weighted rows, whichever library it is of."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.demand import DemandCandidate


def fitted(
    candidate: DemandCandidate, X: pd.DataFrame, y: pd.Series, weight: npt.NDArray[np.float64], seed: int
) -> Any:
    """A new regressor of the candidate, which answers in one thread.

    Args:
        candidate: class and hyper-parameters.
        X: features.
        y: what to learn.
        weight: of each row; mean 1, as scikit-learn's forests take a share of the weights' sum for the number of rows
            that a tree draws.
        seed: where chance starts.
    """
    from threadpoolctl import threadpool_limits

    regressor = candidate.build(**({"random_state": seed} if candidate.draws_at_random else {}))
    # A scikit-learn pipeline hands weights to its last step under that step's name.
    name = f"{regressor.steps[-1][0]}__sample_weight" if hasattr(regressor, "steps") else "sample_weight"
    # Sums over a thousand rows are split among threads that wait for each other longer than they add up, and round
    # differently by their number.
    with threadpool_limits(limits=1, user_api="blas"):
        regressor.fit(X, y, **{name: weight})
    if hasattr(regressor, "n_jobs"):
        # Forests add up their trees in the order in which threads finish, which rounds differently each time.
        regressor.n_jobs = 1
    return regressor
