"""Rolling origins: at which Mondays forecasts are made, and what each may be used for.

An origin is a Monday. Everything dated before it is known; it is the first day that is forecast.
"""

from dataclasses import dataclass

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.evaluation import EvaluationConfig


class HistoryTooShortError(MixplanError):
    """The source does not reach far enough back for the backtest that was asked for."""


@dataclass(frozen=True)
class Origins:
    """The origins of one data version, each a Monday, oldest first."""

    grid: pd.DatetimeIndex
    """Every origin that has driver forecasts; its last one is ``final``."""
    selection: pd.DatetimeIndex
    """Origins whose forecasts choose the winners; their windows end no later than ``holdout``."""
    holdout: pd.Timestamp
    """First day of the window that no choice has seen."""
    final: pd.Timestamp
    """First day after the last complete week: the forecast that people act on."""

    def training(self, origin: pd.Timestamp, step_weeks: int) -> pd.DatetimeIndex:
        """Origins on the grid before ``origin``, every ``step_weeks`` weeks counted back from it."""
        steps = [(origin - earlier).days // 7 for earlier in self.grid]
        return self.grid[[weeks > 0 and weeks % step_weeks == 0 for weeks in steps]]


def plan_origins(first_day: pd.Timestamp, last_day: pd.Timestamp, config: EvaluationConfig) -> Origins:
    """Lay the origins out, counted back from the last complete week.

    Args:
        first_day: first day with sales.
        last_day: last day with sales; a week that it leaves unfinished is not used.
        config: horizon, steps and windows in weeks.

    Raises:
        HistoryTooShortError: there are no sales, or the first selection origin would have too little history behind it.

    >>> config = EvaluationConfig(horizon_weeks=4, grid_weeks=2, training_step_weeks=2, selection_step_weeks=4,
    ...                           selection_origins=2, holdout_weeks=4, minimum_history_weeks=5)
    >>> origins = plan_origins(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-05-28"), config)
    >>> str(origins.final.date()), str(origins.holdout.date()), [str(day.date()) for day in origins.selection]
    ('2024-05-27', '2024-04-29', ['2024-03-04', '2024-04-01'])
    """
    if pd.isna(first_day):
        raise HistoryTooShortError("sales: there are none, so nothing can be forecast; look into data/quarantine")
    week = pd.Timedelta(weeks=1)
    final = (last_day + pd.Timedelta(days=1)).to_period("W-SUN").start_time
    start = (first_day + pd.Timedelta(days=6)).to_period("W-SUN").start_time
    holdout = final - config.holdout_weeks * week
    last_selection = holdout - config.horizon_weeks * week
    selection = pd.DatetimeIndex(
        [last_selection - k * config.selection_step_weeks * week for k in reversed(range(config.selection_origins))]
    )
    earliest = start + config.minimum_history_weeks * week
    grid_length = max((final - earliest).days // (7 * config.grid_weeks), 0)
    grid = pd.DatetimeIndex([final - k * config.grid_weeks * week for k in reversed(range(grid_length + 1))])
    if selection[0] < grid[0] + config.horizon_weeks * week:
        needed = (final - selection[0]).days // 7 + config.minimum_history_weeks + config.horizon_weeks
        raise HistoryTooShortError(
            f"sales: {(final - start).days // 7} complete weeks are too few for this backtest, which needs {needed}; "
            "lower evaluation.selection_origins or evaluation.minimum_history_weeks"
        )
    return Origins(grid=grid, selection=selection, holdout=holdout, final=final)
