"""Stage: one candidate's demand forecasts at the origins that choose the winner, and its model of today."""

import sys
import time
from pathlib import Path

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.backtest import backtest, fit_at
from mixplan.demand.calibration import coverage_by_level
from mixplan.demand.detail import score_classes, score_levels
from mixplan.demand.read import read_builder
from mixplan.demand.scores import by_horizon_month, score
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.outbox import leave
from mixplan.tracking.record import record_of


def main(params: Params) -> None:
    """Backtest, score and fit on all of history the candidate named on the command line."""
    name = sys.argv[1]
    candidate, evaluation = params.demand.candidates[name], params.evaluation
    sales = read_table(Path("data/mart"), "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    builder = read_builder(sales, origins.final, params.demand.country)
    setting = (builder, candidate, origins, evaluation, params.demand.interval, params.seed)
    began = time.perf_counter()
    predictions = backtest(origins.selection, *setting, params.demand.quantiles)
    with replace_folder(Path("models/demand") / name) as folder:
        fit_at(origins.final, *setting).save(folder)
        train_seconds = time.perf_counter() - began
        example = builder.rows(origins.final, evaluation.horizon_weeks).head(3)
        write_parquet(folder / "input_example.parquet", example)
    write_parquet(Path("predictions/demand") / f"{name}.parquet", predictions)
    interval = params.demand.interval
    history = builder.history
    by_horizon = by_horizon_month(predictions, history, interval).set_index("month").to_dict()
    levels = score_levels(predictions, history, sales, interval)
    classes = score_classes(predictions, history, params.demand.classes, interval)
    scores = {**score(predictions), **levels, **classes}
    coverage = coverage_by_level(predictions, params.demand.quantiles).rename(columns=str).to_dict("index")
    metrics = {"scores": scores, "by_horizon": by_horizon, "quantile_coverage": coverage}
    write_json(Path("metrics/demand") / f"{name}.json", metrics)
    leave(record_of("demand", name, candidate), train_seconds)


if __name__ == "__main__":
    run_stage(main)
