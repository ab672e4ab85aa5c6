"""Stage: raw tables in, trusted tables out; every row is in the mart, in quarantine or a duplicate."""

import logging
from pathlib import Path

from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.mart.build import build_mart

RAW, MART, QUARANTINE, METRICS = Path("data/raw"), Path("data/mart"), Path("data/quarantine"), Path("metrics/mart.json")
MEMO = Path(".mixplan/mart")


def main(params: Params) -> None:
    """Build the mart from ``data/raw``; parts that did not change since the last time are not cleaned again."""
    for table, tally in build_mart(RAW, params.mart, MART, QUARANTINE, MEMO, METRICS).items():
        logging.info("%s: %s", table, tally.account)


if __name__ == "__main__":
    run_stage(main)
