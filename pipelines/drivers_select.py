"""Stage: the winner of each driver, and its forecasts as the demand stages read them."""

import logging
import shutil
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.drivers.history import driver_series
from mixplan.drivers.select import leaderboards, of_winners, winners
from mixplan.drivers.weekly import weekly_drivers, weekly_observed
from mixplan.mart.read import read_table
from mixplan.tracking.record import Chosen, record_of, write_chosen
from mixplan.tracking.runs import scores_in_store

MART = Path("data/mart")


def main(params: Params) -> None:
    """Rank the candidates of each driver by what the tracking store has of them."""
    records = {name: record_of("drivers", name, candidate) for name, candidate in params.drivers.candidates.items()}
    boards = leaderboards(scores_in_store(list(records.values())), params.drivers)
    chosen = winners(boards)
    history = driver_series(read_table(MART, "weather"), read_table(MART, "construction"), params.drivers.series)
    for driver in history.lacking:
        logging.warning("the source has no %s: demand is forecast without it", driver)
    predictions = {name: read_parquet(record.predictions) for name, record in records.items()}
    with replace_folder(Path("data/forecasts/drivers")) as folder:
        write_parquet(folder / "daily.parquet", of_winners(predictions, chosen))
        write_parquet(folder / "weekly.parquet", weekly_drivers(predictions, chosen))
        write_parquet(folder / "observed.parquet", weekly_observed(history.series))
        write_chosen(folder / "winners.json", {driver: Chosen.of(records[name]) for driver, name in chosen.items()})
        for driver, name in chosen.items():
            shutil.copytree(records[name].model / driver, folder / "models" / driver)
    write_json(
        Path("metrics/drivers.json"),
        {
            driver: {
                "winner": chosen[driver],
                "leaderboard": [{"candidate": entry.candidate, **entry.metrics} for entry in board],
            }
            for driver, board in boards.items()
        },
    )
    for driver, board in boards.items():
        logging.info("%s: %s wins with R2 %.3f", driver, board[0].candidate, board[0].metrics["r2"])


if __name__ == "__main__":
    run_stage(main)
