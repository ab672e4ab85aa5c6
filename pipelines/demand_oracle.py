"""Stage: what better forecasts of the drivers would be worth to demand's; it chooses nothing."""

import logging
from functools import partial
from pathlib import Path

from mixplan.artifacts.files import read_json, read_parquet, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.active import weekly_purchases
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.oracle import ALL, best_told_of_drivers, driver_groups, oracle_scores
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table

DRIVERS = Path("data/forecasts/drivers")


def main(params: Params) -> None:
    """Score the best candidate that reads drivers, on the origins that chose, told how they came out."""
    sales, board = read_table(Path("data/mart"), "sales"), read_json(Path("metrics/demand.json"))["leaderboard"]
    forecast = best_told_of_drivers(board, params.demand.candidates)
    name = str(forecast["candidate"])
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    drivers, observed = read_parquet(DRIVERS / "weekly.parquet"), read_parquet(DRIVERS / "observed.parquet")
    past = {"recipes": read_table(Path("data/mart"), "recipes"), "purchases": weekly_purchases(sales, origins.final)}
    history = weekly_demand(sales, origins.final)
    make = partial(FeatureBuilder, history, observed=observed, country=params.demand.country, **past)
    groups = driver_groups(params.drivers.series, observed.columns.drop("week"))
    setting = (params.demand.candidates[name], origins, params.evaluation, params.demand.interval, params.seed)
    told = oracle_scores(make, drivers, observed, groups, *setting)
    write_json(Path("metrics/demand_oracle.json"), {"candidate": name, "scores": told})
    worth = forecast["wape_6m"] - told[ALL]["wape_6m"]
    logging.info("oracle: known drivers would take %.1f points off the WAPE of %s", 100 * worth, name)


if __name__ == "__main__":
    run_stage(main)
