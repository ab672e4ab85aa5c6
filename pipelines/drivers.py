"""Stage: one candidate's forecasts of every driver at every origin."""

import sys
import time
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.drivers.backtest import backtest
from mixplan.drivers.bands import bands_by_driver
from mixplan.drivers.history import driver_series
from mixplan.drivers.predictor import answers
from mixplan.drivers.scores import by_last_day, named, score
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.outbox import leave
from mixplan.tracking.record import record_of

MART = Path("data/mart")


def main(params: Params) -> None:
    """Fit, backtest and score the candidate named on the command line."""
    name = sys.argv[1]
    candidate = params.drivers.candidates[name]
    sold = read_table(MART, "sales")["sold_on"]
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    history = driver_series(read_table(MART, "weather"), read_table(MART, "construction"), params.drivers.series)
    horizon_days = 7 * params.evaluation.horizon_weeks
    began = time.perf_counter()
    result = backtest(candidate, history.series, origins, params.drivers, horizon_days, params.seed)
    with replace_folder(Path("models/drivers") / name) as folder:
        for driver, model in result.models.items():
            model.save(folder / driver)
        train_seconds = time.perf_counter() - began
        write_parquet(folder / "input_example.parquet", pd.DataFrame({"driver": list(result.models), "horizon": 3}))
    write_parquet(Path("predictions/drivers") / f"{name}.parquet", result.predictions)
    bands = bands_by_driver(params.drivers.series, params.drivers.bands, horizon_days)
    scores = score(result.predictions, origins, bands)
    write_json(Path("metrics/drivers") / f"{name}.json", {"scores": named(scores), "by_horizon": by_last_day(scores)})
    leave(record_of("drivers", name, candidate), train_seconds, answers(result.models))


if __name__ == "__main__":
    run_stage(main)
