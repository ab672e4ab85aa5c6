"""Stage: what better forecasts of the drivers would be worth to the demand winner; it chooses nothing."""

import logging
from functools import partial
from pathlib import Path

from mixplan.artifacts.files import read_parquet, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.active import weekly_purchases
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.model import DemandModel
from mixplan.demand.oracle import ALL, driver_groups, oracle_scores
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import read_chosen

DRIVERS, DEMAND = Path("data/forecasts/drivers"), Path("data/forecasts/demand")


def main(params: Params) -> None:
    """Score the winner on the origins that chose it, told how the drivers came out."""
    sales, chosen = read_table(Path("data/mart"), "sales"), read_chosen(DEMAND / "winners.json")["demand"]
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    drivers, observed = read_parquet(DRIVERS / "weekly.parquet"), read_parquet(DRIVERS / "observed.parquet")
    past = {"recipes": read_table(Path("data/mart"), "recipes"), "purchases": weekly_purchases(sales, origins.final)}
    history = weekly_demand(sales, origins.final)
    make = partial(FeatureBuilder, history, observed=observed, country=params.demand.country, **past)
    winner = DemandModel.load(DEMAND / "model")
    groups = driver_groups(params.drivers.series, observed.columns.drop("week"))
    setting = (winner.candidate, origins, params.evaluation, winner.interval, winner.seed)
    told = oracle_scores(make, drivers, observed, groups, *setting)
    write_json(Path("metrics/demand_oracle.json"), {"candidate": chosen.candidate, "scores": told})
    worth = chosen.scores["wape_6m"] - told[ALL]["wape_6m"]
    logging.info("oracle: known drivers would take %.1f points off the WAPE of %s", 100 * worth, chosen.candidate)


if __name__ == "__main__":
    run_stage(main)
