"""Stage: every customer's behaviour, segment and what to do."""

import logging
from pathlib import Path

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.customers.behaviour import behaviour
from mixplan.customers.segments import find_segments
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table


def main(params: Params) -> None:
    """Study customers as of the first day after the last complete week."""
    config = params.customers
    sales = read_table(Path("data/mart"), "sales")
    as_of = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    frame = behaviour(sales, as_of, config)
    segments = find_segments(frame, config, params.seed)
    write_parquet(Path("data/customers.parquet"), segments.assign(frame))
    with replace_folder(Path("models/customers")) as folder:
        segments.save(folder / "segments.json")
    write_json(Path("metrics/customers.json"), segments.metrics() | {"at_risk": float(frame["at_risk"].sum())})
    logging.info("customers: %d in %d segments", len(frame), len(segments.sizes))


if __name__ == "__main__":
    run_stage(main)
