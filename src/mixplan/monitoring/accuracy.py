"""How well a forecast does in the weeks that are over, against how well its backtest did in as many."""

import pandas as pd

from mixplan.config.monitor import MonitorConfig
from mixplan.demand.history import horizon_month
from mixplan.evaluation.metrics import bias, coverage, wape
from mixplan.monitoring.checks import Check, Figure, Worse, checks_of

WORSE = {"wape": Worse.HIGHER, "bias": Worse.EITHER, "coverage": Worse.LOWER}
"""What is watched at product x week. More weeks in the interval than promised is no reason to train anew."""


def scores_so_far(rows: pd.DataFrame, weeks: int) -> dict[str, float]:
    """Scores of a forecast's first weeks.

    Args:
        rows: horizon_weeks, actual_kg, prediction_kg, lower_kg and upper_kg by product and week.
        weeks: how many weeks from its origin on.
    """
    own = rows[rows["horizon_weeks"] <= weeks]
    actual, predicted = own["actual_kg"], own["prediction_kg"]
    return {
        "wape": wape(actual, predicted),
        "bias": bias(actual, predicted),
        "coverage": coverage(actual, own["lower_kg"], own["upper_kg"]),
    }


def horizon_checks(
    kept: pd.DataFrame, backtest: pd.DataFrame, until: pd.Timestamp, config: MonitorConfig
) -> list[Check]:
    """Of each month of the horizon, the newest forecast whose month is over, against the backtest's in that month.

    Args:
        kept: forecasts of one or several origins, with the actuals of weeks that are over.
        backtest: the same of earlier origins.
        until: first day that is not known.
        config: the level.

    Returns:
        The WAPE at product x week of each month; none of a month that no forecast has behind it.
    """
    past = backtest.groupby(horizon_month(backtest["horizon_weeks"]))
    figures = []
    for month, rows in kept.groupby(horizon_month(kept["horizon_weeks"])):
        ends = rows.groupby("origin")["week"].transform("max") + pd.Timedelta(weeks=1)
        over = rows[ends <= until]
        newest = over[over["origin"] == over["origin"].max()]
        if newest["actual_kg"].sum() > 0:
            before = [_wape(each) for _, each in past.get_group(month).groupby("origin")]
            figures.append(Figure(f"wape of month {month}", _wape(newest), before, Worse.HIGHER))
    return checks_of(figures, config.level)


def _wape(rows: pd.DataFrame) -> float:
    return wape(rows["actual_kg"], rows["prediction_kg"])


def weeks_over(rows: pd.DataFrame, until: pd.Timestamp) -> int:
    """Weeks of a forecast that are over before ``until``."""
    return int((rows.drop_duplicates("week")["week"] + pd.Timedelta(weeks=1) <= until).sum())


def accuracy_checks(
    forecast: pd.DataFrame, backtest: pd.DataFrame, until: pd.Timestamp, config: MonitorConfig
) -> list[Check]:
    """A forecast against what its own kind did at earlier origins, over as many weeks from the origin on.

    Args:
        forecast: of one origin, with the actuals of weeks that are over.
        backtest: the same of earlier origins, by ``origin``.
        until: first day that is not known.
        config: level and least weeks.

    Returns:
        A check for each of ``WORSE``; none where fewer weeks than ``minimum_weeks`` are over or nothing was sold.
    """
    weeks = weeks_over(forecast, until)
    if weeks < config.minimum_weeks or not forecast["actual_kg"].sum() > 0:
        return []
    now = scores_so_far(forecast, weeks)
    past = [scores_so_far(rows, weeks) for _, rows in backtest.groupby("origin")]
    figures = [Figure(name, now[name], [scores[name] for scores in past], worse) for name, worse in WORSE.items()]
    return checks_of(figures, config.level)
