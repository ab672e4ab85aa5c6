"""What better forecasts of the drivers would be worth: a demand candidate in a world where they come true.

These scores are an oracle's: nobody knows the weather half a year ahead, so they are shown and never chosen by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mixplan.config.demand import DemandCandidate
from mixplan.config.drivers import SeriesConfig
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.scores import score
from mixplan.evaluation.origins import Origins

ALL = "all drivers"
GROUPS = {"weather": "D", "construction": "MS"}
"""Drivers that one forecast could give, by the frequency of their series."""


def best_told_of_drivers(
    leaderboard: Sequence[Mapping[str, Any]], candidates: Mapping[str, DemandCandidate]
) -> Mapping[str, Any]:
    """The entry of the best candidate whose answers drivers can move, or of the best of all where there is none.

    Args:
        leaderboard: entries with ``candidate``, best first.
        candidates: by name.
    """
    moved = (
        entry
        for entry in leaderboard
        for candidate in [candidates[entry["candidate"]]]
        if candidate.learns and not candidate.counts_in_full
    )
    return next(moved, leaderboard[0])


def driver_groups(series: Mapping[str, SeriesConfig], known: Iterable[str]) -> dict[str, list[str]]:
    """What may be known in advance: all drivers, weather alone and construction alone.

    Args:
        series: facts by driver.
        known: drivers that the source has.
    """
    names = list(known)
    groups = {
        group: [name for name in names if series[name].frequency == frequency] for group, frequency in GROUPS.items()
    }
    return {ALL: names} | {group: members for group, members in groups.items() if members}


def with_observed(drivers: pd.DataFrame, observed: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Forecasts of the drivers, of which some are replaced by what was observed in the week.

    Args:
        drivers: forecasts by ``origin`` and ``week``.
        observed: the same drivers by ``week``; where one is missing, its forecast stays.
        names: drivers to replace.
    """
    replaced = drivers.copy()
    came = observed.set_index("week").reindex(drivers["week"]).set_axis(drivers.index)
    for name in names:
        replaced[name] = came[name].fillna(drivers[name])
    return replaced


def oracle_scores(
    make: Callable[[pd.DataFrame], FeatureBuilder],
    drivers: pd.DataFrame,
    observed: pd.DataFrame,
    groups: Mapping[str, list[str]],
    candidate: DemandCandidate,
    origins: Origins,
    evaluation: EvaluationConfig,
    interval: float,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Scores at the selection origins with observed drivers in place of forecast ones.

    The models learn from observed drivers too: one that has learnt from forecasts, which vary less than what comes,
    makes too much of a wet week that it is told of, and errs more for it.

    Args:
        make: a builder of rows from forecasts of the drivers.
        drivers: forecasts of the drivers by ``origin`` and ``week``.
        observed: what came, by ``week``.
        groups: by what is known in advance, its drivers; see ``driver_groups``.
        candidate: who is told.
        origins: the run's origins.
        evaluation: the run's horizon and steps.
        interval: level of the forecast's interval.
        seed: where chance starts.

    Returns:
        By group, see ``score``.
    """
    setting = (candidate, origins, evaluation, interval, seed)
    return {
        group: score(backtest(origins.selection, make(with_observed(drivers, observed, names)), *setting))
        for group, names in groups.items()
    }
