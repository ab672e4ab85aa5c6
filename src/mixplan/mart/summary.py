"""The mart in numbers: accounts, rules broken, the days covered and what the source lacks."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from mixplan.mart.accounts import Tally

DRIVERS = {
    "temperature_c": "weather",
    "humidity_pct": "weather",
    "rain_mm": "weather",
    "snow_cm": "weather",
    "construction_index": "construction",
}
"""What may move demand, and the table that has it."""


def summarise(mart: Path, tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Accounts and rules by table, first and last day of sales, tables and drivers that the source lacks.

    Args:
        mart: the folder that ``build_mart`` filled.
        tallies: what ``build_mart`` returned.
    """
    sold_on = pl.col("sold_on").cast(pl.Date).cast(pl.String)
    first, last = (
        _scan(mart, "sales").select(sold_on.min().alias("first"), sold_on.max().alias("last")).collect().row(0)
    )
    return {
        "tables": {table: _table(tally) for table, tally in tallies.items()},
        "first_sale": first,
        "last_sale": last,
        "lacking_tables": sorted(table for table, tally in tallies.items() if not _rows(tally)),
        "lacking_drivers": sorted(name for name, table in DRIVERS.items() if not _has(mart, table, name)),
    }


def _table(tally: Tally) -> dict[str, Any]:
    return {**asdict(tally.account), "broken": dict(tally.broken), "corrections": dict(tally.corrections)}


def _rows(tally: Tally) -> int:
    return tally.account.accepted + tally.account.corrected


def _has(mart: Path, table: str, column: str) -> bool:
    return bool(_scan(mart, table).select(pl.col(column).is_not_null().any()).collect().item())


def _scan(mart: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(sorted((mart / table).glob("*.parquet")))
