"""Stage: the forecast that the plan was made of and the planners' own numbers, kept, and older ones scored."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_json, read_parquet, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.vintages import keep, plans_ahead, read_vintages, score_vintages
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import read_chosen

MART, FORECASTS, VINTAGES = Path("data/mart"), Path("data/forecasts/demand"), Path("vintages")


def main(params: Params) -> None:
    """Add today's vintages to those of before, and score what has come due."""
    sales, data_version = read_table(MART, "sales"), read_json(Path("metrics/mart.json"))["data_version"]
    final = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    candidate = read_chosen(FORECASTS / "winners.json")["demand"].candidate
    folder = VINTAGES / params.source.kind
    forecast = read_parquet(FORECASTS / "products.parquet").assign(candidate=candidate)
    keep(folder / "forecasts", forecast, final, data_version)
    keep(folder / "planners", plans_ahead(read_table(MART, "planner_forecasts"), final), final, data_version)
    forecasts, planners = read_vintages(folder / "forecasts"), read_vintages(folder / "planners")
    scored = score_vintages(forecasts, planners, sales, final)
    kept = forecasts["vintage"].nunique()
    write_json(Path("metrics/vintages.json"), {"kept": kept, "scored": scored})
    logging.info("vintages: %d of %d forecasts that were planned with have come due", len(scored), kept)


if __name__ == "__main__":
    run_stage(main)
