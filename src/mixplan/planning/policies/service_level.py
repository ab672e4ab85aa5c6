"""Reorder point from simulated use over the lead time."""

import numpy as np

from mixplan.planning.policies.interface import REVIEW_DAYS, Known, Levels
from mixplan.planning.tables import Values


class ServiceLevel:
    """Fill up to the quantile of the use that a lead time and a review period may bring.

    S = Q_p(U_1 + ... + U_{L + R}), kg, with the lead time L (days) drawn from the material's receipts, R days between
    reviews, and U (kg per day) a stretch of past days that starts on a day drawn at random; after the last day comes
    the first. Stretches keep weekdays, seasons and busy weeks as they were, so neither use nor lead time needs a
    distribution. This is the base stock level of a cycle service level p (Snyder and Shen, Fundamentals of Supply Chain
    Theory, 2nd ed. 2019) with the bootstrap in place of the normal distribution (Willemain, Smart and
    Schwarz, International Journal of Forecasting 20, 2004). The safety stock is S less the simulated mean.

    Ten kilograms every day, three days to deliver and seven to the next review leave nothing to chance:

    >>> import pandas as pd
    >>> known = Known(pd.DataFrame({"material_code": ["M"]}), use=np.full((28, 1), 10.0),
    ...               lead_days=(np.array([3.0]),), expected=None, margin=None, costs=None)
    >>> ServiceLevel(service_level=0.98, draws=50, random_state=1).levels(known).order_up_to_kg.tolist()
    [100.0]
    """

    def __init__(self, service_level: float, draws: int, random_state: int) -> None:
        self.service_level, self.draws, self.random_state = service_level, draws, random_state

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        simulated = self.simulate(known)
        level = np.quantile(simulated, self.service_level, axis=0)
        return Levels(np.maximum(level - simulated.mean(axis=0), 0.0), level, level)

    def simulate(self, known: Known) -> Values:
        """Use over lead time and review period: draws x materials, kg.

        All materials share the draws, so a plant's busy week is one for all of them.
        """
        which, when = np.random.default_rng(self.random_state).random((2, self.draws))
        days = np.column_stack([lead[(which * len(lead)).astype("int64")] for lead in known.lead_days])
        cover = np.ceil(days).astype("int64") + REVIEW_DAYS
        start = (when * len(known.use)).astype("int64")[:, None]
        rounds = (len(known.use) + cover.max()) // len(known.use) + 1
        total = np.vstack([np.zeros(known.use.shape[1]), np.cumsum(np.tile(known.use, (rounds, 1)), axis=0)])
        material = np.arange(known.use.shape[1])
        return np.asarray(total[start + cover, material] - total[start, material])
