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
from mixplan.demand.planners import with_planners_skill
from mixplan.demand.read import read_builder
from mixplan.demand.scores import planners_own_score, with_skill
from mixplan.demand.select import select
from mixplan.demand.shares import write_shares
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import Chosen, record_of, write_chosen

MART = Path("data/mart")
BASELINE = "planner"


def main(params: Params) -> None:
    """Rank the candidates by their records, which MLflow shows too, and forecast with the best."""
    config, evaluation = params.demand, params.evaluation
    records = {name: record_of("demand", name, candidate) for name, candidate in config.candidates.items()}
    sales, plans = read_table(MART, "sales"), read_table(MART, "planner_forecasts")
    predictions = {name: read_parquet(record.predictions) for name, record in records.items()}
    scores = with_planners_skill(
        with_skill({name: record.scores for name, record in records.items()}), predictions, plans, sales
    )
    selection = select(scores, predictions, config, evaluation.overlap)
    winner = selection.winner
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    builder = read_builder(sales, origins.final, config.country)
    model = DemandModel.load(records[winner].model)
    ahead = forecast(model, builder, origins.final, evaluation.horizon_weeks, config.quantiles)
    backtests = [predictions[name].assign(candidate=name) for name in dict.fromkeys([winner, BASELINE])]
    with replace_folder(Path("data/forecasts/demand")) as folder:
        write_parquet(folder / "backtest.parquet", pd.concat(backtests, ignore_index=True))
        write_chosen(folder / "winners.json", {"demand": Chosen.of(records[winner], selection.losses)})
        shutil.copytree(records[winner].model, folder / "model")
        write_parquet(folder / "products.parquet", ahead.drop(columns=["level_kg", "actual_kg"]))
        rows = builder.rows(origins.final, evaluation.horizon_weeks)
        write_parquet(folder / "explanation.parquet", explain(model, rows))
        write_shares(folder, sales, origins, evaluation.horizon_weeks, config.country)
    own = planners_own_score(plans, sales, origins.selection[0], origins.holdout)
    write_json(Path("metrics/demand.json"), {**selection.metrics(), "planners_own": own})
    logging.info("demand: %s", "\n  ".join(selection.in_words()))


if __name__ == "__main__":
    run_stage(main)
