"""What the forecast needs until the next order arrives, and a quantile of its error."""

import numpy as np

from mixplan.planning.policies.interface import Known, Levels, led_by_forecast


class ForecastCover:
    """Fill up to the forecast's use until the next order arrives and a safety stock for its error and for late trucks.

    SS = k (F_upper - F) + f (L_q - L), kg, with F and F_upper the forecast and the upper end of its interval, summed
    over the days until the next order arrives (kg), k the number of half widths, f the forecast's mean daily use over
    these days (kg per day), L the mean lead time and L_q its quantile (days; nothing where it is shorter than the
    mean). A material's half width joins those of its products as independent errors (the root of the sum of their
    squares) and adds up over the days, as a forecast that is too low stays too low. With a lead time that never varies
    and k = 1 this is the newsvendor's order, the quantile of what is needed (Arrow, Harris and Marschak, Econometrica
    19, 1951), made anew for the days that each order must cover.

    Ten kilograms a day and 12 at most; three days to deliver as a rule, four for the latest, seven to the next review:

    >>> import pandas as pd
    >>> terms = pd.DataFrame({"mean_daily_use_kg": [9.0], "mean_lead_time_days": [3.0]})
    >>> known = Known(terms, use=None, lead_days=(np.array([2.0, 3.0, 4.0]),), expected=np.full((28, 1), 10.0),
    ...               margin=np.full((28, 1), 2.0), costs=None)
    >>> ForecastCover(half_widths=1.0, lead_time_quantile=0.999999).levels(known).safety_stock_kg.round(3).tolist()
    [30.0]
    """

    def __init__(self, half_widths: float, lead_time_quantile: float) -> None:
        self.half_widths, self.lead_time_quantile = half_widths, lead_time_quantile

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        of_error = self.half_widths * known.until_next(known.margin)
        mean_days = known.terms["mean_lead_time_days"].to_numpy(dtype="float64")
        late_days = np.maximum(known.quantile_of_lead_days(self.lead_time_quantile) - mean_days, 0.0)
        daily = known.until_next(known.expected) / known.cover_days
        return led_by_forecast(known, of_error + daily * late_days)
