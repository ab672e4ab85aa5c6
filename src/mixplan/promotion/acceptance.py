"""What every demand forecast must hold before it may be served, however well its model scored."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from mixplan.artifacts.files import files_below
from mixplan.config.base import MixplanError
from mixplan.config.promote import PromoteConfig
from mixplan.promotion.decide import Decision

QUANTITIES = ["lower_kg", "prediction_kg", "upper_kg"]
TIMES_ANSWERED = 7


class NotAcceptableError(MixplanError):
    """There is no champion yet, and what would be the first must not be served."""


def answer_ms(answer: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """What an answer takes: the median of several, as the first and the odd one take longer for other causes.

    Args:
        answer: makes one.
        clock: seconds.

    Returns:
        Milliseconds.
    """
    took = []
    for _ in range(TIMES_ANSWERED):
        started = clock()
        answer()
        took.append(clock() - started)
    return 1000 * median(took)


def faults_of(
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    horizon_weeks: int,
    model: Path,
    took_ms: float,
    config: PromoteConfig,
) -> list[str]:
    """What is wrong with a forecast and its model, a sentence each; nothing where it may be served.

    Args:
        forecast: product, week, lower_kg, prediction_kg, upper_kg and any quantiles, of one origin.
        history: weekly demand by product, see ``weekly_demand``.
        horizon_weeks: weeks that each product must have.
        model: folder of the fitted model.
        took_ms: what a whole forecast takes, see ``answer_ms``.
        config: the limits.
    """
    return [
        *_shape(forecast, horizon_weeks),
        *_values(forecast),
        *_bounds(forecast, history, config),
        *_size(model, config),
        *_latency(took_ms, config),
    ]


def accepted(decision: Decision, faults: list[str], champion: str | None) -> Decision:
    """The decision, unless the challenger has faults: then it is neither promoted nor tried on a share of the traffic.

    Args:
        decision: by scores.
        faults: from ``faults_of``.
        champion: what is served now, if anything.

    Raises:
        NotAcceptableError: it has faults, and there is nothing to stay.
    """
    if not faults:
        return decision
    if not decision.promote:
        return replace(decision, servable=False)
    if champion is None:
        raise NotAcceptableError(f"the demand winner must not be served: {'; '.join(faults)}")
    return Decision(False, f"{champion} stays: the challenger must not be served: {'; '.join(faults)}", servable=False)


def _shape(forecast: pd.DataFrame, horizon_weeks: int) -> Iterator[str]:
    missing = sorted({"product", "week", *QUANTITIES} - set(forecast))
    if missing:
        yield f"columns are missing: {', '.join(missing)}"
        return
    weeks = forecast.groupby("product")["week"].agg(["size", "nunique"])
    uneven = weeks.index[(weeks["size"] != horizon_weeks) | (weeks["nunique"] != horizon_weeks)]
    if forecast.empty:
        yield "there is no row"
    if len(uneven):
        yield f"{uneven[0]} has not one row for each of {horizon_weeks} weeks"


def _values(forecast: pd.DataFrame) -> Iterator[str]:
    quantities = forecast[[name for name in forecast if str(name).endswith("_kg")]]
    values = quantities.to_numpy(dtype="float64")
    wrong = int((~np.isfinite(values) | (values < 0)).any(axis=1).sum())
    if wrong:
        yield f"{wrong} rows hold a quantity that is none, or below zero"
    if set(QUANTITIES) <= set(forecast) and (forecast["lower_kg"] > forecast["upper_kg"]).any():
        yield "an interval ends below where it begins"


def _bounds(forecast: pd.DataFrame, history: pd.DataFrame, config: PromoteConfig) -> Iterator[str]:
    if not {"product", "prediction_kg"} <= set(forecast):
        return
    largest = forecast["product"].map(history.max())
    # A product without a past takes its size from others; there is nothing of its own to bound it by.
    beyond = forecast[(largest > 0) & (forecast["prediction_kg"] > config.most_times * largest)]
    if len(beyond):
        row = beyond.iloc[0]
        yield (
            f"{len(beyond)} forecasts are above {config.most_times:g} times the product's largest week: "
            f"{row['prediction_kg']:,.0f} kg of {row['product']} in the week of {row['week'].date()}"
        )


def _size(model: Path, config: PromoteConfig) -> Iterator[str]:
    size_kb = sum(path.stat().st_size for path in files_below(model)) / 1000
    if size_kb > config.most_model_kb:
        yield f"the model takes {size_kb:,.0f} kB, above {config.most_model_kb:,.0f}"


def _latency(took_ms: float, config: PromoteConfig) -> Iterator[str]:
    if took_ms > config.most_answer_ms:
        yield f"a forecast takes {took_ms:,.0f} ms, above {config.most_answer_ms:,.0f}"
