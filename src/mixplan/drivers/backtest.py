"""Driver forecasts at every origin, by models fitted once at the first origin whose scores count."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from mixplan.config.drivers import DriverCandidate, DriversConfig, SeriesConfig
from mixplan.drivers.history import known_steps
from mixplan.drivers.interface import DriverError, DriverModel
from mixplan.evaluation.origins import Origins


class Backtest(NamedTuple):
    """What a candidate forecast, and the models that did."""

    predictions: pd.DataFrame
    """By driver, origin and day: driver, origin, date, horizon_days, actual (NaN where unknown), mean, lower, upper.

    Origins are the grid's, and every day from the first to the last selection origin: a day ahead can only be judged
    by many days.
    """
    models: dict[str, DriverModel]
    """By driver, having observed everything that is known at the final origin."""


def build_model(candidate: DriverCandidate, facts: SeriesConfig, interval: float, seed: int) -> DriverModel:
    """A candidate's model for one driver, not fitted yet."""
    chance = {"random_state": seed} if candidate.draws_at_random else {}
    model: DriverModel = candidate.build(facts=facts, interval=interval, **chance)
    return model


def backtest(
    candidate: DriverCandidate,
    series: Mapping[str, pd.Series],
    origins: Origins,
    config: DriversConfig,
    horizon_days: int,
    seed: int,
) -> Backtest:
    """Forecast every driver at every origin of the grid and of the selection.

    Parameters are fitted once, on what was known at the first selection origin; each forecast is conditioned on what
    its origin knew. So from that origin on nothing later is used, and earlier forecasts, which only give demand models
    their training rows, share the parameters.

    Args:
        candidate: the model and its hyper-parameters.
        series: observed values by driver, from ``driver_series``.
        origins: when forecasts are made.
        config: facts by driver, and the interval.
        horizon_days: days ahead; a month's forecast stands on each of its days.
        seed: where chance starts.

    Raises:
        DriverError: a driver begins after the first origin, or has less than a year before the first selection origin.
    """
    parts, models = [], {}
    at = origins.grid.union(pd.date_range(origins.selection[0], origins.selection[-1]))
    for driver, values in series.items():
        facts = config.series[driver]
        if values.index[0] > origins.grid[0]:
            raise DriverError(
                f"driver {driver}: its first value is of {values.index[0].date()}, later than the first origin "
                f"{origins.grid[0].date()}; add earlier values or remove the driver from drivers.series"
            )
        model = build_model(candidate, facts, config.interval, seed)
        fitted, final = known_steps(values, pd.DatetimeIndex([origins.selection[0], origins.final]), facts)
        model.fit(values.iloc[:fitted])
        parts.append(forecasts(model, values, at, facts, horizon_days).assign(driver=driver))
        models[driver] = model.observe(values.iloc[fitted:final])
    predictions = pd.concat(parts, ignore_index=True)
    return Backtest(predictions[["driver", *predictions.columns.drop("driver")]], models)


def forecasts(
    model: DriverModel, values: pd.Series, origins: pd.DatetimeIndex, facts: SeriesConfig, horizon_days: int
) -> pd.DataFrame:
    """A fitted model's forecasts of one driver: ``Backtest.predictions`` without the driver's name."""
    horizon = np.arange(1, horizon_days + 1)
    days = pd.DatetimeIndex(np.add.outer(origins.to_numpy(), (horizon - 1) * np.timedelta64(1, "D")).ravel())
    calendar = pd.date_range(values.index[0], days[-1], freq=facts.frequency)
    step = calendar.searchsorted(days, side="right") - 1
    known = known_steps(values, origins, facts)
    ahead = step.reshape(len(origins), -1) - known[:, None]
    paths = model.paths(values, known.tolist(), int(ahead.max()) + 1)
    return pd.DataFrame(
        {
            "origin": np.repeat(origins, horizon_days),
            "date": days,
            "horizon_days": np.tile(horizon, len(origins)),
            "actual": values.reindex(calendar).to_numpy(dtype=np.float64)[step],
            **{name: np.take_along_axis(path, ahead, axis=1).ravel() for name, path in paths._asdict().items()},
        }
    )
