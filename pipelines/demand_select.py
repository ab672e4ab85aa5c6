"""Stage: the demand winner, and its forecast of the weeks to come."""

import logging
import shutil
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.backtest import forecast
from mixplan.demand.explain import explain
from mixplan.demand.model import DemandModel
from mixplan.demand.read import MART, read_builder
from mixplan.demand.scores import planners_own_score
from mixplan.demand.shares import shares_of_last_year
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import Chosen, record_of, write_chosen
from mixplan.tracking.runs import scores_in_store

BASELINE = "planner"


def main(params: Params) -> None:
    """Rank the candidates by what the tracking store has of them, and forecast with the best."""
    config, evaluation = params.demand, params.evaluation
    records = {name: record_of("demand", name, candidate) for name, candidate in config.candidates.items()}
    scores = scores_in_store(list(records.values()))
    entries = [Entry(name, own, config.simplicity.index(name)) for name, own in scores.items()]
    board = rank(entries, f"{config.select.metric}_6m", config.select.tie_margin)
    winner = board[0].candidate
    sales = read_table(MART, "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    builder = read_builder(sales, origins.final, config.country)
    model = DemandModel.load(records[winner].model)
    at = (origins.final, evaluation.horizon_weeks)
    ahead = forecast(model, builder, *at, config.quantiles)
    kept = dict.fromkeys([winner, BASELINE])
    backtests = [read_parquet(records[name].predictions).assign(candidate=name) for name in kept]
    with replace_folder(Path("data/forecasts/demand")) as folder:
        write_parquet(folder / "backtest.parquet", pd.concat(backtests, ignore_index=True))
        write_chosen(folder / "winners.json", {"demand": Chosen.of(records[winner])})
        shutil.copytree(records[winner].model, folder / "model")
        write_parquet(folder / "products.parquet", ahead.drop(columns=["level_kg", "actual_kg"]))
        write_parquet(folder / "explanation.parquet", explain(model, builder.rows(*at)))
        write_parquet(folder / "recipes.parquet", read_table(MART, "recipes")[["product", "material_code", "share"]])
        for by in ("region", "customer_code"):
            write_parquet(folder / f"shares_by_{by}.parquet", shares_of_last_year(sales, by, origins.final))
    own = planners_own_score(read_table(MART, "planner_forecasts"), sales, origins.selection[0], origins.holdout)
    leaderboard = [{"candidate": entry.candidate, **entry.metrics} for entry in board]
    write_json(Path("metrics/demand.json"), {"winner": winner, "leaderboard": leaderboard, "planners_own": own})
    logging.info("demand: %s wins on %d origins to %s", winner, len(origins.selection), origins.selection[-1].date())


if __name__ == "__main__":
    run_stage(main)
