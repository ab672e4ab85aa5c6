"""The winners of one run with their scores on the last window, which is looked at here and nowhere else."""

from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from mixplan.artifacts.champion import Winner
from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.demand import DemandCandidate
from mixplan.config.params import Params
from mixplan.config.recommend import RecommendCandidate
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.scores import score as score_demand
from mixplan.drivers.interface import DriverError
from mixplan.evaluation.metrics import r2, rmse
from mixplan.evaluation.origins import Origins
from mixplan.recommend.model import new_recommender
from mixplan.recommend.ratings import split
from mixplan.recommend.scores import predict
from mixplan.recommend.scores import score as score_ratings
from mixplan.tracking.record import Chosen, read_chosen

FORECASTS = Path("data/forecasts")
BASELINE = TypeAdapter[DemandCandidate](DemandCandidate).validate_python(
    {"_target_": "mixplan.demand.baselines.Planner"}
)
"""The planners' rule, scored on the holdout beside the winner."""


def chosen() -> dict[str, Chosen]:
    """Every winner of this run: ``demand``, ``recommend``, and each driver by its name."""
    tasks = ("demand", "recommend", "drivers")
    return {name: winner for task in tasks for name, winner in read_chosen(FORECASTS / task / "winners.json").items()}


def score_winners(sales: pd.DataFrame, origins: Origins, params: Params) -> dict[str, Winner]:
    """Every task's winner: forecasts scored on the holdout, the plan by its replay, segments by their silhouette."""
    winners = chosen()
    demand, recommend = winners.pop("demand"), winners.pop("recommend")
    candidate = TypeAdapter[DemandCandidate](DemandCandidate).validate_python(demand.parameters)
    recommender = TypeAdapter[RecommendCandidate](RecommendCandidate).validate_python(recommend.parameters)
    replay = read_json(Path("metrics/plan.json"))["replay"][demand.candidate]
    return {
        "demand": Winner(
            candidate=demand.candidate,
            metrics=demand_holdout(candidate, sales, origins, params),
            chosen_by=demand.scores,
            losses=demand.losses,
        ),
        "drivers": Winner(
            candidate=", ".join(f"{driver}: {winner.candidate}" for driver, winner in winners.items()),
            metrics=drivers_holdout(read_parquet(FORECASTS / "drivers/daily.parquet"), origins),
            chosen_by=_own_scores(winners),
        ),
        "reorder": Winner(candidate="max_minus_mean", metrics=replay, chosen_by={}),
        "recommend": Winner(
            candidate=recommend.candidate,
            metrics=recommend_holdout(recommender, sales, origins, params),
            chosen_by=recommend.scores,
        ),
        "customers": Winner(candidate="k_means", metrics=read_json(Path("metrics/customers.json")), chosen_by={}),
    }


def _own_scores(winners: dict[str, Chosen]) -> dict[str, float]:
    """Of each driver's winner, which forecast all drivers, its scores on that driver."""
    return {
        name: score
        for driver, winner in winners.items()
        for name, score in winner.scores.items()
        if name.startswith(f"{driver}/")
    }


def demand_holdout(
    candidate: DemandCandidate, sales: pd.DataFrame, origins: Origins, params: Params
) -> dict[str, float]:
    """Scores of a demand candidate, fitted at the holdout's first day, on the holdout."""
    weekly, observed = (read_parquet(FORECASTS / "drivers" / f"{name}.parquet") for name in ("weekly", "observed"))
    builder = FeatureBuilder(weekly_demand(sales, origins.final), weekly, observed, params.demand.country)
    at, interval = [origins.holdout], params.demand.interval
    return score_demand(backtest(at, builder, candidate, origins, params.evaluation, interval, params.seed))


def recommend_holdout(
    candidate: RecommendCandidate, sales: pd.DataFrame, origins: Origins, params: Params
) -> dict[str, float]:
    """Scores of the recommender, fitted on the ratings before the holdout, on the holdout's."""
    train, test = split(sales, origins.holdout, origins.final, params.recommend.rating)
    model = new_recommender(candidate, params.seed).fit(train)
    return score_ratings(predict(model, test))


def drivers_holdout(daily: pd.DataFrame, origins: Origins) -> dict[str, float]:
    """R2 and RMSE of each driver's winner on the forecast made at the holdout's first day.

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
