"""Small driver series, and every registered candidate with parameters that fit in a moment."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import DriverCandidate, DriversConfig, SeriesConfig
from mixplan.config.evaluation import EvaluationConfig, OriginSelectConfig
from mixplan.evaluation.origins import Origins, plan_origins

CANDIDATES = {
    get_args(candidate.model_fields["target"].annotation)[0]: candidate
    for candidate in get_args(get_args(DriverCandidate)[0])
}
TINY = {
    "mixplan.drivers.climatology.Climatology": {"harmonics": 1},
    "mixplan.drivers.auto_arima.AutoArima": {
        "harmonics": 1,
        "max_p": 1,
        "max_q": 0,
        "information_criterion": "bic",
        "max_iter": 20,
    },
    "mixplan.drivers.harmonic_arima.HarmonicArima": {
        "max_harmonics": 1,
        "max_p": 1,
        "max_q": 1,
        "information_criterion": "aicc",
    },
    "mixplan.drivers.smoothing.SeasonalSmoothing": {"harmonics": 1, "path_days": 30, "path_months": 6},
    "mixplan.drivers.average.Average": {
        "members": {
            "simple": CANDIDATES["mixplan.drivers.climatology.Climatology"](
                target="mixplan.drivers.climatology.Climatology", harmonics=1
            ),
            "rich": CANDIDATES["mixplan.drivers.smoothing.SeasonalSmoothing"](
                target="mixplan.drivers.smoothing.SeasonalSmoothing", harmonics=1, path_days=30, path_months=6
            ),
        }
    },
    "mixplan.drivers.gru.Gru": {
        "harmonics": 1,
        "context_days": 10,
        "context_months": 4,
        "path_days": 14,
        "path_months": 3,
        "decay_steps": (2.0, 10.0),
        "units": 3,
        "epochs": 2,
        "batch_size": 64,
        "learning_rate": 0.02,
    },
}
DAILY = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3)
MONTHLY = SeriesConfig(frequency="MS", minimum=0.0, maximum=None, publication_lag_days=30, longest_gap=1)


@pytest.fixture(scope="session", params=sorted(CANDIDATES), ids=lambda target: target.rpartition(".")[2])
def candidate(request: pytest.FixtureRequest) -> DriverCandidate:
    """Each class that the configuration can name; a new one fails here until it has tiny parameters."""
    return CANDIDATES[request.param](target=request.param, **TINY[request.param])


@pytest.fixture(scope="session")
def config() -> DriversConfig:
    """One daily and one monthly driver."""
    return DriversConfig(
        interval=0.8,
        select=OriginSelectConfig(metric="r2", tie_margin=0.01, level=0.1),
        bands={"D": (1, 7, 30), "MS": (30,)},
        simplicity=("simple", "rich"),
        series={"temperature_c": DAILY, "construction_index": MONTHLY},
        events={},
        candidates={},
    )


@pytest.fixture(scope="session")
def simulate() -> Callable[..., pd.Series]:
    """A season with errors that fade by ``memory`` a step."""

    def make(facts: SeriesConfig, count: int, *, memory: float = 0.7, seed: int = 1) -> pd.Series:
        rng = np.random.default_rng(seed)
        dates = pd.date_range("2021-01-01", periods=count, freq=facts.frequency)
        errors = np.zeros(count)
        for step in range(1, count):
            errors[step] = memory * errors[step - 1] + rng.normal()
        values = 20.0 - 10.0 * np.cos(2 * np.pi * dates.dayofyear.to_numpy() / 365.25) + errors
        return pd.Series(values, index=dates, name="temperature_c" if facts.frequency == "D" else "construction_index")

    return make


@pytest.fixture(scope="session")
def series(simulate: Callable[..., pd.Series]) -> dict[str, pd.Series]:
    """Both drivers over two years."""
    return {"temperature_c": simulate(DAILY, 731), "construction_index": simulate(MONTHLY, 24)}


@pytest.fixture(scope="session")
def origins() -> Origins:
    """Origins over those two years, with windows of eight weeks."""
    return plan_origins(
        pd.Timestamp("2021-01-01"),
        pd.Timestamp("2022-12-31"),
        EvaluationConfig(
            horizon_weeks=8,
            grid_weeks=4,
            training_step_weeks=4,
            selection_step_weeks=4,
            selection_origins=2,
            holdout_weeks=8,
            minimum_history_weeks=60,
        ),
    )
