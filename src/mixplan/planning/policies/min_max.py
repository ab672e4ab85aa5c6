"""(s, S): below the minimum up to the maximum."""

import numpy as np
from scipy.stats import norm

from mixplan.planning.policies.interface import REVIEW_DAYS, Known, Levels, use_over_cover
from mixplan.planning.tables import Values

DAYS_PER_YEAR = 365


class MinMax:
    """At or below s fill up to S, so that a cheap material is ordered seldom and a dear one often.

    s and S (kg) by ``power_approximation``. A period is the time between reviews; h is the holding rate times the
    material's price, K the cost of an order line, and the penalty is the one whose critical ratio p / (p + h) is the
    service level. s is never below 0: the approximation lets customers wait, and where they don't, stock that ends at 0
    would never call for an order. Without a known price nothing speaks for large orders, and s = S.

    Ten kilograms every day, three days to deliver, and an order that costs as much as holding 700 kg for a week:

    >>> import pandas as pd
    >>> from mixplan.config.policies import CostConfig
    >>> terms = pd.DataFrame({"mean_lead_time_days": [3.0], "unit_price_krw": [1000.0]})
    >>> costs = CostConfig(holding_rate_per_year=0.365, order_krw=4900.0, shortage_factor=1.0)
    >>> known = Known(terms, use=np.full((28, 1), 10.0), lead_days=(np.array([3.0]),), expected=None, margin=None,
    ...               costs=costs)
    >>> levels = MinMax(service_level=0.98).levels(known)
    >>> levels.reorder_point_kg.round(1).tolist(), levels.order_up_to_kg.round(1).tolist()
    ([97.3], [389.1])
    """

    def __init__(self, service_level: float) -> None:
        self.service_level = service_level

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        rate = known.costs.holding_rate_per_year * REVIEW_DAYS / DAYS_PER_YEAR
        holding = known.terms["unit_price_krw"].to_numpy(dtype="float64") * rate
        with np.errstate(divide="ignore"):
            order_in_holding = np.where(holding > 0, known.costs.order_krw / holding, 0.0)
        mean, deviation = use_over_cover(known)
        in_period = known.use.mean(axis=0) * REVIEW_DAYS
        penalty = self.service_level / (1 - self.service_level)
        least, most = power_approximation(in_period, mean, deviation, order_in_holding, penalty)
        least = np.maximum(least, 0.0)
        return Levels(np.maximum(least - mean, 0.0), least, np.maximum(most, least))


def power_approximation(
    in_period: Values, mean: Values, deviation: Values, order_in_holding: Values, penalty_in_holding: float
) -> tuple[Values, Values]:
    """The (s, S) policy's s and S by the power approximation, kg.

    With u the mean use of a period (kg), m and d the mean and the standard deviation of the use over the lead time and
    a period (kg), K / h the cost of an order and p / h the penalty of a kilogram short for a period, both in costs of
    holding a kilogram for a period:

        Q = 1.30 u^0.494 (K / h)^0.506 (1 + d^2 / u^2)^0.116,    z = (Q / (d p / h))^0.5,
        s = 0.973 m + d (0.183 / z + 1.063 - 2.192 z),    S = s + Q

    (Ehrhardt and Mosier, Management Science 30, 1984; equations 4.77 to 4.80 of Snyder and Shen, Fundamentals of Supply
    Chain Theory, 2nd ed. 2019). Where orders cost nothing or nothing is used, Q = 0, and s = S is the base stock level
    m + d z', with z' the normal quantile of p / (p + h).

    Example 4.8 of Snyder and Shen:

    >>> least, most = power_approximation(np.array([50.0]), np.array([50.0]), np.array([8.0]), np.array([2.5 / 0.18]),
    ...                                   0.70 / 0.18)
    >>> least.round(6).tolist(), most.round(6).tolist()
    ([40.194617], [74.29017])
    """
    base = mean + deviation * norm.ppf(penalty_in_holding / (1 + penalty_in_holding))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (1 + (deviation / in_period) ** 2) ** 0.116
        quantity = np.where(in_period > 0, 1.30 * in_period**0.494 * order_in_holding**0.506 * spread, 0.0)
        # d / z and d z, written so that use without deviation does not divide by it.
        less, more = (
            deviation**1.5 * np.sqrt(penalty_in_holding / quantity),
            np.sqrt(deviation * quantity / penalty_in_holding),
        )
        with_orders = 0.973 * mean + 0.183 * less + 1.063 * deviation - 2.192 * more
    least = np.where(quantity > 0, with_orders, base)
    return least, least + quantity
