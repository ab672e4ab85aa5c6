"""Stage: one recommender, scored on purchases later than all it has seen, and fitted on the latest."""

import sys
import time
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.recommend.model import new_recommender
from mixplan.recommend.ratings import ratings, split
from mixplan.recommend.scores import predict, rank_scores, score
from mixplan.tracking.outbox import leave
from mixplan.tracking.record import record_of


def main(params: Params) -> None:
    """Fit, score and refit the candidate named on the command line."""
    name = sys.argv[1]
    config = params.recommend
    candidate = config.candidates[name]
    sales = read_table(Path("data/mart"), "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    window = pd.Timedelta(weeks=config.window_weeks)
    train, test = split(sales, origins.holdout - window, origins.holdout, config.rating)
    began = time.perf_counter()
    model = new_recommender(candidate, params.seed).fit(train)
    predictions = predict(model, test)
    scores = (score(predictions) if model.rates else {}) | rank_scores(model, train, test)
    latest = ratings(sales, origins.final - window, origins.final, config.rating)
    with replace_folder(Path("models/recommend") / name) as folder:
        new_recommender(candidate, params.seed).fit(latest).save(folder)
        train_seconds = time.perf_counter() - began
        write_parquet(folder / "input_example.parquet", latest[["customer_code", "product"]].head(3))
    write_parquet(Path("predictions/recommend") / f"{name}.parquet", predictions)
    write_json(Path("metrics/recommend") / f"{name}.json", {"scores": scores})
    leave(record_of("recommend", name, candidate), train_seconds)


if __name__ == "__main__":
    run_stage(main)
