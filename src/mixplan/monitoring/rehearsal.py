"""How often the accuracy's alarms would have rung, and how often rightly, on the backtest."""

from typing import NamedTuple

import pandas as pd

from mixplan.config.monitor import MonitorConfig
from mixplan.evaluation.metrics import wape
from mixplan.monitoring.accuracy import accuracy_checks


class Rehearsal(NamedTuple):
    """Alarms of the past."""

    times: int
    """At how many origins there was something to say."""
    rang: int
    """At how many of them a check rang."""
    rightly: int
    """After how many of these the model that was trained then did better than the old one did."""
    missed: int
    """At how many others it would have."""


def rehearse(backtest: pd.DataFrame, config: MonitorConfig) -> Rehearsal:
    """Watch each origin's forecast until the next origin, knowing only the origins before it, then train anew.

    Args:
        backtest: forecasts of several origins with their actuals, whose windows overlap.
        config: level and least weeks.
    """
    origins = sorted(backtest["origin"].unique())
    found = []
    for position in range(2, len(origins) - 1):
        at, following = origins[position], origins[position + 1]
        past = backtest[backtest["origin"] < at]
        own = backtest[backtest["origin"] == at]
        # Of earlier forecasts only the weeks that were over are scored, and all of theirs are as many.
        known = past[past["week"] < following]
        checks = accuracy_checks(own, known, following, config)
        if checks:
            found.append((any(check.rings for check in checks), _newer_is_better(backtest, at, following)))
    return Rehearsal(
        times=len(found),
        rang=sum(rang for rang, _ in found),
        rightly=sum(rang and better for rang, better in found),
        missed=sum(better and not rang for rang, better in found),
    )


def _newer_is_better(backtest: pd.DataFrame, older: pd.Timestamp, newer: pd.Timestamp) -> bool:
    """Whether the newer origin's model did better on the weeks that both forecast."""
    rows = backtest[backtest["week"] >= newer]
    both = rows[rows["origin"] == older].merge(
        rows.loc[rows["origin"] == newer, ["product", "week", "prediction_kg"]], on=["product", "week"]
    )
    return wape(both["actual_kg"], both["prediction_kg_y"]) < wape(both["actual_kg"], both["prediction_kg_x"])
