"""On which days sites work."""

import holidays
import numpy as np
import pandas as pd

from mixplan.config.simulation import DemandEffects
from mixplan.sources.sample.randomness import Values

WEEKDAYS = np.array([0.95, 1.05, 1.06, 1.04, 0.98, 1.0, 1.0])
"""Demand of the weekdays, Monday first, about a working day's mean."""


def workday_factor(days: pd.DatetimeIndex, effects: DemandEffects) -> Values:
    """Share of a working day's demand: less on Saturdays, hardly any on Sundays and on South Korea's public holidays.

    A working day between two closed days counts half: many sites make a bridge of it.
    """
    weekday = days.dayofweek.to_numpy()
    calendar = holidays.country_holidays("KR", years=range(days[0].year, days[-1].year + 1))
    holiday = np.array([day in calendar for day in days.date])
    closed = holiday | (weekday == 6)
    factor = np.where(weekday == 5, effects.saturday, WEEKDAYS[weekday])
    bridge = ~closed & np.roll(closed, 1) & np.roll(closed, -1)
    factor = np.where(bridge, factor / 2.0, factor)
    return np.where(closed, effects.closed_day, factor)
