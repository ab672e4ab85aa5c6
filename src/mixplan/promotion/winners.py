"""The winners of one run with their scores on the last window, which chooses nothing and is scored here alone.

Only the worth of customers, a year ahead, is held against its latest year where it is made, in the stage ``risk``.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from mixplan.artifacts.champion import Winner
from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.demand import DemandCandidate
from mixplan.config.params import Params
from mixplan.config.recommend import RecommendCandidate
from mixplan.customers.risk import RiskBacktest, months_within
from mixplan.customers.risk_scores import score_risk
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.model import DemandModel
from mixplan.demand.read import read_builder
from mixplan.demand.scores import score as score_demand
from mixplan.drivers.interface import DriverError
from mixplan.evaluation.metrics import r2, rmse
from mixplan.evaluation.origins import Origins
from mixplan.planning.compete import PLANT_SETTING
from mixplan.promotion.acceptance import answer_ms
from mixplan.promotion.ordering import chosen_setting, ordering_holdout
from mixplan.recommend.model import new_recommender
from mixplan.recommend.ratings import split
from mixplan.recommend.scores import predict
from mixplan.recommend.scores import score as score_ratings
from mixplan.tracking.record import Chosen, chosen

FORECASTS = Path("data/forecasts")
BASELINES = {
    f"demand_{name}": TypeAdapter[DemandCandidate](DemandCandidate).validate_python({"_target_": target})
    for name, target in (
        ("planner", "mixplan.demand.baselines.Planner"),
        ("seasonal_naive", "mixplan.demand.baselines.SeasonalNaive"),
    )
}
"""What needs no learning, scored on the holdout beside the winner."""


Scores = dict[str, dict[str, float]]


def score_winners(
    tables: Mapping[str, pd.DataFrame], origins: Origins, params: Params
) -> tuple[dict[str, Winner], Scores]:
    """Every task's winner: forecasts and orders scored on the holdout, segments by their silhouette.

    Returns:
        The winners by task; and, on the holdout, what the baselines of demand and the plant's own ordering rule come
        to, demand_planner, demand_seasonal_naive and reorder_plant_rule, and how well the winner of risk foresaw it,
        risk.
    """
    sales, winners = tables["sales"], chosen(FORECASTS)
    demand, recommend = winners.pop("demand"), winners.pop("recommend")
    candidate = TypeAdapter[DemandCandidate](DemandCandidate).validate_python(demand.parameters)
    recommender = TypeAdapter[RecommendCandidate](RecommendCandidate).validate_python(recommend.parameters)
    setting, ordering_scores = chosen_setting()
    builder = read_builder(sales, origins.final, params.demand.country)
    replays = ordering_holdout(setting, candidate, builder, tables, origins, params)
    beside = {
        **{name: demand_holdout(rule, builder, origins, params) for name, rule in BASELINES.items()},
        "reorder_plant_rule": replays[PLANT_SETTING.label],
        "risk": risk_holdout(read_json(Path("metrics/risk.json"))["winner"], sales, origins, params),
    }
    return {
        "demand": Winner(
            candidate=demand.candidate,
            metrics=demand_holdout(candidate, builder, origins, params),
            chosen_by=demand.scores,
            losses=demand.losses,
        ),
        "drivers": Winner(
            candidate=", ".join(f"{driver}: {winner.candidate}" for driver, winner in winners.items()),
            metrics=drivers_holdout(read_parquet(FORECASTS / "drivers/daily.parquet"), origins),
            chosen_by=_own_scores(winners),
        ),
        "reorder": Winner(candidate=setting.label, metrics=replays[setting.label], chosen_by=ordering_scores),
        "recommend": Winner(
            candidate=recommend.candidate,
            metrics=recommend_holdout(recommender, sales, origins, params),
            chosen_by=recommend.scores,
        ),
        "customers": Winner(candidate="k_means", metrics=read_json(Path("metrics/customers.json")), chosen_by={}),
    }, beside


def _own_scores(winners: dict[str, Chosen]) -> dict[str, float]:
    """Of each winner ``<driver>-<band>``, which forecast all drivers, its scores on that driver and band."""
    return {
        name: score
        for key, winner in winners.items()
        for driver, _, band in [key.partition("-")]
        for name, score in winner.scores.items()
        if name.startswith(f"{driver}/") and name.endswith(f"_{band}")
    }


def demand_holdout(
    candidate: DemandCandidate, builder: FeatureBuilder, origins: Origins, params: Params
) -> dict[str, float]:
    """Scores of a demand candidate, fitted at the holdout's first day, on the holdout."""
    at, interval = [origins.holdout], params.demand.interval
    return score_demand(backtest(at, builder, candidate, origins, params.evaluation, interval, params.seed))


def winner_ms(sales: pd.DataFrame, origins: Origins, params: Params) -> float:
    """Milliseconds that the demand winner takes for a whole forecast with quantiles."""
    builder = read_builder(sales, origins.final, params.demand.country)
    rows = builder.rows(origins.final, params.evaluation.horizon_weeks)
    model = DemandModel.load(FORECASTS / "demand/model")
    return answer_ms(lambda: model.predict(rows, (0.1, 0.5, 0.9)))


def recommend_holdout(
    candidate: RecommendCandidate, sales: pd.DataFrame, origins: Origins, params: Params
) -> dict[str, float]:
    """Scores of the recommender, fitted on the ratings before the holdout, on the holdout's."""
    train, test = split(sales, origins.holdout, origins.final, params.recommend.rating)
    model = new_recommender(candidate, params.seed).fit(train)
    return score_ratings(predict(model, test))


def risk_holdout(winner: str, sales: pd.DataFrame, origins: Origins, params: Params) -> dict[str, float]:
    """Scores of the candidate that won risk, at days of the holdout whose outcome is known."""
    study = RiskBacktest(sales, params.risk, params.seed)
    days = months_within(origins.holdout, origins.final, params.risk)
    return score_risk(study.backtest(params.risk.candidates[winner], days))


def drivers_holdout(daily: pd.DataFrame, origins: Origins) -> dict[str, float]:
    """R2 and RMSE of each driver's winners on the forecast made at the holdout's first day.

    Args:
        daily: the winners' forecasts, as ``mixplan.drivers.backtest`` makes them.
        origins: the run's origins.

    Raises:
        DriverError: a driver was not observed in the holdout.
    """
    scores = {}
    for driver, rows in daily[daily["origin"] == origins.holdout].groupby("driver", sort=False):
        known = rows.dropna(subset=["actual"])
        if known.empty:
            raise DriverError(f"driver {driver}: nothing was observed from {origins.holdout.date()} on")
        scores[f"{driver}/r2"] = r2(known["actual"], known["mean"])
        scores[f"{driver}/rmse"] = rmse(known["actual"], known["mean"])
    return scores
