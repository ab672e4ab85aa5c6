"""(R, S): every week up to a fixed level."""

import numpy as np
from scipy.stats import norm

from mixplan.planning.policies.interface import Known, Levels, use_over_cover


class PeriodicReview:
    """Fill up to S at every review, with S from the normal distribution.

    S = m + z_p s, kg, with m and s (kg) the mean and the standard deviation of the use over the lead time and the R
    days between reviews (see ``use_over_cover``) and z_p the normal quantile of the cycle service level p (not below
    0): the (R, S) policy (Snyder and Shen, Fundamentals of Supply Chain Theory, 2nd ed. 2019, Example 4.4). The safety
    stock is z_p s.

    Ten kilograms every day, three days to deliver and seven to the next review:

    >>> import pandas as pd
    >>> known = Known(pd.DataFrame({"mean_lead_time_days": [3.0]}), use=np.full((28, 1), 10.0),
    ...               lead_days=(np.array([3.0]),), expected=None, margin=None, costs=None)
    >>> PeriodicReview(service_level=0.98).levels(known).order_up_to_kg.tolist()
    [100.0]
    """

    def __init__(self, service_level: float) -> None:
        self.service_level = service_level

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        mean, deviation = use_over_cover(known)
        safety = np.maximum(norm.ppf(self.service_level), 0.0) * deviation
        return Levels(safety, mean + safety, mean + safety)
