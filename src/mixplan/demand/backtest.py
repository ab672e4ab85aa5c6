"""Forecasts at rolling origins, each by a model that has seen nothing after its origin."""

from collections.abc import Iterable, Sequence

import pandas as pd

from mixplan.config.demand import DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.features import KEYS, FeatureBuilder
from mixplan.demand.model import DemandModel
from mixplan.evaluation.origins import Origins


def fit_at(
    origin: pd.Timestamp,
    builder: FeatureBuilder,
    candidate: DemandCandidate,
    origins: Origins,
    evaluation: EvaluationConfig,
    interval: float,
    seed: int,
) -> DemandModel:
    """A model that knows only weeks before ``origin``."""
    training = origins.training(origin, evaluation.training_step_weeks)
    rows = builder.training_rows(training, evaluation.horizon_weeks, known_until=origin)
    calibration_from = origin - pd.Timedelta(weeks=evaluation.horizon_weeks)
    return DemandModel(candidate, interval, seed).fit(rows, calibration_from)


def forecast(
    model: DemandModel, builder: FeatureBuilder, origin: pd.Timestamp, horizon_weeks: int, levels: Sequence[float] = ()
) -> pd.DataFrame:
    """The model's forecast at an origin.

    Returns:
        Rows by product and week: origin, product, week, horizon_weeks, level_kg, actual_kg (NaN for weeks to come) and
        what ``DemandModel.predict`` answers. Products without sales in the year before the origin have no rows.
    """
    rows = builder.with_actuals(builder.rows(origin, horizon_weeks))
    return pd.concat([rows[[*KEYS, "actual_kg"]], model.predict(rows, levels)], axis=1)


def backtest(
    at: Iterable[pd.Timestamp],
    builder: FeatureBuilder,
    candidate: DemandCandidate,
    origins: Origins,
    evaluation: EvaluationConfig,
    interval: float,
    seed: int,
    levels: Sequence[float] = (),
) -> pd.DataFrame:
    """``forecast`` at each origin of ``at``, each by a model that ``fit_at`` trained for it."""
    parts = []
    for origin in at:
        model = fit_at(origin, builder, candidate, origins, evaluation, interval, seed)
        parts.append(forecast(model, builder, origin, evaluation.horizon_weeks, levels))
    return pd.concat(parts, ignore_index=True)
