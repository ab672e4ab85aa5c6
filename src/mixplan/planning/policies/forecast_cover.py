"""What the forecast needs until the next order arrives, and a quantile of its error."""

import numpy as np
from scipy.stats import norm

from mixplan.planning.policies.interface import Known, Levels, led_by_forecast


class ForecastCover:
    """Fill up to the forecast's use until the next order arrives and a safety stock for its error and for late trucks.

    SS = z_p / z_u (F_u - F) + f (L_p - L), kg, with p the cycle service level, F and F_u the forecast and the upper end
    of its interval, summed over the days until the next order arrives (kg), z_p and z_u the normal quantiles of p and
    of the interval's upper end (0.9 for an interval of 80%), f the forecast's mean daily use over these days (kg per
    day), L the mean lead time and L_p its quantile (days). Neither part is ever below 0. A material's F_u - F joins
    those of its products as independent errors (the root of the sum of their squares) and adds up over the days, as a
    forecast that is too low stays too low. With a lead time that never varies this is the newsvendor's order, the
    quantile of what is needed (Arrow, Harris and Marschak, Econometrica 19, 1951), made anew for the days that each
    order must cover.

    Ten kilograms a day and 12 at most; three days to deliver as a rule, four for the latest, seven to the next review:

    >>> import pandas as pd
    >>> terms = pd.DataFrame({"mean_daily_use_kg": [9.0], "mean_lead_time_days": [3.0]})
    >>> known = Known(terms, use=None, lead_days=(np.array([2.0] * 10 + [4.0] * 10),), expected=np.full((28, 1), 10.0),
    ...               margin=np.full((28, 1), 2.0), costs=None)
    >>> ForecastCover(service_level=0.9, interval=0.8).levels(known).safety_stock_kg.round(3).tolist()
    [30.0]
    """

    def __init__(self, service_level: float, interval: float) -> None:
        self.service_level, self.interval = service_level, interval

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        half_widths = max(float(norm.ppf(self.service_level) / norm.ppf((1 + self.interval) / 2)), 0.0)
        mean_days = known.terms["mean_lead_time_days"].to_numpy(dtype="float64")
        late_days = np.maximum(known.quantile_of_lead_days(self.service_level) - mean_days, 0.0)
        daily = known.until_next(known.expected) / known.cover_days
        return led_by_forecast(known, half_widths * known.until_next(known.margin) + daily * late_days)
