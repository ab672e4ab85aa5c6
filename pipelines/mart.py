"""Stage: raw tables in, trusted tables out; every row is in the mart, in quarantine or a duplicate."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, sha256_of, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.source import RAW_TABLES
from mixplan.config.stage import run_stage
from mixplan.mart.build import build_mart
from mixplan.mart.summary import summarise

RAW, MART, QUARANTINE, METRICS = Path("data/raw"), Path("data/mart"), Path("data/quarantine"), Path("metrics/mart.json")


def main(params: Params) -> None:
    """Build the mart from ``data/raw``."""
    mart = build_mart({table: read_parquet(RAW / f"{table}.parquet") for table in RAW_TABLES}, params.mart)
    with replace_folder(MART) as folder:
        for table, frame in mart.tables.items():
            write_parquet(folder / f"{table}.parquet", frame)
    with replace_folder(QUARANTINE) as folder:
        for table, frame in mart.quarantine.items():
            write_parquet(folder / f"{table}.parquet", frame)
        write_parquet(folder / "corrections.parquet", mart.corrections)
    for table, account in mart.accounts.items():
        logging.info("%s: %s", table, account)
    write_json(METRICS, {**summarise(mart), "data_version": sha256_of(MART)[:12]})


if __name__ == "__main__":
    run_stage(main)
