"""A small seasonal plant, its driver forecasts, and every registered candidate with parameters that fit in a moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from mixplan.config.demand import DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.active import weekly_purchases
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.evaluation.origins import Origins, plan_origins

CANDIDATES: dict[str, Any] = {
    get_args(candidate.model_fields["target"].annotation)[0]: candidate
    for candidate in get_args(get_args(DemandCandidate)[0])
}
TINY: dict[str, dict[str, Any]] = {
    "mixplan.demand.baselines.SeasonalNaive": {},
    "mixplan.demand.baselines.Planner": {},
    "mixplan.demand.seasonal_average.SeasonalAverage": {},
    "mixplan.demand.linear.ridge": {"alpha": 10.0},
    "mixplan.demand.linear.lasso": {"alpha": 0.005, "max_iter": 20000},
    "sklearn.tree.DecisionTreeRegressor": {"max_depth": 6, "min_samples_leaf": 10},
    "sklearn.ensemble.RandomForestRegressor": {
        "n_estimators": 8,
        "min_samples_leaf": 5,
        "max_features": 0.4,
        "max_samples": 0.5,
        "n_jobs": 1,
    },
    "lightgbm.LGBMRegressor": {
        "n_estimators": 25,
        "learning_rate": 0.15,
        "num_leaves": 8,
        "min_child_samples": 10,
        "subsample": 0.8,
        "subsample_freq": 1,
        "colsample_bytree": 0.7,
        "reg_lambda": 1.0,
        "n_jobs": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    },
    "xgboost.XGBRegressor": {
        "n_estimators": 25,
        "learning_rate": 0.15,
        "max_depth": 4,
        "min_child_weight": 1.0,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "reg_lambda": 1.0,
        "n_jobs": 1,
    },
}
TINY["mixplan.demand.average.Average"] = {
    "members": {
        name: CANDIDATES[target](target=target, **TINY[target])
        for name, target in (("tree", "sklearn.tree.DecisionTreeRegressor"), ("boosted", "lightgbm.LGBMRegressor"))
    }
}
FIRST_DAY, LAST_DAY = pd.Timestamp("2021-03-03"), pd.Timestamp("2024-02-27")
SIZES_KG = {"PEMA-SR1000": 9000.0, "PEMA-HR 2": 2500.0, "가속제": 400.0, "new": 1200.0, "gone": 700.0}
SEASON = {"PEMA-SR1000": 0.5, "PEMA-HR 2": -0.3, "가속제": 0.2, "new": 0.4, "gone": 0.1}


@dataclass(frozen=True)
class Plant:
    """Everything that features are made of."""

    sales: pd.DataFrame
    drivers: pd.DataFrame
    observed: pd.DataFrame
    origins: Origins

    def builder(self, sales: pd.DataFrame | None = None) -> FeatureBuilder:
        own, final = self.sales if sales is None else sales, self.origins.final
        history, purchases = weekly_demand(own, final), weekly_purchases(own, final)
        return FeatureBuilder(history, self.drivers, self.observed, "KR", purchases=purchases)


@pytest.fixture(scope="session", params=sorted(CANDIDATES), ids=lambda target: target.rpartition(".")[2])
def candidate(request: pytest.FixtureRequest) -> DemandCandidate:
    """Each class that the configuration can name; a new one fails here until it has tiny parameters."""
    return CANDIDATES[request.param](target=request.param, **TINY[request.param])  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def make() -> Callable[[str], DemandCandidate]:
    """A candidate by the end of its target."""

    def of(name: str) -> DemandCandidate:
        target = next(target for target in CANDIDATES if target.rpartition(".")[2] == name)
        return CANDIDATES[target](target=target, **TINY[target])  # type: ignore[no-any-return]

    return of


@pytest.fixture(scope="session")
def evaluation() -> EvaluationConfig:
    return EvaluationConfig(
        horizon_weeks=26,
        grid_weeks=2,
        training_step_weeks=4,
        selection_step_weeks=8,
        selection_origins=2,
        holdout_weeks=26,
        minimum_history_weeks=54,
    )


def _sales() -> pd.DataFrame:
    """Working days of five products; one comes late, one goes, and the small one is not sold every week.

    Of its customers a small one leaves, and another small one comes.
    """
    rng = np.random.default_rng(11)
    days = pd.bdate_range(FIRST_DAY, LAST_DAY)
    parts = []
    for product, size in SIZES_KG.items():
        sold = days[
            (days >= "2022-05-11")
            if product == "new"
            else (days < "2022-06-01")
            if product == "gone"
            else days > "2000"
        ]
        sold = sold[rng.random(len(sold)) < (0.12 if product == "가속제" else 0.8)]
        season = 1 - SEASON[product] * np.cos(2 * np.pi * (sold.dayofyear.to_numpy() - 20) / 365.25)
        noise = rng.lognormal(0.0, 0.2, len(sold))
        parts.append(
            pd.DataFrame(
                {
                    "sold_on": sold,
                    "product": product,
                    "region": rng.choice(["서울", "인천", "강원도"], len(sold)),
                    "customer_code": rng.choice(["C1", "C2", "C3", "C4"], len(sold)),
                    "quantity_kg": (size / 4 * season * noise).round(1),
                }
            )
        )
    sales = pd.concat(parts, ignore_index=True).sample(frac=1.0, random_state=3, ignore_index=True)
    part, day = sales.index % 25, sales["sold_on"]
    customer = sales["customer_code"].mask((part == 0) & (day < "2022-03-07"), "left")
    return sales.assign(customer_code=customer.mask((part == 1) & (day >= "2022-12-05"), "came"))


def _temperature(weeks: pd.DatetimeIndex) -> np.ndarray[Any, Any]:
    return np.asarray(13.0 - 12.0 * np.cos(2 * np.pi * (weeks.dayofyear.to_numpy() - 20) / 365.25))


@pytest.fixture(scope="session")
def plant(evaluation: EvaluationConfig) -> Plant:
    sales, rng = _sales(), np.random.default_rng(5)
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    weeks = pd.date_range("2020-06-01", origins.final + pd.Timedelta(weeks=25), freq="W-MON")
    index = 100.0 + 10.0 * np.sin(np.arange(len(weeks)) / 9.0)
    truth = pd.DataFrame({"temperature_c": _temperature(weeks), "construction_index": index}, index=weeks)
    noisy = truth + rng.normal(0.0, [1.0, 2.0], truth.shape)
    forecasts = []
    for origin in origins.grid:
        ahead = truth[truth.index >= origin].iloc[:26]
        errors = rng.normal(0.0, [2.0, 5.0], ahead.shape)
        forecasts.append((ahead + errors).rename_axis("week").reset_index().assign(origin=origin))
    drivers = pd.concat(forecasts, ignore_index=True)[["origin", "week", *truth.columns]]
    observed = noisy[noisy.index < origins.final].rename_axis("week").reset_index()
    return Plant(sales, drivers, observed, origins)


@pytest.fixture(scope="session")
def builder(plant: Plant) -> FeatureBuilder:
    return plant.builder()
