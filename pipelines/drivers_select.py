"""Stage: the winner of each driver and band, and their forecasts as the demand stages read them."""

import logging
import shutil
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.drivers.bands import bands_by_driver
from mixplan.drivers.deviation import with_deviation
from mixplan.drivers.events import event_forecasts, score_events
from mixplan.drivers.history import driver_series
from mixplan.drivers.losses import losses_by_origin
from mixplan.drivers.regions import regional_forecasts, score_regions
from mixplan.drivers.scores import score
from mixplan.drivers.select import leaderboards, of_winners, summary, winners
from mixplan.drivers.tables import forecast_tables
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import Chosen, record_of, write_chosen

MART = Path("data/mart")


def main(params: Params) -> None:
    """Rank the candidates of each driver and band by their records, which MLflow shows too."""
    records = {name: record_of("drivers", name, candidate) for name, candidate in params.drivers.candidates.items()}
    series, weather = params.drivers.series, read_table(MART, "weather")
    bands = bands_by_driver(series, params.drivers.bands, 7 * params.evaluation.horizon_weeks)
    history = driver_series(weather, read_table(MART, "construction"), series)
    for driver in history.lacking:
        logging.warning("the source has no %s: demand is forecast without it", driver)
    sold = read_table(MART, "sales")["sold_on"]
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    predictions = {name: read_parquet(record.predictions) for name, record in records.items()}
    losses = losses_by_origin(predictions, origins, bands, series, params.drivers.select.metric)
    boards = leaderboards({name: record.scores for name, record in records.items()}, losses, bands, params.drivers)
    chosen = winners(boards)
    forecasts = with_deviation(of_winners(predictions, chosen), boards)
    usual = predictions[min(records, key=params.drivers.simplicity.index)]
    events = event_forecasts(forecasts, usual, history.series, origins, params.drivers)
    with replace_folder(Path("data/forecasts/drivers")) as folder:
        for table, rows in forecast_tables(forecasts, events, history.series, origins, bands).items():
            write_parquet(folder / f"{table}.parquet", rows)
        write_parquet(folder / "regions.parquet", regional_forecasts(forecasts, weather, series, origins.final))
        names = {f"{driver}-{band.label}": name for driver, of in chosen.items() for band, name in of.items()}
        write_chosen(folder / "winners.json", {key: Chosen.of(records[name]) for key, name in names.items()})
        for driver, name in {(driver, name) for driver, of in chosen.items() for name in of.values()}:
            shutil.copytree(records[name].model / driver, folder / "models" / driver / name)
    write_json(Path("metrics/drivers.json"), summary(boards, score(forecasts, origins, bands)))
    write_json(Path("metrics/driver_regions.json"), score_regions(forecasts, weather, series, origins, bands))
    write_json(Path("metrics/driver_events.json"), score_events(events, origins, bands, params.drivers))
    for driver, of_driver in chosen.items():
        logging.info("%s: %s", driver, ", ".join(f"{band.label} {name}" for band, name in of_driver.items()))


if __name__ == "__main__":
    run_stage(main)
