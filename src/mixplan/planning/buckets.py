"""Time as the production plan cuts it: the first weeks into days, the later ones not at all."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.production import LineConfig
from mixplan.planning.calendar import public_holidays
from mixplan.planning.tables import Integers, Values

WEEK_DAYS = 7


@dataclass(frozen=True)
class Buckets:
    """Consecutive spans of days from the plan's first day to its last."""

    days: pd.DatetimeIndex
    """Every day of the plan."""
    first: Integers
    """Position of each bucket's first day."""

    @property
    def lengths(self) -> Integers:
        """Days in each bucket."""
        lengths: Integers = np.diff(self.first, append=len(self.days))
        return lengths

    @property
    def last(self) -> Integers:
        """Position of each bucket's last day."""
        return self.first + self.lengths - 1

    def holding(self, dates: pd.Series) -> Integers:
        """The bucket that each date lies in; what lies outside the plan goes to its first or last bucket."""
        return np.clip(np.searchsorted(self.first, self._position(dates), side="right") - 1, 0, len(self.first) - 1)

    def finished_by(self, dates: pd.Series) -> Integers:
        """The last bucket that is over on the evening of each date; the first where none is."""
        return np.clip(np.searchsorted(self.last, self._position(dates), side="right") - 1, 0, len(self.first) - 1)

    def totals(self, daily: Values) -> Values:
        """Sums of a bucket's days, along the last axis.

        >>> buckets_of(pd.Timestamp("2024-06-03"), weeks=2, daily_weeks=1).totals(np.ones(14)).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 7.0]
        """
        return np.add.reduceat(daily, self.first, axis=-1)

    def _position(self, dates: pd.Series) -> Integers:
        return np.asarray((dates - self.days[0]).dt.days, dtype="int64")


def buckets_of(origin: pd.Timestamp, weeks: int, daily_weeks: int) -> Buckets:
    """The days of the first ``daily_weeks`` weeks, then whole weeks."""
    by_day = min(daily_weeks, weeks) * WEEK_DAYS
    first = [*range(by_day), *range(by_day, weeks * WEEK_DAYS, WEEK_DAYS)]
    return Buckets(pd.date_range(origin, periods=weeks * WEEK_DAYS), np.array(first, dtype="int64"))


def daily_capacity(days: pd.DatetimeIndex, line: LineConfig, country: str, rush_reserve: float) -> Values:
    """Kilograms that a line can make on each day, without its reserve; none on public holidays.

    >>> line = LineConfig(daily_kg=1000.0, families=("all",), weekday_shares=(1, 1, 1, 1, 1, 0.5, 0),
    ...                   smallest_lot_kg=1.0, largest_lot_kg=10.0, cleaning_share=0.0)
    >>> daily_capacity(pd.date_range("2024-06-05", periods=5), line, "KR", rush_reserve=0.25).tolist()
    [750.0, 0.0, 750.0, 375.0, 0.0]
    """
    free = public_holidays(country, days[0].year, days[-1].year)
    worked = np.asarray(line.weekday_shares, dtype="float64")[days.weekday]
    return np.where(days.isin(free), 0.0, worked) * line.daily_kg * (1 - rush_reserve)
