"""The contract of the mart as a whole: what its tables promise each other.

All of it holds by construction, so that a breach is a fault of this program and of no row.
"""

from collections.abc import Collection
from pathlib import Path

import pandera.polars as pa
import polars as pl

from mixplan.config.mart import MartConfig
from mixplan.mart.contracts import CONTRACTS, held, rows
from mixplan.mart.master_data import Known

EXACT = 1e-6
"""Sums may miss by floating point."""


def check_whole(mart: Path, known: Known, config: MartConfig) -> None:
    """Hold the written tables to references, to the sums of lots and to believable numbers.

    Args:
        mart: the folder with the tables of ``CONTRACTS``.
        known: what rows can be referred to.
        config: tolerances and ranges.

    Raises:
        MartError: names the table and what it breaks.
    """
    products = frozenset(_scan(mart, "recipes").select("product").collect()["product"])
    references: dict[str, Collection[str] | None] = {
        "customer_code": known.customers,
        "material_code": known.materials,
        "product_code": known.product_of,
        "product": products,
        "component_product": products,
    }
    for table, contract in CONTRACTS.items():
        for column, listed in references.items():
            if column in contract.columns and listed is not None:
                used = _scan(mart, table).select(pl.col(column).drop_nulls().unique()).collect()
                _hold(used, table, pl.col(column).is_in(list(listed)), f"every {column} is listed")
        for column, largest in config.largest.get(table, {}).items():
            most = _scan(mart, table).select(pl.col(column).abs().max()).collect()
            _hold(most, table, pl.col(column) <= largest, f"{column} is at most {largest:g}")
    lots = _scan(mart, "lot_materials").group_by("lot_no", "split_no").agg(pl.col("share_pct").sum()).collect()
    most_pct = 100 + config.lot_share_tolerance_pct + EXACT
    _hold(lots, "lot_materials", pl.col("share_pct") <= most_pct, "no lot has shares of more than 100 per cent")


def _hold(frame: pl.DataFrame, table: str, condition: pl.Expr, error: str) -> None:
    contract = pa.DataFrameSchema(checks=rows(condition, error))
    held(frame, contract, f"mart table {table}", "this is a fault of mixplan: please report it")


def _scan(mart: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(sorted((mart / table).glob("*.parquet")))
