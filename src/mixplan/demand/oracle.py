"""What better forecasts of the drivers would be worth: the winner, told how the drivers came out.

These scores are an oracle's: nobody knows the weather half a year ahead, so they are shown and never chosen by.
"""

from collections.abc import Callable, Iterable

import pandas as pd

from mixplan.config.demand import DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.backtest import fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.scores import score
from mixplan.evaluation.origins import Origins

ALL = "all drivers"


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
    candidate: DemandCandidate,
    origins: Origins,
    evaluation: EvaluationConfig,
    interval: float,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Scores at the selection origins of the models of the backtest, with observed drivers in their rows.

    Args:
        make: a builder of rows from forecasts of the drivers; models learn from rows of ``drivers`` as ever.
        drivers: forecasts of the drivers by ``origin`` and ``week``.
        observed: what came, by ``week``.
        candidate: the winner.
        origins: the run's origins.
        evaluation: the run's horizon and steps.
        interval: level of the forecast's interval.
        seed: where chance starts.

    Returns:
        By driver that is known in advance, and for all of them together (``ALL``): see ``score``.
    """
    names = [name for name in observed.columns if name != "week"]
    known = {ALL: names} | {name: [name] for name in names}
    builder = make(drivers)
    builders = {what: make(with_observed(drivers, observed, which)) for what, which in known.items()}
    parts: dict[str, list[pd.DataFrame]] = {what: [] for what in known}
    for origin in origins.selection:
        model = fit_at(origin, builder, candidate, origins, evaluation, interval, seed)
        for what, told in builders.items():
            parts[what].append(forecast(model, told, origin, evaluation.horizon_weeks))
    return {what: score(pd.concat(rows, ignore_index=True)) for what, rows in parts.items()}
