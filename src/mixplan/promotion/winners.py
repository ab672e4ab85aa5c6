"""The winners of one run with their scores on the last window, which is looked at here and nowhere else."""

from pathlib import Path

import pandas as pd

from mixplan.artifacts.champion import Winner
from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params
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

DRIVERS = Path("data/forecasts/drivers")


def winner_of(task: str) -> str:
    """The candidate that the task's leaderboard puts first."""
    return str(read_json(Path("metrics") / f"{task}.json")["winner"])


def driver_winners() -> dict[str, str]:
    """The candidate that forecasts each driver."""
    return {driver: str(board["winner"]) for driver, board in read_json(Path("metrics/drivers.json")).items()}


def score_winners(sales: pd.DataFrame, origins: Origins, params: Params) -> dict[str, Winner]:
    """Every task's winner: forecasts are scored on the holdout, the plan by its replay, segments by their silhouette."""
    demand, recommend, of_driver = winner_of("demand"), winner_of("recommend"), driver_winners()
    predictions = {name: read_parquet(Path(f"predictions/drivers/{name}.parquet")) for name in set(of_driver.values())}
    return {
        "demand": Winner(candidate=demand, metrics=demand_holdout(demand, sales, origins, params)),
        "drivers": Winner(
            candidate=", ".join(f"{driver}: {name}" for driver, name in of_driver.items()),
            metrics=drivers_holdout(of_driver, predictions, origins),
        ),
        "reorder": Winner(candidate="max_minus_mean", metrics=read_json(Path("metrics/plan.json"))["replay"][demand]),
        "recommend": Winner(candidate=recommend, metrics=recommend_holdout(recommend, sales, origins, params)),
        "customers": Winner(candidate="k_means", metrics=read_json(Path("metrics/customers.json"))),
    }


def demand_holdout(winner: str, sales: pd.DataFrame, origins: Origins, params: Params) -> dict[str, float]:
    """Scores of the demand winner, fitted at the holdout's first day, on the holdout."""
    inputs = (read_parquet(DRIVERS / f"{name}.parquet") for name in ("weekly", "observed"))
    builder = FeatureBuilder(weekly_demand(sales, origins.final), *inputs, params.demand.country)
    candidate, at = params.demand.candidates[winner], [origins.holdout]
    return score_demand(
        backtest(at, builder, candidate, origins, params.evaluation, params.demand.interval, params.seed)
    )


def recommend_holdout(winner: str, sales: pd.DataFrame, origins: Origins, params: Params) -> dict[str, float]:
    """Scores of the recommender, fitted on the ratings before the holdout, on the holdout's."""
    train, test = split(sales, origins.holdout, origins.final, params.recommend.rating)
    model = new_recommender(params.recommend.candidates[winner], params.seed).fit(train)
    return score_ratings(predict(model, test))


def drivers_holdout(winners: dict[str, str], predictions: dict[str, pd.DataFrame], origins: Origins) -> dict[str, float]:
    """R2 and RMSE of each driver's winner on the forecast made at the holdout's first day.

    Raises:
        DriverError: a driver was not observed in the holdout.
    """
    scores = {}
    for driver, winner in winners.items():
        rows = predictions[winner]
        rows = rows[(rows["driver"] == driver) & (rows["origin"] == origins.holdout)].dropna(subset=["actual"])
        if rows.empty:
            raise DriverError(f"driver {driver}: nothing was observed from {origins.holdout.date()} on")
        scores[f"{driver}/r2"] = r2(rows["actual"], rows["mean"])
        scores[f"{driver}/rmse"] = rmse(rows["actual"], rows["mean"])
    return scores
