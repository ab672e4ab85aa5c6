"""The plant's own rule: enough for the worst lead time."""

from typing import TypeVar

import pandas as pd

from mixplan.planning.policies.interface import Known, Levels, led_by_forecast

Number = TypeVar("Number", float, pd.Series)


class MaxMinusMean:
    """Fill up to the forecast's use until the next order arrives and the max-minus-mean safety stock.

    See ``safety_stock`` for the formula, its source and units.

    At most 150 kg a day for up to 10 days, as a rule 100 kg a day for 7 days:

    >>> terms = pd.DataFrame({"highest_daily_use_kg": [150.0], "longest_lead_time_days": [10.0],
    ...                       "mean_daily_use_kg": [100.0], "mean_lead_time_days": [7.0]})
    >>> known = Known(terms, use=None, lead_days=(), expected=None, margin=None, costs=None)
    >>> MaxMinusMean().levels(known).safety_stock_kg.tolist()
    [800.0]
    """

    def levels(self, known: Known) -> Levels:
        """See ``OrderingPolicy``."""
        return led_by_forecast(known, safety_stock_of(known.terms).to_numpy(dtype="float64"))


def safety_stock_of(terms: pd.DataFrame) -> pd.Series:
    """``safety_stock`` of each line of ``material_policy``."""
    return safety_stock(
        terms["highest_daily_use_kg"],
        terms["longest_lead_time_days"],
        terms["mean_daily_use_kg"],
        terms["mean_lead_time_days"],
    )


def safety_stock(
    highest_daily_use_kg: Number, longest_lead_time_days: Number, mean_daily_use_kg: Number, mean_lead_time_days: Number
) -> Number:
    """Safety stock in kilograms by the max-minus-mean rule.

    SS = u_max L_max - u_mean L_mean: the most that a lead time could need, less what it needs as a rule. This is the
    "minimum level" of cost accounting's stock control levels; it assumes no distribution of use or lead time. One odd
    day raises it, so it errs on the side of holding too much.

    Args:
        highest_daily_use_kg: u_max, the most used on one day (kg per day).
        longest_lead_time_days: L_max (calendar days).
        mean_daily_use_kg: u_mean, over calendar days (kg per day).
        mean_lead_time_days: L_mean (calendar days).

    At most 150 kg a day for up to 10 days, as a rule 100 kg a day for 7 days:

    >>> safety_stock(150.0, 10.0, 100.0, 7.0)
    800.0
    """
    return highest_daily_use_kg * longest_lead_time_days - mean_daily_use_kg * mean_lead_time_days


def reorder_point(mean_daily_use_kg: Number, mean_lead_time_days: Number, safety_stock_kg: Number) -> Number:
    """The stock at which to order, in kilograms: what a lead time uses as a rule, and the safety stock.

    >>> reorder_point(100.0, 7.0, 800.0)
    1500.0
    """
    return mean_daily_use_kg * mean_lead_time_days + safety_stock_kg
