"""Stage: the winner of each driver, and its forecasts as the demand stages read them."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.drivers.history import driver_series
from mixplan.drivers.select import leaderboards, winners
from mixplan.drivers.weekly import weekly_drivers, weekly_observed
from mixplan.mart.read import read_table
from mixplan.tracking.record import record_of
from mixplan.tracking.runs import scores_in_store

MART = Path("data/mart")


def main(params: Params) -> None:
    """Rank the candidates of each driver by what the tracking store has of them."""
    records = [record_of("drivers", name, candidate) for name, candidate in params.drivers.candidates.items()]
    boards = leaderboards(scores_in_store(records), params.drivers)
    chosen = winners(boards)
    history = driver_series(read_table(MART, "weather"), read_table(MART, "construction"), params.drivers.series)
    predictions = {record.candidate: read_parquet(record.predictions) for record in records}
    with replace_folder(Path("data/forecasts/drivers")) as folder:
        write_parquet(folder / "weekly.parquet", weekly_drivers(predictions, chosen))
        write_parquet(folder / "observed.parquet", weekly_observed(history.series))
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
